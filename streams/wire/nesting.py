"""JSON text by its brackets: how deep it nests, and an array cut into its elements, broken ones included."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from streams.wire.schema import MAX_DEPTH

_TOKENS: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},"]', re.DOTALL)
_CLOSERS: Final = {b"[": b"]", b"{": b"}"}
_SPACE: Final = b" \t\r\n"

_elements: Final = msgspec.json.Decoder(list[msgspec.Raw])


def too_deep(raw: bytes) -> bool:
    """Whether objects and lists nest more than `MAX_DEPTH` levels; works on broken JSON too."""
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return False
    depth = 0
    for match in _TOKENS.finditer(raw):
        token = match[0]
        if token in _CLOSERS:
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif token in (b"]", b"}"):
            depth -= 1
        elif token == b'"':
            return False
    return False


def is_one_document(raw: bytes) -> bool:
    """Whether the first bracket that opens is closed by the last thing in the text, as in one pretty-printed object."""
    body = raw.strip(_SPACE)
    if body[:1] not in _CLOSERS:
        return False
    depth = 0
    for match in _TOKENS.finditer(body):
        token = match[0]
        if token in _CLOSERS:
            depth += 1
        elif token in (b"]", b"}"):
            depth -= 1
            if not depth:
                return match.end() == len(body)
        elif token == b'"':
            return False
    return False


def split_array(raw: bytes) -> list[bytes] | None:
    """The elements of a JSON array as they stand in it; None if it is not one whole array.

    An element need not be valid JSON, as long as its brackets and quotes are balanced: so one broken element
    does not take the others with it.
    """
    body = raw.strip(_SPACE)
    if not body.startswith(b"["):
        return None
    try:
        return [bytes(element) for element in _elements.decode(body)]
    except (msgspec.DecodeError, RecursionError):
        return _split_by_brackets(body)


def _split_by_brackets(body: bytes) -> list[bytes] | None:
    open_brackets: list[bytes] = []
    elements: list[bytes] = []
    start = 1
    for match in _TOKENS.finditer(body):
        token = match[0]
        closer = _CLOSERS.get(token)
        if closer is not None:
            open_brackets.append(closer)
        elif token in (b"]", b"}"):
            if not open_brackets or open_brackets.pop() != token:
                return None
            if not open_brackets:
                if match.end() != len(body):
                    return None
                elements.append(body[start : match.start()].strip(_SPACE))
                return [] if elements == [b""] else elements
        elif token == b"," and len(open_brackets) == 1:
            elements.append(body[start : match.start()].strip(_SPACE))
            start = match.end()
        elif token == b'"':
            return None
    return None
