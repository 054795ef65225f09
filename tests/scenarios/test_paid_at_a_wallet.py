"""Payments by code at simulated wallets: a terminal over TCP, the wallets over HTTP, the customer at the phone; time leaps."""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from msgspec.structs import replace
from tests.conftest import Ports
from tests.worlds.floor import Floor, Shop, TestClock, make_data
from tests.worlds.foreign_terminal import Line
from tests.worlds.our_terminal import AMOUNT_FEN, BATCH, Answer, Counter

from zhanggui.acquirer.payments.roads.road import order_key
from zhanggui.acquirer.rows.records import Payment, Posting, WalletOrder
from zhanggui.basics.chance import SystemChance
from zhanggui.basics.numbers import BatchNo, TraceNo
from zhanggui.basics.secret import Secret
from zhanggui.cup.messages.payment import Original
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.qr.field59 import read_field_59
from zhanggui.views.payments import payment_row
from zhanggui.wallets.books import Behaviour
from zhanggui.wallets.brands import new_code
from zhanggui.wallets.customers import PASSWORD
from zhanggui.wallets.paying import show_code
from zhanggui.wallets.phone_acts import confirm
from zhanggui.wallets.store import WalletsFile

CASHIER, SUPERVISOR = ("01", "8302"), ("00", "492817")
WITHIN_S = 10.0


class Wallet:
    """One customer of one brand, and a till where they pay."""

    def __init__(self, floor: Floor, brand: str = "wechat", customer: str = "chen") -> None:
        self.floor, self.brand, self.customer = floor, brand, customer
        self.file = WalletsFile(floor.folder)
        self.shop: Shop = floor.shop()
        self.till, self.other = self.shop.terminals
        assert self.till.sign_in(*CASHIER).code == "00"
        assert self.other.sign_in("02", "7415").code == "00"
        self.opening_fen = self.balance_fen

    def close(self) -> None:
        self.shop.hang_up()
        self.file.close()

    # ── the phone ────────────────────────────────────────────────────────────

    def code(self) -> str:
        code = new_code(self.brand, SystemChance())
        with self.file.writing() as rows:
            owner = rows.customer(self.brand, self.customer)
            assert owner is not None
            show_code(rows, owner, code, self.floor.clock.now())
        return code

    def behaves(self, behaviour: Behaviour) -> None:
        with self.file.writing() as rows:
            owner = rows.customer(self.brand, self.customer)
            assert owner is not None
            rows.put(replace(owner, behaviour=behaviour))

    def types_password(self) -> str:
        order = self.order
        with self.file.writing() as rows:
            owner = rows.customer(self.brand, self.customer)
            assert owner is not None
            done = confirm(rows, owner, order.merchant_no, order.order_no, Secret(PASSWORD), self.floor.clock.now())
        return done.outcome

    @property
    def balance_fen(self) -> int:
        owner = self.file.reading.customer(self.brand, self.customer)
        assert owner is not None
        return owner.balance_fen

    # ── the till ─────────────────────────────────────────────────────────────

    def send(self, amount_fen: int = AMOUNT_FEN, code: str = "") -> bytes:
        """A code is scanned; nobody waits for the answer yet."""
        asked = self.till.by_code("qr_sale", CASHIER[0], amount_fen, code=code or self.code())
        assert self.till.line is not None
        self.till.line.send(asked)
        return asked

    def hear(self) -> Answer:
        assert self.till.line is not None
        return self.till.read(self.till.line.receive())

    def pay(self, amount_fen: int = AMOUNT_FEN) -> Answer:
        self.send(amount_fen)
        return self.hear()

    def undo(self, trace: int) -> str:
        return self.till.ask(self.till.reversal(trace, kind="qr_sale", entry_mode="032")).code

    def approve(self, at: Counter, action: str, original: str, amount_fen: int) -> int:
        approved = at.approve(*SUPERVISOR, action, {Tag.AMOUNT: str(amount_fen), Tag.ORIGINAL: original})
        assert approved.code == "00"
        return int(approved[Tag.APPROVAL_NO])

    # ── the books ────────────────────────────────────────────────────────────

    def row(self, trace: int) -> Payment:
        (found,) = [
            row
            for row in self.shop.rows(Payment)
            if int(row.trace_no) == trace and row.terminal_no == self.till.terminal_no
        ]
        return found

    @property
    def orders(self) -> list[WalletOrder]:
        return self.shop.rows(WalletOrder)

    @property
    def order(self) -> WalletOrder:
        (order,) = [one for one in self.orders if not one.original_order_no]
        return order

    def owed_fen(self) -> dict[str, int]:
        """What each account holds."""
        owed: dict[str, int] = {}
        for line in self.shop.rows(Posting):
            owed[line.account] = owed.get(line.account, 0) + line.amount_fen
        return owed

    def later(self, seconds: float) -> None:
        self.floor.clock.advance(s=seconds)

    def until(self, *states: str, step_s: float = 0.0) -> WalletOrder:
        """Until the order is so; `step_s` of the clock pass with each look."""
        return self._until(lambda: bool(self.orders) and self.order.state in states, step_s)

    def until_asked(self, count: int) -> None:
        """Until there are so many orders."""
        self._until(lambda: len(self.orders) >= count, 0.0)

    def line(self) -> Line:
        """Another line of the same till."""
        return Line("127.0.0.1", self.floor.port)

    def until_quiet(self, step_s: float = 5.0) -> None:
        """Nothing is to be asked of the wallet any more."""
        self._until(lambda: all(one.next_ms is None for one in self.orders), step_s)

    def _until(self, is_so: Callable[[], bool], step_s: float) -> WalletOrder:
        end = monotonic() + WITHIN_S
        while not is_so():
            assert monotonic() < end, [(one.state, one.step, one.wallet_code) for one in self.orders]
            if step_s:
                self.later(step_s)
            sleep(0.3)
        return self.order


