"""The machine of an order at a wallet, row by row of its table and second by second of its plans."""

import pytest
from msgspec.structs import replace

from zhanggui.acquirer.rows.moves import MACHINES, WALLET_ORDER
from zhanggui.acquirer.rows.records import WalletOrder
from zhanggui.acquirer.wallets.order import (
    ASKED_STEPS,
    HEARD,
    TABLE,
    Heard,
    OrderAsked,
    Word,
    begin,
    give_up,
    hear,
    is_over,
    order_number,
    tell_paid,
)
from zhanggui.acquirer.wallets.plans import PLANS, Plan, plan_of
from zhanggui.basics.errors import Defect
from zhanggui.basics.numbers import BatchNo, MerchantNo, TerminalNo, TraceNo, UnixMs
from zhanggui.cup.brands import BRANDS
from zhanggui.cup.wallets.codes import WALLET_CODES, find_code, wallet_code

T0 = UnixMs(1_800_000_000_000)
PLAN = plan_of("wechat")
ASKED = OrderAsked(
    merchant_no=MerchantNo("102100058120001"),
    order_no="10000001000001000012261130183504",
    brand="wechat",
    amount_fen=120_000,
    terminal_no=TerminalNo("10000001"),
    batch_no=BatchNo("000001"),
    trace_no=TraceNo("000012"),
    masked_code="130000********0017",
)
OURS = replace(ASKED, masked_code="")
"""The shop shows a code for it."""


def at(seconds: float) -> UnixMs:
    return UnixMs(T0 + int(seconds * 1000))


def asked() -> WalletOrder:
    return begin(ASKED, PLAN, T0)


def told(order: WalletOrder, says: Heard, seconds: float, plan: Plan = PLAN, draw: float = 0.0) -> WalletOrder:
    """What becomes of an order by a word that answers what was due."""
    step = "pay" if order.state == "asked" and seconds < plan.answer_s else order.step
    assert step != ""
    assert step != "tell"
    return hear(order, Word(asked=step, says=says), plan, at(seconds), draw)


def due_s(order: WalletOrder) -> float:
    assert order.next_ms is not None
    return (order.next_ms - T0) / 1000


def walked(
    plan: Plan, says: Heard = "unclear", draw: float = 0.0, asked: OrderAsked = ASKED
) -> list[tuple[str, float]]:
    """The steps of an order that never gets another word than this one, each with its second, until the first cancel."""
    order = begin(asked, plan, T0)
    steps: list[tuple[str, float]] = []
    order = told(order, says, 1, plan, draw)
    while True:
        steps.append((order.step, due_s(order)))
        if order.step == "cancel":
            return steps
        order = told(order, says, due_s(order), plan, draw)


def test_every_word_has_a_row_for_every_request() -> None:
    assert set(TABLE) == set(HEARD)
    assert {len(row) for row in TABLE.values()} == {len(ASKED_STEPS)}
    assert {row.says for row in WALLET_CODES.values()} <= set(HEARD)


def test_every_brand_has_a_plan() -> None:
    assert set(BRANDS) == set(PLANS)
    with pytest.raises(Defect, match="no row for the brand"):
        plan_of("nobody")


def test_a_plan_whose_times_do_not_follow_each_other_is_seen() -> None:
    assert not replace(PLAN, every_s=(5, 3)).is_in_order()
    assert not replace(PLAN, first_s=0).is_in_order()


def test_the_row_is_there_before_the_wallet_is_asked_and_asks_by_itself() -> None:
    order = asked()
    assert (order.state, order.step, due_s(order)) == ("asked", "query", PLAN.answer_s + PLAN.first_s)


def test_an_order_is_about_an_amount() -> None:
    with pytest.raises(Defect, match="above zero"):
        begin(replace(ASKED, amount_fen=0), PLAN, T0)


def test_paid_at_once_is_final_and_nothing_is_asked_any_more() -> None:
    order = told(asked(), "paid", 1)
    assert (order.state, order.step, order.next_ms, order.paid_ms, order.decided_ms) == ("paid", "", None, at(1), at(1))
    assert tell_paid(order).told == "paid"


def test_refused_is_final_and_lets_the_customer_try_again_as_a_new_order() -> None:
    order = told(asked(), "refused", 1)
    assert (order.state, order.next_ms, is_over(order)) == ("refused", None, True)


