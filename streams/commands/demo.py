"""`breakwater demo`: a simulated platform on which pile-ons happen, watched by the real engine."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

import io
import sys
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Annotated, Final

import typer

from streams.commands.common import fail, plainly, print_json

if TYPE_CHECKING:
    from rich.console import Console

    from streams.demo import Ended
    from streams.demo.desk import Desk

SEED: Final = 4100
SPEED: Final = 180.0
_INTERRUPTED: Final = 130


def demo(
    until_alert: Annotated[
        bool, typer.Option("--until-alert", help="End with status 0 at the first pile_on alert.")
    ] = False,
    seed: Annotated[int, typer.Option(help="What happens, and when: any number gives another story.")] = SEED,
    speed: Annotated[float, typer.Option(min=1.0, max=1e9, help="Event seconds for each second of the clock.")] = SPEED,
    plain: Annotated[bool, typer.Option("--plain", help="Print lines, on a terminal too.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print lines, and the closing score as one JSON object last.")
    ] = False,
    console: Annotated[
        bool | None,
        typer.Option(
            "--console/--no-console",
            help="Serve the console beside it; by itself on a terminal, until Ctrl-C, but not with --until-alert or --json.",
            show_default=False,
        ),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the console in a browser, where there is one.")
    ] = True,
) -> None:
    """Watch pile-ons being caught: no Kafka, no Docker, a simulated platform and the real engine.

    Four hours of a platform's life go by in a little over a minute. Pile-ons happen in it, and harmless crowds,
    among them a viral post. What you see is detected live, here and in the console; at the end it is compared with what
    really happened.
    """
    stays = sys.stdout.isatty() and not until_alert and not json
    try:
        with plainly(), ExitStack() as stack:
            desk = None
            if console or (console is None and stays):
                desk = _open(stack, browser=browser and stays)
            ended = _run(seed, speed, until_alert=until_alert, lines=plain or json, desk=desk)
            if desk is not None and stays:
                _stay(desk)
    except KeyboardInterrupt:
        raise typer.Exit(_INTERRUPTED) from None
    if json:
        print_json(ended.closing.report.to_json())
    if until_alert and ended.alarm is None:
        fail("It all went by without a pile_on alert. Try another --seed, or watch without --until-alert.")


def _open(stack: ExitStack, *, browser: bool) -> Desk:
    """Serve the console from now on, and say where."""
    from streams.demo.desk import opened
    from streams.settings import load

    desk = stack.enter_context(opened(load()))
    typer.echo("The console is at the following address, which signs in once:")
    typer.echo(desk.link)
    if browser:
        desk.open()
    return desk


def _stay(desk: Desk) -> None:
    """Go on serving the console until Ctrl-C."""
    typer.echo(f"\nThe console goes on at {desk.address} until Ctrl-C. Another link that signs in once:")
    typer.echo(desk.new_link())
    with suppress(KeyboardInterrupt):
        desk.wait()


def _run(seed: int, speed: float, *, until_alert: bool, lines: bool, desk: Desk | None) -> Ended:
    from rich.console import Console

    console = Console(highlight=False)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    if lines or not _can_draw(console):
        return _print(seed, speed, until_alert=until_alert, desk=desk)
    return _draw(console, seed, speed, until_alert=until_alert, desk=desk)


def _can_draw(console: Console) -> bool:
    """Whether standard output is a terminal that can show the view, and is large enough."""
    capable = sys.stdout.isatty() and not console.is_dumb_terminal and console.encoding.startswith("utf")
    return capable and console.width >= 72 and console.height >= 20


def _print(seed: int, speed: float, *, until_alert: bool, desk: Desk | None) -> Ended:
    typer.echo("Four hours of a simulated platform are being made up.")
    from streams.demo import prepare, show
    from streams.demo.plain import PlainLines, closing_lines
    from streams.settings import load

    simulation = prepare(seed)
    ended = show(simulation, load(), PlainLines(typer.echo), speed=speed, until_alert=until_alert, listener=desk)
    for line in closing_lines(ended.closing):
        typer.echo(line)
    return ended


def _draw(console: Console, seed: int, speed: float, *, until_alert: bool, desk: Desk | None) -> Ended:
    from rich.live import Live
    from rich.text import Text

    with console.status("Four hours of a simulated platform are being made up."):
        from streams.demo import prepare, show
        from streams.demo.plain import lines_of
        from streams.demo.view import LiveView
        from streams.settings import load

        settings = load()
        simulation = prepare(seed)
    link = None if desk is None else desk.link
    with Live(console=console, screen=True, auto_refresh=False) as live:
        view = LiveView(live, speed, link)
        ended = show(simulation, settings, view, speed=speed, until_alert=until_alert, listener=desk)
    if ended.alarm is not None:
        console.print(Text("The first pile-on:", "bold"))
        for line in lines_of(ended.alarm):
            console.print(Text(line))
        console.print()
    console.print(ended.closing.table())
    return ended
