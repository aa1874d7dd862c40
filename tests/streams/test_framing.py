"""Frames on the wire: what goes in comes out, however it was cut, mixed, repeated or damaged."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from xxhash import xxh3_64_intdigest

from graph.columns import CODE, OBJECT, Batch, Schema, dtype_of, objects
from graph.events import EVENT_SCHEMA
from graph.interactions import INTERACTION_SCHEMA
from streams.frames import END_TICK, Frame
from streams.ingest import Ingest
from streams.stages.authors import AuthorsStage
from streams.wire import Decoder, Lines
from streams.wire.framing import FrameError, Header, Reassembly, encode, peek
from streams.wire.framing.header import SIZE, VERSION, group_of
from tests.helpers import START_MS, event

ROOT = Path(__file__).resolve().parents[2]
PLENTY = 1_000_000

texts = st.none() | st.text(max_size=20)
links = st.none() | st.lists(st.text(max_size=5), max_size=3).map(tuple)
schemas: st.SearchStrategy[Schema] = st.sampled_from([EVENT_SCHEMA, INTERACTION_SCHEMA])


def values(name: str, kind: str) -> st.SearchStrategy[Any]:
    if kind == OBJECT:
        return {"id": st.text(min_size=1, max_size=10), "text": texts, "links": links}[name]
    if name == "tick":
        return st.integers(0, 2**40)
    whole = np.iinfo(kind)
    return st.integers(int(whole.min), int(whole.max))


@st.composite
def batches(draw: st.DrawFn, schema: Schema) -> Batch:
    pool = draw(st.lists(st.text(max_size=8), max_size=8))
    codes = st.integers(-1, len(pool) - 1)
    row = st.tuples(*[codes if kind == CODE else values(name, kind) for name, kind in schema.items()])
    lines = draw(st.lists(row, max_size=8))
    columns = {name: [line[at] for line in lines] for at, name in enumerate(schema)}
    arrays = {
        name: objects(column) if schema[name] == OBJECT else np.array(column, dtype_of(schema[name]))
        for name, column in columns.items()
    }
    return Batch(schema, arrays, pool)


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    times = st.integers(-1, 2**42)
    marks = st.integers(0, 2**40) | st.just(END_TICK)
    return Frame(draw(st.integers(0, 1_000)), draw(batches(draw(schemas))), draw(marks), draw(times), draw(times))


def rows(frame: Frame) -> list[tuple[Any, ...]]:
    batch = frame.batch
    columns = [batch.strings(name) if kind == CODE else batch[name].tolist() for name, kind in batch.schema.items()]
    return list(zip(*columns, strict=True))


def content(frame: Frame) -> tuple[Any, ...]:
    batch = frame.batch
    return rows(frame), dict(batch.schema), [batch[name].dtype for name in batch.schema], *frame[:1], *frame[2:]


def tightest(frame: Frame) -> int:
    """The least limit that each row alone fits into."""
    alone = [frame._replace(batch=frame.batch.take(slice(at, at + 1))) for at in range(max(1, len(frame.batch)))]
    return max(len(encode(one, PLENTY)[0]) for one in alone)


def cut_up(frame: Frame) -> list[bytes]:
    """A frame in as many parts as can be."""
    return encode(frame, tightest(frame))


def given_by(messages: list[bytes], reassembly: Reassembly | None = None) -> list[Frame]:
    reassembly = reassembly or Reassembly()
    found = [reassembly.feed(message, position) for position, message in enumerate(messages)]
    return [frame for frame in found if frame is not None]


def many(size: int, mark_tick: int = 20, text: str = "some words") -> Frame:
    columns = {
        name: objects([None] * size) if kind == OBJECT else np.arange(size).astype(dtype_of(kind))
        for name, kind in EVENT_SCHEMA.items()
    }
    names = [f"name-{number}" for number in range(size)]
    columns |= {"id": objects(names), "text": objects([f"{text} {name}" for name in names])}
    return Frame(3, Batch(EVENT_SCHEMA, columns, names), mark_tick, 1, 2)


@given(frames())
def test_a_frame_comes_as_it_went(frame: Frame) -> None:
    messages = encode(frame, PLENTY)

    assert len(messages) == 1
    assert [content(one) for one in given_by(messages)] == [content(frame)]


@given(frames(), st.integers(0, 200), st.randoms(use_true_random=False))
def test_a_frame_comes_whole_however_small_messages_are(frame: Frame, more: int, random: Any) -> None:
    limit = tightest(frame) + more
    messages = encode(frame, limit)
    random.shuffle(messages)

    assert max(map(len, messages)) <= limit
    assert [content(one) for one in given_by(messages)] == [content(frame)]


@given(frames(), st.integers(0, 200))
def test_a_message_says_what_it_holds(frame: Frame, more: int) -> None:
    messages = encode(frame, tightest(frame) + more)
    headers = [peek(message) for message in messages]
    ticks = [row[list(frame.batch.schema).index("tick")] for row in rows(frame)]

    for number, header in enumerate(headers):
        held, ticks = ticks[: header.rows], ticks[header.rows :]
        assert (header.least_tick, header.greatest_tick) == (min(held, default=-1), max(held, default=-1))
        assert (header.part, header.parts) == (number, len(messages))
        assert (header.source, header.mark_tick) == (frame.source, frame.mark_tick)
        assert (header.begin_ms, header.newest_ms) == (frame.begin_ms, frame.newest_ms)
    assert not ticks
    assert len({header.group for header in headers}) == 1


def test_only_the_strings_that_are_used_travel() -> None:
    frame = many(1_000)
    one = frame._replace(batch=frame.batch.take(slice(5, 6)))

    assert len(encode(one, PLENTY)[0]) < len(encode(frame, PLENTY)[0]) / 20
    assert rows(given_by(encode(one, PLENTY))[0]) == rows(frame)[5:6]


def test_rows_are_compressed() -> None:
    assert len(encode(many(1_000), PLENTY)[0]) < 60 * 1_000


def test_what_comes_may_be_written_to() -> None:
    batch = given_by(encode(many(3), PLENTY))[0].batch
    for name in batch.schema:
        batch[name][0] = batch[name][1]


def test_a_row_that_does_not_fit_is_said_in_a_sentence() -> None:
    fits, does_not = many(1, text="a"), many(2, text="".join(map(chr, range(10_000, 20_000))))

    assert len(encode(fits, 1_000)) == 1
    with pytest.raises(FrameError, match="raise BREAKWATER_KAFKA__MAX_MESSAGE_BYTES"):
        encode(does_not, 1_000)
    with pytest.raises(FrameError, match="raise BREAKWATER_KAFKA__MAX_MESSAGE_BYTES"):
        encode(fits, 10)


def test_rows_of_no_known_kind_do_not_travel() -> None:
    column = {"tick": np.zeros(1, np.int64)}
    listed = many(1)
    listed.batch["links"][0] = ["https://example.org"]

    with pytest.raises(ValueError, match="do not travel"):
        encode(Frame(0, Batch({"tick": "int64"}, column, []), 1, 0, 0), PLENTY)
    with pytest.raises(TypeError, match="links holds list"):
        encode(listed, PLENTY)


@given(st.integers(5, 60), st.integers(400, 900), st.randoms(use_true_random=False))
def test_a_frame_of_parts_that_comes_twice_is_given_once(size: int, limit: int, random: Any) -> None:
    frame = many(size)
    messages = encode(frame, limit)
    assume(len(messages) > 1)
    twice = messages * 2
    random.shuffle(twice)
    reassembly = Reassembly()

    assert [content(one) for one in given_by(twice, reassembly)] == [content(frame)]
    assert not reassembly.waiting


def test_parts_of_different_cuts_are_not_mixed() -> None:
    frame = many(20)
    fine, coarse = cut_up(frame), encode(frame, 2 * tightest(frame) - 200)
    reassembly = Reassembly()
    assert len(fine) > len(coarse) > 1

    assert given_by(fine[:-1], reassembly) == []
    assert [content(one) for one in given_by(coarse, reassembly)] == [content(frame)]


class Receiver:
    """What stages do with frames of one source: rows of ticks that have passed count no more."""

    def __init__(self) -> None:
        self.mark = 0
        self.rows: list[tuple[Any, ...]] = []

    def take(self, frame: Frame | None) -> None:
        if frame is not None and frame.mark_tick > self.mark:
            self.mark = frame.mark_tick
            self.rows += rows(frame)


@given(st.data())
def test_two_writers_at_once_lose_and_repeat_nothing(data: st.DataObject) -> None:
    sent = [many(data.draw(st.integers(0, 10)), mark, text=f"of frame {mark}") for mark in range(1, 6)]
    limits = st.sampled_from([270, 290, PLENTY])
    old_limit, new_limit = data.draw(limits), data.draw(limits)
    by_old = [encode(frame, old_limit) for frame in sent]
    by_new = [encode(frame, new_limit) for frame in sent]
    known = data.draw(st.integers(0, len(sent)), "frames that the new owner knows to be sent")
    log = [message for parts in by_old[:known] for message in parts]
    old = [message for parts in by_old[known:] for message in parts]
    old = old[: data.draw(st.integers(0, len(old)), "where the old owner stops")]
    new = [message for parts in by_new[known:] for message in parts]
    turns = data.draw(st.permutations([old] * len(old) + [new] * len(new)))
    log += [writer.pop(0) for writer in turns]

    stops = data.draw(st.integers(0, len(log)), "where the reader stops, and begins again")
    receiver, first = Receiver(), Reassembly()
    for position, message in enumerate(log[:stops]):
        receiver.take(first.feed(message, position))
    begin = stops if first.oldest is None else first.oldest
    second = Reassembly()
    for position, message in enumerate(log[begin:], begin):
        receiver.take(second.feed(message, position))

    assert receiver.rows == [row for frame in sent for row in rows(frame)]
    assert len(given_by(encode(many(0, END_TICK), PLENTY), second)) == 1
    assert not second.waiting


def test_what_waits_holds_back_where_to_begin() -> None:
    one, two = cut_up(many(20, 10)), cut_up(many(20, 11))
    reassembly = Reassembly()
    assert len(one) > 2
    assert (reassembly.waiting, reassembly.oldest, reassembly.first) == (False, None, -1)

    assert reassembly.feed(one[0], 5) is None
    assert reassembly.feed(two[0], 6) is None
    assert (reassembly.waiting, reassembly.oldest) == (True, 5)
    assert reassembly.feed(one[0], 7) is None
    assert reassembly.oldest == 6
    for position, part in enumerate(one[1:-1], 8):
        assert reassembly.feed(part, position) is None
    assert reassembly.feed(one[-1], 100) is not None
    assert (reassembly.oldest, reassembly.first) == (6, 7)


def test_leftovers_are_forgotten_when_their_source_has_passed_them() -> None:
    parts = cut_up(many(20, 10))
    elsewhere, before, level = (
        encode(many(0, mark)._replace(source=source), PLENTY) for source, mark in ((4, 99), (3, 9), (3, 10))
    )
    reassembly = Reassembly()
    reassembly.feed(parts[0], 0)

    for message in (*elsewhere, *before):
        assert reassembly.feed(message, 1) is not None
        assert reassembly.oldest == 0
    assert reassembly.feed(level[0], 2) is not None
    assert not reassembly.waiting
    assert given_by(parts, reassembly) == []
    assert not reassembly.waiting


SHOW = """
from tests.streams.test_framing import bytes_of_stages
for message in bytes_of_stages():
    print(message.hex())
