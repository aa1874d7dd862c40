"""Prometheus metrics of the embedded engine: read from its counters after every batch, served on loopback."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import Final

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from detectors.verdict import Outcome
from streams.detection import Summary
from streams.frames import TICK_MS
from streams.runner import DISTRIBUTION, Runner
from streams.wire import MENDS, REASONS
from streams.wire.schema import FIELDS

ADDRESS: Final = "127.0.0.1"

_OPTIONAL: Final = [field.name for field in FIELDS if not field.required]


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
        self._found = [*_of_summary(summary), *_of_runner(self._runner)]

    def collect(self) -> Iterable[Metric]:
        """What was noted last."""
        return self._found


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


def _of_runner(runner: Runner) -> list[Metric]:
    shards = runner.shards
    counts = [shard.counts for shard in shards]
    alerts = {outcome.value: sum(one.alerts[outcome] for one in counts) for outcome in Outcome}
    build = GaugeMetricFamily("breakwater_build_info", "Which program this is.", labels=["version"])
    build.add_metric([version(DISTRIBUTION)], 1)
    return [
        _gauge(
            "breakwater_watermark_delay_seconds",
            "How far, in event time, what was handled lies behind the newest event accepted.",
            _delay_s(runner),
        ),
        _total("breakwater_interactions", "Rows handed to the windows.", sum(one.rows for one in counts)),
        _gauge("breakwater_window_rows", "Rows in the exact windows.", sum(len(shard.window.ring) for shard in shards)),
        _gauge("breakwater_window_subjects", "Subjects remembered.", sum(shard.window.subjects for shard in shards)),
        _gauge(
            "breakwater_window_ties", "Pairs of subject and account remembered.", sum(one.window.ties for one in shards)
        ),
        _gauge("breakwater_authors", "Authors remembered.", sum(stage.authors for stage in runner.authors)),
        _gauge("breakwater_watched_subjects", "Subjects being watched.", sum(shard.watched for shard in shards)),
        _total("breakwater_gate_passes", "Subjects that the gate let through.", sum(one.gate_passes for one in counts)),
        _total("breakwater_looks", "Deep looks at a subject.", sum(one.looks for one in counts)),
        _total("breakwater_look_seconds", "Time that deep looks took.", sum(one.look_seconds for one in counts)),
        _by("breakwater_alerts", "Alerts opened, by their first verdict.", "verdict", alerts),
        _gauge("breakwater_open_episodes", "Episodes that are not over.", sum(len(one.episodes) for one in shards)),
        build,
    ]


def _delay_s(runner: Runner) -> float:
    newest_ms = max((ingest.clock.newest_ms or 0 for ingest in runner.ingests), default=0)
    handled_ms = min(shard.tick for shard in runner.shards) * TICK_MS
    return max(0, newest_ms - handled_ms) / 1000 if handled_ms else 0.0


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=value)


def _total(name: str, meaning: str, value: float) -> Metric:
    return CounterMetricFamily(name, meaning, value=value)


def _by(name: str, meaning: str, label: str, values: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, meaning, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
