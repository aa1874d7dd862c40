"""The embedded runner: the same stages as on Kafka, called one after the other, the shards elsewhere if that is wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Final

from alerts.alert import Engine, Revision
from alerts.chunk import Chunk
from detectors.hostility import HostilityModel
from detectors.learner import Feedback
from detectors.model import Model, shipped
from graph.columns import Batch
from streams.apart import ShardProcess
from streams.frames import Frame
from streams.garbage import no_collection
from streams.ingest import Ingest
from streams.notices import to_authors
from streams.partition import by_hash, by_subject
from streams.settings import Settings, hostility_of
from streams.stages.authors import AuthorsStage
from streams.stages.control import ControlRecord
from streams.stages.learner import LearnerStage
from streams.stages.shard import LONGEST_S, ShardStage, ShardStatus
from streams.stages.signals import SignalRecord
from streams.wire import Decoded, Refusal

Split = Callable[[Batch, int], list[Batch]]
DISTRIBUTION: Final = "breakwater"


class Runner:
    """Ingest, authors and shards, each with so many partitions.

    Parameters
    ----------
    settings
        What is set.
    sources
        How many source partitions there are.
    partitions
        How many partitions the authors and the shard stage have; what is said does not depend on it.
    model, hostility
        Figures and weights of the verdict, and what tells how hostile a text is, if not the shipped ones.
    feedback
        What analysts decided, in the order of their times. Without it there is no learner: it would change nothing.
    processes
        In how many processes of their own the shards are; 1: in this one. Of more, each has one partition, whatever
        `partitions` says, revisions come with a later call than else, though in the same order, there are no signals and no
        learner, and the runner has to be closed.
    evidence
        Whether what the alerts rest on is wanted too.

    Attributes
    ----------
    shards
        Those in this process.
    learner
        None without feedback.
    control
        What the learner has said so far.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        sources: int = 1,
        partitions: int = 1,
        model: Model | None = None,
        hostility: HostilityModel | None = None,
        feedback: Sequence[Feedback] | None = None,
        processes: int = 1,
        evidence: bool = False,
    ) -> None:
        if processes > 1 and feedback is not None:
            raise ValueError("what shards in other processes look at is not learnt from")
        model, hostility = model or shipped(), hostility or hostility_of(settings)
        engine = Engine(version(DISTRIBUTION), settings.digest, model.name)
        lateness_ms, future_ms = 1000 * settings.allowed_lateness_s, 1000 * settings.future_s
        salt = settings.evidence_salt.get_secret_value()
        duplicate_s = LONGEST_S + settings.allowed_lateness_s
        self.ingests = [
            Ingest(source, allowed_lateness_ms=lateness_ms, future_ms=future_ms) for source in range(sources)
        ]
        self.authors = [AuthorsStage(number, sources, duplicate_s) for number in range(partitions)]
        waits = feedback is not None
        count = partitions if processes == 1 else processes
        shards = [
            ShardStage(
                partitions,
                model,
                engine,
                salt,
                hostility,
                waits=waits,
                evidence=evidence,
                evidence_text=settings.evidence_text,
            )
            for _ in range(count)
        ]
        self.shards = shards if processes == 1 else []
        self._apart: list[ShardProcess] = [] if processes == 1 else list(map(ShardProcess, shards))
        self.control: list[ControlRecord] = []
        self.learner: LearnerStage | None = None
        if feedback is not None:
            self.learner = LearnerStage(partitions, model)
            self.learner.decide_all(feedback)
            self._learn(self.learner, [])
        self.signals: list[SignalRecord] = []
        """What the shards looked at during the last `push`, `handle` or `end`, in order."""
        self.evidence: list[Chunk] = []
        """What the alerts rest on, as far as it was due during the last `push`, `handle` or `end`, if it is wanted; by
        tick, alert, revision and part.
        """

    def push(self, decoded: Decoded, source: int = 0) -> list[Revision]:
        """Take what was decoded of a source; the revisions that became due."""
        self.signals, self.evidence = [], []
        frame = self.ingests[source].push(decoded)
        return [] if frame is None else self.handle(frame)

    def end(self) -> list[Revision]:
        """Every source has come to its end: the revisions that are still due."""
        signals: list[SignalRecord] = []
        evidence: list[Chunk] = []
        revisions: list[Revision] = []
        for ingest in self.ingests:
            revisions += self.handle(ingest.end())
            signals += self.signals
            evidence += self.evidence
        if self._apart:
            revisions += self._exchange()
            evidence += self.evidence
        self.signals, self.evidence = signals, evidence
        return revisions

    def close(self) -> None:
        """Let processes that it has started end."""
        for process in self._apart:
            process.close()

    @property
    def shard_statuses(self) -> list[ShardStatus]:
        """How the shards stand."""
        return [shard.status for shard in self.shards] + [process.status for process in self._apart]

    def handle(self, frame: Frame) -> list[Revision]:
        """Take a frame of a source through all stages."""
        with no_collection():
            return self._handle(frame)

    def _handle(self, frame: Frame) -> list[Revision]:
        for author, part in zip(self.authors, _deal(frame, to_authors, len(self.authors)), strict=True):
            author.feed(part)
        for author in self.authors:
            routed = author.advance()
            if routed is None:
                continue
            shards: Sequence[ShardStage | ShardProcess] = self._apart or self.shards
            split = by_hash if self._apart else by_subject
            for shard, part in zip(shards, _deal(routed, split, len(shards)), strict=True):
                shard.feed(part)
        if self._apart:
            return self._exchange()
        revisions: list[Revision] = []
        signals: list[SignalRecord] = []
        while True:
            revisions += [one for shard in self.shards for one in shard.advance()]
            looked = [one for shard in self.shards for one in shard.looks.drain()]
            signals += looked
            if self.learner is None or not self._learn(self.learner, looked):
                break
        self.signals = sorted(signals, key=lambda one: one.order)
        self._take_evidence()
        return _in_order(revisions)

    def _exchange(self) -> list[Revision]:
        """Send on what the processes were fed; what came of what they had."""
        revisions = [one for process in self._apart for one in process.exchange()]
        self._take_evidence()
        return _in_order(revisions)

    def _take_evidence(self) -> None:
        shards: Sequence[ShardStage | ShardProcess] = self._apart or self.shards
        self.evidence = sorted((one for shard in shards for one in shard.take_evidence()), key=lambda one: one[:4])

    def _learn(self, learner: LearnerStage, looked: list[SignalRecord]) -> bool:
        """Let the learner learn from what the shards looked at, and tell them what follows; whether anything does."""
        for record in looked:
            learner.look(record)
        for number, shard in enumerate(self.shards):
            learner.mark(number, shard.mark)
        said = learner.advance()
        self.control += said
        for shard in self.shards:
            for one in said:
                shard.control.take(one)
        return bool(said)

    def refusals(self) -> list[Refusal]:
        """Events that ingest refused since the last call, for lying in the future."""
        found = [refusal for ingest in self.ingests for refusal in ingest.refused]
        for ingest in self.ingests:
            ingest.refused.clear()
        return found

    @property
    def duplicates(self) -> int:
        """Events dropped because the same author had sent the same id."""
        return sum(author.duplicates for author in self.authors)


def _in_order(revisions: list[Revision]) -> list[Revision]:
    return sorted(revisions, key=lambda one: (one.tick, one.id, one.revision))


def _deal(frame: Frame, split: Split, partitions: int) -> list[Frame]:
    return [frame._replace(batch=batch) for batch in split(frame.batch, partitions)]
