"""Nearly the same words of several accounts, told by sketches of their texts (`detectors.similarity`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from detectors.similarity import RESEMBLANCE, Sketch, agreeing

SMALLEST: Final = 3
"""From how many accounts on the same words are no chance."""
IN_DOUBT: Final = (0.3, 0.95)
"""From which hostility on, and below which, it is in doubt whether words that many say are hostile. Where such a reading is wrong,
it is wrong of everybody who says the same: a greeting, a slogan, a quotation.
"""
SHORTEST: Final = 20
"""Characters without spaces below which everybody says the same anyhow; a Chinese one counts twice."""


def same_text(accounts: Sequence[str], sketches: Sequence[Sketch]) -> list[list[int]]:
    """Sets of messages, given by position, that `SMALLEST` or more accounts said in nearly the same words, largest first.

    A set is a message and all that are like it: of an accusation likeness must not be handed on from one to the next.
    """
    held = [at for at, one in enumerate(sketches) if one]
    if len(held) < SMALLEST:
        return []
    alike = agreeing([sketches[at] for at in held]) >= RESEMBLANCE
    found: list[list[int]] = []
    free = np.ones(len(held), bool)
    count = np.count_nonzero(alike, axis=1)
    while True:
        centre = int(count.argmax())
        if count[centre] < SMALLEST:
            return found
        members = np.flatnonzero(alike[centre] & free)
        free[members] = False
        count = np.where(free, count - np.count_nonzero(alike[:, members], axis=1), 0)
        group = [held[at] for at in members.tolist()]
        if len({accounts[at] for at in group}) >= SMALLEST:
            found.append(group)
