"""The report as a page."""

from html.parser import HTMLParser

from streams.inject.judging import Case, Judged, Yardstick
from streams.inject.page import page
from streams.inject.score import score, together

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


def stream(scenario: str) -> Judged:
    cases = [
        Case(f"c{n}", scenario, "steady", 20, n % 2 == 0, False, "pile_on", 60.0 + n, 12, 0.9, (0.9,), None)
        for n in range(8)
    ]
    yardsticks = {"distinct authors": Yardstick([9.0] * 8, [5.0, 4.0])}
    return Judged("made-up", 1, 2.0, 1_000, cases, 1, [0.4], 0, yardsticks)


def report(words: str, *streams: Judged) -> str:
    scores = {one.cases[0].scenario if one.cases else "none": score([one]) for one in streams}
    return page(words, words, scores, together(streams))


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.outside += [value or "" for name, value in attrs if name in ("src", "href") or name.startswith("on")]


def test_names_are_escaped_everywhere_and_nothing_is_fetched() -> None:
    found = report(HOSTILE, stream(HOSTILE), stream("plain"))
    tags = Tags()
    tags.feed(found)

    assert "script" not in tags.tags
    assert "img" not in tags.tags
    assert not tags.outside
    assert "&lt;script&gt;" in found


def test_the_page_shows_every_plot_and_both_scores() -> None:
    found = report("facts", stream("plain"))

    assert found.count("<svg") == 3
    for words in ("distinct authors", "Breakwater", "calibration error", "pile-ons called so"):
        assert words in found


def test_a_score_of_nothing_is_still_a_page() -> None:
    nothing = Judged("made-up", 1, 2.0, 0, [], 0, [], 0, {})

    assert "<svg" in report("facts", nothing)


def test_of_several_presets_the_calibration_of_all_is_shown_too() -> None:
    assert report("facts", stream("one"), stream("two")).count("<svg") == 2 * 3 + 1
