"""`breakwater settings`: what is in force, and where it comes from."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streams.commands.common import plainly, print_json


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
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("setting", "value", "from", "meaning")
    for one in found:
        table.add_row(Text(one.variable), Text(str(one.value)), Text(one.origin), Text(one.meaning))
    Console().print(table)
