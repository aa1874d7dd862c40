"""What analysts decide changes what workers say, from a stated second on; a replay of what was learnt says the same."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deploy.kafka.broker import Broker
from detectors.learner import Decision, Feedback
from detectors.model import shipped
from streams.kafka.feedback import publish_feedback
from streams.runner import Runner
from streams.settings import load
from streams.simulate import simulate
from streams.stages.control import ControlRecord
from streams.wire import Decoder, Lines
from tests.kafka import Deployment, deployed, in_order

WAIT_S = 90.0


def waited_for(find: Callable[[], list[Any]], deployment: Deployment) -> list[Any]:
    """What is found at last."""
    end = time.monotonic() + WAIT_S
    while not (found := find()):
        assert time.monotonic() < end, [worker.said() for worker in deployment.workers]
        time.sleep(0.5)
    return found


def replayed(lines: list[bytes], records: list[ControlRecord]) -> list[bytes]:
    """What the embedded runner says by control records."""
    runner = Runner(load(), feedback=[])
    for shard in runner.shards:
        for one in records:
            shard.control.take(one)
    revisions = runner.push(Decoder().decode(Lines.numbered(lines))) + runner.end()
    return in_order([one.body for one in revisions])


def test_decisions_are_learnt_from_and_alerts_name_it(broker: Broker, topic_prefix: str, tmp_path: Path) -> None:
    lines = [line.rstrip(b"\n") for line in simulate(11, 3.0, ["bot_raid", "thread_raid", "viral_joy"], pace=0.3).lines]
    first = min(json.loads(body)["detected_at"] for body in replayed(lines, []))
    at = next(number for number, line in enumerate(lines) if json.loads(line)["time"] > first + 300_000)
    parts = [tmp_path / "before.ndjson", tmp_path / "after.ndjson"]
    for path, part in zip(parts, (lines[:at], lines[at:]), strict=True):
        path.write_bytes(b"".join(line + b"\n" for line in part))

    settings = {"BREAKWATER_KAFKA__CHECKPOINT_S": "1", "BREAKWATER_KAFKA__SOURCE_PARTITIONS": "1"}
    with deployed(broker.bootstrap, topic_prefix, tmp_path, partitions=3, **settings) as deployment:
        worker = deployment.work()
        deployment.run("publish", str(parts[0]), "--batch", "100")

        def looked_at() -> list[Any]:
            found = [json.loads(message.value) for message in deployment.messages("breakwater.signals")]
            return [one for one in found if one.get("revision") is not None]

        seen = {one["alert"]: one["probability"] for one in waited_for(looked_at, deployment)}
        kafka = load(kafka={"bootstrap_servers": broker.bootstrap, "prefix": topic_prefix}).kafka
        decisions = [
            # Against the model: from decisions that say what it is sure of anyhow there is nothing to learn.
            Feedback(alert, None, Decision.NOT_PILE_ON if chance > 0.5 else Decision.PILE_ON, "", "ann", first)
            for alert, chance in seen.items()
        ]
        assert publish_feedback(kafka, decisions) == len(seen)
        deployment.run("topics", "check")
        time.sleep(2)
        worker.kill()
        deployment.work()
        deployment.run("publish", str(parts[1]), "--batch", "100", "--end")
        alerts = deployment.alerts()
        said = [ControlRecord.read(message.value) for message in deployment.messages("breakwater.control")]

    changes = [one for one in said if one.changed]
    assert changes[0].revision == 1
    assert changes[0].feedback["counted"] == len(seen)
    models = {model: min(one["updated_at"] for one in found) for model, found in by_model(alerts).items()}
    assert f"{shipped().name}+c1" in models
    assert models[shipped().name] < 1000 * changes[0].tick < models[f"{shipped().name}+c1"]
    assert alerts == replayed(lines, changes)


def test_live_shards_go_on_without_the_learner_and_say_so(broker: Broker, topic_prefix: str, tmp_path: Path) -> None:
    """Half an hour up to now, with a crowd at its end, and nobody runs the learner."""
    now_ms = int(1000 * time.time())
    talk = [(f"n{at}", f"n{at + 1}", now_ms - 1_800_000 + 10_000 * at) for at in range(180)]
    crowd = [(f"stranger{at}", "vic", now_ms - 60_000 + 500 * at) for at in range(100)]
    path = tmp_path / "now.ndjson"
    path.write_text(
        "".join(
            json.dumps({"id": f"e{at}", "type": "mention", "author": author, "target": target, "time": time_ms}) + "\n"
            for at, (author, target, time_ms) in enumerate(sorted([*talk, *crowd], key=lambda one: one[2]))
        )
    )
    settings = {
        "BREAKWATER_KAFKA__IDLE": "clock",
        "BREAKWATER_KAFKA__LEARNER_WAIT_S": "3",
        "BREAKWATER_KAFKA__CHECKPOINT_S": "1",
    }
    with deployed(broker.bootstrap, topic_prefix, tmp_path, partitions=2, **settings) as deployment:
        deployment.work("ingest", "authors", "shard")
        deployment.run("publish", str(path))
        (message, *_) = waited_for(lambda: deployment.messages("breakwater.alerts"), deployment)
        alone = waited_for(lambda: list(re.findall("goes on alone", deployment.workers[0].said())), deployment)

    alert = json.loads(message.value)
    assert alert["target"]["id"] == "vic"
    assert alert["quality"]["degraded"] == ["learner"]
    assert len(alone) >= 2


def by_model(alerts: list[bytes]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for alert in map(json.loads, alerts):
        found.setdefault(alert["engine"]["model"], []).append(alert)
    return found
