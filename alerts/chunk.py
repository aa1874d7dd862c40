"""The parts in which an episode's evidence is told: their bytes, `breakwater.evidence/1`.

Every part has all of the lists, those in which there is nothing to say empty. `interactions`, `ties` and `omitted` are what is
new since the part before: they add up. Of `accounts`, `in_common` and `minutes` a later one stands for the one before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from alerts.evidence import Omitted
from detectors.attribution import Played

SCHEMA: Final = "breakwater.evidence/1"
LARGEST: Final = 900_000
"""Bytes of the largest chunk."""
_ENVELOPE: Final = 2_000
_LISTS: Final = ("interactions", "accounts", "ties", "in_common", "minutes", "erased")


class Chunk(NamedTuple):
    """One part of an alert's evidence: at the end of which tick it was due, what it is sorted by, and its JSON bytes."""

    tick: int
    alert: str
    revision: int
    part: int
    body: bytes

    @property
    def told(self) -> tuple[str, int]:
        """What names it among all that is told of alerts, and its number there, from 1."""
        return f"{self.alert}/evidence", self.part + 1


@dataclass(frozen=True, slots=True)
class Sealed:
    """The revision whose evidence is told: what its digests are, what they cover that is not kept, and what else is said."""

    alert: str
    revision: int
    digest: str
    previous: str
    omitted: Omitted
    roles: list[Played]
    usual_per_minute: float
    is_sample: bool
    is_salted: bool
    has_texts: bool


def parts(tick: int, sealed: Sealed, first: int, lists: Mapping[str, list[Any]]) -> list[Chunk]:
    """What is told at the end of a tick, by list, in as many parts as it needs, numbered from `first`."""
    bodies = list(_bodies(lists))
    chunks = []
    for at, held in enumerate(bodies):
        is_last = at == len(bodies) - 1
        omitted = sealed.omitted if is_last else Omitted(0, "")
        body = {
            "schema": SCHEMA,
            "alert": sealed.alert,
            "revision": sealed.revision,
            "part": first + at,
            **{name: held.get(name, []) for name in _LISTS},
            "usual_per_minute": sealed.usual_per_minute,
            "omitted": omitted._asdict(),
            "sample": sealed.is_sample,
            "salted": sealed.is_salted,
            "digest": sealed.digest,
            "previous_digest": sealed.previous or None,
        }
        chunks.append(Chunk(tick, sealed.alert, sealed.revision, first + at, orjson.dumps(body)))
    return chunks


def _bodies(lists: Mapping[str, list[Any]]) -> Iterator[dict[str, list[orjson.Fragment]]]:
    """The lists, cut where a part would be too large."""
    part: dict[str, list[orjson.Fragment]] = {}
    room = LARGEST - _ENVELOPE
    for name in _LISTS:
        for one in lists.get(name, ()):
            item = orjson.dumps(one)
            if len(item) + 1 > room:
                yield part
                part, room = {}, LARGEST - _ENVELOPE
            part.setdefault(name, []).append(orjson.Fragment(item))
            room -= len(item) + 1
    yield part
