"""Protections: what is recommended to whom, and what never is."""

from dataclasses import replace
from typing import Any

import pytest

from alerts.episode import Episode, Status
from alerts.messages import CATALOGUE, say
from alerts.protections import Action, Protection, recommended
from detectors.look import Finding
from detectors.signals import Origin, Signal
from detectors.surge import Surge
from detectors.verdict import Outcome
from graph.events import TargetFlag
from tests.alerts.story import MODEL, START_TICK, finding_of

NOW_MS = 1000 * (START_TICK + 60)
HOUR_MS = 3_600_000
EVERYTHING = {"hostility": 0.9, "accounts": 0.8, "copies": 0.7, "origin": 0.9}


def marked(finding: Finding, strengths: dict[str, float], flags: int = 0) -> Finding:
    signals = tuple(
        Signal(one.name, strengths.get(one.name, 0.0), 0.0, strengths.get(one.name, 0.0)) for one in finding.signals
    )
    scene = replace(finding.scene, target_flags=flags)
    return replace(finding, scene=scene, signals=signals, origins=[Origin("far", 0.8, 0.01)])


def offered(
    newcomers: int = 40,
    verdict: Outcome = Outcome.PILE_ON,
    strengths: dict[str, float] | None = None,
    flags: int = 0,
    kind: str = "account",
    **how: Any,
) -> list[Protection]:
    finding = marked(finding_of(START_TICK, newcomers, known=newcomers, **how), strengths or {}, flags)
    episode = Episode(kind, "x", finding, MODEL, "")
    episode.on_finding(finding)
    episode.verdict = verdict
    episode._counted = newcomers
    episode.is_telling(START_TICK)
    return recommended(episode, verdict, NOW_MS)


def actions(found: list[Protection]) -> list[Action]:
    return [one.action for one in found]


def test_a_harmless_crowd_calls_for_nothing_and_so_does_one_that_is_over() -> None:
    assert offered(verdict=Outcome.ORGANIC_SURGE, strengths=EVERYTHING) == []
    finding = marked(finding_of(START_TICK, 60), EVERYTHING)
    episode = Episode("account", "x", finding, MODEL, "")
    episode.status = Status.RESOLVED
    assert recommended(episode, Outcome.PILE_ON, NOW_MS) == []


def test_in_doubt_a_person_looks_first_and_nobody_is_held_back() -> None:
    found = actions(offered(verdict=Outcome.UNCERTAIN, strengths=EVERYTHING))
    assert found == [Action.REVIEW, Action.COLLAPSE_HOSTILE]


def test_what_marks_the_attack_is_what_is_held_back() -> None:
    assert actions(offered()) == [Action.LIMIT_REPLIES]
    for name, action in {
        "hostility": Action.COLLAPSE_HOSTILE,
        "accounts": Action.HOLD_NEW_ACCOUNTS,
        "copies": Action.HOLD_COPIES,
        "origin": Action.PAUSE_COMMUNITY,
    }.items():
        assert set(actions(offered(strengths={name: 0.8}))) == {Action.LIMIT_REPLIES, action}
        assert action not in actions(offered(strengths={name: 0.1}))


def test_a_small_crowd_shuts_nobody_off_unless_the_target_is_vulnerable() -> None:
    assert offered(newcomers=12) == []
    for flag in (TargetFlag.MINOR, TargetFlag.PROTECTED):
        assert actions(offered(newcomers=12, flags=flag)) == [Action.REACH_OUT, Action.LIMIT_REPLIES]


def test_somebody_gets_in_touch_where_many_have_come() -> None:
    assert Action.REACH_OUT not in actions(offered(newcomers=40))
    assert Action.REACH_OUT in actions(offered(newcomers=60))


@pytest.mark.parametrize("flag", [TargetFlag.PUBLIC_FIGURE, TargetFlag.ORGANISATION])
def test_who_is_in_public_is_not_shut_off_from_it(flag: TargetFlag) -> None:
    found = actions(offered(newcomers=400, strengths=EVERYTHING, flags=flag))
    assert Action.LIMIT_REPLIES not in found
    assert Action.HOLD_COPIES in found


@pytest.mark.parametrize("kind", ["thread", "community"])
def test_in_a_place_everybody_speaks_more_slowly(kind: str) -> None:
    found = actions(offered(kind=kind))
    assert Action.SLOW_DOWN in found
    assert Action.LIMIT_REPLIES not in found


def test_every_protection_ends_by_itself_and_says_why() -> None:
    found = [
        *offered(newcomers=400, strengths=EVERYTHING),
        *offered(strengths=EVERYTHING, flags=TargetFlag.MINOR),
        *offered(kind="thread"),
        *offered(verdict=Outcome.UNCERTAIN),
    ]
    assert {one.reason for one in found} == {code for code in CATALOGUE if code.startswith("protect.")}
    for one in found:
        assert one.until_ms == NOW_MS + 24 * HOUR_MS
        assert all(str(value) in say(one.reason, one.parameters) for value in one.parameters.values())
    slow = offered(strengths=EVERYTHING, surge=Surge(172_800, 60, 0.1, 12.0))
    assert {one.until_ms for one in slow} == {NOW_MS + 7 * 24 * HOUR_MS}
