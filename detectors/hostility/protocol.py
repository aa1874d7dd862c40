"""What a hostility model is, and how a platform's own is found."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from detectors.hostility.linear import shipped

HOSTILE: Final = 0.75
"""Score from which a text counts as hostile: the least at which, on held-out folds of the training rows, at most one
harmless text in twenty does, in either language."""


@runtime_checkable
class HostilityModel(Protocol):
    """Tells how hostile texts are. The same text must always score the same, whatever is scored beside it."""

    @property
    def name(self) -> str:
        """Which model this is, told in every alert."""

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """The probability that each text is hostile, 0 to 1, shape `(n,)`."""


def load_model(spec: str | None = None) -> HostilityModel:
    """The shipped model, or what a platform's factory gives, named `package.module:factory`.

    `ValueError` if there is no such factory, `TypeError` if what it gives is no model.
    """
    if not spec:
        return shipped()
    module, _, factory = spec.partition(":")
    try:
        model = getattr(import_module(module), factory)()
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise ValueError(f"no hostility model at {spec!r}: {error}; name it package.module:factory") from error
    if not isinstance(model, HostilityModel):
        raise TypeError(f"what {spec!r} gives is no hostility model: it needs a name and a method score")
    return model
