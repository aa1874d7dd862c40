"""Corpora of hostile and harmless text, without the rows that evaluations keep for themselves."""

from __future__ import annotations

import csv
import hashlib
import io
import lzma
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """Texts, and whether each is hostile, shape `(n,)`."""

    texts: list[str]
    hostile: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.texts)

    def where(self, chosen: NDArray[np.bool_]) -> Corpus:
        """The chosen rows."""
        return Corpus([text for text, is_in in zip(self.texts, chosen, strict=True) if is_in], self.hostile[chosen])

    def divided(self) -> tuple[Corpus, Corpus]:
        """The rows that may be learnt from, and those that are kept for evaluation."""
        kept = np.array([is_kept(text) for text in self.texts], bool)
        return self.where(~kept), self.where(kept)


def is_kept(text: str) -> bool:
    """Whether a text is kept for evaluation: one in five by its hash."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 5 == 1


def davidson(path: Path) -> Corpus:
    """English posts, `class` (0 hate, 1 offensive, 2 neither) and `text` (Davidson et al. 2017)."""
    rows = _rows(path, "class", "text")
    return Corpus([text for _, text in rows], np.array([label != "2" for label, _ in rows], bool))


def cold(path: Path) -> Corpus:
    """Chinese posts, `label` (1 offensive, 0 not) and `TEXT` (Deng et al. 2022)."""
    rows = _rows(path, "label", "TEXT")
    return Corpus([text for _, text in rows], np.array([label == "1" for label, _ in rows], bool))


def chat(path: Path) -> tuple[Corpus, Corpus]:
    """Ordinary messages, one a line: one in eighty to learn from, and as many that are not."""
    lines = [line for line in _content(path).splitlines() if len(line) > 3 and not is_kept(line)]
    parts = lines[::80], lines[40::80]
    learnt, other = (Corpus(part, np.zeros(len(part), bool)) for part in parts)
    return learnt, other


def _content(path: Path) -> str:
    """A text file, packed with xz or not."""
    content = path.read_bytes()
    return (lzma.decompress(content) if path.suffix == ".xz" else content).decode("utf-8")


def _rows(path: Path, label: str, text: str) -> list[tuple[str, str]]:
    """Label and text of every row of a CSV file, packed with xz or not."""
    csv.field_size_limit(sys.maxsize)
    rows = list(csv.DictReader(io.StringIO(_content(path), newline="")))
    if not rows or not {label, text} <= set(rows[0]):
        raise ValueError(f"{path} is no CSV file with the columns {label} and {text}")
    return [(row[label], row[text]) for row in rows]
