"""A source partition gives the same ticks however its messages are taken and wherever it is begun again."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.detection import Summary
from streams.frames import Frame
from streams.settings import Settings
from streams.stages.order import TickBuffer
from streams.workers.source import Message, SourcePartition
from tests.helpers import START_MS, event

Rows = list[tuple[int, int, str, int]]
APPENDED_MS = START_MS + 10**9


def source(offset: int | None = None, metadata: str = "", **given: Any) -> SourcePartition:
    return SourcePartition(
        Settings(**given), 0, "comments/0", offset=offset, metadata=metadata, beginning=0, summary=Summary()
    )


def message(offset: int, *times_ms: int, is_end: bool = False) -> Message:
    events = [event(id=f"e{offset}.{number}", time=time_ms) for number, time_ms in enumerate(times_ms)]
    body = b"" if is_end else json.dumps(events).encode()
    return Message(offset, APPENDED_MS, body, is_end)


class Reader:
    """What a stage makes of frames: the rows of complete ticks, in order."""

    def __init__(self) -> None:
        self.buffer = TickBuffer(1, "part")
        self.rows: Rows = []

    def feed(self, frames: list[Frame]) -> None:
        for frame in frames:
            self.buffer.feed(frame)
            ticks = self.buffer.take()
            if ticks is not None and ticks.batch.columns:
                batch = ticks.batch
                self.rows += zip(
                    batch["tick"].tolist(),
                    batch["time"].tolist(),
                    batch["id"].tolist(),
                    batch["flags"].tolist(),
                    strict=True,
                )


steps = st.lists(st.integers(-9_000, 7_000), min_size=1, max_size=3)


@given(st.lists(steps, min_size=1, max_size=25), st.data())
@settings(deadline=None)
def test_a_restart_changes_nothing(messages_steps: list[list[int]], data: st.DataObject) -> None:
    now = START_MS
    log: list[Message] = []
    for offset, gaps in enumerate(messages_steps):
        times = []
        for gap in gaps:
            now = max(START_MS, now + gap)
            times.append(now)
        if data.draw(st.integers(0, 9)) == 9:
            times.append(now + 2 * 3_600_000)
        log.append(message(offset, *times))
    log.append(message(len(log), is_end=True))
    plain, expected = source(), Reader()
    expected.feed(plain.take(log)[0])

    found, ours = Reader(), source()
    committed, restarts = ours.position, 4
    while ours.next_offset < len(log):
        count = 1 + data.draw(st.integers(0, 4))
        frames, _ = ours.take(log[ours.next_offset : ours.next_offset + count])
        found.feed(frames)
        if data.draw(st.booleans()):
            committed = ours.position
        if restarts and not ours.ended and data.draw(st.booleans()):
            ours, restarts = source(*committed), restarts - 1
    assert found.rows == expected.rows


@given(st.lists(st.integers(0, 3_000), min_size=1, max_size=12), st.data())
@settings(deadline=None)
def test_what_the_clock_said_holds_after_a_restart(gaps: list[int], data: st.DataObject) -> None:
    """The clock moves the source on at some point of the log; a restart before that point judges as before."""
    now, log = START_MS, []
    for offset, gap in enumerate(gaps):
        now += gap
        log.append(message(offset, now))
    log.append(message(len(log), is_end=True))
    at = data.draw(st.integers(0, len(gaps)))
    mark = (START_MS + data.draw(st.integers(-2_000, 20_000))) // 1000

    found, ours = Reader(), source()
    found.feed(ours.take(log[:at])[0])
    ours.carry(mark)
    committed = ours.position
    found.feed(ours.carried())
    again, after = Reader(), source(*committed)
    again.buffer = found.buffer
    first = list(found.rows)
    again.feed(after.carried())
    again.feed(after.take(log[after.next_offset :])[0])

    undisturbed, whole = Reader(), source()
    undisturbed.feed(whole.take(log[:at])[0])
    whole.carry(mark)
    undisturbed.feed(whole.carried())
    undisturbed.feed(whole.take(log[at:])[0])
    assert first + again.rows == undisturbed.rows


def test_nothing_is_committed_past_what_waits() -> None:
    ours = source()
    ours.take([message(0, START_MS, START_MS + 1_000)])
    ours.take([message(1, START_MS + 4_000)])
    assert ours.position[0] == 0
    ours.take([message(2, START_MS + 20_000)])
    assert ours.position[0] == 2


def test_an_event_ahead_of_its_append_time_is_refused_and_moves_nothing() -> None:
    ours = source()
    good, ahead = message(0, START_MS, START_MS + 1_000), message(1, APPENDED_MS + 61_000)
    _, refusals = ours.take([good, ahead, message(2, START_MS + 2_000)])
    assert [(one.code, one.origin.line) for one in refusals] == [("future", 1)]
    assert ours.ingest.clock.newest_ms == START_MS + 2_000


def test_after_its_end_a_source_takes_nothing_and_says_so() -> None:
    ours = source()
    frames, _ = ours.take([message(0, START_MS), message(1, is_end=True)])
    assert len(frames[-1].batch) == 1
    again = source(*ours.position)
    frames, refusals = again.take([message(2, START_MS + 1_000), message(3, is_end=True)])
    assert frames == []
    assert [one.code for one in refusals] == ["after_end"]


def test_no_row_is_lost_when_the_clock_speaks_twice_before_it_is_heard() -> None:
    ours, found = source(), Reader()
    found.feed(ours.take([message(0, START_MS, START_MS + 1_000), message(1, START_MS + 4_000)])[0])
    ours.carry(START_MS // 1000 + 2)
    ours.carry(START_MS // 1000 + 60)
    found.feed(ours.carried())
    assert [name for _, _, name, _ in found.rows] == ["e0.0", "e0.1", "e1.0"]
