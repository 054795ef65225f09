"""`zhanggui people`, `zhanggui proposals` and `--by`: whoever acts proves it by the own password, and what needs two waits."""

import asyncio
import io
from pathlib import Path
from typing import Any

import msgspec
import pytest

from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.errors import Misuse
from zhanggui.cli import operators, people, policy, proposals
from zhanggui.cli.console import EXIT_WAITS, Console
from zhanggui.cli.main import app
from zhanggui.programs.data_folder import Places
from zhanggui.programs.demo import MERCHANT_NO, make_demo
from zhanggui.programs.demo_people import DEMO_PASSWORD, PEOPLE, demo_people
from zhanggui.programs.settings import BySection, Settings
from zhanggui.vault import sealed

PASSPHRASE = "a passphrase for tests"


class Window(io.StringIO):
    """A console at which somebody sits."""

    def isatty(self) -> bool:
        return True


class Desk:
    """A data folder with demo data, and commands upon it; no host runs."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.settings = Settings(data=str(folder), passphrase=PASSPHRASE, lang="en")
        self._capsys = capsys
        asyncio.run(make_demo(self.settings, SystemClock(), SystemChance(), lambda step: None))
        self.folder = folder

    def whoever_has(self, password: str) -> Settings:
        return msgspec.structs.replace(self.settings, by=BySection(password=password))

    @property
    def known(self) -> Settings:
        return self.whoever_has(DEMO_PASSWORD)

    @property
    def told(self) -> Any:
        return msgspec.json.decode(self._capsys.readouterr().out)

    @property
    def notes(self) -> list[tuple[str, str, str]]:
        self._capsys.readouterr()
        operators.list_notes(self.settings, "", 50, as_json=True)
        return [(row["actor"], row["action"], row["subject"]) for row in self.told]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    monkeypatch.setattr(sealed, "SCRYPT_N", 1 << 10)
    folder = tmp_path / "data"
    folder.mkdir()
    return Desk(folder, capsys)


def test_demo_data_have_one_person_of_each_role_marked_as_such(desk: Desk) -> None:
    people.list_people(desk.settings, "", is_wide=False, as_json=True)
    rows = desk.told
    assert {(row["login"], row["role"]) for row in rows} == {(login, role) for login, _, role, _ in PEOPLE}
    assert all(row["is_demo"] and row["state"] == "active" for row in rows)
    assert {one.password for one in demo_people("zh")} == {DEMO_PASSWORD}


def test_a_person_acts_with_the_own_password_and_the_note_has_the_name(desk: Desk) -> None:
    operators.act(desk.known, "", "demo.owner", "01", "disabled", as_json=True)
    assert desk.notes == [("person:demo.owner", "disable_operator", "01")]


@pytest.mark.parametrize("by", ["demo.owner", "nobody", "00", "55"])
def test_by_alone_proves_nothing_whoever_it_is(desk: Desk, by: str) -> None:
    with pytest.raises(Misuse, match="name or password is wrong"):
        operators.act(desk.whoever_has("not the password"), "", by, "01", "disabled", as_json=True)
    with pytest.raises(Misuse, match="ZHANGGUI_BY_PASSWORD"):
        operators.act(desk.settings, "", by, "01", "disabled", as_json=True)
    assert [note for note in desk.notes if note[1] == "disable_operator"] == []


def test_wrong_tries_at_the_console_are_counted_as_everywhere(desk: Desk) -> None:
    for by in ("demo.owner", "00"):
        said = []
        for _ in range(4):
            with pytest.raises(Misuse) as refused:
                operators.act(desk.whoever_has("not the password"), "", by, "01", "disabled", as_json=True)
            said.append(str(refused.value))
        assert "name or password" in said[0]
        assert "name or password" not in said[3], "now one waits"


def test_a_password_may_come_from_a_file_or_a_prompt_and_from_no_argument(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "password"
    kept.write_text(f"{DEMO_PASSWORD}\n", encoding="utf-8")
    by_file = msgspec.structs.replace(desk.settings, by=BySection(password_file=str(kept)))
    Console(by_file, "", "demo.owner").prove()
    missing = msgspec.structs.replace(desk.settings, by=BySection(password_file=str(tmp_path / "none")))
    with pytest.raises(Misuse, match="can't read"):
        Console(missing, "", "demo.owner").prove()
    monkeypatch.setattr("sys.stdin", Window())
    monkeypatch.setattr("getpass.getpass", lambda *asked: DEMO_PASSWORD)
    Console(desk.settings, "", "demo.owner").prove()
    assert DEMO_PASSWORD not in repr(desk.known)


def test_what_needs_two_waits_until_another_person_confirms_it(desk: Desk) -> None:
    with pytest.raises(Misuse, match="say why"):
        policy.use(desk.known, "", "demo.owner", "strict", as_json=True)
    with pytest.raises(SystemExit) as waits:
        policy.use(desk.known, "", "demo.owner", "strict", "higher risk", as_json=True)
    assert waits.value.code == EXIT_WAITS
    policy.show(desk.settings, None, "", as_json=True)
    desk._capsys.readouterr()
    for by, refused in (
        ("demo.owner", "his or her own"),
        ("demo.manager", "may not do that"),
        ("demo.support", "may not do that"),
    ):
        with pytest.raises(Misuse, match=refused):
            proposals.decide(desk.known, "", by, "confirm", 1, of_acquirer=False, as_json=True)
    proposals.decide(desk.known, "", "demo.reviewer", "confirm", 1, of_acquirer=False, as_json=True)
    assert desk.told == {"proposal_no": 1, "done": "confirm"}
    policy.show(desk.settings, None, str(MERCHANT_NO), as_json=True)
    assert desk.told["profile"] == "strict"
    assert desk.notes[0] == ("person:demo.owner+person:demo.reviewer", "set_policy", "profile")
    with pytest.raises(Misuse, match="decided already"):
        proposals.decide(desk.known, "", "demo.reviewer", "decline", 1, of_acquirer=False, as_json=True)


def test_an_administrator_is_made_by_two_or_by_whoever_holds_the_folder(desk: Desk) -> None:
    with pytest.raises(SystemExit) as waits:
        people.invite(desk.known, "", "demo.admin", "chen", "陈", "admin", "", "a new colleague", as_json=True)
    assert waits.value.code == EXIT_WAITS
    desk._capsys.readouterr()
    with pytest.raises(Misuse, match="his or her own"):
        proposals.decide(desk.known, "", "demo.admin", "confirm", 1, of_acquirer=True, as_json=True)
    proposals.decide(desk.known, "", "demo.admin", "withdraw", 1, of_acquirer=True, as_json=True)
    desk._capsys.readouterr()
    people.first(desk.settings, "chen", "陈", as_json=True)
    told = desk.told
    assert told["link"].startswith("/invitation/")
    assert desk.notes[0] == ("console", "invite_person", "chen")


def test_people_are_invited_reset_and_given_roles_by_commands(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHANGGUI_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("ZHANGGUI_BY_PASSWORD", DEMO_PASSWORD)

    def run(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            app([*words, "--data", str(desk.folder), "--lang", "en"])
        return int(end.value.code or 0), capsys.readouterr().out

    assert (
        "/invitation/"
        in run("people", "invite", "sun.li", "孙丽", "manager", "--operator", "01", "--by", "demo.owner")[1]
    )
    rise = ("people", "role", "demo.manager", "owner", "--by")
    code, said = run(*rise, "demo.owner", "--reason", "a partner")
    assert (code, "Proposal 1 waits" in said) == (EXIT_WAITS, True)
    code, said = run("people", "reset", "demo.reviewer", "--by", "demo.admin", "--reason", "a lost phone")
    assert (code, "Proposal 1 waits" in said) == (EXIT_WAITS, True)
    assert "demo.manager is owner now" in run(*rise, "demo.admin")[1]
    assert run("people", "disable", "sun.li", "--by", "demo.owner")[0] == 0
    assert "/invitation/" in run("people", "enable", "sun.li", "--by", "demo.owner")[1]
    assert "/invitation/" in run("people", "reset", "sun.li", "--by", "demo.owner")[1]
    code, table = run("people", "list")
    assert code == 0
    assert "sun.li" in table
    code, said = run("policy", "set", "refund_limit_fen", "100", "--by", "demo.owner", "--reason", "theft")
    assert (code, "Proposal 2 waits" in said) == (EXIT_WAITS, True)
    assert "refund" in run("proposals", "list", "--wide")[1]
    assert run("proposals", "decline", "2", "--by", "demo.reviewer")[0] == 0
    assert "declined" in run("proposals", "list")[1]


def test_people_of_the_demo_open_nothing_on_data_that_are_no_demo(desk: Desk) -> None:
    Places(desk.folder).complete.write_text("made\n", encoding="utf-8")
    with pytest.raises(Misuse, match="name or password is wrong"):
        operators.act(desk.known, "", "demo.owner", "01", "disabled", as_json=True)


def test_who_may_see_the_operators_is_asked_of_whoever_acts(desk: Desk) -> None:
    operators.list_operators(desk.known, "", "demo.support", as_json=True)
    assert {row["operator_no"] for row in desk.told} == {"00", "01", "02", "99"}
    with pytest.raises(Misuse, match="may not do that"):
        operators.list_operators(desk.known, "", "demo.reviewer", as_json=True)
