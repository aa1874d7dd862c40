"""`breakwater validate`: what of a sample would be rejected or mended, and why."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.commands.common import Format, decoder_of, plainly, print_json, printable, working

if TYPE_CHECKING:
    from streams.validation import Finding, Report
    from streams.wire import Origin


def validate(
    file: Annotated[str, typer.Argument(help="A file of events (.gz and .zst too), or - for standard input.")],
    format: Annotated[  # noqa: A002 - the option's name
        Format, typer.Option(help="events: JSON, one a line. edges: `author target seconds [RT|MT|RE]`.")
    ] = Format.EVENTS,
    settings: Annotated[Path | None, typer.Option(help="A YAML file of settings.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the findings as one JSON object.")] = False,
) -> None:
    """Say what of a sample would be rejected or mended, and why.

    Ends with 0 when nothing would be rejected and the events stand in the order of time, with 1 otherwise. What can be
    mended is no reason for 1. Duplicates are not looked for.
    """
    from streams.settings import load
    from streams.sources import open_source
    from streams.validation import validate as check

    with plainly(), working("Reading…"):
        in_force = load(settings)
        report = check(open_source(file), decoder_of(format, take_private=in_force.take_private), in_force)
    if json:
        print_json(report.to_json())
    else:
        _say(report)
    raise typer.Exit(0 if report.good else 1)


def _say(report: Report) -> None:
    typer.echo(
        f"{report.events:,} events: {report.taken:,} would be accepted, {report.mended_events:,} of them mended; "
        f"{report.refused:,} would be rejected; {report.private:,} private would be dropped."
    )
    _list("Rejected", report.rejected)
    _list("Mended", report.mended)
    late = report.first_late
    if late is not None:
        typer.echo(
            f"\nOut of order: {report.late:,} events are later than allowed, the first at {_place(late.origin)}, "
            f"{(late.newest_ms - late.time_ms) / 1000:.0f} s older than one before it. "
            "`detect` needs --sort to read this, or a greater BREAKWATER_ALLOWED_LATENESS_S."
        )


def _list(title: str, findings: dict[str, Finding]) -> None:
    if findings:
        typer.echo(f"\n{title}:")
    for name, finding in sorted(findings.items(), key=lambda item: (-item[1].count, item[0])):
        typer.echo(f"  {finding.count:,} {name}: {finding.sentence}")
        if finding.places:
            more = ", …" if finding.count > len(finding.places) else ""
            typer.echo(f"    at {', '.join(map(_place, finding.places))}{more}")


def _place(origin: Origin) -> str:
    element = "" if origin.element is None else f", element {origin.element}"
    return printable(f"line {origin.line}{element}")
