"""Interner: strings as codes for as long as they are held."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.columns import CODE, Batch
from graph.interner import Interner

NAMES = st.sampled_from(["", "a", "b", "c", "d", "é", "a\0b"])
ROWS = st.lists(st.tuples(st.none() | NAMES, st.none() | NAMES), max_size=10)
Rows = list[tuple[str | None, str | None]]


def batch_of(rows: Rows) -> Batch:
    """A batch whose pool holds strings more than once, and some that no row points to."""
    pool = ["unused", *(name for row in rows for name in row if name is not None)]
    places = iter(range(1, len(pool)))
    codes = np.array([[-1 if name is None else next(places) for name in row] for row in rows], np.int32).reshape(-1, 2)
    return Batch({"one": CODE, "two": CODE}, {"one": codes[:, 0], "two": codes[:, 1]}, pool)


@given(st.lists(st.tuples(ROWS, st.sets(NAMES)), max_size=6))
def test_a_string_keeps_its_code_until_it_is_released(steps: list[tuple[Rows, set[str]]]) -> None:
    interner = Interner()
    held: dict[str, int] = {}
    for rows, kept in steps:
        adopted = interner.adopt(batch_of(rows), ["one", "two"])
        assert [
            (interner.get(one), interner.get(two)) for one, two in zip(*map(list, adopted.values()), strict=True)
        ] == rows
        assert interner.names(adopted["one"].tolist()) == [one for one, _ in rows]
        names = {name for row in rows for name in row if name is not None}
        assert len(interner) == len(held.keys() | names)
        for name, code in held.items():
            assert interner.code(name) == code
        held |= {name: interner.code(name) for name in names}
        assert len(set(held.values())) == len(held)
        remaining = {name: code for name, code in held.items() if name in kept}
        assert interner.release(np.array([-1, *remaining.values()], np.int64), np.zeros(0, np.int64)) == len(
            held
        ) - len(remaining)
        held = remaining
        assert len(interner) == len(held)


def test_a_released_code_is_an_error() -> None:
    interner = Interner()
    code = interner.code("gone")
    interner.release()
    with pytest.raises(LookupError):
        interner[code]
    assert interner.get(-1) is None


def test_memory_is_bounded_by_what_is_held() -> None:
    interner = Interner()
    highest = 0
    for number in range(50):
        highest = max(highest, *(interner.code(f"{number} {other}") for other in range(10)))
        interner.release()
    assert highest < 10


def test_only_the_named_columns_are_interned() -> None:
    interner = Interner()
    interner.adopt(batch_of([("a", "b")]), ["two"])
    assert len(interner) == 1
