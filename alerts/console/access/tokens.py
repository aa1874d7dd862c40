"""Tokens, and the digests by which they are kept."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
from typing import Final

from sqlalchemy import select

from alerts.console.access.tables import keys
from alerts.console.database import Database

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_ADDRESSES: Final = "addresses"


def new_token() -> str:
    """256 random bits as 43 letters, digits, `-` and `_`."""
    return secrets.token_urlsafe(32)


def new_id() -> str:
    """128 random bits in hexadecimal."""
    return secrets.token_hex(16)


def is_token(text: str) -> bool:
    """Whether it could be a token."""
    return _TOKEN.fullmatch(text) is not None


def digest(token: str) -> str:
    """The SHA-256 by which a token is kept: who reads the database cannot use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def derived(token: str, purpose: str) -> str:
    """A second token that follows from a first for one purpose, and tells nothing of it."""
    return hmac.new(token.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


class Pseudonyms:
    """Keyed hashes of addresses and names: the same for the same, and of no use without the key.

    Parameters
    ----------
    secret
        The key; empty: one that is made once and kept in the database.
    """

    def __init__(self, database: Database, secret: str) -> None:
        self._database = database
        self._key = hashlib.sha256(secret.encode()).digest() if secret else b""

    async def prepare(self) -> None:
        """Find the key, or make one."""
        if self._key:
            return
        async with self._database.write() as connection:
            made = self._database.insert(keys).values(name=_ADDRESSES, value=new_token())
            await connection.execute(made.on_conflict_do_nothing())
            found = await connection.scalar(select(keys.c.value).where(keys.c.name == _ADDRESSES))
        self._key = hashlib.sha256(str(found).encode()).digest()

    async def of(self, kind: str, *parts: str) -> str:
        """The hash of something of a kind, 128 bits in hexadecimal."""
        await self.prepare()
        message = "\0".join((kind, *parts)).encode("utf-8", "surrogatepass")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()[:32]

    async def of_address(self, address: str) -> str:
        """The hash of an internet address; of IPv6 the /64 counts, since a single customer has that many."""
        try:
            parsed = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return await self.of("address", address)
        if isinstance(parsed, ipaddress.IPv6Address):
            parsed = parsed.ipv4_mapped or ipaddress.ip_network((int(parsed) >> 64 << 64, 64)).network_address
        return await self.of("address", str(parsed))
