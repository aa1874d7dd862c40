"""What tests on a real broker share: a deployment of its own prefix, its workers as processes, its commands."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from deploy.kafka.ports import free_ports

COMMAND = str(Path(sys.executable).with_name("breakwater"))
READY_S = 60.0


@dataclass
class Worker:
    """A worker as a process of its own."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def told(self) -> str:
        """What it wrote last, and how it stands if it runs."""
        try:
            health = json.dumps(self.get("/healthz"))
        except (OSError, ValueError) as error:
            health = str(error)
        return f"{self.log.name}: …{self.said()[-3_000:]}\n{health}"

    def get(self, path: str) -> dict[str, Any]:
        """What it answers over HTTP, of whatever status."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                found: dict[str, Any] = json.loads(answer.read())
        except URLError as error:
            if not hasattr(error, "read"):
                raise
            found = json.loads(error.read())
        return found

    def wait_until_ready(self) -> None:
        end = time.monotonic() + READY_S
        while True:
            assert self.process.poll() is None, self.said()
            try:
                if self.get("/readyz")["ready"]:
                    return
            except (OSError, ValueError):
                pass
            assert time.monotonic() < end, self.said()
            time.sleep(0.1)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(30)


@dataclass
class Deployment:
    """Topics of one prefix on a broker, and the settings that lead to them."""

    bootstrap: str
    prefix: str
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    workers: list[Worker] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BREAKWATER_")}
        return {
            **kept,
            "BREAKWATER_KAFKA__BOOTSTRAP_SERVERS": self.bootstrap,
            "BREAKWATER_KAFKA__PREFIX": self.prefix,
            "BREAKWATER_KAFKA__IDLE": "hold",
            **self.settings,
        }

    def run(self, *arguments: str, timeout: float = 120.0, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
        try:
            found = subprocess.run(
                [COMMAND, *arguments],
                env=self.environment,
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            told = "\n".join(worker.told() for worker in self.workers)
            raise AssertionError(f"{arguments} did not end within {timeout:.0f} s.\n{told}") from late
        assert expect is None or found.returncode == expect, f"{arguments}: {found.stdout}{found.stderr}"
        return found

    def work(self, *stages: str, ready: bool = True) -> Worker:
        (port,) = free_ports(1)
        return self._start(["worker", *stages], port, ready, BREAKWATER_HTTP__PORT=str(port))

    def serve(self, *arguments: str, ready: bool = True, port: int | None = None) -> Worker:
        """A command that answers on `--port`, any free one if none is named."""
        port = port or free_ports(1)[0]
        return self._start([*arguments, "--port", str(port)], port, ready)

    def _start(self, arguments: list[str], port: int, ready: bool, **settings: str) -> Worker:
        log = self.folder / f"{arguments[0]}-{len(self.workers)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [COMMAND, *arguments], env={**self.environment, **settings}, stdout=out, stderr=out
            )
        worker = Worker(process, port, log)
        self.workers.append(worker)
        if ready:
            worker.wait_until_ready()
        return worker

    def alerts(self, timeout: float = 180.0) -> list[bytes]:
        """Every revision up to the end, by alert and revision."""
        return in_order(self.run("tail", "--until-end", "--json", timeout=timeout).stdout.encode().splitlines())

    def messages(self, topic: str) -> list[Any]:
        """All committed messages of a topic of ours."""
        from kafka import KafkaConsumer, TopicPartition  # noqa: PLC0415 - slow to import, and few tests want it

        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap, isolation_level="read_committed")
        try:
            name = self.prefix + topic
            places = [TopicPartition(name, number) for number in consumer.partitions_for_topic(name) or ()]
            consumer.assign(places)
            consumer.seek_to_beginning()
            ends = consumer.end_offsets(places)
            found: list[Any] = []
            while any(consumer.position(place) < ends[place] for place in places):
                for messages in consumer.poll(timeout_ms=500).values():
                    found += messages
            return found
        finally:
            consumer.close()


@contextmanager
def deployed(bootstrap: str, prefix: str, folder: Path, partitions: int = 8, **settings: str) -> Iterator[Deployment]:
    """A deployment with its topics made; whatever runs of it at the end is killed."""
    deployment = Deployment(bootstrap, prefix, folder, settings)
    try:
        deployment.run("topics", "create", "--partitions", str(partitions))
        yield deployment
    finally:
        for worker in deployment.workers:
            if worker.process.poll() is None:
                worker.kill()


def in_order(revisions: list[bytes]) -> list[bytes]:
    """Revisions sorted by alert and revision."""
    return sorted(revisions, key=lambda line: (json.loads(line)["id"], json.loads(line)["revision"]))
