"""Analysts' decisions sent to the learner."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import kafka.errors
from kafka import KafkaProducer

from alerts.feedback import write_feedback
from detectors.learner import Feedback
from streams.kafka.connection import client_arguments, overheard, unavailable
from streams.kafka.names import FEEDBACK, full
from streams.kafka.options import KafkaSettings

_ANSWER_S: Final = 20.0


def publish_feedback(settings: KafkaSettings, decisions: Iterable[Feedback]) -> int:
    """Send decisions, in their order, and return when all are safe: how many.

    Decisions that may have been sent before may be sent again: of one analyst the newest on an alert counts.

    Raises
    ------
    UnavailableError
        If no broker answers, or not all were taken.
    """
    topic = full(settings, FEEDBACK)
    with overheard():
        try:
            producer = KafkaProducer(
                **client_arguments(settings),
                acks="all",
                max_block_ms=int(1000 * settings.connect_timeout_s),
            )
        except kafka.errors.KafkaError as error:
            raise unavailable(settings, str(error)) from error
        try:
            sent = [producer.send(topic, write_feedback(one), key=one.alert.encode()) for one in decisions]
            for one in sent:
                one.get(timeout=_ANSWER_S)
            return len(sent)
        except kafka.errors.KafkaError as error:
            raise unavailable(settings, str(error)) from error
        finally:
            producer.close(timeout=_ANSWER_S)
