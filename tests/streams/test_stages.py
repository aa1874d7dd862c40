"""The stages: in which order rows are handled, and which subject hears of which event."""

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.authors import AuthorMemory
from graph.columns import CODE, OBJECT, Batch, objects
from graph.interactions import INTERACTION_SCHEMA, Act, Kind
from streams.frames import END_TICK, Frame
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
        [(A, "bob", Act.SHARE, "ann"), (T, "t", Act.SHARE, "ann"), (A, "ann", Act.OWN_SHARE, "bob")],
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
        [(A, None, Act.DELETE, "ann")],
    ),
    "a delete that names nothing else": (
        event(type="delete", target=..., parent="e0"),
        [(A, None, Act.DELETE, "ann")],
    ),
    "a delete that names all it can": (
        event(type="delete", target=["bob", "ann", "cid"], parent="e0", **PLACE),
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


def test_of_several_who_are_addressed_each_hears_of_another() -> None:
    batch = routed(event(target=["bob", "cid", "dan"], **PLACE), event(id="f", target="bob"))
    rows = zip(batch["id"], batch.strings("subject"), batch["act"], batch.strings("other"), strict=True)
    others = {(one, subject): other for one, subject, act, other in rows if act == Act.ADDRESS}
    assert others == {
        ("e", "bob"): "cid", ("e", "cid"): "bob", ("e", "dan"): "bob", ("e", "t"): "cid", ("e", "c"): "cid", ("f", "bob"): None
    }  # fmt: skip


def test_threads_and_communities_get_less_of_a_text() -> None:
    text = "é" * THIN_TEXT_BYTES
    batch = routed(event(text=text, **PLACE))
    for kind, found in zip(batch["kind"], batch["text"], strict=True):
        assert found == (text if kind == A else text[: THIN_TEXT_BYTES // 2])


@pytest.mark.parametrize(
    ("value", "warmth"),
    [("like", 1), ("love", 1), ("up", 1), ("angry", -1), ("down", -1), ("wow", 0), (..., 0), ("odd", 0)],
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
        st.integers(0, 4),
        st.integers(0, 2),
        st.sampled_from(["e1", "e2", "é"]),
        st.sampled_from(["ann", "bob", None]),
        st.integers(0, 2),
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
    assert buffer.until == END_TICK
    assert out == sorted((row for rows in sources for row in rows), key=lambda row: (*row[:3], row[3] or "", row[4]))


def test_nothing_is_handled_before_every_source_was_heard() -> None:
    buffer = TickBuffer(2, "seq")
    buffer.feed(Frame(0, rows_batch([(1, 1, "e", "ann", 0)]), END_TICK, 0, 0))
    assert buffer.take() is None
