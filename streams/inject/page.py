"""The score as a page: one HTML file that needs nothing else, every word in it escaped."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, Final

from streams.inject.figures import BUDGETS
from streams.inject.plots import Dot, Point, cumulative, diagram, intervals
from streams.inject.tables import WORDS, number

_STYLE: Final = (
    """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5c6675; --rule: #d9dee5; --paper: #ffffff; --card: #f6f8fa;
  --s0: #1f6feb; --s1: #d1622b; --s2: #2f8f5b; --s3: #8250df; --s4: #b08800; --s5: #0a7f8c; --s6: #bf3989; --s7: #57606a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa5b4; --rule: #343c48; --paper: #12161c;
  --card: #1a2029; --s0: #58a6ff; --s1: #f0883e; --s2: #56d391; --s3: #bc8cff; --s4: #e3b341; --s5: #39c5cf; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 32px 24px 64px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { font-size: 28px; margin: 0 0 4px; } h2 { font-size: 21px; margin: 44px 0 12px; } h3 { font-size: 15px; margin: 28px 0 8px; }
figure h3 { margin-top: 0; }
p { color: var(--soft); margin: 4px 0 12px; max-width: 75ch; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 12px; margin: 16px 0; }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 12px 16px; }
.card b { display: block; font-size: 27px; font-variant-numeric: tabular-nums; } .card span { color: var(--soft); }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(440px, 1fr)); gap: 16px; margin: 16px 0; }
figure { margin: 0; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 14px 16px; }
svg { width: 100%; height: auto; display: block; } text { fill: var(--soft); font-size: 12px; }
text.axis { font-size: 12.5px; } .grid { stroke: var(--rule); } .ideal { stroke: var(--soft); stroke-dasharray: 4 4; }
.line { fill: none; stroke-width: 2; } .bar { stroke-width: 2; opacity: .55; } .dot { opacity: .85; }
"""
    + "".join(
        f".line.s{n}, .bar.s{n} {{ stroke: var(--s{n}); }} .dot.s{n} {{ fill: var(--s{n}); }} i.s{n} {{ background: var(--s{n}); }}\n"
        for n in range(8)
    )
    + """
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 6px 0 0; padding: 0; font-size: 13px; }
.legend i { display: inline-block; width: 11px; height: 11px; border-radius: 50%; margin-right: 6px; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 10px; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } th { color: var(--soft); font-weight: 600; }
td small { color: var(--soft); display: block; line-height: 1.2; } tr.mark td { background: color-mix(in srgb, var(--s0) 9%, transparent); font-weight: 600; }
"""
)
_CARDS: Final = ("recall", "false_alerts_per_day", "harmless_called_pile_on", "pile_ons_uncertain", "participants")


def page(title: str, facts: str, scores: Mapping[str, Mapping[str, Any]], whole: Mapping[str, Any]) -> str:
    """The whole report as HTML.

    Parameters
    ----------
    title, facts
        Its heading, and a line about what it was made from.
    scores
        By preset, what `streams.inject.score.score` tells.
    whole
        What `streams.inject.score.together` tells of all of them; shown where there are several.
    """
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        '<meta name=viewport content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f"<h1>{escape(title)}</h1><p>{escape(facts)}</p>",
    ]
    if len(scores) > 1:
        parts.append(f"{_overview(scores)}<div class=plots>{_reliability(whole)}</div>")
    for preset, score in scores.items():
        parts.append(_preset(preset, score))
    parts.append(
        "<p>Figures are medians over streams; the small numbers are a bootstrap interval of 90 %. Everything is told as "
        "the alerts were emitted: what any revision said counts as said.</p></html>"
    )
    return "\n".join(parts)


def _overview(scores: Mapping[str, Mapping[str, Any]]) -> str:
    head = "".join(f"<th>{escape(_SHORT[name])}" for name in _SHORT)
    rows = "".join(
        f"<tr><td>{escape(preset)}" + "".join(_cell(name, score["figures"][name]) for name in _SHORT)
        for preset, score in scores.items()
    )
    return f"<h2>All presets</h2><div class=wide><table><tr><th>preset{head}{rows}</table></div>"


_SHORT: Final = {
    "recall": "recall",
    "false_alerts_per_day": "organic a day",
    "harmless_called_pile_on": "harmless called",
    "pile_ons_uncertain": "pile-ons uncertain",
    "harmless_uncertain": "harmless uncertain",
    "participants": "participants",
    "seconds": "seconds",
}


def _preset(preset: str, score: Mapping[str, Any]) -> str:
    facts = (
        f"{score['pile_ons']} pile-ons and {score['harmless']} harmless surges in {len(score['seeds'])} streams, "
        f"{score['interactions']:,} interactions, {score['days']:.0f} days."
    )
    cards = "".join(
        f"<div class=card><b>{number(name, score['figures'][name]['median'])}</b><span>{escape(WORDS[name])}</span></div>"
        for name in _CARDS
    )
    return (
        f"<h2>{escape(preset)}</h2><p>{escape(facts)}</p><div class=cards>{cards}</div>"
        f"<div class=plots>{_sizes(score)}{_reliability(score)}{_times(preset, score)}{_shapes(score)}</div>"
        f"{_scenarios(score)}{_against(score)}{_figures(score)}"
    )


def _sizes(score: Mapping[str, Any]) -> str:
    def points(name: str) -> list[Point]:
        return [
            Point(f"{row['from']}+", *(row[name][part] for part in ("median", "low", "high")))
            for row in score["by_size"]
            if row[name]["median"] is not None
        ]

    series = [("pile-ons called so", points("recall")), ("harmless called pile_on", points("harmless_called_pile_on"))]
    return f"<figure><h3>By size</h3>{intervals(series, 'accounts that come, from so many on')}</figure>"


def _shapes(score: Mapping[str, Any]) -> str:
    found = score["by_scenario"]
    if len(found) < 2:
        return ""
    series = [
        (
            words,
            [
                Point(name.rpartition(", ")[2], *(row[measure][part] for part in ("median", "low", "high")))
                for name, row in found.items()
                if row[measure]["median"] is not None
            ],
        )
        for words, measure in (("pile-ons called so", "recall"), ("harmless called", "harmless_called_pile_on"))
    ]
    return f"<figure><h3>By scenario</h3>{intervals(series, 'scenario')}</figure>"


def _reliability(score: Mapping[str, Any]) -> str:
    calibration = score["calibration"]
    named = (
        ("attacks with their matched surges", "matched"),
        (f"at a prior of {calibration['prior']:.0%}", "at_prior"),
    )
    series = [
        (name, [Dot(one["score"], one["share"], one["alerts"]) for one in calibration[part]]) for name, part in named
    ]
    errors = ", ".join(
        f"{words} {number('', calibration[name])}"
        for words, name in (
            ("matched", "matched_ece"),
            ("worst shape", "worst_shape"),
            ("at the prior", "at_prior_ece"),
        )
    )
    return (
        f"<figure><h3>Of alerts with score s, which share are pile-ons</h3>{diagram(series)}"
        f"<p>Expected calibration error: {escape(errors)}.</p></figure>"
    )


def _times(preset: str, score: Mapping[str, Any]) -> str:
    series = [(preset, score["seconds"], score["pile_ons"])]
    return f"<figure><h3>Pile-ons called within a time</h3>{cumulative(series)}</figure>"


def _scenarios(score: Mapping[str, Any]) -> str:
    measures = (
        "recall",
        "harmless_called_pile_on",
        "pile_ons_uncertain",
        "harmless_uncertain",
        "participants",
        "seconds",
    )
    head = "".join(f"<th>{escape(_SHORT[name])}" for name in measures)
    rows = "".join(
        f"<tr><td>{escape(name)}<td>{row['pile_ons']}" + "".join(_cell(measure, row[measure]) for measure in measures)
        for name, row in score["by_scenario"].items()
    )
    return f"<h3>By scenario</h3><div class=wide><table><tr><th>scenario<th>pile-ons{head}{rows}</table></div>"


def _against(score: Mapping[str, Any]) -> str:
    head = "".join(f"<th>at {budget} a day" for budget in BUDGETS)
    mine = "".join(_cell("", score["figures"][f"recall_at_{budget}"]) for budget in BUDGETS)
    rows = [f"<tr class=mark><td>Breakwater{mine}"]
    for name, yardstick in score["yardsticks"].items():
        cells = "".join(_cell("", yardstick[f"recall_at_{budget}"]) for budget in BUDGETS)
        rows.append(f"<tr><td>{escape(name)}{cells}")
    return (
        "<h3>Recall at so many false alerts, against simple scores on the same streams</h3>"
        f"<div class=wide><table><tr><th>score{head}{''.join(rows)}</table></div>"
    )


def _figures(score: Mapping[str, Any]) -> str:
    rows = "".join(f"<tr><td>{escape(words)}{_cell(name, score['figures'][name])}" for name, words in WORDS.items())
    return f"<h3>All figures</h3><div class=wide><table><tr><th>figure<th>median{rows}</table></div>"


def _cell(name: str, figure: Mapping[str, Any]) -> str:
    if figure["median"] is None:
        return "<td>-"
    low, high = number(name, figure["low"]), number(name, figure["high"])
    return f"<td>{number(name, figure['median'])} <small>{low} to {high}</small>"
