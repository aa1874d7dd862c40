"""Instigators: the item that explains the strangers who came, and nobody where there is none."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.attribution.instigators import NAMED, REACH_MS, SLOW_REACH_MS, Comers, instigators
from detectors.attribution.messages import Item
from graph.hashing import signed_hash
from tests.helpers import START_MS


def comers(times_s: list[float], **other: Any) -> Comers:
    """Strangers who came so many seconds after the start, from "far" unless told otherwise."""
    size = len(times_s)
    filled: dict[str, Any] = {
        "time": START_MS + (1000 * np.array(sorted(times_s))).astype(np.int64),
        "account": [f"s{at}" for at in range(size)],
        "home": ["far"] * size,
        "contacts": np.zeros((size, 4), np.int64),
        "rise": 0,
        "usual": 0.0001,
        "quoting": 0.02,
        "expected": {"far": 0.02, "own": 0.8},
    }
    return Comers(**{**filled, **other})


def call(account: str, seconds: float, *places: str, **other: Any) -> Item:
    item = Item(account, f"{account}-{seconds}", START_MS + int(1000 * seconds), False, places)
    return item._replace(**other)


CROWD = [at * 6.0 for at in range(60)]


def test_a_call_in_the_community_that_they_come_from_is_named() -> None:
    found = instigators([call("ina", -90, "far")], comers(CROWD), 0.97)
    assert [one.account for one in found] == ["ina"]
    assert found[0].score >= NAMED
    assert found[0].evidence == ["ina--90"]


def test_somebody_whom_they_lately_addressed_is_named() -> None:
    contacts = np.zeros((60, 4), np.int64)
    contacts[::5, 2] = signed_hash("ina")
    crowd = comers(CROWD, home=[None] * 60, contacts=contacts)
    assert instigators([call("ina", -90)], crowd, 0.97)[0].score >= NAMED


def test_time_alone_names_nobody() -> None:
    crowd = comers(CROWD, home=[None] * 60)
    assert all(one.score < NAMED for one in instigators([call("ina", -40)], crowd, 1.0))


def test_without_items_nobody_did_it() -> None:
    assert instigators([], comers(CROWD), 1.0) == []


@pytest.mark.parametrize("seconds", [-5_000, 340, 400])
def test_what_comes_too_late_or_too_early_did_not_do_it(seconds: float) -> None:
    assert instigators([call("ina", seconds, "far")], comers(CROWD), 1.0) == []


def test_the_first_of_the_crowd_to_speak_is_no_instigator() -> None:
    """He quotes, as one in five of them do, and the others come after as they do after one another."""
    first = call("s0", 0, "far", comes=True)
    found = instigators([first], comers(CROWD, quoting=0.2), 1.0)
    assert all(one.score < NAMED for one in found)


def test_who_comes_by_pointing_at_the_target_was_not_called_by_the_others_who_do() -> None:
    """Somebody posts, another quotes two minutes later, and the crowd comes a minute after him."""
    crowd = comers(
        [0.0, *(180.0 + at for at in CROWD)], account=["ina", *(f"s{at}" for at in range(60))], home=[None] * 61
    )
    found = instigators([call("bob", -120), call("ina", 0, comes=True)], crowd, 1.0)
    assert [one.account for one in found] == ["ina", "bob"]


@pytest.mark.parametrize(("reach_ms", "named"), [(REACH_MS, []), (SLOW_REACH_MS, ["ina"])])
def test_what_set_off_a_crowd_that_comes_over_days_may_lie_hours_before(reach_ms: int, named: list[str]) -> None:
    crowd = comers([at * 3_600.0 for at in range(30)], reach_ms=reach_ms, usual=0.000001)
    assert [one.account for one in instigators([call("ina", -7_000, "far")], crowd, 1.0)] == named


def test_the_target_and_who_reported_him_are_never_named() -> None:
    items = [call("vic", -60, "far"), call("rita", -60, "far"), call("ina", -60, "far")]
    assert [one.account for one in instigators(items, comers(CROWD), 1.0, {"vic", "rita"})] == ["ina"]


def test_nobody_instigates_what_is_hardly_a_pile_on() -> None:
    assert all(one.score < NAMED for one in instigators([call("ina", -90, "far")], comers(CROWD), 0.4))


def test_too_few_came_to_say_who_sent_them() -> None:
    assert instigators([call("ina", -90, "far")], comers(CROWD[:7]), 1.0) == []


ITEMS = st.lists(
    st.builds(
        call,
        st.sampled_from(["ina", "bob", "cid", "s1", "s9"]),
        st.integers(-4_000, 400),
        st.sampled_from(["far", "own", "else"]),
        comes=st.booleans(),
    ),
    max_size=12,
)


@given(ITEMS, st.permutations(range(12)), st.floats(0, 1))
def test_scores_are_shares_of_one_cause_and_do_not_depend_on_the_order(
    items: list[Item], order: list[int], probability: float
) -> None:
    found = instigators(items, comers(CROWD), probability)
    shuffled = [items[at] for at in order if at < len(items)]
    assert found == instigators(shuffled, comers(CROWD), probability)
    assert sum(one.score for one in found) <= 1.01
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert len({one.account for one in found}) == len(found)


def _played(chance: random.Random, caller: bool) -> tuple[list[Item], Comers]:
    """Forty to two hundred strangers within minutes to an hour, at somebody who is pointed at now and then."""
    size, length = chance.randint(40, 200), chance.uniform(200, 3_600)
    skew = chance.choice((0.5, 1.0, 2.0))
    times = [chance.random() ** skew * length for _ in range(size)]
    start = min(times)
    times = [time - start for time in times]
    share = chance.uniform(0.2, 0.9)
    home = ["far" if chance.random() < share else chance.choice(("own", "p", "q", "r", None)) for _ in times]
    items = [
        call(f"decoy{at}", -chance.uniform(20, 3_600), chance.choice(("own", "p", "q", "r", "s")))
        for at in range(chance.choice((0, 0, 1, 1, 2, 4)))
    ]
    if caller:
        items.append(call("ina", -chance.uniform(10, 300), "far"))
    return items, comers(times, home=home)


def test_the_caller_is_found_where_there_is_one_and_nobody_where_there_is_none() -> None:
    chance = random.Random(7)
    hits = named = 0
    for _ in range(300):
        found = instigators(*_played(chance, caller=True), 0.95)
        hits += bool(found) and found[0].account == "ina"
        named += any(one.score >= NAMED for one in instigators(*_played(chance, caller=False), 0.95))
    assert hits / 300 >= 0.8
    assert named / 300 <= 0.02
