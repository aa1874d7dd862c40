"""Saved state: what is written is read back, whatever else is there is refused, and the newest of everything is kept."""

import pickle
import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from zstandard import ZstdCompressor

from graph.interner import Interner
from graph.store import Store
from graph.tables import load, save
from streams.stages.shard_state import Parts, ShardLive, Subject
from streams.state import CYCLE, Checkpoint, Checkpoints, CodecError, Manifest, Saved, decode, encode
from streams.state.checkpoint import CHUNK_BYTES, MANIFEST_KEY, Record, read_manifest


class Size(IntEnum):
    SMALL = 1
    LARGE = 7


class Colour(StrEnum):
    RED = "red"


class Pair(NamedTuple):
    name: str | None
    number: float


@dataclass(frozen=True, slots=True)
class Thing:
    size: Size
    colour: Colour | None
    names: frozenset[str]
    pairs: list[Pair]
    counts: dict[str, int]
    hashes: tuple[int, ...]
    raw: bytes
    column: np.ndarray[Any, Any]


THINGS = st.builds(
    Thing,
    size=st.sampled_from(Size),
    colour=st.none() | st.sampled_from(Colour),
    names=st.frozensets(st.text(max_size=4), max_size=4),
    pairs=st.lists(st.builds(Pair, st.none() | st.text(max_size=4), st.floats(allow_nan=False)), max_size=4),
    counts=st.dictionaries(st.text(max_size=4), st.integers(-(2**63), 2**64 - 1), max_size=4),
    hashes=st.lists(st.integers(-(2**63), 2**64 - 1), max_size=4).map(tuple),
    raw=st.binary(max_size=8),
    column=arrays.arrays(
        arrays.boolean_dtypes() | arrays.integer_dtypes() | arrays.unsigned_integer_dtypes(),
        arrays.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=4),
    )
    | arrays.arrays(arrays.floating_dtypes(sizes=(32, 64)), arrays.array_shapes(max_dims=2, max_side=4)),
)


@given(THINGS)
def test_what_is_encoded_is_decoded(thing: Thing) -> None:
    found = decode(encode(thing), Thing)
    for name in ("size", "colour", "names", "pairs", "counts", "hashes", "raw"):
        value = getattr(found, name)
        assert (value, type(value)) == (getattr(thing, name), type(getattr(thing, name)))
    assert found.column.dtype == thing.column.dtype.newbyteorder("=")
    assert found.column.flags.writeable
    np.testing.assert_array_equal(found.column, thing.column)


KINDS = [Thing, ShardLive, Manifest, np.ndarray, list[int], dict[str, bytes], frozenset[str], tuple[int, str]]


def refuses(data: bytes, kind: Any) -> None:
    """Either it is one, or it is refused in the one way that callers expect."""
    with suppress(CodecError):
        decode(data, kind)


@given(st.binary(max_size=60), st.sampled_from(KINDS))
@settings(max_examples=300)
def test_any_bytes_are_read_or_refused(data: bytes, kind: Any) -> None:
    refuses(data, kind)


@given(THINGS, st.data())
def test_damaged_bytes_are_read_or_refused(thing: Thing, data: st.DataObject) -> None:
    encoded = bytearray(encode(thing))
    place = data.draw(st.integers(0, len(encoded) - 1))
    encoded[place] = data.draw(st.integers(0, 255))
    refuses(bytes(encoded), Thing)
    refuses(bytes(encoded[:place]), Thing)


SIZES = st.integers(-(2**63), 2**64 - 1)
NAMES = ["<i8", "|b1", "O", "i4,O", "a5", "V0", "(1,", "<M8[25s/0]", "<M8[s]", "U9999999999", "c16", "i3", "", "é"]


@given(st.sampled_from(NAMES) | st.text(max_size=6), st.lists(SIZES, max_size=70), st.binary(max_size=24))
def test_an_array_of_any_name_and_shape_is_read_or_refused(dtype: str, shape: list[int], content: bytes) -> None:
    refuses(msgspec.msgpack.encode([dtype, shape, content]), np.ndarray)


class Harmful:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_reading_runs_nothing(tmp_path: Path) -> None:
    """What pickle would run is bytes like any other."""
    pickled = pickle.dumps(Harmful(tmp_path / "ran"))
    for data in (pickled, msgspec.msgpack.encode(["|O", [1], pickled])):
        with pytest.raises(CodecError):
            decode(data, np.ndarray)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "value", [object(), np.array([object()]), np.array(["x"]), {"a": {1: [Harmful]}}], ids=["object", "O", "U", "class"]
)
def test_what_is_no_plain_value_is_not_written(value: object) -> None:
    with pytest.raises(TypeError):
        encode(value)


