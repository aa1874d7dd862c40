"""Plots as inline SVG, without any script: points with intervals, a reliability diagram, a cumulative curve."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

WIDTH: Final = 560
HEIGHT: Final = 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 16, 14, 44


class Point(NamedTuple):
    """A point of a plot: its label, its value and the interval around it."""

    label: str
    value: float
    low: float
    high: float


class Dot(NamedTuple):
    """A bin of a reliability diagram: mean score, share of pile-ons, how many alerts."""

    score: float
    share: float
    alerts: int


def intervals(series: Sequence[tuple[str, Sequence[Point]]], caption: str) -> str:
    """Several series of points over the same labels, from 0 to 1, each with its interval."""
    labels = list(dict.fromkeys(point.label for _, points in series for point in points))
    parts = [_frame([f"{tick / 4:.0%}" for tick in range(5)])]
    step = (WIDTH - _LEFT - _RIGHT) / max(len(labels), 1)
    at = {label: _LEFT + step * (place + 0.5) for place, label in enumerate(labels)}
    parts += [_text(x, HEIGHT - _BOTTOM + 16, label, "middle") for label, x in at.items()]
    for number, (_, points) in enumerate(series):
        shift = (number - (len(series) - 1) / 2) * 12
        way = " ".join(f"{at[p.label] + shift:.1f},{_y(p.value):.1f}" for p in points)
        parts.append(f'<polyline class="line s{number}" points="{way}"/>')
        for point in points:
            x = at[point.label] + shift
            parts.append(
                f'<line class="bar s{number}" x1="{x:.1f}" x2="{x:.1f}" y1="{_y(point.low):.1f}" '
                f'y2="{_y(point.high):.1f}"/><circle class="dot s{number}" cx="{x:.1f}" cy="{_y(point.value):.1f}" r="4">'
                f"<title>{escape(point.label)}: {point.value:.2f}, {point.low:.2f} to {point.high:.2f}</title></circle>"
            )
    parts.append(_text(WIDTH / 2, HEIGHT - 8, caption, "middle", "axis"))
    return _svg(parts) + legend([name for name, _ in series])


def diagram(series: Sequence[tuple[str, Sequence[Dot]]]) -> str:
    """A reliability diagram: what was said against what was so; the larger a dot, the more alerts."""
    parts = [_frame([f"{tick / 4:.0%}" for tick in range(5)])]
    parts += [_text(_x(tick / 4), HEIGHT - _BOTTOM + 16, f"{tick / 4:.2f}", "middle") for tick in range(5)]
    parts.append(f'<line class="ideal" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>')
    for number, (_, dots) in enumerate(series):
        way = " ".join(f"{_x(dot.score):.1f},{_y(dot.share):.1f}" for dot in dots)
        parts.append(f'<polyline class="line s{number}" points="{way}"/>')
        for dot in dots:
            radius = min(3 + math.sqrt(dot.alerts), 13.0)
            parts.append(
                f'<circle class="dot s{number}" cx="{_x(dot.score):.1f}" cy="{_y(dot.share):.1f}" r="{radius:.1f}">'
                f"<title>said {dot.score:.2f}, so {dot.share:.2f}, {dot.alerts} alerts</title></circle>"
            )
    parts.append(_text(WIDTH / 2, HEIGHT - 8, "score said", "middle", "axis"))
    return _svg(parts) + legend([name for name, _ in series])


def cumulative(series: Sequence[tuple[str, Sequence[float], int]]) -> str:
    """The share of pile-ons called within so many seconds, on a logarithmic axis; each series: name, seconds, of how many."""
    top = max((seconds for _, values, _ in series for seconds in values), default=60.0)
    decades: float = max(1.0, math.ceil(math.log10(max(top, 10.0)) * 2) / 2)
    parts = [_frame([f"{tick / 4:.0%}" for tick in range(5)])]
    for moment, label in _MOMENTS:
        if math.log10(moment) <= decades:
            parts.append(_text(_x(math.log10(moment) / decades), HEIGHT - _BOTTOM + 16, label, "middle"))
    for number, (_, values, of) in enumerate(series):
        done = 0.0
        way = [f"{_x(0):.1f},{_y(0):.1f}"]
        for count, seconds in enumerate(sorted(values), 1):
            x = _x(math.log10(max(seconds, 1.0)) / decades)
            way += [f"{x:.1f},{_y(done):.1f}", f"{x:.1f},{_y(count / max(of, 1)):.1f}"]
            done = count / max(of, 1)
        way.append(f"{_x(1):.1f},{_y(done):.1f}")
        parts.append(f'<polyline class="line s{number}" points="{" ".join(way)}"/>')
    parts.append(_text(WIDTH / 2, HEIGHT - 8, "time since the first attacker", "middle", "axis"))
    return _svg(parts) + legend([name for name, _, _ in series])


_MOMENTS: Final = (
    (1, "1 s"),
    (10, "10 s"),
    (60, "1 min"),
    (600, "10 min"),
    (3_600, "1 h"),
    (21_600, "6 h"),
    (86_400, "1 d"),
)


def legend(names: Sequence[str]) -> str:
    """What each colour stands for."""
    items = "".join(f'<li><i class="s{number}"></i>{escape(name)}</li>' for number, name in enumerate(names))
    return f'<ul class="legend">{items}</ul>'


def _x(value: float) -> float:
    return _LEFT + (WIDTH - _LEFT - _RIGHT) * min(max(value, 0.0), 1.0)


def _y(value: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * min(max(value, 0.0), 1.0)


def _frame(ticks: Sequence[str]) -> str:
    found = []
    for number, tick in enumerate(ticks):
        y = _y(number / (len(ticks) - 1))
        found.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        found.append(_text(_LEFT - 8, y + 4, tick, "end"))
    return "".join(found)


def _text(x: float, y: float, words: str, anchor: str, kind: str = "tick") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _svg(parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(parts)}</svg>'
