"""One hash for everything that must come out the same in every process: xxh3, 64 bits.

Python's own is salted by process, so it may decide nothing that can be seen.
"""

from __future__ import annotations

from xxhash import xxh3_64_intdigest


def stable_hash(string: str) -> int:
    """A 64-bit hash of a string, 0 to 2^64 - 1."""
    return xxh3_64_intdigest(string.encode())
