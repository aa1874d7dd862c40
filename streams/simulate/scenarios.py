"""The scenarios by name, and when they happen in a day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from streams.simulate.attacks import bot_raid, brigade, quote_pile_on
from streams.simulate.background import Background
from streams.simulate.crowd import Campaign
from streams.simulate.raids import community_raid, thread_raid
from streams.simulate.scene import Scene
from streams.simulate.surges import ama, breaking_news, outage, scheduled_event, viral_joy
from streams.simulate.times import DAY_MS, HOUR_MS


@dataclass(frozen=True, slots=True)
class Scenario:
    """Something that can happen: whether it is a pile-on, a sentence on it, and how it is played."""

    pile_on: bool
    description: str
    play: Callable[[Scene], Campaign]


def _scenario(pile_on: bool, play: Callable[[Scene], Campaign]) -> Scenario:
    return Scenario(pile_on, (play.__doc__ or "").strip(), play)


SCENARIOS: Final[dict[str, Scenario]] = {
    "bot_raid": _scenario(True, bot_raid),
    "quote_pile_on": _scenario(True, quote_pile_on),
    "brigade": _scenario(True, brigade),
    "thread_raid": _scenario(True, thread_raid),
    "community_raid": _scenario(True, community_raid),
    "viral_joy": _scenario(False, viral_joy),
    "ama": _scenario(False, ama),
    "breaking_news": _scenario(False, breaking_news),
    "outage": _scenario(False, outage),
    "scheduled_event": _scenario(False, scheduled_event),
}
"""Every scenario that can be asked for, by name."""


class UnknownScenarioError(ValueError):
    """A name that is not in `SCENARIOS`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no scenario {name!r}. Choose among: {', '.join(SCENARIOS)}.")


def programme(rng: Random, names: Sequence[str] | None, days: int) -> list[str]:
    """What will happen, in random order: these names, or on each day every scenario once or twice.

    Raises
    ------
    UnknownScenarioError
        If a name is not in `SCENARIOS`.
    """
    if names is not None:
        for name in names:
            if name not in SCENARIOS:
                raise UnknownScenarioError(name)
        chosen = list(names)
        rng.shuffle(chosen)
        return chosen
    chosen = []
    for _ in range(days):
        day = [name for name in SCENARIOS for _ in range(rng.randint(1, 2))]
        rng.shuffle(day)
        chosen += day
    return chosen


def play(background: Background, seed: int, names: Sequence[str] | None) -> list[Campaign]:
    """Let the scenarios happen, spread over the simulated stretch; in the order of their beginning."""
    rng = Random(f"{seed} programme")
    start_ms, end_ms = background.start_ms, background.end_ms
    length_ms = end_ms - start_ms
    chosen = programme(rng, names, max(round(length_ms / DAY_MS), 1))
    lead_ms = min(HOUR_MS, length_ms // 6)
    reserve_ms = min(3 * HOUR_MS, length_ms // 4)
    usable_ms = length_ms - lead_ms - reserve_ms
    used: set[str] = set()
    campaigns = []
    for position, name in enumerate(chosen):
        own = Random(f"{seed} {position} {name}")
        begin_ms = start_ms + lead_ms + int((position + own.random()) * usable_ms / len(chosen))
        room_ms = min(end_ms - begin_ms, 5 * HOUR_MS, length_ms * 2 // 5) * 9 // 10
        campaigns.append(SCENARIOS[name].play(Scene(background, own, begin_ms, room_ms, used)))
    return campaigns
