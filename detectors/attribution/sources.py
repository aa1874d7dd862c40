"""Where a crowd came from, and how sure it is that it is more than usual."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from detectors.signals import Origin

SMALLEST: Final = 3
"""Accounts of one community below which it is no source."""
_Z: Final = 1.645
_LEAST: Final = 0.001
_MOST: Final = 1000.0


class Source(NamedTuple):
    """A community that members of a crowd came from.

    Attributes
    ----------
    community, share, expected, lift : as of an `Origin`
    least_lift : the lift that it has at least, with 95 % confidence
    accounts : how many came from there
    """

    community: str
    share: float
    expected: float
    lift: float
    least_lift: float
    accounts: int


def sources_of(origins: Sequence[Origin], homes: Sequence[str | None]) -> list[Source]:
    """The communities that `SMALLEST` or more of a crowd with these homes came from, in the order of the origins."""
    known = sum(home is not None for home in homes)
    found = []
    for origin in origins:
        count = round(origin.share * known)
        if count >= SMALLEST:
            least = min(_MOST, _lower(count, known) / max(origin.expected, _LEAST))
            found.append(Source(origin.community, origin.share, origin.expected, origin.lift, least, count))
    return found


def _lower(count: int, of: int) -> float:
    """The lower bound of a share (Wilson 1927)."""
    share, z2 = count / of, _Z * _Z
    middle = share + z2 / (2 * of)
    spread = _Z * math.sqrt(share * (1.0 - share) / of + z2 / (4 * of * of))
    return max(0.0, (middle - spread) / (1.0 + z2 / of))
