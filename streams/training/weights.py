"""Learns the verdict's weights: `python -m streams.training.weights PATH... --format edges --out DIR`.

Looks are gathered on simulated days and trials, and on campaigns injected into backgrounds, the more different the better:
what tells attacks from harmless crowds on one stream alone may be that stream's. Whole shapes can be held out, to see
whether what is learnt carries over. Writes `model.json`, the shipped figures with the new weights, and
`quality.json`. The same inputs give the same bytes.
"""

from __future__ import annotations

import math
import multiprocessing
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer

from detectors.model import Model, Weighing, shipped
from streams.commands.common import Format, decoder_of
from streams.evaluation.trials import seeds_of
from streams.inject import Corpus, Ground, inject, read, read_corpus
from streams.inject.parameters import PRESETS
from streams.settings import Settings, load
from streams.simulate import simulate
from streams.simulate.scenarios import TRIALS
from streams.sources import open_source
from streams.training.fit import LIMITS, SPOKEN_LIMITS, fit, probability
from streams.training.looks import Look, collect
from streams.wire import Decoded, Decoder, Lines

PULL: Final = 0.0003
CARE: Final = (2.9, 1.5)
"""Where it is known what they say, harmless crowds are far from the limit, so more care may be taken to miss no pile-on
than where it is not.
"""
CALLED: Final = (0.55, 0.8)
"""Log-odds of the fits from which a crowd is called a pile-on: organic ones are many, so that is far up, and where it is not
known what they say still farther.
"""
SLOPE: Final = 4.0
"""What log-odds beyond that are multiplied by: a crowd is judged at its height, by all of its looks, so the odds of a single
look say too little of it. With this slope the scores of whole campaigns, as many attacks as surges, agree best with what
they were (Platt 1999), and on streams that were not learnt from harmless crowds keep well below the limit.
"""
_SILENT_SOURCE: Final = 0
"""Silent crowds are learnt from on the first background and on simulated ones. Only who knows whom can tell there, and where
a log holds little of that, its crowds teach chance.
"""
_DIGITS: Final = 2
SIGNS: Final = {name: 1 if weight > 0 else -1 for name, weight in shipped().spoken.weights.items()}
"""By signal, for which side it speaks: what it means decides that, not what is learnt."""
_BATCH: Final = 8_000
_LONG_HOURS: Final = 96.0
_LONG: Final = ("slow_harassment",)
_LIMITS: Final = (0.5, 0.8, 0.9, 0.92, 0.97)

_Paths = typer.Option(exists=True, dir_okay=False)


@dataclass(frozen=True, slots=True)
class Job:
    """One stream to learn from: a seed, and a preset of injection and the place of its background, or a simulated stretch of
    some hours.
    """

    name: str
    seed: int
    preset: str | None = None
    background: int = -1
    hours: float = 24.0
    scenarios: tuple[str, ...] | None = None


def train(
    background: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="What is injected into.")],
    out: Annotated[Path, typer.Option(file_okay=False, help="Where model.json and quality.json are written.")],
    form: Annotated[Format, typer.Option("--format")] = Format.EDGES,
    corpus: Annotated[list[Path] | None, _Paths] = None,
    seeds: Annotated[str, typer.Option(help="Of the simulated days and of the injections, as 1-4.")] = "1-4",
    preset: Annotated[list[str] | None, typer.Option(help="What is injected; by default every preset.")] = None,
    hold_out: Annotated[list[str] | None, typer.Option(help="Scenarios that are measured and not learnt from.")] = None,
    processes: int = 2,
    sort: bool = False,
) -> None:
    """Gather looks, fit, measure, write."""
    jobs = [*_simulated(seeds_of(seeds)), *_injected(seeds_of(seeds), preset or list(PRESETS), background)]
    settings = load(None)
    texts = read_corpus(corpus) if corpus else Corpus()
    sources = (
        read(
            open_source(str(path), _BATCH),
            decoder_of(form, take_private=False),
            sort=sort,
            lateness_ms=1000 * settings.allowed_lateness_s,
        )
        for path in background
    )
    grounds = [Ground(source, texts) for source in sources]
    looks = [look for found in _gathered(grounds, jobs, settings, processes) for look in found]
    base, held = shipped(), frozenset(hold_out or ())
    seen = [look for look in looks if look.scenario not in held]
    parts = [[look for look in seen if base.weighing(look.strengths) is one] for one in (base.spoken, base.silent)]
    parts[1] = [look for look in parts[1] if look.source <= _SILENT_SOURCE]
    spoken, silent = (
        _scaled(fit(part, SIGNS, base.smallest, PULL, care, limits), base.pile_on, called)
        for part, care, limits, called in zip(parts, CARE, (SPOKEN_LIMITS, LIMITS), CALLED, strict=True)
    )
    model = replace(base, spoken=spoken, silent=silent)
    report = {
        "looks": len(looks),
        "spoken": model.spoken,
        "silent": model.silent,
        "by_scenario": measured(looks, model),
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / "model.json").write_bytes(orjson.dumps(model, option=orjson.OPT_INDENT_2) + b"\n")
    (out / "quality.json").write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2) + b"\n")
    typer.echo(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode())


