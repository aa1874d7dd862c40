"""The pace of a crowd, minute by minute."""

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.pace import Pace, Phase


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


def phases(*minutes: int) -> list[Phase]:
    pace, found = Pace(), []
    for newcomers in minutes:
        pace.learn_one(newcomers)
        found.append(pace.phase)
    return [phase for phase, _ in groupby(found)]


def test_a_pace_grows_holds_and_falls() -> None:
    grows, holds, falls = range(1, 40), [28] * 20, [0] * 20
    assert phases(*grows, *holds, *falls) == [Phase.UNTOLD, Phase.GROWING, Phase.HOLDING, Phase.FALLEN]


def test_a_pace_that_wavers_about_half_its_peak_has_fallen_once() -> None:
    wavers = [2, 3, 2, 4, 1, 3, 2, 3] * 8
    assert phases(*[10] * 20, *wavers)[-1] is Phase.FALLEN
    assert phases(*[10] * 20, *wavers).count(Phase.FALLEN) == 1


def test_a_pace_that_comes_back_holds_again_and_may_grow_anew() -> None:
    found = phases(*[10] * 20, *[1] * 20, *[9] * 20, *[20] * 20)
    assert found == [Phase.UNTOLD, Phase.GROWING, Phase.HOLDING, Phase.FALLEN, Phase.HOLDING, Phase.GROWING]


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
        assert (restored.now, restored.peak, restored.changed, restored.phase) == (
            pace.now,
            pace.peak,
            pace.changed,
            pace.phase,
        )
