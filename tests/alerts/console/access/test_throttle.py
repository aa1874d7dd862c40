"""Guessing passwords becomes slow, and nobody is kept out by others who guess."""

import threading

import httpx
import pytest

from tests.alerts.console.access.desk import PASSWORD, Browser, Desk, desk_of, execute

WRONG = "an altogether wrong one"


def from_address(desk: Desk, address: str) -> Browser:
    """A browser elsewhere: the app takes the word of the proxy before it for that."""
    browser = desk.browser()
    browser.headers["X-Forwarded-For"] = address
    return browser


def fail(browser: Browser, name: str, times: int) -> list[httpx.Response]:
    return [browser.sign_in(name, WRONG) for _ in range(times)]


def test_after_some_failures_one_waits_ever_longer(desk: Desk) -> None:
    browser = desk.browser()
    assert [response.status_code for response in fail(browser, "vera", 5)] == [401] * 5
    waits = []
    for _ in range(5):
        refused = browser.sign_in("vera")
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many")
        waits.append(int(refused.headers["retry-after"]))
        desk.clock.pass_s(waits[-1])
        assert browser.sign_in("vera", WRONG).status_code == 401
    assert waits == [1, 2, 4, 8, 16]


def test_the_longest_wait_is_a_quarter_of_an_hour_and_a_day_forgets(sqlite_desk: Desk) -> None:
    browser = sqlite_desk.browser()
    for _ in range(20):
        if (response := browser.sign_in("vera", WRONG)).status_code == 429:
            assert int(response.headers["retry-after"]) <= 900
            sqlite_desk.clock.pass_s(900)
    sqlite_desk.clock.pass_s(900)
    assert browser.sign_in("vera").status_code == 200
    fail(browser, "anna", 6)
    sqlite_desk.clock.pass_s(24 * 3600 + 1)
    assert [response.status_code for response in fail(browser, "anna", 5)] == [401] * 5


def test_an_attempt_that_comes_too_soon_makes_the_wait_no_longer(sqlite_desk: Desk) -> None:
    browser = sqlite_desk.browser()
    fail(browser, "vera", 5)
    for _ in range(10):
        assert browser.sign_in("vera").headers["retry-after"] == "1"
    sqlite_desk.clock.pass_s(1)
    assert browser.sign_in("vera").status_code == 200


@pytest.mark.parametrize("name", ["vera", "nobody of that name", "VERA", "a\u202eb", "\0", "x" * 256])
def test_nothing_tells_whether_a_name_exists(sqlite_desk: Desk, name: str) -> None:
    browser = sqlite_desk.browser()
    responses = fail(browser, name, 7)
    assert [response.status_code for response in responses] == [401] * 5 + [429] * 2
    assert responses[0].json() == {"error": {"code": "sign_in_failed", "message": "Name or password is wrong."}}
    assert responses[6].json()["error"]["message"] == "Too many attempts; wait 1 s."


def test_who_tries_many_names_from_one_address_waits_too(sqlite_desk: Desk) -> None:
    browser = sqlite_desk.browser()
    statuses = [browser.sign_in(f"name {number}", WRONG).status_code for number in range(25)]
    assert statuses == [401] * 20 + [429] * 5


def test_many_at_once_are_no_more_than_one_after_the_other(sqlite_desk: Desk) -> None:
    statuses: list[int] = []

    def attempt() -> None:
        with Browser(sqlite_desk.address) as browser:
            statuses.append(browser.sign_in("vera", WRONG).status_code)

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [401] * 5 + [429] * 15


def test_many_addresses_that_guess_one_name_are_slowed_down_but_its_owner_comes_in(sqlite_url: str) -> None:
    with desk_of(sqlite_url, proxies="127.0.0.1") as desk:
        owner = from_address(desk, "192.0.2.1")
        assert owner.sign_in("vera").status_code == 200
        statuses = [
            from_address(desk, f"198.51.100.{number}").sign_in("vera", WRONG).status_code for number in range(20)
        ]
        assert statuses == [401] * 10 + [429] * 10
        assert from_address(desk, "203.0.113.1").sign_in("vera").status_code == 429
        assert owner.sign_in("vera").status_code == 200
        desk.clock.pass_s(60)
        assert from_address(desk, "203.0.113.1").sign_in("vera").status_code == 200


def test_of_ipv6_a_whole_network_is_one_address(sqlite_url: str) -> None:
    with desk_of(sqlite_url, proxies="127.0.0.0/8") as desk:
        statuses = [
            from_address(desk, f"2001:db8::{number:x}").sign_in("vera", WRONG).status_code for number in range(1, 9)
        ]
        assert statuses == [401] * 5 + [429] * 3


def test_nobody_makes_up_where_he_comes_from(sqlite_url: str) -> None:
    with desk_of(sqlite_url) as desk:
        statuses = [from_address(desk, f"192.0.2.{n}").sign_in("vera", WRONG).status_code for n in range(8)]
        assert statuses == [401] * 5 + [429] * 3


def test_of_what_a_client_makes_up_before_his_proxy_nothing_counts(sqlite_url: str) -> None:
    with desk_of(sqlite_url, proxies="127.0.0.1, 10.0.0.0/8") as desk:
        statuses = [
            from_address(desk, f"192.0.2.{n}, 198.51.100.1, 10.1.1.{n}").sign_in("vera", WRONG).status_code
            for n in range(8)
        ]
        assert statuses == [401] * 5 + [429] * 3


@pytest.mark.parametrize("told", ["198.51.100.1:{}", "nonsense {}", ",,{},", "{}, 198.51.100.1", "[2001:db8::1]:{}"])
def test_no_way_of_writing_an_address_makes_it_another(sqlite_url: str, told: str) -> None:
    with desk_of(sqlite_url, proxies="127.0.0.1") as desk:
        statuses = [from_address(desk, told.format(n)).sign_in("vera", WRONG).status_code for n in range(1000, 1007)]
        assert statuses == [401] * 5 + [429] * 2


def test_a_restart_forgets_nothing(sqlite_url: str) -> None:
    with desk_of(sqlite_url) as desk:
        fail(desk.browser(), "vera", 5)
        rows = execute(sqlite_url, "SELECT failures FROM login_attempts")
        assert sorted(row.failures for row in rows) == [5, 5, 5]


def test_the_current_password_is_not_to_be_guessed_from_a_session_left_open(sqlite_desk: Desk) -> None:
    browser = sqlite_desk.browser("vera")
    body = {"current": WRONG, "new": "an altogether different one"}
    statuses = [browser.post("/me/password", json=body).status_code for _ in range(6)]
    assert statuses == [403] * 5 + [429]
    assert sqlite_desk.browser().sign_in("vera", PASSWORD).status_code == 200
