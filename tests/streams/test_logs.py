"""What a worker logs."""

import logging

from streams.logs import Seldom


def test_what_repeats_without_end_is_left_out_and_that_is_said() -> None:
    seldom = Seldom()

    def said(line: int) -> str | None:
        record = logging.LogRecord("aiokafka", logging.WARNING, "client.py", line, "no broker at %s", ("x",), None)
        return record.getMessage() if seldom.filter(record) else None

    lines = [said(7) for _ in range(100)]
    assert lines[:4] == ["no broker at x"] * 4
    assert lines[4] == "no broker at x (and more of these, left out)"
    assert lines[5:] == [None] * 95
    assert said(8) == "no broker at x"
