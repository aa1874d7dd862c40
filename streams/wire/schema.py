"""Event v1 as code: its limits, its fields, and the struct that the fast path decodes into.

`FIELDS` is the one table of what an event may hold; the slow path and the published JSON Schema are made from
it. `Event` is narrower than the contract on purpose: its lengths are counted in characters and a quarter of what
is allowed in bytes, so whatever passes is within the limits however many bytes its characters take. What does not
pass is looked at again, exactly, by `streams.wire.mend`.
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Final, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from graph.events import EventType, Flag, TargetFlag

MAX_LINE_BYTES: Final = 16 << 20
MAX_DEPTH: Final = 64
"""Levels of nesting in one event, itself included."""
MAX_IDENTIFIER_BYTES: Final = 512
MAX_TEXT_BYTES: Final = 20_000
MAX_TARGETS: Final = 16
MAX_LINKS: Final = 64
MAX_LINK_BYTES: Final = 2_048
MAX_COUNT: Final = 2**53 - 1
MIN_TIME_MS: Final = 946_684_800_000
"""2000-01-01T00:00:00Z."""
MAX_TIME_MS: Final = 4_102_444_800_000
"""2100-01-01T00:00:00Z."""

TYPES: Final = {kind.name.lower(): kind for kind in EventType}
ADDRESSED: Final = frozenset({"comment", "reply", "quote", "mention", "report"})
"""Types that cannot do without a target."""
AUTHOR_FLAGS: Final = {"bot": Flag.BOT, "staff": Flag.STAFF, "moderator": Flag.MODERATOR}
TARGET_FLAGS: Final = {flag.name.lower(): flag for flag in TargetFlag if flag.name}
VISIBILITIES: Final = ("public", "limited", "private")


class Kind(Enum):
    """What a field holds."""

    IDENTIFIER = "identifier"
    TYPE = "type"
    TIME = "time"
    TARGETS = "targets"
    TEXT = "text"
    LINKS = "links"
    COUNT = "count"
    AUTHOR_FLAGS = "author_flags"
    TARGET_FLAGS = "target_flags"
    VISIBILITY = "visibility"


class Field(NamedTuple):
    """One field of an event."""

    name: str
    kind: Kind
    doc: str
    required: bool = False


FIELDS: Final = (
    Field("id", Kind.IDENTIFIER, "Unique on the platform; the same author's same id again is a duplicate.", True),
    Field("type", Kind.TYPE, "What was done; comment, reply, quote and mention address somebody.", True),
    Field("time", Kind.TIME, "When the platform received it: RFC 3339 with an offset, or epoch milliseconds.", True),
    Field("author", Kind.IDENTIFIER, "The account that acted.", True),
    Field("target", Kind.TARGETS, "The account or accounts addressed, or complained about."),
    Field("thread", Kind.IDENTIFIER, "The root post it stands under."),
    Field("thread_author", Kind.IDENTIFIER, "Whose thread it is."),
    Field("parent", Kind.IDENTIFIER, "The item it answers; of a delete, the item taken back."),
    Field("community", Kind.IDENTIFIER, "Where it was said: subreddit, group, instance, channel."),
    Field("author_home", Kind.IDENTIFIER, "The author's home community, when the platform knows it."),
    Field("lang", Kind.IDENTIFIER, "BCP 47 tag of the text's language."),
    Field("value", Kind.IDENTIFIER, "Of a reaction: like, love, laugh, wow, sad, angry, …; of a report: the category."),
    Field("views", Kind.COUNT, "How often the thread has been shown so far."),
    Field("author_followers", Kind.COUNT, "How many follow the author."),
    Field("target_followers", Kind.COUNT, "How many follow the target."),
    Field("author_created_at", Kind.TIME, "When the author's account was opened."),
    Field("text", Kind.TEXT, "What was said."),
    Field("links", Kind.LINKS, "URLs, or ids of threads, posts and accounts that it points to."),
    Field("author_flags", Kind.AUTHOR_FLAGS, "What the platform says of the author."),
    Field("target_flags", Kind.TARGET_FLAGS, "What the platform says of the target."),
    Field("visibility", Kind.VISIBILITY, "Who can see it; private events are dropped unless a setting takes them."),
)

_Name = Annotated[str, Meta(min_length=1, max_length=MAX_IDENTIFIER_BYTES // 4)]
_Text = Annotated[str, Meta(max_length=MAX_TEXT_BYTES // 4)]
_Link = Annotated[str, Meta(min_length=1, max_length=MAX_LINK_BYTES // 4)]
_Count = Annotated[int, Meta(ge=0, le=MAX_COUNT)]
_Type = Literal["comment", "reply", "quote", "mention", "post", "share", "reaction", "report", "delete"]


class Event(msgspec.Struct, gc=False):
    """An event as the fast path takes it; the fields stand in the order of `FIELDS`.

    Absent is UNSET, -1 or None by column, as `streams.wire.gather` finds it easiest to count.
    """

    id: _Name
    type: _Type
    time: Annotated[int, Meta(ge=MIN_TIME_MS, le=MAX_TIME_MS)] | str
    author: _Name
    target: _Name | Annotated[list[_Name], Meta(max_length=MAX_TARGETS)] | UnsetType | None = UNSET
    thread: _Name | UnsetType | None = UNSET
    thread_author: _Name | UnsetType | None = UNSET
    parent: _Name | UnsetType | None = UNSET
    community: _Name | UnsetType | None = UNSET
    author_home: _Name | UnsetType | None = UNSET
    lang: _Name | UnsetType | None = UNSET
    value: _Name | UnsetType | None = UNSET
    views: _Count | None = -1
    author_followers: _Count | None = -1
    target_followers: _Count | None = -1
    author_created_at: Annotated[int, Meta(ge=0, le=MAX_TIME_MS)] | str | None = -1
    text: _Text | None = None
    links: Annotated[tuple[_Link, ...], Meta(max_length=MAX_LINKS)] | None = None
    author_flags: tuple[Literal["bot", "staff", "moderator"], ...] | None = None
    target_flags: tuple[Literal["minor", "protected", "moderator", "public_figure", "organisation"], ...] | None = None
    visibility: Literal["public", "limited", "private"] | None = None
