"""SNAP's temporal edges as events: `author target unix-seconds [RT|MT|RE]`, white space between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import xxhash

from graph.columns import CODE, OBJECT, Array, Batch, dtype_of, objects
from graph.events import EVENT_SCHEMA, EventType
from streams.wire.decoded import Decoded
from streams.wire.gather import Pool
from streams.wire.origin import Lines
from streams.wire.reject import Refusal, RefusedError
from streams.wire.schema import MAX_IDENTIFIER_BYTES, MAX_LINE_BYTES, MAX_TIME_MS, MIN_TIME_MS

_KINDS: Final = {"RT": int(EventType.SHARE), "MT": int(EventType.MENTION), "RE": int(EventType.REPLY)}
_PLAIN: Final = "RE"
"""An edge without a type is a reply."""
_BARE: Final = 3
_TYPED: Final = 4
"""Words in a line, without and with a type."""
_SECONDS_DIGITS: Final = 11
_GENERATION: Final = 1 << 17

_NEVER_BEFORE: Final = b"%b\0%d" % (b"", 0)
_END: Final = "\0"


class _Edges(NamedTuple):
    """Edges in columns, each with the position of its line."""

    authors: Sequence[str]
    targets: Sequence[str]
    seconds: Sequence[int]
    kinds: Sequence[str]
    line_of: Sequence[int]


class EdgeDecoder:
    """Decodes edges into the columns of events.

    RT is a share of the target's post, MT a mention, RE (or nothing) a reply. An event's id is the hash of its line
    and of how often that line came before, so it depends on the lines alone. How often is remembered for the last
    131,072 to 262,144 lines, whatever their times: in a file that is in the order of time equal lines stand within one
    second of it, and in one that is not the memory is bounded all the same. Lines that start with `#` are comments.

    Feed one decoder all lines of a source in their order; how they are cut into calls changes nothing.
    """

    def __init__(self) -> None:
        self._line = 0
        self._young: dict[bytes, int] = {}
        self._old: dict[bytes, int] = {}

    def decode(self, lines: Lines) -> Decoded:
        """Decode lines; refuses what is no edge and never raises for it."""
        values = lines.values
        earlier = self._count(values)
        refusals: list[Refusal] = []
        edges = _plain_edges(values) or _edges_one_by_one(lines, refusals)
        if any(earlier):
            hashed = [b"%b\0%d" % (values[at], earlier[at]) for at in edges.line_of]
        else:
            hashed = [values[at] + _NEVER_BEFORE for at in edges.line_of]
        batch = _batch(edges, list(map(xxhash.xxh3_64_hexdigest, hashed)))
        return Decoded(batch, len(hashed) + len(refusals), refusals, lines, np.array(edges.line_of, np.int64))

    def _count(self, values: list[bytes]) -> list[int]:
        """How often each line came before."""
        out: list[int] = []
        while len(out) < len(values):
            start = len(out)
            lines = values[start : start + _GENERATION - self._line % _GENERATION]
            young, old = self._young, self._old
            once = dict.fromkeys(lines, 1)
            if len(once) == len(lines) and young.keys().isdisjoint(once.keys()) and old.keys().isdisjoint(once.keys()):
                young |= once
                out += [0] * len(lines)
            else:
                for line in lines:
                    times = young.get(line)
                    if times is None:
                        times = old.get(line, 0)
                    young[line] = times + 1
                    out.append(times)
            self._line += len(lines)
            if not self._line % _GENERATION:
                self._young, self._old = {}, young
        return out


def edge_time(line: bytes) -> int | None:
    """The time of an edge, ms UTC; None for a comment or what is no edge."""
    try:
        edge = _edge(line)
    except RefusedError:
        return None
    return None if edge is None else edge[2] * 1_000


def _plain_edges(values: list[bytes]) -> _Edges | None:
    """The edges of lines among which nothing is wrong or out of the ordinary; None otherwise.

    All lines are split at once, with a mark of their own between them that shows whether all have the same width.
    """
    n = len(values)
    joined = b" \0 ".join(values)
    if not n or max(map(len, values)) > MAX_IDENTIFIER_BYTES or b"#" in joined or joined.count(b"\0") != n - 1:
        return None
    try:
        tokens = joined.decode().split()
    except UnicodeDecodeError:
        return None
    width = (len(tokens) + 1) // n - 1
    step = width + 1
    if width not in (_BARE, _TYPED) or len(tokens) + 1 != n * step or tokens[width::step] != [_END] * (n - 1):
        return None
    digits = tokens[2::step]
    kinds = tokens[_BARE::step] if width == _TYPED else [_PLAIN] * n
    together = "".join(digits)
    if max(map(len, digits)) > _SECONDS_DIGITS:
        return None
    if not (together.isascii() and together.isdigit() and set(kinds) <= _KINDS.keys()):
        return None
    seconds = list(map(int, digits))
    if not (min(seconds) * 1_000 >= MIN_TIME_MS and max(seconds) * 1_000 <= MAX_TIME_MS):
        return None
    return _Edges(tokens[0::step], tokens[1::step], seconds, kinds, range(n))


def _edges_one_by_one(lines: Lines, refusals: list[Refusal]) -> _Edges:
    edges = _Edges([], [], [], [], [])
    for at, line in enumerate(lines.values):
        try:
            edge = _edge(line)
        except RefusedError as reason:
            refusals.append(Refusal(reason.code, reason.message, lines.locate(at), line))
            continue
        if edge is not None:
            for column, value in zip(edges, (*edge, at), strict=True):
                column.append(value)  # type: ignore[attr-defined]
    return edges


def _edge(line: bytes) -> tuple[str, str, int, str] | None:
    """Author, target, seconds and type; None for a comment."""
    if len(line) > MAX_LINE_BYTES:
        raise RefusedError("too_large")
    if not line.strip():
        raise RefusedError("empty_line")
    if line.lstrip().startswith(b"#"):
        return None
    try:
        parts = line.decode().split()
    except UnicodeDecodeError:
        raise RefusedError("bad_edge", "The line is not UTF-8; write edges as UTF-8.") from None
    if len(parts) not in (_BARE, _TYPED):
        raise RefusedError("bad_edge")
    author, target, digits = parts[:_BARE]
    kind = parts[_BARE] if len(parts) > _BARE else _PLAIN
    if kind not in _KINDS or not (digits.isascii() and digits.isdigit()):
        raise RefusedError("bad_edge")
    if max(len(author.encode()), len(target.encode())) > MAX_IDENTIFIER_BYTES:
        raise RefusedError("bad_identifier")
    if len(digits) > _SECONDS_DIGITS or not MIN_TIME_MS <= int(digits) * 1_000 <= MAX_TIME_MS:
        message = "The time lies before 2000-01-01 or after 2100-01-01; write whole seconds since 1970."
        raise RefusedError("time_out_of_range", message)
    return author, target, int(digits), kind


def _batch(edges: _Edges, ids: list[str]) -> Batch:
    n = len(ids)
    pool = Pool()
    columns: dict[str, Array] = {
        "time": np.array(edges.seconds, np.int64) * 1_000,
        "type": np.frombuffer(bytearray(map(_KINDS.__getitem__, edges.kinds)), np.uint8),
        "author": pool.codes(edges.authors),
        "target": pool.codes(edges.targets),
        "id": objects(ids),
    }
    for name, kind in EVENT_SCHEMA.items():
        if name not in columns:
            columns[name] = np.full(n, _absent(name, kind), dtype_of(kind))
    pool.fill()
    return Batch(EVENT_SCHEMA, {name: columns[name] for name in EVENT_SCHEMA}, pool.strings)


def _absent(name: str, kind: str) -> int | None:
    if kind == OBJECT:
        return None
    return -1 if kind == CODE or name in _NOT_GIVEN else 0


_NOT_GIVEN: Final = frozenset({"views", "created", "followers", "target_followers"})
