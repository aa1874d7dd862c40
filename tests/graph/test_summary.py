"""The summary of two days: counts and a sample as a plain reading of the rows gives them, however they were cut."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.fading import FORGET_S
from graph.hashing import stable_hash
from graph.interactions import Act
from graph.memory import NEWCOMERS_KEPT
from graph.summary import BLOCK_S, HOUR_S, LONGEST_S, SAMPLE, Summary, newcomers
from graph.window import Window
from tests.helpers import Row, batch_of, cut

START = 5 * FORGET_S
SPANS = (6 * HOUR_S, LONGEST_S)


class Kept:
    """The summary of subject x, and what it told at the end of each tick in which a newcomer came to it."""

    def __init__(self, batches: list[list[Row]]) -> None:
        self.summary = Summary()
        self.noted: dict[str, bool] = {}
        self.told: dict[int, tuple[Any, ...]] = {}
        window = Window(HOUR_S, LONGEST_S)
        for batch in batches:
            added = window.add(batch_of(batch))
            came = window.ring.column("slow_newcomer", added.numbers)
            said = newcomers(window, added.numbers[came], added.slow[came], added.early)
            for at, (tick, name) in enumerate(zip(said.tick, said.id, strict=True)):
                noted = self.noted[name] = self.summary.note(said, at)
                self.told[tick] = tuple(self._tell(tick)) if noted else ()
            window.expire(batch[-1].tick + 1)

    def _tell(self, tick: int) -> Iterator[Any]:
        for span in SPANS:
            yield self.summary.count(tick, span)
            yield self.summary.usual(tick, span)
            yield self.summary.sampled(tick, span)

    def sampled(self, tick: int, span: int = LONGEST_S) -> list[str]:
        at = 3 * SPANS.index(span) + 2
        return [one.order[1] for one in self.told[tick][at]] if self.told[tick] else []


@dataclass
class Plain:
    """The same, read plainly from all rows."""

    noted: dict[str, bool] = field(default_factory=dict)
    hours: dict[int, dict[int, int]] = field(default_factory=dict)
    came: list[tuple[int, str]] = field(default_factory=list)


def plain(rows: list[Row]) -> Plain:
    """Which rows are noted; by tick, how many newcomers were counted in each hour so far; who was noted when."""
    found = Plain()
    spoke: dict[str | None, int] = {}
    came: list[int] = []
    hours: dict[int, int] = {}
    for row in rows:
        if row.act is not Act.ADDRESS:
            continue
        before, spoke[row.author] = spoke.get(row.author), row.tick
        if before is not None and row.tick - before <= LONGEST_S:
            continue
        if came and row.tick - came[-1] > LONGEST_S:
            hours = {}
        came.append(row.tick)
        enough = sum(tick > row.tick - LONGEST_S for tick in came) >= NEWCOMERS_KEPT
        found.noted[row.id] = bool(hours) or enough
        if found.noted[row.id]:
            counted = [row.tick] if hours else came[-NEWCOMERS_KEPT:]
            hours = dict(Counter(hours) + Counter(tick // HOUR_S for tick in counted))
            found.came.append((row.tick, row.id))
        found.hours[row.tick] = hours
    return found


def lowest(ids: list[str]) -> set[str]:
    return set(sorted(ids, key=lambda name: (stable_hash(name), name))[:SAMPLE])


@st.composite
def streams(draw: st.DrawFn, gaps: st.SearchStrategy[int]) -> list[Row]:
    """Bursts of people who were there before or not, some of whom only share."""
    tick, rows, name = START + draw(st.integers(0, HOUR_S)), list[Row](), draw(st.integers(0, 10**6))
    for size, again, act, gap, apart in draw(
        st.lists(
            st.tuples(
                st.integers(1, 40),
                st.booleans(),
                st.sampled_from([Act.ADDRESS] * 4 + [Act.SHARE]),
                gaps,
                st.sampled_from([0, 1, 60]),
            ),
            min_size=1,
            max_size=9,
        )
    ):
        tick += gap
        for number in range(size):
            author = f"again{number}" if again else f"a{name + len(rows)}"
            rows.append(Row(tick, "x", author, f"e{name + len(rows)}", act))
            tick += apart
    return rows


HOURS = st.sampled_from([0, 1, 600, 3_599, 3_600, 3_601, 4 * 3_600])
DAYS = HOURS | st.sampled_from([20 * 3_600, 47 * 3_600, LONGEST_S - 1, LONGEST_S, LONGEST_S + 1, 3 * LONGEST_S])


@given(streams(DAYS), st.data())
@settings(max_examples=60)
def test_batches_cannot_be_seen(rows: list[Row], data: st.DataObject) -> None:
    parts, whole = Kept(cut(rows, data)), Kept([rows])
    assert parts.noted == whole.noted
    assert parts.told == whole.told


@given(streams(DAYS))
@settings(max_examples=60)
def test_it_counts_by_the_hour_what_a_plain_reading_would(rows: list[Row]) -> None:
    kept, expected = Kept([rows]), plain(rows)
    assert kept.noted == expected.noted
    for tick, told in kept.told.items():
        counts = [told[0], told[3]] if told else [0, 0]
        assert counts == [
            sum(count for hour, count in expected.hours[tick].items() if hour > (tick - span) // HOUR_S)
            for span in SPANS
        ]


@given(streams(DAYS))
@settings(max_examples=60)
def test_the_sample_has_of_every_six_hours_the_newcomers_with_the_lowest_hashes(rows: list[Row]) -> None:
    kept, expected = Kept([rows]), plain(rows)
    for tick in kept.told:
        blocks: dict[int, list[str]] = {}
        when = {name: at for at, name in expected.came if at <= tick}
        for name, at in when.items():
            blocks.setdefault(at // BLOCK_S, []).append(name)
        chosen = {name for names in blocks.values() for name in lowest(names)}
        for span in SPANS:
            assert set(kept.sampled(tick, span)) == {name for name in chosen if when[name] > tick - span}


def every(seconds: int, count: int, start: int = START, prefix: str = "a") -> list[Row]:
    return [Row(start + at * seconds, "x", f"{prefix}{at}", f"{prefix}-{at}") for at in range(count)]


SPREADS = {
    "at once": every(0, NEWCOMERS_KEPT),
    "in an hour": every(300, NEWCOMERS_KEPT),
    "just within two days": every((LONGEST_S - 1) // (NEWCOMERS_KEPT - 1), NEWCOMERS_KEPT),
}


@pytest.mark.parametrize("rows", SPREADS.values(), ids=SPREADS)
def test_from_so_many_newcomers_on_it_takes_note(rows: list[Row]) -> None:
    kept = Kept([rows])
    assert list(kept.noted.values()) == [False] * (NEWCOMERS_KEPT - 1) + [True]
    assert kept.told[rows[-1].tick][3] == NEWCOMERS_KEPT


def test_so_many_over_more_than_two_days_are_nothing() -> None:
    assert not any(Kept([every(LONGEST_S // (NEWCOMERS_KEPT - 1) + 1, 60)]).noted.values())


def test_who_speaks_all_the_time_is_counted_once_in_two_days() -> None:
    rows = [
        Row(row.tick + second, "x", row.author, f"{row.id}-{second}")
        for row in every(60, NEWCOMERS_KEPT + 2)
        for second in (0, 5)
    ]
    kept = Kept([rows])
    assert kept.told[rows[-2].tick][3] == NEWCOMERS_KEPT + 2
    assert len(kept.sampled(rows[-2].tick)) == 3


@pytest.mark.parametrize(("silence", "noted"), [(LONGEST_S, True), (LONGEST_S + 1, False)])
def test_all_is_forgotten_after_two_days_of_silence(silence: int, noted: bool) -> None:
    rows = every(60, 20)
    rows += every(0, 1, rows[-1].tick + silence, "b")
    kept = Kept([rows])
    assert kept.noted["b-0"] is noted
    rows += every(0, NEWCOMERS_KEPT - 1, rows[-1].tick, "c")
    again = Kept([rows])
    assert again.told[rows[-1].tick][3] == NEWCOMERS_KEPT
    assert all(name.startswith(("b", "c")) for name in again.sampled(rows[-1].tick))


def test_what_was_usual_is_from_before_the_crowd() -> None:
    """Days of one newcomer in two hours, then one in five minutes for five hours."""
    days = every(2 * HOUR_S, 60)
    crowd = every(300, 60, days[-1].tick + 2 * HOUR_S, "b")
    kept = Kept([*([row] for row in days), crowd])
    before, after = kept.told[days[-1].tick][1], kept.told[crowd[-1].tick][1]
    assert before.total / before.weight == pytest.approx(1 / 12, rel=0.1)
    assert after.total / after.weight == pytest.approx(1 / 12, rel=0.1)


def test_a_crowd_is_the_sample_in_order_and_the_number_counted() -> None:
    rows = [Row(row.tick, "x", row.author, row.id, home="north") for row in every(90, 200)]
    tick = rows[-1].tick
    summary = Kept([rows]).summary
    crowd = summary.crowd(tick, LONGEST_S)
    assert (crowd.total, len(crowd)) == (200, SAMPLE)
    assert set(crowd.event) == lowest([row.id for row in rows[NEWCOMERS_KEPT - 1 :]])
    of = {row.id: row for row in rows}
    assert crowd.account == [of[name].author for name in crowd.event]
    assert crowd.time.tolist() == [of[name].time for name in crowd.event] == sorted(crowd.time.tolist())
    assert crowd.first.tolist() == crowd.time.tolist()
    assert crowd.home == ["north"] * SAMPLE
    lately = summary.crowd(tick, SPANS[0])
    assert lately.total == 200 == summary.count(tick, SPANS[0])


def test_of_hours_that_overlap_the_one_with_most_people_at_each_other_counts() -> None:
    summary = Summary()
    for after_s, mutual, defenders in (
        (0, 3, 1),
        (1_800, 2, 1),
        (2_000, 5, 0),
        (2_000 + HOUR_S, 1, 1),
        (2 * HOUR_S, 0, 0),
    ):
        summary.note_sides(START + after_s, mutual, defenders)
    assert summary.sides(START + 2 * HOUR_S, LONGEST_S) == (6, 1)
    assert summary.sides(START + 2 * HOUR_S, HOUR_S) == (1, 1)
    again = Summary()
    again.state = summary.state
    assert again.sides(START + 2 * HOUR_S, LONGEST_S) == (6, 1)
    summary.note_sides(START + 2_000 + LONGEST_S, 2, 0)
    assert summary.sides(START + 2_000 + LONGEST_S, 2 * LONGEST_S) == (3, 1)
