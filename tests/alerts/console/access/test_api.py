"""The whole API, tried endpoint by endpoint from its own description, by everybody, with whatever."""

import csv
import io
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.schemas import APIOperation

from alerts.console.access.installing import ROLE
from alerts.console.access.passwords import Passwords
from alerts.console.app import create_app
from alerts.console.apply import apply, read_batch
from alerts.console.database import Database, open_database
from alerts.console.settings import ConsoleSettings
from tests.alerts.console.access.desk import NAMES, PASSWORD, QUICK, Browser, add_people, run
from tests.alerts.console.hostile import FORMULA, STRINGS, ids, records
from tests.alerts.console.serving import served

RANKS = {"anyone": -1, "viewer": 0, "analyst": 1, "admin": 2}
WHO = (None, *NAMES)
LEAKS = re.compile(r"Traceback|sqlalchemy|psycopg|site-packages|\.py\b|/tmp/|\$argon2|SELECT |INSERT ", re.IGNORECASE)
SCHEMA = create_app(open_database("sqlite:///never-opened.db"), ConsoleSettings()).openapi()
OPERATIONS = [
    (method, path)
    for path, operations in SCHEMA["paths"].items()
    for method in operations
    if method in {"get", "put", "post", "delete", "patch"}
]
NEVER_ENDS = "/api/v1/stream"


class Api(NamedTuple):
    """The console while it is served, and a browser for each role and for nobody."""

    address: str
    browsers: dict[str | None, Browser]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The whole console over cases in which every string is hostile."""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql").database(request.getfixturevalue("postgresql_template"))
    else:
        path = tmp_path_factory.mktemp("api") / "console.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        url = f"sqlite:///{path}"
    with opened(url) as found:
        yield found


@pytest.fixture(scope="module")
def sqlite_api(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The same over SQLite; what is done to it matters to no other test."""
    path = tmp_path_factory.mktemp("fuzz") / "console.db"
    shutil.copy(sqlite_template, path)
    with opened(f"sqlite:///{path}") as found:
        yield found


@contextmanager
def opened(url: str) -> Iterator[Api]:
    """The whole console over a database that is filled for it."""
    add_people(url)

    async def fill(database: Database) -> None:
        batch = read_batch(records())
        assert not sum(batch.malformed.values())
        await apply(database, batch)

    run(url, fill)
    app = create_app(open_database(url), ConsoleSettings())
    app.state.access.passwords = Passwords(QUICK)
    with served(app) as address, ExitStack() as stack:
        browsers: dict[str | None, Browser] = {who: stack.enter_context(Browser(address)) for who in WHO}
        for name in NAMES:
            assert browsers[name].sign_in(name).status_code == 200
        yield Api(address, browsers)


def asked(api: Api, who: str | None, method: str, path: str, **more: Any) -> httpx.Response:
    """The answer to somebody, without a body if it never ends."""
    browser = api.browsers[who]
    with browser.stream(method.upper(), api.address + path, **more) as response:
        if "text/event-stream" not in response.headers.get("content-type", ""):
            response.read()
    return response


def filled(path: str) -> str:
    """A path with something in every place."""
    return re.sub(r"\{(\w+)\}", lambda place: "json" if place[1] == "form" else "1", path)


def test_every_route_says_who_may_use_it() -> None:
    said = {path: operation[ROLE] for path, each in SCHEMA["paths"].items() for operation in each.values()}
    assert {path: role for path, role in said.items() if role not in RANKS} == {}
    open_to_all = {
        path for path, each in SCHEMA["paths"].items() if any(one[ROLE] == "anyone" for one in each.values())
    }
    assert open_to_all == {
        "/api/v1/session",
        "/api/v1/session/link",
        "/api/v1/oidc/{provider}/login",
        "/api/v1/oidc/{provider}/callback",
    }


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
@pytest.mark.parametrize("who", WHO)
def test_nobody_can_do_more_than_his_role_allows(api: Api, who: str | None, method: str, path: str) -> None:
    wanted = SCHEMA["paths"][path][method][ROLE]
    rank = RANKS[NAMES[who]] if who else -1
    body = {} if method in {"get", "delete"} else {"json": {}}
    if (method, path) == ("delete", "/api/v1/session") and who:
        with Browser(api.address) as leaving:
            assert leaving.sign_in(who).status_code == 200
            response = asked(Api(api.address, {who: leaving}), who, method, path)
    else:
        response = asked(api, who, method, filled(path), **body)
    if rank >= RANKS[wanted]:
        assert response.status_code not in {403, 500}
        assert response.status_code != 401 or (wanted == "anyone" and who is None)
    else:
        assert response.status_code == (403 if who else 401)
        assert set(response.json()) == {"error"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        (method, path)
        for method, path in OPERATIONS
        if method != "get" and SCHEMA["paths"][path][method][ROLE] != "anyone"
    ],
)
def test_nothing_is_changed_without_the_token_against_forgery(api: Api, method: str, path: str) -> None:
    headers = {"X-CSRF-Token": "0" * 64}
    response = asked(api, "adam", method, filled(path), headers=headers, json={})
    assert (response.status_code, response.json()["error"]["code"]) == (403, "csrf")


