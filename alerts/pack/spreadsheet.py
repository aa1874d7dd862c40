"""A pack for spreadsheets: one row for each interaction, in which no cell is a formula."""

from __future__ import annotations

import csv
import re
from io import StringIO
from typing import Any, Final

from alerts.pack.making import Pack
from alerts.pack.visible import said_at, visible

_COLUMNS: Final = (
    "revision", "time", "event", "account", "role", "type", "community", "home", "thread", "parent", "target", "stranger",
    "fresh", "late", "mended", "text", "text_state", "text_hash",
)  # fmt: skip
_FORMULA: Final = re.compile(r"""[\s\u200b\ufeff\x00"'`‘’“”«»]*[=+\-@＝＋－＠﹦﹢﹣﹫−]""")  # noqa: RUF001 - those that look like them too
"""How a formula begins, whatever blanks and quotes stand before it."""


def as_csv(pack: Pack) -> bytes:
    """A pack as CSV (RFC 4180, UTF-8 with a byte order mark, every cell quoted).

    What a spreadsheet would take for a formula has an apostrophe before it; controls are written out, as in [U+202E].
    """
    roles = {one["account"]: one.get("role") for one in pack.accounts}
    out = StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(_COLUMNS)
    for revision, one in pack.interactions:
        given = {**one, "revision": revision, "role": roles.get(one["account"]), "text_state": text_state(one)}
        writer.writerow([said_at(one["time"]) if name == "time" else cell(given.get(name)) for name in _COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def text_state(one: dict[str, Any]) -> str:
    """Why there is no text, where there was one."""
    if one.get("text") is not None or not one.get("text_hash"):
        return ""
    return "taken back" if "text" in one else "left out"


def cell(value: object) -> str:
    """A value for a cell, harmless."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    is_harmful = text.startswith(("\t", "\r")) or _FORMULA.match(text) is not None
    return visible(f"'{text}" if is_harmful else text)
