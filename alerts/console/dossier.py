"""The evidence of a case, put together from its chunks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.console.tables import evidence

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
    interactions: list[dict[str, Any]] = []
    accounts: dict[str, Any] = {}
    ties: dict[tuple[str, str], Any] = {}
    minutes: dict[int, Any] = {}
    usual: float | None = None
    in_common: dict[tuple[str, str], Any] = {}
    omitted = 0
    erased: set[str] = set()
    for body in stored:
        chunk = orjson.loads(body)
        erased.update(chunk.get("erased") or ())
        interactions += chunk.get("interactions") or ()
        accounts |= {one["account"]: one for one in chunk.get("accounts") or ()}
        for one, other, times in chunk.get("ties") or ():
            ties[one, other] = [one, other, ties.get((one, other), (one, other, 0))[2] + times]
        minutes |= {one["start"]: one for one in chunk.get("minutes") or ()}
        usual = chunk.get("usual_per_minute", usual)
        in_common |= {(one[0], one[1]): one for one in chunk.get("in_common") or ()}
        omitted += (chunk.get("omitted") or {}).get("interactions", 0)
    return {
        "interactions": [_shown(one, erased) for one in interactions],
        "accounts": list(accounts.values()),
        "ties": list(ties.values()),
        "in_common": list(in_common.values()),
        "minutes": [minutes[start] for start in sorted(minutes)],
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
