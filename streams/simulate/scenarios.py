"""The scenarios by name, and when they happen in a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
from streams.simulate.trials import attacks, doubles, framing, languages, quarrels, slow, staff

FOUND: Final = ("pile_on",)
NOT_CALLED: Final = ("organic_surge", "uncertain", "unseen")
NOT_SILENT: Final = ("pile_on", "uncertain")
ORDINARY_LIFE: Final = ("organic_surge", "unseen")
"""What may rightly be said: of a pile-on, of what is none, of what must not go unsaid, of what nobody needs to see."""

ALL_TRIALS: Final = "trials"
"""Stands for all trials that the stretch has time for."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Something that can happen.

    Attributes
    ----------
    pile_on
        Whether it is one.
    description
        A sentence on it.
    play
        How it happens.
    right
        What may rightly be said of it, out of `pile_on`, `uncertain`, `organic_surge` and `unseen`.
    trial
        Whether it happens only when it is named.
    lasts_ms
        How long it always lasts; 0 if it takes the room that there is.
    """

    pile_on: bool
    description: str
    play: Callable[[Scene], Campaign]
    right: tuple[str, ...]
    trial: bool = False
    lasts_ms: int = 0

    @property
    def needs_ms(self) -> int:
        """The shortest stretch that it fits into."""
        return self.lasts_ms + 2 * HOUR_MS if self.trial else 0


def _ordinary(pile_on: bool, play: Callable[[Scene], Campaign]) -> Scenario:
    return Scenario(pile_on, _sentence(play), play, FOUND if pile_on else NOT_CALLED)


def _trial(
    pile_on: bool, play: Callable[[Scene], Campaign], right: tuple[str, ...] = (), lasts_ms: int = 0
) -> Scenario:
    allowed = right or (FOUND if pile_on else NOT_CALLED)
    return Scenario(pile_on, _sentence(play), play, allowed, trial=True, lasts_ms=lasts_ms)


def _sentence(play: Callable[[Scene], Campaign]) -> str:
    return " ".join((play.__doc__ or "").split("\n\n")[0].split())


SCENARIOS: Final[dict[str, Scenario]] = {
    "bot_raid": _ordinary(True, bot_raid),
    "quote_pile_on": _ordinary(True, quote_pile_on),
    "brigade": _ordinary(True, brigade),
    "thread_raid": _ordinary(True, thread_raid),
    "community_raid": _ordinary(True, community_raid),
    "viral_joy": _ordinary(False, viral_joy),
    "ama": _ordinary(False, ama),
    "breaking_news": _ordinary(False, breaking_news),
    "outage": _ordinary(False, outage),
    "scheduled_event": _ordinary(False, scheduled_event),
    "viral_pile_on": _trial(True, attacks.viral_pile_on),
    "own_dogpile": _trial(True, attacks.own_dogpile),
    "quiet_hour": _trial(True, attacks.quiet_hour),
    "bought_silence": _trial(True, attacks.bought_silence),
    "aged_once": _trial(True, attacks.aged_once),
    "mixed_languages": _trial(True, languages.mixed_languages),
    "moderator_pile_on": _trial(True, staff.moderator_pile_on),
    "false_flag_fresh": _trial(True, framing.false_flag_fresh),
    "false_flag_aged": _trial(True, framing.false_flag_aged),
    "federated_pile_on": _trial(True, doubles.federated_pile_on),
    "mass_reporting": _trial(True, framing.mass_reporting, NOT_SILENT),
    "slow_harassment": _trial(True, slow.slow_harassment, lasts_ms=slow.LENGTH_MS),
    "honest_reports": _trial(False, framing.honest_reports),
    "celebrity": _trial(False, quarrels.celebrity, ORDINARY_LIFE),
    "mutual_fight": _trial(False, quarrels.mutual_fight),
    "angry_figure": _trial(False, quarrels.angry_figure),
    "angry_company": _trial(False, quarrels.angry_company),
    "mixed_joy": _trial(False, languages.mixed_joy),
    "auto_moderators": _trial(False, staff.auto_moderators),
    "moderator_at_work": _trial(False, staff.moderator_at_work),
    "federated_twice": _trial(False, doubles.federated_twice),
    "federated_names": _trial(False, doubles.federated_names),
}
"""Every scenario that can be asked for, by name."""

ORDINARY: Final = tuple(name for name, scenario in SCENARIOS.items() if not scenario.trial)
"""Those that happen when none is named."""

TRIALS: Final = tuple(name for name, scenario in SCENARIOS.items() if scenario.trial)
"""Those that happen only when they are named."""


class UnknownScenarioError(ValueError):
    """A name that is not in `SCENARIOS`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no scenario {name!r}. Choose among: {', '.join((*SCENARIOS, ALL_TRIALS))}.")


class TooShortError(ValueError):
    """A scenario that needs a longer stretch."""

    def __init__(self, name: str, needed_h: float, hours: float) -> None:
        super().__init__(
            f"The scenario {name!r} needs {needed_h:g} hours, and {hours:g} were asked for. Give --hours {needed_h:g} "
            "or more, or leave it out."
        )


def fitting(names: Iterable[str] | None, hours: float) -> list[str] | None:
    """The names with `trials` spelled out; None for every ordinary scenario.

    Raises
    ------
    UnknownScenarioError
        If a name is neither in `SCENARIOS` nor `trials`.
    TooShortError
        If one that was named needs more hours.
    """
    if names is None:
        return None
    chosen: list[str] = []
    for name in names:
        if name == ALL_TRIALS:
            chosen += [trial for trial in TRIALS if SCENARIOS[trial].needs_ms <= hours * HOUR_MS]
            continue
        if name not in SCENARIOS:
            raise UnknownScenarioError(name)
        if SCENARIOS[name].needs_ms > hours * HOUR_MS:
            raise TooShortError(name, SCENARIOS[name].needs_ms / HOUR_MS, hours)
        chosen.append(name)
    return chosen


def programme(rng: Random, names: Sequence[str] | None, days: int) -> list[str]:
    """What will happen, in random order: these names, or on each day every ordinary scenario once or twice."""
    if names is not None:
        chosen = list(names)
        rng.shuffle(chosen)
        return chosen
    chosen = []
    for _ in range(days):
        day = [name for name in ORDINARY for _ in range(rng.randint(1, 2))]
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
        scenario = SCENARIOS[name]
        own = Random(f"{seed} {position} {name}")
        begin_ms = start_ms + lead_ms + int((position + own.random()) * usable_ms / len(chosen))
        room_ms = min(end_ms - begin_ms, 5 * HOUR_MS, length_ms * 2 // 5) * 9 // 10
        if scenario.lasts_ms:
            begin_ms = min(begin_ms, end_ms - HOUR_MS - scenario.lasts_ms)
            room_ms = scenario.lasts_ms
        campaign = scenario.play(Scene(background, own, begin_ms, room_ms, used))
        campaign.right = scenario.right
        campaigns.append(campaign)
    return campaigns
