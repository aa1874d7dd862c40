"""Store: records by key, as a dictionary holds them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graph.store import Store

SPEC = {"value": ("int64", -7, 1), "last": ("float64", 0.5, 3)}
KEYS = st.integers(0, 12) | st.integers(0, 2**63 - 1) | st.integers(0, 40).map(lambda number: number << 32)
STEPS = st.lists(
    st.tuples(st.just("add"), st.lists(KEYS, max_size=12)) | st.tuples(st.just("keep"), st.integers(2, 4)), max_size=12
)


def check(store: Store, model: dict[int, int]) -> None:
    assert len(store) == len(model)
    assert dict(zip(store.keys.tolist(), store["value"].tolist(), strict=True)) == model
    keys = np.array(list(model), np.int64)
    assert store["value"][store.find(keys)].tolist() == list(model.values())
    assert store["last"].shape == (len(model), 3)


@given(STEPS, st.lists(KEYS, max_size=10))
def test_it_holds_what_a_dictionary_would(steps: list[tuple[str, object]], asked: list[int]) -> None:
    store, model = Store(SPEC), dict[int, int]()
    written = 0
    for step, argument in steps:
        if step == "keep":
            kept = store["value"] % argument == 0
            store.keep(kept)
            model = {key: value for key, value in model.items() if value % argument == 0}
        else:
            keys = np.array(argument, np.int64)
            slots = store.find_or_add(keys)
            assert store["value"][slots].tolist() == [model.get(key, -7) for key in argument]
            assert store.keys[slots].tolist() == argument
            for key, slot in zip(argument, slots.tolist(), strict=True):
                written += 1
                store["value"][slot] = written
                model[key] = written
        check(store, model)
    found = store.find(np.array(asked, np.int64))
    assert [slot >= 0 for slot in found.tolist()] == [key in model for key in asked]


def test_a_new_record_is_blank_even_where_an_old_one_was() -> None:
    store = Store(SPEC)
    slots = store.find_or_add(np.array([1, 2, 3]))
    store["last"][slots] = 9.0
    store.keep(np.array([False, True, False]))
    slots = store.find_or_add(np.array([3, 2]))
    assert store["last"][slots].tolist() == [[0.5] * 3, [9.0] * 3]
    assert store["value"][slots].tolist() == [-7, -7]


def test_it_grows_and_shrinks() -> None:
    store = Store(SPEC)
    keys = np.arange(50_000, dtype=np.int64) * (1 << 40) // 7
    for part in np.array_split(keys, 9):
        slots = store.find_or_add(part)
        store["value"][slots] = part
    assert store.due
    assert np.array_equal(store["value"][store.find(keys)], keys)
    store.keep(store["value"] % 5 == 0)
    left = keys[keys % 5 == 0]
    assert len(store) == len(left)
    assert not store.due
    assert np.array_equal(store["value"][store.find(left)], left)
    assert (store.find(keys[keys % 5 != 0]) == -1).all()