@pytest.fixture
def floor(tmp_path: Path, ports: Ports) -> Iterator[Floor]:
    make_data(tmp_path)
    running = Floor(tmp_path, TestClock(), wallets_port=ports.take()).start()
    yield running
    running.stop()


@pytest.fixture
def wallet(floor: Floor, brand: str) -> Iterator[Wallet]:
    at = Wallet(floor, brand)
    yield at
    at.close()


@pytest.fixture
def brand() -> str:
    """Whose codes are shown, where a test does not say."""
    return "wechat"


@pytest.mark.parametrize("brand", ["wechat", "alipay"])
def test_a_code_is_paid_at_once_like_any_other_payment(wallet: Wallet, brand: str) -> None:
    at = wallet
    answer = at.pay()
    row, order = at.row(at.till.trace), at.order
    assert (answer.code, answer.sealed, answer.message.mti) == ("00", True, "0210")
    assert (row.state, row.wallet, row.issuer) == ("approved", brand, {"wechat": "微信支付", "alipay": "支付宝"}[brand])
    assert (order.state, order.told, order_key(row)) == ("paid", "paid", (order.merchant_no, order.order_no))
    assert read_field_59(str(answer.message.fields[59])).pay_voucher == row.pay_voucher == order.wallet_no
    shown = payment_row(row)
    assert (shown.wallet, shown.order_no) == (brand, order.order_no)
    assert at.owed_fen() == {"wallet_clearing": AMOUNT_FEN, "merchant_payable": -AMOUNT_FEN}
    assert at.balance_fen == at.opening_fen - AMOUNT_FEN


def test_who_types_the_password_meanwhile_has_paid_and_a_repeat_waits_for_the_same_answer(wallet: Wallet) -> None:
    wallet.behaves("password")
    asked = wallet.send()
    wallet.until("waiting")
    assert wallet.row(wallet.till.trace).state == "pending"
    assert wallet.till.line is not None
    wallet.till.line.send(asked)
    assert wallet.types_password() == "paid"
    wallet.later(6)
    first, again = wallet.hear(), wallet.hear()
    assert (first.code, again.code) == ("00", "00")
    assert first.message.fields[59] == again.message.fields[59]
    assert len(wallet.orders) == 1
    assert wallet.balance_fen == wallet.opening_fen - AMOUNT_FEN


