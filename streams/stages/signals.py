"""What a shard looked at: the records that the learner learns from.

Every revision of an alert gives one, with what its newest look measured; of the other looks a share is kept, chosen by
a hash of the subject and the tick. So the records are bounded, and the same whatever the batches and partitions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import orjson

from alerts.episode import Episode
from detectors.look import Finding, Scene
from detectors.model import Model
from detectors.verdict import Outcome, judge, outcome
from graph.hashing import stable_hash
from streams.frames import END_TICK

SCHEMA: Final = "breakwater.signals/1"
SAMPLED: Final = 1 / 8
"""The share that is kept of looks from which no revision follows."""

_DIGITS: Final = 6


class SignalError(Exception):
    """A message is no record of signals; the text says why."""


@dataclass(frozen=True, slots=True)
class SignalRecord:
    """What was measured at one look.

    Attributes
    ----------
    tick : at whose end it was told, or looked at
    kind, subject : at whom
    alert : that tells it or is under way, None if there is none
    revision : that tells it, None if none does
    newcomers : how many came since the onset
    slow : whether the crowd comes over hours or days
    strengths : by signal, what the model weighs
    probability : what the shipped model says of them, before anything that was learnt
    verdict : what was said
    """

    tick: int
    kind: str
    subject: str
    alert: str | None
    revision: int | None
    newcomers: int
    slow: bool
    strengths: dict[str, float]
    probability: float
    verdict: Outcome

    @property
    def order(self) -> tuple[int, str, str, int]:
        """What records are sorted by."""
        return self.tick, self.kind, self.subject, -1 if self.revision is None else self.revision

    @property
    def body(self) -> bytes:
        """The record as JSON."""
        return orjson.dumps(
            {
                "schema": SCHEMA,
                "tick": self.tick,
                "subject": {"kind": self.kind, "id": self.subject},
                "alert": self.alert,
                "revision": self.revision,
                "newcomers": self.newcomers,
                "slow": self.slow,
                "strengths": self.strengths,
                "probability": self.probability,
                "verdict": self.verdict,
            }
        )

    @classmethod
    def read(cls, body: bytes) -> Self:
        """The record that was written as JSON; `SignalError` if it is none."""
        try:
            fields: dict[str, Any] = orjson.loads(body)
            if fields["schema"] != SCHEMA:
                raise SignalError(f"a record of signals has the schema {fields['schema']!r}, not {SCHEMA!r}")
            return cls(
                tick=int(fields["tick"]),
                kind=str(fields["subject"]["kind"]),
                subject=str(fields["subject"]["id"]),
                alert=fields["alert"],
                revision=fields["revision"],
                newcomers=int(fields["newcomers"]),
                slow=bool(fields["slow"]),
                strengths={str(name): float(strength) for name, strength in fields["strengths"].items()},
                probability=float(fields["probability"]),
                verdict=Outcome(fields["verdict"]),
            )
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise SignalError(f"a record of signals cannot be read: {error}") from error


def mark_body(tick: int) -> bytes:
    """The message by which a shard says that it has handled all before this tick; `END_TICK`: and no more will come."""
    return orjson.dumps({"schema": SCHEMA, "mark": None if tick == END_TICK else tick})


def read_mark(body: bytes) -> int | None:
    """What such a message says; None if it is another one."""
    try:
        fields: dict[str, Any] = orjson.loads(body)
        if fields["schema"] != SCHEMA or "mark" not in fields:
            return None
        return END_TICK if fields["mark"] is None else int(fields["mark"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None


class Looks:
    """Notes what a shard looks at.

    Parameters
    ----------
    model
        The shipped one.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._records: list[SignalRecord] = []

    def drain(self) -> list[SignalRecord]:
        """What was noted since the last call, in order."""
        records, self._records = sorted(self._records, key=lambda one: one.order), []
        return records

    def note(self, finding: Finding | None, episode: Episode | None, tick: int, *, told: bool) -> None:
        """At the end of a tick a subject was looked at, and `finding` found; or nothing but its episode was told, or both."""
        if told and episode is not None:
            self._note(episode.finding, tick, episode.verdict or Outcome.UNCERTAIN, episode.id, episode.revision)
        elif finding is not None and _is_sampled(finding.scene):
            under_way = None if episode is None or episode.is_over else episode
            verdict = None if under_way is None else under_way.verdict
            if verdict is None:
                verdict = self._verdict(finding)
            self._note(finding, tick, verdict, None if under_way is None else under_way.id, None)

    def _verdict(self, finding: Finding) -> Outcome:
        flags = finding.scene.target_flags
        return outcome(finding.judgement, finding.signals, finding.newcomers, flags, None, self._model)

    def _note(self, finding: Finding, tick: int, verdict: Outcome, alert: str | None, revision: int | None) -> None:
        self._records.append(
            SignalRecord(
                tick=tick,
                kind=finding.scene.kind.name.lower(),
                subject=finding.scene.subject,
                alert=alert,
                revision=revision,
                newcomers=finding.newcomers,
                slow=finding.is_slow,
                strengths={one.name: round(one.strength, _DIGITS) + 0.0 for one in finding.signals},
                probability=round(judge(finding.signals, self._model).probability, _DIGITS),
                verdict=verdict,
            )
        )


def _is_sampled(scene: Scene) -> bool:
    return stable_hash(f"{scene.kind}:{scene.subject}:{scene.tick}") < SAMPLED * 2**64
