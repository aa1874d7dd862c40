"""The window: newcomers, first contacts and usual rates, row by row as a plain reading of each subject's rows."""

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.events import Flag
from graph.fading import BUCKET_S, FORGET_S
from graph.hashing import signed_hash
from graph.interactions import Act, Kind
from graph.memory import NEWCOMERS_KEPT
from graph.window import Window
from tests.graph.rows import EXACT_S, FAR, NEAR, SLOW_S, START, bystanders, many, streams
from tests.helpers import Row, batch_of, columns_of, cut

FORGET_BUCKETS = FORGET_S // BUCKET_S
TOLD = ("first", "newcomer", "slow_newcomer", "usual", "usual_square", "weight", "shown", "kin", "audience")


Said = dict[str, dict[str, Any]]
Crowded = set[tuple[str, str]]


def added(batches: list[list[Row]], freed_before: int = 0) -> tuple[Said, Crowded]:
    """What is told of every row, by id, and which subjects were ever crowded; memory is freed before this batch."""
    window = Window(EXACT_S, SLOW_S)
    said: Said = {}
    crowded: Crowded = set()
    for number, rows in enumerate(batches):
        if freed_before and number == freed_before:
            window.add(many(batches[number - 1][-1].tick))
        window.expire(rows[0].tick)
        result = window.add(batch_of(rows))
        ids = window.ring.column("id", result.numbers).tolist()
        for name in TOLD:
            for row_id, value in zip(ids, window.ring.column(name, result.numbers).tolist(), strict=True):
                said.setdefault(row_id, {})[name] = value
        for row_id, slow in zip(ids, result.slow.tolist(), strict=True):
            said[row_id]["slow"] = slow
        for key in result.subjects[result.crowded].tolist():
            crowded.add((window.strings[key >> 2], Kind(key & 3).name))
    return said, crowded


@dataclass
class Subject:
    """A subject's memory, plainly: its newcomers and shares by bucket since it is known."""

    since: int = 0
    half_life_s: int = 3 * 86400
    bucket: int | None = None
    came: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    counted: dict[int, float] = field(default_factory=dict)
    shares: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def faded(self, values: dict[int, float], bucket: int, half_life_s: int) -> float:
        return math.fsum(
            value * 0.5 ** ((bucket - when) * BUCKET_S / half_life_s) for when, value in values.items() if when < bucket
        )

    def weight(self, bucket: int) -> float:
        return math.fsum(0.5 ** (back * BUCKET_S / self.half_life_s) for back in range(1, bucket - self.since + 1))

    def close(self) -> None:
        """Count the newcomers of the last bucket, without what lies beyond four standard deviations."""
        last = self.bucket
        assert last is not None
        weight = max(1.0, self.weight(last))
        mean = self.faded(self.counted, last, self.half_life_s) / weight
        square = self.faded({when: n * n for when, n in self.counted.items()}, last, self.half_life_s) / weight
        spread = math.sqrt(max(square - mean * mean, mean))
        self.counted[last] = min(self.came[last], math.floor(mean + 4 * spread + 4 + 1e-9))

    def told(self, bucket: int) -> dict[str, float]:
        return {
            "usual": self.faded(self.counted, bucket, self.half_life_s),
            "usual_square": self.faded({when: n * n for when, n in self.counted.items()}, bucket, self.half_life_s),
            "weight": self.weight(bucket),
            "shown": self.faded(dict(self.shares), bucket, 6 * 3600),
        }


def reference(rows: list[Row]) -> tuple[Said, Crowded]:
    said: Said = {}
    crowded: Crowded = set()
    ties: dict[tuple[str, Kind, str], tuple[int, int]] = {}
    spoke: dict[tuple[str, Kind, str], int] = {}
    lately: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    subjects: dict[tuple[str, Kind], Subject] = {}
    came_from: dict[tuple[str, Kind], list[tuple[int, str]]] = defaultdict(list)
    for row in rows:
        told: dict[str, Any] = {"first": row.time, "newcomer": False, "slow_newcomer": False, "kin": 0, "audience": 0}
        here = (row.subject, row.kind)
        if row.author is not None and row.act in (Act.ADDRESS, Act.THREAD, Act.OWN, Act.SHARE, Act.REACTION):
            pair = (*here, row.author)
            first, last = ties.get(pair, (row.time, row.tick))
            if row.tick - last > FORGET_S:
                first = row.time
            ties[pair] = (first, row.tick)
            told["first"] = first
            if row.act is Act.ADDRESS and not row.flags & (Flag.BOT | Flag.STAFF):
                before = spoke.get(pair, -(10**12))
                spoke[pair] = row.tick
                told["newcomer"] = row.tick - before > EXACT_S
                told["slow_newcomer"] = row.tick - before > SLOW_S
        enough = {"newcomer": False, "slow_newcomer": False}
        for name, span in (("newcomer", EXACT_S), ("slow_newcomer", SLOW_S)):
            if told[name]:
                came = lately[row.subject, row.kind.name, name]
                came.append(row.tick)
                enough[name] = sum(tick > row.tick - span for tick in came) >= NEWCOMERS_KEPT
        if enough["newcomer"]:
            crowded.add((row.subject, row.kind.name))
        told["slow"] = enough["slow_newcomer"]
        bucket = row.tick // BUCKET_S
        half_life_s = 3 * 3_600 if row.kind is Kind.THREAD else 3 * 86_400
        subject = subjects.setdefault(here, Subject(bucket, half_life_s))
        if subject.bucket is not None and bucket - subject.bucket > FORGET_BUCKETS:
            subject = subjects[here] = Subject(bucket, half_life_s)
        if subject.bucket is not None and bucket > subject.bucket:
            subject.close()
        subject.bucket = bucket
        subject.came[bucket] += told["newcomer"]
        subject.shares[bucket] += row.act is Act.SHARE
        told |= subject.told(bucket)
        if told["newcomer"] and row.home is not None and row.kind is Kind.ACCOUNT:
            for name, wanted in (("kin", {row.home}), ("audience", {"north", "south"})):
                told[name] = math.fsum(
                    0.5 ** ((bucket - when) * BUCKET_S / (14 * 86400))
                    for when, home in came_from[here]
                    if when < bucket and home in wanted
                )
            came_from[here].append((bucket, row.home))
        said[row.id] = told
    return said, crowded