def documented(response: httpx.Response, method: str, path: str) -> None:
    """Whether an answer is one that the description knows, and tells nothing of the inside."""
    assert response.status_code < 500, f"{method} {path}"
    assert str(response.status_code) in SCHEMA["paths"][path][method]["responses"], f"{method} {path}"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"
    if response.status_code >= 400:
        assert set(response.json()["error"]) == {"code", "message"}
        assert not LEAKS.search(response.text), f"{method} {path}"


@pytest.mark.parametrize("who", WHO)
def test_whatever_is_sent_is_answered_as_the_description_says(
    sqlite_api: Api, who: str | None, operations: list[APIOperation]
) -> None:
    for operation in operations:
        if operation.path == NEVER_ENDS or (operation.path, operation.method) == ("/api/v1/session", "delete"):
            continue
        positive, negative = (
            operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        )
        try_all(positive | negative, Trial(sqlite_api, who, operation))


class Trial(NamedTuple):
    """Sends what was made up for an operation, and looks at what comes back."""

    api: Api
    who: str | None
    operation: APIOperation

    def __call__(self, case: schemathesis.Case) -> None:
        browser = self.api.browsers[self.who]
        headers = {"Sec-Fetch-Site": "same-origin", "X-CSRF-Token": browser.headers.get("X-CSRF-Token", "")}
        response = case.call(
            self.api.address, headers=headers, cookies=dict(browser.cookies), allow_redirects=False, timeout=30
        )
        told = httpx.Response(response.status_code, headers=dict(_flat(response)), content=response.content)
        assert told.status_code < 500
        assert told.status_code < 400 or not LEAKS.search(told.text)
        if told.status_code not in {404, 405} and case.path_parameters is not None:
            documented(told, self.operation.method, self.operation.path)


