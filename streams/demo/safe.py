"""Text from the firehose made fit for a terminal."""

from __future__ import annotations

import unicodedata
from typing import Final

from rich.cells import cell_len, set_cell_size

SUBSTITUTE: Final = "\N{MIDDLE DOT}"
_ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"
_MARKS: Final = frozenset({"Mn", "Me"})
_MOST_MARKS: Final = 2
_SELECTORS: Final = range(0xFE00, 0xFE10)
_READ_PER_CELL: Final = 8


def safe(text: str, cells: int = 40) -> str:
    """The text on one line, without anything that could steer a terminal, at most `cells` wide.

    Control and format characters (among them escapes and those that turn the direction of writing), line and
    paragraph separators, surrogates and unassigned code points become a middle dot; of combining marks no more than
    two in a row are kept; what is too long is cut and ends with an ellipsis. Markup is left as it is: put the result
    into a `rich.text.Text`, never into a markup string.
    """
    kept: list[str] = []
    marks = 0
    read = text[: cells * _READ_PER_CELL]
    for char in read:
        category = unicodedata.category(char)
        if category in _MARKS:
            marks += 1
            if marks > _MOST_MARKS or ord(char) in _SELECTORS:
                continue
        else:
            marks = 0
        if category[0] == "C" or category in ("Zl", "Zp"):
            char = SUBSTITUTE  # noqa: PLW2901 - the character as it is shown
        elif category == "Zs":
            char = " "  # noqa: PLW2901
        kept.append(char)
    shown = "".join(kept)
    if len(read) == len(text) and cell_len(shown) <= cells:
        return shown
    return set_cell_size(shown, max(0, min(cells - 1, cell_len(shown)))).rstrip() + _ELLIPSIS
