"""Demo data: one shop, three terminals of ours and one for anybody's client, operators, cards. Nothing here is for real use.

The same doors as for real data: keys are made or injected by the vault, terminals get their master key from the key room, the
bank gets the zone keys under a transport key, rows go through the one door to the store.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from ..acquirer.operators.supervision import RESET_PASSWORD
from ..acquirer.policy.actors import CONSOLE, noted
from ..acquirer.rows.records import Counter, Merchant, Operator, Terminal, key_of
from ..acquirer.rows.state import Change, Insert, Needs, Update
from ..bank import setup as bank_setup
from ..basics.chance import Chance
from ..basics.clock import Clock
from ..basics.errors import certain
from ..basics.numbers import MerchantNo, OperatorNo, TerminalNo
from ..basics.secret import Secret
from ..edges.disk import sync_tree
from ..host.commit import Door, Sheet
from ..host.keys import HostKeys, create_host_keys
from ..store.open import open_store
from ..terminal.assembly import open_pin_pad
from ..terminal.settings import TerminalSettings, write_settings
from ..vault.hsm import SALT_BYTES
from ..vault.keyfile import write_key_file
from ..vault.keys import TerminalMasterKeyBlock
from ..vault.pinblock import PasswordAccount
from ..vault.software import SoftwareHsm
from .data_folder import DEMO_MARK, Places, make_host_vault, passphrase_of, store_target
from .demo_people import demo_person_rows
from .settings import Settings

MERCHANT_NO = MerchantNo("102100058120001")
MERCHANT_NAME = "掌柜示范店"
OUR_TERMINALS = (("10000001", "smart", "前台"), ("10000002", "esign", "二号收银台"), ("10000003", "keypad", "门口"))
FOREIGN_TERMINAL = TerminalNo("20000001")
FOREIGN_MASTER_KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
"""A test key that everybody knows; the vault refuses it outside demo data."""
OPERATORS = (
    ("01", "王芳", "cashier", "0000"),
    ("02", "李强", "cashier", "0000"),
    ("00", "陈店长", "supervisor", "123456"),
    ("99", "系统管理员", "administrator", "12345678"),
)
TRANSPORT_KEY_BYTES = 32
DEMO_PASSPHRASE_BYTES = 24


@dataclass(frozen=True, slots=True)
class DemoBegun:
    """Demo data that are not complete yet, for whoever adds to them: all keys are there, and the rows of the first shop."""

    settings: Settings
    keys: HostKeys
    passphrase: Secret
    masters: Mapping[TerminalNo, TerminalMasterKeyBlock]
    """The master keys of our terminals, as the host's vault sealed them."""


Past = Callable[[DemoBegun], Awaitable[None]]
"""Adds a past to demo data before they are complete."""


async def make_demo(
    settings: Settings, clock: Clock, chance: Chance, say: Callable[[str], None], past: Past | None = None
) -> None:
    """Make demo data in an empty folder; `say` hears of each step. What stands there already is never overwritten.

    `past` lives through the time from the clock's instant on; what of it is left is the visitor's: see `_hand_over`.
    """
    places = Places(settings.data_path)
    say("keys")
    if settings.passphrase_secret() is None:
        write_key_file(places.demo_passphrase, chance.take_secret(DEMO_PASSPHRASE_BYTES).hex())
    passphrase = passphrase_of(settings, places)
    hsm = make_host_vault(places, passphrase, chance)
    keys = create_host_keys(hsm, places.host_keys)
    say("bank")
    _make_bank(settings, keys, passphrase, chance)
    say("shop, terminals, operators")
    terminals, masters = _terminals(settings, hsm, clock, chance)
    changes: list[Change] = [
        Insert(Merchant(merchant_no=MERCHANT_NO, name=MERCHANT_NAME, created_ms=clock.now())),
        *terminals,
        *(Insert(operator_row(keys, clock, chance, MERCHANT_NO, row)) for row in OPERATORS),
        *demo_person_rows(MERCHANT_NO, chance, clock.now()),
    ]
    target = store_target(settings, places)
    await _written(target, clock, chance, Needs(), lambda sheet: sheet.take(changes))
    if past is not None:
        await past(DemoBegun(settings, keys, passphrase, masters))
        await _hand_over(target, keys, clock, chance)
        sync_tree(settings.data_path)
    places.complete.write_text(f"{DEMO_MARK}\n", encoding="utf-8")


async def _written(target: str, clock: Clock, chance: Chance, needs: Needs, decide: Callable[[Sheet], None]) -> None:
    store = open_store(target)
    try:
        await Door(store, clock, chance).commit(needs, decide)
    finally:
        await store.close()


