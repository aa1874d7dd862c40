"""Episodes: the life of a case as it is told, tick by tick."""

import hashlib
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.episode import MINUTE_S, REOPEN_S, Participation, Status, alert_id, opens
from alerts.severity import Severity
from detectors.surge import Surge
from detectors.verdict import Outcome
from graph.interactions import Kind
from graph.memory import NEWCOMERS_KEPT
from tests.alerts.story import DOUBTFUL, HARMLESS, MODEL, START_TICK, SURE, Story, Told, every, finding_of, saying


def test_the_life_of_a_case() -> None:
    story = Story(START_TICK, 12)
    story.until(START_TICK + 600, every(4))
    story.until(START_TICK + 1_200, every(6))
    story.until(START_TICK + 2_400, every(300))
    story.until(START_TICK + 6_000)
    assert story.statuses == [Status.OPEN, Status.ESCALATING, Status.PEAKING, Status.SUBSIDING, Status.RESOLVED]
    assert story.episode.is_over
    assert story.episode.next_tick is None
    last_came = max(came for came in story.came if came <= story.told[-1].tick)
    assert story.episode.ended_tick is not None
    assert last_came <= story.episode.ended_tick < last_came + MINUTE_S
    assert [told.revision for told in story.told] == list(range(1, len(story.told) + 1))
    assert story.told[0] == Told(START_TICK, 1, Status.OPEN, Outcome.PILE_ON, Severity.LOW, 12)


def test_a_later_wave_reopens_the_case() -> None:
    story = Story(START_TICK, 12)
    story.until(START_TICK + 6_000)
    assert story.statuses[-1] == Status.RESOLVED
    episode, before = story.episode, len(story.statuses)
    wave = START_TICK + 20_000
    story.tick = wave - 1
    episode.reopen(finding_of(wave, 40, onset=wave - 100))
    story.until(wave + 600, every(5, 2))
    assert (episode.id, episode.started_ms) == (
        alert_id("account", "x", 1000 * (START_TICK - 60)),
        1000 * (START_TICK - 60),
    )
    assert story.statuses[before : before + 2] == [Status.OPEN, Status.ESCALATING]
    assert [told.revision for told in story.told] == list(range(1, len(story.told) + 1))
    assert episode.ended_tick is None
    story.until(wave + 9_000)
    assert story.statuses[-1] == Status.RESOLVED


def after_the_end(first: float, then: float, count: int) -> bool:
    """Whether a case goes on when so many of a crowd of 40 came after it had ended."""
    story = Story(START_TICK, 25, first)
    story.until(START_TICK + 6_000)
    ended = story.episode.ended_tick
    assert ended is not None
    finding = finding_of(ended + 60, 40, then, known=40)
    finding.scene.crowd.time[: 40 - count] = 1000 * ended
    return story.episode.is_another_wave(finding)


@pytest.mark.parametrize(("count", "expected"), [(NEWCOMERS_KEPT - 1, False), (NEWCOMERS_KEPT, True)])
@pytest.mark.parametrize(("first", "then"), [(SURE, SURE), (HARMLESS, HARMLESS), (HARMLESS, DOUBTFUL)])
def test_a_few_latecomers_are_not_another_wave(first: float, then: float, count: int, expected: bool) -> None:
    assert after_the_end(first, then, count) is expected


@pytest.mark.parametrize("first", [HARMLESS, DOUBTFUL])
def test_a_case_that_turns_out_to_be_a_pile_on_goes_on_though_few_come_any_more(first: float) -> None:
    assert after_the_end(first, SURE, 1)
    assert not after_the_end(first, SURE, 0)


@pytest.mark.parametrize(("count", "expected"), [(NEWCOMERS_KEPT - 1, False), (NEWCOMERS_KEPT, True)])
def test_a_case_is_no_pile_on_after_all_unless_it_surely_is_one(count: int, expected: bool) -> None:
    assert after_the_end(HARMLESS, 0.95, count) is expected


def test_a_case_can_be_reopened_for_two_days() -> None:
    assert REOPEN_S == 48 * 3_600


