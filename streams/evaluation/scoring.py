"""Which alert belongs to which campaign, and what became of each campaign."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from streams.evaluation.reading import check_alert, check_truth, time_of
from streams.evaluation.report import CALLED, UNSEEN, Outcome, Report

BEFORE_MS: Final = 3_600_000
AFTER_MS: Final = 2 * 3_600_000
"""How long before a campaign's start and after its end an alert may lie and still belong to it."""
_BLAMING: Final = ("attacker", "instigator")


@dataclass(slots=True)
class History:
    """All revisions of one alert.

    Attributes
    ----------
    kind, target
        Whom it concerns.
    revisions
        In their order, each once.
    called
        The first revision that says `pile_on`, None if none does.
    from_ms, to_ms
        From when to when it lasted.
    """

    kind: str
    target: str
    revisions: Sequence[Mapping[str, Any]]
    called: Mapping[str, Any] | None
    """The first revision that says `pile_on`."""
    blamed: frozenset[str]
    """Accounts that any revision names as an attacker or instigator."""
    from_ms: int
    to_ms: int

    @property
    def newest(self) -> Mapping[str, Any]:
        """The newest revision: the truth."""
        return self.revisions[-1]


@dataclass(slots=True)
class Assignment:
    """Which alerts belong to which campaign.

    Attributes
    ----------
    found
        For each campaign, the alerts that belong to it.
    beside
        For each campaign that is a raid on a place, the alerts on single accounts within it.
    organic
        Alerts that belong to no campaign.
    """

    found: list[list[History]]
    beside: list[list[History]]
    organic: list[History]


def evaluate(
    truth: Mapping[str, Any], alerts: Iterable[Mapping[str, Any]], *, accepted_interactions: int | None = None
) -> Report:
    """Score alert revisions against the truth.

    An alert belongs to a campaign if it lies between an hour before its start and two hours after its end, and
    concerns its target, or one of the `threads` or `communities` around it. The first campaign with that very
    target wins, then the one with the longest overlap. An alert on one of the `accounts` that a raid on a place
    addressed belongs to it too, but does not count as having found it. Whatever an alert said in any revision,
    it has said: one `pile_on` suffices, and so does one that names somebody who must never be named.

    Parameters
    ----------
    truth
        As in `truth.json`.
    alerts
        Revisions in any order; a revision that comes twice counts once.
    accepted_interactions
        How many events the alerts were made from, for the rate per 100,000.

    Raises
    ------
    EvaluationError
        If the truth or a revision lacks something that is needed.
    """
    check_truth(truth, "The truth")
    campaigns: Sequence[Mapping[str, Any]] = truth["campaigns"]
    given = assign(campaigns, histories(alerts))
    return Report(
        outcomes=[
            _judged(outcome_of(campaign, mine), campaign, [*mine, *others])
            for campaign, mine, others in zip(campaigns, given.found, given.beside, strict=True)
        ],
        days=float(truth["days"]),
        interactions=accepted_interactions,
        false_alerts=sum(alert.called is not None for alert in given.organic),
        organic_alerts=len(given.organic),
        beside=sum(map(len, given.beside)),
    )


def assign(campaigns: Sequence[Mapping[str, Any]], alerts: Iterable[History]) -> Assignment:
    """Give each alert to the campaign that it belongs to, as `evaluate` tells."""
    given = Assignment([[] for _ in campaigns], [[] for _ in campaigns], [])
    for alert in alerts:
        ranked = [(*_belongs(alert, campaign), -place) for place, campaign in enumerate(campaigns)]
        closeness, _, place = max(ranked, default=(0, 0, 0))
        if closeness == 0:
            given.organic.append(alert)
        elif closeness == 1 and campaigns[-place]["pile_on"]:
            given.beside[-place].append(alert)
        else:
            given.found[-place].append(alert)
    return given


