"""Host and wallets killed (SIGKILL) while a customer looks for the phone: the payment is answered once, and both books agree."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.conftest import Ports
from tests.worlds.foreign_terminal import DEMO_MERCHANT, ForeignTerminal, Line
from tests.worlds.house import HouseProcesses, Row, until

from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.secret import Secret
from zhanggui.wallets.books import Behaviour
from zhanggui.wallets.brands import new_code
from zhanggui.wallets.customers import PASSWORD
from zhanggui.wallets.paying import show_code
from zhanggui.wallets.phone_acts import confirm
from zhanggui.wallets.store import WalletsFile

pytestmark = pytest.mark.processes
BRAND, CUSTOMER, OPENING_FEN, AMOUNT_FEN = "alipay", "chen", 500_000, 100
WITHIN_S = 40.0


@pytest.fixture
def house(demo_folder: Path, ports: Ports) -> Iterator[HouseProcesses]:
    running = HouseProcesses(demo_folder, ports.take(), ports.take(), ports.take())
    try:
        running.start_bank()
        running.start_wallets()
        running.start_host()
        yield running
    finally:
        running.stop()


def code(house: HouseProcesses, behaviour: Behaviour) -> str:
    """A fresh code on the phone of a customer whose wallet behaves so."""
    shown = new_code(BRAND, SystemChance())
    file = WalletsFile(house.folder)
    try:
        with file.writing() as rows:
            owner = rows.customer(BRAND, CUSTOMER)
            assert owner is not None
            rows.put(replace(owner, behaviour=behaviour))
            show_code(rows, owner, shown, SystemClock().now())
    finally:
        file.close()
    return shown


def type_password(house: HouseProcesses, order_no: str) -> str:
    file = WalletsFile(house.folder)
    try:
        with file.writing() as rows:
            owner = rows.customer(BRAND, CUSTOMER)
            assert owner is not None
            return confirm(rows, owner, DEMO_MERCHANT, order_no, Secret(PASSWORD), SystemClock().now()).outcome
    finally:
        file.close()


def balance_fen(house: HouseProcesses) -> int:
    file = WalletsFile(house.folder)
    try:
        owner = file.reading.customer(BRAND, CUSTOMER)
        assert owner is not None
        return owner.balance_fen
    finally:
        file.close()


def order(house: HouseProcesses) -> Row:
    (only,) = house.host_rows("wallet_orders") or [{"state": "", "order_no": ""}]
    return only


def payment(house: HouseProcesses) -> Row:
    (only,) = [row for row in house.host_rows("payments") if row["wallet"]]
    return only


def restart(house: HouseProcesses, *names: str) -> None:
    for name in names:
        house.kill(name)
    for name in names:
        {"host": house.start_host, "wallets": house.start_wallets}[name]()


@pytest.mark.parametrize("killed", [("host",), ("wallets",), ("wallets", "host")], ids="+".join)
def test_a_customer_who_pays_while_everything_is_down_has_paid_once(
    house: HouseProcesses, stranger: ForeignTerminal, killed: tuple[str, ...]
) -> None:
    with Line("127.0.0.1", house.host_port, WITHIN_S) as line:
        assert stranger.go_sign_in(line)["39"] == "00"
        asked = stranger.signed(stranger.qr_sale(AMOUNT_FEN, code(house, "password")))
        line.send(asked)
        until(lambda: order(house)["state"] == "waiting", "the wallet to ask its customer")
        restart(house, *killed)
        assert payment(house)["state"] == "pending"
        assert type_password(house, order(house)["order_no"]) == "paid"
    with Line("127.0.0.1", house.host_port, WITHIN_S) as line:
        # The same request once more waits for the same answer, also at a host that never saw the first.
        assert stranger.read(line.ask(asked))["39"] == "00"
    assert (payment(house)["state"], order(house)["state"], order(house)["told"]) == ("approved", "paid", "paid")
    assert balance_fen(house) == OPENING_FEN - AMOUNT_FEN


def test_a_payment_that_is_undone_before_the_host_is_killed_is_with_the_customer_again(
    house: HouseProcesses, stranger: ForeignTerminal
) -> None:
    with Line("127.0.0.1", house.host_port, WITHIN_S) as line:
        assert stranger.go_sign_in(line)["39"] == "00"
        sale = stranger.qr_sale(AMOUNT_FEN, code(house, "normal"))
        assert stranger.ask(line, sale)["39"] == "00"
        assert balance_fen(house) == OPENING_FEN - AMOUNT_FEN
        assert stranger.ask(line, stranger.reversal(sale))["39"] == "00"
    restart(house, "host")
    until(lambda: payment(house)["bank_state"] == "reversal_done", "the money to be back", WITHIN_S)
    assert (payment(house)["state"], order(house)["state"]) == ("reversed", "cancelled")
    assert balance_fen(house) == OPENING_FEN
