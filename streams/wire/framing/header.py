"""What a message says of its frame before the rows: a fixed number of bytes, checked by a hash of their own."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Final, NamedTuple

from xxhash import xxh3_64_intdigest

VERSION: Final = 1
_DISTRIBUTION: Final = "breakwater"
_MAGIC: Final = b"BWF"
_LEAD: Final = struct.Struct("<3sB16s")
"""Magic, version of the format, release of the program. Every version of the format begins so."""
_REST: Final = struct.Struct("<QIqqqIqqIIBIQQ")
_CHECK: Final = struct.Struct("<Q")
_SHARED: Final = struct.Struct("<QIqqqI")
SIZE: Final = _LEAD.size + _REST.size + _CHECK.size
"""How many bytes a header takes."""


class FrameError(Exception):
    """A frame cannot be written or read; the text says why, and what to do."""


class Header(NamedTuple):
    """What a message says of its frame, and of the part of it that it holds.

    Attributes
    ----------
    release
        The release of the program that wrote it.
    schema
        Fingerprint of the names and kinds of its columns.
    source, mark_tick, begin_ms, newest_ms
        As in `Frame`.
    rows
        How many rows this part has.
    least_tick, greatest_tick
        The ticks that they lie between; -1 when there are none.
    part, parts
        Which part this is, counted from 0, and of how many.
    codec
        How the body is compressed, see `streams.wire.framing.body`.
    raw_bytes
        Size of the body before compression.
    digest
        Hash of the body as it stands in the message.
    group
        Hash of the whole frame, the same in all of its parts and in no others.
    """

    release: str
    schema: int
    source: int
    mark_tick: int
    begin_ms: int
    newest_ms: int
    rows: int
    least_tick: int
    greatest_tick: int
    part: int
    parts: int
    codec: int
    raw_bytes: int
    digest: int
    group: int

    def pack(self) -> bytes:
        """The header as it stands in a message."""
        content = _LEAD.pack(_MAGIC, VERSION, self.release.encode()[:16]) + _REST.pack(*self[1:])
        return content + _CHECK.pack(xxh3_64_intdigest(content))


@cache
def release() -> str:
    """The release of this program, as headers have room for it."""
    return version(_DISTRIBUTION)[:16]


def peek(message: bytes) -> Header:
    """What a message says of itself, without a look at its rows.

    Raises
    ------
    FrameError
        If it is no frame, is damaged, or has a version of the format that this program does not know.
    """
    if len(message) < _LEAD.size or not message.startswith(_MAGIC):
        raise FrameError(
            "A message between the stages is no frame of Breakwater's; let no other program write to these topics."
        )
    _, written_as, raw_release = _LEAD.unpack_from(message)
    writer = _printable(raw_release)
    if written_as != VERSION:
        raise FrameError(
            f"A frame has version {written_as} of the format, written by Breakwater {writer}; this is Breakwater "
            f"{release()}, which reads version {VERSION}. Run release {writer} until the topic is read to its end."
        )
    if len(message) < SIZE:
        raise damaged(writer, "it is cut off")
    checked = SIZE - _CHECK.size
    if _CHECK.unpack_from(message, checked)[0] != xxh3_64_intdigest(message[:checked]):
        raise damaged(writer, "its header is not what was written")
    header = Header(writer, *_REST.unpack_from(message, _LEAD.size))
    if header.part >= header.parts:
        raise damaged(writer, f"it says that it is part {header.part + 1} of {header.parts}")
    return header


def group_of(parts: Sequence[Header]) -> int:
    """The hash that binds the parts of a frame: of what they share and of all of their bodies, in their order."""
    first = parts[0]
    shared = (
        _SHARED.pack(first.schema, first.source, first.mark_tick, first.begin_ms, first.newest_ms, len(parts))
        + first.release.encode()
    )
    return xxh3_64_intdigest(shared + b"".join([_CHECK.pack(part.digest) for part in parts]))


def damaged(writer: str, how: str) -> FrameError:
    """The error that a frame of this release is damaged."""
    return FrameError(
        f"A frame written by Breakwater {writer} is damaged: {how}. Look after the broker's storage, then set the "
        "consumer group of the stage that wrote it back to before it, and it is written again."
    )


def _printable(raw: bytes) -> str:
    text = raw.rstrip(b"\0").decode("ascii", errors="replace")
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
