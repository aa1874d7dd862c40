"""What tests and people may rely on from the broker that comes with the project."""

import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

from deploy.kafka.broker import Broker
from deploy.kafka.jars import KafkaError
from deploy.kafka.ports import RANGE

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def admin_of(broker: Broker) -> Iterator[KafkaAdminClient]:
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    try:
        yield admin
    finally:
        admin.close()


def publish(broker: Broker, topic: str, *values: bytes) -> None:
    with admin_of(broker) as admin:
        if topic not in admin.list_topics():
            admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
    try:
        for value in values:
            producer.send(topic, value).get(timeout=30)
    finally:
        producer.close()


def held(broker: Broker, topic: str) -> list[bytes]:
    """All that a topic of one partition holds."""
    consumer = KafkaConsumer(bootstrap_servers=broker.bootstrap, enable_auto_commit=False)
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    end = consumer.end_offsets([partition])[partition]
    values = []
    try:
        while consumer.position(partition) < end:
            values += [record.value for records in consumer.poll(1_000).values() for record in records]
    finally:
        consumer.close()
    return values


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_it_answers_as_one_node_and_makes_no_topic_that_nobody_made(broker: Broker, topic_prefix: str) -> None:
    with admin_of(broker) as admin:
        nodes = admin.describe_cluster()["brokers"]
        topics = admin.list_topics()

    assert len(nodes) == 1
    assert not [topic for topic in topics if topic.startswith(topic_prefix)]


def test_what_is_published_can_be_read(broker: Broker, topic_prefix: str) -> None:
    publish(broker, f"{topic_prefix}said", b"one", b"two")

    assert held(broker, f"{topic_prefix}said") == [b"one", b"two"]


def test_it_listens_on_loopback_only_and_never_on_an_ephemeral_port(broker: Broker) -> None:
    inodes = set()
    for descriptor in Path(f"/proc/{broker.pid}/fd").iterdir():
        found = re.fullmatch(r"socket:\[(\d+)\]", str(descriptor.readlink())) if descriptor.is_symlink() else None
        inodes |= {found[1]} if found else set()
    listening = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                address, _, port = fields[1].rpartition(":")
                listening.append((address, int(port, 16)))

    assert {address for address, _ in listening} <= {"0100007F", "0000000000000000FFFF00000100007F"}
    assert broker.port in {port for _, port in listening}
    assert all(port in RANGE for _, port in listening)


def test_killed_and_started_again_it_has_its_port_and_its_data(tmp_path: Path) -> None:
    with Broker(tmp_path) as broker:
        address = broker.bootstrap
        publish(broker, "before", b"kept")
        broker.kill()
        assert broker.pid is None
        broker.start()

        assert broker.bootstrap == address
        assert held(broker, "before") == [b"kept"]


def test_stopped_it_leaves_no_process_and_a_broker_in_its_folder_finds_its_data(tmp_path: Path) -> None:
    with Broker(tmp_path) as broker:
        publish(broker, "before", b"kept")
        pid = broker.pid
    assert pid is not None
    assert not alive(pid)
    with Broker(tmp_path) as later:
        assert held(later, "before") == [b"kept"]


def test_a_broker_that_cannot_start_shows_its_log(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        broker = Broker(tmp_path, other.getsockname()[1])
        with pytest.raises(KafkaError, match="Address already in use"):
            broker.start()
    assert broker.pid is None


def test_it_starts_whatever_its_clusters_id_begins_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.kafka.broker.CACHE", tmp_path)
    monkeypatch.setattr("uuid.uuid4", lambda: uuid.UUID(bytes=b"\xfb" * 16))

    with Broker(tmp_path / "broker"):
        assert "cluster.id=-" in (tmp_path / "broker" / "data" / "meta.properties").read_text()


def serve(folder: Path) -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", "deploy.kafka", "--port", "0", "--folder", str(folder)]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def told(process: "subprocess.Popen[str]", pattern: str) -> str:
    """What stands in the first line printed that has this in it."""
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(pattern, line)
        if found:
            return found[1]
    raise AssertionError(f"never printed: {pattern}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_person_is_told_the_address_and_ends_it_with_ctrl_c(tmp_path: Path, number: signal.Signals) -> None:
    with serve(tmp_path) as process:
        address = told(process, r"listening on (\S+:\d+)")
        again = subprocess.run(
            [sys.executable, "-m", "deploy.kafka", "--folder", str(tmp_path)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        process.send_signal(number)
        status = process.wait(40)

    assert (status, again.returncode) == (0, 1)
    assert "already" in again.stderr
    with socket.socket() as probe:
        host, _, port = address.partition(":")
        assert probe.connect_ex((host, int(port))) != 0


def test_a_broker_dies_with_the_program_that_started_it(tmp_path: Path) -> None:
    said = "import pathlib, signal, sys; from deploy.kafka.broker import Broker; b = Broker(pathlib.Path(sys.argv[1]));"
    said += "b.start(); print('pid', b.pid, flush=True); signal.pause()"
    with subprocess.Popen(
        [sys.executable, "-c", said, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        pid = int(told(process, r"pid (\d+)"))
        process.kill()
        process.wait(40)
    for _ in range(100):
        if not alive(pid):
            return
        time.sleep(0.1)
    raise AssertionError("the broker lives on")
