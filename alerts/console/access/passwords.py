"""Passwords: argon2id, slow for whoever guesses, and as slow for names that do not exist."""

from __future__ import annotations

import asyncio
import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from alerts.console.errors import ApiError, Code

SHORTEST: Final = 12
LONGEST: Final = 1024
"""Characters of a password."""

_AT_ONCE: Final = 2
_MOST_WAITING: Final = 32


class WeakPasswordError(Exception):
    """A password that is not taken; the text says why."""


def check(password: str, name: str) -> None:
    """Whether a password may be taken: long enough, and not the name. Nothing is said of what it is made of.

    Raises
    ------
    WeakPasswordError
        If it may not.
    """
    length = len(_normal(password))
    if not SHORTEST <= length <= LONGEST:
        raise WeakPasswordError(f"A password has {SHORTEST} to {LONGEST} characters.")
    if name.casefold() in password.casefold() and length < SHORTEST + len(name):
        raise WeakPasswordError("A password is not the name with little added.")
    if len(set(password)) < 4:
        raise WeakPasswordError("A password is not a few signs over and over.")


class Passwords:
    """Hashes and checks passwords, a few at a time, since each takes much memory.

    Parameters
    ----------
    hasher
        How; hashes made in another way are still understood, and are to be made anew.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash("nobody has this password")
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The hash to be kept."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def matches(self, kept: str | None, password: str) -> bool:
        """Whether a password is the one of this hash; as much work where there is no hash.

        Raises
        ------
        ApiError
            If too many wait for that already.
        """
        if self._waiting >= _MOST_WAITING:
            raise ApiError(
                503, Code.UNAVAILABLE, "Too many are signing in; try again in a moment.", {"Retry-After": "2"}
            )
        self._waiting += 1
        try:
            async with self._turns:
                right = await asyncio.to_thread(self._verify, kept or self._nobody, _normal(password))
        finally:
            self._waiting -= 1
        return right and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether a hash was made in another way than they are made now."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False


def _normal(password: str) -> str:
    """The same for what looks the same, however a keyboard made it."""
    return unicodedata.normalize("NFKC", password)
