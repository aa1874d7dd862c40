"""`breakwater verify`: whether an evidence pack is what it was when it was made."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.commands.common import plainly, print_json, printable

if TYPE_CHECKING:
    from alerts.pack import Report


def verify(
    pack: Annotated[Path, typer.Argument(help="An evidence pack, JSON.")],
    digest: Annotated[
        str | None, typer.Option(help="The alert's newest digest as you know it from elsewhere, to compare with.")
    ] = None,
    settings: Annotated[Path | None, typer.Option(help="A YAML file of settings; the salt of texts is one.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> None:
    """Recompute all digests of an evidence pack, and say what holds.

    Ends with 0 when everything holds, and with 1 when something does not, naming the revision.
    """
    from alerts.pack import check
    from streams.settings import load

    with plainly():
        salt = load(settings).evidence_salt.get_secret_value()
        report = check(pack.read_bytes(), salt, digest)
    if json:
        print_json(
            {
                "holds": report.holds,
                "alert": report.alert,
                "digest": report.digest,
                "revisions": report.revisions,
                "interactions": report.interactions,
                "omitted": report.omitted,
                "texts": report.texts,
                "texts_agreeing": report.agreeing,
                "texts_gone": report.erased,
                "problems": report.problems,
            }
        )
    else:
        for sentence in _in_words(report):
            typer.echo(printable(sentence), err=not report.holds)
    raise typer.Exit(0 if report.holds else 1)


def _in_words(report: Report) -> list[str]:
    if not report.holds:
        return ["The pack does not hold.", *report.problems]
    if report.texts and not report.agreeing:
        texts = "Texts were not checked, for no salt is set (BREAKWATER_EVIDENCE_SALT); their hashes hold."
    else:
        texts = f"All {report.agreeing:,} texts agree with their hashes; {report.erased:,} are not there any more."
    counts = (
        f"{report.revisions:,} revisions, {report.interactions:,} interactions, and {report.omitted:,} that are covered by a "
        "digest only"
    )
    return [
        f"The pack holds: alert {report.alert}, {counts}.",
        texts,
        f"The newest digest is {report.digest}; compare it with the alert's in your own records (--digest).",
    ]
