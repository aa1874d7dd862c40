"""Segments: what a loop over each group of rows would compute."""

from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graph.segments import Segments, turns

ROWS = st.lists(st.tuples(st.integers(0, 5), st.integers(-99, 99), st.booleans()), max_size=30)
Rows = list[tuple[int, int, bool]]
WIDTH = 3


def grouped(rows: Rows) -> dict[int, list[tuple[int, bool]]]:
    groups: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    for key, value, mark in rows:
        groups[key].append((value, mark))
    return dict(sorted(groups.items()))


def prepared(rows: Rows) -> tuple[Segments, np.ndarray, np.ndarray, np.ndarray]:
    """Segments, the rows' values and marks in their order, and a value from before each segment."""
    segments = Segments(np.array([key for key, _, _ in rows], np.int64))
    values = np.array([value for _, value, _ in rows], np.int64)[segments.order]
    marks = np.array([mark for _, _, mark in rows], bool)[segments.order]
    return segments, values, marks, 1000 + segments.keys


@given(ROWS)
def test_rows_are_grouped_in_their_order(rows: Rows) -> None:
    segments, values, marks, _ = prepared(rows)
    groups = grouped(rows)
    assert segments.keys.tolist() == list(groups)
    for place, (key, group) in enumerate(groups.items()):
        part = slice(int(segments.starts[place]), int(segments.ends[place]))
        assert list(zip(values[part].tolist(), marks[part].tolist(), strict=True)) == group
        assert segments.rank[part].tolist() == list(range(len(group)))
        assert segments.number[part].tolist() == [place] * len(group)
        assert [rows[at][0] for at in segments.order[part]] == [key] * len(group)


@given(ROWS)
def test_values_are_put_back_in_the_order_in_which_the_rows_came(rows: Rows) -> None:
    segments, values, _, _ = prepared(rows)
    assert segments.back(values).tolist() == [value for _, value, _ in rows]


@given(ROWS)
def test_what_lies_before_a_row(rows: Rows) -> None:
    segments, values, marks, before = prepared(rows)
    previous, latest, latest_before, counts = [], [], [], []
    for key, group in grouped(rows).items():
        row_before, marked = 1000 + key, 1000 + key
        for value, mark in group:
            previous.append(row_before)
            latest_before.append(marked)
            row_before = value
            marked = value if mark else marked
            latest.append(marked)
        counts.append(sum(mark for _, mark in group))
    assert segments.previous(values, before).tolist() == previous
    assert segments.last_where(values, marks, before).tolist() == latest
    assert segments.previous_where(values, marks, before).tolist() == latest_before
    assert segments.count(marks).tolist() == counts


@given(ROWS)
def test_the_last_few_values_of_each_segment(rows: Rows) -> None:
    segments, values, _, _ = prepared(rows)
    stored = np.array([[-1000 * key - at for at in range(WIDTH)] for key in segments.keys.tolist()], np.int64)
    lagged, earlier, last = [], [], []
    for held, group in zip(stored.reshape(-1, WIDTH).tolist(), grouped(rows).values(), strict=True):
        seen = list(held)
        for value, _ in group:
            seen.append(value)
            lagged.append(seen[-WIDTH])
            earlier.append(seen[-WIDTH:-1])
        last.append(seen[-WIDTH:])
    stored = stored.reshape(-1, WIDTH)
    assert segments.lagged(values, stored).tolist() == lagged
    for rows_asked in (np.arange(len(values)), np.arange(len(values))[::2]):
        assert segments.earlier(rows_asked, values, stored).tolist() == [earlier[at] for at in rows_asked.tolist()]
    assert segments.last(values, stored).tolist() == last


@given(st.lists(st.integers(0, 4), max_size=20).map(sorted))
def test_turns_take_every_owner_once_and_in_order(owner: list[int]) -> None:
    rounds = [turn.tolist() for turn in turns(np.array(owner, np.int64))]
    assert sorted(place for turn in rounds for place in turn) == list(range(len(owner)))
    for number, turn in enumerate(rounds):
        assert [owner[place] for place in turn] == [key for key in sorted(set(owner)) if owner.count(key) > number]
        assert all(owner[:place].count(owner[place]) == number for place in turn)
