"""What is remembered of subjects, of ties and of audiences, longer than any window."""

from __future__ import annotations

from typing import Final

import numpy as np

from graph.authors import NEVER
from graph.calls import Calls
from graph.columns import Array
from graph.fading import FORGET_S, NO_BUCKET, Fading, FadingCounts
from graph.interner import Interner
from graph.ring import NO_ROW
from graph.store import Store
from graph.tables import Tables, load, pair, save, subject_key, unpair

NEWCOMERS_KEPT: Final = 10
"""Of how many newcomers the times are kept for every subject: the smallest crowd that can be looked at."""

_AUDIENCE: Final = Fading(14 * 86400)


class Memory:
    """Records of subjects, of pairs of subject and account, and of where those who address a subject are at home.

    Attributes
    ----------
    ties : by pair of subject and account
    kin : by pair of subject and home community, how many newcomers came from there
    audience : by subject, how many newcomers with a home came
    subjects : by subject
    crowds : by subject to which newcomers came, when the last of them did
    calls : what pointed at accounts
    """

    def __init__(self) -> None:
        self.ties = Store({"first": ("int64", 0, 1), "tick": ("uint32", 0, 1), "spoke": ("uint32", 0, 1)})
        self.kin, self.audience = FadingCounts(_AUDIENCE), FadingCounts(_AUDIENCE)
        self.subjects = Store(
            {
                "tick": ("int64", NEVER, 1),
                "row": ("int64", NO_ROW, 1),
                "since": ("int32", 0, 1),
                "bucket": ("int64", NO_BUCKET, 1),
                "came": ("int32", 0, 1),
                "shares": ("int32", 0, 1),
                "usual": ("float64", 0.0, 1),
                "usual_square": ("float64", 0.0, 1),
                "shown": ("float64", 0.0, 1),
                "lives": ("int32", -1, 1),
                "stands": ("int32", -1, 1),
            }
        )
        self.crowds = Store(
            {
                "tick": ("int64", NEVER, 1),
                "lately": ("uint32", 0, NEWCOMERS_KEPT),
                "slowly": ("uint32", 0, NEWCOMERS_KEPT),
            }
        )
        self.calls = Calls()

    def release(self, tick: int) -> None:
        """Forget what was not heard of for `FORGET_S` at this tick, where that is worth its cost."""
        if self.ties.due:
            self.ties.keep(self.ties["tick"] >= tick - FORGET_S)
        if self.subjects.due:
            self.subjects.keep(self.subjects["tick"] >= tick - FORGET_S)
        if self.crowds.due:
            self.crowds.keep(self.crowds["tick"] >= tick - FORGET_S)
        for each in (self.kin, self.audience, self.calls):
            each.release(tick)

    @property
    def _alone(self) -> tuple[tuple[str, Store], ...]:
        """What is remembered by subject."""
        return ("audience", self.audience.records), ("subjects", self.subjects), ("crowds", self.crowds)

    @property
    def codes(self) -> list[Array]:
        """The codes of every string that is remembered."""
        pairs = np.concatenate([self.ties.keys, self.kin.keys])
        alone = np.concatenate([self.subjects.keys, self.audience.keys, self.crowds.keys])
        told = [self.subjects["lives"], self.subjects["stands"]]
        return [alone >> 2, pairs >> 34, pairs & 0xFFFFFFFF, *told, *self.calls.codes]

    def save(self, strings: Interner, number: int, oldest: int) -> Tables:
        """What the checkpoint of this number has to hold, when none before `oldest` is kept."""
        tables = self.calls.save(strings, number, oldest)
        for name, store in (("ties", self.ties), ("kin", self.kin.records)):
            slots = store.to_save(number, oldest)
            subject, kind, other = unpair(store.keys[slots])
            tables[name] = save(store, slots, strings, {"subject": subject, "other": other}, {"kind": kind})
        for name, store in self._alone:
            slots = store.to_save(number, oldest)
            keys = store.keys[slots]
            told = [of for of in ("lives", "stands") if of in store.names]
            codes: dict[str, Array] = {"subject": keys >> 2, **{of: store[of][slots] for of in told}}
            tables[name] = save(store, slots, strings, codes, {"kind": (keys & 3).astype(np.uint8)})
        return tables

    def load(self, tables: Tables, strings: Interner, number: int) -> None:
        """Take back what the checkpoint of this number holds; checkpoints come in the order of their numbers."""
        self.calls.load(tables, strings, number)
        for name, store in (("ties", self.ties), ("kin", self.kin.records)):
            table = tables[name]
            codes = strings.adopt(table, ["subject", "other"])
            load(store, pair(codes["subject"], table["kind"], codes["other"]), table, codes, number)
        for name, store in self._alone:
            table = tables[name]
            codes = strings.adopt(table, [of for of in ("subject", "lives", "stands") if of in table.schema])
            load(store, subject_key(codes["subject"], table["kind"]), table, codes, number)
