"""Texts that people type: without what no database, log or screen can bear."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_LINES = "\n\t"


def _line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("it holds signs that cannot be seen")
    return text


def _prose(text: str) -> str:
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("it holds a null character, or half of a character")
    return text


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_line)]
"""One line, without control characters or such as change the direction of writing."""
Prose = Annotated[str, AfterValidator(_prose)]
"""Several lines."""
