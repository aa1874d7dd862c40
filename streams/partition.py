"""Which partition a key belongs to: murmur2 of its UTF-8 bytes, as Kafka's own clients do."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from kafka.partitioner.default import murmur2

from graph.columns import Array, Batch
from graph.hashing import pool_hashes
from graph.interactions import Kind

_PREFIXES: Final = [f"{kind.name.lower()}:" for kind in Kind]


@lru_cache(maxsize=1 << 17)
def partition_of(key: str, partitions: int) -> int:
    """The partition of a key, 0 to `partitions - 1`."""
    return (int(murmur2(key.encode())) & 0x7FFFFFFF) % partitions


def by_author(batch: Batch, partitions: int) -> list[Batch]:
    """The rows of each partition of authors."""
    return _split(batch, batch["author"].astype(np.int64), batch.pool, partitions)


def by_subject(batch: Batch, partitions: int) -> list[Batch]:
    """The rows of each partition of subjects, keyed `kind:id`; a row without a subject goes to every one."""
    keys = batch["subject"].astype(np.int64) * len(_PREFIXES) + batch["kind"]
    names = _Subjects(batch.pool)
    return _split(batch, np.where(batch["subject"] < 0, -1, keys), names, partitions)


def by_hash(batch: Batch, partitions: int) -> list[Batch]:
    """The same by a quicker hash, where all partitions are in the hands of one process and nobody else has to find them."""
    subject = batch["subject"]
    place = np.where(subject < 0, -1, pool_hashes(batch.pool, subject) % partitions)
    return [batch.take((place == number) | (place < 0)) for number in range(partitions)]


class _Subjects(Sequence[str]):
    """The key `kind:id` of each number made of a pool's code and a kind."""

    def __init__(self, pool: list[str]) -> None:
        self._pool = pool

    def __len__(self) -> int:
        return len(self._pool) * len(_PREFIXES)

    def __getitem__(self, number: int) -> str:  # type: ignore[override]  # slices are never asked for
        return _PREFIXES[number % len(_PREFIXES)] + self._pool[number // len(_PREFIXES)]


def _split(batch: Batch, keys: Array, names: Sequence[str], partitions: int) -> list[Batch]:
    if partitions == 1:
        return [batch]
    unique, inverse = np.unique(keys, return_inverse=True)
    places = [-1 if key < 0 else partition_of(names[key], partitions) for key in unique.tolist()]
    place = np.array(places, np.int64)[inverse] if len(keys) else np.zeros(0, np.int64)
    return [batch.take((place == number) | (place < 0)) for number in range(partitions)]
