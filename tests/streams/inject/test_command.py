"""`evaluate --inject` as a user meets it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from streams.cli import app
from tests.streams.inject.ground import small_edges


@pytest.fixture(scope="module")
def edges(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("edges") / "edges.txt"
    path.write_bytes(b"\n".join(small_edges()) + b"\n")
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def inject(edges: Path, *more: str | Path) -> Result:
    given = ("--inject", edges, "--format", "edges", "--seeds", "1", "--set", "size=15", "--pairs", "2")
    return run(*given, "--processes", "1", *more)


def last_json(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return found


def test_it_scores_each_preset_and_writes_what_is_asked_for(edges: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    result = inject(
        edges, "--preset", "hard-20", "--preset", "hard-50-text", "--json", "--report", report, "--keep", tmp_path
    )

    assert result.exit_code == 0
    presets = last_json(result)["presets"]
    assert set(presets) == {"hard-20", "hard-50-text"}
    assert presets["hard-20"]["pile_ons"] == presets["hard-20"]["harmless"] == 2
    assert {"recall", "false_alerts_per_day", "harmless_called_pile_on"} <= set(presets["hard-20"]["figures"])
    assert set(presets["hard-20"]["yardsticks"]) == {"MIDAS-R", "distinct authors"}
    assert report.read_text().startswith("<!doctype html>")
    kept = tmp_path / "hard-20-1"
    again = run(kept / "truth.json", kept / "alerts.ndjson", "--json")
    assert last_json(again)["recall"] == presets["hard-20"]["figures"]["recall"]["median"]


def test_processes_change_nothing(edges: Path) -> None:
    one = inject(edges, "--preset", "hard-20", "--seeds", "1-2", "--json")
    two = inject(edges, "--preset", "hard-20", "--seeds", "1-2", "--processes", "2", "--json")

    assert last_json(one) == last_json(two)


def test_a_signal_can_be_left_out(edges: Path) -> None:
    result = inject(edges, "--preset", "hard-20", "--without", "exposure", "--without", "surge", "--json")

    assert result.exit_code == 0
    assert last_json(result)["without"] == ["exposure", "surge"]


def test_a_table_is_for_people(edges: Path) -> None:
    result = inject(edges, "--preset", "hard-20")

    assert "organic pile_on alerts a day" in result.stdout
    assert "distinct authors" in result.stdout


def test_leaks_are_checked_without_the_engine(edges: Path) -> None:
    result = inject(edges, "--preset", "hard-20", "--check-leaks", "--json")

    assert result.exit_code == 0
    assert last_json(result)["leaks"] == {"hard-20": []}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--preset", "soft"), "there are hard-50"),
        (("--set", "colour=red"), "there are text"),
        (("--set", "size"), "write name=value"),
        (("--seeds", "x"), "Write them like 1-50"),
        (("--without", "luck"), "there are surge"),
        (("--report", "/nowhere/at/all.html"), "no directory"),
        (("--corpus", "absent.csv"), "cannot be read"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(edges: Path, more: tuple[str, ...], says: str) -> None:
    result = inject(edges, *more)

    assert result.exit_code == 1
    assert says in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


def test_a_background_that_is_absent_or_out_of_order_is_said(tmp_path: Path) -> None:
    mixed = tmp_path / "mixed.txt"
    mixed.write_bytes(b"\n".join(small_edges()[::-1]) + b"\n")

    assert "There is no file" in inject(tmp_path / "absent.txt").stderr
    assert "--sort" in inject(mixed).stderr
    assert inject(mixed, "--sort", "--preset", "hard-20").exit_code == 0


def test_it_is_either_files_or_an_injection(edges: Path) -> None:
    assert run().exit_code == 2
    assert run("truth.json").exit_code == 2
    assert run("truth.json", "alerts.ndjson", "--inject", edges).exit_code == 2
