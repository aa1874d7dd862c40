"""Reading `truth.json` and an alert log, with a sentence for whatever is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson

KINDS: Final = ("account", "thread", "community")


class EvaluationError(ValueError):
    """A truth or an alert log that cannot be used; its words say why and what to do."""


def read_truth(path: Path) -> Mapping[str, Any]:
    """Read and check a `truth.json`.

    Raises
    ------
    EvaluationError
        If the file cannot be read, or is not what `breakwater simulate` writes.
    """
    try:
        truth = orjson.loads(_bytes(path))
    except orjson.JSONDecodeError as error:
        raise EvaluationError(
            f"{path} is not JSON ({error}). Give the truth.json that was written by simulate."
        ) from None
    return check_truth(truth, str(path))


def read_alerts(path: Path) -> Iterator[Mapping[str, Any]]:
    """Read an alert log, one revision a line; empty lines are passed over.

    Raises
    ------
    EvaluationError
        If the file cannot be read or a line is not an alert; it names the line.
    """
    for number, line in enumerate(_bytes(path).split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            alert = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise EvaluationError(f"{path}, line {number} is not JSON ({error}). Was it cut off?") from None
        yield check_alert(alert, f"{path}, line {number}")


def check_truth(truth: object, where: str) -> Mapping[str, Any]:
    """The truth, if everything that scoring needs is there.

    Raises
    ------
    EvaluationError
        If it is not.
    """
    if not isinstance(truth, Mapping) or not isinstance(truth.get("campaigns"), list):
        raise EvaluationError(f"{where} has no list of campaigns. Give the truth.json that was written by simulate.")
    days = truth.get("days")
    if isinstance(days, bool) or not isinstance(days, (int, float)) or not 0 < days < float("inf"):
        raise EvaluationError(f"{where} does not say how many days it covers: `days` must be a number above 0.")
    for number, campaign in enumerate(truth["campaigns"], 1):
        place = f"{where}, campaign {number}"
        if not isinstance(campaign, Mapping):
            raise EvaluationError(f"{place} is not an object.")
        if not isinstance(campaign.get("scenario"), str) or not isinstance(campaign.get("pile_on"), bool):
            raise EvaluationError(f"{place} needs a `scenario` and whether it is a `pile_on`.")
        _check_target(campaign, place)
        for name in ("right", "never_named"):
            if name in campaign and not _are_names(campaign[name]):
                raise EvaluationError(f"{place}: `{name}` must be a list of names.")
        if time_of(campaign, "started_at", place) > time_of(campaign, "ended_at", place):
            raise EvaluationError(f"{place} ends before it starts.")
    return truth


def check_alert(alert: object, where: str) -> Mapping[str, Any]:
    """The revision, if it has what scoring needs.

    Raises
    ------
    EvaluationError
        If it has not.
    """
    if not isinstance(alert, Mapping):
        raise EvaluationError(f"{where} is not an object.")
    if not isinstance(alert.get("id"), str) or not isinstance(alert.get("verdict"), str):
        raise EvaluationError(f"{where} is no alert: it needs an `id` and a `verdict`.")
    revision = alert.get("revision")
    if isinstance(revision, bool) or not isinstance(revision, int):
        raise EvaluationError(f"{where} is no alert: `revision` must be a whole number.")
    _check_target(alert, where)
    for name in ("started_at", "detected_at", "updated_at"):
        time_of(alert, name, where)
    return alert


def time_of(record: Mapping[str, Any], name: str, where: str) -> int:
    """A time of the record in ms UTC, given as integer ms or as an RFC 3339 string.

    Raises
    ------
    EvaluationError
        If it is neither.
    """
    value = record.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is not None and moment.tzinfo is not None:
            return round(moment.timestamp() * 1000)
    raise EvaluationError(f"{where}: `{name}` must be a time, as integer ms or RFC 3339 with an offset, not {value!r}.")


def _check_target(record: Mapping[str, Any], where: str) -> None:
    target = record.get("target")
    if not isinstance(target, Mapping) or target.get("kind") not in KINDS or not isinstance(target.get("id"), str):
        raise EvaluationError(f"{where} needs a `target` with an `id` and a `kind` out of {', '.join(KINDS)}.")


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read: {error.strerror or error}.") from None
