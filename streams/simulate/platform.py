"""What can be done on the platform: posts, answers, quotes, shares, reactions, kept in a log.

Background and scenarios act through the same few methods, so that nothing in an event's form can tell one
from the other.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from dataclasses import dataclass, field
from random import Random

from streams.simulate.people import Account, Population
from streams.simulate.text import say


@dataclass(slots=True, eq=False)
class Act:
    """Something that an account did at `time_ms`; it becomes one event."""

    time_ms: int
    kind: str
    author: Account
    community: int
    targets: tuple[Account, ...] = ()
    thread: Thread | None = None
    parent: Act | None = None
    text: str | None = None
    value: str | None = None
    links: tuple[Act | Account | str, ...] = ()
    id: str = ""


@dataclass(slots=True, eq=False)
class Thread:
    """A root post (or quote) and what stands under it, in the order of time."""

    root: Act
    answers: list[Act] = field(default_factory=list)
    shown: list[tuple[int, float, float]] = field(default_factory=list)

    @property
    def author(self) -> Account:
        """Whose thread it is."""
        return self.root.author

    def show(self, from_ms: int, views: float, over_ms: float) -> None:
        """Let the thread be shown that many more times, most of them within `over_ms` of `from_ms`."""
        self.shown.append((from_ms, views, max(over_ms, 1_000.0)))

    def views(self, time_ms: int) -> int:
        """How often it has been shown by this time."""
        total = sum(n * -math.expm1(-(time_ms - since) / over) for since, n, over in self.shown if time_ms > since)
        return int(total) + 1

    def before(self, time_ms: int, last: int) -> list[Act]:
        """At most the `last` newest answers before this time."""
        stop = bisect_right(self.answers, time_ms, key=_when)
        return self.answers[max(stop - last, 0) : stop]


def _when(act: Act) -> int:
    return act.time_ms


def _opened(thread: Thread) -> int:
    return thread.root.time_ms


class Platform:
    """The log of all acts, and the threads in which they stand.

    Parameters
    ----------
    people
        Who lives on it.
    rng
        Source of chance for what acts leave open.
    """

    def __init__(self, people: Population, rng: Random) -> None:
        self.people = people
        self.rng = rng
        self.acts: list[Act] = []
        self.threads: list[Thread] = []
        self._threads_of: dict[str, list[Thread]] = {}

    def post(
        self,
        time_ms: int,
        author: Account,
        community: int,
        text: str | None = None,
        links: tuple[Act | Account | str, ...] = (),
    ) -> Thread:
        """Open a thread."""
        root = Act(time_ms, "post", author, community, text=text or say(self.rng), links=links)
        thread = Thread(root)
        root.thread = thread
        self.acts.append(root)
        insort(self.threads, thread, key=_opened)
        self._threads_of.setdefault(author.name, []).append(thread)
        return thread

    def quote(self, time_ms: int, author: Account, item: Act, text: str) -> Thread:
        """Show somebody's item to one's own followers; others may answer beneath."""
        root = Act(time_ms, "quote", author, author.home, (item.author,), parent=item, text=text, links=(item,))
        self.acts.append(root)
        return Thread(root)

    def answer(self, time_ms: int, author: Account, thread: Thread, parent: Act, text: str) -> Act:
        """Answer the root (a comment) or another answer (a reply, which at times addresses the root's author too)."""
        targets: tuple[Account, ...] = (parent.author,)
        top = parent is thread.root
        if not top and thread.author not in (author, parent.author) and self.rng.random() < 0.25:
            targets = (parent.author, thread.author)
        kind = "comment" if top else "reply"
        act = Act(time_ms, kind, author, thread.root.community, targets, thread, parent, text)
        insort(thread.answers, act, key=_when)
        self.acts.append(act)
        return act

    def mention(self, time_ms: int, author: Account, targets: tuple[Account, ...], text: str, community: int) -> Act:
        """Address accounts outside any thread."""
        act = Act(time_ms, "mention", author, community, targets, text=text)
        self.acts.append(act)
        return act

    def share(self, time_ms: int, author: Account, item: Act) -> Act:
        """Pass an item on; what it points to goes along with it half of the time."""
        links = item.links if item.links and self.rng.random() < 0.5 else ()
        act = Act(time_ms, "share", author, author.home, (item.author,), item.thread, item, links=links)
        self.acts.append(act)
        return act

    def react(self, time_ms: int, author: Account, item: Act, value: str) -> Act:
        """React to an item."""
        act = Act(time_ms, "reaction", author, item.community, (item.author,), item.thread, item, value=value)
        self.acts.append(act)
        return act

    def report(self, time_ms: int, author: Account, item: Act) -> Act:
        """Complain about an item's author."""
        value = self.rng.choice(("spam", "rude", "off_topic", "other"))
        act = Act(time_ms, "report", author, item.community, (item.author,), item.thread, item, value=value)
        self.acts.append(act)
        return act

    def delete(self, time_ms: int, item: Act) -> Act:
        """Take one's own item back."""
        act = Act(time_ms, "delete", item.author, item.community, item.targets, item.thread, item)
        self.acts.append(act)
        return act

    def some_thread(self, rng: Random, from_ms: int, to_ms: int) -> Thread | None:
        """Any thread opened between these times."""
        first = bisect_right(self.threads, from_ms, key=_opened)
        stop = bisect_right(self.threads, to_ms, key=_opened)
        return self.threads[rng.randrange(first, stop)] if first < stop else None

    def threads_of(self, account: Account, before_ms: int) -> list[Thread]:
        """The account's threads opened before this time, oldest first."""
        found = [t for t in self._threads_of.get(account.name, []) if t.root.time_ms < before_ms]
        return sorted(found, key=_opened)
