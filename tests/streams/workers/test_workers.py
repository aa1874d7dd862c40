"""Workers on a real broker say what `detect` says, to the byte, however they come and go."""

import json
import time
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from tests.kafka import Deployment, deployed, in_order

TOPICS = ("comments", "replies", "context")


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some simulated hours in which pile-ons happen."""
    folder = tmp_path_factory.mktemp("day")
    Deployment("127.0.0.1:1", "", folder).run(
        "simulate", "--out", str(folder), "--seed", "31", "--hours", "2", "--scenario", "bot_raid", "--scenario",
        "viral_joy", "--scenario", "thread_raid",
    )  # fmt: skip
    return folder / "events.ndjson"


@pytest.fixture(scope="module")
def expected(day: Path) -> list[bytes]:
    """What `detect` says of that."""
    out = day.with_name("alerts.ndjson")
    evidence = str(day.with_name("evidence.ndjson"))
    Deployment("127.0.0.1:1", "", day.parent).run("detect", str(day), "--alerts", str(out), "--evidence", evidence)
    found = in_order(out.read_bytes().splitlines())
    assert any(json.loads(line)["verdict"] == "pile_on" for line in found)
    return found


def assert_evidence(deployment: Deployment, day: Path) -> None:
    """What the alerts rest on is on its topic, each part once, with the bytes that `detect` gives."""
    found = deployment.messages("breakwater.evidence")
    assert sorted(message.value for message in found) == sorted(
        day.with_name("evidence.ndjson").read_bytes().splitlines()
    )
    partitions = {message.key: message.partition for message in deployment.messages("breakwater.alerts")}
    for message in found:
        assert message.key.decode() == json.loads(message.value)["alert"]
        assert message.partition == partitions[message.key]


def test_two_workers_say_what_detect_says(
    broker: Broker, topic_prefix: str, tmp_path: Path, day: Path, expected: list[bytes]
) -> None:
    """The source topics come one after the other, so that one is far ahead of the others; some in messages of one event."""
    with deployed(broker.bootstrap, topic_prefix, tmp_path) as deployment:
        deployment.run("publish", str(day), "--batch", "1", "--topics", "comments", "--end")
        deployment.work()
        deployment.work()
        for topic in TOPICS[1:]:
            deployment.run("publish", str(day), "--batch", "100", "--topics", topic, "--end")
        assert deployment.alerts() == expected
        assert_evidence(deployment, day)
        assert [worker.stop() for worker in deployment.workers] == [0, 0]


def test_workers_that_are_killed_join_and_leave_change_nothing(
    broker: Broker, topic_prefix: str, tmp_path: Path, day: Path, expected: list[bytes]
) -> None:
    """Nor does the clock of a live deployment, when what comes is a replay."""
    settings = {"BREAKWATER_KAFKA__CHECKPOINT_S": "1", "BREAKWATER_KAFKA__IDLE": "clock"}
    with deployed(broker.bootstrap, topic_prefix, tmp_path, **settings) as deployment:
        lines = day.read_bytes().splitlines(keepends=True)
        parts = [tmp_path / f"{number}.ndjson" for number in range(4)]
        for number, part in enumerate(parts):
            part.write_bytes(b"".join(lines[len(lines) * number // 4 : len(lines) * (number + 1) // 4]))
        killed = deployment.work()
        deployment.run("publish", str(parts[0]), "--batch", "20")
        time.sleep(2)
        killed.kill()
        leaves = deployment.work()
        deployment.run("publish", str(parts[1]), "--batch", "20")
        deployment.work()
        deployment.run("publish", str(parts[2]), "--batch", "20")
        assert leaves.stop() == 0
        deployment.run("publish", str(parts[3]), "--batch", "20", "--end")
        assert deployment.alerts() == expected
        assert_evidence(deployment, day)


def test_what_is_broken_is_rejected_with_reason_and_origin_and_nothing_else_is_lost(
    broker: Broker, topic_prefix: str, tmp_path: Path, day: Path, expected: list[bytes]
) -> None:
    from kafka import KafkaProducer  # noqa: PLC0415 - slow to import

    broken = {
        b"{": "bad_json",
        b'{"id": "x"}': "missing_field",
        b"": "empty_line",
        b'[{"id": 3}]': "wrong_type",
        b"\xff\xfe": "bad_json",
    }
    with deployed(broker.bootstrap, topic_prefix, tmp_path) as deployment:
        producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
        for value in broken:
            producer.send(f"{topic_prefix}comments", value, partition=0)
        producer.flush()
        producer.close()
        deployment.run("publish", str(day), "--batch", "50", "--end")
        deployment.work()
        assert deployment.alerts() == expected
        refusals = [json.loads(message.value) for message in deployment.messages("breakwater.rejected")]
        assert sorted(refusal["code"] for refusal in refusals) == sorted(broken.values())
        assert {refusal["origin"]["source"] for refusal in refusals} == {f"{topic_prefix}comments/0"}
        assert sorted(refusal["origin"]["line"] for refusal in refusals) == list(range(len(broken)))


def test_a_message_at_the_limit_is_taken_and_one_above_it_is_named(
    broker: Broker, topic_prefix: str, tmp_path: Path
) -> None:
    limit = 1_000_000

    def line(size: int) -> bytes:
        event = {"id": "big", "type": "comment", "time": 1_709_510_400_000, "author": "a", "target": "b", "text": ""}
        return json.dumps({**event, "text": "x" * (size - len(json.dumps(event)))}).encode()

    with deployed(broker.bootstrap, topic_prefix, tmp_path, partitions=2) as deployment:
        worker = deployment.work()
        path = tmp_path / "large.ndjson"
        path.write_bytes(line(limit) + b"\n" + line(limit + 1) + b"\n")
        said = deployment.run("publish", str(path), "--end", expect=1)
        assert "line 2" in said.stdout + said.stderr
        assert deployment.alerts() == []
        assert deployment.messages("breakwater.rejected") == []
        metrics = [row for row in _metrics(worker.port) if row.startswith("breakwater_events_total")]
        assert 'breakwater_events_total{result="accepted"} 1.0' in metrics


def test_a_quiet_source_does_not_hold_up_live_events(broker: Broker, topic_prefix: str, tmp_path: Path) -> None:
    """With the clock, events of one topic come through though nothing comes in the others."""
    with deployed(broker.bootstrap, topic_prefix, tmp_path, partitions=2, BREAKWATER_KAFKA__IDLE="clock") as deployment:
        worker = deployment.work()
        now_ms = int(time.time() * 1000)
        path = tmp_path / "now.ndjson"
        events = [
            {
                "id": f"e{number}",
                "type": "comment",
                "time": now_ms - 3_000 + number,
                "author": f"a{number}",
                "target": "b",
            }
            for number in range(50)
        ]
        path.write_text("".join(json.dumps(event) + "\n" for event in events))
        deployment.run("publish", str(path))
        end = time.monotonic() + 60
        while 'breakwater_events_total{result="accepted"} 50.0' not in _metrics(worker.port):
            assert time.monotonic() < end, worker.said()
            time.sleep(0.2)
        assert worker.stop() == 0


@pytest.mark.parametrize("missing", ["topics", "partitions"])
def test_a_worker_says_what_is_missing_and_ends(
    broker: Broker, topic_prefix: str, tmp_path: Path, missing: str
) -> None:
    deployment = Deployment(broker.bootstrap, topic_prefix, tmp_path)
    if missing == "partitions":
        deployment.run("topics", "create", "--partitions", "2")
        from kafka.admin import KafkaAdminClient, NewPartitions  # noqa: PLC0415 - slow to import

        admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
        admin.create_partitions({f"{topic_prefix}breakwater.interactions": NewPartitions(3)})
        admin.close()
    for command in (("worker",), ("topics", "check")):
        found = deployment.run(*command, timeout=30, expect=1)
        assert f"{topic_prefix}breakwater.interactions" in found.stdout + found.stderr


def test_a_broker_that_is_away_is_named(tmp_path: Path) -> None:
    deployment = Deployment("127.0.0.1:9", "", tmp_path, {"BREAKWATER_KAFKA__CONNECT_TIMEOUT_S": "1"})
    for command in (("worker",), ("topics", "check")):
        found = deployment.run(*command, timeout=30, expect=1)
        assert "127.0.0.1:9" in found.stdout + found.stderr


def _metrics(port: int) -> list[str]:
    from urllib.request import urlopen  # noqa: PLC0415

    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        return str(answer.read().decode()).splitlines()
