"""What `docker-compose.yml` may be relied on for, as far as it can be told without an engine."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from deploy.kafka.jars import POM, java
from streams.cli import app
from streams.settings import load

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
TEXT = FILE.read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(re.sub(r"\$\{\w+:-(\w*)\}", r"\1", TEXT))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PUBLISHED = ["kafka", "console"]
OWN = {name: service for name, service in SERVICES.items() if "build" in service}


def test_it_is_what_the_compose_specification_calls_a_compose_file() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", FILE],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_no_more_than_it_must(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert not service.keys() & {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices", "container_name"}
    assert not [volume for volume in service.get("volumes", []) if volume.startswith((".", "/", "~"))]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_limits(name: str) -> None:
    limits = SERVICES[name]["deploy"]["resources"]["limits"]

    assert limits.keys() == {"cpus", "memory", "pids"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_says_when_it_is_well_or_ends_by_itself(name: str) -> None:
    service = SERVICES[name]

    if service["restart"] == "no":
        assert service["healthcheck"] == {"disable": True}
    else:
        assert "test" in service["healthcheck"] if name in PUBLISHED else "healthcheck" not in service
        assert service["restart"] == "unless-stopped"


def test_images_are_those_that_were_tried() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    kafka = re.search(r"kafka_2\.13</artifactId>\s*<version>([\d.]+)<", POM.read_text(encoding="utf-8"))

    assert kafka
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{kafka[1]}"
    assert {service["image"] for service in OWN.values()} == {f"breakwater:{version}"}
    assert {service["build"]["dockerfile"] for service in OWN.values()} == {"deploy/Dockerfile"}
    assert OWN.keys() == SERVICES.keys() - {"kafka"}


def test_only_this_machine_reaches_it_and_only_what_is_published_reaches_out() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert [name for name, service in SERVICES.items() if service["networks"] != ["inside"]] == PUBLISHED
    assert [name for name, service in SERVICES.items() if "ports" in service] == PUBLISHED


def test_it_holds_no_secret() -> None:
    assert not re.search(r"password|secret|token", TEXT, re.IGNORECASE)


def test_what_is_waited_for_is_there() -> None:
    for service in SERVICES.values():
        for name, needed in service.get("depends_on", {}).items():
            ends = SERVICES[name]["restart"] == "no"
            assert needed["condition"] == ("service_completed_successfully" if ends else "service_healthy")
    volumes = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert volumes == COMPOSE["volumes"].keys()


@pytest.mark.parametrize("name", OWN)
def test_a_command_is_one_that_the_program_understands(name: str) -> None:
    command: Any = typer.main.get_command(app)
    words = list(OWN[name]["command"])
    assert words[0] in command.commands
    while words and hasattr(command, "commands"):
        word, *words = words
        assert word in command.commands
        command = command.commands[word]
    command.make_context(name, words)


@pytest.mark.parametrize("name", OWN)
def test_the_settings_given_are_settings(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in OWN[name]["environment"].items():
        monkeypatch.setenv(variable, value)

    settings = load()

    assert settings.kafka.bootstrap_servers in SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert str(settings.kafka.idle) == "hold"


def test_the_consoles_health_is_asked_for_where_it_listens() -> None:
    console = SERVICES["console"]

    assert console["healthcheck"]["test"][-1] == str(load().console.port)
    assert console["ports"][0].endswith(f":{load().console.port}")


def test_kafkas_own_set_up_for_images_takes_what_it_is_given(tmp_path: Path) -> None:
    shipped, mounted, final, data = (tmp_path / name for name in ("shipped", "mounted", "final", "data"))
    for folder in (shipped, mounted, final):
        folder.mkdir()
    for name in ("server.properties", "log4j2.yaml", "tools-log4j2.yaml"):
        (shipped / name).write_text("Configuration: {Loggers: {}}\n" if name.endswith("yaml") else "node.id=9\n")
    given = {name: str(value) for name, value in SERVICES["kafka"]["environment"].items()}
    words = ["kafka.docker.KafkaDockerWrapper", "setup", "-D", str(shipped), "-M", str(mounted), "-F", str(final)]

    done = subprocess.run(
        [*java(), *words],
        env={"PATH": os.environ["PATH"], **given, "KAFKA_LOG_DIRS": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert given["CLUSTER_ID"] in (data / "meta.properties").read_text()
    settings = dict(line.split("=", 1) for line in (final / "server.properties").read_text().splitlines() if line)
    assert settings["listeners"] == given["KAFKA_LISTENERS"]
    assert settings["node.id"] == "1"
