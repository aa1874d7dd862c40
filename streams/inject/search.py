"""The attackers' cheapest way to stay silent: a search over what they can choose, for a given harm.

The harm is fixed: so many hostile messages by as many accounts at one target. Attackers choose how long they take, how
they arrive, which accounts they use, how much ordinary talk they hide in and how much sharing they buy. Random settings
come first, then small changes to the best (random search and hill climbing, as in Bergstra and Bengio 2012). A setting is
*silent* if few of its attacks are called a pile-on.

    python -m streams.inject.search BACKGROUND --format edges --harm 50 --budget 40
"""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Annotated, Any, Final

import typer

from streams.commands.common import Format, decoder_of, plainly, print_json, working
from streams.inject.parameters import SHAPES, Choice, Number, Range

SILENT: Final = 0.2
"""Up to which recall a setting is silent."""
NEW, AGED, TIED, SHARER = 1.0, 3.0, 6.0, 0.2
"""What an account costs, in new accounts: one never seen before, one with a history, one with ties to the target's
surroundings; and one share."""
_FIRST: Final = 0.5
"""Share of the runs that are drawn at random."""

CHOICES: Final[dict[str, Range]] = {
    "minutes": Number(1, 4320, log=True),
    "shape": Choice(SHAPES),
    "fresh": Number(0.0, 1.0),
    "near": Number(0.0, 1.0),
    "shares": Number(0.0, 3.0),
    "own_shares": Number(0.0, 0.5),
    "abusive": Number(0.2, 1.0),
    "alike": Number(0.0, 0.8),
    "earlier": Number(0.0, 1.0),
    "call": Choice(("on", "off")),
    "origin": Choice(("scattered", "caller", "community")),
}
"""What attackers can choose."""

Setting = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A setting, what came of it, and what it costs.

    Attributes
    ----------
    recall
        Share of its attacks that were called a pile-on.
    accounts
        Its price in new accounts.
    hours
        How long it takes.
    """

    setting: Setting
    recall: float
    accounts: float
    hours: float

    @property
    def silent(self) -> bool:
        """Whether hardly any attack was called."""
        return self.recall <= SILENT

    @property
    def rank(self) -> tuple[bool, float, float]:
        """The lower, the better for attackers: silence first, then the price, then the recall."""
        return not self.silent, self.accounts + self.hours if self.silent else self.recall, self.recall


def price(setting: Setting, harm: int) -> tuple[float, float]:
    """What a setting costs for so many hostile messages: in new accounts, and in hours."""
    size = size_for(setting, harm)
    known = 1 - setting["fresh"]
    each = setting["fresh"] * NEW + known * (setting["near"] * TIED + (1 - setting["near"]) * AGED)
    return size * (each + setting["shares"] * SHARER), setting["minutes"] / 60


def size_for(setting: Setting, harm: int) -> int:
    """How many accounts are needed if only some of the messages are hostile."""
    return min(3_000, max(10, round(harm / float(setting["abusive"]))))


def search(budget: int, harm: int, recall_of: Callable[[Setting], float], seed: int) -> Iterator[Attempt]:
    """Try settings, as many as the budget allows; each comes as it is known.

    Parameters
    ----------
    recall_of
        Runs a setting, with its `size`, and tells the share of attacks called a pile-on.
    """
    rng = Random(seed)
    best: Attempt | None = None
    for turn in range(budget):
        if best is None or turn < budget * _FIRST:
            setting = {name: _rounded(allowed.draw(rng)) for name, allowed in CHOICES.items()}
        else:
            setting = _changed(rng, best.setting)
        attempt = Attempt(setting, recall_of({**setting, "size": size_for(setting, harm)}), *price(setting, harm))
        if best is None or attempt.rank < best.rank:
            best = attempt
        yield attempt


def _changed(rng: Random, setting: Setting) -> Setting:
    """A setting a step away: one to three choices drawn anew or moved a little."""
    found = dict(setting)
    for name in rng.sample(sorted(CHOICES), rng.randint(1, 3)):
        allowed = CHOICES[name]
        if isinstance(allowed, Choice) or rng.random() < 0.3:
            found[name] = _rounded(allowed.draw(rng))
        elif allowed.log:
            found[name] = _rounded(min(max(found[name] * rng.uniform(0.5, 2.0), allowed.low), allowed.high))
        else:
            step = rng.gauss(0.0, 0.15) * (allowed.high - allowed.low)
            found[name] = _rounded(min(max(found[name] + step, allowed.low), allowed.high))
    return found


def _rounded(value: float | str) -> float | str:
    return value if isinstance(value, str) else round(value, 3)


def main(
    background: Annotated[str, typer.Argument(help="The stream to attack in.")],
    format: Annotated[Format, typer.Option(help="How it stands in the file.")] = Format.EVENTS,  # noqa: A002
    sort: Annotated[bool, typer.Option("--sort", help="Put it in order of time first.")] = False,
    harm: Annotated[int, typer.Option(min=10, max=3_000, help="Hostile messages, each by another account.")] = 50,
    budget: Annotated[int, typer.Option(min=2, help="How many settings are tried: one stream each.")] = 40,
    preset: Annotated[str, typer.Option(help="What attackers cannot choose.")] = "hard-50-text",
    pairs: Annotated[int, typer.Option(min=1, help="Attacks in each stream.")] = 12,
    seed: Annotated[int, typer.Option(help="Seed of all chance.")] = 1,
    corpus: Annotated[list[Path] | None, typer.Option(help="Text, as for evaluate.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print everything as one JSON object.")] = False,
) -> None:
    """Search for the attackers' cheapest way to stay silent, and print what it costs them."""
    from streams.evaluation.report import CALLED
    from streams.inject import Corpus, Ground, read, read_corpus
    from streams.inject.measure import Trial, run
    from streams.settings import load
    from streams.sources import open_source

    with plainly(), working("Searching…"):
        settings = load()
        decoder = decoder_of(format, take_private=settings.take_private)
        stream = read(open_source(background, 8_000), decoder, sort=sort)
        ground = Ground(stream, read_corpus(corpus) if corpus else Corpus())

        def recall_of(setting: Setting) -> float:
            pins = {name: str(value) for name, value in setting.items()}
            judged = run(ground, Trial(preset, seed, pins, pairs, plain=True), settings)
            attacks = [case for case in judged.cases if case.pile_on]
            return sum(case.said == CALLED for case in attacks) / len(attacks)

        attempts = sorted(search(budget, harm, recall_of, seed), key=lambda attempt: attempt.rank)
    if json:
        print_json({"harm": harm, "attempts": [_plain(attempt) for attempt in attempts]})
        return
    for attempt in attempts[:10]:
        chosen = ", ".join(f"{name}={value}" for name, value in attempt.setting.items())
        state = "silent" if attempt.silent else f"recall {attempt.recall:.2f}"
        typer.echo(f"{state}: {attempt.accounts:.0f} accounts, {attempt.hours:.1f} hours: {chosen}")


def _plain(attempt: Attempt) -> dict[str, Any]:
    return {
        "silent": attempt.silent,
        "recall": attempt.recall,
        "accounts": round(attempt.accounts, 1),
        "hours": round(attempt.hours, 2),
        "setting": attempt.setting,
    }


app: Final = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command()(main)

if __name__ == "__main__":
    app()
