"""What became of each alert, and which of its revisions are worth a line."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import orjson

from alerts.alert import Revision
from alerts.episode import Status
from alerts.severity import Severity
from detectors.verdict import Outcome

Alert = Mapping[str, Any]

_LOGGED: Final = 60
_OVER: Final = frozenset({Status.RESOLVED, Status.RETRACTED})
_FIRST: Final = {Outcome.PILE_ON: 0, Outcome.UNCERTAIN: 1, Outcome.ORGANIC_SURGE: 2}


class News(StrEnum):
    """Why a revision is worth a line."""

    OPENED = "opened"
    CHANGED = "now"
    WORSE = "worse"
    RETURNED = "again"
    RESOLVED = "resolved"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class Note:
    """A revision that is worth a line, and the verdict before it."""

    news: News
    alert: Alert
    before: str | None


@dataclass(slots=True)
class Case:
    """An alert through its revisions.

    Attributes
    ----------
    alert : the newest revision
    crowd : how many participants there were at each revision
    """

    alert: Alert
    crowd: list[int] = field(default_factory=list)

    @property
    def verdict(self) -> Outcome:
        """What is said of it now."""
        return Outcome(self.alert["verdict"])

    @property
    def is_over(self) -> bool:
        """Whether it has been resolved or retracted."""
        return self.alert["status"] in _OVER

    @property
    def growth(self) -> int:
        """How many participants came since the revision before."""
        return self.crowd[-1] - self.crowd[-2] if len(self.crowd) > 1 else 0


class Story:
    """All alerts so far, from their revisions in the order in which they came."""

    def __init__(self) -> None:
        self._cases: dict[str, Case] = {}
        self.revisions: list[Alert] = []
        self.log: deque[Note] = deque(maxlen=_LOGGED)

    def take(self, revision: Revision) -> Note | None:
        """The next revision; a note if it is worth a line."""
        alert: Alert = orjson.loads(revision.body)
        self.revisions.append(alert)
        case = self._cases.get(revision.id)
        before = None if case is None else case.alert
        if case is None:
            case = self._cases[revision.id] = Case(alert)
        case.alert = alert
        case.crowd.append(revision.participants)
        news = _news(before, alert)
        if news is None:
            return None
        note = Note(news, alert, None if before is None else before["verdict"])
        self.log.append(note)
        return note

    @property
    def cases(self) -> list[Case]:
        """The alerts, first those to be looked at first: by verdict, whether they are under way, severity, newness."""
        return sorted(self._cases.values(), key=_order)

    @property
    def gravest(self) -> Case | None:
        """The pile-on, or else the doubtful crowd, to be looked at first."""
        found = self.cases
        return found[0] if found and found[0].verdict is not Outcome.ORGANIC_SURGE else None

    @property
    def calmest(self) -> Case | None:
        """The largest crowd that is no pile-on; one at an account, if there is any."""
        calm = [case for case in self._cases.values() if case.verdict is Outcome.ORGANIC_SURGE]
        return max(calm, key=_calm_order, default=None)


def _order(case: Case) -> tuple[int, bool, int, int, str]:
    alert = case.alert
    severity = Severity[alert["severity"].upper()]
    return _FIRST[case.verdict], case.is_over, -severity, -alert["detected_at"], alert["id"]


def _calm_order(case: Case) -> tuple[bool, int, str]:
    return case.alert["target"]["kind"] == "account", case.crowd[-1], case.alert["id"]


def _news(before: Alert | None, alert: Alert) -> News | None:
    if before is None:
        return News.OPENED
    if alert["verdict"] != before["verdict"]:
        return News.CHANGED
    if alert["status"] != before["status"] and alert["status"] in _OVER:
        return News.RESOLVED if alert["status"] == Status.RESOLVED else News.RETRACTED
    if before["status"] in _OVER and alert["status"] not in _OVER:
        return News.RETURNED
    if Severity[alert["severity"].upper()] > Severity[before["severity"].upper()]:
        return News.WORSE
    return None
