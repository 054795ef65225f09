"""No password, PIN, card number or badge outside its one place: the whole job, from power-on to two slips, and each way in, with secrets
that stand out."""

import asyncio
import base64
import io
import shutil
import traceback
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pysqlite3 import dbapi2
from tests.conftest import Ports
from tests.security.canaries import (
    BADGE,
    BADGE_BYTES,
    BADGE_SECRET,
    CANARIES,
    PAN,
    PASSWORD,
    PIN,
    badge_dresses,
    found_in,
    scan,
)

from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.secret import Pan, Secret
from zhanggui.cli import asked_lists, audit, findings, tour, tour_ways
from zhanggui.cli.console import Console
from zhanggui.cli.sign_ins import Wanted, list_sign_ins
from zhanggui.cli.tour_hands import Hands
from zhanggui.host import acts
from zhanggui.host.act_table import SET_RULE, RuleValue
from zhanggui.programs.bank import start_bank
from zhanggui.programs.demo import make_demo
from zhanggui.programs.host import start_host
from zhanggui.programs.settings import BankSection, HostSection, PhoneSection, Settings
from zhanggui.programs.terminals import start_terminals
from zhanggui.terminal.flow.screens.views import ScreenView
from zhanggui.vault.badge import badge_number, badge_secret
from zhanggui.vault.keys import FingerprintKeyBlock, PinKeyBlock
from zhanggui.vault.software import SoftwareHsm

OPERATOR = "01"
DATABASES = ("host/host.db", "bank.db")


Story = Callable[[Hands, Settings], Coroutine[Any, Any, None]]


class TypesTheCard(tour.Cashier):
    """Pays with a card whose number is typed, with a slip of the finger that is taken back, and a supervisor's approval."""

    def _act(self, view: ScreenView) -> None:
        hands = self._hands
        match view.id:
            case "card":
                hands.press("keyed")
            case "keyed_number":
                hands.press(*PAN[:-1], "0", "clear", PAN[-1], "enter")
            case "keyed_expiry":
                hands.press(*"4912", "enter")
            case "approval_number":
                hands.press(*"00")
            case "approval_password":
                hands.press(*"123456", "enter")
            case _:
                super()._act(view)


async def types_the_card(hands: Hands, settings: Settings) -> None:
    await asyncio.to_thread(Console(settings, "").do, SET_RULE, RuleValue("keyed", True))
    await TypesTheCard(hands).work()


async def whole_job(
    settings: Settings,
    number: str,
    snapshots: Path,
    story: Story = lambda hands, settings: tour.Cashier(hands).work(),
) -> None:
    """Power-on to two slips and the sign-out, or each way in; the databases with their logs are copied while they run."""
    await make_demo(settings, SystemClock(), SystemChance(), lambda step: None)
    async with AsyncExitStack() as stack:
        bank_port = await start_bank(settings, SystemClock(), SystemChance(), stack)
        running = msgspec.structs.replace(settings, bank=msgspec.structs.replace(settings.bank, port=bank_port))
        host_port = await start_host(running, SystemClock(), SystemChance(), stack)
        terminals = await start_terminals(
            running, (number,), SystemClock(), SystemChance(), stack, host_port=host_port, complain=print
        )
        terminal = terminals[number]
        told = io.BytesIO()

        def tell(kind: str, data: object) -> None:
            told.write(msgspec.json.encode({"event": kind, "data": data}) + b"\n")

        with Hands(terminal, tell) as hands:
            await hands.bounded(story(hands, running), 60)
        view = terminal.view()
        told.write(msgspec.json.encode(view) + repr(terminal).encode() + repr(view).encode())
        (snapshots / "screens-and-slips.jsonl").write_bytes(told.getvalue())
        for path in settings.data_path.rglob("*.db*"):
            shutil.copy(path, snapshots / "-".join(path.relative_to(settings.data_path).parts))


