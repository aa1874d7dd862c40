"""The audit log tells what was done, and shows when somebody has changed it."""

import asyncio
import hashlib
import json
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.console.access import Action, Role, User, audit
from alerts.console.access.audit import Verified, digest_of, verify
from alerts.console.database import Database
from tests.alerts.console.access.desk import Desk, execute, run, writing

ANN = User("a" * 32, "ann", Role.ANALYST, address="b" * 32)
UNLOCKED = {
    "sqlite": ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete", "DROP TRIGGER audit_no_replace"),
    "postgresql": ("DROP TRIGGER audit_no_change ON audit",),
}
"""How somebody who owns the database gets past its triggers."""


def unlock(url: str) -> None:
    execute(url, *UNLOCKED[url.partition(":")[0]])


def fill(url: str, count: int = 10) -> None:
    async def work(connection: AsyncConnection) -> None:
        for number in range(count):
            await audit(connection, ANN, Action.VIEW, f"alert{number}", {"number": number}, at_ms=1000 + number)

    writing(url, work)


def looked_through(url: str, expected: tuple[int, str] | None = None) -> Verified:
    async def work(database: Database) -> Verified:
        async with database.read() as connection:
            return await verify(connection, expected)

    return run(url, work)


def test_what_was_written_is_whole(database_url: str) -> None:
    assert looked_through(database_url).entries == 0
    fill(database_url)
    found = looked_through(database_url)
    assert (found.entries, found.broken_at, found.problem) == (10, None, "")
    assert found.head == execute(database_url, "SELECT digest FROM audit WHERE seq = 10")[0].digest


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET name = 'bob' WHERE seq = 3",
        "UPDATE audit SET digest = digest",
        "DELETE FROM audit WHERE seq = 10",
        "DELETE FROM audit",
    ],
)
def test_the_database_refuses_to_change_or_delete_an_entry(database_url: str, statement: str) -> None:
    fill(database_url)
    with pytest.raises(DBAPIError, match="append-only"):
        execute(database_url, statement)
    assert looked_through(database_url).entries == 10


def test_an_entry_is_not_replaced_and_the_log_not_emptied(database_url: str) -> None:
    fill(database_url)
    sqlite = database_url.startswith("sqlite")
    columns = 'seq, at, "user", name, address, action, alert, detail, previous, digest'
    replaced = f"INSERT OR REPLACE INTO audit ({columns}) SELECT {columns} FROM audit WHERE seq = 3"  # noqa: S608
    with pytest.raises(DBAPIError, match="append-only"):
        execute(database_url, replaced if sqlite else "TRUNCATE audit")
    assert looked_through(database_url).entries == 10


TAMPERINGS = {
    "at": "at + 1",
    "user": "'c'",
    "name": "'bob'",
    "address": "''",
    "action": "'export'",
    "alert": "NULL",
    "detail": "'{}'",
    "previous": "digest",
    "digest": "previous",
}


@pytest.mark.parametrize("seq", [1, 5, 10])
@pytest.mark.parametrize("column", TAMPERINGS)
def test_a_change_of_any_column_of_any_entry_is_found(sqlite_url: str, column: str, seq: int) -> None:
    fill(sqlite_url)
    unlock(sqlite_url)
    execute(sqlite_url, f'UPDATE audit SET "{column}" = {TAMPERINGS[column]} WHERE seq = {seq}')  # noqa: S608
    assert looked_through(sqlite_url).broken_at == seq


@pytest.mark.parametrize("column", TAMPERINGS)
def test_so_it_is_on_postgresql(postgresql_url: str, column: str) -> None:
    fill(postgresql_url)
    unlock(postgresql_url)
    execute(postgresql_url, f'UPDATE audit SET "{column}" = {TAMPERINGS[column]} WHERE seq = 5')  # noqa: S608
    assert looked_through(postgresql_url).broken_at == 5


@pytest.mark.parametrize(
    ("statements", "broken_at"),
    [
        (["DELETE FROM audit WHERE seq = 1"], 2),
        (["DELETE FROM audit WHERE seq = 4"], 5),
        (["DELETE FROM audit WHERE seq = 10"], 10),
        (["DELETE FROM audit"], 1),
        (["UPDATE audit SET seq = seq + 1 WHERE seq = 10"], 11),
        (["UPDATE audit SET seq = 0 WHERE seq = 5", "UPDATE audit SET seq = 5 WHERE seq = 6"], 5),
        (["UPDATE audit_head SET seq = 9"], 10),
        (["UPDATE audit_head SET digest = ''"], 10),
        (["DELETE FROM audit_head"], 11),
    ],
)
def test_missing_moved_and_added_entries_are_found(database_url: str, statements: list[str], broken_at: int) -> None:
    fill(database_url)
    unlock(database_url)
    execute(database_url, *statements)
    assert looked_through(database_url).broken_at == broken_at


