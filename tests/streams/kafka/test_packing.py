"""Lines made into messages: nothing lost, nothing changed, nothing out of its order."""

import json
from collections import defaultdict

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.names import Source
from streams.kafka.packing import Message, Packer, Piece, Router
from streams.partition import partition_of

PARTITIONS = {"comments": 3, "replies": 2, "context": 1}
ROUTES = {"comment": "comments", "reply": "replies", "like": "context"}
ROUTER = Router(ROUTES, "comments", PARTITIONS)

AUTHORS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)
EVENTS = st.builds(
    lambda kind, author, text: json.dumps({"type": kind, "author": author, "text": text}).encode(),
    st.sampled_from([*ROUTES, "poke"]),
    AUTHORS,
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
)
BROKEN = st.sampled_from([b"", b"{", b"7", b'{"type": "reply"}', b'{"type": 3, "author": "a"}', b"\xff", b"[1", b'"]"'])
LINES = st.lists(st.one_of(EVENTS, BROKEN), max_size=60)


def packed(lines: list[bytes], batch: int, limit: int) -> list[Message]:
    packer = Packer(batch, limit)
    found = [message for line in lines for piece in ROUTER.pieces(line) for message in packer.add(piece)]
    return [*found, *packer.rest()]


def by_source(pieces: list[tuple[Source, bytes]]) -> dict[Source, list[bytes]]:
    found = defaultdict(list)
    for source, value in pieces:
        found[source].append(value)
    return dict(found)


@given(LINES, st.integers(1, 9), st.integers(500, 900))
def test_every_line_arrives_as_it_was_in_the_order_of_its_partition(lines: list[bytes], batch: int, limit: int) -> None:
    messages = packed(lines, batch, limit)
    arrived = []
    for message in messages:
        assert len(message.value) <= limit
        assert 1 <= message.events <= batch
        if message.events == 1:
            arrived.append((message.source, message.value))
        else:
            assert len(orjson.loads(message.value)) == message.events
            whole = [piece.value for piece in ROUTER.pieces(message.value)]
            arrived += [(message.source, value) for value in whole]

    assert by_source(arrived) == by_source(
        [(piece.source, piece.value) for line in lines for piece in ROUTER.pieces(line)]
    )


@given(EVENTS)
def test_an_event_goes_to_the_topic_of_its_type_and_the_partition_of_its_author(line: bytes) -> None:
    event = json.loads(line)
    (piece,) = ROUTER.pieces(line)
    topic = ROUTES.get(event["type"], "comments")

    assert piece.source == Source(topic, partition_of(event["author"], PARTITIONS[topic]))
    assert piece.value == line


@pytest.mark.parametrize(
    "line", [b"", b"{", b"[", b"null", b'{"type": "reply", "author": 7}', b"\xff\xfe", b"[" * 5000]
)
def test_what_cannot_be_read_goes_whole_to_the_first_source_in_a_message_of_its_own(line: bytes) -> None:
    assert list(ROUTER.pieces(line)) == [Piece(Source("comments", 0), None, line, whole=False)]
    event = b'{"type": "comment", "author": "a"}'
    messages = packed([event, line, event, line], 100, 1000)

    assert [message.value for message in messages if message.value == line] == [line, line]


def test_the_events_of_an_array_go_each_to_their_own_place() -> None:
    one, two = b'{"type": "reply",  "author": "a"}', b'{"type": "like", "author": "b"}'
    pieces = list(ROUTER.pieces(b" [" + one + b" , 5, [1]," + two + b"]"))

    assert [(piece.source.topic, piece.value) for piece in pieces] == [
        ("replies", one),
        ("comments", b"5"),
        ("comments", b"[[1]]"),
        ("context", two),
    ]


def test_arrays_hold_as_many_as_they_may_and_no_more_than_fits() -> None:
    event = b'{"type": "like", "author": "a"}'

    assert [message.events for message in packed([event] * 7, 3, 1000)] == [3, 3, 1]
    room = len(event) * 2 + 3
    assert [message.events for message in packed([event] * 5, 100, room)] == [2, 2, 1]
    assert [message.events for message in packed([event] * 5, 100, room - 1)] == [1] * 5
    assert packed([event], 100, len(event))[0].value == event


def test_an_author_who_is_no_identifier_does_not_stop_anything() -> None:
    for author in ("", "x" * 100_000):
        (piece,) = ROUTER.pieces(json.dumps({"type": "reply", "author": author}).encode())
        assert piece.source == Source("replies", 0)
