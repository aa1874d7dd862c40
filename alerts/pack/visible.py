"""Text of unknown origin made safe to look at: nothing in it is invisible, or turns what stands beside it around."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

_HIDDEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # controls
    "\u00ad\u061c\u180e"
    "\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"  # marks, line breaks, overrides, isolates
    "\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff"
    "\U000e0000-\U000e0fff]"  # tags
)


def visible(text: str, *, lines: bool = False) -> str:
    """A text with its controls, bidirectional ones too, written out, as in [U+202E]; line feeds and tabs stay if `lines`."""
    return _HIDDEN.sub(lambda found: found[0] if lines and found[0] in "\n\t" else f"[U+{ord(found[0]):04X}]", text)


def said_at(time_ms: int) -> str:
    """A time for people, UTC."""
    try:
        found = datetime.fromtimestamp(time_ms / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return str(time_ms)
    return found.strftime("%Y-%m-%d %H:%M:%S") + f".{time_ms % 1000:03d}"
