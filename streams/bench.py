"""How fast the engine is, beside bare decoding of the same bytes in the same run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from statistics import median
from time import perf_counter
from typing import Any, Final

import orjson

from streams.apart import worthwhile
from streams.runner import Runner
from streams.settings import load
from streams.simulate import simulate
from streams.wire import Decoder, Lines

BATCH_SIZE: Final = 8_000
ROUNDS: Final = 5

_SEED: Final = 1
_HOURS: Final = 24.0
_MOST_HOURS: Final = 24.0 * 60


@dataclass(frozen=True, slots=True)
class Speeds:
    """Events a second, medians over the rounds.

    Attributes
    ----------
    parsing
        `orjson.loads` of each line and nothing else: no check, no columns.
    decoding
        Strict decoding into columns.
    engine
        Everything: decoding, ingest, authors, windows, verdicts, alerts; targets in `processes` processes, as `detect`
        handles a file of this size.
    alone
        The same all in one process.
    ratio, alone_ratio
        `engine` and `alone` to `decoding`, which is the same decoding with no engine behind it: the medians over the
        rounds of what they took in the same round.
    parsing_ratio
        The same of `engine` to `parsing`.
    """

    events: int
    size_bytes: int
    rounds: int
    processes: int
    parsing: float
    decoding: float
    engine: float
    alone: float
    ratio: float
    alone_ratio: float
    parsing_ratio: float

    def to_json(self) -> dict[str, Any]:
        """The speeds in plain values."""
        return {
            "events": self.events,
            "bytes": self.size_bytes,
            "rounds": self.rounds,
            "parsing_events_per_second": round(self.parsing),
            "decoding_events_per_second": round(self.decoding),
            "engine_events_per_second": round(self.engine),
            "parsing_ratio": round(self.parsing_ratio, 4),
            "ratio": round(self.ratio, 4),
            "processes": self.processes,
            "one_process_events_per_second": round(self.alone),
            "one_process_ratio": round(self.alone_ratio, 4),
        }


def sample(events: int | None = None) -> list[bytes]:
    """Lines of a simulated day, or as many as asked for from as many days as it takes."""
    hours = _HOURS
    while True:
        simulation = simulate(_SEED, hours)
        if events is None or len(simulation) >= events or hours == _MOST_HOURS:
            return [line.rstrip(b"\n") for line in islice(simulation.lines, events)]
        hours = min(_MOST_HOURS, hours * 1.2 * events / len(simulation))


def measure(
    lines: list[bytes],
    rounds: int = ROUNDS,
    processes: int | None = None,
    after: Callable[[int], None] = lambda done: None,
) -> Speeds:
    """Take turns at the ways to read the lines, and compare within each round.

    Parsing is short, so it is timed before, between and after the others.

    Parameters
    ----------
    processes
        In how many the engine handles targets; as many as `detect` would for so many bytes if None.
    after
        Called after every round with how many are done.
    """
    n, size_bytes = len(lines), sum(map(len, lines)) + len(lines)
    processes = processes or worthwhile(size_bytes)
    took: list[tuple[float, float, float, float]] = []
    for done in range(1, rounds + 1):
        before, decoding = _time(_parse, lines), _time(_decode, lines)
        between, engine = _time(_parse, lines), _time(partial(_detect, processes=processes), lines)
        alone = engine if processes == 1 else _time(_detect, lines)
        took.append((median((before, between, _time(_parse, lines))), decoding, engine, alone))
        after(done)
    of_parsing, of_decoding, of_engine, of_alone = (n / median(times) for times in zip(*took, strict=True))
    return Speeds(
        events=n,
        size_bytes=size_bytes,
        rounds=rounds,
        processes=processes,
        parsing=of_parsing,
        decoding=of_decoding,
        engine=of_engine,
        alone=of_alone,
        ratio=median(strict / whole for _, strict, whole, _ in took),
        alone_ratio=median(strict / whole for _, strict, _, whole in took),
        parsing_ratio=median(one / whole for one, _, whole, _ in took),
    )


def _time(run: Callable[[list[bytes]], None], lines: list[bytes]) -> float:
    began = perf_counter()
    run(lines)
    return perf_counter() - began


def _parse(lines: list[bytes]) -> None:
    loads = orjson.loads
    for line in lines:
        loads(line)


def _decode(lines: list[bytes]) -> None:
    decoder = Decoder()
    for start in range(0, len(lines), BATCH_SIZE):
        decoder.decode(Lines.numbered(lines[start : start + BATCH_SIZE]))


def _detect(lines: list[bytes], processes: int = 1) -> None:
    decoder = Decoder()
    with closing(Runner(load(), processes=processes)) as runner:
        for start in range(0, len(lines), BATCH_SIZE):
            runner.push(decoder.decode(Lines.numbered(lines[start : start + BATCH_SIZE])))
        runner.end()
