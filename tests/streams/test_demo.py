"""What a person who starts the demo sees."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import unicodedata
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from typer.testing import CliRunner

import streams.demo
from alerts.alert import Revision
from detectors.verdict import Outcome
from streams.cli import app
from streams.demo.closing import close
from streams.demo.plain import closing_lines
from streams.demo.player import Gauges
from streams.demo.safe import safe
from streams.demo.story import News, Story
from streams.demo.view import View
from streams.demo.words import bar, reasons, sparkline
from streams.simulate import simulate
from tests.helpers import COMMAND

START = 1_709_510_400_000
DEMO = [*COMMAND, "demo"]
FAST = ["--speed", "1000000000"]
HOSTILE = "[bold red]boss[/]\x1b[2J\x1b]0;owned\x07\r\n\u202egnp\u2066\u0301\u0301\u0301\u0301\x9b31m" + "漢字" * 200
GAUGES = Gauges(START + 3_600_000, 0.25, 12_000, 6.0, 9_000, 1_800, 40, 200)


def run(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*DEMO, *options],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
        env={**os.environ, **environment},
    )


def body(number: int = 1, revision: int = 1, **fields: Any) -> dict[str, Any]:
    alert = {
        "id": f"alert-{number}",
        "revision": revision,
        "status": "open",
        "verdict": "pile_on",
        "severity": "high",
        "score": 0.91,
        "target": {"kind": "account", "id": f"target-{number}", "flags": []},
        "started_at": START,
        "detected_at": START + 60_000,
        "updated_at": START + 60_000 * revision,
        "ended_at": None,
        "participants": {"total": 12 * revision, "strangers": 11, "fresh_accounts": 3},
        "signals": [
            signal_of("origin", 3.1, "origin.community", percent=80, community="elsewhere", expected_percent=2),
            signal_of("surge", 2.0, "surge.newcomers", newcomers=12, window_s=60, expected=0.2),
            signal_of("warmth", -0.4, "warmth.reactions", balance=0.2),
        ],
    }
    return {**alert, **fields}


def signal_of(name: str, contribution: float, code: str, **parameters: object) -> dict[str, object]:
    return {"name": name, "contribution": contribution, "code": code, "parameters": parameters}


def revision_of(alert: dict[str, Any]) -> Revision:
    target = alert["target"]
    return Revision(
        tick=alert["updated_at"] // 1000,
        id=alert["id"],
        revision=alert["revision"],
        verdict=Outcome(alert["verdict"]),
        status=alert["status"],
        kind=target["kind"],
        subject=target["id"],
        participants=alert["participants"]["total"],
        score=alert["score"],
        body=orjson.dumps(alert),
    )


def story_of(*alerts: dict[str, Any]) -> Story:
    story = Story()
    for alert in alerts:
        story.take(revision_of(alert))
    return story


def rendered(story: Story, width: int, height: int) -> list[str]:
    console = Console(record=True, width=width, height=height, file=io.StringIO())
    console.print(View(180).render(story, GAUGES, 123.0, width, height))
    return console.export_text().splitlines()


def campaign(number: int, *, pile_on: bool, name: str = "brigade") -> dict[str, Any]:
    return {
        "id": f"campaign-{number}",
        "scenario": name,
        "pile_on": pile_on,
        "target": {"kind": "account", "id": f"target-{number}"},
        "started_at": START,
        "ended_at": START + 600_000,
        "participants": 40,
    }


@pytest.fixture(scope="module")
def whole() -> subprocess.CompletedProcess[str]:
    return run(*FAST)


def test_ends_with_0_at_the_first_pile_on_and_says_why(whole: subprocess.CompletedProcess[str]) -> None:
    done = run("--until-alert", "--json", "--speed", "20000", FORCE_COLOR="1")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    lines = done.stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if " pile_on" in line)
    assert re.match(r"\d\d:\d\d:\d\d (OPENED|NOW) pile_on ", lines[at])
    assert all(re.match(r" +[+-]\d+\.\d  .+\.$", line) for line in lines[at + 1 : at + 4])
    assert lines[at + 4] == ""
    assert lines[: at + 4] == whole.stdout.splitlines()[: at + 4], "what is said does not depend on the speed"
    assert "ended early" in lines[-2]
    assert json.loads(lines[-1])["pile_ons"]["campaigns"] >= 1


def test_without_a_terminal_it_is_plain_lines_to_the_end(whole: subprocess.CompletedProcess[str]) -> None:
    assert whole.returncode == 0, whole.stderr
    assert whole.stderr == ""
    assert not [char for char in whole.stdout if unicodedata.category(char) == "Cc" and char != "\n"]
    closing = whole.stdout.split("\n\n")[-1]
    for name in ("viral joy", "bot raid", "brigade", "quote pile on", "ama", "breaking news"):
        assert name in closing


def test_on_a_terminal_it_draws_and_gives_the_screen_back() -> None:
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONUTF8": "1", "COLUMNS": "", "LINES": ""}
    process = subprocess.Popen(
        [*DEMO, "--until-alert", *FAST], stdin=follower, stdout=follower, stderr=follower, env=environment
    )
    os.close(follower)
    seen = b""
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:
            break
        if not part:
            break
        seen += part
    os.close(leader)
    assert process.wait() == 0
    assert seen.index(b"\x1b[?1049h") < seen.index(b"watched") < seen.index(b"\x1b[?1049l")
    after = seen[seen.index(b"\x1b[?1049l") :].decode()
    assert "pile_on" in after
    assert "bot raid, a pile-on" in after


def test_ctrl_c_ends_it_quietly() -> None:
    process = subprocess.Popen(DEMO, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == ""


def test_a_quiet_stretch_fails_with_a_sentence_when_an_alert_was_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams.demo, "prepare", lambda seed: simulate(seed, 0.25, []))
    done = CliRunner().invoke(app, ["demo", "--until-alert", *FAST])
    assert done.exit_code == 1
    assert "--seed" in done.stderr


def test_a_speed_below_1_is_wrong_use() -> None:
    assert CliRunner().invoke(app, ["demo", "--speed", "0"]).exit_code == 2


@pytest.mark.parametrize(("width", "height"), [(72, 20), (80, 24), (100, 45), (140, 50), (200, 30)])
def test_the_view_fills_the_terminal_and_hostile_names_do_no_harm(width: int, height: int) -> None:
    target = {"kind": "account", "id": HOSTILE, "flags": []}
    signals = [signal_of("origin", 3.1, "origin.community", percent=80, community=HOSTILE, expected_percent=2)]
    story = story_of(
        body(1, target=target, signals=signals),
        body(2, target={**target, "kind": "thread"}, signals=signals, verdict="organic_surge", severity="info"),
        *(body(number, verdict="uncertain", severity="low") for number in range(3, 30)),
    )
    lines = rendered(story, width, height)
    assert len(lines) == height
    assert {cell_len(line) for line in lines} <= {width}
    text = "\n".join(lines)
    assert "[bold red]boss" in text
    assert not [char for char in text if unicodedata.category(char) in ("Cc", "Cf") and char != "\n"]


def test_the_view_tells_the_pile_on_its_reasons_and_the_harmless_crowd() -> None:
    harmless = [
        signal_of("surge", 1.5, "surge.newcomers", newcomers=300, window_s=600, expected=4.0),
        signal_of("exposure", -1.2, "exposure.shown", per_newcomer=1.5),
    ]
    story = story_of(
        body(1), body(1, 2), body(2, verdict="organic_surge", severity="info", score=0.03, signals=harmless)
    )
    text = "\n".join(rendered(story, 80, 24))
    for words in ("▲ pile-on", "@target-1", "0.91", "+12", "80 % of them came from one", "○ not a pile-on @target-2"):
        assert words in text
    assert text.index("1.5 others shared") > text.index("not a pile-on")


def test_a_view_of_nothing_is_calm() -> None:
    assert "Nobody is being piled on" in "\n".join(rendered(Story(), 80, 24))


def test_notes_are_made_of_what_changes_and_of_nothing_else() -> None:
    story = Story()
    steps = [
        body(1, 1, verdict="uncertain", severity="low"),
        body(1, 2, verdict="uncertain", severity="low", status="escalating"),
        body(1, 3, verdict="pile_on", severity="medium", status="escalating"),
        body(1, 4, severity="high", status="peaking"),
        body(1, 5, severity="high", status="subsiding"),
        body(1, 6, severity="high", status="resolved"),
        body(1, 7, severity="high", status="open"),
    ]
    notes = [story.take(revision_of(step)) for step in steps]
    said = [None if note is None else note.news for note in notes]
    assert said == [News.OPENED, None, News.CHANGED, News.WORSE, None, News.RESOLVED, News.RETURNED]
    assert notes[2] is not None
    assert notes[2].before == "uncertain"


def test_reasons_come_in_the_order_asked_for() -> None:
    assert [reason.sign for reason in reasons(body())] == ["+", "+", "-"]
    assert [reason.sign for reason in reasons(body(), against_first=True)] == ["-", "+", "+"]


def test_the_closing_hides_neither_what_was_missed_nor_who_was_wronged() -> None:
    truth = {
        "days": 1.0,
        "campaigns": [
            campaign(1, pile_on=True),
            campaign(2, pile_on=True),
            campaign(3, pile_on=True),
            campaign(4, pile_on=False, name="viral_joy"),
            {**campaign(5, pile_on=True), "started_at": START + 7_000_000, "ended_at": START + 8_000_000},
        ],
    }
    alerts = [body(1), body(2, verdict="organic_surge"), body(4), body(99)]
    text = "\n".join(closing_lines(close(truth, alerts, START, START + 3_600_000)))
    assert "caught: pile_on after 60 s, at 12 people" in text
    assert "missed: called organic_surge" in text
    assert "missed: not remarked on" in text
    assert "viral joy, harmless" in text
    assert "wrong: called pile_on" in text
    assert "1 of 3 pile-ons were called so, 1 of 1 harmless crowds" in text
    assert "1 of these said pile_on" in text
    assert "crowds still to come: 1" in text


@given(st.text(st.characters()), st.integers(1, 60))
def test_safe_text_is_short_and_cannot_steer_a_terminal(text: str, cells: int) -> None:
    shown = safe(text, cells)
    assert cell_len(shown) <= cells
    assert not [char for char in shown if unicodedata.category(char)[0] == "C"]
    assert len(shown.splitlines()) <= 1
    shown.encode()


@given(st.text(st.characters(categories=["L", "N", "P"], max_codepoint=0x2FF), max_size=40))
def test_ordinary_names_stay_as_they_are(text: str) -> None:
    assert safe(text, 80) == text


@given(st.lists(st.integers(0, 10**6), max_size=300), st.integers(1, 20))
def test_a_sparkline_fits_and_ends_with_the_newest(values: list[int], cells: int) -> None:
    line = sparkline(values, cells)
    assert len(line) == min(cells, len(values))
    if values and values[-1] == max(values) > 6:
        assert line[-1] == "█"


@given(st.floats(0, 50), st.floats(0, 50))
def test_a_bar_is_as_wide_as_asked(value: float, full: float) -> None:
    assert len(bar(value, full, 6)) == 6
