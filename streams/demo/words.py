"""How an alert is told: times, verdicts, reasons, small drawings. Whatever came from the stream is made safe here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from alerts.messages import say
from detectors.verdict import Outcome
from streams.demo.safe import safe
from streams.demo.story import Alert

SYMBOLS: Final = {Outcome.PILE_ON: "▲", Outcome.UNCERTAIN: "?", Outcome.ORGANIC_SURGE: "○"}
NAMES: Final = {Outcome.PILE_ON: "pile-on", Outcome.UNCERTAIN: "uncertain", Outcome.ORGANIC_SURGE: "organic"}
STYLES: Final = {Outcome.PILE_ON: "bold red", Outcome.UNCERTAIN: "yellow", Outcome.ORGANIC_SURGE: "green"}
SEVERITY_STYLES: Final = {
    "info": "dim",
    "low": "default",
    "medium": "yellow",
    "high": "bold red",
    "critical": "bold white on red",
}

_KIND: Final = {"account": "@", "thread": "thread ", "community": "in "}
_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
_NOTHING: Final = 0.05


@dataclass(frozen=True, slots=True)
class Reason:
    """A signal as a sentence, and what it added: above 0 it speaks for a pile-on, below 0 against."""

    contribution: float
    sentence: str

    @property
    def sign(self) -> str:
        """`+` or `-`."""
        return "+" if self.contribution > 0 else "-"


def clock(time_ms: int) -> str:
    """The hour, minute and second (UTC) of a time in ms."""
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%H:%M:%S}"


def day(time_ms: int) -> str:
    """The day of a time in ms UTC."""
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return f"{moment:%a} {moment.day} {moment:%b %Y}"


def target(alert: Alert, cells: int) -> str:
    """Whom or what a crowd turned to, made safe."""
    return safe(_KIND[alert["target"]["kind"]] + alert["target"]["id"], cells)


def reasons(alert: Alert, *, against_first: bool = False) -> list[Reason]:
    """Why: what counted, largest contribution first; with `against_first` what speaks against a pile-on first."""
    found = [
        Reason(
            signal["contribution"],
            say(
                signal["code"],
                {
                    name: safe(value) if isinstance(value, str) else value
                    for name, value in signal["parameters"].items()
                },
            ),
        )
        for signal in alert["signals"]
        if abs(signal["contribution"]) >= _NOTHING
    ]
    return sorted(found, key=lambda reason: (against_first and reason.contribution > 0, -abs(reason.contribution)))


def sparkline(values: Sequence[int], cells: int) -> str:
    """Numbers as a row of blocks from nothing to the largest, at most `cells` of them, the newest last."""
    if len(values) > cells:
        values = [values[(at + 1) * len(values) // cells - 1] for at in range(cells)]
    top = max(values, default=0) or 1
    return "".join(_BLOCKS[min(7, 8 * value // (top + 1))] for value in values)


def bar(value: float, full: float, cells: int) -> str:
    """A bar of `value` out of `full`, `cells` wide when full, padded with spaces."""
    eighths = round(8 * cells * min(1.0, value / full)) if full > 0 else 0
    whole, rest = divmod(max(1, eighths), 8)
    return ("█" * whole + (_EIGHTHS[rest] if rest else "")).ljust(cells)


def span(seconds: float) -> str:
    """A stretch of time as a person says it."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
