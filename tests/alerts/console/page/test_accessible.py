"""Everybody can use the page: axe finds nothing wrong, all can be done by keyboard, and it fits a narrow screen."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.alerts.console.page.browser import (
    LOCALES,
    THEMES,
    Visit,
    axe_script,
    open_all,
    overflow,
    violations,
    visiting,
)
from tests.alerts.console.page.conftest import Console
from tests.alerts.console.page.stretch import harmless, pile_on

TITLES = {
    "/": ("Queue", "队列"),
    "/users": ("Users", "用户"),
    "/audit": ("Audit log", "审计日志"),
    "/preferences": ("Preferences", "偏好设置"),
    "/nowhere": ("There is no such page.", "没有这个页面。"),
}
REACHED = """() => {
  const one = document.activeElement;
  const box = one.getBoundingClientRect();
  one.dataset.reached = "yes";
  return {name: one.tagName, seen: box.width > 0 && box.height > 0, body: one === document.body};
}"""
MISSED = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
  .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.disabled && !one.closest("[inert]"))
  .filter((one) => one.tabIndex >= 0 && !one.dataset.reached && one.type !== "radio")
  .map((one) => one.outerHTML.slice(0, 120))"""


def case(alert: str) -> str:
    return f"/cases/{quote(alert)}"


def places(visit: Visit, locale: str) -> Iterator[tuple[str, Page]]:
    """Every page as an admin sees it, and what opens over it."""
    page = visit.page("/")
    expect(page.locator("form")).to_be_visible()
    yield "sign in", page
    visit.sign_in("ada")
    for path, titles in TITLES.items():
        page.goto(visit.address + path)
        expect(page.locator("main").get_by_text(titles[LOCALES.index(locale)], exact=True).first).to_be_visible()
        if path == "/":
            expect(page.locator("main li").nth(2)).to_be_visible()
        yield path, page
    for alert in (pile_on()[0].id, harmless()[0].id):
        page.goto(visit.address + case(alert))
        expect(page.locator("main canvas").first).to_be_visible()
        open_all(page)
        yield "case", page
    for key in ("?", "d", "z", "A", "n"):
        page.keyboard.press(key)
        expect(page.locator("dialog[open]")).to_be_visible()
        yield f"after {key}", page
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("locale", LOCALES)
def test_axe_finds_no_violation(chromium: Browser, filled: Console, locale: str, theme: str) -> None:
    wrong: dict[str, list[str]] = {}
    with visiting(chromium, filled.address, locale=locale, theme=theme) as visit:
        visit.context.add_init_script(path=axe_script())
        for place, page in places(visit, locale):
            assert page.evaluate("() => document.documentElement.lang") == locale
            if found := violations(page):
                wrong[place] = found
    assert not wrong


@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_fits_a_narrow_screen(chromium: Browser, filled: Console, locale: str) -> None:
    wide: dict[str, Any] = {}
    with visiting(chromium, filled.address, locale=locale, viewport={"width": 360, "height": 740}) as visit:
        for place, page in places(visit, locale):
            if found := overflow(page):
                wide[place] = found
    assert not wide


def tabbed_through(page: Page) -> None:
    """Go through a page by the Tab key, to its end: nothing is left out, and nothing that cannot be seen is reached."""
    page.locator("h1").first.click()
    page.evaluate("() => document.activeElement.blur()")
    for _ in range(400):
        page.keyboard.press("Tab")
        at = page.evaluate(REACHED)
        if at["body"]:
            break
        assert at["seen"], at
    else:
        pytest.fail("the Tab key did not come to an end")
    for _ in range(400):
        page.keyboard.press("Shift+Tab")
        if page.evaluate(REACHED)["body"]:
            break
    assert page.evaluate(MISSED) == []


def test_everything_is_reached_without_a_mouse(chromium: Browser, filled: Console) -> None:
    with visiting(chromium, filled.address) as visit:
        visit.sign_in("ada")
        for path in ("/", case(pile_on()[0].id), "/preferences", "/users", "/audit"):
            page = visit.page(path)
            expect(page.locator("main h1")).to_be_visible()
            if path == "/":
                expect(page.get_by_role("list", name="Cases")).to_be_visible()
            if path.startswith("/cases"):
                expect(page.get_by_role("slider", name="Time in the case")).to_be_visible()
            tabbed_through(page)
            page.close()


def test_a_shift_without_a_mouse(chromium: Browser, filled: Console) -> None:
    with visiting(chromium, filled.address) as visit:
        visit.sign_in("vera")
        page = visit.page("/")
        cases = page.get_by_role("list", name="Cases").get_by_role("link")
        expect(cases.first).to_be_visible()

        page.keyboard.press("?")
        guide = page.get_by_role("dialog", name="Keyboard and help")
        expect(guide.get_by_text("Open the case")).to_be_visible()
        page.keyboard.press("Escape")
        expect(guide).to_have_count(0)

        page.keyboard.press("/")
        expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
        page.keyboard.type(pile_on()[0].id)
        expect(cases).to_have_count(1)
        page.keyboard.press("Enter")
        page.keyboard.press("j")
        expect(cases.first).to_be_focused()
        page.keyboard.press("o")
        slider = page.get_by_role("slider", name="Time in the case")
        expect(slider).to_be_visible()
        walk_to(page, slider)
        page.keyboard.press("Home")
        expect(page.get_by_role("button", name="To the end")).to_be_enabled()
        before = slider.get_attribute("aria-valuetext")
        page.keyboard.press("PageUp")
        expect(slider).not_to_have_attribute("aria-valuetext", before or "")
        reveal = page.get_by_role("region", name="What was said").get_by_role("button", name="Reveal text").first
        walk_to(page, reveal)
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Hide text")).to_be_focused()

        # A viewer decides nothing.
        page.keyboard.press("t")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_role("button", name="Snooze")).to_have_count(0)
        page.keyboard.press("Escape")
        expect(page.get_by_role("heading", name="Queue", level=1)).to_be_visible()


def walk_to(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus."""
    for _ in range(200):
        if wanted.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the Tab key does not lead to {wanted}")
