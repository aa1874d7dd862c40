"""Prometheus metrics, of the embedded engine and of a worker: the same names for the same things.

The embedded engine's are read from its counters after every batch and served on loopback; a worker's are served by
`streams.health`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import Final

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from detectors.learner import Result
from detectors.verdict import Outcome
from streams.detection import Summary
from streams.frames import TICK_MS
from streams.runner import DISTRIBUTION, Runner
from streams.stages.authors import AuthorsStage
from streams.stages.learner import LearnerStage
from streams.stages.shard import ShardCounts, ShardStage, ShardStatus
from streams.status import StageStatus, WorkerStatus
from streams.wire import MENDS, REASONS
from streams.wire.schema import FIELDS

ADDRESS: Final = "127.0.0.1"

_OPTIONAL: Final = [field.name for field in FIELDS if not field.required]
_TOTALS: Final[list[tuple[str, str, Callable[[StageStatus], float]]]] = [
    ("breakwater_frames_in", "Frames that a stage took.", lambda stage: stage.frames_in),
    ("breakwater_frames_out", "Frames that a stage gave.", lambda stage: stage.frames_out),
    ("breakwater_rows_in", "Rows that a stage took.", lambda stage: stage.rows_in),
    ("breakwater_rows_out", "Rows that a stage gave.", lambda stage: stage.rows_out),
    ("breakwater_commits", "Commits of a stage.", lambda stage: stage.commits),
    ("breakwater_rebalances", "Assignments that a stage was given.", lambda stage: stage.rebalances),
    ("breakwater_restores", "Assignments that a stage restored wholly.", lambda stage: stage.restores),
    ("breakwater_restore_seconds", "Time from assignment to that.", lambda stage: stage.restore_seconds),
]


class PortInUseError(Exception):
    """The metrics cannot be served on the port."""


class EngineMetrics(Collector):
    """What the engine counts, as it was after the last batch.

    A scrape comes on a thread of its own, so it is given what `observe` noted, never the engine itself.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._found: list[Metric] = []
        self.observe(Summary())

    def observe(self, summary: Summary) -> None:
        """Note how things stand; called between batches."""
        runner = self._runner
        newest_ms = max((ingest.clock.newest_ms or 0 for ingest in runner.ingests), default=0)
        shards = runner.shard_statuses
        handled_ms = min(shard.tick for shard in shards) * TICK_MS
        counts = _sum(shard.counts for shard in shards)
        self._found = [
            *_of_summary(summary),
            _delay(newest_ms, handled_ms),
            *_of_stages(runner.authors, shards, counts),
            *_of_learner([] if runner.learner is None else [runner.learner], shards),
            _opened(counts.alerts),
            _build(),
        ]

    def collect(self) -> Iterable[Metric]:
        """What was noted last."""
        return self._found


class WorkerMetrics(Collector):
    """What a worker counts: how its stages stand now, and what is in memory as it was when last noted."""

    def __init__(self, status: WorkerStatus) -> None:
        self._status = status
        self._gone = ShardCounts()
        self._noted: list[Metric] = []
        self.observe((), ())

    def observe(
        self,
        authors: Collection[AuthorsStage],
        shards: Collection[ShardStage],
        learners: Collection[LearnerStage] = (),
    ) -> None:
        """Note what the stages that the worker has now hold in memory; called on the event loop, every second or so."""
        statuses = [shard.status for shard in shards]
        self._noted = [
            *_of_stages(authors, statuses, _sum([self._gone, *(one.counts for one in statuses)])),
            *_of_learner(learners, statuses),
        ]

    def retire(self, shard: ShardStage) -> None:
        """A shard leaves this worker; what it did still counts."""
        self._gone = _sum([self._gone, shard.counts])

    def collect(self) -> Iterable[Metric]:
        """How things stand."""
        status = self._status
        stages = [*status.stages.values()]
        return [
            *_of_summary(status.summary),
            _delay(status.newest_ms, status.handled_ms),
            *self._noted,
            _opened(status.alerts),
            _gauge("breakwater_heartbeat_age_seconds", "Time since the event loop ran.", status.beat_age_s),
            *(_by_stage(name, meaning, stages, total) for name, meaning, total in _TOTALS),
            *_of_assignments(stages),
            _build(),
        ]


@contextmanager
def served(metrics: EngineMetrics, port: int) -> Iterator[int]:
    """Serve metrics on a port of loopback (0: any that is free) for as long as the context lasts; gives the port.

    Raises
    ------
    PortInUseError
        If nothing can listen there.
    """
    registry = CollectorRegistry()
    registry.register(metrics)
    try:
        server, thread = start_http_server(port, ADDRESS, registry)
    except OSError as error:
        message = f"Metrics cannot be served on port {port} ({error.strerror}); name another --metrics-port."
        raise PortInUseError(message) from error
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _of_summary(summary: Summary) -> list[Metric]:
    results = {
        "accepted": summary.accepted,
        "rejected": summary.rejected,
        "duplicate": summary.duplicates,
        "private": summary.private,
    }
    reasons = {code: summary.reasons[code] for code in REASONS}
    mends = {what: summary.mends[what] for what in (*MENDS, *_OPTIONAL)}
    return [
        _by("breakwater_events", "Events by what became of them.", "result", results),
        _by("breakwater_rejected", "Events refused, by reason.", "reason", reasons),
        _by("breakwater_mended", "What was mended in events: cut, replaced or left out.", "what", mends),
        _total("breakwater_late_events", "Events that came after their second had been handled.", summary.late),
    ]


