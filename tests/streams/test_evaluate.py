"""What a score means."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from streams.evaluation import EvaluationError, Report, evaluate, read_alerts, read_truth

START = 1_709_510_400_000
HOUR = 3_600_000


def campaign(number: int, name: str, *, pile_on: bool, kind: str = "account", **more: Any) -> dict[str, Any]:
    return {
        "id": f"campaign-{number}",
        "scenario": name,
        "pile_on": pile_on,
        "target": {"kind": kind, "id": f"target-{number}"},
        "started_at": START + number * HOUR,
        "ended_at": START + number * HOUR + 600_000,
        "attackers": [],
        "defenders": [],
        "instigator": None,
        **more,
    }


def alert(
    target: str, verdict: str, *, at: int, kind: str = "account", revision: int = 1, people: int = 12, name: str = ""
) -> dict[str, Any]:
    return {
        "id": name or f"alert-{kind}-{target}",
        "revision": revision,
        "verdict": verdict,
        "target": {"kind": kind, "id": target},
        "started_at": at - 30_000,
        "detected_at": at,
        "updated_at": at + (revision - 1) * 60_000,
        "ended_at": None,
        "participants": {"total": people},
    }


TRUTH: dict[str, Any] = {
    "days": 2.0,
    "campaigns": [
        campaign(1, "brigade", pile_on=True, threads=["t-1"]),
        campaign(2, "brigade", pile_on=True),
        campaign(3, "thread_raid", pile_on=True, kind="thread", accounts=["local"]),
        campaign(4, "ama", pile_on=False, threads=["t-4"]),
        campaign(5, "outage", pile_on=False),
    ],
}


def at(number: int, seconds: int = 60) -> int:
    return START + number * HOUR + seconds * 1000


def counts(report: Report, name: str) -> dict[str, Any]:
    found = report.to_json()["by_scenario"][name]
    assert isinstance(found, dict)
    return found


def test_without_alerts_everything_is_unseen() -> None:
    report = evaluate(TRUTH, [], accepted_interactions=1000)
    assert report.recall == 0
    assert report.harmless_called == 0
    assert report.false_alerts_per_day == 0
    assert report.to_json()["pile_ons"]["unseen"] == 3
    assert report.to_json()["harmless"]["unseen"] == 2


def test_a_pile_on_called_so_counts_with_its_time_and_people() -> None:
    alerts = [alert("target-1", "pile_on", at=at(1, 90), people=14), alert("target-2", "pile_on", at=at(2, 30))]
    report = evaluate(TRUTH, alerts)
    assert report.recall == pytest.approx(2 / 3)
    assert counts(report, "brigade")["seconds_median"] == 60
    assert counts(report, "brigade")["participants_median"] == 13
    assert report.false_alerts == 0


def test_what_was_ever_said_was_said_and_dates_from_the_revision_that_said_it() -> None:
    revisions = [
        alert("target-1", "uncertain", at=at(1), people=9),
        alert("target-1", "pile_on", at=at(1), revision=2, people=20),
        alert("target-1", "organic_surge", at=at(1), revision=3),
    ]
    report = evaluate(TRUTH, revisions)
    assert counts(report, "brigade")["called_pile_on"] == 1
    assert counts(report, "brigade")["seconds_median"] == 120
    assert counts(report, "brigade")["participants_median"] == 20


def test_otherwise_the_newest_revision_is_what_was_said() -> None:
    revisions = [alert("target-5", "uncertain", at=at(5)), alert("target-5", "organic_surge", at=at(5), revision=2)]
    assert counts(evaluate(TRUTH, revisions), "outage")["organic_surge"] == 1


def test_a_harmless_campaign_called_a_pile_on_is_no_organic_false_alert() -> None:
    report = evaluate(TRUTH, [alert("target-4", "pile_on", at=at(4))])
    assert report.harmless_called == 0.5
    assert report.false_alerts == 0


def test_false_alerts_are_told_by_day_and_by_interactions() -> None:
    alerts = [alert(f"stranger-{n}", "pile_on", at=at(n)) for n in range(4)]
    alerts.append(alert("calm", "organic_surge", at=at(1)))
    report = evaluate(TRUTH, alerts, accepted_interactions=200_000)
    assert report.false_alerts == 4
    assert report.organic_alerts == 5
    assert report.false_alerts_per_day == 2
    assert report.false_alerts_per_100k == 2
    assert evaluate(TRUTH, alerts).false_alerts_per_100k is None


@pytest.mark.parametrize(
    ("offset", "belongs"), [(-HOUR - 120_000, False), (-HOUR, True), (600_000 + 2 * HOUR, True), (3 * HOUR, False)]
)
def test_an_alert_belongs_from_an_hour_before_to_two_hours_after(offset: int, belongs: bool) -> None:
    report = evaluate(TRUTH, [alert("target-1", "pile_on", at=at(1, 0) + offset)])
    assert report.false_alerts == (0 if belongs else 1)


def test_an_alert_on_a_thread_of_the_target_belongs() -> None:
    assert counts(evaluate(TRUTH, [alert("t-1", "pile_on", at=at(1), kind="thread")]), "brigade")["called_pile_on"] == 1
    assert evaluate(TRUTH, [alert("target-1", "pile_on", at=at(1), kind="thread")]).false_alerts == 1


def test_an_alert_on_one_who_was_hit_in_a_raid_is_neither_found_nor_false() -> None:
    report = evaluate(TRUTH, [alert("local", "pile_on", at=at(3))])
    assert counts(report, "thread_raid")["unseen"] == 1
    assert report.false_alerts == 0
    assert report.beside == 1


def test_times_may_be_milliseconds_or_rfc_3339() -> None:
    text = alert("target-1", "pile_on", at=at(1))
    text |= {
        "started_at": "2024-03-04T01:00:30Z",
        "detected_at": "2024-03-04T02:01:00+01:00",
        "updated_at": "2024-03-04T01:01:00Z",
    }
    numbers = evaluate(TRUTH, [alert("target-1", "pile_on", at=at(1))])
    assert evaluate(TRUTH, [text]).to_json() == numbers.to_json()


@given(st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_of_revisions_matters(rng: random.Random) -> None:
    revisions = [
        alert(f"target-{n}", verdict, at=at(n), revision=revision)
        for n in range(1, 7)
        for revision, verdict in enumerate(("uncertain", "pile_on" if n % 2 else "organic_surge", "uncertain"), 1)
    ]
    expected = evaluate(TRUTH, revisions).to_json()
    shuffled = revisions + rng.sample(revisions, 5)
    rng.shuffle(shuffled)
    assert evaluate(TRUTH, shuffled).to_json() == expected


def test_reports_of_several_days_add_up() -> None:
    found = evaluate(TRUTH, [alert("target-1", "pile_on", at=at(1))], accepted_interactions=100)
    missed = evaluate(TRUTH, [alert("nobody", "pile_on", at=at(1))], accepted_interactions=300)
    both = Report.merge([found, missed])
    assert both.days == 4
    assert both.interactions == 400
    assert both.recall == pytest.approx(1 / 6)
    assert both.false_alerts_per_day == 0.25


def test_the_table_shows_every_scenario_and_the_json_is_plain() -> None:
    report = evaluate(TRUTH, [alert("target-1", "pile_on", at=at(1))], accepted_interactions=1000)
    console = Console(file=io.StringIO(), width=120)
    console.print(report.table())
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    for word in ("brigade", "thread_raid", "ama", "outage", "all pile-ons", "all harmless", "False pile-on alerts: 0"):
        assert word in shown
    assert json.loads(json.dumps(report.to_json())) == report.to_json()


def judged(number: int, said: str | None, **more: Any) -> Report:
    truth = {"days": 1.0, "campaigns": [campaign(number, "trial", pile_on=False, **more)]}
    return evaluate(truth, [] if said is None else [alert(f"target-{number}", said, at=at(number))])


@pytest.mark.parametrize("said", ["pile_on", "uncertain", "organic_surge", None])
def test_right_is_what_the_truth_allows(said: str | None) -> None:
    outcome = said or "unseen"
    everything = ["pile_on", "uncertain", "organic_surge", "unseen"]
    assert counts(judged(1, said, right=[outcome]), "trial")["right"] == 1
    assert counts(judged(1, said, right=everything), "trial")["right"] == 1
    assert counts(judged(1, said, right=[one for one in everything if one != outcome]), "trial")["right"] == 0
    assert counts(judged(1, said), "trial")["right"] is None


def test_right_is_a_share_of_those_of_which_the_truth_tells() -> None:
    campaigns = [
        campaign(1, "brigade", pile_on=True, right=["pile_on"]),
        campaign(2, "brigade", pile_on=True, right=["pile_on"]),
        campaign(3, "brigade", pile_on=True),
    ]
    report = evaluate({"days": 1.0, "campaigns": campaigns}, [alert("target-1", "pile_on", at=at(1))])
    assert counts(report, "brigade")["right"] == 0.5
    assert report.to_json()["pile_ons"]["right"] == 0.5
    assert report.to_json()["harmless"]["right"] is None


def test_whoever_is_named_against_the_rule_counts_once_in_whatever_revision() -> None:
    truth = {
        "days": 1.0,
        "campaigns": [
            campaign(1, "false_flag", pile_on=True, never_named=["ann", "bea", "cy", "dan"]),
            campaign(2, "ama", pile_on=False),
        ],
    }
    roles = [
        {"account": "ann", "role": "attacker"},
        {"account": "bea", "role": "defender"},
        {"account": "eve", "role": "attacker"},
    ]
    first = {**alert("target-1", "pile_on", at=at(1)), "roles": roles}
    second = {**alert("target-1", "pile_on", at=at(1), revision=2), "instigators": [{"account": "cy", "score": 0.9}]}
    elsewhere = {**alert("target-2", "uncertain", at=at(2)), "roles": [{"account": "dan", "role": "attacker"}]}
    report = evaluate(truth, [first, second, elsewhere])
    assert report.named_against_rule == 2
    assert counts(report, "false_flag")["named_against_rule"] == 2
    assert counts(report, "ama")["named_against_rule"] == 0
    console = Console(file=io.StringIO(), width=300)
    console.print(report.table())
    assert isinstance(console.file, io.StringIO)
    assert "must never be: 2" in console.file.getvalue()


def test_files_are_read_back(tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text(json.dumps(TRUTH))
    lines = [json.dumps(alert("target-1", "pile_on", at=at(1))), ""]
    (tmp_path / "alerts.ndjson").write_text("\n".join(lines))
    report = evaluate(read_truth(tmp_path / "truth.json"), read_alerts(tmp_path / "alerts.ndjson"))
    assert counts(report, "brigade")["called_pile_on"] == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is not JSON"),
        ("[]", "no list of campaigns"),
        ('{"campaigns": []}', "how many days"),
        ('{"days": 1, "campaigns": [{"scenario": "ama"}]}', "campaign 1 needs a `scenario`"),
        ('{"days": 1, "campaigns": [{"scenario": "ama", "pile_on": false}]}', "campaign 1 needs a `target`"),
        (json.dumps({"days": 1, "campaigns": [campaign(1, "ama", pile_on=False, right="unseen")]}), "`right` must be"),
        (json.dumps({"days": 1, "campaigns": [campaign(1, "ama", pile_on=False, never_named=[7])]}), "`never_named`"),
    ],
)
def test_a_wrong_truth_is_explained(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "truth.json"
    path.write_text(content)
    with pytest.raises(EvaluationError, match=words):
        read_truth(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": 7}, "needs an `id`"),
        ({"revision": "1"}, "`revision` must be"),
        ({"target": {"kind": "planet", "id": "x"}}, "needs a `target`"),
        ({"started_at": "2024-03-04T01:00:00"}, "`started_at` must be a time"),
    ],
)
def test_a_wrong_alert_is_explained_with_its_line(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    path = tmp_path / "alerts.ndjson"
    path.write_text("\n" + json.dumps(alert("target-1", "pile_on", at=at(1)) | change))
    with pytest.raises(EvaluationError, match=f"line 2.*{words}"):
        list(read_alerts(path))


def test_a_missing_file_is_explained(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="cannot be read: No such file"):
        read_truth(tmp_path / "none.json")
