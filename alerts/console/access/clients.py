"""Where requests come from, also behind proxies."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import TypeAlias

from starlette.datastructures import Headers
from starlette.types import Scope

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(names: Iterable[str]) -> tuple[Network, ...]:
    """The networks that names stand for; a single address is one of its own. `ValueError` if one is none."""
    return tuple(ipaddress.ip_network(name, strict=False) for name in names)


def client_of(scope: Scope, proxies: tuple[Network, ...]) -> str:
    """The address that a request comes from.

    A proxy that is trusted tells it: of the addresses in `X-Forwarded-For` the last that is not such a proxy's. What
    stands before that, the client may have made up.
    """
    client = scope.get("client")
    address = str(client[0]) if client else ""
    if not proxies:
        return address
    told = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
    while told and _is_one_of(address, proxies):
        before = _plain(told.pop().strip())
        if before is None:
            break
        address = before
    return address


def _plain(told: str) -> str | None:
    """An address without the port that some proxies add; None if it is none."""
    bare = told[1:].partition("]")[0] if told.startswith("[") else told
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return None


def _is_one_of(address: str, proxies: tuple[Network, ...]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed.version == network.version and parsed in network for network in proxies)
