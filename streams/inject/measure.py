"""Generator, engine, score: one stream after the other, in processes of their own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from detectors.model import SIGNALS, Model, shipped
from streams.inject.errors import InjectError
from streams.inject.judging import Judged, judge
from streams.inject.stream import Ground, inject
from streams.inject.yardsticks import Interactions, yardsticks_of
from streams.runner import Runner
from streams.settings import Settings
from streams.simulate.writer import EVENTS_FILE, TRUTH_FILE
from streams.wire import Decoder


@dataclass(frozen=True, slots=True)
class Trial:
    """One stream to be made and scored."""

    preset: str
    seed: int
    settings: dict[str, str]
    pairs: int | None = None
    without: tuple[str, ...] = ()
    keep: Path | None = None
    plain: bool = False
    """Without yardsticks."""


def model_without(names: Sequence[str]) -> Model:
    """The shipped model with the weights of these signals set to 0; `InjectError` if one is none."""
    model = shipped()
    for name in names:
        if name not in SIGNALS:
            raise InjectError(f"There is no signal {name!r}; there are {', '.join(SIGNALS)}.")
    spoken, silent = (
        replace(one, weights={name: 0.0 if name in names else w for name, w in one.weights.items()})
        for one in (model.spoken, model.silent)
    )
    return replace(model, spoken=spoken, silent=silent)


def run(ground: Ground, trial: Trial, settings: Settings, told: Callable[[str], None] = lambda _: None) -> Judged:
    """Make a stream, run it through the engine and judge what it said."""
    injected = inject(ground, trial.seed, trial.preset, trial.settings, trial.pairs)
    runner = Runner(settings, model=model_without(trial.without) if trial.without else None)
    decoder = Decoder(take_private=settings.take_private)
    interactions = Interactions()
    bodies: list[bytes] = []
    with ExitStack() as stack:
        keep = Kept(trial, injected.truth, stack) if trial.keep is not None else None
        count = 0
        for lines in injected.lines():
            decoded = decoder.decode(lines)
            if decoded.refusals:
                raise InjectError(f"The background holds an event that does not fit: {decoded.refusals[0].message}")
            interactions.add(decoded.batch)
            bodies += [revision.body for revision in runner.push(decoded)]
            if keep is not None:
                keep.events(lines.values)
            count += len(lines.values)
            told(f"{trial.preset}, seed {trial.seed}: {count:,} events, {len(bodies):,} revisions")
        bodies += [revision.body for revision in runner.end()]
        if keep is not None:
            keep.alerts(bodies)
    found = judge(injected.truth, map(orjson.loads, bodies), len(interactions), trial.preset, trial.seed)
    if not trial.plain:
        found.yardsticks = yardsticks_of(interactions, injected.truth["campaigns"])
    return found


class Kept:
    """What is kept of a trial: `events.ndjson`, `truth.json` and `alerts.ndjson` in a directory of its own."""

    def __init__(self, trial: Trial, truth: dict[str, Any], stack: ExitStack) -> None:
        if trial.keep is None:
            raise ValueError("the trial keeps nothing")
        self._directory = trial.keep / f"{trial.preset}-{trial.seed}"
        self._directory.mkdir(parents=True, exist_ok=True)
        (self._directory / TRUTH_FILE).write_bytes(orjson.dumps(truth, option=orjson.OPT_INDENT_2) + b"\n")
        self._file = stack.enter_context((self._directory / EVENTS_FILE).open("wb"))

    def events(self, lines: list[bytes]) -> None:
        """Events as they come."""
        self._file.write(b"\n".join(lines) + b"\n")

    def alerts(self, bodies: list[bytes]) -> None:
        """All revisions."""
        (self._directory / "alerts.ndjson").write_bytes(b"".join(body + b"\n" for body in bodies))


_shared: tuple[Ground, Settings] | None = None


def _run_shared(trial: Trial) -> Judged:
    if _shared is None:
        raise RuntimeError("not started by run_all")
    return run(_shared[0], trial, _shared[1])


def run_all(
    ground: Ground,
    trials: Sequence[Trial],
    settings: Settings,
    processes: int = 2,
    told: Callable[[str], None] = lambda _: None,
) -> Iterator[Judged]:
    """Every trial's result, as it comes; several run in processes of their own that share the ground, and tell nothing
    meanwhile.
    """
    global _shared  # noqa: PLW0603 - what forked processes share
    if processes < 2 or len(trials) < 2:
        for trial in trials:
            yield run(ground, trial, settings, told)
        return
    _shared = (ground, settings)
    try:
        with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork")) as pool:
            waiting = [pool.submit(_run_shared, trial) for trial in trials]
            for done in as_completed(waiting):
                yield done.result()
    finally:
        _shared = None
