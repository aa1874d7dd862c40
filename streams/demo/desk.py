"""The demo's console: the same as on Kafka, on loopback, over a database that goes when the demo ends."""

from __future__ import annotations

import asyncio
import tempfile
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import environ
from pathlib import Path
from socket import socket
from sys import platform
from threading import Thread
from typing import Final

from alerts.alert import Revision
from alerts.chunk import Chunk
from alerts.console.access.managing import managing
from alerts.console.app import create_app
from alerts.console.database import migrate, open_database
from alerts.console.roles import Role
from alerts.console.settings import ConsoleSettings
from streams.console.embedded import EmbeddedFeed, Kept
from streams.console.server import Server, listen
from streams.metrics import PortInUseError
from streams.settings import Settings

_LOOPBACK: Final = "127.0.0.1"
_NAME: Final = "Demo"
_LINK_S: Final = 24 * 3600
_WITHOUT_A_WINDOW: Final = frozenset({"www-browser", "lynx", "w3m", "links", "elinks", "links2"})


class Desk:
    """Where an analyst sits who watches the demo.

    Attributes
    ----------
    address : of the console
    link : signs in once, as somebody who may do everything
    """

    def __init__(self, url: str, port: int, feed: EmbeddedFeed, server: Server, thread: Thread) -> None:
        self._url, self._feed, self._server, self._thread = url, feed, server, thread
        self.address = f"http://{_LOOPBACK}:{port}/"
        self.link = self.new_link()

    def new_link(self) -> str:
        """Another link; each signs in once."""

        async def made() -> str:
            async with managing(self._url, make=False) as accounts:
                return await accounts.link(_NAME, Role.ADMIN, _LINK_S)

        return f"{self.address}enter#{asyncio.run(made())}"

    def hear(self, revisions: Sequence[Revision], chunks: Sequence[Chunk], clock_ms: int) -> None:
        """The engine says this, and its clock stands there."""
        self._feed.put((one.body for one in revisions), (one.body for one in chunks), clock_ms)

    def end(self) -> None:
        """The engine has said all."""
        self._feed.end()

    def open(self) -> bool:
        """Show it in a browser, where there is one with a window; whether there is."""
        if platform != "darwin" and not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
            return False
        try:
            browser = webbrowser.get()
        except webbrowser.Error:
            return False
        return getattr(browser, "name", "") not in _WITHOUT_A_WINDOW and browser.open(self.link)

    def wait(self) -> None:
        """Wait until it ends, which it does by itself only when a part of it fails; Ctrl-C ends the waiting."""
        while self._thread.is_alive():
            self._thread.join(0.5)
        if self._server.error is not None:
            raise self._server.error


@contextmanager
def opened(settings: Settings) -> Iterator[Desk]:
    """A desk for as long as the context lasts."""
    with tempfile.TemporaryDirectory(prefix="breakwater-demo-") as folder:
        url = f"sqlite:///{Path(folder) / 'console.db'}"
        migrate(url)
        listening = _listen(settings.console.port)
        port = listening.getsockname()[1]
        chosen = ConsoleSettings.model_validate({"host": _LOOPBACK, "port": port, "database": url})
        feed = EmbeddedFeed()
        app = create_app(open_database(url), chosen, feed=feed, outlet=Kept(), demo=True)
        server = Server(app)
        app.state.console.on_failure(server.fail)
        thread = Thread(target=_serve, args=(server, listening), name="console", daemon=True)
        thread.start()
        try:
            server.begun.wait()
            yield Desk(url, port, feed, server, thread)
        finally:
            server.should_exit = True
            thread.join()


def _listen(port: int) -> socket:
    """The usual port, or any that is free."""
    try:
        return listen(_LOOPBACK, port)
    except PortInUseError:
        return listen(_LOOPBACK, 0)


def _serve(server: Server, listening: socket) -> None:
    try:
        server.serve_on(listening)
    except Exception as error:  # noqa: BLE001 - told to whoever waits
        server.fail(error)
