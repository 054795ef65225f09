"""On duty over TCP: lock and unlock, release, hand-over, sign-out, heartbeat, and repeats of each message."""

from collections.abc import Callable

import pytest
from tests.worlds.floor import PASSWORDS, Shop
from tests.worlds.our_terminal import APPROVE, CHANGE, CONFIRM, LOCK, OFFLINE, SIGN_OUT, VERIFY, Counter

from zhanggui.acquirer.rows.records import Approval, Payment
from zhanggui.cup.operator_tags import Tag

WANG, LI, SUPERVISOR = PASSWORDS["01"], PASSWORDS["02"], PASSWORDS["00"]


@pytest.fixture
def at(shop: Shop) -> Counter:
    """The first terminal, with operator 01 on duty."""
    assert shop.terminals[0].sign_in("01", WANG).code == "00"
    return shop.terminals[0]


def test_a_locked_terminal_takes_no_sale_until_its_operator_unlocks_it(shop: Shop, at: Counter) -> None:
    assert at.sell("01").code == "00"
    assert at.lock("01").code == "00"
    assert at.sell("01").code == "77"
    assert at.unlock("01", "0001").code == "P1"
    assert at.sell("01").code == "77"
    assert at.unlock("01", WANG).code == "00"
    assert at.sell("01").code == "00"
    assert [s.session_no for s in shop.sessions] == [1], "it is the same session"


def test_a_sale_that_was_under_way_can_be_undone_while_locked(shop: Shop, at: Counter) -> None:
    assert at.sell("01").code == "00"
    trace = at.trace
    at.lock("01")
    assert at.ask(at.reversal(trace)).code == "00"


def test_a_lock_that_is_locked_once_more_stays_as_it_is(shop: Shop, at: Counter) -> None:
    at.lock("01")
    locked_ms = shop.live[0].locked_ms
    shop.clock.advance(s=10)
    assert at.lock("01").code == "00"
    assert shop.live[0].locked_ms == locked_ms


def test_a_colleague_cannot_unlock_but_hears_who_can(shop: Shop, at: Counter) -> None:
    at.lock("01")
    answer = at.unlock("02", LI)
    assert (answer.code, answer[Tag.ROLE]) == ("P7", "supervisor")
    assert at.unlock("99", PASSWORDS["99"]).code == "P7"
    assert shop.live[0].locked_ms is not None


def test_a_supervisor_releases_the_terminal_and_the_session_ends(shop: Shop, at: Counter) -> None:
    at.lock("01")
    answer = at.unlock("00", SUPERVISOR)
    assert (answer.code, answer[Tag.ORDERS]) == ("00", "sign_in")
    assert shop.sessions[0].end_reason == "released:00"
    assert at.sell("01").code == "77"
    assert at.sign_in("02", LI).code == "00"


def test_another_operator_takes_the_terminal_over(shop: Shop, at: Counter) -> None:
    at.sell("01")
    at.lock("01")
    assert at.sign_in("02", LI)[Tag.SESSION_NO] == "2"
    assert shop.sessions[0].end_reason == "handed_over"
    assert shop.records[0].state == "ended"
    assert at.sell("01").code == "77", "the first one's session is over"
    assert at.sell("02").code == "00"
    assert [p.operator_no for p in shop.rows(Payment) if p.state == "approved"] == ["01", "02"]


def test_the_same_operator_who_signs_in_again_goes_on_with_the_session(shop: Shop, at: Counter) -> None:
    at.lock("01")
    assert at.sign_in("01", WANG)[Tag.SESSION_NO] == "1"
    assert at.sell("01").code == "00"
    assert [(r.state, r.reason) for r in shop.records] == [("ended", "resumed"), ("active", "")]
    assert shop.live[0].record_no == 2


def test_a_sale_needs_the_operator_whose_session_it_is(shop: Shop, at: Counter) -> None:
    assert at.sell("02").code == "77"
    assert shop.terminals[1].sell("01").code == "77", "and the terminal where it is"


def test_signing_out_gives_the_figures_and_keeps_the_notes(shop: Shop, at: Counter) -> None:
    at.sell("01", 10_00)
    at.sell("01", 2_50)
    shop.clock.advance(hours=8)
    answer = at.sign_out("01", "顾客很多，一切正常")
    assert (answer.code, answer[Tag.FIGURES]) == ("00", "2,1250")
    (session,) = shop.sessions
    assert (session.notes, session.end_reason) == ("顾客很多，一切正常", "signed_out:asked")
    assert shop.records[0].state == "ended"


