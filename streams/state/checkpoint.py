"""Checkpoints in a compacted topic: which records one writes, and what is read back of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import msgspec
from zstandard import ZstdCompressor, ZstdDecompressor, ZstdError

from graph.columns import Array, Batch
from graph.tables import Tables
from streams.state.codec import CodecError, decode, encode

CYCLE: Final = 64
"""How many checkpoints are kept."""
FORMAT: Final = 5
MANIFEST_KEY: Final = b"manifest"
"""The key of the last record of each transaction; its JSON has `"ended": true` after the end."""
CHUNK_BYTES: Final = 900_000

Record = tuple[bytes, bytes | None]
"""Key and value of a record; without a value it deletes the key."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a stage gives to a checkpoint.

    Attributes
    ----------
    tables, parts
        What changed: records in columns, and other things by name, encoded. What did not change is left out, unless its
        last checkpoint is about to be overwritten.
    live
        All the rest, encoded; each checkpoint has the whole of it.
    """

    tables: Tables
    live: bytes
    parts: dict[str, bytes] = field(default_factory=dict)


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a partition's state rests on: the last record of each of its transactions.

    Attributes
    ----------
    format : version of how state is written
    release : of the program that wrote it
    number : of the newest checkpoint, from 1
    sizes : of the checkpoint in each place, in records; 0 where there is none
    start : offset of the first message that is needed to fill the window again
    applied : offset of the last message that the checkpoint covers, -1 before the first
    ended : whether the log has come to its end
    told : newest revision, by alert, of those written since the checkpoint; newest part of its evidence likewise
    """

    format: int
    release: str
    number: int
    sizes: list[int]
    start: int
    applied: int
    ended: bool
    told: dict[str, int]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One checkpoint that was read back, with its number."""

    number: int
    saved: Saved


@dataclass(slots=True)
class _Table:
    schema: dict[str, str]
    columns: dict[str, Array]
    pool: list[str]


@dataclass(slots=True)
class _Blob:
    tables: dict[str, _Table]
    parts: dict[str, bytes]
    live: bytes


class Checkpoints:
    """The checkpoints of one partition, as records of a compacted topic.

    Parameters
    ----------
    release
        Of the program.
    """

    def __init__(self, release: str) -> None:
        self._release = release
        self._sizes = [0] * CYCLE
        self._told: dict[str, int] = {}
        self.manifest: Manifest | None = None
        """The newest, None before the first checkpoint."""

    @property
    def number(self) -> int:
        """The number that the next checkpoint has."""
        return 1 if self.manifest is None else self.manifest.number + 1

    @property
    def oldest(self) -> int:
        """The number of the oldest checkpoint that is there still when the next one is written."""
        return self.number - CYCLE + 1

    def write(self, saved: Saved, *, start: int, applied: int, ended: bool) -> Iterator[Record]:
        """The records of the next checkpoint, its manifest last."""
        number = self.number
        place = number % CYCLE
        blob = _Blob(
            {name: _Table(dict(table.schema), table.columns, table.pool) for name, table in saved.tables.items()},
            saved.parts,
            saved.live,
        )
        data = ZstdCompressor(level=1).compress(encode(blob))
        chunks = [data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES)]
        for at in range(max(len(chunks), self._sizes[place])):
            yield _key(place, at), chunks[at] if at < len(chunks) else None
        self._sizes[place] = len(chunks)
        self.manifest = Manifest(
            format=FORMAT,
            release=self._release,
            number=number,
            sizes=self._sizes.copy(),
            start=start,
            applied=applied,
            ended=ended,
            told=self._told.copy(),
        )
        yield MANIFEST_KEY, msgspec.json.encode(self.manifest)

    def tell(self, revisions: Iterable[tuple[str, int]]) -> Record:
        """The manifest after these alert revisions, by id and revision, were written besides."""
        if self.manifest is None:
            raise RuntimeError("revisions are told after the first checkpoint")
        told = {**self.manifest.told, **dict(revisions)}
        self.manifest = msgspec.structs.replace(self.manifest, told=told)
        return MANIFEST_KEY, msgspec.json.encode(self.manifest)

    def was_told(self, alert: str, revision: int) -> bool:
        """Whether an alert's revision was written before the restart; asked of each revision once, in their order."""
        newest = self._told.get(alert, 0)
        if revision >= newest:
            self._told.pop(alert, None)
        return revision <= newest

    def read(self, records: Iterable[Record]) -> Iterator[Checkpoint]:
        """What all records of a partition say, in their order: the checkpoints, oldest first.

        Raises
        ------
        CodecError
            If they cannot be read, or are not all there.
        """
        newest = dict(records)
        manifest = newest.get(MANIFEST_KEY)
        if manifest is None:
            return
        self.manifest = read_manifest(manifest)
        self._sizes, self._told = list(self.manifest.sizes), dict(self.manifest.told)
        last = self.manifest.number
        for number in range(max(1, last - CYCLE + 1), last + 1):
            place = number % CYCLE
            chunks = [newest.get(_key(place, at)) for at in range(self._sizes[place])]
            if not chunks or None in chunks:
                raise CodecError(f"checkpoint {number} is not all there")
            yield Checkpoint(number, _read(b"".join(chunk for chunk in chunks if chunk is not None)))


def read_manifest(value: bytes) -> Manifest:
    """A manifest from its record.

    Raises
    ------
    CodecError
        If it is none, or was written in another format.
    """
    try:
        manifest = msgspec.json.decode(value, type=Manifest)
    except msgspec.MsgspecError as error:
        raise CodecError(f"the manifest cannot be read: {error}") from error
    if manifest.format != FORMAT or len(manifest.sizes) != CYCLE:
        raise CodecError(
            f"the state was written by Breakwater {manifest.release} in format {manifest.format}, and this release "
            f"reads format {FORMAT}"
        )
    return manifest


def _key(place: int, chunk: int) -> bytes:
    return b"state/%d/%d" % (place, chunk)


def _read(data: bytes) -> Saved:
    try:
        blob = decode(ZstdDecompressor().decompress(data), _Blob)
    except (ZstdError, MemoryError) as error:
        raise CodecError(f"a checkpoint is damaged: {error}") from error
    tables = {name: Batch(table.schema, table.columns, table.pool) for name, table in blob.tables.items()}
    return Saved(tables, blob.live, blob.parts)
