"""Detection over files: lines in, alerts and refusals out, and a summary of both."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO, Protocol

from alerts.alert import Revision
from detectors.verdict import Outcome
from streams.ingest import Late
from streams.runner import Runner
from streams.wire import Decoded, Lines, Refusal, encode_refusal


class OutOfOrderError(Exception):
    """A file is out of order by more than the allowed lateness."""


class LineDecoder(Protocol):
    """What turns lines into events."""

    def decode(self, lines: Lines) -> Decoded:
        """The events of some lines, and what was wrong with the others."""
        ...


@dataclass(slots=True)
class Summary:
    """What went in and what came out, in numbers.

    At the end every event is exactly one of `accepted`, `rejected`, `duplicates` and `private`, which add up to
    `events`; before, one event may still wait for the next. Comments between edges are no events.

    Attributes
    ----------
    accepted
        Events taken and not seen before.
    rejected
        Events refused; `reasons` has them by code.
    duplicates
        Events dropped because their author had sent the same id before.
    mended
        Events in which something was mended, duplicates included; `mends` counts by what, and an event may count
        for several.
    late
        Events that came after their second of event time had been handled; they are accepted all the same.
    private
        Events dropped because they are private.
    alerts
        Alerts by their newest verdict.
    seconds
        How long it took.
    """

    events: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicates: int = 0
    mended: int = 0
    late: int = 0
    private: int = 0
    alerts: Counter[Outcome] = field(default_factory=Counter)
    seconds: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter)
    mends: Counter[str] = field(default_factory=Counter)

    def note(self, decoded: Decoded) -> None:
        """Count what was decoded; refusals are counted by `refuse`."""
        self.events += decoded.events
        self.mended += decoded.mended_events
        self.mends.update(decoded.mended)
        self.private += decoded.private

    def refuse(self, refusal: Refusal) -> None:
        """Count a refusal."""
        self.rejected += 1
        self.reasons[refusal.code] += 1

    def to_json(self) -> dict[str, Any]:
        """The summary as `detect --json` prints it."""
        return {
            "events": self.events,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "duplicates": self.duplicates,
            "private": self.private,
            "mended": self.mended,
            "late": self.late,
            "alerts": {outcome.value: self.alerts[outcome] for outcome in Outcome},
            "seconds": round(self.seconds, 3),
        }


@dataclass(slots=True)
class Outputs:
    """Where results go: open binary files."""

    alerts: BinaryIO
    rejected: BinaryIO | None = None
    evidence: BinaryIO | None = None


Watcher = Callable[[Summary, list[Revision]], None]


class Detection:
    """One source on its way through the engine.

    Parameters
    ----------
    decoder, runner
        What decodes its lines, and the engine.
    outputs
        Where alerts and refusals go.
    """

    def __init__(self, decoder: LineDecoder, runner: Runner, outputs: Outputs) -> None:
        self.summary = Summary()
        self._decoder, self._runner, self._outputs = decoder, runner, outputs
        self._verdicts: dict[str, Outcome] = {}
        self._began = monotonic()

    def push(self, lines: Lines) -> list[Revision]:
        """Take the next lines; the revisions that became due, which are written.

        Raises
        ------
        OutOfOrderError
            At the first event that is later than allowed.
        """
        decoded = self._decoder.decode(lines)
        self.summary.note(decoded)
        self._refuse(decoded.refusals)
        revisions = self._runner.push(decoded)
        late = self._runner.ingests[0].first_late
        if late is not None:
            raise OutOfOrderError(_out_of_order(late))
        return self._take(revisions)

    def end(self) -> list[Revision]:
        """The source has come to its end: the revisions that are still due, which are written."""
        return self._take(self._runner.end())

    def _refuse(self, refusals: Iterable[Refusal]) -> None:
        for refusal in refusals:
            self.summary.refuse(refusal)
            if self._outputs.rejected is not None:
                self._outputs.rejected.write(encode_refusal(refusal) + b"\n")

    def _take(self, revisions: list[Revision]) -> list[Revision]:
        self._refuse(self._runner.refusals())
        for revision in revisions:
            self._outputs.alerts.write(revision.body + b"\n")
            self._verdicts[revision.id] = revision.verdict
        if revisions:
            self._outputs.alerts.flush()
        if self._outputs.evidence is not None:
            for chunk in self._runner.evidence:
                self._outputs.evidence.write(chunk.body + b"\n")
        summary, ingest = self.summary, self._runner.ingests[0]
        summary.duplicates = self._runner.duplicates
        summary.accepted = ingest.accepted - summary.duplicates
        summary.late = ingest.late
        summary.alerts = Counter(self._verdicts.values())
        summary.seconds = monotonic() - self._began
        return revisions


def detect(
    chunks: Iterable[Lines],
    decoder: LineDecoder,
    runner: Runner,
    outputs: Outputs,
    *,
    watch: Watcher = lambda summary, revisions: None,
) -> Summary:
    """Run lines of one source, in order, through the engine to its end.

    Parameters
    ----------
    watch
        Called after every batch, and at the end, with the summary so far and the revisions that came.

    Raises
    ------
    OutOfOrderError
        At the first event that is later than allowed.
    """
    detection = Detection(decoder, runner, outputs)
    for lines in chunks:
        watch(detection.summary, detection.push(lines))
    watch(detection.summary, detection.end())
    return detection.summary


def _out_of_order(late: Late) -> str:
    seconds = (late.newest_ms - late.time_ms) / 1000
    return (
        f"{late.origin.source}, line {late.origin.line}: the event is {seconds:.0f} s older than one before it, more "
        "than the allowed lateness. Give --sort to put the events in order of time first, or raise "
        "BREAKWATER_ALLOWED_LATENESS_S."
    )


@contextmanager
def written(path: str) -> Iterator[BinaryIO]:
    """A file to write results to: `-` is standard output; a regular file appears only when everything went well."""
    if path == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(path)
    if target.exists() and not target.is_file():
        with target.open("wb") as file:
            yield file
        return
    partial = target.with_name(target.name + ".partial")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
