"""Clients of Kafka made from settings: their arguments, their security, and how long they wait for a broker."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import ssl
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any, Final, Protocol, TypeVar

import aiokafka.errors
import kafka.errors
from kafka import KafkaAdminClient

from streams.kafka.options import KafkaSettings, Mechanism
from streams.kafka.options import Protocol as Security
from streams.settings import SettingsError

_LOGGERS: Final = ("kafka", "aiokafka")
_PAUSE_S: Final = 0.25
_ANSWER_S: Final = 20.0
_CAUSE: Final = re.compile(r"connection to \S+ failed: (.*?)(?: \(backoff .*\))?$")
_PLAIN_WORDS: Final = (
    ("refused", "the connection is refused"),
    ("REFUSED", "the connection is refused"),
    ("Connect call failed", "the connection is refused"),
    ("Name or service not known", "the name is not known"),
    ("timed out", "nothing answers there"),
    ("is not valid for", "its certificate is for another name"),
    ("CERTIFICATE_VERIFY_FAILED", "its certificate is not vouched for; see BREAKWATER_KAFKA__CA_FILE"),
    ("UNEXPECTED_EOF", "it does not speak TLS there; see BREAKWATER_KAFKA__PROTOCOL"),
    ("WRONG_VERSION", "it does not speak TLS there; see BREAKWATER_KAFKA__PROTOCOL"),
    ("socket disconnected", "it closes the connection; see BREAKWATER_KAFKA__PROTOCOL"),
    ("Authentication", "it does not accept the user name or the password"),
    ("RequestTimedOut", "nothing answers there that speaks Kafka"),
)


class UnavailableError(Exception):
    """No broker can be reached, or it broke off; the text names the address and says what to do."""


class Client(Protocol):
    """A client of aiokafka."""

    async def start(self) -> None:
        """Connect."""

    async def stop(self) -> None:
        """Disconnect."""


C = TypeVar("C", bound=Client)


def client_arguments(settings: KafkaSettings) -> dict[str, Any]:
    """What every client of kafka-python and aiokafka is made with; both take the same names.

    Raises
    ------
    SettingsError
        If a certificate cannot be read.
    """
    hush()
    arguments: dict[str, Any] = {
        "bootstrap_servers": settings.servers,
        "security_protocol": settings.protocol.value,
        "ssl_context": ssl_context(settings),
    }
    if settings.protocol is Security.SASL_SSL:
        arguments |= {
            "sasl_mechanism": settings.mechanism.value,
            "sasl_plain_username": settings.username,
            "sasl_plain_password": settings.password.get_secret_value(),
        }
    return arguments


def faust_arguments(settings: KafkaSettings) -> dict[str, Any]:
    """What a Faust app is told of the broker: `broker`, and `broker_credentials` where there are any.

    Raises
    ------
    SettingsError
        If a certificate cannot be read.
    """
    import faust  # noqa: PLC0415 - slow to import, and only workers need it

    hush()
    arguments: dict[str, Any] = {"broker": ";".join(f"kafka://{server}" for server in settings.servers)}
    context = ssl_context(settings)
    if settings.protocol is Security.SASL_SSL:
        arguments["broker_credentials"] = faust.SASLCredentials(
            username=settings.username,
            password=settings.password.get_secret_value(),
            mechanism=Mechanism(settings.mechanism).value,
            ssl_context=context,
        )
    elif context is not None:
        arguments["broker_credentials"] = faust.SSLCredentials(context=context)
    return arguments


def ssl_context(settings: KafkaSettings) -> ssl.SSLContext | None:
    """Whom to trust and what to show in TLS; None for plain connections.

    Raises
    ------
    SettingsError
        If a file cannot be read or is not what it should be.
    """
    if settings.protocol is Security.PLAINTEXT:
        return None
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:
        raise _unreadable("ca_file", settings.ca_file, error) from error
    if settings.cert_file is not None:
        try:
            context.load_cert_chain(settings.cert_file, settings.key_file)
        except OSError as error:
            raise _unreadable("cert_file", settings.cert_file, error) from error
    return context


def _unreadable(name: str, path: object, error: OSError) -> SettingsError:
    reason = "it is no PEM file of this kind" if isinstance(error, ssl.SSLError) else error.strerror or str(error)
    return SettingsError(
        f"The setting kafka.{name} (BREAKWATER_KAFKA__{name.upper()}) names {path}, which cannot be used: {reason}."
    )


def hush() -> None:
    """Hold the clients' loggers at INFO or above: at DEBUG they write passwords."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(max(logging.INFO, logger.level))


