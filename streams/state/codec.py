"""State as bytes: dataclasses of plain values and arrays, by msgspec, which checks what it reads against their types.

Not pickle: who may write to a state topic could then run code in the workers.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final, TypeVar, get_origin

import msgspec
import numpy as np

T = TypeVar("T")

_DTYPES: Final = {dtype.str: dtype for dtype in (np.dtype(kind).newbyteorder("<") for kind in ("?bhiqBHIQfd"))}
"""What an array may consist of, by how it is written down: NumPy's own reader of such names is not made for strangers'."""


class CodecError(Exception):
    """State cannot be read; the text says why."""


class _Array(msgspec.Struct, array_like=True, frozen=True):
    dtype: str
    shape: list[int]
    content: bytes


def encode(value: object) -> bytes:
    """A value, dataclasses and arrays in it, as bytes."""
    return _encoder.encode(value)


def decode(data: bytes, kind: type[T]) -> T:
    """The value of this type that `encode` wrote.

    Raises
    ------
    CodecError
        If it is none.
    """
    try:
        found: T = _decoder(kind).decode(data)  # type: ignore[arg-type]
    except (msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        raise CodecError(f"a record of state is no {kind.__name__}: {error}") from error
    return found


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        content = np.ascontiguousarray(value, value.dtype.newbyteorder("<"))
        if content.dtype.str not in _DTYPES:
            raise TypeError(f"an array of {value.dtype} is no state")
        return _Array(content.dtype.str, list(value.shape), content.tobytes())
    raise TypeError(f"{type(value).__name__} is no state")


def _typed(kind: Any, value: object) -> object:
    if np.ndarray not in (kind, get_origin(kind)):
        raise TypeError(f"{kind} is no state")
    array = msgspec.convert(value, _Array)
    dtype = _DTYPES.get(array.dtype)
    if dtype is None:
        raise TypeError(f"an array of {array.dtype!r} is no state")
    return np.frombuffer(array.content, dtype).reshape(array.shape).astype(dtype.newbyteorder("="))


_encoder = msgspec.msgpack.Encoder(enc_hook=_plain)


@cache
def _decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind, dec_hook=_typed)
