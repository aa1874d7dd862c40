"""Whatever is killed while alerts flow, the console's cases equal the alerts topic once it is back."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import pytest

from alerts.alert import Revision
from alerts.record import Chunk
from deploy.kafka.broker import Broker
from tests.alerts.console.page.conftest import Console
from tests.alerts.console.page.feeding import Feeder
from tests.alerts.console.page.running import Api, case_path, serve, wait_until
from tests.alerts.console.page.stretch import Stretch
from tests.alerts.console.postgresql import PostgreSQL

COPIES = 5
PART = 60


def many(said: Stretch) -> Iterator[tuple[Revision, list[Chunk]]]:
    """The stretch several times over, as alerts of their own, with the evidence of each revision."""
    evidence: dict[tuple[str, int], list[Chunk]] = {}
    for chunk in said.chunks:
        evidence.setdefault((chunk.alert, chunk.revision), []).append(chunk)
    for copy in range(COPIES):
        for one in said.revisions:
            name = f"{one.id}-{copy}"
            rests_on = evidence.get((one.id, one.revision), [])
            yield (
                replace(one, id=name, body=one.body.replace(one.id.encode(), name.encode())),
                [
                    chunk._replace(alert=name, body=chunk.body.replace(one.id.encode(), name.encode()))
                    for chunk in rests_on
                ],
            )


def assert_equals_the_topic(console: Console, who: Api) -> None:
    """Every revision that was committed is there, once, by its bytes; each case is as the newest says; nothing else is there."""
    wanted: dict[str, dict[int, bytes]] = {}
    for message in console.deployment.messages("breakwater.alerts"):
        alert = json.loads(message.value)
        wanted.setdefault(alert["id"], {})[alert["revision"]] = message.value
    newest = {key: max(found) for key, found in wanted.items()}
    wait_until(lambda: {key: row["revision"] for key, row in who.cases().items()} == newest)
    parts: dict[str, int] = {}
    for message in console.deployment.messages("breakwater.evidence"):
        chunk = json.loads(message.value)
        parts[chunk["alert"]] = parts.get(chunk["alert"], 0) + len(chunk["interactions"])
    for alert, revisions in wanted.items():
        case = who.get(case_path(alert))
        assert case["alert"] == json.loads(revisions[newest[alert]])
        assert [one["revision"] for one in case["revisions"]] == sorted(revisions)
        assert len(who.get(f"{case_path(alert)}/evidence")["interactions"]) == parts[alert]
    some = next(iter(wanted))
    for number, body in wanted[some].items():
        assert who.bytes_of(f"{case_path(some)}/revisions/{number}") == body


def test_the_cases_equal_the_topic_whatever_is_killed(
    console: Console, broker: Broker, said: Stretch, request: pytest.FixtureRequest
) -> None:
    flow = many(said)
    feeder = console.feeder

    def say(count: int) -> None:
        for revision, chunks in islice(flow, count):
            feeder.say([revision], chunks)

    # The console, in the midst of it; what is not committed is never seen.
    say(PART)
    console.process.kill()
    say(PART // 2)
    feeder.abandon("never", said.revisions[0].body.replace(said.revisions[0].id.encode(), b"never"))
    console.process = serve(console.deployment, console.database)
    say(PART)

    # The database.
    if console.database.startswith("postgresql"):
        server: PostgreSQL = request.getfixturevalue("postgresql")
        server.stop()
        say(PART // 2)
        server.start()
        say(PART // 4)

    # The broker.
    say(PART // 4)
    feeder.close()
    broker.kill()
    broker.start()
    feeder = console.feeder = Feeder(broker.bootstrap, console.deployment.prefix)
    for revision, chunks in flow:
        feeder.say([revision], chunks)

    with Api(console.address, "vera") as vera:
        assert_equals_the_topic(console, vera)
        assert vera.get("/status")["feed"] == "ok"
