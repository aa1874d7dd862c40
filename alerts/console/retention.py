"""Old cases deleted, a few at a time, so that nobody waits for it. The audit log stays."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
from sqlalchemy import delete, select

from alerts.console.access.clock import now_ms
from alerts.console.changes import changing
from alerts.console.database import AWAY, Database
from alerts.console.tables import alerts, campaign_alerts, decisions, evidence, history, notes, revisions

_DAY_MS: Final = 86_400_000
_AT_ONCE: Final = 20
_BREATH_S: Final = 0.2
_EVERY_S: Final = 3600.0
_OF_A_CASE: Final = (revisions, evidence, decisions, notes, history, campaign_alerts)

_log = structlog.get_logger()


async def delete_some(database: Database, before_ms: int) -> int:
    """Delete some of the cases that were not revised since a time; how many."""
    async with changing(database) as (connection, changes):
        query = select(alerts.c.id).where(alerts.c.updated_at < before_ms).order_by(alerts.c.updated_at).limit(_AT_ONCE)
        ids = list((await connection.execute(query)).scalars())
        if ids:
            for table in _OF_A_CASE:
                await connection.execute(delete(table).where(table.c.alert.in_(ids)))
            await connection.execute(delete(alerts).where(alerts.c.id.in_(ids)))
            changes.delete()
    return len(ids)


async def keep_for(database: Database, days: int) -> None:
    """Delete cases that many days after their last revision, until cancelled."""
    while True:
        try:
            while deleted := await delete_some(database, now_ms() - days * _DAY_MS):
                _log.info("old cases deleted", cases=deleted)
                await asyncio.sleep(_BREATH_S)
        except AWAY as error:
            _log.warning("old cases stay for now", why=type(error).__name__)
        await asyncio.sleep(_EVERY_S)
