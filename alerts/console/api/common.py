"""What routes have in common."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import quote, unquote

import orjson
from fastapi import Depends, Path, Request, Response
from starlette.convertors import Convertor, register_url_convertor
from starlette.types import ASGIApp, Receive, Scope, Send

from alerts.console.access import Role, User, require
from alerts.console.errors import ApiError, Code, ErrorBody
from alerts.console.service import Console

PREFIX: Final = "/api/v1"

_LONGEST_ID: Final = 512


class Encoded(Convertor[str]):
    """A part of a path that is percent-encoded still, so that it may hold slashes."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        """As it was meant."""
        return unquote(value)

    def to_string(self, value: str) -> str:
        """As it stands in a path."""
        return quote(value, safe="")


register_url_convertor("enc", Encoded())


class EncodedPaths:
    """Has paths of the API matched as they came, so that an encoded slash in an id parts nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw: bytes | None = scope.get("raw_path")
        if scope["type"] == "http" and raw is not None and raw.startswith(b"/api/"):
            scope = {**scope, "path": raw.partition(b"?")[0].decode("latin-1")}
        await self.app(scope, receive, send)


def console_of(request: Request) -> Console:
    """The console that a request is for."""
    console: Console = request.app.state.console
    if not console.ready:
        raise ApiError(503, Code.UNAVAILABLE, "The database is not there yet; it is tried again.")
    return console


def _id(value: str) -> str:
    if not 0 < len(value) <= _LONGEST_ID or "\0" in value:
        raise ApiError(404, Code.NOT_FOUND, "There is no such case.")
    return value


def _alert(alert: Annotated[str, Path(description="The case's id, percent-encoded.")]) -> str:
    return _id(alert)


def _event(event: Annotated[str, Path(description="The event's id, percent-encoded.")]) -> str:
    return _id(event)


ConsoleHere = Annotated[Console, Depends(console_of)]
AlertId = Annotated[str, Depends(_alert)]
EventId = Annotated[str, Depends(_event)]
FOR_VIEWERS: Final = Depends(require(Role.VIEWER))
Viewer = Annotated[User, FOR_VIEWERS]
Analyst = Annotated[User, Depends(require(Role.ANALYST))]


def json_response(content: Any, status: int = 200) -> Response:
    """JSON, of bytes that are JSON already or of a value."""
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    return Response(body, status, media_type="application/json")


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route may answer beside what is asked for, for its description."""
    return {status: {"model": ErrorBody} for status in (401, 403, *statuses, 503)}
