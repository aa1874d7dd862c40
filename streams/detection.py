"""Detection over files: lines in, alerts and refusals out, and a summary of both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO, Protocol

import sys

from alerts.alert import Revision
from detectors.verdict import Outcome
from streams.ingest import Late
from streams.runner import Runner
from streams.wire import Decoded, Lines, encode_refusal


class OutOfOrderError(Exception):
    """A file is out of order by more than the allowed lateness."""


class LineDecoder(Protocol):
    """What turns lines into events."""

    def decode(self, lines: Lines) -> Decoded:
        """The events of some lines, and what was wrong with the others."""
        ...


@dataclass(slots=True)
class Summary:
    """What went in and what came out, in numbers."""

    events: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicates: int = 0
    mended: int = 0
    late: int = 0
    private: int = 0
    alerts: Counter[Outcome] = field(default_factory=Counter)
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The summary as `detect --json` prints it."""
        return {
            "events": self.events,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "duplicates": self.duplicates,
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


def detect(
    chunks: Iterable[Lines],
    decoder: LineDecoder,
    runner: Runner,
    outputs: Outputs,
    *,
    watch: Callable[[Summary, list[Revision]], None] = lambda summary, revisions: None,
) -> Summary:
    """Run lines of one source, in order, through the engine to its end.

    Parameters
    ----------
    watch
        Called after every batch with the summary so far and the revisions that came.

    Raises
    ------
    OutOfOrderError
        At the first event that is later than allowed.
    """
    summary = Summary()
    verdicts: dict[str, Outcome] = {}
    began = monotonic()

    def take(revisions: list[Revision]) -> None:
        for refusal in runner.refusals():
            summary.rejected += 1
            if outputs.rejected is not None:
                outputs.rejected.write(encode_refusal(refusal) + b"\n")
        for revision in revisions:
            outputs.alerts.write(revision.body + b"\n")
            verdicts[revision.id] = revision.verdict
        summary.accepted = sum(ingest.accepted for ingest in runner.ingests) - runner.duplicates
        summary.late = sum(ingest.late for ingest in runner.ingests)
        summary.duplicates = runner.duplicates
        summary.alerts = Counter(verdicts.values())
        summary.seconds = monotonic() - began
        watch(summary, revisions)

    for lines in chunks:
        decoded = decoder.decode(lines)
        summary.events += decoded.events
        summary.rejected += len(decoded.refusals)
        summary.mended += decoded.mended_events
        summary.private += decoded.private
        if outputs.rejected is not None:
            for refusal in decoded.refusals:
                outputs.rejected.write(encode_refusal(refusal) + b"\n")
        revisions = runner.push(decoded)
        late = runner.ingests[0].first_late
        if late is not None:
            raise OutOfOrderError(_out_of_order(late))
        take(revisions)
    take(runner.end())
    return summary


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
