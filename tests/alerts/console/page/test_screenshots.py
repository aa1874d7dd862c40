"""The pictures in the README: taken here of a real stretch; with SCREENSHOTS=1 they take the place of the old ones."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.page import ROOT
from tests.alerts.console.page.browser import LOCALES, visiting
from tests.alerts.console.page.conftest import Console
from tests.alerts.console.page.stretch import pile_on

FOLDER = ROOT / "deploy" / "screenshots"
PARTS = ("queue", "case", "network")
MOST_BYTES = 300_000


@pytest.mark.parametrize("locale", LOCALES)
def test_pictures_can_be_taken(chromium: Browser, filled: Console, tmp_path: Path, locale: str) -> None:
    folder = FOLDER if os.environ.get("SCREENSHOTS") else tmp_path
    with visiting(chromium, filled.address, locale=locale, viewport={"width": 1280, "height": 800}) as visit:
        visit.sign_in("ana")
        page = visit.page("/")
        expect(page.locator("main li.case-row").nth(3)).to_be_visible()
        take(page, folder / f"queue-{locale}.png")
        page.goto(f"{visit.address}/cases/{pile_on()[0].id}")
        network = page.locator("section.network-panel")
        expect(network.locator("canvas")).to_be_visible()
        # Whoever wants less motion is shown the picture when it has settled.
        expect(network.locator("canvas")).to_have_attribute("data-settled", "yes")
        take(page, folder / f"case-{locale}.png")
        network.screenshot(path=folder / f"network-{locale}.png")
    for part in PARTS:
        assert 10_000 < (folder / f"{part}-{locale}.png").stat().st_size < MOST_BYTES


def take(page: Page, path: Path) -> None:
    page.screenshot(path=path, animations="disabled")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("part", PARTS)
def test_the_readme_shows_them(part: str, locale: str) -> None:
    picture = FOLDER / f"{part}-{locale}.png"
    assert picture.is_file()
    assert f"]({picture.relative_to(ROOT)})" in (ROOT / "README.md").read_text(encoding="utf-8")
