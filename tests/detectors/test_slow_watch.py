"""A slow watch by itself: when it looks, what it sees, and that it goes on from its state."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.hostility import load_model
from detectors.look import Finding
from detectors.model import shipped
from detectors.reading import Reader
from detectors.slow import SLOW_WINDOWS_S, SlowState, SlowWatch
from graph.fading import FORGET_S
from graph.interactions import Kind
from graph.summary import HOUR_S, LONGEST_S, newcomers
from graph.window import Window
from streams.simulate import HOSTILE_MARKERS
from streams.stages.attributing import reading_with
from streams.stages.watching import ShardCounts, Watching
from streams.state import decode, encode
from tests.helpers import Row, batch_of, cut

START = 5 * FORGET_S
READ = reading_with(Reader(load_model()))


def looks(*batches: list[Row], restored: bool = False) -> list[Finding]:
    """What a watch over the account x finds in all of its rows; another one goes on from its state after each batch."""
    window = Window(HOUR_S, LONGEST_S)
    watch: SlowWatch | None = None
    found: list[Finding] = []
    for batch in batches:
        added = window.add(batch_of(batch))
        watch = watch or SlowWatch(window, int(added.subjects[0]), shipped(), READ)
        came = window.ring.column("slow_newcomer", added.numbers)
        rows = newcomers(window, added.numbers[came], added.slow[came], added.early)
        found += [look.take() for look in watch.add(rows, range(len(rows.tick)), added.numbers[~came], 1000 * START)]
        window.expire(batch[-1].tick + 1)
        if restored:
            state, watch = watch.state, SlowWatch(window, watch.subject, shipped(), READ)
            watch.state = decode(encode(state), SlowState)
    return found


def told(finding: Finding) -> tuple[Any, ...]:
    scene, crowd = finding.scene, finding.scene.crowd
    return (
        (scene.tick, scene.onset_ms, scene.surge, scene.usual, scene.around, scene.audience, scene.known_ms),
        (crowd.total, crowd.event, crowd.account, finding.judgement, finding.signals),
        (scene.words.hostile.tolist(), scene.words.texts.tolist()),
    )


Arrivals = list[tuple[int, int, tuple[int, int]]]
ARRIVALS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 900, 3_600, 7_200, LONGEST_S - 1, LONGEST_S + 1]),
        st.integers(1, 30),
        st.sampled_from([(0, 0), (0, 0), (1, 0), (2, 3_600), (2, 20 * 3_600), (2, LONGEST_S - 1), (1, LONGEST_S + 1)]),
    ),
    min_size=1,
    max_size=12,
)


def rows_of(arrivals: Arrivals) -> list[Row]:
    """Crowds one after the other, of whom each says something; and how often the last of them say something again, and when."""
    tick, rows = START, list[Row]()
    for gap, count, (again, later) in arrivals:
        tick += gap
        name = len(rows)
        rows += [Row(tick + 60 * at, "x", f"a{name + at}", f"e{name + at}", text="zip zap") for at in range(count)]
        tick = rows[-1].tick + later * (again > 0)
        rows += [
            Row(tick + 60 * at, "x", row.author, f"again-{number}-{row.id}", text=f"you {HOSTILE_MARKERS[0]}")
            for at, row in enumerate(row for row in rows[-12:] if row.id.startswith("e"))
            for number in range(again)
        ]
        tick = rows[-1].tick
    return rows


@given(ARRIVALS, st.data())
@settings(max_examples=40)
def test_batches_cannot_be_seen_in_what_is_found(arrivals: Arrivals, data: st.DataObject) -> None:
    rows = rows_of(arrivals)
    assert list(map(told, looks(*cut(rows, data)))) == list(map(told, looks(rows)))


@given(ARRIVALS, st.data())
@settings(max_examples=40)
def test_another_watch_goes_on_from_its_state(arrivals: Arrivals, data: st.DataObject) -> None:
    batches = cut(rows_of(arrivals), data)
    assert list(map(told, looks(*batches, restored=True))) == list(map(told, looks(*batches)))


@given(ARRIVALS)
@settings(max_examples=40)
def test_a_look_sees_ten_or_more_and_nothing_from_after_its_tick(arrivals: Arrivals) -> None:
    rows = rows_of(arrivals)
    for finding in looks(rows):
        scene = finding.scene
        assert finding.is_slow
        assert finding.newcomers >= len(scene.crowd) >= 10
        assert scene.crowd.time.max() <= 1000 * scene.tick + 999
        came = {*scene.early, *(scene.crowd.time // 1000).tolist()}
        assert scene.onset_ms // 1000 in came
        assert 1000 * (scene.tick - scene.surge.window_s) < scene.onset_ms <= scene.crowd.time.min()


@given(st.lists(st.tuples(st.sampled_from([0, 1, 900, 3_600]), st.integers(1, 30)), min_size=1, max_size=12))
@settings(max_examples=40)
def test_a_growing_crowd_is_looked_at_ever_more_rarely(arrivals: list[tuple[int, int]]) -> None:
    rows = rows_of([(gap, count, (0, 0)) for gap, count in arrivals])
    found = looks(rows)
    assert 10 * 1.2 ** (len(found) - 1) <= max(10, len(rows))


def test_a_crowd_is_seen_over_the_window_in_which_it_is_most_surprising() -> None:
    within_hours = [Row(START + 600 * at, "x", f"a{at}", f"e{at}") for at in range(30)]
    over_days = [Row(START + 7_200 * at, "x", f"a{at}", f"e{at}") for at in range(30)]
    assert [finding.scene.surge.window_s for finding in (looks(within_hours)[-1], looks(over_days)[-1])] == list(
        SLOW_WINDOWS_S
    )


@pytest.mark.parametrize(("count", "found"), [(9, False), (30, True)])
def test_a_crowd_of_fewer_than_ten_is_none(count: int, found: bool) -> None:
    """At an account where nobody came for three weeks."""
    long_ago = Row(START - 21 * 24 * HOUR_S, "x", "somebody", "e")
    rows = [Row(START + HOUR_S * at, "x", f"a{at}", f"e{at}") for at in range(count)]
    assert bool(looks([long_ago], rows)) is found


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [(None, Kind.ACCOUNT, False), ("zip zap", Kind.ACCOUNT, True), ("zip zap", Kind.COMMUNITY, False)],
)
def test_who_has_as_many_newcomers_as_ever_is_looked_at_if_they_speak(
    text: str | None, kind: Kind, found: bool
) -> None:
    always = [Row(START + 2 * HOUR_S * at, "x", f"a{at}", f"e{at}", kind=kind, text=text) for at in range(400)]
    later = [one for one in looks(always) if one.scene.tick > always[200].tick]
    assert bool(later) is found
    assert {one.scene.surge.window_s for one in later} <= {LONGEST_S}
    assert len(later) <= 200 // 6  # a quarter of the 24 of two days is new


@pytest.mark.parametrize(("later", "idle"), [(LONGEST_S, False), (LONGEST_S + 1, True)])
def test_it_is_idle_after_two_days(later: int, idle: bool) -> None:
    window = Window(HOUR_S, LONGEST_S)
    added = window.add(batch_of([Row(START, "x", f"a{at}", f"e{at}") for at in range(20)]))
    watch = SlowWatch(window, int(added.subjects[0]), shipped(), READ)
    list(watch.add(newcomers(window, added.numbers, added.slow, {}), range(20), added.numbers[:0], 1000 * START))
    assert watch.is_idle(START + later) is idle


def test_they_are_looked_at_again_once_enough_was_said_again() -> None:
    first = rows_of([(HOUR_S // 2, 1, (0, 0))] * 35)
    then = [Row(row.tick + 20 * HOUR_S, "x", row.author, f"then-{row.id}", text="zip zap") for row in first]
    few, all_of_it = looks([*first, *then[-2:]]), looks([*first, *then])
    assert few[-1].scene.tick <= first[-1].tick < all_of_it[-1].scene.tick
    assert {finding.newcomers for finding in all_of_it if finding.scene.tick > first[-1].tick} == {35}
    assert all_of_it[-1].scene.words.read > len(all_of_it[-1].scene.crowd)


@pytest.mark.parametrize("which", ["e16", "again-0-e16"])
def test_the_next_checkpoint_holds_a_text_no_more_that_was_taken_back(which: str) -> None:
    """Though nobody says anything to the subject after that."""
    window, rows = Window(HOUR_S, LONGEST_S), rows_of([(0, 24, (1, 0))])
    watching = Watching(window, shipped(), READ, ShardCounts())
    watching.add(window.add(batch_of(rows)), 1000 * START)
    for due in watching.due.values():
        list(due)
    [(_, first)] = watching.save(1, 1).items()
    assert which in {said.event for one in decode(first, SlowState).summary.sample for said in one.said if said.text}
    assert watching.save(2, 1) == {}
    watching.forget({(which, "a16"), ("e16", "somebody else")})
    [(_, then)] = watching.save(3, 1).items()
    texts = {said.event: said.text for one in decode(then, SlowState).summary.sample for said in one.said}
    assert [event for event, text in texts.items() if text is None] == [which]
    watching.forget({(which, "a16")})
    assert watching.save(4, 1) == {}
