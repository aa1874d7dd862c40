"""What the benchmark of the console puts on the topics: revisions of many cases at a steady rate, and one very large case."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any, Final

import orjson
from aiokafka import AIOKafkaProducer

from streams.kafka.connection import client_arguments
from streams.kafka.names import ALERTS, EVIDENCE, full
from streams.runner import Runner
from streams.settings import Settings, load
from streams.simulate import simulate
from streams.wire import Decoder, Lines

CASES: Final = 400
PARTITIONS: Final = 4
_TURNS: Final = 20
"""Transactions a second."""
_HOMES: Final = 30


class Load:
    """Cases that grow, made of what the engine says of a simulated half hour."""

    def __init__(self, settings: Settings) -> None:
        self._kafka = settings.kafka
        lines = [one.rstrip(b"\n") for one in simulate(5, 0.5, ["quote_pile_on", "viral_joy"], pace=0.3).lines]
        runner = Runner(load())
        found = runner.push(Decoder().decode(Lines.numbered(lines, "bench", 1))) + runner.end()
        self._made_of: list[dict[str, Any]] = [orjson.loads(one.body) for one in found]
        self.newest: dict[str, int] = {}
        """By case, how many people there are by its newest revision."""
        self._revisions: dict[str, int] = {}
        self.sent = 0

    def bodies(self) -> Iterator[tuple[str, bytes]]:
        """Revisions for ever, of one case after the other."""
        while True:
            for number in range(CASES):
                yield self._next(f"case-{number:04}", number)

    def _next(self, name: str, number: int) -> tuple[str, bytes]:
        revision = self._revisions[name] = self._revisions.get(name, 0) + 1
        template = self._made_of[number % len(self._made_of)]
        people = self.newest[name] = 10 + revision + number % 7
        now_ms = int(1000 * time.time())
        alert = {
            **template,
            "id": name,
            "revision": revision,
            "target": {**template["target"], "id": f"account-{number}"},
            "updated_at": now_ms,
            "participants": {**template["participants"], "total": people},
        }
        return name, orjson.dumps(alert)

    def run(self, rate: int, seconds: float) -> float:
        """Send so many a second for so long, on a loop of a thread of its own; how many seconds it took."""
        took: float = apart(self._send(rate, seconds))
        return took

    def start(self, rate: int, seconds: float) -> threading.Thread:
        """The same, without waiting for it."""
        thread = threading.Thread(target=lambda: asyncio.run(self._send(rate, seconds)))
        thread.start()
        return thread

    def send_large(self, people: int) -> str:
        """A case with so many participants, all of whom the evidence knows; its id."""
        name = f"large-{people}"
        template = next(one for one in reversed(self._made_of) if one["verdict"] == "pile_on")
        apart(self._write([(EVIDENCE, name, one) for one in large_evidence(name, people)]))
        alert = {**template, "id": name, "participants": {**template["participants"], "total": people}}
        apart(self._write([(ALERTS, name, orjson.dumps(alert))]))
        return name

    async def _send(self, rate: int, seconds: float) -> float:
        producer = await self._producer()
        began = time.monotonic()
        bodies = self.bodies()
        try:
            for turn in range(int(_TURNS * seconds)):
                await producer.begin_transaction()
                sent = []
                for _ in range(rate // _TURNS):
                    name, body = next(bodies)
                    place = int(name[-4:]) % PARTITIONS
                    sent.append(await producer.send(full(self._kafka, ALERTS), body, name.encode(), place))
                await asyncio.gather(*sent)
                await producer.commit_transaction()
                self.sent += len(sent)
                await asyncio.sleep(max(0.0, began + (turn + 1) / _TURNS - time.monotonic()))
        finally:
            await producer.stop()
        return time.monotonic() - began

    async def _write(self, messages: list[tuple[str, str, bytes]]) -> None:
        producer = await self._producer()
        try:
            await producer.begin_transaction()
            for topic, key, body in messages:
                await producer.send_and_wait(full(self._kafka, topic), body, key.encode(), 0)
            await producer.commit_transaction()
        finally:
            await producer.stop()

    async def _producer(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            **client_arguments(self._kafka),
            transactional_id=f"{self._kafka.prefix}bench",
            max_request_size=2 << 20,
            linger_ms=2,
        )
        await producer.start()
        return producer


def large_evidence(alert: str, people: int) -> Iterator[bytes]:
    """Evidence of a crowd that came within an hour, from many communities, in parts."""
    began_ms = int(1000 * time.time()) - 3_600_000
    portion = 1_000
    for part, start in enumerate(range(0, people, portion)):
        those = range(start, min(start + portion, people))
        times = {one: began_ms + one * 3_500_000 // people for one in those}
        role = {one: ("attacker", "bystander", "bystander", "defender")[one % 4] for one in those}
        yield orjson.dumps(
            {
                "schema": "breakwater.evidence/1", "alert": alert, "revision": 1, "part": part,
                "interactions": [
                    {"event": f"e{one}", "time": times[one], "account": f"p{one}", "type": "reply", "text": f"said {one}",
                     "text_hash": f"{one:064x}", "community": f"c{one % _HOMES}", "home": f"c{one % _HOMES}",
                     "stranger": True, "fresh": one % 5 == 0}
                    for one in those
                ],
                "accounts": [
                    {"account": f"p{one}", "role": role[one], "confidence": 0.9, "first_at": times[one],
                     "home": f"c{one % _HOMES}", "stranger": True, "fresh": one % 5 == 0, "interactions": 1}
                    for one in those
                ],
                "ties": [[f"p{one}", f"p{one * 7 % (one + 1)}", 1] for one in those if one % 2],
                "minutes": [{"start": began_ms // 60_000 * 60_000 + 60_000 * part, "newcomers": len(those),
                             "interactions": len(those), "shares": 0}],
                "usual_per_minute": 0.2, "omitted": {"interactions": 0, "digest": ""}, "digest": "", "previous_digest": "",
            }
        )  # fmt: skip


def apart(work: Any) -> Any:
    """Run something on a loop of another thread: a browser has that of this one."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(asyncio.run(work)))
    thread.start()
    thread.join()
    if not found:
        raise RuntimeError("what the benchmark sends could not be sent")
    return found[0]
