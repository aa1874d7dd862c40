"""`breakwater evaluate --inject`: what is asked for, run and printed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from streams.commands.common import Format, decoder_of, fail, print_json
from streams.evaluation.trials import seeds_of
from streams.inject import Corpus, Ground, InjectError, inject, read, read_corpus, settings_of
from streams.inject.judging import Judged
from streams.inject.leaks import Finding, check
from streams.inject.measure import Trial, model_without, run_all
from streams.inject.page import page
from streams.inject.parameters import pinned
from streams.inject.score import score, together
from streams.inject.tables import leak_table, table, table_of_all
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
    report: Path | None
    settings: Path | None


def score_injected(wanted: Injecting, *, json: bool) -> None:
    """Run everything that is asked for and print the score; `InjectError` and others say what is wrong."""
    seeds, pins = _checked(wanted)
    settings = load(wanted.settings)
    trials = [
        Trial(preset, seed, pins, wanted.pairs, wanted.without, wanted.keep)
        for preset in wanted.presets
        for seed in seeds
    ]
    with ExitStack() as stack:
        tell = _progress(stack)
        ground = _ground(wanted, tell)
        results: list[Judged] = []
        tell(f"{len(trials)} streams are made and run…")
        for result in run_all(ground, trials, settings, wanted.processes, tell):
            results.append(result)
            tell(f"{len(results)} of {len(trials)} streams scored")
    results.sort(key=lambda result: (result.preset, result.seed))
    scores = {preset: score([one for one in results if one.preset == preset]) for preset in wanted.presets}
    whole = together(results)
    if wanted.report is not None:
        title = "Injected pile-ons, found and missed"
        wanted.report.write_text(page(title, _facts(wanted), scores, whole), "utf-8")
    if json:
        print_json({"background": wanted.background, "without": wanted.without, "presets": scores, "together": whole})
        return
    for preset in wanted.presets:
        Console().print(table(preset, scores[preset]))
    if len(scores) > 1:
        Console().print(table_of_all(whole))


def leaks_of(wanted: Injecting, *, json: bool) -> None:
    """Check that no single field tells attacks from the rest; ends with status 1 when one does."""
    seeds, pins = _checked(wanted)
    with ExitStack() as stack:
        tell = _progress(stack)
        ground = _ground(wanted, tell)
        findings: dict[str, list[Finding]] = {}
        for preset in wanted.presets:
            tell(f"Training on every field of {preset}…")
            findings[preset] = check(inject(ground, seed, preset, pins, wanted.pairs) for seed in seeds)
    if json:
        print_json(
            {
                "leaks": {
                    preset: sorted({one.field for one in found if one.leaks}) for preset, found in findings.items()
                },
                "fields": {preset: [asdict(one) for one in found] for preset, found in findings.items()},
            }
        )
    else:
        for preset, found in findings.items():
            Console().print(leak_table(preset, found))
    for preset, found in findings.items():
        for one in found:
            if one.leaks:
                fail(
                    f"In {preset} the field {one.field} alone tells {one.sides} apart (area under the curve {one.auc:.2f} "
                    f"over each {one.level}); draw it alike for all."
                )


def _checked(wanted: Injecting) -> tuple[list[int], dict[str, str]]:
    """Seeds and pinned parameters, after everything that is asked for was found to exist."""
    pins = settings_of(wanted.pinned)
    try:
        seeds = seeds_of(wanted.seeds)
    except ValueError as error:
        raise InjectError(str(error)) from error
    for preset in wanted.presets:
        pinned(preset, pins)
    model_without(wanted.without)
    if wanted.report is not None and not wanted.report.parent.is_dir():
        raise InjectError(f"There is no directory {wanted.report.parent} for the report; make it first.")
    return seeds, pins


def _ground(wanted: Injecting, tell: Callable[[str], None]) -> Ground:
    """The background with its graph, and the corpora."""
    settings = load(wanted.settings)
    tell("Reading the background…")
    background = read(
        open_source(wanted.background, _BATCH),
        decoder_of(wanted.form, take_private=settings.take_private),
        sort=wanted.sort,
        lateness_ms=1000 * settings.allowed_lateness_s,
    )
    corpus = read_corpus(wanted.corpora) if wanted.corpora else Corpus()
    tell("Looking at its graph…")
    return Ground(background, corpus)


def _facts(wanted: Injecting) -> str:
    parts = [f"Background {Path(wanted.background).name}", f"seeds {wanted.seeds}"]
    if wanted.pinned:
        parts.append(f"with {', '.join(wanted.pinned)}")
    if wanted.without:
        parts.append(f"without {', '.join(wanted.without)}")
    return "; ".join(parts) + "."


def _progress(stack: ExitStack) -> Callable[[str], None]:
    if not sys.stderr.isatty():
        return lambda _: None
    status = stack.enter_context(Console(stderr=True).status("…"))
    return status.update
