"""The command line: `breakwater`."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Annotated

import typer

from streams.commands import (
    bench,
    console,
    demo,
    detect,
    evaluate,
    pack,
    publish,
    settings,
    simulate,
    tail,
    topics,
    validate,
    verify,
    worker,
)

app = typer.Typer(
    name="breakwater",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Tells, while it is happening, when a crowd turns on one target.",
)
for command in (
    demo.demo,
    detect.detect,
    simulate.simulate,
    evaluate.evaluate,
    validate.validate,
    pack.pack,
    verify.verify,
    publish.publish,
    tail.tail,
    worker.worker,
    settings.settings,
):
    app.command()(command)
app.add_typer(topics.topics, name="topics")
app.add_typer(bench.bench, name="bench")
app.add_typer(console.console, name="console")


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False) -> None:
    if version:
        from importlib.metadata import version as version_of  # noqa: PLC0415 - needed for this alone

        typer.echo(f"breakwater {version_of('breakwater')}")
        raise typer.Exit


def main() -> None:
    """Run the program with the process's arguments."""
    signal.signal(signal.SIGTERM, _stop)
    app()


def _stop(number: int, _: FrameType | None) -> None:
    """End as by an exception, so that nothing half-written stays."""
    sys.exit(128 + number)
