"""Logs of a worker: a line each on standard error, without anything that came in a message, and not too many alike."""

from __future__ import annotations

import logging
from collections import Counter
from time import monotonic
from typing import Final

_SPAN_S: Final = 10.0
_MOST: Final = 5
_CLIENTS: Final = ("aiokafka", "faust", "kafka", "mode")


class Seldom(logging.Filter):
    """Lets few records of one line of code through in a while: clients without a broker would fill a disk."""

    def __init__(self) -> None:
        super().__init__()
        self._since = monotonic()
        self._seen: Counter[tuple[str, int]] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is written; the first that is not says so."""
        now = monotonic()
        if now - self._since > _SPAN_S:
            self._since = now
            self._seen.clear()
        place = record.pathname, record.lineno
        self._seen[place] += 1
        if self._seen[place] == _MOST:
            record.msg, record.args = f"{record.getMessage()} (and more of these, left out)", ()
        return self._seen[place] <= _MOST


def log_to_stderr() -> None:
    """Log what happens from now on; of the clients only warnings."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(Seldom())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in _CLIENTS:
        logging.getLogger(name).setLevel(logging.WARNING)
