"""A PostgreSQL server for tests, on a free port of loopback, and databases on it."""

import os
import shutil
import subprocess
import uuid
from pathlib import Path

import psycopg

from deploy.kafka.ports import free_ports

USER = "postgres"
_OPTIONS = "-c fsync=off -c full_page_writes=off -c max_connections=200 -c listen_addresses=127.0.0.1 -c unix_socket_directories="


class PostgreSQL:
    """A server in a folder; runs as the system's own user for it where the tests run as root, as it demands."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "data"
        self._bin = _programs()
        self._as = USER if os.getuid() == 0 else None
        if self._as:
            shutil.chown(folder, USER)
        self.port = 0
        self._run("initdb", "-D", self._data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.port = self.port or free_ports(1)[0]
        log = self._data / "log"
        self._run("pg_ctl", "-D", self._data, "-w", "-s", "-l", log, "-o", f"{_OPTIONS} -p {self.port}", "start")

    def stop(self) -> None:
        """Have it drop everything at once, as if it had been killed."""
        self._run("pg_ctl", "-D", self._data, "-w", "-s", "-m", "immediate", "stop")

    def database(self, template: str = "template1") -> str:
        """The URL of a new database, a copy of another."""
        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return self.url(name)

    def url(self, name: str) -> str:
        """The URL of a database by its name."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._bin / program), *map(str, arguments)]
        done = subprocess.run(
            command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, user=self._as, cwd="/"
        )
        assert done.returncode == 0, f"{program} ended with {done.returncode}"


def _programs() -> Path:
    """Where the server's programs are: of the newest version that Debian has here, else in the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if found:
        return found[-1]
    on_path = shutil.which("initdb")
    assert on_path, "The programs of a PostgreSQL server are missing; run deploy/setup.sh tests, or install postgresql."
    return Path(on_path).parent
