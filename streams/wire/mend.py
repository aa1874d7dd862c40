"""The slow path: one event, field by field, exactly as the contract says: taken, mended or refused.

It sees only what the fast path could not take, and alone decides why: every refusal of an event is raised here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from streams.wire.nesting import too_deep
from streams.wire.reject import RefusedError
from streams.wire.schema import (
    ADDRESSED,
    AUTHOR_FLAGS,
    FIELDS,
    MAX_COUNT,
    MAX_IDENTIFIER_BYTES,
    MAX_LINE_BYTES,
    MAX_LINK_BYTES,
    MAX_LINKS,
    MAX_TARGETS,
    MAX_TEXT_BYTES,
    MAX_TIME_MS,
    MIN_TIME_MS,
    TARGET_FLAGS,
    TYPES,
    VISIBILITIES,
    Event,
    Kind,
)
from streams.wire.times import BAD_TIME, parse_times

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SPACE: Final = b" \t\r\n"
_DIGITS: Final = 20
_HUGE: Final = 10**_DIGITS


class _Pairs(list[tuple[str, Any]]):
    """An object's keys and values as they stood, repeated ones too."""


def _integer(digits: str) -> int:
    if len(digits) <= _DIGITS:
        return int(digits)
    return -_HUGE if digits.startswith("-") else _HUGE


def _constant(name: str) -> None:
    raise ValueError(name)


_parser: Final = json.JSONDecoder(object_pairs_hook=_Pairs, parse_int=_integer, parse_constant=_constant)


class _LeftOutError(Exception):
    """The value of an optional field cannot be used."""


def parse_object(raw: bytes) -> dict[str, Any]:
    """One JSON object with its top-level keys told apart.

    Objects inside it are lists of pairs: no field of an event is one.

    Raises
    ------
    RefusedError
        `empty_line`, `too_large`, `too_deep`, `bad_json`, `not_an_object` or `duplicate_key`.
    """
    if len(raw) > MAX_LINE_BYTES:
        raise RefusedError("too_large")
    if not raw.strip(_SPACE):
        raise RefusedError("empty_line")
    if too_deep(raw):
        raise RefusedError("too_deep")
    try:
        text = raw.decode(errors="surrogatepass")
    except UnicodeDecodeError:
        message = "The line is not UTF-8; send one JSON object, or an array of objects, as UTF-8 in a line."
        raise RefusedError("bad_json", message) from None
    try:
        pairs = _parser.decode(text)
    except (ValueError, RecursionError):
        raise RefusedError("bad_json") from None
    if type(pairs) is not _Pairs:
        raise RefusedError("not_an_object")
    found = dict(pairs)
    if len(found) < len(pairs):
        raise RefusedError("duplicate_key")
    return found


def mend(raw: bytes) -> tuple[Event, frozenset[str]]:
    """An event from its bytes, and what had to be mended in it (keys of `MENDS`, or names of fields).

    Raises
    ------
    RefusedError
        If it cannot be taken.
    """
    return _Mending(parse_object(raw)).event()


def read_time(raw: bytes) -> int | None:
    """The time of an event, ms UTC, whatever else is wrong with it; None if it has none that can be read."""
    try:
        value = parse_object(raw).get("time")
    except RefusedError:
        return None
    if type(value) is int and abs(value) < _HUGE // 100:
        return value
    if type(value) is str:
        parsed = int(parse_times([value])[0])
        return None if parsed == BAD_TIME else parsed
    return None


