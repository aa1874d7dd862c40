"""`breakwater detect`: files or standard input through the engine, as fast as it goes."""

from __future__ import annotations

from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from alerts.alert import Revision
from streams.commands.common import fail, plainly, print_json
from streams.detection import Outputs, Summary, detect as run, written

BATCH_SIZE: Final = 20_000


class Format(StrEnum):
    """How events stand in a file."""

    EVENTS = "events"
    EDGES = "edges"


def detect(
    events: Annotated[list[str], typer.Argument(help="Files of events (.gz and .zst too), read one after the other; - is standard input.")],
    alerts: Annotated[str, typer.Option(help="Where the alerts go, one revision a line; - is standard output.")],
    rejected: Annotated[str | None, typer.Option(help="Where events go that do not fit, each with the reason.")] = None,
    format: Annotated[Format, typer.Option(help="events: JSON, one a line. edges: `author target seconds [RT|MT|RE]`.")] = Format.EVENTS,
    sort: Annotated[bool, typer.Option("--sort", help="Put the events in order of time first.")] = False,
    batch_size: Annotated[int, typer.Option(min=1, help="Lines handled at a time; changes nothing in what is said.")] = BATCH_SIZE,
    settings: Annotated[Path | None, typer.Option(help="A YAML file of settings.")] = None,
    metrics_port: Annotated[int | None, typer.Option(min=1, max=65535, help="Serve Prometheus metrics on this port, on loopback.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as one JSON object.")] = False,
) -> None:
    """Detect pile-ons in files of events."""
    if json and alerts == "-":
        fail("--json prints to standard output; name a file for --alerts.", 2)
    with plainly(), ExitStack() as stack:
        summary = _run(events, alerts, rejected, format, sort, batch_size, settings, metrics_port, stack)
    if json:
        print_json(summary.to_json())
    elif alerts != "-":
        _say(summary)


def _run(
    events: list[str],
    alerts: str,
    rejected: str | None,
    format: Format,
    sort: bool,
    batch_size: int,
    settings: Path | None,
    metrics_port: int | None,
    stack: ExitStack,
) -> Summary:
    from streams.runner import Runner
    from streams.settings import load
    from streams.sorting import edge_times, event_times, sort_lines
    from streams.sources import open_sources
    from streams.wire import Decoder, EdgeDecoder

    in_force = load(settings)
    decoder = Decoder(take_private=in_force.take_private) if format is Format.EVENTS else EdgeDecoder()
    chunks = open_sources(events, batch_size)
    if sort:
        times = event_times if format is Format.EVENTS else edge_times
        chunks = sort_lines(chunks, times, batch_size=batch_size)
    runner = Runner(in_force)
    outputs = Outputs(stack.enter_context(written(alerts)))
    if rejected is not None:
        outputs.rejected = stack.enter_context(written(rejected))
    return run(chunks, decoder, runner, outputs)


def _say(summary: Summary) -> None:
    found = summary.to_json()
    verdicts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in found["alerts"].items())
    typer.echo(
        f"{summary.events:,} events in {summary.seconds:.1f} s: {summary.accepted:,} accepted, "
        f"{summary.rejected:,} rejected, {summary.duplicates:,} duplicates, {summary.mended:,} mended, "
        f"{summary.late:,} late, {summary.private:,} private. Alerts: {verdicts}."
    )
