"""Asks what runs in this container whether it is well: status 0 if so, else 1 with its answer.

A worker is asked where its settings say that it listens; `healthcheck.py PORT` asks at that port of this container. Only the standard library is used, so that asking every few seconds costs little.
"""

from __future__ import annotations

import http.client
import os
import sys
from typing import Final

TIMEOUT_S: Final = 5.0
ANY_ADDRESS: Final = {"", "0.0.0.0", "::"}  # noqa: S104 - nothing is bound here


def main() -> int:
    """Ask, and say what came of it; the exit status."""
    host = os.environ.get("BREAKWATER_HTTP__HOST", "127.0.0.1")
    port = os.environ.get("BREAKWATER_HTTP__PORT", "8089")
    if len(sys.argv) > 1:
        host, port = "localhost", sys.argv[1]
    try:
        connection = http.client.HTTPConnection(
            "localhost" if host in ANY_ADDRESS else host, int(port), timeout=TIMEOUT_S
        )
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        said = answer.read(4096).decode(errors="replace")
    except (OSError, ValueError, http.client.HTTPException) as error:
        sys.stdout.write(f"Nothing answers on {host}:{port}: {error}\n")
        return 1
    sys.stdout.write(f"{answer.status} {said}\n")
    return 0 if answer.status == http.client.OK else 1


if __name__ == "__main__":
    sys.exit(main())
