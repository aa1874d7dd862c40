"""Making a background."""

from random import Random

from streams.inject import Corpus, Ground, read
from streams.wire import EdgeDecoder, Lines

START_S = 1_709_510_400
DAY_S = 86_400


def small_edges(days: int = 4, people: int = 300, edges: int = 5_000, seed: int = 1) -> list[bytes]:
    """Lines of edges in the order of time: most within circles, some with a share of the same target."""
    rng = Random(seed)
    found = []
    times = sorted(rng.randrange(days * DAY_S) for _ in range(edges))
    for time in times:
        author = rng.randrange(people)
        circle = author % 4
        target = rng.randrange(people // 4) * 4 + circle if rng.random() < 0.8 else rng.randrange(people)
        if target == author:
            target = (author + 4) % people
        kind = rng.choices(("RT", "MT", "RE"), (3, 3, 4))[0]
        found.append(b"%d %d %d %s" % (author, target, START_S + time, kind.encode()))
    return found


def ground_of(lines: list[bytes], corpus: Corpus | None = None) -> Ground:
    background = read([Lines.numbered(lines, "small")], EdgeDecoder(), sort=False)
    return Ground(background, corpus or Corpus())