def test_a_log_made_up_anew_holds_together_but_not_against_what_was_noted(sqlite_url: str) -> None:
    fill(sqlite_url)
    noted = looked_through(sqlite_url)
    unlock(sqlite_url)
    execute(sqlite_url, "DELETE FROM audit", "UPDATE audit_head SET seq = 0, digest = printf('%064d', 0)")
    fill(sqlite_url, 9)
    assert looked_through(sqlite_url).problem == ""
    assert looked_through(sqlite_url, (noted.entries, noted.head)).broken_at == 10
    fill(sqlite_url, 5)
    assert looked_through(sqlite_url, (noted.entries, noted.head)).broken_at == 10


def test_who_does_not_finish_leaves_no_gap(database_url: str) -> None:
    fill(database_url, 3)

    async def fails(connection: AsyncConnection) -> None:
        await audit(connection, ANN, Action.EXPORT, "alert")
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        writing(database_url, fails)
    fill(database_url, 2)
    assert looked_through(database_url) == looked_through(database_url)
    assert looked_through(database_url).entries == 5


def test_many_writers_at_once_make_one_chain(database_url: str) -> None:
    errors: list[BaseException] = []

    async def write(database: Database) -> None:
        async def one(number: int) -> None:
            async with database.write() as connection:
                await audit(connection, ANN, Action.NOTE, f"alert{number}")

        await asyncio.gather(*(one(number) for number in range(25)))

    def process() -> None:
        try:
            run(database_url, write)
        except BaseException as error:  # noqa: BLE001 - told by the main thread
            errors.append(error)

    threads = [threading.Thread(target=process) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    found = looked_through(database_url)
    assert (found.entries, found.problem) == (100, "")


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(detail=st.dictionaries(st.text(max_size=20), st.text(max_size=200) | st.integers(-(2**53), 2**53), max_size=4))
def test_whatever_an_entry_tells_it_is_read_as_it_was_written(sqlite_url: str, detail: dict[str, object]) -> None:
    async def work(connection: AsyncConnection) -> None:
        await audit(connection, ANN, Action.NOTE, "alert", detail)

    writing(sqlite_url, work)
    assert looked_through(sqlite_url).problem == ""


def test_the_digest_is_what_anybody_can_reckon() -> None:
    fields = {"seq": 1, "at": 2, "user": "u", "name": "n", "address": "", "action": "view", "alert": None}
    fields |= {"detail": "{}", "previous": "0" * 64}
    body = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert digest_of(fields) == hashlib.sha256(f"breakwater.audit/1\n{body}".encode()).hexdigest()


def test_administrators_read_it_page_by_page_and_nobody_else(desk: Desk) -> None:
    fill(desk.url, 120)
    admin = desk.browser("adam")
    seen, cursor = [], {}
    while True:
        page = admin.get("/audit", params=cursor).json()
        seen += [entry["seq"] for entry in page["entries"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == list(range(seen[0], 0, -1))
    [entry] = admin.get("/audit", params={"alert": "alert7"}).json()["entries"]
    assert (entry["action"], entry["name"], entry["detail"]) == ("view", "ann", {"number": 7})
    assert admin.get("/audit/verify").json()["whole"] is True
    for name in ("vera", "anna"):
        browser = desk.browser(name)
        assert browser.get("/audit").status_code == 403
        assert browser.get("/audit/verify").status_code == 403


def test_tampering_is_told_to_who_asks_and_breaks_nothing(sqlite_desk: Desk) -> None:
    fill(sqlite_desk.url)
    admin = sqlite_desk.browser("adam")
    unlock(sqlite_desk.url)
    execute(sqlite_desk.url, "UPDATE audit SET action = '?', detail = 'none' WHERE seq = 8")
    found = admin.get("/audit/verify").json()
    assert (found["whole"], found["broken_at"], found["entries"]) == (False, 8, 7)
    assert admin.get("/audit").status_code == 200


def test_no_address_and_no_password_stands_in_it(sqlite_desk: Desk) -> None:
    browser = sqlite_desk.browser()
    browser.sign_in("vera", "an altogether wrong one")
    browser.sign_in("a password typed as a name", "whatever it is")
    browser.sign_in("vera")
    kept = str(execute(sqlite_desk.url, "SELECT * FROM audit"))
    for told in ("127.0.0.1", "wrong one", "typed as", "battery"):
        assert told not in kept
    assert sqlite_desk.actions()[-3:] == ["sign_in_failed", "sign_in_failed", "sign_in"]
