"""How fast a worker is on a real broker, beside a bare consumer and a Faust agent that does nothing.

All three read the same topics, each in a process of its own, one after the other; each is timed from the first message
that it is given to the last. The bare consumer decodes and checks as ingest does; what is above that is the pipeline's.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.request import urlopen

import faust
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from streams.bench import sample
from streams.kafka.connection import administration, client_arguments, started
from streams.kafka.names import Stage, full, topics
from streams.kafka.options import Idle
from streams.kafka.publishing import Publisher
from streams.kafka.publishing import publish as publish_all
from streams.kafka.tailing import tail
from streams.kafka.topics import create
from streams.settings import PREFIX, Settings, load
from streams.wire import Decoder
from streams.wire.origin import Lines, from_messages
from streams.worker import FaustWorker
from streams.workers.app import AGENT, make_app, mend_seek, read_topics

SIZES: Final = {1: 1, 100: 4}
"""Events a message, and how many times the events that are asked for: with many in a message it goes faster."""
_IDLE_TAKE, _IDLE_WITHIN_S = 200, 0.05
_POLL_S: Final = 0.02
_GETMANY_MS: Final = 200
_START_S: Final = 60.0
_BARE, _NOTHING = "bare", "nothing"


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Events a second, with so many events a message.

    Attributes
    ----------
    bare
        An aiokafka consumer with the same validated decode.
    nothing
        A Faust agent that does nothing with its messages.
    breakwater
        A worker with all stages, to the last alert.
    """

    batch: int
    events: int
    bare: float
    nothing: float
    breakwater: float

    def to_json(self) -> dict[str, Any]:
        """The speeds in plain values."""
        return {
            "events_per_message": self.batch,
            "events": self.events,
            "bare_events_per_second": round(self.bare),
            "faust_events_per_second": round(self.nothing),
            "breakwater_events_per_second": round(self.breakwater),
            "ratio_to_bare": round(self.breakwater / self.bare, 4),
            "ratio_to_faust": round(self.breakwater / self.nothing, 4),
        }


def measure(settings: Settings, events: int, partitions: int, done: Callable[[str], None]) -> list[Pipeline]:
    """Measure all three ways, for one and for a hundred events a message; `done` is told what is being done."""
    return [_measure(settings, sample(times * events), batch, partitions, done) for batch, times in SIZES.items()]


def _measure(
    settings: Settings, lines: list[bytes], batch: int, partitions: int, done: Callable[[str], None]
) -> Pipeline:
    kafka = settings.kafka.model_copy(update={"prefix": f"bench-{uuid.uuid4().hex[:8]}.", "idle": Idle.HOLD})
    own = settings.model_copy(update={"kafka": kafka})
    create(own, partitions)
    try:
        done(f"{batch} a message: publishing")
        with Publisher(own, batch=batch) as publisher:
            publish_all(publisher, [Lines.numbered(lines)], end=True)
        seconds = {}
        for way in (_BARE, _NOTHING):
            done(f"{batch} a message: {way}")
            seconds[way] = _child(own, way)
        done(f"{batch} a message: Breakwater")
        whole = _breakwater(own)
    finally:
        with administration(kafka) as client:
            client.delete_topics([full(kafka, topic.name) for topic in topics(kafka)])
    n = len(lines)
    return Pipeline(batch, n, n / seconds[_BARE], n / seconds[_NOTHING], n / whole)


def _environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        f"{PREFIX}KAFKA__PREFIX": settings.kafka.prefix,
        f"{PREFIX}KAFKA__IDLE": settings.kafka.idle.value,
        f"{PREFIX}HTTP__PORT": "0",
    }


def _child(settings: Settings, way: str) -> float:
    found = subprocess.run(  # noqa: S603 - this very program
        [sys.executable, "-m", __name__, way], env=_environment(settings), capture_output=True, check=False
    )
    if found.returncode:
        raise RuntimeError(f"{way}: {found.stderr.decode(errors='replace')[-2000:]}")
    return float(found.stdout.splitlines()[-1])


