"""Ingest: lateness, the future, and frames of whole ticks, whatever the batches."""

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.columns import Batch
from graph.events import Flag
from streams.frames import END_TICK, Frame, compact
from streams.ingest import Ingest
from streams.wire import Decoder, Lines, Origin

START = 1_709_510_400_000
HOUR = 3_600_000


def lines_of(times: list[int], targets: int = 1) -> list[bytes]:
    return [
        json.dumps(
            {
                "id": f"e{at}",
                "type": "mention",
                "time": START + time,
                "author": f"a{at % 3}",
                "target": [f"t{part}" for part in range(targets)],
            }
        ).encode()
        for at, time in enumerate(times)
    ]


def run(lines: list[bytes], cuts: list[int], **options: Any) -> tuple[Ingest, list[Frame]]:
    ingest = Ingest(3, **options)
    frames = []
    edges = [0, *sorted(cuts), len(lines)]
    for start, stop in pairwise(edges):
        frame = ingest.push(Decoder().decode(Lines.numbered(lines[start:stop], "file", start + 1)))
        if frame is not None:
            frames.append(frame)
    frames.append(ingest.end())
    return ingest, frames


def told(frames: list[Frame]) -> list[tuple[Any, ...]]:
    """Every row of the frames, by tick, equal ticks as they came."""
    rows = [
        row
        for frame in frames
        for row in zip(
            frame.batch["tick"].tolist(),
            frame.batch["id"].tolist(),
            frame.batch["time"].tolist(),
            frame.batch["part"].tolist(),
            frame.batch["flags"].tolist(),
            frame.batch.strings("author"),
            frame.batch.strings("target"),
            strict=True,
        )
    ]
    return sorted(rows, key=lambda row: row[0])


def ids(frames: list[Frame]) -> list[str]:
    return sorted(row[1] for row in told(frames))


# Offsets in seconds from the start, what is refused.
FUTURE = {
    "the first is followed": ([0, 1], []),
    "the first lies in the future": ([9_000, 0, 1], ["e0"]),
    "two first ones lie in the future, each further back": ([90_000, 9_000, 0, 1], ["e0", "e1"]),
    "one is far ahead and not followed": ([0, 1, 9_000, 2, 3], ["e2"]),
    "one is far ahead and followed": ([0, 1, 9_000, 9_001], []),
    "one is far ahead and followed within an hour behind it": ([0, 1, 9_000, 5_401], []),
    "exactly an hour ahead is not far": ([0, 1, 3_601, 2], []),
    "two far ahead, the second further": ([0, 1, 9_000, 90_000, 2], ["e3"]),
    "two far ahead, the second nearer": ([0, 1, 90_000, 9_000, 2], ["e2", "e3"]),
    "the only row": ([0], []),
    "the last is far ahead, as none before it was": ([0, 1, 9_000], ["e2"]),
    "the last is far ahead, as one before it was": ([0, 1, 9_001, 18_001], []),
    "the last is further ahead than any before it": ([0, 1, 9_001, 18_002], ["e3"]),
    "the last is the first that is believed": ([9_000, 0], ["e0"]),
}


@pytest.mark.parametrize(("seconds", "refused"), FUTURE.values(), ids=FUTURE)
@pytest.mark.parametrize("cut", ["whole", "one by one"])
def test_the_future_is_refused_and_moves_nothing(seconds: list[int], refused: list[str], cut: str) -> None:
    lines = lines_of([second * 1_000 for second in seconds], targets=2)
    ingest, frames = run(lines, [] if cut == "whole" else list(range(len(lines))))
    assert [json.loads(refusal.raw)["id"] for refusal in ingest.refused] == refused
    assert {refusal.code for refusal in ingest.refused} <= {"future"}
    assert [refusal.origin for refusal in ingest.refused] == [Origin("file", int(name[1:]) + 1) for name in refused]
    kept = [second for at, second in enumerate(seconds) if f"e{at}" not in refused]
    assert frames[-1].newest_ms == START + max(kept) * 1_000
    assert ingest.accepted == len(kept)
    assert ingest.rows == sum(len(frame.batch) for frame in frames) == 2 * len(kept)
    assert frames[-1].begin_ms == START + min(kept) * 1_000


# Offsets in milliseconds, ticks from the start, which are late.
LATE = {
    "in order": ([0, 999, 1_000], [0, 0, 1], []),
    "out of order within the lateness": ([0, 5_000, 0, 5_999, 400], [0, 5, 0, 5, 0], []),
    "just too late": ([0, 6_000, 999], [0, 6, 1], [2]),
    "the mark is of the second": ([0, 5_999, 0], [0, 5, 0], []),
    "much too late": ([0, 60_000, 0, 54_999, 55_000], [0, 60, 55, 55, 55], [2, 3]),
}


