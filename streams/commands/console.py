"""`breakwater console`: the page on which analysts work, its API, and who may sign in."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streams.commands.common import fail, plainly
from streams.commands.console_users import audit, users

if TYPE_CHECKING:
    from streams.settings import Settings

console = typer.Typer(help="Serve the console, and say who may sign in to it.")
console.add_typer(users, name="users")
console.add_typer(audit, name="audit")


@console.callback(invoke_without_command=True)
def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen at.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port for that; 0: any free one.")] = None,
    database: Annotated[
        str | None, typer.Option(help="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.")
    ] = None,
    settings: Annotated[Path | None, typer.Option(help="A YAML file of settings.")] = None,
) -> None:
    """Serve the console until told to stop (SIGTERM or Ctrl-C): it follows the alerts on Kafka and keeps them as cases.

    Cases are there while Kafka is away; decisions are sent when it is back. Add a first account with
    `breakwater console users add NAME --role admin`.
    """
    if context.invoked_subcommand is not None:
        return
    with plainly():
        from streams.logs import log_to_stderr
        from streams.settings import load

        log_to_stderr()
        given = {"host": host, "port": port, "database": database}
        _serve(_with(load(settings), {name: value for name, value in given.items() if value is not None}))


def _with(settings: Settings, given: dict[str, Any]) -> Settings:
    """Settings of the console that the command line wins over."""
    from alerts.console.settings import ConsoleSettings

    console_settings = ConsoleSettings.model_validate({**settings.console.model_dump(), **given})
    return settings.model_copy(update={"console": console_settings})


def _serve(settings: Settings) -> None:
    import logging

    from alerts.console.app import create_app
    from alerts.console.database import DatabaseUrlError, open_database
    from streams.console.feed import KafkaFeed
    from streams.console.outlet import KafkaOutlet
    from streams.console.server import Server, listen

    chosen = settings.console
    try:
        database = open_database(chosen.database)
    except DatabaseUrlError as error:
        fail(str(error))
    listening = listen(chosen.host, chosen.port)
    address = listening.getsockname()
    app = create_app(database, chosen, feed=KafkaFeed(settings.kafka), outlet=KafkaOutlet(settings.kafka))
    server = Server(app)
    app.state.console.on_failure(server.fail)
    logging.getLogger(__name__).info("The console is at http://%s:%d/", chosen.host, address[1])
    server.serve_on(listening)
