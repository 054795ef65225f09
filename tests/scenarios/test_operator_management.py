"""`zhanggui operators`, `terminals` and `policy` beside a running host: what is managed at the console counts at the next message."""

import base64
import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from tests.worlds.floor import PASSPHRASE, PASSWORDS, Floor, Shop, TestClock, make_data
from tests.worlds.raw_files import raw

from zhanggui.acquirer.rows.records import AuditNote
from zhanggui.basics.clock import SystemClock, format_iso
from zhanggui.basics.errors import Misuse
from zhanggui.basics.numbers import UnixMs
from zhanggui.cli import audit, operators, policy, terminals
from zhanggui.cup.operator_tags import Tag
from zhanggui.programs.data_folder import Places
from zhanggui.programs.settings import BySection, Settings
from zhanggui.vault.one_time_code import STEP_S, hotp

ROOT = Path(__file__).parents[2]
WANG = PASSWORDS["01"]
OWN = "946108"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """A host of this module's own, whose clock begins now: commands go by the true time."""
    folder = tmp_path_factory.mktemp("managed")
    make_data(folder)
    clock = TestClock()
    clock.at = SystemClock().now()
    floor = Floor(folder, clock).start()
    yield floor
    floor.stop()


@pytest.fixture
def shop(running: Floor) -> Iterator[Shop]:
    """A shop of this test's own."""
    running.clock.at = SystemClock().now()
    opened = running.shop()
    yield opened
    opened.hang_up()