@pytest.mark.parametrize(("offsets", "ticks", "late"), LATE.values(), ids=LATE)
def test_a_late_event_gets_the_first_tick_not_yet_sent(offsets: list[int], ticks: list[int], late: list[int]) -> None:
    ingest, frames = run(lines_of(offsets), list(range(len(offsets))))
    by_id = {row[1]: row for row in told(frames)}
    assert [by_id[f"e{at}"][0] - START // 1_000 for at in range(len(offsets))] == ticks
    assert [at for at in range(len(offsets)) if by_id[f"e{at}"][4] & Flag.LATE] == late
    assert [by_id[f"e{at}"][2] - START for at in range(len(offsets))] == offsets
    assert ingest.late == len(late)
    if late:
        assert ingest.first_late is not None
        assert ingest.first_late.event_id == f"e{late[0]}"
        assert ingest.first_late.origin == Origin("file", late[0] + 1)
    else:
        assert ingest.first_late is None


def test_allowed_lateness_is_a_setting() -> None:
    ingest, frames = run(lines_of([0, 6_000, 0]), [], allowed_lateness_ms=10_000)
    assert ingest.late == 0
    assert [row[0] for row in told(frames)] == [START // 1_000, START // 1_000, START // 1_000 + 6]


STEPS = st.one_of(st.integers(-8_000, 4_000), st.sampled_from([-2 * HOUR, 2 * HOUR, HOUR, -HOUR, 0]))


@given(st.lists(STEPS, max_size=30), st.lists(st.integers(0, 30), max_size=8), st.integers(1, 3))
def test_how_a_source_is_cut_into_batches_changes_nothing(steps: list[int], cuts: list[int], targets: int) -> None:
    times = np.cumsum(steps, dtype=np.int64).tolist()
    lines = lines_of(times, targets)
    whole, whole_frames = run(lines, [])
    parts, part_frames = run(lines, [min(cut, len(lines)) for cut in cuts])
    assert told(whole_frames) == told(part_frames)
    assert whole.refused == parts.refused
    assert whole.first_late == parts.first_late
    assert (whole.accepted, whole.late, whole.rows) == (parts.accepted, parts.late, parts.rows)
    assert whole_frames[-1].newest_ms == part_frames[-1].newest_ms
    assert whole_frames[-1].begin_ms == part_frames[-1].begin_ms
    assert whole.accepted + len(whole.refused) == len(lines)


@given(st.lists(STEPS, max_size=30), st.lists(st.integers(0, 30), max_size=30))
def test_frames_hold_whole_ticks(steps: list[int], cuts: list[int]) -> None:
    times = np.cumsum(steps, dtype=np.int64).tolist()
    _, frames = run(lines_of(times), [min(cut, len(times)) for cut in cuts])
    before = frames[-1].begin_ms // 1_000
    for frame in frames:
        ticks = frame.batch["tick"].tolist()
        assert all(before <= tick < frame.mark_tick for tick in ticks)
        assert frame.source == 3
        before = frame.mark_tick
    assert before == END_TICK


@given(st.lists(STEPS, max_size=30), st.lists(st.integers(0, 30), max_size=30))
def test_a_source_begins_with_the_earliest_tick_of_the_first_frame_that_has_rows(
    steps: list[int], cuts: list[int]
) -> None:
    times = np.cumsum(steps, dtype=np.int64).tolist()
    _, frames = run(lines_of(times), [min(cut, len(times)) for cut in cuts])
    begin_ms = -1
    for frame in frames:
        if begin_ms < 0 and len(frame.batch):
            begin_ms = int(frame.batch["tick"].min()) * 1_000
        assert frame.begin_ms == begin_ms
    ticks = [row[0] for row in told(frames)]
    assert begin_ms == (min(ticks) * 1_000 if ticks else -1)


@given(st.lists(st.tuples(st.integers(0, 60_000), st.integers(0, 4_999)), min_size=1, max_size=30))
def test_where_a_source_begins_does_not_depend_on_the_order_of_arrival(delayed: list[tuple[int, int]]) -> None:
    times = [time for time, _ in sorted(delayed, key=sum)]
    ingest, frames = run(lines_of(times), list(range(len(times))))
    assert ingest.late == 0
    assert frames[-1].begin_ms == (START + min(times)) // 1_000 * 1_000


def test_many_small_batches_within_a_tick_stay_in_order() -> None:
    lines = lines_of([0] * 300)
    _, frames = run(lines, list(range(300)))
    assert [row[1] for row in told(frames)] == [f"e{at}" for at in range(300)]


def test_a_source_without_rows_ends_all_the_same() -> None:
    ingest, frames = run([], [])
    assert [(len(frame.batch), frame.mark_tick, frame.begin_ms, frame.newest_ms) for frame in frames] == [
        (0, END_TICK, -1, -1)
    ]
    assert ingest.accepted == 0


def test_a_frame_carries_only_the_strings_of_its_rows() -> None:
    _, frames = run(lines_of([0, 60_000, 120_000]), [1, 2])
    for frame in frames:
        used = {*frame.batch.strings("author"), *frame.batch.strings("target")}
        assert used == set(frame.batch.pool)


def test_compacting_keeps_what_rows_say() -> None:
    batch = Batch(
        {"a": "code", "b": "code"}, {"a": np.array([3, -1], np.int32), "b": np.array([1, 3], np.int32)}, [*"wxyz"]
    )
    small = compact(batch)
    assert small.strings("a") == batch.strings("a")
    assert small.strings("b") == batch.strings("b")
    assert small.pool == ["x", "z"]
    assert small["a"].dtype == np.int32
