"""Sale and the bank's answer, rule by rule."""

import msgspec
import pytest
from tests.unit.acquirer.approved_sale import approved
from tests.worlds.acquirer_world import (
    FOREIGN,
    LI,
    MERCHANT,
    NOON,
    OURS,
    WANG,
    World,
    code_of,
    moved_by,
    signed_in,
)

from zhanggui.acquirer.payments.answers import read_answer
from zhanggui.acquirer.payments.payment import AMOUNT_MAX_FEN
from zhanggui.acquirer.policy.rules import policy_of
from zhanggui.acquirer.rows.decision import (
    AskBank,
    JoinPending,
    PaymentReply,
    ReverseAtBank,
)
from zhanggui.acquirer.rows.records import Clash, Merchant, Payment, Posting, Session, SignIn
from zhanggui.acquirer.rows.state import Insert
from zhanggui.basics.numbers import MerchantNo, TerminalNo, UnixMs
from zhanggui.basics.spans import HOUR_MS

# ---------------------------------------------------------------------------------------------------------- the gate


def without_merchant(world: World) -> None:
    world.forget(Merchant)


def suspended(world: World) -> None:
    world.put(Merchant(merchant_no=MERCHANT, name="", state="suspended", created_ms=NOON))


def locked(world: World) -> None:
    world.change(world.terminal(), state="locked")


def never_signed_on(world: World) -> None:
    world.change(world.terminal(), mac_key="", waiting=None)


def after_the_longest_session(world: World) -> None:
    world.now = UnixMs(NOON + policy_of("basic").session_hours_max * HOUR_MS + 1)


def nothing(world: World) -> None:
    pass


# Each row is wrong in all that later rows are wrong in too, so the order of the checks shows in the code.
GATE = [
    (
        without_merchant,
        {"number": TerminalNo("99999999"), "batch": "000002", "mac": "bad", "amount_fen": 0},
        "03",
        "unknown_merchant",
    ),
    (suspended, {"batch": "000002", "mac": "bad", "amount_fen": 0}, "03", "merchant_not_active"),
    (
        nothing,
        {"number": TerminalNo("99999999"), "batch": "000002", "mac": "bad", "amount_fen": 0},
        "97",
        "unknown_terminal",
    ),
    (locked, {"batch": "000002", "mac": "bad", "amount_fen": 0}, "58", "terminal_locked"),
    (never_signed_on, {"mac": "none", "amount_fen": 0}, "77", "terminal_not_signed_in"),
    (nothing, {"batch": "000002", "mac": "bad", "amount_fen": 0}, "77", "wrong_batch"),
    (nothing, {"operator_no": LI, "mac": "bad", "amount_fen": 0}, "A0", "wrong_mac"),
    (nothing, {"operator_no": LI, "amount_fen": 0}, "77", "no_session"),
    (nothing, {"operator_no": None, "amount_fen": 0}, "77", "no_session"),
    (after_the_longest_session, {"amount_fen": 0}, "77", "session_too_long"),
    (nothing, {"amount_fen": 0}, "13", "amount_out_of_range"),
    (nothing, {"amount_fen": AMOUNT_MAX_FEN + 1}, "13", "amount_out_of_range"),
]


@pytest.mark.parametrize(
    ("spoil", "wrong", "code", "reason"), GATE, ids=lambda value: value if isinstance(value, str) else None
)
def test_a_sale_meets_the_checks_in_their_order_and_a_refused_one_changes_nothing(
    spoil: object, wrong: dict[str, object], code: str, reason: str
) -> None:
    world = signed_in()
    assert callable(spoil)
    spoil(world)
    decision = world.sale(**wrong)  # type: ignore[arg-type]  # one of the rows above
    assert (code_of(decision), decision.reason) == (code, reason)
    assert moved_by(decision) == ()
    assert decision.effects == ()
    row = world.payment("000007")
    proven = code not in ("03", "97", "58", "A0") and reason not in ("terminal_not_signed_in", "wrong_batch")
    assert (row is not None) == proven, "what proves nothing, or names another batch, is not listed"
    if row is not None:
        assert (row.state, row.response_code, row.reason, row.auth_code) == ("declined", code, reason, "")
        assert world.postings("000007", "sale") == []


def test_a_merchant_that_is_not_the_terminals_is_unknown() -> None:
    assert code_of(signed_in().sale(merchant_no=MerchantNo("999999999999999"))) == "03"


def test_a_duplicate_is_seen_before_its_amount_is() -> None:
    world = approved()
    assert code_of(world.sale(amount_fen=0)) == "94"


