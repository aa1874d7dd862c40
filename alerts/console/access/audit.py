"""The audit log: what was done, by whom, in a chain of digests in which every entry covers the one before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.console.access.actions import Action
from alerts.console.access.clock import now_ms
from alerts.console.access.tables import audit_head, audit_log
from alerts.console.roles import User

GENESIS: Final = "0" * 64
"""What the first entry names as the digest before it."""
HEAD_ID: Final = 1

_FORMAT: Final = b"breakwater.audit/1\n"
_COVERED: Final = ("seq", "at", "user", "name", "address", "action", "alert", "detail", "previous")
_BATCH: Final = 1000
_NOTHING: Final[Mapping[str, Any]] = {}


class Verified(NamedTuple):
    """What looking through the log found.

    Attributes
    ----------
    entries : how many are whole, from the first
    head : the digest of the last of them
    broken_at : the number of the first that is not as it was written; None if all are
    problem : what is wrong with it, in a sentence; empty if nothing is
    """

    entries: int
    head: str
    broken_at: int | None = None
    problem: str = ""


def digest_of(fields: Mapping[str, Any]) -> str:
    """The digest of an entry: SHA-256 over a header and its fields as JSON with sorted keys."""
    covered = {name: fields[name] for name in _COVERED}
    return hashlib.sha256(_FORMAT + orjson.dumps(covered, option=orjson.OPT_SORT_KEYS)).hexdigest()


async def audit(
    connection: AsyncConnection,
    user: User | None,
    action: Action | str,
    alert: str | None = None,
    detail: Mapping[str, Any] = _NOTHING,
    *,
    address: str = "",
    at_ms: int | None = None,
) -> int:
    """Write into the log that something is done, in the transaction that does it; gives the entry's number.

    Whoever appends holds the end of the log until his transaction ends: call this last, so that others wait briefly.

    Parameters
    ----------
    user
        Who did it; None: nobody who is signed in.
    address
        The keyed hash of where from, if there is no user who says so.
    detail
        What else should be known, as JSON: ids, numbers and words from lists, never text of events.
    """
    end = (
        await connection.execute(
            update(audit_head)
            .where(audit_head.c.id == HEAD_ID)
            .values(seq=audit_head.c.seq + 1)
            .returning(audit_head.c.seq, audit_head.c.digest)
        )
    ).one()
    entry = {
        "seq": end.seq,
        "at": now_ms() if at_ms is None else at_ms,
        "user": user.id if user else None,
        "name": user.name if user else None,
        "address": user.address if user else address,
        "action": str(Action(action)),
        "alert": alert,
        "detail": orjson.dumps(detail, option=orjson.OPT_SORT_KEYS).decode(),
        "previous": end.digest,
    }
    entry["digest"] = digest_of(entry)
    await connection.execute(audit_log.insert().values(entry))
    await connection.execute(update(audit_head).where(audit_head.c.id == HEAD_ID).values(digest=entry["digest"]))
    return int(end.seq)


async def verify(connection: AsyncConnection, expected: tuple[int, str] | None = None) -> Verified:
    """Look through the whole log.

    Parameters
    ----------
    expected
        Number and digest of an entry as they were noted elsewhere before: who can rewrite the whole database could
        make up a chain, but none that has this entry.
    """
    seq, digest, looked_for = 0, GENESIS, -1
    while True:
        query = select(audit_log).where(audit_log.c.seq > seq).order_by(audit_log.c.seq).limit(_BATCH)
        before = seq
        for row in await connection.execute(query):
            if problem := _problem(row, seq, digest, expected):
                return Verified(seq, digest, row.seq, problem)
            seq, digest = row.seq, row.digest
        if seq > before:
            continue
        head = (await connection.execute(select(audit_head).where(audit_head.c.id == HEAD_ID))).one_or_none()
        if head is None or head.seq <= seq or head.seq == looked_for:
            return _ended(seq, digest, head, expected)
        looked_for = head.seq


def _problem(row: Row[Any], seq: int, digest: str, expected: tuple[int, str] | None) -> str:
    if row.seq != seq + 1:
        return f"entries {seq + 1} to {row.seq - 1} are missing"
    if row.previous != digest:
        return f"entry {row.seq} does not follow entry {seq}"
    if row.digest != digest_of(row._asdict()):
        return f"entry {row.seq} was changed"
    if expected is not None and expected[0] == row.seq and expected[1] != row.digest:
        return f"entry {row.seq} is not the one that was noted"
    return ""


def _ended(seq: int, digest: str, head: Row[Any] | None, expected: tuple[int, str] | None) -> Verified:
    """What is to be said of a chain that is whole up to its last entry."""
    if head is None:
        return Verified(seq, digest, seq + 1, "where the log ends is not known any more")
    if head.seq > seq:
        return Verified(seq, digest, seq + 1, f"entries {seq + 1} to {head.seq} are missing")
    if head.seq < seq or head.digest != digest:
        return Verified(seq, digest, seq, f"entry {seq} is not the one that was written last")
    if expected is not None and expected[0] > seq:
        return Verified(seq, digest, seq + 1, f"entry {expected[0]}, which was noted, is missing")
    return Verified(seq, digest)
