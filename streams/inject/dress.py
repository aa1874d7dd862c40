"""What every event carries, whoever's it is: the same fields with the same chance, from what is known of its author."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from xxhash import xxh3_64_hexdigest, xxh3_64_intdigest

from streams.inject.background import AUTHOR_FLAGS, TARGET_FLAGS, Background
from streams.inject.communities import Homes
from streams.inject.corpus import Corpus
from streams.inject.parameters import Values

DAY_MS: Final = 86_400_000
_LANGS: Final = ("en", "zh")
_NEW: Final = 0.04
Event = dict[str, Any]


class Wardrobe:
    """Dresses events with what the world of a stream tells of accounts.

    Parameters
    ----------
    background, homes
        What is known of its accounts.
    world
        Which fields there are.
    corpus
        What is said.
    seed
        What is not known of an account is drawn by it and the account's name, so that it never changes.
    """

    def __init__(self, background: Background, homes: Homes, world: Values, corpus: Corpus, seed: str) -> None:
        self.world, self.corpus = world, corpus
        self._seed = seed
        names = background.names
        self.known = set(names)
        self._ages, self._homes = world["ages"] == "on", world["homes"] == "on"
        self._created: dict[str, int] = {}
        if self._ages:
            first = background.first.tolist()
            for account, name in enumerate(names):
                told = background.created.get(account)
                self._created[name] = self.age(name, first[account]) if told is None else told
        self._home = {names[account]: homes.of[account] for account in sorted(homes.told)} if self._homes else {}
        self._told = homes.rate
        self._author_flags = {
            names[account]: [word for flag, word in AUTHOR_FLAGS.items() if flags & flag]
            for account, flags in background.author_flags.items()
        }
        self._target_flags = {
            names[account]: [word for flag, word in TARGET_FLAGS.items() if flags & flag]
            for account, flags in background.target_flags.items()
        }
        text = world["text"]
        self._langs = () if text == "none" else _LANGS if text == "mixed" else (text,)

    def chance(self, name: str, what: str) -> float:
        """A number from 0 to 1 that belongs to an account."""
        return xxh3_64_intdigest(f"{self._seed}\0{what}\0{name}".encode()) / 2**64

    def age(self, name: str, seen_ms: int, new: bool | None = None) -> int:
        """When an account was opened that is first seen at a time; a few are new, or as told."""
        draw, rest = self.chance(name, "age"), self.chance(name, "days")
        is_new = draw < _NEW if new is None else new
        days = 6.9 * rest**2 if is_new else 7.5 + 1_800 * rest**2.2
        return max(seen_ms - int(days * DAY_MS) - 60_000, 1_000_000_000_000)

    def introduce(self, name: str, created_ms: int, home: str | None) -> None:
        """An account that the background does not know."""
        if self._ages:
            self._created[name] = created_ms
        if self._homes and home is not None and self.chance(name, "told") < self._told:
            self._home[name] = home

    def home(self, name: str) -> str | None:
        """The home of an account, as it is told."""
        return self._home.get(name)

    def lang(self, name: str) -> str | None:
        """The language of an account; None where there is no text."""
        if not self._langs:
            return None
        return self._langs[0] if len(self._langs) == 1 or self.chance(name, "lang") < 0.6 else self._langs[1]

    def words(self, rng: Random, lang: str | None, hostile: float, tone: str = "plain") -> str | None:
        """Something to say, hostile with a probability; None where there is no text."""
        return None if lang is None else self.corpus.say(rng, lang, rng.random() < hostile, tone)

    def dress(self, event: Event) -> Event:
        """Put on an event what its world tells; it changes the event and gives it back."""
        author, target = event["author"], event.get("target")
        if isinstance(target, list):
            target = target[0] if target else None
        if self._ages:
            created = self._created.get(author)
            if created is not None:
                event["author_created_at"] = min(created, event["time"])
        if self._homes:
            home = self._home.get(author)
            if home is not None:
                event["author_home"] = home
            place = self._home.get(event.get("thread_author") or target or author)
            if place is not None and event["type"] not in ("share", "reaction", "report"):
                event["community"] = place
        flags = self._author_flags.get(author)
        if flags:
            event["author_flags"] = flags
        if target is not None:
            flags = self._target_flags.get(target)
            if flags:
                event["target_flags"] = flags
        return event


def new_id(seed: str, what: str) -> str:
    """An id for an event or a thread: the same shape for all."""
    return xxh3_64_hexdigest(f"{seed}\0{what}".encode())
