"""What a campaign is made of: the ranges that its parameters are drawn from, and how they are pinned.

An attack and its harmless surge form a *pair*: everything that is no part of the phenomenon is drawn once for both.
What makes the difference is drawn for each side from ranges that overlap.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final

from streams.inject.errors import InjectError

SHAPES: Final = ("steady", "growing", "decaying", "waves", "burst", "heavy")


@dataclass(frozen=True, slots=True)
class Number:
    """A number from a range; evenly, or evenly in its logarithm."""

    low: float
    high: float
    log: bool = False
    whole: bool = False
    doc: str = ""

    def draw(self, rng: Random) -> float:
        """One of the range."""
        if self.log:
            value = math.exp(rng.uniform(math.log(self.low), math.log(self.high)))
        else:
            value = rng.uniform(self.low, self.high)
        return round(value) if self.whole else value

    def parse(self, name: str, text: str) -> float | Number:
        """The number that a text says, or the narrower range that `low..high` says; `InjectError` if it is none of the
        range.
        """
        low, dots, high = text.partition("..")
        if dots:
            lowest, highest = self._number(name, low), self._number(name, high)
            if lowest > highest:
                raise InjectError(f"{name} must be a range from the lower to the higher, not {text!r}.")
            return replace(self, low=lowest, high=highest)
        return self._number(name, text)

    def _number(self, name: str, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not self.low <= value <= self.high:
            raise InjectError(f"{name} must be a number from {self.low:g} to {self.high:g}, not {text!r}.")
        return round(value) if self.whole else value

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True, slots=True)
class Some:
    """Nothing, or with a probability a number up to the highest."""

    probability: float
    high: float

    def draw(self, rng: Random) -> float:
        """One of them."""
        return rng.uniform(0.0, self.high) if rng.random() < self.probability else 0.0


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words, each with its weight."""

    words: tuple[str, ...]
    weights: tuple[float, ...] | None = None
    doc: str = ""

    def draw(self, rng: Random) -> str:
        """One of them."""
        return rng.choices(self.words, self.weights)[0]

    def parse(self, name: str, text: str) -> str | Choice:
        """The word, or the choice among fewer that `one|other` says; `InjectError` if one is none of them."""
        words = text.split("|")
        for word in words:
            if word not in self.words:
                raise InjectError(f"{name} must be one of {', '.join(self.words)}, not {word!r}.")
        return text if len(words) == 1 else Choice(tuple(words))

    def __str__(self) -> str:
        return ", ".join(self.words)


Range = Number | Choice
_SWITCH: Final = ("on", "off")

WORLD: Final[dict[str, Range]] = {
    "text": Choice(("none", "en", "zh", "mixed"), (2, 3, 1, 2), "language of what is said; none: no text at all"),
    "ages": Choice(_SWITCH, None, "whether it is told when accounts were opened"),
    "homes": Choice(_SWITCH, None, "whether home communities are told"),
    "threads": Choice(_SWITCH, None, "whether threads and parents are told"),
    "reactions": Choice(_SWITCH, None, "whether there are reactions and reports"),
    "decoys": Number(0.002, 0.02, log=True, doc="ordinary posts and quotes that link somebody, per interaction"),
    "ordinary_hostile": Number(0.0, 0.04, doc="share of hostile messages in the background"),
}
"""What holds for a whole stream: which fields there are, and what is usual."""

BOTH: Final[dict[str, Range]] = {
    "size": Number(10, 3000, log=True, whole=True, doc="accounts that come"),
    "minutes": Number(1, 4320, log=True, doc="minutes over which they come"),
    "shape": Choice(SHAPES, None, "how they arrive"),
    "degree": Choice(("low", "high", "any"), (5, 2, 3), "how well known the target is"),
    "fresh": Number(0.0, 1.0, doc="share of accounts that were never seen before"),
    "new": Number(0.0, 1.0, doc="share of those whose account was opened lately"),
    "shares": Number(0.0, 3.0, doc="accounts that share it, as a multiple of those that come"),
    "own_shares": Number(0.0, 0.5, doc="share of the crowd that also share it"),
    "call": Choice(_SWITCH, None, "whether a post or quote brings them"),
    "again": Number(0.0, 0.6, doc="probability of saying something more"),
    "alike": Number(0.0, 0.8, doc="share of the crowd that say nearly the same"),
    "chat": Number(0.0, 0.3, doc="share of the crowd that answer one another"),
    "earlier": Number(0.0, 1.0, doc="share of the known ones who lately were together elsewhere"),
    "defenders": Number(
        0.0, 0.6, doc="accounts that answer members of the crowd, as a share of it: in an attack, its defenders"
    ),
    "pointed": Number(0, 3, whole=True, doc="other posts or quotes that point at the target beforehand"),
}
"""What a pair has in common."""

ATTACK: Final[dict[str, Range]] = {
    "near": Number(0.0, 1.0, doc="share of an attack's known accounts within two hops of the target"),
    "origin": Choice(("scattered", "caller", "community", "crew"), None, "where the others of an attack come from"),
    "abusive": Number(0.0, 1.0, doc="share of an attack's messages that are hostile"),
    "reports": Number(0.0, 0.6, doc="share of the attackers who report the target"),
    "targets": Number(1, 3, whole=True, doc="targets that one crew goes for, one after the other"),
    "warm": Number(0.0, 1.0, doc="share of the reactions to an attacked target that are warm"),
    "answers": Number(0.0, 0.5, doc="share of the attackers whom the target answers"),
}
"""What is drawn for attacks alone."""

