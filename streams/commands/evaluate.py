"""`breakwater evaluate`: alerts against the truth, or the engine against campaigns injected into a background."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streams.commands.common import Format, counting, fail, plainly, print_json

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
    scenario: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME...", help="With --trials: only these scenarios, instead of all."),
    ] = None,
    inject: Annotated[
        str | None,
        typer.Option(metavar="BACKGROUND", help="Inject campaigns into this stream, run the engine and score it."),
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name
        Format, typer.Option(help="Of the background. events: JSON. edges: `author target seconds [RT|MT|RE]`.")
    ] = Format.EVENTS,
    sort: Annotated[bool, typer.Option("--sort", help="Put the background in order of time first.")] = False,
    seeds: Annotated[str, typer.Option(metavar="A-B", help="Seeds, as 1-5 or 1-3,9: one stream each.")] = "1-5",
    preset: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="What is injected; repeat it for several. mixed: all.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Pin a parameter, as size=50, size=20..80, shape=waves|burst; =drawn lets it be drawn.",
        ),
    ] = None,
    corpus: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Text: labelled CSV or ordinary lines; .xz, .gz too.")
    ] = None,
    pairs: Annotated[
        int | None, typer.Option(min=1, max=200, metavar="N", help="Attacks, each with a surge; default: as fit.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(metavar="SIGNAL", help="Leave a signal out of the verdict.")
    ] = None,
    processes: Annotated[int, typer.Option(min=1, max=16, help="Streams run at a time.")] = 2,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep events.ndjson, truth.json and alerts.ndjson of each.")
    ] = None,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the score as an HTML page.")] = None,
    check_leaks: Annotated[
        bool, typer.Option("--check-leaks", help="Run no engine: fail if a single field tells attacks from the rest.")
    ] = False,
    settings: Annotated[Path | None, typer.Option(help="A YAML file of settings.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the score as one JSON object.")] = False,
) -> None:
    """Score alerts against what really happened: who was found, how early, and what was called wrongly.

    Either TRUTH and ALERTS are given; or --trials, which simulates days and scenarios with a stated right answer; or
    --inject, which draws pile-ons and harmless surges, puts them into a background stream, runs the engine over it
    and scores what it says.
    """
    if trials:
        further = [str(name) for name in (truth, alerts, *(more or ())) if name is not None]
        if further and not scenario:
            fail(f"{further[0]!r} was not expected; name scenarios after --scenario.", 2)
        _show(*_try_out(seeds, [*(scenario or ()), *further] or None), json=json)
        return
    if inject is None:
        if truth is None or alerts is None or more:
            fail("Give one truth.json and one file of alerts, or --trials, or a background by --inject.", 2)
        _score_files(truth, alerts, interactions, json=json)
        return
    if truth is not None or interactions is not None:
        fail("--inject makes its own truth and alerts; leave out TRUTH, ALERTS and --interactions.", 2)
    from streams.commands.injecting import Injecting, leaks_of, score_injected

    wanted = Injecting(
        background=inject,
        form=format,
        sort=sort,
        seeds=seeds,
        presets=preset or ["mixed"],
        pinned=set_ or [],
        corpora=corpus or [],
        pairs=pairs,
        without=tuple(without or ()),
        processes=processes,
        keep=keep,
        report=report,
        settings=settings,
    )
    with plainly():
        if check_leaks:
            leaks_of(wanted, json=json)
        else:
            score_injected(wanted, json=json)


def _score_files(truth: Path, alerts: Path, interactions: int | None, *, json: bool) -> None:
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
