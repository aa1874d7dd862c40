"""Roles, and who acts."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    """What somebody may do; each may do what those before it may, and is greater than they are."""

    VIEWER = "viewer"
    """Sees cases, and reveals texts one by one."""
    ANALYST = "analyst"
    """Decides, assigns, snoozes, notes and exports."""
    ADMIN = "admin"
    """Manages accounts, and reads the audit log."""

    @property
    def rank(self) -> int:
        """How high it is, from 0."""
        return list(Role).index(self)

    def __lt__(self, other: str) -> bool:
        return self.rank < Role(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Role(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Role(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Role(other).rank


class User(NamedTuple):
    """Who acts.

    Attributes
    ----------
    id, name, role : by what he is known, and what he may do
    session : the session in which he does it, by its id in the database, never the cookie's secret
    address : a keyed hash of where from
    """

    id: str
    name: str
    role: Role
    session: str = ""
    address: str = ""
