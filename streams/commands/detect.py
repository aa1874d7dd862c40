"""`breakwater detect`: files or standard input through the engine, as fast as it goes."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from streams.commands.common import STDIO, Format, decoder_of, fail, plainly, print_json

if TYPE_CHECKING:
    from alerts.alert import Revision
    from streams.detection import Summary, Watcher
    from streams.runner import Runner

BATCH_SIZE: Final = 8_000
_Outputs = tuple[str, str | None, str | None]
"""Where alerts, refusals and evidence go."""


def detect(
    events: Annotated[
        list[str],
        typer.Argument(help="Files of events (.gz and .zst too), read one after the other; - is standard input."),
    ],
    alerts: Annotated[str, typer.Option(help="Where the alerts go, one revision a line; - is standard output.")],
    rejected: Annotated[str | None, typer.Option(help="Where events go that do not fit, each with the reason.")] = None,
    evidence: Annotated[
        str | None, typer.Option(help="Where what the alerts rest on goes, one part a line, for `breakwater verify`.")
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name
        Format, typer.Option(help="events: JSON, one a line. edges: `author target seconds [RT|MT|RE]`.")
    ] = Format.EVENTS,
    sort: Annotated[bool, typer.Option("--sort", help="Put the events in order of time first.")] = False,
    batch_size: Annotated[
        int, typer.Option(min=1, help="Lines handled at a time; changes nothing in what is said.")
    ] = BATCH_SIZE,
    settings: Annotated[Path | None, typer.Option(help="A YAML file of settings.")] = None,
    feedback: Annotated[
        Path | None,
        typer.Option(help="A file of analysts' decisions, one a line, each learnt from at its time.", dir_okay=False),
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=16,
            help="In how many processes targets are handled; by default as many as there are cores, up to 4, for "
            "files from 8 MB on. Changes nothing in what is said.",
        ),
    ] = None,
    metrics_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Serve Prometheus metrics on this port, on loopback.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as one JSON object.")] = False,
) -> None:
    """Detect pile-ons in files of events.

    Every event is either accepted, rejected, a duplicate or private. When something goes wrong, a file of alerts that
    was there before stays as it was.
    """
    _check([*events, *([] if feedback is None else [str(feedback)])], (alerts, rejected, evidence), json=json)
    if feedback is not None and (processes or 1) > 1:
        fail("Decisions are learnt from in one process; leave --processes or --feedback out.", 2)
    with plainly():
        count = processes or (1 if feedback is not None else _worthwhile(events))
        outputs = alerts, rejected, evidence
        summary = _run(events, outputs, format, sort, batch_size, settings, feedback, count, metrics_port)
    if json:
        print_json(summary.to_json())
    else:
        typer.echo(_in_words(summary), err=alerts == STDIO)


def _check(events: list[str], outputs: _Outputs, *, json: bool) -> None:
    if json and STDIO in outputs:
        fail("--json prints to standard output; name files for --alerts, --rejected and --evidence.", 2)
    if events.count(STDIO) > 1:
        fail("Standard input can be read only once; name - once.", 2)
    files = [Path(path).resolve() for path in outputs if path not in (None, STDIO, "/dev/null")]
    if outputs.count(STDIO) > 1 or len(set(files)) < len(files):
        fail("--alerts, --rejected and --evidence would write to the same place; name one for each.", 2)
    if not set(files).isdisjoint(Path(path).resolve() for path in events):
        fail("A file of events would be overwritten by results; name another file for them.", 2)


def _worthwhile(events: list[str]) -> int:
    """In how many processes to handle the targets of these files; what comes as it happens is handled in one."""
    from streams.apart import worthwhile

    files = [Path(path) for path in events]
    return worthwhile(sum(file.stat().st_size for file in files)) if all(file.is_file() for file in files) else 1


def _run(
    events: list[str],
    outputs: _Outputs,
    form: Format,
    sort: bool,
    batch_size: int,
    settings: Path | None,
    feedback: Path | None,
    processes: int,
    metrics_port: int | None,
) -> Summary:
    from alerts.feedback import read_file
    from streams.allocator import give_back_large_arrays
    from streams.detection import Outputs, written
    from streams.detection import detect as run
    from streams.runner import Runner
    from streams.settings import load
    from streams.sorting import edge_times, event_times, sort_lines
    from streams.sources import open_sources

    give_back_large_arrays()
    alerts, rejected, evidence = outputs
    in_force = load(settings)
    decoder = decoder_of(form, take_private=in_force.take_private)
    chunks = open_sources(events, batch_size)
    if sort:
        chunks = sort_lines(chunks, event_times if form is Format.EVENTS else edge_times, batch_size=batch_size)
    decisions = None if feedback is None else read_file(feedback.read_bytes().splitlines(), str(feedback))
    with ExitStack() as stack:
        runner = stack.enter_context(
            closing(Runner(in_force, feedback=decisions, processes=processes, evidence=evidence is not None))
        )
        watch = _watcher(runner, metrics_port, stack)
        files = [None if path is None else stack.enter_context(written(path)) for path in (rejected, evidence)]
        return run(chunks, decoder, runner, Outputs(stack.enter_context(written(alerts)), *files), watch=watch)


def _watcher(runner: Runner, metrics_port: int | None, stack: ExitStack) -> Watcher:
    """What looks at the engine after every batch: metrics if asked for, progress if there is a terminal."""
    from streams.commands.progress import shown

    watchers: list[Watcher] = []
    if metrics_port is not None:
        from streams.metrics import EngineMetrics, served

        metrics = EngineMetrics(runner)
        stack.enter_context(served(metrics, metrics_port))
        watchers.append(lambda summary, _: metrics.observe(summary))
    progress = shown(runner, stack)
    if progress is not None:
        watchers.append(progress)

    def watch(summary: Summary, revisions: list[Revision]) -> None:
        for one in watchers:
            one(summary, revisions)

    return watch


def _in_words(summary: Summary) -> str:
    verdicts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in summary.to_json()["alerts"].items())
    return (
        f"{summary.events:,} events in {summary.seconds:.1f} s: {summary.accepted:,} accepted ({summary.mended:,} "
        f"mended, {summary.late:,} late), {summary.rejected:,} rejected, {summary.duplicates:,} duplicates, "
        f"{summary.private:,} private. Alerts: {verdicts}."
    )
