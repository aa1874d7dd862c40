"""Analysts' decisions as they are sent, and what is said of those that are none."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.feedback import FeedbackError, read_feedback, read_file, write_feedback
from detectors.learner import Decision, Feedback, Result
from detectors.model import shipped
from streams.detection import Summary
from streams.metrics import EngineMetrics
from streams.runner import Runner
from streams.settings import load
from streams.simulate import simulate
from streams.wire import Decoder, Lines
from tests.helpers import COMMAND
from tests.streams.test_determinism import START

GOOD = {
    "schema": "breakwater.feedback/1",
    "alert": "a",
    "revision": 2,
    "decision": "pile_on",
    "reason": "looked at it",
    "analyst": "ann",
    "time": START,
}


def body(**given: Any) -> bytes:
    return json.dumps({key: value for key, value in {**GOOD, **given}.items() if value is not ...}).encode()


@given(
    st.builds(
        Feedback,
        alert=st.text(min_size=1, max_size=60),
        revision=st.none() | st.integers(1, 10_000),
        decision=st.sampled_from(Decision),
        reason=st.text(max_size=200),
        analyst=st.text(min_size=1, max_size=60),
        time_ms=st.integers(0, 2**53),
    )
)
def test_a_decision_is_read_back_as_it_was_written(feedback: Feedback) -> None:
    assert read_feedback(write_feedback(feedback)) == feedback


@pytest.mark.parametrize(
    ("said", "expected"),
    [(True, Decision.PILE_ON), (False, Decision.NOT_PILE_ON), ("unsure", Decision.UNSURE)],
)
def test_decisions_in_other_words(said: object, expected: Decision) -> None:
    assert read_feedback(body(decision=said, reason=..., revision=...)).decision is expected


def test_times_as_text() -> None:
    assert read_feedback(body(time="2024-03-04T00:00:00Z")).time_ms == START
    assert read_feedback(body(time="2024-03-04T01:00:00+01:00")).time_ms == START


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        b"",
        b"{",
        b"[]",
        b"3",
        body(schema="other/1"),
        body(alert=...),
        body(alert=""),
        body(alert=7),
        body(analyst="x" * 513),
        body(decision="guilty"),
        body(decision=1.5),
        body(decision=[]),
        body(time="yesterday"),
        body(time="2024-03-04T00:00:00"),
        body(time=True),
        body(time=...),
        body(revision="two"),
        body(reason="x" * 30_000),
    ],
)
def test_what_is_no_decision_is_named(wrong: bytes | None) -> None:
    with pytest.raises(FeedbackError):
        read_feedback(wrong)


def test_a_file_is_read_in_the_order_of_times_and_its_lines_are_named() -> None:
    lines = [body(time=START + 5, alert="late"), b"", body(time=START)]

    assert [one.alert for one in read_file(lines, "f")] == ["a", "late"]
    with pytest.raises(FeedbackError, match="f, line 4 is no decision"):
        read_file([*lines, b"{"], "f")


def test_what_became_of_decisions_can_be_seen_in_the_metrics() -> None:
    lines = [line.rstrip(b"\n") for line in simulate(5, 0.5, ["quote_pile_on"], pace=0.3).lines]
    runner = Runner(load(), feedback=[Feedback("nothing", 1, Decision.PILE_ON, "", "ann", START)])
    metrics = EngineMetrics(runner)
    runner.push(Decoder().decode(Lines.numbered(lines)))
    runner.end()
    assert runner.learner is not None
    assert runner.learner.learner.results == {Result.UNKNOWN: 1}
    metrics.observe(Summary())
    found = {
        (sample.name, sample.labels.get("result")): sample.value
        for metric in metrics.collect()
        for sample in metric.samples
    }
    assert found["breakwater_feedback_total", "unknown"] == 1
    assert found["breakwater_feedback_total", "counted"] == 0


def test_detect_learns_from_a_file_of_decisions(tmp_path: Path) -> None:
    events, out, decisions = (tmp_path / name for name in ("events.ndjson", "alerts.ndjson", "decisions.ndjson"))
    events.write_bytes(b"".join(simulate(11, 1.0, ["bot_raid", "thread_raid", "viral_joy"], pace=0.6).lines))

    def alerts(*options: str) -> list[dict[str, Any]]:
        command = [*COMMAND, "detect", str(events), "--alerts", str(out), *options]
        subprocess.run(command, check=True, capture_output=True)
        return [json.loads(line) for line in out.read_bytes().splitlines()]

    before = alerts()
    decisions.write_bytes(
        b"\n".join(
            body(alert=one["id"], decision=False, time=one["updated_at"]) for one in before if one["revision"] == 1
        )
    )
    after = alerts("--feedback", str(decisions))

    assert {one["engine"]["model"] for one in before} == {shipped().name}
    assert f"{shipped().name}+c1" in {one["engine"]["model"] for one in after}