async def _hand_over(target: str, keys: HostKeys, clock: Clock, chance: Chance) -> None:
    """The shop is the visitor's from now on: its known operators have the passwords that the demo tells, whatever they were since.

    It is noted as a reset by the console, which it is.
    """

    def reset(sheet: Sheet) -> None:
        for row in OPERATORS:
            fresh = operator_row(keys, clock, chance, MERCHANT_NO, row)
            known = certain(sheet.state.get(Operator, *key_of(fresh)), "it was made before the past")
            sheet.take(
                (
                    Update(
                        replace(
                            known,
                            state="active",
                            salt=fresh.salt,
                            verifier=fresh.verifier,
                            factory_password=1,
                            failed_count=0,
                            locked_until_ms=None,
                            next_try_ms=None,
                            password_set_ms=fresh.password_set_ms,
                            earlier_passwords="",
                            initial_until_ms=None,
                        )
                    ),
                    *noted(sheet.state, MERCHANT_NO, CONSOLE, RESET_PASSWORD, known.operator_no, "demo", sheet.now),
                )
            )

    needs = Needs({Counter: [(MERCHANT_NO, "note")], Operator: [(MERCHANT_NO, number) for number, *_ in OPERATORS]})
    await _written(target, clock, chance, needs, reset)


def _make_bank(settings: Settings, keys: HostKeys, passphrase: Secret, chance: Chance) -> None:
    data = settings.data_path
    bank_vault = bank_setup.open_vault(data, passphrase, chance)
    bank_setup.create_bank(data, bank_vault)
    transport_key = chance.take_secret(TRANSPORT_KEY_BYTES)
    bank_setup.accept_zone_keys(
        data,
        bank_vault,
        keys.hsm.export_block(keys.zone_pin_key, transport_key),
        keys.hsm.export_block(keys.zone_mac_key, transport_key),
        transport_key,
    )
    bank_setup.export_cards(data, bank_vault, Places(data).cards)


def _terminals(
    settings: Settings, hsm: SoftwareHsm, clock: Clock, chance: Chance
) -> tuple[list[Change], dict[TerminalNo, TerminalMasterKeyBlock]]:
    rows: list[Change] = []
    masters: dict[TerminalNo, TerminalMasterKeyBlock] = {}
    for number, model, place in OUR_TERMINALS:
        masters[TerminalNo(number)] = master = hsm.new_terminal_master_key()
        fixed = TerminalSettings(
            number=number,
            model=model,  # type: ignore[arg-type]  # three known models
            merchant_no=MERCHANT_NO,
            host=settings.host.listen,
            port=settings.host.port,
            door_port=settings.door.port,
            timeout_s=settings.terminal.timeout_s,
            lang=settings.lang,
        )
        write_settings(settings.data_path, fixed)
        pin_pad = open_pin_pad(settings.data_path, number, clock=clock, chance=chance)
        pin_pad.inject_master_key(hsm.export_block(master, pin_pad.transport_key()))
        rows.append(Insert(terminal_row(MERCHANT_NO, TerminalNo(number), model, place, master.text, clock)))
    foreign = hsm.import_terminal_master_key(FOREIGN_MASTER_KEY, allow_test_keys=True)
    rows.append(
        Insert(terminal_row(MERCHANT_NO, FOREIGN_TERMINAL, "foreign", "测试台", foreign.text, clock, check="terminal"))
    )
    return rows, masters


def terminal_row(
    merchant_no: MerchantNo,
    number: TerminalNo,
    model: str,
    place: str,
    master_key: str,
    clock: Clock,
    *,
    check: Literal["host", "terminal"] = "host",
) -> Terminal:
    """A terminal of demo data. `check`: who checks its operators' passwords."""
    return Terminal(
        merchant_no=merchant_no,
        terminal_no=number,
        model=model,
        place=place,
        dialect="unionpay",
        operator_check=check,
        master_key=master_key,
        created_ms=clock.now(),
    )


def operator_row(
    keys: HostKeys,
    clock: Clock,
    chance: Chance,
    merchant_no: MerchantNo,
    row: tuple[str, str, str, str],
    *,
    is_factory: bool = True,
) -> Operator:
    """An operator of demo data: number, name, role and password."""
    number, name, role, password = row
    salt = chance.take(SALT_BYTES)
    account = PasswordAccount(merchant_no, OperatorNo(number))
    return Operator(
        merchant_no=merchant_no,
        operator_no=OperatorNo(number),
        name=name,
        role=role,  # type: ignore[arg-type]  # three known roles
        salt=salt,
        verifier=keys.hsm.make_verifier(keys.verifier_key, salt, account, Secret(password)),
        factory_password=int(is_factory),
        password_set_ms=clock.now(),
    )
