"""Many simulated days at once: what is planned, and that the score does not depend on how it was worked on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.evaluation.trials import Stretch, score, seeds_of, stretches, try_out
from streams.simulate import ORDINARY, SCENARIOS, TRIALS
from streams.simulate.times import HOUR_MS


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 30)), min_size=1, max_size=5))
def test_seeds_are_read_as_they_are_written(ranges: list[tuple[int, int]]) -> None:
    text = ",".join(f"{first}-{first + more}" if more else str(first) for first, more in ranges)
    expected = {seed for first, more in ranges for seed in range(first, first + more + 1)}
    assert seeds_of(text) == sorted(expected)


@pytest.mark.parametrize("text", ["", "a", "5-3", "1-", "-3", "1,,2", "1.5"])
def test_what_are_no_seeds_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Write them like"):
        seeds_of(text)


def test_everything_is_planned_for_every_seed_in_stretches_that_are_long_enough() -> None:
    planned = stretches([4, 9])
    for seed in (4, 9):
        mine = [stretch for stretch in planned if stretch.seed == seed]
        assert [stretch.names for stretch in mine].count(None) == 1
        assert sorted(name for stretch in mine for name in stretch.names or ()) == sorted(TRIALS)
    for stretch in planned:
        assert all(SCENARIOS[name].needs_ms <= stretch.hours * HOUR_MS for name in stretch.names or ())


@given(st.lists(st.sampled_from([*ORDINARY, *TRIALS]), min_size=1, max_size=6))
def test_named_scenarios_are_planned_once_and_trials_apart(names: list[str]) -> None:
    planned = stretches([1], names)
    assert sorted(name for stretch in planned for name in stretch.names or ()) == sorted(set(names))
    for stretch in planned:
        assert {SCENARIOS[name].trial for name in stretch.names or ()} == {stretch.trial}


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'stampede'.*celebrity.*trials"):
        stretches([1], ["stampede"])


def test_the_score_does_not_depend_on_the_number_of_processes() -> None:
    planned = [Stretch(seed, 2.0, (name,)) for seed in (1, 2) for name in ("ama", "false_flag_fresh")]
    told: list[tuple[int, int]] = []
    alone = try_out(planned, processes=1, watch=lambda done, total: told.append((done, total)))
    together = try_out(planned, processes=2)
    assert alone == together
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert alone.seeds == 2
    assert alone.ordinary is not None
    assert alone.trials is not None
    assert [outcome.scenario for outcome in alone.trials.outcomes] == ["false_flag_fresh"] * 2
    assert alone.ordinary.days == pytest.approx(4 / 24, abs=1e-5)


def test_a_stretch_is_scored_with_the_number_of_its_interactions() -> None:
    report = score(Stretch(1, 2.0, ("outage",)))
    assert report.interactions is not None
    assert report.interactions > 1_000
    assert report.outcomes[0].right is not None
