"""Strings that somebody may send who wants to harm, and cases full of them."""

import re
from typing import Any

import orjson

from alerts.console.feed import ALERTS, CAMPAIGNS, EVIDENCE, Record

STRINGS = (
    "<script>alert(1)</script>",
    "</script><svg onload=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "'; DROP TABLE users; --",
    "%00%0d%0aSet-Cookie: a=b",
    "../../../../etc/passwd",
    "\u202egnp.exe\u2066\u200f\u061c",
    "\ufeff\u200b\u2028\u2029\ufffe\uffff",
    "=cmd|'/c calc'!A1",
    '=HYPERLINK("http://evil.example","x")',
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\uff1d1+1",
    "x" * 20_000,
    "\u0e01" * 6_000,
    "Z\u0351\u036b\u0343" * 500,
    "a\0b",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 50,
    "__proto__",
    "constructor",
    "-----",
    " ",
    "%",
    "a/b?c#d",
    ".",
    "..",
)
"""Script tags, event handlers, links that run, formulae, signs that turn or hide text, long words, null characters."""
FORMULA = re.compile(r"^[\s\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]")
"""What a spreadsheet would reckon."""


def ids() -> list[str]:
    """Those that can be ids of cases: 1 to 512 characters, none of them null."""
    return [text for text in STRINGS if len(text.encode()) <= 512 and "\0" not in text]


def alert(name: str, text: str, number: int = 1) -> dict[str, Any]:
    """An alert with a string in every field that takes one."""
    short = text[:512]
    return {
        "schema": "breakwater.alert/1",
        "id": name,
        "revision": number,
        "status": "escalating",
        "verdict": "pile_on",
        "severity": "high",
        "score": 0.9,
        "target": {"kind": "account", "id": short, "flags": [text]},
        "started_at": 1_700_000_000_000,
        "detected_at": 1_700_000_060_000,
        "updated_at": 1_700_000_060_000 + 1000 * number,
        "ended_at": None,
        "participants": {
            "total": 12,
            "strangers": 11,
            "fresh_accounts": 1,
            "attackers": 9,
            "defenders": 1,
            "bystanders": 2,
        },
        "interactions": {"total": 20, "per_minute": 4.0, "window_ms": 60_000},
        "signals": [
            {"name": text, "value": 1.0, "baseline": 0.1, "contribution": 2.0, "code": text, "parameters": {text: text}}
        ],
        "sources": [{"community": text, "share": 1.0, "expected": 0.1, "lift": 10.0}],
        "instigators": [{"account": text, "score": 0.5, "evidence": [text]}],
        "roles": [{"account": text, "role": "attacker", "confidence": 0.9, "events": [text]}],
        "groups": [{"accounts": [text], "how": text, "evidence": [text]}],
        "evidence": {"events": [text], "digest": "0" * 64, "previous_digest": None, "first": 1, "last": 2},
        "protections": [{"action": text, "reason": text, "until": 1}],
        "forecast": None,
        "quality": {"late": 0, "mended": 0, "degraded": [text]},
        "engine": {"version": text, "config_digest": text, "model": text},
    }


def chunk(name: str, text: str) -> dict[str, Any]:
    """A part of the evidence with a string in every field that takes one."""
    return {
        "schema": "breakwater.evidence/1",
        "alert": name,
        "revision": 1,
        "part": 0,
        "interactions": [
            {
                "event": text[:512] or "e",
                "time": 1_700_000_000_000,
                "account": text[:512],
                "type": "reply",
                "text": text,
                "text_hash": "0" * 64,
                "community": text,
                "home": text,
                "thread": text,
                "parent": text,
                "target": text,
                "stranger": True,
                "fresh": False,
                "late": False,
                "mended": False,
            }
        ],
        "in_common": [[text[:512], text[:512], 1]],
        "erased": [],
        "sample": False,
        "salted": False,
        "accounts": [
            {
                "account": text[:512],
                "role": "attacker",
                "confidence": 0.9,
                "first_at": 1,
                "home": text,
                "stranger": True,
                "interactions": 1,
            }
        ],
        "ties": [[text[:512], text[:512], 1]],
        "minutes": [{"start": 1_700_000_000_000, "newcomers": 1, "interactions": 1, "shares": 0}],
        "usual_per_minute": 0.1,
        "omitted": {"interactions": 0, "digest": ""},
        "digest": "0" * 64,
        "previous_digest": None,
    }


def records() -> list[Record]:
    """What the topics would bring: for each string a case, where it can be its id under it, and its evidence."""
    found: list[Record] = []
    for number, text in enumerate(STRINGS):
        name = text if text in ids() else f"case{number}"
        found.append(Record(ALERTS, 0, len(found), orjson.dumps(alert(name, text))))
        found.append(Record(EVIDENCE, 0, len(found), orjson.dumps(chunk(name, text))))
        campaign = {"schema": "breakwater.campaign/1", "id": name, "alerts": [name, "case0"]}
        found.append(Record(CAMPAIGNS, 0, len(found), orjson.dumps(campaign)))
    return found
