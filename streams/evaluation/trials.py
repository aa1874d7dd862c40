"""Many simulated days at once: simulated, detected and scored, the ordinary days and the trials apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, Final

import orjson

from streams.evaluation.report import Report
from streams.evaluation.scoring import evaluate
from streams.runner import Runner
from streams.settings import load
from streams.simulate import ALL_TRIALS, ORDINARY, SCENARIOS, TRIALS, UnknownScenarioError, simulate
from streams.simulate.times import DAY_MS
from streams.wire import Decoder, Lines

_BATCH: Final = 8_000
_SHORTEST_H: Final = 10.0
PROCESSES: Final = 2
"""How many days are worked on at the same time."""

Watch = Callable[[int, int], None]
"""Told after every stretch how many of them are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A simulated stretch of `hours`: these scenarios happen in it, or with None the ordinary day's."""

    seed: int
    hours: float
    names: tuple[str, ...] | None

    @property
    def trial(self) -> bool:
        """Whether what happens in it are trials."""
        return self.names is not None and any(SCENARIOS[name].trial for name in self.names)


@dataclass(frozen=True, slots=True)
class Trials:
    """The scores over so many seeds; None where nothing of the kind was asked for."""

    seeds: int
    ordinary: Report | None
    trials: Report | None

    def to_json(self) -> dict[str, Any]:
        """The scores as `evaluate --trials --json` prints them."""
        return {
            "seeds": self.seeds,
            "ordinary": None if self.ordinary is None else self.ordinary.to_json(),
            "trials": None if self.trials is None else self.trials.to_json(),
        }


def seeds_of(text: str) -> list[int]:
    """The seeds in `1-50`, `7` or `1-3,9`, each once, ascending.

    Raises
    ------
    ValueError
        If it is none of these; its words say what to write.
    """
    seeds: set[int] = set()
    for part in text.split(","):
        found = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", part.strip(), re.ASCII)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if last < first:
            raise ValueError(f"{text!r} are no seeds. Write them like 1-50, or 1-3,9.")
        seeds.update(range(first, last + 1))
    return sorted(seeds)


def stretches(seeds: Sequence[int], names: Sequence[str] | None = None) -> list[Stretch]:
    """What has to be simulated: a day for all that fits into one, and a stretch of its own for what takes longer.

    Parameters
    ----------
    names
        Names in `SCENARIOS`, or `trials` for all of these; a day with few of them is shorter. None for the ordinary
        day and all trials.

    Raises
    ------
    UnknownScenarioError
        If a name is not in `SCENARIOS`.
    """
    kinds: list[tuple[float, tuple[str, ...] | None]] = [(24.0, None)] if names is None else []
    wanted: list[str] = []
    for name in (ALL_TRIALS,) if names is None else names:
        if name not in SCENARIOS and name != ALL_TRIALS:
            raise UnknownScenarioError(name)
        wanted += TRIALS if name == ALL_TRIALS else (name,)
    for group in (ORDINARY, TRIALS):
        chosen = [name for name in dict.fromkeys(wanted) if name in group]
        short = tuple(name for name in chosen if not SCENARIOS[name].lasts_ms)
        if short:
            kinds.append((min(max(_SHORTEST_H, 4.0 + len(short)), 24.0), short))
        kinds += [(_days_for(name) * 24.0, (name,)) for name in chosen if SCENARIOS[name].lasts_ms]
    return [Stretch(seed, hours, chosen) for seed in seeds for hours, chosen in kinds]


def _days_for(name: str) -> int:
    return -(-SCENARIOS[name].needs_ms // DAY_MS)


def try_out(
    planned: Sequence[Stretch], *, processes: int = PROCESSES, watch: Watch = lambda done, total: None
) -> Trials:
    """Simulate, detect and score all of it; the result does not depend on `processes`."""
    reports: list[Report] = []
    for report in _scored(planned, processes):
        reports.append(report)
        watch(len(reports), len(planned))
    parts = {
        trial: [report for report, stretch in zip(reports, planned, strict=True) if stretch.trial is trial]
        for trial in (False, True)
    }
    ordinary, trials = (Report.merge(parts[trial]) if parts[trial] else None for trial in (False, True))
    return Trials(len({stretch.seed for stretch in planned}), ordinary, trials)


def _scored(planned: Sequence[Stretch], processes: int) -> Iterator[Report]:
    if processes == 1:
        yield from map(score, planned)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(score, planned)


def score(stretch: Stretch) -> Report:
    """Simulate one stretch, detect in it with the settings in force, and score what was said."""
    simulation = simulate(stretch.seed, stretch.hours, stretch.names)
    runner, decoder = Runner(load()), Decoder()
    revisions = []
    for chunk in _chunks(simulation.lines):
        revisions += runner.push(decoder.decode(chunk))
    revisions += runner.end()
    accepted = runner.ingests[0].accepted - runner.duplicates
    alerts = (orjson.loads(revision.body) for revision in revisions)
    return evaluate(simulation.truth, alerts, accepted_interactions=accepted)


def _chunks(lines: Iterator[bytes]) -> Iterator[Lines]:
    first, held = 1, list[bytes]()
    for line in lines:
        held.append(line.rstrip(b"\n"))
        if len(held) == _BATCH:
            yield Lines.numbered(held, first=first)
            first, held = first + _BATCH, []
    if held:
        yield Lines.numbered(held, first=first)
