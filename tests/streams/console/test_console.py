"""The console as a process of its own on a real broker: what it keeps is what the topic holds, whatever is killed."""

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from kafka import KafkaAdminClient
from kafka.admin import NewPartitions

from alerts.console.roles import Role
from alerts.feedback import read_feedback
from deploy.kafka.broker import Broker
from deploy.kafka.ports import free_ports
from tests.alerts.console.stories import Analyst, chunk, revision, token_of
from tests.kafka import COMMAND, Deployment, deployed

PATIENCE_S = 60.0
CASES = 20


def until(what: Callable[[], Any], why: Callable[[], str] = str) -> Any:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE_S
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < end, why()
        time.sleep(0.05)


class Process:
    """A console that runs, and can be run again."""

    def __init__(self, deployment: Deployment, database: str) -> None:
        self.deployment, self.database = deployment, database
        (self.port,) = free_ports(1)
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = deployment.folder / "console.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.analysts: list[Analyst] = []

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [COMMAND, "console", "--port", str(self.port), "--database", self.database],
                env=self.deployment.environment,
                stdout=out,
                stderr=out,
            )
        until(self.ready, self.said)

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.said()
        try:
            return httpx.get(f"{self.address}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def metric(self, name: str) -> float:
        lines = httpx.get(f"{self.address}/metrics").text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))

    def close(self) -> None:
        for analyst in self.analysts:
            analyst.close()
        self.kill()

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(30)

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def enter(self, role: Role = Role.ANALYST) -> Analyst:
        self.analysts.append(Analyst(self.address, token_of(self.database, f"the {role}", role)))
        return self.analysts[-1]


@pytest.fixture
def deployment(broker: Broker, topic_prefix: str, tmp_path: Path) -> Iterator[Deployment]:
    with deployed(broker.bootstrap, topic_prefix, tmp_path, partitions=2) as made:
        yield made


@pytest.fixture
def console(deployment: Deployment, tmp_path: Path) -> Iterator[Process]:
    process = Process(deployment, f"sqlite:///{tmp_path / 'cases.db'}")
    try:
        yield process
    finally:
        process.close()


def write(deployment: Deployment, numbers: range, *, commit: bool = True) -> None:
    """Write a revision of every case for each number, each in its transaction, as shards do."""

    async def written() -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=deployment.bootstrap, transactional_id=f"{deployment.prefix}writer"
        )
        await producer.start()
        try:
            for number in numbers:
                await producer.begin_transaction()
                for case in range(CASES):
                    alert = f"case {case}"
                    body = revision(alert, number)
                    part = chunk(alert, number - 1, {f"{case}.{number}": "some words"})
                    for topic, value in (("alerts", body), ("evidence", part)):
                        await producer.send(
                            f"{deployment.prefix}breakwater.{topic}", value, key=alert.encode(), partition=case % 2
                        )
                await (producer.commit_transaction() if commit else producer.abort_transaction())
        finally:
            await producer.stop()

    asyncio.run(written())


def kept(database: str) -> set[bytes]:
    """The bytes of all revisions in a SQLite database."""
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
        return {bytes(body) for (body,) in connection.execute("select body from revisions")}


def newest(database: str) -> dict[str, int]:
    """The newest revision of each case, as the queue has it."""
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
        return dict(connection.execute("select id, revision from alerts"))


def committed(deployment: Deployment) -> set[bytes]:
    return {message.value for message in deployment.messages("breakwater.alerts")}


def test_what_it_keeps_is_what_was_committed_though_it_is_killed_again_and_again(
    deployment: Deployment, console: Process
) -> None:
    write(deployment, range(1, 4))
    write(deployment, range(90, 93), commit=False)
    console.start()
    for first in range(4, 28, 6):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITE, deployment.bootstrap, deployment.prefix, str(first), str(first + 6)]
        )
        console.kill()
        console.start()
        assert writer.wait(PATIENCE_S) == 0
    wanted = committed(deployment)
    assert len(wanted) == CASES * 27
    until(lambda: len(kept(console.database)) >= len(wanted), console.said)

    assert kept(console.database) == wanted
    assert newest(console.database) == {f"case {case}": 27 for case in range(CASES)}
    analyst = console.enter()
    case = analyst.ok("/alerts/case%203")
    assert [line["revision"] for line in case["revisions"]] == list(range(1, 28))
    assert len(analyst.ok("/alerts/case%203/evidence")["interactions"]) == 27
    assert console.stop() == 0


