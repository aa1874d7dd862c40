"""An ordinary day: everything that happens on the platform when nothing happens."""

from __future__ import annotations

from random import Random
from typing import Final

from streams.simulate.growth import Growth, feeling, friend_of, log_uniform
from streams.simulate.people import Account
from streams.simulate.platform import Act, Platform, Thread
from streams.simulate.text import point_at, say
from streams.simulate.times import DAY_MS, HOUR_MS, MINUTE_MS

WARM_UP_MS: Final = 8 * HOUR_MS
"""How long before its start the platform already lives, unseen."""

_POSTS_A_DAY: Final = 9_500
_MENTIONS_A_DAY: Final = 4_500
_QUOTES_A_DAY: Final = 1_900
_QUARRELS_A_DAY: Final = 26
_SITES: Final = ("news", "video", "maps", "paper", "photos", "radio")


class Background:
    """The platform's ordinary life from a while before `start_ms` to `end_ms`.

    Parameters
    ----------
    platform
        Where it is written.
    rng
        Source of chance.
    start_ms, end_ms
        The stretch that will be seen.
    pace
        Factor on how much happens in an hour.
    """

    def __init__(self, platform: Platform, rng: Random, start_ms: int, end_ms: int, pace: float) -> None:
        self.platform = platform
        self.rng = rng
        self.start_ms = start_ms
        self.begin_ms = start_ms - WARM_UP_MS
        self.end_ms = end_ms
        self.pace = pace
        self.growth = Growth(platform, rng)

    def live(self) -> None:
        """Write all of it into the platform's log."""
        self._posts()
        self._announcers()
        self._mentions()
        self._followings()
        self._quotes()
        self._quarrels()

    def dabble(self, account: Account, from_ms: int, to_ms: int) -> None:
        """Let a newcomer do the few things that newcomers do between these times."""
        rng = self.rng
        for _ in range(int(rng.expovariate(1 / 1.6))):
            time_ms = rng.randint(from_ms, max(from_ms, to_ms))
            thread = self._some_thread(time_ms)
            if thread is None or thread.author is account:
                continue
            if rng.random() < 0.4:
                self.platform.answer(time_ms, account, thread, thread.root, say(rng))
            else:
                self.platform.react(time_ms, account, thread.root, feeling(rng, "plain"))

    def ordinary_thread(self, account: Account, time_ms: int) -> Thread:
        """A thread as this account would open it, grown as it would grow."""
        thread = self.platform.post(time_ms, account, account.home, say(self.rng))
        self.growth.grow(thread, self.growth.attention(account))
        return thread

    def _moments(self, a_day: float) -> list[int]:
        """Poisson times of that many a day, before anybody's sleep is taken off."""
        rate = a_day * self.pace / DAY_MS
        moments: list[int] = []
        time_ms = float(self.begin_ms)
        while True:
            time_ms += self.rng.expovariate(rate)
            if time_ms >= self.end_ms:
                return moments
            moments.append(int(time_ms))

    def _author(self, time_ms: int) -> Account | None:
        """Who acts now, if he is awake."""
        found = self.platform.people.everybody.draw(self.rng)
        return found if self.rng.random() < found.awake(time_ms) else None

    def _place(self, account: Account) -> int:
        return self.rng.choice(account.haunts) if account.haunts and self.rng.random() < 0.22 else account.home

    def _some_thread(self, time_ms: int) -> Thread | None:
        """A thread of the last hours, the livelier the likelier."""
        found = [self.platform.some_thread(self.rng, time_ms - 5 * HOUR_MS, time_ms - MINUTE_MS) for _ in range(2)]
        return max((t for t in found if t is not None), key=lambda thread: len(thread.answers), default=None)

    def _links(self, recent: list[Thread]) -> tuple[Act | Account | str, ...]:
        draw = self.rng.random()
        if draw < 0.15:
            return (f"https://{self.rng.choice(_SITES)}.example/{self.rng.randrange(10**6)}",)
        if draw < 0.29 and recent:
            return (recent[-1 - int(len(recent) * self.rng.random() ** 1.5)].root,)
        if draw < 0.33:
            return (self.platform.people.by_popularity.draw(self.rng),)
        return ()

    def _posts(self) -> None:
        rng, growth = self.rng, self.growth
        recent: list[Thread] = []
        for time_ms in self._moments(_POSTS_A_DAY):
            author = self._author(time_ms)
            if author is None:
                continue
            links = self._links(recent)
            text = point_at(rng) if links else say(rng, rng.choice(("plain", "plain", "warm", "ask")))
            thread = self.platform.post(time_ms, author, self._place(author), text, links)
            growth.grow(thread, growth.attention(author))
            self._patrol(thread)
            if links and isinstance(links[0], Act) and rng.random() < 0.3:
                self._visit(thread, links[0])
            recent = [*recent[-400:], thread]

    def _visit(self, pointer: Thread, item: Act) -> None:
        """A few readers of a link go there and say something."""
        rng = self.rng
        linked = item.thread
        if linked is None:
            return
        for _ in range(min(int(rng.expovariate(1 / 2.5)), 12)):
            time_ms = pointer.root.time_ms + 20_000 + int(rng.lognormvariate(6.5, 1.0) * 1000)
            guest = self.growth.visitor(pointer, time_ms, wide=False)
            if guest is not linked.author:
                self.platform.answer(time_ms, guest, linked, linked.root, say(rng))

    def _patrol(self, thread: Thread) -> None:
        """Bots and moderators have a word under some posts."""
        rng, people = self.rng, self.platform.people
        community, time_ms = thread.root.community, thread.root.time_ms
        if rng.random() < 0.06:
            bot = people.bots[community % len(people.bots)]
            self.platform.answer(time_ms + rng.randint(1_000, 4_000), bot, thread, thread.root, say(rng))
        if rng.random() < 0.03:
            moderator = rng.choice(people.moderators[community])
            if moderator is not thread.author:
                later = time_ms + int(rng.lognormvariate(7, 1) * 1000)
                self.platform.answer(later, moderator, thread, thread.root, say(rng))

    def _announcers(self) -> None:
        """Celebrities, organisations and bots post on their own schedule."""
        rng, people, growth = self.rng, self.platform.people, self.growth
        for group, a_day in ((people.celebrities, 6.0), (people.organisations, 3.0), (people.bots, 5.0)):
            for time_ms in self._moments(a_day * len(group)):
                author = rng.choice(group)
                if rng.random() < author.awake(time_ms):
                    thread = self.platform.post(time_ms, author, author.home, say(rng))
                    factor = rng.uniform(3, 14) if group is people.celebrities else 1.0
                    growth.grow(thread, min(int(growth.attention(author) * factor), 320))

    def _mentions(self) -> None:
        rng, people = self.rng, self.platform.people
        for time_ms in self._moments(_MENTIONS_A_DAY):
            author = self._author(time_ms)
            if author is None:
                continue
            found = [friend_of(rng, author) if rng.random() < 0.75 else people.by_popularity.draw(rng)]
            while rng.random() < 0.2:
                found.append(friend_of(rng, author))
            targets = tuple(
                dict.fromkeys(a for a in found if a is not None and a is not author and a.created_ms < time_ms)
            )[:16]
            if not targets:
                continue
            self.platform.mention(time_ms, author, targets, say(rng), self._place(author))
            self._chat(time_ms, author, targets[0])

    def _chat(self, time_ms: int, author: Account, other: Account) -> None:
        """Friends who were mentioned mention back, for a while."""
        while other in author.friends and self.rng.random() < 0.4:
            time_ms += 4_000 + int(self.rng.lognormvariate(5.2, 1.0) * 1000)
            self.platform.mention(time_ms, other, (author,), say(self.rng), other.home)
            author, other = other, author

    def _followings(self) -> None:
        """The well-known are spoken to all day long, by their followers and by anybody."""
        rng, people = self.rng, self.platform.people
        streams = [(who, log_uniform(rng, 200, 1_600), "plain") for who in people.celebrities]
        streams += [(who, log_uniform(rng, 25, 220), "cross") for who in people.organisations]
        streams += [(who, log_uniform(rng, 25, 260), "plain") for who in people.figures]
        for idol, a_day, tone in streams:
            for time_ms in self._moments(a_day):
                fan = rng.choice(idol.fans) if idol.fans and rng.random() < 0.6 else people.everybody.draw(rng)
                if fan is idol or rng.random() > fan.awake(time_ms):
                    continue
                words = say(rng, tone if rng.random() < 0.5 else "plain", 0.01)
                self.platform.mention(time_ms, fan, (idol,), words, fan.home)
                if tone == "cross" and rng.random() < 0.3:
                    later = time_ms + int(rng.lognormvariate(6.5, 1) * 1000)
                    self.platform.mention(later, idol, (fan,), say(rng), idol.home)

    def _quotes(self) -> None:
        rng = self.rng
        for time_ms in self._moments(_QUOTES_A_DAY):
            author, quoted = self._author(time_ms), self._some_thread(time_ms)
            if author is None or quoted is None or quoted.author is author:
                continue
            thread = self.platform.quote(time_ms, author, quoted.root, point_at(rng))
            self.growth.grow(thread, self.growth.attention(author) // 2)
            if rng.random() < 0.3:
                self._visit(thread, quoted.root)

    def _quarrels(self) -> None:
        """Two people go at each other; a few look on."""
        rng = self.rng
        for start_ms in self._moments(_QUARRELS_A_DAY):
            thread = self._some_thread(start_ms)
            if thread is None:
                continue
            first, second = (self.growth.visitor(thread, start_ms, wide=False) for _ in range(2))
            if first is second or thread.author in (first, second):
                continue
            act = self.platform.answer(start_ms, first, thread, thread.root, say(rng, "cross", 0.2))
            time_ms, speaker, listener = start_ms, second, first
            for _ in range(rng.randint(6, 44)):
                time_ms += 6_000 + int(rng.lognormvariate(4.6, 0.8) * 1000)
                act = self.platform.answer(time_ms, speaker, thread, act, say(rng, "cross", 0.3))
                speaker, listener = listener, speaker
                if rng.random() < 0.08:
                    guest = self.growth.visitor(thread, time_ms, wide=False)
                    if guest is not act.author:
                        self.platform.answer(
                            time_ms + rng.randint(3_000, 90_000), guest, thread, act, say(rng, "cross", 0.05)
                        )
                if rng.random() < 0.04:
                    self.platform.report(time_ms + rng.randint(9_000, 400_000), listener, act)
