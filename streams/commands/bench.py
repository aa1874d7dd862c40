"""`breakwater bench`: how fast it is, as ratios to something measured in the same run."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streams.commands.common import fail, plainly, print_json, working

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


@bench.command()
def console(
    rate: Annotated[int, typer.Option(min=20, help="Alert revisions a second.")] = 2_000,
    seconds: Annotated[int, typer.Option(min=5, help="For how long.")] = 60,
    people: Annotated[int, typer.Option(min=10, help="Participants of the large case.")] = 3_000,
    clients: Annotated[int, typer.Option(min=1, help="Clients of the stream at once.")] = 300,
    tabs: Annotated[int, typer.Option(min=1, help="Tabs of one person.")] = 10,
    settings: Annotated[Path | None, typer.Option(help="A YAML file of settings.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object.")] = False,
) -> None:
    """How the console's page bears a flood of alerts, in Chromium, beside an empty page; on the broker that is set."""
    with plainly():
        from streams.console.bench import BenchError, measure
        from streams.settings import load

        try:
            found = measure(
                load(settings), rate, seconds, people, clients, tabs, lambda what: typer.echo(f"{what}…", err=True)
            )
        except BenchError as error:
            fail(str(error))
    if json:
        print_json(found)
        return
    flood, case, empty = found["flood"], found["case"], found["empty"]
    one, many = found["clients"]["1"], found["clients"][str(clients)]
    right = "never within a minute" if flood["right_after_s"] is None else f"after {flood['right_after_s']} s"
    typer.echo(
        f"{found['processors']} processors, load average {found['load_average']} at the beginning\n"
        f"  empty page        {empty['frames_per_second']:6.1f} frames a second, longest {empty['longest_ms']:.0f} ms\n"
        f"  queue in a flood  {flood['frames_per_second']:6.1f} frames a second, {flood['ratio']:.3f} of the empty page; longest "
        f"{flood['longest_ms']:.0f} ms, {flood['over_200_ms']} over 200 ms; {flood['revisions_per_second']:,} revisions a second\n"
        f"    heap in MB      {' '.join(map(str, flood['heap_mb']))}; the newest is shown {right}\n"
        f"  {clients} clients       {many['heard']} hear it, the slowest after {many['slowest_s']} s; one alone after "
        f"{one['slowest_s']} s ({found['clients']['ratio']} times that)\n"
        f"  {tabs} tabs           {found['tabs']['right']} show the newest\n"
        f"  {people} participants  drawn after {case['drawn_after_ms']} ms; dragged at {case['frames_per_second']:.1f} frames a "
        f"second, {case['ratio']:.3f} of the empty page, longest {case['longest_ms']:.0f} ms"
    )
