"""Debian's Chromium, and contexts in it that nothing from the platform may get out of."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect
from playwright.sync_api import Error as PlaywrightError

from deploy.page import ROOT

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE_MS = 20_000
PASSWORD = "a long walk by the water"  # noqa: S105 - of accounts that live as long as a test
AXE = ROOT / "alerts" / "page" / "node_modules" / "axe-core" / "axe.min.js"
LOCALES = ("en", "zh-Hans")
THEMES = ("light", "dark")
BEYOND = """() => {
  const edge = document.documentElement.clientWidth, wide = document.documentElement.scrollWidth;
  if (wide <= edge) return [];
  const beyond = (one) => one.getBoundingClientRect().left + one.scrollWidth > edge + 1;
  const found = [...document.querySelectorAll("body *")].filter((one) => beyond(one) && ![...one.children].some(beyond));
  return [`${wide} instead of ${edge}`, ...found.map((one) => `${one.tagName} ${one.className}`).slice(0, 5)];
}"""
OPEN_ALL = """() => {
  for (const one of document.querySelectorAll("main [aria-expanded=false], main details:not([open]) > summary")) one.click();
}"""

expect.set_options(timeout=PATIENCE_MS)


def launch(playwright: Playwright) -> Browser:
    """Chromium without a window."""
    program = shutil.which("chromium")
    assert program, "Chromium is missing; run deploy/setup.sh tests, or install it."
    return playwright.chromium.launch(executable_path=program, args=FLAGS)


class Visit:
    """A person's browser at a console.

    Attributes
    ----------
    address
        Of the console.
    wrong
        What no page may do: run a script of somebody else's, open a dialog, ask another site, fail in its own script.
    """

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context, self.address = context, address.rstrip("/")
        self.wrong: list[str] = []
        context.set_default_timeout(PATIENCE_MS)
        context.on("page", self._watch)
        context.on("request", lambda request: self._look_at(request.url))

    def page(self, path: str = "/") -> Page:
        """A tab that is open at a path."""
        page = self.context.new_page()
        page.goto(self.address + path)
        return page

    def sign_in(self, name: str) -> None:
        """Let a session of somebody's begin, as signing in by the page does."""
        answer = self.context.request.post(f"{self.address}/api/v1/session", data={"name": name, "password": PASSWORD})
        assert answer.ok, answer.text()

    def _watch(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.wrong.append(f"dialog: {dialog.message[:80]}"), dialog.dismiss()))

    def _hear(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or message.text.startswith("ran:"):
            self.wrong.append(f"console: {message.text[:200]}")

    def _look_at(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and f"{parts.scheme}://{parts.netloc}" != self.address:
            self.wrong.append(f"request: {url[:200]}")


Visiting = Callable[..., Visit]


@contextmanager
def visiting(
    browser: Browser, address: str, *, locale: str = "en", theme: str = "light", **given: Any
) -> Iterator[Visit]:
    """A visit with preferences of its own; at the end it must not have done what no page may."""
    context = browser.new_context(
        color_scheme="dark" if theme == "dark" else "light", locale="zh-CN" if locale == "zh-Hans" else "en-GB",
        timezone_id="UTC", reduced_motion="reduce", **given,
    )  # fmt: skip
    visit = Visit(context, address)
    try:
        yield visit
    except BaseException as error:
        error.add_note(f"What went wrong in the page: {visit.wrong}")
        for page in context.pages:
            seen = Path(tempfile.mkdtemp(prefix="breakwater-seen-"), "page.png")
            with suppress(PlaywrightError):
                page.screenshot(path=seen, full_page=True)
                error.add_note(f"What was seen at {page.url}: {seen}")
        raise
    finally:
        context.close()
    assert not visit.wrong, visit.wrong


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with a page, a sentence each; the context has to have it as its script."""
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in found["violations"]
    ]


def overflow(page: Page) -> list[str]:
    """What reaches beyond the right of a page, if it is wider than what one sees of it."""
    found: list[str] = page.evaluate(BEYOND)
    return found


def axe_script() -> Path:
    """axe-core, as npm brought it with what the page is built with."""
    assert AXE.is_file(), "axe-core is missing; run `make page`."
    return AXE


def open_all(page: Page) -> None:
    """Open whatever is collapsed on a page, texts too."""
    page.evaluate(OPEN_ALL)
    expect(page.locator("main button.reveal[aria-expanded=false]")).to_have_count(0)
