"""The neighbourhood of one subject at one tick: who came, who else was there, what they have in common."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import networkx as nx
import numpy as np

from graph.columns import Array
from graph.events import Flag
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

        At most `LARGEST_GRAPH` members, those with the lowest hash of their name; `itself` is not counted as
        something in common.
        """
        own = np.int64(np.uint64(stable_hash(itself)).view(np.int64))
        chosen = sorted(range(len(self)), key=lambda row: (stable_hash(self.account[row]), self.account[row]))
        members = chosen[:LARGEST_GRAPH]
        addressed: dict[int, list[str]] = {}
        graph: nx.Graph[str] = nx.Graph()
        for row in members:
            graph.add_node(self.account[row])
            for other in {int(value) for value in self.recent[row].tolist()} - {0, int(own)}:
                addressed.setdefault(other, []).append(self.account[row])
        shared: Counter[tuple[str, str]] = Counter()
        for accounts in addressed.values():
            ordered = sorted(set(accounts))
            shared.update((one, two) for at, one in enumerate(ordered) for two in ordered[at + 1 :])
        graph.add_edges_from((one, two, {"weight": n}) for (one, two), n in shared.items() if n >= 2)
        return graph


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What else happened around the subject in the last hour, by accounts that are not of the crowd.

    Attributes
    ----------
    sharers, warm, cold : distinct accounts that shared, reacted warmly, reacted coldly
    answers : how often the subject itself addressed somebody
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
        ids = ring.column("id", numbers).tolist()
        lowest = sorted(range(total), key=lambda row: (stable_hash(ids[row]), ids[row]))[:LARGEST_CROWD]
        numbers = numbers[np.sort(np.array(lowest))]
    names = window.strings

    def strings(column: str) -> list[str | None]:
        return [names.get(code) for code in ring.column(column, numbers).tolist()]

    return Crowd(
        total=total,
        time=ring.column("time", numbers),
        first=ring.column("first", numbers),
        account=[names[code] for code in ring.column("author", numbers).tolist()],
        event=ring.column("id", numbers).tolist(),
        home=strings("home"),
        created=ring.column("created", numbers),
        seen=ring.column("seen", numbers),
        activity=ring.column("activity", numbers),
        recent=np.stack([ring.column(name, numbers) for name in RECENT_COLUMNS], axis=1),
        kin=ring.column("kin", numbers),
        audience=ring.column("audience", numbers),
        target=strings("target"),
        thread=strings("thread"),
    )


def surroundings(window: Window, subject: int, numbers: Array, crowd_rows: Array) -> Surroundings:
    """What is around a subject, from its rows `numbers`, when `crowd_rows` are the rows of the crowd."""
    ring = window.ring
    act, author = ring.column("act", numbers), ring.column("author", numbers)
    members, first = ring.column("author", crowd_rows), int(crowd_rows[0])
    flags, warmth = ring.column("flags", numbers), ring.column("warmth", numbers)
    people = flags & (Flag.BOT | Flag.STAFF) == 0
    other = people & ~np.isin(author, members) & (author >= 0)
    shares, reactions = other & (act == Act.SHARE), other & (act == Act.REACTION)
    own = act == Act.OWN
    around = np.flatnonzero(shares | reactions | (other & (act == Act.ADDRESS)))
    around = around[np.unique(author[around], return_index=True)[1]]
    known_for = ring.column("time", numbers)[around] - ring.column("seen", numbers)[around]
    views = ring.column("views", numbers)
    return Surroundings(
        sharers=len(np.unique(author[shares])),
        warm=len(np.unique(author[reactions & (warmth > 0)])),
        cold=len(np.unique(author[reactions & (warmth < 0)])),
        answers=int(np.count_nonzero(own & (author >= 0))),
        views=int(views.max(initial=-1)),
        at_home=_at_home(window, subject, numbers, first),
        others=len(around),
        unseen=int(np.count_nonzero(known_for < UNSEEN_MS)),
        regulars=len(np.unique(author[other & (act == Act.ADDRESS)])),
    )


def _at_home(window: Window, subject: int, numbers: Array, first: int) -> frozenset[str]:
    """A community itself; of an account, its home and where it had spoken last when the row `first` came; else where
    it is talked to most."""
    ring, names = window.ring, window.strings
    kind, code = subject & 3, subject >> 2
    if kind == Kind.COMMUNITY:
        return frozenset({names[code]})
    if kind == Kind.ACCOUNT:
        row = np.array([first])
        own = {int(ring.column(name, row)[0]) for name in ("lives", "stands")} - {-1}
        if own:
            return frozenset(names[place] for place in own)
    said_in = ring.column("community", numbers)
    said_in = said_in[said_in >= 0]
    if not len(said_in):
        return frozenset()
    counts = Counter(names[place] for place in said_in.tolist())
    return frozenset({min(counts, key=lambda name: (-counts[name], name))})
