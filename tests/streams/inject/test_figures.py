"""The arithmetic of scores."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.inject.figures import at_prior, calibration_error, over_streams, reliability, threshold
from streams.inject.judging import Judged, judge
from streams.inject.score import score, together
from streams.inject.yardsticks import distinct_authors, midas_r

START = 1_709_510_400_000
HOUR = 3_600_000


def campaign(number: int, *, pile_on: bool, **more: Any) -> dict[str, Any]:
    begin = START + number * 10 * HOUR
    return {
        "id": f"c{number}",
        "scenario": "made-up",
        "pile_on": pile_on,
        "target": {"kind": "account", "id": f"t{number}"},
        "started_at": begin,
        "ended_at": begin + HOUR,
        "attackers": ["a", "b", "c"] if pile_on else [],
        "defenders": ["d", "e"] if pile_on else [],
        "instigator": None,
        "caller": None,
        "sources": [],
        "participants": 20,
        "parameters": {"shape": "steady"},
        **more,
    }


def alert(number: int, says: float, verdict: str = "pile_on", revision: int = 1, **more: Any) -> dict[str, Any]:
    at = START + number * 10 * HOUR + 60_000
    return {
        "id": f"alert-{number}",
        "revision": revision,
        "verdict": verdict,
        "score": says,
        "target": {"kind": "account", "id": f"t{number}"},
        "started_at": at,
        "detected_at": at,
        "updated_at": at + revision * 1_000,
        "ended_at": None,
        "participants": {"total": 12},
        "roles": [],
        "instigators": [],
        "sources": [],
        **more,
    }


def judged(campaigns: list[dict[str, Any]], alerts: list[dict[str, Any]], days: float = 2.0) -> Judged:
    return judge({"days": days, "campaigns": campaigns}, alerts, 50_000, "made-up", 1)


def figures(stream: Judged) -> dict[str, Any]:
    return {name: figure["median"] for name, figure in score([stream])["figures"].items()}


def roles(**named: str) -> list[dict[str, Any]]:
    return [{"account": account, "role": role, "confidence": 1.0, "events": []} for account, role in named.items()]


def test_what_was_said_of_campaigns_and_of_the_background() -> None:
    campaigns = [campaign(1, pile_on=True), campaign(2, pile_on=True), campaign(3, pile_on=False)]
    alerts = [alert(1, 0.9), alert(2, 0.5, "uncertain"), alert(3, 0.8), alert(7, 0.7), alert(8, 0.95)]
    found = figures(judged(campaigns, alerts))

    assert found["recall"] == 0.5
    assert found["pile_ons_uncertain"] == 0.5
    assert found["harmless_called_pile_on"] == 1.0
    assert found["harmless_uncertain"] == 0.0
    assert found["false_alerts_per_day"] == 1.0
    assert found["false_alerts_per_100k"] == 4.0
    assert found["participants"] == 12
    assert found["seconds"] == 60


def test_recall_at_so_many_false_alerts_a_day() -> None:
    campaigns = [campaign(1, pile_on=True), campaign(2, pile_on=True)]
    alerts = [alert(1, 0.9), alert(2, 0.3, "uncertain"), *(alert(number, 0.1 * number) for number in range(3, 8))]
    found = figures(judged(campaigns, alerts, days=1.0))

    assert found["recall_at_1"] == 0.5
    assert found["recall_at_3"] == 0.5
    assert found["recall_at_10"] == 1.0
    assert threshold([0.3, 0.9, 0.5], 1) == 0.5
    assert threshold([0.3], 1) == -np.inf


def test_who_was_named() -> None:
    truth = campaign(1, pile_on=True, instigator="i", caller="i", sources=["north", "south"])
    says = roles(a="attacker", b="attacker", d="attacker", c="defender", i="instigator", x="bystander")
    sources = [
        {"community": "north", "share": 0.6, "lift": 9.0},
        {"community": "south", "share": 0.1, "lift": 9.0},
        {"community": "west", "share": 0.3, "lift": 1.1},
    ]
    ranked = [{"account": name, "score": s, "evidence": []} for name, s in (("z", 0.4), ("i", 0.3))]
    stream = judged([truth], [alert(1, 0.9, roles=says, sources=sources, instigators=ranked)])
    found = figures(stream)

    assert found["attackers_precision"] == 3 / 4
    assert found["attackers_recall"] == 1.0
    assert found["defenders_accused"] == 0.5
    assert found["instigator_hit_1"] == 0.0
    assert found["instigator_hit_3"] == 1.0
    assert found["sources_recall"] == 0.5
    assert found["sources_precision"] == 1.0
    assert found["instigator_blamed"] is None


def test_an_instigator_named_where_there_was_none_counts_from_a_half_on() -> None:
    def blamed(value: float) -> float:
        ranked = [{"account": "z", "score": value, "evidence": []}]
        found: float = figures(judged([campaign(1, pile_on=True)], [alert(1, 0.9, instigators=ranked)]))[
            "instigator_blamed"
        ]
        return found

    assert blamed(0.49) == 0.0
    assert blamed(0.5) == 1.0


def test_the_newest_revision_is_what_is_calibrated_and_the_highest_what_is_ranked() -> None:
    case = judged([campaign(1, pile_on=True)], [alert(1, 0.9), alert(1, 0.4, revision=2)]).cases[0]

    assert case.last == (0.4,)
    assert case.highest == 0.9


def test_calibration_error_is_the_weighted_distance() -> None:
    scored = [(0.95, True)] * 9 + [(0.95, False)] + [(0.25, False)] * 10
    bins = reliability(scored)

    assert [(one.alerts, round(one.share, 3)) for one in bins] == [(10, 0.0), (10, 0.9)]
    assert calibration_error(bins) == pytest.approx(0.5 * 0.25 + 0.5 * 0.05)
    assert calibration_error([]) is None


def test_at_a_prior_what_is_harmless_weighs_most() -> None:
    scored = [(0.9, True)] * 50 + [(0.2, False)] * 50
    bins = reliability(scored, at_prior(scored, 0.01))

    assert calibration_error(bins) == pytest.approx(0.99 * 0.2 + 0.01 * 0.1)


def test_of_several_presets_together_the_calibration_is_told_by_how_crowds_arrived() -> None:
    """Twelve alerts that come in a burst, of two presets, and a dozen that come steadily; each of too few to be told alone."""
    streams = []
    for preset in range(2):
        numbers = range(12)
        campaigns = [
            campaign(n, pile_on=n % 2 == 0, scenario=f"{preset}", parameters={"shape": "burst" if n < 6 else "steady"})
            for n in numbers
        ]
        alerts = [alert(n, 0.95 if n % 2 == 0 else 0.25 if n < 6 else 0.05) for n in numbers]
        streams.append(judged(campaigns, alerts))
    found = together(streams)["calibration"]

    assert {name: one["ece"] for name, one in found["by_shape"].items()} == pytest.approx(
        {"burst": 0.15, "steady": 0.05}
    )
    assert found["worst_shape"] == pytest.approx(0.15)
    assert found["matched_ece"] == pytest.approx(0.1)
    assert found["at_prior_ece"] == pytest.approx(0.99 * 0.15 + 0.01 * 0.05)
    assert score(streams[:1])["calibration"]["by_shape"].keys() == {"0"}


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_a_calibration_error_is_a_share_and_no_alert_is_lost(scored: list[tuple[float, bool]]) -> None:
    bins = reliability(scored)
    error = calibration_error(bins)

    assert sum(one.alerts for one in bins) == len(scored)
    assert error is not None
    assert 0 <= error <= 1


@given(st.lists(st.floats(-1e6, 1e6) | st.none(), max_size=12))
def test_an_interval_holds_the_median_and_lies_within_the_values(values: list[float | None]) -> None:
    figure = over_streams(values)
    known = [value for value in values if value is not None]

    assert figure == over_streams(values)
    if not known:
        assert figure.median is None
    else:
        assert figure.median is not None
        assert figure.low is not None
        assert figure.high is not None
        assert min(known) <= figure.low <= figure.median <= figure.high <= max(known)


def test_distinct_authors_are_counted_within_ten_minutes() -> None:
    time = np.array([0, 1_000, 2_000, 599_000, 600_000, 1_300_000])
    author = np.array([1, 2, 1, 3, 4, 1])
    target = np.full(6, 9)

    assert distinct_authors(time, author, target).tolist() == [1, 2, 2, 3, 4, 1]


def test_midas_r_scores_a_burst_above_what_is_steady() -> None:
    steady = [(minute * 60_000 + k, 1, 2) for minute in range(60) for k in range(3)]
    burst = [(60 * 60_000 + k, 100 + k, 50) for k in range(40)]
    time, author, target = np.array([*steady, *burst]).T
    found = midas_r(time, author, target)

    assert found[len(steady) :].max() > 20 * found[10 : len(steady)].max()
    assert len(midas_r(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))) == 0
