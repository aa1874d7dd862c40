"""What commands have in common: how they fail, and how they print results."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import orjson
import typer

from streams.detection import OutOfOrderError
from streams.evaluation import EvaluationError
from streams.settings import SettingsError
from streams.simulate import UnknownScenarioError
from streams.sources import SourceError

_EXPECTED = (OutOfOrderError, EvaluationError, SettingsError, UnknownScenarioError, SourceError)


def fail(sentence: str, status: int = 1) -> NoReturn:
    """End with a sentence on standard error that says what to do: status 1 failed, 2 wrong use."""
    typer.echo(f"breakwater: {sentence}", err=True)
    raise typer.Exit(status)


@contextmanager
def plainly() -> Iterator[None]:
    """Turn the errors that a user can do something about into a sentence and exit status 1."""
    try:
        yield
    except _EXPECTED as error:
        fail(str(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        fail(f"{where}{error.strerror or error}.")


def print_json(result: dict[str, Any]) -> None:
    """Print one object as the last line of standard output."""
    sys.stdout.flush()
    sys.stdout.buffer.write(orjson.dumps(result) + b"\n")
    sys.stdout.buffer.flush()
