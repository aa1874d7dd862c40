"""A frame as messages: one, or several parts when it is larger than a message may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from xxhash import xxh3_64_intdigest

from graph.columns import Batch
from streams.frames import Frame
from streams.wire.framing.body import MOST_RAW_BYTES, fingerprint, pack
from streams.wire.framing.header import SIZE, FrameError, Header, group_of, release

_SPARE: Final = 1.1
"""How much smaller parts are cut than would do if all rows were alike."""


class _Piece(NamedTuple):
    batch: Batch
    codec: int
    raw_bytes: int
    body: bytes


def encode(frame: Frame, limit: int) -> list[bytes]:
    """A frame as messages of at most `limit` bytes, its rows in their order; always the same for the same frame.

    Raises
    ------
    FrameError
        If a single row does not fit.
    """
    schema = fingerprint(frame.batch.schema)
    pieces = list(_cut(frame.batch, limit - SIZE))
    headers = [_header(frame, schema, piece, number, len(pieces)) for number, piece in enumerate(pieces)]
    group = group_of(headers)
    return [header._replace(group=group).pack() + piece.body for header, piece in zip(headers, pieces, strict=True)]


def _cut(batch: Batch, room: int) -> Iterator[_Piece]:
    codec, raw_bytes, body = pack(batch)
    if len(body) <= room and raw_bytes <= MOST_RAW_BYTES:
        yield _Piece(batch, codec, raw_bytes, body)
        return
    rows = len(batch)
    if rows < 2 or room <= 0:
        raise FrameError(
            f"A frame of {rows} {'row' if rows == 1 else 'rows'} takes {len(body) + SIZE} bytes, and a message may have "
            f"{room + SIZE}; raise BREAKWATER_KAFKA__MAX_MESSAGE_BYTES, and max.message.bytes of the topics with it."
        )
    excess = max(len(body) / room, raw_bytes / MOST_RAW_BYTES)
    count = min(rows, 1 + int(excess * _SPARE))
    for number in range(count):
        yield from _cut(batch.take(slice(rows * number // count, rows * (number + 1) // count)), room)


def _header(frame: Frame, schema: int, piece: _Piece, number: int, parts: int) -> Header:
    tick = piece.batch["tick"]
    return Header(
        release=release(),
        schema=schema,
        source=frame.source,
        mark_tick=frame.mark_tick,
        begin_ms=frame.begin_ms,
        newest_ms=frame.newest_ms,
        rows=len(tick),
        least_tick=int(tick.min()) if len(tick) else -1,
        greatest_tick=int(tick.max()) if len(tick) else -1,
        part=number,
        parts=parts,
        codec=piece.codec,
        raw_bytes=piece.raw_bytes,
        digest=xxh3_64_intdigest(piece.body),
        group=0,
    )
