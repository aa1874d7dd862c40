"""What the API answers when it cannot do what it is asked."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """Why, for programs; people read the message, or what the page says for the code."""

    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    CSRF = "csrf"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    GONE = "gone"
    INVALID = "invalid"
    BAD_CURSOR = "bad_cursor"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


class ApiError(Exception):
    """Answered as `{"error": {"code", "message"}}` with this status."""

    def __init__(self, status: int, code: Code, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers


def not_found(what: str = "case") -> ApiError:
    """There is no such thing."""
    return ApiError(404, Code.NOT_FOUND, f"There is no such {what}.")
