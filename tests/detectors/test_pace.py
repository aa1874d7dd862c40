"""The pace of a crowd, minute by minute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.pace import Pace


def after(*minutes: int) -> Pace:
    pace = Pace()
    for newcomers in minutes:
        pace.learn_one(newcomers)
    return pace


def test_a_crowd_that_keeps_coming_has_not_fallen() -> None:
    assert not after(*[20] * 60).fallen
    assert not after(*range(1, 40)).fallen


def test_a_crowd_that_has_gone_has_fallen() -> None:
    pace = after(*[30] * 20, *[0] * 20)
    assert pace.fallen
    assert pace.now < 0.5 * pace.peak
    assert pace.peak == pytest.approx(30.0)


def test_one_quiet_minute_is_no_fall() -> None:
    assert not after(*[20] * 10, 0).fallen


def test_before_the_first_minute_nothing_moves() -> None:
    pace = Pace()
    assert (pace.now, pace.peak, pace.fallen) == (0.0, 0.0, False)


def test_the_pace_follows_what_came_lately() -> None:
    assert after(*[1] * 20, *[10] * 20).now > 9.0
    assert after(*[10] * 20).now == pytest.approx(10.0)


@given(st.lists(st.integers(0, 40) | st.just(0), max_size=80), st.lists(st.integers(0, 40), max_size=40))
def test_one_that_learns_the_same_minutes_goes_on_alike(before: list[int], later: list[int]) -> None:
    pace = after(*before)
    restored = after(*pace.minutes)
    for newcomers in later:
        for one in (pace, restored):
            one.learn_one(newcomers)
        assert (restored.now, restored.peak, restored.changed, restored.fallen) == (
            pace.now,
            pace.peak,
            pace.changed,
            pace.fallen,
        )
