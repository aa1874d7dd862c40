"""How hostile texts are, in English and Chinese: a model that a platform may replace by its own.

`MODEL_CARD.md` says what the shipped one is for, how good it is and where it fails. Beside it in this room,
`similarity` tells which texts are nearly the same.
"""

from detectors.hostility.linear import WORDLESS, LinearModel
from detectors.hostility.protocol import HOSTILE, HostilityModel, load_model

__all__ = ["HOSTILE", "WORDLESS", "HostilityModel", "LinearModel", "load_model"]
