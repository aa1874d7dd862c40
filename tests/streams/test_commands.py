"""The commands as a user meets them: what they print, what they leave behind, and with what status they end."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from streams.cli import app
from streams.simulate import simulate, write
from tests.helpers import COMMAND

START = 1_709_510_400_000


def run(*arguments: str | Path, stdin: bytes | None = None, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin, env=env)


def last_json(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return found


def event(number: int, **fields: Any) -> dict[str, Any]:
    given = {"id": f"e{number}", "type": "mention", "time": START + 1000 * number, "author": "ann", "target": "bob"}
    return {key: value for key, value in {**given, **fields}.items() if value is not None}


def ndjson(*events: dict[str, Any] | bytes) -> bytes:
    return b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in events)


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with `events.ndjson` and `truth.json`."""
    directory = tmp_path_factory.mktemp("lively")
    write(simulate(5, 0.5, ["bot_raid", "viral_joy"], pace=0.4), directory)
    return directory


@pytest.fixture(scope="module")
def alerts(lively: Path) -> Path:
    found = lively / "alerts.ndjson"
    assert run("detect", lively / "events.ndjson", "--alerts", found).exit_code == 0
    return found


def test_the_program_and_every_command_explain_themselves() -> None:
    overview = run("--help")

    assert overview.exit_code == 0
    for name in (
        "demo",
        "detect",
        "simulate",
        "evaluate",
        "validate",
        "settings",
        "publish",
        "tail",
        "topics",
        "bench",
    ):
        assert name in overview.stdout
        assert run(name, "--help").exit_code == 0