def test_the_heartbeat_orders_what_is_due(shop: Shop, at: Counter) -> None:
    assert at.heartbeat("01")[Tag.ORDERS] == ""
    assert at.heartbeat(None)[Tag.ORDERS] == ""
    shop.clock.advance(hours=12)
    assert at.heartbeat("01")[Tag.ORDERS] == ""
    shop.clock.advance(s=1)
    assert at.heartbeat("01")[Tag.ORDERS] == "sign_out"
    at.sign_out("01")
    assert (at.heartbeat("01")[Tag.ORDERS], at.heartbeat("01")[Tag.NOTICE]) == ("sign_in", "")


# ------------------------------------------------------------------------------------------------------------- repeats


@pytest.mark.parametrize("what", [VERIFY, CONFIRM, SIGN_OUT, LOCK, CHANGE, APPROVE, OFFLINE])
def test_a_repeat_gets_the_stored_answer_and_changes_nothing(shop: Shop, what: str) -> None:
    at = shop.terminals[0]
    verified = at.verify("01", WANG)
    confirm = at.operator(CONFIRM, "01", {Tag.RECORD_NO: verified[Tag.RECORD_NO], Tag.VERDICT: "ok"})
    if what not in (CONFIRM,):
        assert at.ask(confirm).code == "00"
    asked: dict[str, Callable[[], bytes]] = {
        VERIFY: lambda: at.operator(VERIFY, "02", {Tag.ELAPSED_MS: "5"}, LI),
        CONFIRM: lambda: confirm,
        SIGN_OUT: lambda: at.operator(SIGN_OUT, "01", {Tag.REASON: "asked"}),
        LOCK: lambda: at.operator(LOCK, "01", {Tag.VERDICT: "lock"}),
        CHANGE: lambda: at.operator(CHANGE, "01", {Tag.NEW_BLOCK: at.password_block("01", "9461").hex()}, WANG),
        APPROVE: lambda: at.operator(APPROVE, "00", {Tag.ACTION: "refund", Tag.AMOUNT: "5"}, SUPERVISOR),
        OFFLINE: lambda: at.operator(OFFLINE, "01", {Tag.OFFLINE: f"1,1,{shop.clock.now()}"}),
    }
    payload = asked[what]()
    first = at.ask(payload)
    assert first.code == "00"
    before = (shop.records, shop.sessions, shop.rows(Approval), shop.operator("01"))
    shop.clock.advance(s=5)
    at.hang_up()
    again = at.ask(payload)
    unclocked = [{tag: text for tag, text in one.tags.items() if tag is not Tag.HOST_CLOCK} for one in (first, again)]
    assert (again.code, unclocked[1]) == ("00", unclocked[0])
    assert again.sealed
    assert (shop.records, shop.sessions, shop.rows(Approval), shop.operator("01")) == before


def test_a_repeated_refusal_is_not_counted_again(shop: Shop) -> None:
    at = shop.terminals[0]
    at.get_keys()
    payload = at.operator(VERIFY, "01", {}, "0001")
    said = [at.ask(payload) for _ in range(5)]
    assert {(one.code, one[Tag.TRIES_LEFT]) for one in said} == {("P1", "2")}
    assert shop.operator("01").failed_count == 1
    assert len(shop.records) == 1


def test_another_request_under_the_same_trace_is_refused(shop: Shop, at: Counter) -> None:
    first = at.operator(LOCK, "01", {Tag.VERDICT: "lock"})
    at.trace -= 1
    second = at.operator(LOCK, "01", {Tag.VERDICT: "unlock"}, WANG)
    assert [at.ask(payload).code for payload in (first, second)] == ["00", "94"]


def test_two_equal_confirmations_sent_at_once_open_one_session(shop: Shop) -> None:
    at = shop.terminals[0]
    record_no = at.verify("01", WANG)[Tag.RECORD_NO]
    payload = at.operator(CONFIRM, "01", {Tag.RECORD_NO: record_no, Tag.VERDICT: "ok"})
    line = at.line
    assert line is not None
    for _ in range(20):
        line.send(payload)
    answers = [at.read(line.receive()) for _ in range(20)]
    assert {(one.code, one[Tag.SESSION_NO]) for one in answers} == {("00", "1")}
    assert len(shop.sessions) == 1
