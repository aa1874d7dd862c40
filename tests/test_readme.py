"""What a reader of the README may rely on: its commands, tables and sample are those of the program."""

import math
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import typer
import yaml
from kafka import KafkaProducer

from alerts.feedback import SCHEMA as FEEDBACK_SCHEMA
from alerts.feedback import read_feedback
from alerts.messages import say
from deploy.kafka.broker import Broker
from detectors.learner import guaranteed
from detectors.learner.bounds import FACTORS, MOST_MOVED, MOST_SHIFT, SLOPES
from detectors.learner.ledger import MOST_BY_ANALYST, MOST_IN_EPOCH
from detectors.model import SIGNALS, shipped
from streams.cli import app
from streams.kafka.topics import create
from streams.metrics import EngineMetrics, WorkerMetrics
from streams.runner import Runner
from streams.settings import Settings, in_force, load
from streams.status import WorkerStatus
from streams.wire import REASONS, Decoder, Lines
from streams.wire.schema import FIELDS
from tests.helpers import BY_CTRL_C

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^ *```(\w+)\n(.*?)^ *```$", README, re.MULTILINE | re.DOTALL)
OBJECTS = [orjson.loads(content) for language, content in BLOCKS if language == "json"]
ALERT = next(one for one in OBJECTS if one.get("schema") == "breakwater.alert/1")


def commands() -> Iterator[list[str]]:
    """Words of every command in a block, without its variables, comment and neighbours in a pipe."""
    for language, content in BLOCKS:
        for line in content.splitlines():
            if language != "sh" and not line.startswith("$ "):
                continue
            for part in line.removeprefix("$ ").split("|"):
                words = shlex.split(part, comments=True)
                while words and re.match(r"BREAKWATER_\w+=", words[0]):
                    del words[0]
                if words:
                    yield words


BREAKWATER = [words[1:] for words in commands() if words[0] == "breakwater"]


@pytest.mark.parametrize("words", BREAKWATER, ids=" ".join)
def test_every_command_is_one_that_the_program_understands(words: list[str]) -> None:
    command: Any = typer.main.get_command(app)
    name = "breakwater"
    while words and words[0] in getattr(command, "commands", {}):
        name, *words = words
        command = command.commands[name]
    assert not hasattr(command, "commands") or (command.invoke_without_command and not words)
    assert command.make_context(name, list(words)) is not None


def test_most_commands_are_shown() -> None:
    shown = {words[0] for words in BREAKWATER}
    assert shown == set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def test_every_service_is_in_the_compose_file() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    words = [words[2:] for words in commands() if words[:2] == ["docker", "compose"]]
    assert {line[-1] for line in words if line[0] == "run"} <= set(compose["services"])
    assert "up" in {line[0] for line in words}