WRITE = """
import sys
from pathlib import Path
from tests.kafka import Deployment
from tests.streams.console.test_console import write
write(Deployment(sys.argv[1], sys.argv[2], Path()), range(int(sys.argv[3]), int(sys.argv[4])))
"""


def test_decisions_reach_the_topic_once_the_broker_is_back_and_cases_follow_on(
    broker: Broker, deployment: Deployment, console: Process
) -> None:
    write(deployment, range(1, 3))
    console.start()
    until(lambda: len(newest(console.database)) == CASES, console.said)
    analyst = console.enter()
    broker.kill()
    try:
        said = [("case 1", "true"), ("case 2", "false"), ("case 1", "unsure")]
        for alert, decision in said:
            body = {"decision": decision, "reason": "brigade", "revision": 2}
            analyst.post(f"/api/v1/alerts/{alert}/decisions", json=body).raise_for_status()
        until(lambda: analyst.ok("/status")["feed"] == "away", console.said)
        until(lambda: analyst.ok("/status")["outbox"] == 3, console.said)
        assert analyst.ok("/alerts/case%201")["row"]["decision"]["decision"] == "unsure"
        assert console.metric("breakwater_console_feed_away") == 1
    finally:
        broker.start()
    until(lambda: analyst.ok("/status")["outbox"] == 0, console.said)
    sent = [read_feedback(message.value) for message in deployment.messages("breakwater.feedback")]
    assert [(one.alert, str(one.decision)) for one in dict.fromkeys(sent)] == [
        ("case 1", "pile_on"),
        ("case 2", "not_pile_on"),
        ("case 1", "unsure"),
    ]
    assert {one.analyst for one in sent} == {analyst.id}
    write(deployment, range(3, 5))
    until(
        lambda: set(newest(console.database).values()) == {4},
        lambda: f"{newest(console.database)} {console.said()[-6000:]}",
    )
    assert kept(console.database) == committed(deployment)
    until(lambda: analyst.ok("/status")["feed"] == "ok", console.said)


def test_new_partitions_are_found(deployment: Deployment, console: Process) -> None:
    write(deployment, range(1, 2))
    console.start()
    until(lambda: len(newest(console.database)) == CASES, console.said)
    topic = f"{deployment.prefix}breakwater.alerts"
    client = KafkaAdminClient(bootstrap_servers=deployment.bootstrap)
    client.create_partitions({topic: NewPartitions(3)})
    client.close()

    async def written() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=deployment.bootstrap, metadata_max_age_ms=500)
        await producer.start()
        try:
            while 2 not in await producer.partitions_for(topic):
                await producer.client.force_metadata_update()
            await producer.send_and_wait(topic, revision("of a new partition"), partition=2)
        finally:
            await producer.stop()

    asyncio.run(written())
    until(lambda: "of a new partition" in newest(console.database), console.said)


def test_without_the_topics_it_says_what_to_do_and_shows_what_it_has(
    broker: Broker, topic_prefix: str, tmp_path: Path
) -> None:
    process = Process(Deployment(broker.bootstrap, topic_prefix, tmp_path), f"sqlite:///{tmp_path / 'cases.db'}")
    try:
        process.start()
        until(lambda: "breakwater topics create" in process.said(), process.said)
        assert process.enter().ok("/status")["feed"] == "away"
        assert process.stop() == 0
    finally:
        process.close()


def test_a_port_that_is_taken_and_a_url_that_names_no_database_are_said_in_a_sentence(
    console: Process, deployment: Deployment
) -> None:
    console.start()
    taken = deployment.run("console", "--port", str(console.port), expect=1)
    assert "name another --host or --port" in taken.stderr
    wrong = deployment.run("console", "--port", "0", "--database", "mysql://x/y", expect=1)
    assert "postgresql://" in wrong.stderr
    shown = json.loads(
        subprocess.run(
            [COMMAND, "settings", "--json"],
            env={**deployment.environment, "BREAKWATER_CONSOLE__DATABASE": "postgresql://ann:tell-nobody@host/db"},
            check=True,
            capture_output=True,
        ).stdout
    )
    assert "tell-nobody" not in json.dumps(shown)
