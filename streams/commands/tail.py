"""`breakwater tail`: the alerts followed."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from streams.commands.common import fail, plainly, printable

_KINDS: Final = ("account", "thread", "community")


def tail(
    until_end: Annotated[
        bool, typer.Option("--until-end", help="End when every shard has passed the sources' end marks.")
    ] = False,
    verdict: Annotated[
        list[str] | None, typer.Option(metavar="VERDICT...", help="Only pile_on, organic_surge or uncertain ones.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option(metavar="KIND:ID", help="Only those of one account, thread or community.")
    ] = None,
    from_start: Annotated[
        bool, typer.Option("--from-start/--new", help="Begin with the oldest alerts, or with those that come from now.")
    ] = True,
    settings: Annotated[Path | None, typer.Option(help="A YAML file of settings.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the revisions' bytes, one a line, nothing else.")] = False,
    more: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
) -> None:
    """Follow the alerts as they come; Ctrl-C ends it.

    Every revision comes once, those of one alert in their order.
    """
    if more and not verdict:
        fail(f"{more[0]!r} was not expected; name verdicts after --verdict.", 2)
    wanted = _filter([*(verdict or []), *(more or [])], subject)

    from streams.kafka.tailing import tail as follow
    from streams.settings import load

    put = _put_bytes if json else _put_line
    try:
        with plainly(), closing(follow(load(settings), from_start=from_start, until_end=until_end)) as batches:
            for values in batches:
                for value in values:
                    if wanted(value):
                        put(value)
                sys.stdout.flush()
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def _filter(verdicts: list[str], subject: str | None) -> Callable[[bytes], bool]:
    """Whether a revision is asked for."""
    from detectors.verdict import Outcome

    strange = sorted(set(verdicts) - set(Outcome))
    if strange:
        fail(f"There is no verdict {strange[0]!r}; there are {', '.join(Outcome)}.", 2)
    kind, _, name = (subject or "").partition(":")
    if subject is not None and (kind not in _KINDS or not name):
        fail(f"{subject!r} is no subject; name one as account:ID, thread:ID or community:ID.", 2)
    if not verdicts and subject is None:
        return lambda value: True
    import orjson

    def wanted(value: bytes) -> bool:
        alert = orjson.loads(value)
        target = alert["target"]
        return (not verdicts or alert["verdict"] in verdicts) and (
            subject is None or (target["kind"], target["id"]) == (kind, name)
        )

    return wanted


def _put_bytes(value: bytes) -> None:
    sys.stdout.buffer.write(value + b"\n")


def _put_line(value: bytes) -> None:
    import orjson

    typer.echo(_in_words(orjson.loads(value)))


def _in_words(alert: dict[str, Any]) -> str:
    """A revision as a line: when, what, how bad, whom, how many, how sure, and which."""
    when = datetime.fromtimestamp(alert["updated_at"] / 1000, UTC)
    target, people = alert["target"], alert["participants"]["total"]
    return printable(
        f"{when:%Y-%m-%d %H:%M:%S} {alert['status']} {alert['verdict']} {alert['severity']} "
        f"{target['kind']}:{target['id']}: {people:,} people, score {alert['score']:.2f} "
        f"({alert['id']}, revision {alert['revision']})"
    )
