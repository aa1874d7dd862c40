"""What becomes of a verdict when the crowd changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.verdict import Outcome
from tests.alerts.story import DOUBTFUL, HARMLESS, START_TICK, SURE, Story, finding_of


@given(st.lists(st.floats(0.0, 1.0), max_size=20))
def test_a_pile_on_is_judged_at_its_height(later: list[float]) -> None:
    episode = Story(START_TICK, 30, 0.9).episode
    for at, probability in enumerate(later):
        episode.on_finding(finding_of(START_TICK + at, 40 + at, probability))
    assert episode.verdict is Outcome.PILE_ON
    assert episode.finding.judgement.probability == max([0.9, *later])


def test_what_is_no_pile_on_is_judged_as_it_is_now_and_so_is_another_wave() -> None:
    episode = Story(START_TICK, 30, DOUBTFUL).episode
    episode.on_finding(finding_of(START_TICK + 60, 60, HARMLESS))
    assert episode.verdict is Outcome.ORGANIC_SURGE
    attacked = Story(START_TICK, 30, SURE).episode
    attacked.reopen(finding_of(START_TICK + 9_000, 60, DOUBTFUL))
    assert attacked.verdict is Outcome.UNCERTAIN


@pytest.mark.parametrize(
    ("first", "then", "goes_on"),
    [
        (SURE, SURE, True),
        (SURE, DOUBTFUL, True),
        (SURE, HARMLESS, False),
        (DOUBTFUL, HARMLESS, True),
        (HARMLESS, SURE, True),
        (HARMLESS, HARMLESS, True),
    ],
)
def test_a_harmless_crowd_is_no_wave_of_a_pile_on(first: float, then: float, goes_on: bool) -> None:
    episode = Story(START_TICK, 30, first).episode
    assert episode.is_another_wave(finding_of(START_TICK + 9_000, 60, then, known=60)) is goes_on
