"""What a worker shows over HTTP."""

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from detectors.verdict import Outcome
from streams.health import shown
from streams.metrics import PortInUseError, WorkerMetrics
from streams.runner import Runner
from streams.settings import load
from streams.status import WorkerStatus
from streams.wire import Decoder, Lines
from tests.helpers import START_MS, event

LIMIT_S = 60


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Worker:
    """Two stages that have done nothing yet, and their port."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.status = WorkerStatus(["authors", "shard"], clock=self.clock)
        self.authors, self.shard = self.status.stages.values()
        self.metrics = WorkerMetrics(self.status)
        self.port = 0

    def ask(self, path: str) -> tuple[int, Any]:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}") as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            with error:
                return error.code, json.load(error)

    def wait(self, seconds: float) -> None:
        """Time goes by and the event loop runs."""
        self.clock.now += seconds
        self.status.beat()

    def start(self) -> None:
        """Every stage gets a partition and restores it."""
        for stage in self.status.stages.values():
            stage.assign([0])
            stage.restored(0)

    def figures(self) -> dict[tuple[str, ...], float]:
        """Metrics by name, stage and partition, or whatever else they are told apart by."""
        with urlopen(f"http://127.0.0.1:{self.port}/metrics") as answer:
            text = answer.read().decode()
        return {
            (sample.name, *(value for _, value in sorted(sample.labels.items(), reverse=True))): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    with shown(worker.status, worker.metrics, "127.0.0.1", 0, stalled_s=LIMIT_S) as worker.port:
        yield worker


def test_ready_is_a_worker_whose_stages_have_restored_what_they_were_given(worker: Worker) -> None:
    assert worker.ask("/readyz")[0] == 503

    worker.shard.assign([])
    worker.authors.assign([2, 0])
    worker.authors.restoring(0, 70)
    worker.authors.restored(2)
    code, said = worker.ask("/readyz")
    assert (code, said["ready"]) == (503, False)
    assert said["stages"]["shard"]["ready"]
    assert said["stages"]["authors"]["assigned"] == [0, 2]
    assert said["stages"]["authors"]["restoring"] == {"0": 70}

    worker.authors.restored(0)
    assert worker.ask("/readyz")[0] == 200
    worker.shard.revoke()
    code, said = worker.ask("/readyz")
    assert (code, said["stages"]["shard"]["assigned"]) == (503, None)


def test_what_is_told_of_a_partition_that_was_taken_away_changes_nothing(worker: Worker) -> None:
    worker.start()
    worker.shard.assign([1])
    worker.shard.restored(0)
    worker.shard.move(0, 1, 5)

    assert worker.ask("/readyz")[0] == 503
    assert worker.ask("/readyz")[1]["stages"]["shard"]["lag"] == 0


def test_a_worker_with_nothing_to_do_is_healthy_for_ever(worker: Worker) -> None:
    worker.start()
    worker.shard.move(0, 10, 10)
    worker.wait(100 * LIMIT_S)

    code, said = worker.ask("/healthz")
    assert (code, said["healthy"], said["why"]) == (200, True, [])


def test_a_stage_that_is_behind_and_does_not_commit_is_named(worker: Worker) -> None:
    worker.start()
    worker.shard.move(0, 10, 10)
    worker.wait(100 * LIMIT_S)
    worker.shard.move(0, 10, 52)
    worker.wait(LIMIT_S)
    assert worker.ask("/healthz")[0] == 200

    worker.shard.move(0, 11, 53)
    worker.wait(1)
    code, said = worker.ask("/healthz")
    assert code == 503
    assert said["why"] == ["Stage shard is 42 messages behind and has committed nothing for 61 s."]
    assert said["stages"]["shard"]["lag"] == 42

    worker.shard.commit()
    assert worker.ask("/healthz")[0] == 200
    worker.wait(LIMIT_S + 1)
    assert worker.ask("/healthz")[0] == 503
    worker.shard.move(0, 53, 53)
    assert worker.ask("/healthz")[0] == 200


def test_restoring_is_progress_only_while_it_goes_on(worker: Worker) -> None:
    worker.start()
    worker.authors.assign([0])
    for left in (30, 20, 10):
        worker.wait(LIMIT_S)
        worker.authors.restoring(0, left)
        assert worker.ask("/healthz")[0] == 200

    worker.wait(LIMIT_S)
    worker.authors.restoring(0, 10)
    worker.authors.commit()
    worker.wait(1)
    code, said = worker.ask("/healthz")
    assert (code, len(said["why"])) == (503, 1)
    assert "authors has got no further with restoring" in said["why"][0]


def test_a_stage_that_is_given_nothing_at_all_is_named(worker: Worker) -> None:
    worker.authors.assign([])
    worker.wait(LIMIT_S + 1)

    assert worker.ask("/healthz")[1]["why"] == ["Stage shard has had no partitions for 61 s."]


def test_it_answers_while_the_event_loop_is_stuck(worker: Worker) -> None:
    worker.start()
    stuck, go_on = threading.Event(), threading.Event()

    async def run() -> None:
        worker.status.beat()
        stuck.set()
        go_on.wait()
        worker.status.beat()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    stuck.wait()
    worker.clock.now += LIMIT_S + 1
    assert worker.ask("/healthz")[1]["why"] == ["The event loop has not run for 61 s."]
    go_on.set()
    thread.join()
    assert worker.ask("/healthz")[0] == 200


def test_metrics_tell_how_stages_stand(worker: Worker) -> None:
    worker.shard.assign([3, 4])
    worker.shard.restoring(4, 9)
    worker.wait(2)
    worker.shard.restored(3)
    worker.shard.move(3, 90, 100)
    worker.shard.commit()
    worker.wait(5)
    worker.shard.frames_in += 2
    worker.shard.rows_in += 200
    worker.status.summary.rejected += 1
    worker.status.summary.reasons["bad_json"] += 1
    worker.status.alerts[Outcome.PILE_ON] += 1
    worker.status.newest_ms, worker.status.handled_ms = START_MS + 7_000, START_MS
    found = worker.figures()

    assert found["breakwater_assigned_partitions", "shard"] == 2
    assert found["breakwater_restoring_partitions", "shard"] == 1
    assert found["breakwater_restore_left_messages", "shard", "4"] == 9
    assert found["breakwater_position_messages", "shard", "3"] == 90
    assert found["breakwater_end_messages", "shard", "3"] == 100
    assert found["breakwater_lag_messages", "shard", "3"] == 10
    assert found["breakwater_commit_age_seconds", "shard"] == 5
    assert found["breakwater_rebalances_total", "shard"] == 1
    assert found["breakwater_frames_in_total", "shard"] == 2
    assert found["breakwater_rows_in_total", "shard"] == 200
    assert found["breakwater_rows_in_total", "authors"] == 0
    assert found["breakwater_restores_total", "shard"] == 0
    assert found["breakwater_events_total", "rejected"] == 1
    assert found["breakwater_rejected_total", "bad_json"] == 1
    assert found["breakwater_alerts_total", "pile_on"] == 1
    assert found["breakwater_watermark_delay_seconds",] == 7
    assert found["breakwater_heartbeat_age_seconds",] == 0

    worker.shard.restored(4)
    again = worker.figures()
    assert again["breakwater_restores_total", "shard"] == 1
    assert again["breakwater_restore_seconds_total", "shard"] == 7
    assert again["breakwater_restore_left_messages", "shard", "4"] == 0


def test_what_a_shard_did_still_counts_when_it_has_left(worker: Worker) -> None:
    runner = Runner(load(), partitions=2)
    lines = [json.dumps(event(id=f"e{at}", target=f"target-{at}", time=START_MS + 1_000 * at)) for at in range(30)]
    runner.push(Decoder().decode(Lines.numbered([line.encode() for line in lines])))
    runner.end()
    worker.metrics.observe(runner.authors, runner.shards)
    before = worker.figures()
    leaving, staying = runner.shards
    worker.metrics.retire(leaving)
    worker.metrics.observe((), [staying])
    after = worker.figures()

    assert before["breakwater_interactions_total",] == after["breakwater_interactions_total",] > 0
    assert before["breakwater_window_rows",] > after["breakwater_window_rows",] > 0


def test_labels_say_nothing_but_stage_partition_and_kinds(worker: Worker) -> None:
    worker.start()
    worker.shard.move(0, 1, 2)
    worker.shard.commit()
    with urlopen(f"http://127.0.0.1:{worker.port}/metrics") as answer:
        families = list(text_string_to_metric_families(answer.read().decode()))

    labels = {label for family in families for sample in family.samples for label in sample.labels}
    assert labels <= {"stage", "partition", "reason", "verdict", "result", "what", "version"}
    assert all(family.name.startswith("breakwater_") for family in families)


def test_another_path_names_those_there_are(worker: Worker) -> None:
    assert worker.ask("/") == (404, {"paths": ["/healthz", "/readyz", "/metrics"]})
    assert worker.ask("/healthz?verbose")[0] == 200


def test_a_port_that_is_taken_is_said_in_a_sentence(worker: Worker) -> None:
    with (
        pytest.raises(PortInUseError, match="BREAKWATER_HTTP__PORT to an address"),
        shown(worker.status, worker.metrics, "127.0.0.1", worker.port),
    ):
        pass
    with (
        pytest.raises(PortInUseError, match=r"at 192\.0\.2\.1, port 0"),
        shown(worker.status, worker.metrics, "192.0.2.1", 0),
    ):
        pass


def test_the_port_is_free_again_afterwards() -> None:
    worker = Worker()
    with shown(worker.status, worker.metrics, "127.0.0.1", 0) as worker.port:
        assert worker.ask("/healthz")[0] == 200
    with pytest.raises(URLError):
        worker.ask("/healthz")
    with shown(worker.status, worker.metrics, "127.0.0.1", worker.port) as again:
        assert again == worker.port