def test_who_never_does_has_not_paid_and_hears_so_before_the_terminal_gives_up(wallet: Wallet) -> None:
    wallet.behaves("password")
    began = wallet.floor.clock.now()
    wallet.send()
    wallet.until("waiting")
    wallet.until("cancelled", step_s=2.0)
    assert wallet.hear().code == "54"
    assert wallet.floor.clock.now() - began <= 60_000
    row = wallet.row(wallet.till.trace)
    assert (row.state, row.response_code, row.bank_state) == ("declined", "54", "")
    assert wallet.types_password() == "over"
    assert (wallet.balance_fen, wallet.owed_fen()) == (wallet.opening_fen, {})


@pytest.mark.parametrize(
    ("behaviour", "amount_fen", "code", "word"),
    [
        ("normal", 600_000, "51", "NOTENOUGH"),
        ("risk", AMOUNT_FEN, "62", "RULELIMIT"),
        ("brand_not_taken", 100, "40", "NOAUTH"),
    ],
)
def test_a_refusal_is_told_by_the_wallets_own_word(
    wallet: Wallet, behaviour: Behaviour, amount_fen: int, code: str, word: str
) -> None:
    wallet.behaves(behaviour)
    assert wallet.pay(amount_fen).code == code
    row = wallet.row(wallet.till.trace)
    assert (row.state, row.response_code, wallet.order.wallet_code) == ("declined", code, word)
    assert (wallet.balance_fen, wallet.owed_fen()) == (wallet.opening_fen, {})


def test_a_code_that_is_over_asks_for_a_new_one(wallet: Wallet) -> None:
    code = wallet.code()
    wallet.later(61)
    wallet.send(code=code)
    assert wallet.hear().code == "54"


def test_a_silent_wallet_is_given_up_by_the_terminal_and_the_order_is_cancelled(wallet: Wallet) -> None:
    wallet.behaves("silent")
    wallet.send()
    wallet.until("unknown")
    trace = wallet.till.trace
    wallet.till.hang_up()
    assert wallet.undo(trace) == "00"
    row = wallet.row(trace)
    assert (row.state, row.bank_state) == ("reversed", "reversal_due")
    wallet.behaves("normal")
    wallet.until("cancelled", step_s=2.0)
    assert wallet.row(trace).bank_state == "reversal_done"
    assert [wallet.undo(trace) for _ in range(2)] == ["00", "00"]
    assert (wallet.balance_fen, wallet.owed_fen()) == (wallet.opening_fen, {})


@pytest.mark.parametrize("behaviour", ["race", "late_payment", "normal"])
def test_what_is_paid_in_the_very_last_moment_is_with_the_customer_again(wallet: Wallet, behaviour: Behaviour) -> None:
    wallet.behaves(behaviour)
    wallet.send()
    wallet.until("waiting", "paid")
    trace = wallet.till.trace
    if behaviour == "normal":
        # Paid, and the terminal never heard of it.
        wallet.hear()
    wallet.till.hang_up()
    assert wallet.undo(trace) == "00"
    wallet.until_quiet()
    row = wallet.row(trace)
    assert (row.state, row.bank_state, wallet.order.state) == ("reversed", "reversal_done", "cancelled")
    assert wallet.balance_fen == wallet.opening_fen
    assert set(wallet.owed_fen().values()) <= {0}


