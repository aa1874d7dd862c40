"""The deep look: every signal measured of one scene, and what it amounts to."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.look import Finding, Scene, examine
from detectors.model import SIGNALS, shipped
from detectors.signals import audience_of
from detectors.surge import Surge, Usual, tail
from detectors.verdict import judge
from graph.interactions import Kind
from graph.neighbourhood import Crowd
from streams.state import decode, encode
from tests.helpers import AROUND, DAY_MS, START_MS, crowd_of, no_words

MODEL = shipped()
SIZE = 20
USUAL = Usual(0.1, 0.5)
SPOKEN = replace(no_words(SIZE), hostile=np.full(SIZE, 0.9), texts=np.ones(SIZE, np.int64))


def scene_of(crowd: Crowd, kind: Kind = Kind.ACCOUNT, window_s: int = 600) -> Scene:
    expected = USUAL.expected(window_s)
    return Scene(
        tick=START_MS // 1000 + 300,
        onset_ms=START_MS,
        subject="x",
        kind=kind,
        crowd=crowd,
        around=AROUND,
        audience=audience_of(crowd, AROUND),
        surge=Surge(window_s, crowd.total, expected, tail(crowd.total, expected, USUAL.shape)),
        usual=USUAL,
        words=no_words(len(crowd)),
        kin=np.full(len(crowd), -1.0),
        acquainted=None,
        target_flags=0,
        known_ms=30 * DAY_MS,
    )


def test_every_signal_is_measured_and_judged() -> None:
    finding = examine(scene_of(crowd_of(home=["far"] * SIZE)), MODEL)
    assert sorted(signal.name for signal in finding.signals) == sorted(SIGNALS)
    assert finding.judgement == judge(finding.signals, MODEL)
    parts = finding.judgement.contributions
    odds = math.log(finding.judgement.probability / (1 - finding.judgement.probability))
    assert odds == pytest.approx(MODEL.silent.intercept + sum(parts))
    by_name = dict(zip((signal.name for signal in finding.signals), parts, strict=True))
    assert by_name["origin"] > by_name["warmth"] == 0
    assert [origin.community for origin in finding.origins] == ["far"]


def test_a_crowd_from_one_foreign_place_is_likelier_an_attack_than_one_from_home() -> None:
    far, own = (examine(scene_of(crowd_of(home=[home] * SIZE)), MODEL) for home in ("far", "own"))
    assert far.judgement.probability > MODEL.pile_on > MODEL.organic > own.judgement.probability


HOMES = st.sampled_from([None, "far", "afar", "own"])


@given(st.lists(HOMES, min_size=1, max_size=8), st.sampled_from(Kind), st.sampled_from([3, 100]), st.data())
def test_a_finding_is_the_same_bytes_after_a_restart(
    homes: list[str | None], kind: Kind, known_days: int, data: st.DataObject
) -> None:
    """No number is whole before it and broken after it."""
    kin = np.array([data.draw(st.sampled_from([0.0, 0.5, 3.0])) for _ in homes])
    crowd = crowd_of(len(homes), home=homes, kin=kin, audience=2 * kin, created=np.full(len(homes), -1))
    found = encode(examine(replace(scene_of(crowd, kind), known_ms=known_days * DAY_MS), MODEL))
    assert encode(decode(found, Finding)) == found


def test_strangers_first_came_within_the_hour_before_the_onset() -> None:
    first = START_MS + 10_000 * np.arange(SIZE)
    first[:4] = [START_MS - DAY_MS, START_MS - 3_600_001, START_MS - 3_600_000, START_MS - 1]
    finding = examine(scene_of(crowd_of(first=first)), MODEL)
    assert finding.strangers == [False, False] + [True] * (SIZE - 2)


def strength(name: str, **scene: Any) -> float:
    finding = examine(replace(scene_of(crowd_of()), **scene), MODEL)
    return next(signal.strength for signal in finding.signals if signal.name == name)


@pytest.mark.parametrize("name", ["strangers", "circle"])
def test_a_silent_crowd_of_which_the_log_knows_little_is_not_said_to_be_of_strangers(name: str) -> None:
    kin = np.where(np.arange(SIZE) < 4, 0.0, -1.0)
    few, all_known = (abs(strength(name, acquainted=9, kin=one)) for one in (kin, np.zeros(SIZE)))
    assert 0.0 < few < all_known
    assert abs(strength(name, acquainted=9, kin=kin, words=SPOKEN)) == abs(
        strength(name, acquainted=9, kin=np.zeros(SIZE), words=SPOKEN)
    )
    assert abs(strength(name, acquainted=9, kin=kin, crowd=crowd_of(home=["far"] * SIZE))) == all_known


def test_who_was_together_before_is_a_group() -> None:
    recent = np.zeros((SIZE, 4), np.int64)
    recent[:6] = (11, 12, 0, 0)
    assert examine(scene_of(crowd_of(recent=recent)), MODEL).groups == [[f"a{number}" for number in range(6)]]


@pytest.mark.parametrize(
    ("window_s", "slow"), [(60, False), (600, False), (3_600, False), (21_600, True), (172_800, True)]
)
def test_what_takes_longer_than_an_hour_is_slow(window_s: int, slow: bool) -> None:
    assert examine(scene_of(crowd_of(), window_s=window_s), MODEL).is_slow is slow


def test_the_size_is_what_was_counted_not_what_was_sampled() -> None:
    assert examine(scene_of(replace(crowd_of(), total=500)), MODEL).newcomers == 500


NAMES = st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=40)


@given(NAMES, st.data(), st.sampled_from(Kind))
def test_the_main_share_and_what_is_left_without_it(targets: list[Any], data: st.DataObject, kind: Kind) -> None:
    size = len(targets)
    threads = data.draw(st.lists(st.sampled_from(["s", "t", None]), min_size=size, max_size=size))
    finding = examine(scene_of(crowd_of(size, target=targets, thread=threads), kind), MODEL)
    within = [targets] if kind is Kind.THREAD else [targets, threads]
    most = max(sum(one == name for one in names) for names in within for name in "abcst")
    assert finding.main_share == pytest.approx(most / size)
    assert finding.rest == pytest.approx(tail(size - most, USUAL.expected(600), USUAL.shape))
    assert finding.rest <= finding.scene.surge.evidence + 1e-9


@given(st.permutations(range(SIZE)))
def test_the_order_of_the_rows_decides_nothing_but_who_comes_first(order: list[int]) -> None:
    homes = ["far"] * 8 + ["own"] * 7 + [None] * 5
    crowd = crowd_of(home=homes, time=np.full(SIZE, START_MS))
    other = crowd_of(
        home=[homes[at] for at in order],
        time=np.full(SIZE, START_MS),
        account=[f"a{at}" for at in order],
        event=[f"e{at}" for at in order],
        first=crowd.first[order],
    )
    one, two = examine(scene_of(crowd), MODEL), examine(scene_of(other), MODEL)
    assert [signal.strength for signal in one.signals] == pytest.approx([signal.strength for signal in two.signals])
    assert one.origins == two.origins
    assert one.judgement.probability == pytest.approx(two.judgement.probability)
