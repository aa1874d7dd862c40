"""A Kafka broker for a person, which runs until it is interrupted, or for a command, which ends when the command does."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Annotated, Final

import typer

from deploy.kafka.broker import Broker
from deploy.kafka.jars import CACHE, KafkaError
from deploy.kafka.ports import free, free_ports

USUAL_PORT: Final = 9092
OWN_FOLDER: Final = CACHE / "own"
VARIABLE: Final = "BREAKWATER_KAFKA__BOOTSTRAP_SERVERS"

_NOT_RUN: Final = 127
_BY_SIGNAL: Final = 128

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(context_settings={"allow_interspersed_args": False})
def main(
    command: Annotated[
        list[str] | None,
        typer.Argument(help=f"A command to run with {VARIABLE} set to a broker of its own, which goes when it ends."),
    ] = None,
    port: Annotated[int, typer.Option(help="Port of loopback; 0: 9092 or, for a command or if taken, a free one.")] = 0,
    folder: Annotated[Path | None, typer.Option(help="Where its data stay; those of a command's do not.")] = None,
) -> None:
    """Run a Kafka broker until Ctrl-C, or for as long as a command runs, whose status is then the status."""
    try:
        if not command:
            serve(port, folder or OWN_FOLDER)
        elif folder is not None:
            sys.exit(run(command, folder, port))
        else:
            with tempfile.TemporaryDirectory(prefix="kafka-") as place:
                sys.exit(run(command, Path(place), port))
    except KafkaError as error:
        sys.exit(f"kafka: {error}")


def run(command: list[str], folder: Path, port: int = 0) -> int:
    """Run a command beside a broker; port 0 is any free one.

    SIGTERM goes on to the command, and Ctrl-C reaches it by itself.

    Returns
    -------
    The command's status; 128 and the signal's number if a signal ended it, 127 if it could not be run.
    """
    with Broker(folder, port or None) as broker:
        before = signal.signal(signal.SIGINT, lambda *_: None), signal.getsignal(signal.SIGTERM)
        try:
            process = subprocess.Popen(command, env={**os.environ, VARIABLE: broker.bootstrap})  # noqa: S603 - the user's
            signal.signal(signal.SIGTERM, lambda *_: process.terminate())
            status = process.wait()
        except OSError as error:
            typer.echo(f"kafka: {command[0]} cannot be run: {error.strerror}.", err=True)
            return _NOT_RUN
        finally:
            for number, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
                signal.signal(number, handler)
        return status if status >= 0 else _BY_SIGNAL - status


def serve(port: int, folder: Path) -> None:
    """Run a broker until SIGINT or SIGTERM; port 0 is 9092 if nothing listens there, else any free one."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("kafka: A broker runs in this tree already; use that one, or stop it first.")
        told = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: told.set())
        chosen = port or (USUAL_PORT if free(USUAL_PORT) else free_ports(1)[0])
        typer.echo("kafka: starting")
        with Broker(folder, chosen) as broker:
            _explain(broker)
            while not told.wait(1):
                if broker.pid is None:
                    sys.exit(f"kafka: The broker ended by itself. Its log:\n{broker.log}")
            typer.echo("kafka: stopping")


def _explain(broker: Broker) -> None:
    usual = broker.port == USUAL_PORT
    typer.echo(f"kafka: listening on {broker.bootstrap}; data in {broker.folder}; Ctrl-C ends it.")
    if not usual:
        typer.echo(f"kafka: in another terminal: export {VARIABLE}={broker.bootstrap}")
    typer.echo("kafka: then: breakwater topics create, breakwater worker, breakwater publish FILE, breakwater tail")


if __name__ == "__main__":
    app()
