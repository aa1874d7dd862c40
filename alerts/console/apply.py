"""Records of alerts, evidence and campaigns made rows, in one transaction with the positions that follow them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import time
from typing import Annotated, Any, Final

import msgspec
import orjson
from msgspec import Meta, Struct
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.console import spark
from alerts.console.changes import Changes, changing
from alerts.console.chunk import Chunk, read_chunk
from alerts.console.database import Database
from alerts.console.feed import ALERTS, CAMPAIGNS, EVIDENCE, Record
from alerts.console.revision import Id, MalformedError, Revision, folded, read_revision
from alerts.console.snooze import Standing
from alerts.console.tables import alerts, campaign_alerts, campaigns, evidence, history, positions, revisions

RETURNED: Final = "returned"
_AT_ONCE: Final = 500
"""How many ids are asked for in one statement."""
_KEPT: Final = frozenset({"assignee", "assignee_name", "decision", "decision_by", "decision_by_name", "decision_at"})
"""What analysts made of a case; no revision changes it."""


class Campaign(Struct):
    """What is read of a campaign."""

    id: Id
    alerts: Annotated[list[Id], Meta(max_length=100_000)] = []


@dataclass(slots=True)
class Batch:
    """Records, read.

    Attributes
    ----------
    revisions : by alert
    campaigns : by id; None: it is gone
    positions : the offsets that follow, by topic and partition
    malformed : how many records of a topic could not be read
    """

    revisions: defaultdict[str, list[Revision]] = field(default_factory=lambda: defaultdict(list))
    chunks: list[tuple[Chunk, bytes]] = field(default_factory=list)
    campaigns: dict[str, tuple[Campaign, bytes] | None] = field(default_factory=dict)
    positions: dict[tuple[str, int], int] = field(default_factory=dict)
    records: Counter[str] = field(default_factory=Counter)
    malformed: Counter[str] = field(default_factory=Counter)


_campaigns = msgspec.json.Decoder(Campaign)


def read_batch(records: Iterable[Record]) -> Batch:
    """Read records; one that cannot be read is counted, and stops nothing."""
    batch = Batch()
    for record in records:
        batch.positions[record.topic, record.partition] = record.offset + 1
        batch.records[record.topic] += 1
        try:
            _read(record, batch)
        except (MalformedError, msgspec.DecodeError, UnicodeError, RecursionError):
            batch.malformed[record.topic] += 1
    return batch


def _read(record: Record, batch: Batch) -> None:
    if record.topic == CAMPAIGNS:
        if record.value is None:
            batch.campaigns[_storable((record.key or b"").decode())] = None
            return
        campaign = _campaigns.decode(record.value)
        batch.campaigns[_storable(campaign.id)] = campaign, record.value
    elif record.value is None:
        raise MalformedError("it has no value")
    elif record.topic == ALERTS:
        revision = read_revision(record.value)
        batch.revisions[revision.id].append(revision)
    elif record.topic == EVIDENCE:
        chunk = read_chunk(record.value)
        _storable(chunk.alert)
        batch.chunks.append((chunk, record.value))


def _storable(name: str) -> str:
    if "\0" in name:
        raise MalformedError("a null character cannot be stored")
    return name


async def apply(database: Database, batch: Batch) -> int:
    """Store a batch, all of it or nothing; how many cases changed. What was stored before changes nothing."""
    async with changing(database) as (connection, changes):
        begun = changes.newest
        if batch.revisions:
            await _apply_revisions(database, connection, changes, batch.revisions)
        if batch.chunks:
            await _apply_chunks(database, connection, batch.chunks)
        if batch.campaigns:
            await _apply_campaigns(database, connection, changes, batch.campaigns)
        places = [
            {"topic": topic, "partition": partition, "offset": offset}
            for (topic, partition), offset in sorted(batch.positions.items())
        ]
        await connection.execute(database.upsert(positions, ("topic", "partition")), places)
        return changes.newest - begun


async def _apply_revisions(
    database: Database, connection: AsyncConnection, changes: Changes, by_alert: Mapping[str, list[Revision]]
) -> None:
    stored = await _stored(connection, by_alert)
    rows, returned = [], []
    for alert, found in by_alert.items():
        row, returns = _head(alert, found, stored.get(alert), changes)
        rows += row
        returned += returns
    bodies = [_revision_row(one) for found in by_alert.values() for one in found]
    await connection.execute(database.insert(revisions).on_conflict_do_nothing(), bodies)
    if rows:
        await connection.execute(_head_upsert(database), rows)
    if returned:
        await connection.execute(history.insert(), returned)


async def _stored(connection: AsyncConnection, ids: Collection[str]) -> dict[str, Any]:
    columns = (alerts.c.id, alerts.c.revision, alerts.c.spark, alerts.c.snooze_until, alerts.c.snooze_grows)
    found: dict[str, Any] = {}
    for some in _some(ids):
        for row in await connection.execute(select(*columns).where(alerts.c.id.in_(some))):
            found[row.id] = row
    return found


def _head(
    alert: str, found: list[Revision], stored: Any, changes: Changes
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The case's row if one of these revisions is newer than what is stored, and a line of history if it returns."""
    known = 0 if stored is None else stored.revision
    newer = sorted((one for one in found if one.revision > known), key=lambda one: one.revision)
    if not newer:
        return [], []
    points: spark.Points = [] if stored is None else orjson.loads(stored.spark)
    standing = None if stored is None or stored.snooze_grows is None else Standing.read(stored.snooze_grows)
    returned: list[dict[str, Any]] = []
    for one in newer:
        points = spark.grown(points, one.updated_at, one.crowd)
        if standing is not None:
            standing = standing.after(one)
            if standing is None:
                detail = orjson.dumps({"revision": one.revision})
                at = round(1000 * time())
                returned.append(
                    {"alert": alert, "action": RETURNED, "detail": detail, "by": None, "by_name": None, "at": at}
                )
    newest = newer[-1]
    row = {
        "id": alert,
        "seq": changes.next(),
        "revision": newest.revision,
        "status": newest.status,
        "verdict": newest.verdict,
        "severity": newest.severity,
        "severity_rank": newest.severity_rank,
        "score": newest.score,
        "target_kind": newest.target.kind,
        "target_folded": folded(newest.target.id),
        "target_hash": newest.target_hash,
        "started_at": newest.started_at,
        "detected_at": newest.detected_at,
        "updated_at": newest.updated_at,
        "ended_at": newest.ended_at,
        "participants": newest.crowd,
        "priority": newest.priority,
        "spark": orjson.dumps(points),
        "summary": newest.summary,
        "snooze_until": None if stored is None else stored.snooze_until,
        "snooze_grows": None if standing is None else standing.write(),
    }
    return [row], returned


