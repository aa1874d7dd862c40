"""A pack as a page that prints well: one file, without scripts, in which nothing that was said is anything but text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final

from alerts.messages import say
from alerts.pack.making import Pack
from alerts.pack.spreadsheet import text_state
from alerts.pack.visible import said_at, visible

_STYLE: Final = """
:root { color-scheme: light; }
body { font: 14px/1.45 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 1rem 0; } dt { color: #555; } dd { margin: 0; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: start; vertical-align: top; padding: .25rem .5rem; border-bottom: 1px solid #ddd; }
thead { display: table-header-group; } tr { break-inside: avoid; } th { color: #555; font-weight: 600; }
td, dd, li, pre { overflow-wrap: anywhere; } .said { white-space: pre-wrap; min-width: 16rem; } .none { color: #555; font-style: italic; }
code, pre { font: 12px/1.4 ui-monospace, monospace; } pre { background: #f4f4f4; padding: .75rem; white-space: pre-wrap; }
svg { width: 100%; height: auto; border-bottom: 1px solid #888; } .all { fill: #9aa7b5; } .new { fill: #b3261e; } .usual { stroke: #1a1a1a; stroke-dasharray: 4 3; }
@page { margin: 15mm; } @media print { body { max-width: none; margin: 0; font-size: 10pt; } h2 { break-after: avoid; } }
"""
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
_BARS: Final = 240
_WIDTH, _HEIGHT = 960, 160

Row = Iterable[str]


def as_page(pack: Pack) -> bytes:
    """A pack as a page of HTML, UTF-8."""
    alert = pack.newest
    target = f"{alert['target']['kind']} {alert['target']['id']}"
    parts = [
        f"<h1>Evidence</h1>{_summary(pack, target)}",
        _section("Why", _signals(alert)),
        _section("Crowd over time", _chart(pack)),
        _section("Who", _people(pack)),
        _section("What was said", _interactions(pack)),
        _section("Revisions", _revisions(pack)),
        *(_section(_words(name), _made_of_it(value)) for name, value in pack.case.items()),
        _section("Check it", _how_to_check(alert)),
    ]
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
        f'<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width">'
        f"<title>Evidence: {escape(visible(target))}</title><style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )
    return page.encode()


def _text(value: object, *, lines: bool = False) -> str:
    """Text of unknown origin: escaped, nothing hidden in it, and turning nothing around outside itself."""
    return f"<bdi>{escape(visible(str(value), lines=lines))}</bdi>"


def _words(name: object) -> str:
    return escape(visible(str(name)).replace("_", " ").capitalize())


def _section(title: str, body: str) -> str:
    return f"<section><h2>{title}</h2>{body}</section>"


def _table(head: Row, rows: Iterable[Row]) -> str:
    """A table of cells that are HTML already."""
    names = "".join(f'<th scope="col">{name}</th>' for name in head)
    body = "".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)
    return f"<table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: object) -> str:
    if value is None:
        return "<td></td>"
    if isinstance(value, bool):
        return f"<td>{'yes' if value else 'no'}</td>"
    return f"<td>{_text(value)}</td>"


def _summary(pack: Pack, target: str) -> str:
    alert = pack.newest
    told = [
        ("Alert", f"<code>{_text(pack.alert)}</code>"),
        ("Target", _text(target)),
        ("Verdict", f"{_words(alert['verdict'])}, score {_text(alert['score'])}, severity {_text(alert['severity'])}"),
        ("Status", f"{_text(alert['status'])}, revision {_text(alert['revision'])}"),
        ("From", f"{said_at(alert['started_at'])} UTC, noticed {said_at(alert['detected_at'])}"),
        ("Newest revision", f"{said_at(alert['updated_at'])} UTC"),
        ("Participants", ", ".join(f"{_words(name).lower()} {_text(n)}" for name, n in alert["participants"].items())),
        ("Interactions", f"{_text(alert['interactions']['total'])}, of which {_left(pack)}"),
        ("Made by", f"Breakwater {_text(alert['engine']['version'])}, model {_text(alert['engine']['model'])}"),
    ]
    if any(part.get("sample") for part in pack.evidence):
        told.append(
            ("Sample", "The crowd came over hours or days; of such a one only a sample is known, without texts.")
        )
    return f"<dl>{''.join(f'<dt>{name}</dt><dd>{value}</dd>' for name, value in told)}</dl>"


def _left(pack: Pack) -> str:
    here = sum(1 for _ in pack.interactions)
    return f"{here} are here" + (f" and {pack.omitted} are covered by a digest only" if pack.omitted else "")


def _signals(alert: Mapping[str, Any]) -> str:
    rows = []
    for signal in alert["signals"]:
        sentence = _sentence(str(signal.get("code")), signal.get("parameters"))
        rows.append([*map(_cell, (signal.get("name"), signal.get("contribution"))), f"<td>{sentence}</td>"])
    return _table(("signal", "log-odds added", "what it says"), rows)


def _sentence(code: str, parameters: object) -> str:
    """A signal's sentence; names in it are isolated each."""
    given = parameters if isinstance(parameters, dict) else {}
    try:
        return say(code, {str(name): _text(value) for name, value in given.items()})
    except (LookupError, ValueError):
        return _text(code)


def _chart(pack: Pack) -> str:
    """Interactions and newcomers by the minute, or by as many minutes as fit."""
    minutes = pack.minutes
    if not minutes:
        return '<p class="none">Nothing is known of it.</p>'
    first, last = minutes[0]["start"], minutes[-1]["start"]
    step = -(-((last - first) // 60_000 + 1) // _BARS)
    bars: dict[int, list[int]] = {}
    for one in minutes:
        bar = bars.setdefault((one["start"] - first) // 60_000 // step, [0, 0])
        bar[0] += one["interactions"]
        bar[1] += one["newcomers"]
    count, most = max(bars) + 1, max(1, *(max(bar) for bar in bars.values()))
    width = _WIDTH / count
    drawn = []
    for at, values in sorted(bars.items()):
        for name, value in zip(("all", "new"), values, strict=True):
            height = round(_HEIGHT * value / most, 2)
            drawn.append(
                f'<rect class="{name}" x="{at * width:.2f}" y="{_HEIGHT - height:.2f}" width="{width * 0.85:.2f}" '
                f'height="{height:.2f}"/>'
            )
    each = "minute" if step == 1 else f"{step} minutes"
    label = f"Interactions (grey) and newcomers (red) each {each}, at most {most}."
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">{"".join(drawn)}</svg>'
        f"<p>{label} From {said_at(first)} to {said_at(last)} UTC.</p>"
    )


def _people(pack: Pack) -> str:
    names = ("account", "role", "confidence", "first_at", "home", "stranger", "fresh", "interactions")
    rows = (
        [
            _cell(said_at(one["first_at"]) if name == "first_at" and isinstance(one.get(name), int) else one.get(name))
            for name in names
        ]
        for one in pack.accounts
    )
    return _table(("account", "role", "how sure", "first", "home", "stranger", "new account", "interactions"), rows)


def _interactions(pack: Pack) -> str:
    rows = (
        [
            f"<td>{said_at(one['time'])}</td>",
            *(_cell(one.get(name)) for name in ("account", "type", "community")),
            _said(one),
            f"<td><code>{_text(one['event'])}</code></td>",
        ]
        for _, one in pack.interactions
    )
    return _table(("time, UTC", "account", "type", "where", "what", "event"), rows)


def _said(one: dict[str, Any]) -> str:
    if one.get("text") is not None:
        return f'<td class="said">{_text(one["text"], lines=True)}</td>'
    return f'<td class="none">{text_state(one) or "no text"}</td>'


def _revisions(pack: Pack) -> str:
    names = ("revision", "updated_at", "status", "verdict", "severity", "score")
    rows = (
        [
            *(_cell(said_at(one[name]) if name == "updated_at" else one.get(name)) for name in names),
            _cell(one["participants"]["total"]),
            f"<td><code>{_text(one['evidence']['digest'])}</code></td>",
        ]
        for one in pack.revisions
    )
    return _table(("revision", "time, UTC", "status", "verdict", "severity", "score", "people", "digest"), rows)


def _made_of_it(value: object) -> str:
    """What people made of the case: a table of records, or just text."""
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        names = list(dict.fromkeys(name for one in value for name in one))
        return _table(map(_words, names), ([_cell(one.get(name)) for name in names] for one in value))
    return f'<p class="said">{_text(value, lines=True)}</p>'


def _how_to_check(alert: Mapping[str, Any]) -> str:
    return (
        "<p>The pack as JSON can be checked: every digest is recomputed from what is in it. Compare the newest digest with the "
        "one that the alert has in your own records.</p>"
        f"<pre>breakwater verify PACK.json --digest {escape(visible(alert['evidence']['digest']))}</pre>"
    )
