"""Orders to terminals: who may give one, which number it gets, when it is told, and that it ends once."""

import pytest
from msgspec.structs import replace
from tests.worlds.acquirer_world import MERCHANT, NOON, OTHER, OURS

from zhanggui.acquirer.orders.giving import decide_give_order, order_counter
from zhanggui.acquirer.orders.telling import LOOKED_AT_MAX, OrdersAsked, keys_of_orders, take_answers, tell_next
from zhanggui.acquirer.policy.actors import CONSOLE, Actor
from zhanggui.acquirer.policy.capabilities import CAPABILITIES
from zhanggui.acquirer.rows.decision import Decision
from zhanggui.acquirer.rows.draft import Draft
from zhanggui.acquirer.rows.moves import MACHINES, check_move
from zhanggui.acquirer.rows.numbering import RRN_EPOCH_MS
from zhanggui.acquirer.rows.records import AuditNote, Counter, OrderState, Session, Terminal, TerminalOrder
from zhanggui.acquirer.rows.state import State
from zhanggui.basics.errors import Defect
from zhanggui.basics.numbers import OperatorNo, RecordNo, SessionNo, UnixMs
from zhanggui.basics.spans import HOUR_MS
from zhanggui.cup.order_kinds import CONTENTS_BYTES_MAX, GIVEN_KINDS, HOURS_MAX, ORDER_KINDS
from zhanggui.cup.values.order import OrderAnswer

CASHIER, SUPERVISOR = Actor("01", "cashier"), Actor("00", "supervisor")
FIRST = (NOON - RRN_EPOCH_MS) // 1000


def terminal(**said: object) -> Terminal:
    row = Terminal(
        merchant_no=MERCHANT,
        terminal_no=OURS,
        model="smart",
        place="前台",
        dialect="unionpay",
        operator_check="host",
        master_key="",
        created_ms=NOON,
    )
    return replace(row, **said)


def shop(*records: TerminalOrder | Counter | Session, of: Terminal | None = None) -> State:
    state = State()
    for record in (of or terminal(), *records):
        state.put(record)
    return state


def order(number: int = 7, **said: object) -> TerminalOrder:
    row = TerminalOrder(
        merchant_no=MERCHANT,
        terminal_no=OURS,
        order_no=number,
        kind="announcement",
        contents="盘点",
        state="queued",
        from_ms=NOON,
        until_ms=UnixMs(NOON + HOUR_MS),
        given_by="console",
        given_ms=NOON,
        changed_ms=NOON,
    )
    return replace(row, **said)


def give(
    state: State,
    kind: str = "announcement",
    contents: str = "盘点",
    by: Actor = CONSOLE,
    from_ms: int | None = None,
    until_ms: int | None = None,
) -> Decision:
    span = (
        UnixMs(from_ms) if from_ms is not None else None,
        UnixMs(until_ms) if until_ms is not None else None,
    )
    return decide_give_order(state, MERCHANT, OURS, kind, ORDER_KINDS[kind], contents, span, by, NOON)


def given(decision: Decision) -> TerminalOrder:
    assert not decision.reason
    return next(row for change in decision.changes if isinstance(row := change.record, TerminalOrder))


def test_every_kind_asks_for_a_right_that_exists() -> None:
    assert {kind.right for kind in GIVEN_KINDS.values()} <= set(CAPABILITIES)


def test_an_order_is_queued_for_as_long_as_its_kind_is_good_and_leaves_a_note() -> None:
    decision = give(shop(), "remote_lock", "盘点", SUPERVISOR)
    row = given(decision)
    assert (row.state, row.from_ms, row.until_ms) == ("queued", NOON, NOON + 720 * HOUR_MS)
    note = next(one for change in decision.changes if isinstance(one := change.record, AuditNote))
    assert (note.actor, note.action, note.subject) == ("00", "order_lock", OURS)
    assert note.detail == f"remote_lock {row.order_no}"


def test_its_number_grows_also_where_the_database_went_back_in_time() -> None:
    assert given(give(shop())).order_no == FIRST
    counted = Counter(merchant_no=MERCHANT, name=order_counter(OURS), value=FIRST + 5)
    assert given(give(shop(counted))).order_no == FIRST + 6
    old = replace(counted, value=1)
    assert given(give(shop(old))).order_no == FIRST


