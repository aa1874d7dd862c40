"""A browser, and consoles that follow a real broker, on SQLite and on PostgreSQL."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from deploy.kafka.broker import Broker
from tests.alerts.console.page.browser import launch
from tests.alerts.console.page.feeding import PARTITIONS, Feeder
from tests.alerts.console.page.running import Api, add_people, address, case_path, serve, wait_until
from tests.alerts.console.page.stretch import Stretch, harmless, pile_on, stretch
from tests.kafka import Deployment, Worker, deployed


@dataclass
class Console:
    """A console as a process, the topics that it follows, and who writes them."""

    deployment: Deployment
    process: Worker
    feeder: Feeder
    database: str

    @property
    def address(self) -> str:
        return address(self.process)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of this folder, in which nothing else may run a loop on the tests' thread."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@contextmanager
def follows(broker: Broker, prefix: str, folder: Path, url: str) -> Iterator[Console]:
    """A console over a database that has its tables, with people in it."""
    with deployed(broker.bootstrap, prefix, folder, partitions=PARTITIONS) as deployment:
        add_people(url)
        console = Console(deployment, serve(deployment, url), Feeder(broker.bootstrap, prefix), url)
        try:
            yield console
        finally:
            console.feeder.close()


@pytest.fixture
def console(broker: Broker, topic_prefix: str, database_url: str, tmp_path: Path) -> Iterator[Console]:
    """A console that has seen nothing yet: once on SQLite, once on PostgreSQL."""
    with follows(broker, topic_prefix, tmp_path, database_url) as console:
        yield console


@pytest.fixture
def sqlite_console(broker: Broker, topic_prefix: str, sqlite_url: str, tmp_path: Path) -> Iterator[Console]:
    """A console that has seen nothing yet, on SQLite."""
    with follows(broker, topic_prefix, tmp_path, sqlite_url) as console:
        yield console


@pytest.fixture(scope="package")
def filled(
    broker: Broker, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, said: Stretch
) -> Iterator[Console]:
    """A console that has seen the whole stretch, for tests that change nothing in it."""
    folder = tmp_path_factory.mktemp("filled")
    shutil.copy(sqlite_template, folder / "console.db")
    url = f"sqlite:///{folder / 'console.db'}"
    with follows(broker, f"t{uuid.uuid4().hex[:8]}.", folder, url) as console:
        console.feeder.say(said.revisions, said.chunks)
        console.feeder.close()  # others may kill the broker meanwhile
        with Api(console.address, "ana") as ana:
            wait_until(lambda: _is_whole(ana, said))
            ana.post(f"{case_path(pile_on()[0].id)}/assignee", {"user": ana.get("/session")["user"]["id"]})
            of = harmless()[-1]
            ana.post(
                f"{case_path(of.id)}/decisions",
                {"decision": "false", "reason": "viral", "note": "", "revision": of.revision},
            )
            ana.post(f"{case_path(pile_on()[0].id)}/notes", {"text": "Asked the platform to hold new accounts."})
        yield console


def _is_whole(who: Api, said: Stretch) -> bool:
    """Whether a console has all of a stretch."""
    return {key: row["revision"] for key, row in who.cases().items()} == {
        key: revisions[-1].revision for key, revisions in said.alerts.items()
    }


@pytest.fixture(scope="package")
def said() -> Stretch:
    """A simulated stretch of time and all that the engine says of it."""
    return stretch()
