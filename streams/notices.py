"""Notices: what is told of an item to whoever keeps the register of that item, so that a call to it finds its owner.

Who links to a thread does not say whose it is, and his own partition need not know. So of each post and quote, and of
each link, a notice goes to the partition of authors that the item's id belongs to: a row whose `author` is the item, and
whose `target` is the account that opened it, or links to it. There the two meet.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from graph.columns import Array, Batch, objects
from graph.events import EventType, Flag
from streams.partition import by_author

LINKS: Final = 4
"""How many of the links of an event are followed."""
OF_ITEMS: Final = int(Flag.OPENS | Flag.LINKS)


def inside(links: Iterable[str]) -> list[str]:
    """What links name of the platform, in order, at most `LINKS`."""
    return [link for link in dict.fromkeys(links) if "://" not in link][:LINKS]


def to_authors(batch: Batch, partitions: int) -> list[Batch]:
    """The events of each partition of authors, and the notices that go there."""
    return by_author(with_notices(batch), partitions)


def with_notices(batch: Batch) -> Batch:
    """The same rows, followed by the notices of them."""
    if not len(batch.columns) or not len(batch):
        return batch
    kind, first = batch["type"], batch["part"] == 0
    opens = np.flatnonzero(first & ((kind == EventType.POST) | (kind == EventType.QUOTE)))
    rows, items = opens.tolist(), batch["id"][opens].tolist()
    links = batch["links"]
    for row in np.flatnonzero((links != None) & first & (kind != EventType.SHARE)).tolist():  # noqa: E711 - elementwise
        named = inside(links[row])
        rows += [row] * len(named)
        items += named
    if not rows:
        return batch
    return _appended(batch, np.array(rows), items, len(opens))


def _appended(batch: Batch, rows: Array, items: list[str], opening: int) -> Batch:
    notices = batch.take(rows)
    count, nothing = len(rows), np.full(len(rows), -1, np.int32)
    told = np.where(np.arange(count) < opening, int(Flag.OPENS), int(Flag.LINKS)).astype(np.uint16)
    columns: dict[str, Array] = {
        **notices.columns,
        "flags": notices["flags"] | told,
        "author": np.arange(len(batch.pool), len(batch.pool) + count, dtype=np.int32),
        "target": notices["author"],
        "text": objects([None] * count),
        "links": objects([None] * count),
        **dict.fromkeys(("thread", "thread_author", "parent", "value"), nothing),
    }
    joined = {name: np.concatenate([batch[name], columns[name]]) for name in batch.schema}
    return Batch(batch.schema, joined, [*batch.pool, *items])