SPEC = {"value": ("int64", 0, 1)}


class Toy:
    """A stage that remembers numbers by name, some in a table, others in parts."""

    def __init__(self) -> None:
        self._strings, self._records, self._parts = Interner(), Store(SPEC), Parts("thing/")
        self._things: dict[Subject, int] = {}

    def set(self, name: str, value: int) -> None:
        slots = self._records.find_or_add(np.array([self._strings.code(name)]))
        self._records["value"][slots] = value

    def make(self, subject: Subject, value: int) -> None:
        self._things[subject] = value
        self._parts.touch(subject)

    def forget(self, subject: Subject) -> None:
        self._things.pop(subject, None)

    @property
    def content(self) -> tuple[dict[str, int], dict[Subject, int]]:
        names = [self._strings[code] for code in self._records.keys.tolist()]
        return dict(zip(names, self._records["value"].tolist(), strict=True)), dict(self._things)

    def save(self, number: int, oldest: int) -> Saved:
        slots = self._records.to_save(number, oldest)
        table = save(self._records, slots, self._strings, {"name": self._records.keys[slots]})
        due = self._parts.to_save(list(self._things), number, oldest)
        parts = {name: encode(self._things[subject]) for name, subject in due.items()}
        return Saved({"records": table}, encode(list(self._things)), parts)

    def load(self, checkpoint: Checkpoint) -> bytes:
        table = checkpoint.saved.tables["records"]
        codes = self._strings.adopt(table, ["name"])
        load(self._records, codes["name"].astype(np.int64), table, codes, checkpoint.number)
        self._parts.load(checkpoint.saved.parts, checkpoint.number)
        return checkpoint.saved.live

    def resume(self, live: bytes) -> None:
        subjects = decode(live, list[Subject])
        self._things = {subject: decode(part, int) for subject, part in self._parts.take(subjects)}


def restored(topic: list[Record]) -> tuple[Toy, Checkpoints]:
    toy, checkpoints = Toy(), Checkpoints("release")
    live = b""
    for checkpoint in checkpoints.read(topic):
        live = toy.load(checkpoint)
    if checkpoints.manifest is not None:
        toy.resume(live)
    return toy, checkpoints


def compacted(topic: list[Record], upto: int) -> list[Record]:
    """The topic after the broker kept only the newest of each key among the first records, in the order of those."""
    newest = {key: (at, value) for at, (key, value) in enumerate(topic[:upto])}
    kept = sorted((at, key, value) for key, (at, value) in newest.items() if value is not None)
    return [*((key, value) for _, key, value in kept), *topic[upto:]]


def written(toy: Toy, checkpoints: Checkpoints) -> list[Record]:
    saved = toy.save(checkpoints.number, checkpoints.oldest)
    return list(checkpoints.write(saved, start=0, applied=checkpoints.number, ended=False))


@given(st.integers(0, 2**32), st.integers(3 * CYCLE + 1, 4 * CYCLE), st.sampled_from([0.0, 0.02, 0.2]))
@settings(max_examples=8)
def test_all_checkpoints_together_give_the_newest_of_everything(seed: int, count: int, restarts: float) -> None:
    chance, topic = random.Random(seed), list[Record]()
    toy, checkpoints = Toy(), Checkpoints("release")
    for number in range(count):
        for _ in range(chance.choice([0, 0, 1, 3])):
            toy.set(f"name{chance.randrange(3 * number + 1)}", chance.randrange(10**9))
        subject = (chance.randrange(3), f"thing{chance.randrange(20)}")
        if chance.random() < 0.3:
            toy.make(subject, chance.randrange(99))
        elif chance.random() < 0.5:
            toy.forget(subject)
        topic += written(toy, checkpoints)
        if chance.random() < 0.05:
            topic = compacted(topic, chance.randrange(len(topic)))
        if chance.random() < restarts:
            content = toy.content
            toy, checkpoints = restored(topic)
            assert toy.content == content
    whole, pressed = restored(topic), restored(compacted(topic, len(topic)))
    assert whole[0].content == pressed[0].content == toy.content
    assert whole[1].manifest == pressed[1].manifest == checkpoints.manifest
    assert len({key for key, _ in topic}) <= CYCLE + 1


def test_before_the_first_checkpoint_there_is_nothing() -> None:
    toy, checkpoints = restored([])
    assert toy.content == ({}, {})
    assert (checkpoints.manifest, checkpoints.number) == (None, 1)


