"""The digest chain: what an episode rests on, sealed revision by revision.

Each digest covers the one before it and every interaction since, by id, time, author and the salted hash of its text. A text
that must be erased later leaves its hash, so the chain still holds. Of a long episode only a sample is kept as evidence: each
digest is then made of two chains, one over the interactions that are kept and one over those that are not, so that whoever
has the kept ones and the digest of the others can check it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from detectors.reading import Reading
from graph.hashing import stable_hash

LISTED: Final = 50
"""How many of the events that a revision adds are named in it."""
WHOLE: Final = 5_000
"""So many of an episode's interactions, the first, are all kept."""
SAMPLED: Final = 5_000
"""How many of the others are kept at most, chosen by the hash of their event's id, beside the first of each participant."""
TEXT_BYTES: Final = 4_000
"""How much of a text is evidence: its first bytes."""


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


class Omitted(NamedTuple):
    """How many interactions are not kept, and the digest that covers them, as hex; "" where there are none."""

    interactions: int
    digest: str


def evident(text: str) -> str:
    """The part of a text that is evidence."""
    if len(text) * 4 <= TEXT_BYTES:
        return text
    return text[:TEXT_BYTES].encode()[:TEXT_BYTES].decode(errors="ignore")


def text_hash(salt: str, event: str, text: str | Erased | None) -> str:
    """Salted SHA-256 of a text, as far as it is evidence, bound to its event; empty where there was no text."""
    if text is None:
        return ""
    if isinstance(text, Erased):
        return text.hash
    return hashlib.sha256(b"\x00".join(part.encode() for part in (salt, event, evident(text)))).hexdigest()


def covering(covered: bytes, event: str, time_ms: int, author: str, hashed: str) -> bytes:
    """A chain's digest, b"" at its beginning, after one more interaction."""
    line = [part.encode() for part in (event, str(time_ms), author, hashed)]
    return hashlib.sha256(covered + b"".join([len(part).to_bytes(4, "big") + part for part in line])).digest()


def sealing(previous: str, covered: bytes, omitted: Omitted) -> str:
    """The digest of a revision, after that of the one before it: of what is kept of it and of what is not."""
    parts = (previous, covered.hex(), str(omitted.interactions), omitted.digest)
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ChainState:
    """A chain as a checkpoint holds it."""

    covered: bytes
    left: bytes
    left_count: int
    counted: int
    sampled: int
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
    omitted : what the last sealed revision covers that is not kept
    first, last : ms UTC of the first and the last interaction covered, None before there is one
    """

    def __init__(self, salt: str) -> None:
        self.salt = salt
        self._covered = self._left = b""
        self._left_count = self._counted = self._sampled = 0
        self._events: list[str] = []
        self.digest = ""
        self.previous = ""
        self.omitted = Omitted(0, "")
        self.first: int | None = None
        self.last: int | None = None

    @property
    def state(self) -> ChainState:
        """What it has, to go on from."""
        return ChainState(
            covered=self._covered,
            left=self._left,
            left_count=self._left_count,
            counted=self._counted,
            sampled=self._sampled,
            events=self._events.copy(),
            digest=self.digest,
            previous=self.previous,
            first=self.first,
            last=self.last,
        )

    @state.setter
    def state(self, state: ChainState) -> None:
        self._covered, self._left, self._left_count = state.covered, state.left, state.left_count
        self._counted, self._sampled, self._events = state.counted, state.sampled, list(state.events)
        self.digest, self.previous, self.first, self.last = state.digest, state.previous, state.first, state.last

    def add(
        self, event: str, time_ms: int, author: str, text: str | Erased | None, *, is_first: bool = False
    ) -> str | None:
        """Cover one more interaction by the next digest; `is_first` if it is its author's first.

        Returns
        -------
        The hash of its text if it is kept, None if it is not.
        """
        hashed = text_hash(self.salt, event, text)
        self.first = time_ms if self.first is None else min(self.first, time_ms)
        self.last = time_ms if self.last is None else max(self.last, time_ms)
        is_kept = self._keeps(event) or is_first
        self._counted += 1
        if not is_kept:
            self._left = covering(self._left, event, time_ms, author, hashed)
            self._left_count += 1
            return None
        self._covered = covering(self._covered, event, time_ms, author, hashed)
        if len(self._events) < LISTED:
            self._events.append(event)
        return hashed

    def seal(self) -> list[str]:
        """Close a revision: move to its digest; return the events that it names, in order."""
        self.previous, self.omitted = self.digest, Omitted(self._left_count, self._left.hex())
        self.digest = sealing(self.previous, self._covered, self.omitted)
        self._covered = self._left = b""
        self._left_count = 0
        events, self._events = self._events, []
        return events

    def _keeps(self, event: str) -> bool:
        """Whether an interaction is kept, whoever's it is: of the first `WHOLE` all, of the next so many one in four, then one
        in nine, and so on.
        """
        block = self._counted // WHOLE
        if not block:
            return True
        if self._sampled >= SAMPLED or stable_hash(event) % (block + 1) ** 2:
            return False
        self._sampled += 1
        return True