def _breakwater(settings: Settings) -> float:
    with _worker(settings) as port:
        end = time.monotonic() + _START_S
        while not _has_begun(port):
            if time.monotonic() > end:
                raise RuntimeError("the worker has not begun")
            time.sleep(_POLL_S)
        began = time.perf_counter()
        for _ in tail(settings, until_end=True):
            pass
        return time.perf_counter() - began


@contextmanager
def _worker(settings: Settings) -> Iterator[int]:
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-c", "from streams.cli import main; main()", "worker"],
            env=_environment(settings),
            stdout=log,
            stderr=log,
        )
        try:
            yield _port(process, log)
        finally:
            process.terminate()
            process.wait()


def _port(process: subprocess.Popen[bytes], log: Any) -> int:
    """Where the worker answers, as it logs at its start."""
    while process.poll() is None:
        log.seek(0)
        for line in log.read().splitlines():
            if b"http://" in line:
                return int(line.rsplit(b":", 1)[1].strip(b"/"))
        time.sleep(_POLL_S)
    log.seek(0)
    raise RuntimeError(log.read().decode(errors="replace")[-2000:])


def _has_begun(port: int) -> bool:
    """Whether the worker has taken a message."""
    with suppress(URLError, OSError), urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        counts = [row for row in answer.read().decode().splitlines() if row.startswith("breakwater_frames_in_total{")]
        return any(float(row.rsplit(" ", 1)[1]) > 0 for row in counts)
    return False


async def _read_bare(settings: Settings) -> float:
    kafka = settings.kafka
    consumer = await started(
        lambda: AIOKafkaConsumer(**client_arguments(kafka), enable_auto_commit=False, auto_offset_reset="earliest"),
        kafka,
    )
    try:
        places = _places(settings)
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        decoder = Decoder()
        began = 0.0
        while [place for place in places if await consumer.position(place) < ends[place]]:
            for place, messages in (await consumer.getmany(timeout_ms=_GETMANY_MS)).items():
                began = began or time.perf_counter()
                decoder.decode(
                    from_messages([one.value for one in messages], place.topic, [one.offset for one in messages])
                )
        return time.perf_counter() - began
    finally:
        await consumer.stop()


def _places(settings: Settings) -> list[TopicPartition]:
    found = []
    for name in settings.kafka.sources:
        topic = full(settings.kafka, name)
        found += [TopicPartition(topic, number) for number in range(settings.kafka.source_partitions)]
    return found


def _agent_that_does_nothing(settings: Settings, folder: Path) -> faust.App:
    kafka = settings.kafka.model_copy(update={"prefix": f"{settings.kafka.prefix}nothing-"})
    app = make_app(kafka, Stage.INGEST, folder)
    left: dict[Any, int] = {}
    began = 0.0

    @app.on_partitions_assigned.connect(weak=False)
    async def assigned(*_: Any, **__: Any) -> None:
        mend_seek(app)

    async def agent(stream: Any) -> None:
        nonlocal began
        async for events in stream.noack_take(_IDLE_TAKE, within=_IDLE_WITHIN_S):
            began = began or time.perf_counter()
            for event in events:
                if event.message.headers:
                    left[event.message.tp] = 0
            if len(left) == len(settings.kafka.sources) * settings.kafka.source_partitions:
                _say(time.perf_counter() - began)
                os._exit(0)

    names = [full(settings.kafka, name) for name in settings.kafka.sources]
    app.agent(read_topics(app, names), name="nothing", **AGENT)(agent)
    return app


def _say(seconds: float) -> None:
    sys.stdout.write(f"{seconds!r}\n")
    sys.stdout.flush()


def main(way: str) -> None:
    """Measure one way in this process, and print the seconds that it took."""
    settings = load()
    if way == _BARE:
        _say(asyncio.run(_read_bare(settings)))
        return
    with tempfile.TemporaryDirectory() as folder:
        app = _agent_that_does_nothing(settings, Path(folder))
        FaustWorker(app).execute_from_commandline()


if __name__ == "__main__":
    main(sys.argv[1])
