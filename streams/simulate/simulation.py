"""From a seed to events and their truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

import orjson

from streams.simulate.background import Background
from streams.simulate.people import Population
from streams.simulate.platform import Act, Platform
from streams.simulate.scenarios import fitting, play
from streams.simulate.times import HOUR_MS
from streams.simulate.writer import EventWriter, name_acts, truth_of, write_files

START_MS: Final = 1_709_510_400_000
"""Where every simulation begins: 2024-03-04T00:00:00Z."""


class Simulation:
    """A simulated stretch of time.

    Attributes
    ----------
    truth
        What happened, in the form of `truth.json`.
    start_ms, end_ms
        The stretch; every event's time lies in it.
    """

    def __init__(self, platform: Platform, acts: list[Act], truth: dict[str, Any], seed: int, end_ms: int) -> None:
        self.truth = truth
        self.start_ms = START_MS
        self.end_ms = end_ms
        self._platform = platform
        self._acts = acts
        self._seed = seed

    def __len__(self) -> int:
        return len(self._acts)

    @property
    def events(self) -> Iterator[dict[str, Any]]:
        """The events in the order (time, id); as often as one likes, always the same."""
        writer = EventWriter(self._platform, Random(f"{self._seed} fields"))
        return map(writer.event, self._acts)

    @property
    def lines(self) -> Iterator[bytes]:
        """The events as NDJSON, one line each with its newline."""
        return (orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE) for event in self.events)


def simulate(
    seed: int = 0, hours: float = 24.0, scenarios: Sequence[str] | None = None, pace: float = 1.0
) -> Simulation:
    """Simulate a platform on which something happens.

    The same arguments give the same bytes. What happens in the background does not depend on `scenarios`.

    Parameters
    ----------
    seed
        Seed of all chance.
    hours
        Length of the stretch, which begins at `START_MS`; at least a quarter of an hour.
    scenarios
        Names in `SCENARIOS`, each once for every time it is named, or `trials` for all trials that fit; None for
        every ordinary scenario once or twice a day.
    pace
        Factor on how much happens in an hour in the background.

    Raises
    ------
    ValueError
        If a name is unknown (`UnknownScenarioError`), if a scenario needs a longer stretch (`TooShortError`), or if
        `hours` or `pace` is out of range.
    """
    if not 0.25 <= hours <= 24 * 60:
        raise ValueError(f"A simulation lasts from 0.25 to 1440 hours, not {hours:g}.")
    if not 0 < pace <= 100:
        raise ValueError(f"The pace is a factor above 0 and at most 100, not {pace:g}.")
    names = fitting(scenarios, hours)
    end_ms = START_MS + round(hours * HOUR_MS)
    people = Population(Random(f"{seed} people"), START_MS, end_ms)
    platform = Platform(people, Random(f"{seed} platform"))
    background = Background(platform, Random(f"{seed} background"), START_MS, end_ms, pace)
    background.live()
    campaigns = play(background, seed, names)
    acts = name_acts(platform.acts, Random(f"{seed} ids"))
    truth = truth_of(platform, campaigns, START_MS, end_ms)
    seen = [act for act in acts if START_MS <= act.time_ms < end_ms]
    return Simulation(platform, seen, truth, seed, end_ms)


def write(simulation: Simulation, out_dir: Path) -> None:
    """Write `events.ndjson` and `truth.json` into a directory, which is made if need be."""
    write_files(simulation.lines, simulation.truth, out_dir)