def try_all(cases: st.SearchStrategy[Any], check: Callable[[Any], None]) -> None:
    """Try some of these."""
    given(cases)(
        settings(
            max_examples=8, database=None, deadline=None, derandomize=True, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(lambda case: check(case))  # noqa: PLW0108 - hypothesis wants a function
    )()  # fmt: skip


def _flat(response: Any) -> Iterator[tuple[str, str]]:
    for name, values in response.headers.items():
        if name.lower() not in {"content-encoding", "content-length", "transfer-encoding"}:
            yield name, values[0]


@pytest.fixture(scope="module")
def operations() -> list[APIOperation]:
    """What the API can do, as its description tells."""
    schema = schemathesis.openapi.from_dict(SCHEMA)
    return [found.ok() for found in schema.get_all_operations()]


@pytest.mark.parametrize("text", STRINGS, ids=range(len(STRINGS)))
def test_hostile_strings_are_kept_as_they_are_or_refused(api: Api, text: str) -> None:
    case = quote(ids()[0], safe="")
    writes: list[tuple[str, str, str, dict[str, Any]]] = [
        ("anna", "post", "/api/v1/alerts/{alert}/notes", {"text": text}),
        (
            "anna",
            "post",
            "/api/v1/alerts/{alert}/decisions",
            {"decision": "true", "reason": "bots", "note": text, "revision": 1},
        ),
        (
            "anna",
            "post",
            "/api/v1/alerts/{alert}/decisions",
            {"decision": text, "reason": text, "note": "", "revision": 1},
        ),
        ("anna", "post", "/api/v1/alerts/{alert}/assignee", {"user": text}),
        ("vera", "post", "/api/v1/views", {"name": text, "query": text}),
        ("vera", "post", "/api/v1/views", {"name": "view", "query": text}),
        ("vera", "put", "/api/v1/me/preferences", {"locale": text}),
        ("vera", "post", "/api/v1/me/password", {"current": PASSWORD, "new": text[:11]}),
        ("adam", "post", "/api/v1/users", {"name": text, "role": "viewer", "password": PASSWORD}),
        ("adam", "post", "/api/v1/users", {"name": "x", "role": text, "password": PASSWORD}),
        ("vera", "post", "/api/v1/session/link", {"token": text}),
        ("vera", "post", "/api/v1/session", {"name": text, "password": text}),
    ]
    for who, method, path, body in writes:
        response = asked(api, who, method, path.replace("{alert}", case), json=body)
        documented(response, method, path)
    kept = api.browsers["vera"].get(f"/alerts/{case}")
    assert kept.headers["content-type"] == "application/json"
    notes = [note["text"] for note in kept.json()["notes"]]
    assert "\0" in text or len(text) > 5_000 or text in notes
    for name in ("q", "cursor", "assignee", "status", "sort", "limit"):
        response = api.browsers["vera"].get("/alerts", params={name: text[:3_000]})
        if response.status_code != 400 or "\0" not in text:
            documented(response, "get", "/api/v1/alerts")
    for view in api.browsers["vera"].get("/views").json():
        api.browsers["vera"].delete(f"/views/{view['id']}")
    accounts = {one["name"]: one["id"] for one in api.browsers["adam"].get("/users").json()["users"]}
    assert all(name.isprintable() for name in accounts)


@pytest.mark.parametrize("number", range(len(STRINGS)))
def test_cases_full_of_hostile_strings_are_shown_and_exported_as_text(api: Api, number: int) -> None:
    text = STRINGS[number]
    name = text if text in ids() else f"case{number}"
    address = f"/alerts/{quote(name, safe='')}"
    browser = api.browsers["anna"]
    if name in {".", ".."}:
        address = address.replace(".", "%2E")
    shown = browser.get(address)
    assert shown.status_code == 200
    assert shown.headers["content-type"] == "application/json"
    assert shown.json()["alert"]["signals"][0]["name"] == text
    assert browser.get(f"{address}/evidence").status_code == 200
    event = quote(text[:512], safe="").replace(".", "%2E")
    assert browser.get(f"{address}/texts/{event}").status_code in ({200} if "\0" not in text else {400, 404})
    for form in ("json", "csv", "html"):
        exported = browser.get(f"{address}/export.{form}")
        assert exported.status_code == 200
        assert exported.headers["content-disposition"].startswith("attachment")
        assert not re.search(r"[\r\n\0]", exported.headers["content-disposition"])
        if form == "csv":
            for row in csv.reader(io.StringIO(exported.text.replace("\0", ""))):
                assert not [cell for cell in row if FORMULA.match(cell) and not re.fullmatch(r"-?[\d.]+", cell)]
        if form == "html":
            Inert().feed(exported.text)


class Inert(HTMLParser):
    """Sees that a page has nothing in it that runs, loads or leads elsewhere."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element."""
        assert tag not in {"script", "img", "iframe", "object", "embed", "base", "form", "audio", "video"}
        for name, value in attrs:
            assert not name.startswith("on")
            assert name not in {"src", "srcset", "action", "formaction", "xlink:href"}
            assert name != "href" or (value or "").startswith("#")
        assert tag != "meta" or "refresh" not in str(attrs).lower()


def test_what_is_viewed_revealed_and_exported_stands_in_the_log(api: Api) -> None:
    name = ids()[0]
    address, event = f"/alerts/{quote(name, safe='')}", quote(name, safe="")
    browser = api.browsers["anna"]
    for path in ("", "/evidence", "/revisions/1", f"/texts/{event}", "/export.json", "/export.csv", "/export.html"):
        assert browser.get(address + path).status_code == 200
    browser.post(f"{address}/notes", json={"text": "seen"})
    browser.post(f"{address}/snooze", json={"until_grows": True})
    browser.delete(f"{address}/snooze")
    browser.post(f"{address}/assignee", json={"user": None})
    entries = api.browsers["adam"].get("/audit", params={"alert": name, "limit": 50}).json()["entries"]
    told = {entry["action"] for entry in entries if entry["name"] == "anna"}
    looked = [entry["detail"] for entry in entries if entry["action"] == "view"]
    assert {"part": "evidence"} in looked
    assert {"revision": 1} in looked
    assert {"view", "reveal", "export", "note", "snooze", "wake"} <= told
    assert api.browsers["adam"].get("/audit/verify").json()["whole"] is True


def test_a_stream_ends_with_its_session(api: Api) -> None:
    with Browser(api.address) as browser:
        browser.sign_in("vera")
        with browser.stream("GET", "/stream", timeout=60) as response:
            lines = response.iter_lines()
            assert next(lines)
            with Browser(api.address) as other:
                other.cookies.update(browser.cookies)
                other.headers["X-CSRF-Token"] = browser.headers["X-CSRF-Token"]
                assert other.delete("/session").status_code == 204
            for _ in lines:
                pass
    assert api.browsers["vera"].get("/session").status_code == 200


@pytest.mark.parametrize("address", ["/%61pi/v1/alerts", "/api%2Fv1%2Falerts", "/api/v1%2Falerts", "/api/v1/oidc/..%2Falerts", "//api/v1/alerts", "/API/v1/alerts", "/api/v1/oidc/%2e%2e/alerts", "/api/v1/session%2Flink", "/./api/v1/alerts", "/api/v1/alerts/"])  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_way_of_writing_an_address_leads_past_the_gate(api: Api, address: str, method: str) -> None:
    connection = httpx.Client(base_url=api.address)
    with connection:
        request = connection.build_request(method, "/")
        request.url = request.url.copy_with(raw_path=address.encode())
        response = connection.send(request)
    assert response.status_code in {401, 404, 405, 415, 422, 503, 307}
    assert "alerts" not in (response.json() if response.headers.get("content-type") == "application/json" else {})


def test_no_file_but_those_of_the_page_is_served(api: Api) -> None:
    with httpx.Client(base_url=api.address) as connection:
        for address in ("/../app.py", "/..%2Fapp.py", "/%2e%2e/app.py", "/assets/../../app.py", "/assets/..%5C..%5Capp.py", "/.env", "//etc/passwd", "/static/../app.py"):  # fmt: skip
            request = connection.build_request("GET", "/")
            request.url = request.url.copy_with(raw_path=address.encode())
            response = connection.send(request)
            assert "create_app" not in response.text
            assert "root:" not in response.text
