"""The topology: which stage reads and writes which topic, and what it does with a message. This page shows all of it.

    comments, replies, context ─► ingest ──► .authored ──► authors ──► .interactions ──► shard ──► .alerts, .evidence
                                    │                         ⇅                          ⇅ ▲ └───► .cases, .signals
                                    ▼                   .state.authors        .state.shard .control
                                .rejected
    .signals, .feedback ─► learner ──► .control
                              ⇅
                        .state.learner

Names that begin with a dot stand for those that begin with `breakwater.`. Each stage is a Faust app of its own, with one
agent and one consumer group. Between stages interactions travel in frames: whole seconds of one source, for one
partition. A stage handles a second when all of its sources have passed it, so it does not matter how messages of
different partitions arrive, nor how many workers there are. The learner has one partition, that of `.feedback`; what the
shards looked at it follows beside it, all of them, and so does each shard what the learner says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import faust
from faust.types import TP

from alerts.alert import Engine
from detectors.model import Model
from streams.kafka.names import (
    AUTHORED,
    AUTHORS_STATE,
    FEEDBACK,
    INTERACTIONS,
    LEARNER_STATE,
    SHARD_STATE,
    Stage,
    full,
    numbered,
)
from streams.settings import Settings, hostility_of
from streams.stages.authors import AuthorsStage
from streams.stages.learner import LearnerStage
from streams.stages.shard import LONGEST_S, ShardStage
from streams.status import WorkerStatus
from streams.workers.app import AGENT, TAKE, WITHIN_S, make_app, read_topics
from streams.workers.authoring import AuthorsHost
from streams.workers.ingesting import IngestHost
from streams.workers.learning import LearnerHost
from streams.workers.sharding import ShardHost

Host = IngestHost | AuthorsHost | ShardHost | LearnerHost
H = TypeVar("H", IngestHost, AuthorsHost, ShardHost, LearnerHost)


@dataclass(frozen=True, slots=True)
class Layout:
    """What is there to be read: partitions by topic, without the prefix."""

    sources: dict[str, int]
    authored: int
    interactions: int

    @property
    def source_count(self) -> int:
        """How many sources there are."""
        return sum(self.sources.values())


@dataclass(frozen=True, slots=True)
class Deployment:
    """What every stage of a worker is made from."""

    settings: Settings
    layout: Layout
    model: Model
    engine: Engine
    status: WorkerStatus
    folder: Path


def ingest(of: Deployment) -> IngestHost:
    """Events of the sources: decoded, checked, mended, and cut into frames for the authors."""
    app = make_app(of.settings.kafka, Stage.INGEST, of.folder)
    topics = {full(of.settings.kafka, name): partitions for name, partitions in of.layout.sources.items()}
    numbers = {TP(source.topic, source.partition): number for number, source in enumerate(numbered(topics))}
    return _run(app, Stage.INGEST, list(topics), IngestHost(app, of.settings, numbers, of.layout.authored, of.status))


def authors(of: Deployment) -> AuthorsHost:
    """Frames by author: duplicates dropped, what the author's own history tells added, routed to the shards."""
    kafka = of.settings.kafka
    app = make_app(kafka, Stage.AUTHORS, of.folder)
    topic, state = full(kafka, AUTHORED), full(kafka, AUTHORS_STATE)
    duplicate_s = LONGEST_S + of.settings.allowed_lateness_s

    def make(number: int) -> AuthorsStage:
        return AuthorsStage(number, of.layout.source_count, duplicate_s)

    return _run(
        app,
        Stage.AUTHORS,
        [topic],
        AuthorsHost(app, kafka, topic, state, make, of.engine.version, of.status, of.layout.interactions),
    )


def shard(of: Deployment) -> ShardHost:
    """Frames by subject: windows, gate, deep look, episodes; alert revisions come out."""
    kafka = of.settings.kafka
    app = make_app(kafka, Stage.SHARD, of.folder)
    topic, state = full(kafka, INTERACTIONS), full(kafka, SHARD_STATE)
    salt, hostility = of.settings.evidence_salt.get_secret_value(), hostility_of(of.settings)

    def make(_: int) -> ShardStage:
        return ShardStage(
            of.layout.authored,
            of.model,
            of.engine,
            salt,
            hostility,
            waits=True,
            evidence=True,
            evidence_text=of.settings.evidence_text,
        )

    return _run(
        app,
        Stage.SHARD,
        [topic],
        ShardHost(app, kafka, topic, state, make, of.engine.version, of.status),
    )


def learner(of: Deployment) -> LearnerHost:
    """What shards looked at, and what analysts decided; control records come out."""
    kafka = of.settings.kafka
    app = make_app(kafka, Stage.LEARNER, of.folder)
    topic, state = full(kafka, FEEDBACK), full(kafka, LEARNER_STATE)

    def make(_: int) -> LearnerStage:
        return LearnerStage(of.layout.interactions, of.model)

    return _run(
        app,
        Stage.LEARNER,
        [topic],
        LearnerHost(app, kafka, topic, state, make, of.engine.version, of.status, of.layout.interactions),
    )


STAGES: Final[dict[Stage, Callable[[Deployment], Host]]] = {
    Stage.INGEST: ingest,
    Stage.AUTHORS: authors,
    Stage.SHARD: shard,
    Stage.LEARNER: learner,
}
"""How each stage is made."""


def _run(app: faust.App, stage: Stage, topics: list[str], host: H) -> H:
    """One agent that hands messages to the host, and one task that commits what came of them."""

    async def agent(stream: Any) -> None:
        async for events in stream.noack_take(TAKE, within=WITHIN_S[stage]):
            await host.take([event.message for event in events])

    app.agent(read_topics(app, topics), name=f"{app.conf.id}.agent", **AGENT)(agent)
    app.task(host.commit_for_ever)
    if isinstance(host, ShardHost | LearnerHost):
        app.task(host.follow_for_ever)
    return host
