"""Strings as small integers, for as long as something in memory holds them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from graph.columns import Array, Batch

_SMALLEST_SWEEP: Final = 1 << 16


class Interner:
    """Gives every string a code, and takes back the codes that nobody holds any more.

    Codes are private to one memory and may be given again after a release: nothing that leaves the program
    may be ordered or named by them.
    """

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._strings: list[str | None] = []
        self._free: list[int] = []
        self._sweep_at = _SMALLEST_SWEEP

    def __len__(self) -> int:
        """How many strings are held."""
        return len(self._codes)

    def __getitem__(self, code: int) -> str:
        """The string of a code; `LookupError` if the code is not held."""
        found = self._strings[code]
        if found is None:
            raise LookupError(f"code {code} was released")
        return found

    def get(self, code: int) -> str | None:
        """The string of a code, None for -1."""
        return None if code < 0 else self[code]

    def names(self, codes: Iterable[int]) -> list[str | None]:
        """The strings of codes that are held, None for -1."""
        strings = self._strings
        return [None if code < 0 else strings[code] for code in codes]

    def find(self, string: str) -> int:
        """The code of a string, -1 if it is not held."""
        return self._codes.get(string, -1)

    @property
    def capacity(self) -> int:
        """Every code is less than this."""
        return len(self._strings)

    def code(self, string: str) -> int:
        """The code of a string, a new one if it has none."""
        found = self._codes.get(string)
        if found is None:
            if self._free:
                found = self._free.pop()
                self._strings[found] = string
            else:
                found = len(self._strings)
                self._strings.append(string)
            self._codes[string] = found
        return found

    def adopt(self, batch: Batch, names: Iterable[str]) -> dict[str, Array]:
        """The named `CODE` columns of a batch, in this interner's codes.

        Only strings that one of these columns points to are interned.
        """
        pool = batch.pool
        columns = {name: batch.columns[name] for name in names}
        wanted = np.zeros(len(pool) + 1, bool)
        for column in columns.values():
            wanted[column] = True
        used = np.flatnonzero(wanted[:-1])
        to_code = np.full(len(pool) + 1, -1, np.int32)
        get, code = self._codes.get, self.code
        strings = [pool[position] for position in used.tolist()]
        found = [get(string, -1) for string in strings]
        to_code[used] = [code(s) if c < 0 else c for s, c in zip(strings, found, strict=True)]
        return {name: to_code[column] for name, column in columns.items()}

    @property
    def due(self) -> bool:
        """Whether so many strings came since the last release that another is worth its cost."""
        return len(self._codes) >= self._sweep_at

    def release(self, *held: Array) -> int:
        """Forget every string whose code stands in none of these arrays; return how many were forgotten."""
        keep = np.zeros(len(self._strings) + 1, bool)
        for codes in held:
            keep[codes] = True
        gone = 0
        for code in np.flatnonzero(~keep[:-1]).tolist():
            string = self._strings[code]
            if string is not None:
                del self._codes[string]
                self._strings[code] = None
                self._free.append(code)
                gone += 1
        self._sweep_at = max(_SMALLEST_SWEEP, 2 * len(self._codes))
        return gone
