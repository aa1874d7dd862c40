"""A partition says the same, each thing once, however often it is saved, stopped and begun again."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from alerts.alert import Engine, Revision
from alerts.episode import EpisodeState
from alerts.evidence import Erased
from detectors.learner import Learnt
from detectors.model import shipped
from graph.columns import Batch
from graph.noted import StateError
from streams.frames import END_TICK, Frame
from streams.ingest import Ingest
from streams.stages.authors import AuthorsStage
from streams.stages.control import ControlRecord
from streams.stages.order import TickBuffer
from streams.stages.shard import ShardStage
from streams.state import CYCLE, decode
from streams.state import encode as encode_state
from streams.state.checkpoint import MANIFEST_KEY, Record, read_manifest
from streams.wire import Decoder, Lines
from streams.wire.framing import Reassembly, encode, peek
from streams.workers.place import GapError, Place
from tests.helpers import START_MS, Event, event
from tests.streams.workers.platform import DUPLICATE_S, HOUR_S, LIMITS, SOURCES, frames, to_authors, to_shard

RESTARTS = 30
"""How often a worker stops: it might never get past the filling of its window."""


def new_authors() -> AuthorsStage:
    return AuthorsStage(0, SOURCES, DUPLICATE_S)


def new_shard() -> ShardStage:
    return ShardStage(SOURCES, shipped(), Engine("1", "digest", "model"), "salt", evidence=True)


CONTROL = [
    ControlRecord(1, START_MS // 1000 + 2_100, START_MS // 1000 + 9_100, 0, shipped().name, 1, True, Learnt(1.2, 0.5)),
    ControlRecord(2, START_MS // 1000 + 9_100, END_TICK, 0, shipped().name, 2, True, Learnt(0.8, -0.5)),
]


class TaughtShard(ShardStage):
    """A shard that hears what the learner says once, before it is in force."""

    def advance(self) -> list[Revision]:
        for record in CONTROL:
            if record.tick > self.tick:
                self.control.take(record)
        return super().advance()


def new_taught_shard() -> ShardStage:
    return TaughtShard(SOURCES, shipped(), Engine("1", "digest", shipped().name), "salt", waits=True, evidence=True)


def compacted(topic: list[Record], chance: random.Random) -> list[Record]:
    upto = chance.randrange(len(topic) + 1)
    return [*dict(topic[:upto]).items(), *topic[upto:]] if chance.random() < 0.3 else topic


class Told(NamedTuple):
    """A revision, or a part of evidence: what it is of, its number, its bytes."""

    id: str
    number: int
    body: bytes


@dataclass
class Worker:
    """Has a partition, and loses it now and then with all that was not committed.

    Attributes
    ----------
    topic : the state that was committed
    said : the revisions that were committed and the parts of their evidence, with their bytes
    sent : what authors sent on, which goes out before it is committed
    """

    make: Callable[[], Any]
    log: list[bytes]
    chance: random.Random
    topic: list[Record] = field(default_factory=list)
    said: dict[tuple[str, int], bytes] = field(default_factory=dict)
    sent: list[Frame] = field(default_factory=list)
    restarts: int = 0

    def run(self, saves: float, tells: float, stops: float) -> Any:
        """Handle the whole log; the stage as it is at the end."""
        place, pending = self._begin(), list[Told]()
        while place.next_offset < len(self.log):
            offset = place.next_offset
            for _ in range(self.chance.choice([1, 1, 1, 4])):
                if offset < len(self.log):
                    assert place.take(offset, self.log[offset]) >= 0
                    offset += 1
            out = place.advance()
            if isinstance(out, Frame):
                self.sent.append(out)
            elif out is not None:
                told = [Told(one.id, one.revision, one.body) for one in out]
                told += [Told(*one.told, one.body) for one in place.stage.take_evidence()]
                pending += [one for one in told if not place.checkpoints.was_told(one.id, one.number)]
            is_end = place.next_offset == len(self.log)
            if (is_end or self.chance.random() < saves) and not place.is_filling:
                self._commit(place.save(), pending)
            elif pending and place.checkpoints.manifest is not None and self.chance.random() < tells:
                self._commit([place.checkpoints.tell((one.id, one.number) for one in pending)], pending)
            if self.restarts < RESTARTS and self.chance.random() < stops:
                place, pending = self._begin(), []
                self.restarts += 1
        return place.stage

    def _begin(self) -> Place[Any]:
        """The partition as it was committed; the log keeps no more than is needed."""
        self.topic = compacted(self.topic, self.chance)
        manifest = dict(self.topic).get(MANIFEST_KEY)
        start = 0 if manifest is None else read_manifest(manifest).start
        return Place(self.make(), "release", self.topic, start)

    def _commit(self, records: list[Record], pending: list[Told]) -> None:
        self.topic += records
        for one in pending:
            assert (one.id, one.number) not in self.said
            self.said[one.id, one.number] = one.body
        pending.clear()


def undisturbed(make: Callable[[], Any], log: list[bytes]) -> tuple[Worker, Any]:
    worker = Worker(make, log, random.Random(0))
    return worker, worker.run(0, 0, 0)


Row = tuple[Any, ...]


def received(sent: list[Frame]) -> list[Row]:
    """The rows that a shard takes out of frames of which some come again."""
    buffer, rows = TickBuffer(1, "seq", ordered=True), list[Row]()
    for frame in sent:
        buffer.feed(frame)
        ticks = buffer.take()
        if ticks is not None and ticks.batch.columns:
            batch = ticks.batch
            columns = [batch.strings(name) if kind == "code" else batch[name] for name, kind in batch.schema.items()]
            rows += zip(*(map(str, column) for column in columns), strict=True)
    return rows


@cache
def rows_expected() -> list[Row]:
    return received(undisturbed(new_authors, to_authors(LIMITS[-1]))[0].sent)


@cache
def expected() -> dict[tuple[str, int], bytes]:
    return undisturbed(new_shard, to_shard(LIMITS[-1]))[0].said


def texts(stage: ShardStage) -> list[Any]:
    ring = stage.window.ring
    return [*zip(ring.all("tick").tolist(), ring.all("id").tolist(), ring.all("text").tolist(), strict=True)]


def test_a_case_is_the_same_bytes_after_it_was_read_back() -> None:
    log, place, seen = to_shard(LIMITS[-1]), Place(new_shard(), "release", [], 0), set[str]()
    for offset, message in enumerate(log):
        place.take(offset, message)
        place.advance()
        for episode in place.stage.episodes:
            seen.add(episode.subject)
            state = encode_state(episode.state)
            assert encode_state(decode(state, EpisodeState)) == state
    assert {"n1", "n2", "vic", "t"} <= seen


OFTEN = st.sampled_from([0.02, 0.1, 0.4, 0.9])


def test_the_platform_is_worth_comparing() -> None:
    every = [json.loads(body) for body in expected().values()]
    found = [one for one in every if one["schema"] == "breakwater.alert/1"]
    assert any(one["erased"] for one in every if one not in found)
    assert {"n1", "n2", "vic", "t"} <= {alert["target"]["id"] for alert in found}
    assert {"open", "peaking", "subsiding", "resolved"} <= {alert["status"] for alert in found}
    assert {alert["interactions"]["window_ms"] for alert in found} & {6 * 3_600_000, 48 * 3_600_000}
    assert max(alert["revision"] for alert in found) > 6
    _, stage = undisturbed(new_authors, to_authors(LIMITS[0]))
    assert stage.duplicates > 10
    assert len(to_shard(LIMITS[0])) > len(to_shard(LIMITS[1])) > len(to_shard(LIMITS[2])) > 3 * CYCLE


@given(st.integers(0, 2**32), st.sampled_from(LIMITS), OFTEN, st.sampled_from([0.01, 0.03]))
@settings(max_examples=5, phases=[Phase.generate])
def test_authors_send_the_same_rows(seed: int, limit: int, saves: float, stops: float) -> None:
    worker = Worker(new_authors, to_authors(limit), random.Random(seed))
    worker.run(saves, 0, min(stops, saves))
    assert received(worker.sent) == rows_expected()


@given(st.integers(0, 2**32), st.sampled_from(LIMITS), OFTEN, OFTEN, st.sampled_from([0.01, 0.03]))
@settings(max_examples=8, phases=[Phase.generate])
def test_every_revision_is_said_once_in_the_same_bytes(
    seed: int, limit: int, saves: float, tells: float, stops: float
) -> None:
    worker = Worker(new_shard, to_shard(limit), random.Random(seed))
    stage = worker.run(saves, tells, min(stops, saves))
    assert worker.said == expected()
    assert texts(stage) == texts(undisturbed(new_shard, to_shard(LIMITS[-1]))[1])


@cache
def taught() -> dict[tuple[str, int], bytes]:
    return undisturbed(new_taught_shard, to_shard(LIMITS[-1]))[0].said


def test_what_was_learnt_is_seen_in_what_is_said() -> None:
    found = [json.loads(body) for body in taught().values()]
    models = {one["engine"]["model"] for one in found if "engine" in one}
    assert models == {shipped().name, f"{shipped().name}+c1", f"{shipped().name}+c2"}


@given(st.integers(0, 2**32), st.sampled_from(LIMITS), OFTEN, OFTEN, st.sampled_from([0.01, 0.03]))
@settings(max_examples=6, phases=[Phase.generate])
def test_what_was_learnt_is_remembered(seed: int, limit: int, saves: float, tells: float, stops: float) -> None:
    worker = Worker(new_taught_shard, to_shard(limit), random.Random(seed))
    worker.run(saves, tells, min(stops, saves))
    assert worker.said == taught()


def half_way(make: Callable[[], Any], log: list[bytes]) -> tuple[Place[Any], list[Record]]:
    """A place that handled half of the log, and a checkpoint of it."""
    place = Place(make(), "release", [], 0)
    for offset in range(len(log) // 2):
        place.take(offset, log[offset])
        place.advance()
    return place, place.save()


STAGES = pytest.mark.parametrize(
    ("make", "log"), [(new_authors, to_authors), (new_shard, to_shard)], ids=["authors", "shard"]
)


@STAGES
def test_only_what_the_window_needs_is_read_again(make: Callable[[], Any], log: Callable[[int], list[bytes]]) -> None:
    every = log(LIMITS[0])
    was, topic = half_way(make, every)
    manifest = was.checkpoints.manifest
    assert manifest is not None
    assert 0 < manifest.start < manifest.applied == len(every) // 2 - 1
    place = Place(make(), "release", topic, manifest.start)
    assert place.left_to_fill == manifest.applied + 1 - manifest.start
    while place.is_filling:
        assert place.advance() is None
        assert not place.is_dirty
        assert place.take(place.next_offset, every[place.next_offset]) == 0
    assert place.next_offset == was.next_offset
    assert place.stage.needs_tick == was.stage.needs_tick
    assert not place.is_dirty
    place.take(place.next_offset, every[place.next_offset])
    assert place.is_dirty


@STAGES
def test_it_goes_on_in_the_middle_of_a_frame(make: Callable[[], Any], log: Callable[[int], list[bytes]]) -> None:
    """Though the window needs nothing of the log yet."""
    whole = max(log(LIMITS[-1]), key=lambda one: peek(one).rows)
    frame = Reassembly().feed(whole, 0)
    assert frame is not None
    parts = encode(frame, len(whole) - 20)
    place = Place(make(), "release", [], 0)
    place.take(0, parts[0])
    place = Place(make(), "release", place.save(), 0)
    taken = [place.take(offset, part) for offset, part in enumerate(parts)]
    assert len(parts) > 1
    assert taken == [0] * (len(parts) - 1) + [len(frame.batch)]


def test_a_source_that_ended_long_before_is_remembered_by_its_times() -> None:
    """Since when the log has run, and up to when it has come, is what its frames said, though none is read again."""
    ended, *_, goes_on = (frame for frame in frames() if len(frame.batch))
    mark = int(goes_on.batch["tick"].max()) + 1
    every = [
        Frame(0, ended.batch, END_TICK, 7_000, START_MS + 10**9),
        Frame(1, goes_on.batch, mark, 9_000, goes_on.newest_ms),
        Frame(1, Batch.empty(goes_on.batch.schema), END_TICK, 9_000, goes_on.newest_ms),
    ]
    log = [part for frame in every for part in encode(frame, LIMITS[-1])]
    told = []
    for restart in (False, True):
        place = Place(new_authors(), "release", [], 0)
        for offset in (0, 1):
            place.take(offset, log[offset])
            place.advance()
        if restart:
            place = Place(new_authors(), "release", place.save(), 1)
            assert place.next_offset == 1
            place.take(1, log[1])
        place.take(2, log[2])
        out = place.advance()
        assert out is not None
        told.append((out.begin_ms, out.newest_ms, out.mark_tick))
    assert told[0] == told[1] == (7_000, START_MS + 10**9, END_TICK)


@STAGES
def test_what_comes_again_is_left_aside_and_a_gap_is_not_passed_over(
    make: Callable[[], Any], log: Callable[[int], list[bytes]]
) -> None:
    every = log(LIMITS[0])
    place, _ = half_way(make, every)
    offset = place.next_offset
    assert [place.take(one, every[one]) for one in (0, offset - 1)] == [0, 0]
    with pytest.raises(GapError, match=f"message {offset + 1} came, {offset} is the next"):
        place.take(offset + 1, every[offset + 1])
    assert place.next_offset == offset


@STAGES
def test_a_log_that_begins_after_what_is_needed_is_refused_with_a_sentence(
    make: Callable[[], Any], log: Callable[[int], list[bytes]]
) -> None:
    was, topic = half_way(make, log(LIMITS[0]))
    manifest = was.checkpoints.manifest
    assert manifest is not None
    start = manifest.start
    with pytest.raises(StateError, match=f"begins at message {start + 1}, and message {start} is needed.* keep frames"):
        Place(make(), "release", topic, start + 1)


@pytest.mark.parametrize("make", [new_authors, new_shard], ids=["authors", "shard"])
def test_a_log_of_which_unhandled_messages_are_gone_is_refused_too(make: Callable[[], Any]) -> None:
    """Though nothing is needed to fill the window: the platform was silent for longer than that."""
    place = Place(make(), "release", [], 0)
    topic = place.save()
    assert Place(make(), "release", topic, 0).next_offset == 0
    with pytest.raises(StateError, match="begins at message 7, and message 0 is needed"):
        Place(make(), "release", topic, 7)


def test_a_checkpoint_of_other_sources_is_refused() -> None:
    log = to_shard(LIMITS[-1])
    _, topic = half_way(new_shard, log)
    place = Place(ShardStage(3, shipped(), Engine("1", "digest", "model"), "salt"), "release", topic, 0)
    while place.left_to_fill > 1:
        place.take(place.next_offset, log[place.next_offset])
    with pytest.raises(StateError, match="knows 2 sources, there are 3"):
        place.take(place.next_offset, log[place.next_offset])


def at(seconds: int, **given: Any) -> Event:
    return event(**{"time": START_MS + 1_000 * seconds, "target": "bob", "text": "zip", **given})


@pytest.mark.parametrize(("came_s", "gone"), [(59 * 60, True), (HOUR_S, True), (HOUR_S + 1, False), (61 * 60, False)])
@pytest.mark.parametrize("later_s", [61, 30 * 60, 58 * 60])
def test_what_was_taken_back_stays_out_of_a_window_that_is_filled_again(came_s: int, gone: bool, later_s: int) -> None:
    """It came up to an hour after its deletion, which was up to two hours ago."""
    chain = [
        at(0, id="d", type="delete", author="ann", parent="m", text=...),
        at(1, id="a", author="cid"),
        at(came_s, id="m", author="ann"),
        at(came_s, id="m", author="eve"),
        at(came_s + later_s, id="b", author="cid"),
    ]
    authors, log = AuthorsStage(0, 1, DUPLICATE_S), list[bytes]()
    ingest = Ingest(0)
    for one in chain:
        frame = ingest.push(Decoder().decode(Lines.numbered([json.dumps(one).encode()], "file")))
        if frame is not None:
            authors.feed(frame)
            out = authors.advance()
            log += [] if out is None else encode(out, LIMITS[-1])

    def new() -> ShardStage:
        return ShardStage(1, shipped(), Engine("1", "digest", "model"), "salt")

    place = Place(new(), "release", [], 0)
    for offset, message in enumerate(log):
        place.take(offset, message)
        place.advance()
    again = Place(new(), "release", place.save(), 0)
    while again.is_filling:
        again.take(again.next_offset, log[again.next_offset])
    assert texts(again.stage) == texts(place.stage)
    held = {text if isinstance(text, str) else type(text) for _, name, text in texts(again.stage) if name == "m"}
    assert held == ({Erased, "zip"} if gone else {"zip"})
