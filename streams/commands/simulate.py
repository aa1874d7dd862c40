"""`breakwater simulate`: a living platform in a file, with the truth beside it."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streams.commands.common import fail, plainly, print_json, working


def simulate(
    out: Annotated[Path, typer.Option(help="Directory for events.ndjson and truth.json; it is made if need be.")],
    seed: Annotated[int, typer.Option(help="Seed of all chance: the same seed gives the same bytes.")] = 0,
    hours: Annotated[float, typer.Option(min=0.25, max=1440, help="How long it lasts.")] = 24.0,
    scenario: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME...", help="What happens, instead of everything once or twice a day."),
    ] = None,
    more: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    json: Annotated[bool, typer.Option("--json", help="Print what was written as one JSON object.")] = False,
) -> None:
    """Write a simulated platform's events, and what really happened among them.

    Pile-ons: bot_raid, quote_pile_on, brigade, thread_raid, community_raid. Harmless: viral_joy, ama, breaking_news,
    outage, scheduled_event. Without --scenario each happens at least once. What else somebody might try happens only
    when it is named: `--scenario trials` is all of it that the hours allow, and an unknown name lists the names.
    """
    if more and not scenario:
        fail(f"{more[0]!r} was not expected; name scenarios after --scenario.", 2)
    names = [*(scenario or []), *(more or [])] or None

    from streams.simulate import TooShortError, UnknownScenarioError, write
    from streams.simulate import simulate as simulated

    with plainly():
        try:
            with working("Simulating…"):
                simulation = simulated(seed, hours, names)
                write(simulation, out)
        except (UnknownScenarioError, TooShortError) as error:
            fail(str(error), 2)
    campaigns = simulation.truth["campaigns"]
    pile_ons = sum(campaign["pile_on"] for campaign in campaigns)
    if json:
        print_json(
            {
                "events": len(simulation),
                "days": simulation.truth["days"],
                "pile_ons": pile_ons,
                "harmless": len(campaigns) - pile_ons,
                "files": [str(out / "events.ndjson"), str(out / "truth.json")],
            }
        )
        return
    typer.echo(
        f"{len(simulation):,} events in {out / 'events.ndjson'}; {pile_ons} pile-ons and "
        f"{len(campaigns) - pile_ons} harmless crowds among them, told in {out / 'truth.json'}."
    )
