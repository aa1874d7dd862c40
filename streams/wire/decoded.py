"""What comes out of a decoder."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from graph.columns import Batch
from streams.wire.gather import Ints
from streams.wire.nesting import split_array
from streams.wire.origin import Lines, Origin
from streams.wire.reject import Refusal


@dataclass(slots=True)
class Decoded:
    """The events of some lines.

    Attributes
    ----------
    batch
        The rows of the events taken, with `graph.events.EVENT_SCHEMA`, in the order of the input; `tick` is 0.
    events
        Events seen: taken, refused and private ones.
    refusals
        What was not taken, in the order of the input.
    lines
        The lines decoded.
    line_of, element_of
        Of each event taken, the position of its line in `lines` and its place in the line's array (-1, or no array at
        all: it is the whole line).
    event_of_row
        The event of each row; None when every event is one row.
    mended
        In how many events each thing was mended (keys of `MENDS`, or names of fields that were left out).
    mended_events
        Events taken in which anything was mended.
    private
        Private events, which are dropped.
    """

    batch: Batch
    events: int
    refusals: list[Refusal]
    lines: Lines
    line_of: Ints
    element_of: Ints | None = None
    event_of_row: Ints | None = None
    mended: Counter[str] = field(default_factory=Counter)
    mended_events: int = 0
    private: int = 0

    @property
    def taken(self) -> int:
        """Events in the batch."""
        return len(self.line_of)

    def origin_of(self, row: int) -> Origin:
        """Where the event of this row stood."""
        line, element = self._place(row)
        return locate(self.lines, line, element)

    def raw_of(self, row: int) -> bytes:
        """The bytes of this row's event as they came."""
        line, element = self._place(row)
        raw = self.lines.values[line]
        elements = split_array(raw) if element >= 0 else None
        return raw if elements is None else elements[element]

    def _place(self, row: int) -> tuple[int, int]:
        event = row if self.event_of_row is None else int(self.event_of_row[row])
        return int(self.line_of[event]), -1 if self.element_of is None else int(self.element_of[event])


def locate(lines: Lines, line: int, element: int) -> Origin:
    """The origin of a line, or of an element of the array that it is (`element` is -1 for the line itself)."""
    origin = lines.locate(line)
    return origin if element < 0 or origin.element is not None else origin._replace(element=element)
