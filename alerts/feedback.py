"""Analysts' decisions as JSON: read from a topic or a file, and written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import orjson

from detectors.learner import Decision, Feedback

SCHEMA: Final = "breakwater.feedback/1"
MOST_BYTES: Final = 20_000
"""Bytes of the largest message."""

_DECISIONS: Final = {True: Decision.PILE_ON, False: Decision.NOT_PILE_ON}
_LONGEST_ID: Final = 512
_LONGEST_REASON: Final = 2_000


class FeedbackError(Exception):
    """What should be a decision is none; the text says why."""


def read_feedback(body: bytes | None) -> Feedback:
    """The decision that a message holds.

    Raises
    ------
    FeedbackError
        If it holds none.
    """
    if body is None or len(body) > MOST_BYTES:
        raise FeedbackError(f"it has no value, or more than {MOST_BYTES} bytes")
    try:
        fields: dict[str, Any] = orjson.loads(body)
        if fields["schema"] != SCHEMA:
            raise FeedbackError(f"its schema is not {SCHEMA}")
        said, revision, time = fields["decision"], fields.get("revision"), fields["time"]
        return Feedback(
            alert=_id(fields["alert"]),
            revision=None if revision is None else int(revision),
            decision=_DECISIONS[said] if isinstance(said, bool) else Decision(said),
            reason=str(fields.get("reason") or "")[:_LONGEST_REASON],
            analyst=_id(fields["analyst"]),
            time_ms=_time_ms(time),
        )
    except (KeyError, AttributeError) as error:
        raise FeedbackError(f"it is not an object with {error}") from error
    except (orjson.JSONDecodeError, TypeError, ValueError, OverflowError) as error:
        raise FeedbackError(str(error)) from error


def write_feedback(feedback: Feedback) -> bytes:
    """A decision as JSON."""
    return orjson.dumps(
        {
            "schema": SCHEMA,
            "alert": feedback.alert,
            "revision": feedback.revision,
            "decision": feedback.decision,
            "reason": feedback.reason,
            "analyst": feedback.analyst,
            "time": feedback.time_ms,
        }
    )


def read_file(lines: Iterable[bytes], name: str) -> list[Feedback]:
    """The decisions of a file, one a line, in the order of their times.

    Raises
    ------
    FeedbackError
        If a line is none; it names file and line.
    """
    found: list[Feedback] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(read_feedback(line))
            except FeedbackError as error:
                raise FeedbackError(f"{name}, line {number} is no decision: {error}.") from error
    return sorted(found, key=lambda one: (one.time_ms, one.alert, one.analyst, one.revision or 0))


def _id(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value.encode()) <= _LONGEST_ID:
        raise FeedbackError(f"alert and analyst are strings of 1 to {_LONGEST_ID} bytes")
    return value


def _time_ms(value: object) -> int:
    if isinstance(value, str):
        parsed = datetime.fromisoformat(value)
        if parsed.tzinfo is None:
            raise FeedbackError("its time has no zone")
        return round(1000 * parsed.timestamp())
    if isinstance(value, bool) or not isinstance(value, int):
        raise FeedbackError("its time is neither RFC 3339 nor ms since 1970")
    return value