def _scaled(weighing: Weighing, limit: float, called: float) -> Weighing:
    """Log-odds times `SLOPE`, moved so that a crowd is called from the probability `limit` on at the log-odds `called`."""
    return Weighing(
        round(math.log(limit / (1.0 - limit)) + SLOPE * (weighing.intercept - called), _DIGITS),
        {name: round(SLOPE * weight, _DIGITS) for name, weight in weighing.weights.items()},
    )


def measured(looks: Sequence[Look], model: Model) -> dict[str, Any]:
    """By scenario, how many campaigns there were, and the share of which some look reached each of some limits."""
    most: dict[tuple[str, str], float] = defaultdict(float)
    for look in looks:
        if look.newcomers >= model.smallest:
            place = (look.scenario, look.group)
            most[place] = max(most[place], probability(look, model))
    scenarios: dict[str, list[float]] = defaultdict(list)
    for (scenario, _), best in sorted(most.items()):
        scenarios[scenario].append(best)
    return {
        scenario: {
            "campaigns": len(found),
            **{f"from_{limit}": round(sum(one >= limit for one in found) / len(found), 3) for limit in _LIMITS},
        }
        for scenario, found in sorted(scenarios.items())
    }


def _simulated(seeds: Sequence[int]) -> Iterator[Job]:
    short = tuple(name for name in TRIALS if name not in _LONG)
    for seed in seeds:
        yield Job("day", seed)
        yield Job("trial", seed, scenarios=short)
        yield Job("long", seed, hours=_LONG_HOURS, scenarios=_LONG)


def _injected(seeds: Sequence[int], presets: Sequence[str], backgrounds: Sequence[Path]) -> Iterator[Job]:
    for place, path in enumerate(backgrounds):
        for seed in seeds:
            yield from (Job(f"{path.name}/{name}", seed, name, place) for name in presets)


def _gathered(
    grounds: Sequence[Ground], jobs: Sequence[Job], settings: Settings, processes: int
) -> Iterator[list[Look]]:
    """The looks of every job, in the order of the jobs."""
    global _at_hand  # noqa: PLW0603 - what forked processes share
    _at_hand = lambda job: _looks(grounds, job, settings)  # noqa: E731 - bound to this call
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork")) as pool:
        yield from pool.map(_take, jobs)


_at_hand: Callable[[Job], list[Look]] | None = None


def _take(job: Job) -> list[Look]:
    if _at_hand is None:
        raise RuntimeError("not started by _gathered")
    return _at_hand(job)


def _looks(grounds: Sequence[Ground], job: Job, settings: Settings) -> list[Look]:
    decoder, name = Decoder(take_private=False), f"{job.name}/{job.seed}"
    if job.preset is not None:
        injected = inject(grounds[job.background], job.seed, job.preset)
        found = collect(map(decoder.decode, injected.lines()), injected.truth, settings, name=name)
        return [replace(look, source=job.background) for look in found]
    played = simulate(job.seed, job.hours, job.scenarios)
    return collect(_decoded(decoder, played.lines), played.truth, settings, name=name)


def _decoded(decoder: Decoder, lines: Iterator[bytes]) -> Iterator[Decoded]:
    batch: list[bytes] = []
    for line in lines:
        batch.append(line)
        if len(batch) == _BATCH:
            yield decoder.decode(Lines.numbered(batch, "simulated", 1))
            batch = []
    if batch:
        yield decoder.decode(Lines.numbered(batch, "simulated", 1))


if __name__ == "__main__":
    typer.run(train)
