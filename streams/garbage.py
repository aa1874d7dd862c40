"""When Python searches for cyclic garbage: not while a batch is being handled."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """No search for cyclic garbage meanwhile: a batch makes a hundred thousand objects and hardly any cycle, and each
    search goes through all of them again.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
