"""The command line: `breakwater`."""

from __future__ import annotations

from typing import Annotated

import typer

from streams.commands import detect

app = typer.Typer(
    name="breakwater",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Tells, while it is happening, when a crowd turns on one target.",
)
for command in (detect.detect,):
    app.command()(command)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False) -> None:
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"breakwater {version_of('breakwater')}")
        raise typer.Exit


def main() -> None:
    """Run the program with the process's arguments."""
    app()
