"""The learner stage: from what the shards looked at, and what analysts decided, to control records.

It learns an epoch of event time at a time, once all shards have passed it: its looks in their order, then the decisions
that were assigned to it. What it learnt is in force from the epoch after the next one on. Its records say more: before
which tick nothing else will be. While nobody decides anything that may be far ahead, so that a replay is not held up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from detectors.learner import Feedback, Learner, LearnerState, Look, Result
from detectors.model import Model
from graph.noted import StateError
from streams.frames import END_TICK, TICK_MS
from streams.stages.control import EPOCH_S, ControlRecord
from streams.stages.signals import SignalRecord
from streams.state import Checkpoint, Saved, decode, encode

MOST_WAITING: Final = 2_000
"""How many decisions wait, at most, for the end of their epoch, in which far fewer are taken."""
_PATIENCE: Final = 2
"""For how many epochs a decision waits for its alert."""
MOST_AHEAD: Final = 288
"""Over how many epochs more, at most, it is said in advance that nothing changes: a day."""


class _Waiting(NamedTuple):
    """A decision: at the end of which epoch it is due, and of which it is given up if its alert is not known by then."""

    epoch: int
    last: int
    feedback: Feedback

    @classmethod
    def of(cls, epoch: int, feedback: Feedback) -> Self:
        return cls(epoch, epoch + _PATIENCE, feedback)


@dataclass(frozen=True, slots=True)
class _Live:
    learner: LearnerState
    marks: list[int]
    looks: list[SignalRecord]
    decisions: list[_Waiting]
    epoch: int
    until: int
    number: int
    ahead: int
    positions: dict[int, int]


class LearnerStage:
    """The one partition of the learner.

    Parameters
    ----------
    shards
        How many shards send it what they looked at.
    model
        The shipped one.

    Attributes
    ----------
    learner
        What learns.
    positions
        By shard, the place of the next message that is wanted of it.
    """

    def __init__(self, shards: int, model: Model) -> None:
        self._model = model
        self.learner = Learner(model)
        self.positions: dict[int, int] = {}
        self._marks = [0] * shards
        self._looks: list[SignalRecord] = []
        self._decisions: list[_Waiting] = []
        self._all_decided = False
        self._epoch = -1
        self._until = 0
        self._number = 0
        self._ahead = 0

    @property
    def epoch(self) -> int:
        """The number of the epoch that is open, -1 before the first."""
        return self._epoch

    @property
    def ended(self) -> bool:
        """Whether every shard has come to its end."""
        return min(self._marks) == END_TICK

    def look(self, record: SignalRecord) -> None:
        """A shard looked at something."""
        self._looks.append(record)

    def mark(self, shard: int, tick: int) -> None:
        """A shard has handled all before this tick."""
        self._marks[shard] = max(self._marks[shard], tick)

    def decide(self, feedback: Feedback) -> None:
        """An analyst decided: in the epoch that is open now, or that of the newest look, for that may be of his alert."""
        if len(self._decisions) >= MOST_WAITING:
            self.learner.refuse(Result.OVER_EPOCH)
            return
        newest = max((one.tick for one in self._looks), default=0) // EPOCH_S
        self._decisions.append(_Waiting.of(max(self._epoch, newest), feedback))

    def decide_all(self, feedback: Iterable[Feedback]) -> None:
        """All that analysts ever decided, in the order of their times: each counts in the epoch of its time."""
        self._decisions = [_Waiting.of(max(0, one.time_ms // TICK_MS // EPOCH_S), one) for one in feedback]
        self._all_decided = True

    def refuse(self) -> None:
        """What came was no decision."""
        self.learner.refuse(Result.MALFORMED)

    def advance(self) -> list[ControlRecord]:
        """Learn from every epoch that is over; the records that follow, in order."""
        records: list[ControlRecord] = []
        least = min(self._marks)
        self._looks.sort(key=lambda one: one.order)
        while (epoch := self._next_epoch(least)) is not None:
            self._epoch = epoch
            if self._close():
                effective = min(END_TICK, max((epoch + 2) * EPOCH_S, self._until))
                self._ahead, self._until = 0, min(END_TICK, effective + EPOCH_S)
                records.append(self._record(effective, (epoch + 1) * EPOCH_S, changed=True))
            self._epoch = epoch + 1
        if least != END_TICK:
            self._epoch = max(self._epoch, least // EPOCH_S)
        until = self._foreseen(least)
        if until > self._until:
            tick, self._until = self._until, until
            records.append(self._record(tick, least, changed=False))
        return records

    def save(self, number: int, oldest: int) -> Saved:
        """What the checkpoint of this number has to hold, when none before `oldest` is kept."""
        live = _Live(
            learner=self.learner.state,
            marks=self._marks,
            looks=self._looks,
            decisions=self._decisions,
            epoch=self._epoch,
            until=self._until,
            number=self._number,
            ahead=self._ahead,
            positions=self.positions,
        )
        return Saved({}, encode(live))

    def load(self, checkpoint: Checkpoint) -> None:
        """Nothing of a checkpoint is needed but the newest one's `live`."""

    def resume(self, live: bytes) -> None:
        """Go on from the newest checkpoint."""
        was = decode(live, _Live)
        if len(was.marks) != len(self._marks):
            raise StateError(f"the checkpoint knows {len(was.marks)} shards, there are {len(self._marks)}")
        self.learner.state = was.learner
        self._marks, self._looks, self._decisions = was.marks, was.looks, was.decisions
        self._epoch, self._until, self._number, self._ahead = was.epoch, was.until, was.number, was.ahead
        self.positions = was.positions

    def _next_epoch(self, least: int) -> int | None:
        """The next epoch that is over and in which there is something."""
        wanted = [one.tick // EPOCH_S for one in self._looks[:1]] + [one.epoch for one in self._decisions[:1]]
        if not wanted:
            return None
        epoch = max(self._epoch, min(wanted))
        return epoch if (epoch + 1) * EPOCH_S <= least else None

    def _close(self) -> bool:
        """Learn from the epoch that is open; whether something else is learnt now than before."""
        end = (self._epoch + 1) * EPOCH_S
        count = next((at for at, one in enumerate(self._looks) if one.tick >= end), len(self._looks))
        for one in self._looks[:count]:
            self.learner.learn_one(Look(one.tick, one.alert, one.revision, one.strengths, one.probability))
        del self._looks[:count]
        due = next((at for at, one in enumerate(self._decisions) if one.epoch > self._epoch), len(self._decisions))
        put_off: list[_Waiting] = []
        for waiting in self._decisions[:due]:
            # What was looked at may come a little later than what was decided on it.
            if self.learner.knows(waiting.feedback.alert) or self._epoch >= waiting.last:
                self.learner.decide_one(waiting.feedback)
            else:
                put_off.append(waiting._replace(epoch=self._epoch + 1))
        self._decisions[:due] = put_off
        return self.learner.close_epoch()

    def _foreseen(self, least: int) -> int:
        """Before which tick nothing else will be in force than now, as far as it should be said."""
        if self._all_decided:
            decisions = self._decisions
            return (max(self._epoch, decisions[0].epoch) + 2) * EPOCH_S if decisions else END_TICK
        if least == END_TICK:
            return END_TICK
        if self._decisions:
            self._ahead = 0
        elif least >= self._until > 0:
            # The shards have come to the end of what they were told: it is a replay.
            self._ahead = min(MOST_AHEAD, max(1, 2 * self._ahead))
        elif (least // EPOCH_S + 2) * EPOCH_S > self._until:
            self._ahead = 0
        else:
            return self._until
        return (least // EPOCH_S + 2 + self._ahead) * EPOCH_S if least else 0

    def _record(self, tick: int, mark: int, *, changed: bool) -> ControlRecord:
        self._number += 1
        learner, trust = self.learner, self.learner.trust
        return ControlRecord(
            number=self._number,
            tick=tick,
            until=self._until,
            mark=mark,
            model=self._model.name,
            revision=learner.revision,
            changed=changed,
            learnt=learner.learnt,
            feedback={result.value: learner.results[result] for result in Result},
            analysts={
                "known": trust.analysts,
                "distrusted": trust.distrusted,
                "weight": trust.weight,
                "discounted": trust.discounted,
            },
            usual=learner.usual,
        )
