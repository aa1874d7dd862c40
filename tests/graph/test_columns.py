"""Batches: rows in columns beside one pool of strings."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graph.columns import CODE, OBJECT, Batch, dtype_of, objects

SCHEMA = {"number": "int64", "name": CODE, "text": OBJECT}
NAMES = st.sampled_from(["", "ann", "bob", "cid", "dora"]) | st.none()
Row = tuple[int, str | None, object]
ROWS = st.lists(st.tuples(st.integers(-(2**40), 2**40), NAMES, st.text(max_size=3) | st.none() | st.just(("a", "b"))))


def batch_of(rows: list[Row]) -> Batch:
    pool = sorted({name for _, name, _ in rows if name is not None})
    columns = {
        "number": np.array([number for number, _, _ in rows], np.int64),
        "name": np.array([-1 if name is None else pool.index(name) for _, name, _ in rows], np.int32),
        "text": objects(text for _, _, text in rows),
    }
    return Batch(SCHEMA, columns, pool)


def rows_of(batch: Batch) -> list[Row]:
    return list(zip(batch["number"].tolist(), batch.strings("name"), batch["text"].tolist(), strict=True))


@given(st.lists(ROWS, min_size=1, max_size=5))
def test_batches_one_after_the_other_hold_the_rows_of_each(parts: list[list[Row]]) -> None:
    together = Batch.concat([batch_of(rows) for rows in parts])
    assert rows_of(together) == [row for rows in parts for row in rows]
    assert {name: column.dtype for name, column in together.columns.items()} == {
        name: dtype_of(kind) for name, kind in SCHEMA.items()
    }


@given(ROWS, st.data())
def test_taken_apart_and_put_together_again_nothing_is_lost(rows: list[Row], data: st.DataObject) -> None:
    whole = batch_of(rows)
    cut = data.draw(st.integers(0, len(rows)))
    parts = [whole.take(slice(None, cut)), whole.take(np.arange(len(rows)) >= cut)]
    assert rows_of(Batch.concat(parts)) == rows
    assert len(Batch.concat(parts).pool) == len(whole.pool)


@given(ROWS.filter(bool), st.data())
def test_rows_are_taken_by_position_or_mask(rows: list[Row], data: st.DataObject) -> None:
    batch = batch_of(rows)
    positions = data.draw(st.lists(st.integers(0, len(rows) - 1)))
    assert rows_of(batch.take(np.array(positions, np.int64))) == [rows[at] for at in positions]
    mask = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    assert rows_of(batch.take(np.array(mask))) == [row for row, wanted in zip(rows, mask, strict=True) if wanted]


def test_an_empty_batch_has_every_column() -> None:
    empty = Batch.empty(SCHEMA)
    assert len(empty) == 0
    assert set(empty.columns) == set(SCHEMA)
    assert rows_of(Batch.concat([empty, batch_of([(1, "ann", None)]), empty])) == [(1, "ann", None)]
