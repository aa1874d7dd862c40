"""What of a sample would be rejected or mended, and why: the checks of detection without the detection."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from graph.events import Flag
from streams.detection import LineDecoder
from streams.ingest import Ingest, Late
from streams.settings import Settings
from streams.wire import REASONS, Decoded, Lines, Origin, Refusal, mend_sentence
from streams.wire.mend import mend

PLACES: Final = 3
"""How many places are named for each finding."""


@dataclass(slots=True)
class Finding:
    """One thing that is wrong, as often as it is.

    Attributes
    ----------
    sentence
        What it means and what to do; of a refusal, as it is said of the first event.
    places
        Where the first few stood.
    """

    sentence: str
    count: int = 0
    places: list[Origin] = field(default_factory=list)

    def note(self, origin: Origin) -> None:
        """One more, which stood there."""
        if len(self.places) < PLACES:
            self.places.append(origin)

    def to_json(self) -> dict[str, Any]:
        """The finding in plain values."""
        return {
            "count": self.count,
            "message": self.sentence,
            "places": [{"line": one.line, "element": one.element} for one in self.places],
        }


@dataclass(slots=True)
class Report:
    """What a sample is like.

    Attributes
    ----------
    taken
        Events that would be taken, repeated ones included.
    rejected, mended
        Findings by reason code, and by what was mended.
    late, first_late
        Events older than the allowed lateness permits, and the first of them.
    """

    events: int = 0
    taken: int = 0
    private: int = 0
    mended_events: int = 0
    rejected: dict[str, Finding] = field(default_factory=dict)
    mended: dict[str, Finding] = field(default_factory=dict)
    late: int = 0
    first_late: Late | None = None

    @property
    def refused(self) -> int:
        """How many events would be rejected."""
        return sum(finding.count for finding in self.rejected.values())

    @property
    def good(self) -> bool:
        """Whether nothing would be rejected, and `detect` would read it without sorting."""
        return not self.refused and not self.late

    def to_json(self) -> dict[str, Any]:
        """The whole report in plain values."""
        return {
            "events": self.events,
            "accepted": self.taken,
            "rejected": self.refused,
            "mended": self.mended_events,
            "private": self.private,
            "late": self.late,
            "rejected_by_reason": {code: finding.to_json() for code, finding in self.rejected.items()},
            "mended_by_what": {what: finding.to_json() for what, finding in self.mended.items()},
        }


def validate(chunks: Iterable[Lines], decoder: LineDecoder, settings: Settings) -> Report:
    """Check lines of one source, in order."""
    report = Report()
    ingest = Ingest(allowed_lateness_ms=1000 * settings.allowed_lateness_s, future_ms=1000 * settings.future_s)
    for lines in chunks:
        decoded = decoder.decode(lines)
        report.events += decoded.events
        report.private += decoded.private
        report.mended_events += decoded.mended_events
        _note_refusals(report, decoded.refusals)
        _note_mends(report, decoded)
        ingest.push(decoded)
    ingest.end()
    _note_refusals(report, ingest.refused)
    report.taken, report.late, report.first_late = ingest.accepted, ingest.late, ingest.first_late
    return report


def _note_refusals(report: Report, refusals: Iterable[Refusal]) -> None:
    for refusal in refusals:
        finding = report.rejected.setdefault(refusal.code, Finding(REASONS[refusal.code]))
        finding.count += 1
        finding.note(refusal.origin)


def _note_mends(report: Report, decoded: Decoded) -> None:
    for what, count in decoded.mended.items():
        report.mended.setdefault(what, Finding(mend_sentence(what))).count += count
    wanting = {what for what in decoded.mended if len(report.mended[what].places) < PLACES}
    mended = (decoded.batch["flags"] & Flag.MENDED > 0) & (decoded.batch["part"] == 0)
    for row in np.flatnonzero(mended).tolist():
        if not wanting:
            return
        for what in mend(decoded.raw_of(row))[1] & wanting:
            report.mended[what].note(decoded.origin_of(row))
            if len(report.mended[what].places) == PLACES:
                wanting.discard(what)
