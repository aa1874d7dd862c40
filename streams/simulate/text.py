"""What accounts say: neutral made-up sentences, with plainly artificial marker words where somebody is hostile."""

from __future__ import annotations

from random import Random
from typing import Final

HOSTILE_MARKERS: Final = ("zorgle", "blemmish", "snarvit", "grubwick", "thrumple", "vexnog")
"""Words that stand for abuse. They mean nothing in any language."""

_NOUNS: Final = [
    "bridge",
    "kettle",
    "garden",
    "window",
    "lantern",
    "ticket",
    "recipe",
    "harbour",
    "pencil",
    "mountain",
    "chapter",
    "station",
    "blanket",
    "orchard",
    "basket",
    "engine",
    "drawing",
    "melody",
    "notebook",
    "ladder",
    "river",
    "market",
    "bicycle",
    "village",
    "camera",
    "pillow",
    "cabin",
    "meadow",
    "puzzle",
    "compass",
    "balcony",
    "parcel",
    "workshop",
    "thermos",
    "sketch",
    "tunnel",
    "carpet",
    "saddle",
    "archive",
    "terrace",
]
_ADJECTIVES: Final = [
    "green",
    "quiet",
    "early",
    "wooden",
    "late",
    "narrow",
    "bright",
    "second",
    "cheap",
    "heavy",
    "round",
    "older",
    "simple",
    "hidden",
    "local",
    "spare",
    "painted",
    "northern",
    "shared",
    "folding",
    "careful",
    "double",
    "borrowed",
    "empty",
]
_VERBS: Final = [
    "moved",
    "opened",
    "fixed",
    "painted",
    "measured",
    "borrowed",
    "sorted",
    "finished",
    "noticed",
    "carried",
    "tested",
    "planned",
    "folded",
    "changed",
    "checked",
    "missed",
    "followed",
    "counted",
]
_TIMES: Final = ("today", "last week", "this morning", "again", "in the end", "since spring", "twice", "at last")
_OPENERS: Final = {
    "plain": ("I think", "as far as I know", "by the way", "for what it is worth", "as I said", "in my case"),
    "warm": ("so glad that", "how lovely that", "well done,", "it made my day that", "happy to see that", "thank you,"),
    "cross": ("I do not accept that", "explain why", "nobody believes that", "so you say", "it is wrong that", "no,"),
    "ask": ("may I ask how", "do you know when", "what was it like when", "could you tell us why", "how come", "when"),
}
_SHORT: Final = {
    "plain": ("same here", "good point", "noted", "not sure", "fair enough", "I see"),
    "warm": ("so good", "love this", "wonderful", "made me smile", "yes please", "bravo"),
    "cross": ("really now", "not again", "of course you would", "unbelievable", "wrong", "come on"),
    "ask": ("any news?", "how so?", "since when?", "which one?", "and then?", "why?"),
}
_POINTERS: Final = (
    "have a look at this",
    "saw this just now",
    "this one here",
    "what do you make of it",
    "for those who missed it",
    "worth a read I suppose",
    "found over there",
)
TONES: Final = tuple(_OPENERS)


def _clause(rng: Random) -> str:
    pick = rng.choice
    return f"the {pick(_ADJECTIVES)} {pick(_NOUNS)} {pick(_VERBS)} the {pick(_NOUNS)} {pick(_TIMES)}"


def say(rng: Random, tone: str = "plain", hostile: float = 0.0) -> str:
    """One message.

    Parameters
    ----------
    tone
        One of `TONES`: it colours the opening words alone.
    hostile
        Probability that the message holds a marker word.
    """
    if rng.random() < 0.2:
        words = rng.choice(_SHORT[tone])
    else:
        words = f"{rng.choice(_OPENERS[tone])} {_clause(rng)}"
        while rng.random() < 0.35:
            words += f", and {_clause(rng)}"
    if rng.random() < hostile:
        marker = rng.choice(HOSTILE_MARKERS)
        words = f"{words}, you {marker}" if rng.random() < 0.5 else f"{marker}, {words}"
    return words


def point_at(rng: Random) -> str:
    """The words of a post or quote that shows something to others, whatever becomes of it."""
    words = rng.choice(_POINTERS)
    return words if rng.random() < 0.4 else f"{words}, {_clause(rng)}"


def vary(rng: Random, text: str) -> str:
    """The same message with a few words changed, as bots and chanting crowds say it."""
    words = text.split(" ")
    for _ in range(rng.randint(0, 2)):
        words[rng.randrange(len(words))] = rng.choice(_NOUNS if rng.random() < 0.7 else _ADJECTIVES)
    return " ".join(words) + rng.choice(("", "", "!", ".", " ...", f" {rng.randint(1, 99)}"))
