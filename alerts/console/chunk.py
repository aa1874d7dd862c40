"""A chunk of evidence as the console reads it; the bytes that came are what it keeps."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from alerts.console.revision import Count, Id, Time

Name = Annotated[str, Meta(max_length=4_096)]


class Interaction(Struct):
    """One interaction; `text` is null where it was taken back, and absent where there was none."""

    event: Name
    time: Time
    account: Name
    text: str | None = None


class Account(Struct):
    """One participant."""

    account: Name


class Minute(Struct):
    """One minute, by its beginning."""

    start: Time


class Omitted(Struct):
    """What is not told one by one."""

    interactions: Count = 0


class Chunk(Struct):
    """What is relied on."""

    schema: Literal["breakwater.evidence/1"]
    alert: Id
    revision: Count
    part: Count
    interactions: list[Interaction] = []
    accounts: list[Account] = []
    ties: list[tuple[Name, Name, Count]] = []
    in_common: list[tuple[Name, Name, Count]] = []
    minutes: list[Minute] = []
    erased: list[str] = []
    usual_per_minute: Annotated[float, Meta(ge=0)] | None = None
    omitted: Omitted = msgspec.field(default_factory=Omitted)


_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Chunk)


def read_chunk(body: bytes) -> Chunk:
    """The chunk that a record holds; `msgspec.DecodeError` if it holds none."""
    found: Chunk = _decoder.decode(body)
    return found
