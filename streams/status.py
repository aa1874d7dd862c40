"""How a worker stands: what its stages note of themselves, and what follows from it.

Written on the event loop and read by the threads that answer over HTTP: each write is a single assignment, and who
reads copies first.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from detectors.verdict import Outcome
from streams.detection import Summary


@dataclass(slots=True)
class PartitionStatus:
    """One partition that a stage was given.

    Attributes
    ----------
    restored
        Whether its state is there.
    left
        How many messages must be read until then, None while that is not known.
    position, end
        Offset of the next message to read, and of the one to come; None while that is not known.
    """

    restored: bool = False
    left: int | None = None
    position: int | None = None
    end: int | None = None

    @property
    def lag(self) -> int:
        """How many messages are there that were not read; 0 while that is not known."""
        return 0 if self.position is None or self.end is None else max(0, self.end - self.position)


class StageStatus:
    """How one stage stands.

    Attributes
    ----------
    partitions
        What the stage has, by number; None while nothing has been assigned.
    frames_in, frames_out, rows_in, rows_out, rebalances, commits, restores, restore_seconds
        What it did so far. A restore is over when every partition of an assignment is there.
    """

    def __init__(self, name: str, clock: Callable[[], float]) -> None:
        self.name = name
        self.partitions: dict[int, PartitionStatus] | None = None
        self.frames_in = self.frames_out = self.rows_in = self.rows_out = 0
        self.rebalances = self.commits = self.restores = 0
        self.restore_seconds = 0.0
        self._clock = clock
        self._committed: float | None = None
        self._assigned = self._progressed = self._filled = clock()
        self._behind: float | None = None

    def assign(self, partitions: Iterable[int]) -> None:
        """These partitions were assigned, none of them restored."""
        self.partitions = {number: PartitionStatus() for number in sorted(partitions)}
        self.rebalances += 1
        self._behind = None
        self._assigned = self._progressed = self._filled = self._clock()

    def revoke(self) -> None:
        """All partitions were taken away."""
        self.partitions, self._behind, self._progressed = None, None, self._clock()

    def restoring(self, partition: int, left: int) -> None:
        """So many messages must be read until the partition is restored."""
        known = self._find(partition)
        if known.left is None or left < known.left:
            self._filled = self._clock()
        known.left = left

    def restored(self, partition: int) -> None:
        """The partition's state is there."""
        known = self._find(partition)
        now = self._clock()
        if not known.restored and known is (self.partitions or {}).get(partition):
            known.restored, self._filled = True, now
            self._progressed = now
            if self.is_ready:
                self.restores += 1
                self.restore_seconds += now - self._assigned

    def move(self, partition: int, position: int, end: int) -> None:
        """The next message to read of a partition is at this offset, and the one to come at that."""
        known = self._find(partition)
        known.position, known.end = position, end
        if not self.lag:
            self._behind = None
        elif self._behind is None:
            self._behind = self._clock()

    def commit(self) -> None:
        """Everything that there was to commit is committed, also when there was nothing."""
        self.commits += 1
        self._committed = self._progressed = self._clock()

    def _find(self, partition: int) -> PartitionStatus:
        """What is noted of a partition; of one that is not the stage's any more, nothing that anybody sees."""
        return (self.partitions or {}).get(partition) or PartitionStatus()

    @property
    def lag(self) -> int:
        """How many messages are there that were not read."""
        return sum(one.lag for one in dict(self.partitions or {}).values())

    @property
    def is_ready(self) -> bool:
        """Whether partitions have been assigned, though it be none, and all of them are restored."""
        partitions = self.partitions
        return partitions is not None and all(one.restored for one in dict(partitions).values())

    @property
    def _is_filling(self) -> bool:
        """Whether the state of all partitions is there, and messages must be read still: a commit is no progress with that."""
        if self.partitions is None or self.is_ready:
            return False
        partitions = dict(self.partitions).values()
        return all(one.restored or one.left is not None for one in partitions)

    @property
    def commit_age_s(self) -> float | None:
        """Seconds since the last commit, None before the first."""
        return None if self._committed is None else self._clock() - self._committed

    def trouble(self, limit_s: float) -> str | None:
        """A sentence about what the stage has not got done for so many seconds; None if all is well.

        A stage without work is well however long its last commit is ago.
        """
        since = self._filled if self._is_filling else max(self._progressed, self._behind or 0.0)
        seconds = self._clock() - since
        if seconds <= limit_s:
            return None
        if self.partitions is None:
            return f"Stage {self.name} has had no partitions for {seconds:.0f} s."
        if not self.is_ready:
            return f"Stage {self.name} has got no further with restoring its partitions for {seconds:.0f} s."
        if self.lag:
            return f"Stage {self.name} is {self.lag} messages behind and has committed nothing for {seconds:.0f} s."
        return None

    def to_json(self) -> dict[str, Any]:
        """How it stands, as `/healthz` and `/readyz` show it."""
        partitions = dict(self.partitions or {})
        age_s = self.commit_age_s
        return {
            "ready": self.is_ready,
            "assigned": None if self.partitions is None else list(partitions),
            "restoring": {str(number): one.left for number, one in partitions.items() if not one.restored},
            "lag": sum(one.lag for one in partitions.values()),
            "commit_age_s": None if age_s is None else round(age_s, 1),
        }


class WorkerStatus:
    """How a worker stands.

    Parameters
    ----------
    stages
        The stages that it was asked to run.
    clock
        Seconds that only go forward.

    Attributes
    ----------
    stages
        Each stage's status by name.
    summary
        What became of events here: ingest counts `events`, `rejected` and `reasons`, `mended` and `mends`, `late` and
        `private`; the authors stage, which alone can tell, counts `accepted` and `duplicates`.
    alerts
        Alerts opened, by their first verdict, counted when they are committed.
    newest_ms, handled_ms
        The newest event time that was accepted, and up to which one the stage that is furthest behind has handled
        everything; 0 while that is not known.
    """

    def __init__(self, stages: Iterable[str], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.stages = {name: StageStatus(name, clock) for name in stages}
        self.summary = Summary()
        self.alerts: Counter[Outcome] = Counter()
        self.newest_ms = self.handled_ms = 0
        self._beat = clock()

    def beat(self) -> None:
        """The event loop runs; called every second or so."""
        self._beat = self._clock()

    @property
    def beat_age_s(self) -> float:
        """Seconds since the event loop was seen to run."""
        return self._clock() - self._beat

    @property
    def is_ready(self) -> bool:
        """Whether every stage is."""
        return all(stage.is_ready for stage in self.stages.values())

    def troubles(self, limit_s: float) -> list[str]:
        """Sentences about what has made no progress for so many seconds."""
        age_s = self.beat_age_s
        stuck = [f"The event loop has not run for {age_s:.0f} s."] if age_s > limit_s else []
        found = [stage.trouble(limit_s) for stage in self.stages.values()]
        return stuck + [sentence for sentence in found if sentence is not None]
