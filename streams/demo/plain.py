"""The demo as plain lines, for whatever is not a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from streams.demo.closing import Closing
from streams.demo.player import Gauges
from streams.demo.story import Alert, News, Note, Story
from streams.demo.words import clock, day, reasons, span, target

_ID_CELLS: Final = 48
_REASONS: Final = 3
_WITHOUT_REASONS: Final = frozenset({News.RESOLVED, News.RETRACTED})


class PlainLines:
    """Prints a line for every revision of note, with the three reasons that count most beneath it.

    Parameters
    ----------
    print_line
        Where a line goes.
    """

    def __init__(self, print_line: Callable[[str], None]) -> None:
        self._print = print_line
        self._begun = False

    def note(self, note: Note) -> None:
        """A revision worth a line."""
        for line in lines_of(note):
            self._print(line)

    def frame(self, story: Story, gauges: Gauges) -> None:
        """The clock has advanced."""
        if not self._begun:
            self._begun = True
            self._print(f"It is {day(gauges.clock_ms)}, {clock(gauges.clock_ms)} UTC. All is quiet.")


def lines_of(note: Note) -> Iterator[str]:
    """A note as lines: what happened, then why."""
    alert = note.alert
    yield f"{clock(alert['updated_at'])} {headline(note)}"
    if note.news not in _WITHOUT_REASONS:
        for reason in reasons(alert)[:_REASONS]:
            yield f"         {reason.sign}{abs(reason.contribution):.1f}  {reason.sentence}"


def headline(note: Note, cells: int = _ID_CELLS, *, brief: bool = False) -> str:
    """What happened, in a line: news, verdict, severity, target, people, score; the target `cells` wide at most."""
    alert = note.alert
    news = note.news.value.upper()
    was = f" (was {note.before})" if note.news is News.CHANGED else ""
    return f"{news} {alert['verdict']}{was} {alert['severity']} {target(alert, cells)}: {_people(alert, brief=brief)}"


def _people(alert: Alert, *, brief: bool) -> str:
    people = alert["participants"]
    if brief:
        return f"{people['total']} people"
    since = span((alert["updated_at"] - alert["started_at"]) / 1000)
    return (
        f"{people['total']} people in {since}, {people['strangers']} of them strangers, "
        f"{people['fresh_accounts']} with new accounts; score {alert['score']:.2f}"
    )


def closing_lines(closing: Closing) -> Iterator[str]:
    """The closing summary as lines."""
    yield ""
    yield closing.heading
    for row in closing.rows:
        yield f"  {row.happened:<32} {row.crowd:>5} people   {row.verdict}"
    yield from closing.remarks
