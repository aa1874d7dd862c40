"""The fields of an event, each as one number, or one of few words: what a single field could give away."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

_OPTIONAL: Final = (
    "target",
    "thread",
    "thread_author",
    "parent",
    "community",
    "text",
    "lang",
    "links",
    "value",
    "views",
    "author_created_at",
    "author_home",
    "author_followers",
    "target_followers",
    "author_flags",
    "target_flags",
    "visibility",
)
_DAY_MS: Final = 86_400_000


def fields_of(event: Mapping[str, Any], commonness: Mapping[str, int]) -> dict[str, float | str]:
    """Every field of an event by itself.

    Parameters
    ----------
    commonness
        How often each community occurs in the background.
    """
    time_ms = event["time"]
    found: dict[str, float | str] = {
        "type": str(event["type"]),
        "time.hour": float(time_ms // 3_600_000 % 24),
        "time.minute": float(time_ms // 60_000 % 60),
        "time.second": float(time_ms // 1_000 % 60),
        "time.millisecond": float(time_ms % 1_000),
        **_name("id", event["id"]),
        **_name("author", event["author"]),
    }
    for name in _OPTIONAL:
        found[f"{name}.present"] = float(name in event)
    found |= _place(event, commonness) | _content(event)
    for name in ("views", "author_followers", "target_followers"):
        if name in event:
            found[name] = math.log1p(event[name])
    if "author_created_at" in event:
        found["author_created_at.age"] = max(time_ms - event["author_created_at"], 0) / _DAY_MS
    return found


def _place(event: Mapping[str, Any], commonness: Mapping[str, int]) -> dict[str, float | str]:
    found: dict[str, float | str] = {}
    target = event.get("target")
    if isinstance(target, list):
        found["target.number"] = float(len(target))
        target = target[0] if target else None
    if target is not None:
        found |= _name("target", target)
        if "thread_author" in event:
            found["thread_author.is_target"] = float(event["thread_author"] == target)
    if "parent" in event:
        found["parent.is_thread"] = float(event["parent"] == event.get("thread"))
    for name in ("author_home", "community"):
        if name in event:
            found[f"{name}.commonness"] = float(commonness.get(event[name], 0))
    return found


def _content(event: Mapping[str, Any]) -> dict[str, float | str]:
    found: dict[str, float | str] = {name: str(event[name]) for name in ("lang", "value") if name in event}
    if "text" in event:
        found["text.length"] = float(len(event["text"]))
        found["text.words"] = float(event["text"].count(" "))
    if "links" in event:
        found["links.number"] = float(len(event["links"]))
        found["links.length"] = float(max(map(len, event["links"]), default=0))
    return found


def _name(field: str, name: str) -> dict[str, float | str]:
    found: dict[str, float | str] = {
        f"{field}.length": float(len(name)),
        f"{field}.digits": sum(sign.isdigit() for sign in name) / len(name),
        f"{field}.shape": "".join("9" if s.isdigit() else "a" if s.isalpha() else s for s in name[:3]),
    }
    if name.isascii() and name.isdigit():
        found[f"{field}.number"] = float(min(int(name[:18]), 10**9))
    return found
