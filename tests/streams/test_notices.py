"""A call to a post or a place reaches whose it is, whoever knows of it and however many partitions there are."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.columns import Batch
from graph.events import Flag
from graph.interactions import Act, Kind
from graph.register import KEEP_S, Register
from streams.ingest import Ingest
from streams.notices import OF_ITEMS, with_notices
from streams.runner import Runner
from streams.settings import Settings
from streams.wire import Decoder, Lines
from tests.helpers import START_MS, Event, event

POST = event(id="root", type="post", author="vic", target=..., time=START_MS)
LATER = START_MS + 60_000


def call(*links: str, **other: Any) -> Event:
    return event(
        **{
            "id": "call",
            "type": "post",
            "author": "ina",
            "target": ...,
            "time": LATER,
            "community": "far",
            "links": [*links],
            **other,
        }
    )


def heard(events: list[Event], kind: Kind, name: str, partitions: int = 1) -> list[tuple[str, str | None, str | None]]:
    """Event, author and community of the calls to a subject that are in the windows in the end."""
    runner = Runner(Settings(), partitions=partitions)
    lines = [json.dumps(one).encode() for one in sorted(events, key=lambda one: int(one["time"]))]
    runner.push(Decoder().decode(Lines.numbered(lines, "file")))
    runner.push(Decoder().decode(Lines.numbered([json.dumps(event(id="z", time=LATER + 900_000)).encode()], "file")))
    found = []
    for shard in runner.shards:
        window = shard.window
        code = window.strings.find(name)
        if code < 0:
            continue
        numbers = window.rows_of(4 * code + kind)
        rows = window.ring.rows(numbers[window.ring.column("act", numbers) == Act.CALL])
        found += zip(
            rows["id"].tolist(),
            window.strings.names(rows["author"].tolist()),
            window.strings.names(rows["community"].tolist()),
            strict=True,
        )
    return found


@pytest.mark.parametrize("partitions", [1, 2, 3, 8])
def test_a_link_to_a_post_reaches_whose_post_it_is(partitions: int) -> None:
    assert heard([POST, call("root")], Kind.ACCOUNT, "vic", partitions) == [("call", "ina", "far")]


@pytest.mark.parametrize("partitions", [1, 3])
def test_a_link_to_a_place_reaches_it(partitions: int) -> None:
    assert heard([call("north")], Kind.COMMUNITY, "north", partitions) == [("call", "ina", "far")]


UNHEARD = {
    "the owner links to his own post": [POST, call("root", author="vic")],
    "a link from before the post": [{**POST, "time": LATER + 1}, call("root")],
    "another post": [POST, call("else")],
    "a page on the web": [POST, call("https://example.org/root")],
    "a share": [POST, event(id="s", type="share", author="sue", target="vic", links=["root"], time=LATER)],
    "a link two days later": [POST, call("root", time=START_MS + 1_000 * KEEP_S + 1_000)],
}


@pytest.mark.parametrize("events", UNHEARD.values(), ids=UNHEARD)
def test_what_is_no_call_to_him(events: list[Event]) -> None:
    assert heard(events, Kind.ACCOUNT, "vic") == []


def test_a_repeated_call_is_heard_once() -> None:
    again = call("root", time=LATER + 2_000)
    assert len(heard([POST, POST, call("root"), again], Kind.ACCOUNT, "vic")) == 1


def test_notices_are_no_events() -> None:
    runner = Runner(Settings())
    lines = [json.dumps(one).encode() for one in (POST, POST, call("root", "north"))]
    runner.push(Decoder().decode(Lines.numbered(lines, "file")))
    runner.end()
    assert (runner.authors[0].accepted, runner.duplicates) == (2, 1)
    assert runner.authors[0].authors == 2


OPENED = st.lists(
    st.tuples(st.sampled_from(["p", "q", "r"]), st.sampled_from(["ann", "bob"]), st.booleans(), st.integers(0, 3)),
    min_size=1,
    max_size=14,
)


@given(OPENED, st.data())
def test_whose_it_is_does_not_depend_on_how_notices_come(
    plan: list[tuple[str, str, bool, int]], data: st.DataObject
) -> None:
    events, time = [], START_MS
    for at, (item, who, is_post, days) in enumerate(plan):
        time += days * 43_200_000 + 1_000
        told = {"author": who, "target": ..., "type": "post", "time": time}
        events.append(event(id=item, **told) if is_post else event(id=f"l{at}", links=[item], **told))
    ingest = Ingest(0)
    pushed = ingest.push(Decoder().decode(Lines.numbered([json.dumps(one).encode() for one in events], "file")))
    frames = [frame for frame in (pushed, ingest.end()) if frame is not None and len(frame.batch.columns)]
    batch = with_notices(Batch.concat([frame.batch for frame in frames]))
    notices = batch.take(batch["flags"] & OF_ITEMS != 0)
    order = sorted(range(len(notices)), key=lambda at: int(notices["time"][at]))
    notices = notices.take(np.array(order, np.int64))
    opens = notices["flags"] & Flag.OPENS != 0
    whole = Register().owners(notices, opens)
    cut = data.draw(st.integers(0, len(notices)))
    register = Register()
    parts = []
    for rows in (slice(0, cut), slice(cut, None)):
        parts += register.owners(notices.take(rows), opens[rows])
    assert parts == whole
