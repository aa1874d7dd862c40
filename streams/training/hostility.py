"""Trains the shipped hostility model: `python -m streams.training.hostility --davidson PATH --cold PATH --out DIR`.

Rows kept for evaluation are left out (`corpora.is_kept`), and nothing is chosen by what is measured on them.
The same corpora give the same bytes on the same machine.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import orjson
import typer
from numpy.typing import NDArray

from detectors.hostility.features import hashed
from detectors.hostility.linear import LinearModel
from detectors.hostility.normal import normalise
from detectors.hostility.terms import identity_terms
from streams.simulate.text import HOSTILE_MARKERS
from streams.training import corpora, measures
from streams.training.corpora import Corpus
from streams.training.fitting import Floats, features, fit
from streams.training.frames import FRAMES

ENGLISH_STRENGTH: Final = 10.0
CHINESE_STRENGTH: Final = 30.0
NEITHER_WEIGHT: Final = 2.0
"""Weight of a harmless English row of the corpus, of which there are few."""
MARKED_WEIGHT: Final = 3.0
"""Weight of one with markers of a dialect, on top of that."""
FRAME_WEIGHT: Final = 0.5
MADE_UP: Final = 140.0
"""Weight of a made-up word of abuse, in log-odds times the square root of a text's features."""
FOLDS: Final = 5
MOST_FALSE: Final = 0.05
"""Share of harmless rows, in either language, that may count as hostile."""

NAME: Final = "linear-2"
SHOWN_TERMS: Final = ("religion", "gender", "ethnicity")

_Path = typer.Option(exists=True, dir_okay=False)


def train(
    davidson: Annotated[Path, _Path],
    cold: Annotated[Path, _Path],
    out: Annotated[Path, typer.Option(file_okay=False, help="Where weights.bin and quality.json are written.")],
    cold_dev: Annotated[Path | None, _Path] = None,
    harmless: Annotated[Path | None, _Path] = None,
) -> None:
    """Learn from corpora, measure, and write the model and how good it is.

    `harmless` is a file of ordinary English chat, a message a line, of which one in eighty is learnt from.
    """
    english, english_kept = corpora.davidson(davidson).divided()
    chinese, chinese_kept = corpora.cold(cold).divided()
    chat, other_chat = corpora.chat(harmless) if harmless else (_nothing(), _nothing())
    rows = _joined(english, chinese, chat, _frames())
    weight = np.concatenate([_english_weight(english), np.full(len(chinese), CHINESE_STRENGTH)])
    weight = np.append(weight, np.full(len(chat), ENGLISH_STRENGTH))
    weight = np.append(weight, np.full(len(rows) - len(weight), FRAME_WEIGHT * CHINESE_STRENGTH))
    matrix = features(rows.texts)
    scores, folds = _folded(rows, matrix, weight, len(english) + len(chinese))
    model = _taught(fit(NAME, matrix, rows.hostile, weight), matrix)
    halves = slice(0, len(english)), slice(len(english), len(english) + len(chinese))
    threshold = max(measures.strictest(scores[half], rows.hostile[half], MOST_FALSE) for half in halves)
    report: dict[str, Any] = {"threshold": threshold}
    report["folds"] = {
        "english": {
            **measures.quality(scores[halves[0]], english.hostile),
            "macro_f1_mean": _mean_f1(scores[halves[0]], english.hostile, folds[halves[0]]),
        },
        "chinese": measures.quality(scores[halves[1]], chinese.hostile),
        "english_at_threshold": measures.quality(scores[halves[0]], english.hostile, threshold),
        "chinese_at_threshold": measures.quality(scores[halves[1]], chinese.hostile, threshold),
        "dialect": measures.by_dialect(scores[halves[0]], english, 0.5),
        "dialect_at_threshold": measures.by_dialect(scores[halves[0]], english, threshold),
    }
    if cold_dev:
        dev = corpora.cold(cold_dev)
        report["cold_dev"] = measures.quality(model.score(dev.texts), dev.hostile)
    report["kept"] = _kept(model, english_kept, chinese_kept, other_chat, threshold)
    report["identity"] = measures.by_identity(model)
    _write(out, model, report)


