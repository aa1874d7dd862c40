"""What analysts do with a case; each action with its line of history and of the audit log, all in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import orjson
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.console import cases
from alerts.console.access import Action, ApiError, Code, Role, User, accounts, audit
from alerts.console.access.clock import now_ms
from alerts.console.changes import changing
from alerts.console.database import Database
from alerts.console.revision import read_revision
from alerts.console.snooze import Standing
from alerts.console.tables import alerts, decisions, history, notes, outbox
from alerts.feedback import write_feedback
from detectors.learner import Decision as Learnt
from detectors.learner import Feedback


class Decision(StrEnum):
    """What an analyst says of a case: whether it is a pile-on."""

    TRUE = "true"
    FALSE = "false"
    UNSURE = "unsure"


class Reason(StrEnum):
    """Why."""

    HARASSMENT = "harassment"
    BRIGADE = "brigade"
    BOTS = "bots"
    ACCOUNTABILITY = "accountability"
    MUTUAL_FIGHT = "mutual_fight"
    VIRAL = "viral"
    NEWS = "news"
    FAN_ACTIVITY = "fan_activity"
    SPAM = "spam"
    OTHER = "other"


_LEARNT: Final = {
    Decision.TRUE: Learnt.PILE_ON,
    Decision.FALSE: Learnt.NOT_PILE_ON,
    Decision.UNSURE: Learnt.UNSURE,
}


async def decide(
    database: Database, user: User, alert: str, revision: int, decision: Decision, reason: Reason, note: str
) -> None:
    """Say what a case is, having seen a revision; the learner is told by way of the outbox.

    Raises
    ------
    ApiError
        If there is no such case, or no such revision of it.
    """
    async with changing(database) as (connection, changes):
        newest = await _newest(connection, alert)
        if revision > newest:
            raise ApiError(422, Code.INVALID, f"The case has {newest} revisions.")
        at = now_ms()
        said = {"decision": decision, "reason": reason, "note": note, "revision": revision}
        who = {"by": user.id, "by_name": user.name, "at": at}
        await connection.execute(insert(decisions).values(alert=alert, **said, **who))
        await _set(
            connection,
            alert,
            seq=changes.next(),
            decision=decision,
            decision_by=user.id,
            decision_by_name=user.name,
            decision_at=at,
        )
        body = write_feedback(Feedback(alert, revision, _LEARNT[decision], reason, user.id, at))
        await connection.execute(insert(outbox).values(key=alert, body=body, created_at=at, attempts=0))
        detail = {"decision": decision, "reason": reason, "revision": revision}
        await _note(connection, user, Action.DECIDE, alert, detail)


async def assign(database: Database, user: User, alert: str, assignee: str | None) -> None:
    """Give a case to somebody, or to nobody.

    Raises
    ------
    ApiError
        If there is no such case, or nobody of that id whom it may be given to.
    """
    async with changing(database) as (connection, changes):
        await _newest(connection, alert)
        name = None if assignee is None else await _name(connection, assignee)
        await _set(connection, alert, seq=changes.next(), assignee=assignee, assignee_name=name)
        detail = {"user": assignee, "name": name}
        await _note(connection, user, Action.ASSIGN, alert, detail)


async def snooze(database: Database, user: User, alert: str, until_ms: int | None) -> None:
    """Put a case aside until a time, or, without one, until it grows.

    Raises
    ------
    ApiError
        If there is no such case.
    """
    async with changing(database) as (connection, changes):
        newest = await _newest(connection, alert)
        body = await cases.revision(connection, alert, newest) if until_ms is None else None
        standing = None if body is None else Standing.of(read_revision(body)).write()
        await _set(connection, alert, seq=changes.next(), snooze_until=until_ms, snooze_grows=standing)
        detail = {"until_grows": True} if until_ms is None else {"until": until_ms}
        await _note(connection, user, Action.SNOOZE, alert, detail)


async def wake(database: Database, user: User, alert: str) -> None:
    """Take a case back that was put aside; `ApiError` if there is none of that id."""
    async with changing(database) as (connection, changes):
        await _newest(connection, alert)
        await _set(connection, alert, seq=changes.next(), snooze_until=None, snooze_grows=None)
        await _note(connection, user, Action.WAKE, alert, {})


async def note(database: Database, user: User, alert: str, text: str) -> None:
    """Write a note for colleagues; `ApiError` if there is no such case."""
    async with database.write() as connection:
        await _newest(connection, alert)
        values = {"alert": alert, "text": text, "by": user.id, "by_name": user.name, "at": now_ms()}
        await connection.execute(insert(notes).values(**values))
        await _note(connection, user, Action.NOTE, alert, {})


async def _newest(connection: AsyncConnection, alert: str) -> int:
    query = select(alerts.c.revision).where(alerts.c.id == alert)
    found: int | None = (await connection.execute(query)).scalar_one_or_none()
    if found is None:
        raise no_case()
    return found


async def _name(connection: AsyncConnection, user: str) -> str:
    """What somebody is called who may decide on cases."""
    try:
        found = await accounts.get(connection, user)
    except accounts.NoSuchAccountError:
        found = None
    if found is None or found.disabled or Role(found.role) < Role.ANALYST:
        raise ApiError(422, Code.INVALID, "There is nobody of that id who works on cases.")
    return str(found.name)


def no_case() -> ApiError:
    """There is no case of that id."""
    return ApiError(404, Code.NOT_FOUND, "There is no such case.")


async def _set(connection: AsyncConnection, alert: str, **values: Any) -> None:
    await connection.execute(update(alerts).where(alerts.c.id == alert).values(**values))


async def _note(connection: AsyncConnection, user: User, action: Action, alert: str, detail: Mapping[str, Any]) -> None:
    values = {"alert": alert, "action": action, "detail": orjson.dumps(detail)}
    await connection.execute(insert(history).values(**values, by=user.id, by_name=user.name, at=now_ms()))
    await audit(connection, user, action, alert, detail)
