"""Cases are what the records say, however these come; on SQLite and on PostgreSQL."""

import random
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from alerts.console.apply import apply, read_batch
from alerts.console.database import Database
from alerts.console.dossier import chunks, put_together, said_in
from alerts.console.feed import Record
from alerts.console.listing import Cursor, Wanted, page
from alerts.console.retention import delete_some
from alerts.console.tables import alerts, evidence, positions, revisions
from tests.alerts.console.stories import START, chunk, records, revision, with_database


async def stored(database: Database) -> tuple[list[Any], list[Any]]:
    """All cases but the numbers of their changes, and all revisions."""
    columns = [column for column in alerts.columns if column.name != "seq"]
    async with database.read() as connection:
        heads = (await connection.execute(select(*columns).order_by(alerts.c.id))).all()
        bodies = (await connection.execute(select(revisions).order_by(revisions.c.alert, revisions.c.revision))).all()
    return list(heads), list(bodies)


@pytest.mark.parametrize("seed", range(3))
def test_batches_cut_anyhow_and_read_twice_give_the_same_cases(database_url: str, sqlite_url: str, seed: int) -> None:
    chance = random.Random(seed)
    told = [revision(f"case {case}", number) for number in range(1, 30) for case in range(12)]
    given = records(*told)

    async def at_once(database: Database) -> tuple[list[Any], list[Any]]:
        await apply(database, read_batch(given))
        return await stored(database)

    async def anyhow(database: Database) -> tuple[list[Any], list[Any]]:
        at = 0
        while at < len(given):
            size = chance.randint(1, 60)
            await apply(database, read_batch(given[at : at + size]))
            at = max(0, at + size - chance.choice([0, 0, 25]))
        return await stored(database)

    wanted = with_database(sqlite_url if "sqlite" not in database_url else database_url + ".other", _made(at_once))
    assert with_database(database_url, anyhow) == wanted
    assert len(wanted[0]) == 12
    assert [row.body for row in wanted[1]] == sorted(told, key=_order)


def _order(body: bytes) -> tuple[str, int]:
    found = orjson.loads(body)
    return found["id"], found["revision"]


def _made(work: Any) -> Any:
    from alerts.console.database import migrate  # noqa: PLC0415

    async def made(database: Database) -> Any:
        import asyncio  # noqa: PLC0415

        await asyncio.to_thread(migrate, database.url)
        return await work(database)

    return made


def test_an_older_revision_never_stands_for_a_newer_one_and_what_cannot_be_read_stops_nothing(
    database_url: str,
) -> None:
    odd = [b"", b"[", b"{}", revision(number=3, severity="dreadful"), revision("nul\0"), revision(score=2), b"\xff"]
    given = records(revision(number=2, people=50), *odd, revision(number=1), revision("b"))

    async def work(database: Database) -> None:
        batch = read_batch([*given, Record("alerts", 0, 100, None)])
        assert batch.malformed == {"alerts": len(odd) + 1}
        assert await apply(database, batch) == 2
        assert await apply(database, batch) == 0
        heads, bodies = await stored(database)
        assert [(row.id, row.revision, row.participants) for row in heads] == [("a", 2, 50), ("b", 1, 10)]
        assert [(row.alert, row.revision) for row in bodies] == [("a", 1), ("a", 2), ("b", 1)]
        async with database.read() as connection:
            assert (await connection.execute(select(positions))).all() == [("alerts", 0, 101)]

    with_database(database_url, work)


def test_texts_that_were_taken_back_are_gone_from_what_is_stored(database_url: str) -> None:
    first = chunk(part=0, texts={"one": "words to stay", "two": "words to go"})
    second = chunk(part=1, texts={"three": "more words"}, erased=["two", "unknown"])

    async def work(database: Database) -> None:
        await apply(database, read_batch(records(first, topic="evidence")))
        await apply(database, read_batch(records(second, topic="evidence", first=1)))
        async with database.read() as connection:
            bodies = (await connection.execute(select(evidence.c.body))).scalars().all()
            kept = await chunks(connection, "a")
        assert b"words to go" not in b"".join(bodies)
        assert said_in(kept, "one") == ("words to stay", False)
        assert said_in(kept, "two") == (None, True)
        assert said_in(kept, "four") is None
        told = put_together(kept)
        assert [(one["event"], one["has_text"], one["erased"]) for one in told["interactions"]] == [
            ("one", True, False),
            ("two", False, True),
            ("three", True, False),
        ]
        assert b"words" not in orjson.dumps(told)

    with_database(database_url, work)


def test_pages_hold_every_case_once_the_gravest_and_newest_first(database_url: str) -> None:
    severities = ["info", "low", "medium", "high", "critical"]
    hour = 3_600_000
    given = [
        revision(f"{severity} {age}", severity=severity, updated_at=START + 100 * hour - age * hour, status=status)
        for severity in severities
        for age in (0, 1, 3, 5)
        for status in ("open",)
    ] + [revision("over", severity="critical", updated_at=START + 100 * hour, status="resolved")]

    async def work(database: Database) -> None:
        await apply(database, read_batch(records(*given)))
        for sort in ("priority", "updated", "started", "participants"):
            found: list[dict[str, Any]] = []
            cursor = None
            while True:
                async with database.read() as connection:
                    some = await page(connection, Wanted(), sort, cursor, 3, START)  # type: ignore[arg-type]
                assert some.total == len(given)
                found += some.rows
                if some.next is None:
                    break
                cursor = Cursor.read(some.next, sort)
            assert len({row["id"] for row in found}) == len(found) == len(given)
            if sort == "priority":
                order = [row["id"] for row in found]
                assert order[0] == "critical 0"
                assert order.index("high 0") < order.index("critical 3") < order.index("high 3")
                assert (
                    order.index("over") == order.index("medium 0") + 1
                    or order.index("over") == order.index("medium 0") - 1
                )
        async with database.read() as connection:
            wanted = Wanted(severity=["high"], text="TARGET OF HIGH 3")
            assert [row["id"] for row in (await page(connection, wanted, "updated", None, 9, START)).rows] == ["high 3"]
            assert not (await page(connection, Wanted(text="%"), "updated", None, 9, START)).rows

    with_database(database_url, work)


def test_old_cases_go_with_all_that_belongs_to_them(database_url: str) -> None:
    async def work(database: Database) -> None:
        old, new = revision("old"), revision("new", updated_at=START + 10_000_000)
        await apply(database, read_batch([*records(old, new), *records(chunk("old"), chunk("new"), topic="evidence")]))
        assert await delete_some(database, START + 1_000_000) == 1
        assert await delete_some(database, START + 1_000_000) == 0
        async with database.read() as connection:
            for column in (alerts.c.id, revisions.c.alert, evidence.c.alert):
                assert (await connection.execute(select(column))).scalars().all() == ["new"]

    with_database(database_url, work)
