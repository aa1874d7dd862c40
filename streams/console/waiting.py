"""Waiting for a client of Kafka no longer than is good; one that is told to stop waiting may itself take for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final, TypeVar

from aiokafka.errors import KafkaError

ANSWER_S: Final = 10.0
"""How long a broker may take to answer."""
_CLOSING_S: Final = 2.0

T = TypeVar("T")

_left: set[asyncio.Task[Any]] = set()
"""Those that nobody waits for any more, until they have ended."""


async def within(work: Coroutine[Any, Any, T], seconds: float = ANSWER_S) -> T:
    """What comes of it; `TimeoutError` if nothing does in that time, or it is cancelled by what it waits for itself."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait([task], timeout=seconds)
        if not task.done():
            raise TimeoutError("no answer")
    finally:
        if not task.done():
            _leave(task)
    if task.cancelled():
        raise TimeoutError("it was broken off")
    return task.result()


async def closed(work: Coroutine[Any, Any, None]) -> None:
    """Let a client close, if it does so soon."""
    with suppress(KafkaError, OSError):
        await within(work, _CLOSING_S)


def _leave(task: asyncio.Task[Any]) -> None:
    task.cancel()
    _left.add(task)
    task.add_done_callback(_forget)


def _forget(task: asyncio.Task[Any]) -> None:
    _left.discard(task)
    if not task.cancelled():
        task.exception()
