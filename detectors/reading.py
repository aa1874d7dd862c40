"""What is read off a text, once and for all, so that the text itself need not be kept.

A reading depends on the text alone: it is the same whether a text is read when it came, or when it was taken back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from detectors.hostility import HostilityModel
from detectors.likeness import SHORTEST, Sketch
from detectors.similarity import sketches

_LONGEST: Final = 2_000
_REMEMBERED: Final = 8_000
"""Of how many texts a reader remembers what it read."""
_SUPPORT: Final = re.compile(
    r"\b(?:thanks?|thank you|grateful|congrat\w*|well done|good luck|love (?:this|it|you|your)|lovely|wonderful|"
    r"beautiful|amazing|awesome|brilliant|bravo|kudos|proud of you|stay strong|hang in there|keep going|take care|"
    r"support(?:ing)? you|with you|here for you|on your side|sorry (?:this|that|you|for)|so sorry|"
    r"leave (?:him|her|them) alone|(?:don'?t|do not) listen to|ignore them|you (?:did|have done|are doing) nothing wrong|"
    r"you (?:don'?t|do not) deserve|you are right)\b"
    r"|加油|支持你|支持|谢谢|感谢|爱你|辛苦了|抱抱|恭喜|挺你|别理|不要理|保重|为你骄傲|你没有错|太棒|真棒|好棒"
    r"|[❤♥💕💖💗💙💚💛💜🧡🤗🙏👏💪🥰😍]",
    re.IGNORECASE,
)
"""Words of support. They only ever speak for somebody, so who misuses them gains little: see `roles`."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read off a text.

    Attributes
    ----------
    hostility : 0 to 1; None where there is no model
    kind : whether it has words of support
    sketch : what tells whether it is like another
    """

    hostility: float | None
    kind: bool
    sketch: Sketch


Read = Callable[[Sequence[object]], list[Reading | None]]
"""What reads texts as a window holds them: strings, and what is left of those that were taken back. None of no text."""


class Reader:
    """Reads texts, and remembers what it read lately, not the texts.

    Parameters
    ----------
    model
        What tells how hostile a text is; None if nothing does.
    """

    def __init__(self, model: HostilityModel | None) -> None:
        self._model = model
        # By Python's own hash, which is salted by process: nobody can choose a text that passes for another.
        self._read: dict[int, Reading] = {}

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """The readings of some texts; a text's reading does not depend on the others."""
        known, keys = self._read, [hash(text) for text in texts]
        wanted = {key: text[:_LONGEST] for key, text in zip(keys, texts, strict=True) if key not in known}
        if wanted:
            cut = list(wanted.values())
            hostile: list[float | None] = [None] * len(cut)
            if self._model is not None:
                hostile = [round(float(score), 4) for score in self._model.score(cut)]
            known |= {
                key: Reading(score, _SUPPORT.search(text) is not None, sketch)
                for (key, text), score, sketch in zip(wanted.items(), hostile, sketches(cut, SHORTEST), strict=True)
            }
        found = [known[key] for key in keys]
        while len(known) > _REMEMBERED:
            del known[next(iter(known))]
        return found
