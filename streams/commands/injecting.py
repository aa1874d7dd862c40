"""`breakwater evaluate --inject`: what is asked for, run and printed."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from streams.commands.common import Format, decoder_of, print_json
from streams.inject import Corpus, Ground, InjectError, read, read_corpus, settings_of
from streams.inject.judging import Judged
from streams.inject.measure import Trial, model_without, run_all
from streams.inject.parameters import pinned
from streams.inject.score import score
from streams.inject.tables import table
from streams.settings import load
from streams.sources import open_source

_BATCH = 8_000


@dataclass(frozen=True, slots=True)
class Injecting:
    """What is asked for, as on the command line."""

    background: str
    form: Format
    sort: bool
    seeds: str
    presets: list[str]
    pinned: list[str]
    corpora: list[Path]
    pairs: int | None
    without: tuple[str, ...]
    processes: int
    keep: Path | None
    settings: Path | None


def seeds_of(text: str) -> list[int]:
    """The seeds that `1-5` or `1,4,7` names; `InjectError` if it names none."""
    found: list[int] = []
    try:
        for part in text.split(","):
            low, dash, high = part.strip().partition("-")
            found += range(int(low), int(high) + 1) if dash else [int(low)]
    except ValueError:
        found = []
    if not 0 < len(found) <= 1_000 or len(set(found)) < len(found):
        raise InjectError(f"{text!r} names no seeds; write them as 1-5 or 1,4,7, each once.")
    return found


def score_injected(wanted: Injecting, *, json: bool) -> None:
    """Run everything that is asked for and print the score; `InjectError` and others say what is wrong."""
    seeds = seeds_of(wanted.seeds)
    pins = settings_of(wanted.pinned)
    for preset in wanted.presets:
        pinned(preset, pins)
    model_without(wanted.without)
    settings = load(wanted.settings)
    trials = [
        Trial(preset, seed, pins, wanted.pairs, wanted.without, wanted.keep)
        for preset in wanted.presets
        for seed in seeds
    ]
    with ExitStack() as stack:
        tell = _progress(stack)
        tell("Reading the background…")
        background = read(
            open_source(wanted.background, _BATCH),
            decoder_of(wanted.form, take_private=settings.take_private),
            sort=wanted.sort,
            lateness_ms=1000 * settings.allowed_lateness_s,
        )
        corpus = read_corpus(wanted.corpora) if wanted.corpora else Corpus()
        tell("Looking at its graph…")
        ground = Ground(background, corpus)
        results: list[Judged] = []
        for result in run_all(ground, trials, settings, wanted.processes):
            results.append(result)
            tell(f"{len(results)} of {len(trials)} streams scored")
    order = {(trial.preset, trial.seed): number for number, trial in enumerate(trials)}
    results.sort(key=lambda result: order[result.preset, result.seed])
    scores = {preset: score([one for one in results if one.preset == preset]) for preset in wanted.presets}
    if json:
        print_json({"background": wanted.background, "seeds": seeds, "presets": scores})
        return
    for preset in wanted.presets:
        Console().print(table(preset, scores[preset]))


def _progress(stack: ExitStack) -> Any:
    if not sys.stderr.isatty():
        return lambda _: None
    status = stack.enter_context(Console(stderr=True).status("…"))
    return status.update
