"""What commands have in common: how they fail, how they print, and how they open what they read."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NoReturn

import typer

if TYPE_CHECKING:
    from streams.detection import LineDecoder

STDIO: Final = "-"
"""Stands for standard input or standard output."""

_FOR_THE_USER: Final = frozenset(
    {
        "alerts.pack.making.PackError",
        "streams.apart.ShardProcessError",
        "streams.detection.OutOfOrderError",
        "streams.evaluation.reading.EvaluationError",
        "alerts.feedback.FeedbackError",
        "streams.inject.errors.InjectError",
        "streams.kafka.connection.UnavailableError",
        "streams.kafka.publishing.PublishError",
        "streams.kafka.tailing.TailError",
        "streams.kafka.topics.TopicsError",
        "streams.metrics.PortInUseError",
        "streams.settings.SettingsError",
        "streams.sources.SourceError",
        "streams.worker.NotReadyError",
    }
)
"""Errors that a user can do something about."""


class Format(StrEnum):
    """How events stand in a file."""

    EVENTS = "events"
    EDGES = "edges"


def fail(sentence: str, status: int = 1) -> NoReturn:
    """End with a sentence on standard error that says what to do: status 1 failed, 2 wrong use."""
    typer.echo(f"breakwater: {sentence}", err=True)
    raise typer.Exit(status)


@contextmanager
def plainly() -> Iterator[None]:
    """Turn the errors that a user can do something about into a sentence and exit status 1.

    A reader of standard output that has gone is not one of them: the program then ends with 1 and says nothing.
    """
    try:
        yield
    except (typer.Exit, BrokenPipeError):
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        fail(f"{where}{error.strerror or error}.")
    except Exception as error:
        if not _is_for_the_user(error):
            raise
        fail(str(error))


def _is_for_the_user(error: Exception) -> bool:
    """Whether an error's text is meant for the user; told by its name, since importing them all takes seconds."""
    return any(f"{kind.__module__}.{kind.__qualname__}" in _FOR_THE_USER for kind in type(error).__mro__)


def decoder_of(form: Format, *, take_private: bool) -> LineDecoder:
    """What decodes lines of this format."""
    from streams.wire import Decoder, EdgeDecoder

    return Decoder(take_private=take_private) if form is Format.EVENTS else EdgeDecoder()


def print_json(result: dict[str, Any]) -> None:
    """Print one object as the last line of standard output."""
    import orjson

    sys.stdout.flush()
    sys.stdout.buffer.write(orjson.dumps(result) + b"\n")
    sys.stdout.buffer.flush()


def printable(text: str) -> str:
    """Text of unknown origin for a terminal: what is not printable becomes U+FFFD."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


@contextmanager
def working(doing: str) -> Iterator[None]:
    """Show on a terminal (standard error) that something is being done."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(doing):
        yield


@contextmanager
def counting(doing: str) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal (standard error) how many of how many things are done, as told to what is handed in."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{doing}: 0…") as status:
        yield lambda done, total: status.update(f"{doing}: {done} of {total}")
