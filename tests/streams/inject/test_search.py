"""The search for the attackers' cheapest way to stay silent."""

import json
from pathlib import Path

from typer.testing import CliRunner

from streams.inject.search import CHOICES, Setting, app, price, search, size_for
from tests.streams.inject.ground import small_edges


def seen(setting: Setting) -> float:
    """Stands for an engine that calls quick attacks of many new accounts."""
    return 1.0 if setting["minutes"] < 60 and setting["fresh"] > 0.3 else 0.0


def test_it_finds_a_silent_setting_and_makes_it_cheaper() -> None:
    attempts = list(search(60, 50, seen, 1))
    silent = [attempt for attempt in attempts if attempt.silent]
    best = min(attempts, key=lambda attempt: attempt.rank)

    assert len(attempts) == 60
    assert best.silent
    assert best.accounts < silent[0].accounts


def test_the_same_seed_tries_the_same() -> None:
    assert list(search(12, 50, seen, 4)) == list(search(12, 50, seen, 4))


def test_every_choice_stays_within_its_range() -> None:
    for attempt in search(40, 50, seen, 2):
        for name, allowed in CHOICES.items():
            allowed.parse(name, str(attempt.setting[name]))


def test_hiding_among_ordinary_talk_takes_more_accounts_and_ties_cost_more() -> None:
    setting = {"abusive": 0.5, "fresh": 1.0, "near": 0.0, "shares": 0.0, "minutes": 120}

    assert size_for(setting, 50) == 100
    assert price(setting, 50) == (100.0, 2.0)
    assert price({**setting, "fresh": 0.0}, 50)[0] == 300.0
    assert price({**setting, "fresh": 0.0, "near": 1.0}, 50)[0] == 600.0


def test_it_runs_the_engine_and_prints_what_silence_costs(tmp_path: Path) -> None:
    path = tmp_path / "edges.txt"
    path.write_bytes(b"\n".join(small_edges()) + b"\n")
    given = [str(path), "--format", "edges", "--budget", "2", "--harm", "10", "--pairs", "2", "--preset", "hard-20"]
    result = CliRunner().invoke(app, [*given, "--json"])

    assert result.exit_code == 0
    found = json.loads(result.stdout.splitlines()[-1])
    assert found["harm"] == 10
    assert {"silent", "recall", "accounts", "hours", "setting"} == set(found["attempts"][0])
    assert len(found["attempts"]) == 2
