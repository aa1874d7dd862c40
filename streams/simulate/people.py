"""The population: accounts with homes, habits, friends and followers, in communities of very unequal size."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from typing import Final

from streams.simulate.times import DAY_MS, HOUR_MS

ACCOUNTS: Final = 10_000
CELEBRITIES: Final = 7
ORGANISATIONS: Final = 14
PUBLIC_FIGURES: Final = 12

_OFFSETS_H: Final = (-8, -5, -5, -3, 0, 0, 1, 1, 2, 3, 5, 8, 9)
_LANGS: Final = ("en", "en", "en", "de", "es", "fr", "pt", "zh", "ja")
_SYLLABLES: Final = [
    "ba",
    "be",
    "bo",
    "da",
    "del",
    "di",
    "do",
    "fa",
    "fen",
    "ga",
    "go",
    "ha",
    "hol",
    "ka",
    "ki",
    "kor",
    "la",
    "len",
    "li",
    "lo",
    "ma",
    "mi",
    "mor",
    "na",
    "nel",
    "no",
    "pa",
    "pe",
    "ra",
    "rin",
    "ro",
    "sa",
    "sel",
    "so",
    "ta",
    "ti",
    "tor",
    "va",
    "ven",
    "vi",
    "wa",
    "wen",
    "yo",
    "za",
]
_DAY: Final[tuple[float, ...]] = tuple(
    0.1 + 0.9 * math.sin(math.pi * ((q / 96 - 4 / 24) % 1)) ** 1.6 for q in range(96)
)


@dataclass(slots=True, eq=False)
class Account:
    """Somebody. `activity` and `popularity` are relative weights; `offset_h` is local time less UTC."""

    name: str
    home: int
    haunts: tuple[int, ...]
    offset_h: int
    activity: float
    popularity: float
    created_ms: int
    home_known: bool
    lang: str
    followers: int = 0
    flags: tuple[str, ...] = ()
    target_flags: tuple[str, ...] = ()
    friends: list[Account] = field(default_factory=list)
    fans: list[Account] = field(default_factory=list)

    def awake(self, time_ms: int) -> float:
        """How likely the account is at its screen at this time, 0 to 1; 0 before it was opened."""
        if time_ms < self.created_ms:
            return 0.0
        return _DAY[(time_ms + self.offset_h * HOUR_MS) % DAY_MS * 96 // DAY_MS]

    @property
    def ordinary(self) -> bool:
        """Neither bot nor moderator, figure nor organisation."""
        return not self.flags and "organisation" not in self.target_flags and "public_figure" not in self.target_flags


class Weighted:
    """Accounts drawn with fixed weights, in O(log n)."""

    __slots__ = ("_cumulative", "items")

    def __init__(self, items: Sequence[Account], weight: Callable[[Account], float]) -> None:
        self.items = items
        self._cumulative = list(accumulate(weight(item) for item in items))

    def draw(self, rng: Random) -> Account:
        """One account."""
        cumulative = self._cumulative
        return self.items[min(bisect(cumulative, rng.random() * cumulative[-1]), len(self.items) - 1)]

    def draw_awake(self, rng: Random, time_ms: int) -> Account:
        """One account that is awake at this time; after many refusals whoever comes next."""
        for _ in range(40):
            found = self.draw(rng)
            if rng.random() < found.awake(time_ms):
                return found
        while found.created_ms > time_ms:
            found = self.draw(rng)
        return found


class Population:
    """All accounts and communities of a platform.

    Parameters
    ----------
    rng
        Source of chance.
    start_ms, end_ms
        The simulated stretch; accounts are opened before and during it.
    """

    def __init__(self, rng: Random, start_ms: int, end_ms: int) -> None:
        self._rng = rng
        self._names: set[str] = set()
        self.start_ms = start_ms
        count = rng.randint(34, 52)
        self.communities = [self._name("", 3) for _ in range(count)]
        sizes = [1 / (rank + 3) ** rng.uniform(0.85, 0.95) for rank in range(count)]
        self._community_weights = list(accumulate(sizes))
        self._offsets = [rng.choice(_OFFSETS_H) for _ in range(count)]
        self._community_langs = [rng.choice(_LANGS) for _ in range(count)]
        self.accounts = [self._account(start_ms, end_ms) for _ in range(ACCOUNTS)]
        self._appoint()
        self.members: list[list[Account]] = [[] for _ in range(count)]
        for account in self.accounts:
            self.members[account.home].append(account)
        self.everybody = Weighted(self.accounts, lambda a: a.activity)
        self.by_popularity = Weighted(self.accounts, lambda a: a.popularity)
        self.by_home = [Weighted(group, lambda a: a.activity) for group in self.members]
        self.crowd = Weighted(self.accounts, lambda a: a.activity**0.5)
        self.crowd_by_home = [Weighted(group, lambda a: a.activity**0.5) for group in self.members]
        self._befriend()

    def mint(self, rng: Random, created_ms: int, home: int | None = None) -> Account:
        """A new account, opened at this time, with a few friends like every newcomer's."""
        account = self._fresh(rng, created_ms, self.draw_community(rng) if home is None else home)
        pool = self.by_home[account.home]
        account.friends = [pool.draw(rng) for _ in range(rng.randint(0, 3))]
        account.followers = int(rng.expovariate(1 / 6))
        return account

    def draw_community(self, rng: Random) -> int:
        """A community, the larger the likelier."""
        weights = self._community_weights
        return min(bisect(weights, rng.random() * weights[-1]), len(weights) - 1)

    def _name(self, suffix: str, syllables: int) -> str:
        """A name that nobody has; it grows longer when the short ones are taken."""
        rng = self._rng
        name = "".join(rng.choice(_SYLLABLES) for _ in range(syllables))
        while name + suffix in self._names:
            name += rng.choice(_SYLLABLES)
        self._names.add(name + suffix)
        return name + suffix

    def _fresh(self, rng: Random, created_ms: int, home: int) -> Account:
        suffix = str(rng.randint(1, 999)) if rng.random() < 0.45 else ""
        local = rng.random() < 0.65
        return Account(
            name=self._name(suffix, rng.randint(2, 4)),
            home=home,
            haunts=tuple(self.draw_community(rng) for _ in range(rng.randint(0, 3))),
            offset_h=self._offsets[home] if local else rng.choice(_OFFSETS_H),
            activity=min(rng.paretovariate(1.15), 250.0) * (0.12 if rng.random() < 0.5 else 1.0),
            popularity=min(rng.paretovariate(1.1), 500.0),
            created_ms=created_ms,
            home_known=rng.random() < 0.85,
            lang=self._community_langs[home] if local else rng.choice(_LANGS),
        )

    def _account(self, start_ms: int, end_ms: int) -> Account:
        rng = self._rng
        if rng.random() < 0.025:
            created_ms = rng.randint(start_ms - 36 * HOUR_MS, end_ms)
        else:
            created_ms = start_ms - int(DAY_MS * (1.5 + min(rng.expovariate(1 / 900), 5_000)))
        account = self._fresh(rng, created_ms, self.draw_community(rng))
        account.popularity *= account.activity**0.3
        draw = rng.random()
        if draw < 0.03:
            account.target_flags = ("minor",) if draw < 0.015 else ("protected",)
        return account

    def _appoint(self) -> None:
        """Make some accounts celebrities, organisations, public figures, bots and moderators."""
        rng = self._rng
        count = len(self.communities)
        grown = [account for account in self.accounts if account.created_ms < self.start_ms - 30 * DAY_MS]
        chosen = rng.sample(grown, CELEBRITIES + ORGANISATIONS + PUBLIC_FIGURES + 4 * count)
        known = chosen[: CELEBRITIES + ORGANISATIONS + PUBLIC_FIGURES]
        self.celebrities = known[:CELEBRITIES]
        self.organisations = known[CELEBRITIES : CELEBRITIES + ORGANISATIONS]
        self.figures = known[CELEBRITIES + ORGANISATIONS :]
        for account in known:
            account.target_flags = ()
            account.popularity = rng.uniform(60, 400)
        for account in self.celebrities:
            account.popularity = rng.uniform(2_500, 9_000)
            account.activity = rng.uniform(4, 15)
        for account in self.celebrities[:3] + self.figures:
            account.target_flags = ("public_figure",)
        for account in self.organisations:
            account.target_flags = ("organisation",)
        self.bots: list[Account] = []
        self.moderators: list[list[Account]] = [[] for _ in range(count)]
        for position, account in enumerate(chosen[len(known) :]):
            account.home = position % count
            if position < count:
                account.flags = ("bot",)
                account.activity = 0.01
                self.bots.append(account)
            else:
                account.flags = ("moderator",)
                account.activity = rng.uniform(5, 20)
                self.moderators[account.home].append(account)

    def _befriend(self) -> None:
        rng = self._rng
        newest_ms = self.start_ms - 36 * HOUR_MS
        popular_at_home = [Weighted(group, lambda a: a.popularity) for group in self.members]
        for account in self.accounts:
            for _ in range(min(2 + int(rng.expovariate(1 / 3.0)), 25)):
                near = rng.random() < 0.85
                other = (self.by_home[account.home] if near else self.everybody).draw(rng)
                if other is not account and "bot" not in other.flags:
                    account.friends.append(other)
                    if len(other.friends) < 60:
                        other.friends.append(account)
            for _ in range(min(int(rng.lognormvariate(2.3, 0.8)), 150)):
                near = rng.random() < 0.65
                idol = (popular_at_home[account.home] if near else self.by_popularity).draw(rng)
                if idol is not account:
                    idol.fans.append(account)
        for account in self.accounts:
            followers = (len(account.fans) + 1) * rng.lognormvariate(2.3, 0.7)
            account.followers = int(followers if account.created_ms < newest_ms else rng.expovariate(1 / 6))
