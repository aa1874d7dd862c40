"""The script that trains the hostility model, on a made-up corpus with made-up words for abuse."""

import csv
import hashlib
import lzma
import subprocess
import sys
from pathlib import Path

import numpy as np
import orjson
import pytest

from detectors.hostility.linear import parse
from streams.simulate.text import HOSTILE_MARKERS
from streams.training import corpora
from streams.training.measures import quality, strictest

WORDS = ["kettle", "garden", "bridge", "ticket", "harbour", "lantern", "window", "recipe"]
CHINESE = ["今天", "花园", "桥梁", "车票", "港口", "灯笼", "窗户", "菜谱"]
CHINESE_MARKERS = ["呜噜噜", "咘唧唧"]


def is_kept(text: str) -> bool:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 5 == 1


def sentences(words: list[str], markers: list[str], between: str) -> list[tuple[int, str]]:
    found = []
    for n in range(160):
        parts = [words[n % 8], words[n // 8 % 8], words[(n + 3) % 8], str(n)]
        found.append((n % 2, between.join([*parts, markers[n // 2 % len(markers)]] if n % 2 else parts)))
    return found


def write(place: Path) -> list[str]:
    """Both corpora and some chat; the options that name them."""
    english = sentences(WORDS, list(HOSTILE_MARKERS[:2]), " ")
    with lzma.open(place / "english.csv.xz", "wt", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("class", "text"), *((2 if not hostile else 1, text) for hostile, text in english)])
    with (place / "chinese.csv").open("w", encoding="utf-8", newline="") as file:
        rows = sentences(CHINESE, CHINESE_MARKERS, "")
        csv.writer(file).writerows([("", "split", "topic", "label", "TEXT")])
        csv.writer(file).writerows([(n, "train", "any", *row) for n, row in enumerate(rows)])
    (place / "chat.txt").write_text("\n".join(f"the {WORDS[n % 8]} is here {n}" for n in range(200)), "utf-8")
    return [f"--davidson={place / 'english.csv.xz'}", f"--cold={place / 'chinese.csv'}", f"--cold-dev={place / 'chinese.csv'}",
            f"--harmless={place / 'chat.txt'}"]  # fmt: skip


def train(options: list[str], out: Path) -> bytes:
    command = [sys.executable, "-m", "streams.training.hostility", *options, f"--out={out}"]
    subprocess.run(command, check=True, capture_output=True)
    return (out / "weights.bin").read_bytes()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], Path]:
    place = tmp_path_factory.mktemp("training")
    options = write(place)
    train(options, place / "out")
    return options, place / "out"


def test_it_learns_both_languages(trained: tuple[list[str], Path]) -> None:
    model = parse((trained[1] / "weights.bin").read_bytes())
    calm = model.score(["the garden by the harbour", "花园港口"])
    hostile = model.score([f"the garden {HOSTILE_MARKERS[0]}", f"花园{CHINESE_MARKERS[0]}"])

    assert (calm < 0.5).all()
    assert (hostile > 0.5).all()


def test_it_tells_how_good_the_model_is(trained: tuple[list[str], Path]) -> None:
    report = orjson.loads((trained[1] / "quality.json").read_bytes())

    assert report["folds"]["english"]["macro_f1_mean"] > 0.9
    assert report["cold_dev"]["accuracy"] > 0.9
    assert report["kept"]["english"]["rows"] == sum(
        is_kept(text) for _, text in sentences(WORDS, list(HOSTILE_MARKERS[:2]), " ")
    )
    assert set(report) == {"threshold", "folds", "cold_dev", "kept", "identity"}


def test_the_same_corpora_give_the_same_bytes_and_kept_rows_teach_nothing(
    trained: tuple[list[str], Path], tmp_path: Path
) -> None:
    options = write(tmp_path)
    text = next(text for n in range(99) if is_kept(text := f"the kettle blorptangle {n}"))
    with (tmp_path / "chinese.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([(n, "train", "any", 1, text) for n in range(50)])

    assert train(options, tmp_path / "out") == (trained[1] / "weights.bin").read_bytes()


def test_a_file_without_the_columns_is_told(tmp_path: Path) -> None:
    (tmp_path / "wrong.csv").write_text("a,b\n1,2\n")

    with pytest.raises(ValueError, match="columns class and text"):
        corpora.davidson(tmp_path / "wrong.csv")


def test_quality_of_known_scores() -> None:
    hostile = np.array([True, True, False, False])
    found = quality(np.array([0.9, 0.4, 0.6, 0.1]), hostile)

    assert (found["accuracy"], found["macro_f1"], found["precision"], found["recall"]) == (0.5, 0.5, 0.5, 0.5)
    assert (found["false_positives"], found["auc"]) == (0.5, 0.75)
    assert strictest(np.array([0.9, 0.4, 0.6, 0.1]), hostile, 0.0) == 0.65
