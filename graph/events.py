"""The columns of an event, and what their numbers mean.

An event that addresses several accounts becomes several rows, one a target, told apart by `part` (0, 1, …);
every other event is one row with `part` 0.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Final

from graph.columns import CODE, OBJECT


class EventType(IntEnum):
    """What was done. The first four address somebody."""

    COMMENT = 0
    REPLY = 1
    QUOTE = 2
    MENTION = 3
    POST = 4
    SHARE = 5
    REACTION = 6
    REPORT = 7
    DELETE = 8


LAST_ADDRESSING: Final = EventType.MENTION


class Flag(IntFlag):
    """Properties of an event's row."""

    LATE = 1
    """Came after its tick had been sent."""
    MENDED = 2
    """Something optional in it was cut, replaced or left out."""
    BOT = 4
    STAFF = 8
    MODERATOR = 16
    LIMITED = 32
    """Visible to a limited audience."""
    OPENS = 64
    """No event, but a notice that an item was opened; see `streams.notices`."""
    LINKS = 128
    """A notice that an item was linked to."""


NOT_PEOPLE: Final = int(Flag.BOT | Flag.STAFF)
"""Who has one of these flags is never counted as a participant."""


class TargetFlag(IntFlag):
    """What the platform says of the account addressed."""

    MINOR = 1
    PROTECTED = 2
    MODERATOR = 4
    PUBLIC_FIGURE = 8
    ORGANISATION = 16


EVENT_SCHEMA: Final[dict[str, str]] = {
    "time": "int64",  # ms UTC, when the platform received it
    "tick": "int64",  # the second of event time in which it is handled; ingest sets it
    "part": "uint8",  # which of the event's targets this row addresses
    "type": "uint8",  # EventType
    "flags": "uint16",  # Flag
    "target_flags": "uint8",  # TargetFlag
    "author": CODE,
    "target": CODE,
    "thread": CODE,
    "thread_author": CODE,
    "parent": CODE,
    "community": CODE,
    "home": CODE,  # the author's home community, as the platform knows it
    "lang": CODE,
    "value": CODE,
    "views": "int64",  # -1: not given; likewise below
    "created": "int64",  # ms UTC, when the author's account was opened
    "followers": "int64",
    "target_followers": "int64",
    "id": OBJECT,  # str
    "text": OBJECT,  # str or None
    "links": OBJECT,  # tuple of str, or None
}
"""Columns of a batch of events; `CODE` columns are -1 where the field is absent."""
