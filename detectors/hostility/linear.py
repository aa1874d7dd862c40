"""The shipped model: a linear one on hashed n-grams, its weights whole numbers.

A text's score is a logistic function of the sum of its features' weights over the root of their number. The sum is
of whole numbers, hence exact: a text scores the same alone and among others.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from detectors.hostility.features import BUCKETS, hashed, is_chinese
from detectors.hostility.normal import Folded, fold, neutral

WORDLESS: Final = 0.05
"""Score of a text in which there is nothing to weigh."""
_FORMAT: Final = "breakwater.hostility/1"
AT_ONCE: Final = 128
"""How many texts are weighed at once."""
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True, eq=False)
class LinearModel:
    """Weights by bucket, and an intercept by language.

    Attributes
    ----------
    name : which model this is
    weights : whole numbers, shape `(BUCKETS,)`, int16
    scale : what one of them is worth in log-odds
    intercepts : in log-odds, of text without and with Chinese characters
    """

    name: str
    weights: NDArray[np.int16]
    scale: float
    intercepts: tuple[float, float]

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """The probability that each text is hostile, shape `(n,)`, to six digits."""
        parts = [self.weigh(fold(texts[at : at + AT_ONCE])) for at in range(0, len(texts), AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def weigh(self, folded: Folded) -> NDArray[np.float64]:
        """The same of texts that were folded, at most `AT_ONCE`."""
        lines = neutral(folded)
        text, bucket = hashed(lines)
        count = np.bincount(text, minlength=len(lines))
        total = np.bincount(text, self.weights.take(bucket), minlength=len(lines))
        odds = total * self.scale / np.sqrt(np.maximum(count, 1)) + np.where(is_chinese(lines), *self.intercepts[::-1])
        scores = [
            round(1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, value)))), _DIGITS) if line else WORDLESS
            for line, value in zip(lines, odds.tolist(), strict=True)
        ]
        return np.array(scores)

    def to_bytes(self) -> bytes:
        """The model as a file: a line of JSON, and the packed weights."""
        head = {"format": _FORMAT, "name": self.name, "scale": self.scale, "intercepts": self.intercepts}
        return orjson.dumps(head) + b"\n" + zlib.compress(self.weights.astype("<i2").tobytes(), 9)


def parse(content: bytes) -> LinearModel:
    """A model from the bytes of such a file; `ValueError` if it is none."""
    head, _, packed = content.partition(b"\n")
    try:
        fields: dict[str, Any] = orjson.loads(head)
        weights = np.frombuffer(zlib.decompress(packed), "<i2").astype(np.int16)
        model = LinearModel(fields["name"], weights, float(fields["scale"]), tuple(fields["intercepts"]))
        fits = fields["format"] == _FORMAT and len(weights) == BUCKETS and len(model.intercepts) == 2
    except (ValueError, TypeError, KeyError, zlib.error) as error:
        raise ValueError(f"not a hostility model: {error}; write one with the training script") from error
    if not fits:
        raise ValueError(f"not a hostility model of format {_FORMAT} with {BUCKETS} weights; train it again")
    return model


@cache
def shipped() -> LinearModel:
    """The model that comes with the program."""
    return parse(resources.files(__package__).joinpath("weights.bin").read_bytes())
