"""The slow burn: who comes over hours and days is seen, and told alike however the events were cut."""

from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from detectors.slow import SLOW_WINDOWS_S
from graph.summary import HOUR_S, LONGEST_S
from streams.simulate import HOSTILE_MARKERS
from tests.helpers import DAY_MS, START_MS, Event, alerts, detect, event

CROWD_MS = START_MS + 10 * DAY_MS
HOUR_MS = 1000 * HOUR_S
SLOW_MS = [1000 * window_s for window_s in SLOW_WINDOWS_S]


def quiet_days(answers: int = 40) -> list[Event]:
    """Ten days in which some of a target's own community answer now and then."""
    said = []
    for number in range(answers):
        time = START_MS + number * 10 * DAY_MS // answers
        said.append(event(id=f"r{number}", author=f"own{number}", target="vic", time=time, author_home="home"))
        said.append(event(id=f"q{number}", author="vic", target=f"own{number}", time=time + 60_000, author_home="home"))
    return said


def coming(
    count: int, every_ms: int, home: str = "far", name: str = "far", start_ms: int = CROWD_MS, *, hostile: bool = False
) -> list[Event]:
    words = f"you {HOSTILE_MARKERS[0]}, go away" if hostile else None
    return [
        event(
            id=f"{name}-{number}",
            author=f"{name}{number}",
            target="vic",
            time=start_ms + number * every_ms,
            author_home=home,
            **({"text": "zip zap" if number % 3 else words} if hostile else {}),
        )
        for number in range(count)
    ]


