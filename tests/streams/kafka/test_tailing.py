"""`tail`, on the real broker: who reads it sees what is committed, all of it, once, and the end."""

import asyncio
import json
import os
import signal
import subprocess
from contextlib import closing
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from deploy.kafka.ports import free_ports
from streams.kafka.names import ALERTS, SHARD_STATE
from streams.kafka.tailing import tail
from streams.state.checkpoint import MANIFEST_KEY
from tests.helpers import COMMAND
from tests.streams.kafka.conftest import Deployment


def alert(name: str, revision: int, verdict: str = "pile_on", kind: str = "account", subject: str = "vic") -> bytes:
    return json.dumps(
        {
            "id": name,
            "revision": revision,
            "status": "open",
            "verdict": verdict,
            "severity": "high",
            "score": 0.9,
            "target": {"kind": kind, "id": subject, "flags": []},
            "participants": {"total": 40},
            "updated_at": 1_709_510_400_000,
        }
    ).encode()


class Shards:
    """Writes as shards do: a partition's alerts and state in one transaction, its manifest last."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def commit(
        self, partition: int, alerts: list[bytes], *, ended: bool, records: int = 1, give_up: bool = False
    ) -> None:
        asyncio.run(self._commit(partition, alerts, ended, records, give_up))

    async def _commit(self, partition: int, alerts: list[bytes], ended: bool, records: int, give_up: bool) -> None:
        prefix = self._deployment.prefix
        async with AIOKafkaProducer(
            bootstrap_servers=self._deployment.bootstrap, transactional_id=f"{prefix}{partition}"
        ) as producer:
            await producer.begin_transaction()
            sent = [await producer.send(prefix + ALERTS, value, partition=partition) for value in alerts]
            for number in range(records):
                key = f"k{number}".encode()
                sent.append(await producer.send(prefix + SHARD_STATE, b"state", key=key, partition=partition))
            value = json.dumps({"number": 1, "ended": ended}).encode()
            sent.append(await producer.send(prefix + SHARD_STATE, value, key=MANIFEST_KEY, partition=partition))
            await asyncio.gather(*sent)
            await (producer.abort_transaction() if give_up else producer.commit_transaction())


@pytest.fixture
def shards(deployment: Deployment) -> Shards:
    deployment.options = {"partitions": 3}
    deployment.made()
    return Shards(deployment)


def test_until_the_end_it_prints_the_bytes_of_what_was_committed_and_nothing_else(
    deployment: Deployment, shards: Shards
) -> None:
    values = [[alert(f"p{partition}", revision) for revision in range(1, 40)] for partition in range(3)]
    for partition in range(3):
        shards.commit(partition, values[partition][:20], ended=False)
        shards.commit(partition, [alert("never", 1)], ended=False, give_up=True)
        shards.commit(partition, values[partition][20:], ended=True, records=300)
    shards.commit(1, [alert("never", 2)], ended=False, records=900, give_up=True)
    result = deployment.run("tail", "--until-end", "--json")
    lines = result.stdout_bytes.splitlines()

    assert (result.exit_code, result.stderr) == (0, "")
    assert sorted(lines) == sorted(value for part in values for value in part)
    for partition in range(3):
        assert [line for line in lines if f'"p{partition}"'.encode() in line] == values[partition]


def test_it_goes_on_until_the_last_shard_has_passed_the_end(deployment: Deployment, shards: Shards) -> None:
    shards.commit(0, [alert("first", 1)], ended=True)
    shards.commit(1, [], ended=True)
    found: list[bytes] = []
    with closing(tail(deployment.settings, until_end=True)) as batches:
        while not found:
            found += next(batches)
        for _ in range(3):
            assert next(batches) == []
        shards.commit(2, [alert("last", 1)], ended=False)
        shards.commit(2, [alert("last", 2)], ended=True)
        found += [value for values in batches for value in values]

    assert found == [alert("first", 1), alert("last", 1), alert("last", 2)]


def test_only_what_is_asked_for_is_shown(deployment: Deployment, shards: Shards) -> None:
    given = [
        alert("a", 1, subject="vic:tor"),
        alert("b", 1, "organic_surge", subject="vic:tor"),
        alert("c", 1, "uncertain", "thread", "vic:tor"),
        alert("d", 1, subject="other\x1b[31m"),
    ]
    shards.commit(0, given, ended=True)
    for partition in (1, 2):
        shards.commit(partition, [], ended=True)

    def shown(*options: str) -> set[str]:
        lines = deployment.run("tail", "--until-end", "--json", *options).stdout.splitlines()
        return {json.loads(line)["id"] for line in lines}

    assert shown("--verdict", "pile_on", "uncertain") == {"a", "c", "d"}
    assert shown("--subject", "account:vic:tor") == {"a", "b"}
    assert shown("--subject", "account:vic:tor", "--verdict", "pile_on") == {"a"}
    plain = deployment.run("tail", "--until-end").stdout
    assert "2024-03-04 00:00:00 open pile_on high account:vic:tor: 40 people, score 0.90 (a, revision 1)" in plain
    assert "\x1b" not in plain
    for wrong in (("--verdict", "nice"), ("--subject", "vic"), ("--subject", "planet:mars"), ("extra",)):
        assert deployment.run("tail", *wrong).exit_code == 2


def started(deployment: Deployment, *options: str, **given: Any) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **deployment.environment}
    return subprocess.Popen(
        [*COMMAND, "tail", "--json", *options], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **given
    )


def test_ctrl_c_ends_it_in_good_order(deployment: Deployment, shards: Shards) -> None:
    shards.commit(0, [alert("a", 1)], ended=False)
    process = started(deployment)
    assert process.stdout is not None
    assert process.stdout.readline() == alert("a", 1) + b"\n"
    process.send_signal(signal.SIGINT)
    rest, told = process.communicate()

    assert (process.returncode, rest, told) == (0, b"", b"")


def test_a_reader_that_has_gone_ends_it_quietly(deployment: Deployment, shards: Shards) -> None:
    process = started(deployment)
    assert process.stdout is not None
    process.stdout.close()
    shards.commit(0, [alert("a", 1)], ended=False)
    _, told = process.communicate()

    assert (process.returncode, told) == (1, b"")


def test_from_now_on_it_leaves_out_what_was_there(deployment: Deployment, shards: Shards) -> None:
    shards.commit(0, [alert("old", 1)], ended=False)
    with closing(tail(deployment.settings, from_start=False)) as batches:
        assert next(batches) == []
        shards.commit(0, [alert("new", 1)], ended=False)
        found: list[bytes] = []
        while not found:
            found = next(batches)

    assert found == [alert("new", 1)]


def test_what_keeps_it_from_following_is_one_sentence(deployment: Deployment) -> None:
    away = Deployment(f"127.0.0.1:{free_ports(1)[0]}", "", {"connect_timeout_s": 1})
    for result, sentence in (
        (deployment.run("tail"), f"The topic {deployment.prefix}{ALERTS} is missing"),
        (away.run("tail"), f"Kafka at {away.bootstrap} cannot be reached"),
    ):
        assert result.exit_code == 1
        assert sentence in result.stderr
        assert len(result.stderr.splitlines()) == 1
