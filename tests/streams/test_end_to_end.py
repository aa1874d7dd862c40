"""What is said in the end: by whom alerts are raised, and the same bytes however the events were cut."""

import json
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from alerts.evidence import Erased, text_hash
from graph.events import Flag
from streams.runner import Runner
from streams.settings import Settings
from streams.simulate import HOSTILE_MARKERS
from streams.wire import Decoder, Lines
from tests.helpers import DAY_MS, START_MS, Event, alerts, detect, detect_in_turn, event

PLACE = {"thread": "t", "thread_author": "tom", "community": "c"}


CROWD_MS = START_MS + 2 * DAY_MS


def quiet_days(audience: int) -> list[Event]:
    """Two days in which a target says something now and then and some of its own community answer."""
    events = []
    for number in range(audience):
        time = START_MS + number * 2 * DAY_MS // max(1, audience)
        events.append(event(id=f"r{number}", author=f"own{number % 60}", target="vic", time=time, author_home="home"))
        events.append(
            event(id=f"q{number}", author="vic", target=f"own{number % 60}", time=time + 60_000, author_home="home")
        )
    return events


def strangers(count: int = 60, **other: Any) -> list[Event]:
    return [
        event(
            **{
                "id": f"m{number}",
                "author": f"far{number}",
                "target": "vic",
                "time": CROWD_MS + number * 9_000,
                "author_home": "far",
                "text": "zip zap" if number % 3 else f"you {HOSTILE_MARKERS[0]}, go away",
                **other,
            }
        )
        for number in range(count)
    ]


def test_strangers_of_one_foreign_community_at_a_quiet_account_are_a_pile_on() -> None:
    found = alerts(detect([*quiet_days(40), *strangers()]))
    assert "pile_on" in [alert["verdict"] for alert in found]
    last = found[-1]
    assert last["sources"][0]["community"] == "far"
    assert CROWD_MS <= last["started_at"] <= CROWD_MS + 60_000
    assert last["participants"]["total"] >= 40
    assert last["detected_at"] <= CROWD_MS + 600_000


def test_the_own_audience_answered_and_widely_shared_is_no_pile_on() -> None:
    crowd = [
        event(id=f"m{number}", author=f"own{number}", target="vic", time=CROWD_MS + 9_000 * number, author_home="home")
        for number in range(60)
    ]
    answers = [
        event(id=f"n{number}", author="vic", target=f"own{number}", time=CROWD_MS + 9_000 * number + 4_000)
        for number in range(0, 60, 3)
    ]
    shown = [
        event(
            id=f"{kind}{number}",
            type=kind,
            value="love",
            author=f"fan{number}",
            target="vic",
            time=CROWD_MS + 1_500 * number,
            author_home="home",
        )
        for number in range(380)
        for kind in ("share", "reaction")
    ]
    said = detect([*quiet_days(400), *crowd, *answers, *shown])
    assert "pile_on" not in [json.loads(body)["verdict"] for _, _, body in said]


def test_bots_and_staff_are_never_newcomers_nor_participants() -> None:
    people = strangers(30)
    machines = [
        {**one, "id": f"b{at}", "author": f"bot{at}", "author_flags": [("bot", "staff")[at % 2]]}
        for at, one in enumerate(strangers(200))
    ]
    runner = Runner(Settings())
    runner.push(Decoder().decode(Lines.numbered([json.dumps(one).encode() for one in machines], "file")))
    assert runner.end() == []
    window = runner.shards[0].window
    assert (window.ring.all("flags") & (Flag.BOT | Flag.STAFF) != 0).all()
    assert not window.ring.all("newcomer").any()
    with_machines = alerts(detect([*people, *machines[:30]]))
    assert max(alert["participants"]["total"] for alert in with_machines) <= 30


