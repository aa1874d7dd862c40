"""A background stream in columns: who addressed whom and when, and what is known of accounts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Final

import numpy as np

from graph.columns import Array
from graph.events import LAST_ADDRESSING, EventType, Flag, TargetFlag
from streams.detection import LineDecoder
from streams.inject.errors import InjectError
from streams.wire import Lines

_SMALLEST: Final = 200
"""Fewer events are no background."""


@dataclass(slots=True)
class Background:
    """A stream of ordinary events in the order of time.

    Attributes
    ----------
    names
        Accounts.
    time, kind, author, target
        Of each event: ms UTC, `EventType`, positions in `names`, -1 for none; shape `(n,)`.
    raw
        The events' JSON; empty for edges.
    first
        By account, when it is first seen, ms UTC (as author or target); shape `(accounts,)`.
    created, home, followers
        By account, as the platform tells them; accounts of which it does not are absent.
    author_flags, target_flags
        By account, where it has any.
    has_threads
        Whether its events tell threads.
    grain_ms
        The step of its times: a second if no time is finer.
    exposed
        Of each event, whether it is a mention that is one act with a share: it addresses nobody; shape `(n,)`.
    """

    names: list[str]
    time: Array
    kind: Array
    author: Array
    target: Array
    raw: list[bytes]
    first: Array
    created: dict[int, int] = field(default_factory=dict)
    home: dict[int, str] = field(default_factory=dict)
    followers: dict[int, int] = field(default_factory=dict)
    author_flags: dict[int, int] = field(default_factory=dict)
    target_flags: dict[int, int] = field(default_factory=dict)
    has_threads: bool = False
    grain_ms: int = field(init=False)
    exposed: Array = field(init=False)

    def __post_init__(self) -> None:
        mentions, shares = self.kind == EventType.MENTION, self.kind == EventType.SHARE
        act = self.time // 1000 * (len(self.names) + 1) + self.author
        self.exposed = mentions & np.isin(act, act[shares])
        self.grain_ms = 1 if np.any(self.time % 1000) else 1000

    def __len__(self) -> int:
        return len(self.time)

    @property
    def start_ms(self) -> int:
        """Time of the first event."""
        return int(self.time[0])

    @property
    def end_ms(self) -> int:
        """Time of the last event."""
        return int(self.time[-1])

    @property
    def days(self) -> float:
        """How long it lasts."""
        return (self.end_ms - self.start_ms) / 86_400_000

    @property
    def world(self) -> dict[str, str]:
        """What a stream made from it has for the reason that it has it."""
        reacts = bool(np.any((self.kind == EventType.REACTION) | (self.kind == EventType.REPORT)))
        return {"reactions": "on"} if reacts else {}

    @property
    def mentions_a_share(self) -> float:
        """How many such mentions there are for each share."""
        return int(np.count_nonzero(self.exposed)) / max(1, int(np.count_nonzero(self.kind == EventType.SHARE)))

    @property
    def interactions(self) -> int:
        """How many of its events address somebody."""
        return int(np.count_nonzero((self.kind <= LAST_ADDRESSING) & (self.target >= 0) & ~self.exposed))


class _Codes:
    def __init__(self) -> None:
        self.names: list[str] = []
        self._codes: dict[str, int] = {}

    def adopt(self, pool: list[str], column: Array) -> Array:
        mapped = np.full(len(pool) + 1, -1, np.int64)
        for code in np.unique(column).tolist():
            if code >= 0:
                name = pool[code]
                found = self._codes.get(name)
                if found is None:
                    found = self._codes[name] = len(self.names)
                    self.names.append(name)
                mapped[code] = found
        return mapped[column]


def read(chunks: Iterable[Lines], decoder: LineDecoder, *, sort: bool, lateness_ms: int = 5_000) -> Background:
    """Read a whole stream. Accounts of edges that are numbered without gaps get other numbers.

    Parameters
    ----------
    sort
        Put it in the order of time; otherwise it must be in it, but for `lateness_ms`.

    Raises
    ------
    InjectError
        If it is too small, or out of order.
    """
    codes = _Codes()
    columns: dict[str, list[Array]] = {name: [] for name in ("time", "type", "author", "target")}
    raw: list[bytes] = []
    facts: dict[str, dict[int, int]] = {name: {} for name in ("created", "followers", "flags", "target_flags")}
    home: dict[int, str] = {}
    has_threads = False
    for lines in chunks:
        decoded = decoder.decode(lines)
        batch = decoded.batch
        if not len(batch):
            continue
        first = np.flatnonzero(batch["part"] == 0)
        batch = batch.take(first)
        author, target = codes.adopt(batch.pool, batch["author"]), codes.adopt(batch.pool, batch["target"])
        columns["time"].append(batch["time"])
        columns["type"].append(batch["type"])
        columns["author"].append(author)
        columns["target"].append(target)
        if lines.values and lines.values[0].lstrip()[:1] in (b"{", b"["):
            raw += [decoded.raw_of(int(row)) for row in first]
            has_threads |= bool((batch["thread"] >= 0).any())
            _learn(facts, home, batch.columns, batch.pool, author, target)
    time = np.concatenate(columns["time"]) if columns["time"] else np.zeros(0, np.int64)
    if len(time) < _SMALLEST:
        raise InjectError(f"The background has {len(time)} events; give one of {_SMALLEST} or more.")
    order = np.argsort(time, kind="stable")
    if not sort and int((np.maximum.accumulate(time) - time).max()) > lateness_ms:
        raise InjectError("The background is not in the order of time. Give --sort to put it in order first.")
    time = time[order]
    kind, author, target = (np.concatenate(columns[name])[order] for name in ("type", "author", "target"))
    first_seen = np.full(len(codes.names), np.iinfo(np.int64).max)
    for who in (author, target):
        known = who >= 0
        np.minimum.at(first_seen, who[known], time[known])
    return Background(
        names=codes.names if raw else _spread(codes.names),
        time=time,
        kind=kind,
        author=author,
        target=target,
        raw=[raw[at] for at in order.tolist()] if raw else [],
        first=first_seen,
        created=facts["created"],
        home=home,
        followers=facts["followers"],
        author_flags=facts["flags"],
        target_flags=facts["target_flags"],
        has_threads=has_threads,
    )


def _spread(names: list[str]) -> list[str]:
    """Names as they are, unless they number accounts without gaps: then others, so that new ones can lie between."""
    if not all(name.isascii() and name.isdigit() for name in names) or len(names) < max(map(int, names)) // 2:
        return names
    return [str(number) for number in Random(0).sample(range(1, 5 * len(names)), len(names))]


_TOLD: Final = int(Flag.BOT | Flag.STAFF | Flag.MODERATOR)


def _learn(
    facts: dict[str, dict[int, int]],
    home: dict[int, str],
    columns: dict[str, Array],
    pool: list[str],
    author: Array,
    target: Array,
) -> None:
    """Take note of what the platform says of accounts."""
    author_flags = columns["flags"].astype(np.int64) & _TOLD
    target_flags = columns["target_flags"].astype(np.int64)
    for name, who, told in (
        ("created", author, columns["created"]),
        ("followers", author, columns["followers"]),
        ("followers", target, columns["target_followers"]),
        ("flags", author, np.where(author_flags > 0, author_flags, -1)),
        ("target_flags", target, np.where(target_flags > 0, target_flags, -1)),
    ):
        rows = np.flatnonzero((told >= 0) & (who >= 0))
        facts[name].update(zip(who[rows].tolist(), told[rows].tolist(), strict=True))
    rows = np.flatnonzero(columns["home"] >= 0)
    told_homes = columns["home"][rows].tolist()
    home.update({account: pool[code] for account, code in zip(author[rows].tolist(), told_homes, strict=True)})


AUTHOR_FLAGS: Final = {int(Flag.BOT): "bot", int(Flag.STAFF): "staff", int(Flag.MODERATOR): "moderator"}
TARGET_FLAGS: Final = {int(flag): (flag.name or "").lower() for flag in TargetFlag}
TYPE_NAMES: Final = {int(kind): kind.name.lower() for kind in EventType}
