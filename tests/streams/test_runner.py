"""The embedded runner: what it leaves as it was."""

import gc
import json
from collections.abc import Iterator

import pytest

from streams.runner import Runner
from streams.settings import Settings
from streams.wire import Decoder, Lines
from tests.helpers import event


@pytest.fixture(params=[True, False])
def collecting(request: pytest.FixtureRequest) -> Iterator[bool]:
    """Whether Python searches for cyclic garbage by itself; afterwards it does."""
    wanted = bool(request.param)
    (gc.enable if wanted else gc.disable)()
    yield wanted
    gc.enable()


def test_garbage_is_collected_afterwards_as_it_was_before(collecting: bool) -> None:
    runner = Runner(Settings())
    runner.push(Decoder().decode(Lines.numbered([json.dumps(event()).encode()], "file")))
    assert gc.isenabled() is collecting
    runner.end()
    assert gc.isenabled() is collecting
