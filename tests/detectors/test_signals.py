"""Signals: each grows with the phenomenon that it measures, and with nothing else."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors import signals, speech
from detectors.model import shipped
from detectors.signals import Origin, Signal
from detectors.surge import STRONGEST, Surge
from detectors.words import NO_TEXT, Words
from graph.hashing import stable_hash
from graph.neighbourhood import LARGEST_GRAPH, Crowd, Surroundings
from tests.helpers import AROUND, DAY_MS, START_MS, crowd_of

POPULATION = shipped().population
NOW_MS = START_MS
KNOWN_MS = 30 * DAY_MS
SIZE = 20


def first_of(count: int, yes: Any, no: Any, size: int = SIZE) -> list[Any]:
    return [yes] * count + [no] * (size - count)


def origins_of(crowd: Crowd) -> list[Origin]:
    return signals.origins_of(crowd, signals.audience_of(crowd, AROUND), POPULATION)


def origin_of(crowd: Crowd, of_all: float = 1.0) -> Signal:
    return signals.origin(crowd, signals.audience_of(crowd, AROUND), origins_of(crowd), POPULATION, of_all)


def outsiders_of(crowd: Crowd) -> Signal:
    return signals.outsiders(crowd, signals.audience_of(crowd, AROUND), origins_of(crowd), POPULATION)


def accounts_of(crowd: Crowd, around: Surroundings = AROUND) -> Signal:
    return signals.accounts(crowd, around, KNOWN_MS, POPULATION)


def common(count: int, size: int = SIZE) -> Crowd:
    """A crowd of whom so many, by fours, lately addressed the same two others; the rest have one in common."""
    recent = np.zeros((size, 4), np.int64)
    recent[:, 3] = 13
    recent[:count, 2:] = 100 + np.arange(count)[:, None] // 4 * 2 + np.array([0, 1])
    return crowd_of(size, recent=recent)


def together_of(crowd: Crowd) -> tuple[Signal, list[list[str]]]:
    return signals.together(crowd, crowd.in_common("x"))


def said(scores: list[float], copies: int = 0, usual: float = 0.0, others: int = 0, texts: int = 1) -> Words:
    spoke = np.array(scores) >= 0
    alike = [list(range(copies))] if copies > 2 else []
    return Words(np.array(scores), texts * spoke, np.ones(len(spoke)), np.zeros(len(spoke), bool), usual, others, alike)


def heat(words: Words, homes: Sequence[str | None] = ()) -> Signal:
    return speech.hostility(words, homes or [None] * len(words.hostile), POPULATION).signal


PHENOMENA: dict[str, Callable[[int], Signal]] = {
    "surge": lambda n: signals.surge(Surge(600, n, 0.5, STRONGEST * n / SIZE)),
    "days": lambda n: signals.days(Surge(600 * n, n, 0.5, 9.0)),
    "strangers": lambda n: signals.strangers(first_of(n, True, False), POPULATION),
    "outsiders": lambda n: outsiders_of(crowd_of(home=first_of(n, "far", "own"))),
    "origin": lambda n: origin_of(crowd_of(home=first_of(n, "far", "own"))),
    "accounts by date": lambda n: accounts_of(
        crowd_of(created=np.array(first_of(n, NOW_MS - DAY_MS, NOW_MS - 99 * DAY_MS)))
    ),
    "accounts by sight": lambda n: accounts_of(
        crowd_of(created=np.full(SIZE, -1), seen=np.array(first_of(n, NOW_MS, NOW_MS - 99 * DAY_MS)))
    ),
    "circle by kin": lambda n: signals.circle(np.array(first_of(n, 1.0, 0.0)), [False] * SIZE, POPULATION),
    "circle by contact": lambda n: signals.circle(np.zeros(SIZE), first_of(n, True, False), POPULATION),
    "hostility": lambda n: heat(said(first_of(n, 0.9, 0.05))),
    "hostility of a part": lambda n: heat(said(first_of(n, 0.9, 0.05, 300))),
    "copies": lambda n: speech.copies(said([0.1] * SIZE, copies=n)),
    "copies of a few words": lambda n: speech.copies(replace(said([0.1] * SIZE), chanting=n)),
    "mutual": lambda n: signals.mutual(crowd_of(), replace(AROUND, mutual=n), NOW_MS),
    "mutual by those who answer": lambda n: signals.mutual(crowd_of(), replace(AROUND, defenders=n), NOW_MS),
    "defended": lambda n: signals.defended(crowd_of(), replace(AROUND, defenders=n)),
    "reported": lambda n: signals.reported(crowd_of(), replace(AROUND, reporters=n)),
    "together": lambda n: together_of(common(n))[0],
    "step": lambda n: signals.step(crowd_of(time=NOW_MS + 70_000 * np.maximum(0, np.arange(SIZE) - n))),
    "exposure": lambda n: signals.exposure(crowd_of(), replace(AROUND, sharers=n)),
    "exposure by reactions": lambda n: signals.exposure(crowd_of(), replace(AROUND, warm=n, cold=n)),
    "warmth": lambda n: signals.warmth(replace(AROUND, warm=n, cold=5)),
    "coldness": lambda n: signals.warmth(replace(AROUND, warm=5, cold=SIZE - n)),
    "answered": lambda n: signals.answered(crowd_of(), replace(AROUND, answers=n)),
}


@pytest.mark.parametrize("measure", PHENOMENA.values(), ids=PHENOMENA)
def test_a_signal_grows_with_its_phenomenon(measure: Callable[[int], Signal]) -> None:
    strengths = [measure(count).strength for count in range(SIZE + 1)]
    assert all(one <= two + 1e-12 for one, two in pairwise(strengths))
    assert strengths[-1] > strengths[1]
    assert all(-1.0 <= strength <= 1.0 for strength in strengths)


def homes(names: Sequence[str | None]) -> Crowd:
    return crowd_of(len(names), home=list(names))


@given(st.lists(st.sampled_from(["own", "far", "near", None]), min_size=1, max_size=40))
def test_origins_are_shares_of_the_crowd(names: list[str | None]) -> None:
    crowd = homes(names)
    found = origins_of(crowd)
    known = [name for name in names if name is not None]
    assert {one.community: one.share for one in found} == {
        name: pytest.approx(known.count(name) / len(known)) for name in set(known)
    }
    assert all(0.0 <= one.expected <= 1.0 and 0.0 <= one.lift <= 1000.0 for one in found)
    assert sum(one.expected for one in found) <= 1.0 + 1e-9
    surplus = [one.share - one.expected for one in found]
    assert surplus == sorted(surplus, reverse=True)
    assert -1.0 <= origin_of(crowd).strength <= 1.0
    assert 0.0 <= outsiders_of(crowd).strength <= 1.0


def test_a_crowd_from_where_its_audience_always_came_is_no_outside_crowd() -> None:
    usual = crowd_of(home=["far"] * SIZE, kin=np.full(SIZE, 50.0), audience=np.full(SIZE, 55.0))
    unusual = crowd_of(home=["far"] * SIZE, kin=np.zeros(SIZE), audience=np.full(SIZE, 55.0))
    assert origin_of(usual).strength < 0.3 < origin_of(unusual).strength
    assert outsiders_of(usual).strength < outsiders_of(unusual).strength


def test_that_nobody_is_known_says_little_where_few_know_the_subject() -> None:
    nobody = [True] * SIZE
    strengths = [signals.strangers(nobody, POPULATION, acquainted).strength for acquainted in (0, 4, 20, 10_000, None)]
    assert strengths[0] == 0.0
    assert strengths == sorted(strengths)
    assert strengths[-1] == strengths[-2] > 0.5
    some = [False] * 2 + [True] * (SIZE - 2)
    assert signals.strangers(some, POPULATION, 6).strength == 0.0 < signals.strangers(some, POPULATION, 1_000).strength


@pytest.mark.parametrize(("acquainted", "full"), [(2, False), (20, True), (None, True)])
def test_where_nothing_is_said_fewer_strangers_say_all_that_strangers_can(acquainted: int | None, full: bool) -> None:
    strengths = [
        [signals.strangers([True] * size, POPULATION, acquainted, plain).strength for size in (2, 6, 20, 400)]
        for plain in (signals.PLAIN, signals.PLAIN_ALONE)
    ]
    assert all(some <= alone <= 1.0 for some, alone in zip(*strengths, strict=True))
    assert strengths[1][0] < strengths[1][2]
    assert (strengths[1][2:] == [1.0, 1.0]) is full


def test_a_crowd_at_home_comes_from_nowhere_else() -> None:
    assert origin_of(homes(["own"] * SIZE))[:3] == ("origin", 0.0, 0.0)
    assert origin_of(homes(["own"] * SIZE)).strength < 0.0
    assert outsiders_of(homes(["own"] * SIZE)).strength == 0.0
    assert origin_of(homes([None] * SIZE)).strength == 0.0


def test_one_foreign_community_says_more_than_many() -> None:
    assert origin_of(homes(["far"] * SIZE)).strength > origin_of(homes([f"far {n}" for n in range(SIZE)])).strength


def test_whence_the_others_come_says_nothing_of_a_hostile_part() -> None:
    spread, one_place = homes([f"far {n}" for n in range(SIZE)]), homes(["far"] * SIZE)
    assert origin_of(spread).strength < origin_of(spread, 0.5).strength < 0.0 == origin_of(spread, 0.0).strength
    assert origin_of(one_place) == origin_of(one_place, 0.0)


def test_few_known_homes_say_little() -> None:
    few = homes(["far", "far", *[None] * (SIZE - 2)])
    assert origin_of(few).strength < 0.2
    assert outsiders_of(few).strength <= 0.1


def test_lift_is_bounded() -> None:
    assert Origin("far", 1.0, 0.0).lift == 1000.0
    assert Origin("far", 0.5, 0.25).lift == pytest.approx(2.0)


AGES = {
    "opened yesterday": (NOW_MS - DAY_MS, NOW_MS - DAY_MS, KNOWN_MS, True),
    "opened long ago": (NOW_MS - 99 * DAY_MS, NOW_MS, KNOWN_MS, False),
    "opened at the limit": (NOW_MS - int(POPULATION.fresh_days * DAY_MS), NOW_MS, KNOWN_MS, False),
    "no date, just seen": (-1, NOW_MS, KNOWN_MS, True),
    "no date, seen before": (-1, NOW_MS - 2 * DAY_MS, KNOWN_MS, False),
    "no date, the log has just begun": (-1, NOW_MS, DAY_MS, False),
}


@pytest.mark.parametrize(("created", "seen", "known_ms", "fresh"), AGES.values(), ids=AGES)
def test_when_an_account_is_fresh(created: int, seen: int, known_ms: int, fresh: bool) -> None:
    arrays = (np.array([value]) for value in (NOW_MS, created, seen))
    assert signals.fresh_by_age(*arrays, known_ms, POPULATION).tolist() == [fresh]


def test_an_event_that_brings_out_unseen_accounts_on_all_sides_says_little_of_the_crowd() -> None:
    unseen = crowd_of(created=np.full(SIZE, -1), seen=np.full(SIZE, NOW_MS))
    assert (
        accounts_of(unseen, replace(AROUND, others=100, unseen=90)).strength
        < accounts_of(unseen, replace(AROUND, others=100, unseen=5)).strength
    )


def test_strangers_have_no_earlier_contact() -> None:
    crowd = crowd_of(3, first=np.array([NOW_MS - 1, NOW_MS, NOW_MS + 1]))
    assert signals.strangers_of(crowd, NOW_MS) == [False, True, True]


def test_groups_are_those_who_share_two_others_beside_the_subject() -> None:
    own = stable_hash("x")
    own -= 2**64 if own >= 2**63 else 0
    recent = np.array(
        [[0, 0, 1, 2], [0, 2, 1, 1], [2, 3, 9, 1], [0, 0, own, 1], [0, 0, own, 1], [0, 0, 5, 6], [0, 0, 6, 5]]
    )
    signal, groups = together_of(crowd_of(recent=np.concatenate([recent, np.zeros((SIZE - 7, 4), np.int64)])))
    assert groups == [["a0", "a1", "a2"]]
    assert signal.value == pytest.approx(3 / SIZE)


@pytest.mark.parametrize(("count", "group"), [(SIZE // 2, SIZE // 2), (SIZE // 2 + 1, 0)])
def test_where_more_than_half_were_nobody_was_together(count: int, group: int) -> None:
    recent = np.zeros((SIZE, 4), np.int64)
    recent[:count, 2:] = (11, 12)
    signal, groups = together_of(crowd_of(recent=recent))
    assert [len(one) for one in groups] == ([group] if group else [])
    assert signal.strength == pytest.approx(group / SIZE)


def test_groups_are_told_largest_first_and_by_name() -> None:
    recent = np.zeros((SIZE, 4), np.int64)
    for members, others in ((slice(0, 3), (1, 2)), (slice(3, 6), (3, 4)), (slice(6, 10), (5, 6)), ((18, 19), (7, 8))):
        recent[members, 2:] = others
    assert together_of(crowd_of(recent=recent))[1] == [
        ["a6", "a7", "a8", "a9"],
        ["a0", "a1", "a2"],
        ["a3", "a4", "a5"],
    ]


@pytest.mark.parametrize(("size", "share"), [(SIZE, 0.3), (LARGEST_GRAPH, 6 / LARGEST_GRAPH), (1_000, 0.02)])
def test_groups_are_a_share_of_those_who_were_compared(size: int, share: float) -> None:
    crowd = crowd_of(size)
    graph: nx.Graph[str] = nx.cycle_graph(["a0", "a1", "a2"])
    nx.add_path(graph, ["a3", "a4", "a5"])
    assert signals.together(crowd, graph)[0] == Signal("together", pytest.approx(share), 0.0, pytest.approx(share))


def test_a_graph_without_members_has_no_groups() -> None:
    assert signals.together(crowd_of(), nx.Graph()) == (Signal("together", 0.0, 0.0, 0.0), [])


def test_a_late_row_does_not_hide_a_step() -> None:
    """Rows come in the order of their ticks; a late one tells an earlier time than those before it."""
    times = NOW_MS + 1_000 * np.arange(SIZE)
    late = times.copy()
    late[5] -= 300_000
    assert signals.step(crowd_of(time=late)).value == pytest.approx((SIZE - 1) / SIZE)


def test_exposure_and_answers_are_told_by_newcomer() -> None:
    around = replace(AROUND, sharers=10, warm=20, cold=20, answers=5)
    assert signals.exposure(crowd_of(), around).value == pytest.approx(1.0)
    assert signals.answered(crowd_of(), around).value == pytest.approx(0.25)


def test_who_addressed_the_same_two_often_counts_once_towards_the_half() -> None:
    recent = np.zeros((SIZE, 4), np.int64)
    recent[:6] = (11, 11, 12, 12)
    assert [len(group) for group in together_of(crowd_of(recent=recent))[1]] == [6]


def test_words_that_are_no_more_hostile_than_usual_speak_against_and_where_it_is_usual_so_do_hostile_ones() -> None:
    calm = heat(said([0.05] * SIZE))
    heated = heat(said([0.8] * SIZE))
    as_ever = heat(said([0.8] * SIZE, usual=50.0, others=100))
    assert calm.strength < 0 < as_ever.strength < heated.strength


def test_a_few_texts_that_are_surely_hostile_count_for_more_than_many_in_doubt() -> None:
    sure = heat(said(first_of(SIZE // 3, 0.97, 0.02)))
    doubtful = heat(said([0.33] * SIZE))
    assert doubtful.strength < 0.1
    assert sure.strength > 0.5


@pytest.mark.parametrize("scores", [[0.05] * SIZE, [0.4] * SIZE, first_of(SIZE // 3, 0.97, 0.02)])
def test_of_those_who_said_more_something_hostile_is_likelier(scores: list[float]) -> None:
    once, often = heat(said(scores)), heat(said(scores, texts=3))
    assert often.value == once.value
    assert often.baseline == pytest.approx(3 * once.baseline)
    assert often.strength < once.strength
    assert heat(said([1.0] * SIZE, usual=90.0, others=100, texts=3)).baseline == 1.0


def test_a_hostile_crowd_among_those_who_came_for_something_else_is_told_by_the_last_who_came() -> None:
    calm, angry = [0.02] * 300, [0.9, 0.02, 0.02] * 20
    mixed = heat(said([*calm, *angry]))
    spread = heat(said([0.02, *([0.9] + [0.02] * 17) * 20][:360]))
    assert mixed.value == pytest.approx(spread.value, abs=0.01)
    assert mixed.strength > 0.2 > spread.strength
    assert heat(said([*calm, *[0.3] * 40])).strength < 0


def test_it_is_told_how_far_all_of_a_crowd_is_hostile_or_a_part() -> None:
    def of_all(scores: list[float]) -> float:
        return speech.hostility(said(scores), [None] * len(scores), POPULATION).of_all

    assert of_all([*[0.02] * 300, *[0.9, 0.02, 0.02] * 20]) == 0.0
    assert 0.8 < of_all([0.9] * SIZE) <= 1.0
    assert of_all([0.02] * SIZE) == of_all([NO_TEXT] * SIZE) == 1.0
    assert 0.0 < of_all([*[0.02] * 110, *[0.9, 0.02, 0.02] * 20]) < 1.0


def test_of_those_who_come_over_days_a_small_share_of_many_says_more_than_a_large_one_of_few() -> None:
    def slowly(scores: list[float]) -> float:
        homes = [None] * len(scores)
        return speech.hostility(said(scores), homes, POPULATION, slowly=True).signal.strength

    few, many = [*[0.97] * 3, *[0.02] * 9], [0.97, *[0.02] * 6] * 15
    assert heat(said(few)).strength > heat(said(many)).strength
    assert slowly(few) < slowly(many)
    assert slowly([0.02] * 60) < slowly([*[0.97], *[0.02] * 59]) < slowly(few)
    assert slowly([NO_TEXT] * 60) == 0.0


def test_a_hostile_community_among_those_who_came_for_something_else_is_told_from_as_many_of_all_homes() -> None:
    scores = [*[0.9, 0.02, 0.02] * 12, *[0.02] * 300][::-1]
    mixed = [scores[(at * 37) % 336] for at in range(336)]
    apart = heat(said(mixed), ["far" if score > 0.5 or at % 14 == 0 else "own" for at, score in enumerate(mixed)])
    spread = heat(said(mixed), [("far", "own")[at % 2] for at in range(336)])
    assert apart.value == spread.value
    assert apart.strength > 0.4
    assert spread.strength < 0.0
    assert heat(said(mixed), ["own"] * 336).strength == heat(said(mixed)).strength == spread.strength


@pytest.mark.parametrize(("part", "after_s", "strength"), [(0.4, 60, 0.0), (0.9, 60, 1.0), (0.25, 5, 0.5)])
def test_as_many_as_come_to_somebodys_defence_are_no_second_side_unless_they_were_there_at_once(
    part: float, after_s: int, strength: float
) -> None:
    people, around = crowd_of(time=np.full(SIZE, NOW_MS)), replace(AROUND, defenders=round(part * SIZE))
    assert signals.mutual(people, around, NOW_MS + 1000 * after_s).strength == pytest.approx(strength)


def test_of_a_large_crowd_a_lesser_share_of_new_accounts_is_telling() -> None:
    def with_new(count: int, size: int) -> Signal:
        opened = first_of(count, NOW_MS - DAY_MS, NOW_MS - 99 * DAY_MS, size)
        return accounts_of(crowd_of(size, created=np.array(opened)))

    assert with_new(80, 200).strength == 1
    assert with_new(8, 20).strength == pytest.approx(0.65 * (8 / 20 - POPULATION.fresh))
    assert with_new(30, 200).strength == pytest.approx(0.65 * (30 / 200 - POPULATION.fresh))


def test_of_a_crowd_that_hardly_says_anything_nothing_is_told_of_its_words() -> None:
    few = first_of(SIZE // 2 - 1, 0.99, NO_TEXT)
    assert heat(said(few)).strength == 0.0
    assert heat(said(first_of(SIZE // 2, 0.99, NO_TEXT))).strength != 0.0


def test_a_circle_of_which_nothing_can_be_told_says_nothing() -> None:
    assert signals.circle(np.full(SIZE, -1.0), [False] * SIZE, POPULATION).strength == 0.0
    assert signals.circle(np.zeros(SIZE), [False] * SIZE, POPULATION, 0).strength == 0.0
    assert signals.circle(np.zeros(SIZE), [False] * SIZE, POPULATION, 9).strength == -1.0


def kin(inside: int, outside: int, untold: int = 0) -> float:
    """What so many say who know the circle, who do not, and of whom it cannot be told."""
    marks = np.array([1.0] * inside + [0.0] * outside + [-1.0] * untold)
    return signals.circle(marks, [False] * len(marks), POPULATION).strength


def test_a_crowd_that_is_mostly_familiar_is_told_from_one_that_is_half_so() -> None:
    assert kin(9, 1, 10) > 0.5
    assert kin(5, 5, 10) < -0.5


def test_half_of_all_who_come_are_an_audience_whoever_the_others_are() -> None:
    assert kin(10, 10) > 0.5
    assert kin(5, 15) == -1.0
    assert kin(10, 0, 10) >= kin(10, 10)


def test_of_whom_nothing_is_known_it_is_not_said_that_they_are_strangers() -> None:
    def told(count: int, **columns: Any) -> float:
        return signals.told_of(crowd_of(**columns), np.array(first_of(count, 0.0, -1.0)), [False] * SIZE)

    shares = [told(count) for count in range(SIZE + 1)]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert shares[3] == pytest.approx(0.45)
    assert told(0, home=["far"] * SIZE) == signals.told_of(crowd_of(), np.full(SIZE, -1.0), [True] * SIZE) == 1.0
    apart = np.zeros(SIZE)
    for part in (0.0, 0.45, 1.0):
        assert signals.circle(apart, [False] * SIZE, POPULATION, 9, part).strength == pytest.approx(-part)
        assert signals.strangers([True] * SIZE, POPULATION, None, 3.0, part).strength == pytest.approx(
            part * signals.strangers([True] * SIZE, POPULATION).strength
        )
    assert signals.circle(apart, [True] * SIZE, POPULATION, 9, 0.1).strength == 1.0