def test_a_wallet_and_a_host_that_start_again_meanwhile_change_nothing(tmp_path: Path, ports: Ports) -> None:
    make_data(tmp_path)
    floor = Floor(tmp_path, TestClock(), wallets_port=ports.take()).start()
    at = Wallet(floor)
    try:
        at.behaves("password")
        asked = at.send()
        at.until("waiting")
        floor.stop_wallets()
        at.until("unknown", step_s=2.0)
        at.till.hang_up()
        floor = at.floor = at.shop.floor = floor.again()
        assert at.row(at.till.trace).state == "pending"
        assert at.types_password() == "paid"
        # The same request once more: its terminal has the same keys, and the row has not come to its end.
        at.till.port = floor.port
        at.till.line = Line("127.0.0.1", floor.port)
        at.till.line.send(asked)
        at.until("paid", step_s=2.0)
        assert at.hear().code == "00"
        assert at.row(at.till.trace).state == "approved"
        assert at.balance_fen == at.opening_fen - AMOUNT_FEN
    finally:
        at.close()
        floor.stop()


def test_a_payment_is_voided_and_the_customer_has_the_money_back(wallet: Wallet) -> None:
    assert wallet.pay().code == "00"
    trace = wallet.till.trace
    approval_no = wallet.approve(wallet.till, "void", f"{BATCH}{trace:06d}", AMOUNT_FEN)
    original = Original(batch_no=BATCH, trace_no=TraceNo(f"{trace:06d}"))
    asked = wallet.till.by_code("qr_void", CASHIER[0], original=original, approval_no=approval_no)
    void = wallet.till.trace
    assert wallet.till.ask(asked).code == "00"
    assert (wallet.row(trace).undone_by_trace_no, wallet.row(void).state) == (f"{void:06d}", "approved")
    assert wallet.undo(trace) == "12", "its terminal has gone on since"
    assert wallet.till.ask(wallet.till.reversal(void, kind="qr_void", entry_mode="032")).code == "12"
    assert wallet.balance_fen == wallet.opening_fen
    assert set(wallet.owed_fen().values()) == {0}


def test_a_void_waits_for_a_wallet_that_is_away_and_is_answered_once(wallet: Wallet) -> None:
    assert wallet.pay().code == "00"
    trace = wallet.till.trace
    approval_no = wallet.approve(wallet.till, "void", f"{BATCH}{trace:06d}", AMOUNT_FEN)
    wallet.floor.stop_wallets()
    original = Original(batch_no=BATCH, trace_no=TraceNo(f"{trace:06d}"))
    asked = wallet.till.by_code("qr_void", CASHIER[0], original=original, approval_no=approval_no)
    assert wallet.till.line is not None
    wallet.till.line.send(asked)
    wallet.until_asked(2)
    with wallet.line() as beside:
        undoing = wallet.till.reversal(wallet.till.trace, kind="qr_void", entry_mode="032")
        assert wallet.till.read(beside.ask(undoing)).code == "22"
        assert wallet.till.read(beside.ask(wallet.till.reversal(trace, kind="qr_sale", entry_mode="032"))).code == "22"
    wallet.floor.start_wallets()
    wallet.until_quiet()
    assert wallet.hear().code == "00"
    assert wallet.balance_fen == wallet.opening_fen


def test_parts_are_refunded_until_nothing_is_left(wallet: Wallet) -> None:
    paid = wallet.pay()
    rrn = str(paid.message.fields[37])

    def refund(amount_fen: int) -> str:
        approval_no = wallet.approve(wallet.other, "refund", rrn, amount_fen)
        original = Original(batch_no=BatchNo("000000"), trace_no=TraceNo("000000"), rrn=rrn)
        asked = wallet.other.by_code("qr_refund", "02", amount_fen, original=original, approval_no=approval_no)
        return wallet.other.ask(asked).code

    assert refund(10_000) == "00"
    assert refund(AMOUNT_FEN - 10_000 + 1) == "64"
    assert refund(AMOUNT_FEN - 10_000) == "00"
    assert wallet.balance_fen == wallet.opening_fen
    assert set(wallet.owed_fen().values()) == {0}
    assert sorted(one.amount_fen for one in wallet.orders if one.original_order_no) == [2_850, 10_000]
