"""`breakwater pack`: the evidence pack of an alert from what `detect` wrote."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from streams.commands.common import fail, plainly


def pack(
    alert: Annotated[str, typer.Argument(help="The alert's id.")],
    alerts: Annotated[Path, typer.Argument(help="Revisions, as --alerts writes them.")],
    evidence: Annotated[Path, typer.Argument(help="What they rest on, as --evidence writes it.")],
    out: Annotated[Path, typer.Option(help="Where the pack goes: .json, .csv or .html.")],
) -> None:
    """Make the evidence pack of an alert: JSON for `breakwater verify`, CSV for spreadsheets, or a page that prints well."""
    from alerts.pack import as_csv, as_json, as_page, make

    write = {".json": as_json, ".csv": as_csv, ".html": as_page}.get(out.suffix.lower())
    if write is None:
        fail("The name of the pack must end with .json, .csv or .html.", 2)
    with plainly():
        revisions = list(_lines(alerts, "id", alert))
        if not revisions:
            fail(f"{alerts} has no revision of that alert; name an alert by its whole id.")
        out.write_bytes(write(make(revisions, _lines(evidence, "alert", alert))))


def _lines(path: Path, name: str, alert: str) -> Iterator[bytes]:
    """The lines of a file that are of an alert."""
    import orjson

    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if alert.encode() not in line:
                continue
            try:
                found = orjson.loads(line)
            except orjson.JSONDecodeError:
                fail(f"{path}, line {number} is not JSON; give files that `breakwater detect` wrote.")
            if isinstance(found, dict) and found.get(name) == alert:
                yield line
