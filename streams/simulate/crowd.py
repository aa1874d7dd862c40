"""Crowds: where they come from, when they arrive, and what each of them does. Attacks and surges share all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from streams.simulate.background import Background
from streams.simulate.growth import feeling, poisson
from streams.simulate.people import Account, Population, Weighted
from streams.simulate.platform import Act, Platform, Thread
from streams.simulate.text import say, vary
from streams.simulate.times import HOUR_MS, MINUTE_MS

Source = Sequence[Account] | Weighted
"""Where members of a crowd come from."""

SHAPES: Final = ("decay", "grow", "steady", "waves")


@dataclass(slots=True)
class Campaign:
    """One scenario as it happened: what `truth.json` tells of it."""

    scenario: str
    pile_on: bool
    kind: str
    target: Account | Act | int
    crowd: list[Act] = field(default_factory=list)
    defence: list[Act] = field(default_factory=list)
    instigator: Account | None = None
    threads: list[Thread] = field(default_factory=list)
    communities: list[int] = field(default_factory=list)
    right: tuple[str, ...] = ()
    """What may rightly be said of it."""
    never_named: list[Account] = field(default_factory=list)
    """Who had a part in it, or seems to have had one, and must not be named as an attacker or instigator."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How the members of a crowd behave; all but the words are probabilities or weights.

    Attributes
    ----------
    ways
        Weights of: a comment on the target's thread, an answer to another visitor there, a quote, a mention.
    tones, hostile
        Tones of the words, and the probability of a marker word.
    again
        Probability of saying something more, after each time.
    react, mood
        Probability of a reaction to the target's item, and in which mood.
    cheer
        Probability of a reaction to another visitor's words.
    share
        Probability of sharing the target's item.
    chant
        Probability of saying (nearly) the common words instead of one's own.
    """

    ways: tuple[float, float, float, float] = (60, 20, 10, 10)
    tones: tuple[str, ...] = ("plain",)
    hostile: float = 0.004
    again: float = 0.25
    react: float = 0.4
    mood: str = "plain"
    cheer: float = 0.2
    share: float = 0.15
    chant: float = 0.0


def arrivals(rng: Random, shape: str, count: int, start_ms: int, length_ms: int) -> list[int]:
    """`count` sorted times between `start_ms` and `start_ms + length_ms`, in one of `SHAPES`."""
    skew = rng.uniform(1.3, 3.2)
    second = rng.uniform(0.3, 0.7)
    places = []
    for _ in range(count):
        u = rng.random()
        if shape == "decay":
            u = u**skew
        elif shape == "grow":
            u = 1 - u**skew
        elif shape == "waves":
            u = u**2 * 0.3 if rng.random() < 0.5 else second + (1 - second) * u**2
        places.append(start_ms + int(u * length_ms))
    return sorted(places)


class Gathering:
    """Picks the members of a crowd, nobody twice.

    Parameters
    ----------
    people
        The population.
    rng
        Source of chance.
    excluded
        Who must not be picked.
    """

    def __init__(self, people: Population, rng: Random, excluded: Sequence[Account]) -> None:
        self.people = people
        self.rng = rng
        self._taken = {account.name for account in excluded}

    def exclude(self, accounts: Iterable[Account]) -> None:
        """Do not pick these from now on."""
        self._taken.update(account.name for account in accounts)

    def pick(self, source: Source, count: int, time_ms: int, ever: bool = False) -> list[Account]:
        """Up to `count` ordinary accounts of `source` that are awake at this time (or exist, with `ever`)."""
        rng = self.rng
        found: list[Account] = []
        for _ in range(count * 25):
            if len(found) >= count or (not isinstance(source, Weighted) and not source):
                break
            account = source.draw(rng) if isinstance(source, Weighted) else rng.choice(source)
            fit = account.created_ms < time_ms if ever else rng.random() < account.awake(time_ms)
            if fit and account.ordinary and account.name not in self._taken:
                self._taken.add(account.name)
                found.append(account)
        return found

    def one(self, source: Weighted, time_ms: int) -> Account:
        """One of `source`, of whom there are some: somebody who is not gathered yet, or where all are, one of them."""
        found = self.pick(source, 1, time_ms, ever=True)
        return found[0] if found else source.draw(self.rng)

    def mix(self, count: int, time_ms: int, shares: Sequence[tuple[Source, float]]) -> list[Account]:
        """`count` accounts, each source giving its share; in random order.

        What one source lacks, the next one gives, and the rest comes from anywhere.
        """
        found: list[Account] = []
        wanted = 0.0
        for source, share in shares:
            wanted += count * share
            found += self.pick(source, min(round(wanted), count) - len(found), time_ms)
        found += self.pick(self.people.crowd, count - len(found), time_ms)
        self.rng.shuffle(found)
        return found

    def newcomers(self, background: Background, count: int, time_ms: int, longest_ms: int) -> list[Account]:
        """`count` accounts opened lately, which do what newcomers do besides."""
        rng = self.rng
        found: list[Account] = []
        for _ in range(count):
            age_ms = int(10 * MINUTE_MS + rng.random() ** 2 * longest_ms)
            account = self.people.mint(rng, time_ms - age_ms)
            background.dabble(account, time_ms - age_ms, min(time_ms + 6 * HOUR_MS, background.end_ms))
            self._taken.add(account.name)
            found.append(account)
        return found


def circle(account: Account) -> list[Account]:
    """Those who know the account: friends and followers."""
    return list(dict.fromkeys(account.friends + account.fans))


Tongue = Callable[[Random, Account, str, float], str]
"""How somebody says something in a tone, with a marker word at that probability."""


def own_words(rng: Random, _: Account, tone: str, hostile: float) -> str:
    """What people mostly say."""
    return say(rng, tone, hostile)


class Crowd:
    """Lets the members of a crowd act.

    Parameters
    ----------
    platform, rng
        Where, and the source of chance.
    stop_ms
        Nobody of the crowd speaks after this time.
    slogan
        The common words of those who chant.
    tongue
        How they say what is not chanted.
    """

    def __init__(
        self, platform: Platform, rng: Random, stop_ms: int, slogan: str = "", tongue: Tongue = own_words
    ) -> None:
        self.platform = platform
        self.rng = rng
        self.stop_ms = stop_ms
        self.slogan = slogan or say(rng)
        self.tongue = tongue

    def words(self, manner: Manner, person: Account) -> str:
        """Something that a member says."""
        rng = self.rng
        if rng.random() < manner.chant:
            return vary(rng, self.slogan)
        return self.tongue(rng, person, rng.choice(manner.tones), manner.hostile)

    def turns(self, time_ms: int, again: float) -> Iterator[int]:
        """The times at which somebody who comes at `time_ms` speaks."""
        while True:
            yield time_ms
            time_ms += 6_000 + int(self.rng.lognormvariate(5.0, 1.0) * 1000)
            if time_ms > self.stop_ms or self.rng.random() >= again:
                return

    def speak(self, person: Account, time_ms: int, thread: Thread, target: Account, manner: Manner) -> Act:
        """Say one thing to the target, or under his thread."""
        rng, platform = self.rng, self.platform
        way = rng.choices(("comment", "reply", "quote", "mention"), manner.ways)[0]
        if way == "mention":
            return platform.mention(time_ms, person, (target,), self.words(manner, person), person.home)
        if way == "quote":
            return platform.quote(time_ms, person, thread.root, self.words(manner, person)).root
        parent = thread.root
        if way == "reply":
            recent = [act for act in thread.before(time_ms - 2_000, 20) if act.author is not person]
            parent = rng.choice(recent) if recent else parent
        return platform.answer(time_ms, person, thread, parent, self.words(manner, person))

    def join(self, person: Account, time_ms: int, thread: Thread, target: Account, manner: Manner) -> list[Act]:
        """Everything that one member does; the acts that address somebody are returned."""
        rng, platform = self.rng, self.platform
        times = self.turns(time_ms, manner.again)
        said = [self.speak(person, when, thread, target, manner) for when in times]
        for probability, act, mood in (
            (manner.react, thread.root, manner.mood),
            (manner.cheer, self._other(thread, time_ms, person), "plain"),
        ):
            if act is not None and rng.random() < probability:
                platform.react(self._near(time_ms, act), person, act, feeling(rng, mood))
        if rng.random() < manner.share:
            platform.share(self._near(time_ms, thread.root), person, thread.root)
        return said

    def come(
        self, people: Sequence[Account], times_ms: Sequence[int], thread: Thread, target: Account, manner: Manner
    ) -> list[Act]:
        """Let all members come, each at his time; the acts that address somebody are returned."""
        said: list[Act] = []
        for person, time_ms in zip(people, times_ms, strict=True):
            said += self.join(person, time_ms, thread, target, manner)
        return said

    def look_on(
        self, people: Sequence[Account], times_ms: Sequence[int], thread: Thread, *, share: float, mood: str
    ) -> None:
        """Let others share or like the thread without a word."""
        for person, time_ms in zip(people, times_ms, strict=False):
            if self.rng.random() < share:
                self.platform.share(time_ms, person, thread.root)
            else:
                self.platform.react(time_ms, person, thread.root, feeling(self.rng, mood))

    def defend(self, people: Sequence[Account], said: Sequence[Act], target: Account | None) -> list[Act]:
        """Let each of these people answer attackers a time or two, or cheer the target up."""
        rng, platform, acts = self.rng, self.platform, []
        open_to_answers = [(act, act.thread) for act in said if act.thread is not None]
        if not open_to_answers:
            return []
        for person in people:
            for _ in range(1 + poisson(rng, 0.4)):
                act, thread = rng.choice(open_to_answers)
                later = act.time_ms + 8_000 + int(rng.lognormvariate(5.4, 1.0) * 1000)
                warm = target is not None and rng.random() < 0.35
                parent = thread.root if warm else act
                if parent.author is person:
                    continue
                acts.append(platform.answer(later, person, thread, parent, say(rng, "warm" if warm else "cross", 0.03)))
                if rng.random() < 0.4:
                    platform.react(later + rng.randint(1_000, 60_000), person, thread.root, feeling(rng, "warm"))
        return acts

    def respond(self, target: Account, said: Sequence[Act], share: float, tone: str = "plain") -> None:
        """Let the target answer that share of those who wrote under his thread."""
        rng = self.rng
        for act in said:
            if act.thread is not None and act.author is not target and rng.random() < share:
                later = act.time_ms + 15_000 + int(rng.lognormvariate(5.2, 0.9) * 1000)
                self.platform.answer(later, target, act.thread, act, say(rng, tone))

    def _other(self, thread: Thread, time_ms: int, person: Account) -> Act | None:
        recent = [act for act in thread.before(time_ms, 12) if act.author is not person]
        return self.rng.choice(recent) if recent else None

    def _near(self, time_ms: int, item: Act) -> int:
        return max(time_ms + self.rng.randint(-40_000, 90_000), item.time_ms + self.rng.randint(1_500, 20_000))
