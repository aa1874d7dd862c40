"""Which campaigns happen in a stream, and when."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

import numpy as np

from streams.inject.background import Background
from streams.inject.errors import InjectError
from streams.inject.parameters import ATTACK, BOTH, SURGE, Values, draw

PAIRS_A_WEEK: Final = 15
_WEEK_MS: Final = 7 * 86_400_000
_DAY_MS: Final = 86_400_000
_MINUTE_MS: Final = 60_000
_BUSY: Final = 200_000
_MOST: Final = 45
_ANY_TIME: Final = 0.5
_TAIL_MS: Final = 60 * _MINUTE_MS


@dataclass(frozen=True, slots=True)
class Planned:
    """One campaign to come: its number, its pair, what it is, its parameters, and when its first member comes."""

    number: str
    pair: str
    pile_on: bool
    values: Values
    begin_ms: int
    again: bool = False
    """Whether the crew of the attack before comes again."""


def pairs_for(background: Background) -> int:
    """How many pairs fit a background: fifteen a week, or for as many interactions as a busy week has."""
    weeks = (background.end_ms - background.start_ms) / _WEEK_MS
    busy = background.interactions / _BUSY
    return max(3, min(_MOST, round(PAIRS_A_WEEK * max(min(weeks, busy), min(1.0, weeks, 5 * busy)))))


def _moment(rng: Random, background: Background, first: int, last: int) -> int:
    """When something begins: at any time, or, as often, when much is going on."""
    if rng.random() < _ANY_TIME:
        return rng.randrange(first, last)
    low, high = (int(np.searchsorted(background.time, moment)) for moment in (first, last))
    found = int(background.time[rng.randrange(low, max(high, low + 1))]) + rng.randrange(_MINUTE_MS)
    return min(max(found, first), last)


def plan(background: Background, pins: Values, seed: str, pairs: int) -> list[Planned]:
    """Draw the campaigns of a stream, in the order in which they begin.

    Raises
    ------
    InjectError
        If the background is too short for the campaigns asked for.
    """
    rng = Random(f"{seed}/plan")
    span_ms = background.end_ms - background.start_ms
    warm_ms, tail_ms = min(_DAY_MS, span_ms // 6), min(_TAIL_MS, span_ms // 10)
    found: list[Planned] = []
    for number in range(1, pairs + 1):
        both = draw(rng, BOTH, pins)
        if "size" not in pins:
            both["size"] = min(both["size"], max(10, len(background.names) // 20))
        fits = (span_ms - warm_ms - tail_ms) // _MINUTE_MS
        if "minutes" not in pins:
            both["minutes"] = min(both["minutes"], max(fits / 3, 1))
        length_ms = int(both["minutes"] * _MINUTE_MS)
        first, last = background.start_ms + warm_ms, background.end_ms - length_ms - tail_ms
        if last <= first:
            raise InjectError(
                f"The background lasts {span_ms / 3_600_000:.1f} hours, too short for a campaign of "
                f"{both['minutes']:g} minutes after a first stretch of calm; set minutes to less."
            )
        for pile_on in (True, False):
            side = draw(rng, ATTACK if pile_on else SURGE, pins)
            begin_ms = _moment(rng, background, first, last)
            name = f"{'attack' if pile_on else 'surge'}-{number}"
            found.append(Planned(name, f"pair-{number}", pile_on, {**both, **side}, begin_ms))
            for turn in range(1, side.get("targets", 1)):
                begin_ms += length_ms + rng.randrange(20, 600) * _MINUTE_MS
                if begin_ms < last:
                    values = {**both, **side}
                    found.append(Planned(f"{name}-{turn + 1}", f"pair-{number}", True, values, begin_ms, again=True))
    return sorted(found, key=lambda one: (one.begin_ms, one.number))
