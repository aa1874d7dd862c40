"""Decisions written to the feedback topic."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from alerts.console.feed import FeedAwayError
from streams.console.waiting import ANSWER_S, closed, within
from streams.kafka.connection import UnavailableError, client_arguments, started
from streams.kafka.names import FEEDBACK, full
from streams.kafka.options import KafkaSettings


class KafkaOutlet:
    """Sends decisions to the learner; each is safe on all replicas before the next call returns."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._topic = full(settings, FEEDBACK)
        self._producer: AIOKafkaProducer | None = None

    async def send(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Send them in order; `FeedAwayError` if not all are safe: some may be."""
        try:
            if self._producer is None:
                self._producer = await started(self._make_producer, self._settings)
            sent = [await self._producer.send(self._topic, value, key=key.encode()) for key, value in messages]
            await within(_all(sent), 2 * ANSWER_S)
        except (KafkaError, UnavailableError, TimeoutError, OSError) as error:
            await self.close()
            raise FeedAwayError(str(error) or type(error).__name__) from error

    async def close(self) -> None:
        """Disconnect; what was not taken by then was not sent."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await closed(producer.stop())

    def _make_producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            **client_arguments(self._settings),
            acks="all",
            enable_idempotence=True,
            request_timeout_ms=int(1000 * ANSWER_S),
        )


async def _all(sent: Sequence[asyncio.Future[Any]]) -> None:
    """Wait until all are safe."""
    await asyncio.gather(*sent)
