"""What a crowd says decides; and what is taken back is no longer read, however events came."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    gone = [
        event(
            id=f"d{at}", type="delete", parent=f"m{at}", author=f"a{at}", target="vic", time=events[at]["time"] + later
        )
        for at, later in taken
    ]
    everything = [*history(), *events, *gone]
    assert detect(everything, size) == detect(everything, 13, partitions=3)


@pytest.mark.parametrize(
    "text", ["", " ", "\u0000", "\ud800", "a" * 30_000, "=1+1", "<script>x</script>", "\u202eevil", "😀" * 500]
)
def test_no_text_stops_anything(text: str) -> None:
    assert alerts(detect([*history(), *crowd([text] * 30)])) is not None
