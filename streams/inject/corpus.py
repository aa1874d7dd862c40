"""What is said: one corpus for the background, for harmless surges and for attacks.

Of the hostility sets only those rows are used that a model must not have been trained on: whose
`int(sha256(text as in the file, UTF-8).hexdigest()[:8], 16) % 5` is 1.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import hashlib
import io
import lzma
from bisect import bisect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import IO, Any, Final

from streams.inject.errors import InjectError
from streams.simulate.text import HOSTILE_MARKERS, say

FOLDS: Final = 5
EVALUATION_FOLD: Final = 1
_LINES: Final = 60_000
_NEAR: Final = 100
_NAMES: Final = ("darling", "neighbour", "captain", "teacher", "traveller", "poet")
_LONGEST: Final = 2_000
_OPEN: Final[dict[str, Callable[..., Any]]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


def fold_of(text: str) -> int:
    """The fold, 0 to 4, that a row of a hostility set belongs to."""
    return int(hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8], 16) % FOLDS


@dataclass(slots=True)
class Corpus:
    """Messages by language; without any, made-up sentences are said, in which artificial words stand for abuse.

    Attributes
    ----------
    ordinary, hostile
        By language, `en` or `zh`, texts in the order of their files.
    """

    ordinary: dict[str, list[str]] = field(default_factory=dict)
    hostile: dict[str, list[str]] = field(default_factory=dict)
    _by_length: dict[str, tuple[list[str], list[int]]] = field(default_factory=dict)

    def say(self, rng: Random, lang: str, hostile: bool, tone: str = "plain") -> str:
        """One message. Ordinary ones are drawn as long as hostile ones are, so that length tells nothing."""
        abuse = self.hostile.get(lang)
        if hostile and abuse:
            return _one(rng, abuse)
        if not hostile and self.ordinary.get(lang):
            if not abuse:
                return _one(rng, self.ordinary[lang])
            texts, lengths = self._sorted(lang)
            near = bisect(lengths, len(_one(rng, abuse)))
            low = max(0, min(near - _NEAR, len(texts) - 2 * _NEAR))
            return texts[low + int(rng.random() * min(2 * _NEAR, len(texts)))]
        return _made_up(rng, tone, hostile=hostile)

    def _sorted(self, lang: str) -> tuple[list[str], list[int]]:
        """Ordinary texts and their lengths, the shortest first."""
        found = self._by_length.get(lang)
        if found is None:
            texts = sorted(self.ordinary[lang], key=lambda text: (len(text), text))
            found = self._by_length[lang] = (texts, [len(text) for text in texts])
        return found


def _one(rng: Random, texts: list[str]) -> str:
    return texts[int(rng.random() * len(texts))]


def _made_up(rng: Random, tone: str, *, hostile: bool) -> str:
    """A made-up sentence that calls somebody something: an artificial word if hostile, else a name."""
    words, called = say(rng, tone), rng.choice(HOSTILE_MARKERS if hostile else _NAMES)
    return f"{words}, you {called}" if rng.random() < 0.5 else f"{called}, {words}"


def read_corpus(paths: Iterable[Path]) -> Corpus:
    """Read corpora, plain or compressed: a CSV of `class,text` (0 and 1 hostile) or with `label` and `TEXT` (1 hostile),
    or lines of ordinary text.

    Raises
    ------
    InjectError
        If one cannot be read.
    """
    corpus = Corpus()
    for path in paths:
        try:
            with _opened(path) as file:
                head = file.readline()
                columns = head.lstrip("\ufeff").strip().split(",")
                if "class" in columns and "text" in columns:
                    _rows(corpus, file, columns, "text", "class", {"0", "1"}, "en")
                elif "label" in columns and "TEXT" in columns:
                    _rows(corpus, file, columns, "TEXT", "label", {"1"}, "zh")
                else:
                    _lines(corpus, [head, *file.readlines(_LINES * 100)])
        except (OSError, UnicodeDecodeError, lzma.LZMAError, EOFError, csv.Error) as error:
            raise InjectError(f"The corpus {path} cannot be read: {error}.") from None
    return corpus


def _opened(path: Path) -> IO[str]:
    opened = _OPEN.get(path.suffix, open)
    return io.TextIOWrapper(opened(path, "rb"), encoding="utf-8", newline="")


def _rows(
    corpus: Corpus, file: IO[str], columns: list[str], text: str, label: str, hostile: set[str], lang: str
) -> None:
    for row in csv.DictReader(file, columns):
        said, marked = row.get(text), row.get(label)
        if not said or not said.strip() or marked is None or fold_of(said) != EVALUATION_FOLD:
            continue
        side = corpus.hostile if marked.strip() in hostile else corpus.ordinary
        side.setdefault(lang, []).append(said[:_LONGEST])


def _lines(corpus: Corpus, lines: Iterable[str]) -> None:
    texts = corpus.ordinary.setdefault("en", [])
    texts += [line.strip()[:_LONGEST] for line in lines if line.strip()]
