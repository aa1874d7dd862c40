"""Lines on their way to source topics: where each goes, and how many of them make a message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import msgspec

from streams.kafka.names import Source
from streams.partition import partition_of
from streams.wire.nesting import split_array
from streams.wire.schema import MAX_IDENTIFIER_BYTES

_REMEMBERED: Final = 100_000


class _Head(msgspec.Struct):
    type: str
    author: str


_head: Final = msgspec.json.Decoder(_Head).decode
_FAILURES: Final = (msgspec.MsgspecError, UnicodeError, RecursionError)


class Message(NamedTuple):
    """One message of a source topic, and how many events it holds."""

    source: Source
    key: bytes | None
    value: bytes
    events: int


class Piece(NamedTuple):
    """One event as it stands in a line, and where it goes.

    Attributes
    ----------
    source : where it goes
    author : the key of its partition; None where that cannot be read
    value : its bytes
    whole : whether it may stand in an array with others; what is broken could break them too
    """

    source: Source
    author: str | None
    value: bytes
    whole: bool


class Router:
    """Says where events go: each type to its topic, and each author always to the same partition of it.

    What cannot be read goes to the first partition of the first source, whose reader refuses it.

    Parameters
    ----------
    destinations
        The topic of each event type.
    first
        The topic of whatever has no type of these.
    partitions
        How many partitions each topic has.
    """

    def __init__(self, destinations: Mapping[str, str], first: str, partitions: Mapping[str, int]) -> None:
        self._destinations, self._first, self._partitions = destinations, first, partitions
        self._sources: dict[tuple[str, str], Source] = {}

    def pieces(self, line: bytes) -> Iterator[Piece]:
        """The events of a line: itself, or the elements of its array."""
        try:
            head = _head(line)
        except _FAILURES:
            yield from self._odd_pieces(line)
        else:
            yield Piece(self._source(head), head.author, line, whole=True)

    def _odd_pieces(self, line: bytes) -> Iterator[Piece]:
        elements = split_array(line)
        if elements is None:
            yield Piece(Source(self._first, 0), None, line, whole=False)
            return
        for element in elements:
            try:
                head = _head(element)
            except _FAILURES:
                # Without its brackets an array in the array would be taken for events.
                value = b"[" + element + b"]" if element.startswith(b"[") else element
                yield Piece(Source(self._first, 0), None, value, whole=False)
            else:
                yield Piece(self._source(head), head.author, element, whole=True)

    def _source(self, head: _Head) -> Source:
        known = self._sources.get((head.type, head.author))
        if known is None:
            topic = self._destinations.get(head.type, self._first)
            known = Source(topic, _partition(head.author, self._partitions[topic]))
            if len(self._sources) >= _REMEMBERED:
                self._sources.clear()
            self._sources[head.type, head.author] = known
        return known


def _partition(author: str, partitions: int) -> int:
    """The partition of an author; 0 for one that is no identifier."""
    return partition_of(author, partitions) if 0 < len(author) <= MAX_IDENTIFIER_BYTES else 0


@dataclass(slots=True)
class _Array:
    """Events of one partition that wait to be a message together."""

    values: list[bytes] = field(default_factory=list)
    bytes: int = 1


class Packer:
    """Makes messages of events, in each partition in the order in which they come.

    Parameters
    ----------
    batch
        Events in a message, at most; several stand in a JSON array.
    limit
        Bytes in a message, at most. Who hands in an event looks that it is not larger.
    """

    def __init__(self, batch: int, limit: int) -> None:
        self._batch, self._limit = batch, limit
        self._arrays: dict[Source, _Array] = {}

    def add(self, piece: Piece) -> Iterator[Message]:
        """Take an event; the messages that are complete by that."""
        if self._batch == 1:
            yield Message(piece.source, _key(piece.author), piece.value, 1)
            return
        array = self._arrays.setdefault(piece.source, _Array())
        if array.values and (not piece.whole or array.bytes + len(piece.value) + 1 > self._limit):
            yield self._complete(piece.source)
            array = self._arrays.setdefault(piece.source, _Array())
        if not piece.whole:
            yield Message(piece.source, None, piece.value, 1)
            return
        array.values.append(piece.value)
        array.bytes += len(piece.value) + 1
        if len(array.values) == self._batch:
            yield self._complete(piece.source)

    def rest(self) -> Iterator[Message]:
        """The messages of what still waits."""
        for source in [source for source, array in self._arrays.items() if array.values]:
            yield self._complete(source)

    def _complete(self, source: Source) -> Message:
        values = self._arrays.pop(source).values
        value = values[0] if len(values) == 1 else b"[" + b",".join(values) + b"]"
        return Message(source, None, value, len(values))


def _key(author: str | None) -> bytes | None:
    return author.encode() if author and len(author) <= MAX_IDENTIFIER_BYTES else None
