"""`breakwater topics`: make the topics, and say what is missing."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.commands.common import fail, plainly, print_json, working

if TYPE_CHECKING:
    from streams.kafka.topics import Made

topics = typer.Typer(no_args_is_help=True, help="Make the Kafka topics, or say what is missing.")


@topics.command()
def create(
    partitions: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Partitions of the topics between the stages.")
    ] = None,
    settings: Annotated[Path | None, typer.Option(help="A YAML file of settings.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print what was done as one JSON object.")] = False,
) -> None:
    """Make the topics that are missing, and raise what existing ones keep too shortly.

    May be run again at any time: nothing is made smaller, emptied, deleted or given more partitions.
    """
    from streams.kafka.topics import create as make
    from streams.settings import load

    with plainly(), working("Making topics…"):
        made = make(load(settings), partitions)
    if json:
        changed = {
            name: {change.name: [change.present, change.wanted] for change in changes}
            for name, changes in made.changed.items()
        }
        print_json({"created": made.created, "changed": changed, "unchanged": made.unchanged})
    else:
        _say(made)


def _say(made: Made) -> None:
    for name, partitions in made.created.items():
        typer.echo(f"{name}: made with {partitions} partitions")
    for name, changes in made.changed.items():
        told = ", ".join(f"{change.name} from {change.present} to {change.wanted}" for change in changes)
        typer.echo(f"{name}: changed {told}")
    for name in made.unchanged:
        typer.echo(f"{name}: as it should be")


@topics.command()
def check(
    stages: Annotated[
        list[str] | None, typer.Argument(help="ingest, authors, shard, learner; all of them if none is named.")
    ] = None,
    settings: Annotated[Path | None, typer.Option(help="A YAML file of settings.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print what is missing as one JSON object.")] = False,
) -> None:
    """Say what is missing before workers can run: topics, their settings, rights, or Kafka itself.

    Ends with 0 when nothing is, with 1 otherwise.
    """
    from streams.kafka.names import Stage
    from streams.kafka.topics import problems
    from streams.settings import load

    strange = sorted(set(stages or ()) - set(Stage))
    if strange:
        fail(f"There is no stage {strange[0]}; there are {', '.join(Stage)}.", 2)
    with plainly(), working("Looking at the topics…"):
        found = problems(load(settings), [stage for stage in Stage if not stages or stage in stages])
    if json:
        print_json({"ready": not found, "problems": found})
    else:
        for sentence in found:
            typer.echo(sentence, err=True)
        if not found:
            typer.echo("Everything is there.")
    raise typer.Exit(1 if found else 0)
