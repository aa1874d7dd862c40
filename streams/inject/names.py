"""Names for accounts that nobody has, of the shape that the background's names have."""

from __future__ import annotations

import string
from random import Random

_TRIES = 50


class NewNames:
    """Draws unused names: numbers from the range of the numbers in use, or letters put together like those in use."""

    def __init__(self, names: list[str], rng: Random) -> None:
        self._rng = rng
        self._taken = set(names)
        self._names = names
        self._numbers = all(name.isascii() and name.isdigit() and (name == "0" or name[0] != "0") for name in names)
        self._top = max((int(name) for name in names), default=9) if self._numbers else 0

    def draw(self) -> str:
        """One name; never the same twice."""
        for attempt in range(10 * _TRIES):
            name = self._number(attempt) if self._numbers else self._word(attempt)
            if name not in self._taken:
                self._taken.add(name)
                return name
        raise RuntimeError("no name is left")

    def _number(self, attempt: int) -> str:
        top = self._top if attempt < _TRIES else 10 * self._top
        return str(self._rng.randint(1, top))

    def _word(self, attempt: int) -> str:
        rng = self._rng
        name = list(rng.choice(self._names))
        for _ in range(2 + attempt // 5):
            at = rng.randrange(len(name))
            for kind in (string.digits, string.ascii_lowercase, string.ascii_uppercase):
                if name[at] in kind:
                    name[at] = rng.choice(kind)
                    break
        return "".join(name)
