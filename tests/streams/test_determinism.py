"""The same events give the same alerts, byte for byte, however they are cut, repeated, shuffled or spread."""

import json
import random
from collections.abc import Callable
from functools import cache
from itertools import pairwise

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.alert import Revision
from detectors.learner import Decision, Feedback
from detectors.model import shipped
from graph.columns import Batch
from streams.frames import Frame
from streams.ingest import Ingest
from streams.runner import Runner
from streams.settings import Settings, load
from streams.simulate import simulate
from streams.stages.control import EPOCH_S
from streams.stages.order import TickBuffer
from streams.wire import Decoder, Lines

BATCH = 1000
START = 1_709_510_400_000


def in_order(revisions: list[Revision]) -> bytes:
    ordered = sorted(revisions, key=lambda one: (one.id, one.revision))
    return b"".join(one.body + b"\n" for one in ordered)


def alerts_of(
    lines: list[bytes],
    batch_size: int = BATCH,
    partitions: int = 1,
    settings: Settings | None = None,
    feedback: list[Feedback] | None = None,
) -> bytes:
    runner, decoder = Runner(settings or load(), partitions=partitions, feedback=feedback), Decoder()
    revisions = []
    for start in range(0, len(lines), batch_size):
        revisions += runner.push(decoder.decode(Lines.numbered(lines[start : start + batch_size], "file", start + 1)))
    return in_order(revisions + runner.end())


@cache
def lively() -> tuple[bytes, ...]:
    """An hour and a half in which much happens; some of what is said is taken back."""
    happens = ["bot_raid", "brigade", "thread_raid", "viral_joy", "ama"]
    return tuple(line.rstrip(b"\n") for line in simulate(11, 1.5, happens, pace=0.6).lines)


@cache
def short() -> tuple[bytes, ...]:
    """Half an hour with one attack and one harmless crowd."""
    return tuple(line.rstrip(b"\n") for line in simulate(5, 0.5, ["quote_pile_on", "viral_joy"], pace=0.3).lines)


@cache
def undisturbed() -> bytes:
    return alerts_of([*lively()])


@cache
def undisturbed_short() -> bytes:
    return alerts_of([*short()])


@cache
def taught_short() -> bytes:
    return alerts_of([*short()], feedback=[*decided(short)])


def time_of(line: bytes) -> int:
    return int(orjson.loads(line)["time"])


@pytest.mark.parametrize("lines", [lively, short])
def test_the_files_are_worth_comparing(lines: Callable[[], tuple[bytes, ...]]) -> None:
    found = [json.loads(line) for line in alerts_of([*lines()]).splitlines()]

    assert len({alert["id"] for alert in found}) >= 2
    assert max(alert["revision"] for alert in found) >= 3
    assert any(orjson.loads(line)["type"] == "delete" for line in lively())
    assert undisturbed_short() != taught_short()


def test_twice() -> None:
    assert alerts_of([*lively()]) == undisturbed()


@pytest.mark.parametrize("batch_size", [13, 997, 20_000])
def test_in_batches_of_another_size(batch_size: int) -> None:
    assert alerts_of([*lively()], batch_size) == undisturbed()


@pytest.mark.parametrize("later", [0, 1, 400])
def test_with_every_fifth_event_repeated(later: int) -> None:
    lines = [*lively()]
    times = list(map(time_of, lines))
    repeated = [(time + 1, float(at), line) for at, (time, line) in enumerate(zip(times, lines, strict=True))]
    for at in range(0, len(lines), 5):
        again = min(at + later, len(lines) - 1)
        # Never so much later that it would be late: that is another file.
        while times[again] - times[at] > 3000:
            again -= 1
        repeated.append((times[again] + 1, again + 0.5, lines[at]))
    events = [line for *_, line in sorted(repeated, key=lambda one: one[1])]

    assert len(events) > 1.19 * len(lines)
    assert alerts_of(events) == undisturbed()


@pytest.mark.parametrize("seed", [1, 2])
def test_shuffled_within_three_seconds(seed: int) -> None:
    chance = random.Random(seed)
    lines = sorted(lively(), key=lambda line: time_of(line) + chance.uniform(0, 3000))

    assert lines != [*lively()]
    assert alerts_of(lines, 1 + seed * 700) == undisturbed()


@pytest.mark.parametrize("partitions", [3, 8])
def test_in_several_partitions(partitions: int) -> None:
    assert alerts_of([*lively()], partitions=partitions) == undisturbed()


