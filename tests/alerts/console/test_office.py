"""What analysts do through the API of a served console, and what they see happen."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx
import orjson
import pytest

from alerts.console.roles import Role
from alerts.feedback import read_feedback
from tests.alerts.console.postgresql import PostgreSQL
from tests.alerts.console.stories import Analyst, Kept, Played, chunk, office, records, revision


def until(what: Callable[[], Any]) -> Any:
    """Wait until something is so."""
    end = time.monotonic() + 30
    while not (found := what()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


class Stream:
    """Events as a browser takes them."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.iter_lines()
        self.id = ""
        self.rows: dict[str, dict[str, Any]] = {}

    def next(self) -> str:
        """The kind of the next event; its rows are kept."""
        kind, data = "", ""
        for line in self._lines:
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "id":
                self.id = value
            elif name == "data":
                data = value
            elif not line and kind:
                if kind == "alert":
                    self.rows |= {row["id"]: row for row in orjson.loads(data)["rows"]}
                return kind
        return "end"

    def until(self, so: Callable[["Stream"], bool]) -> None:
        while not so(self):
            assert self.next() != "end"


@contextmanager
def watching(analyst: Analyst, last: str | None = None) -> Iterator[Stream]:
    headers = {} if last is None else {"Last-Event-ID": last}
    with analyst.stream("GET", "/api/v1/stream", headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        stream = Stream(response)
        assert stream.next() in {"status", "alert", "reset"}
        yield stream


def test_a_decision_is_kept_with_the_case_and_sent_in_order_once_the_outlet_is_there(database_url: str) -> None:
    feed, outlet = Played(records(revision("a"), revision("b"))), Kept()
    outlet.away = True
    with office(database_url, feed, outlet) as console:
        ann = console.enter()
        until(lambda: len(ann.queue()) == 2)
        for alert, decision in (("a", "true"), ("b", "unsure"), ("a", "false")):
            body = {"decision": decision, "reason": "viral", "revision": 1, "note": "=1+1"}
            assert ann.post(f"/api/v1/alerts/{alert}/decisions", json=body).status_code == 201
        until(lambda: ann.ok("/status")["outbox"] == 3)
        assert not outlet.sent
        outlet.away = False
        until(lambda: ann.ok("/status")["outbox"] == 0)
        case = ann.ok("/alerts/a")
        assert ann.queue(decided="no") == []
    assert [(key, str(read_feedback(body).decision)) for key, body in outlet.sent] == [
        ("a", "pile_on"),
        ("b", "unsure"),
        ("a", "not_pile_on"),
    ]
    assert [line["decision"] for line in case["decisions"]] == ["true", "false"]
    assert case["row"]["decision"]["decision"] == "false"
    assert case["row"]["decision"]["by"] == {"id": ann.id, "name": "the analyst"}


def test_what_is_snoozed_until_it_grows_comes_back_when_it_does(database_url: str) -> None:
    feed = Played(records(revision("a", 1, people=20), revision("b", 1, people=20)))
    with office(database_url, feed) as console:
        ann = console.enter()
        until(lambda: len(ann.queue()) == 2)
        for alert in ("a", "b"):
            assert ann.post(f"/api/v1/alerts/{alert}/snooze", json={"until_grows": True}).status_code == 204
        assert ann.queue() == []
        with watching(ann) as stream:
            feed.given += records(revision("a", 2, people=29), revision("b", 2, people=30), first=2)
            stream.until(lambda seen: {"a", "b"} <= seen.rows.keys() and seen.rows["a"]["revision"] == 2)
            stream.until(lambda seen: seen.rows["b"]["revision"] == 2)
            assert stream.rows["a"]["snooze"] == {"until_grows": True}
            assert stream.rows["b"]["snooze"] is None
        assert ann.queue() == ["b"]
        assert [line["action"] for line in ann.ok("/alerts/b")["history"]] == ["snooze", "returned"]
        assert ann.queue(snoozed="yes") == ["a"]
        assert ann.delete("/api/v1/alerts/a/snooze").status_code == 204
        assert ann.post("/api/v1/alerts/b/snooze", json={"until": 2**50}).status_code == 204
        assert ann.queue() == ["a"]
        assert ann.post("/api/v1/alerts/b/snooze", json={"until": 1}).status_code == 204
        assert sorted(ann.queue()) == ["a", "b"]


def test_who_comes_back_to_the_stream_is_told_what_changed_meanwhile_and_only_that(database_url: str) -> None:
    feed = Played(records(revision("a"), revision("b")))
    with office(database_url, feed) as console:
        ann = console.enter()
        until(lambda: len(ann.queue()) == 2)
        with watching(ann, "0") as stream:
            stream.until(lambda seen: len(seen.rows) == 2)
            last = stream.id
        feed.given += records(*(revision("b", number) for number in range(2, 60)), first=2)
        until(lambda: ann.ok("/alerts/b")["row"]["revision"] == 59)
    with office(database_url, feed) as console, closing(console.enter(name="Bob")) as bob:
        with watching(bob, last) as stream:
            stream.until(lambda seen: bool(seen.rows))
            assert {alert: row["revision"] for alert, row in stream.rows.items()} == {"b": 59}
        with bob.stream("GET", "/api/v1/stream", headers={"Last-Event-ID": "999999"}) as response:
            assert Stream(response).next() == "reset"


def test_a_session_that_ends_ends_its_streams(sqlite_url: str) -> None:
    with office(sqlite_url, Played()) as console:
        ann = console.enter()
        with watching(ann) as stream:
            assert ann.delete("/api/v1/session").status_code == 204
            while stream.next() != "end":
                pass


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/alerts?cursor=x", 400),
        ("/alerts?cursor=eyJh", 400),
        ("/alerts?sort=score", 422),
        ("/alerts?limit=0", 422),
        ("/alerts?limit=99999999999999999999999", 422),
        ("/alerts?status=open,closed", 422),
        ("/alerts?q=%ED%A0%80", 200),
        ("/alerts/none", 404),
        ("/alerts/a%2Fb", 404),
        ("/alerts/a/revisions/2", 404),
        ("/alerts/a/revisions/99999999999999999999", 422),
        ("/alerts/none/evidence", 404),
        ("/alerts/a/texts/none", 404),
        ("/alerts/a/export.exe", 422),
        ("/nothing", 404),
    ],
)
def test_what_cannot_be_is_said_with_a_code(shared: Analyst, path: str, status: int) -> None:
    answer = shared.get(f"/api/v1{path}")
    assert answer.status_code == status
    if status != 200:
        assert set(answer.json()["error"]) == {"code", "message"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Analyst]:
    from alerts.console.database import migrate  # noqa: PLC0415

    url = f"sqlite:///{tmp_path_factory.mktemp('shared') / 'console.db'}"
    migrate(url)
    given = [*records(revision()), *records(chunk(texts={"e/1": "some words"}), topic="evidence")]
    with office(url, Played(given)) as console:
        ann = console.enter()
        until(lambda: ann.queue() == ["a"])
        yield ann


