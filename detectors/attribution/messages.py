"""Who said what to whom: the rows of a subject as messages, each with the one at whom it is aimed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from graph.calls import points_at
from graph.columns import Array
from graph.events import NOT_PEOPLE
from graph.hashing import signed_hash, stable_hash
from graph.interactions import Act, Kind, does
from graph.ring import Rows
from graph.window import Window

LARGEST: Final = 300
"""How many messages are read at a time; of more, those with the lowest hash of their id."""
_ITEMS: Final = 5_000
_SPEAKS: Final = np.isin(np.arange(len(Act)), (Act.ADDRESS, Act.THREAD))


class Message(NamedTuple):
    """Something that somebody said at a subject.

    Attributes
    ----------
    account, event, time_ms : who, which, when (ms UTC)
    aim : the account that he answers or speaks to; None: the subject itself
    beneath : whether it speaks to the subject alone, but stands under what somebody else said
    addresses : whether the subject is addressed, be it among others
    newcomer : whether he comes to the subject by it
    near : whether he has to do with the subject from before, or is at home where it is
    text : as the window holds it
    """

    account: str
    event: str
    time_ms: int
    aim: str | None
    beneath: bool
    addresses: bool
    newcomer: bool
    near: bool
    text: object


class Item(NamedTuple):
    """Something that may have shown the subject to others.

    Attributes
    ----------
    account, event, time_ms : whose, which, when (ms UTC)
    comes : whether its author comes to the subject by it, as the crowd does
    places : communities where it was said and where its author is at home
    """

    account: str
    event: str
    time_ms: int
    comes: bool
    places: tuple[str, ...]


def messages(
    window: Window, subject: int, around: Array, fresh: Array, before_ms: int, at_home: Collection[str]
) -> list[Message]:
    """What people said in the rows `fresh` of a subject, in order, when `around` are all its rows of the last hour.

    Near to it is who had to do with it before `before_ms`, or lives in one of the communities `at_home`.
    """
    ring, names = window.ring, window.strings
    rows = ring.rows(fresh)
    speaks = _SPEAKS[rows["act"]] & (rows["flags"] & NOT_PEOPLE == 0) & (rows["author"] >= 0)
    if subject & 3 == Kind.ACCOUNT:
        speaks &= rows["author"] != subject >> 2
    chosen = fresh[speaks]
    if len(chosen) > LARGEST:
        ids = ring.column("id", chosen).tolist()
        chosen = chosen[sorted(sorted(range(len(ids)), key=lambda at: (stable_hash(ids[at]), ids[at]))[:LARGEST])]
    said = ring.rows(chosen)
    author_of = _authors(window, subject, around[-_ITEMS:], {*said["answers"].tolist()} - {0})
    own = names[subject >> 2]
    alone = subject & 3 == Kind.ACCOUNT
    return [
        Message(
            account=account or "",
            event=event,
            time_ms=time_ms,
            aim=_aim(subject & 3, own, account, act, answers, author_of, target, other, thread),
            beneath=alone and act == Act.ADDRESS and author_of.get(answers, own) not in (own, account),
            addresses=act == Act.ADDRESS,
            newcomer=newcomer,
            near=first < before_ms or home in at_home,
            text=text,
        )
        for account, event, time_ms, act, answers, target, other, thread, newcomer, first, home, text in zip(
            names.names(said["author"].tolist()),
            said["id"].tolist(),
            said["time"].tolist(),
            said["act"].tolist(),
            said["answers"].tolist(),
            names.names(said["target"].tolist()),
            names.names(said["other"].tolist()),
            names.names(said["thread"].tolist()),
            said["newcomer"].tolist(),
            said["first"].tolist(),
            names.names(said["home"].tolist()),
            said["text"].tolist(),
            strict=True,
        )
    ]


def items(window: Window, subject: int, numbers: Array) -> list[Item]:
    """What may have shown a subject to others, in these rows of it, in order; see `points_at`."""
    rows = window.ring.rows(numbers)
    shows = points_at(rows)
    if subject & 3 == Kind.ACCOUNT:
        shows &= rows["author"] != subject >> 2
    chosen = window.ring.rows(numbers[shows])
    told = {name: chosen[name] for name in ("author", "time", "community", "home")}
    return _items(window, told, chosen["id"].tolist(), does(chosen["act"], Act.ADDRESS))


def items_of_days(window: Window, subject: int, since: int, tick: int) -> list[Item]:
    """What is still known of what may have shown an account to others from tick `since` to `tick`, in order."""
    kept = window.memory.calls.at(subject, since, tick)
    return _items(window, kept, window.strings.names(kept["event"].tolist()), kept["comes"])


def _items(window: Window, columns: Mapping[str, Array], events: Sequence[str | None], comes: Array) -> list[Item]:
    names = window.strings.names
    return [
        Item(
            account=account or "",
            event=event or "",
            time_ms=time_ms,
            comes=comes,
            places=tuple(sorted({place for place in (community, home) if place is not None})),
        )
        for account, event, time_ms, comes, community, home in zip(
            names(columns["author"].tolist()),
            events,
            columns["time"].tolist(),
            comes.tolist(),
            names(columns["community"].tolist()),
            names(columns["home"].tolist()),
            strict=True,
        )
    ]


def who(window: Window, numbers: Array, act: Act, *, warm: bool = False) -> set[str]:
    """The people who acted so in these rows; `warm`: only those who did it warmly."""
    rows: Rows = window.ring.rows(numbers)
    chosen = (rows["act"] == act) & (rows["author"] >= 0) & (rows["flags"] & NOT_PEOPLE == 0)
    if warm:
        chosen &= rows["warmth"] > 0
    names = window.strings
    return {names[code] for code in set(rows["author"][chosen].tolist())}


def _authors(window: Window, subject: int, numbers: Array, wanted: set[int]) -> dict[int, str]:
    """Who said the items whose ids have these hashes, of the items in these rows."""
    if not wanted:
        return {}
    rows, names = window.ring.rows(numbers), window.strings
    own = does(rows["act"], Act.OWN)
    speakers = np.where(own, subject >> 2 if subject & 3 == Kind.ACCOUNT else -1, rows["author"])
    found: dict[int, str] = {}
    for event, code in zip(rows["id"].tolist(), speakers.tolist(), strict=True):
        key = signed_hash(event)
        if key in wanted and code >= 0:
            found.setdefault(key, names[code])
    return found


def _aim(
    kind: int,
    own: str,
    account: str | None,
    act: int,
    answers: int,
    author_of: dict[int, str],
    target: str | None,
    other: str | None,
    thread: str | None,
) -> str | None:
    """At whom something is aimed: at the subject if it names nobody else; else at whom it answers, or at the one whom it
    names beside the subject.
    """
    if kind == Kind.ACCOUNT and act == Act.ADDRESS and other in (None, own, account):
        return None
    aim = author_of.get(answers) if answers else None
    if aim is not None and aim != account:
        return None if kind == Kind.ACCOUNT and aim == own else aim
    if kind != Kind.ACCOUNT or act == Act.THREAD:
        return target
    if answers and thread is not None and answers == signed_hash(thread):
        return None
    return other