@pytest.mark.parametrize(
    ("kind", "contents", "reason"),
    [
        ("remote_unlock", "盘点", "order_text_wrong"),
        ("announcement", "", "order_text_wrong"),
        ("announcement", "长" * (CONTENTS_BYTES_MAX // 2 + 1), "order_text_wrong"),
        ("announcement", "a\x1b[2J", "order_text_wrong"),
        ("announcement", "长" * (CONTENTS_BYTES_MAX // 2), ""),
    ],
)
def test_a_text_is_there_where_its_kind_has_one_and_within_its_bound(kind: str, contents: str, reason: str) -> None:
    assert give(shop(), kind, contents).reason == reason


@pytest.mark.parametrize(
    ("from_ms", "until_ms"), [(None, NOON), (NOON + 9, NOON + 9), (None, NOON + HOURS_MAX * HOUR_MS + 1)]
)
def test_an_order_that_is_good_for_no_time_or_for_ever_is_refused(from_ms: int | None, until_ms: int) -> None:
    assert give(shop(), from_ms=from_ms, until_ms=until_ms).reason == "order_time_impossible"


def test_a_cashier_gives_none_nobody_orders_another_makers_terminal_and_none_that_is_not_there() -> None:
    assert give(shop(), by=CASHIER).reason == "not_permitted"
    assert give(shop(of=terminal(operator_check="terminal"))).reason == "not_our_terminal"
    assert give(State()).reason == "unknown_terminal"


def test_what_a_rule_of_the_host_orders_nobody_gives() -> None:
    for by in (CONSOLE, SUPERVISOR, Actor("00", None)):
        assert give(shop(), "payment_result", "000001000012", by).reason == "not_permitted"


# ── telling ──────────────────────────────────────────────────────────────────


def test_the_first_order_is_told_once_for_all_and_again_until_it_is_answered() -> None:
    draft = Draft(shop(order(7), order(8)))
    sheet = tell_next(draft, terminal(), OrdersAsked(known=(7, 8)), NOON)
    assert sheet is not None
    assert (sheet.number, sheet.contents, sheet.more) == (7, "盘点", True)
    (told,) = draft.changes
    assert isinstance(told.record, TerminalOrder)
    assert (told.record.state, told.record.told_ms) == ("told", NOON)
    again = tell_next(draft, terminal(), OrdersAsked(known=(7, 8)), UnixMs(NOON + 5))
    assert again == sheet
    assert len(draft.changes) == 1


def test_after_the_one_that_waits_at_the_terminal_the_next_one_is_told() -> None:
    draft = Draft(shop(order(7, state="told"), order(8)))
    sheet = tell_next(draft, terminal(), OrdersAsked(known=(7, 8), held=7), NOON)
    assert sheet is not None
    assert (sheet.number, sheet.more) == (8, False)


def test_an_order_for_later_that_was_overtaken_is_told_also_while_the_one_behind_it_waits() -> None:
    draft = Draft(shop(order(7), order(8, state="told")))
    sheet = tell_next(draft, terminal(), OrdersAsked(known=(7, 8), held=8), NOON)
    assert sheet is not None
    assert (sheet.number, sheet.more) == (7, False)


def test_where_the_room_is_wanted_only_an_order_that_was_never_told_is_told() -> None:
    draft = Draft(shop(order(7, state="told"), order(8)))
    asked = OrdersAsked(known=(7, 8), is_for_new_ones=True)
    first = tell_next(draft, terminal(), asked, NOON)
    assert first is not None
    assert first.number == 8
    assert tell_next(draft, terminal(), asked, NOON) is None


def test_what_is_not_due_yet_is_not_told_and_what_was_never_told_expires() -> None:
    later, over = order(7, from_ms=UnixMs(NOON + 1)), order(8, until_ms=NOON)
    draft = Draft(shop(later, over))
    assert tell_next(draft, terminal(), OrdersAsked(known=(7, 8)), NOON) is None
    (change,) = draft.changes
    assert isinstance(change.record, TerminalOrder)
    assert (change.record.order_no, change.record.state, change.record.answer) == (8, "expired", "never_told")


def test_what_was_told_is_told_again_after_its_time_for_only_the_terminal_knows_whether_it_did_it() -> None:
    draft = Draft(shop(order(7, state="told", until_ms=NOON)))
    assert tell_next(draft, terminal(), OrdersAsked(known=(7,)), UnixMs(NOON + HOUR_MS)) is not None
    assert not draft.changes


def test_a_heartbeat_without_orders_asks_for_no_row_of_them() -> None:
    assert keys_of_orders(MERCHANT, OURS, OrdersAsked()) == []


def test_a_heartbeat_looks_at_a_bounded_number_of_orders() -> None:
    many = tuple(range(1, 100))
    assert len(keys_of_orders(MERCHANT, OURS, OrdersAsked(known=many))) == LOOKED_AT_MAX


# ── answers ──────────────────────────────────────────────────────────────────


def test_an_order_ends_once_and_what_comes_again_changes_nothing() -> None:
    draft = Draft(shop(order(7, state="told")))
    done, refused = OrderAnswer(number=7, state="done", word="read"), OrderAnswer(number=7, state="refused")
    assert take_answers(draft, terminal(), (done,), NOON) == (7,)
    assert take_answers(draft, terminal(), (done, refused), UnixMs(NOON + 1)) == (7, 7)
    (change,) = draft.changes
    assert isinstance(change.record, TerminalOrder)
    assert (change.record.state, change.record.answer, change.record.answered_ms) == ("done", "read", NOON)


def test_the_answer_to_an_order_that_is_not_there_is_taken_and_changes_nothing() -> None:
    draft = Draft(shop(replace(order(7), terminal_no=OTHER)))
    assert take_answers(draft, terminal(), (OrderAnswer(number=7, state="done"),), NOON) == (7,)
    assert not draft.changes


def test_a_terminal_that_signed_its_operator_out_by_order_has_no_session_any_more() -> None:
    session = Session(
        merchant_no=MERCHANT,
        session_no=SessionNo(3),
        terminal_no=OURS,
        operator_no=OperatorNo("01"),
        record_no=RecordNo(2),
        kind="verified",
        opened_ms=NOON,
    )
    rows = order(7, kind="remote_sign_out", state="told"), order(8, kind="remote_lock", state="told")
    draft = Draft(shop(*rows, session))
    take_answers(draft, terminal(), (OrderAnswer(number=7, state="done"), OrderAnswer(number=8, state="done")), NOON)
    ended = [row for change in draft.changes if isinstance(row := change.record, Session)]
    assert [(row.ended_ms, row.end_reason) for row in ended] == [(NOON, "by_order:remote_sign_out")]


@pytest.mark.parametrize("state", ["done", "refused", "expired"])
def test_no_move_leads_out_of_an_end(state: OrderState) -> None:
    ends: tuple[OrderState, ...] = ("queued", "told", "done", "refused", "expired")
    for other in ends:
        with pytest.raises(Defect, match="order"):
            check_move(MACHINES[TerminalOrder], order(state=state), order(state=other))
