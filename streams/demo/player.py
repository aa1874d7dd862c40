"""Feeds the engine with the simulated events as the event clock advances, and reads its gauges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import orjson

from alerts.alert import Revision
from alerts.chunk import Chunk
from streams.runner import Runner
from streams.simulate import Simulation
from streams.wire import Decoder, Lines

SOURCE: Final = "demo"
_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Gauges:
    """Where the engine stands.

    Attributes
    ----------
    clock_ms : the event clock
    done : share of the stretch that has been played, 0 to 1
    events : taken so far
    delay_s : how far the handled ticks are behind the newest event
    rows, subjects : in the window
    watched : subjects that passed the gate
    looks : deep looks so far
    """

    clock_ms: int
    done: float
    events: int
    delay_s: float
    rows: int
    subjects: int
    watched: int
    looks: int


class Listener(Protocol):
    """Whoever is told all that the engine says."""

    def hear(self, revisions: Sequence[Revision], chunks: Sequence[Chunk], clock_ms: int) -> None:
        """The engine says this, perhaps nothing, and the event clock stands there."""
        ...

    def end(self) -> None:
        """The engine has said all."""
        ...


class Player:
    """Plays a simulation into an engine of one source partition.

    Parameters
    ----------
    simulation
        What is played, as the bytes that a platform would send.
    runner
        The engine; it is told nothing but these bytes.
    listener
        Who is told what it says, if anybody.
    """

    def __init__(self, simulation: Simulation, runner: Runner, listener: Listener | None = None) -> None:
        self._listener = listener
        self._start_ms, self._end_ms = simulation.start_ms, simulation.end_ms
        self._runner = runner
        self._decoder = Decoder()
        self._coming = simulation.events
        self._next: dict[str, Any] | None = next(self._coming, None)
        self._clock_ms = simulation.start_ms
        self.events = 0
        self.ended = False

    def play(self, until_ms: int) -> Iterator[list[Revision]]:
        """Let the clock run up to a time: the revisions that became due, small batch after small batch.

        When the stretch has been played, the engine is told that its source has ended.
        """
        while not self.ended:
            lines = self._lines(min(until_ms, self._end_ms))
            if lines:
                numbered = Lines.numbered(lines, SOURCE, self.events + 1)
                self.events += len(lines)
                yield self._told(self._runner.push(self._decoder.decode(numbered)))
            if len(lines) < _BATCH:
                break
        self._clock_ms = max(self._clock_ms, min(until_ms, self._end_ms))
        if self._next is None and until_ms >= self._end_ms and not self.ended:
            self.ended = True
            yield self._told(self._runner.end())

    @property
    def gauges(self) -> Gauges:
        """Where the engine stands now."""
        ingest, shard = self._runner.ingests[0], self._runner.shards[0]
        newest_ms = ingest.clock.newest_ms
        behind_ms = 0 if newest_ms is None or self.ended else newest_ms - 1000 * shard.tick
        return Gauges(
            clock_ms=self._clock_ms,
            done=(self._clock_ms - self._start_ms) / (self._end_ms - self._start_ms),
            events=self.events,
            delay_s=max(0, behind_ms) / 1000 if shard.tick else 0.0,
            rows=len(shard.window.ring),
            subjects=shard.window.subjects,
            watched=shard.watched,
            looks=shard.counts.looks,
        )

    def _told(self, revisions: list[Revision]) -> list[Revision]:
        if self._listener is not None:
            self._listener.hear(revisions, self._runner.evidence, self._clock_ms)
        return revisions

    def _lines(self, until_ms: int) -> list[bytes]:
        lines: list[bytes] = []
        while self._next is not None and self._next["time"] < until_ms and len(lines) < _BATCH:
            lines.append(orjson.dumps(self._next))
            self._clock_ms = int(self._next["time"])
            self._next = next(self._coming, None)
        return lines