TWENTY_A_DAY = [*quiet_days(), *coming(60, DAY_MS // 20)]


def test_strangers_of_one_foreign_community_over_three_days_are_a_slow_case() -> None:
    found = alerts(detect(TWENTY_A_DAY))
    assert found
    assert len({alert["id"] for alert in found}) == 1
    assert {alert["verdict"] for alert in found} == {"uncertain"}  # not a word is known
    assert found[-1]["score"] > 0.92
    assert {alert["interactions"]["window_ms"] for alert in found} <= set(SLOW_MS)
    assert found[-1]["sources"][0]["community"] == "far"
    assert found[0]["detected_at"] <= CROWD_MS + 2 * DAY_MS
    assert found[-1]["participants"]["total"] >= 40


def calling(name: str, before_ms: int, **other: Any) -> Event:
    """A post that links to the target, so long before the crowd."""
    told = {"type": "post", "target": ..., "author_home": "far", "links": ["vic"], **other}
    return event(id=name, author=name, time=CROWD_MS - before_ms, **told)


def test_who_set_off_a_slow_crowd_is_told_though_he_spoke_long_before_it_was_seen() -> None:
    calls = [calling("ina", HOUR_MS // 2), calling("bob", 5 * HOUR_MS, author_home="away"), calling("old", 7 * HOUR_MS)]
    quoted = calling("liz", -20 * HOUR_MS, type="quote", target="vic", links=[])
    found = alerts(detect([*calls, *TWENTY_A_DAY, quoted]))
    assert found[0]["detected_at"] - CROWD_MS > 6 * HOUR_MS
    assert found[0]["started_at"] == CROWD_MS
    assert [one["account"] for one in found[0]["instigators"]][:1] == ["ina"]
    assert found[0]["instigators"][0]["evidence"] == ["ina"]
    assert {one["account"] for alert in found for one in alert["instigators"]} <= {"ina", "bob"}
    assert ("ina", "instigator") in {(one["account"], one["role"]) for one in found[-1]["roles"]}


@pytest.mark.parametrize("place", ["home", "far"])
def test_a_community_that_comes_for_days_is_none_of_his_only_where_it_came_after_him(place: str) -> None:
    """He said something in their community; they come to him at home, or answer him where he said it."""
    once = event(id="once", author="vic", target="them", time=CROWD_MS - DAY_MS, author_home="home", community="far")
    found = alerts(detect([*quiet_days(), once, *({**one, "community": place} for one in coming(60, DAY_MS // 20))]))
    assert any(alert["score"] > 0.92 for alert in found) is (place == "home")


def test_the_longer_they_come_the_surer_it_is() -> None:
    found = alerts(detect([*quiet_days(4), *coming(60, DAY_MS // 20, hostile=True)]))
    first, *_, last = ((alert["base"], *(one["contribution"] for one in alert["signals"])) for alert in found)
    assert sum(last) > sum(first)
    assert found[-1]["verdict"] == "pile_on"
    assert found[-1]["participants"]["total"] >= 2 * found[0]["participants"]["total"]


def test_strangers_over_a_day_of_work_are_a_slow_case_of_six_hours() -> None:
    found = alerts(detect([*quiet_days(), *coming(48, 10 * 60_000, hostile=True)]))
    assert found[0]["interactions"]["window_ms"] == SLOW_MS[0]
    assert CROWD_MS - DAY_MS <= found[0]["started_at"] <= found[0]["detected_at"] <= CROWD_MS + 8 * HOUR_MS


@pytest.mark.parametrize(("words", "verdicts"), [("hostile", {"pile_on"}), ("kind", set()), (None, set())])
@pytest.mark.parametrize(("wave", "size"), [(14, 60), (40, 44)])
def test_at_somebody_whose_own_come_in_waves_a_slow_case_is_told_by_what_they_say(
    words: str | None, verdicts: set[str], wave: int, size: int
) -> None:
    """As many as were hardly surprising there: by their number alone nothing could be said of them."""
    waves = [
        one
        for day in (1, 4, 7)
        for one in coming(wave, 600_000, home="home", name=f"wave{day}-", start_ms=START_MS + day * DAY_MS)
    ]
    crowd = coming(size, DAY_MS // 30, hostile=words == "hostile")
    if words == "kind":
        crowd = [{**one, "text": "how nice, thank you"} for one in crowd]
    found = alerts(detect([*quiet_days(), *waves, *crowd]))
    assert {alert["verdict"] for alert in found} == verdicts


@pytest.mark.parametrize(("turned", "verdict"), [(True, ["pile_on"]), (False, [])])
def test_a_crowd_that_turns_hostile_without_growing_is_a_slow_case(turned: bool, verdict: list[str]) -> None:
    kind = [{**one, "text": "how nice, thank you"} for one in coming(96, DAY_MS // 24)]
    then = coming(48, DAY_MS // 24, name="foe", start_ms=CROWD_MS + 2 * DAY_MS, hostile=True)
    crowd = [*kind[:48], *then] if turned else kind
    assert [alert["verdict"] for alert in alerts(detect([*quiet_days(), *crowd]))][-1:] == verdict


WORDS = "garden harbour kettle ladder melody notebook orchard pencil recipe saddle ticket village window archive basket cabin"


def quarrel(*, at_each_other: bool, alike: bool = False) -> list[Event]:
    """Two sides who come within an hour, too slowly to be a crowd of it, and others who come by over the day; each with words
    of his own, or all with the same.
    """
    said = []
    for number in range(8):
        time = CROWD_MS + number * 400_000
        for side, other, home in (("red", "blue", "far"), ("blue", "red", "away")):
            own = {"author": f"{side}{number}", "author_home": home, "thread": "t", "thread_author": "vic"}
            some = "" if alike else " ".join(Random(f"{side}{number}").sample(WORDS.split(), 6))
            words = f"{some} you {HOSTILE_MARKERS[0]}, go away"
            calm = some or "zip zap"
            said.append(
                event(**own, id=f"{side}-{number}", target="vic", time=time, text=words if number % 2 else calm)
            )
            if at_each_other and number:
                answered = {"target": f"{other}{number - 1}", "parent": f"{other}-{number - 1}"}
                said.append(event(**own, **answered, id=f"{side}-at-{number}", time=time + 20_000, text=words))
    return [*said, *coming(8, 86 * 60_000, name="late", start_ms=CROWD_MS + 2 * HOUR_MS, hostile=True)]


def once_more(said: list[Event]) -> list[Event]:
    """All of it, and the same by the same people the day after."""
    again = [{**one, "id": f"again-{one['id']}", "time": one["time"] + 20 * HOUR_MS} for one in said]
    return [*said, *({**one, "parent": f"again-{one['parent']}"} if "parent" in one else one for one in again)]


@pytest.mark.parametrize("days", [1, 2])
@pytest.mark.parametrize(("at_each_other", "verdicts"), [(False, {"pile_on"}), (True, set())])
def test_two_sides_are_not_taken_for_a_slow_case_when_their_quarrel_is_over(
    at_each_other: bool, verdicts: set[str], days: int
) -> None:
    said = quarrel(at_each_other=at_each_other)
    found = alerts(detect(sorted([*quiet_days(), *(said if days == 1 else once_more(said))], key=_time)))
    assert {alert["verdict"] for alert in found if alert["target"]["id"] == "vic"} == verdicts


@pytest.mark.parametrize("days", [1, 2])
def test_nor_if_all_of_them_say_the_same_though_that_may_be_uncertain(days: int) -> None:
    """Others come late who are no side in it, and say the same."""
    said = quarrel(at_each_other=True, alike=True)
    found = alerts(detect(sorted([*quiet_days(), *(said if days == 1 else once_more(said))], key=_time)))
    mine = [alert for alert in found if alert["target"]["id"] == "vic"]
    assert {alert["verdict"] for alert in mine} <= {"uncertain"}
    assert all(alert["score"] < 0.5 for alert in mine)


def turning(words: str, times: int = 1, late: int = 0) -> list[Event]:
    """Thirty people from elsewhere within a day, and what twenty of them say the next; some more may come then."""
    first = coming(30, DAY_MS // 30)
    then = [
        event(
            id=f"far-then-{number}-{time}",
            author=f"far{number}",
            author_home="far",
            target="vic",
            time=CROWD_MS + DAY_MS + (number - 10) * HOUR_MS // 2 + time * 60_000,
            text=words,
        )
        for number in range(10, 30)
        for time in range(times)
    ]
    more = coming(late, HOUR_MS // 2, name="late", start_ms=CROWD_MS + DAY_MS)
    calm = [{**one, "text": "zip zap"} for one in (*first, *more)]
    return sorted([*quiet_days(4), *calm, *then], key=_time)


def _time(one: Event) -> Any:
    return one["time"]


HOSTILE = f"you {HOSTILE_MARKERS[0]}, go away"


@pytest.mark.parametrize("late", [0, 30])
@pytest.mark.parametrize(("words", "verdict"), [(HOSTILE, True), ("how nice, thank you", False)])
def test_what_those_who_came_over_days_say_the_next_time_counts(words: str, verdict: bool, late: int) -> None:
    """Whether others come or not."""
    found = alerts(detect(turning(words, late=late)))
    assert ("pile_on" in {alert["verdict"] for alert in found}) is verdict


@pytest.mark.parametrize(("size", "partitions"), [(1, 1), (7, 3), (50, 8)])
def test_what_is_said_again_is_read_alike_however_it_is_cut(size: int, partitions: int) -> None:
    """Also where some of it is taken back at once, or long after."""
    said = turning(HOSTILE, times=3, late=12)
    back = [
        event(
            id=f"back-{number}", type="delete", author=f"far{number}", parent=f"far-then-{number}-{number % 3}", time=at
        )
        for number in range(10, 30, 2)
        for at in [CROWD_MS + DAY_MS + (number - 10) * HOUR_MS // 2 + (5 if number % 4 else 300) * 60_000]
    ]
    events = sorted([*said, *back], key=_time)
    whole = detect(events)
    assert alerts(whole)
    assert detect(events, size, partitions) == whole


def test_what_was_said_again_and_taken_back_counts_no_longer() -> None:
    said = turning(HOSTILE)
    back = [
        event(id=f"back-{one['id']}", type="delete", author=one["author"], parent=one["id"], time=one["time"] + 30_000)
        for one in said
        if one.get("text") == HOSTILE
    ]
    assert "pile_on" not in {alert["verdict"] for alert in alerts(detect(sorted([*said, *back], key=_time)))}


@pytest.mark.parametrize(("size", "partitions"), [(1, 1), (7, 3), (50, 8)])
def test_who_was_at_whom_is_remembered_alike_however_it_is_cut(size: int, partitions: int) -> None:
    turned = [{**one, "id": f"then-{one['id']}"} for one in coming(30, HOUR_MS, name="foe", hostile=True)]
    events = [*quiet_days(), *quarrel(at_each_other=True), *turned]
    whole = detect(sorted(events, key=lambda one: one["time"]))
    told = [alert for alert in alerts(whole) if alert["interactions"]["window_ms"] in SLOW_MS]
    assert any(signal["name"] == "mutual" and signal["value"] > 0 for alert in told for signal in alert["signals"])
    assert detect(sorted(events, key=lambda one: one["time"]), size, partitions) == whole


@pytest.mark.parametrize("name", ["own", "kin"])
def test_the_own_audience_at_the_same_slow_pace_is_no_case(name: str) -> None:
    """Those who came before, and others of their community."""
    assert detect([*quiet_days(60), *coming(60, DAY_MS // 20, home="home", name=name)]) == []


@pytest.mark.parametrize("home", ["home", "far"])
def test_as_many_as_always_came_are_no_case(home: str) -> None:
    speaks = [
        event(id=f"v{day}", author="vic", target="z", time=START_MS + day * DAY_MS, author_home="home")
        for day in range(10)
    ]
    always = coming(200, DAY_MS // 20, home="home", name="own", start_ms=START_MS)
    assert detect([*speaks, *always, *coming(60, DAY_MS // 20, home)]) == []


@pytest.mark.parametrize(("hostile", "verdicts"), [(True, {"pile_on"}), (False, set())])
def test_a_few_hostile_ones_among_as_many_as_always_come_are_a_slow_case(hostile: bool, verdicts: set[str]) -> None:
    """A target to whom forty strangers a day come anyhow."""
    kind = [{**one, "text": "how nice, thank you"} for one in coming(480, DAY_MS // 40, "home", "own", START_MS)]
    foes = coming(30, DAY_MS // 15, name="foe", hostile=True)
    assert {alert["verdict"] for alert in alerts(detect([*kind, *(foes if hostile else [])]))} == verdicts


@pytest.mark.parametrize(("size", "partitions"), [(1, 1), (7, 1), (1_000, 3), (50, 8)])
def test_a_slow_case_is_told_in_the_same_bytes_however_it_is_cut(size: int, partitions: int) -> None:
    whole = detect(TWENTY_A_DAY)
    assert alerts(whole)
    assert detect(TWENTY_A_DAY, size, partitions) == whole


def raid(start_ms: int) -> list[Event]:
    return coming(60, 9_000, name="raider", start_ms=start_ms)


def test_a_quick_crowd_takes_a_slow_case_over_under_its_id() -> None:
    slow_only = alerts(detect(TWENTY_A_DAY))
    found = alerts(detect([*TWENTY_A_DAY, *raid(CROWD_MS + 2 * DAY_MS + 5_000)]))
    assert {alert["id"] for alert in found} == {slow_only[0]["id"]}
    windows = [alert["interactions"]["window_ms"] for alert in found]
    assert windows[0] in SLOW_MS
    assert min(windows) <= HOUR_MS
    quick = next(alert for alert in found if alert["interactions"]["window_ms"] <= HOUR_MS)
    assert quick["status"] == "open"
    assert quick["updated_at"] <= CROWD_MS + 2 * DAY_MS + 10 * 60_000
    assert shrunk(found) == []


def shrunk(found: list[dict[str, Any]]) -> list[str]:
    """Alerts of which a later revision tells fewer participants."""
    totals: dict[str, int] = {}
    smaller = []
    for alert in found:
        total = alert["participants"]["total"]
        if total < totals.get(alert["id"], 0):
            smaller.append(alert["id"])
        totals[alert["id"]] = total
    return smaller


STEPS = st.lists(
    st.tuples(
        st.sampled_from([1, 1, 1, 2, 9, 30]),
        st.sampled_from([0, 1, 600, 3_600, 5_000, 20_000, LONGEST_S - 1, LONGEST_S + 1]),
        st.sampled_from(["far", "home", None]),
        st.sampled_from(["vic", "vic", "vic", "val"]),
        st.booleans(),
    ),
    min_size=10,
    max_size=60,
)
Steps = list[tuple[int, int, str | None, str, bool]]


def events_of(steps: Steps) -> list[Event]:
    """A slow crowd at one of two accounts, in which others come in ones, by the dozen, or again."""
    said, time = coming(30, HOUR_MS), CROWD_MS + 20 * HOUR_MS
    for number, (count, gap_s, home, target, again) in enumerate(steps):
        time += 1000 * gap_s
        for at in range(count):
            author = f"far{at}" if again else f"some{number}-{at}"
            given = {} if home is None else {"author_home": home}
            said.append(event(id=f"s{number}-{at}", author=author, target=target, time=time + at * 20_000, **given))
    return said


@given(STEPS, st.integers(1, 60), st.sampled_from([1, 3, 8]))
@settings(max_examples=20, phases=[Phase.generate])  # making a failure smaller takes minutes
def test_slow_and_quick_crowds_mixed_are_told_alike_and_never_shrink(steps: Steps, size: int, partitions: int) -> None:
    events = events_of(steps)
    whole = detect(events)
    assert detect(events, size, partitions) == whole
    for subject in ("vic", "val"):
        assert shrunk(alerts(whole, subject=subject)) == []
