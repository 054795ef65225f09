"""Demo data: one shop, three terminals of ours and one for anybody's client, operators, cards. Nothing here is for real use.

The same doors as for real data: keys are made or injected by the vault, terminals get their master key from the key room, the
bank gets the zone keys under a transport key, rows go through the one door to the store.
"""

from collections.abc import Callable

from ..acquirer.rows.records import Merchant, Operator, Terminal
from ..acquirer.rows.state import Change, Insert, Needs
from ..bank import setup as bank_setup
from ..basics.chance import Chance
from ..basics.clock import Clock
from ..basics.numbers import MerchantNo, OperatorNo, TerminalNo
from ..basics.secret import Secret
from ..host.commit import Door
from ..host.keys import HostKeys, create_host_keys
from ..store.open import open_store
from ..terminal.assembly import open_pin_pad
from ..terminal.settings import TerminalSettings, write_settings
from ..vault.hsm import SALT_BYTES
from ..vault.keyfile import write_key_file
from ..vault.pinblock import PasswordAccount
from ..vault.software import SoftwareHsm
from .data_folder import DEMO_MARK, Places, make_host_vault, passphrase_of, store_target
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


async def make_demo(settings: Settings, clock: Clock, chance: Chance, say: Callable[[str], None]) -> None:
    """Make demo data in an empty folder; `say` hears of each step. What stands there already is never overwritten."""
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
    changes: list[Change] = [
        Insert(Merchant(merchant_no=MERCHANT_NO, name=MERCHANT_NAME, created_ms=clock.now())),
        *_terminals(settings, hsm, clock, chance),
        *(Insert(_operator(keys, clock, chance, row)) for row in OPERATORS),
    ]
    store = open_store(store_target(settings, places))
    try:
        await Door(store, clock, chance).commit(Needs(), lambda sheet: sheet.take(changes))
    finally:
        await store.close()
    places.complete.write_text(f"{DEMO_MARK}\n", encoding="utf-8")


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


def _terminals(settings: Settings, hsm: SoftwareHsm, clock: Clock, chance: Chance) -> list[Change]:
    rows: list[Change] = []
    for number, model, place in OUR_TERMINALS:
        master = hsm.new_terminal_master_key()
        fixed = TerminalSettings(
            number=number,
            model=model,  # type: ignore[arg-type]  # three known models
            merchant_no=MERCHANT_NO,
            host=settings.host.listen,
            port=settings.host.port,
            timeout_s=settings.terminal.timeout_s,
            lang=settings.lang,
        )
        write_settings(settings.data_path, fixed)
        pin_pad = open_pin_pad(settings.data_path, number, clock=clock, chance=chance)
        pin_pad.inject_master_key(hsm.export_block(master, pin_pad.transport_key()))
        rows.append(Insert(_terminal(TerminalNo(number), model, place, "host", master.text, clock)))
    foreign = hsm.import_terminal_master_key(FOREIGN_MASTER_KEY, allow_test_keys=True)
    rows.append(Insert(_terminal(FOREIGN_TERMINAL, "foreign", "测试台", "terminal", foreign.text, clock)))
    return rows


def _terminal(
    number: TerminalNo, model: str, place: str, operator_check: str, master_key: str, clock: Clock
) -> Terminal:
    return Terminal(
        merchant_no=MERCHANT_NO,
        terminal_no=number,
        model=model,
        place=place,
        dialect="unionpay",
        operator_check=operator_check,  # type: ignore[arg-type]  # host or terminal
        master_key=master_key,
        created_ms=clock.now(),
    )


def _operator(keys: HostKeys, clock: Clock, chance: Chance, row: tuple[str, str, str, str]) -> Operator:
    number, name, role, password = row
    salt = chance.take(SALT_BYTES)
    account = PasswordAccount(MERCHANT_NO, OperatorNo(number))
    return Operator(
        merchant_no=MERCHANT_NO,
        operator_no=OperatorNo(number),
        name=name,
        role=role,  # type: ignore[arg-type]  # three known roles
        salt=salt,
        verifier=keys.hsm.make_verifier(keys.verifier_key, salt, account, Secret(password)),
        factory_password=1,
        password_set_ms=clock.now(),
    )
