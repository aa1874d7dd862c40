"""`breakwater evaluate`: alerts against the truth."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streams.commands.common import counting, fail, plainly, print_json

if TYPE_CHECKING:
    from rich.table import Table


def evaluate(
    truth: Annotated[Path | None, typer.Argument(help="truth.json, as simulate writes it.")] = None,
    alerts: Annotated[Path | None, typer.Argument(help="Alerts, one revision a line, as detect writes them.")] = None,
    more: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    interactions: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Accepted events, as detect tells them: adds the false alerts per 100,000."
        ),
    ] = None,
    trials: Annotated[
        bool, typer.Option("--trials", help="Simulate days and trials, detect in them, and score that.")
    ] = False,
    seeds: Annotated[str, typer.Option(metavar="A-B", help="With --trials: the seeds, like 1-50 or 1-3,9.")] = "1-5",
    scenario: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME...", help="With --trials: only these scenarios, instead of all."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the score as one JSON object.")] = False,
) -> None:
    """Score alerts against what really happened: who was found, how early, and what was called wrongly."""
    if trials:
        further = [str(name) for name in (truth, alerts, *(more or ())) if name is not None]
        if further and not scenario:
            fail(f"{further[0]!r} was not expected; name scenarios after --scenario.", 2)
        _show(*_try_out(seeds, [*(scenario or ()), *further] or None), json=json)
        return
    if truth is None or alerts is None or more:
        fail("Give one truth.json and one file of alerts, or --trials.", 2)
    from streams.evaluation import evaluate as score
    from streams.evaluation import read_alerts, read_truth

    with plainly():
        report = score(read_truth(truth), read_alerts(alerts), accepted_interactions=interactions)
    _show(report.to_json(), [report.table()], json=json)


def _try_out(seeds: str, names: list[str] | None) -> tuple[dict[str, Any], list[Table]]:
    """The scores of all seeds, as JSON and as tables."""
    from streams.evaluation.trials import seeds_of, stretches, try_out

    try:
        planned = stretches(seeds_of(seeds), names)
    except ValueError as error:
        fail(str(error), 2)
    with plainly(), counting("Simulated, detected and scored") as watch:
        found = try_out(planned, watch=watch)
    tables = [(found.ordinary, "Ordinary days"), (found.trials, "Trials")]
    return found.to_json(), [report.table(title) for report, title in tables if report is not None]


def _show(result: dict[str, Any], tables: list[Table], *, json: bool) -> None:
    if json:
        print_json(result)
        return
    from rich.console import Console

    for table in tables:
        Console().print(table)
