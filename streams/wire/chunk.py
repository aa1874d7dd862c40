"""Some lines on their way through the decoder: the fast path, what it cannot see, and the slow path for the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import msgspec
import numpy as np
import orjson

from streams.wire.columns import Bools, Columns, Ints, Pool, build
from streams.wire.decoded import locate
from streams.wire.mend import mend, parse_object
from streams.wire.nesting import split_array
from streams.wire.origin import Lines
from streams.wire.reject import Refusal, RefusedError
from streams.wire.schema import MAX_DEPTH, MAX_LINE_BYTES, Event

_SPACED_KEY: Final = re.compile(rb'"[ \t\r\n]+:')
_FAILURES: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

_parse: Final = msgspec.json.Decoder(Event | list[Event]).decode


@dataclass(slots=True)
class Chunk:
    """The events of the lines from `start` to before `stop`.

    Attributes
    ----------
    places
        Of each event taken its line, and its place in the line's array (-1: no array); None when every line is one
        event.
    slow
        What was mended in the events that came the slow path, by event; nothing is left to be found in these.
    columns
        The events in columns.
    refused
        What was not taken, each with its line and element.
    """

    lines: Lines
    start: int
    stop: int
    places: list[tuple[int, int]] | None = None
    slow: dict[int, frozenset[str]] = field(default_factory=dict)
    columns: Columns | None = None
    refused: list[tuple[int, int, Refusal]] = field(default_factory=list)
    arrays: dict[int, list[bytes]] = field(default_factory=dict)

    def decode(self, pool: Pool) -> None:
        """Fill the attributes; the strings go into `pool`."""
        values = self.lines.values[self.start : self.stop]
        events = self._first_pass(values)
        if not events:
            return
        self.columns = self._build(events, pool)
        suspects = set(np.flatnonzero(self.columns.wrong).tolist())
        suspects |= self._doubtful(values, self.columns.present)
        suspects -= self.slow.keys()
        if suspects:
            events = self._second_pass(events, suspects)
            self.columns = self._build(events, pool) if events else None

    def _build(self, events: list[Event], pool: Pool) -> Columns:
        return build(events, pool, [at for at, whats in self.slow.items() if whats])

    def _first_pass(self, values: list[bytes]) -> list[Event]:
        """Every line by the fast path, what fails by the slow one."""
        documents: list[Event | list[Event] | None] = []
        append = documents.append
        for value in values:
            try:
                append(_parse(value))
            except _FAILURES:
                append(None)
        oversized = max(map(len, values)) > MAX_LINE_BYTES
        if not oversized and set(map(type, documents)) == {Event}:
            return documents  # type: ignore[return-value]
        events: list[Event] = []
        places: list[tuple[int, int]] = []
        self.places = places
        for line, (value, document) in enumerate(zip(values, documents, strict=True), self.start):
            if len(value) > MAX_LINE_BYTES:
                self._take_slowly(events, places, line, -1)
            elif type(document) is Event:
                events.append(document)
                places.append((line, -1))
            elif type(document) is list and not self.lines.single:
                events += document
                places += [(line, element) for element in range(len(document))]
            else:
                elements = None if self.lines.single else split_array(value)
                if elements is None:
                    self._take_slowly(events, places, line, -1)
                    continue
                self.arrays[line] = elements
                for element in range(len(elements)):
                    self._take_slowly(events, places, line, element)
        return events

    def _second_pass(self, events: list[Event], suspects: set[int]) -> list[Event]:
        """The suspects by the slow path; returns what events there are then."""
        before = [self.place(at) for at in range(len(events))]
        slow = self.slow
        places: list[tuple[int, int]] = []
        self.places = places
        self.slow = {}
        left: list[Event] = []
        for at, (event, place) in enumerate(zip(events, before, strict=True)):
            if at in suspects:
                self._take_slowly(left, places, *place)
                continue
            if at in slow:
                self.slow[len(left)] = slow[at]
            left.append(event)
            places.append(place)
        return left

    def place(self, event: int) -> tuple[int, int]:
        """The line of an event, and its place in the line's array (-1: no array)."""
        return (self.start + event, -1) if self.places is None else self.places[event]

    def line_and_element(self) -> tuple[Ints, Ints]:
        """The places of all events as two columns."""
        if self.places is None:
            n = self.stop - self.start
            return np.arange(self.start, self.stop), np.full(n, -1)
        columns = np.array(self.places, np.int64).reshape(-1, 2)
        return columns[:, 0], columns[:, 1]

    def _raw(self, line: int, element: int) -> bytes:
        value = self.lines.values[line]
        if element < 0:
            return value
        if line not in self.arrays:
            self.arrays[line] = split_array(value) or []
        return self.arrays[line][element]

    def _take_slowly(self, events: list[Event], places: list[tuple[int, int]], line: int, element: int) -> None:
        """The event by the slow path, added to `events` and `places`, or refused."""
        raw = self._raw(line, element)
        try:
            event, mended = mend(raw)
        except RefusedError as reason:
            origin = locate(self.lines, line, element)
            self.refused.append((line, element, Refusal(reason.code, reason.message, origin, raw)))
            return
        self.slow[len(events)] = mended
        events.append(event)
        places.append((line, element))

    def _doubtful(self, values: list[bytes], present: Ints) -> set[int]:
        """Events that hold a key twice, nest too deeply, or hide what is not JSON in a field that is not read.

        A key that stands twice makes a line hold more `":` than its events have fields. So do unknown fields, and text
        that quotes JSON; only such lines are looked at one by one.
        """
        seen, spaced = _keys(values)
        line_of = self.line_and_element()[0] - self.start
        odd = seen != np.bincount(line_of, weights=present, minlength=len(values))
        for line in np.flatnonzero(spaced).tolist():
            spaced[line] = _SPACED_KEY.search(values[line]) is not None
        for line in np.flatnonzero(odd & ~spaced).tolist():
            odd[line] = not _has_single_keys(values[line], seen[line])
        doubtful = np.flatnonzero((odd | spaced)[line_of]).tolist()
        return {at for at in doubtful if at not in self.slow and not _is_sound(self._raw(*self.place(at)))}


def _keys(values: list[bytes]) -> tuple[Ints, Bools]:
    """How often `":` stands in each line, and which lines have white space before a colon."""
    joined = np.frombuffer(b"\n".join([b"", *values]), np.uint8)
    ends = np.cumsum(np.fromiter(map(len, values), np.int64, len(values)) + 1)
    colons = np.flatnonzero(joined == ord(":"))
    before = joined[colons - 1]
    seen = np.searchsorted(colons[before == ord('"')], ends)
    spaced = np.zeros(len(values), np.bool_)
    spaced[np.searchsorted(ends, colons[before <= ord(" ")])] = True
    return np.diff(seen, prepend=0), spaced


def _has_single_keys(line: bytes, seen: int) -> bool:
    """Whether the line is sound for certain, told by counting: each `":` seen in it ends a key that is still there."""
    if line.count(b"[") + line.count(b"{") > MAX_DEPTH:
        return False
    try:
        document = orjson.loads(line)
        keys = len(document) if isinstance(document, dict) else sum(map(len, document))
    except (orjson.JSONDecodeError, TypeError):
        return False
    return keys == seen


def _is_sound(raw: bytes) -> bool:
    try:
        parse_object(raw)
    except RefusedError:
        return False
    return True