def histories(revisions: Iterable[Mapping[str, Any]]) -> list[History]:
    """Revisions in any order as alerts, in the order of their first appearance; a revision that comes twice counts once.

    Raises
    ------
    EvaluationError
        If a revision lacks something that is needed.
    """
    by_id: dict[str, dict[int, Mapping[str, Any]]] = {}
    for number, revision in enumerate(revisions, 1):
        check_alert(revision, f"Alert revision {number}")
        by_id.setdefault(revision["id"], {})[revision["revision"]] = revision
    alerts = []
    for name, numbered in by_id.items():
        ordered = [numbered[number] for number in sorted(numbered)]
        newest = ordered[-1]
        where = f"Alert {name}"
        to_ms = time_of(newest, "updated_at", where)
        if newest.get("ended_at") is not None:
            to_ms = time_of(newest, "ended_at", where)
        alerts.append(
            History(
                kind=newest["target"]["kind"],
                target=newest["target"]["id"],
                revisions=ordered,
                called=next((revision for revision in ordered if revision["verdict"] == "pile_on"), None),
                blamed=frozenset(name for revision in ordered for name in _blamed(revision)),
                from_ms=min(time_of(revision, "started_at", where) for revision in ordered),
                to_ms=max(to_ms, time_of(newest, "detected_at", where)),
            )
        )
    return alerts


def _blamed(revision: Mapping[str, Any]) -> Iterator[str]:
    """The accounts that a revision names as attackers or instigators; lists that it lacks or mangles name nobody."""
    for key in ("roles", "instigators"):
        entries = revision.get(key)
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, Mapping) and (key == "instigators" or entry.get("role") in _BLAMING):
                yield str(entry.get("account"))


def _judged(outcome: Outcome, campaign: Mapping[str, Any], alerts: Sequence[History]) -> Outcome:
    """The outcome, with whether that was right and how many were named who must not be, if the truth says so."""
    allowed = campaign.get("right")
    right = None if allowed is None else outcome.said in allowed
    blamed = frozenset[str]().union(*(alert.blamed for alert in alerts))
    return replace(outcome, right=right, named=len(blamed.intersection(campaign.get("never_named", ()))))


def _belongs(alert: History, campaign: Mapping[str, Any]) -> tuple[int, int]:
    """How closely (3 the target, 2 a place around it, 1 beside it, 0 not at all), and the overlap in ms."""
    from_ms = max(alert.from_ms, time_of(campaign, "started_at", "campaign") - BEFORE_MS)
    to_ms = min(alert.to_ms, time_of(campaign, "ended_at", "campaign") + AFTER_MS)
    if to_ms < from_ms:
        return 0, 0
    target = campaign["target"]
    around = {"thread": "threads", "community": "communities", "account": "accounts"}[alert.kind]
    if (target["kind"], target["id"]) == (alert.kind, alert.target):
        return 3, to_ms - from_ms
    if alert.target in campaign.get(around, ()):
        return (1 if alert.kind == "account" else 2), to_ms - from_ms
    return 0, 0


def outcome_of(campaign: Mapping[str, Any], alerts: Sequence[History]) -> Outcome:
    """What was said of a campaign: `pile_on` if ever, else the newest verdict, doubt before calm."""
    began_ms = time_of(campaign, "started_at", "campaign")
    calls = [(said_ms(alert.called), alert.called) for alert in alerts if alert.called is not None]
    if calls:
        at_ms, revision = min(calls, key=lambda call: call[0])
        participants = revision.get("participants")
        total = participants.get("total") if isinstance(participants, Mapping) else None
        return Outcome(
            campaign["scenario"],
            campaign["pile_on"],
            CALLED,
            max(at_ms - began_ms, 0) / 1000,
            total,
            campaign.get("id"),
        )
    verdicts = {str(alert.newest["verdict"]) for alert in alerts}
    said = next((verdict for verdict in ("uncertain", "organic_surge") if verdict in verdicts), UNSEEN)
    return Outcome(campaign["scenario"], campaign["pile_on"], said, None, None, campaign.get("id"))


def said_ms(revision: Mapping[str, Any]) -> int:
    """When a revision was due, ms UTC."""
    return time_of(revision, "detected_at" if revision["revision"] == 1 else "updated_at", "Alert")
