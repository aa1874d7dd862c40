"""`breakwater evaluate`: alerts against the truth."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streams.commands.common import plainly, print_json


def evaluate(
    truth: Annotated[Path, typer.Argument(help="truth.json, as simulate writes it.")],
    alerts: Annotated[Path, typer.Argument(help="Alerts, one revision a line, as detect writes them.")],
    interactions: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Accepted events, as detect tells them: adds the false alerts per 100,000."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the score as one JSON object.")] = False,
) -> None:
    """Score alerts against what really happened: who was found, how early, and what was called wrongly."""
    from streams.evaluation import evaluate as score
    from streams.evaluation import read_alerts, read_truth

    with plainly():
        report = score(read_truth(truth), read_alerts(alerts), accepted_interactions=interactions)
    if json:
        print_json(report.to_json())
        return
    from rich.console import Console

    Console().print(report.table())
