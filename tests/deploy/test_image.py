"""What the image may be relied on for: its recipe is sound, holds what it names, and knows when a worker is well."""

import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from deploy.kafka.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
RECIPE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
LET_IN = [
    line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CHECK = ROOT / "deploy" / "healthcheck.py"


def test_the_recipe_follows_the_rules_for_recipes() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("hadolint"), "--no-color", ROOT / "deploy" / "Dockerfile"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "")


def test_what_it_copies_is_there_and_let_in() -> None:
    copied = [
        word.rstrip("/")
        for line in re.findall(r"^COPY (?!--from)(.*) \S+$", RECIPE, re.MULTILINE)
        for word in line.split()
    ]

    assert copied
    assert not [word for word in copied if not (ROOT / word).exists()]
    assert not [word for word in copied if not any(fnmatch(word, pattern) for pattern in LET_IN)]


def test_nothing_is_let_in_that_it_does_not_copy() -> None:
    assert not [pattern for pattern in LET_IN if not re.search(rf"^COPY .*{re.escape(pattern)}", RECIPE, re.MULTILINE)]


def test_every_room_of_the_wheel_goes_in() -> None:
    rooms = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

    assert not [room for room in rooms if f"COPY {room}/ {room}/" not in RECIPE]


def test_packages_come_from_the_locks_alone() -> None:
    installs = re.findall(r"pip (?:--python \S+ )?install (.*)", RECIPE)

    assert len(installs) == 3
    assert all("--require-hashes" in words or "--no-deps --no-index" in words for words in installs)


def test_it_runs_as_nobody_in_particular_on_a_python_that_the_project_is_for() -> None:
    last = RECIPE.rpartition("\nFROM ")[2]
    versions = set(re.findall(r"^FROM python:(\d+)\.(\d+)-\S+", RECIPE, re.MULTILINE))

    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)
    assert versions == {("3", "11")}
    assert PROJECT["project"]["requires-python"] == ">=3.11"


@contextmanager
def answering(status: int) -> Iterator[int]:
    """A worker's HTTP side that has one answer for `/healthz`, on the port given."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()
            self.wfile.write(b'{"why": "because"}')

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has there
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def check(port: int, host: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-I", CHECK],
        env={"BREAKWATER_HTTP__HOST": host, "BREAKWATER_HTTP__PORT": str(port)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])  # noqa: S104 - nothing is bound to it
@pytest.mark.parametrize(("status", "expected"), [(200, 0), (503, 1), (404, 1)])
def test_a_worker_is_well_when_it_says_so(status: int, expected: int, host: str) -> None:
    with answering(status) as port:
        done = check(port, host)

    assert done.returncode == expected
    assert "because" in done.stdout


def test_what_else_runs_there_is_asked_at_the_port_that_is_named() -> None:
    with answering(200) as port:
        asked = [sys.executable, "-I", str(CHECK), str(port)]
        done = subprocess.run(asked, env={"BREAKWATER_HTTP__PORT": "1"}, capture_output=True, text=True, check=False)

    assert done.returncode == 0


def test_a_worker_that_does_not_answer_is_not_well() -> None:
    (port,) = free_ports(1)

    done = check(port, "127.0.0.1")

    assert done.returncode == 1
    assert f"127.0.0.1:{port}" in done.stdout
    assert done.stderr == ""
