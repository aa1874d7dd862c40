"""The demo on a terminal: a view that fills the screen and follows its size."""

from __future__ import annotations

from collections import deque
from typing import Final

from rich.console import Console
from rich.layout import Layout
from rich.live import Live
from rich.text import Text

from streams.demo import panels
from streams.demo.player import Gauges
from streams.demo.story import Note, Story

WIDTH, HEIGHT = 72, 20
"""The smallest terminal that the view is for."""
_WIDE, _TALL = 110, 30
_RATE_FRAMES: Final = 20


class View:
    """What is seen at one moment, for any size.

    Parameters
    ----------
    speed
        Event seconds for each second of the wall clock.
    link
        Where the same is to be seen in a browser, if anywhere: shown in the last line.
    """

    def __init__(self, speed: float, link: str | None = None) -> None:
        self._speed, self._link = speed, link

    def render(self, story: Story, gauges: Gauges, rate: float, width: int, height: int) -> Layout:
        """The view for a terminal of `width` columns and `height` lines; `rate` is events a second."""
        if self._link is not None:
            above = View(self._speed).render(story, gauges, rate, width, height - 1)
            return _column(above, Layout(Text(self._link, "bold", no_wrap=True), size=1))
        wide = width >= _WIDE and height >= _TALL
        place = _wide(height) if wide else _narrow(height)
        place["header"].update(panels.header(gauges, rate, self._speed, width))
        place["alerts"].update(panels.alerts(story.cases, place["alerts"].size or 0))
        half = (width + 1) // 2 if wide else width
        tall = place["lower"].size or 0 if wide else 0
        place["why"].update(panels.why(story, half, tall or place["why"].size or 0))
        place["calm"].update(panels.calm(story, width // 2 if wide else width, tall or place["calm"].size or 0))
        place["log"].update(panels.log(list(story.log), width, place["log"].size or 0))
        return place


class LiveView:
    """Keeps a terminal showing the view.

    Parameters
    ----------
    live
        A started `rich` display without refreshing of its own.
    speed
        Event seconds for each second of the wall clock.
    link
        As for `View`.
    """

    def __init__(self, live: Live, speed: float, link: str | None = None) -> None:
        self._live = live
        self._view = View(speed, link)
        self._seen: deque[tuple[float, int]] = deque(maxlen=_RATE_FRAMES)

    def note(self, note: Note) -> None:
        """A revision worth a line: the story has it."""

    def frame(self, story: Story, gauges: Gauges) -> None:
        """The clock has advanced: draw."""
        console: Console = self._live.console
        self._seen.append((console.get_time(), gauges.events))
        (began, before), (now, events) = self._seen[0], self._seen[-1]
        rate = (events - before) / (now - began) if now > began else 0.0
        width, height = console.size
        self._live.update(self._view.render(story, gauges, rate, width, height), refresh=True)


def _narrow(height: int) -> Layout:
    why, calm = (7, 5) if height < _TALL else (10, 7)
    lines = max(2, (height - 2 - why - calm) // 4)
    return _column(
        Layout(name="header", size=2),
        Layout(name="alerts", size=max(5, height - 2 - why - calm - lines)),
        Layout(name="why", size=why),
        Layout(name="calm", size=calm),
        Layout(name="log", size=lines),
    )


def _wide(height: int) -> Layout:
    lower = max(9, height * 3 // 10)
    lines = max(4, height // 5)
    pair = Layout(name="lower", size=lower)
    pair.split_row(Layout(name="why"), Layout(name="calm"))
    return _column(
        Layout(name="header", size=2),
        Layout(name="alerts", size=height - 2 - lower - lines),
        pair,
        Layout(name="log", size=lines),
    )


def _column(*parts: Layout) -> Layout:
    whole = Layout()
    whole.split_column(*parts)
    return whole
