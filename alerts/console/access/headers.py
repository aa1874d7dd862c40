"""What every response carries, so that a browser loads nothing from elsewhere, and keeps nothing of the API."""

from __future__ import annotations

import logging
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alerts.console.errors import answer, internal
from alerts.console.options import AccessSettings

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
_ALWAYS: Final = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), "
    "gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), usb=()",
    "x-robots-tag": "noindex, nofollow",
}
_HSTS: Final = "max-age=31536000"

_log = logging.getLogger(__name__)


class Headers:
    """Adds them to what an app answers, and answers for it when it fails."""

    def __init__(self, app: ASGIApp, settings: AccessSettings) -> None:
        self.app = app
        self._always = dict(_ALWAYS) | ({"strict-transport-security": _HSTS} if settings.secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False
        kept = not is_api(scope["path"])

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers.update(self._always)
                if not kept:
                    headers["cache-control"] = "no-store"
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except Exception as error:
            _log.exception("A request failed: %s", type(error).__name__, exc_info=_without_text(error))
            if started:
                raise
            await answer(internal())(scope, receive, sending)


def is_api(path: str) -> bool:
    """Whether a path belongs to the API, of whatever version."""
    return path == "/api" or path.startswith("/api/") or path == "/openapi.json"


def _without_text(error: BaseException) -> BaseException:
    """Where an error happened, without what it says: that may hold texts from events."""
    return RuntimeError(type(error).__name__).with_traceback(error.__traceback__)
