"""The neighbourhood of one subject at one tick: who came, who else was there, what they have in common."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Final

import networkx as nx
import numpy as np

from graph.columns import Array
from graph.events import NOT_PEOPLE
from graph.fading import FORGET_S
from graph.hashing import stable_hash
from graph.interactions import LIKED_COLUMNS, RECENT_COLUMNS, Act, Kind, does
from graph.ring import Rows
from graph.window import Window

LARGEST_CROWD: Final = 1000
"""How many newcomers a look takes into account; of more, those with the lowest hash of their event's id."""
UNSEEN_MS: Final = 86_400_000
"""Who was first seen so lately is new to the log."""
FEW_EVENTS: Final = 3
"""Who did less than that before has little history."""
LARGEST_CIRCLE: Final = 4000
"""A subject with more ties has no circle that could be told from everybody."""
LARGEST_GRAPH: Final = 300
"""How many of them are drawn as a graph."""
USUAL_REPORTS: Final = 4
"""Who reported more often before, reports a lot."""
_ANSWERED: Final = 0.4
"""How often somebody who is attacked speaks there, at most, for each who comes."""
_CIRCLE_S: Final = FORGET_S - 3 * 86_400
"""Shorter than what is remembered, so that it is the same for as long as an episode lasts."""
_AROUND: Final = np.isin(np.arange(len(Act)), (Act.ADDRESS, Act.SHARE, Act.REACTION))
"""By act, whether who does it is around a subject."""


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
    liked : shape `(n, 3)`, hashes of those that he shared or reacted to lately
    kin, audience : how many of the subject's earlier newcomers had his home, and how many there were
    target, thread : lists of the accounts addressed and of the threads where
    reporter : whether he came with a complaint; reporters are counted, and never named
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
    liked: Array
    kin: Array
    audience: Array
    target: list[str | None]
    thread: list[str | None]
    reporter: Array

    def __len__(self) -> int:
        return len(self.time)

    def in_common(self, itself: str) -> nx.Graph[str]:
        """Members of the crowd, joined where they lately addressed the same two or more other accounts; `shared` of an edge
        tells how many.

        Of a large crowd only `LARGEST_GRAPH` members, those with the lowest hash of their event's id, are considered.
        `itself` is not counted as something in common, nor is an account that more than half of them addressed.
        """
        members = self._sample(LARGEST_GRAPH)
        own = np.uint64(stable_hash(itself)).view(np.int64)
        graph: nx.Graph[str] = nx.Graph()
        recent = self.recent[members]
        if np.count_nonzero(np.count_nonzero(recent, axis=1) > 1) < 2:
            return graph
        lately = [set(others) for others in recent.tolist()]
        times = Counter(chain.from_iterable(lately))
        most = max(2, len(lately) // 2)
        common = {other for other, n in times.items() if 2 <= n <= most} - {0, int(own)}
        # Who shares two others shares a pair of them.
        at: dict[tuple[int, int], list[int]] = {}
        for member, others in enumerate(lately):
            held = others & common
            if len(held) > 1:
                for pair in combinations(sorted(held), 2):
                    at.setdefault(pair, []).append(member)
        shared: dict[tuple[int, int], set[int]] = {}
        for pair, group in at.items():
            for two in combinations(group, 2):
                shared.setdefault(two, set()).update(pair)
        if shared:
            name = self.drawn()
            graph.add_edges_from((name[one], name[two], {"shared": len(same)}) for (one, two), same in shared.items())
        return graph

    def drawn(self) -> list[str]:
        """The members that are drawn as a graph."""
        return [self.account[member] for member in self._sample(LARGEST_GRAPH).tolist()]

    def _sample(self, size: int) -> Array:
        """Rows of at most so many members who may be named."""
        named = np.flatnonzero(~self.reporter)
        return named if len(named) <= size else named[_lowest([self.event[at] for at in named.tolist()], size)]


def network(window: Window, subject: int, numbers: Array, people: Crowd) -> nx.Graph[str]:
    """The neighbourhood of a subject as one graph: everybody of the crowd, at most `LARGEST_GRAPH` of them, and what joins
    them.

    Two kinds of edges are told apart by their attributes; an edge may be of both kinds. `shared`: how many other accounts
    both of them lately addressed, two or more. `said`: how often one of them addressed the other in the rows `numbers` of
    the subject, below it or in a thread of its own.
    """
    graph = people.in_common(window.strings[subject >> 2])
    members = people.drawn()
    graph.add_nodes_from(members)
    codes = np.array([window.strings.find(name) for name in members])
    rows = window.ring.rows(numbers)
    act, author, target = rows["act"], rows["author"], rows["target"]
    speaks = does(act, Act.ADDRESS, Act.THREAD) & (author >= 0) & (target >= 0) & (author != target)
    speaks &= rows["flags"] & NOT_PEOPLE == 0
    ties = speaks & _is_in(author, codes) & _is_in(target, codes)
    names = window.strings
    said = Counter(frozenset(pair) for pair in zip(author[ties].tolist(), target[ties].tolist(), strict=True))
    graph.add_edges_from((*(names[code] for code in pair), {"said": count}) for pair, count in said.items())
    return graph


def kin_of(people: Crowd, around: Array | None) -> Array:
    """Of each member of a crowd whether he lately dealt with somebody of a subject's `circle`: 1.0 or 0.0, and -1.0 where
    that cannot be told since he dealt with nobody, or there is no such circle; shape `(n,)`.
    """
    others = np.concatenate([people.recent, people.liked], axis=1)
    known = (others != 0).any(axis=1)
    if around is None or not len(people):
        return np.full(len(people), -1.0)
    inside = _is_in(others, around) & (others != 0) if len(around) else np.zeros(others.shape, bool)
    return np.where(known, inside.any(axis=1).astype(float), -1.0)


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
    others, unseen : all of these accounts together, and how many of them have little history in the log
    shown : fading number of shares up to the look
    reporters : accounts that complained about the subject, of the crowd or not; who had complained before counts for less
    mutual : members of the crowd whom members from another home addressed, and others, not the subject, who addressed
        members and whom members addressed; and whom the subject, an account, addressed first where members speak, or as often as
        it spoke there beyond what somebody who is attacked answers
    defenders : accounts that answered members of the crowd here, and are neither of it nor the subject
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
    shown: float
    reporters: float
    mutual: int
    defenders: int


def little_history(time: Array, seen: Array, activity: Array) -> Array:
    """Who was first seen lately, or did hardly anything before; shape `(n,)`."""
    return np.asarray((time - seen < UNSEEN_MS) | (activity < FEW_EVENTS))


def crowd(window: Window, numbers: Array) -> Crowd:
    """The crowd whose first interactions with the subject are these rows of the window."""
    total = len(numbers)
    rows = window.ring.rows(sample(window, numbers))
    names = window.strings.names

    def strings(column: str) -> list[str | None]:
        return names(rows[column].tolist())

    return Crowd(
        total=total,
        time=rows["time"],
        first=rows["first"],
        account=[name or "" for name in strings("author")],
        event=rows["id"].tolist(),
        home=strings("home"),
        created=rows["created"],
        seen=rows["seen"],
        activity=rows["activity"],
        recent=np.array([rows[name] for name in RECENT_COLUMNS]).T,
        liked=np.array([rows[name] for name in LIKED_COLUMNS]).T,
        kin=rows["kin"],
        audience=rows["audience"],
        target=strings("target"),
        thread=strings("thread"),
        reporter=does(rows["act"], Act.REPORT),
    )


def circle(window: Window, subject: int, before_ms: int) -> Array | None:
    """Whom a subject had dealings with in the weeks before a time, either way: sorted hashes of their names, shape `(n,)`.

    None when there were more than `LARGEST_CIRCLE`.
    """
    ties = window.memory.ties
    slots = np.flatnonzero(ties.keys >> 32 == subject)
    lately = ties["tick"][slots].astype(np.int64) >= before_ms // 1000 - _CIRCLE_S
    slots = slots[(ties["first"][slots] < before_ms) & lately]
    if len(slots) > LARGEST_CIRCLE:
        return None
    names = window.strings.names((ties.keys[slots] & 0xFFFFFFFF).tolist())
    return np.sort(np.array([stable_hash(name or "") for name in names], np.uint64).view(np.int64))


def sample(window: Window, numbers: Array) -> Array:
    """Of these rows those that a look takes into account, at most `LARGEST_CROWD`."""
    if len(numbers) <= LARGEST_CROWD:
        return numbers
    kept: Array = numbers[np.array(_lowest(window.ring.column("id", numbers).tolist(), LARGEST_CROWD))]
    return kept


def _lowest(ids: list[str], size: int) -> list[int]:
    """Positions, rising, of the ids with the lowest hashes."""
    return sorted(sorted(range(len(ids)), key=lambda at: (stable_hash(ids[at]), ids[at]))[:size])


def surroundings(window: Window, subject: int, numbers: Array, crowd_rows: Array) -> Surroundings:
    """What is around a subject, from its rows `numbers`, when `crowd_rows` are the rows of the crowd."""
    ring = window.ring
    rows, crowd_members = ring.rows(numbers), ring.column("author", crowd_rows)
    by_name = np.argsort(crowd_members)
    members, homes = crowd_members[by_name], ring.column("home", crowd_rows)[by_name]
    act, author, target = rows["act"], rows["author"], rows["target"]
    in_crowd, at_crowd = _is_among(author, members), _is_among(target, members)
    person = (author >= 0) & (rows["flags"] & NOT_PEOPLE == 0)
    other = (_AROUND[act] & ~in_crowd & person).nonzero()[0]
    around = ring.rows(numbers[other])
    act_around, who, warmth = act[other], author[other], around["warmth"]
    shares, addresses = does(act_around, Act.SHARE), does(act_around, Act.ADDRESS)
    reactions = ~(shares | addresses)
    is_unseen = little_history(around["time"], around["seen"], around["activity"])
    # Of each account its first row counts, so it is the last to be put in.
    unseen = dict(zip(who[::-1].tolist(), is_unseen[::-1].tolist(), strict=True))
    threads = does(act, Act.THREAD)
    speaks = (does(act, Act.ADDRESS) | threads) & (target != author)
    answered_back = {*author[speaks & person & at_crowd & ~in_crowd].tolist()}
    answered_back &= {*target[speaks & in_crowd & ~at_crowd].tolist()} - {-1}
    if subject & 3 == Kind.ACCOUNT:
        answered_back.discard(subject >> 2)
    defends = threads if subject & 3 == Kind.ACCOUNT else speaks
    among = speaks & in_crowd & at_crowd
    theirs, own = homes[members.searchsorted(target[among])], rows["home"][among]
    other_side = target[among][(theirs >= 0) & (own >= 0) & (theirs != own)]
    complains = does(act, Act.REPORT) & person
    return Surroundings(
        sharers=_different(who[shares]),
        warm=_different(who[reactions & (warmth > 0)]),
        cold=_different(who[reactions & (warmth < 0)]),
        answers=_different(author[does(act, Act.OWN) & in_crowd]),
        views=int(rows["views"].max(initial=-1)),
        at_home=_at_home(window, subject, numbers, crowd_rows),
        others=len(unseen),
        unseen=sum(unseen.values()),
        regulars=_different(who[addresses]),
        shown=float(rows["shown"][-1]),
        reporters=_complaints(author[complains], rows["reports"][complains]),
        mutual=_different(other_side) + len(answered_back) + _given_back(rows, ring.column("thread", crowd_rows)),
        defenders=_different(author[defends & at_crowd & ~in_crowd & person]),
    )


def _given_back(rows: Rows, threads: Array) -> int:
    """How much the subject, an account, gives back where the crowd came, a thread for each member: how many he addressed of his
    own accord, that is, who had not addressed him before; or how often he spoke more than somebody who is attacked.
    """
    act, author, thread = rows["act"], rows["author"], rows["thread"]
    own = does(act, Act.OWN) & (thread >= 0)
    if not own.any():
        return 0
    own &= _is_in(thread, threads)
    came = does(act, Act.ADDRESS)
    met: set[int] = set()
    sought: set[int] = set()
    for code, is_own in zip(author[own | came].tolist(), own[own | came].tolist(), strict=True):
        if not is_own:
            met.add(code)
        elif code not in met:
            sought.add(code)
    return max(len(sought), int(np.count_nonzero(own) - _ANSWERED * len(threads)))


def _complaints(authors: Array, before: Array) -> float:
    """How many complain; who did so `before` as often as `USUAL_REPORTS` counts for half, and so on."""
    first = dict(zip(authors[::-1].tolist(), before[::-1].tolist(), strict=True))
    return math.fsum(USUAL_REPORTS / (USUAL_REPORTS + count) for count in first.values())


def _different(codes: Array) -> int:
    """How many different ones there are; of few, a set is quicker than `np.unique`."""
    return len(set(codes.tolist()))


def _is_in(values: Array, some: Array) -> Array:
    """Which of the values are among some, of which there are any; on few, quicker than `np.isin`. Shape `(n,)`."""
    return _is_among(values, np.sort(some))


def _is_among(values: Array, ordered: Array) -> Array:
    found: Array = ordered.take(ordered.searchsorted(values), mode="clip") == values
    return found


def _at_home(window: Window, subject: int, numbers: Array, crowd_rows: Array) -> frozenset[str]:
    own = home_of(window, subject, int(crowd_rows[0]), _place(window, crowd_rows))
    return own or frozenset(window.strings[place] for place in {_place(window, numbers)} - {-1})


def _place(window: Window, numbers: Array) -> int:
    """The code of the community in which most of these rows are, -1 where that is not told."""
    told = window.ring.column("community", numbers)
    counts = Counter(told[told >= 0].tolist())
    return min(counts, key=lambda place: (-counts[place], window.strings[place]), default=-1)


def home_of(window: Window, subject: int, row: int, place: int) -> frozenset[str]:
    """The communities that a subject belongs to when a row of its comes: a community itself; of a thread, where it stands; of
    an account, its home and where it spoke last. But who has a home elsewhere and said something in a community belongs to it only
    if those who come to him speak there, too (`place`, a code, -1 where that is not told): else it has come after him.
    """
    names, ring = window.strings, window.ring
    if subject & 3 == Kind.COMMUNITY:
        return frozenset({names[subject >> 2]})
    told = ("lives", "stands") if subject & 3 == Kind.ACCOUNT else ("community",)
    homes = {ring.value(name, row) for name in told} - {-1}
    if len(homes) > 1:
        homes &= {ring.value("lives", row), place}
    return frozenset(names[home] for home in homes)
