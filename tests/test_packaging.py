"""What an installation may rely on, and what keeps the rooms apart."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("graph", "detectors", "alerts", "streams")  # from the ground up
PURE = ("graph", "detectors")
LOCKS = ("requirements.lock", "requirements-dev.lock")

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def modules(room: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / room).rglob("*.py")):
        yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> set[str]:
    """Full dotted names of all that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import hides which room it is from"
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def says_now(call: ast.Call) -> bool:
    """Whether this is `datetime64("now")` or the like."""
    return (
        isinstance(call.func, ast.Attribute)
        and call.func.attr == "datetime64"
        and any(isinstance(arg, ast.Constant) and arg.value in {"now", "today"} for arg in call.args)
    )


def pins(lock: str) -> dict[str, str]:
    """Locked name to version."""
    text = (ROOT / lock).read_text()
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", text, re.MULTILINE))


def canonical(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


@pytest.mark.parametrize("name", [*ROOMS, "tests"])
def test_no_dependency_brings_a_package_of_a_rooms_name(name: str) -> None:
    strangers = set(packages_distributions().get(name, [])) - {"breakwater"}

    assert not strangers


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_is_imported_from_this_tree(name: str) -> None:
    spec = find_spec(name)

    assert spec is not None
    assert spec.origin == str(ROOT / name / "__init__.py")


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_only_from_the_rooms_below(room: str) -> None:
    above = {*ROOMS[ROOMS.index(room) + 1 :], "tests"}

    wrong = [
        (str(path), name) for path, tree in modules(room) for name in imported(tree) if name.split(".")[0] in above
    ]

    assert not wrong


@pytest.mark.parametrize("room", PURE)
def test_the_core_neither_waits_nor_speaks_to_kafka(room: str) -> None:
    banned = {"asyncio", "faust", "kafka", "aiokafka", "confluent_kafka", "socket", "requests", "httpx", "aiohttp"}

    wrong = [
        (str(path), name) for path, tree in modules(room) for name in imported(tree) if name.split(".")[0] in banned
    ]
    awaits = [
        (str(path), node.lineno)
        for path, tree in modules(room)
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith)
    ]

    assert not wrong
    assert not awaits


@pytest.mark.parametrize("room", PURE)
def test_the_core_reads_no_clock(room: str) -> None:
    wrong = []
    for path, tree in modules(room):
        wrong += [(str(path), name) for name in imported(tree) if name.split(".")[0] == "time"]
        wrong += [
            (str(path), f"line {node.lineno}: {node.func.attr}")
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and (node.func.attr in {"now", "utcnow", "today"} or says_now(node))
        ]

    assert not wrong


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_no_place(lock: str) -> None:
    text = (ROOT / lock).read_text()

    assert "://" not in text
    assert not re.findall(r"--(?:index-url|extra-index-url|find-links|trusted-host)", text)
    assert not re.findall(r"(?:^|\s)(?:/|\.\.?/|~/)\S+", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_hash(lock: str) -> None:
    entries = re.split(r"^(?=[a-z0-9])", (ROOT / lock).read_text(), flags=re.MULTILINE)[1:]

    assert entries
    assert not [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]


def test_the_locks_hold_every_declared_dependency_and_agree() -> None:
    run, dev = (pins(lock) for lock in LOCKS)
    declared = {canonical(line) for line in PROJECT["project"]["dependencies"]}
    tools = {canonical(line) for line in PROJECT["dependency-groups"]["dev"]}

    assert declared <= run.keys()
    assert tools <= dev.keys()
    assert run.items() <= dev.items()


def test_a_wheel_holds_the_rooms_with_their_data_files_and_nothing_else(tmp_path: Path) -> None:
    tree, out = tmp_path / "tree", tmp_path / "out"
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore", "deploy/page.py"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tree / name)
    for room in (*ROOMS, "tests"):
        shutil.copytree(ROOT / room, tree / room, ignore=shutil.ignore_patterns("__pycache__", "node_modules", ".*"))
    (tree / "detectors" / "sample.json").write_text("{}")
    (tree / "streams" / "deep").mkdir()
    (tree / "streams" / "deep" / "sample.yaml").write_text("a: 1")
    expected = {
        path.relative_to(tree).as_posix() for room in ROOMS for path in (tree / room).rglob("*") if path.is_file()
    }
    sources = {name for name in expected if name.startswith("alerts/page/")}
    page = {name for name in expected if name.startswith("alerts/console/static/")}

    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=tree,
        check=True,
        capture_output=True,
    )

    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        (entry_points,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        commands = archive.read(entry_points).decode()
    assert names == expected - sources
    assert sources
    assert {"alerts/console/static/index.html"} < page
    assert "breakwater = streams.cli:main" in commands
