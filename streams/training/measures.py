"""How good a hostility model is: by language, by dialect, and by who is spoken of."""

from __future__ import annotations

import re
from itertools import chain
from random import Random
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors.hostility import HostilityModel
from detectors.hostility.terms import identity_terms
from streams.training.corpora import Corpus
from streams.training.frames import FRAMES, MARKERS

_DIGITS: Final = 4


def quality(scores: NDArray[np.float64], hostile: NDArray[np.bool_], threshold: float = 0.5) -> dict[str, Any]:
    """Accuracy, macro-F1, precision, recall and false-positive rate at a threshold, and the AUC."""
    said = scores >= threshold
    both, neither = int((said & hostile).sum()), int((~said & ~hostile).sum())
    wrong, missed = int((said & ~hostile).sum()), int((~said & hostile).sum())
    f1 = [2 * right / max(2 * right + wrong + missed, 1) for right in (both, neither)]
    return {
        "rows": len(scores),
        "accuracy": _short((both + neither) / max(len(scores), 1)),
        "macro_f1": _short(sum(f1) / 2),
        "precision": _short(both / max(both + wrong, 1)),
        "recall": _short(both / max(both + missed, 1)),
        "false_positives": _short(wrong / max(wrong + neither, 1)),
        "auc": _short(_auc(scores, hostile)),
    }


def strictest(scores: NDArray[np.float64], hostile: NDArray[np.bool_], most: float) -> float:
    """The least threshold, in steps of 0.05, at which at most that share of harmless rows counts as hostile."""
    harmless = scores[~hostile]
    steps = [step / 20 for step in range(10, 20)]
    return next((step for step in steps if (harmless >= step).mean() <= most), steps[-1]) if len(harmless) else 0.5


def by_dialect(scores: NDArray[np.float64], corpus: Corpus, threshold: float) -> dict[str, Any]:
    """False positives among the harmless rows with and without markers of African-American English."""
    marked = np.array([has_marker(text) for text in corpus.texts], bool)
    found: dict[str, Any] = {}
    for name, rows in (("marked", marked & ~corpus.hostile), ("unmarked", ~marked & ~corpus.hostile)):
        count = max(int(rows.sum()), 1)
        found[name] = {
            "rows": int(rows.sum()),
            "false_positives": _short(float((scores[rows] >= threshold).sum()) / count),
            "mean_score": _short(float(scores[rows].sum()) / count),
        }
    return found


def has_marker(text: str) -> bool:
    """Whether a text has a marker of the dialect in it."""
    return not MARKERS.isdisjoint(re.findall("[a-z]+", text.lower().replace("'", "")))


def by_identity(model: HostilityModel) -> dict[str, Any]:
    """Mean score of the frames by group of terms, and the mean and largest difference between any two terms."""
    found: dict[str, Any] = {}
    for language, groups in identity_terms().items():
        terms = list(chain.from_iterable(groups.values()))
        table = np.array([model.score([frame.format(term) for term in terms]) for frame in FRAMES[language]])
        gaps = np.abs(table[:, :, None] - table[:, None, :])
        ends = np.cumsum([len(group) for group in groups.values()])
        parts = np.split(table, ends[:-1], axis=1)
        found[language] = {
            "mean_change": _short(float(gaps.sum()) / (len(table) * len(terms) * max(len(terms) - 1, 1))),
            "largest_change": _short(float(gaps.max())),
            "mean_score": {name: _short(float(part.mean())) for name, part in zip(groups, parts, strict=True)},
        }
    return found


def by_swapping(model: HostilityModel, corpus: Corpus, language: str, seed: int = 1) -> dict[str, Any]:
    """Change of the score of hostile rows when an identity term in them becomes another one, of any group."""
    groups = identity_terms()[language]
    terms = sorted(set(chain.from_iterable(groups.values())), key=lambda term: (-len(term), term))
    joined = "|".join(map(re.escape, terms))
    pattern = re.compile(rf"\b(?:{joined})\b" if language == "en" else joined, re.IGNORECASE)
    random, before, after = Random(seed), [], []
    for text, hostile in zip(corpus.texts, corpus.hostile, strict=True):
        if not hostile or not (found := pattern.search(text)):
            continue
        mine = next((name for name, group in groups.items() if found[0].lower() in group), None)
        if mine is None:
            continue
        for name in (mine, random.choice(sorted(groups))):
            before.append(text)
            after.append(text[: found.start()] + random.choice(groups[name]) + text[found.end() :])
    change = np.abs(model.score(before) - model.score(after)) if before else np.zeros(2)
    return {
        "rows": len(before) // 2,
        "mean_change_same_group": _short(float(change[::2].mean())),
        "mean_change_any_group": _short(float(change[1::2].mean())),
    }


def _auc(scores: NDArray[np.float64], hostile: NDArray[np.bool_]) -> float:
    ranked = np.sort(scores[~hostile])
    high = scores[hostile]
    if not len(ranked) or not len(high):
        return 0.5
    below = np.searchsorted(ranked, high, "left") + np.searchsorted(ranked, high, "right")
    return float(below.sum()) / (2.0 * len(ranked) * len(high))


def _short(value: float) -> float:
    return round(value, _DIGITS)
