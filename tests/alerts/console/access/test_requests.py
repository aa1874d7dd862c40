"""What is refused by how it comes, and what every answer carries."""

import http.client
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from alerts.console.access.headers import CONTENT_SECURITY_POLICY
from tests.alerts.console.access.desk import Desk, desk_of

EVIL = "https://evil.example"


@pytest.fixture(scope="module")
def sqlite_desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for all tests here: none of them leaves anything behind that another sees."""
    path = tmp_path_factory.mktemp("requests") / "console.db"
    shutil.copy(sqlite_template, path)
    with desk_of(f"sqlite:///{path}") as opened:
        yield opened


WRITES = [
    ("POST", "/things/one"),
    ("DELETE", "/session"),
    ("PUT", "/me/preferences"),
    ("POST", "/me/password"),
    ("POST", "/users"),
    ("PATCH", "/users/one"),
]


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize("shown", [None, "", "0" * 64, "é" * 10])
def test_nothing_is_changed_without_the_token_of_the_session(
    sqlite_desk: Desk, method: str, path: str, shown: str | None
) -> None:
    browser = sqlite_desk.browser("adam")
    del browser.headers["X-CSRF-Token"]
    headers = {} if shown is None else {"X-CSRF-Token": shown.encode()}
    response = browser.request(method, path, json={}, headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (403, "csrf")


def test_the_token_of_another_session_does_not_serve(sqlite_desk: Desk) -> None:
    one, other = sqlite_desk.browser("anna"), sqlite_desk.browser("anna")
    one.headers["X-CSRF-Token"] = other.headers["X-CSRF-Token"]
    assert one.post("/things/one").status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/things/one"), ("POST", "/session"), ("POST", "/session/link")])
def test_what_another_site_sends_is_refused_even_with_the_token(
    sqlite_desk: Desk, headers: dict[str, str], method: str, path: str
) -> None:
    browser = sqlite_desk.browser("anna")
    response = browser.request(method, path, json={"name": "anna", "password": "x"}, headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (403, "csrf")


def test_our_own_page_may_send(sqlite_desk: Desk) -> None:
    browser = sqlite_desk.browser("anna")
    assert browser.post("/things/one", headers={"Origin": sqlite_desk.address}).status_code == 200


def test_with_a_public_address_that_alone_is_our_own(sqlite_url: str) -> None:
    with desk_of(sqlite_url, public_url="http://console.example/", hosts="other.example") as desk:
        browser = desk.browser("anna")
        for origin, status in (("http://console.example", 200), (EVIL, 403), (desk.address, 403)):
            assert browser.post("/things/one", headers={"Origin": origin}).status_code == status


def test_another_site_reads_nothing_and_leaves_no_trace_in_ones_name(sqlite_desk: Desk) -> None:
    browser = sqlite_desk.browser("vera")
    before = sqlite_desk.actions()
    for site in ("cross-site", "same-site"):
        assert browser.get("/things/one", headers={"Sec-Fetch-Site": site}).status_code == 403
    assert sqlite_desk.actions() == before


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_forms_are_not_taken_for_json(sqlite_desk: Desk, kind: str) -> None:
    content = b'{"name":"anna","password":"correct horse battery staple"}'
    response = sqlite_desk.browser().post("/session", content=content, headers={"Content-Type": kind})
    assert (response.status_code, response.json()["error"]["code"]) == (415, "wrong_type")
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
@pytest.mark.parametrize(
    "path", ["/api", "/api/v1/", "/api/v1/things/one", "/api/v1/none", "/api/v2/x", "/api/v1//session"]
)
def test_nothing_under_the_api_is_told_without_a_session(sqlite_desk: Desk, method: str, path: str) -> None:
    response = httpx.request(method, sqlite_desk.address + path)
    assert (response.status_code, response.json()["error"]["code"]) == (401, "unauthenticated")


def test_a_route_that_says_not_who_may_use_it_still_wants_a_session(sqlite_desk: Desk) -> None:
    assert httpx.delete(f"{sqlite_desk.address}/api/v1/things/one").status_code == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", ""]
)
def test_it_answers_to_its_own_names_alone(sqlite_desk: Desk, host: str) -> None:
    response = httpx.get(f"{sqlite_desk.address}/api/v1/session", headers={"Host": host})
    assert (response.status_code, response.json()["error"]["code"]) == (421, "wrong_host")
    assert httpx.get(f"{sqlite_desk.address}/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "localhost.", "127.0.0.1", "[::1]:80", "10.1.2.3:8090", "c.example"]
)
def test_its_own_names_and_all_numbers_are_answered_to(sqlite_url: str, host: str) -> None:
    with desk_of(sqlite_url, hosts="c.example, d.example") as desk:
        assert httpx.get(f"{desk.address}/api/v1/session", headers={"Host": host}).status_code == 401


def test_large_bodies_are_not_read(sqlite_desk: Desk) -> None:
    browser = sqlite_desk.browser()
    told = browser.post("/session", content=b"x" * 70_000, headers={"Content-Type": "application/json"})
    assert (told.status_code, told.json()["error"]["code"]) == (413, "too_large")
    untold = browser.post(
        "/session", content=(b"x" * 1000 for _ in range(70)), headers={"Content-Type": "application/json"}
    )
    assert (untold.status_code, untold.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize("address", ["/api/v1/things/a%00b", "/api/v1/audit?alert=%00", "/%00"])
def test_null_characters_are_refused(sqlite_desk: Desk, address: str) -> None:
    assert httpx.get(sqlite_desk.address + address).status_code == 400


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad_request"),
        (b"", 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b'{"name":"vera"}', 422, "invalid"),
        (b'{"name":"vera","password":"x","more":1}', 422, "invalid"),
        (b'{"name":"vera","password":"' + b"x" * 1025 + b'"}', 422, "invalid"),
        (b'{"name":"\\ud800","password":"x"}', 422, "invalid"),
        (b'{"name":1e400,"password":"x"}', 422, "invalid"),
        (b"[" * 60_000, 400, "bad_request"),
        (b"\xff\xfe", 400, "bad_request"),
    ],
)
def test_wrong_bodies_are_refused_and_no_password_is_told_back(
    sqlite_desk: Desk, body: bytes, status: int, code: str
) -> None:
    response = sqlite_desk.browser().post("/session", content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert "xxx" not in response.text


def test_every_answer_has_the_headers_that_keep_a_browser_safe(sqlite_desk: Desk) -> None:
    browser = sqlite_desk.browser("anna")
    answers = [
        browser.get("/session"),
        browser.get("/none"),
        browser.put("/session"),
        browser.post("/me/password", json={}),
        browser.post("/things/"),
        browser.post("/things/one", headers={"Origin": EVIL}),
        httpx.get(f"{sqlite_desk.address}/healthz"),
        httpx.get(f"{sqlite_desk.address}/none"),
        httpx.get(f"{sqlite_desk.address}/", headers={"Host": "evil.example"}),
        httpx.get(f"{sqlite_desk.address}/openapi.json"),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 405, 422, 500, 403, 200, 404, 421, 200]
    for answer in answers:
        assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in answer.headers["permissions-policy"]
        assert "strict-transport-security" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers
        if answer.status_code >= 400:
            assert set(answer.json()) == {"error"}
            assert set(answer.json()["error"]) == {"code", "message"}
    assert {answer.headers.get("cache-control") for answer in answers[:6]} == {"no-store"}
    assert "secret" not in answers[4].text


def test_the_policy_lets_nothing_of_other_sites_run() -> None:
    rules = dict(rule.split(" ", 1) for rule in CONTENT_SECURITY_POLICY.split("; "))
    assert rules["default-src"] == "'none'"
    assert not re.search(r"unsafe|https?:|\*|blob:", CONTENT_SECURITY_POLICY)


def test_requests_that_are_not_quite_http_bring_nothing_down(sqlite_desk: Desk) -> None:
    host, port = sqlite_desk.address.removeprefix("http://").split(":")
    for header, value in (
        ("Content-Length", "-1"),
        ("Content-Length", "many"),
        ("Cookie", "breakwater_session=\xff;;=;"),
    ):
        connection = http.client.HTTPConnection(host, int(port))
        connection.putrequest("GET", "/api/v1/session")
        connection.putheader(header, value)
        connection.endheaders()
        assert connection.getresponse().status in {400, 401}
        connection.close()
    assert sqlite_desk.browser("vera").get("/session").status_code == 200
