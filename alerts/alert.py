"""Alert v1: the bytes of a revision.

The same episode at the same revision gives the same bytes: fields in a fixed order, numbers rounded, lists sorted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from alerts.attributed import attributed
from alerts.episode import Episode
from alerts.explain import explain
from alerts.protections import recommended
from detectors.verdict import Outcome
from graph.events import TargetFlag

SCHEMA: Final = "breakwater.alert/1"
LARGEST: Final = 256_000
"""Bytes of the largest revision."""
_SUREST: Final = 0.9999
"""The highest score: a model is never so sure that nothing could be said against it."""
_LISTS: Final = ("sources", "instigators", "roles", "groups")
"""What is cut where a revision would be too large, beside the events that it names."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Which program and settings an alert comes from."""

    version: str
    config_digest: str
    model: str


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of an alert.

    Attributes
    ----------
    tick : at whose end it was due
    id, revision : what it is sorted by
    verdict, status, kind, subject, participants, score : for counting and showing without decoding
    body : the JSON bytes
    """

    tick: int
    id: str
    revision: int
    verdict: Outcome
    status: str
    kind: str
    subject: str
    participants: int
    score: float
    body: bytes


def write(episode: Episode, tick: int, events: list[str], engine: Engine, degraded: Sequence[str] = ()) -> Revision:
    """The revision that an episode has come to at the end of a tick, naming these events as its evidence, and what it had
    to do without.
    """
    verdict = episode.verdict or Outcome.UNCERTAIN
    fields = _fields(episode, verdict, tick, events, engine)
    fields["quality"]["degraded"] = list(degraded)
    body = orjson.dumps(fields)
    while len(body) > LARGEST:
        for parent, name in ((fields["evidence"], "events"), *((fields, name) for name in _LISTS)):
            parent[name] = parent[name][: len(parent[name]) // 2]
        body = orjson.dumps(fields)
    return Revision(
        tick=tick,
        id=episode.id,
        revision=episode.revision,
        verdict=verdict,
        status=episode.status,
        kind=episode.kind,
        subject=episode.subject,
        participants=episode.size,
        score=fields["score"],
        body=body,
    )


def _fields(episode: Episode, verdict: Outcome, tick: int, events: list[str], engine: Engine) -> dict[str, Any]:
    finding, tally, chain = episode.finding, episode.tally, episode.chain
    updated_ms = (tick + 1) * 1000
    minutes = max(1.0, (updated_ms - episode.started_ms) / 60_000)
    who = attributed(episode, verdict)
    return {
        "schema": SCHEMA,
        "id": episode.id,
        "revision": episode.revision,
        "status": episode.status,
        "verdict": verdict,
        "severity": episode.severity.name.lower(),
        "score": round(min(_SUREST, max(1.0 - _SUREST, finding.judgement.probability)), 4),
        "base": round(finding.judgement.intercept, 4),
        "target": {
            "kind": episode.kind,
            "id": episode.subject,
            "flags": [flag.name.lower() for flag in TargetFlag if finding.scene.target_flags & flag and flag.name],
        },
        "started_at": episode.started_ms,
        "detected_at": (episode.detected_tick + 1) * 1000,
        "updated_at": updated_ms,
        "ended_at": None if episode.ended_tick is None else (episode.ended_tick + 1) * 1000,
        "participants": {
            "total": episode.size,
            "strangers": tally.strangers,
            "fresh_accounts": tally.fresh,
            "attackers": who.attackers,
            "defenders": who.defenders,
            "bystanders": who.bystanders,
        },
        "interactions": {
            "total": tally.interactions,
            "per_minute": round(tally.interactions / minutes, 2),
            "window_ms": finding.scene.surge.window_s * 1000,
        },
        "signals": explain(finding),
        **{name: who.lists[name] for name in _LISTS},
        "evidence": {
            "events": events,
            "digest": chain.digest,
            "previous_digest": chain.previous or None,
            "first": chain.first,
            "last": chain.last,
        },
        "protections": [one.to_json() for one in recommended(episode, verdict, updated_ms)],
        "forecast": None,
        "quality": {"late": tally.late, "mended": tally.mended, "degraded": []},
        "engine": {"version": engine.version, "config_digest": engine.config_digest, "model": engine.model},
    }
