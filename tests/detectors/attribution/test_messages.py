"""At whom something is aimed: by what it answers, and by whom else it names."""

from typing import Any

import pytest

from detectors.attribution.messages import Message, items, messages
from graph.events import EventType, Flag
from graph.interactions import Act, Kind
from graph.window import Window
from tests.helpers import START_MS, columns_of

TICK = START_MS // 1000
BEFORE: list[dict[str, Any]] = [
    {"id": "own", "act": Act.OWN, "author": "fan"},
    {"id": "abuse", "author": "mallory", "target": "vic", "thread": "root", "parent": "root"},
]


def rows(*told: dict[str, Any], kind: Kind = Kind.ACCOUNT, subject: str = "vic") -> tuple[Window, int, Any]:
    window = Window(3_600, 172_800)
    filled = [
        {"tick": TICK + at, "time": 1000 * (TICK + at), "subject": subject, "kind": kind, "text": "zip", **one}
        for at, one in enumerate(told)
    ]
    added = window.add(columns_of(filled))
    return window, int(added.subjects[0]), added.numbers


def last(told: dict[str, Any], **subject: Any) -> Message:
    window, key, numbers = rows(*BEFORE, {"id": "m", "author": "dan", "target": "vic", **told}, **subject)
    return messages(window, key, numbers, numbers[-1:], 0, ())[0]


AIMS = {
    "the target alone": ({}, None),
    "his thread": ({"thread": "root", "parent": "root"}, None),
    "something of his own": ({"parent": "own"}, None),
    "the target alone, beneath an attacker's item": ({"parent": "abuse"}, None),
    "both, beneath an attacker's item": ({"other": "zoe", "parent": "abuse"}, "mallory"),
    "an attacker's item in the thread": ({"act": Act.THREAD, "target": "mallory", "parent": "abuse"}, "mallory"),
    "somebody in the thread": ({"act": Act.THREAD, "target": "zoe"}, "zoe"),
    "both, which answers nothing that is known": ({"other": "mallory", "parent": "long ago"}, "mallory"),
    "both, under the thread itself": ({"other": "mallory", "thread": "root", "parent": "root"}, None),
    "himself and the target": ({"other": "dan"}, None),
}


@pytest.mark.parametrize(("told", "aim"), AIMS.values(), ids=AIMS)
def test_at_whom_a_message_is_aimed(told: dict[str, Any], aim: str | None) -> None:
    assert last(told).aim == aim


def test_what_stands_beneath_another_item_is_told() -> None:
    assert last({"parent": "abuse"}).beneath
    assert not last({"parent": "own"}).beneath
    assert not last({"thread": "root", "parent": "root"}).beneath


def test_in_a_thread_it_is_aimed_at_whom_it_answers() -> None:
    found = last({"parent": "abuse", "target": "vic"}, kind=Kind.THREAD, subject="root")
    assert found.aim == "mallory"


def test_the_target_bots_and_staff_say_nothing_against_anybody() -> None:
    window, key, numbers = rows(
        {"id": "b", "author": "bot", "flags": Flag.BOT},
        {"id": "s", "author": "staff", "flags": Flag.STAFF},
        {"id": "r", "author": "rita", "act": Act.REPORT},
        {"id": "o", "author": "zoe", "act": Act.OWN},
        {"id": "m", "author": "dan"},
    )
    assert [one.account for one in messages(window, key, numbers, numbers, 0, ())] == ["dan"]


def test_what_shows_the_target_to_others() -> None:
    window, key, numbers = rows(
        {"id": "q", "author": "quinn", "type": EventType.QUOTE, "community": "north", "home": "far"},
        {"id": "p", "author": "paul", "type": EventType.POST, "act": Act.CALL, "community": "far"},
        {"id": "c", "author": "carl", "type": EventType.COMMENT},
        {"id": "m", "author": "mia", "type": EventType.MENTION},
        {"id": "s", "author": "sue", "type": EventType.SHARE, "act": Act.SHARE},
        {"id": "r", "author": "rita", "type": EventType.REPORT, "act": Act.REPORT},
        {"id": "b", "author": "bot", "type": EventType.QUOTE, "flags": Flag.BOT},
        {"id": "t", "author": "vic", "type": EventType.POST, "act": Act.CALL},
    )
    found = items(window, key, numbers)
    assert [(one.account, one.comes, one.places) for one in found] == [
        ("quinn", True, ("far", "north")),
        ("paul", False, ("far",)),
    ]
