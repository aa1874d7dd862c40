"""Episodes of crowds that come over hours or days, of whom a sample is known."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.alert import Engine, write
from alerts.episode import MINUTE_S, Episode, EpisodeState, Participation, Status, opens
from detectors.look import Finding
from detectors.surge import Surge
from detectors.verdict import Outcome
from graph.interactions import Kind
from streams.state import decode, encode
from tests.alerts.story import DOUBTFUL, HARMLESS, MODEL, START_TICK, SURE, finding_of, saying

SLOW = Surge(6 * 3600, 30, 2.0, 12.0)


def slow_finding(
    tick: int, newcomers: int = 40, probability: float = SURE, known: int = 15, hostility: float = 0.2
) -> Finding:
    found = finding_of(tick, newcomers, probability, surge=SLOW._replace(newcomers=newcomers), known=known)
    return saying(found, hostility)


def slow_episode(tick: int = START_TICK) -> Episode:
    episode = Episode("account", "x", slow_finding(tick), MODEL, "")
    episode.on_finding(episode.opening)
    return episode


def test_of_a_slow_crowd_those_counted_are_told_and_the_strangers_known_by_name() -> None:
    episode = slow_episode()
    assert episode.is_slow
    assert episode.size == 40
    assert (len(episode.participants), episode.tally.interactions, episode.tally.strangers) == (15, 15, 15)
    assert episode.revise(START_TICK) == [f"f{at}" for at in range(15)]


@pytest.mark.parametrize(("known", "verdict"), [(14, Outcome.UNCERTAIN), (15, Outcome.PILE_ON)])
def test_of_few_who_are_known_a_crowd_over_days_is_not_called_a_pile_on(known: int, verdict: Outcome) -> None:
    episode = slow_episode()
    episode.reopen(slow_finding(START_TICK + 90_000, 200, known=known))
    assert episode.verdict is verdict
    episode.reopen(finding_of(START_TICK + 180_000, known, known=known))
    assert episode.verdict is Outcome.PILE_ON


def test_nor_one_of_whose_words_nothing_is_known() -> None:
    silent = slow_finding(START_TICK, 200, known=100, hostility=0.0)
    episode = Episode("account", "x", silent, MODEL, "")
    episode.on_finding(silent)
    assert episode.verdict is Outcome.UNCERTAIN
    episode.on_finding(slow_finding(START_TICK + 600, 200, known=100))
    assert episode.verdict is Outcome.PILE_ON


def test_who_is_found_again_is_not_counted_again() -> None:
    episode = slow_episode()
    episode.on_finding(slow_finding(START_TICK + 7_200, 50, known=20))
    assert (episode.size, episode.tally.interactions, episode.tally.strangers) == (50, 20, 20)


@pytest.mark.parametrize(("since", "is_wave"), [(20, False), (21, True)])
def test_a_crowd_over_days_of_whom_most_were_there_before_is_no_other_wave(since: int, is_wave: bool) -> None:
    episode = slow_episode()
    episode.ended_tick = START_TICK + 7_200
    finding = slow_finding(START_TICK + 90_000, known=40)
    finding.scene.crowd.time[: 40 - since] = 1000 * START_TICK
    assert episode.is_another_wave(finding) is is_wave


@pytest.mark.parametrize(("hostile", "is_wave"), [(slice(0, 10), False), (slice(30, 40), True), (slice(0), True)])
def test_nor_is_one_whose_hostile_part_was_there_before(hostile: slice, is_wave: bool) -> None:
    episode = slow_episode()
    episode.ended_tick = START_TICK + 7_200
    finding = slow_finding(START_TICK + 90_000, known=40)
    finding.scene.crowd.time[:15] = 1000 * START_TICK
    finding.scene.words.hostile[:] = 0.0
    finding.scene.words.hostile[hostile] = 0.9
    assert episode.is_another_wave(finding) is is_wave


FOUND = st.lists(
    st.one_of(
        st.tuples(st.just("slow"), st.integers(10, 200), st.integers(0, 10)),
        st.tuples(st.just("quick"), st.integers(10, 200), st.integers(0, 10)),
        st.tuples(st.just("said"), st.integers(1, 80), st.just(0)),
    ),
    max_size=12,
)


def happen(episode: Episode, tick: int, what: str, count: int, known: int) -> bytes | None:
    """One thing happens to a case; what it says of it."""
    if what == "slow" and episode.is_slow:
        episode.on_finding(slow_finding(tick, count, known=known))
    elif what == "quick" and episode.is_slow:
        episode.reopen(finding_of(tick, count, onset=tick - 300, known=known))
    elif what == "quick":
        episode.on_finding(finding_of(tick, count, onset=tick - 300, known=known))
    elif what == "said":
        said = [
            Participation(f"s{at}", f"t{at}", 1000 * tick, None, stranger=True, fresh=False, late=False, mended=False)
            for at in range(count)
        ]
        episode.count(tick, said)
    events = episode.revise(tick)
    return None if events is None else write(episode, tick, events, Engine("1", "digest", "model")).body


@given(FOUND)
def test_a_slow_case_that_is_restored_again_and_again_says_the_same(found: list[tuple[str, int, int]]) -> None:
    whole, episode = slow_episode(), slow_episode()
    for tick, (what, count, known) in enumerate(found):
        episode = Episode.restored(decode(encode(episode.state), EpisodeState), MODEL, "")
        told = [happen(one, START_TICK + 600 * (tick + 1), what, count, known) for one in (whole, episode)]
        assert told[0] == told[1]
    assert episode.next_tick == whole.next_tick


@given(FOUND)
def test_the_size_never_falls(found: list[tuple[str, int, int]]) -> None:
    episode, size = slow_episode(), 40
    for tick, (what, count, known) in enumerate(found):
        happen(episode, START_TICK + 600 * (tick + 1), what, count, known)
        assert episode.size >= max(size, len(episode.participants))
        size = episode.size


def test_a_quick_crowd_takes_a_slow_case_over() -> None:
    episode = slow_episode()
    named, tick = episode.id, START_TICK + 7_200
    episode.revise(START_TICK)
    episode.on_minutes(tick - 1, [1])
    episode.reopen(finding_of(tick, 60, onset=tick - 300))
    assert not episode.is_slow
    assert (episode.id, episode.status, episode.started_ms) == (named, Status.OPEN, 1000 * (START_TICK - 60))
    assert (episode.onset_tick, episode.counted_tick) == (tick - 300, tick - 301)


def test_a_slow_case_waits_half_its_window_for_the_next_to_come() -> None:
    """However quiet it is after a lively minute."""
    episode = slow_episode()
    last = START_TICK + MINUTE_S - 1
    episode.on_minutes(last, [30])
    for minute in range(1, 180):
        episode.on_minutes(last + MINUTE_S * minute, [0])
        assert not episode.is_over
    episode.on_minutes(last + MINUTE_S * 180, [0])
    assert episode.status is Status.RESOLVED
    assert episode.ended_tick == last


SLOW_OPENS = {
    "an attack": (SURE, 40, True),
    "doubt": (DOUBTFUL, 40, True),
    "a harmless crowd, however large": (HARMLESS, 1_000, False),
    "too few": (SURE, 9, False),
}


@pytest.mark.parametrize(("probability", "newcomers", "expected"), SLOW_OPENS.values(), ids=SLOW_OPENS)
def test_when_a_slow_crowd_is_the_start_of_a_case(probability: float, newcomers: int, expected: bool) -> None:
    assert opens("account", slow_finding(START_TICK, newcomers, probability), MODEL) is expected


@pytest.mark.parametrize(("strength", "evidence", "expected"), [(0.6, 0.0, True), (0.4, 0.0, False), (0.4, 1.0, True)])
def test_a_slow_crowd_of_the_usual_size_is_one_only_by_what_it_says(
    strength: float, evidence: float, expected: bool
) -> None:
    surge = SLOW._replace(evidence=evidence)
    sure, doubtful = (finding_of(START_TICK, 40, one, surge=surge, known=15) for one in (SURE, DOUBTFUL))
    assert opens("account", saying(sure, strength), MODEL) is expected
    assert not opens("account", saying(doubtful, strength), MODEL)
    place = saying(replace(sure, scene=replace(sure.scene, kind=Kind.COMMUNITY)), strength)
    assert opens("community", place, MODEL) is (evidence >= 1.0)
