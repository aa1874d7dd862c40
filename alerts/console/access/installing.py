"""Puts everything of access before an app."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from alerts.console.access.clock import now_ms
from alerts.console.access.gate import API, Gate
from alerts.console.access.headers import Headers
from alerts.console.access.limits import Limits
from alerts.console.access.passwords import Passwords
from alerts.console.access.requiring import ANYONE, said_by
from alerts.console.access.routes import routers
from alerts.console.access.sessions import COOKIE
from alerts.console.access.state import PLACE, Access
from alerts.console.database import Database
from alerts.console.errors import ErrorBody, handle
from alerts.console.options import AccessSettings

ROLE: Final = "x-role"
"""Where the description of a route says who may use it."""

_ALWAYS: Final = (400, 413, 421, 422, 500, 503)
_METHODS: Final = frozenset({"get", "put", "post", "delete", "patch"})


def install(
    app: FastAPI,
    database: Database,
    settings: AccessSettings,
    *,
    demo: bool = False,
    passwords: Passwords | None = None,
    clock: Callable[[], int] = now_ms,
) -> Access:
    """Give an app its accounts, sessions, checks, headers and errors; to be called after its own middleware is added.

    Parameters
    ----------
    demo
        Whether it shows a simulation.
    passwords, clock
        How passwords are hashed, and what tells the time, if not as usual.
    """
    access = Access(database, settings, demo=demo, passwords=passwords, clock=clock)
    setattr(app.state, PLACE, access)
    handle(app)
    for router in routers:
        app.include_router(router, prefix=API)
    app.add_middleware(Gate, access=access)
    app.add_middleware(Limits, settings=settings)
    app.add_middleware(Headers, settings=settings)
    describe = app.openapi
    vars(app)["openapi"] = lambda: _described(app, describe)
    return access


def roles_of(app: FastAPI) -> dict[tuple[str, str], str | None]:
    """Who may use each route of the API, by method and path; None: nobody said."""
    found: dict[tuple[str, str], str | None] = {}
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            said = {said_by(call) for call in _calls(context.dependant)} - {None}
            role = next(iter(said)) if len(said) == 1 else None
            found |= {(method.lower(), str(context.path_format)): role for method in context.methods or ()}
    return found


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any] | None]:
    """What a route depends on, and what that depends on in turn."""
    for one in dependant.dependencies:
        yield one.call
        yield from _calls(one)


def _described(app: FastAPI, describe: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The description of an app, with who may use a route, and how it says no."""
    if app.openapi_schema:
        return app.openapi_schema
    description = describe()
    schemas = description.setdefault("components", {}).setdefault("schemas", {})
    error = ErrorBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(error.pop("$defs", {}))
    schemas["ErrorBody"] = error
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    description["components"]["securitySchemes"] = {"session": {"type": "apiKey", "in": "cookie", "name": COOKIE}}
    roles = roles_of(app)
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            if method in _METHODS and path.startswith(API):
                _describe(operation, roles.get((method, path)), safe=method == "get")
    app.openapi_schema = description
    return description


def _describe(operation: dict[str, Any], role: str | None, *, safe: bool) -> None:
    operation[ROLE] = role or "nobody"
    statuses = {*_ALWAYS, 403}
    if role != ANYONE:
        operation["security"] = [{"session": []}]
        statuses.add(401)
    if not safe:
        statuses.add(415)
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}}
    responses = operation.setdefault("responses", {})
    for status in sorted(statuses):
        responses[str(status)] = {"description": "It says no.", "content": content}
    for status, response in responses.items():
        if status >= "4" and "content" not in response:
            response["content"] = content
