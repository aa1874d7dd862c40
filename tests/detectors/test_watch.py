"""A watched subject: what passes the gate, when it is looked at, and what a look may see."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.look import Finding, is_elsewhere
from detectors.model import shipped
from detectors.reading import Reader
from detectors.surge import OPEN_AT_ACCOUNT, OPEN_EVIDENCE, WINDOWS_S, usual_of
from detectors.watch import Watch
from graph.fading import FORGET_S
from graph.interactions import Act, Kind
from graph.memory import NEWCOMERS_KEPT
from graph.window import Window
from streams.stages.attributing import reading_with
from tests.helpers import Row, batch_of, columns_of, cut

START = 5 * FORGET_S
READ = reading_with(Reader(None))
HOUR_S, DAY_S = 3_600, 86_400


class Watched:
    """Subject x from its first row on, as it is known to one who takes its rows in these batches."""

    def __init__(self, *batches: list[Row]) -> None:
        self.window = Window(WINDOWS_S[-1], 48 * HOUR_S)
        self.passed: list[int] = []
        self.watch: Watch | None = None
        for batch in batches:
            self.add(batch)

    def add(self, rows: list[Row]) -> list[int]:
        """The ticks of these rows at which the gate let it pass; what they cannot want has left."""
        if self.watch is not None:
            self.window.expire(rows[0].tick)
            self.watch.expire()
        added = self.window.add(batch_of(rows))
        if self.watch is None:
            self.watch = Watch(self.window, int(added.subjects[0]), shipped(), READ)
        passed: list[int] = self.watch.add(added.numbers).tolist()
        self.passed += passed
        return passed

    def due(self, tick: int, under_way: bool) -> bool:
        assert self.watch is not None
        return self.watch.due(tick, under_way)

    def look(self, tick: int, since: Finding | None = None) -> Finding:
        assert self.watch is not None
        return self.watch.look(tick, since, 30 * 1000 * DAY_S)


def people(count: int, tick: int = START, apart_s: int = 0, prefix: str = "a", home: str | None = None) -> list[Row]:
    return [Row(tick + at * apart_s, "x", f"{prefix}{at}", f"{prefix}-{at}", home=home) for at in range(count)]


def seen(finding: Finding) -> tuple[Any, ...]:
    scene = finding.scene
    return (
        (finding.judgement, finding.signals, finding.strangers, finding.origins, finding.groups),
        (scene.onset_ms, scene.crowd.event, scene.around, scene.audience, scene.surge, scene.usual),
    )


GAPS = st.sampled_from([0, 0, 0, 1, 5, 59, 60, 599, 600, 3_599, 3_600, 3_601])
STREAMS = st.lists(st.tuples(st.integers(1, 12), GAPS, st.booleans()), min_size=1, max_size=15)


def rows_of(steps: list[tuple[int, int, bool]]) -> list[Row]:
    tick, rows = START, list[Row]()
    for count, gap, again in steps:
        tick += gap
        rows += people(count, tick, prefix="again" if again else f"{len(rows)}-")
    return [Row(row.tick, "x", row.author, f"e{at}") for at, row in enumerate(rows)]


@given(STREAMS, st.data())
@settings(max_examples=60)
def test_batches_cannot_be_seen_at_the_gate(steps: list[tuple[int, int, bool]], data: st.DataObject) -> None:
    rows = rows_of(steps)
    assert Watched(*cut(rows, data)).passed == Watched(rows).passed


@given(STREAMS)
@settings(max_examples=60)
def test_nothing_passes_but_a_crowd_beyond_the_usual(steps: list[tuple[int, int, bool]]) -> None:
    rows = rows_of(steps)
    window = Window(WINDOWS_S[-1], 48 * HOUR_S)
    added = window.add(batch_of(rows))
    passed = Watch(window, int(added.subjects[0]), shipped(), READ).add(added.numbers).tolist()
    said = window.ring.rows(added.numbers)
    came = said["tick"][said["newcomer"]]
    assert passed == sorted(set(passed))
    for tick in passed:
        at = int(np.flatnonzero(said["tick"] == tick)[-1])
        prior = shipped().population.rates["account"]
        usual = usual_of(float(said["usual"][at]), 0.0, float(said["weight"][at]), prior)
        crowds = {span: int(((came > tick - span) & (came <= tick)).sum()) for span in WINDOWS_S}
        assert any(
            count >= NEWCOMERS_KEPT and count > usual.expected(span) + 2 * usual.spread(span)
            for span, count in crowds.items()
        )


def test_so_many_at_once_at_an_unknown_account_pass_one_less_does_not() -> None:
    assert Watched(people(NEWCOMERS_KEPT)).passed == [START]
    assert Watched(people(NEWCOMERS_KEPT - 1)).passed == []


def test_what_comes_every_day_does_not_pass_three_times_as_many_do() -> None:
    days = people(3 * 24 * 12, apart_s=300)
    watched = Watched(days)
    last = days[-1].tick
    assert all(tick < START + DAY_S for tick in watched.passed)
    more = people(72, last + 100, apart_s=100, prefix="b")
    assert watched.add(more)


def crowded(count: int = 20) -> Watched:
    return Watched(people(count))


def test_it_is_looked_at_again_when_the_crowd_has_grown() -> None:
    watched = crowded()
    assert watched.due(START, under_way=False)
    watched.look(START)
    assert not watched.due(START, under_way=True)
    watched.add(people(1, START + 1, prefix="b"))
    assert not watched.due(START + 1, under_way=True)
    watched.add(people(7, START + 2, prefix="c"))
    assert watched.due(START + 2, under_way=True)


@pytest.mark.parametrize(
    ("size", "intercept", "looks"), [(20, -99.0, False), (20, 0.0, True), (29, 0.0, True), (30, 0.0, False)]
)
def test_of_a_small_crowd_in_doubt_two_more_bring_a_look(size: int, intercept: float, looks: bool) -> None:
    model = shipped()
    watched = crowded(size)
    assert watched.watch is not None
    watched.watch.use(replace(model, silent=replace(model.silent, intercept=intercept)))
    watched.look(START)
    watched.add(people(1, START + 1, prefix="b"))
    assert not watched.due(START + 1, under_way=True)
    watched.add(people(1, START + 2, prefix="c"))
    assert watched.due(START + 2, under_way=True) is looks


def test_or_when_five_minutes_passed() -> None:
    watched = crowded()
    watched.look(START)
    watched.add(people(1, START + 299, prefix="b"))
    watched.add(people(1, START + 300, prefix="c"))
    assert not watched.due(START + 299, under_way=True)
    assert watched.due(START + 300, under_way=True)


@pytest.mark.parametrize("text", [None, "hello there"])
def test_a_crowd_that_would_be_no_case_is_looked_at_only_while_one_is_under_way(text: str | None) -> None:
    """Four an hour for three days, then a crowd in an hour."""
    days = people(3 * 96, apart_s=900)
    crowd = people(NEWCOMERS_KEPT, days[-1].tick + 1_800, apart_s=250, prefix="b")
    watched = Watched(days, [replace(one, text=text) for one in crowd])
    tick = days[-1].tick + 1_800 + (NEWCOMERS_KEPT - 1) * 250
    assert watched.look(tick).scene.surge.evidence < OPEN_AT_ACCOUNT
    assert not watched.due(tick + 900, under_way=False)
    assert watched.due(tick + 900, under_way=True)


@pytest.mark.parametrize(("text", "due"), [(None, False), ("hello there", True)])
def test_whoever_speaks_is_looked_at_though_fewer_came(text: str | None, due: bool) -> None:
    """Four an hour for three days, then one in 100 seconds: what they say may tell what their number does not."""
    days = people(3 * 96, apart_s=900)
    crowd = people(NEWCOMERS_KEPT, days[-1].tick + 1_800, apart_s=100, prefix="b")
    watched = Watched(days, [replace(one, text=text) for one in crowd])
    tick = crowd[-1].tick
    assert watched.due(tick, under_way=False) is due
    assert OPEN_EVIDENCE <= watched.look(tick).scene.surge.evidence < OPEN_AT_ACCOUNT


@given(STREAMS, STREAMS)
@settings(max_examples=40)
def test_a_look_sees_nothing_from_after_its_tick(
    steps: list[tuple[int, int, bool]], later: list[tuple[int, int, bool]]
) -> None:
    """Though later rows may be in the window already when it is taken."""
    rows = rows_of([(12, 0, False), *steps])
    tick = rows[-1].tick
    more = [
        Row(row.tick - START + tick + 1, "x", f"later {row.author}", f"later {row.id}", home="far")
        for row in rows_of(later)
    ]
    assert seen(Watched([*rows, *(row for row in more if row.tick <= tick + 600)]).look(tick)) == seen(
        Watched(rows).look(tick)
    )


def test_what_was_usual_before_a_case_is_kept_while_it_is_under_way() -> None:
    watched = Watched(people(20, apart_s=10, home="far"))
    opening = watched.look(START + 190)
    watched.add(people(60, START + 1_300, apart_s=50, prefix="b", home="far"))
    tick = START + 1_300 + 59 * 50
    going_on, afresh = watched.look(tick, opening), watched.look(tick)
    assert (going_on.scene.usual, going_on.scene.audience) == (opening.scene.usual, opening.scene.audience)
    assert going_on.newcomers == 60
    assert afresh.scene.usual.mean > opening.scene.usual.mean


def test_the_onset_is_where_the_crowd_began_not_where_the_hour_did() -> None:
    few, crowd = people(3, apart_s=600), people(30, START + 3_000, apart_s=5, prefix="b")
    finding = Watched([*few, *crowd]).look(crowd[-1].tick)
    assert finding.scene.onset_ms == 1000 * crowd[0].tick
    assert finding.newcomers == 30
    assert finding.scene.kind is Kind.ACCOUNT


ADDRESSED = st.lists(st.sampled_from(["host", "guest", "third", None]), min_size=12, max_size=40)


@given(ADDRESSED, ADDRESSED, st.sampled_from(Kind))
@settings(max_examples=60)
def test_a_crowd_that_belongs_elsewhere_is_told_as_a_look_would(
    targets: list[str | None], threads: list[str | None], kind: Kind
) -> None:
    rows = [
        {
            "tick": START,
            "time": 1000 * START,
            "kind": kind,
            "act": Act.ADDRESS,
            "subject": "x",
            "author": f"a{at}",
            "id": f"e{at}",
            "target": target,
            "thread": thread,
        }
        for at, (target, thread) in enumerate(zip(targets, threads, strict=False))
    ]
    window = Window(WINDOWS_S[-1], 48 * HOUR_S)
    added = window.add(columns_of(rows))
    watch = Watch(window, int(added.subjects[0]), shipped(), READ)
    watch.add(added.numbers)
    elsewhere = watch.belongs_elsewhere(START)
    finding = watch.look(START, None, DAY_S)
    assert elsewhere is (kind is not Kind.ACCOUNT and is_elsewhere(finding.main_share, finding.rest))


@pytest.mark.parametrize("kind", [Kind.THREAD, Kind.COMMUNITY])
def test_a_crowd_that_belongs_elsewhere_counts_as_looked_at(kind: Kind) -> None:
    window = Window(WINDOWS_S[-1], 48 * HOUR_S)
    people_at_one = [
        {"tick": START, "kind": kind, "subject": "x", "author": f"a{at}", "target": "host", "id": f"e{at}"}
        for at in range(20)
    ]
    added = window.add(columns_of(people_at_one))
    watch = Watch(window, int(added.subjects[0]), shipped(), READ)
    watch.add(added.numbers)
    assert watch.due(START, under_way=False)
    assert watch.belongs_elsewhere(START)
    assert not watch.due(START, under_way=False)


@pytest.mark.parametrize(("later", "idle"), [(3_600, False), (3_601, True)])
def test_it_is_idle_an_hour_after_the_last_newcomer(later: int, idle: bool) -> None:
    watched = crowded()
    assert watched.watch is not None
    assert watched.watch.is_idle(START + later) is idle


def complaints(count: int, tick: int, prefix: str) -> list[Row]:
    return [replace(one, act=Act.REPORT) for one in people(count, tick, 1, prefix)]


def test_those_who_complain_are_a_crowd_too_but_nobody_counts_twice() -> None:
    alone = Watched(complaints(NEWCOMERS_KEPT, START, "r"))
    assert alone.passed
    half = NEWCOMERS_KEPT - 2
    assert not Watched([*complaints(half, START, "r"), *complaints(half, START + 60, "r")]).passed
    assert not Watched([*people(half, START, 1, "r"), *complaints(half, START + 60, "r")]).passed
    assert Watched(people(half, START, 1, "r"), complaints(half, START + 60, "s")).passed


def test_those_who_complain_are_never_in_a_group() -> None:
    watched = Watched(complaints(NEWCOMERS_KEPT + 5, START, "r"))
    crowd = watched.look(START + 60).scene.crowd
    assert crowd.reporter.all()
    assert crowd.drawn() == []


@given(st.lists(st.tuples(st.sampled_from("abcdefghijklmn"), st.booleans(), GAPS), max_size=40), st.data())
@settings(max_examples=60)
def test_where_complaints_were_cut_cannot_be_seen(said: list[tuple[str, bool, int]], data: st.DataObject) -> None:
    rows, tick = people(1), START
    for at, (author, complains, gap) in enumerate(said):
        tick += gap
        rows.append(Row(tick, "x", author, f"s-{at}", Act.REPORT if complains else Act.ADDRESS))
    assert Watched(*cut(rows, data)).passed == Watched(rows).passed
