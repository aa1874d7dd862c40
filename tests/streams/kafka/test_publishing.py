"""`publish`, on the real broker: what of a file stands in the topics afterwards."""

import gzip
import json
import os
import signal
import subprocess
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from deploy.kafka.ports import free_ports
from streams.kafka.names import is_end
from streams.partition import partition_of
from tests.helpers import COMMAND
from tests.streams.kafka.conftest import Deployment, Record, ndjson

SOURCES = ("comments", "replies", "context")
TOPIC_OF = {"comment": "comments", "mention": "comments", "reply": "replies", "share": "context", "delete": "context"}


def events(count: int) -> list[dict[str, Any]]:
    kinds = list(TOPIC_OF)
    return [
        {"id": f"e{n}", "type": kinds[n * 7 % 5], "author": f"a{n * 13 % 40}", "text": "é" * (n % 9)}
        for n in range(count)
    ]


def last_json(output: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(output.splitlines()[-1])
    return found


def ids(records: list[Record]) -> dict[tuple[str, int], list[str]]:
    """The ids in each partition, in their order."""
    found = defaultdict(list)
    for record in records:
        if record.value:
            content = json.loads(record.value)
            found[record.topic, record.partition] += [
                one["id"] for one in (content if isinstance(content, list) else [content])
            ]
    return dict(found)


def expected(given: list[dict[str, Any]]) -> dict[tuple[str, int], list[str]]:
    found = defaultdict(list)
    for one in given:
        found[TOPIC_OF[one["type"]], partition_of(one["author"], 4)].append(one["id"])
    return dict(found)


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_each_event_comes_to_its_topic_and_to_the_partition_of_its_author_in_order(
    batch: int, deployment: Deployment, tmp_path: Path
) -> None:
    deployment.made()
    given = events(3000)
    file = tmp_path / "events.ndjson.gz"
    file.write_bytes(gzip.compress(ndjson(given)))
    result = deployment.run("publish", file, "--batch", str(batch), "--json")
    assert result.exit_code == 0, result.output
    told, records = last_json(result.stdout), deployment.records(*SOURCES)

    assert ids(records) == expected(given)
    assert told["events"] == 3000
    assert told["messages"] == len(records)
    assert told["topics"] == Counter(TOPIC_OF[one["type"]] for one in given)
    if batch == 1:
        assert {record.value for record in records} == {json.dumps(one).encode() for one in given}
        assert all(record.key == json.loads(record.value)["author"].encode() for record in records)


def test_the_sources_can_be_published_in_turn_each_with_its_end(deployment: Deployment, tmp_path: Path) -> None:
    deployment.made()
    given = events(200)
    file = tmp_path / "events"
    file.write_bytes(ndjson(given))
    told = last_json(deployment.run("publish", file, "--topics", "comments", "--end", "--json").stdout)
    records = deployment.records(*SOURCES)

    assert {record.topic for record in records} == {"comments"}
    assert (told["end_marks"], told["events"] + told["skipped"]) == (4, 200)
    rest = deployment.run("publish", file, "--topics", "replies", "--topics", "context", "--end")
    assert rest.exit_code == 0, rest.output
    records = deployment.records(*SOURCES)
    assert ids(records) == expected(given)
    last = {(record.topic, record.partition): record for record in records}
    assert len(last) == 12
    assert all(is_end(record.value, record.headers) for record in last.values())
    assert sum(is_end(record.value, record.headers) for record in records) == 12


def test_what_is_broken_is_passed_on_as_it_is(deployment: Deployment, tmp_path: Path) -> None:
    deployment.made()
    good = events(50)
    broken = [b"{", b"", b"\xff\xff", b'{"type": "reply"}', b"nonsense"]
    file = tmp_path / "events"
    file.write_bytes(ndjson([*good[:25], *broken, *good[25:]]))
    result = deployment.run("publish", file, "--batch", "10", "--json")
    records = deployment.records(*SOURCES)

    assert (result.exit_code, last_json(result.stdout)["events"]) == (0, 55)
    assert [
        one.value for one in records if (one.topic, one.partition) == ("comments", 0) and one.value in broken
    ] == broken
    assert ids([one for one in records if one.value not in broken]) == expected(good)


def test_an_event_at_the_limit_is_delivered_and_one_above_it_told_by_its_line(
    deployment: Deployment, tmp_path: Path
) -> None:
    limit = 300_000
    deployment.options = {"max_message_bytes": limit}
    deployment.made()
    given = events(4)
    for one, size in ((given[1], limit), (given[2], limit + 1)):
        one["text"] = ""
        one["text"] = "x" * (size - len(json.dumps(one)))
    file = tmp_path / "events"
    file.write_bytes(ndjson(given))
    for batch in ("1", "100"):
        result = deployment.run("publish", file, "--batch", batch, "--json")
        assert result.exit_code == 1
        assert f"line 3: an event of {limit + 1:,} bytes" in result.stderr
        assert "BREAKWATER_KAFKA__MAX_MESSAGE_BYTES" in result.stderr
        assert (last_json(result.stdout)["events"], last_json(result.stdout)["too_large"]) == (3, 1)

    found = [one for values in ids(deployment.records(*SOURCES)).values() for one in values]
    assert Counter(found) == {"e0": 2, "e1": 2, "e3": 2}


def test_standard_input_is_passed_on_as_it_comes(deployment: Deployment) -> None:
    deployment.made()
    process = subprocess.Popen(
        [*COMMAND, "publish", "-", "--batch", "100"],
        env={**os.environ, **deployment.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(ndjson(events(3)))
    process.stdin.flush()
    while sum(map(len, ids(deployment.records(*SOURCES)).values())) < 3:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, told = process.communicate()

    assert (process.returncode, told) == (130, b"")


def test_a_rate_holds_nothing_back(deployment: Deployment, tmp_path: Path) -> None:
    deployment.made()
    file = tmp_path / "events"
    file.write_bytes(ndjson(events(60)))
    result = deployment.run("publish", file, "--rate", "200", "--batch", "10", "--json")

    assert result.exit_code == 0, result.output
    assert last_json(result.stdout)["events"] == 60
    assert ids(deployment.records(*SOURCES)) == expected(events(60))


def test_what_keeps_it_from_publishing_is_one_sentence(deployment: Deployment, tmp_path: Path) -> None:
    file = tmp_path / "events"
    file.write_bytes(ndjson(events(1)))
    missing = deployment.run("publish", file)
    strange = deployment.run("publish", file, "--topics", "gossip")
    away = Deployment(f"127.0.0.1:{free_ports(1)[0]}", "", {"connect_timeout_s": 1}).run("publish", file)
    deployment.made()
    no_file = deployment.run("publish", tmp_path / "nothing")

    for result, sentence in (
        (missing, "is missing; `breakwater topics create` makes it"),
        (strange, "gossip is no source; there are comments, replies, context"),
        (away, "cannot be reached: the connection is refused"),
        (no_file, "There is no file"),
    ):
        assert result.exit_code == 1
        assert sentence in result.stderr
        assert len(result.stderr.splitlines()) == 1