class Commands:
    """Commands over a shop, in this process, with `--json`."""

    def __init__(self, shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
        self.settings = Settings(data=str(shop.floor.folder), passphrase=PASSPHRASE)
        self.merchant = str(shop.merchant_no)
        self._capsys = capsys

    def told(self, command: Callable[..., None], *arguments: object, **options: object) -> Any:
        """Run a command; the answer is what it printed."""
        self._capsys.readouterr()
        command(self.settings, *arguments, as_json=True, **options)
        printed = self._capsys.readouterr()
        assert printed.err == ""
        return msgspec.json.decode(printed.out)

    def manage(self, command: Callable[..., None], *arguments: object, by: str = "", **options: object) -> Any:
        """Run a command that acts on the shop; whoever acts gives the own password."""
        before, password = self.settings, PASSWORDS.get(by, "000000")
        self.settings = msgspec.structs.replace(before, by=BySection(password=password if by else ""))
        try:
            return self.told(command, self.merchant, by, *arguments, **options)
        finally:
            self.settings = before


@pytest.fixture
def commands(shop: Shop, capsys: pytest.CaptureFixture[str]) -> Commands:
    """Commands over the shop."""
    return Commands(shop, capsys)


def test_a_first_password_opens_its_change_and_then_the_own_one_opens_the_till(shop: Shop, commands: Commands) -> None:
    at = shop.terminals[0]
    assert at.sign_in("01", WANG).code == "00"
    first = commands.manage(operators.reset, "01")
    assert first["operator_no"] == "01"
    assert len(first["first_password"]) == 4

    assert at.sell("01").code == "77", "the reset ended the session"
    assert at.verify("01", WANG).code == "P1"
    verified = at.verify("01", first["first_password"])
    assert (verified.code, verified[Tag.NEEDS]) == ("00", "new_password")
    assert at.confirm("01", verified[Tag.RECORD_NO]).code == "P4"
    assert at.change_password("01", first["first_password"], OWN, verified[Tag.RECORD_NO]).code == "00"
    assert at.confirm("01", verified[Tag.RECORD_NO]).code == "00"
    assert at.sell("01").code == "00"
    assert at.sign_out("01").code == "00"
    assert at.verify("01", first["first_password"]).code == "P1"
    assert at.sign_in("01", OWN).code == "00"


def test_a_first_password_is_worth_nothing_once_its_time_is_over(shop: Shop, commands: Commands) -> None:
    first = commands.manage(operators.reset, "01")["first_password"]
    shop.clock.advance(hours=25)
    late = shop.terminals[0].verify("01", first)
    assert (late.code, late[Tag.REASON]) == ("P4", "initial_secret_expired")
    assert shop.terminals[0].change_password("01", first, OWN).code == "P4"


def test_somebody_new_is_added_and_signs_in(shop: Shop, commands: Commands) -> None:
    added = commands.manage(operators.add, "5", "李梅", "limei", by="00")
    assert (added["operator_no"], added["role"]) == ("05", "cashier")
    at = shop.terminals[0]
    assert at.change_password("05", added["first_password"], OWN).code == "00"
    assert at.sign_in("05", OWN).code == "00"
    (row,) = [row for row in commands.told(operators.list_operators, commands.merchant) if row["operator_no"] == "05"]
    assert (row["name"], row["user_name"], row["password"]) == ("李梅", "limei", "own")
    assert row["signed_in_at"] == [at.terminal_no]


def test_who_is_disabled_on_duty_sells_nothing_more(shop: Shop, commands: Commands) -> None:
    at = shop.terminals[0]
    assert at.sign_in("01", WANG).code == "00"
    assert at.sell("01").code == "00"
    commands.manage(operators.act, "01", "disabled")
    assert at.sell("01").code == "77"
    assert at.heartbeat("01")[Tag.ORDERS] == "sign_in"
    assert at.verify("01", WANG).code == "P2"
    commands.manage(operators.act, "01", "enabled")
    assert at.sign_in("01", WANG).code == "00"


def test_a_remote_sign_out_reaches_the_terminal_with_its_next_message(shop: Shop, commands: Commands) -> None:
    first, second = shop.terminals
    assert first.sign_in("01", WANG).code == "00"
    done = commands.manage(operators.act, "01", "signed_out", by="00")
    assert done["ended_at"] == [first.terminal_no], "what ended is named"
    assert first.heartbeat("01")[Tag.ORDERS] == "sign_in"
    assert second.sign_in("01", WANG).code == "00"
    assert [record.reason for record in shop.records] == ["signed_out_by:console:00", ""]


def test_locks_of_person_and_device_are_undone(shop: Shop, commands: Commands) -> None:
    first, second = shop.terminals
    for _ in range(3):
        assert first.verify("01", "0001").code == "P1"
    assert first.verify("01", WANG).code == "P1", "it must wait"
    commands.manage(operators.act, "01", "unlocked")
    assert first.verify("01", WANG).code == "00"
    for number in ("41", "42", "43", "44"):
        second.verify(number, "0001")
    assert second.verify("01", WANG).code == "P3"
    locked = {
        row["terminal_no"]: row["locked_until"] for row in commands.told(terminals.list_terminals, commands.merchant)
    }
    assert locked[first.terminal_no] is None
    assert locked[second.terminal_no] is not None
    commands.manage(terminals.unlock, second.terminal_no)
    assert second.verify("01", WANG).code == "00"


def test_an_enrolled_code_signs_in(shop: Shop, commands: Commands) -> None:
    assert commands.manage(policy.set_rule, "sign_in_code", "totp")["overridden"] is True
    told = commands.manage(operators.enrol_code, "01")
    parts = urlsplit(told["otpauth_uri"])
    said = {name: value for name, (value,) in parse_qs(parts.query).items()}
    assert (parts.scheme, parts.netloc, said["digits"], said["period"]) == ("otpauth", "totp", "6", "30")
    secret = base64.b32decode(said["secret"] + "=" * (-len(said["secret"]) % 8))
    assert len(secret) * 8 >= 160
    code = hotp(secret, shop.clock.now() // 1000 // STEP_S, 6)
    at = shop.terminals[0]
    verified = at.verify("01", WANG)
    assert verified[Tag.NEEDS] == "code"
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert at.confirm("01", verified[Tag.RECORD_NO], {Tag.SIGN_IN_CODE: wrong}).code == "P5"
    assert at.confirm("01", verified[Tag.RECORD_NO], {Tag.SIGN_IN_CODE: code}).code == "00"


def test_the_code_of_the_shift_signs_in(shop: Shop, commands: Commands) -> None:
    commands.manage(policy.set_rule, "sign_in_code", "shift")
    code = commands.manage(operators.set_shift_code)["shift_code"]
    assert shop.terminals[0].sign_in("01", WANG, {Tag.SIGN_IN_CODE: code}).code == "00"
    assert shop.terminals[1].sign_in("02", PASSWORDS["02"]).code == "P5"


def test_the_code_of_the_next_shift_is_set_ahead_and_opens_nothing_before(shop: Shop, commands: Commands) -> None:
    commands.manage(policy.set_rule, "sign_in_code", "shift")
    first = commands.manage(operators.set_shift_code, hours=2)
    begins = format_iso(UnixMs(shop.clock.now() + 2 * 3_600_000))[:16]
    later = commands.manage(operators.set_shift_code, begins=begins, hours=2)
    # Commands go by the true time: where a minute began since the host's clock was set, the first code would not be good yet.
    shop.clock.at = SystemClock().now()
    assert (first["number"], later["number"]) == (1, 2)
    at = shop.terminals[0]
    early = at.sign_in("01", WANG, {Tag.SIGN_IN_CODE: later["shift_code"]})
    assert (early.code, early[Tag.REASON]) == ("P5", "code_of_another_shift")
    assert at.sign_in("01", WANG, {Tag.SIGN_IN_CODE: first["shift_code"]}).code == "00"
    assert [one.shift_code_no for one in shop.records if one.state == "active"] == [1]


def test_a_policy_that_is_set_counts_at_the_next_sign_in(shop: Shop, commands: Commands) -> None:
    at = shop.terminals[0]
    assert "idle_lock_s=300" in at.verify("01", WANG)[Tag.RULES]
    commands.manage(policy.set_rule, "idle_lock_s", "120", by="99")
    assert "idle_lock_s=120" in at.verify("01", WANG)[Tag.RULES]
    used = commands.manage(policy.use, "nist")
    assert (used["profile"], used["overrides"]) == ("nist", {"idle_lock_s": 120})
    rules = at.verify("01", WANG)[Tag.RULES]
    assert "idle_lock_s=120" in rules
    assert "offline=0" in rules
    report = commands.told(policy.show, None, commands.merchant)
    assert report["profile"] == "nist"
    assert [row["rule"] for row in report["rules"] if row["overridden"]] == ["idle_lock_s"]


def test_acts_on_behalf_of_somebody_have_that_persons_rights(shop: Shop, commands: Commands) -> None:
    before = commands.told(operators.list_operators, commands.merchant)
    assert [commands.manage(operators.list_operators, by=by) for by in ("00", "99")] == [before] * 2
    for by, command, arguments in (
        ("01", operators.list_operators, ()),
        ("77", operators.list_operators, ()),
        ("01", operators.reset, ("02",)),
        ("00", operators.reset, ("00",)),
        ("99", operators.reset, ("01",)),
        ("00", policy.set_rule, ("idle_lock_s", "120")),
        ("77", operators.reset, ("01",)),
    ):
        with pytest.raises(Misuse, match="name or password is wrong|登录名或密码不对" if by == "77" else "--by"):
            commands.manage(command, *arguments, by=by)
    assert commands.told(operators.list_operators, commands.merchant) == before
    assert shop.rows(AuditNote) == []


def test_every_act_leaves_a_note_that_can_be_proven_and_no_secret_leaves_the_screen(
    shop: Shop, commands: Commands, capsys: pytest.CaptureFixture[str]
) -> None:
    commands.manage(policy.set_rule, "password_digits_min", "12")
    secrets = [
        commands.manage(operators.reset, "01")["first_password"],
        commands.manage(operators.add, "06", "周平", "")["first_password"],
        parse_qs(urlsplit(commands.manage(operators.enrol_code, "01")["otpauth_uri"]).query)["secret"][0],
    ]
    assert [len(secret) for secret in secrets[:2]] == [12, 12]
    at = shop.terminals[0]
    assert at.verify("01", secrets[0]).code == "00"
    noted = commands.told(operators.list_notes, commands.merchant, 50)
    assert [(note["action"], note["subject"]) for note in noted] == [
        ("enrol_code", "01"),
        ("add_operator", "06"),
        ("reset_password", "01"),
        ("set_policy", "password_digits_min"),
    ]
    capsys.readouterr()
    # The clocks of other shops' tests ran ahead of the checkpoints; this shop's did not.
    with contextlib.suppress(SystemExit):
        audit.verify(commands.settings, export=None, anchor=None, as_json=True)
    found = msgspec.json.decode(capsys.readouterr().out)
    assert [problem for problem in found["problems"] if problem["merchant_no"] == commands.merchant] == []
    assert next(row["links"] for row in found["chains"] if row["merchant_no"] == commands.merchant) >= len(noted)
    files = [file for file in Places(shop.floor.folder).host_database.parent.iterdir() if file.is_file()]
    assert any(file.name.endswith("-wal") for file in files)
    for file in files:
        held = raw(file)
        assert not any(secret.encode() in held for secret in secrets), file.name


def test_the_program_prints_a_secret_once_on_standard_output_and_tells_refusals_on_the_other(shop: Shop) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHANGGUI_")}
        return subprocess.run(
            [
                sys.executable,
                "-c",
                "from zhanggui.cli.main import main; main()",
                *words,
                "--data",
                str(shop.floor.folder),
                "--merchant",
                str(shop.merchant_no),
            ],
            env={**kept, "PYTHONPATH": str(ROOT / "src"), "ZHANGGUI_PASSPHRASE": PASSPHRASE, "PYTHONUTF8": "1"},
            capture_output=True,
            check=False,
            encoding="utf-8",
        )

    reset = run("operators", "reset", "01", "--json")
    assert (reset.returncode, reset.stderr) == (0, "")
    password = msgspec.json.decode(reset.stdout)["first_password"]
    assert reset.stdout.count(password) == 1
    assert shop.terminals[0].verify("01", password).code == "00"
    refused = run("operators", "enable", "01", "--lang", "en")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "is active already" in refused.stderr
    shown = run("operators", "code", "01", "--lang", "en")
    assert "otpauth://totp/Zhanggui:" in shown.stdout
    assert "▀" in shown.stdout, "the QR code"
    assert "does not ask for such a code now" in shown.stdout
    assert run("policy", "report", "--lang", "zh").stdout.count("\n") > 40
    assert run("operators", "list").stdout.count("\n") == 1 + len(PASSWORDS)
    assert "前台" in run("terminals", "list").stdout


def test_an_order_is_given_as_ones_rights_allow_and_listed_with_what_became_of_it(
    shop: Shop, commands: Commands
) -> None:
    number = str(shop.terminals[0].terminal_no)
    given = commands.manage(terminals.order, number, "remote_lock", "盘点", 2, by="00")
    assert (given["state"], given["given_by"], given["contents"]) == ("queued", "console:00", "盘点")
    listed = commands.told(terminals.list_orders, commands.merchant, number, 9, is_wide=False)
    assert [(row["order_no"], row["state"]) for row in listed] == [(given["order_no"], "queued")]
    with pytest.raises(Misuse, match="不带文字"):
        commands.manage(terminals.order, number, "remote_unlock", "盘点", None)
    with pytest.raises(Misuse, match="remote_sign_out, remote_lock"):
        commands.manage(terminals.order, number, "coffee", "", None)
    with pytest.raises(Misuse):
        commands.manage(terminals.order, number, "remote_lock", "盘点", None, by="01")
