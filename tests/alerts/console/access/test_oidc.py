"""Signing in by OpenID Connect, against a provider on loopback, good and bad."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import ECKey

from tests.alerts.console.access.desk import Browser, Clock, Desk, desk_of, execute
from tests.alerts.console.access.provider import ATTACKS, CLIENT, SECRET, Provider
from tests.alerts.console.serving import served

PUBLIC = "http://console.example"


@contextmanager
def opened(url: str, **settings: Any) -> Iterator[tuple[Desk, Provider]]:
    """A desk that trusts a provider."""
    clock = Clock()
    provider = Provider(clock)
    with served(provider.app) as issuer:
        provider.issuer = issuer
        one = {"issuer": issuer, "client_id": CLIENT, "client_secret": SECRET, "default_role": "viewer", **settings}
        with desk_of(url, public_url=PUBLIC, oidc={"sso": one, "other": {**one, "name": "Other"}}) as desk:
            provider.clock = desk.clock
            yield desk, provider


@pytest.fixture
def both(sqlite_url: str) -> Iterator[tuple[Desk, Provider]]:
    """A desk and its provider, over SQLite."""
    with opened(sqlite_url) as pair:
        yield pair


@pytest.fixture(scope="module")
def shared(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Provider]]:
    """A desk and its provider for all tests that leave nothing behind."""
    path = tmp_path_factory.mktemp("oidc") / "console.db"
    shutil.copy(sqlite_template, path)
    with opened(f"sqlite:///{path}") as pair:
        yield pair


def begin(browser: Browser, path: str = "/oidc/sso/login") -> str:
    """Go to the provider and come back; gives the path and query to come back with."""
    response = browser.get(path, headers={"Sec-Fetch-Site": "none"})
    assert response.status_code == 303
    with httpx.Client() as elsewhere:
        back = elsewhere.get(response.headers["location"]).headers["location"]
    assert back.startswith(f"{PUBLIC}/api/v1/oidc/")
    return back.removeprefix(f"{PUBLIC}/api/v1")


def come_back(browser: Browser, path: str) -> str:
    """Come back from the provider; gives where the browser is sent then."""
    response = browser.get(path, headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"})
    assert response.status_code == 303
    return response.headers["location"]


def who(browser: Browser) -> str | None:
    """As whom a browser is signed in."""
    response = browser.get("/session")
    return response.json()["user"]["name"] if response.is_success else None


def test_one_signs_in_with_a_provider_and_is_the_same_the_next_time(database_url: str) -> None:
    with opened(database_url) as (desk, provider):
        browser = desk.browser()
        assert browser.get("/session").json()["providers"] == [
            {"id": "sso", "name": "sso"},
            {"id": "other", "name": "Other"},
        ]
        assert come_back(browser, begin(browser)) == "/"
        first = browser.get("/session").json()["user"]
        assert (first["name"], first["role"]) == ("Olga", "viewer")
        provider.claims["preferred_username"] = "Another name"
        again = desk.browser()
        come_back(again, begin(again))
        assert again.get("/session").json()["user"] == first
        assert desk.actions()[-3:] == ["account_add", "sign_in", "sign_in"]


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_provider_did_not_say_to_us_now_and_for_this_is_not_believed(
    shared: tuple[Desk, Provider], attack: str
) -> None:
    desk, provider = shared
    browser = desk.browser()
    provider.attack, provider.claims["sub"] = attack, "whoever it attacks"
    assert come_back(browser, begin(browser)) == "/?sign_in=failed"
    provider.attack, provider.claims["sub"] = "", "s1"
    assert who(browser) is None
    assert desk.actions()[-1] == "sign_in_failed"
    assert execute(desk.url, "SELECT count(*) AS n FROM users WHERE subject = 'whoever it attacks'")[0].n == 0


def test_a_code_or_a_way_back_serves_once(shared: tuple[Desk, Provider]) -> None:
    desk, _ = shared
    browser = desk.browser()
    path = begin(browser)
    cookies = dict(browser.cookies)
    assert come_back(browser, path) == "/"
    thief = desk.browser()
    thief.cookies.update(cookies)
    assert come_back(thief, path) == "/?sign_in=failed"
    code = parse_qs(urlsplit(path).query)["code"][0]
    state = parse_qs(urlsplit(begin(thief)).query)["state"][0]
    assert come_back(thief, f"/oidc/sso/callback?code={code}&state={state}") == "/?sign_in=failed"
    assert who(thief) is None


def test_nobody_is_signed_in_as_who_sent_him_a_link(shared: tuple[Desk, Provider]) -> None:
    desk, _ = shared
    attacker, victim = desk.browser(), desk.browser()
    path = begin(attacker)
    assert come_back(victim, path) == "/?sign_in=failed"
    begin(victim)
    assert come_back(victim, begin(attacker)) == "/?sign_in=failed"
    assert who(victim) is None


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?code=x&state=x", "?error=access_denied&state=x"])
def test_a_way_back_that_nobody_went_is_none(shared: tuple[Desk, Provider], query: str) -> None:
    desk, _ = shared
    browser = desk.browser()
    begin(browser)
    before = desk.actions()
    assert come_back(browser, f"/oidc/sso/callback{query}") == "/?sign_in=failed"
    assert desk.actions() == before


def test_who_changes_his_mind_at_the_provider_is_told(shared: tuple[Desk, Provider]) -> None:
    desk, _ = shared
    browser = desk.browser()
    state = parse_qs(urlsplit(begin(browser)).query)["state"][0]
    assert come_back(browser, f"/oidc/sso/callback?error=access_denied&state={state}") == "/?sign_in=failed"


def test_the_answer_of_one_provider_is_not_taken_for_anothers(shared: tuple[Desk, Provider]) -> None:
    desk, _ = shared
    browser = desk.browser()
    path = begin(browser)
    assert come_back(browser, path.replace("/sso/", "/other/")) == "/?sign_in=failed"
    path = begin(browser)
    assert come_back(browser, path.partition("&iss=")[0] + "&iss=https://evil.example") == "/?sign_in=failed"


def test_the_way_takes_ten_minutes_at_most(both: tuple[Desk, Provider]) -> None:
    desk, _ = both
    browser = desk.browser()
    path = begin(browser)
    desk.clock.pass_s(601)
    assert come_back(browser, path) == "/?sign_in=failed"


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/alerts/one", "/alerts/one"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:x", "/"),
        ("/a\r\nset-cookie: x=y", "/"),
        ("/\t/evil.example", "/"),
        ("", "/"),
    ],
)
def test_one_comes_back_to_our_own_pages_alone(shared: tuple[Desk, Provider], asked: str, given: str) -> None:
    desk, _ = shared
    browser = desk.browser()
    query = str(httpx.QueryParams(back_to=asked))
    assert come_back(browser, begin(browser, f"/oidc/sso/login?{query}")) == given


def test_an_account_is_never_found_by_its_name(both: tuple[Desk, Provider]) -> None:
    desk, provider = both
    provider.claims |= {"preferred_username": "ADAM", "email": "adam@console.example", "email_verified": True}
    browser = desk.browser()
    come_back(browser, begin(browser))
    assert browser.get("/session").json()["user"]["role"] == "viewer"
    assert who(browser) == "ADAM (sso)"
    provider.claims["sub"] = "s2"
    come_back(browser, begin(browser))
    assert str(who(browser)).startswith("ADAM (sso ")


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", "a\u202eb\0c", " \n ", "x" * 5000, "\uff41\uff44\uff41\uff4d", 5, None, {"a": 1}],
)
def test_whatever_a_provider_calls_somebody_he_gets_a_name(both: tuple[Desk, Provider], name: object) -> None:
    desk, provider = both
    provider.claims["preferred_username"] = name
    browser = desk.browser()
    assert come_back(browser, begin(browser)) == "/"
    given = who(browser)
    assert given is not None
    assert given.isprintable()
    assert 0 < len(given) <= 64
    assert given != "adam"


def test_roles_follow_the_claim_and_who_has_none_stays_out(database_url: str) -> None:
    settings = {
        "role_claim": "realm.roles",
        "roles": {"leads": "admin", "desk": "analyst"},
        "default_role": "none",
    }
    with opened(database_url, **settings) as (desk, provider):
        browser = desk.browser()
        for claim in (None, {"roles": None}, {"roles": ["others", 5]}, {"roles": {"leads": 1}}, "leads"):
            provider.claims["realm"] = claim
            assert come_back(browser, begin(browser)) == "/?sign_in=no_role"
        provider.claims["realm"] = {"roles": ["desk", "leads"]}
        assert come_back(browser, begin(browser)) == "/"
        assert browser.get("/session").json()["user"]["role"] == "admin"
        provider.claims["realm"] = {"roles": "desk"}
        elsewhere = desk.browser()
        come_back(elsewhere, begin(elsewhere))
        assert browser.get("/session").json()["user"]["role"] == "analyst"
        provider.claims["realm"] = {"roles": []}
        assert come_back(elsewhere, begin(elsewhere)) == "/?sign_in=no_role"
        assert who(browser) is None


def test_who_is_disabled_here_stays_out_whatever_a_provider_says(both: tuple[Desk, Provider]) -> None:
    desk, _ = both
    browser, admin = desk.browser(), desk.browser("adam")
    come_back(browser, begin(browser))
    account = browser.get("/session").json()["user"]["id"]
    admin.patch(f"/users/{account}", json={"disabled": True})
    assert come_back(browser, begin(browser)) == "/?sign_in=closed"
    assert who(browser) is None


def test_keys_are_kept_and_asked_for_anew_when_one_is_not_among_them(both: tuple[Desk, Provider]) -> None:
    desk, provider = both
    browser = desk.browser()
    for _ in range(3):
        come_back(browser, begin(browser))
    assert provider.asked_for_keys == 1
    provider.keys = [ECKey.generate_key("P-256", {"kid": "two", "use": "sig"})]
    assert come_back(browser, begin(browser)) == "/?sign_in=failed"
    assert provider.asked_for_keys == 1
    desk.clock.pass_s(61)
    assert come_back(browser, begin(browser)) == "/"
    assert provider.asked_for_keys == 2


@pytest.mark.parametrize("attack", ["discovery_issuer", "unsafe_endpoint"])
def test_a_provider_that_is_not_who_it_should_be_is_not_gone_to(both: tuple[Desk, Provider], attack: str) -> None:
    desk, provider = both
    provider.attack = attack
    assert come_back(desk.browser(), "/oidc/sso/login") == "/?sign_in=away"


def test_a_provider_that_is_away_is_said_to_be(sqlite_url: str) -> None:
    one = {"issuer": "http://127.0.0.1:9", "client_id": CLIENT}
    with desk_of(sqlite_url, public_url=PUBLIC, oidc={"sso": one}) as desk:
        browser = desk.browser()
        assert come_back(browser, "/oidc/sso/login") == "/?sign_in=away"
        assert browser.get("/oidc/none/login").status_code == 404
        assert browser.get("/oidc/none/callback").status_code == 404
