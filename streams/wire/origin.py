"""Lines on their way to a decoder, and where each of them stood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from streams.wire.nesting import is_one_document


class Origin(NamedTuple):
    """Where something stood.

    Attributes
    ----------
    source
        A file's name, `-`, or a topic and partition.
    line
        Line of the file, from 1; of a partition, the message's offset.
    element
        Position in the line's JSON array, or the line's position in its message, from 0; None if it has none.
    """

    source: str
    line: int
    element: int | None = None


@dataclass(slots=True, frozen=True)
class Lines:
    """Some lines of one source, without their line ends.

    Attributes
    ----------
    values
        The lines' bytes.
    locate
        Gives the origin of the line at a position in `values`; asked only when somebody needs it.
    single
        Every line is one event, or an element that was cut out of an array; an array is refused.
    """

    values: list[bytes]
    locate: Callable[[int], Origin]
    single: bool = False

    @classmethod
    def numbered(cls, values: list[bytes], source: str = "-", first: int = 1) -> Lines:
        """Consecutive lines of a file, the first of them numbered `first`."""
        return cls(values, lambda index: Origin(source, first + index))

    @classmethod
    def located(cls, values: list[bytes], origins: list[Origin], *, single: bool = False) -> Lines:
        """Lines from anywhere, each with its origin."""
        return cls(values, origins.__getitem__, single)


_LINE_ENDS: Final = b"\r\n"


def from_messages(values: list[bytes | None], source: str, offsets: list[int]) -> Lines:
    """Messages as lines: one JSON document a message, pretty-printed or not, or NDJSON.

    Parameters
    ----------
    values
        The messages' values; None (a message without value) counts as an empty line.
    source
        What the origins call the partition.
    offsets
        The messages' offsets, one for each value.
    """
    lines: list[bytes] = []
    origins: list[Origin] = []
    for value, offset in zip(values, offsets, strict=True):
        body = (value or b"").rstrip(_LINE_ENDS)
        if b"\n" not in body or is_one_document(body):
            lines.append(body)
            origins.append(Origin(source, offset))
            continue
        for position, line in enumerate(body.split(b"\n")):
            lines.append(line.rstrip(_LINE_ENDS))
            origins.append(Origin(source, offset, position))
    return Lines.located(lines, origins)
