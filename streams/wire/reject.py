"""Refusals: why an event is not taken, said in a stable code and a sentence, and their form in the rejected log."""

from __future__ import annotations

import base64
from typing import Any, Final, NamedTuple

import orjson

from streams.wire.origin import Origin
from streams.wire.schema import MAX_DEPTH, MAX_IDENTIFIER_BYTES, MAX_LINE_BYTES, MAX_TARGETS

REJECTED_SCHEMA: Final = "breakwater.rejected/1"

REASONS: Final[dict[str, str]] = {
    "empty_line": "The line is empty; leave out lines without an event.",
    "bad_json": "This is not valid JSON in UTF-8; send one JSON object, or an array of objects, in a line.",
    "too_deep": f"Objects and lists are nested more than {MAX_DEPTH} levels deep; leave out what Breakwater does not "
    "read.",
    "not_an_object": "This is JSON but not an object; an event is a JSON object.",
    "duplicate_key": "A key stands in the object more than once, so its value is not certain; send each key once.",
    "missing_field": "A required field is absent or null; send it with every event.",
    "wrong_type": "A required field has the wrong JSON type; send the type that the event's schema names.",
    "unknown_type": "`type` is none of the event types; use comment, reply, quote, mention, post, share, reaction, "
    "report or delete.",
    "bad_identifier": f"An identifier is empty or longer than {MAX_IDENTIFIER_BYTES} UTF-8 bytes; shorten or hash it.",
    "bad_time": "`time` cannot be read; send RFC 3339 with an offset such as 2024-03-04T05:06:07.890Z, or a whole "
    "number of milliseconds since 1970.",
    "time_out_of_range": "`time` lies before 2000-01-01 or after 2100-01-01; send milliseconds since 1970, not seconds "
    "or microseconds.",
    "missing_target": "`target` is absent, null or empty; events that address somebody, and reports, say whom.",
    "too_many_targets": f"`target` lists more than {MAX_TARGETS} accounts; send one event for each {MAX_TARGETS}.",
    "too_large": f"The line is longer than {MAX_LINE_BYTES >> 20} MiB; send fewer events in one line.",
    "future": "The event lies more than an hour ahead of its source and what came next did not follow it; correct the "
    "sender's clock and send it again.",
    "after_end": "The source partition has had its end mark, after which nothing is taken; read it as a new deployment, with "
    "another BREAKWATER_KAFKA__PREFIX.",
    "bad_edge": "The line is not an edge; write `author target unix-seconds`, then RT, MT, RE or nothing.",
}
"""Every reason code with what it means and what to do."""

MENDS: Final[dict[str, str]] = {
    "text_cut": "`text` was longer than 20,000 bytes and was cut.",
    "links_cut": "`links` had more than 64 items, or one longer than 2,048 bytes, and was cut.",
    "surrogate": "A lone surrogate was replaced by U+FFFD.",
}
"""What is mended beside single fields; any other name is the field that was left out, wholly or in part."""


def mend_sentence(what: str) -> str:
    """What was mended, as a sentence."""
    return MENDS.get(what, f"`{what}` is optional and did not have the form it should have, and was left out.")


class Refusal(NamedTuple):
    """What was not taken.

    Attributes
    ----------
    code
        A key of `REASONS`.
    message
        A sentence that says what is wrong and what to do; never holds what the event said.
    origin
        Where it stood.
    raw
        Its bytes as they came; of a line that is too large, at most what was read of it.
    """

    code: str
    message: str
    origin: Origin
    raw: bytes


class RefusedError(Exception):
    """Raised inside the decoder when an event cannot be taken."""

    def __init__(self, code: str, message: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message or REASONS[code]


def encode_refusal(refusal: Refusal) -> bytes:
    """A refusal as one JSON object, without a line end.

    The original stands in `raw` as text, or in `raw_base64` when it is not UTF-8.
    """
    origin = refusal.origin
    record: dict[str, Any] = {
        "schema": REJECTED_SCHEMA,
        "code": refusal.code,
        "message": refusal.message,
        "origin": {"source": _printable(origin.source), "line": origin.line, "element": origin.element},
    }
    try:
        record["raw"] = refusal.raw.decode()
    except UnicodeDecodeError:
        record["raw_base64"] = base64.b64encode(refusal.raw).decode()
    return orjson.dumps(record)


def _printable(name: str) -> str:
    """A file's name, whose bytes need not be UTF-8."""
    return name.encode(errors="surrogateescape").decode(errors="replace")
