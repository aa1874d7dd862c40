"""`breakwater bench`: how fast it is, as ratios to something measured in the same run."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

from typing import Annotated

import typer

from streams.commands.common import print_json, working

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
    json: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object.")] = False,
) -> None:
    """Events a second through the whole engine, beside bare decoding of the same bytes."""
    from streams.bench import measure, sample

    with working("Simulating and measuring…"):
        speeds = measure(sample(events), rounds)
    if json:
        print_json(speeds.to_json())
        return
    typer.echo(
        f"{speeds.events:,} events, {speeds.size_bytes / 1e6:.1f} MB, medians of {speeds.rounds} rounds\n"
        f"  JSON parsing alone  {speeds.parsing:>10,.0f} events a second\n"
        f"  bare decoding       {speeds.decoding:>10,.0f} events a second (checked, into columns)\n"
        f"  whole engine        {speeds.engine:>10,.0f} events a second: {speeds.ratio:.3f} of bare decoding, "
        f"{speeds.parsing_ratio:.3f} of parsing"
    )
