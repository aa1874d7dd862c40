"""The neighbourhood of one subject at one tick: who came, who else was there, what they have in common."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import networkx as nx
import numpy as np

from graph.columns import Array
from graph.events import NOT_PEOPLE
from graph.hashing import stable_hash
from graph.interactions import RECENT_COLUMNS, Act, Kind
from graph.window import Window

LARGEST_CROWD: Final = 1000
"""How many newcomers a look takes into account; of more, those with the lowest hash of their event's id."""
UNSEEN_MS: Final = 86_400_000
"""Who was first seen so lately is new to the log."""
LARGEST_GRAPH: Final = 300
"""How many of them are drawn as a graph."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """The newcomers since an onset, one row each, in order; every array has shape `(n,)` unless said.

    Attributes
    ----------
    total : how many newcomers there were, of whom the rows are all or a sample
    time : ms UTC when each first addressed the subject
    first : ms UTC of his first contact with it
    account, event : lists of identifiers
    home : list of home communities, None where not known
    created, seen : ms UTC when his account was opened (-1: not known) and first seen
    activity : how many events of his came before
    recent : shape `(n, 4)`, hashes of the accounts that he addressed lately, 0 for none
    kin, audience : how many of the subject's earlier newcomers had his home, and how many there were
    target, thread : lists of the accounts addressed and of the threads where
    """

    total: int
    time: Array
    first: Array
    account: list[str]
    event: list[str]
    home: list[str | None]
    created: Array
    seen: Array
    activity: Array
    recent: Array
    kin: Array
    audience: Array
    target: list[str | None]
    thread: list[str | None]

    def __len__(self) -> int:
        return len(self.time)

    def in_common(self, itself: str) -> nx.Graph[str]:
        """Members of the crowd, joined where they lately addressed the same two or more other accounts.

        Of a large crowd only `LARGEST_GRAPH` members, those with the lowest hash of their event's id, are considered.
        `itself` is not counted as something in common, nor is an account that more than half of them addressed.
        """
        members = self._sample(LARGEST_GRAPH)
        own = np.uint64(stable_hash(itself)).view(np.int64)
        lately = np.sort(self.recent[members], axis=1)
        lately[:, 1:][lately[:, 1:] == lately[:, :-1]] = 0
        values, counts = np.unique(lately, return_counts=True)
        common = values[(counts >= 2) & (counts <= max(2, len(members) // 2)) & (values != 0) & (values != own)]
        graph: nx.Graph[str] = nx.Graph()
        shared: Counter[tuple[str, str]] = Counter()
        for other in common.tolist():
            accounts = sorted(self.account[members[row]] for row in np.flatnonzero((lately == other).any(axis=1)))
            shared.update(combinations(accounts, 2))
        graph.add_edges_from((one, two, {"weight": n}) for (one, two), n in shared.items() if n >= 2)
        return graph

    def _sample(self, size: int) -> Array:
        """Rows of at most so many members."""
        return np.arange(len(self)) if len(self) <= size else np.array(_lowest(self.event, size))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What else happened around the subject in the last hour, by accounts that are not of the crowd.

    Attributes
    ----------
    sharers, warm, cold : distinct accounts that shared, reacted warmly, reacted coldly
    answers : how many of the crowd the subject itself addressed
    views : the greatest number of views told, -1 when none was
    at_home : the communities that the subject belonged to before the crowd came
    regulars : accounts that addressed it and are no newcomers
    others, unseen : all of these accounts together, and how many of them were first seen within a day
    """

    sharers: int
    warm: int
    cold: int
    answers: int
    views: int
    at_home: frozenset[str]
    regulars: int
    others: int
    unseen: int


def crowd(window: Window, numbers: Array) -> Crowd:
    """The crowd whose first interactions with the subject are these rows of the window."""
    total = len(numbers)
    ring = window.ring
    if total > LARGEST_CROWD:
        numbers = numbers[np.array(_lowest(ring.column("id", numbers).tolist(), LARGEST_CROWD))]
    rows = ring.rows(numbers)
    names = window.strings

    def strings(column: str) -> list[str | None]:
        return [names.get(code) for code in rows[column].tolist()]

    return Crowd(
        total=total,
        time=rows["time"],
        first=rows["first"],
        account=[names[code] for code in rows["author"].tolist()],
        event=rows["id"].tolist(),
        home=strings("home"),
        created=rows["created"],
        seen=rows["seen"],
        activity=rows["activity"],
        recent=np.stack([rows[name] for name in RECENT_COLUMNS], axis=1),
        kin=rows["kin"],
        audience=rows["audience"],
        target=strings("target"),
        thread=strings("thread"),
    )


def _lowest(ids: list[str], size: int) -> list[int]:
    """Positions, rising, of the ids with the lowest hashes."""
    return sorted(sorted(range(len(ids)), key=lambda at: (stable_hash(ids[at]), ids[at]))[:size])


def surroundings(window: Window, subject: int, numbers: Array, crowd_rows: Array) -> Surroundings:
    """What is around a subject, from its rows `numbers`, when `crowd_rows` are the rows of the crowd."""
    rows = window.ring.rows(numbers)
    act, author = rows["act"], rows["author"]
    members, first = window.ring.column("author", crowd_rows), int(crowd_rows[0])
    flags, warmth = rows["flags"], rows["warmth"]
    people = flags & NOT_PEOPLE == 0
    in_crowd = _is_in(author, members)
    other = people & ~in_crowd & (author >= 0)
    shares, reactions = other & (act == Act.SHARE), other & (act == Act.REACTION)
    own = act == Act.OWN
    around = np.flatnonzero(shares | reactions | (other & (act == Act.ADDRESS)))
    around = around[np.unique(author[around], return_index=True)[1]]
    known_for = rows["time"][around] - rows["seen"][around]
    views = rows["views"]
    return Surroundings(
        sharers=len(np.unique(author[shares])),
        warm=len(np.unique(author[reactions & (warmth > 0)])),
        cold=len(np.unique(author[reactions & (warmth < 0)])),
        answers=len(np.unique(author[own & in_crowd])),
        views=int(views.max(initial=-1)),
        at_home=_at_home(window, subject, numbers, first),
        others=len(around),
        unseen=int(np.count_nonzero(known_for < UNSEEN_MS)),
        regulars=len(np.unique(author[other & (act == Act.ADDRESS)])),
    )


def _is_in(values: Array, some: Array) -> Array:
    ordered = np.sort(some)
    place = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    return np.asarray(ordered[place] == values)


def _at_home(window: Window, subject: int, numbers: Array, first: int) -> frozenset[str]:
    own = home_of(window, subject, first)
    if own:
        return own
    said_in = window.ring.column("community", numbers)
    counts = Counter(window.strings[place] for place in said_in[said_in >= 0].tolist())
    return frozenset({min(counts, key=lambda name: (-counts[name], name))}) if counts else frozenset()


def home_of(window: Window, subject: int, row: int) -> frozenset[str]:
    """The communities that a subject belongs to when a row of its comes: a community itself; of an account, its home
    and where it spoke last; of a thread, where it stands.
    """
    names, said = window.strings, window.ring.rows(np.array([row]))
    if subject & 3 == Kind.COMMUNITY:
        return frozenset({names[subject >> 2]})
    told = ("lives", "stands") if subject & 3 == Kind.ACCOUNT else ("community",)
    return frozenset(names[place] for place in {int(said[name][0]) for name in told} - {-1})
