"""A payment by the code on the counter at the host: told once, taken once, told again until it is taken; what is forged changes nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.worlds.acquirer_world import (
    ACQUIRER_CODE,
    BATCH,
    FOREIGN,
    MERCHANT,
    OTHER,
    OURS,
    WANG,
    World,
    code_of,
    moved_by,
    signed_in,
)

from zhanggui.acquirer.payments import payment as rule
from zhanggui.acquirer.payments.books import book_differences
from zhanggui.acquirer.payments.payment import PaymentAsked, decide_payment
from zhanggui.acquirer.payments.roads.received import (
    ARRIVED,
    TOLD_AGAIN_FIRST_MS,
    TOLD_AGAIN_MAX_MS,
    Received,
    decide_received,
    decide_tell_again,
    sheet_of,
)
from zhanggui.acquirer.payments.roads.wallet_outcome import decide_order_moved
from zhanggui.acquirer.policy.actors import CONSOLE
from zhanggui.acquirer.rows.decision import AskWallet, Decision, PaymentReply, WatchOrder
from zhanggui.acquirer.rows.records import Merchant, Payment, Posting, SupportCase, TerminalOrder, WalletOrder
from zhanggui.acquirer.rows.state import Update
from zhanggui.acquirer.wallets.counter_codes import decide_put_code, decide_withdraw_code
from zhanggui.acquirer.wallets.order import SILENT_FROM_ATTEMPTS, Heard, Word
from zhanggui.acquirer.wallets.order import hear as hear_word
from zhanggui.acquirer.wallets.plans import plan_of
from zhanggui.basics.numbers import MerchantNo, TerminalNo, TraceNo, UnixMs
from zhanggui.cup.messages.payment import Original, PaymentRequest
from zhanggui.cup.qr.received import read_received
from zhanggui.host.networks.wallet_requests import request_of

VOUCHER = "20261201000000000017"
JUST_NOW = UnixMs(1 << 50)
"""Later than whatever was put up; a host never notes an instant of its future."""
FIRST, SECOND, THIRD = TraceNo("000010"), TraceNo("000011"), TraceNo("000012")


@pytest.fixture
def world() -> World:
    made = signed_in()
    made.took(decide_put_code(made.state, MERCHANT, OURS, ("5411", "上海"), CONSOLE, made.now))
    return made


def said(**other: object) -> Received:
    first = Received(
        merchant_no=MERCHANT, terminal_no=OURS, brand="wechat", voucher=VOUCHER, amount_fen=700, paid_ms=JUST_NOW
    )
    return replace(first, **other)


def hear(world: World, **other: object) -> Decision:
    return world.took(decide_received(world.state, said(**other), None, world.now))


def take(
    world: World,
    trace_no: TraceNo = FIRST,
    terminal_no: TerminalNo = OURS,
    amount_fen: int = 700,
    voucher: str = VOUCHER,
    kind: str = "qr_static",
    original: Original | None = None,
) -> Decision:
    request = PaymentRequest(
        kind=kind,
        merchant_no=MERCHANT,
        terminal_no=terminal_no,
        batch_no=BATCH,
        trace_no=trace_no,
        amount_fen=amount_fen,
        entry_mode="032",
        operator_no=WANG,
        pan=None,
        received=voucher if kind == "qr_static" else "",
        original=original,
        epoch="00c0ffee",
    )
    asked = PaymentAsked(
        request=request,
        mac="current",
        fingerprint=bytes(8) + trace_no.encode(),
        card_hash=b"",
        rrn=world.rrn(),
        acquirer_code=ACQUIRER_CODE,
        acquirer="掌柜收单",
        has_wallets=True,
    )
    return world.took(decide_payment(world.state, asked, world.now))


def orders(world: World) -> list[TerminalOrder]:
    return [row for row in world.rows(TerminalOrder) if row.kind == ARRIVED]


def cases(world: World) -> list[str]:
    return [row.what for row in sorted(world.rows(SupportCase), key=lambda row: row.case_no)]


def waiting(world: World) -> WalletOrder:
    order = world.state.get(WalletOrder, MERCHANT, VOUCHER)
    assert order is not None
    return order


def books_agree(world: World) -> None:
    payments = sorted(world.rows(Payment), key=lambda row: (row.terminal_no, row.batch_no, row.trace_no))
    postings = sorted(world.rows(Posting), key=lambda row: (row.terminal_no, row.batch_no, row.trace_no))
    assert list(book_differences(payments, postings)) == []


def test_a_notice_leaves_a_paid_order_and_tells_its_terminal_in_one_commit(world: World) -> None:
    assert hear(world).reason == ""
    order = waiting(world)
    assert (order.state, order.step, order.batch_no, order.trace_no) == ("paid", "tell", "", "")
    assert order.is_received
    assert not order.is_ours
    (told,) = orders(world)
    sheet = read_received(told.contents)
    assert sheet is not None
    assert (told.terminal_no, sheet.brand, sheet.voucher, sheet.amount_fen) == (OURS, "wechat", VOUCHER, 700)
    assert world.rows(Payment) == world.rows(Posting) == []


@pytest.mark.parametrize("later_ms", [0, 1_000, 86_400_000])
def test_the_same_word_again_changes_nothing_before_and_after_it_is_taken(world: World, later_ms: int) -> None:
    hear(world)
    world.now = UnixMs(world.now + later_ms)
    again = hear(world, paid_ms=UnixMs(5))
    assert (again.reason, again.changes) == ("repeat", ())
    take(world)
    assert hear(world).reason == "repeat"
    assert len(orders(world)) == 1


@pytest.mark.parametrize("fen", [700, 1_234])
def test_the_same_number_of_another_wallet_is_another_payment(world: World, fen: int) -> None:
    """Each wallet counts for itself, and may begin anew with each day."""
    hear(world)
    world.now = UnixMs(world.now + 1_000)
    assert hear(world, brand="alipay", amount_fen=fen).reason == ""
    assert cases(world) == []
    assert hear(world).reason == hear(world, brand="alipay", amount_fen=fen).reason == "repeat"
    first, second = sorted(world.rows(WalletOrder), key=lambda row: row.created_ms)
    assert (first.order_no, second.order_no) == (VOUCHER, f"alipay:{VOUCHER}")
    assert first.is_received
    assert second.is_received
    assert {sheet_of(one).voucher for one in (first, second)} == {VOUCHER}
    assert request_of(second, "query").order_no == VOUCHER
    assert request_of(replace(second, original_order_no=second.order_no), "pay").order_no == VOUCHER
    assert hear(world, brand="alipay", amount_fen=fen + 1).reason == "received_other_contents"


@pytest.mark.parametrize("other", [{"amount_fen": 701}, {"terminal_no": OTHER}], ids=["sum", "counter"])
def test_another_word_under_a_known_number_moves_no_money_and_calls_people_once(
    world: World, other: dict[str, object]
) -> None:
    hear(world)
    before = waiting(world)
    assert hear(world, **other).reason == "received_other_contents"
    assert replace(waiting(world), contradicted_ms=None) == before
    assert cases(world) == ["wallet_contradicts"]
    again = hear(world, **other)
    assert (again.reason, again.changes) == ("received_other_contents", ())
    assert hear(world).reason == "repeat"


@pytest.mark.parametrize("terminal_no", [OTHER, FOREIGN, TerminalNo("99999999")])
def test_money_for_a_code_that_nobody_put_up_goes_back_and_people_hear_of_it_once(
    world: World, terminal_no: TerminalNo
) -> None:
    decision = hear(world, terminal_no=terminal_no)
    assert decision.reason == "unknown_counter_code"
    order = waiting(world)
    assert (order.state, order.step, order.told) == ("unknown", "give_back", "failed")
    assert decision.effects == (WatchOrder(order),)
    assert orders(world) == []
    again = hear(world, terminal_no=terminal_no)
    assert (again.reason, again.changes) == ("received_refused", ())
    assert cases(world) == ["counter_code_refused"]


def test_of_a_shop_that_nobody_knows_nothing_is_written(world: World) -> None:
    decision = hear(world, merchant_no=MerchantNo("999999999999999"))
    assert (decision.reason, decision.changes) == ("unknown_merchant", ())


def heard(world: World, word: Word) -> WalletOrder:
    """What the wallet answers about the order, with what follows for cases."""
    after = hear_word(waiting(world), word, plan_of("wechat"), world.now, 0.5)
    world.took(Decision(changes=(Update(after),)))
    world.took(decide_order_moved(world.state, after, ACQUIRER_CODE, "掌柜收单", world.now))
    return after


@pytest.mark.parametrize("says", ["returned", "closed"], ids=["by this", "by the wallet itself"])
def test_refused_money_is_asked_back_until_none_stands_and_is_no_payment_ever(world: World, says: Heard) -> None:
    hear(world, terminal_no=OTHER)
    assert heard(world, Word(asked="give_back", says="silent")).step == "give_back"
    assert heard(world, Word(asked="give_back", says=says)).state == "cancelled"
    assert (heard(world, Word(asked="look", says="returned")).step, waiting(world).next_ms) == ("", None)
    assert hear(world, terminal_no=OTHER).reason == "received_refused"
    world.sign_in(number=OTHER)
    assert code_of(take(world, terminal_no=OTHER)) != "00"
    assert world.rows(Posting) == []


def test_a_wallet_that_says_nothing_of_refused_money_for_an_hour_calls_people(world: World) -> None:
    hear(world, terminal_no=OTHER)
    for _ in range(SILENT_FROM_ATTEMPTS + 2):
        heard(world, Word(asked="give_back", says="silent"))
    assert cases(world) == ["counter_code_refused", "wallet_silent"]
    assert waiting(world).next_ms is not None


def test_a_withdrawn_code_takes_no_money_and_leaves_what_came_before(world: World) -> None:
    hear(world)
    world.now = UnixMs(world.now + 60_000)
    world.took(decide_withdraw_code(world.state, MERCHANT, OURS, CONSOLE, world.now))
    assert hear(world, voucher="20261201000000000018").reason == "counter_code_withdrawn"
    assert code_of(take(world)) == "00"
    put_up = world.now = UnixMs(world.now + 60_000)
    world.took(decide_put_code(world.state, MERCHANT, OURS, ("5411", "上海"), CONSOLE, put_up))
    # Refused is refused: a bill that is read again, or a notice that was kept, makes no money of it.
    assert hear(world, voucher="20261201000000000018").reason == "received_refused"
    between = hear(world, voucher="20261201000000000020", paid_ms=UnixMs(put_up - 1))
    assert between.reason == "counter_code_withdrawn"
    assert hear(world, voucher="20261201000000000019").reason == ""


def test_what_was_paid_while_the_code_stood_there_is_the_shops_however_late_it_is_heard(world: World) -> None:
    withdrawn = world.now = UnixMs(world.now + 60_000)
    world.took(decide_withdraw_code(world.state, MERCHANT, OURS, CONSOLE, withdrawn))
    assert hear(world, voucher="20261201000000000021", paid_ms=withdrawn).reason == "counter_code_withdrawn"
    assert hear(world, paid_ms=UnixMs(withdrawn - 1)).reason == ""
    assert code_of(take(world)) == "00"
    world.now = UnixMs(world.now + 60_000)
    world.took(decide_put_code(world.state, MERCHANT, OURS, ("5411", "上海"), CONSOLE, world.now))
    assert hear(world, voucher="20261201000000000022", paid_ms=UnixMs(withdrawn - 1)).reason == ""
    books_agree(world)


def test_only_a_terminal_of_ours_has_one_and_only_with_what_a_code_can_say(world: World) -> None:
    for terminal_no, what, reason in (
        (FOREIGN, ("5411", "上海"), "not_our_terminal"),
        (TerminalNo("99999999"), ("5411", "上海"), "unknown_terminal"),
        (OTHER, ("541", "上海"), "counter_code_wrong"),
        (OTHER, ("5411", ""), "counter_code_wrong"),
        (OTHER, ("5411", "乌" * 16), "counter_code_wrong"),
        (OURS, ("5411", "上海"), "counter_code_exists"),
    ):
        assert decide_put_code(world.state, MERCHANT, terminal_no, what, CONSOLE, world.now).reason == reason
    assert decide_withdraw_code(world.state, MERCHANT, OTHER, CONSOLE, world.now).reason == "unknown_counter_code"


def test_taken_it_is_a_payment_of_the_terminals_batch_and_shift_with_postings_and_order_in_one_commit(
    world: World,
) -> None:
    hear(world)
    decision = take(world)
    assert isinstance(decision.reply, PaymentReply)
    answer = decision.reply.answer
    assert (answer.response_code, answer.pay_voucher, answer.acquirer) == ("00", VOUCHER, "掌柜收单")
    payment = world.payment(FIRST)
    assert payment is not None
    assert (payment.state, payment.wallet, payment.amount_fen, payment.operator_no) == ("approved", "wechat", 700, WANG)
    assert payment.session_no is not None
    order = waiting(world)
    assert (order.step, order.next_ms, order.told) == ("", None, "paid")
    assert (order.batch_no, order.trace_no) == (BATCH, FIRST)
    sums = {row.account: row.amount_fen for row in world.rows(Posting)}
    assert sums == {"wallet_clearing": 700, "merchant_payable": -700}
    books_agree(world)


def test_asked_again_it_is_answered_as_the_first_time_and_under_another_number_not_at_all(world: World) -> None:
    hear(world)
    first, again = take(world), take(world)
    assert (code_of(again), again.reply) == ("00", first.reply)
    other = take(world, SECOND)
    assert (code_of(other), other.reason, moved_by(other)) == ("12", "received_already", ())
    assert len(world.rows(Posting)) == 2
    books_agree(world)


@pytest.mark.parametrize(
    ("what", "code"),
    [({"amount_fen": 701}, "64"), ({"voucher": "20261201000000000018"}, "25"), ({"terminal_no": OTHER}, "77")],
)
def test_what_does_not_fit_is_refused_and_goes_on_waiting(world: World, what: dict[str, object], code: str) -> None:
    hear(world)
    decision = take(world, **what)  # type: ignore[arg-type]  # its parameters
    assert (code_of(decision), moved_by(decision)) == (code, ())
    assert waiting(world).step == "tell"
    assert code_of(take(world, SECOND)) == "00"


def test_another_terminal_of_the_shop_takes_nothing_of_this_one(world: World) -> None:
    hear(world)
    world.sign_in(number=OTHER)
    assert code_of(take(world, terminal_no=OTHER)) in ("25", "77")
    assert waiting(world).step == "tell"


def test_neither_a_kind_that_the_shop_does_not_use_nor_a_limit_without_network_keeps_money_out_of_the_books(
    world: World,
) -> None:
    shop = world.state.get(Merchant, MERCHANT)
    assert shop is not None
    world.change(shop, kinds_refused="qr_static")
    (session,) = world.live()
    world.change(session, sale_limit_fen=1)
    hear(world)
    assert code_of(take(world)) == "00"


@pytest.mark.parametrize(("kind", "fen"), [("qr_refund", 300), ("qr_void", 700)])
def test_a_refund_and_a_void_name_it_by_the_wallets_own_number(
    world: World, kind: str, fen: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A supervisor approves both, which is another test's.
    monkeypatch.setattr(rule, "why_not_permitted", lambda *asked: None)
    hear(world)
    take(world)
    about = Original(batch_no=BATCH, trace_no=FIRST, date="", rrn="", auth_code="")
    back = take(world, SECOND, amount_fen=fen, kind=kind, original=about)
    (effect,) = back.effects
    assert isinstance(effect, AskWallet)
    assert (effect.order.original_order_no, effect.order.amount_fen, effect.order.brand) == (VOUCHER, fen, "wechat")


def test_what_is_not_taken_is_told_again_more_and_more_slowly_and_never_given_up(world: World) -> None:
    hear(world)
    key, pauses = (MERCHANT, VOUCHER), []
    for _ in range(12):
        due = waiting(world).next_ms
        assert due is not None
        pauses.append(due - world.now)
        assert decide_tell_again(world.state, key, is_told=False, now=UnixMs(due - 1)).changes == ()
        world.now = due
        world.took(decide_tell_again(world.state, key, is_told=False, now=due))
    assert pauses[:3] == [TOLD_AGAIN_FIRST_MS, 2 * TOLD_AGAIN_FIRST_MS, 4 * TOLD_AGAIN_FIRST_MS]
    assert pauses[-1] == TOLD_AGAIN_MAX_MS
    assert len(orders(world)) == 13
    assert len({row.order_no for row in orders(world)}) == 13


def test_while_an_order_about_it_is_open_no_other_is_given_and_a_taken_one_is_told_no_more(world: World) -> None:
    hear(world)
    due = waiting(world).next_ms
    assert due is not None
    world.now = due
    world.took(decide_tell_again(world.state, (MERCHANT, VOUCHER), is_told=True, now=due))
    assert len(orders(world)) == 1
    take(world)
    late = UnixMs(due + TOLD_AGAIN_MAX_MS)
    assert decide_tell_again(world.state, (MERCHANT, VOUCHER), is_told=False, now=late).changes == ()


WORDS = st.lists(
    st.tuples(st.sampled_from(["hear", "take", "other", "tell"]), st.sampled_from([FIRST, SECOND, THIRD])), max_size=12
)


@settings(max_examples=60, deadline=None)
@given(WORDS)
def test_in_whatever_order_it_is_told_and_taken_the_money_is_counted_once(words: list[tuple[str, TraceNo]]) -> None:
    world = signed_in()
    world.took(decide_put_code(world.state, MERCHANT, OURS, ("5411", "上海"), CONSOLE, world.now))
    for word, trace_no in words:
        match word:
            case "hear":
                hear(world)
            case "other":
                hear(world, amount_fen=900)
            case "take":
                take(world, trace_no)
            case _:
                world.now = UnixMs(world.now + TOLD_AGAIN_FIRST_MS)
                world.took(decide_tell_again(world.state, (MERCHANT, VOUCHER), is_told=False, now=world.now))
    assert sum(row.state == "approved" for row in world.rows(Payment)) <= 1
    books_agree(world)
    order = world.state.get(WalletOrder, MERCHANT, VOUCHER)
    stands = [row for row in world.rows(Payment) if row.state == "approved"]
    assert order is None or (order.step == "") == bool(stands)
    assert not stands or stands[0].amount_fen == order.amount_fen  # type: ignore[union-attr]  # what stands has one
