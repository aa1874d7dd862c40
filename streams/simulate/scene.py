"""What all scenarios need: somebody it happens to, a thread where it happens, people to do it."""

from __future__ import annotations

from random import Random

from streams.simulate.background import Background
from streams.simulate.crowd import Gathering, Source, circle
from streams.simulate.growth import feeling, log_uniform
from streams.simulate.people import Account
from streams.simulate.platform import Thread
from streams.simulate.text import say
from streams.simulate.times import HOUR_MS, MINUTE_MS


class Scene:
    """The place of one scenario in the day.

    Parameters
    ----------
    background
        The ordinary day around it.
    rng
        Source of chance.
    start_ms
        When the crowd is to come.
    room_ms
        The longest that it may last.
    used
        Names of the accounts that other scenarios have taken; added to.
    """

    def __init__(self, background: Background, rng: Random, start_ms: int, room_ms: int, used: set[str]) -> None:
        self.background = background
        self.platform = background.platform
        self.people = background.platform.people
        self.rng = rng
        self.start_ms = start_ms
        self.room_ms = room_ms
        self.used = used

    def size(self, low: int, high: int) -> int:
        """How many come."""
        return int(log_uniform(self.rng, low, high + 1))

    def length(self, low_min: float, high_min: float) -> int:
        """How long they keep coming, in ms."""
        high = min(high_min, self.room_ms / MINUTE_MS)
        return int(log_uniform(self.rng, min(low_min, high / 2), high) * MINUTE_MS)

    def delay(self, low_s: int, high_s: int) -> int:
        """How long the crowd takes to find its way, in ms; a tenth of the room at most."""
        return min(self.rng.randint(low_s * 1000, high_s * 1000), self.room_ms // 10)

    def somebody(self, avoid: int | None = None, figure: float = 0.0) -> Account:
        """An account that it could happen to: mostly an ordinary one, at times a popular one.

        Parameters
        ----------
        avoid
            A community that he does not live in.
        figure
            Probability of a public figure.
        """
        rng, people = self.rng, self.people
        if rng.random() < figure:
            return self.take([account for account in people.figures if account.home != avoid] or people.figures)
        for _ in range(1_000):
            draw = rng.random()
            if draw < 0.5:
                found = rng.choice(people.accounts)
            else:
                found = (people.everybody if draw < 0.8 else people.by_popularity).draw(rng)
            fit = (
                found.ordinary
                and found not in people.celebrities
                and found.home != avoid
                and found.created_ms < self.start_ms - HOUR_MS
            )
            if fit and found.name not in self.used:
                break
        self.used.add(found.name)
        return found

    def take(self, accounts: list[Account]) -> Account:
        """One of these accounts, if possible one that no other scenario has."""
        found = self.rng.choice([account for account in accounts if account.name not in self.used] or accounts)
        self.used.add(found.name)
        return found

    def influencer(self, avoid: Account, fans: int = 45) -> Account:
        """Somebody with followers who is awake, and no celebrity."""
        pool = [a for a in self.people.accounts if a.ordinary and len(a.fans) >= fans and a is not avoid]
        pool = [a for a in pool if a not in self.people.celebrities and a.created_ms < self.start_ms - HOUR_MS]
        awake = [a for a in pool if self.rng.random() < a.awake(self.start_ms)]
        return self.take(awake or pool)

    def origin(self, members: int, avoid: int | None = None) -> int:
        """A community with enough members for that crowd; the largest one if none has."""
        homes = self.people.members
        fit = [c for c in range(len(homes)) if c != avoid and len(homes[c]) >= 1.8 * members]
        return self.rng.choice(fit) if fit else max(range(len(homes)), key=lambda c: (c != avoid, len(homes[c])))

    def thread_of(self, account: Account) -> Thread:
        """The newest thread of the account, or one that it opened a little earlier."""
        rng = self.rng
        found = self.platform.threads_of(account, self.start_ms - 30_000)
        if found and found[-1].root.time_ms > self.start_ms - 8 * HOUR_MS:
            return found[-1]
        return self.background.ordinary_thread(account, self.start_ms - rng.randint(2, 50) * MINUTE_MS)

    def defenders(self, gathering: Gathering, count: int, target: Account | None, community: int) -> list[Account]:
        """People who take the target's side: his circle, his community, a few others."""
        home = self.people.crowd_by_home[community]
        shares: list[tuple[Source, float]] = [(home, 0.9)]
        if target is not None:
            shares = [(circle(target), 0.45), (home, 0.4)]
        return gathering.mix(count, self.start_ms, shares)

    def seen_together(self, crew: list[Account]) -> None:
        """Some of the crew have turned up at the same places in small numbers before."""
        rng = self.rng
        for _ in range(rng.randint(2, 6)):
            time_ms = self.start_ms - int(rng.uniform(0.15, 5) * HOUR_MS)
            thread = self.platform.some_thread(rng, time_ms - 2 * HOUR_MS, time_ms - MINUTE_MS)
            if thread is None:
                continue
            some = rng.sample(crew, min(rng.randint(4, 9), len(crew)))
            for person in some:
                when = time_ms + rng.randint(0, 9 * MINUTE_MS)
                if person.created_ms >= when or person is thread.author:
                    continue
                if rng.random() < 0.6:
                    self.platform.answer(when, person, thread, thread.root, say(rng))
                else:
                    self.platform.react(when, person, thread.root, feeling(rng, "plain"))