@pytest.mark.parametrize("says", ["waiting", "unclear"])
def test_while_an_order_is_open_there_is_no_new_try(says: Heard) -> None:
    assert not is_over(told(asked(), says, 1))


def test_wechat_is_asked_after_5_s_then_each_3_to_5_s_within_45_s_then_cancelled() -> None:
    fast, slow = walked(PLAN, draw=0.0), walked(PLAN, draw=0.999)
    assert fast[:3] == [("query", 6), ("query", 9), ("query", 12)]
    assert [second for _, second in slow][:2] == [6, pytest.approx(10.998)]
    for steps in (fast, slow):
        queries = [second for step, second in steps if step == "query"]
        assert queries[-1] <= 45
        assert steps[-1][0] == "cancel"
    assert fast[-1][1] == 45


def test_alipay_is_asked_after_5_s_then_each_3_s_10_to_20_times() -> None:
    steps = walked(plan_of("alipay"))
    queries = [second for step, second in steps if step == "query"]
    assert queries == [6 + 3 * number for number in range(15)]
    assert 10 <= len(queries) <= 20
    assert steps[-1] == ("cancel", queries[-1])


@pytest.mark.parametrize("brand", BRANDS)
def test_our_code_is_asked_about_each_two_seconds_and_cancelled_after_two_minutes(brand: str) -> None:
    steps = walked(plan_of(brand), "waiting", asked=replace(OURS, brand=brand))
    queries = [second for step, second in steps if step == "query"]
    assert queries == [3 + 2 * number for number in range(59)] + [120]
    assert steps[-1] == ("cancel", 120)


def test_what_our_code_says_is_kept_once_it_is_known() -> None:
    order = begin(OURS, PLAN, T0)
    assert (order.is_ours, order.shown, begin(ASKED, PLAN, T0).is_ours) == (True, None, False)
    order = hear(order, Word(asked="pay", says="waiting", shown="https://…/q/1"), PLAN, at(1), 0.0)
    assert told(order, "waiting", 3).shown == "https://…/q/1"
    gives_back = replace(OURS, original_order_no="1")
    assert not begin(gives_back, PLAN, T0).is_ours


def test_nothing_is_cancelled_within_15_s_of_the_order() -> None:
    order = give_up(told(asked(), "waiting", 1), PLAN, at(4))
    assert (order.state, order.step, due_s(order), order.told) == ("unknown", "cancel", 15, "failed")
    assert due_s(give_up(told(asked(), "waiting", 1), PLAN, at(20))) == 20


def test_a_cancel_is_told_again_more_and_more_slowly_and_never_given_up() -> None:
    order = give_up(told(asked(), "waiting", 1), PLAN, at(20))
    pauses, second = [], 20.0
    for _ in range(60):
        order = told(order, "silent", second)
        pauses.append(due_s(order) - second)
        second = due_s(order)
    assert pauses[:7] == [2, 4, 8, 16, 32, 60, 60]
    assert pauses[-1] == 60
    assert (order.state, order.step) == ("unknown", "cancel")


@pytest.mark.parametrize("answer", ["closed", "returned"])
def test_who_paid_between_the_last_query_and_the_cancel_has_the_money_back(answer: Heard) -> None:
    order = told(give_up(told(asked(), "waiting", 1), PLAN, at(50)), answer, 51)
    assert (order.state, order.step, due_s(order)) == ("cancelled", "look", 51 + PLAN.look_s)
    assert (order.paid_ms is not None) == (answer == "returned")


def test_what_was_called_failed_and_is_paid_all_the_same_goes_back() -> None:
    """A query under way while the terminal was told: its answer says paid."""
    order = give_up(told(asked(), "waiting", 1), PLAN, at(44))
    order = hear(order, Word(asked="query", says="paid"), PLAN, at(44.5), 0.0)
    assert (order.state, order.step, due_s(order), order.paid_ms) == ("unknown", "cancel", 44, at(44.5))


