"""`breakwater settings`: what is in force, and where it comes from."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from streams.commands.common import plainly, print_json, printable


def settings(
    settings: Annotated[Path | None, typer.Option(help="A YAML file of settings.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print them as one JSON object.")] = False,
) -> None:
    """Say which settings are in force and where each comes from; secrets are not shown."""
    from streams.settings import in_force

    with plainly():
        found = in_force(settings)
    if json:
        print_json({one.name: {"value": one.value, "from": one.origin, "variable": one.variable} for one in found})
        return
    for one in found:
        typer.echo(printable(f"{one.variable}={_shown(one.value)}  ({one.origin})"))
        typer.echo(f"    {one.meaning}")


def _shown(value: Any) -> str:
    """A value as it would be written in the variable."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list():
            return ",".join(map(str, value))
        case dict():
            return ",".join(f"{name}={one}" for name, one in value.items())
        case _:
            return str(value)
