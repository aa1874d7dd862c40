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


CHECKPOINTS = st.lists(st.lists(st.integers(0, 15), max_size=5), min_size=1, max_size=30)


@given(CHECKPOINTS, st.integers(1, 6), st.integers(0, 30))
def test_the_newest_checkpoints_hold_every_record_as_it_is(touched: list[list[int]], keep: int, restart: int) -> None:
    store, kept = Store(SPEC), dict[int, tuple[np.ndarray, dict[str, np.ndarray]]]()
    held: dict[int, int] = {}
    for number, keys in enumerate(touched, start=1):
        slots = store.find_or_add(np.array(keys, np.int64))
        store["value"][slots] = number
        store["last"][slots] = [[number, key, 0.0] for key in keys] or np.zeros((0, 3))
        oldest = number - keep + 1
        due = store.to_save(number, oldest)
        wanted = set(keys) | {key for key, last in held.items() if last < oldest}
        assert sorted(store.keys[due].tolist()) == sorted(wanted)
        held |= dict.fromkeys(wanted, number)
        kept[number] = store.keys[due], {name: store[name][due] for name in store.names}
        kept.pop(number - keep, None)
        if number == restart:
            old, store = store, Store(SPEC)
            for one, (saved, columns) in kept.items():
                store.put(saved, columns, one)
            places = store.find(old.keys)
            assert len(store) == len(old)
            for name in store.names:
                assert np.array_equal(store[name][places], old[name])


def test_what_is_kept_counts_as_held_still() -> None:
    store = Store(SPEC)
    store.find_or_add(np.arange(10))
    assert len(store.to_save(1, -5)) == 10
    store.find_or_add(np.array([3, 4]))
    store.keep(store.keys % 2 == 0)
    assert store.keys[store.to_save(2, -4)].tolist() == [4]
    assert store.keys[store.to_save(3, 2)].tolist() == [0, 2, 6, 8]