def test_help_does_not_wait_for_the_engine_to_load() -> None:
    code = (
        "import sys, streams.cli\n"
        "heavy = {'numpy', 'river', 'networkx', 'scipy', 'pydantic', 'prometheus_client', 'msgspec', 'kafka', 'aiokafka'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert found.stdout == "[]\n"


def test_simulate_writes_the_same_files_for_the_same_seed(tmp_path: Path) -> None:
    options = ("--seed", "7", "--hours", "0.5", "--scenario", "ama", "--scenario", "brigade", "--json")
    first, again = (last_json(run("simulate", "--out", tmp_path / name, *options)) for name in ("one", "two"))

    assert (first["pile_ons"], first["harmless"]) == (1, 1)
    assert first["events"] == again["events"] == len((tmp_path / "one" / "events.ndjson").read_bytes().splitlines())
    for name in ("events.ndjson", "truth.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    scenarios = {one["scenario"] for one in json.loads((tmp_path / "one" / "truth.json").read_bytes())["campaigns"]}
    assert scenarios == {"ama", "brigade"}


def test_simulate_takes_several_scenarios_after_one_option(tmp_path: Path) -> None:
    result = run("simulate", "--out", tmp_path, "--hours", "0.5", "--scenario", "ama", "brigade", "--json")

    assert last_json(result)["harmless"] == last_json(result)["pile_ons"] == 1


def test_detect_tells_what_became_of_every_event(tmp_path: Path, lively: Path) -> None:
    lines = (lively / "events.ndjson").read_bytes().splitlines()
    lines[100:100] = [lines[99], lines[98], b"{", json.dumps(event(0, id="secret", visibility="private")).encode()]
    packed = tmp_path / "events.ndjson.gz"
    packed.write_bytes(gzip.compress(b"\n".join(lines) + b"\n"))
    out = tmp_path / "alerts.ndjson"
    found = last_json(run("detect", packed, "--alerts", out, "--json"))

    assert found["events"] == len(lines)
    assert (found["duplicates"], found["rejected"], found["private"]) == (2, 1, 1)
    assert found["events"] == found["accepted"] + found["rejected"] + found["duplicates"] + found["private"]
    newest = {alert["id"]: alert["verdict"] for alert in map(json.loads, out.read_bytes().splitlines())}
    assert found["alerts"] == {**dict.fromkeys(found["alerts"], 0), **Counter(newest.values())}
    assert found["alerts"].keys() == {"pile_on", "organic_surge", "uncertain"}


def test_detect_reads_several_files_as_one_source(tmp_path: Path, lively: Path, alerts: Path) -> None:
    lines = (lively / "events.ndjson").read_bytes().splitlines(keepends=True)
    names = [tmp_path / "first", tmp_path / "second"]
    names[0].write_bytes(b"".join(lines[:700]).rstrip())
    names[1].write_bytes(b"".join(lines[700:]))
    out = tmp_path / "alerts.ndjson"

    assert run("detect", *names, "--alerts", out).exit_code == 0
    assert out.read_bytes() == alerts.read_bytes()


def test_detect_goes_from_standard_input_to_standard_output(lively: Path, alerts: Path) -> None:
    result = run("detect", "-", "--alerts", "-", stdin=(lively / "events.ndjson").read_bytes())

    assert result.exit_code == 0
    assert result.stdout_bytes == alerts.read_bytes()


BROKEN: list[tuple[str, bytes]] = [
    ("bad_json", b'{"id": "x", "type": '),
    ("bad_json", b'{"id":"x","type":"mention","time":NaN,"author":"ann","target":"bob"}'),
    ("bad_json", b'{"id":"\xff"}'),
    ("not_an_object", b"17"),
    ("empty_line", b""),
    ("missing_field", json.dumps(event(1, author=None)).encode()),
    ("missing_field", json.dumps(event(1, id=None)).encode()),
    ("wrong_type", json.dumps(event(1, id=5)).encode()),
    ("wrong_type", json.dumps(event(1, time=1.5)).encode()),
    ("wrong_type", json.dumps(event(1, target={"id": "bob"})).encode()),
    ("unknown_type", json.dumps(event(1, type="poke")).encode()),
    ("missing_target", json.dumps(event(1, target=None)).encode()),
    ("too_many_targets", json.dumps(event(1, target=["bob"] * 17)).encode()),
    ("bad_identifier", json.dumps(event(1, id="x" * 513)).encode()),
    ("bad_identifier", json.dumps(event(1, author="")).encode()),
    ("bad_time", json.dumps(event(1, time="yesterday")).encode()),
    ("time_out_of_range", json.dumps(event(1, time="1970-01-01T00:00:00Z")).encode()),
    ("time_out_of_range", json.dumps(event(1, time="2190-01-01T00:00:00Z")).encode()),
    ("duplicate_key", b'{"id":"x","id":"y","type":"mention","time":1709510400000,"author":"ann","target":"bob"}'),
    ("too_deep", b'{"id":"x","deep":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    ("wrong_type", b"[%b,%b]" % (json.dumps(event(50)).encode(), json.dumps(event(51, id=[])).encode())),
    ("future", json.dumps(event(1, id="ahead", time=START + 30 * 86_400_000)).encode()),
]


def test_a_file_with_everything_that_can_be_wrong(tmp_path: Path) -> None:
    source, out, rejected = (tmp_path / name for name in ("events", "alerts", "rejected"))
    good = [json.dumps(event(number)).encode() for number in range(len(BROKEN) + 1)]
    mended = [
        b'{"id":"m1","type":"mention","time":1709510460000,"author":"ann","target":"bob","text":"\\ud800"}',
        json.dumps(event(60, id="m2", views="many")).encode(),
        json.dumps(event(60, id="m3", text="long " * 5_000)).encode(),
    ]
    lines = [line for (_, wrong), right in zip(BROKEN, good, strict=False) for line in (right, wrong)]
    lines += [good[-1], good[0], *mended]
    source.write_bytes(ndjson(*lines))
    found = last_json(run("detect", source, "--alerts", out, "--rejected", rejected, "--json", "--sort"))
    refusals = [json.loads(line) for line in rejected.read_bytes().splitlines()]

    assert Counter(one["code"] for one in refusals) == Counter(code for code, _ in BROKEN)
    assert all(one["message"].endswith(".") for one in refusals)
    stood = {one["origin"]["line"]: one["code"] for one in refusals}
    assert stood == {2 * at + 2: code for at, (code, _) in enumerate(BROKEN)}
    assert found["rejected"] == len(BROKEN)
    # One more good event stands in the array, one good line came twice.
    assert found["accepted"] == len(good) + 1 + len(mended)
    assert found["duplicates"] == 1
    assert found["mended"] == len(mended)
    assert found["events"] == found["accepted"] + found["rejected"] + found["duplicates"]


def test_an_event_from_the_future_delays_nothing(tmp_path: Path, lively: Path, alerts: Path) -> None:
    lines = (lively / "events.ndjson").read_bytes().splitlines()
    lines.insert(300, json.dumps(event(1, id="ahead", time=START + 40 * 86_400_000)).encode())
    source, out = tmp_path / "events", tmp_path / "alerts"
    source.write_bytes(b"\n".join(lines))
    found = last_json(run("detect", source, "--alerts", out, "--json", "--batch-size", "50"))

    assert found["rejected"] == 1
    assert found["late"] == 0
    assert out.read_bytes() == alerts.read_bytes()


def test_an_unsorted_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    source, out = tmp_path / "events", tmp_path / "alerts"
    source.write_bytes(ndjson(event(100), event(101), event(3)))
    out.write_text("from an earlier run\n")
    result = run("detect", source, "--alerts", out)

    assert result.exit_code == 1
    assert "--sort" in result.stderr
    assert "line 3" in result.stderr
    assert out.read_text() == "from an earlier run\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alerts", "events"]
    assert last_json(run("detect", source, "--alerts", out, "--sort", "--json"))["accepted"] == 3
    assert out.read_text() == ""


def test_edges_in_any_order_with_comments(tmp_path: Path) -> None:
    source, out = tmp_path / "edges", tmp_path / "alerts"
    seconds = START // 1000
    source.write_text(f"# author target seconds\n1 2 {seconds + 90} RT\n3 2 {seconds} RE\n4 2 soon\n")
    refused = run("detect", source, "--format", "edges", "--alerts", out)
    found = last_json(run("detect", source, "--format", "edges", "--alerts", out, "--sort", "--json"))

    assert refused.exit_code == 1
    assert "--sort" in refused.stderr
    assert (found["events"], found["accepted"], found["rejected"]) == (3, 2, 1)


WRONG = {
    "no alerts": (["detect", "{events}"], "--alerts"),
    "an unknown option": (["detect", "{events}", "--alerts", "{out}", "--fast"], "--fast"),
    "an unknown format": (["detect", "{events}", "--alerts", "{out}", "--format", "xml"], "xml"),
    "a batch of nothing": (["detect", "{events}", "--alerts", "{out}", "--batch-size", "0"], "greater"),
    "summary and alerts in one place": (["detect", "{events}", "--alerts", "-", "--json"], "--json"),
    "alerts and refusals in one place": (
        ["detect", "{events}", "--alerts", "{out}", "--rejected", "{out}"],
        "--rejected",
    ),
    "over its own input": (["detect", "{events}", "--alerts", "{events}"], "overwritten"),
    "standard input twice": (["detect", "-", "-", "--alerts", "{out}"], "once"),
    "an unknown scenario": (["simulate", "--out", "{out}", "--scenario", "nope"], "bot_raid"),
    "a scenario without its option": (["simulate", "--out", "{out}", "ama"], "--scenario"),
    "a scenario without its time": (["simulate", "--out", "{out}", "--scenario", "slow_harassment"], "--hours 74"),
    "trials of no seed": (["evaluate", "--trials", "--seeds", "some"], "1-50"),
    "trials of an unknown name": (["evaluate", "--trials", "--scenario", "nope"], "mutual_fight"),
    "trials without their option": (["evaluate", "--trials", "celebrity"], "--scenario"),
    "a truth without alerts": (["evaluate", "{events}"], "--trials"),
    "no time at all": (["simulate", "--out", "{out}", "--hours", "0"], "0"),
    "an unknown command": (["detekt"], "detekt"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use_ends_with_2_and_says_what_was_wrong(name: str, tmp_path: Path) -> None:
    arguments, told = WRONG[name]
    source = tmp_path / "events"
    source.write_bytes(ndjson(event(1)))
    result = run(*(one.format(events=source, out=tmp_path / "out") for one in arguments))

    assert result.exit_code == 2
    assert told in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["events"]


FAILED = {
    "no such file": (["detect", "{there}/nothing", "--alerts", "{there}/out"], {}, "no file"),
    "a directory": (["detect", "{there}", "--alerts", "{there}/out"], {}, "directory"),
    "nowhere to write to": (["detect", "{there}/events", "--alerts", "{there}/no/out"], {}, "no/out"),
    "no such settings": (["detect", "{there}/events", "--alerts", "{there}/out", "--settings", "nope"], {}, "nope"),
    "a wrong setting": (["settings"], {"BREAKWATER_ALLOWED_LATENESS_S": "soon"}, "allowed_lateness_s"),
    "not an alert": (["evaluate", "{there}/truth.json", "{there}/events"], {}, "line 1"),
    "not the truth": (["evaluate", "{there}/events", "{there}/events"], {}, "campaigns"),
}


@pytest.mark.parametrize("name", FAILED)
def test_what_fails_ends_with_1_and_a_sentence(name: str, tmp_path: Path) -> None:
    arguments, environment, told = FAILED[name]
    (tmp_path / "events").write_bytes(ndjson(event(1)))
    (tmp_path / "truth.json").write_text('{"days": 1, "campaigns": []}')
    result = run(*(one.format(there=tmp_path) for one in arguments), env=environment)

    assert result.exit_code == 1
    assert result.stderr.startswith("breakwater: ")
    assert told in result.stderr
    assert "Traceback" not in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["events", "truth.json"]


def test_evaluate_scores_alerts_against_the_truth(lively: Path, alerts: Path) -> None:
    table = run("evaluate", lively / "truth.json", alerts, env={"COLUMNS": "120"})
    score = last_json(run("evaluate", lively / "truth.json", alerts, "--interactions", "1000", "--json"))

    assert table.exit_code == 0
    assert "bot_raid" in table.stdout
    assert score["pile_ons"]["campaigns"] == score["harmless"]["campaigns"] == 1
    assert score["interactions"] == 1000
    assert score["false_alerts_per_100k_interactions"] == score["false_alerts"] * 100


def test_evaluate_tries_out_what_is_named_over_several_seeds() -> None:
    score = last_json(run("evaluate", "--trials", "--seeds", "3-4", "--scenario", "bot_raid", "own_dogpile", "--json"))

    assert score["seeds"] == 2
    assert set(score["ordinary"]["by_scenario"]) == {"bot_raid"}
    assert score["trials"]["by_scenario"]["own_dogpile"]["campaigns"] == 2
    assert 0 <= score["trials"]["pile_ons"]["right"] <= 1


def test_validate_says_what_would_be_rejected_and_mended(tmp_path: Path) -> None:
    source = tmp_path / "sample"
    source.write_bytes(
        ndjson(
            event(1),
            event(2, target=None),
            event(1, id="ahead", time=START + 30 * 86_400_000),
            event(3, views=-1, text=4),
            json.dumps([event(4), event(5, id="")]).encode(),
            event(6, visibility="private"),
        )
    )
    result = run("validate", source, "--json")
    found = last_json(result)

    assert result.exit_code == 1
    assert (found["events"], found["accepted"], found["rejected"], found["private"]) == (7, 3, 3, 1)
    assert {code: one["places"] for code, one in found["rejected_by_reason"].items()} == {
        "missing_target": [{"line": 2, "element": None}],
        "future": [{"line": 3, "element": None}],
        "bad_identifier": [{"line": 5, "element": 1}],
    }
    assert found["mended"] == 1
    assert {what: one["count"] for what, one in found["mended_by_what"].items()} == {"views": 1, "text": 1}
    assert found["mended_by_what"]["views"]["places"] == [{"line": 4, "element": None}]
    told = run("validate", source).stdout
    assert "line 5, element 1" in told
    assert "`views` is optional" in told


def test_validate_names_only_the_first_few_places(tmp_path: Path) -> None:
    source = tmp_path / "sample"
    source.write_bytes(ndjson(*[event(number, views="many", type=None) for number in range(9)]))
    found = last_json(run("validate", source, "--json"))["rejected_by_reason"]["missing_field"]

    assert found["count"] == 9
    assert [place["line"] for place in found["places"]] == [1, 2, 3]


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ([event(1), event(2, views=-1)], 0),
        ([event(1), event(2, type="poke")], 1),
        ([event(90), event(91), event(1)], 1),
    ],
    ids=["mended at most", "something would be rejected", "out of order"],
)
def test_validate_ends_with_0_when_detect_would_take_it_all(
    events: list[dict[str, Any]], status: int, tmp_path: Path
) -> None:
    source = tmp_path / "sample"
    source.write_bytes(ndjson(*events))

    assert run("validate", source).exit_code == status


def test_validate_reads_edges(tmp_path: Path) -> None:
    source = tmp_path / "edges"
    source.write_text(f"# comment\n1 2 {START // 1000}\n1 2\n")
    result = run("validate", source, "--format", "edges", "--json")

    assert result.exit_code == 1
    assert last_json(result)["rejected_by_reason"]["bad_edge"]["places"] == [{"line": 3, "element": None}]


def test_settings_say_where_they_come_from_and_keep_secrets(tmp_path: Path) -> None:
    file, secrets = tmp_path / "settings.yaml", tmp_path / "secrets"
    file.write_text("allowed_lateness_s: 7\nfuture_s: 120\n")
    secrets.mkdir()
    (secrets / "breakwater_evidence_salt").write_text("hush")
    environment = {"BREAKWATER_FUTURE_S": "240", "BREAKWATER_SECRETS_DIR": str(secrets)}
    result = run("settings", "--settings", file, "--json", env=environment)
    found = {name: (one["value"], one["from"]) for name, one in last_json(result).items()}

    assert {name: one for name, one in found.items() if "." not in name} == {
        "allowed_lateness_s": (7, str(file)),
        "future_s": (240, "environment"),
        "take_private": (False, "default"),
        "evidence_salt": ("**********", "secret file"),
        "evidence_text": (True, "default"),
        "hostility_model": ("", "default"),
    }
    assert "hush" not in run("settings", "--settings", file, env=environment).output


def test_a_setting_counts(tmp_path: Path) -> None:
    source, out = tmp_path / "events", tmp_path / "alerts"
    source.write_bytes(ndjson(event(1, visibility="private"), event(20), event(11)))
    options = {"BREAKWATER_TAKE_PRIVATE": "true", "BREAKWATER_ALLOWED_LATENESS_S": "30"}
    found = last_json(run("detect", source, "--alerts", out, "--json", env=options))

    assert (found["accepted"], found["private"], found["late"]) == (3, 0, 0)


def test_bench_tells_a_ratio_to_bare_decoding() -> None:
    found = last_json(run("bench", "engine", "--events", "1000", "--rounds", "1", "--json"))

    assert found["events"] == 1000
    assert found["ratio"] > 0
    assert found["ratio"] == pytest.approx(
        found["engine_events_per_second"] / found["decoding_events_per_second"], rel=0.01
    )


def started(*arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*COMMAND, *map(str, arguments)], stderr=subprocess.PIPE, **options)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_being_stopped_leaves_nothing_half_written(
    number: signal.Signals, status: int, tmp_path: Path, lively: Path
) -> None:
    process = started("detect", "-", "--alerts", tmp_path / "alerts", stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write((lively / "events.ndjson").read_bytes())
    process.stdin.flush()
    partial = tmp_path / "alerts.partial"
    while process.poll() is None and not (partial.exists() and partial.stat().st_size):
        time.sleep(0.05)
    os.kill(process.pid, number)
    _, told = process.communicate()

    assert process.returncode == status
    assert told == b""
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_has_gone_ends_it_quietly(lively: Path) -> None:
    process = started("detect", lively / "events.ndjson", "--alerts", "-", stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    _, told = process.communicate()

    assert process.returncode == 1
    assert told == b""
