"""How an ordinary thread grows: who comes, who answers whom, what is shared and liked."""

from __future__ import annotations

import math
from random import Random
from typing import Final

from streams.simulate.people import Account
from streams.simulate.platform import Act, Platform, Thread
from streams.simulate.text import say
from streams.simulate.times import HOUR_MS, MINUTE_MS

_VALUES: Final = ("like", "love", "laugh", "wow", "sad", "angry", "up", "down")
REACTIONS: Final[dict[str, tuple[float, ...]]] = {
    "plain": (60, 12, 10, 4, 3, 3, 5, 3),
    "warm": (56, 24, 6, 6, 1, 0.7, 6, 0.7),
    "ask": (64, 10, 6, 6, 2, 3, 7, 3),
    "cross": (33, 4, 17, 4, 6, 22, 4, 10),
    "news": (34, 4, 7, 18, 16, 14, 4, 4),
}
"""Weights of the reactions by the mood of those who react."""


def feeling(rng: Random, mood: str) -> str:
    """A reaction's value."""
    return rng.choices(_VALUES, REACTIONS[mood])[0]


def log_uniform(rng: Random, low: float, high: float) -> float:
    """Uniform in the logarithm, between `low` and `high`."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def poisson(rng: Random, mean: float) -> int:
    """A Poisson number; for large means the rounded normal."""
    if mean > 50:
        return max(int(rng.gauss(mean, math.sqrt(mean)) + 0.5), 0)
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def friend_of(rng: Random, account: Account) -> Account | None:
    """A friend; the first ones far more often than the last."""
    friends = account.friends
    return friends[int(len(friends) * rng.random() ** 1.8)] if friends else None


class Growth:
    """Lets threads grow as they ordinarily do.

    Parameters
    ----------
    platform
        Where.
    rng
        Source of chance.
    """

    def __init__(self, platform: Platform, rng: Random) -> None:
        self.platform = platform
        self.rng = rng

    def visitor(self, thread: Thread, time_ms: int, wide: bool) -> Account:
        """Somebody who comes by: a friend, a follower, a member, or anybody; `wide` when a thread is popular."""
        rng, people, found = self.rng, self.platform.people, None
        bounds = (0.1, 0.4, 0.8) if wide else (0.42, 0.62, 0.92)
        for _ in range(5):
            draw = rng.random()
            if draw < bounds[0]:
                found = friend_of(rng, thread.author)
            elif draw < bounds[1]:
                found = rng.choice(thread.author.fans) if thread.author.fans else None
            elif draw < bounds[2]:
                found = people.by_home[thread.root.community].draw(rng)
            else:
                found = people.everybody.draw(rng)
            if found is not None and found is not thread.author and rng.random() < found.awake(time_ms):
                return found
        return people.everybody.draw_awake(rng, time_ms)

    def attention(self, account: Account) -> int:
        """How many answers a post of this account gets: heavy-tailed, and more for those who have followers."""
        rng = self.rng
        scale = 0.55 * (1 + account.followers / 60) ** 0.28
        return min(int(rng.paretovariate(1.3) * scale * rng.random() * 1.6), 320)

    def grow(self, thread: Thread, count: int) -> None:
        """Give a thread `count` answers, with conversations, reactions, shares and views in proportion."""
        rng = self.rng
        wide = count > 25
        begin = thread.root.time_ms
        mood = rng.choices(("plain", "warm", "ask", "cross"), (60, 20, 12, 8))[0]
        median = log_uniform(rng, 6, 170) * MINUTE_MS if wide else 30 * MINUTE_MS
        spread = 1.0 if wide else 1.3
        times = sorted(begin + 4_000 + int(median * rng.lognormvariate(0, spread)) for _ in range(count))
        back = 0.3 if not wide else 5 / count
        for time_ms in times:
            self._answer(thread, time_ms, mood, wide, back)
        self._applaud(thread, count, mood, wide, median)

    def talk(self, first: Act, depth: int) -> None:
        """Let two go on answering each other for a while."""
        rng, act = self.rng, first
        other = first.parent.author if first.parent is not None else None
        thread = first.thread
        if other is None or thread is None or other is first.author:
            return
        for _ in range(depth):
            later = act.time_ms + 5_000 + int(rng.lognormvariate(5.6, 1.0) * 1000)
            speaker, other = other, act.author
            act = self.platform.answer(later, speaker, thread, act, say(rng, "plain", 0.01))
            if rng.random() > 0.45:
                return

    def _answer(self, thread: Thread, time_ms: int, mood: str, wide: bool, back: float) -> None:
        rng = self.rng
        parent = thread.root
        recent = thread.before(time_ms - 3_000, 14)
        if recent and rng.random() < 0.4:
            parent = recent[-1 - int(len(recent) * rng.random() ** 1.6)]
        author = self.visitor(thread, time_ms, wide)
        if author is parent.author:
            author = self.platform.people.everybody.draw_awake(rng, time_ms)
            if author is parent.author:
                return
        text = say(rng, mood if rng.random() < 0.6 else "plain", 0.05 if mood == "cross" else 0.004)
        act = self.platform.answer(time_ms, author, thread, parent, text)
        if rng.random() < back:
            self.talk(act, 1 if wide else 4)
        for _ in range(poisson(rng, 0.4)):
            later = time_ms + int(rng.lognormvariate(7, 1.2) * 1000)
            self.platform.react(later, self.visitor(thread, later, wide), act, feeling(rng, mood))
        if rng.random() < 0.003:
            self.platform.delete(time_ms + int(rng.lognormvariate(6, 1.5) * 1000), act)
        if rng.random() < (0.012 if mood == "cross" else 0.001):
            later = time_ms + int(rng.lognormvariate(6, 1.0) * 1000)
            self.platform.report(later, self.visitor(thread, later, wide), act)

    def _applaud(self, thread: Thread, count: int, mood: str, wide: bool, median: float) -> None:
        rng, begin = self.rng, thread.root.time_ms
        likes = poisson(rng, (count + 0.8) * rng.lognormvariate(0.1, 0.8))
        shares = poisson(rng, (count + 0.3) * 0.16 * rng.lognormvariate(0, 1.0))
        for _ in range(min(likes, 900)):
            later = begin + 2_000 + int(median * rng.lognormvariate(-0.2, 1.3))
            self.platform.react(later, self.visitor(thread, later, wide), thread.root, feeling(rng, mood))
        for _ in range(min(shares, 300)):
            later = begin + 4_000 + int(median * rng.lognormvariate(0, 1.2))
            self.platform.share(later, self.visitor(thread, later, wide), thread.root)
        views = (
            20 + thread.author.followers * rng.random() * 0.3 + (count * 60 + shares * 90) * rng.lognormvariate(0, 0.8)
        )
        thread.show(begin, views, min(median * 2, 9 * HOUR_MS))
