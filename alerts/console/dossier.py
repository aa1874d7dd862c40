"""The evidence of a case, put together from its chunks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.console.tables import evidence
from alerts.pack.making import newest_of

_SHOWN: Final = (
    "event",
    "time",
    "account",
    "type",
    "community",
    "home",
    "thread",
    "parent",
    "target",
    "stranger",
    "fresh",
)


class Said(NamedTuple):
    """What was said in an event; the text is None where there was none, it was left out, or it was taken back."""

    text: str | None
    erased: bool


async def chunks(connection: AsyncConnection, alert: str) -> list[bytes]:
    """The chunks of a case, in order."""
    query = select(evidence.c.body).where(evidence.c.alert == alert).order_by(evidence.c.part)
    return list((await connection.execute(query)).scalars())


def put_together(stored: Iterable[bytes]) -> dict[str, Any]:
    """What a picture of the crowd is drawn from; without texts."""
    parts = [orjson.loads(body) for body in stored]
    ties: dict[tuple[str, str], Any] = {}
    usual: float | None = None
    omitted = 0
    erased: set[str] = set()
    for part in parts:
        erased.update(part.get("erased") or ())
        for one, other, times in part.get("ties") or ():
            ties[one, other] = [one, other, ties.get((one, other), (one, other, 0))[2] + times]
        usual = part.get("usual_per_minute", usual)
        omitted += (part.get("omitted") or {}).get("interactions", 0)
    return {
        "interactions": [_shown(one, erased) for part in parts for one in part.get("interactions") or ()],
        "accounts": newest_of(parts, "accounts", "account"),
        "ties": list(ties.values()),
        "in_common": newest_of(parts, "in_common", 0, 1),
        "minutes": sorted(newest_of(parts, "minutes", "start"), key=lambda one: int(one["start"])),
        "usual_per_minute": usual,
        "omitted": {"interactions": omitted},
    }


def said_in(stored: Iterable[bytes], event: str) -> Said | None:
    """What was said in an event; None if the evidence does not hold it."""
    found: Said | None = None
    for body in stored:
        chunk = orjson.loads(body)
        for one in chunk.get("interactions") or ():
            if one["event"] == event:
                found = Said(one.get("text"), _is_erased(one))
        if found is not None and event in (chunk.get("erased") or ()):
            found = Said(None, erased=True)
    return found


def _shown(one: dict[str, Any], erased: set[str]) -> dict[str, Any]:
    gone = one["event"] in erased or _is_erased(one)
    return {**{name: one.get(name) for name in _SHOWN}, "has_text": not gone and bool(one.get("text")), "erased": gone}


def _is_erased(one: dict[str, Any]) -> bool:
    """A text that was taken back is null; one that never was is absent."""
    return "text" in one and one["text"] is None
