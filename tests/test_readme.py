"""What a reader of the README may rely on: its commands, tables and sample are those of the program."""

import math
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import typer

from alerts.messages import say
from detectors.model import SIGNALS, shipped
from streams.cli import app
from streams.metrics import EngineMetrics
from streams.runner import Runner
from streams.settings import Settings, in_force, load
from streams.wire import REASONS, Decoder, Lines
from streams.wire.schema import FIELDS

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
    context = None
    while hasattr(command, "commands"):
        name, *words = words
        assert name in command.commands
        command = command.commands[name]
        context = command.make_context(name, list(words), parent=context) if not hasattr(command, "commands") else None
    assert context is not None


def test_most_commands_are_shown() -> None:
    shown = {words[0] for words in BREAKWATER}
    assert shown == set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


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
    assert shape(ALERT) == shape(alert_of_a_crowd())
    assert [signal["name"] for signal in ALERT["signals"]] != []
    assert {signal["name"] for signal in ALERT["signals"]} == set(SIGNALS)


def test_the_sample_adds_up_to_its_score_as_the_text_says() -> None:
    model = shipped()
    contributions = [signal["contribution"] for signal in ALERT["signals"]]
    odds = math.fsum([model.intercept, *contributions])
    assert ALERT["engine"]["model"] == model.name
    assert ALERT["score"] == pytest.approx(1 / (1 + math.exp(-odds)), abs=1e-3)
    terms, total = re.findall(r"^ *(-?\d[^=\n]*) = (-?[\d.]+)$", README, re.MULTILINE)[0]
    assert [float(term) for term in terms.replace("- ", "-").replace("+ ", "").split()] == [
        model.intercept,
        *contributions,
    ]
    assert float(total) == pytest.approx(odds, abs=1e-3)
    for signal in ALERT["signals"]:
        assert signal["contribution"] * model.weights[signal["name"]] * (1 if signal["name"] != "warmth" else 0) >= 0


def test_the_sentence_beside_the_sample_is_that_of_its_first_signal() -> None:
    first = ALERT["signals"][0]
    assert f'"{say(first["code"], first["parameters"])}"' in README


def rows_after(heading: str) -> dict[str, str]:
    """First cells of the table whose head starts so, each with the rest of its row."""
    table = README.split(f"\n| {heading} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    cells = [re.fullmatch(r"\| (.*?) \| (.*) \|", row) for row in table]
    return {cell[1]: cell[2] for cell in cells if cell}


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
    assert {name.strip("`") for name in rows_after("variable")} == {one.variable for one in in_force()}


def test_the_metrics_told_are_those_that_are_served() -> None:
    served = {sample.name for metric in EngineMetrics(Runner(load())).collect() for sample in metric.samples}
    assert set(re.findall(r"`(breakwater_[a-z_]+)`", README)) - {"breakwater_evidence_salt"} == served


def test_the_signals_told_are_those_that_are_weighed_and_speak_for_the_side_told() -> None:
    rows, weights = rows_after("signal"), shipped().weights
    assert [name.strip("`") for name in rows] == list(SIGNALS)
    for name, row in rows.items():
        assert row.rsplit("|", 1)[1].strip().startswith("against" if weights[name.strip("`")] < 0 else "for")
