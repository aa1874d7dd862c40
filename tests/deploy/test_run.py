"""A command with a broker of its own, and nothing left of it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = [sys.executable, "-m", "deploy.kafka"]
ASK = """
import os, sys
from kafka import KafkaAdminClient
address = os.environ["BREAKWATER_KAFKA__BOOTSTRAP_SERVERS"]
admin = KafkaAdminClient(bootstrap_servers=address)
print(address, len(admin.describe_cluster()["brokers"]), *sys.argv[1:])
admin.close()
sys.exit(7)
"""


def test_a_command_finds_its_broker_and_gives_its_status() -> None:
    done = subprocess.run(
        [*RUN, sys.executable, "-c", ASK, "--port", "-x"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 7, done.stderr
    address, *said = done.stdout.split()
    host, _, port = address.partition(":")
    assert said == ["1", "--port", "-x"]
    with socket.socket() as probe:
        assert probe.connect_ex((host, int(port))) != 0


def test_a_command_that_is_not_there_is_named() -> None:
    done = subprocess.run([*RUN, "no-such-command"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 127
    assert "no-such-command cannot be run" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_ends_it_ends_the_command_too(number: signal.Signals) -> None:
    wait = (
        "import signal, time; signal.signal(signal.SIGINT, signal.SIG_DFL); print('here', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [*RUN, sys.executable, "-c", wait],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        process_group=0,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        if number is signal.SIGINT:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        status = process.wait(60)

    assert status == 128 + number
