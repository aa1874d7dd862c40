"""The score on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.table import Table

from streams.inject.figures import BUDGETS
from streams.inject.leaks import Finding

WORDS: Final = {
    "recall": "pile-ons called so (recall)",
    "false_alerts_per_day": "organic pile_on alerts a day",
    "false_alerts_per_100k": "organic pile_on alerts per 100,000 interactions",
    "harmless_called_pile_on": "harmless surges called pile_on",
    "harmless_uncertain": "harmless surges left uncertain",
    "pile_ons_uncertain": "pile-ons left uncertain",
    "recall_at_1": "recall at 1 false alert a day",
    "recall_at_3": "recall at 3 false alerts a day",
    "recall_at_10": "recall at 10 false alerts a day",
    "participants": "participants at the alert",
    "seconds": "seconds to the alert",
    "attackers_precision": "attackers named: precision",
    "attackers_recall": "attackers named: recall",
    "defenders_accused": "defenders accused",
    "instigator_hit_1": "instigator named first",
    "instigator_hit_3": "instigator among the first three",
    "instigator_blamed": "instigator named where there was none",
    "sources_recall": "source communities found",
    "sources_precision": "source communities said rightly",
}
"""What the figures are called."""
WHOLE: Final = frozenset({"participants", "seconds"})


def number(name: str, value: float | None) -> str:
    """A figure for a reader."""
    if value is None:
        return "-"
    return f"{value:.0f}" if name in WHOLE else f"{value:.2f}"


def table(preset: str, score: Mapping[str, Any]) -> Table:
    """All figures of a preset, with its yardsticks beneath."""
    title = (
        f"{preset}: {score['pile_ons']} pile-ons, {score['harmless']} harmless surges, {len(score['seeds'])} streams"
    )
    found = Table(
        title=title, caption="Medians over streams, with a bootstrap interval of 90 %.", caption_justify="left"
    )
    found.add_column("figure")
    for name in ("median", "from", "to"):
        found.add_column(name, justify="right")
    for name, words in WORDS.items():
        figure = score["figures"][name]
        found.add_row(words, *(number(name, figure[part]) for part in ("median", "low", "high")))
    found.add_section()
    _add_calibration(found, score["calibration"])
    for name, yardstick in score["yardsticks"].items():
        found.add_section()
        for budget in BUDGETS:
            figure = yardstick[f"recall_at_{budget}"]
            cells = (number("", figure[part]) for part in ("median", "low", "high"))
            found.add_row(f"{name}: recall at {budget} a day", *cells)
    return found


def table_of_all(whole: Mapping[str, Any]) -> Table:
    """What is told of all presets in one."""
    found = Table(title="All of these together", caption_justify="left")
    found.add_column("figure")
    found.add_column("", justify="right")
    _add_calibration(found, whole["calibration"])
    found.add_section()
    for shape, one in whole["calibration"]["by_shape"].items():
        found.add_row(f"calibration error, {shape}", number("", one["ece"]))
    return found


def _add_calibration(found: Table, calibration: Mapping[str, Any]) -> None:
    for words, value in (
        ("calibration error, matched", calibration["matched_ece"]),
        ("calibration error, worst shape", calibration["worst_shape"]),
        (f"calibration error at a prior of {calibration['prior']:.0%}", calibration["at_prior_ece"]),
    ):
        found.add_row(words, number("", value))


def leak_table(preset: str, findings: Sequence[Finding], most: int = 15) -> Table:
    """The fields that separate best by themselves."""
    found = Table(title=f"{preset}: what single fields tell", caption_justify="left")
    for name in ("field", "over each", "told apart"):
        found.add_column(name)
    for name in ("area", "chance"):
        found.add_column(name, justify="right")
    for one in findings[:most]:
        cells = (one.field, one.level, one.sides, f"{one.auc:.2f}", f"{one.chance:.2f}")
        found.add_row(*cells, style="bold red" if one.leaks else None)
    return found