def test_how_the_pace_goes_is_known_from_before_the_crowd_was_found() -> None:
    """Who came in the hour before is told with the first minute: by then it may be over."""
    story = Story(START_TICK, 12)
    story.came = [START_TICK - 1_800 + second for second in range(0, 600, 10)] + [START_TICK - 60]
    story.episode.onset_tick = START_TICK - 1_800
    story.until(START_TICK + 2 * MINUTE_S)
    assert story.statuses == [Status.OPEN, Status.SUBSIDING]
    assert len(story.episode.pace.minutes) == 1_800 // MINUTE_S + 2


def test_a_crowd_nobody_joins_any_more_is_resolved_within_an_hour() -> None:
    story = Story(START_TICK, 12)
    story.until(START_TICK + 3_600)
    assert story.told[-1].status == Status.RESOLVED
    assert 1_800 <= story.told[-1].tick - START_TICK < 1_800 + 2 * MINUTE_S


ARRIVALS = st.lists(
    st.tuples(st.integers(0, 90), st.integers(0, 40), st.sampled_from([SURE, DOUBTFUL, HARMLESS])), max_size=25
)


@given(ARRIVALS)
@settings(max_examples=60)
def test_revisions_are_few_and_each_says_something_new(arrivals: list[tuple[int, int, float]]) -> None:
    story = Story(START_TICK, 12)
    for gap, newcomers, probability in arrivals:
        at = story.tick + gap
        story.until(at, lambda tick, at=at, newcomers=newcomers: newcomers if tick == at else 0, probability)
    story.until(story.tick + 200)
    assert [told.revision for told in story.told] == list(range(1, len(story.told) + 1))
    for before, after in pairwise(story.told):
        assert after.tick >= before.tick + (30 if before.revision >= 3 else 0)
        assert before[2:5] != after[2:5] or after.participants >= 1.5 * before.participants
    last = story.told[-1]
    episode = story.episode
    assert (episode.status, episode.verdict, episode.severity) == last[2:5]
    assert len(episode.participants) < 1.5 * last.participants


@given(ARRIVALS, st.data())
@settings(max_examples=40)
def test_a_restored_case_goes_on_to_say_the_same(arrivals: list[tuple[int, int, float]], data: st.DataObject) -> None:
    whole, story = Story(START_TICK, 12), Story(START_TICK, 12)
    for gap, newcomers, probability in [*arrivals, (data.draw(st.sampled_from([200, 4_000])), 0, SURE)]:
        at = whole.tick + gap
        if data.draw(st.booleans()):
            story.restore()
        for one in (whole, story):
            one.until(at, lambda tick, at=at, newcomers=newcomers: newcomers if tick == at else 0, probability)
            if one.episode.is_over:
                one.episode.reopen(finding_of(at, 40, onset=at - 100))
    assert story.told == whole.told
    assert story.episode.chain.digest == whole.episode.chain.digest


@pytest.mark.parametrize("quiet_s", [0, 90, 900])
def test_a_case_that_is_restored_when_it_is_quiet_ends_as_it_would(quiet_s: int) -> None:
    whole, story = Story(START_TICK, 12), Story(START_TICK, 12)
    for one in (whole, story):
        one.until(START_TICK + 900, every(4))
        one.until(START_TICK + 900 + quiet_s)
    story.restore()
    for one in (whole, story):
        one.until(START_TICK + 9_000)
    assert story.told == whole.told
    assert story.episode.ended_tick == whole.episode.ended_tick


def test_three_revisions_may_come_at_once_the_fourth_waits() -> None:
    story = Story(START_TICK, 10)
    story.until(START_TICK + 5, lambda _: len(story.came))
    assert [told.tick - START_TICK for told in story.told] == [0, 1, 2]
    story.until(START_TICK + 40)
    assert [told.tick - START_TICK for told in story.told] == [0, 1, 2, 32]
    assert story.told[-1].participants == 320


def test_growth_by_half_is_told_growth_by_less_is_not() -> None:
    story = Story(START_TICK, 20)
    story.until(START_TICK + 1, every(1, 9))
    assert len(story.told) == 1
    story.until(START_TICK + 2, every(1, 1))
    assert [told.participants for told in story.told] == [20, 30]


def test_a_change_of_verdict_is_told() -> None:
    story = Story(START_TICK, 20, DOUBTFUL)
    assert story.told[0].verdict == Outcome.UNCERTAIN
    story.until(START_TICK + 1, every(1, 1), SURE)
    assert [told.verdict for told in story.told] == [Outcome.UNCERTAIN, Outcome.PILE_ON]


