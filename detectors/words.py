"""What the crowd says: how hostile its texts are, beside what is usual there, and which of them are copies.

Only numbers come out of a look; the texts themselves stay where they lie, so that one that is taken back is gone.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.likeness import IN_DOUBT, SMALLEST, same_text
from detectors.reading import Reading
from detectors.similarity import Sketch
from graph.columns import Array
from graph.summary import SAID_AGAIN

NO_TEXT: Final = -1.0
SAID: Final = 1 + SAID_AGAIN
"""How many texts of each member are read, the first that he said."""
COMPARED: Final = 100
"""Of how many members, the first to come, the texts are compared with each other."""
_CHANTED: Final = 0.25
"""From this share of a crowd on it is no chance that they say the same few words."""
_DOUBTFUL: Final = 200
"""Of how many members, the first to come, whose texts are in doubt, these are compared with each other."""


@dataclass(frozen=True, slots=True)
class Words:
    """What was said at a subject.

    Attributes
    ----------
    hostile : shape `(n,)`, of each member of the crowd how likely the most hostile of his texts is that, `NO_TEXT` without one
    texts : shape `(n,)`, how many texts of each were read, at most `SAID`
    weight : shape `(n,)`, for how many members each counts: less than one where many say nearly the same and it is in doubt
        whether that is hostile
    chinese : shape `(n,)`, whether the most hostile text of each is in Chinese
    usual, others : what texts by others there count for together (see `weighed`), and how many they were
    copies : groups of members, by position, whose texts are near the same; only the first to come are compared
    chanting : of those who are compared, how many say the same few words as a quarter of them
    """

    hostile: Array
    texts: Array
    weight: Array
    chinese: Array
    usual: float
    others: int
    copies: list[list[int]]
    chanting: int = 0

    @property
    def read(self) -> int:
        """How many texts of the crowd were read."""
        return int(self.texts.sum())


def weighed(hostility: Array) -> Array:
    """What texts count for, given how likely each is hostile, 0 to 1; shape `(n,)`. One in doubt counts for a quarter: what
    is not meant to hurt but speaks of what hurts is often in doubt, and many such texts are no attack.
    """
    return np.square(hostility)


def words(
    accounts: Sequence[str],
    said: Sequence[Reading | None],
    others: Sequence[Reading | None],
    again: Iterable[tuple[int, Reading | None]] = (),
) -> Words:
    """What a crowd of these accounts said first, in the same order, what others said there, and what members of the crowd,
    by position, said `again`.
    """
    usual = [score for score in map(_hostility, others) if score >= 0]
    worst, hostile = list(said), [_hostility(one) for one in said]
    texts = [int(score >= 0) for score in hostile]
    for member, one in again:
        score = _hostility(one)
        texts[member] += score >= 0
        if score > hostile[member]:
            worst[member], hostile[member] = one, score
    return Words(
        hostile=np.array(hostile),
        texts=np.array(texts, np.int64),
        weight=_weight(accounts, worst, hostile),
        chinese=np.array([one is not None and one.chinese for one in worst], bool),
        usual=float(weighed(np.array(usual)).sum()),
        others=len(usual),
        copies=same_text(accounts[:COMPARED], [_sketch(one) for one in said[:COMPARED]]),
        chanting=_chanting(said[:COMPARED]),
    )


def _chanting(said: Sequence[Reading | None]) -> int:
    """How many say the same few words, too few for a sketch, as many others do."""
    chants = Counter(one.chant for one in said if one is not None and one.chant)
    return sum(count for count in chants.values() if count >= max(SMALLEST, _CHANTED * len(said)))


def _weight(accounts: Sequence[str], said: Sequence[Reading | None], hostile: Sequence[float]) -> Array:
    """For how many each counts, given the most hostile text of each and how hostile that is: so many who say nearly the same
    in doubt count for one, and for the logarithm of their number.
    """
    least, sure = IN_DOUBT
    weight = np.ones(len(said))
    doubtful = [at for at, score in enumerate(hostile) if least <= score < sure][:_DOUBTFUL]
    alike = same_text([accounts[at] for at in doubtful], [_sketch(said[at]) for at in doubtful])
    for group in alike:
        weight[[doubtful[at] for at in group]] = (1.0 + math.log(len(group))) / len(group)
    return weight


def _sketch(reading: Reading | None) -> Sketch:
    return b"" if reading is None else reading.sketch


def _hostility(reading: Reading | None) -> float:
    return NO_TEXT if reading is None or reading.hostility is None else reading.hostility
