"""Some lines on their way through the decoder: the fast path, what it cannot see, and the slow path for the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import msgspec
import numpy as np
import orjson
from numpy.typing import NDArray

from streams.wire.decoded import locate
from streams.wire.gather import Ints, Part, Pool, gather
from streams.wire.mend import mend, parse_object
from streams.wire.nesting import split_array
from streams.wire.origin import Lines
from streams.wire.reject import Refusal, RefusedError
from streams.wire.schema import MAX_DEPTH, MAX_LINE_BYTES, Event

_SPACED_KEY: Final = re.compile(rb'"[ \t\r\n]+:')
_FEW: Final = 64
_FAILURES: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

_parse: Final = msgspec.json.Decoder(Event).decode
_parse_any: Final = msgspec.json.Decoder(Event | list[Event]).decode


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
    part
        The events taken apart; None if there are none.
    refused
        What was not taken, each with its line and element.
    """

    lines: Lines
    start: int
    stop: int
    places: list[tuple[int, int]] | None = None
    slow: dict[int, frozenset[str]] = field(default_factory=dict)
    part: Part | None = None
    refused: list[tuple[int, int, Refusal]] = field(default_factory=list)
    arrays: dict[int, list[bytes]] = field(default_factory=dict)

    def decode(self, pool: Pool) -> None:
        """Fill the attributes; the strings go into `pool`."""
        values = self.lines.values[self.start : self.stop]
        joined = b"\n".join(values)
        events = self._first_pass(values, len(joined))
        if not events:
            return
        self.part = gather(events, pool)
        suspects = set(self.part.wrong().tolist())
        if not _has_keys(joined, self.part.given):
            suspects |= self._doubtful(values, self.part.given_by_event())
        suspects -= self.slow.keys()
        if suspects:
            events = self._second_pass(events, suspects)
            self.part = gather(events, pool) if events else None

    def _first_pass(self, values: list[bytes], size: int) -> list[Event]:
        """Every line by the fast path, what fails by the slow one."""
        if size <= MAX_LINE_BYTES:
            try:
                return list(map(_parse, values))
            except _FAILURES:
                pass
        events: list[Event] = []
        places: list[tuple[int, int]] = []
        self.places = places
        for line, value in enumerate(values, self.start):
            if len(value) > MAX_LINE_BYTES:
                self._take_slowly(events, places, line, -1)
                continue
            try:
                document = _parse_any(value)
            except _FAILURES:
                document = None
            if type(document) is Event:
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
            return np.arange(self.start, self.stop), np.full(self.stop - self.start, -1)
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

    def _doubtful(self, values: list[bytes], given: Ints) -> set[int]:
        """Events that hold a key twice, nest too deeply, or hide what is not JSON in a field that is not read.

        A key that stands twice makes a line hold more `":` than its events have fields. So do unknown fields, and text
        that quotes JSON; only such lines are looked at one by one.
        """
        seen, spaced = _keys(values)
        line_of = self.line_and_element()[0] - self.start
        odd = seen != np.bincount(line_of, weights=given, minlength=len(values))
        for line in np.flatnonzero(spaced).tolist():
            spaced[line] = _SPACED_KEY.search(values[line]) is not None
        for line in np.flatnonzero(odd & ~spaced).tolist():
            odd[line] = not _has_single_keys(values[line], seen[line])
        doubtful = np.flatnonzero((odd | spaced)[line_of]).tolist()
        return {at for at in doubtful if at not in self.slow and not _is_sound(self._raw(*self.place(at)))}


def _has_keys(joined: bytes, given: int) -> bool:
    """Whether these lines hold so many keys, none of them with white space before its colon."""
    text = np.frombuffer(joined, np.uint8)
    colon, before = text[1:] == ord(":"), text[:-1]
    if np.count_nonzero(colon & (before == ord('"'))) != given:
        return False
    spaced = np.flatnonzero(colon & (before <= ord(" ")))
    return len(spaced) <= _FEW and not any(_ends_string(joined, at) for at in spaced.tolist())


def _ends_string(joined: bytes, last: int) -> bool:
    """Whether a quote stands before the white space that ends here, or might."""
    head = joined[max(0, last - _FEW) : last + 1].rstrip()
    return not head or head.endswith(b'"')


def _keys(values: list[bytes]) -> tuple[Ints, NDArray[np.bool_]]:
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
