"""扫码付: a customer's one-time code is paid, voided, refunded and undone over TCP, as UnionPay's C2B has it on 8583."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic, sleep

import pytest
from tests.worlds.customers_phone import CustomersPhone
from tests.worlds.floor import PASSPHRASE, Floor, Shop
from tests.worlds.our_terminal import AMOUNT_FEN, BATCH, Answer, Counter
from tests.worlds.raw_files import raw

from zhanggui.acquirer.rows.records import Payment
from zhanggui.acquirer.rows.state import Needs
from zhanggui.bank import setup as bank_setup
from zhanggui.basics.chance import SystemChance
from zhanggui.basics.numbers import BatchNo, TraceNo
from zhanggui.basics.secret import Secret
from zhanggui.cup.messages.payment import Original
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.qr.field59 import read_field_59
from zhanggui.vault.phone_code import LIFE_S, STEP_S

UNKNOWN = {"batch_no": BatchNo("000000"), "trace_no": TraceNo("000000")}
CASHIER, SUPERVISOR = ("01", "8302"), ("00", "492817")


class Phones:
    """The phones of the bank's customers: they have their files, as terminals have the cards'."""

    def __init__(self, floor: Floor, folder: Path) -> None:
        vault = bank_setup.open_vault(floor.folder, Secret(PASSPHRASE), SystemChance())
        paths = bank_setup.export_cards(floor.folder, vault, folder)
        files = [json.loads(path.read_bytes()) for path in paths]
        self._phones = {file["id"]: CustomersPhone(file) for file in files if file.get("phone")}

    def code(self, card: str = "main", *, ago_s: float = 0) -> str:
        """What the phone of this card's holder shows, or has shown so long ago."""
        return self._phones[card].code(ago_s=ago_s)


@pytest.fixture(scope="module")
def phones(floor: Floor, tmp_path_factory: pytest.TempPathFactory) -> Phones:
    return Phones(floor, tmp_path_factory.mktemp("phones"))


@pytest.fixture
def till(shop: Shop) -> Counter:
    (till, _) = shop.terminals
    assert till.sign_in(*CASHIER).code == "00"
    return till


def pay(till: Counter, code: str, amount_fen: int = AMOUNT_FEN) -> Answer:
    return till.ask(till.by_code("qr_sale", CASHIER[0], amount_fen, code=code))


def voucher_of(answer: Answer) -> str:
    assert answer.code == "00"
    return read_field_59(str(answer.message.fields[59])).pay_voucher


def approve(till: Counter, action: str, original: str, amount_fen: int = AMOUNT_FEN) -> int:
    tags = {Tag.AMOUNT: str(amount_fen), Tag.ORIGINAL: original}
    approved = till.approve(*SUPERVISOR, action, tags)
    assert approved.code == "00"
    return int(approved[Tag.APPROVAL_NO])


def known(till: Counter, floor: Floor, trace: int) -> Payment | None:
    key = (till.merchant_no, till.terminal_no, BATCH, TraceNo(f"{trace:06d}"))
    found = floor.state(Needs({Payment: [key]})).get(Payment, *key)
    assert found is None or isinstance(found, Payment)
    return found


def row(till: Counter, floor: Floor, trace: int) -> Payment:
    found = known(till, floor, trace)
    assert found is not None
    return found


def eventually(what: Callable[[], bool]) -> None:
    end = monotonic() + 10
    while not what():
        assert monotonic() < end
        sleep(0.05)


def test_a_code_is_paid_with_its_voucher_and_shown_nowhere(till: Counter, floor: Floor, phones: Phones) -> None:
    code = phones.code()
    answer = pay(till, code)
    assert (answer.code, answer.sealed, answer.message.mti) == ("00", True, "0210")
    assert 2 not in answer.message.fields
    assert 38 not in answer.message.fields
    voucher = voucher_of(answer)
    assert voucher.isdigit()
    assert voucher.endswith(str(answer.message.fields[37]))
    kept = row(till, floor, till.trace)
    assert (kept.kind, kept.state, kept.entry_mode, kept.pay_voucher) == ("qr_sale", "approved", "032", voucher)
    assert kept.masked_pan == f"{code[:6]}*********{code[-4:]}"
    assert code not in repr(kept)
    files = [path for path in floor.folder.rglob("*") if path.is_file()]
    assert not [path for path in files if code.encode() in raw(path)], "the code is written down somewhere"


