"""An evidence pack as a spreadsheet and as a page: all of it is shown as it was said, and nothing in it does anything."""

import csv
import json
import re
from html.parser import HTMLParser
from io import StringIO

from hypothesis import given
from hypothesis import strategies as st

from alerts.evidence import TEXT_BYTES
from alerts.pack import Pack, as_csv, as_json, as_page, make, read
from alerts.pack.visible import visible
from tests.alerts.packed import Case, case

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    " \n=1",
    '"=1+1',
    "'=1+1",
    "\u200b=1+1",
    "\x00=1+1",
    "＝1+1",  # noqa: RUF001
    "evil \u202e txt.exe",
    "\u2066isolated\u2069",
    "null \x00 here",
    "</td></table></body>",
    "&lt;b&gt;",
    "x" * 20_000,
    "line\nline",
    "]]>--><!--",
]


def rows_of(pack: Pack) -> list[dict[str, str]]:
    return [*csv.DictReader(StringIO(as_csv(pack).decode("utf-8-sig"), newline=""))]


def hostile() -> Pack:
    """A pack in which every name and every text is hostile."""
    found = Case(lambda at: HOSTILE[at % len(HOSTILE)])
    pack = json.loads(as_json(found.pack))
    for part in pack["evidence"]:
        for at, one in enumerate(part["interactions"]):
            for name in ("account", "community", "home", "thread", "parent", "target", "type", "event"):
                one[name] = HOSTILE[at % len(HOSTILE)]
        for at, one in enumerate(part["accounts"]):
            one.update(account=HOSTILE[at % len(HOSTILE)] + str(at), home=HOSTILE[at % len(HOSTILE)])
    for at, alert in enumerate(pack["revisions"]):
        for name in ("status", "verdict", "severity"):
            alert[name] = HOSTILE[at]
        alert["target"]["id"] = HOSTILE[at]
        for signal in alert["signals"]:
            signal["parameters"] = dict.fromkeys(signal["parameters"], HOSTILE[1])
    pack["case"] = {HOSTILE[0]: [{HOSTILE[1]: one} for one in HOSTILE], "note": HOSTILE[1]}
    return read(json.dumps(pack).encode())


def test_a_spreadsheet_has_a_row_for_each_interaction() -> None:
    pack = case().pack
    rows = rows_of(pack)
    assert [row["event"] for row in rows] == [one["event"] for _, one in pack.interactions]
    assert {row["text_state"] for row in rows} == {"", "taken back"}
    assert rows[0]["time"].startswith("2024-03-04 00:00:00.")
    assert [row["text"] for row in rows if row["text"]] == [one["text"] for _, one in pack.interactions if one["text"]]


FORMULA = re.compile(r"[\s\"'\u200b\x00]*[=+\-@＝]")  # noqa: RUF001
HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@given(st.lists(st.sampled_from(HOSTILE) | st.text(max_size=12), min_size=30, max_size=30))
def test_no_cell_is_a_formula_and_nothing_is_hidden(said: list[str]) -> None:
    for row in rows_of(Case(lambda at: said[at % 30]).pack):
        for value in row.values():
            assert value[:1] == "'" or not FORMULA.match(value)
            assert not HIDDEN.search(value)
            assert "\n" not in value


def test_a_formula_is_still_legible() -> None:
    cells = {row["text"] for row in rows_of(hostile())}
    assert {"'=cmd|' /C calc'!A0", "'+1+1", "'@SUM(1)", "'[U+0009]=1+1", "evil [U+202E] txt.exe"} <= cells


class Reader(HTMLParser):
    """Takes note of every tag with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


PLAIN = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "dl", "dt", "dd", "section", "table", "thead", "tbody", "tr", "th",
    "td", "bdi", "code", "pre", "p", "svg", "rect",
}  # fmt: skip


def test_a_page_has_no_script_and_loads_nothing() -> None:
    reader = Reader()
    page = as_page(hostile()).decode()
    reader.feed(page)
    assert {tag for tag, _ in reader.tags} <= PLAIN
    for tag, attributes in reader.tags:
        assert not [name for name in attributes if name.startswith("on") or name in {"style", "src", "href"}], tag
    assert "url(" not in page
    assert "@import" not in page
    assert not HIDDEN.search(page.replace("\t", ""))
    (policy,) = [one["content"] for tag, one in reader.tags if "http-equiv" in one]
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


def test_a_page_shows_what_was_said_as_it_was() -> None:
    reader = Reader()
    reader.feed(as_page(hostile()).decode())
    for one in HOSTILE:
        assert visible(one[:TEXT_BYTES], lines=True) in reader.text
    assert "case" not in as_json(case().pack).decode()
    assert make(case().bodies, case().chunks, {"notes": [{"text": "zip"}]}).case == {"notes": [{"text": "zip"}]}
