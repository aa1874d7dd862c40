"""Accounts: who may manage them, what they may be, and that somebody always can."""

import threading

import pytest
from argon2 import PasswordHasher

from alerts.console.access.managing import Management
from alerts.console.access.passwords import Passwords
from alerts.console.database import Database
from alerts.console.roles import Role
from tests.alerts.console.access.desk import PASSWORD, QUICK, Desk, execute, run


def ids(desk: Desk) -> dict[str, str]:
    return {row.name: row.id for row in execute(desk.url, "SELECT name, id FROM users")}


def test_an_administrator_adds_changes_and_disables_accounts(desk: Desk) -> None:
    admin = desk.browser("adam")
    added = admin.post("/users", json={"name": "  Bea ", "role": "viewer", "password": PASSWORD})
    assert added.status_code == 201
    account = added.json()
    assert (account["name"], account["role"], account["disabled"], account["local"]) == ("Bea", "viewer", False, True)
    bea = desk.browser("BEA")
    assert admin.patch(f"/users/{account['id']}", json={"name": "Bee", "role": "analyst"}).json()["name"] == "Bee"
    assert bea.get("/session").json()["user"] == {"id": account["id"], "name": "Bee", "role": "analyst"}
    assert admin.patch(f"/users/{account['id']}", json={"password": "given by the administrator"}).status_code == 200
    assert bea.get("/session").status_code == 401
    assert bea.sign_in("bee", "given by the administrator").status_code == 200
    assert [one["name"] for one in admin.get("/users").json()["users"]] == ["adam", "anna", "Bee", "vera"]
    assert [one["name"] for one in desk.browser("vera").get("/people").json()] == ["adam", "anna", "Bee"]
    assert desk.actions().count("account_change") == 1
    assert desk.actions().count("password") == 1


@pytest.mark.parametrize("name", ["ADAM", " adam ", "\uff41\uff44\uff41\uff4d", "Adam"])
def test_names_that_look_the_same_are_the_same(sqlite_desk: Desk, name: str) -> None:
    admin = sqlite_desk.browser("adam")
    response = admin.post("/users", json={"name": name, "role": "viewer", "password": PASSWORD})
    assert (response.status_code, response.json()["error"]["code"]) == (409, "name_taken")
    response = admin.patch(f"/users/{ids(sqlite_desk)['vera']}", json={"name": name})
    assert (response.status_code, response.json()["error"]["code"]) == (409, "name_taken")


@pytest.mark.parametrize("name", ["", " ", "a\u202eb", "a\nb", "a\0b", "x" * 65, "\u200b"])
def test_names_that_cannot_be_seen_are_none(sqlite_desk: Desk, name: str) -> None:
    admin = sqlite_desk.browser("adam")
    assert admin.post("/users", json={"name": name, "role": "viewer", "password": PASSWORD}).status_code == 422


def test_accounts_that_are_not_there_are_not_changed(sqlite_desk: Desk) -> None:
    response = sqlite_desk.browser("adam").patch("/users/none", json={"role": "admin"})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": "viewer"}, {"role": "analyst", "name": "x"}])
def test_the_last_administrator_stays_one(desk: Desk, change: dict[str, object]) -> None:
    admin, own = desk.browser("adam"), f"/users/{ids(desk)['adam']}"
    response = admin.patch(own, json=change)
    assert (response.status_code, response.json()["error"]["code"]) == (409, "last_admin")
    admin.patch(f"/users/{ids(desk)['anna']}", json={"role": "admin"})
    assert admin.patch(own, json=change).status_code == 200


def test_two_administrators_who_depose_each_other_at_once_do_not_both_go(desk: Desk) -> None:
    accounts = ids(desk)
    adam = desk.browser("adam")
    for _ in range(5):
        adam.patch(f"/users/{accounts['anna']}", json={"role": "admin"})
        anna = desk.browser("anna")
        statuses: list[int] = []

        def depose(browser: object, other: str, statuses: list[int] = statuses) -> None:
            response = browser.patch(f"/users/{accounts[other]}", json={"role": "viewer"})  # type: ignore[attr-defined]
            statuses.append(response.status_code)

        threads = [threading.Thread(target=depose, args=pair) for pair in ((adam, "anna"), (anna, "adam"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        admins = execute(desk.url, "SELECT id FROM users WHERE role = 'admin'")
        assert len(admins) == 1
        assert set(statuses) <= {200, 403, 409}
        execute(desk.url, f"UPDATE users SET role = 'admin' WHERE id = '{accounts['adam']}'")  # noqa: S608


def test_a_hash_made_in_an_older_way_is_made_anew_at_the_next_sign_in(sqlite_desk: Desk) -> None:
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    execute(sqlite_desk.url, f"UPDATE users SET password = '{old}' WHERE name = 'vera'")  # noqa: S608
    sqlite_desk.browser("vera")
    kept = execute(sqlite_desk.url, "SELECT password FROM users WHERE name = 'vera'")[0].password
    assert not QUICK.check_needs_rehash(kept)
    sqlite_desk.browser("vera")


def test_hashes_are_argon2id_and_a_broken_one_lets_nobody_in(sqlite_desk: Desk) -> None:
    assert Passwords()._hasher.hash(PASSWORD).startswith("$argon2id$")
    execute(sqlite_desk.url, "UPDATE users SET password = 'broken' WHERE name = 'vera'")
    assert sqlite_desk.browser().sign_in("vera", "broken and long enough").status_code == 401


def test_a_password_is_the_same_however_a_keyboard_makes_it(sqlite_desk: Desk) -> None:
    admin = sqlite_desk.browser("adam")
    admin.post("/users", json={"name": "Zoë", "role": "viewer", "password": "café au lait au café"})
    assert sqlite_desk.browser().sign_in("Zoe\u0308", "cafe\u0301 au lait au cafe\u0301").status_code == 200


def test_a_link_signs_in_once_and_not_for_long(desk: Desk) -> None:
    async def make(database: Database) -> list[str]:
        management = Management(database)
        return [await management.link("demo", Role.ADMIN) for _ in range(2)]

    used, late = run(desk.url, make)
    assert used not in str(execute(desk.url, "SELECT * FROM links"))
    browser = desk.browser()
    assert browser.post("/session/link", json={"token": "A" * 43}).status_code == 401
    response = browser.post("/session/link", json={"token": used})
    assert response.json()["user"]["name"] == "demo"
    assert browser.get("/session").status_code == 200
    assert desk.browser().post("/session/link", json={"token": used}).status_code == 401
    execute(desk.url, f"UPDATE links SET expires_at = {desk.clock.ms}")  # noqa: S608
    assert desk.browser().post("/session/link", json={"token": late}).status_code == 401
    assert desk.browser().sign_in("demo", "").status_code == 401
