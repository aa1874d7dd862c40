"""The score of one preset over its streams: every figure with its interval, in plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from operator import attrgetter
from statistics import median
from typing import Any, Final

from streams.evaluation.report import CALLED
from streams.inject.figures import (
    BUDGETS,
    Bin,
    at_prior,
    calibration_error,
    over_streams,
    reliability,
    share,
    threshold,
)
from streams.inject.judging import Case, Judged, Naming

PRIOR: Final = 0.01
_SCENARIO: Final = attrgetter("scenario")
"""What was injected and how it arrived."""
_FEW: Final = 10
"""Of fewer alerts no calibration error is told."""
SIZES: Final = (10, 20, 40, 80, 160, 320, 640, 1_280, 3_001)
"""Borders of the groups by size."""


def score(streams: Sequence[Judged], prior: float = PRIOR) -> dict[str, Any]:
    """Everything that is told of a preset."""
    cases = [case for stream in streams for case in stream.cases]
    return {
        "seeds": [stream.seed for stream in streams],
        "days": sum(stream.days for stream in streams),
        "interactions": sum(stream.interactions for stream in streams),
        "pile_ons": sum(case.pile_on for case in cases),
        "harmless": sum(not case.pile_on for case in cases),
        "figures": {name: over_streams([of(s) for s in streams]).to_json() for name, of in FIGURES.items()},
        "yardsticks": _yardsticks(streams),
        "calibration": calibration(cases, prior),
        "by_scenario": {name: scenario_of(streams, name) for name in sorted({case.scenario for case in cases})},
        "by_size": _by_size(streams),
        "seconds": sorted(case.seconds for case in cases if case.pile_on and case.seconds is not None),
    }


def calibration(cases: Sequence[Case], prior: float = PRIOR, by: Callable[[Case], str] = _SCENARIO) -> dict[str, Any]:
    """How far the scores of alerts are from what was so: of all, by shape, each attack with its matched surge, and at a prior."""
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(by(case), []).append(case)
    by_shape = {name: reliability(_scored(groups[name])) for name in sorted(groups)}
    errors = {
        name: calibration_error(bins) for name, bins in by_shape.items() if sum(one.alerts for one in bins) >= _FEW
    }
    scored = _scored(cases)
    matched, pooled = reliability(scored), reliability(scored, at_prior(scored, prior))
    return {
        "by_shape": {name: {"ece": errors.get(name), "bins": _bins(bins)} for name, bins in by_shape.items()},
        "worst_shape": max((error for error in errors.values() if error is not None), default=None),
        "matched": _bins(matched),
        "matched_ece": calibration_error(matched),
        "prior": prior,
        "at_prior": _bins(pooled),
        "at_prior_ece": calibration_error(pooled),
    }


def together(streams: Sequence[Judged], prior: float = PRIOR) -> dict[str, Any]:
    """What is told of several presets in one: the calibration, by how the crowds arrived, whatever else they were."""
    cases = [case for stream in streams for case in stream.cases]
    return {"calibration": calibration(cases, prior, attrgetter("shape"))}


def _scored(cases: Iterable[Case]) -> list[tuple[float, bool]]:
    """The score of each alert, as last told, and whether its crowd was a pile-on."""
    return [(last, case.pile_on) for case in cases for last in case.last]


def scenario_of(streams: Sequence[Judged], name: str) -> dict[str, Any]:
    """The main figures for the campaigns of one scenario."""
    parts = [[case for case in stream.cases if case.scenario == name] for stream in streams]
    measures: dict[str, Callable[[list[Case]], float | None]] = {
        "recall": lambda cases: _said(cases, CALLED, pile_on=True),
        "harmless_called_pile_on": lambda cases: _said(cases, CALLED, pile_on=False),
        "pile_ons_uncertain": lambda cases: _said(cases, "uncertain", pile_on=True),
        "harmless_uncertain": lambda cases: _said(cases, "uncertain", pile_on=False),
        "participants": lambda cases: _median([case.participants for case in cases if case.pile_on]),
        "seconds": lambda cases: _median([case.seconds for case in cases if case.pile_on]),
    }
    found: dict[str, Any] = {
        measure: over_streams([of(cases) for cases in parts]).to_json() for measure, of in measures.items()
    }
    return {"pile_ons": sum(case.pile_on for cases in parts for case in cases), **found}


def _said(cases: Sequence[Case], what: str, *, pile_on: bool) -> float | None:
    kind = [case for case in cases if case.pile_on is pile_on]
    return share(sum(case.said == what for case in kind), len(kind))


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _recall_at(stream: Judged, budget: int) -> float | None:
    """Recall if all alerts above a score were called, and the score so chosen that so many organic ones a day are."""
    limit = threshold(stream.organic_highest, int(budget * stream.days))
    attacks = [case for case in stream.cases if case.pile_on]
    return share(sum(case.highest is not None and case.highest > limit for case in attacks), len(attacks))


def _namings(stream: Judged) -> list[tuple[Case, Naming]]:
    return [(case, case.naming) for case in stream.cases if case.naming is not None]


def _sum(stream: Judged, of: Callable[[Naming], int], by: Callable[[Naming], int]) -> float | None:
    """One count over another, over the attacks that have an alert."""
    attacks = [naming for case, naming in _namings(stream) if case.pile_on]
    return share(sum(map(of, attacks)), sum(map(by, attacks)))


def _hits(stream: Judged, hit: Callable[[Naming], bool]) -> float | None:
    """Of the attacks that somebody set off and that have an alert, the share of hits."""
    called = [naming for case, naming in _namings(stream) if case.pile_on and naming.had]
    return share(sum(map(hit, called)), len(called))


def _blamed(stream: Judged) -> float | None:
    """Of the alerts on campaigns that nobody set off, the share that names somebody."""
    none = [naming for case, naming in _namings(stream) if not case.brought]
    return share(sum(naming.blamed for naming in none), len(none))


FIGURES: Final[dict[str, Callable[[Judged], float | None]]] = {
    "recall": lambda s: _said(s.cases, CALLED, pile_on=True),
    "false_alerts_per_day": lambda s: s.organic_called / s.days,
    "false_alerts_per_100k": lambda s: s.organic_called / s.interactions * 100_000 if s.interactions else None,
    "harmless_called_pile_on": lambda s: _said(s.cases, CALLED, pile_on=False),
    "harmless_uncertain": lambda s: _said(s.cases, "uncertain", pile_on=False),
    "pile_ons_uncertain": lambda s: _said(s.cases, "uncertain", pile_on=True),
    "recall_at_1": lambda s: _recall_at(s, 1),
    "recall_at_3": lambda s: _recall_at(s, 3),
    "recall_at_10": lambda s: _recall_at(s, 10),
    "participants": lambda s: _median([case.participants for case in s.cases if case.pile_on]),
    "seconds": lambda s: _median([case.seconds for case in s.cases if case.pile_on]),
    "attackers_precision": lambda s: _sum(s, lambda n: n.right, lambda n: n.named),
    "attackers_recall": lambda s: _sum(s, lambda n: n.right, lambda n: n.there),
    "defenders_accused": lambda s: _sum(s, lambda n: n.accused, lambda n: n.defenders),
    "instigator_hit_1": lambda s: _hits(s, lambda n: n.first),
    "instigator_hit_3": lambda s: _hits(s, lambda n: n.third),
    "instigator_blamed": _blamed,
    "sources_recall": lambda s: _sum(s, lambda n: n.sources_found, lambda n: n.sources_there),
    "sources_precision": lambda s: _sum(s, lambda n: n.sources_found, lambda n: n.sources_said),
}
"""What is told of a stream, by name."""


def _yardsticks(streams: Sequence[Judged]) -> dict[str, Any]:
    names = sorted({name for stream in streams for name in stream.yardsticks})
    found: dict[str, Any] = {}
    for name in names:
        found[name] = {}
        for budget in BUDGETS:
            for side, pile_on in (("recall", True), ("harmless", False)):
                values = [_yardstick(stream, name, budget, pile_on=pile_on) for stream in streams]
                found[name][f"{side}_at_{budget}"] = over_streams(values).to_json()
    return found


def _yardstick(stream: Judged, name: str, budget: int, *, pile_on: bool) -> float | None:
    one = stream.yardsticks[name]
    limit = threshold(one.organic, int(budget * stream.days))
    mine = [value for value, case in zip(one.campaigns, stream.cases, strict=True) if case.pile_on is pile_on]
    return share(sum(value > limit for value in mine), len(mine))


def _by_size(streams: Sequence[Judged]) -> list[dict[str, Any]]:
    found = []
    for low, high in pairwise(SIZES):
        parts = [[case for case in stream.cases if low <= case.size < high] for stream in streams]
        count = sum(case.pile_on for cases in parts for case in cases)
        if count:
            recall = over_streams([_said(cases, CALLED, pile_on=True) for cases in parts])
            harmless = over_streams([_said(cases, CALLED, pile_on=False) for cases in parts])
            found.append(
                {
                    "from": low,
                    "below": high,
                    "pile_ons": count,
                    "recall": recall.to_json(),
                    "harmless_called_pile_on": harmless.to_json(),
                }
            )
    return found


def _bins(bins: Sequence[Bin]) -> list[dict[str, float]]:
    return [
        {
            "low": one.low,
            "high": one.high,
            "score": round(one.score, 6),
            "share": round(one.share, 6),
            "weight": one.weight,
            "alerts": one.alerts,
        }
        for one in bins
    ]
