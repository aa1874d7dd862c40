"""`breakwater bench`: how fast it is, as ratios to something measured in the same run."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streams.commands.common import plainly, print_json, working

bench = typer.Typer(no_args_is_help=True, help="Measure how fast it is on this machine.")


@bench.callback()
def _bench() -> None:
    """Measure how fast it is on this machine."""


@bench.command()
def engine(
    events: Annotated[
        int | None, typer.Option(min=1000, metavar="N", help="How many; a simulated day without.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often to measure; medians are told.")] = 5,
    processes: Annotated[
        int | None,
        typer.Option(min=1, max=16, help="In how many targets are handled; as detect would, if not given."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object.")] = False,
) -> None:
    """Events a second through the whole engine, beside bare decoding of the same bytes."""
    from streams.bench import measure, sample

    with working("Simulating and measuring…"):
        speeds = measure(sample(events), rounds, processes)
    if json:
        print_json(speeds.to_json())
        return
    typer.echo(
        f"{speeds.events:,} events, {speeds.size_bytes / 1e6:.1f} MB, medians of {speeds.rounds} rounds\n"
        f"  JSON parsing alone  {speeds.parsing:>10,.0f} events a second\n"
        f"  bare decoding       {speeds.decoding:>10,.0f} events a second (checked, into columns)\n"
        f"  whole engine        {speeds.engine:>10,.0f} events a second: {speeds.ratio:.3f} of bare decoding, "
        f"{speeds.parsing_ratio:.3f} of parsing; targets in {_counted(speeds.processes)}\n"
        f"  all in one process  {speeds.alone:>10,.0f} events a second: {speeds.alone_ratio:.3f} of bare decoding"
    )


def _counted(processes: int) -> str:
    return "one process" if processes == 1 else f"{processes} processes"


@bench.command()
def pipeline(
    events: Annotated[int, typer.Option(min=1000, metavar="N", help="How many.")] = 50_000,
    partitions: Annotated[int, typer.Option(min=1, help="Partitions of the topics between stages.")] = 8,
    settings: Annotated[Path | None, typer.Option(help="A YAML file of settings.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object.")] = False,
) -> None:
    """Events a second through a worker on the broker that is set, beside a bare consumer and an idle Faust agent.

    Topics of its own are made, and deleted afterwards.
    """
    with plainly():
        from streams.pipeline_bench import measure
        from streams.settings import load

        found = measure(load(settings), events, partitions, lambda what: typer.echo(f"{what}…", err=True))
    if json:
        print_json({"pipelines": [one.to_json() for one in found]})
        return
    for one in found:
        typer.echo(
            f"{one.events:,} events, {one.batch} a message\n"
            f"  bare consumer, checked decode  {one.bare:>10,.0f} events a second\n"
            f"  Faust agent that does nothing  {one.nothing:>10,.0f} events a second\n"
            f"  Breakwater                     {one.breakwater:>10,.0f} events a second: "
            f"{one.breakwater / one.bare:.3f} of the bare consumer, {one.breakwater / one.nothing:.3f} of the agent"
        )
