"""Files fed to the source topics, each event type to its topic.

With aiokafka, in batches that are filled here: measured on this, one event a message, it delivers three times as many
as kafka-python does, and ten times as many when it is handed whole batches.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, Self

import aiokafka.errors
from aiokafka import AIOKafkaProducer

from streams.kafka.checking import Inspection
from streams.kafka.connection import administration, client_arguments, overheard, started, unavailable
from streams.kafka.names import END_HEADER, Source, Topic, full, numbered, topics
from streams.kafka.options import KafkaSettings
from streams.kafka.packing import Message, Packer, Router
from streams.settings import Settings
from streams.wire.origin import Lines

ERRORS_TOLD: Final = 10
"""How many events that are too large are kept by their lines."""

_BATCH_BYTES: Final = 256 << 10
_ANSWER_S: Final = 20.0
_CLOSING_S: Final = 3.0
_ENVELOPE_BYTES: Final = 16_384


class PublishError(Exception):
    """Events cannot be published; the text says why and what to do."""


@dataclass(slots=True)
class Published:
    """What was published.

    Attributes
    ----------
    events
        Events delivered.
    messages
        Messages that they were delivered in.
    topics
        Events by topic, without the prefix.
    skipped
        Events left out because their topic was not asked for.
    too_large
        Events left out because a message may not be so large; `places` has the lines and sizes of the first.
    end_marks
        Partitions that got an end mark.
    seconds
        How long it took.
    """

    events: int = 0
    messages: int = 0
    topics: Counter[str] = field(default_factory=Counter)
    skipped: int = 0
    too_large: int = 0
    places: list[tuple[int, int]] = field(default_factory=list)
    end_marks: int = 0
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The summary as `publish --json` prints it."""
        return {
            "events": self.events,
            "messages": self.messages,
            "topics": dict(sorted(self.topics.items())),
            "skipped": self.skipped,
            "too_large": self.too_large,
            "end_marks": self.end_marks,
            "seconds": round(self.seconds, 3),
        }


