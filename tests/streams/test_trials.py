"""That each trial is what its sentence says, and that what may rightly be said of it is told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.simulate import HOSTILE_MARKERS, SCENARIOS, TRIALS, simulate
from tests.streams.simulated import ADDRESSING, Event, assert_follows_contract, assert_truth_fits, targets

HOUR = 3_600_000
DAY = 24 * HOUR
OUTCOMES = {"pile_on", "uncertain", "organic_surge", "unseen"}
SHORT = [name for name in TRIALS if name != "slow_harassment"]


@dataclass
class Case:
    """One campaign, the events while it lasted, and all events of the stretch."""

    campaign: Event
    during: list[Event]
    events: list[Event]

    @property
    def target(self) -> str:
        return str(self.campaign["target"]["id"])

    @property
    def attackers(self) -> set[str]:
        return set(self.campaign["attackers"])

    @property
    def addressed(self) -> list[Event]:
        """What was said to the target, or in the thread that is the target."""
        said = [event for event in self.during if event["type"] in ADDRESSING]
        return [event for event in said if self.target in targets(event) or event.get("thread") == self.target]

    @property
    def attack(self) -> list[Event]:
        return [event for event in self.during if event["author"] in self.attackers and event["type"] in ADDRESSING]

    def homes(self, who: set[str]) -> Counter[str]:
        known = {event["author"]: event["author_home"] for event in self.events if "author_home" in event}
        return Counter(known[name] for name in sorted(who) if name in known)


def cases_of(seed: int, hours: float, names: list[str]) -> dict[str, Case]:
    simulation = simulate(seed, hours, names)
    events = list(simulation.events)
    assert_truth_fits(simulation, events)
    found = {}
    for campaign in simulation.truth["campaigns"]:
        during = [e for e in events if campaign["started_at"] <= e["time"] <= campaign["ended_at"]]
        found[campaign["scenario"]] = Case(campaign, during, events)
    return found


@pytest.fixture(scope="module", params=[31, 32])
def cases(request: pytest.FixtureRequest) -> dict[str, Case]:
    return cases_of(request.param, 24.0, ["trials"])


@pytest.fixture(scope="module", params=[41])
def slow(request: pytest.FixtureRequest) -> Case:
    return cases_of(request.param, 76.0, ["slow_harassment"])["slow_harassment"]


def marked(events: list[Event]) -> float:
    """The share that holds a marker word."""
    return sum(any(marker in event["text"] for marker in HOSTILE_MARKERS) for event in events) / len(events)


def test_a_day_has_every_trial_that_fits_once(cases: dict[str, Case]) -> None:
    assert sorted(cases) == sorted(SHORT)
    for event in next(iter(cases.values())).events:
        assert_follows_contract(event)


def test_the_truth_says_what_is_right_and_who_must_not_be_named(cases: dict[str, Case]) -> None:
    for name, case in cases.items():
        campaign = case.campaign
        assert campaign["right"] == list(SCENARIOS[name].right)
        assert set(campaign["right"]) <= OUTCOMES
        assert ("pile_on" in campaign["right"]) is campaign["pile_on"]
        never = set(campaign.get("never_named", []))
        assert not never & (case.attackers | {campaign["instigator"]})
        assert never <= {event["author"] for event in case.events}
    with_rule = {name for name, case in cases.items() if case.campaign.get("never_named")}
    assert with_rule == {
        "viral_pile_on",
        "false_flag_fresh",
        "false_flag_aged",
        "mass_reporting",
        "honest_reports",
    }


def test_ordinary_scenarios_have_their_right_answers_too() -> None:
    for campaign in simulate(2, 2.0).truth["campaigns"]:
        expected = ["pile_on"] if campaign["pile_on"] else ["organic_surge", "uncertain", "unseen"]
        assert campaign["right"] == expected
        assert "never_named" not in campaign


@settings(max_examples=8)
@given(seed=st.integers(0, 2**40), name=st.sampled_from(SHORT), hours=st.floats(2.0, 5.0))
def test_any_trial_fits_into_two_hours(seed: int, name: str, hours: float) -> None:
    case = cases_of(seed, hours, [name])[name]
    assert case.addressed or name == "mutual_fight"
    for event in case.during:
        assert_follows_contract(event)


@pytest.mark.parametrize(("name", "hours", "needed"), [("slow_harassment", 48.0, 74), ("celebrity", 1.5, 2)])
def test_a_trial_refuses_a_day_that_is_too_short(name: str, hours: float, needed: int) -> None:
    with pytest.raises(ValueError, match=rf"'{name}' needs {needed} hours, and {hours:g} were asked for.*--hours"):
        simulate(1, hours, ["ama", name])


def test_the_shorthand_leaves_out_what_does_not_fit() -> None:
    assert simulate(1, 1.0, ["trials"]).truth["campaigns"] == []
    names = [campaign["scenario"] for campaign in simulate(1, 3.0, ["trials", "ama"]).truth["campaigns"]]
    assert sorted(names) == sorted([*SHORT, "ama"])


def test_attacks_come_with_hostile_words_and_are_defended_against(cases: dict[str, Case]) -> None:
    for name, case in cases.items():
        if case.campaign["pile_on"]:
            assert case.campaign["defenders"], name
        if case.campaign["right"] == ["pile_on"]:
            assert len(case.attackers) >= 20, name
            assert 0.1 < marked(case.attack) < 0.6, name


def test_the_glad_crowd_of_a_viral_post_is_there_before_and_beside_the_attack(cases: dict[str, Case]) -> None:
    case = cases["viral_pile_on"]
    glad = set(case.campaign["never_named"])
    said = [e for e in case.events if e["author"] in glad and e["type"] in ADDRESSING and case.target in targets(e)]
    assert len({event["author"] for event in said}) >= 40
    assert marked(said) < 0.05
    assert min(event["time"] for event in said) < case.campaign["started_at"]


def test_a_dogpile_of_their_own_is_of_the_targets_home(cases: dict[str, Case]) -> None:
    case = cases["own_dogpile"]
    homes = case.homes(case.attackers)
    place, count = homes.most_common(1)[0]
    assert count > 0.7 * homes.total()
    own = [e for e in case.events if e["author"] == case.target and e["type"] == "post"]
    assert any(event["community"] == place for event in own)


def test_the_target_of_a_quiet_hour_is_hardly_there(cases: dict[str, Case]) -> None:
    case = cases["quiet_hour"]
    assert sum(event["author"] == case.target for event in case.during) <= 2


def test_those_who_buy_silence_share_and_like_what_they_attack(cases: dict[str, Case]) -> None:
    case = cases["bought_silence"]
    margin = [e for e in case.events if abs(e["time"] - case.campaign["started_at"]) < 6 * HOUR]
    for kind in ("share", "reaction"):
        did = {e["author"] for e in margin if e["type"] == kind and case.target in targets(e)}
        assert len(did & case.attackers) > 0.65 * len(case.attackers)
    moods = Counter(e["value"] for e in margin if e["type"] == "reaction" and e["author"] in case.attackers)
    assert moods["like"] + moods["love"] > 0.5 * moods.total()


def test_aged_accounts_say_one_thing_each(cases: dict[str, Case]) -> None:
    case = cases["aged_once"]
    said = Counter(event["author"] for event in case.attack if case.target in targets(event))
    assert set(said.values()) == {1}
    assert all(e["time"] - e["author_created_at"] > 190 * DAY for e in case.attack if "author_created_at" in e)


def test_languages_are_mixed_in_both(cases: dict[str, Case]) -> None:
    for name in ("mixed_languages", "mixed_joy"):
        case = cases[name]
        crowd = case.attack if case.attackers else case.addressed
        spoken = {event["author"]: event["lang"] for event in crowd if "lang" in event}
        counts = Counter(spoken.values())
        assert len([lang for lang, count in counts.items() if count >= 5]) >= 3
        assert counts.most_common(1)[0][1] < 0.65 * counts.total()
        if set(counts) - {"en"}:
            texts: dict[str, set[str]] = {}
            for event in crowd:
                texts.setdefault(event.get("lang", ""), set()).update(event["text"].split())
            langs = [lang for lang, count in counts.most_common(3)]
            assert all(texts[a] - texts[b] for a in langs for b in langs if a != b)


def test_whoever_raids_under_a_false_flag_claims_the_rivals_home(cases: dict[str, Case]) -> None:
    for name in ("false_flag_fresh", "false_flag_aged"):
        case = cases[name]
        (rival,) = case.homes(case.attackers)
        assert set(case.homes(set(case.campaign["never_named"]))) == {rival}
        assert case.campaign["instigator"] not in case.campaign["never_named"]
        ages = [e["time"] - e["author_created_at"] for e in case.attack if "author_created_at" in e]
        assert max(ages) < 4 * DAY if name == "false_flag_fresh" else min(ages) > 100 * DAY
        calls = [e for e in case.events if e["author"] == case.campaign["instigator"] and e["type"] == "post"]
        assert any(event["community"] == rival for event in calls)


def test_complaints_come_in_numbers_and_those_who_complain_are_protected(cases: dict[str, Case]) -> None:
    for name in ("mass_reporting", "honest_reports"):
        case = cases[name]
        reports = [e for e in case.events if e["type"] == "report" and case.target in targets(e)]
        complained = {event["author"] for event in reports}
        never = set(case.campaign["never_named"])
        assert len(complained & never) >= 40
        assert len(complained - never) <= 3
        assert case.campaign["participants"] < len(never)
    assert len(cases["mass_reporting"].attackers) <= 8
    assert not cases["honest_reports"].attackers


def test_a_celebrity_is_spoken_to_all_day_at_the_same_rate(cases: dict[str, Case]) -> None:
    case = cases["celebrity"]
    first = case.events[0]["time"]
    by_hour = Counter((event["time"] - first) // HOUR for event in case.addressed)
    assert len(by_hour) == 24
    assert max(by_hour.values()) < 3 * min(by_hour.values())
    assert case.campaign["ended_at"] - case.campaign["started_at"] > 23.5 * HOUR


def test_two_sides_give_as_good_as_they_get(cases: dict[str, Case]) -> None:
    case = cases["mutual_fight"]
    home = {event["author"]: event["author_home"] for event in case.events if "author_home" in event}
    aimed = Counter(
        (home[event["author"]], home[name])
        for event in case.addressed
        for name in targets(event)
        if event["author"] in home and name in home
    )
    ((one, other), there), *_ = aimed.most_common(1)
    assert one != other
    back = aimed[other, one]
    assert 0.5 < there / back < 2
    assert there + back > 0.6 * aimed.total()
    most = Counter(name for event in case.addressed for name in set(targets(event))).most_common(1)[0][1]
    assert most < 0.4 * len(case.addressed)


@pytest.mark.parametrize("seed", [2, 829, 850])
def test_of_two_sides_nobody_is_alone_against_many_from_the_first_second_on(seed: int) -> None:
    case = cases_of(seed, 10.0, ["mutual_fight"])["mutual_fight"]
    answered = Counter(event.get("parent") for event in case.addressed[:40])
    assert answered.most_common(1)[0][1] <= 6


def test_anger_at_the_powerful_comes_from_everywhere_and_is_hardly_abusive(cases: dict[str, Case]) -> None:
    for name, flag in (("angry_figure", "public_figure"), ("angry_company", "organisation")):
        case = cases[name]
        single = [event for event in case.addressed if targets(event) == [case.target]]
        assert all(event["target_flags"] == [flag] for event in single)
        assert marked(case.addressed) < 0.15
        homes = case.homes({event["author"] for event in case.addressed})
        assert len(homes) >= 10
        assert homes.most_common(1)[0][1] < 0.5 * homes.total()


def test_bots_are_marked_as_such_and_hardly_anybody_else_comes(cases: dict[str, Case]) -> None:
    case = cases["auto_moderators"]
    by_bots = [event for event in case.addressed if "bot" in event.get("author_flags", [])]
    assert len({event["author"] for event in by_bots}) >= 12
    assert len(by_bots) > 0.6 * len(case.addressed)


def test_moderators_are_told_as_targets_whether_attacked_or_at_work(cases: dict[str, Case]) -> None:
    for name in ("moderator_pile_on", "moderator_at_work"):
        case = cases[name]
        single = [event for event in case.addressed if targets(event) == [case.target]]
        assert single
        assert all("moderator" in event["target_flags"] for event in single)
    case = cases["moderator_at_work"]
    own = {event["id"] for event in case.events if event["author"] == case.target}
    assert sum(event.get("parent") in own for event in case.addressed) > 0.6 * len(case.addressed)
    assert len({event["author"] for event in case.addressed}) >= 20


def test_what_is_federated_twice_arrives_twice_and_is_counted_once(cases: dict[str, Case]) -> None:
    for name in ("federated_twice", "federated_names", "federated_pile_on"):
        case = cases[name]
        threads = case.campaign["threads"]
        assert len(threads) == 2
        under = [[e for e in case.events if e.get("thread") == thread and "text" in e] for thread in threads]
        said = [Counter((event["author"].split("@")[0], event["text"]) for event in events) for events in under]
        assert sum((said[0] & said[1]).values()) >= 0.9 * max(counts.total() for counts in said)
        assert not {event["id"] for event in under[0]} & {event["id"] for event in under[1]}
        came = [{event["author"] for event in events} - {case.target} for events in under]
        both = came[0] & came[1]
        if name == "federated_names":
            assert len(both) <= 0.1 * len(came[0] | came[1])
        else:
            assert len(both) >= 0.9 * len(came[0] | came[1])
        assert case.campaign["participants"] <= 1.6 * min(map(len, came))


def test_slow_harassment_is_twenty_people_a_day_for_three_days(slow: Case) -> None:
    start, end = slow.campaign["started_at"], slow.campaign["ended_at"]
    assert 2.5 * DAY < end - start <= 3 * DAY
    said = [event for event in slow.attack if slow.target in targets(event)]
    by_hour = Counter((event["time"] - start) // HOUR for event in said)
    assert max(by_hour.values()) <= 12
    by_day = [{e["author"] for e in said if day * DAY <= e["time"] - start < (day + 1) * DAY} for day in range(3)]
    assert all(15 <= len(people) <= 26 for people in by_day)
    assert 40 <= len(slow.attackers) <= 60
    assert 0.1 < marked(said) < 0.6