def test_a_code_is_good_once_and_a_repeat_is_answered_as_the_first_time(till: Counter, phones: Phones) -> None:
    code = phones.code()
    asked = till.by_code("qr_sale", CASHIER[0], code=code)
    first, again = till.ask(asked), till.ask(asked)
    assert (first.code, again.code, voucher_of(first)) == ("00", "00", voucher_of(again))
    assert pay(till, code).code == "12", "another payment by a code that was used"
    assert pay(till, phones.code()).code == "00"


@pytest.mark.parametrize(
    ("ago_s", "code"), [(0, "00"), (LIFE_S - STEP_S, "00"), (LIFE_S + 2 * STEP_S, "54"), (3_600, "14"), (-60, "14")]
)
def test_a_code_is_over_after_a_minute(till: Counter, phones: Phones, ago_s: int, code: str) -> None:
    assert pay(till, phones.code(ago_s=ago_s)).code == code


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("6299999123412345678", "14"),  # no phone has this number
        ("1345678901234567890", "14"),  # nobody's
        ("134567890123456789", "40"),  # WeChat's
        ("281234567890123456", "40"),  # Alipay's
    ],
)
def test_a_code_that_nobody_here_can_ask_about_is_refused_and_listed(
    till: Counter, floor: Floor, code: str, answer: str
) -> None:
    assert pay(till, code).code == answer
    assert row(till, floor, till.trace).state == "declined"
    assert (row(till, floor, till.trace).reason is None) == code.startswith("62")


def test_the_customers_card_is_looked_at_as_when_it_is_shown(till: Counter, phones: Phones) -> None:
    assert pay(till, phones.code("lost")).code == "41"
    code = phones.code()
    assert pay(till, code, 1_000_000_00).code == "51"
    assert pay(till, code, 1).code == "00", "a payment that was refused has not used the code"


def test_without_its_code_or_with_a_card_beside_it_a_message_is_malformed(till: Counter, phones: Phones) -> None:
    assert till.ask(till.by_code("qr_sale", CASHIER[0])).code == "30"


def void(till: Counter, named: Mapping[str, object], original: str) -> Answer:
    approval_no = approve(till, "void", original)
    return till.ask(till.by_code("qr_void", CASHIER[0], original=Original(**named), approval_no=approval_no))  # type: ignore[arg-type]  # of many types


def test_a_phone_shows_no_code_twice_within_one_of_its_steps(phones: Phones) -> None:
    codes = [phones.code() for _ in range(2_000)]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("by", ["trace", "voucher", "both"])
def test_a_payment_by_code_is_voided_by_trace_or_by_voucher_once(
    till: Counter, floor: Floor, phones: Phones, by: str
) -> None:
    paid = pay(till, phones.code())
    trace = till.trace
    numbers = {"batch_no": BATCH, "trace_no": TraceNo(f"{trace:06d}")} if by != "voucher" else UNKNOWN
    named = {**numbers, **({"pay_voucher": voucher_of(paid)} if by != "trace" else {})}
    about = Original(**named).named  # type: ignore[arg-type]  # of many types
    assert void(till, named, about).code == "00"
    assert row(till, floor, trace).undone_by_trace_no == f"{till.trace:06d}"
    assert row(till, floor, till.trace).masked_pan == row(till, floor, trace).masked_pan
    assert void(till, named, about).code == "12"


