"""How clients are made, and what is said when there is nobody at the other end."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from deploy.kafka.broker import Broker
from deploy.kafka.ports import free_ports
from streams.kafka.connection import (
    UnavailableError,
    administration,
    client_arguments,
    faust_arguments,
    ssl_context,
    started,
)
from streams.kafka.options import KafkaSettings
from streams.settings import SettingsError


def nobody(**given: object) -> KafkaSettings:
    return KafkaSettings(bootstrap_servers=f"127.0.0.1:{free_ports(1)[0]}", connect_timeout_s=1, **given)


def test_a_broker_that_is_away_is_told_with_its_address_and_the_cause() -> None:
    kafka = nobody()
    told_as = r"refused.*BREAKWATER_KAFKA__BOOTSTRAP_SERVERS"
    with pytest.raises(UnavailableError, match=told_as) as told, administration(kafka):
        pass
    assert kafka.bootstrap_servers in str(told.value)

    with pytest.raises(UnavailableError, match=kafka.bootstrap_servers):
        asyncio.run(started(lambda: AIOKafkaProducer(**client_arguments(kafka)), kafka))


def test_a_name_that_nobody_has_is_told() -> None:
    kafka = KafkaSettings(bootstrap_servers="nowhere.invalid:9092", connect_timeout_s=1)
    with pytest.raises(UnavailableError, match="the name is not known"), administration(kafka):
        pass


def test_a_broker_that_comes_a_little_later_is_waited_for(broker: Broker) -> None:
    kafka = KafkaSettings(bootstrap_servers=broker.bootstrap)

    async def connect() -> None:
        producer = await started(lambda: AIOKafkaProducer(**client_arguments(kafka)), kafka)
        await producer.stop()

    broker.kill()
    with ThreadPoolExecutor(1) as pool:
        connected = pool.submit(asyncio.run, connect())
        broker.start()
        connected.result()


def test_clients_never_log_at_debug_where_they_write_passwords() -> None:
    loggers = [logging.getLogger(name) for name in ("kafka", "aiokafka")]
    before = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.DEBUG)
        client_arguments(KafkaSettings())
        assert not any(logger.isEnabledFor(logging.DEBUG) for logger in loggers)
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def test_a_password_goes_only_where_tls_is() -> None:
    kafka = KafkaSettings(protocol="SASL_SSL", username="ann", password="hush")  # noqa: S106 - nobody's
    given = client_arguments(kafka)
    credentials = faust_arguments(kafka)["broker_credentials"]

    assert (given["security_protocol"], given["sasl_mechanism"]) == ("SASL_SSL", "SCRAM-SHA-512")
    assert given["ssl_context"] is not None
    assert credentials.protocol.value == "SASL_SSL"
    assert credentials.ssl_context is not None
    assert "hush" not in repr(kafka)
    assert "sasl_plain_password" not in client_arguments(KafkaSettings())
    assert faust_arguments(KafkaSettings(bootstrap_servers="a:1,b:2")) == {"broker": "kafka://a:1;kafka://b:2"}


def test_a_file_for_tls_that_cannot_be_used_is_told_by_its_setting(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("not a certificate")

    for name in ("ca_file", "cert_file"):
        for path in (tmp_path / "missing.pem", broken):
            with pytest.raises(SettingsError, match=f"BREAKWATER_KAFKA__{name.upper()}") as told:
                ssl_context(KafkaSettings(protocol="SSL", **{name: path}))
            assert str(path) in str(told.value)
