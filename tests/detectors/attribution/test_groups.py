"""Coordinated sets: who came in step from the same place."""

import numpy as np

from detectors.attribution.groups import IN_STEP, TOGETHER, in_step, together_before
from graph.neighbourhood import Crowd
from tests.helpers import START_MS, crowd_of


def coming(apart_s: int, count: int = 4, last: int = 77) -> Crowd:
    """A crowd of twenty, of whom so many came from the same account, so many seconds apart."""
    recent = np.zeros((20, 4), np.int64)
    recent[:count, 3] = last
    return crowd_of(recent=recent, time=START_MS + 1000 * apart_s * np.arange(20))


def test_those_who_come_from_one_account_within_a_minute_are_in_step() -> None:
    (group,) = in_step(coming(20), set())
    assert group.accounts == ["a0", "a1", "a2", "a3"]
    assert group.how == IN_STEP
    assert group.evidence == ["e0", "e1", "e2", "e3"]


def test_slowly_few_or_too_many_are_not() -> None:
    assert in_step(coming(61), set()) == []
    assert in_step(coming(20, count=2), set()) == []
    assert in_step(coming(20, count=15), set()) == []
    assert in_step(coming(20, last=0), set()) == []
    assert in_step(coming(20), {77}) == []


def test_those_together_before_are_told_with_what_each_said() -> None:
    (group,) = together_before(coming(20), [["a1", "a3", "a5"]])
    assert group == (["a1", "a3", "a5"], TOGETHER, ["e1", "e3", "e5"])
