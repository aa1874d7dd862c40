"""Times on the wire: RFC 3339 with an offset, or integer epoch milliseconds, to milliseconds UTC, in columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

BAD_TIME: Final = -(2**63)
"""Stands for a time that cannot be read."""

_SHORTEST: Final = len("2024-01-01T00:00:00Z")
_LONGEST: Final = 64
_DIGITS: Final = (0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18)
_MONTH_DAYS: Final = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_ZERO: Final = np.uint8(ord("0"))
_OFFSET: Final = len("+00:00")

Times = NDArray[np.int64]
Bytes = NDArray[np.uint8]


def parse_times(values: Sequence[object]) -> Times:
    """Times as they stand in events, in milliseconds UTC.

    Parameters
    ----------
    values
        Integers (taken as they are), RFC 3339 strings, or None.

    Returns
    -------
    Array of shape `(len(values),)`: -1 for None, `BAD_TIME` for strings that are not RFC 3339 with an offset.
    Fractions of a second beyond milliseconds are cut off; a leap second is the second after it.
    """
    kinds = set(map(type, values))
    if kinds <= {int}:
        return np.array(values, np.int64)
    if kinds == {str}:
        return _parse_strings(values)  # type: ignore[arg-type]
    out = np.full(len(values), -1, np.int64)
    at = [i for i, value in enumerate(values) if isinstance(value, str)]
    if at:
        out[at] = _parse_strings([str(values[i]) for i in at])
    whole = [i for i, value in enumerate(values) if isinstance(value, int)]
    out[whole] = np.array([values[i] for i in whole], np.int64)
    return out


def _parse_strings(texts: Sequence[str]) -> Times:
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    out = np.full(len(texts), BAD_TIME, np.int64)
    for length in np.unique(lengths).tolist():
        if not _SHORTEST <= length <= _LONGEST:
            continue
        rows = np.flatnonzero(lengths == length)
        same = texts if len(rows) == len(texts) else [texts[i] for i in rows.tolist()]
        joined = "".join(same)
        if not joined.isascii():
            joined = "".join(text if text.isascii() else "?" * length for text in same)
        chars = np.ascontiguousarray(np.frombuffer(joined.encode(), np.uint8).reshape(-1, length).T)
        zulu = (chars[-1] | 32) == ord("z")
        if zulu.all():
            out[rows] = _parse_local(chars[:-1])
            continue
        out[rows[zulu]] = _parse_local(chars[:-1, zulu])
        out[rows[~zulu]] = _parse_offset(chars[:, ~zulu])
    return out


def _parse_offset(chars: Bytes) -> Times:
    """Times that end in `+hh:mm` or `-hh:mm`; `chars` has a row for each place in the text."""
    if len(chars) < _SHORTEST - 1 + _OFFSET:
        return np.full(chars.shape[1], BAD_TIME, np.int64)
    local = _parse_local(chars[:-_OFFSET])
    tail = chars[-_OFFSET:]
    hours, minutes = _number(tail, 1, 3), _number(tail, 4, 6)
    west = tail[0] == ord("-")
    good = (west | (tail[0] == ord("+"))) & (tail[3] == ord(":")) & (local != BAD_TIME)
    good &= _digits(tail, (1, 2, 4, 5)) & (hours <= 23) & (minutes <= 59)
    shift = (hours * 60 + minutes) * np.where(west, 60_000, -60_000)
    return np.where(good, local + shift * good, BAD_TIME)


def _parse_local(chars: Bytes) -> Times:
    """`YYYY-MM-DDThh:mm:ss[.fraction]` as if it were UTC; `chars` has a row for each place in the text.

    Days from the civil date after H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (days_from_civil).
    """
    width = len(chars)
    good = _digits(chars, _DIGITS)
    for at, sign in ((4, "-"), (7, "-"), (13, ":"), (16, ":")):
        good &= chars[at] == ord(sign)
    divider = chars[10] | 32
    good &= (divider == ord("t")) | (divider == ord(" "))
    millis = np.zeros(chars.shape[1], np.int64)
    if width > 19:
        good &= (chars[19] == ord(".")) & (width > 20)
        good &= _digits(chars, range(20, width))
        millis += _number(chars, 20, min(width, 23)) * 10 ** max(0, 23 - width)
    year, month, day = _number(chars, 0, 4), _number(chars, 5, 7), _number(chars, 8, 10)
    hour, minute, second = _number(chars, 11, 13), _number(chars, 14, 16), _number(chars, 17, 19)
    good &= (month >= 1) & (month <= 12) & (hour <= 23) & (minute <= 59) & (second <= 60)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    month = np.where(good, month, 1)
    good &= (day >= 1) & (day <= _MONTH_DAYS[month] - ((month == 2) & ~leap))
    shifted = year - (month <= 2)
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    seconds = days.astype(np.int64) * 86_400 + hour * 3_600 + minute * 60 + second
    return np.where(good, seconds * 1_000 + millis, BAD_TIME)


def _digits(chars: Bytes, places: Iterable[int]) -> NDArray[np.bool_]:
    good = np.full(chars.shape[1], True)
    for at in places:
        good &= (chars[at] - _ZERO) <= 9
    return good


def _number(chars: Bytes, start: int, stop: int) -> NDArray[np.int32]:
    total = np.zeros(chars.shape[1], np.int32)
    for at in range(start, stop):
        total *= 10
        total += chars[at] - _ZERO
    return total
