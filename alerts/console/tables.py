"""The tables of cases. Times are ms UTC; JSON is kept as the bytes that came."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Float, Identity, Index, Integer, LargeBinary, Table, Text

from alerts.console import access
from alerts.console.database import metadata

__all__ = ["access", "metadata"]

CHANGES: Final = "changes"
DELETIONS: Final = "deletions"

_NUMBER: Final = BigInteger().with_variant(Integer(), "sqlite")
"""What SQLite counts up by itself has to be its own INTEGER."""

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
"""`changes`: the number of the newest change of a case, held for writing by whoever changes one; `deletions`: the
number that it had when cases were deleted last."""

positions = Table(
    "positions",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, nullable=False),
)
"""The offset to read next; stored together with what was read before it."""

alerts = Table(
    "alerts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False, index=True),
    Column("revision", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("severity_rank", Integer, nullable=False),
    Column("score", Float, nullable=False),
    Column("target_kind", Text, nullable=False),
    Column("target_folded", Text, nullable=False),
    Column("target_hash", BigInteger, nullable=False, index=True),
    Column("started_at", BigInteger, nullable=False),
    Column("detected_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("participants", BigInteger, nullable=False),
    Column("priority", BigInteger, nullable=False),
    Column("spark", LargeBinary, nullable=False),
    Column("summary", LargeBinary, nullable=False),
    Column("assignee", Text),
    Column("assignee_name", Text),
    Column("decision", Text),
    Column("decision_by", Text),
    Column("decision_by_name", Text),
    Column("decision_at", BigInteger),
    Column("snooze_until", BigInteger),
    Column("snooze_grows", LargeBinary),
    Index(None, "priority", "id"),
    Index(None, "updated_at", "id"),
    Index(None, "started_at", "id"),
    Index(None, "participants", "id"),
)
"""A case as its newest revision has it, and what analysts made of it.

`seq` is the number of its newest change, so that whoever knows a number finds all that changed since. `summary` is what
the queue shows of the newest revision, `spark` its participants over its life. `snooze_grows` is how it stood when it was
snoozed until it grows."""

revisions = Table(
    "revisions",
    metadata,
    Column("alert", Text, primary_key=True),
    Column("revision", BigInteger, primary_key=True),
    Column("updated_at", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("participants", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

evidence = Table(
    "evidence",
    metadata,
    Column("alert", Text, primary_key=True),
    Column("part", BigInteger, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

campaign_alerts = Table(
    "campaign_alerts",
    metadata,
    Column("alert", Text, primary_key=True),
    Column("campaign", Text, nullable=False, index=True),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", _NUMBER, Identity(), primary_key=True),
    Column("alert", Text, nullable=False, index=True),
    Column("revision", BigInteger, nullable=False),
    Column("decision", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("id", _NUMBER, Identity(), primary_key=True),
    Column("alert", Text, nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

history = Table(
    "history",
    metadata,
    Column("id", _NUMBER, Identity(), primary_key=True),
    Column("alert", Text, nullable=False, index=True),
    Column("action", Text, nullable=False),
    Column("detail", LargeBinary, nullable=False),
    Column("by", Text),
    Column("by_name", Text),
    Column("at", BigInteger, nullable=False),
)
"""What was done with a case, by whom; nobody: by itself."""

views = Table(
    "views",
    metadata,
    Column("id", _NUMBER, Identity(), primary_key=True),
    Column("user", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _NUMBER, Identity(), primary_key=True),
    Column("key", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("sent_at", BigInteger, index=True),
    Column("attempts", Integer, nullable=False),
)
