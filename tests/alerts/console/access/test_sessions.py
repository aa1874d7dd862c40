"""Signing in and out, and what a session lets one do."""

import httpx
import pytest

from tests.alerts.console.access.desk import PASSWORD, Desk, desk_of, execute


def test_one_signs_in_is_who_one_is_and_signs_out(desk: Desk) -> None:
    browser = desk.browser()
    without = browser.get("/session")
    assert (without.status_code, without.json()["error"]["code"]) == (401, "unauthenticated")
    assert without.json()["local"] is True
    assert without.json()["providers"] == []
    signed_in = browser.sign_in("Vera")
    assert signed_in.json()["user"]["name"] == "vera"
    assert browser.get("/session").json() == signed_in.json()
    assert browser.get("/things/one").json() == "vera"
    assert browser.delete("/session").status_code == 204
    assert browser.get("/things/one").status_code == 401
    assert desk.actions()[-3:] == ["sign_in", "view", "sign_out"]


def test_the_cookie_is_out_of_reach_and_its_token_nowhere_in_the_database(desk: Desk) -> None:
    browser = desk.browser()
    cookie = browser.sign_in("vera").headers["set-cookie"]
    assert cookie.startswith("breakwater_session=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    token, csrf = browser.cookies["breakwater_session"], browser.headers["x-csrf-token"]
    assert len(token) == 43
    kept = str(execute(desk.url, "SELECT * FROM sessions"))
    assert token not in kept
    assert csrf not in kept


def test_by_https_the_cookie_is_sent_by_https_alone(sqlite_url: str) -> None:
    with desk_of(sqlite_url, public_url="https://console.example", hosts="127.0.0.1") as desk:
        response = desk.browser().sign_in("vera")
        assert response.headers["set-cookie"].startswith("__Host-breakwater_session=")
        assert "Secure" in response.headers["set-cookie"].split("; ")
        assert response.headers["strict-transport-security"].startswith("max-age=")


def test_signing_in_again_ends_the_session_before(desk: Desk) -> None:
    browser = desk.browser("vera")
    old = browser.cookies["breakwater_session"]
    browser.sign_in("anna")
    assert browser.get("/session").json()["user"]["name"] == "anna"
    with httpx.Client(cookies={"breakwater_session": old}) as thief:
        assert thief.get(f"{desk.address}/api/v1/session").status_code == 401


def test_a_token_that_somebody_else_chose_is_never_taken_over(sqlite_desk: Desk) -> None:
    browser = sqlite_desk.browser()
    browser.cookies["breakwater_session"] = "A" * 43
    response = browser.sign_in("vera")
    assert "A" * 43 not in response.headers["set-cookie"]


def test_sessions_end_when_nothing_comes_and_after_their_life_in_any_case(sqlite_url: str) -> None:
    with desk_of(sqlite_url, session_idle_s=600, session_life_s=3600) as desk:
        idle, busy = desk.browser("vera"), desk.browser("vera")
        for _ in range(7):
            desk.clock.pass_s(500)
            assert busy.get("/session").status_code == 200
        assert idle.get("/session").status_code == 401
        desk.clock.pass_s(200)
        assert busy.get("/session").status_code == 401


def test_who_is_disabled_is_out_at_once_and_stays_out(desk: Desk) -> None:
    admin, browser = desk.browser("adam"), desk.browser("vera")
    account = browser.get("/session").json()["user"]["id"]
    assert admin.patch(f"/users/{account}", json={"disabled": True}).json()["disabled"] is True
    assert browser.get("/things/one").status_code == 401
    assert browser.sign_in("vera").status_code == 401
    assert admin.patch(f"/users/{account}", json={"disabled": False}).status_code == 200
    assert browser.get("/things/one").status_code == 401
    assert browser.sign_in("vera").status_code == 200


def test_a_role_counts_from_the_moment_it_is_given(desk: Desk) -> None:
    admin, browser = desk.browser("adam"), desk.browser("vera")
    assert browser.post("/things/one").status_code == 403
    account = browser.get("/session").json()["user"]["id"]
    admin.patch(f"/users/{account}", json={"role": "analyst"})
    assert browser.post("/things/one").status_code == 200
    admin.patch(f"/users/{account}", json={"role": "viewer"})
    assert browser.post("/things/one").status_code == 403


def test_a_new_password_ends_ones_other_sessions(desk: Desk) -> None:
    here, there = desk.browser("vera"), desk.browser("vera")
    new = "an altogether different one"
    wrong = here.post("/me/password", json={"current": "not it at all", "new": new})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (403, "sign_in_failed")
    assert here.post("/me/password", json={"current": PASSWORD, "new": new}).status_code == 204
    assert here.get("/session").status_code == 200
    assert there.get("/session").status_code == 401
    assert there.sign_in("vera").status_code == 401
    assert there.sign_in("vera", new).status_code == 200


@pytest.mark.parametrize("new", ["short", "eleven char", "aaaaaaaaaaaaaaaaaaaaaaaa", "verav era vera"])
def test_weak_passwords_are_not_taken(sqlite_desk: Desk, new: str) -> None:
    response = sqlite_desk.browser("vera").post("/me/password", json={"current": PASSWORD, "new": new})
    assert (response.status_code, response.json()["error"]["code"]) == (422, "weak_password")


def test_preferences_are_kept(desk: Desk) -> None:
    browser = desk.browser("vera")
    assert browser.put("/me/preferences", json={"locale": "zh-Hans", "blur": True}).status_code == 200
    assert browser.put("/me/preferences", json={"locale": "xx"}).status_code == 422
    kept = {"locale": "zh-Hans", "theme": None, "blur": True}
    assert desk.browser("vera").get("/session").json()["preferences"] == kept
