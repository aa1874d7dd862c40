"""The gate before the API: nobody passes without a session, and no other site passes in anybody's name."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from alerts.console.access.headers import is_api
from alerts.console.access.requiring import SESSION
from alerts.console.access.sessions import Session, is_csrf
from alerts.console.access.state import Access
from alerts.console.database import AWAY
from alerts.console.errors import ApiError, Code, answer, unavailable

API: Final = "/api/v1"

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SIGNING_IN: Final = frozenset({f"{API}/session", f"{API}/session/link"})
_PROVIDERS: Final = f"{API}/oidc/"
_HERE: Final = frozenset({"same-origin", "none"})


class Gate:
    """Finds the session of every request to the API, and refuses what has none or was made by another site."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_api(scope["path"]):
            await self.app(scope, receive, send)
            return
        try:
            scope[SESSION] = await self._pass(scope)
        except ApiError as error:
            await answer(error)(scope, receive, send)
            return
        except AWAY:
            await answer(unavailable())(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def _pass(self, scope: Scope) -> Session | None:
        """The session of a request that may pass, None without one; `ApiError` if it may not."""
        await self._access.pseudonyms.prepare()
        headers, path = Headers(scope=scope), _plain(scope)
        safe = scope["method"] in _SAFE
        if path == "/openapi.json":
            return None
        if not path.startswith(_PROVIDERS):
            self._check_site(headers, safe=safe)
        session = await self._session(scope, headers)
        if not safe:
            _check_type(headers)
        if path in _SIGNING_IN and scope["method"] != "DELETE":
            return session
        if session is None:
            if path.startswith(_PROVIDERS):
                return None
            raise ApiError(401, Code.UNAUTHENTICATED, "Sign in first.")
        if not safe and not is_csrf(session, headers.get("x-csrf-token", "")):
            raise ApiError(403, Code.CSRF, "The header X-CSRF-Token is not what GET /session gives.")
        return session

    def _check_site(self, headers: Headers, *, safe: bool) -> None:
        """See that a browser sends this from our own page: it says so itself, and no page can make it lie."""
        site = headers.get("sec-fetch-site")
        if site is not None and site not in _HERE:
            raise ApiError(403, Code.CSRF, "That was asked for by another site.")
        origin = headers.get("origin")
        if origin is None or safe:
            return
        ours = self._access.settings.origin
        theirs = origin.lower() if ours else origin.lower().partition("://")[2]
        if theirs != (ours or headers.get("host", "").lower()):
            raise ApiError(403, Code.CSRF, "That was sent by another site.")

    async def _session(self, scope: Scope, headers: Headers) -> Session | None:
        token = cookie_parser(headers.get("cookie", "")).get(self._access.sessions.cookie, "")
        if not token:
            return None
        now_ms = self._access.now_ms()
        address = await self._access.address_of(scope)
        async with self._access.database.read() as connection:
            session = await self._access.sessions.find(connection, token, address, now_ms)
        if session is not None and self._access.sessions.is_to_note(session, now_ms):
            async with self._access.database.write() as connection:
                await self._access.sessions.note(connection, session, now_ms)
        return session


def _plain(scope: Scope) -> str:
    """The path, if it came as it is; else none that anything is excepted for: who routes may read it otherwise."""
    raw: bytes = scope.get("raw_path") or b""
    return "" if b"%" in raw.partition(b"?")[0] else str(scope["path"])


def _check_type(headers: Headers) -> None:
    """See that what is sent is JSON: other sites may send forms without being asked, and JSON they may not."""
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if has_body and kind != "application/json":
        raise ApiError(415, Code.WRONG_TYPE, "A body is application/json.")