def test_too_late_to_cancel_is_a_refund_until_the_wallet_has_done_it() -> None:
    order = told(give_up(told(asked(), "waiting", 1), PLAN, at(50)), "too_late", 51)
    assert (order.state, order.step, due_s(order)) == ("unknown", "give_back", 51)
    order = told(order, "silent", 51)
    assert (order.step, due_s(order)) == ("give_back", 53)
    assert told(order, "returned", 53).state == "cancelled"


def test_a_paid_order_that_is_undone_after_the_days_of_cancelling_is_given_back_by_a_refund() -> None:
    paid = tell_paid(told(asked(), "paid", 1))
    assert give_up(paid, PLAN, at(600)).step == "cancel"
    assert give_up(paid, PLAN, at(PLAN.cancel_within_s + 1)).step == "give_back"


@pytest.mark.parametrize("end", ["refused", "closed"])
def test_money_that_comes_after_all_was_over_goes_back_at_once(end: Heard) -> None:
    over = told(asked(), end, 1)
    order = hear(over, Word(asked="look", says="paid"), PLAN, at(70), 0.0)
    assert (order.state, order.step, due_s(order)) == ("unknown", "cancel", 70)


@pytest.mark.parametrize(
    "says", ["waiting", "refused", "closed", "returned", "absent", "unclear", "later", "too_late", "silent"]
)
@pytest.mark.parametrize("request_", ASKED_STEPS)
def test_no_other_word_changes_what_is_paid(says: Heard, request_: str) -> None:
    paid = tell_paid(told(asked(), "paid", 1))
    after = hear(paid, Word(asked=request_, says=says), PLAN, at(9), 0.0)  # type: ignore[arg-type]  # one of five
    assert replace(after, queries=0) == paid


def test_a_last_look_goes_on_until_there_is_a_clear_answer() -> None:
    order = told(give_up(told(asked(), "waiting", 1), PLAN, at(50)), "closed", 51)
    for _ in range(9):
        assert (order.step, order.state) == ("look", "cancelled")
        order = told(order, "silent", due_s(order))
    late = told(order, "paid", due_s(order))
    assert late.step in ("cancel", "give_back"), "the money that came in the last moment goes back"
    assert told(order, "closed", due_s(order)).next_ms is None


def test_a_giving_back_is_asked_for_until_the_wallet_says_yes_or_no() -> None:
    order = begin(replace(ASKED, order_no="R1", original_order_no=ASKED.order_no), PLAN, T0)
    order = hear(order, Word(asked="give_back", says="silent"), PLAN, at(10), 0.0)
    assert (order.state, order.step, due_s(order)) == ("unknown", "give_back", 12)
    assert hear(order, Word(asked="give_back", says="returned"), PLAN, at(12), 0.0).state == "paid"
    assert hear(order, Word(asked="give_back", says="refused"), PLAN, at(12), 0.0).state == "refused"
    with pytest.raises(Defect, match="not given up"):
        give_up(order, PLAN, at(13))


def test_an_order_is_told_as_paid_only_when_it_is() -> None:
    with pytest.raises(Defect, match="that is not"):
        tell_paid(told(asked(), "waiting", 1))


def test_an_order_number_fits_the_wallets() -> None:
    with pytest.raises(Defect, match="32"):
        order_number(TerminalNo("10000001"), BatchNo("000001"), TraceNo("000012"), "20261130183504")


def test_whatever_becomes_of_an_order_the_table_of_moves_allows_it() -> None:
    assert MACHINES[WalletOrder] == (WALLET_ORDER,)
    for state in ("asked", "waiting", "unknown", "paid", "refused", "cancelled"):
        for step in ASKED_STEPS:
            for says in HEARD:
                over = state in ("paid", "refused", "cancelled")
                before = replace(asked(), state=state, step="" if over else "query", next_ms=None if over else at(5))
                after = hear(before, Word(asked=step, says=says), PLAN, at(9), 0.5)
                assert (state, after.state) in WALLET_ORDER.moves or after.state == state


def test_a_code_is_found_by_its_word_and_a_short_one_by_its_brand() -> None:
    found = find_code("USERPAYING")
    assert found is not None
    assert found[:2] == ("wechat", "USERPAYING")
    assert find_code("64") is None
    assert find_code("unionpay:64") is not None
    assert find_code("NO_SUCH_CODE") is None
    assert wallet_code("alipay", "NO_SUCH_CODE").says == "unclear"
