"""A window that was saved, loaded and filled again from the log goes on as if nothing had been."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.columns import Batch
from graph.interactions import INTERACTION_SCHEMA, Kind
from graph.noted import StateError
from graph.tables import Tables
from graph.window import RING_SCHEMA, Added, Window
from tests.graph.rows import EXACT_S, FAR, NEAR, SLOW_S, START, bystanders, many, streams
from tests.helpers import Row, batch_of, cut

KEPT = 3
"""How many checkpoints there are at a time."""
CODES = {name for name, kind in INTERACTION_SCHEMA.items() if kind == "code"} | {"lives", "stands"}


def columns(window: Window) -> dict[str, list[Any]]:
    """Every column of the ring, codes as strings; the row before is none where it is there no more."""
    names, before = window.strings.names, window.ring.all("before")
    found = {
        name: names(window.ring.all(name).tolist()) if name in CODES else window.ring.all(name).tolist()
        for name in RING_SCHEMA
    }
    return {**found, "before": np.where(before < window.ring.first, -1, before).tolist()}


def said(window: Window, added: Added) -> dict[tuple[str, Kind], Any]:
    """What became of a batch, by subject."""
    return {
        (window.strings[key >> 2], Kind(key & 3)): (
            added.numbers[low:high].tolist(),
            crowded,
            added.slow[low:high].tolist(),
        )
        for key, low, high, crowded in zip(
            added.subjects.tolist(), added.starts.tolist(), added.ends.tolist(), added.crowded.tolist(), strict=True
        )
    }


class Saving:
    """A window beside the log of what was added to it, and its checkpoints."""

    def __init__(self) -> None:
        self.window = Window(EXACT_S, SLOW_S)
        self.log: list[Batch] = []
        self.kept: dict[int, Tables] = {}
        self.number = 0

    def add(self, batch: Batch) -> dict[tuple[str, Kind], Any]:
        self.window.expire(int(batch["tick"][0]))
        self.log.append(batch)
        return said(self.window, self.window.add(batch))

    def save(self) -> Tables:
        self.number += 1
        oldest = self.number - KEPT + 1
        tables = self.window.save(self.number, oldest)
        self.kept = {number: one for number, one in self.kept.items() if number >= oldest} | {self.number: tables}
        return tables

    @property
    def rows(self) -> Batch:
        """The rows of the window, out of the log."""
        return Batch.concat([Batch.empty(INTERACTION_SCHEMA), *self.log]).take(
            slice(self.window.ring.first, self.window.ring.end)
        )

    def restored(self) -> Window:
        """Another window, from the checkpoints and the log."""
        window, rows = Window(EXACT_S, SLOW_S), self.rows
        for number, tables in sorted(self.kept.items()):
            window.load(tables, number)
        window.refill(rows, self.window.ring.first, self.window.ring.end)
        return window


@given(streams(NEAR) | streams(FAR), st.data())
def test_nobody_sees_that_it_was_saved_and_restored(rows: list[Row], data: st.DataObject) -> None:
    plain, saving = Window(EXACT_S, SLOW_S), Saving()
    for batch in map(batch_of, cut(rows, data)):
        plain.expire(int(batch["tick"][0]))
        assert saving.add(batch) == said(plain, plain.add(batch))
        assert columns(saving.window) == columns(plain)
        if data.draw(st.booleans()):
            saving.save()
            if data.draw(st.booleans()):
                saving.window = saving.restored()
                assert columns(saving.window) == columns(plain)
    assert (saving.window.subjects, saving.window.ties) == (plain.subjects, plain.ties)


@given(streams(FAR), st.data())
@settings(max_examples=5)
def test_what_was_forgotten_does_not_come_back(rows: list[Row], data: st.DataObject) -> None:
    """Memory is freed between two checkpoints; the older one still holds what was."""
    plain, saving = Window(EXACT_S, SLOW_S), Saving()
    batches = list(map(batch_of, cut(rows, data)))
    freed = data.draw(st.integers(0, len(batches) - 1))
    for number, batch in enumerate(batches):
        for one in (batch, many(int(batch["tick"][-1]))) if number == freed else (batch,):
            plain.expire(int(one["tick"][0]))
            assert saving.add(one) == said(plain, plain.add(one))
            saving.save()
        if data.draw(st.booleans()):
            saving.window = saving.restored()


@given(st.lists(st.integers(0, 40), min_size=1, max_size=40), st.integers(0, 39))
def test_a_restored_window_writes_no_more_than_one_that_ran_on(counts: list[int], restart: int) -> None:
    """Of rows a checkpoint has those that are new, and those that the checkpoint before the oldest was the last to have."""
    plain, saving = Saving(), Saving()
    for number, count in enumerate(counts):
        tick = START + 60 * number
        if count:
            batch = batch_of([Row(tick, "x", f"a{at}", f"e{number}-{at}") for at in range(count)])
            plain.add(batch)
            saving.add(batch)
        tables, expected = saving.save(), plain.save()
        assert tables["rows"]["number"].tolist() == expected["rows"]["number"].tolist()
        if number in (restart, restart + 5):
            saving.window = saving.restored()


def test_a_checkpoint_holds_what_changed() -> None:
    saving = Saving()
    saving.add(batch_of(bystanders(START)[:500]))
    first = saving.save()
    saving.add(batch_of([Row(START + 1, "s7", "b7", "again", home="h7")]))
    second = saving.save()
    assert len(first["rows"]) == len(first["ties"]) == len(first["subjects"]) == 500
    assert [len(second[name]) for name in ("rows", "ties", "subjects", "kin", "audience")] == [1, 1, 1, 0, 0]


def test_an_empty_window_can_be_saved_and_filled_again() -> None:
    saving = Saving()
    saving.save()
    assert len(saving.restored().ring) == 0
    saving.add(batch_of([Row(START, "x", "a", "e")]))
    saving.window.expire(START + EXACT_S + 1)
    saving.save()
    window = saving.restored()
    assert (len(window.ring), window.ring.end, window.subjects) == (0, 1, 1)


def lived() -> Saving:
    saving = Saving()
    for number in range(6):
        saving.add(batch_of([Row(START + number, "x", f"a{number}", f"e{number}")]))
        saving.save()
    return saving


def loaded(saving: Saving, without: int = 0) -> Window:
    window = Window(EXACT_S, SLOW_S)
    for number, tables in saving.kept.items():
        if number != without:
            window.load(tables, number)
    return window


@pytest.mark.parametrize("kept", [slice(1, 6), slice(0, 5), slice(0, 0), [0, 1, 3, 4, 5]], ids=str)
def test_rows_that_the_log_has_lost_are_missed(kept: Any) -> None:
    saving = lived()
    rows = saving.rows.take(kept if isinstance(kept, slice) else np.array(kept))
    with pytest.raises(StateError, match=rf"gives back {len(rows)} rows of the window where 6 were"):
        loaded(saving).refill(rows, 0, 6)


def test_other_rows_are_not_taken_for_those_that_were_there() -> None:
    saving = lived()
    rows = saving.rows
    rows.columns["time"] = rows["time"] + np.array([0, 0, 0, 1, 0, 0])
    with pytest.raises(StateError, match="gives back other rows"):
        loaded(saving).refill(rows, 0, 6)


@pytest.mark.parametrize("without", [4, 5, 6])
def test_a_checkpoint_that_is_left_out_is_missed(without: int) -> None:
    saving = lived()
    with pytest.raises(StateError, match="are in the checkpoint"):
        loaded(saving, without).refill(saving.rows, 0, 6)


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_the_newest_checkpoints_hold_every_row(filled: list[bool]) -> None:
    saving = Saving()
    for number, some in enumerate(filled):
        if some:
            saving.add(batch_of([Row(START + number, "x", "a", f"e{number}")]))
        saving.save()
    held = {row for tables in saving.kept.values() for row in tables["rows"]["number"].tolist()}
    assert held == set(range(sum(filled)))
    assert all(low < high for one in saving.kept.values() for low, high in pairwise(one["rows"]["number"].tolist()))