def test_who_came_twice_counts_once_and_everything_said_counts() -> None:
    story = Story(START_TICK, 10)
    again = [
        Participation("a1", "f1", 1000 * START_TICK, None, stranger=True, fresh=True, late=True, mended=True),
        Participation("b1", "f2", 1000 * START_TICK, None, stranger=True, fresh=True, late=False, mended=True),
        Participation("b1", "f3", 1000 * START_TICK, None, stranger=False, fresh=False, late=False, mended=False),
    ]
    story.episode.count(START_TICK + 1, again)
    tally = story.episode.tally
    assert len(story.episode.participants) == 11
    assert (tally.interactions, tally.strangers, tally.fresh, tally.late, tally.mended) == (13, 11, 1, 1, 2)


def test_an_id_is_a_function_of_subject_and_onset() -> None:
    content = "breakwater.alert/1\0account\0x\x001709510400000"
    assert alert_id("account", "x", 1_709_510_400_000) == hashlib.sha256(content.encode()).hexdigest()[:32]
    ids = [
        alert_id(kind, subject, onset_ms)
        for kind in ("account", "thread", "community")
        for subject in ("x", "y", "x\0")
        for onset_ms in (1_000, 10_000)
    ]
    assert len(set(ids)) == len(ids)
    assert {len(one) for one in ids} == {32}


OPENS = {
    "many strangers": ("account", {}, True),
    "too few": ("account", {"newcomers": 9}, False),
    "just enough": ("account", {"newcomers": 10}, True),
    "doubt needs more": ("account", {"newcomers": 11, "probability": DOUBTFUL}, False),
    "doubt with more": ("account", {"newcomers": 12, "probability": DOUBTFUL}, True),
    "a harmless surge needs most": ("account", {"newcomers": 19, "probability": HARMLESS}, False),
    "a harmless surge": ("account", {"newcomers": 20, "probability": HARMLESS}, True),
    "not surprising": ("account", {"surge": Surge(600, 30, 20.0, 2.0)}, False),
    "an account is its own target": ("account", {"main_share": 1.0, "rest": 0.0}, True),
    "a thread": ("thread", {"main_share": 0.49}, True),
    "a thread where one account is addressed": ("thread", {"main_share": 0.5}, False),
    "a community": ("community", {"main_share": 0.1}, True),
    "a community where the others are no crowd": ("community", {"main_share": 0.4, "rest": 1.0}, False),
}


@pytest.mark.parametrize(("kind", "found", "expected"), OPENS.values(), ids=OPENS)
def test_when_a_finding_is_the_start_of_a_case(kind: str, found: dict[str, Any], expected: bool) -> None:
    assert opens(kind, finding_of(START_TICK, **found), MODEL) is expected


@pytest.mark.parametrize(("probability", "expected"), [(SURE, True), (DOUBTFUL, False), (HARMLESS, False)])
@pytest.mark.parametrize("kind", [Kind.THREAD, Kind.COMMUNITY])
def test_where_many_are_anyhow_an_attack_opens_a_case_that_no_other_crowd_of_its_size_would(
    kind: Kind, probability: float, expected: bool
) -> None:
    found = finding_of(START_TICK, probability=probability, surge=Surge(3600, 30, 12.0, 3.5))
    there = replace(found, scene=replace(found.scene, kind=kind))
    assert opens(kind.name.lower(), there, MODEL) is expected
    assert not opens("account", found, MODEL)


@pytest.mark.parametrize("strength", [-0.2, 0.0, 0.6])
@pytest.mark.parametrize(("probability", "evidence"), [(SURE, 5.0), (SURE, 3.9), (DOUBTFUL, 5.0), (HARMLESS, 5.0)])
def test_at_an_account_an_attack_need_not_be_as_surprising_where_words_tell_it(
    strength: float, probability: float, evidence: float
) -> None:
    found = finding_of(START_TICK, probability=probability, surge=Surge(3600, 30, 12.0, evidence))
    assert opens("account", saying(found, strength), MODEL) is (
        strength != 0.0 and probability == SURE and evidence >= 4.0
    )
