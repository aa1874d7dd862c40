"""How the API says no: `{"error": {"code", "message"}}`, the code from a closed list that a page can translate."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

_LONGEST_PLACE: Final = 100


class Code(StrEnum):
    """Why, for programs; people read the message, or what the page says for the code."""

    BAD_REQUEST = "bad_request"
    INVALID = "invalid"
    BAD_CURSOR = "bad_cursor"
    UNAUTHENTICATED = "unauthenticated"
    SIGN_IN_FAILED = "sign_in_failed"
    FORBIDDEN = "forbidden"
    CSRF = "csrf"
    WRONG_HOST = "wrong_host"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    NAME_TAKEN = "name_taken"
    LAST_ADMIN = "last_admin"
    WEAK_PASSWORD = "weak_password"  # noqa: S105 - no password
    GONE = "gone"
    TOO_LARGE = "too_large"
    WRONG_TYPE = "wrong_type"
    TOO_MANY = "too_many"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


_USUAL: Final = {
    400: Code.BAD_REQUEST,
    401: Code.UNAUTHENTICATED,
    403: Code.FORBIDDEN,
    404: Code.NOT_FOUND,
    405: Code.METHOD_NOT_ALLOWED,
    409: Code.CONFLICT,
    410: Code.GONE,
    413: Code.TOO_LARGE,
    415: Code.WRONG_TYPE,
    422: Code.INVALID,
    429: Code.TOO_MANY,
    503: Code.UNAVAILABLE,
}


class Said(BaseModel):
    """What went wrong."""

    code: Code
    message: str


class ErrorBody(BaseModel):
    """What every answer that says no holds."""

    error: Said


class ApiError(HTTPException):
    """A no, with its code and a sentence; whoever raises it needs no answer of his own."""

    def __init__(
        self, status: int, code: Code, message: str, headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(status, message, headers)
        self.code = code
        self.more = more


def says_no(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route may answer beside what is asked for, for its description."""
    return {status: {"model": ErrorBody} for status in statuses}


def not_found(what: str = "case") -> ApiError:
    """There is no such thing."""
    return ApiError(404, Code.NOT_FOUND, f"There is no such {what}.")


def answer(error: ApiError) -> Response:
    """The response that says it."""
    body = {"error": {"code": error.code, "message": error.detail}, **error.more}
    return JSONResponse(body, error.status_code, error.headers)


def as_api_error(error: HTTPException) -> ApiError:
    """An error of the framework as one of ours, with no more than its status told."""
    if isinstance(error, ApiError):
        return error
    code = _USUAL.get(error.status_code, Code.INTERNAL if error.status_code >= 500 else Code.BAD_REQUEST)
    message = f"{HTTPStatus(error.status_code).phrase}."
    kept = {name: value for name, value in (error.headers or {}).items() if name.lower() in {"allow", "retry-after"}}
    return ApiError(error.status_code, code, message, kept)


def unavailable() -> ApiError:
    """The database is away."""
    return ApiError(503, Code.UNAVAILABLE, "The database cannot be reached for now; try again.", {"Retry-After": "2"})


def internal() -> ApiError:
    """What is said when nothing else can be."""
    return ApiError(500, Code.INTERNAL, "Something went wrong here; try again, and tell who runs this if it stays so.")


def handle(app: FastAPI) -> None:
    """Have an app say every no in this way."""
    app.add_exception_handler(HTTPException, _no)
    app.add_exception_handler(RequestValidationError, _invalid)


async def _no(_: Request, error: Exception) -> Response:
    return answer(as_api_error(error) if isinstance(error, HTTPException) else internal())


async def _invalid(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        return answer(internal())
    first: dict[str, Any] = error.errors()[0]
    if first["type"] == "json_invalid":
        return answer(ApiError(400, Code.BAD_REQUEST, "The body is not JSON."))
    place = ".".join(str(part) for part in first["loc"])[:_LONGEST_PLACE]
    return answer(ApiError(422, Code.INVALID, f"{place} is wrong: {first['msg'].removeprefix('Value error, ')}."))
