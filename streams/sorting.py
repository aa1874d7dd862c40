"""An external sort: lines that are out of order, by event time, in bounded memory."""

from __future__ import annotations

import heapq
import struct
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from typing import IO, Annotated, Final

import msgspec

from streams.sources import BATCH_SIZE, SourceError
from streams.wire.edges import edge_time
from streams.wire.mend import read_time
from streams.wire.nesting import split_array
from streams.wire.origin import Lines, Origin
from streams.wire.times import BAD_TIME, parse_times

MEMORY_BYTES: Final = 64 << 20
_OVERHEAD: Final = 300
"""About what a line in memory takes beside its bytes."""
_FAN_IN: Final = 128
_BUFFER: Final = 64 << 10
_HEAD: Final = struct.Struct("<qqqqqI")
_FARTHEST: Final = 2**62

TimesOf = Callable[[Sequence[bytes]], list[int]]
"""Event times, ms UTC, of lines or of elements of arrays; `BAD_TIME` where there is none."""

_Record = tuple[int, int, int, int, int, bytes]
"""Time, place in the input, source, line, element, bytes."""


class _Timed(msgspec.Struct, gc=False):
    time: Annotated[int, msgspec.Meta(gt=-_FARTHEST, lt=_FARTHEST)] | str


_parse: Final = msgspec.json.Decoder(_Timed).decode


def event_times(values: Sequence[bytes]) -> list[int]:
    """Times of events, whatever else is wrong with them."""
    found: list[int | str | None] = []
    for value in values:
        try:
            found.append(_parse(value).time)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            time_ms = read_time(value)
            found.append(BAD_TIME if time_ms is None else time_ms)
    times: list[int] = parse_times(found).tolist()
    return times


def edge_times(values: Sequence[bytes]) -> list[int]:
    """Times of edges; comments have none."""
    times = map(edge_time, values)
    return [BAD_TIME if time_ms is None else time_ms for time_ms in times]


def sort_lines(
    chunks: Iterable[Lines],
    times_of: TimesOf = event_times,
    *,
    batch_size: int = BATCH_SIZE,
    memory_bytes: int = MEMORY_BYTES,
    directory: str | None = None,
) -> Iterator[Lines]:
    """All lines in the order of their event times, equal ones in the order of the input.

    Arrays are taken apart, so that their elements can go to their places; every line keeps its origin. Lines without a
    time that can be read come first, to be refused there.

    Parameters
    ----------
    chunks
        The lines.
    times_of
        `event_times` or `edge_times`.
    batch_size
        Lines handed on at a time, at most.
    memory_bytes
        About how much to keep in memory; what is beyond goes to temporary files in sorted runs, which are merged.
    directory
        Where the temporary files are made; None for the system's place.

    Raises
    ------
    SourceError
        If there is no room for the temporary files.
    """
    with ExitStack() as stack:
        sources: dict[str, int] = {}
        runs: list[IO[bytes]] = []
        records: list[_Record] = []
        size = 0
        try:
            for record in _records(chunks, times_of, sources):
                records.append(record)
                size += len(record[-1]) + _OVERHEAD
                if size >= memory_bytes:
                    runs.append(_spill(sorted(records), stack, directory))
                    records, size = [], 0
                if len(runs) == _FAN_IN:
                    runs = [_spill(heapq.merge(*map(_read, runs)), stack, directory)]
            records.sort()
            merged = heapq.merge(*map(_read, runs), records)
            names = list(sources)
            while batch := list(islice(merged, batch_size)):
                origins = [Origin(names[at], line, None if part < 0 else part) for _, _, at, line, part, _ in batch]
                yield Lines.located([record[-1] for record in batch], origins, single=times_of is event_times)
        except OSError as error:
            where = directory or tempfile.gettempdir()
            message = (
                f"Sorting needs room for temporary files in {where} ({error.strerror}); set TMPDIR to another place."
            )
            raise SourceError(message) from error


def _records(chunks: Iterable[Lines], times_of: TimesOf, sources: dict[str, int]) -> Iterator[_Record]:
    place = 0
    for chunk in chunks:
        values: list[bytes] = []
        origins: list[Origin] = []
        for at, value in enumerate(chunk.values):
            origin = chunk.locate(at)
            elements = split_array(value) if times_of is event_times and value.lstrip().startswith(b"[") else None
            if elements is None:
                values.append(value)
                origins.append(origin)
                continue
            values += elements
            origins += [origin._replace(element=element) for element in range(len(elements))]
        for time_ms, origin, value in zip(times_of(values), origins, values, strict=True):
            source = sources.setdefault(origin.source, len(sources))
            element = -1 if origin.element is None else origin.element
            yield time_ms, place, source, origin.line, element, value
            place += 1


def _spill(records: Iterable[_Record], stack: ExitStack, directory: str | None) -> IO[bytes]:
    """A sorted run in a temporary file that vanishes when it is closed."""
    file: IO[bytes] = stack.enter_context(tempfile.TemporaryFile(buffering=_BUFFER, dir=directory))  # noqa: SIM115
    for *numbers, value in records:
        file.write(_HEAD.pack(*numbers, len(value)))
        file.write(value)
    file.seek(0)
    return file


def _read(file: IO[bytes]) -> Iterator[_Record]:
    with file:
        while head := file.read(_HEAD.size):
            time_ms, place, source, line, element, size = _HEAD.unpack(head)
            yield time_ms, place, source, line, element, file.read(size)