class Publisher:
    """Sends lines of events to the source topics; a context, within which there is a connection.

    Lines are passed on as they are, broken ones too: the reader refuses them, with the reason.

    Parameters
    ----------
    batch
        Events in a message, at most; several stand in a JSON array.
    only
        The source topics, without the prefix, to send to; events of others are left out. All if empty.

    Raises
    ------
    PublishError
        If a topic is missing or is no source, or does not take what is sent.
    UnavailableError
        If no broker answers, or none any more.
    """

    def __init__(self, settings: Settings, *, batch: int = 1, only: Collection[str] = ()) -> None:
        self.summary = Published()
        self._options = settings.kafka
        strange = sorted(set(only) - set(self._options.sources))
        if strange:
            raise PublishError(f"{strange[0]} is no source; there are {', '.join(self._options.sources)}.")
        self._only = frozenset(only or self._options.sources)
        self._packer = Packer(batch, self._options.max_message_bytes)
        self._builders: dict[Source, Any] = {}
        self._full: list[tuple[Source, Any]] = []
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._began = monotonic()

    def __enter__(self) -> Self:
        partitions = _partitions(self._options)
        self._ends = numbered({topic: count for topic, count in partitions.items() if topic in self._only})
        self._router = Router(self._options.destinations, self._options.sources[0], partitions)
        with ExitStack() as stack:
            stack.enter_context(overheard())
            self._runner = stack.enter_context(asyncio.Runner())
            self._producer = self._runner.run(started(self._connect, self._options))
            stack.callback(self._disconnect)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def push(self, lines: Iterable[bytes], first: int = 1) -> None:
        """Send lines, the first of them numbered `first`; they are on their way when this returns, or about to be."""
        for number, line in enumerate(lines, first):
            for piece in self._router.pieces(line):
                if piece.source.topic not in self._only:
                    self.summary.skipped += 1
                elif len(piece.value) > self._options.max_message_bytes:
                    self._leave_out(number, len(piece.value))
                else:
                    for message in self._packer.add(piece):
                        self._write(message)
        self._run(self._ship())

    def flush(self) -> None:
        """Send what still waits for others to make a message with, and return when everything is delivered."""
        for message in self._packer.rest():
            self._write(message)
        self._full += self._builders.items()
        self._builders = {}
        self._run(self._deliver())

    def end(self) -> None:
        """Put an end mark behind everything, in each partition of the topics that are sent to."""
        self.flush()
        for source in self._ends:
            builder = self._builder()
            builder.append(key=None, value=b"", timestamp=None, headers=[END_HEADER])
            self._full.append((source, builder))
        self._run(self._deliver())
        self.summary.end_marks = len(self._ends)

    def pause(self, seconds: float) -> None:
        """Wait, while what was sent goes on being delivered."""
        self._run(asyncio.sleep(seconds))

    def _leave_out(self, line: int, size: int) -> None:
        self.summary.too_large += 1
        if len(self.summary.places) < ERRORS_TOLD:
            self.summary.places.append((line, size))

    def _write(self, message: Message) -> None:
        summary, source = self.summary, message.source
        summary.events += message.events
        summary.messages += 1
        summary.topics[source.topic] += message.events
        while True:
            builder = self._builders.get(source)
            if builder is None:
                builder = self._builders[source] = self._builder()
            if builder.append(key=message.key, value=message.value, timestamp=None) is not None:
                return
            self._full.append((source, self._builders.pop(source)))

    def _builder(self) -> Any:
        return self._producer.create_batch()

    async def _ship(self) -> None:
        """Hand batches that are full to the client, which waits while it has enough, and see what was delivered."""
        for source, builder in self._full:
            builder.close()
            topic = full(self._options, source.topic)
            self._waiting.append(await self._producer.send_batch(builder, topic, partition=source.partition))
        self._full.clear()
        while self._waiting and self._waiting[0].done():
            self._waiting.popleft().result()

    async def _deliver(self) -> None:
        await self._ship()
        while self._waiting:
            await asyncio.wait_for(self._waiting[0], _ANSWER_S)
            self._waiting.popleft()

    def _run(self, doing: Any) -> None:
        try:
            self._runner.run(doing)
        except (TimeoutError, aiokafka.errors.KafkaTimeoutError, aiokafka.errors.KafkaConnectionError) as error:
            raise _broken_off(self._options, str(error)) from error
        except aiokafka.errors.RequestTimedOutError as error:
            raise _broken_off(self._options, "it does not answer any more") from error
        except aiokafka.errors.KafkaError as error:
            raise PublishError(f"Kafka does not take what is sent: {error}. See `breakwater topics check`.") from error
        self.summary.seconds = monotonic() - self._began

    def _connect(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            **client_arguments(self._options),
            acks="all",
            enable_idempotence=True,
            max_batch_size=_BATCH_BYTES,
            max_request_size=max(1 << 20, self._options.max_message_bytes + _ENVELOPE_BYTES),
            request_timeout_ms=int(1000 * _ANSWER_S),
        )

    def _disconnect(self) -> None:
        async def stop() -> None:
            await asyncio.wait([asyncio.ensure_future(self._producer.stop())], timeout=_CLOSING_S)

        self._runner.run(stop())


def publish(
    publisher: Publisher,
    chunks: Iterable[Lines],
    *,
    rate: float | None = None,
    live: bool = False,
    end: bool = False,
    watch: Callable[[Published], None] = lambda summary: None,
) -> Published:
    """Send all lines of a file, and return when everything is delivered.

    Parameters
    ----------
    rate
        Events a second, at most; as fast as it goes if not given.
    live
        Deliver each chunk before the next is asked for, which may take a while to come.
    end
        Whether end marks follow.
    watch
        Called after every chunk with the summary so far.
    """
    first, began = 1, monotonic()
    for lines in chunks:
        publisher.push(lines.values, first)
        first += len(lines.values)
        if live or rate:
            publisher.flush()
        if rate:
            publisher.pause(max(0.0, began + publisher.summary.events / rate - monotonic()))
        watch(publisher.summary)
    publisher.flush()
    if end:
        publisher.end()
    return publisher.summary


def _broken_off(options: KafkaSettings, cause: str) -> Exception:
    reason = unavailable(options, cause or "it does not answer any more")
    return type(reason)(f"{reason} Not everything was delivered: publish it again; what comes twice is dropped.")


def _partitions(options: KafkaSettings) -> dict[str, int]:
    """How many partitions each source has, by its name without the prefix."""
    with administration(options) as client:
        sources: list[Topic] = [topic for topic in topics(options) if topic.source]
        present = Inspection.of(client, options, sources)
        for sentence in present.missing():
            raise PublishError(sentence)
        for topic in sources:
            rights = present.found[topic.name].rights
            if rights is not None and "WRITE" not in rights:
                raise PublishError(f"This user may not WRITE the topic {full(options, topic.name)}; grant it.")
        return {topic.name: present.found[topic.name].partitions for topic in sources}
