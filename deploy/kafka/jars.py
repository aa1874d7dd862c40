"""The broker's jars, fetched once with Maven, and the Java that runs them.

`python -m deploy.kafka.jars` only fetches them.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

CACHE: Final = Path(__file__).resolve().parents[2] / ".cache" / "kafka"
"""Where everything lies that need not be made anew for every broker; git does not see it."""

POM: Final = Path(__file__).with_name("pom.xml")


class KafkaError(Exception):
    """No broker could be had; the text says why, and what to do."""


def jars() -> Path:
    """The folder with the broker's jars, fetched first where they are not there yet.

    Raises
    ------
    KafkaError
        If Maven is missing or cannot fetch them.
    """
    folder = CACHE / f"jars-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"
    with alone("jars"):
        if not folder.is_dir():
            _fetch(folder)
    return folder


def java() -> list[str]:
    """The words of a command that runs Java with the broker's classes; what comes next is the class to run.

    Raises
    ------
    KafkaError
        If there is no Java, or the jars cannot be had.
    """
    program = shutil.which("java")
    if program is None:
        raise KafkaError(
            "Java is missing, which Kafka runs on; run deploy/setup.sh kafka, or install Java 17 or later."
        )
    return [program, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", f"{jars()}/*"]


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Wait until no other process makes the part of the cache of this name, and keep others waiting meanwhile."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(folder: Path) -> None:
    """Have Maven copy the jars; the folder is there whole or not at all."""
    maven = shutil.which("mvn")
    if maven is None:
        raise KafkaError("Maven (mvn) is missing, which fetches Kafka; run deploy/setup.sh kafka, or install it.")
    with tempfile.TemporaryDirectory(dir=CACHE) as place:
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={place}/jars"]
        done = subprocess.run(  # noqa: S603 - the words are our own
            [maven, "--batch-mode", "--quiet", "--file", str(POM), *goal],
            cwd=place,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise KafkaError(f"Maven could not fetch Kafka; is a Maven repository in reach?\n{done.stdout[-2000:]}")
        Path(place, "jars").rename(folder)


if __name__ == "__main__":
    try:
        jars()
    except KafkaError as error:
        sys.exit(f"kafka: {error}")