def _kept(model: LinearModel, english: Corpus, chinese: Corpus, chat: Corpus, threshold: float) -> dict[str, Any]:
    """What is measured on rows that nothing was learnt or chosen from."""
    found: dict[str, Any] = {}
    for name, corpus, language in (("english", english, "en"), ("chinese", chinese, "zh")):
        scores = model.score(corpus.texts)
        found[name] = measures.quality(scores, corpus.hostile)
        found[f"{name}_at_threshold"] = measures.quality(scores, corpus.hostile, threshold)
        found[f"{name}_swapped"] = measures.by_swapping(model, corpus, language)
    found["dialect"] = measures.by_dialect(model.score(english.texts), english, 0.5)
    found["chat"] = measures.quality(model.score(chat.texts), chat.hostile)
    return found


def _english_weight(corpus: Corpus) -> Floats:
    marked = np.array([measures.has_marker(text) for text in corpus.texts], bool)
    harmless = NEITHER_WEIGHT * np.where(marked, MARKED_WEIGHT, 1.0)
    return ENGLISH_STRENGTH * np.where(corpus.hostile, 1.0, harmless)


def _frames() -> Corpus:
    """Sentences about people, as harmless rows; a few terms stand for all."""
    texts = [
        frame.format(identity_terms()[language][group][0])
        for language, frames in FRAMES.items()
        for frame in frames
        for group in SHOWN_TERMS
    ]
    return Corpus(texts, np.zeros(len(texts), bool))


def _taught(model: LinearModel, matrix: Any) -> LinearModel:
    """The model with the made-up words of abuse of the simulated platform, each as strong as it takes in its sentences.

    The weight of a word is spread over those of its features that no row of the `matrix` has, so that what else falls into the
    bucket of one of them is hardly taken for abuse. A word that rows hold is learnt from them.
    """
    weights, seen = model.weights.copy(), matrix.getnnz(axis=0)
    for word in HOSTILE_MARKERS:
        _, buckets = hashed(normalise([word]))
        own = buckets[seen[buckets] == 0]
        weights[own] += round(MADE_UP / model.scale / max(1, len(own)))
    return replace(model, weights=weights)


def _nothing() -> Corpus:
    return Corpus([], np.zeros(0, bool))


def _joined(*parts: Corpus) -> Corpus:
    return Corpus([text for part in parts for text in part.texts], np.concatenate([part.hostile for part in parts]))


def _folded(rows: Corpus, matrix: Any, weight: Floats, count: int) -> tuple[Floats, NDArray[np.int64]]:
    """Scores of the first rows, each by a model that did not see its fold, and the folds, by the texts' hash."""
    folds = np.array([zlib.crc32(text.encode()) % FOLDS for text in rows.texts], np.int64)
    folds[count:] = FOLDS
    scores = np.zeros(count)
    for fold in range(FOLDS):
        seen = folds != fold
        model = fit(NAME, matrix[seen], rows.hostile[seen], weight[seen])
        scores[~seen[:count]] = model.score(rows.where(~seen).texts)
    return scores, folds[:count]


def _mean_f1(scores: Floats, hostile: NDArray[np.bool_], folds: NDArray[np.int64]) -> float:
    each: list[float] = [
        measures.quality(scores[folds == fold], hostile[folds == fold])["macro_f1"] for fold in range(FOLDS)
    ]
    return round(sum(each) / FOLDS, 4)


def _write(out: Path, model: LinearModel, report: dict[str, Any]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    content = orjson.dumps(report, option=orjson.OPT_INDENT_2)
    (out / "weights.bin").write_bytes(model.to_bytes())
    (out / "quality.json").write_bytes(content + b"\n")
    typer.echo(content.decode())


if __name__ == "__main__":
    typer.run(train)
