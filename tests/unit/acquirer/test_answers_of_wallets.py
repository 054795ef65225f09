"""What a wallet's answer does not say: of another order or sum, or that a call was refused; and money that a host can't ask back."""

import pytest
from tests.worlds.acquirer_world import ACQUIRER_CODE, BATCH, MERCHANT, OURS, WANG, World, signed_in
from tests.worlds.wallet_orders import wallet_order

from zhanggui.acquirer.payments import payment as rule
from zhanggui.acquirer.payments.payment import OFFERS_OPEN_MAX, PaymentAsked, decide_payment
from zhanggui.acquirer.payments.roads.road import order_key
from zhanggui.acquirer.payments.roads.wallet_outcome import decide_order_moved
from zhanggui.acquirer.rows.decision import Decision, PaymentReply
from zhanggui.acquirer.rows.records import Approval, Payment, WalletOrder
from zhanggui.acquirer.rows.state import Update
from zhanggui.acquirer.wallets.order import Word, hear
from zhanggui.acquirer.wallets.plans import plan_of
from zhanggui.basics.numbers import OperatorNo, TraceNo, UnixMs
from zhanggui.basics.secret import PayCode
from zhanggui.cup.messages.payment import Original, PaymentRequest
from zhanggui.cup.wallets.codes import WALLET_CODES
from zhanggui.cup.wallets.messages import WalletAnswer, WalletRequest, says_of
from zhanggui.host.networks.wallet_line import is_of_another

CODE = PayCode("134567890123456789")
ALIPAY = PayCode("281234567890123456")
SALE, VOID, OTHER_SALE = TraceNo("000010"), TraceNo("000011"), TraceNo("000009")
ASKED = WalletRequest(merchant_no=MERCHANT, order_no="A1")


@pytest.mark.parametrize(
    ("answer", "original", "is_another"),
    [
        (WalletAnswer(code="SUCCESS", state="SUCCESS", order_no="A1", amount_fen=5_000), "", False),
        (WalletAnswer(code="SYSTEMERROR"), "", False),
        (WalletAnswer(code="SUCCESS", state="SUCCESS"), "", True),
        (WalletAnswer(code="SUCCESS", state="SUCCESS", order_no="B7", amount_fen=5_000), "", True),
        (WalletAnswer(code="SUCCESS", state="SUCCESS", amount_fen=4_999), "", True),
        (WalletAnswer(code="SUCCESS", state="SUCCESS", amount_fen=5_000, returned_fen=2_000), "", False),
        (WalletAnswer(code="SUCCESS", state="SUCCESS", amount_fen=5_000, given_back_fen=1), "", True),
        (WalletAnswer(code="SUCCESS", state="CLOSED", amount_fen=5_000, returned_fen=1), "", True),
        (WalletAnswer(code="SUCCESS", state="SUCCESS", amount_fen=9_000, given_back_fen=5_000), "A0", False),
        (WalletAnswer(code="SUCCESS", state="SUCCESS", amount_fen=9_000, given_back_fen=1), "A0", True),
    ],
)
def test_an_answer_about_another_order_or_another_sum_is_none(
    answer: WalletAnswer, original: str, is_another: bool
) -> None:
    order = wallet_order(original_order_no=original)
    assert is_of_another(answer, ASKED, order, says_of("wechat", "query", answer)) is is_another


@pytest.mark.parametrize("operation", ["query", "cancel", "refund", "refund_query"])
@pytest.mark.parametrize(
    ("brand", "code"),
    [("wechat", "PARAM_ERROR"), ("alipay", "ACQ.ACCESS_FORBIDDEN"), ("unionpay", "10"), ("unionpay", "31")],
)
def test_a_call_that_is_refused_says_nothing_of_an_order_that_may_be_paid_or_given_back(
    brand: str, code: str, operation: str
) -> None:
    assert says_of(brand, operation, WalletAnswer(code=code)) == "unclear"  # type: ignore[arg-type]  # literals
    assert says_of(brand, "pay", WalletAnswer(code=code)) == "refused"


def row(world: World, trace_no: TraceNo) -> Payment:
    found = world.payment(trace_no)
    assert found is not None
    return found


def test_every_refusal_of_a_call_or_a_merchant_says_so() -> None:
    about_the_call = {word for word, row in WALLET_CODES.items() if row.answer in ("30", "40")}
    assert {word for word, row in WALLET_CODES.items() if row.of_call} == about_the_call


def asked(
    world: World,
    kind: str,
    trace_no: TraceNo,
    *,
    has_wallets: bool = True,
    brand: str = "",
    said: bytes = b"",
    about: TraceNo = SALE,
    code: PayCode = CODE,
    offers_open: int = 0,
) -> Decision:
    original = (
        None
        if kind in ("qr_sale", "qr_own")
        else Original(batch_no=BATCH, trace_no=about, date="", rrn="", auth_code="")
    )
    request = PaymentRequest(
        kind=kind,
        merchant_no=MERCHANT,
        terminal_no=OURS,
        batch_no=BATCH,
        trace_no=trace_no,
        amount_fen=5_000,
        entry_mode="032",
        operator_no=WANG,
        pan=None,
        code=code if kind == "qr_sale" else None,
        brand=brand,
        original=original,
        approval_no=approved(world, kind, original),
        epoch="00c0ffee",
    )
    return world.took(
        decide_payment(
            world.state,
            PaymentAsked(
                request=request,
                mac="current",
                fingerprint=bytes(8) + trace_no.encode() + said,
                card_hash=b"",
                rrn=world.rrn(),
                acquirer_code=ACQUIRER_CODE,
                has_wallets=has_wallets,
                offers_open=offers_open,
            ),
            world.now,
        )
    )


