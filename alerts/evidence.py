"""The digest chain: what an episode rests on, sealed revision by revision.

Each digest covers the one before it and every interaction since, one after the other, by id, time, author and the salted
hash of its text. A text that must be erased later leaves its hash, so the chain still holds.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from detectors.reading import Reading

LISTED: Final = 50
"""How many of the events that a revision adds are named in it."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What is left of a text that had to be erased.

    Attributes
    ----------
    hash : its salted hash
    reading : what was read off it
    """

    hash: str
    reading: Reading | None = field(default=None, compare=False)


def text_hash(salt: str, event: str, text: str | Erased | None) -> str:
    """Salted SHA-256 of a text, bound to its event; empty where there was no text."""
    if text is None:
        return ""
    if isinstance(text, Erased):
        return text.hash
    return hashlib.sha256(b"\x00".join(part.encode() for part in (salt, event, text))).hexdigest()


@dataclass(frozen=True, slots=True)
class ChainState:
    """A chain as a checkpoint holds it."""

    covered: bytes
    events: list[str]
    digest: str
    previous: str
    first: int | None
    last: int | None


class Chain:
    """A chain of digests over interactions in order.

    Attributes
    ----------
    digest, previous : hex SHA-256 of the last sealed revision and of the one before it, "" before the first
    first, last : ms UTC of the first and the last interaction covered, None before there is one
    """

    def __init__(self, salt: str) -> None:
        self._salt = salt
        self._covered = b""
        self._events: list[str] = []
        self.digest = ""
        self.previous = ""
        self.first: int | None = None
        self.last: int | None = None

    @property
    def state(self) -> ChainState:
        """What it has, to go on from."""
        return ChainState(self._covered, self._events.copy(), self.digest, self.previous, self.first, self.last)

    @state.setter
    def state(self, state: ChainState) -> None:
        self._covered, self._events = state.covered, list(state.events)
        self.digest, self.previous, self.first, self.last = state.digest, state.previous, state.first, state.last

    def add(self, event: str, time_ms: int, author: str, text: str | Erased | None) -> None:
        """Cover one more interaction by the next digest."""
        line = [part.encode() for part in (event, str(time_ms), author, text_hash(self._salt, event, text))]
        content = b"".join([len(part).to_bytes(4, "big") + part for part in line])
        self._covered = hashlib.sha256(self._covered + content).digest()
        if len(self._events) < LISTED:
            self._events.append(event)
        self.first = time_ms if self.first is None else min(self.first, time_ms)
        self.last = time_ms if self.last is None else max(self.last, time_ms)

    def seal(self) -> list[str]:
        """Close a revision: move to its digest; return the events that it names, in order."""
        self.previous = self.digest
        self.digest = hashlib.sha256(self.previous.encode() + self._covered).hexdigest()
        self._covered = b""
        events, self._events = self._events, []
        return events
