"""What the console follows, and where its decisions go; who knows Kafka hands both in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Protocol

ALERTS: Final = "alerts"
EVIDENCE: Final = "evidence"
CAMPAIGNS: Final = "campaigns"


class FeedAwayError(Exception):
    """What is followed, or written to, cannot be reached for now; the text says why."""


class Record(NamedTuple):
    """One record of what is followed.

    Attributes
    ----------
    topic : `alerts`, `evidence` or `campaigns`
    partition, offset : where it stands; the next of its partition has a larger offset
    value : its bytes; None: what it told before is gone
    key : what it is about
    at_ms : when it was written, if that is known
    """

    topic: str
    partition: int
    offset: int
    value: bytes | None
    key: bytes | None = None
    at_ms: int | None = None


class Pulse(NamedTuple):
    """Signs of life of whoever writes what is followed; None: not known.

    Attributes
    ----------
    newest_ms : time of the newest event that is known of
    arrived_s : seconds since events came last
    handled_s : seconds since it was last seen to handle any
    behind : records that were written and not read yet
    """

    newest_ms: int | None = None
    arrived_s: float | None = None
    handled_s: float | None = None
    behind: int | None = None


class Feed(Protocol):
    """Records in the order of their partitions, each once."""

    async def open(self, positions: Mapping[tuple[str, int], int]) -> None:
        """Begin at these offsets by topic and partition, the others at their beginning; `FeedAwayError` if it is away."""

    async def read(self) -> list[Record]:
        """What has come, waiting at most about a second for it; `FeedAwayError` if it is away, and it is to be opened anew."""

    async def close(self) -> None:
        """Let go of it; what was never opened may be closed too."""

    def pulse(self) -> Pulse:
        """How who writes it was doing when last looked at; never waits."""


class Outlet(Protocol):
    """Where decisions go."""

    async def send(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Send bodies under their alerts' ids, in order; returns when all are safe, else `FeedAwayError`."""

    async def close(self) -> None:
        """Let go of it."""
