"""A Kafka broker as a child process: formatted from a template, started, killed, brought back, stopped."""

from __future__ import annotations

import base64
import hashlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from kafka import KafkaAdminClient
from kafka.errors import KafkaError as ClientError

from deploy.kafka.jars import CACHE, KafkaError, alone, jars, java
from deploy.kafka.ports import free_ports
from deploy.kafka.properties import HOST, properties, written

START_S: Final = 60.0
STOP_S: Final = 20.0


class Broker:
    """One broker with its data in a folder, on ports that it keeps from start to start.

    It dies with the thread that started it. As a context it is started and stopped.

    Parameters
    ----------
    folder
        Where its data, settings and log lie; made when it is not there. Data of an earlier broker are taken over.
    port
        The port of loopback on which clients find it; any free one when not given.
    """

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder
        any_port, self._controller_port = free_ports(2)
        self.port = any_port if port is None else port
        self._process: subprocess.Popen[bytes] | None = None
        self._recorded: Path | None = None

    @property
    def bootstrap(self) -> str:
        """The address for clients: `host:port`."""
        return f"{HOST}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @property
    def log(self) -> str:
        """The end of what the broker printed, of all its starts in this folder."""
        path = self.folder / "broker.log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, or start it again after `stop` or `kill`, and return when it answers.

        Raises
        ------
        KafkaError
            If Java or the jars cannot be had, or the broker ends or does not answer within a minute; with its log.
        """
        if self.pid is not None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = self.folder / "server.properties"
        data = self.folder / "data"
        if not data.exists():
            with tempfile.TemporaryDirectory(dir=self.folder) as place:
                shutil.copytree(_template(), Path(place, "data")).rename(data)
        settings.write_text(written(properties(data, self.port, self._controller_port)))
        with (self.folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the words are our own
                [*_mortal(), *java(), "-Xmx512m", *self._archive(), "kafka.Kafka", str(settings)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )
        try:
            self._wait()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End it in good order; killed if that takes longer than 20 s. Nothing is done if it does not run."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None
        self._keep_archive()

    def kill(self) -> None:
        """End it with SIGKILL, as a crash would; `start` brings it back on the same port with its data."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _wait(self) -> None:
        """Return when the broker answers."""
        end = time.monotonic() + START_S
        while not _answers(self.port):
            if self.pid is None:
                raise KafkaError(f"The Kafka broker ended at its start. Its log:\n{self.log}")
            if time.monotonic() > end:
                raise KafkaError(f"The Kafka broker did not answer within {START_S:.0f} s. Its log:\n{self.log}")
            time.sleep(0.1)

    def _archive(self) -> list[str]:
        """The option that has Java take its classes from an archive, or write one for the next time."""
        archive = _archive_path()
        if archive.exists():
            return [f"-XX:SharedArchiveFile={archive}"]
        self._recorded = self.folder / "classes.jsa"
        return [f"-XX:ArchiveClassesAtExit={self._recorded}"]

    def _keep_archive(self) -> None:
        """Put the archive that was written at a first stop where every broker finds it."""
        if self._recorded is not None and self._recorded.exists():
            with tempfile.TemporaryDirectory(dir=CACHE) as place:
                Path(shutil.move(self._recorded, place)).rename(_archive_path())
        self._recorded = None


def _answers(port: int) -> bool:
    """Whether a broker tells there which nodes its cluster has."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    try:
        admin = KafkaAdminClient(bootstrap_servers=f"{HOST}:{port}", bootstrap_timeout_ms=2000, request_timeout_ms=2000)
    except ClientError:
        return False
    try:
        return bool(admin.describe_cluster()["brokers"])
    except ClientError:
        return False
    finally:
        admin.close()


def _mortal() -> list[str]:
    """What makes a process die with its parent, where the system has it."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []


def _archive_path() -> Path:
    """Where the archive of classes lies; one for each Java and set of jars, others cannot use it."""
    program = Path(java()[0]).resolve()
    which = f"{program} {program.stat().st_mtime_ns} {jars().name}"
    return CACHE / f"classes-{hashlib.sha256(which.encode()).hexdigest()[:12]}.jsa"


def _template() -> Path:
    """A formatted folder to copy; formatting anew would take seconds each time."""
    template = CACHE / f"template-{jars().name}"
    with alone("template"):
        if not template.is_dir():
            _format(template)
    return template


def _format(folder: Path) -> None:
    """Have Kafka write what an empty broker begins with."""
    with tempfile.TemporaryDirectory(dir=CACHE) as place:
        data, settings = Path(place, "data"), Path(place, "server.properties")
        settings.write_text(written(properties(data, *free_ports(2))))
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        done = subprocess.run(  # noqa: S603 - the words are our own
            # With "=", because one in sixty-four begins with "-", which would be taken for an option.
            [*java(), "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", f"--config={settings}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise KafkaError(f"Kafka could not format its folder; is this Java 17 or later?\n{done.stdout[-2000:]}")
        data.rename(folder)
