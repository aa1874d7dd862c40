"""Counts that fade: half is left after a half-life, and no cut into batches can be seen."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.fading import BUCKET_S, FORGET_S, Fading, FadingCounts

HALF_LIFE_S = 6 * 3600
FORGET_BUCKETS = FORGET_S // BUCKET_S
GAPS = st.sampled_from([0, 0, 0, 1, 2, 36, 500, FORGET_BUCKETS - 1, FORGET_BUCKETS, FORGET_BUCKETS + 1])
ROWS = st.lists(st.tuples(GAPS, st.integers(0, 3)), min_size=1, max_size=25)


def factor(buckets: int) -> float:
    return 0.0 if buckets >= FORGET_BUCKETS else 0.5 ** (buckets * BUCKET_S / HALF_LIFE_S)


def rows_of(steps: list[tuple[int, int]]) -> list[tuple[int, int]]:
    bucket, rows = 7, []
    for gap, key in steps:
        bucket += gap
        rows.append((key, bucket))
    return rows


def noted(rows: list[tuple[int, int]], cuts: list[int], sweep: bool = False) -> list[float]:
    counts = FadingCounts(Fading(HALF_LIFE_S))
    out: list[float] = []
    for start, stop in pairwise([0, *sorted(cuts), len(rows)]):
        keys = np.array([key for key, _ in rows[start:stop]], np.int64)
        buckets = np.array([bucket for _, bucket in rows[start:stop]], np.int64)
        out += counts.note(keys, buckets).tolist()
        if sweep and stop < len(rows):
            counts.note(1000 + np.arange(40_000), np.full(40_000, rows[stop][1] - FORGET_BUCKETS))
            counts.release(rows[stop][1] * BUCKET_S)
    return out


@given(ROWS, st.data())
def test_a_count_is_the_faded_sum_of_earlier_buckets(steps: list[tuple[int, int]], data: st.DataObject) -> None:
    rows = rows_of(steps)
    cuts = data.draw(st.lists(st.integers(0, len(rows)), max_size=4))
    whole = noted(rows, [])
    assert noted(rows, cuts) == whole
    for at, ((key, bucket), found) in enumerate(zip(rows, whole, strict=True)):
        earlier = [when for other, when in rows[:at] if other == key]
        alive = [
            when
            for place, when in enumerate(earlier)
            if all(after - before < FORGET_BUCKETS for before, after in pairwise([*earlier[place:], bucket]))
        ]
        assert found == pytest.approx(math.fsum(factor(bucket - when) for when in alive if when < bucket), rel=1e-9)


@given(ROWS.filter(lambda steps: len(steps) > 1), st.data())
def test_freeing_memory_changes_nothing(steps: list[tuple[int, int]], data: st.DataObject) -> None:
    rows = rows_of(steps)
    cut = data.draw(st.integers(1, len(rows) - 1))
    assert noted(rows, [cut], sweep=True) == noted(rows, [cut])


def test_what_nothing_is_left_of_is_freed() -> None:
    counts = FadingCounts(Fading(HALF_LIFE_S))
    counts.note(np.arange(40_000), np.zeros(40_000, np.int64))
    counts.note(np.arange(5), np.ones(5, np.int64))
    counts.release(FORGET_S + BUCKET_S - 1)
    assert sorted(counts.keys.tolist()) == list(range(5))


@pytest.mark.parametrize("half_life_s", [3600, 3 * 86400])
def test_the_weight_is_what_a_count_of_one_a_bucket_sums_to(half_life_s: int) -> None:
    fading = Fading(half_life_s)
    ones = 0.0
    for buckets in range(200):
        assert fading.weight(np.array([buckets]))[0] == pytest.approx(ones, abs=1e-9)
        ones = (ones + 1) * 0.5 ** (BUCKET_S / half_life_s)
    assert fading.factor(np.array([half_life_s // BUCKET_S]))[0] == pytest.approx(0.5)
    assert fading.factor(np.array([FORGET_BUCKETS, 10**9])).tolist() == [0.0, 0.0]
