"""How fast the engine is, beside bare decoding of the same bytes in the same run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from statistics import median
from time import perf_counter
from typing import Any, Final

import orjson

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
        Everything: decoding, ingest, authors, windows, verdicts, alerts.
    ratio
        `engine` to `decoding`, which is the same decoding with no engine behind it: the median over the rounds of what
        the two took in the same round.
    parsing_ratio
        The same of `engine` to `parsing`.
    """

    events: int
    size_bytes: int
    rounds: int
    parsing: float
    decoding: float
    engine: float
    ratio: float
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
        }


def sample(events: int | None = None) -> list[bytes]:
    """Lines of a simulated day, or as many as asked for from as many days as it takes."""
    hours = _HOURS
    while True:
        simulation = simulate(_SEED, hours)
        if events is None or len(simulation) >= events or hours == _MOST_HOURS:
            return [line.rstrip(b"\n") for line in islice(simulation.lines, events)]
        hours = min(_MOST_HOURS, hours * 1.2 * events / len(simulation))


def measure(lines: list[bytes], rounds: int = ROUNDS, after: Callable[[int], None] = lambda done: None) -> Speeds:
    """Take turns at the three ways to read the lines, and compare within each round.

    Parsing is short, so it is timed before, between and after the others.

    Parameters
    ----------
    after
        Called after every round with how many are done.
    """
    took: list[tuple[float, float, float]] = []
    for done in range(1, rounds + 1):
        before, decoding = _time(_parse, lines), _time(_decode, lines)
        between, engine = _time(_parse, lines), _time(_detect, lines)
        took.append((median((before, between, _time(_parse, lines))), decoding, engine))
        after(done)
    n = len(lines)
    of_parsing, of_decoding, of_engine = (n / median(times) for times in zip(*took, strict=True))
    return Speeds(
        events=n,
        size_bytes=sum(map(len, lines)) + n,
        rounds=rounds,
        parsing=of_parsing,
        decoding=of_decoding,
        engine=of_engine,
        ratio=median(strict / whole for _, strict, whole in took),
        parsing_ratio=median(one / whole for one, _, whole in took),
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


def _detect(lines: list[bytes]) -> None:
    decoder, runner = Decoder(), Runner(load())
    for start in range(0, len(lines), BATCH_SIZE):
        runner.push(decoder.decode(Lines.numbered(lines[start : start + BATCH_SIZE])))
    runner.end()