class _Mending:
    """One event on its way through the slow path."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        self.found = found
        self.mended: set[str] = set()
        self.optional: dict[Kind, Callable[[Any, str], Any]] = {
            Kind.IDENTIFIER: self._optional_identifier,
            Kind.TARGETS: self._optional_targets,
            Kind.COUNT: self._count,
            Kind.TIME: self._past,
            Kind.TEXT: self._text,
            Kind.LINKS: self._links,
            Kind.AUTHOR_FLAGS: lambda value, name: self._known(value, name, AUTHOR_FLAGS),
            Kind.TARGET_FLAGS: lambda value, name: self._known(value, name, TARGET_FLAGS),
            Kind.VISIBILITY: self._visibility,
        }

    def event(self) -> tuple[Event, frozenset[str]]:
        values: dict[str, Any] = {
            "id": self._identifier(self._required("id"), "id"),
            "type": self._type(self._required("type")),
            "time": self._time(self._required("time")),
            "author": self._identifier(self._required("author"), "author"),
        }
        if values["type"] in ADDRESSED:
            values["target"] = self._targets(self.found.get("target"))
        elif values["type"] == "delete":
            values["parent"] = self._identifier(
                self._required("parent", " A delete names what it takes back."), "parent"
            )
        for field in FIELDS:
            value = self.found.get(field.name)
            if value is None or field.name in values:
                continue
            try:
                values[field.name] = self.optional[field.kind](value, field.name)
            except _LeftOutError:
                self.mended.add(field.name)
        return Event(**values), frozenset(self.mended)

    def _required(self, name: str, why: str = "") -> Any:
        value = self.found.get(name)
        if value is None:
            raise RefusedError("missing_field", f"`{name}` is absent or null; send it with every such event.{why}")
        return value

    def _whole(self, text: str) -> str:
        """The text with pairs of surrogates joined and lone ones replaced."""
        if not _SURROGATE.search(text):
            return text
        self.mended.add("surrogate")
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _identifier(self, value: Any, name: str) -> str:
        if type(value) is not str:
            raise RefusedError("wrong_type", f"`{name}` is {_json_type(value)}; send a string.")
        text = self._whole(value)
        if not text or len(text.encode()) > MAX_IDENTIFIER_BYTES:
            size = "empty" if not text else f"longer than {MAX_IDENTIFIER_BYTES} UTF-8 bytes"
            raise RefusedError("bad_identifier", f"`{name}` is {size}; send an identifier, hashed if need be.")
        return text

    def _type(self, value: Any) -> str:
        if type(value) is not str:
            raise RefusedError("wrong_type", f"`type` is {_json_type(value)}; send one of the type names.")
        if value not in TYPES:
            raise RefusedError("unknown_type")
        return value

    def _time(self, value: Any) -> int:
        if type(value) is int:
            time_ms = value
        elif type(value) is str:
            time_ms = int(parse_times([value])[0])
            if time_ms == BAD_TIME:
                raise RefusedError("bad_time")
        else:
            what = _json_type(value)
            raise RefusedError("wrong_type", f"`time` is {what}; send RFC 3339 with an offset, or whole milliseconds.")
        if not MIN_TIME_MS <= time_ms <= MAX_TIME_MS:
            raise RefusedError("time_out_of_range")
        return time_ms

    def _targets(self, value: Any) -> str | list[str]:
        if value is None or (type(value) is list and not value):
            raise RefusedError("missing_target")
        if type(value) is str:
            return self._identifier(value, "target")
        if type(value) is not list:
            raise RefusedError("wrong_type", f"`target` is {_json_type(value)}; send a string or a list of strings.")
        if len(value) > MAX_TARGETS:
            raise RefusedError("too_many_targets")
        return [self._identifier(one, f"target[{at}]") for at, one in enumerate(value)]

    def _optional_identifier(self, value: Any, name: str) -> str:
        try:
            return self._identifier(value, name)
        except RefusedError:
            raise _LeftOutError from None

    def _optional_targets(self, value: Any, name: str) -> list[str]:
        if type(value) is str:
            return [self._optional_identifier(value, name)]
        if type(value) is not list:
            raise _LeftOutError
        return self._good_items(value, name, MAX_TARGETS, self._optional_identifier)

    def _good_items(
        self, values: list[Any], name: str, limit: int, check: Callable[[Any, str], str], over: str | None = None
    ) -> list[str]:
        good: list[str] = []
        for value in values:
            if len(good) == limit:
                self.mended.add(over or name)
                break
            try:
                good.append(check(value, name))
            except _LeftOutError:
                self.mended.add(name)
        return good

    def _count(self, value: Any, _name: str) -> int:
        if type(value) is not int or not 0 <= value <= MAX_COUNT:
            raise _LeftOutError
        return value

    def _past(self, value: Any, _name: str) -> int:
        time_ms = value if type(value) is int else int(parse_times([value])[0]) if type(value) is str else -1
        if not 0 <= time_ms <= MAX_TIME_MS:
            raise _LeftOutError
        return time_ms

    def _text(self, value: Any, _name: str) -> str:
        if type(value) is not str:
            raise _LeftOutError
        return self._cut(self._whole(value), MAX_TEXT_BYTES, "text_cut")

    def _cut(self, text: str, limit: int, what: str) -> str:
        encoded = text.encode()
        if len(encoded) <= limit:
            return text
        self.mended.add(what)
        return encoded[:limit].decode(errors="ignore")

    def _links(self, value: Any, name: str) -> tuple[str, ...]:
        if type(value) is not list:
            raise _LeftOutError
        return tuple(self._good_items(value, name, MAX_LINKS, self._link, "links_cut"))

    def _link(self, value: Any, _name: str) -> str:
        if type(value) is not str or not value:
            raise _LeftOutError
        return self._cut(self._whole(value), MAX_LINK_BYTES, "links_cut")

    def _known(self, value: Any, name: str, known: Mapping[str, int]) -> tuple[str, ...]:
        if type(value) is not list:
            raise _LeftOutError
        good = tuple(flag for flag in value if type(flag) is str and flag in known)
        if len(good) < len(value):
            self.mended.add(name)
        return good

    def _visibility(self, value: Any, _name: str) -> str:
        if type(value) is not str or value not in VISIBILITIES:
            raise _LeftOutError
        return value


def _json_type(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int):
        return "a number"
    if isinstance(value, float):
        return "a number with a fraction"
    if isinstance(value, str):
        return "a string"
    return "an object" if isinstance(value, _Pairs) else "a list"