def approved(world: World, kind: str, original: Original | None) -> int | None:
    """The approval of a supervisor for just this; None where none is needed."""
    if original is None:
        return None
    number = 2 * int(original.trace_no) + (kind == "qr_refund")
    if world.state.get(Approval, MERCHANT, number) is None:
        world.put(
            Approval(
                merchant_no=MERCHANT,
                approval_no=number,
                supervisor_no=OperatorNo("00"),
                terminal_no=OURS,
                action=kind.removeprefix("qr_"),
                amount_fen=5_000,
                session_no=1,
                original=original.named,
                given_ms=world.now,
                expires_ms=UnixMs(world.now + 60_000),
            )
        )
    return number


def heard(world: World, trace_no: TraceNo, word: Word) -> Decision:
    before = world.state.get(WalletOrder, *order_key(row(world, trace_no)))
    assert before is not None
    order = hear(before, word, plan_of(before.brand), world.now, 0.5)
    world.state.apply((Update(order),))
    return world.took(decide_order_moved(world.state, order, ACQUIRER_CODE, "掌柜收单", world.now))


@pytest.mark.parametrize("number", ["4200001234202612010123456789", "收据7", "a-1", "A1\x1b[2J"])
def test_a_number_that_field_59_cant_carry_is_left_out_and_the_payment_stands(number: str) -> None:
    world = signed_in()
    asked(world, "qr_sale", SALE)
    heard(world, SALE, Word(asked="pay", says="paid", code="SUCCESS", wallet_no=number))
    paid = row(world, SALE)
    assert (paid.state, paid.response_code, paid.pay_voucher) == ("approved", "00", None)


def test_a_host_without_a_line_to_wallets_leaves_no_void_waiting_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    world = signed_in()
    asked(world, "qr_sale", SALE)
    heard(world, SALE, Word(asked="pay", says="paid", code="SUCCESS", wallet_no="V1"))
    # Who may is not even asked: an approval is used up by nothing that can't be done.
    monkeypatch.delattr(rule, "why_not_permitted")
    asked(world, "qr_void", VOID, has_wallets=False)
    assert (row(world, VOID).state, row(world, VOID).response_code) == ("declined", "40")
    assert not row(world, SALE).undone_by_trace_no


def test_our_code_asked_for_again_under_another_brand_is_another_payment() -> None:
    world = signed_in()
    asked(world, "qr_own", SALE, brand="wechat")
    heard(world, SALE, Word(asked="pay", says="waiting", code="NOTPAY", shown="weixin://pay/1"))
    again = asked(world, "qr_own", SALE, brand="wechat", said=b"built anew").reply
    other = asked(world, "qr_own", SALE, brand="alipay", said=b"built anew").reply
    assert isinstance(again, PaymentReply)
    assert isinstance(other, PaymentReply)
    assert (again.answer.response_code, other.answer.response_code) == ("09", "94")


def test_a_void_asked_for_again_about_another_payment_is_another_void() -> None:
    world = signed_in()
    for trace_no in (SALE, OTHER_SALE):
        asked(world, "qr_sale", trace_no)
        heard(world, trace_no, Word(asked="pay", says="paid", code="SUCCESS", wallet_no="V1"))
    asked(world, "qr_void", VOID)
    heard(world, VOID, Word(asked="give_back", says="returned", code="SUCCESS"))
    again = asked(world, "qr_void", VOID, said=b"built anew").reply
    other = asked(world, "qr_void", VOID, said=b"built anew", about=OTHER_SALE).reply
    assert isinstance(again, PaymentReply)
    assert isinstance(other, PaymentReply)
    assert (again.answer.response_code, other.answer.response_code) == ("00", "94")
    assert row(world, OTHER_SALE).state == "approved"


def test_a_refund_of_what_alipay_calls_finished_is_refused_with_its_word() -> None:
    world = signed_in()
    asked(world, "qr_sale", SALE, code=ALIPAY)
    heard(world, SALE, Word(asked="pay", says="paid", code="10000", wallet_no="V1"))
    asked(world, "qr_refund", VOID)
    finished = WalletAnswer(code="10000", state="TRADE_FINISHED", amount_fen=5_000)
    says = says_of("alipay", "refund", finished)
    heard(world, VOID, Word(asked="give_back", says=says, code=finished.word))
    refund = row(world, VOID)
    assert (refund.state, refund.response_code) == ("declined", "12")
    assert row(world, SALE).standing_fen == 5_000


def test_one_code_of_ours_too_many_is_refused_and_asks_no_wallet() -> None:
    world = signed_in()
    refused = asked(world, "qr_own", SALE, brand="wechat", offers_open=OFFERS_OPEN_MAX)
    assert (row(world, SALE).response_code, refused.reason, refused.effects) == ("65", "too_many_codes_open", ())
    assert asked(world, "qr_own", VOID, brand="wechat", offers_open=OFFERS_OPEN_MAX - 1).effects
    assert asked(world, "qr_sale", OTHER_SALE, offers_open=OFFERS_OPEN_MAX).effects