"""


def bytes_of_stages() -> list[bytes]:
    return [message for frame in stages() for limit in (1_500, PLENTY) for message in encode(frame, limit)]


def stages() -> list[Frame]:
    """A frame of events and one of interactions, as the stages make them."""
    lines = [
        json_of(
            id=f"e{at}",
            author=f"author-{at % 7}",
            target=["bob", f"target-{at % 5}"],
            thread=f"thread-{at % 3}",
            thread_author="bob",
            community="town",
            text=f"words {at}",
            links=[f"thread-{at}"],
            time=START_MS + 700 * at,
        )
        for at in range(60)
    ]
    ingest, authors = Ingest(0, allowed_lateness_ms=5_000, future_ms=3_600_000), AuthorsStage(0, 1, 3_600)
    events = ingest.push(Decoder().decode(Lines.numbered(lines)))
    assert events is not None
    authors.feed(events)
    interactions = authors.advance()
    assert interactions is not None
    return [events, interactions]


def json_of(**fields: Any) -> bytes:
    return json.dumps(event(**fields)).encode()


@pytest.mark.parametrize("seed", ["0", "1"])
def test_every_process_writes_the_same_bytes(seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    said = subprocess.run(
        [sys.executable, "-c", SHOW], cwd=ROOT, env=environment, check=True, capture_output=True
    ).stdout
    messages = [bytes.fromhex(line.decode()) for line in said.split()]

    assert messages == bytes_of_stages()
    assert len(messages) > 2 * len(stages())
    assert {content(frame)[0][0] for frame in given_by(messages)} == {rows(frame)[0] for frame in stages()}


@given(frames())
def test_the_same_frame_gives_the_same_bytes(frame: Frame) -> None:
    assert cut_up(frame) == cut_up(frame)


def refused(message: bytes) -> str:
    with pytest.raises(FrameError) as error:
        Reassembly().feed(message, 0)
    return str(error.value)


@given(st.binary(max_size=300))
def test_bytes_that_are_no_frame_are_said_to_be_none(noise: bytes) -> None:
    assert "no frame of Breakwater's" in refused(noise)


@given(frames(), st.data())
def test_damage_is_always_found(frame: Frame, data: st.DataObject) -> None:
    message = bytearray(data.draw(st.sampled_from(cut_up(frame))))
    at = data.draw(st.integers(0, len(message) - 1))
    message[at] ^= data.draw(st.integers(1, 255))

    assert refused(bytes(message)).endswith(".")
    assert refused(bytes(message[:at])).endswith(".")


@given(frames(), st.binary(max_size=200), st.sampled_from([0, 1, 2]), st.integers(0, 2**32 - 1))
def test_a_wrong_body_is_no_more_than_damage(frame: Frame, body: bytes, codec: int, count: int) -> None:
    header = peek(encode(frame, PLENTY)[0])
    wrong = header._replace(codec=codec, digest=xxh3_64_intdigest(body), rows=count, raw_bytes=count)

    assert "is damaged" in refused(signed(wrong) + body)


def signed(header: Header) -> bytes:
    return header._replace(group=group_of([header])).pack()


def test_codes_beyond_the_pool_are_damage() -> None:
    message = encode(many(1, text="a"), PLENTY)[0]
    body = message[SIZE:].replace(b"\x91\xa6name-0", b"\x90", 1)

    assert body != message[SIZE:]
    assert "a string of it is missing" in refused(
        signed(peek(message)._replace(digest=xxh3_64_intdigest(body), codec=0)) + body
    )


def test_another_version_is_named() -> None:
    message = bytearray(encode(many(1), PLENTY)[0])
    message[3] = VERSION + 1
    message[4:20] = b"7.8.9".ljust(16, b"\0")

    assert "written by Breakwater 7.8.9" in refused(bytes(message))
    assert "Run release 7.8.9" in refused(bytes(message[:20]))


def test_other_columns_are_told_from_damage() -> None:
    message = encode(many(1), PLENTY)[0]
    header = peek(message)._replace(schema=1, release="7.8.9")

    assert "Breakwater 7.8.9 has other columns" in refused(signed(header) + message[SIZE:])
