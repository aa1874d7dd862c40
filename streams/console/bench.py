"""How the console bears a flood of alerts, measured in a real browser at its page, beside an empty page on the same machine.

The console runs as a process of its own, on SQLite, and follows topics of its own on the broker that is set. Frames are
counted in the page (`requestAnimationFrame`), its heap is what the browser says of it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.error import URLError
from urllib.request import urlopen

import httpx

from alerts.console.access.managing import managing
from alerts.console.roles import Role
from streams.console.bench_load import PARTITIONS, Load, apart
from streams.console.server import listen
from streams.kafka.topics import create
from streams.settings import PREFIX, Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

_NAME, _PASSWORD = "bench", "as fast as it goes, please"
_FLAGS: Final = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
_START_S: Final = 60.0
_RIGHT_S: Final = 60.0
_LONG_MS: Final = 200
_HEAP_S: Final = 10.0
_BEGIN: Final = """() => {
  const frames = (window.__frames = []);
  let last = performance.now();
  requestAnimationFrame(function next(now) { frames.push(now - last); last = now; requestAnimationFrame(next); });
}"""
_TAKE: Final = "() => window.__frames.splice(0)"
_SHOWN: Final = """() => Object.fromEntries([...document.querySelectorAll(".case-row")].map((one) =>
  [one.dataset.id, Number(one.querySelector(".crowd-number strong").textContent.replace(/\\D/g, ""))]))"""

Say = Callable[[str], None]


class BenchError(Exception):
    """It cannot be measured; the text says why."""


def measure(
    settings: Settings, rate: int, seconds: int, people: int, clients: int, tabs: int, say: Say
) -> dict[str, Any]:
    """All figures, by what they are of; topics are made and left to the broker's own cleaning."""
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - brought by the development packages alone
    except ImportError as error:
        raise BenchError(
            "Playwright is needed, which the development packages bring: run it after `make setup`."
        ) from error
    chromium = shutil.which("chromium")
    if chromium is None:
        raise BenchError("Chromium is needed: deploy/setup.sh tests brings it, or install it.")
    prefix = f"{settings.kafka.prefix}bench-{uuid.uuid4().hex[:8]}."
    kafka = settings.kafka.model_copy(update={"prefix": prefix})
    settings = settings.model_copy(update={"kafka": kafka})
    create(settings, PARTITIONS)
    load = Load(settings)
    with (
        tempfile.TemporaryDirectory() as folder,
        _console(prefix, Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        found: dict[str, Any] = {"processors": os.cpu_count(), "load_average": round(os.getloadavg()[0], 2)}
        say("An empty page")
        found["empty"] = _empty(browser)
        context = _signed_in(browser, address)
        page = _opened(context, address)
        load.run(200, 3)
        say(f"{rate} revisions a second for {seconds} s")
        found["flood"] = _flood(context, page, load, rate, seconds)
        page.close()
        say(f"{clients} clients of the stream")
        with _api(address) as api:
            found["clients"] = apart(_clients(api, address, load, clients))
        say(f"{tabs} tabs of one person")
        found["tabs"] = _tabs(context, address, load, tabs)
        say(f"A case with {people} participants")
        found["case"] = _case(context, address, load, people)
        browser.close()
    for name in ("flood", "case"):
        found[name]["ratio"] = round(found[name]["frames_per_second"] / found["empty"]["frames_per_second"], 3)
    return found


def _frames(taken: list[float]) -> dict[str, Any]:
    """Frames a second and the longest, of how long each took in milliseconds."""
    ordered = sorted(taken) or [0.0]
    return {
        "frames_per_second": round(1000 * len(taken) / max(1.0, sum(taken)), 1),
        "longest_ms": round(ordered[-1], 1),
        "p99_ms": round(ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))], 1),
        "over_200_ms": sum(one > _LONG_MS for one in taken),
    }


def _empty(browser: Browser) -> dict[str, Any]:
    page = browser.new_page()
    page.set_content("<p>nothing</p>")
    page.evaluate(_BEGIN)
    page.wait_for_timeout(5_000)
    found = _frames(page.evaluate(_TAKE))
    page.close()
    return found


def _flood(context: BrowserContext, page: Page, load: Load, rate: int, seconds: int) -> dict[str, Any]:
    developer = context.new_cdp_session(page)
    developer.send("Performance.enable")

    def heap() -> float:
        developer.send("HeapProfiler.collectGarbage")
        metrics: dict[str, float] = {
            one["name"]: one["value"] for one in developer.send("Performance.getMetrics")["metrics"]
        }
        return round(metrics["JSHeapUsedSize"] / 1e6, 2)

    heaps = [heap()]
    page.evaluate(_BEGIN)
    before, began = load.sent, time.monotonic()
    sending = load.start(rate, seconds)
    taken: list[float] = []
    looked = began
    while sending.is_alive():
        page.wait_for_timeout(250)
        taken += page.evaluate(_TAKE)
        if time.monotonic() - looked > _HEAP_S:
            looked = time.monotonic()
            heaps.append(heap())
            page.evaluate(_TAKE)  # what collecting took is not the page's
    took = time.monotonic() - began
    right_s = _until_right(page, load)
    return {
        "sent": load.sent - before,
        "revisions_per_second": round((load.sent - before) / took),
        **_frames(taken),
        "heap_mb": [*heaps, heap()],
        "right_after_s": right_s,
    }