def _head_upsert(database: Database) -> Any:
    made = database.insert(alerts)
    columns = [column for column in alerts.columns if column.name not in _KEPT]
    made = made.values({column.name: bindparam(column.name, type_=column.type) for column in columns})
    replaced = {column.name: made.excluded[column.name] for column in columns if column.name != "id"}
    return made.on_conflict_do_update(index_elements=["id"], set_=replaced)


def _revision_row(revision: Revision) -> dict[str, Any]:
    return {
        "alert": revision.id,
        "revision": revision.revision,
        "updated_at": revision.updated_at,
        "status": revision.status,
        "verdict": revision.verdict,
        "severity": revision.severity,
        "score": revision.score,
        "participants": revision.crowd,
        "body": revision.body,
    }


async def _apply_chunks(database: Database, connection: AsyncConnection, chunks: Sequence[tuple[Chunk, bytes]]) -> None:
    rows = [{"alert": one.alert, "part": one.part, "revision": one.revision, "body": body} for one, body in chunks]
    await connection.execute(database.insert(evidence).on_conflict_do_nothing(), rows)
    erased: defaultdict[str, set[str]] = defaultdict(set)
    for one, _ in chunks:
        if one.erased:
            erased[one.alert].update(one.erased)
    for alert, events in erased.items():
        await _erase(connection, alert, events)


async def _erase(connection: AsyncConnection, alert: str, events: set[str]) -> None:
    """Blank the texts of events that were taken back."""
    stored = await connection.execute(select(evidence.c.part, evidence.c.body).where(evidence.c.alert == alert))
    for part, body in stored.all():
        chunk = orjson.loads(body)
        struck = [one for one in chunk.get("interactions") or () if one.get("event") in events and one.get("text")]
        if struck:
            for one in struck:
                one["text"] = None
            place = (evidence.c.alert == alert) & (evidence.c.part == part)
            await connection.execute(update(evidence).where(place).values(body=orjson.dumps(chunk)))


async def _apply_campaigns(
    database: Database,
    connection: AsyncConnection,
    changes: Changes,
    found: Mapping[str, tuple[Campaign, bytes] | None],
) -> None:
    touched: set[str] = set()
    for some in _some(found):
        held = await connection.execute(select(campaign_alerts.c.alert).where(campaign_alerts.c.campaign.in_(some)))
        touched.update(held.scalars())
        await connection.execute(delete(campaign_alerts).where(campaign_alerts.c.campaign.in_(some)))
        await connection.execute(delete(campaigns).where(campaigns.c.id.in_(some)))
    rows = [{"id": name, "body": one[1]} for name, one in found.items() if one is not None]
    members = {
        alert: name for name, one in found.items() if one is not None for alert in one[0].alerts if "\0" not in alert
    }
    if rows:
        await connection.execute(campaigns.insert(), rows)
    if members:
        links = [{"alert": alert, "campaign": name} for alert, name in members.items()]
        await connection.execute(database.upsert(campaign_alerts, ("alert",)), links)
    await touch(connection, changes, touched | members.keys())


async def touch(connection: AsyncConnection, changes: Changes, ids: Collection[str]) -> None:
    """Say of cases that they have changed."""
    known: list[str] = []
    for some in _some(ids):
        known += (await connection.execute(select(alerts.c.id).where(alerts.c.id.in_(some)))).scalars()
    if known:
        statement = update(alerts).where(alerts.c.id == bindparam("alert")).values(seq=bindparam("number"))
        await connection.execute(statement, [{"alert": one, "number": changes.next()} for one in sorted(known)])


def _some(ids: Collection[str]) -> Iterable[list[str]]:
    ordered = sorted(ids)
    return (ordered[at : at + _AT_ONCE] for at in range(0, len(ordered), _AT_ONCE))