def _of_stages(authors: Collection[AuthorsStage], shards: Collection[ShardStatus], counts: ShardCounts) -> list[Metric]:
    return [
        _total("breakwater_interactions", "Rows handed to the windows.", counts.rows),
        _gauge("breakwater_window_rows", "Rows in the exact windows.", sum(one.rows for one in shards)),
        _gauge("breakwater_window_subjects", "Subjects remembered.", sum(one.subjects for one in shards)),
        _gauge("breakwater_window_ties", "Pairs of subject and account remembered.", sum(one.ties for one in shards)),
        _gauge(
            "breakwater_window_calls", "Posts and quotes that pointed at an account.", sum(one.calls for one in shards)
        ),
        _gauge("breakwater_authors", "Authors remembered.", sum(stage.authors for stage in authors)),
        _gauge("breakwater_watched_subjects", "Subjects being watched.", sum(one.watched for one in shards)),
        _total("breakwater_gate_passes", "Subjects that the gate let through.", counts.gate_passes),
        _total("breakwater_looks", "Deep looks at a subject.", counts.looks),
        _total("breakwater_look_seconds", "Time that deep looks took.", counts.look_seconds),
        _gauge("breakwater_open_episodes", "Episodes that are not over.", sum(one.open_episodes for one in shards)),
    ]


def _of_learner(learners: Collection[LearnerStage], shards: Collection[ShardStatus]) -> list[Metric]:
    results = {result.value: sum(one.learner.results[result] for one in learners) for result in Result}
    trust = [one.learner.trust for one in learners]
    alone = sum(one.is_alone for one in shards)
    return [
        _by("breakwater_feedback", "Analysts' decisions, by what became of them.", "result", results),
        _gauge("breakwater_feedback_weight", "What decisions weigh together.", sum(one.weight for one in trust)),
        _gauge("breakwater_feedback_discounted", "How much less that is.", sum(one.discounted for one in trust)),
        _gauge("breakwater_distrusted_analysts", "Those who weigh nothing.", sum(one.distrusted for one in trust)),
        _gauge("breakwater_control_epoch", "The epoch being learnt.", max((one.epoch for one in learners), default=0)),
        _gauge(
            "breakwater_control_revision",
            "How often what was learnt has changed.",
            max((one.learner.revision for one in learners), default=0),
        ),
        _gauge("breakwater_shards_alone", "Shards that go on though nothing is heard of the learner.", alone),
    ]


def _sum(counts: Iterable[ShardCounts]) -> ShardCounts:
    total = ShardCounts()
    for one in counts:
        total.rows += one.rows
        total.gate_passes += one.gate_passes
        total.looks += one.looks
        total.look_seconds += one.look_seconds
        for outcome, opened in one.alerts.items():
            total.alerts[outcome] += opened
    return total


def _opened(alerts: Mapping[Outcome, int]) -> Metric:
    by_verdict = {outcome.value: alerts.get(outcome, 0) for outcome in Outcome}
    return _by("breakwater_alerts", "Alerts opened, by their first verdict.", "verdict", by_verdict)


def _delay(newest_ms: int, handled_ms: int) -> Metric:
    return _gauge(
        "breakwater_watermark_delay_seconds",
        "How far, in event time, what was handled lies behind the newest event accepted.",
        max(0, newest_ms - handled_ms) / 1000 if handled_ms else 0.0,
    )


def _build() -> Metric:
    build = GaugeMetricFamily("breakwater_build_info", "Which program this is.", labels=["version"])
    build.add_metric([version(DISTRIBUTION)], 1)
    return build


def _by_stage(name: str, meaning: str, stages: Iterable[StageStatus], total: Callable[[StageStatus], float]) -> Metric:
    return _by(name, meaning, "stage", {stage.name: total(stage) for stage in stages})


def _of_assignments(stages: Iterable[StageStatus]) -> list[Metric]:
    by_stage, by_partition = ["stage"], ["stage", "partition"]
    assigned = GaugeMetricFamily("breakwater_assigned_partitions", "Partitions that a stage has here.", labels=by_stage)
    restoring = GaugeMetricFamily("breakwater_restoring_partitions", "Those not restored yet.", labels=by_stage)
    age = GaugeMetricFamily("breakwater_commit_age_seconds", "Time since the last commit.", labels=by_stage)
    left = GaugeMetricFamily("breakwater_restore_left_messages", "Messages left to restore from.", labels=by_partition)
    position = GaugeMetricFamily("breakwater_position_messages", "Offset of the next message.", labels=by_partition)
    end = GaugeMetricFamily("breakwater_end_messages", "Offset of the message to come.", labels=by_partition)
    lag = GaugeMetricFamily("breakwater_lag_messages", "Messages that were not read.", labels=by_partition)
    for stage in stages:
        partitions = dict(stage.partitions or {})
        assigned.add_metric([stage.name], len(partitions))
        restoring.add_metric([stage.name], sum(not one.restored for one in partitions.values()))
        age_s = stage.commit_age_s
        if age_s is not None:
            age.add_metric([stage.name], age_s)
        for number, one in partitions.items():
            labels = [stage.name, str(number)]
            remaining = 0 if one.restored else one.left
            if remaining is not None:
                left.add_metric(labels, remaining)
            if one.position is not None and one.end is not None:
                position.add_metric(labels, one.position)
                end.add_metric(labels, one.end)
                lag.add_metric(labels, one.lag)
    return [assigned, restoring, age, left, position, end, lag]


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=value)


def _total(name: str, meaning: str, value: float) -> Metric:
    return CounterMetricFamily(name, meaning, value=value)


def _by(name: str, meaning: str, label: str, values: Mapping[str, float]) -> Metric:
    family = CounterMetricFamily(name, meaning, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