@given(streams(NEAR), st.data())
def test_it_tells_what_a_plain_reading_would(rows: list[Row], data: st.DataObject) -> None:
    said, crowded = added(cut(rows, data))
    expected, expected_crowded = reference(rows)
    assert crowded == expected_crowded
    for row in rows:
        assert said[row.id] == pytest.approx(expected[row.id], rel=1e-6, abs=1e-6), row


@given(streams(NEAR) | streams(FAR), st.data())
def test_batches_cannot_be_seen(rows: list[Row], data: st.DataObject) -> None:
    assert added(cut(rows, data)) == added([rows])


@given(streams(FAR), st.data())
@settings(max_examples=20)
def test_freeing_memory_changes_nothing(rows: list[Row], data: st.DataObject) -> None:
    batches = cut(rows, data)
    freed_before = data.draw(st.integers(1, max(1, len(batches) - 1)))
    assert added(batches, freed_before) == added(batches)


@pytest.mark.parametrize("gap", [FORGET_S - 1, FORGET_S, FORGET_S + 1, FORGET_S + 5, FORGET_S + 595, FORGET_S + 600])
@pytest.mark.parametrize("second", [0, 3, 599])
def test_a_subject_is_forgotten_at_the_same_tick_whether_or_not_memory_was_freed(gap: int, second: int) -> None:
    first = START // BUCKET_S * BUCKET_S + second
    rows = [Row(first - 86_400, "x", "a", "e0"), Row(first, "x", "a", "e1"), Row(first + gap, "x", "a", "e2")]
    batches = [rows[:2], rows[2:]]
    assert added(batches, freed_before=1) == added(batches)
    assert added(batches)[0]["e2"]["first"] == rows[0 if gap <= FORGET_S else 2].time


def test_a_first_contact_is_forgotten_with_the_tie_alone() -> None:
    """Somebody else keeps the subject in memory."""
    rows = [
        Row(START, "x", "a", "e0"),
        Row(START + FORGET_S, "x", "b", "e1"),
        Row(START + FORGET_S + 1, "x", "a", "e2"),
    ]
    said, _ = added([[row] for row in rows])
    assert said["e2"]["first"] == rows[2].time
    assert said["e2"]["weight"] > 0


def test_rows_of_a_subject_are_chained_and_leave_with_the_exact_window() -> None:
    window = Window(EXACT_S, SLOW_S)
    numbers = {}
    for number in range(6):
        tick = START + 1_000 * number
        result = window.add(batch_of([Row(tick, name, "a", f"{name}{number}") for name in ("y", "x")]))
        window.expire(tick)
        for at, key in enumerate(result.subjects.tolist()):
            numbers[window.strings[key >> 2]] = int(result.numbers[result.ends[at] - 1])
    for name, number in numbers.items():
        assert window.ring.column("id", window.ring.chain(number)).tolist() == [f"{name}{at}" for at in (2, 3, 4, 5)]


def test_memory_is_bounded_by_what_was_heard_of_lately() -> None:
    window = Window(EXACT_S, SLOW_S)
    for wave in range(3):
        tick = START + wave * (FORGET_S + 1)
        rows = [Row(tick, f"{wave} {row.subject}", f"{wave} {row.author}", row.id) for row in bystanders(tick)]
        window.add(batch_of(rows))
        window.expire(tick)
        assert (window.subjects, window.ties) == (22_000, 22_000)
        assert len(window.strings) <= 2 * 66_000


def test_a_row_tells_by_a_hash_what_it_answers() -> None:
    window = Window(EXACT_S, SLOW_S)
    rows = [
        {"tick": START, "subject": "x", "id": f"e{at}", "parent": parent} for at, parent in enumerate(["p", None, "p"])
    ]
    numbers = window.add(columns_of(rows)).numbers
    assert window.ring.column("answers", numbers).tolist() == [signed_hash("p"), 0, signed_hash("p")]
