"""The rows of a frame as bytes, and back: columns as NumPy holds them, strings as MessagePack, all of it compressed.

Columns of numbers stand little-endian one after the other, the widest first so that each is aligned.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from types import NoneType
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from xxhash import xxh3_64_intdigest
from zstandard import ZstdCompressor, ZstdDecompressor, ZstdError, get_frame_parameters

from graph.columns import CODE, OBJECT, Array, Batch, Schema, dtype_of, objects
from graph.events import EVENT_SCHEMA
from graph.interactions import INTERACTION_SCHEMA
from streams.frames import compact
from streams.wire.framing.header import SIZE, FrameError, Header, damaged, release

MOST_RAW_BYTES: Final = 1 << 26
"""The most that a body may take before it is compressed."""
PLAIN: Final = 0
ZSTD: Final = 1
_WORTH_IT_BYTES: Final = 256
_LEVEL: Final = 1
_CODE: Final = dtype_of(CODE).newbyteorder("<")
_TYPES: Final = frozenset({str, NoneType, tuple})

_Value = str | tuple[str, ...] | None
_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(tuple[bytearray, list[str], list[list[_Value]]])


class _Zstd(threading.local):
    """Of each thread its own: a compressor must not be used by two at once."""

    def __init__(self) -> None:
        self.compressor = ZstdCompressor(level=_LEVEL)
        self.decompressor = ZstdDecompressor()


_zstd: Final = _Zstd()


class _Layout(NamedTuple):
    """How the columns of a schema stand in a body: numbers with their types, then objects.

    The codes stand together, after numbers that take `wide_bytes` a row.
    """

    schema: Schema
    fingerprint: int
    numbers: list[tuple[str, np.dtype[Any]]]
    codes: int
    objects: list[str]
    row_bytes: int
    wide_bytes: int


def _lay_out(schema: Schema) -> _Layout:
    text = "\n".join(f"{name} {kind}" for name, kind in schema.items())
    numbers = [(name, dtype_of(kind).newbyteorder("<")) for name, kind in schema.items() if kind != OBJECT]
    numbers.sort(key=lambda column: (-column[1].itemsize, schema[column[0]] != CODE))
    return _Layout(
        schema=schema,
        fingerprint=xxh3_64_intdigest(text.encode()),
        numbers=numbers,
        codes=list(schema.values()).count(CODE),
        objects=[name for name, kind in schema.items() if kind == OBJECT],
        row_bytes=sum(dtype.itemsize for _, dtype in numbers),
        wide_bytes=sum(dtype.itemsize for _, dtype in numbers if dtype.itemsize > _CODE.itemsize),
    )


_LAYOUTS: Final = [_lay_out(schema) for schema in (EVENT_SCHEMA, INTERACTION_SCHEMA)]
_BY_FINGERPRINT: Final = {layout.fingerprint: layout for layout in _LAYOUTS}


def fingerprint(schema: Schema) -> int:
    """The number that stands for a schema in headers; `ValueError` if rows of it do not travel."""
    return _layout(schema).fingerprint


def pack(batch: Batch) -> tuple[int, int, bytes]:
    """Rows as bytes: the codec, the size before compression, the body.

    A body of more than `MOST_RAW_BYTES` comes plain, and must be cut.
    """
    layout, batch = _layout(batch.schema), compact(batch)
    columns = b"".join([np.ascontiguousarray(batch[name], dtype).data for name, dtype in layout.numbers])
    values = [_values(batch, name) for name in layout.objects]
    raw = _encoder.encode((columns, batch.pool, values))
    if _WORTH_IT_BYTES <= len(raw) <= MOST_RAW_BYTES:
        body = _zstd.compressor.compress(raw)
        if len(body) < len(raw):
            return ZSTD, len(raw), body
    return PLAIN, len(raw), raw


def verify(header: Header, message: bytes) -> None:
    """Make sure that this program can read the body of a message, and that it is the one that was written.

    Raises
    ------
    FrameError
        If it is not.
    """
    if header.schema not in _BY_FINGERPRINT:
        raise FrameError(
            f"A frame written by Breakwater {header.release} has other columns than this Breakwater, {release()}, knows. "
            f"Run release {header.release} until the topic is read to its end."
        )
    if xxh3_64_intdigest(memoryview(message)[SIZE:]) != header.digest:
        raise damaged(header.release, "its rows are not what was written")


def unpack(header: Header, message: bytes) -> Batch:
    """The rows of a message.

    Raises
    ------
    FrameError
        If they cannot be read.
    """
    verify(header, message)
    layout = _BY_FINGERPRINT[header.schema]
    try:
        raw = _decompress(header, memoryview(message)[SIZE:])
        columns, pool, values = _decoder.decode(raw)
    except (ZstdError, ValueError) as error:
        raise damaged(header.release, "its rows cannot be read") from error
    rows = header.rows
    if len(columns) != rows * layout.row_bytes or [len(column) for column in values] != [rows] * len(layout.objects):
        raise damaged(header.release, f"it has not the {rows} rows that it should have")
    found: dict[str, Array] = {}
    start = 0
    for name, dtype in layout.numbers:
        found[name] = np.frombuffer(columns, dtype, rows, start)
        start += rows * dtype.itemsize
    codes = np.frombuffer(columns, _CODE, rows * layout.codes, rows * layout.wide_bytes)
    if rows and (codes.min() < -1 or codes.max() >= len(pool)):
        raise damaged(header.release, "a string of it is missing")
    found |= {name: objects(column) for name, column in zip(layout.objects, values, strict=True)}
    return Batch(layout.schema, {name: found[name] for name in layout.schema}, pool)


def _layout(schema: Schema) -> _Layout:
    for layout in _LAYOUTS:
        if schema is layout.schema or schema == layout.schema:
            return layout
    raise ValueError(f"Rows with the columns {', '.join(schema) or '(none)'} do not travel between stages.")


def _values(batch: Batch, name: str) -> Sequence[_Value]:
    values: list[_Value] = batch[name].tolist()
    strange = set(map(type, values)) - _TYPES
    if strange:
        raise TypeError(f"The column {name} holds {strange.pop().__name__}, which does not travel between stages.")
    return values


def _decompress(header: Header, body: memoryview) -> bytes | memoryview:
    if header.codec == PLAIN:
        return body
    if header.codec != ZSTD:
        raise ValueError(header.codec)
    if header.raw_bytes > MOST_RAW_BYTES or get_frame_parameters(body).content_size != header.raw_bytes:
        raise ValueError(header.raw_bytes)
    return _zstd.decompressor.decompress(body)
