"""Settings: what is taken from where, and what a user is told of those that are wrong."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from graph.events import EventType
from streams.cli import app
from streams.kafka.options import DEFAULT_ROUTES, Idle, KafkaSettings
from streams.settings import Settings, SettingsError, hostility_of, in_force, load


def run(*arguments: str | Path, **environment: str) -> Result:
    return CliRunner().invoke(app, ["settings", *map(str, arguments)], env=environment)


def printed(*arguments: str | Path, **environment: str) -> dict[str, tuple[object, str]]:
    result = run(*arguments, "--json", **environment)
    assert result.exit_code == 0, result.output
    return {name: (one["value"], one["from"]) for name, one in json.loads(result.stdout).items()}


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("BREAKWATER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BREAKWATER_SECRETS_DIR", str(tmp_path / "nothing"))


def test_settings_in_groups_come_from_the_same_places_in_the_same_order(tmp_path: Path) -> None:
    file, secrets = tmp_path / "settings.yaml", tmp_path / "secrets"
    file.write_text(
        "kafka:\n  prefix: file.\n  partitions: 3\n  replication: 2\n  sources: [one, two]\n  protocol: SASL_SSL\n"
        "  username: ann\nhttp:\n  port: 0\n"
    )
    secrets.mkdir()
    (secrets / "breakwater_kafka__password").write_text("hush\n")
    (secrets / "breakwater_kafka__replication").write_text("3")
    (secrets / "unrelated").write_bytes(b"\xff\x00")
    environment = {"BREAKWATER_KAFKA__PARTITIONS": "5", "BREAKWATER_SECRETS_DIR": str(secrets)}
    found = printed("--settings", file, **environment)

    assert found["kafka.partitions"] == (5, "environment")
    assert found["kafka.replication"] == (3, "secret file")
    assert found["kafka.password"] == ("**********", "secret file")
    assert found["kafka.prefix"] == ("file.", str(file))
    assert found["kafka.sources"] == (["one", "two"], str(file))
    assert found["http.port"] == (0, str(file))
    assert found["http.host"] == ("127.0.0.1", "default")
    assert "hush" not in run("--settings", file, **environment).output


def test_every_setting_is_told_with_its_variable_and_its_meaning() -> None:
    for one in in_force():
        assert one.meaning
        assert one.variable == "BREAKWATER_" + one.name.upper().replace(".", "__")


def test_people_are_told_every_variable_its_value_where_that_is_from_and_what_it_means() -> None:
    lines = run(BREAKWATER_KAFKA__ROUTES="reply=context,post=replies").stdout.splitlines()

    assert "BREAKWATER_KAFKA__ROUTES=reply=context,post=replies  (environment)" in lines
    assert "BREAKWATER_KAFKA__SOURCES=comments,replies,context  (default)" in lines
    for one in in_force():
        (place,) = [number for number, line in enumerate(lines) if line.startswith(f"{one.variable}=")]
        assert lines[place + 1].strip() == one.meaning


def test_lists_and_routes_can_be_written_with_commas_or_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    for sources, routes in (("a, b", "reply=b,post=b"), ('["a", "b"]', '{"reply": "b", "post": "b"}')):
        monkeypatch.setenv("BREAKWATER_KAFKA__SOURCES", sources)
        monkeypatch.setenv("BREAKWATER_KAFKA__ROUTES", routes)
        kafka = load().kafka
        assert kafka.sources == ("a", "b")
        assert kafka.routes == {"reply": "b", "post": "b"}


@pytest.mark.parametrize("from_file", [True, False])
def test_idle_may_be_named_without_its_group(from_file: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("idle: hold\n" if from_file else "")
    if not from_file:
        monkeypatch.setenv("BREAKWATER_IDLE", "hold")
    assert load(file).kafka.idle is Idle.HOLD
    assert {one.name: one.origin for one in in_force(file)}["kafka.idle"] == (str(file) if from_file else "environment")

    monkeypatch.setenv("BREAKWATER_KAFKA__IDLE", "clock")
    assert load(file).kafka.idle is Idle.CLOCK


@pytest.mark.parametrize(
    ("given", "named", "why"),
    [
        ({"BREAKWATER_KAFKA__PARTITIONS": "0"}, "BREAKWATER_KAFKA__PARTITIONS", "greater than or equal to 1"),
        ({"BREAKWATER_KAFKA__PARTITIONS": "many"}, "BREAKWATER_KAFKA__PARTITIONS", "integer"),
        ({"BREAKWATER_KAFKA__BOOTSTRAP_SERVERS": "there"}, "BREAKWATER_KAFKA__BOOTSTRAP_SERVERS", "host:port"),
        ({"BREAKWATER_KAFKA__BOOTSTRAP_SERVERS": "a:9092,b:0"}, "BREAKWATER_KAFKA__BOOTSTRAP_SERVERS", "b:0"),
        ({"BREAKWATER_KAFKA__PREFIX": "a b"}, "BREAKWATER_KAFKA__PREFIX", "pattern"),
        ({"BREAKWATER_KAFKA__SOURCES": "a,a"}, "BREAKWATER_KAFKA__SOURCES", "twice"),
        ({"BREAKWATER_KAFKA__SOURCES": "breakwater.alerts"}, "BREAKWATER_KAFKA__SOURCES", "breakwater.alerts"),
        ({"BREAKWATER_KAFKA__ROUTES": "reply=elsewhere"}, "BREAKWATER_KAFKA__ROUTES", "elsewhere"),
        ({"BREAKWATER_KAFKA__ROUTES": "poke=replies"}, "BREAKWATER_KAFKA__ROUTES", "poke"),
        ({"BREAKWATER_KAFKA__ROUTES": "{"}, "BREAKWATER_KAFKA__ROUTES", "JSON"),
        ({"BREAKWATER_KAFKA__IDLE": "sleep"}, "BREAKWATER_KAFKA__IDLE", "hold"),
        ({"BREAKWATER_KAFKA__PARTITION": "3"}, "BREAKWATER_KAFKA__PARTITION", "not permitted"),
        ({"BREAKWATER_KAFKA": "nonsense"}, "BREAKWATER_", "JSON"),
        ({"BREAKWATER_KAFKA__PASSWORD": "hush"}, "BREAKWATER_KAFKA__PROTOCOL", "TLS"),
        (
            {"BREAKWATER_KAFKA__PASSWORD": "hush", "BREAKWATER_KAFKA__PROTOCOL": "SSL"},
            "BREAKWATER_KAFKA__PROTOCOL",
            "SASL_SSL",
        ),
        ({"BREAKWATER_KAFKA__PROTOCOL": "SASL_SSL"}, "BREAKWATER_KAFKA__USERNAME", "wants both"),
        ({"BREAKWATER_KAFKA__PROTOCOL": "SASL_PLAINTEXT"}, "BREAKWATER_KAFKA__PROTOCOL", "SSL"),
        ({"BREAKWATER_KAFKA__CA_FILE": "/ca.pem"}, "BREAKWATER_KAFKA__PROTOCOL", "plain"),
        ({"BREAKWATER_HTTP__PORT": "70000"}, "BREAKWATER_HTTP__PORT", "65535"),
        ({"BREAKWATER_FUTURE_S": "1"}, "BREAKWATER_FUTURE_S", "60"),
    ],
)
def test_a_wrong_setting_is_refused_by_the_name_of_its_variable(given: dict[str, str], named: str, why: str) -> None:
    result = run(**given)

    assert result.exit_code == 1
    assert named in result.stderr
    assert why in result.stderr
    assert "hush" not in result.output
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("content", ["- a list\n", "kafka: [\n", "1: 2\n", "\xff"])
def test_a_file_that_is_no_mapping_is_refused(content: str, tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_bytes(content.encode("latin-1"))

    with pytest.raises(SettingsError, match="not a YAML mapping"):
        load(file)


def test_how_kafka_is_reached_changes_nothing_in_what_is_said() -> None:
    digest = Settings().digest

    assert digest == "2ee161c7b6fd088c"
    assert load(kafka={"prefix": "other.", "partitions": 3, "append_future_s": 5}, http={"port": 0}).digest == digest
    assert load(allowed_lateness_s=6).digest != digest
    assert load(evidence_salt="salt").digest != digest
    assert load(hostility_model="detectors.hostility.linear:shipped").digest != digest


@pytest.mark.parametrize("spec", ["nowhere", "nowhere:model", "detectors.hostility:nothing", "builtins:dict"])
def test_a_model_of_hostility_that_is_none_is_refused_with_what_to_write(spec: str) -> None:
    with pytest.raises(SettingsError, match=r"package\.module:factory|no hostility model"):
        hostility_of(load(hostility_model=spec))


def test_every_type_of_event_goes_to_a_source_whatever_the_sources_are() -> None:
    assert DEFAULT_ROUTES.keys() == {kind.name.lower() for kind in EventType}
    assert KafkaSettings().destinations == DEFAULT_ROUTES
    assert set(KafkaSettings(sources=("firehose",)).destinations.values()) == {"firehose"}

    some = KafkaSettings(sources=("all", "replies"), routes={"quote": "replies"}).destinations
    assert {kind for kind, topic in some.items() if topic == "replies"} == {"reply", "quote"}
    assert {topic for kind, topic in some.items() if kind not in {"reply", "quote"}} == {"all"}