def blob(size: int) -> Saved:
    return Saved({}, b"", {"part": random.Random(size).randbytes(size)})


def test_a_large_checkpoint_lies_in_chunks_and_what_a_smaller_one_leaves_of_it_is_deleted() -> None:
    checkpoints, topic = Checkpoints("release"), list[Record]()
    topic += checkpoints.write(blob(3 * CHUNK_BYTES), start=0, applied=1, ended=False)
    assert max(len(value or b"") for _, value in topic) <= CHUNK_BYTES
    large = {key for key, _ in topic} - {MANIFEST_KEY}
    assert len(large) == 4
    assert [len(one.saved.parts["part"]) for one in Checkpoints("release").read(topic)] == [3 * CHUNK_BYTES]
    for _ in range(CYCLE):
        topic += checkpoints.write(blob(10), start=0, applied=1, ended=False)
    newest = dict(topic)
    assert sum(newest[key] is not None for key in large) == 1
    assert [len(one.saved.parts["part"]) for one in Checkpoints("release").read(topic)] == [10] * CYCLE


@pytest.mark.parametrize("lost", range(4))
def test_a_checkpoint_that_is_not_all_there_is_refused(lost: int) -> None:
    records = list(Checkpoints("release").write(blob(3 * CHUNK_BYTES), start=0, applied=1, ended=False))
    with pytest.raises(CodecError, match="checkpoint 1 is not all there"):
        list(Checkpoints("release").read([*records[:lost], *records[lost + 1 :]]))


def damaged(records: list[Record]) -> Iterator[bytes]:
    value = records[0][1]
    assert value is not None
    yield b""
    yield value[:-1]
    yield value[:9]
    yield b"\x28\xb5\x2f\xfd\xe0" + (1 << 50).to_bytes(8, "little") + b"\x01\x00\x00"  # claims to be a petabyte
    yield ZstdCompressor().compress(b"\xc1")
    yield ZstdCompressor().compress(encode({"tables": 3}))


def test_a_checkpoint_that_is_damaged_is_refused() -> None:
    records = list(Checkpoints("release").write(blob(10), start=0, applied=1, ended=False))
    for value in damaged(records):
        with pytest.raises(CodecError):
            list(Checkpoints("release").read([(records[0][0], value), records[1]]))


@given(st.binary(max_size=40))
def test_a_manifest_is_read_or_refused(data: bytes) -> None:
    with pytest.raises(CodecError):
        read_manifest(data)


@pytest.mark.parametrize("other", [{"format": 99}, {"sizes": [1]}])
def test_state_of_another_format_is_refused_and_tells_whose_it_is(other: dict[str, Any]) -> None:
    records = list(Checkpoints("9.9.9").write(blob(10), start=0, applied=1, ended=False))
    manifest = msgspec.json.decode(records[-1][1] or b"")
    with pytest.raises(CodecError, match=r"written by Breakwater 9\.9\.9 in format"):
        read_manifest(msgspec.json.encode({**manifest, **other}))


def test_revisions_told_since_the_checkpoint_are_known_after_a_restart_and_each_is_asked_for_once() -> None:
    checkpoints, topic = Checkpoints("release"), list[Record]()
    topic += checkpoints.write(blob(1), start=0, applied=1, ended=False)
    topic.append(checkpoints.tell([("a", 1), ("a", 2), ("b", 1)]))
    topic.append(checkpoints.tell([("a", 3)]))
    assert not checkpoints.was_told("a", 4)

    again = Checkpoints("release")
    list(again.read(topic))
    assert again.manifest is not None
    assert again.manifest.told == {"a": 3, "b": 1}
    assert [again.was_told("a", revision) for revision in (1, 2)] == [True, True]
    # A checkpoint on the way: what is still to come again stays known.
    topic += again.write(blob(1), start=0, applied=1, ended=False)
    topic.append(again.tell([("c", 1)]))

    third = Checkpoints("release")
    list(third.read(topic))
    assert third.manifest is not None
    assert third.manifest.told == {"a": 3, "b": 1, "c": 1}
    said = [("a", 3), ("a", 4), ("b", 1), ("b", 2), ("c", 1), ("c", 2), ("d", 1)]
    assert [one for one in said if not third.was_told(*one)] == [("a", 4), ("b", 2), ("c", 2), ("d", 1)]
    topic += third.write(blob(1), start=0, applied=1, ended=False)
    assert third.manifest.told == {}


def test_nothing_is_told_before_the_first_checkpoint() -> None:
    with pytest.raises(RuntimeError, match="after the first checkpoint"):
        Checkpoints("release").tell([("a", 1)])
