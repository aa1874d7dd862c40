"""What a worker shows over HTTP: whether it makes progress, whether it is ready, and its metrics.

Answered on threads of their own, by the standard library's server with the handler of `prometheus_client`: a server
on the event loop would be silent just when the loop is stuck, which is what `/healthz` is asked for.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from socketserver import TCPServer
from threading import Thread
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from prometheus_client import CollectorRegistry, MetricsHandler

from streams.metrics import PortInUseError, WorkerMetrics
from streams.status import WorkerStatus

STALLED_S: Final = 60.0
"""After how many seconds without progress a worker that has work to do is not healthy."""

_POLL_S: Final = 0.2
_OK, _NOT_FOUND, _UNAVAILABLE = 200, 404, 503


class _Server(ThreadingHTTPServer):
    """Answers at one address, and asks no name server for a name of it."""

    def __init__(self, host: str, port: int, handler: type[MetricsHandler]) -> None:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        self.address_family = found[0][0]
        super().__init__((host, port), handler)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]


@contextmanager
def shown(
    status: WorkerStatus, metrics: WorkerMetrics, host: str, port: int, *, stalled_s: float = STALLED_S
) -> Iterator[int]:
    """Answer `/healthz`, `/readyz` and `/metrics` for as long as the context lasts; gives the port.

    Parameters
    ----------
    host, port
        Where; port 0 is any that is free.
    stalled_s
        After how many seconds without progress `/healthz` says 503.

    Raises
    ------
    PortInUseError
        If nothing can listen there.
    """
    try:
        server = _Server(host, port, _handler(status, metrics, stalled_s))
    except OSError as error:
        raise PortInUseError(
            f"Health and metrics cannot be shown at {host}, port {port} ({error.strerror}); set BREAKWATER_HTTP__HOST and "
            "BREAKWATER_HTTP__PORT to an address of this machine and a port that is free."
        ) from error
    thread = Thread(target=server.serve_forever, args=(_POLL_S,), name="http", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(status: WorkerStatus, metrics: WorkerMetrics, stalled_s: float) -> type[MetricsHandler]:
    shared = CollectorRegistry()
    shared.register(metrics)

    class Handler(MetricsHandler):
        registry = shared
        timeout = 10

        def do_GET(self) -> None:  # noqa: N802 - the server's name for it
            path = urlsplit(self.path).path
            if path == "/metrics":
                super().do_GET()
            elif path == "/healthz":
                self._say(*_health(status, stalled_s))
            elif path == "/readyz":
                self._say(*_readiness(status))
            else:
                self._say(_NOT_FOUND, {"paths": ["/healthz", "/readyz", "/metrics"]})

        def _say(self, code: int, content: dict[str, Any]) -> None:
            body = orjson.dumps(content) + b"\n"
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def _health(status: WorkerStatus, stalled_s: float) -> tuple[int, dict[str, Any]]:
    why = status.troubles(stalled_s)
    return _UNAVAILABLE if why else _OK, {"healthy": not why, "why": why, "stages": _stages(status)}


def _readiness(status: WorkerStatus) -> tuple[int, dict[str, Any]]:
    ready = status.is_ready
    return _OK if ready else _UNAVAILABLE, {"ready": ready, "stages": _stages(status)}


def _stages(status: WorkerStatus) -> dict[str, Any]:
    return {name: stage.to_json() for name, stage in status.stages.items()}
