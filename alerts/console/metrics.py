"""What the console counts, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from alerts.console.access.clock import now_ms
from alerts.console.feed import ALERTS, CAMPAIGNS, EVIDENCE

if TYPE_CHECKING:
    from alerts.console.service import Console

_TOPICS: Final = (ALERTS, EVIDENCE, CAMPAIGNS)
_DATABASE_S: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
_DELAY_S: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)


class ConsoleMetrics(Collector):
    """A registry of its own."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._registry = CollectorRegistry()
        self._database = Histogram(
            "breakwater_console_database_seconds",
            "Time that transactions took.",
            ["kind"],
            buckets=_DATABASE_S,
            registry=self._registry,
        )
        self._delay = Histogram(
            "breakwater_console_delay_seconds",
            "Time from a record being written to its being stored, of the oldest record of each transaction.",
            buckets=_DELAY_S,
            registry=self._registry,
        )
        self._registry.register(self)

    def database(self, kind: str, seconds: float) -> None:
        """A transaction took so long."""
        self._database.labels(kind).observe(seconds)

    def stored(self, seconds: float) -> None:
        """A record was stored so long after it was written."""
        self._delay.observe(seconds)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)

    def collect(self) -> Iterable[Metric]:
        """How things stand now."""
        console = self._console
        counts, outbox, pulse = console.hub.counts, console.sender.status, console.pulse
        oldest_ms = outbox.oldest_ms
        yield _gauge("stream_clients", "Who watches the stream.", counts.clients)
        yield _total("stream_messages", "Messages sent to them.", counts.messages)
        yield _total("stream_rows", "Cases in these messages.", counts.rows)
        yield _total(
            "stream_superseded_changes", "Changes not sent, since a later one overtook them.", counts.superseded
        )
        yield _total("stream_resets", "How often one who watched was too far behind.", counts.resets)
        yield _gauge("outbox_messages", "Decisions that were not sent yet.", outbox.waiting)
        yield _gauge(
            "outbox_age_seconds",
            "Since when the oldest of them waits.",
            0.0 if oldest_ms is None else max(0, now_ms() - oldest_ms) / 1000,
        )
        yield _total("outbox_sent", "Decisions sent.", outbox.sent)
        yield _total("outbox_failures", "Times that they could not be sent.", outbox.failures)
        yield _gauge("stale", "Whether what is shown may be old.", console.is_stale)
        if pulse.behind is not None:
            yield _gauge("lag_messages", "Records that were not read yet.", pulse.behind)
        if console.follower is not None:
            status = console.follower.status
            yield _gauge("feed_away", "Whether what is followed cannot be reached.", status.feed_away is not None)
            yield _gauge("database_away", "Whether the database cannot be reached.", status.database_away is not None)
            if status.heard_at is not None:
                yield _gauge("feed_age_seconds", "Since when the feed is silent.", monotonic() - status.heard_at)
            yield _by_topic("records", "Records stored.", status.records)
            yield _by_topic("malformed_records", "Records that cannot be read.", status.malformed)
        build = GaugeMetricFamily("breakwater_build_info", "Which program this is.", labels=["version"])
        build.add_metric([console.version], 1)
        yield build


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"breakwater_console_{name}", meaning, value=value)


def _total(name: str, meaning: str, value: float) -> Metric:
    return CounterMetricFamily(f"breakwater_console_{name}", meaning, value=value)


def _by_topic(name: str, meaning: str, counts: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(f"breakwater_console_{name}", meaning, labels=["topic"])
    for topic in _TOPICS:
        family.add_metric([topic], counts.get(topic, 0))
    return family
