"""What Prometheus is told of the engine."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import CollectorRegistry

from streams.detection import Detection, Outputs
from streams.metrics import EngineMetrics, PortInUseError, served
from streams.runner import Runner
from streams.settings import load
from streams.simulate import simulate
from streams.wire import REASONS, Decoder, Lines

START = 1_709_510_400_000
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def read(port: int) -> Samples:
    with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read().decode()
    families = list(text_string_to_metric_families(text))
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def one(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, tuple(sorted(labels.items()))]


class Nowhere:
    def write(self, content: bytes) -> int:
        return len(content)

    def flush(self) -> None:
        pass


class Engine:
    def __init__(self, partitions: int = 1) -> None:
        self.runner = Runner(load(), partitions=partitions)
        self.metrics = EngineMetrics(self.runner)
        self.detection = Detection(Decoder(), self.runner, Outputs(Nowhere()))  # type: ignore[arg-type]

    def push(self, *lines: bytes) -> None:
        self.detection.push(Lines.numbered(list(lines)))
        self.metrics.observe(self.detection.summary)

    def end(self) -> None:
        self.detection.end()
        self.metrics.observe(self.detection.summary)


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def port(engine: Engine) -> Iterator[int]:
    with served(engine.metrics, 0) as number:
        yield number


def mention(number: int, **fields: object) -> bytes:
    given = {"id": f"e{number}", "type": "mention", "time": START + number * 1000, "author": "ann", "target": "bob"}
    return json.dumps({**given, **fields}).encode()


def test_events_by_what_became_of_them(engine: Engine, port: int) -> None:
    engine.push(
        mention(1),
        mention(1),
        b"{",
        mention(2, target=None),
        mention(3, views="many", text=7),
        mention(4, visibility="private"),
    )
    engine.end()
    found = read(port)

    results = {result: one(found, "breakwater_events_total", result=result) for result in ("accepted", "rejected")}
    assert results == {"accepted": 2, "rejected": 2}
    assert one(found, "breakwater_events_total", result="duplicate") == 1
    assert one(found, "breakwater_events_total", result="private") == 1
    assert one(found, "breakwater_rejected_total", reason="bad_json") == 1
    assert one(found, "breakwater_rejected_total", reason="missing_target") == 1
    assert one(found, "breakwater_mended_total", what="views") == 1
    assert one(found, "breakwater_mended_total", what="text") == 1
    assert one(found, "breakwater_build_info", version="0.1.0") == 1


def test_the_delay_of_the_watermark_is_the_allowed_lateness(engine: Engine, port: int) -> None:
    engine.push(mention(1), mention(60), mention(61))
    delayed = one(read(port), "breakwater_watermark_delay_seconds")
    engine.end()

    assert delayed == load().allowed_lateness_s
    assert one(read(port), "breakwater_watermark_delay_seconds") == 0


@pytest.mark.parametrize("partitions", [1, 3])
def test_an_attack_can_be_seen_in_the_metrics(partitions: int) -> None:
    engine = Engine(partitions)
    engine.push(*[line.rstrip(b"\n") for line in simulate(5, 0.5, ["bot_raid", "viral_joy"], pace=0.4).lines])
    engine.end()
    with served(engine.metrics, 0) as number:
        found = read(number)
    names = {name for name, _ in found}

    assert all(name.startswith("breakwater_") for name in names)
    for name in ("gate_passes_total", "looks_total", "look_seconds_total", "interactions_total"):
        assert one(found, f"breakwater_{name}") > 0
    for name in ("window_rows", "window_subjects", "window_ties", "window_calls", "authors", "watched_subjects"):
        assert one(found, f"breakwater_{name}") > 0
    opened = sum(value for (name, _), value in found.items() if name == "breakwater_alerts_total")
    assert opened == engine.detection.summary.alerts.total() > 0
    assert one(found, "breakwater_open_episodes") <= opened
    assert one(found, "breakwater_late_events_total") == 0


def test_every_label_has_few_values_and_none_comes_from_the_stream(engine: Engine, port: int) -> None:
    before = read(port).keys()
    engine.push(*[mention(at, id=f"id-{at}", author=f"author-{at}", type=f"type-{at}") for at in range(50)])
    engine.push(mention(100, unknown=1))
    engine.end()

    assert read(port).keys() == before
    assert {labels[0][1] for name, labels in before if name == "breakwater_rejected_total"} == set(REASONS)


def test_a_port_that_is_taken_is_said_in_a_sentence(engine: Engine, port: int) -> None:
    with pytest.raises(PortInUseError, match="name another --metrics-port"), served(engine.metrics, port):
        pass


def test_a_custom_registry_takes_them() -> None:
    registry = CollectorRegistry()
    registry.register(Engine().metrics)

    assert registry.get_sample_value("breakwater_events_total", {"result": "accepted"}) == 0


def free_port() -> int:
    with served(Engine().metrics, 0) as number:
        return number


def test_detect_serves_them_while_it_runs() -> None:
    number = free_port()
    code = "from streams.cli import main; main()"
    arguments = ["detect", "-", "--alerts", "/dev/null", "--metrics-port", str(number)]
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(b"".join(mention(at) + b"\n" for at in range(20)))
    process.stdin.flush()
    seen = 0.0
    while process.poll() is None and not seen:
        try:
            seen = one(read(number), "breakwater_events_total", result="accepted")
        except URLError:
            time.sleep(0.05)
    process.communicate()

    assert seen > 0
    assert process.returncode == 0
    with pytest.raises(URLError):
        read(number)