@cache
def decided(lines: Callable[[], tuple[bytes, ...]]) -> tuple[Feedback, ...]:
    """What two analysts say of every alert a minute after it was first told: one that all are harmless, one agrees with
    the verdict.
    """
    found = [json.loads(line) for line in alerts_of([*lines()]).splitlines()]
    decisions = []
    for alert in found:
        if alert["revision"] == 1:
            verdict = Decision.PILE_ON if alert["verdict"] == "pile_on" else Decision.NOT_PILE_ON
            for analyst, decision in (("calm", Decision.NOT_PILE_ON), ("loyal", verdict)):
                decisions.append(Feedback(alert["id"], 1, decision, "", analyst, alert["updated_at"] + 60_000))
    return tuple(sorted(decisions, key=lambda one: (one.time_ms, one.alert, one.analyst)))


@cache
def taught() -> bytes:
    return alerts_of([*lively()], feedback=[*decided(lively)])


def test_a_learner_to_whom_nobody_says_anything_changes_nothing() -> None:
    assert alerts_of([*lively()], feedback=[]) == undisturbed()


def test_what_was_learnt_is_named_in_the_alerts_after_it() -> None:
    found = [json.loads(line) for line in taught().splitlines()]
    models = {alert["engine"]["model"] for alert in found}

    assert len(models) >= 3
    assert min(models) == shipped().name
    assert all(model.startswith(f"{shipped().name}+c") for model in models - {shipped().name})
    first = min(one.time_ms for one in decided(lively))
    for alert in found:
        assert alert["updated_at"] >= first + 1000 * EPOCH_S or alert["engine"]["model"] == shipped().name


@pytest.mark.parametrize(("batch_size", "partitions"), [(13, 1), (20_000, 3), (997, 8)])
def test_with_decisions_in_any_batches_and_partitions(batch_size: int, partitions: int) -> None:
    assert alerts_of([*lively()], batch_size, partitions, feedback=[*decided(lively)]) == taught()


def crowd(start_ms: int, every_ms: int, count: int = 120, target: str | tuple[str, ...] = "ann") -> list[bytes]:
    """Strangers who address the same one or more, one after the other."""
    return [
        json.dumps(
            {
                "id": f"m{at:03}",
                "type": "mention",
                "time": start_ms + at * every_ms,
                "author": f"stranger-{at:03}",
                "author_home": "afar",
                "target": target,
                "text": f"said {at}",
            }
        ).encode()
        for at in range(count)
    ]


def taken_back(number: int, time_ms: int) -> bytes:
    """The deletion of one thing that the crowd said."""
    gone = {"id": "gone", "type": "delete", "time": time_ms, "author": f"stranger-{number:03}", "target": "ann"}
    return json.dumps({**gone, "parent": f"m{number:03}"}).encode()


@pytest.mark.parametrize(("number", "place"), [(10, 100), (30, 18)], ids=["afterwards", "beforehand"])
def test_when_something_is_taken_back(number: int, place: int) -> None:
    """Whether a text is erased before or after it is counted makes no difference to the digest of an alert."""
    lines = crowd(START, 5_000)
    lines.insert(place, taken_back(number, START + place * 5_000 - 2_500))

    assert alerts_of(lines)
    assert alerts_of(lines, 1) == alerts_of(lines)


@pytest.mark.parametrize("partitions", [3, 8])
def test_when_something_said_to_several_is_taken_back_for_one_of_them(partitions: int) -> None:
    lines = crowd(START, 5_000, target=("ann", "bob", "cat", "dan"))
    lines.insert(100, taken_back(99, START + 497_500))

    assert alerts_of(lines, partitions=partitions) == alerts_of(lines)


def test_when_the_very_first_events_are_shuffled() -> None:
    """How long the log has run, which tells whether an account that was never seen is new, follows from its times."""
    posts = [
        json.dumps({"id": name, "type": "post", "time": START + ms, "author": name}).encode()
        for name, ms in (("first", 0), ("second", 2_900))
    ]
    for seconds in range(-24, -14):
        lines = crowd(START + 3 * 86_400_000 + seconds * 1_000, 500, 60)
        assert alerts_of([*reversed(posts), *lines]) == alerts_of([*posts, *lines])


