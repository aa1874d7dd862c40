"""The parts of the terminal view, each as a renderable of a given size."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Final

from rich.box import ROUNDED
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from detectors.verdict import Outcome
from streams.demo.plain import headline
from streams.demo.player import Gauges
from streams.demo.story import Case, Note, Story
from streams.demo.words import (
    NAMES,
    SEVERITY_STYLES,
    STYLES,
    SYMBOLS,
    Reason,
    bar,
    clock,
    day,
    reasons,
    sparkline,
    target,
)

_BAR: Final = 6
_CURVE: Final = 10
_LONG: Final = 120
"""Columns from which lines are told in full."""
_FRAME: Final = 4
"""Cells that a panel's border and padding take of its width."""


def header(gauges: Gauges, rate: float, speed: float, width: int) -> RenderableType:
    """The clock and how far it has come; beneath it the engine's gauges."""
    first = Text(" Breakwater ", "bold white on blue", no_wrap=True)
    first.append(f"  {day(gauges.clock_ms)} ", "default not bold on default")
    first.append(f"{clock(gauges.clock_ms)} UTC", "bold default on default")
    first.append(f"  x{speed:g}  ", "dim default on default not bold")
    length = max(4, width - first.cell_len - 7)
    done = round(length * gauges.done)
    first.append("━" * done, "blue on default not bold")
    first.append("─" * (length - done), "dim default on default not bold")
    first.append(f" {100 * gauges.done:3.0f} %", "default on default not bold")
    long = width >= _LONG
    second = Text(" ", no_wrap=True, overflow="ellipsis")
    for name, value in (
        ("events/s", f"{rate:,.0f}"),
        ("watermark delay" if long else "delay", f"{gauges.delay_s:.0f} s"),
        ("rows in window" if long else "rows", f"{gauges.rows:,}"),
        ("subjects in memory" if long else "subjects", f"{gauges.subjects:,}"),
        ("watched", f"{gauges.watched:,}"),
        ("looks", f"{gauges.looks:,}"),
    ):
        second.append(value, "bold").append(f" {name}   " if long else f" {name}  ", "dim")
    return Group(first, second)


def alerts(cases: Sequence[Case], height: int) -> RenderableType:
    """The alerts, first those to be looked at first."""
    table = Table(box=None, expand=True, padding=(0, 1, 0, 0), header_style="dim", show_edge=False)
    table.add_column("severity", width=8, no_wrap=True)
    table.add_column("verdict", width=11, no_wrap=True)
    table.add_column("target", ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column("people", justify="right", width=6, no_wrap=True)
    table.add_column("new", justify="right", width=5, no_wrap=True)
    table.add_column("score", justify="right", width=5, no_wrap=True)
    table.add_column("status", width=10, no_wrap=True)
    table.add_column("growth", width=_CURVE, no_wrap=True)
    rows = max(1, height - 3)
    shown = cases if len(cases) <= rows else cases[: rows - 1]
    for case in shown:
        table.add_row(*_cells(case), style="dim" if case.is_over else "")
    hidden = len(cases) - len(shown)
    if hidden:
        table.add_row("", "", Text(f"and {hidden} more", "dim"))
    called = sum(case.verdict is Outcome.PILE_ON for case in cases)
    return _panel(
        table if cases else Text("No crowd has come together yet.", "dim"),
        Text(f"{len(cases)} alerts, {called} of them pile-on"),
        "red" if called else "blue",
    )


def why(story: Story, width: int, height: int) -> RenderableType:
    """Why the gravest crowd is called what it is."""
    case = story.gravest
    if case is None:
        return _panel(Text("Nobody is being piled on, as far as can be told.", "dim"), Text("why"), "blue")
    title = Text.assemble("why ", _verdict(case), f" {target(case.alert, 28)}")
    return _panel(_reasons(reasons(case.alert), width - _FRAME, height - 2), title, STYLES[case.verdict])


def calm(story: Story, width: int, height: int) -> RenderableType:
    """Why the largest harmless crowd is not called a pile-on."""
    case = story.calmest
    if case is None:
        return _panel(Text("No harmless crowd yet.", "dim"), Text("not a pile-on"), "blue")
    people, score = case.crowd[-1], case.alert["score"]
    title = Text.assemble(
        ("○ not a pile-on", STYLES[Outcome.ORGANIC_SURGE]),
        f" {target(case.alert, 24)}: {people} people, score {score:.2f}",
    )
    body = _reasons(reasons(case.alert, against_first=True), width - _FRAME, height - 2)
    return _panel(body, title, STYLES[Outcome.ORGANIC_SURGE])


def log(notes: Sequence[Note], width: int, height: int) -> RenderableType:
    """What happened last, the newest below."""
    lines = []
    brief = width < _LONG
    for note in notes[-height:] if height > 0 else []:
        outcome = Outcome(note.alert["verdict"])
        line = Text(f" {clock(note.alert['updated_at'])} ", "dim", no_wrap=True, overflow="ellipsis")
        line.append(SYMBOLS[outcome], f"{STYLES[outcome]} not dim")
        line.append(f" {headline(note, 18 if brief else 48, brief=brief)}", "default not dim")
        lines.append(line)
    return Group(*lines)


def _cells(case: Case) -> list[Text]:
    alert = case.alert
    return [
        Text(alert["severity"], SEVERITY_STYLES[alert["severity"]]),
        _verdict(case),
        Text(target(alert, 60)),
        Text(f"{case.crowd[-1]:,}"),
        Text(f"+{case.growth}" if case.growth else "", "dim"),
        Text(f"{alert['score']:.2f}"),
        Text(alert["status"]),
        Text(sparkline(case.crowd, _CURVE), STYLES[case.verdict]),
    ]


def _verdict(case: Case) -> Text:
    return Text(f"{SYMBOLS[case.verdict]} {NAMES[case.verdict]}", STYLES[case.verdict])


def _reasons(found: Sequence[Reason], width: int, height: int) -> RenderableType:
    """The reasons that fit in whole, each with its bar: `+` towards a pile-on, `-` away from it."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=_BAR + 6, no_wrap=True)
    grid.add_column(ratio=1)
    full = max((abs(reason.contribution) for reason in found), default=1.0)
    room = max(20, width - _BAR - 7)
    left = height
    for reason in found:
        lines = wrap(reason.sentence, room)
        if len(lines) > left:
            continue
        left -= len(lines)
        size = abs(reason.contribution)
        style = STYLES[Outcome.PILE_ON if reason.contribution > 0 else Outcome.ORGANIC_SURGE]
        grid.add_row(
            Text.assemble((f"{reason.sign}{size:4.1f} ", style), (bar(size, full, _BAR), style)), Text("\n".join(lines))
        )
    return grid


def _panel(content: RenderableType, title: Text, style: str) -> Panel:
    return Panel(content, title=title, title_align="left", border_style=style, box=ROUNDED, padding=(0, 1))
