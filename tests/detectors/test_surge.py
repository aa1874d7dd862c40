"""Surges: how surprising a crowd is, against what is usual, and when it began."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from detectors.model import Rate, shipped
from detectors.surge import STRONGEST, WINDOWS_S, Usual, onset, strongest, tail, usual_of

RATES = shipped().population.rates
PRIORS = st.sampled_from(sorted(RATES.values(), key=lambda rate: rate.shape))
QUIET = Usual(mean=0.1, shape=0.5)


@given(st.integers(0, 400), st.floats(0.01, 60), st.floats(0.05, 50))
def test_the_tail_is_that_of_the_negative_binomial(count: int, mean: float, shape: float) -> None:
    found = tail(count, mean, shape)
    if count <= mean:
        assert found == 0.0
        return
    chance = stats.nbinom.sf(count - 1, shape, shape / (shape + mean))
    expected = min(STRONGEST, -math.log10(chance)) if chance > 0 else STRONGEST
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)


@given(st.integers(1, 200), st.floats(0.01, 20), st.floats(0.05, 20))
def test_more_people_are_more_surprising(count: int, mean: float, shape: float) -> None:
    assert 0.0 <= tail(count, mean, shape) <= tail(count + 1, mean, shape) <= STRONGEST
    assert tail(count, 2 * mean, shape) <= tail(count, mean, shape) + 1e-9


@pytest.mark.parametrize("prior", RATES.values(), ids=RATES)
def test_an_unknown_subject_is_taken_as_the_population(prior: Rate) -> None:
    usual = usual_of(0.0, 0.0, 0.0, prior)
    assert usual.mean == pytest.approx(prior.shape / prior.buckets)
    assert usual.shape == pytest.approx(prior.shape)


@given(st.floats(0, 30), st.floats(0.5, 600), PRIORS)
def test_the_usual_rate_lies_between_the_population_and_the_own_history(
    rate: float, weight: float, prior: Rate
) -> None:
    population = prior.shape / prior.buckets
    found = usual_of(rate * weight, rate * rate * weight, weight, prior)
    assert min(rate, population) - 1e-9 <= found.mean <= max(rate, population) + 1e-9
    longer = usual_of(2 * rate * weight, 2 * rate * rate * weight, 2 * weight, prior)
    assert abs(longer.mean - rate) <= abs(found.mean - rate) + 1e-9


@given(PRIORS)
def test_a_bursty_history_makes_a_burst_less_surprising(prior: Rate) -> None:
    even = usual_of(200.0, 2 * 200.0, 200.0, prior)
    bursty = usual_of(200.0, 40 * 200.0, 200.0, prior)
    assert even.mean == pytest.approx(bursty.mean)
    assert tail(20, bursty.mean, bursty.shape) < tail(20, even.mean, even.shape)


def test_what_is_usual_grows_with_the_window() -> None:
    usual = Usual(mean=6.0, shape=2.0)
    assert [usual.expected(window_s) for window_s in WINDOWS_S] == pytest.approx([0.6, 6.0, 36.0])
    assert usual.spread(600) == pytest.approx(stats.nbinom.std(2.0, 2.0 / 8.0))


def spread_over(start: int, stop: int, count: int) -> list[int]:
    return np.linspace(start, stop, count).astype(int).tolist()


CROWDS = {
    "a minute": ([*spread_over(0, 3_000, 2), *spread_over(3_541, 3_600, 20)], 60, 20),
    "ten minutes": ([*spread_over(0, 2_900, 2), *spread_over(3_010, 3_600, 20)], 600, 20),
    "an hour": (spread_over(1, 3_600, 20), 3_600, 20),
}


@pytest.mark.parametrize(("ticks", "window_s", "newcomers"), CROWDS.values(), ids=CROWDS)
def test_the_window_is_the_one_that_fits_the_crowd(ticks: list[int], window_s: int, newcomers: int) -> None:
    found = strongest(ticks, 3_600, Usual(mean=0.5, shape=5.0))
    assert (found.window_s, found.newcomers) == (window_s, newcomers)
    assert found.expected == pytest.approx(0.5 * window_s / 600)
    assert 0 < found.evidence <= STRONGEST


def test_newcomers_after_the_tick_do_not_count() -> None:
    assert strongest([10, 20, 30, 40, 50], 30, QUIET).newcomers == 3
    assert strongest([100], 30, QUIET).evidence == 0.0


ONSETS = {
    "all at once": ([100] * 30, 130, 0),
    "after two early ones": ([0, 1_000, *range(3_000, 3_300, 10)], 3_300, 2),
    "one alone": ([50], 60, 0),
    "from the beginning": (list(range(0, 600, 20)), 600, 0),
}


@pytest.mark.parametrize(("ticks", "tick", "place"), ONSETS.values(), ids=ONSETS)
def test_the_onset_of_a_clear_crowd(ticks: list[int], tick: int, place: int) -> None:
    assert onset(np.array(ticks), tick, QUIET) == place


@given(st.lists(st.integers(0, 3_600), min_size=1, max_size=40).map(sorted), st.floats(0.01, 30))
def test_the_onset_is_a_newcomer(ticks: list[int], mean: float) -> None:
    assert 0 <= onset(np.array(ticks), 3_600, Usual(mean, 1.0)) < len(ticks)