# ------------------------------------------------------------------------------------------------------------- sale


def test_a_sale_is_pending_before_the_bank_is_asked() -> None:
    world = signed_in()
    decision = world.sale()
    payment = world.payment("000007")
    assert payment is not None
    assert (payment.state, payment.amount_fen, payment.masked_pan) == ("pending", 12850, "621700*********0012")
    assert payment.session_no == world.live()[0].session_no
    assert decision.reply is None
    assert decision.effects == (AskBank(payment, world.terminal().pin_key),)
    assert world.postings("000007", "sale") == []


def test_an_approval_posts_once_and_its_answer_is_kept() -> None:
    world = approved()
    payment = world.payment("000007")
    assert payment is not None
    assert (payment.state, payment.response_code, payment.auth_code) == ("approved", "00", "123456")
    assert sorted(line.amount_fen for line in world.postings("000007", "sale")) == [-12850, 12850]
    again = world.sale()
    assert isinstance(again.reply, PaymentReply)
    assert again.reply.answer == read_answer(payment.answer)
    assert (again.changes, again.effects, again.reason) == ((), (), "repeat")


def test_a_late_approval_is_ignored() -> None:
    world = signed_in()
    world.sale()
    world.bank(None)
    late = world.bank("00")
    assert (code_of(late), late.changes, late.reason) == ("98", (), "late_bank_answer")
    assert world.postings("000007", "sale") == []


@pytest.mark.parametrize("said", ["00", "05", None])
@pytest.mark.parametrize(
    ("closed", "code"), [("00", "00"), ("05", "05"), (None, "98"), ("reversed", "12"), ("gone", "")]
)
def test_whoever_waits_for_a_payment_that_somebody_else_closed_is_told_what_its_row_says(
    closed: str | None, code: str, said: str | None
) -> None:
    world = signed_in()
    world.sale()
    if closed == "reversed":
        world.reverse()
    elif closed == "gone":
        world.forget(Payment)
    else:
        world.bank(closed)
    kept = [world.rows(Posting), world.rows(Payment)]
    late = world.bank(said)
    assert (code_of(late), late.changes, late.effects) == (code, (), ())
    assert [world.rows(Posting), world.rows(Payment)] == kept


@pytest.mark.parametrize("code", ["51", "55", "05", "41"])
def test_a_refusal_of_the_bank_is_passed_on_and_posts_nothing(code: str) -> None:
    world = signed_in()
    world.sale()
    assert code_of(world.bank(code)) == code
    payment = world.payment("000007")
    assert payment is not None
    assert (payment.state, payment.bank_state) == ("declined", "")
    assert world.postings("000007", "sale") == []
    assert code_of(world.sale()) == code


def test_a_partial_approval_that_nobody_asked_for_is_refused_and_undone() -> None:
    world = signed_in()
    world.sale()
    decision = world.bank("10")
    assert code_of(decision) == "05"
    payment = world.payment("000007")
    assert payment is not None
    assert (payment.state, payment.bank_state) == ("declined", "reversal_due")
    assert [type(effect) for effect in decision.effects] == [ReverseAtBank]
    assert world.postings("000007", "sale") == []


def test_a_silent_bank_is_answered_98_and_told_to_undo() -> None:
    world = signed_in()
    world.sale()
    decision = world.bank(None)
    payment = world.payment("000007")
    assert payment is not None
    assert code_of(decision) == "98"
    assert (payment.state, payment.bank_state, payment.reversal_reason) == ("timed_out", "reversal_due", "98")
    assert decision.effects == (ReverseAtBank(payment),)


def test_a_repeat_while_the_first_is_at_the_bank_waits_for_the_same_outcome() -> None:
    world = signed_in()
    world.sale()
    decision = world.sale()
    assert decision.reply is None
    assert decision.effects == (JoinPending(world.key("000007")),)
    assert decision.changes == ()


@pytest.mark.parametrize("then", ["locked", "signed out", "too long"])
def test_a_repeat_is_answered_as_before_whatever_became_of_the_session(then: str) -> None:
    world = signed_in()
    world.sale()
    first = world.bank("00")
    if then == "locked":
        world.change(world.live()[0], locked_ms=NOON)
    elif then == "signed out":
        world.sign_out()
    else:
        (session,) = world.live()
        world.change(session, opened_ms=NOON - policy_of("basic").session_hours_max * HOUR_MS - 1)
    again = world.sale()
    assert (again.reply, again.reason, again.changes, again.effects) == (first.reply, "repeat", (), ())
    assert code_of(world.sale(amount_fen=12851)) == code_of(world.sale("000008")) == "77"
    assert code_of(world.sale(mac="bad")) == "A0"


