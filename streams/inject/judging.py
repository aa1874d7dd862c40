"""What an alert log said of one injected stream, campaign by campaign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from streams.evaluation.scoring import History, assign, histories, outcome_of

NAMED_FROM: Final = 0.5
"""The score from which an instigator counts as named."""
_ROLES: Final = 200
"""How many roles an alert names at most."""
_LIFT, _SHARE = 2.0, 0.2
"""From which lift and share a source community counts as found."""


@dataclass(frozen=True, slots=True)
class Naming:
    """Who was named, as counts.

    Attributes
    ----------
    named, right, there
        Accounts named attackers, how many of them are, and how many could have been named.
    accused, defenders
        Defenders named attackers, and how many there were.
    had, first, third
        Whether somebody set it off, whether he was named first, among the first three.
    blamed
        Whether somebody was named with a score of `NAMED_FROM` or more.
    sources_there, sources_found, sources_said
        Communities that it came from, how many of them were found, and how many were said.
    """

    named: int = 0
    right: int = 0
    there: int = 0
    accused: int = 0
    defenders: int = 0
    had: bool = False
    first: bool = False
    third: bool = False
    blamed: bool = False
    sources_there: int = 0
    sources_found: int = 0
    sources_said: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """One campaign and what was said of it.

    Attributes
    ----------
    scenario, shape, size, pile_on, brought
        What it was; whether a post or quote brought the crowd.
    said, seconds, participants
        As of `streams.evaluation.Outcome`.
    highest
        The highest score that any revision of its alerts had; None without an alert.
    last
        The score of each of its alerts, as last told.
    naming
        Who was named, None without an alert.
    """

    campaign: str
    scenario: str
    shape: str
    size: int
    pile_on: bool
    brought: bool
    said: str
    seconds: float | None
    participants: int | None
    highest: float | None
    last: tuple[float, ...]
    naming: Naming | None


@dataclass(slots=True)
class Judged:
    """One stream's score.

    Attributes
    ----------
    days, interactions
        What it was made from.
    cases
        Its campaigns.
    organic_called
        Alerts ever called `pile_on` that belong to no campaign.
    organic_highest
        The highest score of each alert that belongs to no campaign.
    beside
        Alerts on single accounts within a raid on a place.
    yardsticks
        By name, the cases as a simple score finds them.
    """

    preset: str
    seed: int
    days: float
    interactions: int
    cases: list[Case]
    organic_called: int
    organic_highest: list[float]
    beside: int
    yardsticks: dict[str, Yardstick] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Yardstick:
    """A simple score's highest value in each campaign, in the order of the cases, and in each organic episode."""

    campaigns: list[float]
    organic: list[float]


def judge(
    truth: Mapping[str, Any], revisions: Iterable[Mapping[str, Any]], interactions: int, preset: str, seed: int
) -> Judged:
    """Judge the alert revisions of a stream against its truth."""
    campaigns: Sequence[Mapping[str, Any]] = truth["campaigns"]
    given = assign(campaigns, histories(revisions))
    return Judged(
        preset=preset,
        seed=seed,
        days=float(truth["days"]),
        interactions=interactions,
        cases=[_case(campaign, alerts) for campaign, alerts in zip(campaigns, given.found, strict=True)],
        organic_called=sum(alert.called is not None for alert in given.organic),
        organic_highest=[_highest(alert) for alert in given.organic],
        beside=sum(map(len, given.beside)),
    )


def _highest(alert: History) -> float:
    return max(float(revision["score"]) for revision in alert.revisions)


def _case(campaign: Mapping[str, Any], alerts: Sequence[History]) -> Case:
    outcome = outcome_of(campaign, alerts)
    naming = None
    if alerts:
        at_target = [alert for alert in alerts if alert.target == campaign["target"]["id"]]
        best = max(at_target or alerts, key=lambda alert: (alert.called is not None, _highest(alert), alert.target))
        naming = naming_of(campaign, best.newest)
    return Case(
        campaign=str(campaign["id"]),
        scenario=campaign["scenario"],
        shape=str(campaign["parameters"]["shape"]),
        size=int(campaign["participants"]),
        pile_on=campaign["pile_on"],
        brought=campaign["caller"] is not None,
        said=outcome.said,
        seconds=outcome.seconds,
        participants=outcome.participants,
        highest=max(map(_highest, alerts)) if alerts else None,
        last=tuple(float(alert.newest["score"]) for alert in alerts),
        naming=naming,
    )


def naming_of(campaign: Mapping[str, Any], revision: Mapping[str, Any]) -> Naming:
    """Whom a revision names, against the truth of its campaign."""
    attackers, defenders = set(campaign["attackers"]), set(campaign["defenders"])
    guilty = attackers | {name for name in (campaign["instigator"],) if name is not None}
    named = {one["account"] for one in revision["roles"] if one["role"] in ("attacker", "instigator")}
    ranked = [one["account"] for one in revision["instigators"]]
    scores = [float(one["score"]) for one in revision["instigators"]]
    sources = set(campaign["sources"])
    said = {one["community"] for one in revision["sources"] if one["lift"] >= _LIFT and one["share"] >= _SHARE}
    there = min(len(attackers), _ROLES) if campaign["pile_on"] else 0
    return Naming(
        named=len(named),
        right=len(named & guilty),
        there=there,
        accused=len(named & defenders),
        defenders=len(defenders),
        had=campaign["instigator"] is not None,
        first=ranked[:1] == [campaign["instigator"]],
        third=campaign["instigator"] in ranked[:3],
        blamed=max(scores, default=0.0) >= NAMED_FROM,
        sources_there=len(sources),
        sources_found=len(sources & said),
        sources_said=len(said) if campaign["pile_on"] else 0,
    )
