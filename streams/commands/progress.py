"""Progress of `detect`, on a terminal only."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alerts.alert import Revision
    from streams.detection import Summary, Watcher
    from streams.runner import Runner


def shown(runner: Runner, stack: ExitStack) -> Watcher | None:
    """What shows, after every batch, how far the engine is; None when standard error is no terminal."""
    if not sys.stderr.isatty():
        return None
    from rich.console import Console

    status = stack.enter_context(Console(stderr=True).status("Reading…"))

    def watch(summary: Summary, _: list[Revision]) -> None:
        newest_ms = runner.ingests[0].clock.newest_ms
        at = "" if newest_ms is None else f"{datetime.fromtimestamp(newest_ms / 1000, UTC):%Y-%m-%d %H:%M} · "
        rate = summary.events / max(summary.seconds, 0.001)
        watched = sum(shard.watched for shard in runner.shard_statuses)
        status.update(
            f"{at}{summary.events:,} events · {rate:,.0f} a second · {summary.rejected:,} rejected · "
            f"{watched:,} watched · {summary.alerts.total():,} alerts"
        )

    return watch
