"""The learner's one partition: decisions by offset, and beside them what the shards looked at.

Its checkpoint has the whole of its state and how far it has read everything, so nothing is read again.
"""

from __future__ import annotations

from collections.abc import Iterable

from alerts.feedback import FeedbackError, read_feedback
from streams.stages.control import ControlRecord
from streams.stages.learner import LearnerStage
from streams.stages.signals import SignalRecord, read_mark
from streams.state.checkpoint import Record
from streams.workers.place import BasePlace


class LearnerPlace(BasePlace[list[ControlRecord]]):
    """A place whose messages are analysts' decisions.

    Parameters
    ----------
    learner
        The stage, fresh.
    release, records, beginning
        As of any place.
    """

    def __init__(self, learner: LearnerStage, release: str, records: Iterable[Record], beginning: int) -> None:
        self.learner = learner
        super().__init__(learner, release, records, beginning)

    def take(self, offset: int, message: bytes | None) -> int:
        """Take the decision at this offset; one that was taken before is left aside, one that cannot be read is counted.

        Returns
        -------
        How many decisions came.

        Raises
        ------
        GapError
            If it is not the next one.
        """
        if not self._is_next(offset):
            return 0
        try:
            self.learner.decide(read_feedback(message))
        except FeedbackError:
            self.learner.refuse()
        self.next_offset = offset + 1
        return 1

    def look(self, shard: int, offset: int, message: bytes) -> None:
        """Take what a shard said of what it looked at; what was taken before is left aside.

        Raises
        ------
        SignalError
            If it cannot be read.
        """
        if offset < self.learner.positions.get(shard, 0):
            return
        mark = read_mark(message)
        if mark is None:
            self.learner.look(SignalRecord.read(message))
        else:
            self.learner.mark(shard, mark)
        self.learner.positions[shard] = offset + 1
        self.touch()