class _Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: deque[str] = deque(maxlen=100)

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())


@contextmanager
def overheard() -> Iterator[deque[str]]:
    """Keep the clients' warnings off the screen; the newest hundred of them, oldest first."""
    ear = _Ear()
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.addHandler(ear)
        logger.propagate = False
    try:
        yield ear.heard
    finally:
        for logger, propagate in zip(loggers, before, strict=True):
            logger.removeHandler(ear)
            logger.propagate = propagate


@contextmanager
def administration(settings: KafkaSettings) -> Iterator[KafkaAdminClient]:
    """A client that looks after topics, once a broker answers.

    Raises
    ------
    UnavailableError
        If none does within `connect_timeout_s`, or none answers any more.
    SettingsError
        If a certificate cannot be read.
    """
    end = monotonic() + settings.connect_timeout_s
    arguments = client_arguments(settings)
    _knock(settings, end)
    with overheard() as heard:
        try:
            client = KafkaAdminClient(
                **arguments,
                bootstrap_timeout_ms=int(1000 * max(1.0, end - monotonic())),
                request_timeout_ms=int(1000 * _ANSWER_S),
                reconnect_backoff_max_ms=1000,
            )
        except kafka.errors.KafkaError as error:
            raise unavailable(settings, _cause(heard) or str(error)) from error
        try:
            yield client
        except (kafka.errors.KafkaConnectionError, kafka.errors.KafkaTimeoutError) as error:
            raise unavailable(settings, _cause(heard) or str(error)) from error
        except kafka.errors.KafkaError as error:
            raise UnavailableError(f"Kafka at {settings.bootstrap_servers} refuses: {error}.") from error
        finally:
            client.close()


def _knock(settings: KafkaSettings, end: float) -> None:
    """Return when something listens where a broker should; its client would leave sockets open over that."""
    while True:
        causes = []
        for server in settings.servers:
            host, _, port = server.rpartition(":")
            try:
                socket.create_connection((host.strip("[]"), int(port)), max(0.1, end - monotonic())).close()
            except OSError as error:
                causes.append(str(error.strerror or error))
            else:
                return
        if monotonic() + _PAUSE_S >= end:
            raise unavailable(settings, causes[0])
        sleep(_PAUSE_S)


async def started(make: Callable[[], C], settings: KafkaSettings) -> C:
    """A client of aiokafka that has connected; tried again until `connect_timeout_s` has passed.

    Parameters
    ----------
    make
        Makes the client; once for each try.

    Raises
    ------
    UnavailableError
        If no broker answers in that time.
    """
    end = monotonic() + settings.connect_timeout_s
    while True:
        client = make()
        try:
            await asyncio.wait_for(client.start(), max(0.1, end - monotonic()))
        except (aiokafka.errors.KafkaConnectionError, TimeoutError) as error:
            await client.stop()
            if monotonic() + _PAUSE_S >= end:
                raise unavailable(settings, str(error)) from error
        except BaseException:
            await client.stop()
            raise
        else:
            return client
        await asyncio.sleep(_PAUSE_S)


def unavailable(settings: KafkaSettings, cause: str) -> UnavailableError:
    """The sentence for a broker that is away, with its cause in plain words where they are known."""
    said = next((words for sign, words in _PLAIN_WORDS if sign in cause), cause.rstrip(".") or "no answer")
    return UnavailableError(
        f"Kafka at {settings.bootstrap_servers} cannot be reached: {said}. "
        "Start it, or set BREAKWATER_KAFKA__BOOTSTRAP_SERVERS to where it is."
    )


def _cause(heard: deque[str]) -> str:
    """Why connections failed at last, as the client says it."""
    found = (_CAUSE.search(line) for line in reversed(heard))
    return next((match[1] for match in found if match), "")
