"""`breakwater publish`: a file fed to the source topics."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from streams.commands.common import STDIO, plainly, print_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from streams.kafka.publishing import Published

_CHUNK: Final = 2_048
_CHUNKS_A_SECOND: Final = 10


def publish(
    file: Annotated[str, typer.Argument(help="A file of events (.gz and .zst too), or - for standard input.")],
    batch: Annotated[int, typer.Option(min=1, help="Events in a message, at most; several stand in an array.")] = 1,
    rate: Annotated[float | None, typer.Option(min=0.1, help="Events a second, at most.")] = None,
    topics: Annotated[
        list[str] | None,
        typer.Option(help="Send only what goes to this source topic (name it without the prefix; may be repeated)."),
    ] = None,
    end: Annotated[
        bool, typer.Option("--end", help="Put an end mark behind everything, in each partition that is sent to.")
    ] = False,
    settings: Annotated[Path | None, typer.Option(help="A YAML file of settings.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as one JSON object.")] = False,
) -> None:
    """Feed a file of events to Kafka, each type to its topic, each author to his partition.

    Lines are passed on as they are. An event that is larger than a message may be is left out, told with its line,
    and the status is 1.
    """
    from streams.kafka.publishing import Publisher
    from streams.kafka.publishing import publish as run
    from streams.settings import load
    from streams.sources import open_source

    chunk = _CHUNK if rate is None else max(1, min(_CHUNK, int(rate / _CHUNKS_A_SECOND)))
    with plainly(), ExitStack() as stack:
        watch = _progress(stack)
        publisher = stack.enter_context(Publisher(load(settings), batch=batch, only=topics or ()))
        lines = open_source(file, chunk)
        summary = run(publisher, lines, rate=rate, live=file == STDIO, end=end, watch=watch)
    for line, size in summary.places:
        typer.echo(
            f"breakwater: {file}, line {line}: an event of {size:,} bytes is more than a message may hold; it was left "
            "out. Send it without its text, or raise BREAKWATER_KAFKA__MAX_MESSAGE_BYTES.",
            err=True,
        )
    if json:
        print_json(summary.to_json())
    else:
        typer.echo(_in_words(summary))
    raise typer.Exit(1 if summary.too_large else 0)


def _in_words(summary: Published) -> str:
    told = f"{summary.events:,} events in {summary.messages:,} messages"
    if summary.topics:
        told += ": " + ", ".join(f"{count:,} to {topic}" for topic, count in sorted(summary.topics.items()))
    told += f"; {summary.events / max(summary.seconds, 0.001):,.0f} a second."
    if summary.skipped:
        told += f" {summary.skipped:,} of other topics left out."
    if summary.too_large:
        told += f" {summary.too_large:,} too large, left out."
    if summary.end_marks:
        told += f" End marks in {summary.end_marks} partitions."
    return told


def _progress(stack: ExitStack) -> Callable[[Published], None]:
    """What shows, on a terminal, how far it is."""
    if not sys.stderr.isatty():
        return lambda summary: None
    from rich.console import Console

    status = stack.enter_context(Console(stderr=True).status("Connecting…"))

    def watch(summary: Published) -> None:
        rate = summary.events / max(summary.seconds, 0.001)
        status.update(f"{summary.events:,} events · {rate:,.0f} a second · {summary.messages:,} messages")

    return watch
