"""What tests of any room may ask for: a real Kafka broker, and names on it that no other test has."""

import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    """One broker for all tests, started when the first asks for it; who kills or stops it must start it again."""
    with tempfile.TemporaryDirectory() as folder, Broker(Path(folder)) as started:
        yield started
        assert started.pid is not None, f"The broker ended by itself. Its log:\n{started.log}"


@pytest.fixture
def topic_prefix() -> str:
    """A prefix for topics, groups and transactional ids that no other test has."""
    return f"t{uuid.uuid4().hex[:8]}."
