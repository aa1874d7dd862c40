"""When the members of a crowd come."""

from __future__ import annotations

from random import Random

from streams.inject.parameters import SHAPES


def arrivals(rng: Random, shape: str, count: int, begin_ms: int, length_ms: int) -> list[int]:
    """`count` times, rising, from `begin_ms` within `length_ms`, in one of `SHAPES`."""
    if shape not in SHAPES:
        raise ValueError(shape)
    draw = rng.random
    if shape == "steady":
        parts = [draw() for _ in range(count)]
    elif shape == "growing":
        parts = [draw() ** 0.5 for _ in range(count)]
    elif shape == "decaying":
        parts = [min(rng.expovariate(4.0), 1.0) if draw() < 0.98 else draw() for _ in range(count)]
    elif shape == "waves":
        waves = sorted(draw() * 0.85 for _ in range(rng.randint(2, 4)))
        parts = [min(max(rng.choice(waves) + rng.gauss(0.04, 0.03), 0.0), 1.0) for _ in range(count)]
    elif shape == "burst":
        at = draw() * 0.7
        parts = [min(at + rng.expovariate(12.0), 1.0) if draw() < 0.8 else draw() for _ in range(count)]
    else:
        parts = [min((rng.paretovariate(1.0) - 1) / 20, 1.0) for _ in range(count)]
        parts = [part if part < 1 else draw() for part in parts]
    parts.sort()
    return [begin_ms + int(part * length_ms) for part in parts]