def cut(frame: Frame, at_ticks: list[int]) -> list[Frame]:
    """A frame as several with earlier marks between, each of whole ticks."""
    begin = int(frame.batch["tick"].min()) if len(frame.batch) else 0
    end = min(frame.mark_tick, int(frame.batch["tick"].max()) + 1) if len(frame.batch) else 0
    marks = sorted({begin + tick % max(1, end - begin) for tick in at_ticks} - {begin}) if end > begin + 1 else []
    frames, low = [], -1
    for mark in [*marks, frame.mark_tick]:
        tick = frame.batch["tick"]
        frames.append(frame._replace(batch=frame.batch.take((tick >= low) & (tick < mark)), mark_tick=mark))
        low = mark
    return frames


class Chance:
    """A day at the mercy of the network: sources in turns, batches and frames cut anyhow, some frames sent twice."""

    def __init__(self, data: st.DataObject, sources: int, partitions: int, feedback: list[Feedback] | None) -> None:
        self.runner = Runner(load(), sources=sources, partitions=partitions, feedback=feedback)
        self.chance = random.Random(data.draw(st.integers(0, 2**32), "chance"))
        self.ticks = data.draw(st.lists(st.integers(0, 600), max_size=4), "cuts of frames")
        self.twice = data.draw(st.booleans(), "frames sent twice")

    def run(self, lines: list[bytes], cuts: list[int]) -> bytes:
        sources = len(self.runner.ingests)
        of_source: list[list[bytes]] = [[] for _ in range(sources)]
        for line in lines:
            of_source[self.chance.randrange(sources)].append(line)
        waiting = []
        for source, mine in enumerate(of_source):
            edges = [0, *sorted(place % (len(mine) + 1) for place in cuts), len(mine)]
            waiting.append([(source, mine[low:high]) for low, high in pairwise(edges)])
        revisions: list[Revision] = []
        while any(waiting):
            source, part = self.chance.choice([queue for queue in waiting if queue]).pop(0)
            frame = self.runner.ingests[source].push(Decoder().decode(Lines.numbered(part)))
            revisions += [] if frame is None else self.hand_on(frame)
        for ingest in self.chance.sample(self.runner.ingests, sources):
            revisions += self.hand_on(ingest.end())
        return in_order(revisions)

    def hand_on(self, frame: Frame) -> list[Revision]:
        frames = cut(frame, self.ticks)
        if self.twice:
            frames = [*frames, frame]
        return [revision for one in frames for revision in self.runner.handle(one)]


@settings(max_examples=12)
@given(
    data=st.data(),
    sources=st.integers(1, 4),
    partitions=st.integers(1, 8),
    cuts=st.lists(st.integers(0, 10**6), max_size=8),
    learns=st.booleans(),
)
def test_however_it_is_cut_and_spread(
    data: st.DataObject, sources: int, partitions: int, cuts: list[int], learns: bool
) -> None:
    feedback = [*decided(short)] if learns else None
    expected = taught_short() if learns else undisturbed_short()
    assert Chance(data, sources, partitions, feedback).run([*short()], cuts) == expected


@given(
    times=st.lists(st.integers(0, 40_000), min_size=2, max_size=30),
    sources=st.integers(1, 4),
    data=st.data(),
)
def test_rows_leave_the_buffer_in_one_order(times: list[int], sources: int, data: st.DataObject) -> None:
    """By tick, time and id, whatever source they came by and however it was cut."""
    lines = [
        json.dumps({"id": f"e{at % 7}", "type": "post", "time": START + time, "author": f"a{at % 3}"}).encode()
        for at, time in enumerate(sorted(times))
    ]
    of_source = [data.draw(st.integers(0, sources - 1)) for _ in lines]
    told = []
    for number in (1, sources):
        buffer = TickBuffer(number, "part")
        batches: list[Batch] = []
        for source in range(number):
            mine = [line for line, owner in zip(lines, of_source, strict=True) if number == 1 or owner == source]
            ingest = Ingest(source)
            frame = ingest.push(Decoder().decode(Lines.numbered(mine)))
            for one in [*([] if frame is None else cut(frame, [3, 11])), ingest.end()]:
                buffer.feed(one)
                ticks = buffer.take()
                batches += [] if ticks is None or not ticks.batch.columns else [ticks.batch]
        rows = [
            row
            for batch in batches
            for row in zip(
                batch["tick"].tolist(),
                batch["time"].tolist(),
                batch["id"].tolist(),
                batch.strings("author"),
                strict=True,
            )
        ]
        told.append(rows)

    assert told[0] == told[1] == sorted(told[0])
    assert len(told[0]) == len(times)
