"""What happens, as it happens: server-sent events; and how the console stands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from time import monotonic
from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from alerts.console.api.common import FOR_VIEWERS, PREFIX, ConsoleHere, Viewer, errors, json_response
from alerts.console.api.models import Standing
from alerts.console.database import AWAY
from alerts.console.service import Console
from alerts.console.stream import INTERVAL_S, Told

router = APIRouter(prefix=PREFIX, tags=["live"])

_STATUS_S: Final = 5.0
_ALIVE_S: Final = 15.0
_GLANCE_S: Final = 1.0
_RETRY_MS: Final = 2_000
_UNKNOWN: Final = -1
"""A change that never was: who names it is to begin anew."""
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get("/status", dependencies=[FOR_VIEWERS], response_model=Standing, responses=errors())
async def get_status(console: ConsoleHere) -> Response:
    """How the console stands."""
    return json_response(console.status())


@router.get(
    "/stream",
    response_class=StreamingResponse,
    responses={
        **errors(422),
        200: {
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
            "description": "Events until either side ends.",
        },
    },
)
async def stream(
    console: ConsoleHere,
    user: Viewer,
    last_event_id: Annotated[str | None, Header(max_length=100)] = None,
    after: Annotated[int | None, Query(ge=0, le=2**53, description="As `Last-Event-ID`, which wins.")] = None,
) -> Response:
    """Changes of cases. `alert`: `{"rows": [Row]}`, each case once, as it is now, at most ten times a second; `status`: how the
    console stands, every few seconds and when it changes; `reset`: too much has happened since, load the queue anew.

    An event's id is the number of the newest change that it tells of; `Last-Event-ID` resumes behind it.
    """
    known = after
    if last_event_id is not None:
        known = int(last_event_id) if last_event_id.isascii() and last_event_id.isdigit() else _UNKNOWN
    return StreamingResponse(_events(console, user.session, known), media_type="text/event-stream", headers=_HEADERS)


async def _events(console: Console, session: str, known: int | None) -> AsyncIterator[bytes]:
    hub = console.hub
    hub.counts.clients += 1
    try:
        with console.watchers.watching(session), suppress(*AWAY):
            yield f"retry: {_RETRY_MS}\n\n".encode()
            told = None if known is None else await hub.resume(known)
            if told is not None:
                yield _told(told)
            at = told.seq if told is not None else hub.newest if known is None else known
            yield f"id: {at}\n\n".encode()
            async for event in _from(console, session, at):
                yield event
    finally:
        hub.counts.clients -= 1


async def _from(console: Console, session: str, at: int) -> AsyncIterator[bytes]:
    """Events after a change."""
    hub = console.hub
    said, said_at, sent_at = b"", 0.0, monotonic()
    while not hub.closing and not console.watchers.has_ended(session):
        status = console.standing()
        now = monotonic()
        if status.matters != said or now - said_at > _STATUS_S:
            said, said_at, sent_at = status.matters, now, now
            yield b"event: status\ndata: " + status.body + b"\n\n"
        elif now - sent_at > _ALIVE_S:
            sent_at = now
            yield b": \n\n"
        told = await hub.after(at, _GLANCE_S)
        if told is not None:
            at, sent_at = told.seq, monotonic()
            yield _told(told)
            await asyncio.sleep(INTERVAL_S)


def _told(told: Told) -> bytes:
    event = b"reset" if told.body is None else b"alert"
    return b"event: %b\nid: %d\ndata: %b\n\n" % (event, told.seq, told.body or orjson.dumps({}))
