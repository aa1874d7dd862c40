"""The published JSON Schema of the event, made from the table that the decoder reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from streams.wire.schema import (
    ADDRESSED,
    AUTHOR_FLAGS,
    FIELDS,
    MAX_COUNT,
    MAX_IDENTIFIER_BYTES,
    MAX_LINK_BYTES,
    MAX_LINKS,
    MAX_TARGETS,
    MAX_TEXT_BYTES,
    MAX_TIME_MS,
    MIN_TIME_MS,
    TARGET_FLAGS,
    TYPES,
    VISIBILITIES,
    Field,
    Kind,
)

_IDENTIFIER: Final = {"type": "string", "minLength": 1, "maxLength": MAX_IDENTIFIER_BYTES}
_TARGETS: Final = {"type": "array", "maxItems": MAX_TARGETS, "items": _IDENTIFIER}
_RFC3339: Final = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$",
}


def _time(field: Field) -> dict[str, Any]:
    least = MIN_TIME_MS if field.required else 0
    return {"oneOf": [_RFC3339, {"type": "integer", "minimum": least, "maximum": MAX_TIME_MS}]}


def _flags(names: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": {"enum": list(names)}}


_BY_KIND: Final[dict[Kind, Callable[[Field], dict[str, Any]]]] = {
    Kind.IDENTIFIER: lambda field: dict(_IDENTIFIER),
    Kind.TYPE: lambda field: {"enum": list(TYPES)},
    Kind.TIME: _time,
    Kind.TARGETS: lambda field: {
        "oneOf": [_IDENTIFIER, {"type": "array", "maxItems": MAX_TARGETS, "items": _IDENTIFIER}]
    },
    Kind.TEXT: lambda field: {"type": "string", "maxLength": MAX_TEXT_BYTES},
    Kind.LINKS: lambda field: {
        "type": "array",
        "maxItems": MAX_LINKS,
        "items": {"type": "string", "minLength": 1, "maxLength": MAX_LINK_BYTES},
    },
    Kind.COUNT: lambda field: {"type": "integer", "minimum": 0, "maximum": MAX_COUNT},
    Kind.AUTHOR_FLAGS: lambda field: _flags(dict(AUTHOR_FLAGS)),
    Kind.TARGET_FLAGS: lambda field: _flags(dict(TARGET_FLAGS)),
    Kind.VISIBILITY: lambda field: {"enum": list(VISIBILITIES), "default": VISIBILITIES[0]},
}


def event_json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of one event that is taken as it is, neither mended nor refused.

    Lengths count characters, as JSON Schema does; the contract counts UTF-8 bytes, which only text beyond ASCII can
    exceed first.
    """
    properties: dict[str, Any] = {}
    for field in FIELDS:
        schema = _BY_KIND[field.kind](field)
        if not field.required:
            schema = {"anyOf": [schema, {"type": "null"}]}
        properties[field.name] = {"description": field.doc, **schema}
    target = {"oneOf": [_IDENTIFIER, {**_TARGETS, "minItems": 1}]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Breakwater event, version 1",
        "type": "object",
        "required": [field.name for field in FIELDS if field.required],
        "properties": properties,
        "allOf": [
            {
                "if": {"properties": {"type": {"enum": sorted(ADDRESSED)}}},
                "then": {"required": ["target"], "properties": {"target": target}},
            },
            {
                "if": {"properties": {"type": {"const": "delete"}}},
                "then": {"required": ["parent"], "properties": {"parent": _IDENTIFIER}},
            },
        ],
    }