SURGE: Final[dict[str, Range]] = {
    "audience": Number(0.0, 1.0, doc="share of a harmless surge from the target's audience"),
    "others": Choice(("scattered", "caller", "community"), None, "where the others of a harmless surge come from"),
    "heat": Number(0.0, 0.3, doc="share of a harmless surge's messages that are hostile"),
    "complaints": Number(0.0, 0.2, doc="share of a harmless surge who report the target"),
    "surge_warm": Number(0.0, 1.0, doc="share of the reactions to a harmless target that are warm"),
    "surge_answers": Number(0.0, 0.5, doc="share of a harmless surge whom the target answers"),
}
"""What is drawn for harmless surges alone."""

RANGES: Final[dict[str, Range]] = {**WORLD, **BOTH, **ATTACK, **SURGE}

_DRAWN: Final[dict[str, Range | Some]] = {
    "ordinary_hostile": Number(0.005, 0.02),
    "fresh": Number(0.0, 0.7),
    "new": Some(0.5, 0.6),
    "shares": Some(0.75, 1.5),
    "own_shares": Some(0.75, 0.3),
    "again": Number(0.0, 0.4),
    "alike": Number(0.0, 0.4),
    "chat": Number(0.0, 0.2),
    "earlier": Some(0.3, 0.4),
    "near": Number(0.1, 0.7),
    "abusive": Number(0.1, 0.7),
    "defenders": Number(0.0, 0.35),
    "reports": Some(0.4, 0.25),
    "targets": Choice(("1", "1", "1", "2", "3")),
    "warm": Number(0.1, 0.8),
    "answers": Some(0.6, 0.25),
    "audience": Number(0.2, 0.8),
    "heat": Number(0.0, 0.1),
    "complaints": Some(0.4, 0.15),
    "surge_warm": Number(0.4, 1.0),
    "surge_answers": Some(0.7, 0.35),
}
"""Narrower ranges to draw from, where what may be pinned reaches further than what is likely."""

_HARD: Final[dict[str, Any]] = {
    "text": "none",
    "ages": "off",
    "homes": "off",
    "threads": "off",
    "reactions": "off",
    "size": 50,
    "minutes": 10,
    "degree": "low",
    "fresh": 0.5,
    "shares": 0.5,
    "earlier": 0.0,
    "near": 0.5,
    "origin": "scattered",
    "targets": 1,
    "defenders": 0.0,
    "reports": 0.0,
    "audience": 0.5,
    "others": "scattered",
    "heat": 0.02,
    "complaints": 0.0,
}
_WITH_TEXT: Final[dict[str, Any]] = {"text": "en", "abusive": 0.3}

PRESETS: Final[dict[str, dict[str, Any]]] = {
    "hard-50": _HARD,
    "hard-50-text": {**_HARD, **_WITH_TEXT},
    "brigade-60": {
        **_HARD,
        "homes": "on",
        "size": 60,
        "minutes": 60,
        "shape": "growing",
        "fresh": 0.0,
        "origin": "community",
    },
    "hard-20-text": {**_HARD, **_WITH_TEXT, "size": 20},
    "hard-20": {**_HARD, "size": 20},
    "slow": {**_HARD, **_WITH_TEXT, "size": 60, "minutes": 4320, "shape": "steady"},
    "attribution-80": {
        **_HARD,
        **_WITH_TEXT,
        "size": 80,
        "minutes": 30,
        "threads": "on",
        "homes": "on",
        "origin": "caller",
        "others": "caller",
        "abusive": 0.8,
        "defenders": 0.3,
    },
    "mixed": {},
}
"""Named settings of some parameters; what a preset does not name is drawn."""

Values = dict[str, Any]


def pinned(preset: str, settings: Mapping[str, str]) -> Values:
    """The parameters that a preset and its user's settings pin.

    Raises
    ------
    InjectError
        If there is no such preset or parameter, or if a value is outside its range.
    """
    if preset not in PRESETS:
        raise InjectError(f"There is no preset {preset!r}; there are {', '.join(PRESETS)}.")
    values = dict(PRESETS[preset])
    for name, text in settings.items():
        if name not in RANGES:
            raise InjectError(f"There is no parameter {name!r}; there are {', '.join(RANGES)}.")
        if text == "drawn":
            values.pop(name, None)
        else:
            values[name] = RANGES[name].parse(name, text)
    return values


def settings_of(pairs: list[str]) -> dict[str, str]:
    """`name=value` texts as a mapping; `InjectError` for what is none."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name or not value:
            raise InjectError(f"{pair!r} sets nothing; write name=value, as in size=50.")
        found[name.strip()] = value.strip()
    return found


def draw(rng: Random, ranges: Mapping[str, Range], pins: Values) -> Values:
    """A value of each parameter: the pinned one, or one drawn, from a narrower range if that is pinned."""
    found: Values = {}
    for name, allowed in ranges.items():
        drawn = _DRAWN.get(name, allowed).draw(rng)
        if name == "targets":
            drawn = int(drawn)
        pin = pins.get(name, drawn)
        found[name] = pin.draw(rng) if isinstance(pin, (Number, Choice)) else pin
    return found