def test_a_text_is_read_one_by_one_by_an_id_with_a_slash_and_that_is_noted(shared: Analyst) -> None:
    assert shared.ok("/alerts/a/texts/e%2F1") == {"event": "e/1", "text": "some words", "lang": None}
    assert "some words" not in shared.get("/api/v1/alerts/a/evidence").text


def test_bodies_are_strict(shared: Analyst) -> None:
    for path, body in [
        ("decisions", {"decision": True, "reason": "viral", "revision": 1}),
        ("decisions", {"decision": "true", "reason": "none", "revision": 1}),
        ("decisions", {"decision": "true", "reason": "viral", "revision": 2}),
        ("decisions", {"decision": "true", "reason": "viral", "revision": 1, "more": 1}),
        ("decisions", {"decision": "true", "reason": "viral", "revision": "1"}),
        ("snooze", {"until": 1.5}),
        ("snooze", {"until_grows": False}),
        ("snooze", {"until": 1, "until_grows": True}),
        ("assignee", {"user": "nobody"}),
        ("assignee", {}),
        ("notes", {"text": ""}),
        ("notes", {"text": "a\0"}),
    ]:
        assert shared.post(f"/api/v1/alerts/a/{path}", json=body).status_code == 422, body
    half = b'{"text": "\\ud800"}'
    answer = shared.post("/api/v1/alerts/a/notes", content=half, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


def test_a_feed_that_is_away_is_said_and_followed_on_when_it_is_back(sqlite_url: str) -> None:
    feed = Played(records(revision("a")))
    with office(sqlite_url, feed) as console:
        ann = console.enter(Role.VIEWER)
        until(lambda: ann.queue() == ["a"])
        feed.away = True
        until(lambda: ann.ok("/status")["feed"] == "away")
        assert ann.get("/readyz").status_code == 200
        feed.given += records(revision("a", 2), first=1)
        feed.away = False
        until(lambda: ann.ok("/alerts/a")["row"]["revision"] == 2)
        assert feed.opened[-1] == {("alerts", 0): 1}


def test_a_database_that_is_away_is_said_and_nothing_is_lost(postgresql: PostgreSQL, postgresql_template: str) -> None:
    url = postgresql.database(postgresql_template)
    feed, outlet = Played(records(revision("a"))), Kept()
    with office(url, feed, outlet) as console:
        ann = console.enter()
        until(lambda: ann.queue() == ["a"])
        postgresql.stop()
        try:
            feed.given += records(*(revision("b", number) for number in range(1, 9)), first=1)
            answer = ann.get("/api/v1/alerts")
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
            until(lambda: ann.get("/readyz").status_code == 503)
            assert ann.get("/healthz").status_code == 200
        finally:
            postgresql.start()
        until(lambda: ann.get("/api/v1/alerts").status_code == 200)
        until(lambda: sorted(ann.queue()) == ["a", "b"] and ann.ok("/alerts/b")["row"]["revision"] == 8)
        assert len(ann.ok("/alerts/b")["revisions"]) == 8
        body = {"decision": "true", "reason": "bots", "revision": 8}
        assert ann.post("/api/v1/alerts/b/decisions", json=body).status_code == 201
        until(lambda: outlet.sent)
        until(lambda: ann.get("/readyz").status_code == 200)
