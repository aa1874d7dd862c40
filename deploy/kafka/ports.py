"""Ports for a broker that goes away and comes back."""

from __future__ import annotations

import random
import socket
from typing import Final

from deploy.kafka.properties import HOST

RANGE: Final = range(20_000, 32_000)
"""Never ephemeral ones: while a broker is down, a client that tries to reach it could be given its port."""


def free(port: int) -> bool:
    """Whether something could listen on this port of loopback now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """So many different ports on which nothing listens now."""
    found: set[int] = set()
    while len(found) < count:
        port = random.choice(RANGE)
        if free(port):
            found.add(port)
    return sorted(found)
