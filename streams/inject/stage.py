"""Where campaigns happen, and what the two sides of a pair differ in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from graph.events import LAST_ADDRESSING, EventType
from streams.inject.background import TYPE_NAMES, Background
from streams.inject.dress import Wardrobe
from streams.inject.parameters import Values
from streams.inject.people import People

_OF_ATTACKS: Final = ("abusive", "reports", "warm", "answers")
_OF_SURGES: Final = ("heat", "complaints", "surge_warm", "surge_answers")


@dataclass(slots=True)
class Side:
    """What an attack and a surge differ in, under common names."""

    pile_on: bool
    hostile: float
    reporting: float
    warm: float
    answers: float
    tones: tuple[str, ...]

    @classmethod
    def of(cls, values: Values, pile_on: bool) -> Side:
        """The side that these parameters describe."""
        names = _OF_ATTACKS if pile_on else _OF_SURGES
        hostile, reporting, warm, answers = (float(values[name]) for name in names)
        tones = ("cross", "cross", "plain", "ask") if pile_on else ("warm", "plain", "ask", "cross")
        return cls(pile_on, hostile, reporting, warm, answers, tones)


@dataclass(slots=True)
class Stage:
    """Where campaigns happen."""

    background: Background
    people: People
    wardrobe: Wardrobe
    seed: str
    ways: tuple[list[str], list[float]] = field(init=False)
    mentions_a_share: float = field(init=False)

    def __post_init__(self) -> None:
        self.ways = _ways(self.background)
        self.mentions_a_share = self.background.mentions_a_share


def _ways(background: Background) -> tuple[list[str], list[float]]:
    """How people address one another in the background, as weights of kinds; quotes are made apart."""
    kinds, counts = np.unique(
        background.kind[(background.kind <= LAST_ADDRESSING) & ~background.exposed], return_counts=True
    )
    found = {
        TYPE_NAMES[kind]: float(count)
        for kind, count in zip(kinds.tolist(), counts.tolist(), strict=True)
        if kind != EventType.QUOTE
    }
    return (list(found), list(found.values())) if found else (["reply"], [1.0])
