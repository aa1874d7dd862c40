"""The score: as numbers, as JSON, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from rich import box
from rich.table import Table

CALLED: Final = "pile_on"
UNSEEN: Final = "unseen"
SAID: Final = (CALLED, "uncertain", "organic_surge", UNSEEN)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was said of one campaign.

    Attributes
    ----------
    said
        `pile_on`, `uncertain`, `organic_surge` or `unseen`.
    seconds, participants
        Since its start, and how many had come, when it was first called a pile-on; None if it never was.
    right
        Whether that is among what may rightly be said of it; None if the truth does not say.
    named
        How many accounts were named as attackers or instigators that must never be.
    """

    scenario: str
    pile_on: bool
    said: str
    seconds: float | None = None
    participants: int | None = None
    campaign: str | None = None
    right: bool | None = None
    named: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """How well the alerts fit the truth.

    Attributes
    ----------
    outcomes
        One for each campaign.
    days, interactions
        What the alerts were made from; `interactions` is None if it was not told.
    false_alerts
        Alerts ever called `pile_on` that belong to no campaign.
    organic_alerts
        Alerts of any verdict that belong to no campaign.
    beside
        Alerts on single accounts within a raid on a place: neither found nor false.
    """

    outcomes: Sequence[Outcome]
    days: float
    interactions: int | None
    false_alerts: int
    organic_alerts: int
    beside: int

    @classmethod
    def merge(cls, reports: Sequence[Report]) -> Report:
        """One report over several simulated stretches."""
        counts = [report.interactions for report in reports]
        known = [count for count in counts if count is not None]
        return cls(
            outcomes=[outcome for report in reports for outcome in report.outcomes],
            days=sum(report.days for report in reports),
            interactions=sum(known) if len(known) == len(counts) else None,
            false_alerts=sum(report.false_alerts for report in reports),
            organic_alerts=sum(report.organic_alerts for report in reports),
            beside=sum(report.beside for report in reports),
        )

    @property
    def named_against_rule(self) -> int:
        """Accounts named as attackers or instigators of a campaign that must never be, by campaign."""
        return sum(outcome.named for outcome in self.outcomes)

    @property
    def recall(self) -> float | None:
        """Share of the pile-ons that were called so; None if there were none."""
        return _share([outcome for outcome in self.outcomes if outcome.pile_on])

    @property
    def harmless_called(self) -> float | None:
        """Share of the harmless campaigns that were called a pile-on; None if there were none."""
        return _share([outcome for outcome in self.outcomes if not outcome.pile_on])

    @property
    def false_alerts_per_day(self) -> float:
        """Pile-on alerts a day that belong to no campaign."""
        return self.false_alerts / self.days

    @property
    def false_alerts_per_100k(self) -> float | None:
        """Pile-on alerts per 100,000 interactions that belong to no campaign; None if these were not counted."""
        return self.false_alerts / self.interactions * 100_000 if self.interactions else None

    def to_json(self) -> dict[str, Any]:
        """The whole score in plain values."""
        return {
            "days": self.days,
            "interactions": self.interactions,
            "recall": self.recall,
            "harmless_called_pile_on": self.harmless_called,
            "pile_ons": _counts([outcome for outcome in self.outcomes if outcome.pile_on]),
            "harmless": _counts([outcome for outcome in self.outcomes if not outcome.pile_on]),
            "false_alerts": self.false_alerts,
            "false_alerts_per_day": self.false_alerts_per_day,
            "false_alerts_per_100k_interactions": self.false_alerts_per_100k,
            "organic_alerts": self.organic_alerts,
            "alerts_beside": self.beside,
            "named_against_rule": self.named_against_rule,
            "by_scenario": {name: {"pile_on": group[0].pile_on, **_counts(group)} for name, group in self._groups()},
        }

    def table(self, title: str = "Alerts against the truth") -> Table:
        """The score by scenario, pile-ons first, with the false alerts beneath."""
        table = Table(
            title=title, caption=self._caption(), caption_justify="left", box=box.SIMPLE, padding=0, show_edge=False
        )
        table.add_column("scenario")
        for name in ("campaigns", "pile_on", "uncertain", "surge", "unseen", "right", "people", "seconds"):
            table.add_column(name, justify="right")
        for pile_on, name_of_all in ((True, "all pile-ons"), (False, "all harmless")):
            for name, group in self._groups():
                if group[0].pile_on is pile_on:
                    table.add_row(name, *_cells(group))
            everything = [outcome for outcome in self.outcomes if outcome.pile_on is pile_on]
            if everything:
                table.add_row(name_of_all, *_cells(everything), style="bold", end_section=True)
        return table

    def _groups(self) -> list[tuple[str, list[Outcome]]]:
        names = sorted({(not outcome.pile_on, outcome.scenario) for outcome in self.outcomes})
        return [
            (name, [o for o in self.outcomes if o.scenario == name and o.pile_on is not harmless])
            for harmless, name in names
        ]

    def _caption(self) -> str:
        rate = self.false_alerts_per_100k
        parts = [f"False pile-on alerts: {self.false_alerts}, {self.false_alerts_per_day:.2f} a day"]
        if rate is not None:
            parts.append(f"{rate:.2f} per 100,000 interactions")
        named = self.named_against_rule
        rule = f" Named as attackers although they must never be: {named}." if named else ""
        return ", ".join(parts) + ". People and seconds: median at the first pile_on." + rule


def _share(outcomes: Sequence[Outcome]) -> float | None:
    return sum(outcome.said == CALLED for outcome in outcomes) / len(outcomes) if outcomes else None


def _right(outcomes: Sequence[Outcome]) -> float | None:
    """The share of those of which something right was said, among those of which the truth tells what that is."""
    known = [outcome.right for outcome in outcomes if outcome.right is not None]
    return sum(known) / len(known) if known else None


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _counts(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    said = {name: sum(outcome.said == name for outcome in outcomes) for name in SAID}
    return {
        "campaigns": len(outcomes),
        "called_pile_on": said[CALLED],
        "uncertain": said["uncertain"],
        "organic_surge": said["organic_surge"],
        "unseen": said[UNSEEN],
        "right": _right(outcomes),
        "named_against_rule": sum(outcome.named for outcome in outcomes),
        "participants_median": _median([outcome.participants for outcome in outcomes]),
        "seconds_median": _median([outcome.seconds for outcome in outcomes]),
    }


def _cells(outcomes: Sequence[Outcome]) -> list[str]:
    counts = _counts(outcomes)
    medians = [counts["participants_median"], counts["seconds_median"]]
    names = ("campaigns", "called_pile_on", "uncertain", "organic_surge", "unseen")
    right = "" if counts["right"] is None else f"{counts['right']:.2f}"
    cells = [*(str(counts[name]) for name in names), right]
    return cells + ["" if value is None else f"{value:.0f}" for value in medians]