def test_a_foreign_terminals_session_lasts_as_long_as_policy_says_and_the_next_0800_begins_another() -> None:
    world = World()
    world.sign_on(FOREIGN, WANG)
    assert world.sale("000001", number=FOREIGN, mac="next").effects
    after_the_longest_session(world)
    assert world.sale("000002", number=FOREIGN).reason == "session_too_long"
    world.sign_on(FOREIGN, WANG)
    assert world.sale("000003", number=FOREIGN).reason == "session_too_long", "the old keys begin nothing"
    assert world.sale("000004", number=FOREIGN, mac="next").effects


@pytest.mark.parametrize("outcome", [None, "00", "51"])
def test_the_same_trace_with_other_contents_is_94_and_posts_nothing(outcome: str | None) -> None:
    world = signed_in()
    world.sale()
    if outcome is not None:
        world.bank(outcome)
    before = world.payment("000007")
    decision = world.sale(amount_fen=12851)
    assert (code_of(decision), decision.effects) == ("94", ())
    (clash,) = world.rows(Clash)
    assert decision.changes == (Insert(clash),)
    assert (clash.what, clash.trace_no, clash.times, clash.amount_fen) == ("other_payment", "000007", 1, 12851)
    assert world.payment("000007") == before
    world.sale(amount_fen=12852)
    (clash,) = world.rows(Clash)
    assert (clash.times, clash.amount_fen) == (2, 12852)


def test_a_foreign_terminals_session_begins_at_its_first_good_mac() -> None:
    world = World()
    world.sign_on(FOREIGN, WANG)
    assert world.live(FOREIGN) == ()
    assert world.record(1).state == "attempted"
    assert world.sale(number=FOREIGN, mac="next").effects
    (session,) = world.live(FOREIGN)
    assert (session.kind, session.operator_no, session.record_no) == ("unverified", WANG, 1)
    record = world.record(1)
    assert (record.state, record.session_no) == ("active", session.session_no)
    payment = world.payment("000007", FOREIGN)
    assert payment is not None
    assert payment.session_no == session.session_no


def test_old_keys_after_a_sign_off_and_a_new_0800_begin_no_session() -> None:
    world = World()
    world.sign_on(FOREIGN, WANG)
    world.sale(number=FOREIGN, mac="next")
    world.sign_off(FOREIGN)
    world.sign_on(FOREIGN, WANG)
    assert code_of(world.sale("000008", number=FOREIGN, mac="current")) == "77"
    assert world.sale("000009", number=FOREIGN, mac="next").effects


def test_a_bad_mac_on_a_foreign_terminal_that_may_begin_is_a0_and_begins_nothing() -> None:
    world = World()
    world.sign_on(FOREIGN, WANG)
    decision = world.sale(number=FOREIGN, mac="bad")
    assert (code_of(decision), decision.changes) == ("A0", ())
    assert world.live(FOREIGN) == ()


def test_a_new_sign_on_of_a_foreign_terminal_ends_the_session_before_it() -> None:
    world = World()
    world.sign_on(FOREIGN, WANG)
    world.sale("000001", number=FOREIGN, mac="next")
    world.sign_on(FOREIGN, LI)
    world.sale("000002", number=FOREIGN, operator_no=LI, mac="next")
    assert [session.operator_no for session in world.live(FOREIGN)] == [LI]
    assert (world.record(1).state, world.record(1).reason) == ("ended", "signed_in_again")
    assert [session.session_no for session in world.rows(Session)] == [1, 2]


def test_a_stored_answer_holds_no_card_number() -> None:
    world = approved()
    payment = world.payment("000007")
    assert payment is not None
    assert b"6217000000000000012" not in msgspec.json.encode(payment)
    assert world.rows(SignIn)
    assert world.terminal(OURS).batch_no == payment.batch_no
    assert payment.operator_no == WANG


def test_a_trace_number_is_one_payment_whatever_kind_the_second_request_names() -> None:
    world = approved()
    known = world.payment("000007")
    assert known is not None
    world.change(known, kind="another_kind")
    again = world.sale()
    assert (code_of(again), again.reason, again.effects) == ("94", "same_trace_other_contents", ())
    undone = world.reverse()
    assert (code_of(undone), undone.reason, undone.changes) == ("94", "other_kind_than_original", ())
