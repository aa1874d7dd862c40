"""One hash for everything that must come out the same in every process: xxh3, 64 bits.

Python's own is salted by process, so it may decide nothing that can be seen.
"""

from __future__ import annotations

import numpy as np
from xxhash import xxh3_64_intdigest

from graph.columns import Array


def stable_hash(string: str) -> int:
    """A 64-bit hash of a string, 0 to 2^64 - 1."""
    return xxh3_64_intdigest(string.encode())


def signed_hash(string: str) -> int:
    """The same hash as columns hold it, -2^63 to 2^63 - 1."""
    value = stable_hash(string)
    return value - (1 << 64) if value >> 63 else value


def pool_hashes(pool: list[str], codes: Array) -> Array:
    """The hashes of the strings that these codes point to in a pool, shape `(n,)` of int64; 0 where a code is -1."""
    wanted = np.zeros(len(pool) + 1, bool)
    wanted[codes] = True
    used = np.flatnonzero(wanted[:-1])
    out = np.zeros(len(pool) + 1, np.uint64)
    out[used] = [stable_hash(pool[code]) for code in used.tolist()]
    return out[codes].view(np.int64)