def _until_right(page: Page, load: Load) -> float | None:
    """After how long a page shows every case that it shows as the newest revision says; None: not within a minute."""
    began = time.monotonic()
    while time.monotonic() - began < _RIGHT_S:
        shown = page.evaluate(_SHOWN)
        if shown and all(load.newest.get(key) == people for key, people in shown.items()):
            return round(time.monotonic() - began, 2)
        page.wait_for_timeout(100)
    return None


async def _clients(api: httpx.Client, address: str, load: Load, count: int) -> dict[str, Any]:
    """How long it takes until each of so many clients of the stream has a new revision; and until one alone has it."""
    cookies = dict(api.cookies)
    limits = httpx.Limits(max_connections=None)
    found: dict[str, Any] = {}
    for many in (1, count):
        async with httpx.AsyncClient(base_url=address, cookies=cookies, timeout=60, limits=limits) as client:
            ready = asyncio.Semaphore(0)
            heard = [asyncio.create_task(_hear(client, ready)) for _ in range(many)]
            for _ in range(many):
                await asyncio.wait_for(ready.acquire(), 60)
            began = time.monotonic()
            await asyncio.to_thread(load.run, 20, 0.05)
            delays = [at - began for at in await asyncio.gather(*heard) if at is not None]
        found[f"{many}"] = {
            "heard": len(delays),
            "median_s": round(statistics.median(delays), 3) if delays else None,
            "slowest_s": round(max(delays), 3) if delays else None,
        }
    found["ratio"] = round(found[f"{count}"]["slowest_s"] / found["1"]["slowest_s"], 2)
    return found


async def _hear(client: httpx.AsyncClient, ready: asyncio.Semaphore) -> float | None:
    try:
        async with asyncio.timeout(60), client.stream("GET", "/api/v1/stream") as answer:
            answer.raise_for_status()
            ready.release()
            async for line in answer.aiter_lines():
                if line == "event: alert":
                    return time.monotonic()
    except (TimeoutError, httpx.HTTPError):
        ready.release()
    return None


def _tabs(context: BrowserContext, address: str, load: Load, count: int) -> dict[str, Any]:
    pages = [_opened(context, address) for _ in range(count)]
    load.run(200, 5)
    right = [_until_right(page, load) for page in pages]
    for page in pages:
        page.close()
    return {"tabs": count, "right": sum(one is not None for one in right)}


def _case(context: BrowserContext, address: str, load: Load, people: int) -> dict[str, Any]:
    name = load.send_large(people)
    with _api(address) as api:
        end = time.monotonic() + _RIGHT_S
        while api.get(f"/api/v1/alerts/{name}").status_code != 200:
            if time.monotonic() > end:
                raise BenchError("The large case did not come.")
            time.sleep(0.2)
    page = _opened(context, address)
    page.locator("main li").first.wait_for()
    began = page.evaluate(
        "(to) => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')); return performance.now(); }",
        f"/cases/{name}",
    )
    page.locator("canvas.network").wait_for()
    drawn = page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done(performance.now())))")
    page.evaluate(_BEGIN)
    page.locator("canvas.network[data-settled=yes]").wait_for(timeout=60_000)
    settling = _frames(page.evaluate(_TAKE))
    slider = page.locator("input[type=range]").first
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box() or {"x": 0, "y": 0, "width": 100, "height": 10}
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 4, middle)
    page.mouse.down()
    page.evaluate(_TAKE)
    for turn in range(4):
        way = (0.02, 0.98) if turn % 2 == 0 else (0.98, 0.02)
        page.mouse.move(box["x"] + box["width"] * way[0], middle, steps=60)
    page.mouse.up()
    dragged = _frames(page.evaluate(_TAKE))
    page.close()
    return {"participants": people, "drawn_after_ms": round(drawn - began), **dragged, "while_it_settles": settling}


def _signed_in(browser: Browser, address: str) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    answer = context.request.post(f"{address}/api/v1/session", data={"name": _NAME, "password": _PASSWORD})
    if not answer.ok:
        raise BenchError(f"Signing in failed with {answer.status}.")
    return context


def _opened(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    page.locator("main h1").wait_for()
    return page


@contextmanager
def _api(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60) as client:
        client.post("/api/v1/session", json={"name": _NAME, "password": _PASSWORD}).raise_for_status()
        yield client


@contextmanager
def _console(prefix: str, folder: Path) -> Iterator[str]:
    """A console as a process of its own, with an account."""
    url = f"sqlite:///{folder / 'console.db'}"

    async def add() -> str:
        async with managing(url) as accounts:
            return await accounts.add(_NAME, Role.ANALYST, _PASSWORD)

    apart(add())
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from streams.cli import main; main()", "console", "--port", str(port)]
    environment = {**os.environ, f"{PREFIX}KAFKA__PREFIX": prefix, f"{PREFIX}CONSOLE__DATABASE": url}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: S603 - our own
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + _START_S
        while not _answers(address):
            if process.poll() is not None or time.monotonic() > end:
                raise BenchError(f"The console did not start:\n{(folder / 'log').read_text()[-2000:]}")
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _answers(address: str) -> bool:
    try:
        with urlopen(f"{address}/readyz", timeout=5) as answer:  # noqa: S310 - our own
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
