"""From a subject's interactions to a verdict: the gate, the surge, the signals, and what they amount to.

`watch` is the way through: it decides when to look at a subject, and what a look finds.
"""
