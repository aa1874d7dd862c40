"""What is missing of a partition: the message that is to be the next one did not come, but later ones did.

Messages that were under way before a partition was assigned anew come among those that follow the assignment. They are left
aside one by one: the right ones may stand behind them, and do not come again. Only where these stay away has the log a hole.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from time import monotonic
from typing import Final, Protocol, TypeVar

_LIMIT_S: Final = 30.0


class Offered(Protocol):
    """What stands at an offset."""

    @property
    def offset(self) -> int:
        """Where."""


Came = TypeVar("Came", bound=Offered)


class Gap:
    """Since when the next message of a partition is missing.

    Parameters
    ----------
    clock
        Seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._since: float | None = None
        self._text = ""

    def open(self, text: str) -> None:
        """A later one came; the text says which."""
        if self._since is None:
            self._since = self._clock()
        self._text = text

    def close(self) -> None:
        """The next one came."""
        self._since = None

    def check(self, where: str) -> None:
        """See that nothing has been missing for long; `where` names the partition.

        Raises
        ------
        RuntimeError
            If it has.
        """
        if self._since is not None and self._clock() - self._since > _LIMIT_S:
            raise RuntimeError(
                f"Messages are missing in {where}: {self._text}. Make sure that its retention is longer than the longest "
                "outage."
            )


async def in_turn(
    messages: Iterable[Came], following: int, first_from: Callable[[int], Awaitable[int | None]], gap: Gap
) -> list[Came]:
    """The messages of a partition that are next; some offsets may have none, for marks of transactions take offsets too.

    Parameters
    ----------
    messages
        As they came.
    following
        The first offset that was not taken.
    first_from
        The offset of the first message of the partition from one on; None if there is none.
    gap
        The partition's.

    Returns
    -------
    Those that follow each other without a hole; what was taken before, or is not the next one, is left aside.
    """
    found: list[Came] = []
    first: int | None = None
    for one in messages:
        if one.offset < following:
            continue
        if one.offset > following and first is None:
            first = await first_from(following) or following
        if one.offset not in (following, first):
            gap.open(f"message {one.offset} came, {first} is the next")
            continue
        gap.close()
        found.append(one)
        following, first = one.offset + 1, None
    return found