@pytest.mark.parametrize("number", ["10000001", "10000003"])
async def test_a_whole_job_leaves_no_canary_outside_its_one_place(
    number: str, canaries_in_use: None, logs: Path, tmp_path: Path, ports: Ports, capfd: pytest.CaptureFixture[str]
) -> None:
    data, snapshots = tmp_path / "data", tmp_path / "snapshots"
    data.mkdir()
    snapshots.mkdir()
    settings = Settings(data=str(data), host=HostSection(port=ports.take()), bank=BankSection(port=ports.take()))
    await whole_job(settings, number, snapshots)
    exports = tmp_path / "exports"
    exports.mkdir()
    await asyncio.to_thread(export_all, settings, exports)
    printed = capfd.readouterr()
    (exports / "printed").write_text(printed.out + printed.err, encoding="utf-8")
    assert leaks_below(tmp_path, data / "cards", logs) == {}


@pytest.mark.parametrize("number", ["10000001", "10000003"])
async def test_no_way_in_leaves_a_password_or_a_badges_secret_anywhere(
    number: str,
    canaries_in_use: None,
    logs: Path,
    tmp_path: Path,
    ports: Ports,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By number, by user name, by badge with the password and alone, and a badge that was revoked."""
    monkeypatch.setattr(tour_ways, "PASSWORD", PASSWORD)
    monkeypatch.setattr(acts, "draw_badge", lambda chance: Secret(BADGE))
    data, snapshots, exports = tmp_path / "data", tmp_path / "snapshots", tmp_path / "exports"
    for folder in (data, snapshots, exports):
        folder.mkdir()
    settings = Settings(
        data=str(data),
        host=HostSection(port=ports.take()),
        bank=BankSection(port=ports.take()),
        phone=PhoneSection(listen="127.0.0.1", port=ports.take()),
    )
    await whole_job(settings, number, snapshots, lambda hands, running: tour_ways.Ways(hands, running).work())
    await asyncio.to_thread(export_all, settings, exports)
    printed = capfd.readouterr()
    (exports / "printed").write_text(printed.out + printed.err, encoding="utf-8")
    told = (exports / "printed").read_text(encoding="utf-8") + (exports / "all.csv").read_text(encoding="utf-8")
    assert "badge_revoked" in told, "the canary badge was in use"
    assert "CANARY77" in told, "its number may be seen"
    assert leaks_below(tmp_path, data / "cards", logs) == {}


@pytest.mark.parametrize("number", ["10000001", "10000002", "10000003"])
async def test_a_card_number_that_is_typed_stands_nowhere(
    number: str, canaries_in_use: None, logs: Path, tmp_path: Path, ports: Ports, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not on a screen while it is typed, not in the journal, a log, a slip or a table."""
    data, snapshots, exports = tmp_path / "data", tmp_path / "snapshots", tmp_path / "exports"
    for folder in (data, snapshots, exports):
        folder.mkdir()
    settings = Settings(data=str(data), host=HostSection(port=ports.take()), bank=BankSection(port=ports.take()))
    await whole_job(settings, number, snapshots, types_the_card)
    await asyncio.to_thread(export_all, settings, exports)
    printed = capfd.readouterr()
    (exports / "printed").write_text(printed.out + printed.err, encoding="utf-8")
    told = (snapshots / "screens-and-slips.jsonl").read_text(encoding="utf-8")
    assert "手输卡号(MANUAL)" in told, "the typed number was paid with"
    assert leaks_below(tmp_path, data / "cards", logs) == {}


def leaks_below(folder: Path, card_folder: Path, logs: Path) -> dict[Path, list[str]]:
    """All leaks below a folder. The card file may hold the number, and must: else there was nothing to find."""
    card_files = frozenset(path for path in card_folder.iterdir() if path.name.endswith(f"-{tour.CARD}.json"))
    assert all(found_in(path.read_bytes()) for path in card_files)
    assert logs.stat().st_size > 0
    everything = [path for path in folder.rglob("*") if path.is_file()]
    assert {name.replace("/", "-") for name in DATABASES} <= {path.name for path in everything}
    assert any(path.name.endswith("db-wal") and path.stat().st_size for path in everything), "no log to look at"
    return scan(everything, allowed=card_files)


def export_all(settings: Settings, folder: Path) -> None:
    """What commands print and write about the day."""
    audit.export_records(settings, folder / "audit.jsonl")
    audit.verify(settings, export=None, anchor=None, as_json=False)
    audit.verify(settings, export=folder / "audit.jsonl", anchor=None, as_json=True)
    for as_json in (False, True):
        list_sign_ins(settings, Wanted(), as_json=as_json, as_csv=False, out=None)
        asked_lists.show(settings, "payments", (), limit=50, as_json=as_json)
        findings.findings(settings, SystemClock(), days=1, as_json=as_json)
    list_sign_ins(settings, Wanted(), as_json=False, as_csv=True, out=folder / "all.csv")


def test_errors_about_secrets_do_not_hold_them(canaries_in_use: None) -> None:
    hsm = SoftwareHsm(bytes(range(32)), SystemChance())
    zone_key = hsm.new_zone_pin_key()
    texts = [
        repr(value) + str(value) + f"{value}" for value in (Secret(PASSWORD), Secret(PIN), Pan(PAN), Secret(BADGE))
    ]
    for fails in (
        lambda: Pan(PAN * 2),
        lambda: hsm.encrypt_pin(zone_key, Secret(PIN), Pan(PAN)),  # type: ignore[arg-type]  # a key of another purpose
        lambda: hsm.encrypt_pin(PinKeyBlock(PIN), Secret(PIN), Pan(PAN)),
        lambda: hsm.import_terminal_master_key(PASSWORD.encode(), allow_test_keys=False),
        lambda: msgspec.json.encode(Secret(PASSWORD)),
        lambda: hash(Secret(PASSWORD)),
        lambda: badge_number(Secret(BADGE[:-1])),
        lambda: badge_secret(Secret(BADGE + "A")),
        lambda: hsm.encrypt_badge(zone_key, Secret(BADGE), b"context"),  # type: ignore[arg-type]  # a key of another purpose
        lambda: hsm.encrypt_badge(PinKeyBlock(BADGE), Secret(BADGE), b"context"),
        lambda: hsm.make_badge_mark(FingerprintKeyBlock(BADGE), Secret(BADGE), b"shop"),
        lambda: msgspec.json.encode(Secret(BADGE)),
    ):
        with pytest.raises(Exception) as raised:  # whatever it is, its text is looked at
            fails()
        texts.append("".join(traceback.format_exception_only(raised.value)) + repr(raised.value.__cause__))
    assert found_in("\n".join(texts).encode()) == []


def packed(digits: str) -> bytes:
    """Two digits in a byte; F fills the last one, as in PIN blocks and tracks."""
    return bytes.fromhex(digits + "F" * (len(digits) % 2))


@pytest.mark.parametrize("name", CANARIES)
@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
def test_the_scanner_sees_every_dress(name: str, before: str) -> None:
    digits = CANARIES[name]
    for content in (
        f"{before}{digits}z".encode(),
        before.encode() + packed(digits) + b"z",
        before.encode() + packed("0" + digits) + b"z",
        f"{before}{digits}z".encode("utf-16-le"),
        f"{before}{digits}z".encode().hex().encode(),
        base64.b64encode(f"{before}{digits}z".encode()),
        base64.b64encode(before.encode() + packed(digits) + b"z"),
    ):
        assert found_in(content), content


def test_the_scanner_sees_a_badge_in_every_dress() -> None:
    for skipped in ("", "x", "xy", "xyz"):
        for secret in (BADGE_SECRET.encode(), BADGE_BYTES):
            inner = skipped.encode() + secret + b"z"
            for content in (inner, inner.hex().encode(), inner.hex().upper().encode(), base64.b64encode(inner)):
                assert found_in(content), content
    assert found_in(BADGE.lower().encode())
    assert found_in(BADGE.encode("utf-16-le"))
    assert len([*badge_dresses()]) == len({coded for _, coded in badge_dresses()})
    assert not found_in(BADGE[:12].encode()), "the number may be seen"


def test_the_scanner_finds_a_canary_in_a_database_and_in_its_log(tmp_path: Path) -> None:
    connection = dbapi2.connect(str(tmp_path / "leaky.db"), isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t (pin BLOB)")
    connection.execute("INSERT INTO t VALUES (?)", (bytes.fromhex(f"0C{PIN}FF"),))
    leaks = scan(tmp_path.iterdir())
    connection.close()
    assert set(leaks) == {tmp_path / "leaky.db-wal"}
    assert set(scan(tmp_path.iterdir())) == {tmp_path / "leaky.db"}
