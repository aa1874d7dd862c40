"""`breakwater worker`: run stages on Kafka."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streams.commands.common import fail, plainly


def worker(
    stages: Annotated[
        list[str] | None, typer.Argument(help="ingest, authors, shard, learner; all of them if none is named.")
    ] = None,
    settings: Annotated[Path | None, typer.Option(help="A YAML file of settings.")] = None,
) -> None:
    """Run stages on Kafka until told to stop (SIGTERM or Ctrl-C).

    Any number of workers share the partitions. Health, readiness and metrics are served over HTTP.
    """
    from streams.kafka.names import Stage

    known = [stage.value for stage in Stage]
    for name in stages or ():
        if name not in known:
            fail(f"There is no stage {name!r}; name {', '.join(known)}.", 2)
    with plainly():
        from streams.allocator import give_back_large_arrays
        from streams.logs import log_to_stderr
        from streams.settings import load
        from streams.worker import run

        log_to_stderr()
        give_back_large_arrays()
        run(load(settings), [stage for stage in Stage if not stages or stage.value in stages])
