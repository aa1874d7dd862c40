"""Signing in by OpenID Connect: to the provider, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import delete, func, select
from starlette.responses import RedirectResponse

from alerts.console.access.actions import Action
from alerts.console.access.audit import audit
from alerts.console.access.entering import enter, set_cookie
from alerts.console.access.expiring import expired
from alerts.console.access.linking import NoRoleError, account_of
from alerts.console.access.oidc import Identity, ProviderAwayError, UntrustedError
from alerts.console.access.requiring import anyone
from alerts.console.access.state import Access, access_of
from alerts.console.access.tables import oidc_states
from alerts.console.access.tokens import digest, new_token, same
from alerts.console.errors import ApiError, Code, not_found, says_no

router = APIRouter(prefix="/oidc", tags=["session"], dependencies=[Depends(anyone)])

COOKIE: Final = "breakwater_oidc"
_PATH: Final = "/api/v1/oidc"
_LIFE_MS: Final = 600_000
_MOST: Final = 10_000
_OUR_OWN: Final = re.compile(r"/(?![/\\])[^\x00-\x20\\\x7f]*", re.ASCII)
_REDIRECTS: Final[dict[int | str, dict[str, Any]]] = {
    **says_no(401, 404),
    303: {"description": "To the provider, or back to the page: with `?sign_in=` why it failed."},
}


@router.get("/{provider}/login", status_code=303, response_class=RedirectResponse, responses=_REDIRECTS)
async def login(
    request: Request, provider: str, back_to: Annotated[str, Query(max_length=500)] = "/"
) -> RedirectResponse:
    """Go to a provider to sign in; afterwards to a path of the page."""
    access = access_of(request)
    found = access.providers.get(provider)
    if found is None:
        raise not_found("provider")
    now_ms = access.now_ms()
    state, browser, nonce, verifier = (new_token() for _ in range(4))
    try:
        address = await found.address(state, nonce, verifier, now_ms)
    except ProviderAwayError:
        return _back("away")
    async with access.database.write() as connection:
        await connection.execute(expired(oidc_states, oidc_states.c.created_at < now_ms - _LIFE_MS))
        if (await connection.scalar(select(func.count()).select_from(oidc_states)) or 0) >= _MOST:
            raise ApiError(503, Code.UNAVAILABLE, "Too many are signing in; try again later.", {"Retry-After": "60"})
        await connection.execute(
            oidc_states.insert().values(
                state=digest(state),
                browser=digest(browser),
                provider=provider,
                nonce=nonce,
                verifier=verifier,
                back_to=back_to if _OUR_OWN.fullmatch(back_to) else "/",
                created_at=now_ms,
            )
        )
    response = RedirectResponse(address, 303)
    response.set_cookie(
        COOKIE,
        browser,
        max_age=_LIFE_MS // 1000,
        path=_PATH,
        secure=access.sessions.secure,
        httponly=True,
        samesite="lax",
    )
    return response


@router.get("/{provider}/callback", status_code=303, response_class=RedirectResponse, responses=_REDIRECTS)
async def callback(
    request: Request,
    provider: str,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4096)] = "",
    iss: Annotated[str, Query(max_length=1000)] = "",
) -> RedirectResponse:
    """Come back from a provider."""
    access = access_of(request)
    found = access.providers.get(provider)
    if found is None:
        raise not_found("provider")
    way = await _taken(access, provider, state, request.cookies.get(COOKIE, ""))
    if way is None:
        return _back("failed")
    try:
        if not code:
            raise UntrustedError("the provider refused")  # noqa: TRY301 - one place says what becomes of it
        if iss and iss != found.settings.issuer:
            raise UntrustedError("another provider answered")  # noqa: TRY301 - as above
        identity = await found.identity(code, way["nonce"], way["verifier"], access.now_ms())
        return await _entered(access, request, provider, identity, way["back_to"])
    except UntrustedError as error:
        return await _failed(access, request, provider, str(error), "failed")
    except ProviderAwayError:
        return await _failed(access, request, provider, "the provider did not answer", "away")
    except NoRoleError:
        return await _failed(access, request, provider, "no role", "no_role")
    except ApiError:
        return await _failed(access, request, provider, "closed", "closed")


async def _taken(access: Access, provider: str, state: str, browser: str) -> Mapping[str, str] | None:
    """What was kept of a way to a provider, once, for the browser that it began in."""
    async with access.database.write() as connection:
        taken = delete(oidc_states).where(oidc_states.c.state == digest(state)).returning(oidc_states)
        row = (await connection.execute(taken)).one_or_none()
    if row is None or row.provider != provider or row.created_at < access.now_ms() - _LIFE_MS:
        return None
    if not same(row.browser, digest(browser)):
        return None
    return {"nonce": row.nonce, "verifier": row.verifier, "back_to": row.back_to}


async def _entered(
    access: Access, request: Request, provider: str, identity: Identity, back_to: str
) -> RedirectResponse:
    settings = access.providers[provider].settings
    no_role: NoRoleError | None = None
    async with access.database.write() as connection:
        try:
            account = await account_of(connection, identity, provider, settings, access.now_ms())
            token, _ = await enter(access, connection, request, account, provider)
        except NoRoleError as error:
            no_role = error
    if no_role is not None:
        raise no_role
    response = RedirectResponse(back_to, 303)
    set_cookie(access, response, token)
    response.delete_cookie(COOKIE, path=_PATH, secure=access.sessions.secure, httponly=True, samesite="lax")
    return response


async def _failed(access: Access, request: Request, provider: str, why: str, code: str) -> RedirectResponse:
    address = await access.address_of(request.scope)
    async with access.database.write() as connection:
        detail = {"how": provider, "why": why}
        await audit(connection, None, Action.SIGN_IN_FAILED, detail=detail, address=address, at_ms=access.now_ms())
    return _back(code)


def _back(why: str) -> RedirectResponse:
    """To the page, which says why it did not work: `failed`, `away`, `no_role` or `closed`."""
    return RedirectResponse(f"/?sign_in={why}", 303)
