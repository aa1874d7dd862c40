"""Accounts and the audit log from the command line."""

import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.alerts.console.access.desk import PASSWORD, desk_of, execute

PROGRAM = Path(sys.executable).with_name("breakwater")


def command(*words: str, url: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run the part of the program that is about accounts and the log."""
    return subprocess.run(
        [PROGRAM, "console", *words, "--database", url],
        check=False,
        capture_output=True,
        text=True,
        input=typed,
        timeout=120,
    )


def test_the_first_administrator_is_made_from_the_command_line_and_comes_in(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    weak = command("users", "add", "Olga", "--password-stdin", url=url, typed="too short\n")
    assert (weak.returncode, weak.stderr) == (1, "breakwater: A password has 12 to 1024 characters.\n")
    added = command("users", "add", "Olga", "--role", "admin", "--password-stdin", url=url, typed=f"{PASSWORD}\n")
    assert (added.returncode, added.stdout) == (0, "Olga: added as admin\n")
    assert PASSWORD not in str(execute(url, "SELECT * FROM users"))
    last = command("users", "disable", "olga", url=url)
    assert last.returncode == 1
    assert "last administrator" in last.stderr
    with desk_of(url) as desk:
        assert desk.browser().sign_in("olga").status_code == 200


def test_who_is_disabled_or_given_a_password_from_the_command_line_is_out_at_once(sqlite_url: str) -> None:
    with desk_of(sqlite_url) as desk:
        vera, anna = desk.browser("vera"), desk.browser("anna")
        assert command("users", "disable", "vera", url=sqlite_url).returncode == 0
        assert vera.get("/session").status_code == 401
        typed = "quite another password\n"
        assert command("users", "password", "anna", "--password-stdin", url=sqlite_url, typed=typed).returncode == 0
        assert anna.get("/session").status_code == 401
        assert anna.sign_in("anna", typed.strip()).status_code == 200
        told = orjson.loads(command("users", "list", "--json", url=sqlite_url).stdout)["users"]
        assert {one["name"]: one["disabled"] for one in told} == {"adam": False, "anna": False, "vera": True}
        assert "password" not in told[0]


def test_the_log_is_looked_through_and_what_was_noted_is_looked_for(sqlite_url: str) -> None:
    with desk_of(sqlite_url) as desk:
        desk.browser("vera")
    whole = command("audit", "verify", url=sqlite_url)
    assert whole.returncode == 0
    noted = whole.stdout.split()[-1]
    assert command("audit", "verify", "--expect", noted, url=sqlite_url).returncode == 0
    assert command("audit", "verify", "--expect", "1:" + "0" * 64, url=sqlite_url).returncode == 1
    assert command("audit", "verify", "--expect", "nonsense", url=sqlite_url).returncode == 2
    execute(sqlite_url, "DROP TRIGGER audit_no_update", "UPDATE audit SET name = 'eve' WHERE seq = 4")
    broken = command("audit", "verify", "--json", url=sqlite_url)
    assert broken.returncode == 1
    assert orjson.loads(broken.stdout)["broken_at"] == 4


@pytest.mark.parametrize("url", ["nonsense", "sqlite:////nowhere/at/all.db", "postgresql://127.0.0.1:9/none"])
def test_a_database_that_cannot_be_used_is_said_in_a_sentence(url: str) -> None:
    failed = command("audit", "verify", url=url)
    assert failed.returncode == 1
    assert failed.stderr.startswith("breakwater: The console's database ")
    assert "Traceback" not in failed.stderr
