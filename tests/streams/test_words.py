"""What a crowd says decides; and what is taken back is no longer read, however events came."""

from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.columns import Array
from streams.simulate import HOSTILE_MARKERS
from streams.simulate.text import say
from tests.helpers import DAY_MS, START_MS, Event, alerts, detect, event

CROWD_MS = START_MS + 3 * DAY_MS
RUDE, POLITE = f"you {HOSTILE_MARKERS[1]}, explain the green kettle", "could you tell us when the bridge was opened"


def crowd(texts: list[str], every_ms: int = 8_000, **other: Any) -> list[Event]:
    return [
        event(id=f"m{at}", author=f"a{at}", target="vic", time=CROWD_MS + at * every_ms, text=text, **other)
        for at, text in enumerate(texts)
    ]


def history() -> list[Event]:
    return [event(id="first", author="ann", target="vic", time=START_MS, text=POLITE)]


def said_of(texts: list[str]) -> list[str]:
    return [alert["verdict"] for alert in alerts(detect([*history(), *crowd(texts)]))]


def test_the_same_crowd_is_a_pile_on_by_its_words_alone() -> None:
    assert "pile_on" in said_of([say(Random(at), "cross", 0.4) for at in range(40)])
    assert "pile_on" not in said_of([say(Random(at), "cross") for at in range(40)])


@pytest.mark.parametrize(("at", "text", "verdict"), [("vic", RUDE, True), ("ann", RUDE, False), ("vic", POLITE, False)])
def test_what_somebody_says_to_the_target_after_he_came_counts_too(at: str, text: str, verdict: bool) -> None:
    came = crowd([say(Random(number), "plain") for number in range(40)])
    later = [
        event(
            id=f"again-{one['id']}", author=one["author"], target=at, time=one["time"] + 5_000, text=f"{text} {number}"
        )
        for number, one in enumerate(came)
        if number % 2
    ]
    found = alerts(detect(sorted([*history(), *came, *later], key=lambda one: one["time"])))
    assert ("pile_on" in {alert["verdict"] for alert in found if alert["target"]["id"] == "vic"}) is verdict


def test_those_who_set_upon_somebody_whom_a_larger_crowd_cheers_are_seen_before_it_has_grown_by_half() -> None:
    cheers = crowd([say(Random(number), "warm") for number in range(240)], every_ms=5_000)
    foes = [
        event(
            id=f"f{number}", author=f"foe{number}", target="vic", time=CROWD_MS + 1_201_000 + number * 8_000, text=text
        )
        for number, text in enumerate(say(Random(number), "cross", 0.6) for number in range(60))
    ]
    assert "pile_on" not in {alert["verdict"] for alert in alerts(detect([*history(), *cheers]))}
    assert "pile_on" in {alert["verdict"] for alert in alerts(detect([*history(), *cheers, *foes]))}


@pytest.mark.parametrize("tone", ["warm", "cross"])
def test_a_glad_crowd_leaves_the_case_of_a_pile_on_as_it_was_and_another_attack_goes_on_with_it(tone: str) -> None:
    attack = crowd([say(Random(number), "cross", 0.5) for number in range(40)])
    hostile = 0.5 if tone == "cross" else 0.0
    day_after = [
        event(
            id=f"n{number}",
            author=f"new{number}",
            target="vic",
            time=CROWD_MS + DAY_MS + number * 8_000,
            text=say(Random(number), tone, hostile),
        )
        for number in range(60)
    ]
    found = alerts(detect([*history(), *attack, *day_after]))
    assert len({alert["id"] for alert in found}) == 1
    assert "resolved" in {alert["status"] for alert in found}
    assert found[-1]["verdict"] == "pile_on"
    assert (found[-1]["status"] == "resolved") is (tone == "warm")
    assert (found[-1]["participants"]["total"] == 40) is (tone == "warm")


class Doubtful:
    """Is sure of a marker word, and takes words of a lantern for rather hostile."""

    name = "doubtful"

    def score(self, texts: Sequence[str]) -> Array:
        return np.array([0.97 if HOSTILE_MARKERS[1] in text else 0.85 if "lantern" in text else 0.03 for text in texts])


def test_a_slogan_that_is_taken_for_hostile_makes_no_pile_on_and_accuses_nobody() -> None:
    """Some of a large crowd say it, first few, then more; then others abuse the target."""
    slogan = "how the lantern by the harbour shines today for all of us"
    said = [slogan if at % 4 == 0 else say(Random(at)).replace("lantern", "kettle") for at in range(200)]
    mixed = crowd(said, 3_000)
    foes = [
        event(id=f"f{at}", author=f"foe{at}", target="vic", time=CROWD_MS + 620_000 + at * 5_000, text=f"{RUDE} {at}")
        for at in range(120)
    ]
    assert "pile_on" not in {alert["verdict"] for alert in alerts(detect([*history(), *mixed], hostility=Doubtful()))}
    later = event(id="later", author="ann", target="bob", time=CROWD_MS + DAY_MS)
    found = alerts(detect([*history(), *mixed, *foes, later], hostility=Doubtful()))
    named = {one["account"] for alert in found for one in alert["roles"] if one["role"] == "attacker"}
    assert "pile_on" in {alert["verdict"] for alert in found}
    assert len(named) > 100
    assert {name[:3] for name in named} == {"foe"}


def test_who_says_the_same_is_told_as_a_group() -> None:
    found = alerts(
        detect([*history(), *crowd([f"{RUDE} and nobody else in the village {at % 3}" for at in range(30)])])
    )
    assert {group["how"] for alert in found for group in alert["groups"]} == {"same_text"}


@given(
    taken=st.lists(st.tuples(st.integers(0, 39), st.integers(0, 400_000)), max_size=12, unique_by=lambda one: one[0]),
    size=st.sampled_from([1, 7, 1_000]),
    every_ms=st.sampled_from([8_000, 3_000_000]),
)
@settings(max_examples=25)
def test_what_is_taken_back_when_cannot_be_told_from_how_events_were_cut(
    taken: list[tuple[int, int]], size: int, every_ms: int
) -> None:
    events = crowd([RUDE if at % 2 else POLITE for at in range(40)], every_ms)
    again = [{**one, "id": f"n{at}", "time": one["time"] + 2_000} for at, one in enumerate(events) if at % 3 == 0]
    gone = [
        event(
            id=f"d{at}",
            type="delete",
            parent=f"n{at}" if at % 6 == 0 else f"m{at}",
            author=f"a{at}",
            target="vic",
            time=events[at]["time"] + later,
        )
        for at, later in taken
    ]
    everything = [*history(), *events, *again, *gone]
    assert detect(everything, size) == detect(everything, 13, partitions=3)


@pytest.mark.parametrize(
    "text", ["", " ", "\u0000", "\ud800", "a" * 30_000, "=1+1", "<script>x</script>", "\u202eevil", "😀" * 500]
)
def test_no_text_stops_anything(text: str) -> None:
    assert alerts(detect([*history(), *crowd([text] * 30)])) is not None