def deletes(count: int, delay_ms: int, **other: Any) -> list[Event]:
    return [
        event(
            **{
                "id": f"d{number}",
                "type": "delete",
                "author": f"far{number}",
                "parent": f"m{number}",
                "target": "vic",
                "time": CROWD_MS + number * 9_000 + delay_ms,
                **other,
            }
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("delay_ms", [0, 3_000, 150_000])
def test_what_was_taken_back_is_told_alike_whatever_the_batches(delay_ms: int) -> None:
    events = [*strangers(), *deletes(50, delay_ms)]
    whole = detect(events)
    assert alerts(whole)
    assert detect(events, size=7) == whole


@pytest.mark.parametrize("delay_ms", [0, 3_000, 150_000])
def test_what_was_taken_back_counts_and_is_covered_by_the_digests_all_the_same(delay_ms: int) -> None:
    untouched = detect(strangers())
    assert alerts(untouched)
    assert set(untouched) <= set(detect([*strangers(), *deletes(50, delay_ms)]))


@pytest.mark.parametrize("partitions", [3, 8])
def test_what_was_taken_back_is_told_alike_whatever_the_partitions(partitions: int) -> None:
    events = [
        *({**one, "target": f"vic{at % 5}", "thread": "t"} for at, one in enumerate(strangers())),
        *({**one, "target": f"vic{at % 5}"} for at, one in enumerate(deletes(60, 3_000))),
    ]
    whole = detect(events)
    assert alerts(whole, "thread", "t")
    assert detect(events, partitions=partitions) == whole


def texts(runner: Runner, name: str) -> list[Any]:
    """The texts that any window still holds of an item."""
    rings = [shard.window.ring for shard in runner.shards]
    return [
        text
        for ring in rings
        for event_id, text in zip(ring.all("id").tolist(), ring.all("text").tolist(), strict=True)
        if event_id == name
    ]


SALT = Settings().evidence_salt.get_secret_value()
FULL = event(id="m", author="ann", target="bob", text="zip", **PLACE)
TAKEN_BACK = {
    "naming the target": {"target": "bob"},
    "naming the thread only": {"target": ..., **PLACE},
    "naming everything": {"target": "bob", **PLACE},
    "naming nothing": {"target": ...},
    "naming himself": {"target": "ann"},
}


@pytest.mark.parametrize("named", TAKEN_BACK.values(), ids=TAKEN_BACK)
@pytest.mark.parametrize("partitions", [1, 8])
def test_the_text_of_what_was_taken_back_is_gone_everywhere(named: Event, partitions: int) -> None:
    runner = Runner(Settings(), partitions=partitions)
    delete = event(**{"id": "d", "type": "delete", "parent": "m", "time": START_MS + 1_000, **named})
    lines = [json.dumps(one).encode() for one in (FULL, delete, {**FULL, "id": "n", "time": START_MS + 60_000})]
    runner.push(Decoder().decode(Lines.numbered(lines, "file")))
    runner.end()
    assert len(texts(runner, "m")) == 5
    assert set(texts(runner, "m")) == {Erased(text_hash(SALT, "m", "zip"))}
    assert "zip" in texts(runner, "n")


def test_somebody_else_cannot_take_back_what_he_did_not_say() -> None:
    runner = Runner(Settings())
    delete = event(id="d", type="delete", author="mallory", parent="m", time=START_MS + 1_000)
    runner.push(Decoder().decode(Lines.numbered([json.dumps(one).encode() for one in (FULL, delete)], "file")))
    runner.end()
    assert set(texts(runner, "m")) == {"zip"}


STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["mention", "reply", "share", "delete", "reaction", "post"]),
            "author": st.sampled_from([*(f"far{number}" for number in range(31)), "vic", "val"]),
            "target": st.sampled_from(["vic", ["vic", "val"], ["val"], "far1"]),
            "gap_ms": st.sampled_from([0, 0, 0, 300, 1_000, 15_000]),
            "behind_ms": st.sampled_from([0, 0, 0, 0, 2_000, 8_000, 300_000]),
            "again": st.booleans(),
            "community": st.sampled_from(["c", "d"]),
        }
    ),
    max_size=80,
)


def day_of(steps: list[Event]) -> list[Event]:
    """A crowd, and what else happens while it comes, in the order of arrival: things said again, to the same or to
    others, shared or taken back, some of them late.
    """
    came = [(int(one["time"]), one) for one in strangers(30)]
    time = CROWD_MS + 100_000
    for number, step in enumerate(steps):
        time += step["gap_ms"]
        kind, author = step["type"], step["author"]
        item = author.replace("far", "m") if step["again"] else f"{author}-{number % 4}"
        one = event(
            id=f"d{number}" if kind == "delete" else item,
            type=kind,
            author=author,
            target=step["target"],
            time=time - step["behind_ms"],
            thread="t",
            community=step["community"],
            parent=item,
            text="zip",
        )
        came.append((time, one))
    return [one for _, one in sorted(came, key=lambda arrival: arrival[0])]


@given(STEPS, st.integers(1, 90), st.sampled_from([1, 3, 8]))
@settings(max_examples=60, phases=[Phase.generate])  # making a failure smaller takes minutes
def test_alerts_are_the_same_bytes_however_they_are_cut(steps: list[Event], size: int, partitions: int) -> None:
    events = day_of(steps)
    said = detect_in_turn(events)
    assert alerts(said)
    assert detect_in_turn(events, size, partitions) == said


@pytest.mark.parametrize("partitions", [3, 8])
def test_ids_that_several_authors_use_are_in_one_order_in_any_number_of_partitions(partitions: int) -> None:
    """The target speaks in the same millisecond, under the same id, as the first of the crowd."""
    own = event(id="m0", author="vic", target="aaa", time=CROWD_MS, community="far", author_home="far")
    events = [*quiet_days(4), *strangers(30), own]
    assert detect(events, partitions=partitions) == detect(events)


@pytest.mark.parametrize("size", [1, 10])
def test_what_is_taken_back_before_it_comes_is_treated_alike_whatever_the_batches(size: int) -> None:
    delete = event(id="d", type="delete", parent="m", target="ann")
    said = {**FULL, "time": START_MS + 30_000}
    others = [event(id=f"o{at}", author="cid", time=START_MS + at * 20_000) for at in (1, 3)]
    lines = [json.dumps(one).encode() for one in (delete, others[0], said, others[1])]
    runner = Runner(Settings())
    for start in range(0, len(lines), size):
        runner.push(Decoder().decode(Lines.numbered(lines[start : start + size], "file", start + 1)))
    runner.end()
    assert set(texts(runner, "m")) == {Erased(text_hash(SALT, "m", "zip"))}
