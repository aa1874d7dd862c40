"""What a user of the simulator may rely on."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.simulate import HOSTILE_MARKERS, ORDINARY, START_MS, Simulation, simulate, write
from streams.simulate.crowd import Gathering
from streams.simulate.people import Population
from streams.wire import Decoder, Lines
from tests.streams.simulated import ADDRESSING, TYPES, Event, assert_follows_contract, assert_truth_fits, targets

LARGEST = {
    "bot_raid": 300,
    "quote_pile_on": 600,
    "brigade": 250,
    "thread_raid": 250,
    "community_raid": 300,
}


@pytest.fixture(scope="module")
def day() -> Simulation:
    return simulate(11, 24.0)


@pytest.fixture(scope="module")
def events(day: Simulation) -> list[Event]:
    return list(day.events)


def digest(lines: Iterable[bytes]) -> str:
    whole = hashlib.sha256()
    for line in lines:
        whole.update(line)
    return whole.hexdigest()


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    first = simulate(3, 1.0)
    again = simulate(3, 1.0)
    assert digest(first.lines) == digest(first.lines) == digest(again.lines)
    assert first.truth == again.truth
    assert digest(simulate(4, 1.0).lines) != digest(first.lines)


def test_what_is_not_named_does_not_happen_and_changes_nothing() -> None:
    assert digest(simulate(7).lines) == "2e79381b233ee6971b8127889d9fbe377751475bf77a8bbc5e3759a42639a7b8"


def test_bytes_do_not_depend_on_the_hash_seed_of_the_process() -> None:
    program = (
        "import hashlib; from streams.simulate import simulate; s = simulate(5, 0.5);"
        "print(hashlib.sha256(b''.join(s.lines) + repr(s.truth).encode()).hexdigest())"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1


def test_every_event_follows_the_contract(events: list[Event]) -> None:
    for event in events:
        assert_follows_contract(event)
    assert {event["type"] for event in events} == TYPES


def test_the_decoder_takes_everything_and_mends_nothing(day: Simulation) -> None:
    decoded = Decoder().decode(Lines.numbered([line.rstrip(b"\n") for line in day.lines]))
    assert decoded.events == len(day)
    assert not decoded.refusals
    assert not decoded.mended


def test_events_come_in_order_with_ids_of_their_own(day: Simulation, events: list[Event]) -> None:
    order = [(event["time"], event["id"]) for event in events]
    assert order == sorted(order)
    assert len({event["id"] for event in events}) == len(events) == len(day)
    assert START_MS <= order[0][0] <= order[-1][0] < day.end_ms


def test_nobody_answers_what_is_not_yet_there(events: list[Event]) -> None:
    said_at = {event["id"]: event["time"] for event in events}
    for event in events:
        for name in ("parent", "thread"):
            assert said_at.get(event.get(name, ""), 0) <= event["time"]


def test_views_of_a_thread_only_grow(events: list[Event]) -> None:
    shown: dict[str, int] = {}
    for event in events:
        if "views" in event:
            assert event["views"] >= shown.get(event["thread"], 0)
            shown[event["thread"]] = event["views"]


def test_a_day_has_every_scenario_and_its_truth_fits(day: Simulation, events: list[Event]) -> None:
    campaigns = day.truth["campaigns"]
    assert day.truth["days"] == 1.0
    assert {campaign["scenario"] for campaign in campaigns} == set(ORDINARY)
    assert sum(campaign["pile_on"] for campaign in campaigns) >= 5
    assert sum(not campaign["pile_on"] for campaign in campaigns) >= 4
    assert len({campaign["id"] for campaign in campaigns}) == len(campaigns)
    assert_truth_fits(day, events)


def test_two_hours_hold_every_scenario_too() -> None:
    short = simulate(2, 2.0)
    assert {campaign["scenario"] for campaign in short.truth["campaigns"]} == set(ORDINARY)
    assert_truth_fits(short, list(short.events))


@settings(max_examples=8)
@given(seed=st.integers(0, 2**40), name=st.sampled_from(sorted(ORDINARY)), hours=st.floats(0.25, 3.0))
def test_any_scenario_fits_into_any_stretch(seed: int, name: str, hours: float) -> None:
    simulation = simulate(seed, hours, [name])
    events = list(simulation.events)
    for event in events:
        assert_follows_contract(event)
    assert [campaign["scenario"] for campaign in simulation.truth["campaigns"]] == [name]
    assert_truth_fits(simulation, events)
    assert len(simulation.truth["campaigns"][0]["attackers"]) <= LARGEST.get(name, 0)


def test_sizes_of_pile_ons_and_surges_overlap() -> None:
    sizes: dict[bool, list[int]] = defaultdict(list)
    for seed in range(3):
        for campaign in simulate(seed, 8.0).truth["campaigns"]:
            sizes[campaign["pile_on"]].append(campaign["participants"])
    assert min(sizes[True]) < max(sizes[False])
    assert min(sizes[False]) < max(sizes[True])
    assert max(sizes[True]) > 3 * min(sizes[True])
    assert max(sizes[False]) > 3 * min(sizes[False])


def test_named_scenarios_happen_as_often_as_they_are_named() -> None:
    truth = simulate(1, 6.0, ["ama", "brigade", "brigade"]).truth
    assert Counter(campaign["scenario"] for campaign in truth["campaigns"]) == {"ama": 1, "brigade": 2}
    assert simulate(1, 0.5, []).truth["campaigns"] == []


def test_an_unknown_scenario_is_refused_with_the_names() -> None:
    with pytest.raises(ValueError, match=r"'stampede'.*bot_raid.*scheduled_event"):
        simulate(1, 1.0, ["stampede"])


@pytest.mark.parametrize(("hours", "pace"), [(0.0, 1.0), (-1.0, 1.0), (float("nan"), 1.0), (1.0, 0.0)])
def test_impossible_lengths_and_paces_are_refused(hours: float, pace: float) -> None:
    with pytest.raises(ValueError, match=r"simulation lasts|pace is"):
        simulate(1, hours, [], pace)


def test_the_background_does_not_depend_on_what_happens_in_it() -> None:
    def kernel(simulation: Simulation) -> set[tuple[str, ...]]:
        return {(e["id"], e["type"], str(e["time"]), e["author"], e.get("text", "")) for e in simulation.events}

    calm, busy = kernel(simulate(8, 2.0, [])), kernel(simulate(8, 2.0))
    assert calm < busy


def test_a_faster_pace_means_more_background() -> None:
    assert len(simulate(1, 1.0, [], 3.0)) > 2 * len(simulate(1, 1.0, []))


def test_fields_are_present_as_often_in_attacks_as_elsewhere(day: Simulation, events: list[Event]) -> None:
    attackers: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for campaign in day.truth["campaigns"]:
        for account in campaign["attackers"]:
            attackers[account].append(campaign)
    groups: dict[tuple[str, bool], list[Event]] = defaultdict(list)
    for event in events:
        times = [(c["started_at"], c["ended_at"]) for c in attackers.get(event["author"], [])]
        groups[event["type"], any(begin <= event["time"] <= end for begin, end in times)].append(event)
    fields = ("author_created_at", "author_home", "author_followers", "views", "lang", "community", "thread", "text")
    for kinds in (("comment",), ("reply",), ("mention", "quote")):
        attack, life = ([e for kind in kinds for e in groups[kind, whose]] for whose in (True, False))
        assert min(len(attack), len(life)) > 100
        for name in fields:
            shares = [sum(name in event for event in group) / len(group) for group in (attack, life)]
            assert abs(shares[0] - shares[1]) < 0.1, (kinds, name, shares)
        words = [sum(len(event["text"]) for event in group) / len(group) for group in (attack, life)]
        assert 0.6 < words[0] / words[1] < 1.6


def test_attackers_live_on_the_platform_besides(day: Simulation, events: list[Event]) -> None:
    active = defaultdict(list)
    for event in events:
        active[event["author"]].append(event["time"])
    for campaign in day.truth["campaigns"]:
        if campaign["pile_on"] and campaign["scenario"] != "bot_raid":
            margin = 30 * 60_000
            besides = [
                any(not campaign["started_at"] <= t <= campaign["ended_at"] + margin for t in active[account])
                for account in campaign["attackers"]
            ]
            assert sum(besides) > len(besides) / 3


def test_a_raid_on_a_place_addresses_nobody_in_half_of_it(day: Simulation, events: list[Event]) -> None:
    raids = [c for c in day.truth["campaigns"] if c["scenario"] in {"thread_raid", "community_raid"}]
    assert raids
    for campaign in raids:
        kind, place, crew = campaign["target"]["kind"], campaign["target"]["id"], set(campaign["attackers"])
        said = [e for e in events if e["author"] in crew and e.get(kind) == place and e["type"] in ADDRESSING]
        addressed = Counter(name for event in said for name in set(targets(event)))
        assert addressed.most_common(1)[0][1] < len(said) / 2


def test_attacks_are_shared_and_defended_too(day: Simulation, events: list[Event]) -> None:
    for campaign in day.truth["campaigns"]:
        if campaign["pile_on"]:
            assert campaign["defenders"]
            crew = set(campaign["attackers"])
            within = [e for e in events if campaign["started_at"] <= e["time"] <= campaign["ended_at"] + 600_000]
            assert any(e["type"] == "share" and e["author"] in crew for e in within)


def test_marker_words_are_in_a_part_of_the_attackers_texts_and_rare_elsewhere(
    day: Simulation, events: list[Event]
) -> None:
    def share(texts: list[str]) -> float:
        return sum(any(marker in text for marker in HOSTILE_MARKERS) for text in texts) / len(texts)

    pile_ons = [c for c in day.truth["campaigns"] if c["pile_on"]]
    hostile: list[str] = []
    other: list[str] = []
    for event in events:
        if event["type"] in ADDRESSING:
            attack = any(
                event["author"] in c["attackers"] and c["started_at"] <= event["time"] <= c["ended_at"]
                for c in pile_ons
            )
            (hostile if attack else other).append(event["text"])
    assert 0.1 < share(hostile) < 0.6
    assert 0 < share(other) < 0.05


def test_most_talk_is_within_communities_and_among_the_same_people(events: list[Event]) -> None:
    home = {event["author"]: event["author_home"] for event in events if "author_home" in event}
    pairs: Counter[tuple[str, str]] = Counter()
    near = known = 0
    for event in events:
        if event["type"] in ADDRESSING:
            for target in targets(event):
                pairs[event["author"], target] += 1
                if event["author"] in home and target in home:
                    known += 1
                    near += home[event["author"]] == home[target]
    assert near / known > 0.4
    assert sum(count for count in pairs.values() if count > 1) / pairs.total() > 0.2


def test_written_files_hold_the_same(tmp_path: Path) -> None:
    simulation = simulate(6, 0.5, ["bot_raid"])
    write(simulation, tmp_path / "new" / "day")
    written = (tmp_path / "new" / "day" / "events.ndjson").read_bytes()
    assert written == b"".join(simulation.lines)
    assert written.count(b"\n") == len(simulation)
    assert json.loads((tmp_path / "new" / "day" / "truth.json").read_text()) == simulation.truth


def test_somebody_can_be_picked_where_all_who_are_at_home_came_already() -> None:
    people = Population(Random(1), START_MS, START_MS + 86_400_000)
    home = people.by_home[0]
    gathering = Gathering(people, Random(2), home.items)
    assert gathering.pick(home, 1, START_MS, ever=True) == []
    assert gathering.one(home, START_MS) in home.items
