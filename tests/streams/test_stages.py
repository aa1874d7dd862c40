"""The stages: in which order rows are handled, which subject hears of which event, and what is said in the end."""

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.authors import AuthorMemory
from graph.columns import CODE, OBJECT, Batch, objects
from graph.events import Flag
from graph.interactions import INTERACTION_SCHEMA, Act, Kind
from streams.frames import END_TICK, Frame
from streams.runner import Runner
from streams.settings import Settings
from streams.stages.authors import THIN_TEXT_BYTES, AuthorsStage, route
from streams.stages.order import TickBuffer
from streams.wire import Decoder, Lines

START_MS = 1_709_510_400_000
START_TICK = START_MS // 1_000
A, T, C = Kind.ACCOUNT, Kind.THREAD, Kind.COMMUNITY
Event = dict[str, Any]
GOOD: Event = {"id": "e", "type": "reply", "time": START_MS, "author": "ann", "target": "bob"}


def event(**given: Any) -> Event:
    return {key: value for key, value in {**GOOD, **given}.items() if value is not ...}


def decoded(events: list[Event]) -> Batch:
    batch = Decoder().decode(Lines.numbered([json.dumps(one).encode() for one in events], "file")).batch
    return Batch(batch.schema, {**batch.columns, "tick": batch["time"] // 1_000}, batch.pool)


def routed(*events: Event) -> Batch:
    batch = decoded(list(events))
    return route(batch, AuthorMemory(100).learn(batch))


def told(batch: Batch) -> list[tuple[Kind, str | None, Act, str | None]]:
    rows = zip(batch["kind"], batch.strings("subject"), batch["act"], batch.strings("author"), strict=True)
    return sorted(((Kind(kind), subject, Act(act), author) for kind, subject, act, author in rows), key=str)


PLACE = {"thread": "t", "thread_author": "tom", "community": "c"}
ROUTES: dict[str, tuple[Event, list[tuple[Kind, str | None, Act, str | None]]]] = {
    "a reply to one": (event(), [(A, "bob", Act.ADDRESS, "ann"), (A, "ann", Act.OWN, "bob")]),
    "to several": (
        event(target=["bob", "cid"]),
        [
            (A, "bob", Act.ADDRESS, "ann"),
            (A, "cid", Act.ADDRESS, "ann"),
            (A, "ann", Act.OWN, "bob"),
            (A, "ann", Act.OWN, "cid"),
        ],
    ),
    "in a thread of somebody else": (
        event(**PLACE),
        [
            (A, "bob", Act.ADDRESS, "ann"),
            (T, "t", Act.ADDRESS, "ann"),
            (C, "c", Act.ADDRESS, "ann"),
            (A, "tom", Act.THREAD, "ann"),
            (A, "ann", Act.OWN, "bob"),
        ],
    ),
    "to whose thread it is": (
        event(**PLACE, target="tom"),
        [
            (A, "tom", Act.ADDRESS, "ann"),
            (T, "t", Act.ADDRESS, "ann"),
            (C, "c", Act.ADDRESS, "ann"),
            (A, "ann", Act.OWN, "tom"),
        ],
    ),
    "to several, the second of whom has the thread": (
        event(thread="t", thread_author="tom", target=["bob", "tom"]),
        [
            (A, "bob", Act.ADDRESS, "ann"),
            (A, "tom", Act.ADDRESS, "ann"),
            (T, "t", Act.ADDRESS, "ann"),
            (A, "ann", Act.OWN, "bob"),
            (A, "ann", Act.OWN, "tom"),
        ],
    ),
    "in his own thread": (
        event(thread="t", thread_author="ann"),
        [(A, "bob", Act.ADDRESS, "ann"), (T, "t", Act.ADDRESS, "ann"), (A, "ann", Act.OWN, "bob")],
    ),
    "to himself": (event(target="ann"), [(A, "ann", Act.OWN, None)]),
    "to himself among others": (
        event(target=["ann", "bob"]),
        [(A, "bob", Act.ADDRESS, "ann"), (A, "ann", Act.OWN, None), (A, "ann", Act.OWN, "bob")],
    ),
    "a post that names nobody": (
        event(type="post", target=..., thread="t", community="c"),
        [(C, "c", Act.ADDRESS, "ann"), (A, "ann", Act.OWN, None)],
    ),
    "a share of what an account said": (
        event(type="share", thread="t", community="c"),
        [(A, "bob", Act.SHARE, "ann"), (T, "t", Act.SHARE, "ann")],
    ),
    "a share in a thread": (
        event(type="share", target=..., thread="t", thread_author="tom"),
        [(A, "tom", Act.SHARE, "ann"), (T, "t", Act.SHARE, "ann")],
    ),
    "a share of his own": (event(type="share", target="ann"), []),
    "a reaction": (
        event(type="reaction", value="like", **PLACE),
        [(A, "bob", Act.REACTION, "ann"), (T, "t", Act.REACTION, "ann")],
    ),
    "a report": (event(type="report", value="spam", **PLACE), [(A, "bob", Act.REPORT, "ann")]),
    "a delete of what addressed an account": (
        event(type="delete", parent="e0"),
        [(A, "bob", Act.DELETE, "ann")],
    ),
    "a delete that names nothing else": (
        event(type="delete", target=..., parent="e0"),
        [(A, None, Act.DELETE, "ann")],
    ),
    "links to an account or thread": (
        event(links=["fay", "https://example.org/fay", "fay"]),
        [
            (A, "bob", Act.ADDRESS, "ann"),
            (A, "ann", Act.OWN, "bob"),
            (A, "fay", Act.CALL, "ann"),
            (T, "fay", Act.CALL, "ann"),
        ],
    ),
    "a post with a link": (
        event(type="post", target=..., links=["fay"]),
        [(A, "ann", Act.OWN, None), (A, "fay", Act.CALL, "ann"), (T, "fay", Act.CALL, "ann")],
    ),
}


@pytest.mark.parametrize(("sent", "heard"), ROUTES.values(), ids=ROUTES)
def test_who_hears_of_an_event(sent: Event, heard: list[tuple[Kind, str | None, Act, str | None]]) -> None:
    assert told(routed(sent)) == sorted(heard, key=str)


@pytest.mark.parametrize("place", [{}, PLACE, {"thread": "t", "thread_author": "ann"}, {"community": "c"}], ids=str)
def test_an_author_who_addresses_himself_is_never_a_participant(place: Event) -> None:
    assert Act.ADDRESS not in routed(event(target="ann", **place))["act"].tolist()


@pytest.mark.parametrize("place", [{}, PLACE], ids=["nowhere", "in a thread"])
def test_a_share_in_the_same_second_as_the_mention_is_exposure(place: Event) -> None:
    mention = event(id="m", type="mention", text="zip", **place)
    share = event(id="s", type="share", time=START_MS + 900, **place)
    batch = routed(mention, share)
    acts = {row[2] for row in told(batch.take(batch["subject"] >= 0)) if row[:2] == (A, "bob")}
    assert acts == {Act.SHARE}
    assert Act.ADDRESS not in batch["act"].tolist()


def test_every_row_of_an_event_has_a_number_of_its_own() -> None:
    batch = routed(event(target=["bob", "cid", "ann"], links=["f", "g", "h", "i", "j"], **PLACE))
    sequence = batch["seq"].tolist()
    assert len(set(sequence)) == len(sequence)


def test_threads_and_communities_get_less_of_a_text() -> None:
    text = "é" * THIN_TEXT_BYTES
    batch = routed(event(text=text, **PLACE))
    for kind, found in zip(batch["kind"], batch["text"], strict=True):
        assert found == (text if kind == A else text[: THIN_TEXT_BYTES // 2])


@pytest.mark.parametrize(
    ("value", "warmth"), [("like", 1), ("love", 1), ("up", 1), ("angry", -1), ("down", -1), ("wow", 0), (..., 0), ("odd", 0)]
)
def test_reactions_are_warm_or_cold(value: Any, warmth: int) -> None:
    assert routed(event(type="reaction", value=value))["warmth"].tolist() == [warmth]


def test_a_row_tells_of_its_author_what_came_before() -> None:
    batch = routed(
        event(id="e1", community="north"),
        event(id="e2", time=START_MS + 1_000, author_home="west", author_created_at=START_MS - 1),
    )
    second = batch.take(np.array([name == "e2" for name in batch["id"].tolist()]))
    assert set(second["seen"].tolist()) == {START_MS}
    assert set(second["activity"].tolist()) == {1}
    assert set(second.strings("home")) == {"west"}
    assert set(second["created"].tolist()) == {START_MS - 1}
    assert set(batch.schema) == set(INTERACTION_SCHEMA) == set(batch.columns)


def stage_said(events: list[Event], cuts: list[int]) -> list[tuple[Any, ...]]:
    """What the authors stage sends on, given ticks up to each cut."""
    stage = AuthorsStage(0, 1, 100)
    batch = decoded(events)
    rows: list[tuple[Any, ...]] = []
    for start, stop in pairwise([0, *(START_TICK + cut for cut in cuts), END_TICK]):
        part = batch.take((batch["tick"] >= start) & (batch["tick"] < stop))
        stage.feed(Frame(0, part, stop, START_MS, START_MS))
        frame = stage.advance()
        assert frame is not None
        out = frame.batch
        rows += zip(
            out["id"].tolist(),
            *(out.strings(name) for name in ("subject", "author", "home")),
            *(out[name].tolist() for name in ("seq", "act", "activity", "seen")),
            strict=True,
        )
    return rows


def test_a_duplicate_that_names_more_targets_is_dropped_as_a_whole() -> None:
    events = [
        event(id="x", author="zoe", author_home="far"),
        event(id="e1", time=START_MS + 1_000),
        event(id="y", author="zoe", time=START_MS + 2_000),
        event(id="e1", time=START_MS + 3_000, target=["bob", "cid"]),
    ]
    whole = stage_said(events, [])
    assert stage_said(events, [1, 2, 3]) == whole
    assert "cid" not in [row[1] for row in whole]


ORDER = {"tick": "int64", "time": "int64", "author": CODE, "seq": "uint16", "id": OBJECT}
Row = tuple[int, int, str, str | None, int]
ROWS = st.lists(
    st.tuples(
        st.integers(0, 4), st.integers(0, 2), st.sampled_from(["e1", "e2", "é"]), st.sampled_from(["ann", "bob", None]), st.integers(0, 2)
    ),
    max_size=12,
)


def rows_batch(rows: list[Row]) -> Batch:
    columns = {
        "tick": np.array([row[0] for row in rows], np.int64),
        "time": np.array([row[1] for row in rows], np.int64),
        "id": objects(row[2] for row in rows),
        "author": np.array([-1 if row[3] is None else at for at, row in enumerate(rows)], np.int32),
        "seq": np.array([row[4] for row in rows], np.uint16),
    }
    return Batch(ORDER, columns, [row[3] or "" for row in rows])


def batch_rows(batch: Batch) -> list[Row]:
    if not batch.columns:
        return []
    columns = (batch["tick"], batch["time"], batch["id"], objects(batch.strings("author")), batch["seq"])
    return list(zip(*(column.tolist() for column in columns), strict=True))


@given(st.lists(ROWS, min_size=1, max_size=3), st.data())
def test_whole_ticks_come_in_one_order_however_their_frames_are_cut_or_repeated(
    sources: list[list[Row]], data: st.DataObject
) -> None:
    buffer = TickBuffer(len(sources), "seq")
    waiting: list[list[Frame]] = []
    for source, rows in enumerate(sources):
        cuts = [*data.draw(st.lists(st.integers(1, 4), unique=True).map(sorted)), END_TICK]
        frames = []
        for start, stop in pairwise([0, *cuts]):
            frame = Frame(source, rows_batch([row for row in rows if start <= row[0] < stop]), stop, 0, 4_000)
            frames += [frame] * data.draw(st.integers(1, 2))
        waiting.append(frames)
    out: list[Row] = []
    marks = [0] * len(sources)
    while any(waiting):
        source = data.draw(st.sampled_from([at for at, frames in enumerate(waiting) if frames]))
        frame = waiting[source].pop(0)
        buffer.feed(frame)
        marks[source] = frame.mark_tick
        ticks = buffer.take()
        if ticks is not None:
            assert ticks.until == min(marks)
            assert all(row[0] < ticks.until for row in batch_rows(ticks.batch))
            out += batch_rows(ticks.batch)
        assert buffer.take() is None
    assert buffer.ended
    assert out == sorted((row for rows in sources for row in rows), key=lambda row: (*row[:3], row[3] or "", row[4]))


def test_nothing_is_handled_before_every_source_was_heard() -> None:
    buffer = TickBuffer(2, "seq")
    buffer.feed(Frame(0, rows_batch([(1, 1, "e", "ann", 0)]), END_TICK, 0, 0))
    assert buffer.take() is None


Said = list[tuple[str, int, bytes]]


def detect(events: list[Event], size: int = 1_000, partitions: int = 1) -> Said:
    runner = Runner(Settings(), partitions=partitions)
    lines = [json.dumps(one).encode() for one in sorted(events, key=lambda one: int(one["time"]))]
    revisions = []
    for start in range(0, len(lines), size):
        revisions += runner.push(Decoder().decode(Lines.numbered(lines[start : start + size], "file", start + 1)))
    revisions += runner.end()
    return sorted((revision.id, revision.revision, revision.body) for revision in revisions)


def alerts(said: Said, kind: str = "account", subject: str = "vic") -> list[dict[str, Any]]:
    found = [json.loads(body) for _, _, body in said]
    return [alert for alert in found if (alert["target"]["kind"], alert["target"]["id"]) == (kind, subject)]


DAY_MS = 86_400_000
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
                "text": "zip zap",
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
        event(
            id=f"m{number}", author=f"own{number}", target="vic", time=CROWD_MS + 9_000 * number, author_home="home"
        )
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
    lines = [json.dumps(one).encode() for one in (FULL, delete, event(id="n", time=START_MS + 60_000))]
    runner.push(Decoder().decode(Lines.numbered(lines, "file")))
    runner.end()
    assert len(texts(runner, "m")) == 5
    assert set(texts(runner, "m")) == {None}


def test_somebody_else_cannot_take_back_what_he_did_not_say() -> None:
    runner = Runner(Settings())
    delete = event(id="d", type="delete", author="mallory", parent="m", time=START_MS + 1_000)
    runner.push(Decoder().decode(Lines.numbered([json.dumps(one).encode() for one in (FULL, delete)], "file")))
    runner.end()
    assert "zip" in texts(runner, "m")


SMALL = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["mention", "reply", "share", "delete", "reaction", "post"]),
            "author": st.integers(0, 30),
            "target": st.sampled_from(["vic", ["vic", "val"], ["val"], "far1"]),
            "gap": st.sampled_from([0, 0, 0, 300, 1_000, 15_000]),
            "id": st.none() | st.integers(0, 60),
            "community": st.sampled_from(["c", "d"]),
        }
    ),
    max_size=80,
)


@given(SMALL, st.integers(1, 90), st.sampled_from([1, 3, 8]))
@settings(max_examples=40)
def test_alerts_are_the_same_bytes_however_they_are_cut(steps: list[Event], size: int, partitions: int) -> None:
    events, time = strangers(30), CROWD_MS + 100_000
    for step in steps:
        time += step["gap"]
        kind = step["type"]
        item = f"m{step['author'] if step['id'] is None else step['id']}"
        events.append(
            event(
                id=f"d{len(events)}" if kind == "delete" else item,
                type=kind,
                author=f"far{step['author']}",
                target=step["target"],
                time=time,
                thread="t",
                community=step["community"],
                parent=item,
                text="zip",
            )
        )
    assert detect(events, size, partitions) == detect(events)
