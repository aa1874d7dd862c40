"""`breakwater console users` and `breakwater console audit`: who may sign in, and whether the log of what they did is whole."""

# ruff: noqa: PLC0415 - imports wait until the command runs, so that --help is quick

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from alerts.console.roles import Role
from streams.commands.common import fail, plainly, print_json, printable

if TYPE_CHECKING:
    from alerts.console.access.managing import Management

T = TypeVar("T")
_Name = Annotated[str, typer.Argument(help="The name of the account.")]
_Database = Annotated[str | None, typer.Option(help="The console's database, if not the one that is set.")]
_Settings = Annotated[Path | None, typer.Option(help="A YAML file of settings.")]
_Stdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]

users = typer.Typer(no_args_is_help=True, help="Who may sign in to the console by name and password.")
audit = typer.Typer(no_args_is_help=True, help="The log of what was done in the console.")


@users.command()
def add(
    name: _Name,
    role: Annotated[Role, typer.Option(help="What he may do.")] = Role.VIEWER,
    password_stdin: _Stdin = False,
    database: _Database = None,
    settings: _Settings = None,
) -> None:
    """Add an account; its password is asked for."""
    password = _password(from_stdin=password_stdin)
    _managed(database, settings, lambda accounts: accounts.add(name, role, password))
    typer.echo(printable(f"{name}: added as {role}"))


@users.command(name="list")
def list_accounts(
    database: _Database = None,
    settings: _Settings = None,
    json: Annotated[bool, typer.Option("--json", help="Print them as one JSON object.")] = False,
) -> None:
    """Say which accounts there are."""
    rows = _managed(database, settings, lambda accounts: accounts.everybody())
    if json:
        fields = ("id", "name", "role", "disabled", "issuer", "created_at", "signed_in_at")
        print_json({"users": [{field: getattr(row, field) for field in fields} for row in rows]})
        return
    for row in rows:
        typer.echo(printable(f"{row.name}: {row.role}{', disabled' if row.disabled else ''}"))
    if not rows:
        typer.echo("There is no account yet; add one with `breakwater console users add NAME --role admin`.")


@users.command()
def disable(name: _Name, database: _Database = None, settings: _Settings = None) -> None:
    """Sign somebody out and let him in no more; what he did stays in the log."""
    _managed(database, settings, lambda accounts: accounts.change(name, disabled=True))
    typer.echo(printable(f"{name}: disabled"))


@users.command()
def enable(name: _Name, database: _Database = None, settings: _Settings = None) -> None:
    """Let somebody in again who was disabled."""
    _managed(database, settings, lambda accounts: accounts.change(name, disabled=False))
    typer.echo(printable(f"{name}: enabled"))


@users.command()
def role(
    name: _Name,
    role: Annotated[Role, typer.Argument(help="What he may do.")],
    database: _Database = None,
    settings: _Settings = None,
) -> None:
    """Give an account another role."""
    _managed(database, settings, lambda accounts: accounts.change(name, role=role))
    typer.echo(printable(f"{name}: now {role}"))


@users.command()
def password(
    name: _Name, password_stdin: _Stdin = False, database: _Database = None, settings: _Settings = None
) -> None:
    """Give an account another password, which is asked for, and end its sessions."""
    new = _password(from_stdin=password_stdin)
    _managed(database, settings, lambda accounts: accounts.change(name, password=new))
    typer.echo(printable(f"{name}: has another password"))


@audit.command()
def verify(
    database: _Database = None,
    settings: _Settings = None,
    expect: Annotated[
        str | None, typer.Option(help="NUMBER:DIGEST of an entry, as printed before and noted elsewhere.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print what was found as one JSON object.")] = False,
) -> None:
    """Look through the audit log for entries that were changed, removed or put in.

    Ends with 0 when there are none, with 1 otherwise. Who may write to the database past its triggers could make up a whole
    log that holds together: note number and digest of the last entry elsewhere, and have it looked for with --expect.
    """
    noted = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", expect) if expect is not None else None
    if expect is not None and noted is None:
        fail("--expect is NUMBER:DIGEST, as this command prints it.", 2)
    expected = (int(noted[1]), noted[2]) if noted is not None else None
    found = _managed(database, settings, lambda accounts: accounts.verify(expected), make=False)
    if json:
        print_json({"whole": not found.problem, **found._asdict()})
    elif found.problem:
        fail(f"The audit log is not as it was written: {found.problem}; {found.entries} before are whole.")
    else:
        typer.echo(f"{found.entries} entries, all as they were written. The last: {found.entries}:{found.head}")
    raise typer.Exit(1 if found.problem else 0)


def _managed(
    database: str | None,
    settings: Path | None,
    work: Callable[[Management], Awaitable[T]],
    *,
    make: bool = True,
) -> T:
    """Do something with the accounts in the console's database."""
    from alerts.console.access.managing import managing
    from streams.settings import load

    async def opened(url: str) -> T:
        async with managing(url, make=make) as accounts:
            return await work(accounts)

    with plainly(), _said():
        return asyncio.run(opened(database or load(settings).console.database))


@contextmanager
def _said() -> Iterator[None]:
    """Say what a database or an account does not bear in a sentence."""
    from sqlalchemy.exc import SQLAlchemyError

    from alerts.console.access.accounts import AccountError
    from alerts.console.access.passwords import WeakPasswordError
    from alerts.console.database import DatabaseUrlError

    try:
        yield
    except (AccountError, WeakPasswordError, DatabaseUrlError) as error:
        fail(printable(str(error)))
    except SQLAlchemyError as error:
        fail(f"The console's database cannot be used ({type(error).__name__}); see that its URL names it, and it runs.")


def _password(*, from_stdin: bool) -> str:
    """A password from standard input, or typed twice at the terminal."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        fail("There is no terminal to ask for the password; hand it in with --password-stdin.", 2)
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed
