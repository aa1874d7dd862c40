"""Tables and what lies in them: records are the same in another process, whatever codes that gave to strings."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graph.columns import CODE
from graph.interner import Interner
from graph.memory import Memory
from graph.tables import Tables, pair, subject_key, table_of, unpair
from graph.window import Window
from tests.graph.rows import EXACT_S, FAR, NEAR, SLOW_S, streams
from tests.helpers import Row, batch_of, cut

KINDS = st.integers(0, 2)
CODES = st.integers(0, 2**29 - 1)


@given(st.lists(st.tuples(CODES, KINDS, st.integers(0, 2**31 - 1)), min_size=1))
def test_a_pair_is_what_it_was_made_of(pairs: list[tuple[int, int, int]]) -> None:
    subject, kind, other = (np.array(column) for column in zip(*pairs, strict=True))
    keys = pair(subject, kind, other)
    assert (keys >= 0).all()
    assert len(set(keys.tolist())) == len(set(pairs))
    assert list(zip(*(part.tolist() for part in unpair(keys)), strict=True)) == pairs
    assert (subject_key(subject, kind) == keys >> 32).all()


@given(st.lists(st.tuples(st.none() | st.text(max_size=3), st.text(max_size=3), st.integers(0, 9)), max_size=12))
def test_a_table_names_strings_and_no_others(rows: list[tuple[str | None, str, int]]) -> None:
    strings = Interner()
    strings.code("beside")
    codes = {
        name: np.array([-1 if one is None else strings.code(one) for one in column], np.int32)
        for name, column in (("some", [row[0] for row in rows]), ("each", [row[1] for row in rows]))
    }
    table = table_of(strings, {"number": np.array([row[2] for row in rows], np.int64)}, codes)
    assert table.schema == {"number": "int64", "some": CODE, "each": CODE}
    assert list(zip(table.strings("some"), table.strings("each"), table["number"].tolist(), strict=True)) == rows
    assert set(table.pool) == {text for row in rows for text in row[:2] if text is not None}


def records(memory: Memory, strings: Interner) -> Iterator[dict[tuple[Any, ...], Any]]:
    """All that a memory holds, by the names of subjects and others."""
    for store in (memory.ties, memory.kin.records):
        columns = {name: store[name].tolist() for name in store.names}
        subject, kind, other = unpair(store.keys)
        named = zip(strings.names(subject.tolist()), kind.tolist(), strings.names(other.tolist()), strict=True)
        yield {key: [columns[name][slot] for name in columns] for slot, key in enumerate(named)}
    for store in (memory.audience.records, memory.subjects):
        columns = {name: store[name].tolist() for name in store.names if name != "row"}
        for name in {"lives", "stands"} & columns.keys():
            columns[name] = strings.names(columns[name])
        named_alone = zip(strings.names((store.keys >> 2).tolist()), (store.keys & 3).tolist(), strict=True)
        yield {key: [columns[name][slot] for name in columns] for slot, key in enumerate(named_alone)}


@given(streams(NEAR) | streams(FAR), st.integers(1, 4), st.data())
def test_the_newest_checkpoints_give_back_the_newest_of_every_record(
    rows: list[Row], keep: int, data: st.DataObject
) -> None:
    window, kept = Window(EXACT_S, SLOW_S), dict[int, Tables]()
    for number, batch in enumerate(cut(rows, data), start=1):
        window.add(batch_of(batch))
        kept[number] = window.memory.save(window.strings, number, number - keep + 1)
        kept.pop(number - keep, None)
    strings, memory = Interner(), Memory()
    for word in ("other", "codes", "x"):
        strings.code(word)
    for number, tables in sorted(kept.items()):
        memory.load(tables, strings, number)
    assert list(records(memory, strings)) == list(records(window.memory, window.strings))
    again = memory.save(strings, number + 1, number - keep + 2)
    expected = window.memory.save(window.strings, number + 1, number - keep + 2)
    assert {name: len(table) for name, table in again.items()} == {name: len(table) for name, table in expected.items()}
