"""The settings of the Kafka side."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

DEFAULT_ROUTES: Final = {
    "comment": "comments",
    "reply": "replies",
    "quote": "comments",
    "mention": "comments",
    "post": "context",
    "share": "context",
    "reaction": "context",
    "report": "context",
    "delete": "context",
}
"""The source topic of each event type, where nothing else is said."""
OWN: Final = "breakwater."
"""What the names of the topics between the stages begin with, after the prefix."""

_SERVER: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s:,/\[\]]+):(\d{1,5})")
_NAME: Final = re.compile(r"[a-zA-Z0-9._-]{1,120}")


class Idle(StrEnum):
    """What becomes of a source from which nothing comes."""

    CLOCK = "clock"
    """The time of day stands in for its events, so that it does not hold the others back."""
    HOLD = "hold"
    """The others wait for it, until it goes on or comes to its end mark."""


class Protocol(StrEnum):
    """How a connection is secured."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_SSL = "SASL_SSL"


class Mechanism(StrEnum):
    """How name and password are shown to the broker."""

    SCRAM_SHA_512 = "SCRAM-SHA-512"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    PLAIN = "PLAIN"


class KafkaSettings(BaseModel):
    """Where Kafka is, what its topics are called, and how they are read and made."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    bootstrap_servers: str = Field(
        "127.0.0.1:9092", description="Brokers to begin with: host:port, with commas between."
    )
    prefix: str = Field(
        "",
        pattern=r"^[a-zA-Z0-9._-]{0,80}$",
        description="What the names of all topics, consumer groups and transactional ids begin with.",
    )
    sources: Annotated[tuple[str, ...], NoDecode] = Field(
        ("comments", "replies", "context"),
        min_length=1,
        description="The topics that events come from, with commas between.",
    )
    routes: Annotated[dict[str, str], NoDecode] = Field(
        {}, description="Where `publish` sends an event type if not to its usual source: `type=topic`, with commas."
    )
    partitions: int = Field(8, ge=1, le=1024, description="Partitions of the topics between stages that are made.")
    source_partitions: int = Field(4, ge=1, le=1024, description="Partitions of a source topic that is made.")
    replication: int = Field(1, ge=1, le=16, description="Replicas of a topic that is made.")
    interactions_retention_h: int = Field(
        72, ge=2, description="Hours that frames between stages are kept: longer than the longest window and outage."
    )
    alerts_retention_d: int = Field(90, ge=1, description="Days that alerts are kept.")
    max_message_bytes: int = Field(
        1_000_000, ge=256 << 10, le=64 << 20, description="Bytes of the largest message, of a source or between stages."
    )
    idle: Idle = Field(
        Idle.CLOCK,
        description="What a silent source does: clock (it keeps nobody waiting) or hold (the others wait for it); "
        "BREAKWATER_IDLE for short.",
    )
    append_future_s: int = Field(
        60, ge=1, description="An event that many seconds ahead of when it was appended to its topic is refused."
    )
    protocol: Protocol = Field(Protocol.PLAINTEXT, description="PLAINTEXT, SSL or SASL_SSL.")
    username: str = Field("", description="Who to log in as, with SASL_SSL.")
    password: SecretStr = Field(SecretStr(""), description="The password for that.")
    mechanism: Mechanism = Field(Mechanism.SCRAM_SHA_512, description="SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN.")
    ca_file: Path | None = Field(None, description="PEM file of who vouches for the brokers; else the system's.")
    cert_file: Path | None = Field(None, description="PEM file of the certificate to show to the brokers.")
    key_file: Path | None = Field(None, description="PEM file of its key, if that is not in the same file.")
    checkpoint_s: float = Field(10.0, gt=0, le=300, description="Seconds between checkpoints of a stage's state.")
    learner_wait_s: float = Field(
        60.0, gt=0, description="After how many seconds without a word of the learner a live shard goes on without it."
    )
    connect_timeout_s: float = Field(15.0, ge=1, le=300, description="Seconds to wait for a broker at the start.")

    @field_validator("bootstrap_servers")
    @classmethod
    def _servers_have_ports(cls, value: str) -> str:
        for server in value.split(","):
            found = _SERVER.fullmatch(server.strip())
            if found is None or not 0 < int(found[2]) < 65536:
                raise ValueError(f"{server.strip() or 'an empty name'} is not host:port")
        return value

    @field_validator("sources", mode="before")
    @classmethod
    def _sources_in_words(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return _json(value) if value.lstrip().startswith("[") else [name.strip() for name in value.split(",")]

    @field_validator("sources")
    @classmethod
    def _sources_are_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if _NAME.fullmatch(name) is None or name.startswith(OWN) or name in {".", ".."}:
                raise ValueError(f"{name!r} cannot be the name of a source topic")
        if len(set(value)) < len(value):
            raise ValueError("a topic is named twice")
        return value

    @field_validator("routes", mode="before")
    @classmethod
    def _routes_in_words(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if value.lstrip().startswith("{"):
            return _json(value)
        pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
        return {kind.strip(): topic.strip() for kind, _, topic in pairs}

    @model_validator(mode="after")
    def _routes_lead_to_sources(self) -> Self:
        for kind, topic in self.routes.items():
            if kind not in DEFAULT_ROUTES:
                raise ValueError(f"{_variable('routes')} names {kind!r}, which is no type of event")
            if topic not in self.sources:
                raise ValueError(
                    f"{_variable('routes')} sends {kind} to {topic!r}, which is not among the sources "
                    f"({', '.join(self.sources)}); name one of them, or add it to {_variable('sources')}"
                )
        return self

    @model_validator(mode="after")
    def _secrets_travel_safely(self) -> Self:
        named = bool(self.username), bool(self.password.get_secret_value())
        if self.protocol is Protocol.SASL_SSL and not all(named):
            raise ValueError(f"SASL_SSL wants both {_variable('username')} and {_variable('password')}")
        if self.protocol is not Protocol.SASL_SSL and any(named):
            raise ValueError(
                f"a user name or password goes to a broker only over TLS; set {_variable('protocol')}=SASL_SSL"
            )
        if self.protocol is Protocol.PLAINTEXT and (self.ca_file or self.cert_file or self.key_file):
            raise ValueError(
                f"there are files for TLS, but connections would be plain; set {_variable('protocol')}=SSL or SASL_SSL"
            )
        if self.key_file and not self.cert_file:
            raise ValueError(f"a key needs its certificate; set {_variable('cert_file')}")
        return self

    @property
    def destinations(self) -> dict[str, str]:
        """The source of every event type, without the prefix: as stated, else as usual, else the first source."""
        usual = {kind: topic if topic in self.sources else self.sources[0] for kind, topic in DEFAULT_ROUTES.items()}
        return {**usual, **self.routes}

    @property
    def servers(self) -> list[str]:
        """The brokers to begin with, one by one."""
        return [server.strip() for server in self.bootstrap_servers.split(",")]


def _variable(name: str) -> str:
    return f"BREAKWATER_KAFKA__{name.upper()}"


def _json(value: str) -> Any:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        raise ValueError("it is neither a list with commas nor JSON") from None
