"""Pile-ons and harmless surges injected into a background stream, with the truth beside the events.

`background` reads a stream, `ties` and `communities` are its graph, `parameters` what campaigns are made of, `plan` when
they happen, `people` and `cast` who comes, `campaign` what they do, `dress` and `ordinary` what every event carries;
`stream` puts it together.
"""

from streams.inject.background import Background, read
from streams.inject.corpus import Corpus, read_corpus
from streams.inject.errors import InjectError
from streams.inject.parameters import PRESETS, RANGES, settings_of
from streams.inject.stream import Ground, Injected, inject

__all__ = [
    "PRESETS",
    "RANGES",
    "Background",
    "Corpus",
    "Ground",
    "InjectError",
    "Injected",
    "inject",
    "read",
    "read_corpus",
    "settings_of",
]
