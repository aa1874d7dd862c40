"""What is refused before anybody looks at it: strange hosts, null characters, large bodies."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alerts.console.errors import ApiError, Code, answer
from alerts.console.options import AccessSettings, is_address

LARGEST_BODY: Final = 65_536
"""Bytes of the body of a request."""

_FOR_MACHINES: Final = frozenset({"/healthz", "/readyz", "/metrics"})


class Limits:
    """Refuses requests by their outside.

    A page elsewhere can have its own name lead to a console on the reader's machine or network, and would then count as of the
    same origin. Its requests carry its own name, though: only names that are known are answered to, and numbers, which
    no page elsewhere can make its own.
    """

    def __init__(self, app: ASGIApp, settings: AccessSettings) -> None:
        self.app = app
        self._names = settings.names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await answer(refusal)(scope, receive, send)
            return
        await self.app(scope, _bounded(receive), send)

    def _refusal(self, scope: Scope) -> ApiError | None:
        headers = Headers(scope=scope)
        if scope["path"] not in _FOR_MACHINES and not self._is_known(headers.get("host", "")):
            return ApiError(
                421, Code.WRONG_HOST, "The console does not go by that name; BREAKWATER_CONSOLE__HOSTS adds names."
            )
        if "\0" in scope["path"] or b"%00" in scope["query_string"] or b"\0" in scope["query_string"]:
            return ApiError(400, Code.BAD_REQUEST, "The address holds a null character.")
        length = headers.get("content-length", "0")
        if not length.isdecimal():
            return ApiError(400, Code.BAD_REQUEST, "The length of the body is no number.")
        return _too_large() if int(length) > LARGEST_BODY else None

    def _is_known(self, host: str) -> bool:
        name = host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
        return name.lower().rstrip(".") in self._names or is_address(name)


def _bounded(receive: Receive) -> Receive:
    """What is received, up to the largest body."""
    taken = 0

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise _too_large()
        return message

    return receiving


def _too_large() -> ApiError:
    return ApiError(413, Code.TOO_LARGE, f"A body has at most {LARGEST_BODY} bytes.")