def test_a_voucher_of_another_payment_voids_nothing(till: Counter, phones: Phones) -> None:
    first, _ = pay(till, phones.code()), pay(till, phones.code())
    numbers = {"batch_no": BATCH, "trace_no": TraceNo(f"{till.trace:06d}")}
    about = f"{BATCH}{till.trace:06d}"
    assert void(till, {**numbers, "pay_voucher": voucher_of(first)}, about).code == "25"
    assert void(till, {**UNKNOWN, "pay_voucher": "20261123000000000000"}, "000000000000").code == "25"


@pytest.mark.parametrize("by", ["reference", "voucher"])
def test_an_approval_for_one_payment_by_code_gives_back_no_other(till: Counter, phones: Phones, by: str) -> None:
    pay(till, phones.code())
    numbers = {"batch_no": BATCH, "trace_no": TraceNo(f"{till.trace:06d}")}
    other = pay(till, phones.code())
    named = {"pay_voucher": voucher_of(other)} if by == "voucher" else {"rrn": str(other.message.fields[37])}
    original = Original(**numbers, **named)  # type: ignore[arg-type]  # of many types
    approval_no = approve(till, "refund", original.named)
    asked = till.by_code("qr_refund", CASHIER[0], original=original, approval_no=approval_no)
    assert till.ask(asked).code == "25"


def test_a_payment_by_code_is_refunded_in_parts_from_another_terminal(shop: Shop, phones: Phones) -> None:
    till, other = shop.terminals
    assert till.sign_in(*CASHIER).code == "00"
    assert other.sign_in("02", "7415").code == "00"
    paid = pay(till, phones.code())
    rrn = str(paid.message.fields[37])

    def refund(amount_fen: int, **named: object) -> str:
        approval_no = approve(other, "refund", rrn, amount_fen)
        original = Original(**UNKNOWN, rrn=rrn, **named)  # type: ignore[arg-type]  # of many types
        asked = other.by_code("qr_refund", "02", amount_fen, original=original, approval_no=approval_no)
        return other.ask(asked).code

    assert refund(10_000, pay_voucher=voucher_of(paid)) == "00"
    assert refund(AMOUNT_FEN - 10_000 + 1) == "64"
    assert refund(AMOUNT_FEN - 10_000) == "00"


@pytest.mark.parametrize("kind", ["qr_void", "qr_refund"])
def test_a_reference_of_zeros_is_none_and_the_voucher_names_the_payment(
    till: Counter, phones: Phones, kind: str
) -> None:
    paid = pay(till, phones.code())
    voucher = voucher_of(paid)
    original = Original(**UNKNOWN, rrn="000000000000", pay_voucher=voucher)  # type: ignore[arg-type]  # of many types
    right = "void" if kind == "qr_void" else "refund"
    approval_no = approve(till, right, voucher[-12:].zfill(12))
    asked = till.by_code(kind, CASHIER[0], original=original, approval_no=approval_no)
    assert till.ask(asked).code == "00"


def test_a_payment_whose_answer_was_lost_is_reversed_as_one_by_card(
    till: Counter, floor: Floor, phones: Phones
) -> None:
    code = phones.code()
    assert pay(till, code).code == "00"
    trace = till.trace
    reversal = till.reversal(trace, kind="qr_sale", entry_mode="032")
    assert [till.ask(reversal).code for _ in range(2)] == ["00", "00"]
    assert till.ask(till.reversal(trace)).code == "94", "by card it would be another payment"
    eventually(lambda: row(till, floor, trace).bank_state == "reversal_done")
    assert pay(till, code).code == "12", "a code that was used stays used"


def test_a_silent_bank_is_told_to_undo_a_payment_by_code(till: Counter, floor: Floor, phones: Phones) -> None:
    asked = till.by_code("qr_sale", CASHIER[0], code=phones.code("silent"))
    trace = till.trace
    assert till.line is not None
    till.line.send(asked)
    eventually(lambda: known(till, floor, trace) is not None)
    till.hang_up()
    assert till.ask(till.reversal(trace, kind="qr_sale", entry_mode="032")).code == "00"
    eventually(lambda: row(till, floor, trace).bank_state == "reversal_done")
