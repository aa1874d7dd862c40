"""Who comes: accounts of the background by their ties, and accounts that were never seen before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import Final

import numpy as np

from graph.columns import Array
from graph.events import TargetFlag
from streams.inject.background import Background
from streams.inject.errors import InjectError
from streams.inject.names import NewNames
from streams.inject.ties import Ties

_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS
_TRIES: Final = 40
_PUBLIC: Final = int(TargetFlag.PUBLIC_FIGURE | TargetFlag.ORGANISATION)
_QUIET: Final = 60
"""Through an account with more ties than this one hardly gets to know others."""


class People:
    """Casts the crowds of one stream; no account of the background comes twice, unless there are too few.

    Parameters
    ----------
    background, ties, homes
        The stream, its graph, the home of each account.
    rng
        Source of chance.
    """

    def __init__(self, background: Background, ties: Ties, homes: dict[int, str], rng: Random) -> None:
        self._background, self.ties, self.homes = background, ties, homes
        self._new = NewNames(background.names, rng)
        self.used: set[int] = set()
        self._targets: set[int] = set()
        members: dict[str, list[int]] = {}
        for account, home in sorted(homes.items()):
            members.setdefault(home, []).append(account)
        first = background.first
        self._members = {home: sorted(group, key=lambda one: (first[one], one)) for home, group in members.items()}
        self._seen = {home: first[np.array(group)] for home, group in self._members.items()}

    def name(self, account: int) -> str:
        """The name of an account of the background."""
        return self._background.names[account]

    def fresh(self) -> str:
        """The name of an account that nobody has."""
        return self._new.draw()

    def target(self, rng: Random, degree: str, at_ms: int, audience: int) -> int:
        """An account that plays no part yet, with few or many ties at this time, and if possible with an audience of so
        many around it.
        """
        ties = self.ties.degree(at_ms)
        low, high = {"low": (3, 40), "high": (150, 1 << 40), "any": (3, 1 << 40)}[degree]
        fit = np.flatnonzero((ties >= low) & (ties <= high))
        if len(fit) < _TRIES:
            fit = np.argsort(-ties, kind="stable")[: len(self.used) + _TRIES]
        # Evenly over the logarithm of the degree, so that those with hardly any do not prevail.
        ranks = np.log(ties[fit] + 1.0)
        best, most = -1, -1
        for _ in range(_TRIES):
            wanted = rng.uniform(float(ranks.min()), float(ranks.max()))
            close = fit[np.argsort(np.abs(ranks - wanted), kind="stable")[:_TRIES]]
            found = int(close[rng.randrange(len(close))])
            if found in self.used or not self._ordinary(found) or self._background.target_flags.get(found, 0) & _PUBLIC:
                continue
            reach = len(self._free(self.ties.of(found, at_ms)))
            if reach < audience:
                reach += len(self._free(self.ties.around(found, at_ms, rng, _QUIET)))
            if reach > most:
                best, most = found, reach
            if most >= audience:
                break
        if best < 0:
            left = sorted(set(range(len(ties))) - self._targets)
            if not left:
                raise InjectError("The background has too few accounts for so many campaigns; give a larger one.")
            best = left[rng.randrange(len(left))]
        self._targets.add(best)
        self.used.add(best)
        return best

    def caller(self, rng: Random, at_ms: int) -> int:
        """An account with some following at this time, to call others."""
        ties = self.ties.degree(at_ms)
        fit = np.flatnonzero((ties >= 30) & (ties <= 600))
        if len(fit) < 5:
            fit = np.argsort(-ties, kind="stable")[:50]
        for _ in range(_TRIES):
            found = int(fit[rng.randrange(len(fit))])
            if found not in self.used and self._ordinary(found):
                break
        self.used.add(found)
        return found

    def audience(self, rng: Random, target: int, at_ms: int, count: int) -> list[int]:
        """Those tied to a target; what is lacking, from those tied to them, the less known first."""
        direct = self._free(self.ties.of(target, at_ms))
        if len(direct) >= count:
            return self._take(rng, direct, count)
        found = self._take(rng, direct, len(direct))
        second = self._free(self.ties.around(target, at_ms, rng, _QUIET)) or self._free(
            self.ties.around(target, at_ms, rng)
        )
        return found + self._take(rng, second, count - len(found))

    def near(self, rng: Random, target: int, at_ms: int, count: int, home: str | None = None) -> list[int]:
        """Those within two hops of a target, at home in `home` if given."""
        pool = self._free(self.ties.of(target, at_ms) + self.ties.around(target, at_ms, rng))
        if home is not None:
            pool = [account for account in pool if self.homes.get(account) == home]
        return self._take(rng, pool, count)

    def following(self, rng: Random, caller: int, at_ms: int, count: int) -> list[int]:
        """Those tied to a caller, or to those who are."""
        return self.audience(rng, caller, at_ms, count)

    def of_home(self, rng: Random, home: str, at_ms: int, count: int) -> list[int]:
        """Members of a community."""
        return self._take(rng, self._free(self._members.get(home, [])[: self._known(home, at_ms)]), count)

    def _known(self, home: str, at_ms: int) -> int:
        """How many members of a community were seen before a time."""
        return int(np.searchsorted(self._seen[home], at_ms))

    def together(self, rng: Random, at_ms: int, count: int) -> list[int]:
        """Accounts that lately addressed the same others: those of one busy place, and of more if that is too few."""
        found: list[int] = []
        for _ in range(_TRIES):
            if len(found) >= count:
                break
            place = self._lately(rng, at_ms, self._background.target)
            if place >= 0:
                found += self._take(rng, self._free(self.ties.of(place, at_ms)), min(count - len(found), 40))
        return found

    def places(self, rng: Random, at_ms: int, count: int) -> list[int]:
        """Accounts that were addressed lately and play no part."""
        found: list[int] = []
        for _ in range(count * _TRIES):
            place = self._lately(rng, at_ms, self._background.target)
            if len(found) >= count:
                break
            if place >= 0 and place not in self.used:
                self.used.add(place)
                found.append(place)
        return found

    def _lately(self, rng: Random, at_ms: int, column: Array) -> int:
        time = self._background.time
        low, high = (int(np.searchsorted(time, moment)) for moment in (at_ms - 2 * _DAY_MS, at_ms))
        return int(column[rng.randrange(low, max(high, low + 1))])

    def scattered(self, rng: Random, at_ms: int, count: int, avoid: Iterable[int] = ()) -> list[int]:
        """Authors of earlier events, mostly of the last two days, but for those to avoid; where too few are left, some who
        play a part elsewhere.
        """
        avoided = set(avoid) | self._targets
        time, authors = self._background.time, self._background.author
        end = int(np.searchsorted(time, at_ms))
        lately = int(np.searchsorted(time, at_ms - 2 * _DAY_MS))
        found: list[int] = []
        for turn in range(2 * count * _TRIES):
            if len(found) >= count:
                break
            low = lately if rng.random() < 0.7 else 0
            account = int(authors[rng.randrange(low, max(end, low + 1))])
            free = account not in self.used or turn >= count * _TRIES
            if free and account not in avoided and self._ordinary(account):
                self.used.add(account)
                avoided.add(account)
                found.append(account)
        return found

    def foreign_home(self, rng: Random, target: int, at_ms: int, count: int) -> str | None:
        """A community that is not the target's, with enough members at this time; those near the target are likelier."""
        own = self.homes.get(target)
        sizes = {home: self._known(home, at_ms) for home in self._members if home != own}
        large = {home for home, size in sizes.items() if size >= 2 * count}
        if not large:
            large = set(sorted(sizes, key=lambda home: (-sizes[home], home))[:3])
        near = Counter(self.homes.get(account) for account in self.ties.around(target, at_ms, rng))
        likely = sorted(large.intersection(near)) or sorted(large)
        return rng.choices(likely, [1 + near[home] for home in likely])[0] if likely else None

    def _ordinary(self, account: int) -> bool:
        return account not in self._background.author_flags

    def _free(self, accounts: list[int]) -> list[int]:
        return [account for account in accounts if account not in self.used and self._ordinary(account)]

    def _take(self, rng: Random, accounts: list[int], count: int) -> list[int]:
        chosen = rng.sample(accounts, min(count, len(accounts)))
        self.used.update(chosen)
        return chosen
