"""Control records: what the learner learnt, and how far the shards may go on it.

A record says from which tick on it is in force, and before which tick nothing else will be: up to there a shard knows
all that it has to know. Times are event times, so a replay of the records gives the same alerts.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

import orjson

from detectors.learner import Learnt, adjusted
from detectors.model import Model
from streams.frames import END_TICK, TICK_MS

SCHEMA: Final = "breakwater.control/1"
EPOCH_S: Final = 300
"""How many ticks are learnt from together; and how much later what was learnt takes effect."""


class ControlError(Exception):
    """A message is no control record; the text says why."""


@dataclass(frozen=True, slots=True)
class ControlRecord:
    """What the learner says after an epoch.

    Attributes
    ----------
    number : of the record, from 1
    tick : the first at which it is in force
    until : nothing else is in force before this tick; `END_TICK` if nothing will ever be
    mark : the first tick that was not learnt from
    model : the shipped model that was learnt for
    revision : how often what was learnt had changed; 0: it is the shipped model as it is
    changed : whether it did with this record
    learnt : what that is
    feedback : what became of decisions so far, by result
    analysts : how many are known and how many are trusted with nothing, and what of their decisions counts and does not
    usual : by signal, quantiles of its strength where all looked harmless; nothing is judged by them
    """

    number: int
    tick: int
    until: int
    mark: int
    model: str
    revision: int
    changed: bool
    learnt: Learnt
    feedback: dict[str, int] = field(default_factory=dict)
    analysts: dict[str, float] = field(default_factory=dict)
    usual: dict[str, list[float]] = field(default_factory=dict)

    @property
    def key(self) -> bytes:
        """The key of its message, under which it is kept until there is a newer one: each change is kept for good."""
        return b"change/%d" % self.revision if self.changed else b"mark"

    @property
    def body(self) -> bytes:
        """The record as JSON."""
        return orjson.dumps(
            {
                "schema": SCHEMA,
                "number": self.number,
                "tick": self.tick,
                "until": _told(self.until),
                "mark": _told(self.mark),
                "model": self.model,
                "revision": self.revision,
                "changed": self.changed,
                "slope": self.learnt.slope,
                "shift": self.learnt.shift,
                "factors": self.learnt.factors,
                "feedback": self.feedback,
                "analysts": self.analysts,
                "usual": self.usual,
            }
        )

    @classmethod
    def read(cls, body: bytes) -> Self:
        """The record that was written as JSON; `ControlError` if it is none."""
        try:
            fields: dict[str, Any] = orjson.loads(body)
            if fields["schema"] != SCHEMA:
                raise ControlError(f"a control record has the schema {fields['schema']!r}, not {SCHEMA!r}")
            factors = {str(name): float(factor) for name, factor in fields["factors"].items()}
            return cls(
                number=int(fields["number"]),
                tick=int(fields["tick"]),
                until=_read(fields["until"]),
                mark=_read(fields["mark"]),
                model=str(fields["model"]),
                revision=int(fields["revision"]),
                changed=bool(fields["changed"]),
                learnt=Learnt(float(fields["slope"]), float(fields["shift"]), factors),
                feedback=fields["feedback"],
                analysts=fields["analysts"],
                usual=fields["usual"],
            )
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise ControlError(f"a control record cannot be read: {error}") from error


def _told(tick: int) -> int | None:
    """A tick as JSON has it: the end of everything is no number."""
    return None if tick == END_TICK else tick


def _read(tick: int | None) -> int:
    return END_TICK if tick is None else int(tick)


@dataclass(frozen=True, slots=True)
class ControlState:
    """What a shard knows of control, as its checkpoint holds it; fields as those of `Control`."""

    number: int = 0
    in_force: ControlRecord | None = None
    coming: list[ControlRecord] = field(default_factory=list)
    until: int = 0
    alone: tuple[int, int] = (0, 0)


class Control:
    """What a shard knows of control records.

    Parameters
    ----------
    model
        The shipped one.
    waits
        Whether the shard waits for records; else it goes on with the shipped model.

    Attributes
    ----------
    alone : from which tick, and before which, the shard goes on without a word of the learner
    """

    def __init__(self, model: Model, *, waits: bool) -> None:
        self._model, self._waits = model, waits
        self._number = self._until = 0
        self._in_force: ControlRecord | None = None
        self._coming: list[ControlRecord] = []
        self._granted = 0
        self.alone = (0, 0)

    @property
    def number(self) -> int:
        """The number of the newest record that was taken, 0 before the first."""
        return self._number

    def take(self, record: ControlRecord) -> None:
        """Take the next record; one that was taken before is left aside."""
        if record.number <= self._number:
            return
        self._number, self._until = record.number, max(self._until, record.until)
        if record.changed:
            # Where the shard has gone on alone it may not be told anything else afterwards.
            self._coming.append(replace(record, tick=max(record.tick, self.alone[1])))

    def limit(self, tick: int, begin_ms: int) -> int:
        """Before which tick the shard may go on from this one, by what is in force there.

        `begin_ms` is when the log begins, -1 before there is anything: nothing can have been learnt before, so the end
        of the epoch after that can be reached without a word of the learner.
        """
        if not self._waits or begin_ms < 0:
            return END_TICK
        first = (begin_ms // TICK_MS // EPOCH_S + 2) * EPOCH_S
        known = max(self._until, first, self._granted)
        return min([known, *(one.tick for one in self._coming if one.tick > tick)])

    def switch(self, tick: int) -> Model | None:
        """The model by which it is judged from this tick on, if it is another than before."""
        due = [one for one in self._coming if one.tick <= tick]
        if not due:
            return None
        self._coming = self._coming[len(due) :]
        self._in_force = due[-1]
        return self.model

    @property
    def model(self) -> Model:
        """The model that is in force; what was learnt for another one than the shipped is not."""
        record = self._in_force
        if record is None or record.model != self._model.name:
            return self._model
        return adjusted(self._model, record.learnt, record.revision)

    def plan_alone(self, begins: int, until: int) -> bool:
        """Nothing is heard of the learner: from one tick on go on up to another, once that has been saved and `go_alone`
        is called. False if that was planned already.
        """
        if self.alone[1] > max(self._granted, begins):
            return False
        self.alone = (self.alone[0] if self.alone[1] >= begins else begins, max(until, self.alone[1]))
        return True

    def go_alone(self, until: int) -> bool:
        """What was planned up to this tick has been saved; whether that was not known."""
        is_new, self._granted = until > self._granted, max(self._granted, until)
        return is_new

    def is_alone(self, tick: int) -> bool:
        """Whether what is said at a tick is said without a word of the learner."""
        return self.alone[0] <= tick < self.alone[1]

    @property
    def state(self) -> ControlState:
        """What it has, to go on from."""
        return ControlState(self._number, self._in_force, list(self._coming), self._until, self.alone)

    @state.setter
    def state(self, state: ControlState) -> None:
        self._number, self._in_force = state.number, state.in_force
        self._coming, self._until, self.alone = list(state.coming), state.until, state.alone
        self._granted = self.alone[1]
