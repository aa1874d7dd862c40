"""Where lines come from: files, plain or compressed with gzip or zstd, and standard input."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from io import BufferedReader
from pathlib import Path
from typing import Final

import zstandard

from streams.wire.origin import Lines
from streams.wire.schema import MAX_LINE_BYTES

BATCH_SIZE: Final = 2_048
"""Lines in a batch, unless told otherwise."""
STDIN: Final = "-"

_BLOCK: Final = 1 << 20
_COMPRESSED_BLOCK: Final = 32 << 10
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class SourceError(Exception):
    """A source cannot be read; says what to do about it."""


def open_sources(paths: Iterable[str], batch_size: int = BATCH_SIZE) -> Iterator[Lines]:
    """Several files, one after the other, as one source; see `open_source`."""
    for path in paths:
        yield from open_source(path, batch_size)


def open_source(path: str, batch_size: int = BATCH_SIZE) -> Iterator[Lines]:
    """The lines of a file, or of standard input for `-`.

    Compression is told by the first bytes. Line ends are LF or CRLF; what stands after the last one is a line only if
    there is anything. Of a line longer than what a decoder takes only so much is kept that it is seen to be too long.

    Parameters
    ----------
    path
        A file's path, or `-`.
    batch_size
        Lines handed on at a time, at most; standard input is handed on as it comes.

    Raises
    ------
    SourceError
        If it cannot be opened, read or decompressed.
    """
    live = path == STDIN
    first = 1
    waiting: list[bytes] = []
    for lines in _lines(_blocks(path)):
        waiting += lines
        start = 0
        while len(waiting) - start >= batch_size or (live and start < len(waiting)):
            values = waiting[start : start + batch_size]
            yield Lines.numbered(values, path, first)
            first += len(values)
            start += len(values)
        del waiting[:start]
    if waiting:
        yield Lines.numbered(waiting, path, first)


def _blocks(path: str) -> Iterator[bytes]:
    """What a file holds, decompressed, in blocks of any size."""
    with ExitStack() as stack:
        try:
            file = sys.stdin.buffer if path == STDIN else stack.enter_context(Path(path).open("rb"))
            if not isinstance(file, BufferedReader):
                file = BufferedReader(file)
            head = file.peek(len(_ZSTD))
            if head.startswith(_GZIP):
                yield from _gzip_blocks(file)
            elif head.startswith(_ZSTD):
                yield from _zstd_blocks(file, path)
            elif path.endswith((".gz", ".zst")):
                message = f"{path} is not compressed as its name says; give it its right name, or compress it again."
                raise SourceError(message)
            else:
                while block := file.read1(_BLOCK):
                    yield block
        except FileNotFoundError:
            raise SourceError(f"There is no file {path}; check the name.") from None
        except IsADirectoryError:
            raise SourceError(f"{path} is a directory; name the files in it.") from None
        except EOFError:
            raise _truncated(path) from None
        except (gzip.BadGzipFile, zlib.error, zstandard.ZstdError) as error:
            raise SourceError(f"{path} cannot be decompressed ({error}); compress or fetch it again.") from error
        except OSError as error:
            raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error


def _truncated(path: str) -> SourceError:
    return SourceError(f"{path} ends in the middle of its compressed data; compress or fetch it again.")


def _gzip_blocks(file: BufferedReader) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=file) as unpacked:
        while block := unpacked.read1(_BLOCK):
            yield block


def _zstd_blocks(file: BufferedReader, path: str) -> Iterator[bytes]:
    unpacker = zstandard.ZstdDecompressor()
    frame = unpacker.decompressobj()
    begun = False
    while packed := file.read1(_COMPRESSED_BLOCK):
        while packed:
            begun = True
            block = frame.decompress(packed)
            if block:
                yield block
            if not frame.eof:
                break
            packed = frame.unused_data
            frame = unpacker.decompressobj()
            begun = False
    if begun:
        raise _truncated(path)


def _lines(blocks: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Blocks cut into lines."""
    rest = b""
    skipping = False
    at_start = True
    for block in blocks:
        lines = (block.removeprefix(_BYTE_ORDER_MARK) if at_start else block).split(b"\n")
        at_start = False
        if skipping:
            if len(lines) == 1:
                continue
            del lines[0]
            skipping = False
        else:
            lines[0] = rest + lines[0]
        rest = lines.pop()
        if len(rest) > MAX_LINE_BYTES + 1:
            lines.append(rest[: MAX_LINE_BYTES + 1])
            rest, skipping = b"", True
        if b"\r" in block or (lines and lines[0].endswith(b"\r")):
            lines = [line.removesuffix(b"\r") for line in lines]
        if lines:
            yield lines
    if rest:
        yield [rest.removesuffix(b"\r")]
