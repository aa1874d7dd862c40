"""A worker: stages in one process, each a Faust app, under one of Faust's workers."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import faust

from alerts.alert import Engine
from detectors.model import shipped
from streams.frames import TICK_MS
from streams.health import shown
from streams.kafka.connection import administration
from streams.kafka.names import AUTHORED, INTERACTIONS, Stage, full
from streams.kafka.topics import problems
from streams.metrics import PortInUseError, WorkerMetrics
from streams.runner import DISTRIBUTION
from streams.settings import HttpSettings, Settings
from streams.stages.shard import ShardStage
from streams.status import WorkerStatus
from streams.topology import STAGES, Deployment, Host, Layout
from streams.workers.authoring import AuthorsHost
from streams.workers.learning import LearnerHost
from streams.workers.sharding import ShardHost
from streams.workers.stateful import StatefulHost

STOP_S: Final = 9.0
"""How long a worker that was asked to stop may take."""
STUCK_S: Final = 120.0
"""After how long without progress, though there is work, the process ends: the log is still there."""

_EXIT_FAILED: Final = 1
_WATCH_S: Final = 1.0

log = logging.getLogger(__name__)


class NotReadyError(Exception):
    """Something that the stages need is missing; the text says what."""


def run(settings: Settings, stages: Collection[Stage]) -> None:
    """Run stages until the process is asked to stop; does not return.

    Raises
    ------
    NotReadyError
        If a topic, partitions or rights are missing.
    UnavailableError
        If no broker answers.
    PortInUseError
        If health and metrics cannot be shown.
    """
    missing = problems(settings, stages)
    if missing:
        raise NotReadyError("\n".join(missing))
    status = WorkerStatus([stage.value for stage in stages])
    metrics = WorkerMetrics(status)
    with tempfile.TemporaryDirectory(prefix="breakwater-") as folder:
        model = shipped()
        deployment = Deployment(
            settings=settings,
            layout=_layout(settings),
            model=model,
            engine=Engine(version(DISTRIBUTION), settings.digest, model.name),
            status=status,
            folder=Path(folder),
        )
        hosts: list[Host] = [STAGES[stage](deployment) for stage in stages]
        with _shown(status, metrics, settings.http) as port:
            log.info("Health and metrics are at http://%s:%d/", settings.http.host, port)
            _serve(hosts, status, metrics)


@contextmanager
def _shown(status: WorkerStatus, metrics: WorkerMetrics, http: HttpSettings) -> Iterator[int]:
    """Health and metrics at the port that is set; at any free one if none is and another worker has the usual one."""
    with ExitStack() as stack:
        try:
            port = stack.enter_context(shown(status, metrics, http.host, http.port))
        except PortInUseError:
            if "port" in http.model_fields_set:
                raise
            port = stack.enter_context(shown(status, metrics, http.host, 0))
        yield port


def _layout(settings: Settings) -> Layout:
    kafka = settings.kafka
    names = {name: full(kafka, name) for name in (*kafka.sources, AUTHORED, INTERACTIONS)}
    with administration(kafka) as client:
        described = {one["name"]: len(one["partitions"]) for one in client.describe_topics(list(names.values()))}
    partitions = {name: described[there] for name, there in names.items()}
    return Layout({name: partitions[name] for name in kafka.sources}, partitions[AUTHORED], partitions[INTERACTIONS])


class FaustWorker(faust.Worker):
    """Faust's worker, which ends the process though something hangs, and draws nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, redirect_stdouts=False, override_logging=False, quiet=True, **kwargs)
        self.spinner = None

    def _on_sigterm(self) -> None:
        self._stop_in_time()
        super()._on_sigterm()

    def _on_sigint(self) -> None:
        self._stop_in_time()
        super()._on_sigint()

    def _stop_in_time(self) -> None:
        timer = threading.Timer(STOP_S, os._exit, (_EXIT_FAILED,))
        timer.daemon = True
        timer.start()


def _serve(hosts: list[Host], status: WorkerStatus, metrics: WorkerMetrics) -> None:
    first, *others = [host.app for host in hosts]
    for host in hosts:
        host.app.on_before_shutdown.connect(_closing(host), weak=False)
    first.task(_watching(hosts, status, metrics))
    FaustWorker(first, *others).execute_from_commandline()


def _closing(host: Host) -> Callable[..., Awaitable[None]]:
    async def close(*_: Any, **__: Any) -> None:
        await host.close()

    return close


def _watching(hosts: list[Host], status: WorkerStatus, metrics: WorkerMetrics) -> Callable[[], Awaitable[None]]:
    """What is done every second beside the stages: note how they stand, and end the process when they are stuck."""

    async def watch() -> None:
        _end_when_stuck(status)
        known: list[ShardStage] = []
        while not hosts[0].app.should_stop:
            status.beat()
            for host in hosts:
                if host.holding.held:
                    await host.refresh()
            authors = [held.place.keeper for host in hosts if isinstance(host, AuthorsHost) for held in _held(host)]
            shards = [held.place.keeper for host in hosts if isinstance(host, ShardHost) for held in _held(host)]
            learners = [held.place.keeper for host in hosts if isinstance(host, LearnerHost) for held in _held(host)]
            for shard in known:
                if not any(shard is one for one in shards):
                    metrics.retire(shard)
            known = shards
            metrics.observe(authors, shards, learners)
            status.handled_ms = TICK_MS * min((shard.tick for shard in shards), default=0)
            await asyncio.sleep(_WATCH_S)

    return watch


def _held(host: StatefulHost[Any]) -> Iterable[Any]:
    return host.holding.held.values()


def _end_when_stuck(status: WorkerStatus) -> None:
    """On a thread of its own, for an event loop that hangs tells nobody."""

    def look() -> None:
        while True:
            time.sleep(_WATCH_S)
            troubles = status.troubles(STUCK_S)
            if troubles:
                log.critical("The worker ends, to be started again: %s", " ".join(troubles))
                os._exit(_EXIT_FAILED)

    threading.Thread(target=look, name="watchdog", daemon=True).start()
