"""Who did what, as alerts tell it: the same however the events were cut, taken back, spread or interrupted."""

import json
import random
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest

from alerts.alert import Engine
from detectors.model import shipped
from graph.columns import Array
from streams.frames import Frame
from streams.notices import with_notices
from streams.runner import Runner
from streams.settings import Settings
from streams.stages.shard import ShardStage
from streams.state import Checkpoint
from streams.wire import Decoder, Lines
from tests.helpers import START_MS, Event, alerts, event

MARKER = "vexnog"


class Marked:
    """Takes for hostile what has a made-up word in it."""

    name = "marked"

    def score(self, texts: Sequence[str]) -> Array:
        return np.array([0.97 if MARKER in text else 0.03 for text in texts])


def words(chance: random.Random) -> str:
    return " ".join("".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=5)) for _ in range(6))


@cache
def raid() -> tuple[Event, ...]:
    """A call in a far community to a post of vic's; eighty come, most of them abusive; thirty answer them."""
    chance = random.Random(3)
    place = {"thread": "root", "thread_author": "vic", "community": "home"}
    events = [event(id="root", type="post", author="vic", target=..., time=START_MS, community="home")]
    events.append(
        event(
            id="call",
            type="post",
            author="ina",
            target=...,
            time=START_MS + 3_600_000,
            community="far",
            author_home="far",
            links=["root"],
            text="have a look at this",
        )
    )
    events += [
        event(
            **place,
            id=f"m{at}",
            type="comment",
            author=f"far{at}",
            target="vic",
            parent="root",
            time=START_MS + 3_700_000 + at * 6_000,
            author_home="far",
            text=f"{words(chance)} {MARKER if chance.random() < 0.8 else ''}",
        )
        for at in range(80)
    ]
    for at in range(30):
        at_whom = chance.randrange(60)
        both = at % 3 == 0
        events.append(
            event(
                **place,
                id=f"d{at}",
                type="reply",
                author=f"near{at}",
                target=["vic", f"far{at_whom}"] if both else f"far{at_whom}",
                time=START_MS + 3_720_000 + at_whom * 6_000,
                author_home="home",
                text=f"{words(chance)} {MARKER if at % 2 else ''}",
                **({} if both else {"parent": f"m{at_whom}"}),
            )
        )
    events += [
        event(id=f"r{at}", type="report", author=f"rep{at}", target="vic", time=START_MS + 3_650_000 + at)
        for at in range(5)
    ]
    events.append(event(id="much later", author="zoe", target="yves", time=START_MS + 7_500_000))
    return tuple(sorted(events, key=lambda one: (int(one["time"]), str(one["id"]))))


def said(events: Sequence[Event], size: int = 1_000, partitions: int = 1) -> list[tuple[str, int, bytes]]:
    runner = Runner(Settings(), partitions=partitions, hostility=Marked())
    lines = [json.dumps(one).encode() for one in sorted(events, key=lambda one: int(one["time"]))]
    revisions = []
    for start in range(0, len(lines), size):
        revisions += runner.push(Decoder().decode(Lines.numbered(lines[start : start + size], "file", start + 1)))
    revisions += runner.end()
    return sorted((one.id, one.revision, one.body) for one in revisions)


@cache
def last() -> dict[str, Any]:
    return alerts(said(raid()))[-1]


def accounts(role: str) -> set[str]:
    return {one["account"] for one in last()["roles"] if one["role"] == role}


def test_attackers_are_named_and_defenders_are_not_accused() -> None:
    assert last()["verdict"] == "pile_on"
    named = accounts("attacker")
    assert {name[:3] for name in named} == {"far"}
    assert len(named) >= 0.6 * 80
    assert len({name for name in accounts("defender") if name.startswith("near")}) >= 15


def test_who_called_is_the_instigator() -> None:
    first = last()["instigators"][0]
    assert (first["account"], first["evidence"]) == ("ina", ["call"])
    assert first["score"] >= 0.5
    assert accounts("instigator") == {"ina"}


def test_reporters_never_appear() -> None:
    assert not {one["account"] for one in last()["roles"]} & {f"rep{at}" for at in range(5)}


def test_participants_are_told_by_what_they_did() -> None:
    told = last()["participants"]
    assert told["attackers"] + told["defenders"] + told["bystanders"] == told["total"]
    assert told["attackers"] == len(accounts("attacker"))


def test_attackers_stay_named_after_their_words_have_left_the_window() -> None:
    late = [
        event(id=f"l{at}", author=f"late{at}", target="vic", time=START_MS + 4_200_000 + at * 55_000, author_home="far")
        for at in range(120)
    ]
    found = alerts(said([*raid(), *late]))[-1]
    assert found["updated_at"] > START_MS + 3_700_000 + 480_000 + 3_600_000
    assert {one["account"] for one in found["roles"] if one["role"] == "attacker"} >= accounts("attacker")


def test_the_source_is_told_with_its_lift() -> None:
    assert last()["sources"][0]["community"] == "far"
    assert last()["sources"][0]["lift"] > 2


@pytest.mark.parametrize(("size", "partitions"), [(1, 1), (17, 3), (1_000, 8)])
def test_however_it_is_cut_and_spread(size: int, partitions: int) -> None:
    assert said(raid(), size, partitions) == said(raid())


@pytest.mark.parametrize("size", [1, 7, 60])
def test_whether_a_text_is_taken_back_before_it_is_read_makes_no_difference(size: int) -> None:
    gone = [
        {
            "id": f"gone{at}",
            "type": "delete",
            "author": f"far{at}",
            "parent": f"m{at}",
            "time": START_MS + 3_700_000 + at * 6_000 + 2_500,
        }
        for at in range(0, 80, 2)
    ]
    events = [*raid(), *gone]
    assert said(events, size) == said(events)


def frames() -> list[Frame]:
    """What the shard is given of the raid, a few seconds at a time."""
    runner = Runner(Settings())
    lines = [json.dumps(one).encode() for one in raid()]
    found = []
    for start in range(0, len(lines), 10):
        frame = runner.ingests[0].push(Decoder().decode(Lines.numbered(lines[start : start + 10], "file", start + 1)))
        for one in [frame] if frame is not None else []:
            runner.authors[0].feed(one._replace(batch=with_notices(one.batch)))
            routed = runner.authors[0].advance()
            found += [routed] if routed is not None else []
    return found


def shard() -> ShardStage:
    return ShardStage(1, shipped(), Engine("1", "0", "m"), "salt", Marked())


def told_by(stage: ShardStage, given: list[Frame]) -> list[bytes]:
    bodies = []
    for frame in given:
        stage.feed(frame)
        bodies += [revision.body for revision in stage.advance()]
    return bodies


@pytest.mark.parametrize("part", [0.4, 0.6, 0.8])
def test_a_restart_in_the_middle_makes_no_difference(part: float) -> None:
    given = frames()
    cut = round(part * len(given))
    whole = told_by(shard(), given)
    first = shard()
    before = told_by(first, given[:cut])
    saved = first.save(1, 1)
    second = shard()
    second.load(Checkpoint(1, saved))
    for frame in given[:cut]:
        second.feed(frame)
    second.resume(saved.live)
    assert before + told_by(second, given[cut:]) == whole
    assert any(json.loads(body)["instigators"] for body in before)
