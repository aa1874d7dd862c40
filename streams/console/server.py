"""Serves the console's app until it is told to stop, or a part of it fails."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, current_thread, main_thread
from typing import Final

import uvicorn
from fastapi import FastAPI

from streams.metrics import PortInUseError

_GRACE_S: Final = 5
_BACKLOG: Final = 1024


def listen(host: str, port: int) -> socket.socket:
    """A socket at an address of this machine; port 0: any that is free.

    Raises
    ------
    PortInUseError
        If nothing can listen there.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, proto)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(_BACKLOG)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        raise PortInUseError(
            f"The console cannot listen at {host}, port {port} ({error.strerror}); name another --host or --port."
        ) from error
    return listening


class Server(uvicorn.Server):
    """uvicorn, ended by SIGTERM and Ctrl-C, which also ends the streams of events that would else hold it.

    Parameters
    ----------
    app
        As `create_app` makes it.

    Attributes
    ----------
    begun : set once it answers, or cannot
    error : why a part of the console ended that should not have
    """

    def __init__(self, app: FastAPI) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                ws="none",
                lifespan="on",
                timeout_graceful_shutdown=_GRACE_S,
            )
        )
        self._app = app
        self.begun = Event()
        self.error: BaseException | None = None

    def fail(self, error: BaseException) -> None:
        """A part of the console has failed: stop."""
        self.error = self.error or error
        self.should_exit = True

    def serve_on(self, listening: socket.socket) -> None:
        """Serve until told to stop; raises what made a part of the console fail."""
        try:
            with listening:
                self.run([listening])
        finally:
            self.begun.set()
        if self.error is not None:
            raise self.error

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self.begun.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then the rest."""
        self._app.state.console.hub.close()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at SIGTERM and Ctrl-C, where this is the process's main thread; a second one at once."""
        if current_thread() is not main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.getsignal(number) for number in signals}
        for number in signals:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)
                signal.signal(number, before[number])