def test_every_make_target_is_there() -> None:
    targets = [words[1] for words in commands() if words[0] == "make"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {"demo", "test"} <= set(targets)
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert all("://" in link or (ROOT / link).exists() for link in links)


def alert_of_a_crowd() -> dict[str, Any]:
    """An alert, as the program writes it, with something in each list that this version fills."""
    begin_ms = 1_714_564_800_000
    events = [
        {
            "id": f"{step}-{at}",
            "type": "mention",
            "time": begin_ms + 3_600_000 * step + 1_000 * at,
            "author": f"stranger{at}",
            "author_home": "afar",
            "author_created_at": begin_ms,
            "target": "vic" if step == 2 else f"elsewhere{step}-{at % 4}",
        }
        for step in range(3)
        for at in range(40)
    ]
    runner = Runner(Settings())
    decoded = Decoder().decode(Lines.numbered([orjson.dumps(event) for event in events], "crowd", 1))
    revisions = [*runner.push(decoded), *runner.end()]
    return next(found for found in map(orjson.loads, (one.body for one in revisions)) if found["groups"])


def shape(value: Any) -> Any:
    """The names of all fields in a value, and of those inside; parameters are free."""
    if isinstance(value, dict):
        return {name: None if name == "parameters" else shape(inside) for name, inside in value.items()}
    if isinstance(value, list):
        shapes = [shape(one) for one in value]
        assert all(one == shapes[0] for one in shapes)
        return shapes[0] if shapes and isinstance(shapes[0], dict) else None
    return None


def test_the_sample_has_the_fields_of_an_alert() -> None:
    mine, program = shape(ALERT), shape(alert_of_a_crowd())
    # What stands in only one of the lists of an alert cannot be compared.
    empty = {name for name in program if [] in (ALERT[name], alert_of_a_crowd()[name])}
    assert empty <= {"instigators", "groups", "roles", "protections"}
    assert mine.keys() == program.keys()
    assert {name: mine[name] for name in mine.keys() - empty} == {name: program[name] for name in mine.keys() - empty}
    assert [signal["name"] for signal in ALERT["signals"]] != []
    assert {signal["name"] for signal in ALERT["signals"]} == set(SIGNALS)


def test_the_sample_adds_up_to_its_score_as_the_text_says() -> None:
    model = shipped()
    contributions = [signal["contribution"] for signal in ALERT["signals"]]
    weighing = model.weighing({signal["name"]: signal["contribution"] for signal in ALERT["signals"]})
    odds = math.fsum([weighing.intercept, *contributions])
    assert ALERT["engine"]["model"] == model.name
    assert ALERT["score"] == pytest.approx(1 / (1 + math.exp(-odds)), abs=1e-3)
    terms, total = re.findall(r"^ *(-?\d[^=\n]*) = (-?[\d.]+)$", README, re.MULTILINE)[0]
    assert [float(term) for term in terms.replace("- ", "-").replace("+ ", "").split()] == [
        weighing.intercept,
        *contributions,
    ]
    assert float(total) == pytest.approx(odds, abs=1e-3)
    for one in ALERT["signals"]:
        assert one["contribution"] * weighing.weights[one["name"]] >= 0 or one["name"] in ("hostility", "warmth")


def test_the_sentence_beside_the_sample_is_that_of_its_first_signal() -> None:
    first = ALERT["signals"][0]
    assert f'"{say(first["code"], first["parameters"])}"' in README


def rows_after(heading: str) -> dict[str, str]:
    """First cells of the tables whose heads start so, each with the rest of its row."""
    rows = [row for part in README.split(f"\n| {heading} |")[1:] for row in part.split("\n\n", 1)[0].splitlines()[2:]]
    cells = [re.fullmatch(r"\| (.*?) \| (.*) \|", row) for row in rows]
    return {cell[1]: cell[2] for cell in cells if cell}


def section(title: str) -> str:
    """The text under a heading of any level, up to the next of the same."""
    level, text = re.split(rf"^(#+) {re.escape(title)}\n", README, maxsplit=1, flags=re.MULTILINE)[1:]
    return re.split(rf"^{level} ", text, maxsplit=1, flags=re.MULTILINE)[0]


def test_the_tables_name_every_field_of_an_event() -> None:
    told = " ".join([*rows_after("required"), *rows_after("optional")])
    assert set(re.findall(r"`(\w+)`", told)) == {field.name for field in FIELDS}


def test_the_event_shown_is_taken_as_it_is() -> None:
    event = next(one for one in OBJECTS if "schema" not in one)
    decoded = Decoder().decode(Lines.numbered([orjson.dumps(event)], "readme", 1))
    assert (len(decoded.batch), decoded.mended_events) == (1, 0)


def test_all_reasons_of_refusal_are_named_and_the_one_shown_is_real() -> None:
    told = README.split("\nCodes: ", 1)[1].split(".\n", 1)[0]
    assert set(re.findall(r"`(\w+)`", told)) == set(REASONS)
    shown = next(one for one in OBJECTS if one.get("schema") == "breakwater.rejected/1")
    refusal = Decoder().decode(Lines.numbered([shown["raw"].encode()], "readme", 1)).refusals[0]
    assert (refusal.code, refusal.message) == (shown["code"], shown["message"])


def test_the_settings_told_are_those_that_there_are() -> None:
    told = [name for cell in rows_after("variable") for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(told) == sorted(one.variable for one in in_force())


def test_every_setting_named_is_one_and_its_default_is_the_one_told() -> None:
    known = {one.variable: one.value for one in in_force()}
    assert set(re.findall(r"BREAKWATER_[A-Z_]+[A-Z]", README)) - {"BREAKWATER_IDLE"} <= known.keys()
    for cell, row in rows_after("variable").items():
        names, told = re.findall(r"`(\w+)`", cell), row.split(" | ")[0]
        values = [str(value).lower() if isinstance(value, bool) else value for value in map(known.__getitem__, names)]
        words = [",".join(value) if isinstance(value, list) else str(value).removesuffix(".0") for value in values]
        expected = [{"": "empty", "{}": "empty", "None": "none"}.get(word, word) for word in words]
        assert told in {", ".join(expected), expected[0] if len(set(expected)) == 1 else None}, cell


def names_of(metrics: EngineMetrics | WorkerMetrics) -> set[str]:
    return {sample.name for metric in metrics.collect() for sample in metric.samples}


def told_in(title: str) -> set[str]:
    return set(re.findall(r"`(breakwater_[a-z_]+)`", section(title)))


def test_the_metrics_told_are_those_that_are_served() -> None:
    assert told_in("Metrics") == names_of(EngineMetrics(Runner(load())))


def test_the_metrics_told_of_a_worker_are_those_that_it_serves_beside() -> None:
    status = WorkerStatus(["shard"])
    status.stages["shard"].assign([0])
    status.stages["shard"].restoring(0, 3)
    status.stages["shard"].move(0, 1, 4)
    status.stages["shard"].commit()
    served, engine = names_of(WorkerMetrics(status)), names_of(EngineMetrics(Runner(load())))
    assert engine <= served
    assert told_in("Run workers") == served - engine


def test_the_decision_shown_can_be_read() -> None:
    shown = next(one for one in OBJECTS if one.get("schema") == FEEDBACK_SCHEMA)
    assert read_feedback(orjson.dumps(shown)).alert == ALERT["id"]


def test_the_limits_of_learning_told_are_those_that_hold() -> None:
    model, text = shipped(), section("Teach it").replace("\n  ", " ")
    low, high = guaranteed(model)
    assert f"between {SLOPES[0]} and {SLOPES[1]}" in text
    assert f"shift within {MOST_SHIFT} " in text
    assert f"together move by at most {MOST_MOVED}" in text
    assert FACTORS == (0.5, 2.0)
    assert f"gives {math.ceil(1000 * high) / 1000} or more keeps a score of at least {model.pile_on}" in text
    assert f"gives {math.floor(1000 * low) / 1000} or less at most {model.organic}" in text
    assert f"at most {MOST_BY_ANALYST} of one analyst and {MOST_IN_EPOCH} of all" in text


def test_the_signals_told_are_those_that_are_weighed_and_speak_for_the_side_told() -> None:
    rows, weights = rows_after("signal"), shipped().spoken.weights
    assert [name.strip("`") for name in rows] == list(SIGNALS)
    for name, row in rows.items():
        assert row.rsplit("|", 1)[1].strip().startswith("against" if weights[name.strip("`")] < 0 else "for")


def test_the_reader_of_alerts_shown_sees_what_is_committed_and_goes_on_where_it_was(
    broker: Broker, topic_prefix: str
) -> None:
    topic = f"{topic_prefix}breakwater.alerts"
    code = next(content for language, content in BLOCKS if language == "python")
    code = code.replace("breakwater.alerts", topic).replace("127.0.0.1:9092", broker.bootstrap)
    code = code.replace("moderators", topic_prefix)
    create(load(kafka={"bootstrap_servers": broker.bootstrap, "prefix": topic_prefix}))
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap, transactional_id=topic_prefix)
    producer.init_transactions()

    def write(revision: int, *, commit: bool = True) -> None:
        producer.begin_transaction()
        producer.send(topic, orjson.dumps({**ALERT, "revision": revision}), key=ALERT["id"].encode())
        (producer.commit_transaction if commit else producer.abort_transaction)()

    def read(count: int) -> list[str]:
        with subprocess.Popen(
            [sys.executable, "-c", BY_CTRL_C + code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as reader:
            assert reader.stdout is not None
            try:
                return [next(reader.stdout).split()[1] for _ in range(count)]
            finally:
                reader.send_signal(signal.SIGINT)

    write(1)
    write(2, commit=False)
    write(3)
    assert read(2) == ["1", "3"]
    write(4)
    producer.close()
    # What was printed last, and not noted yet, comes again.
    assert read(1) in (["3"], ["4"])
