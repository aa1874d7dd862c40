"""The closing summary: what was said of each crowd, beside what the simulation knows that it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from streams.demo.safe import safe
from streams.demo.story import Alert
from streams.demo.words import span
from streams.evaluation import Outcome, Report, evaluate

_DAY_MS: Final = 86_400_000
_TITLE: Final = "What really happened, and what was said of it"
_STYLES: Final = {True: "green", False: "bold red", None: "yellow"}
_MARKS: Final = {True: "✓", False: "✗", None: "?"}


@dataclass(frozen=True, slots=True)
class Row:
    """One crowd: what it was, how many came, what was said, and whether that was right (None: left open)."""

    happened: str
    crowd: int
    verdict: str
    right: bool | None


@dataclass(frozen=True, slots=True)
class Closing:
    """All crowds so far, and what else was said."""

    heading: str
    rows: Sequence[Row]
    remarks: Sequence[str]
    report: Report

    def table(self) -> Table:
        """For a terminal."""
        table = Table(title=_TITLE, title_justify="left", caption="\n".join(self.remarks), caption_justify="left")
        table.add_column("")
        table.add_column("what it was")
        table.add_column("people", justify="right")
        table.add_column("what Breakwater said")
        for row in self.rows:
            style = _STYLES[row.right]
            table.add_row(
                Text(_MARKS[row.right], style), Text(row.happened), Text(str(row.crowd)), Text(row.verdict, style)
            )
        return table


def close(truth: dict[str, Any], revisions: Sequence[Alert], start_ms: int, clock_ms: int) -> Closing:
    """Compare the revisions up to a time with what had begun by then.

    Parameters
    ----------
    truth
        As in `truth.json`.
    revisions
        All of them, in order.
    start_ms, clock_ms
        The stretch that was played.
    """
    begun = [campaign for campaign in truth["campaigns"] if campaign["started_at"] <= clock_ms]
    days = max(1, clock_ms - start_ms) / _DAY_MS
    report = evaluate({**truth, "days": days, "campaigns": begun}, revisions)
    rows = [_row(campaign, outcome, clock_ms) for campaign, outcome in zip(begun, report.outcomes, strict=True)]
    return Closing(_TITLE + ":", rows, _remarks(truth, report, rows, len(begun)), report)


def _row(campaign: dict[str, Any], outcome: Outcome, clock_ms: int) -> Row:
    name = safe(outcome.scenario.replace("_", " "), 20)
    happened = f"{name}, {'a pile-on' if outcome.pile_on else 'harmless'}"
    crowd = int(campaign["participants"])
    if outcome.said == "pile_on":
        seconds, people = outcome.seconds or 0.0, outcome.participants or 0
        after = f"after {span(seconds)}, at {people} people"
        verdict = f"caught: pile_on {after}" if outcome.pile_on else f"wrong: called pile_on {after}"
        return Row(happened, crowd, verdict, outcome.pile_on)
    if outcome.said == "uncertain":
        return Row(happened, crowd, "left open: uncertain", None)
    said = "not remarked on" if outcome.said == "unseen" else "called organic_surge"
    if not outcome.pile_on:
        return Row(happened, crowd, f"right: {said}", True)
    if outcome.said == "unseen" and campaign["ended_at"] > clock_ms:
        return Row(happened, crowd, "had only just begun", None)
    return Row(happened, crowd, f"missed: {said}", False)


def _remarks(truth: dict[str, Any], report: Report, rows: Sequence[Row], begun: int) -> list[str]:
    pile_ons = [row for row, outcome in zip(rows, report.outcomes, strict=True) if outcome.pile_on]
    caught = sum(row.right is True for row in pile_ons)
    accused = sum(outcome.said == "pile_on" and not outcome.pile_on for outcome in report.outcomes)
    harmless = len(rows) - len(pile_ons)
    remarks = [f"{caught} of {len(pile_ons)} pile-ons were called so, {accused} of {harmless} harmless crowds."]
    if report.organic_alerts:
        remarks.append(
            f"Besides, {report.organic_alerts} crowds of the ordinary day gave an alert; "
            f"{report.false_alerts} of these said pile_on."
        )
    if report.beside:
        remarks.append(f"{report.beside} alerts were on people caught up in a raid on a place.")
    later = len(truth["campaigns"]) - begun
    if later:
        remarks.append(f"The demo ended early; crowds still to come: {later}.")
    return remarks
