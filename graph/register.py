"""Whose an item is: the posts of the last two days, by id."""

from __future__ import annotations

from typing import Final

import numpy as np

from graph.authors import NEVER
from graph.columns import Array, Batch
from graph.interner import Interner
from graph.store import Store
from graph.tables import Tables, load, save

KEEP_S: Final = 2 * 86_400
"""For how long it is remembered whose an item is, in seconds."""


class Register:
    """Remembers who opened what."""

    def __init__(self) -> None:
        self._strings = Interner()
        self._items = Store({"owner": ("int32", -1, 1), "tick": ("int64", NEVER, 1)})

    def owners(self, batch: Batch, opens: Array) -> list[str | None]:
        """Whose item each row is about, None where it is not known by then.

        Rows come in order: `author` is the item; where `opens`, it is opened by the account `target`, and none of what is
        opened is told again. Shape of `opens`: `(n,)`.
        """
        codes = self._strings.adopt(batch, ["author", "target"])
        items, ticks = codes["author"].astype(np.int64), batch["tick"]
        found: list[str | None] = []
        slots = self._items.find_or_add(items)
        owner, since = self._items["owner"], self._items["tick"]
        for slot, tick, opener, opened in zip(
            slots.tolist(), ticks.tolist(), codes["target"].tolist(), opens.tolist(), strict=True
        ):
            known = since[slot] >= tick - KEEP_S
            if opened:
                if not known:
                    owner[slot], since[slot] = opener, tick
                found.append(None)
            else:
                found.append(self._strings[int(owner[slot])] if known else None)
        return found

    def release(self, tick: int) -> None:
        """Forget what is too old to be told, when that is worth its cost."""
        if self._items.due:
            self._items.keep(self._items["tick"] >= tick - KEEP_S)
        if self._strings.due:
            self._strings.release(self._items.keys, self._items["owner"])

    def save(self, number: int, oldest: int) -> Tables:
        """What the checkpoint of this number has to hold, when none before `oldest` is kept."""
        slots = self._items.to_save(number, oldest)
        codes = {"item": self._items.keys[slots], "owner": self._items["owner"][slots]}
        return {"register": save(self._items, slots, self._strings, codes)}

    def load(self, tables: Tables, number: int) -> None:
        """Take back what the checkpoint of this number holds; checkpoints come in the order of their numbers."""
        table = tables["register"]
        codes = self._strings.adopt(table, ["item", "owner"])
        load(self._items, codes["item"].astype(np.int64), table, codes, number)
