"""A living platform in which pile-ons and harmless surges happen, with the truth beside the events.

`people` and `platform` are who lives there and what they can do; `growth` and `background` the ordinary day;
`crowd` and `scene` what attacks (`attacks`, `raids`) and `surges` are made of; `trials` what a careful reader would
try besides; `scenarios` when they happen; `writer` turns it into events.
"""

from streams.simulate.scenarios import (
    ALL_TRIALS,
    ORDINARY,
    SCENARIOS,
    TRIALS,
    Scenario,
    TooShortError,
    UnknownScenarioError,
)
from streams.simulate.simulation import START_MS, Simulation, simulate, write
from streams.simulate.text import HOSTILE_MARKERS

__all__ = [
    "ALL_TRIALS",
    "HOSTILE_MARKERS",
    "ORDINARY",
    "SCENARIOS",
    "START_MS",
    "TRIALS",
    "Scenario",
    "Simulation",
    "TooShortError",
    "UnknownScenarioError",
    "simulate",
    "write",
]
