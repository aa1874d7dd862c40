"""Cases as the queue shows them."""

from __future__ import annotations

from typing import Any, Final

import orjson
from sqlalchemy import Select, select

from alerts.console import spark
from alerts.console.tables import alerts, campaign_alerts

_LEFT_OUT: Final = frozenset({"severity_rank", "target_folded", "target_hash"})


def select_rows() -> Select[Any]:
    """What `row_of` needs, to be narrowed down."""
    columns = [column for column in alerts.columns if column.name not in _LEFT_OUT]
    return select(*columns, campaign_alerts.c.campaign).join_from(
        alerts, campaign_alerts, alerts.c.id == campaign_alerts.c.alert, isouter=True
    )


def row_of(found: Any) -> dict[str, Any]:
    """A row of `select_rows` as the API has it."""
    summary = orjson.loads(found.summary)
    return {
        "id": found.id,
        "seq": found.seq,
        "revision": found.revision,
        "status": found.status,
        "verdict": found.verdict,
        "severity": found.severity,
        "score": found.score,
        "priority": found.priority,
        "target": summary["target"],
        "started_at": found.started_at,
        "detected_at": found.detected_at,
        "updated_at": found.updated_at,
        "ended_at": found.ended_at,
        "participants": summary["participants"],
        "interactions": summary["interactions"],
        "protections": summary["protections"],
        "spark": spark.spark(orjson.loads(found.spark), found.started_at),
        "signals": summary["signals"],
        "assignee": person(found.assignee, found.assignee_name),
        "decision": None
        if found.decision is None
        else {
            "decision": found.decision,
            "by": person(found.decision_by, found.decision_by_name),
            "at": found.decision_at,
        },
        "snooze": _snooze(found),
        "campaign": found.campaign,
        "degraded": summary["degraded"],
    }


def person(user: str | None, name: str | None) -> dict[str, str | None] | None:
    """Somebody, by id and name."""
    return None if user is None else {"id": user, "name": name}


def _snooze(found: Any) -> dict[str, Any] | None:
    if found.snooze_grows is not None:
        return {"until_grows": True}
    return None if found.snooze_until is None else {"until": found.snooze_until}
