"""One case: its newest state, how it came to be, and what was done with it."""

from __future__ import annotations

from typing import Any, Final

import orjson
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.console.rows import person, row_of, select_rows
from alerts.console.tables import alerts, campaign_alerts, decisions, history, notes, revisions

_RELATED: Final = 20


async def exists(connection: AsyncConnection, alert: str) -> bool:
    """Whether there is such a case."""
    return (await connection.execute(select(alerts.c.id).where(alerts.c.id == alert))).first() is not None


async def case(connection: AsyncConnection, alert: str) -> bytes | None:
    """All that is told of a case but its evidence, as JSON; None if there is none."""
    found = (await connection.execute(select_rows().where(alerts.c.id == alert))).one_or_none()
    if found is None:
        return None
    body = await revision(connection, alert, found.revision)
    told = {
        "row": row_of(found),
        "alert": orjson.Fragment(body or b"null"),
        "revisions": await _revisions(connection, alert),
        "decisions": await _decisions(connection, alert),
        "notes": await _notes(connection, alert),
        "history": [{**one, "detail": orjson.Fragment(one["detail"])} for one in await _history(connection, alert)],
        "related": await _related(connection, alert),
    }
    return orjson.dumps(told)


async def made_of_it(connection: AsyncConnection, alert: str) -> dict[str, Any]:
    """What people made of a case, for its evidence pack."""
    return {
        "decisions": await _decisions(connection, alert),
        "notes": await _notes(connection, alert),
        "history": [{**one, "detail": orjson.loads(one["detail"])} for one in await _history(connection, alert)],
    }


async def revision(connection: AsyncConnection, alert: str, number: int) -> bytes | None:
    """The bytes of a revision."""
    query = select(revisions.c.body).where(revisions.c.alert == alert, revisions.c.revision == number)
    body: bytes | None = (await connection.execute(query)).scalar_one_or_none()
    return body


async def bodies(connection: AsyncConnection, alert: str) -> list[bytes]:
    """The bytes of all revisions, in order."""
    query = select(revisions.c.body).where(revisions.c.alert == alert).order_by(revisions.c.revision)
    return list((await connection.execute(query)).scalars())


async def _revisions(connection: AsyncConnection, alert: str) -> list[dict[str, Any]]:
    names = ("revision", "updated_at", "status", "verdict", "severity", "score", "participants")
    query = select(*(revisions.c[name] for name in names)).where(revisions.c.alert == alert)
    found = await connection.execute(query.order_by(revisions.c.revision))
    return [dict(zip(names, row, strict=True)) for row in found]


async def _decisions(connection: AsyncConnection, alert: str) -> list[dict[str, Any]]:
    found = await connection.execute(select(decisions).where(decisions.c.alert == alert).order_by(decisions.c.id))
    return [
        {
            "decision": row.decision,
            "reason": row.reason,
            "note": row.note,
            "revision": row.revision,
            "by": person(row.by, row.by_name),
            "at": row.at,
        }
        for row in found
    ]


async def _notes(connection: AsyncConnection, alert: str) -> list[dict[str, Any]]:
    found = await connection.execute(select(notes).where(notes.c.alert == alert).order_by(notes.c.id))
    return [{"id": row.id, "text": row.text, "by": person(row.by, row.by_name), "at": row.at} for row in found]


async def _history(connection: AsyncConnection, alert: str) -> list[dict[str, Any]]:
    found = await connection.execute(select(history).where(history.c.alert == alert).order_by(history.c.id))
    return [
        {
            "action": row.action,
            "detail": row.detail,
            "by": person(row.by, row.by_name),
            "at": row.at,
        }
        for row in found
    ]


async def _related(connection: AsyncConnection, alert: str) -> list[dict[str, Any]]:
    """The other cases of its campaign, and those at the same target; the newest."""
    campaign = select(campaign_alerts.c.campaign).where(campaign_alerts.c.alert == alert).scalar_subquery()
    target = select(alerts.c.target_hash).where(alerts.c.id == alert).scalar_subquery()
    query = (
        select_rows()
        .where(alerts.c.id != alert, or_(campaign_alerts.c.campaign == campaign, alerts.c.target_hash == target))
        .order_by(alerts.c.updated_at.desc(), alerts.c.id)
        .limit(_RELATED)
    )
    return [row_of(row) for row in await connection.execute(query)]
