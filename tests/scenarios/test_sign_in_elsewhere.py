"""One operator is in one place, over TCP: refused, taken over with a supervisor, or left behind by a silent terminal (P6, P8)."""

from collections.abc import Callable

import pytest
from tests.worlds.floor import PASSWORDS, Shop
from tests.worlds.our_terminal import STATUS, Answer, Counter

from zhanggui.acquirer.rows.records import Approval
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.values.clock import write_clock

WANG, SUPERVISOR = PASSWORDS["01"], PASSWORDS["00"]
OpenShop = Callable[..., Shop]


def signed_in(shop: Shop) -> tuple[Counter, Counter]:
    """Operator 01 works at the first terminal."""
    assert shop.terminals[0].sign_in("01", WANG).code == "00"
    shop.clock.advance(s=30)
    return shop.terminals[0], shop.terminals[1]


def approve(at: Counter, record_no: str, action: str = "take_over") -> Answer:
    """The supervisor approves on this terminal."""
    return at.approve("00", SUPERVISOR, action, {Tag.RECORD_NO: record_no})


def take_over(at: Counter, record_no: str, said: str) -> Answer:
    """403 with an approval's number, or with stale:reason."""
    return at.confirm("01", record_no, {Tag.TAKE_OVER: said})


def test_where_policy_refuses_the_answer_says_where_and_since_when_and_the_attempt_is_over(
    open_shop: OpenShop,
) -> None:
    shop = open_shop(duplicate="refuse")
    since = shop.clock.now()
    _, here = signed_in(shop)
    answer = here.verify("01", WANG)
    told = (answer.code, answer[Tag.EARLIER_TERMINAL], answer[Tag.EARLIER_SINCE], answer[Tag.TAKE_OVER])
    assert told == ("P6", "10000001 · 前台", write_clock(since), "")
    assert (shop.records[1].state, shop.records[1].reason) == ("refused", "signed_in_elsewhere")
    approval = approve(here, answer[Tag.RECORD_NO])[Tag.APPROVAL_NO]
    assert take_over(here, answer[Tag.RECORD_NO], approval).code == "PA"
    assert len(shop.live) == 1


def test_where_policy_refuses_no_approval_helps_two_who_race(open_shop: OpenShop) -> None:
    shop = open_shop(duplicate="refuse")
    there, here = shop.terminals
    first, second = (at.verify("01", WANG)[Tag.RECORD_NO] for at in (there, here))
    approval = approve(here, second)[Tag.APPROVAL_NO]
    assert there.confirm("01", first).code == "00"
    answer = take_over(here, second, approval)
    assert (answer.code, answer[Tag.EARLIER_TERMINAL]) == ("P6", "10000001 · 前台")
    assert [session.terminal_no for session in shop.live] == ["10000001"]


def test_a_supervisor_on_the_spot_takes_the_session_over_and_both_terminals_know(shop: Shop) -> None:
    there, here = signed_in(shop)
    assert there.sell("01").code == "00"
    answer = here.verify("01", WANG)
    assert (answer.code, answer[Tag.TAKE_OVER]) == ("P6", "supervisor")
    approval = approve(here, answer[Tag.RECORD_NO])
    assert (approval.code, approval[Tag.OPERATOR_NAME]) == ("00", "陈店长")
    opened = take_over(here, answer[Tag.RECORD_NO], approval[Tag.APPROVAL_NO])
    assert (opened.code, opened[Tag.SESSION_NO]) == ("00", "2")
    assert [(s.end_reason, s.ended_ms is None) for s in shop.sessions] == [("taken_over:10000002", False), ("", True)]
    assert there.sell("01").code == "77"
    told = there.heartbeat("01")
    assert (told.code, told[Tag.ORDERS], told[Tag.NOTICE]) == ("00", "sign_in", "10000002")
    assert here.sell("01").code == "00"
    record = shop.records[1]
    assert (record.approved_by, record.taken_from, record.state) == ("00", "10000001", "active")
    assert shop.records[0].reason == "taken_over:10000002"


def test_without_a_word_the_confirmation_asks_again(shop: Shop) -> None:
    _, here = signed_in(shop)
    record_no = here.verify("01", WANG)[Tag.RECORD_NO]
    answer = here.confirm("01", record_no)
    assert (answer.code, answer[Tag.TAKE_OVER]) == ("P6", "supervisor")
    assert take_over(here, record_no, approve(here, record_no)[Tag.APPROVAL_NO]).code == "00", "the attempt lives"


def test_when_the_operator_signs_out_there_nothing_is_to_be_taken_over(shop: Shop) -> None:
    there, here = signed_in(shop)
    record_no = here.verify("01", WANG)[Tag.RECORD_NO]
    there.sign_out("01")
    assert here.confirm("01", record_no).code == "00"


def test_an_approval_lives_a_minute(shop: Shop) -> None:
    _, here = signed_in(shop)
    record_no = here.verify("01", WANG)[Tag.RECORD_NO]
    approval = approve(here, record_no)[Tag.APPROVAL_NO]
    shop.clock.advance(s=60)
    assert take_over(here, record_no, approval).code == "P8"
    fresh = approve(here, record_no)[Tag.APPROVAL_NO]
    shop.clock.advance(s=59)
    assert take_over(here, record_no, fresh).code == "00"


def test_an_approval_works_once(shop: Shop) -> None:
    there, here = signed_in(shop)
    record_no = here.verify("01", WANG)[Tag.RECORD_NO]
    approval = approve(here, record_no)[Tag.APPROVAL_NO]
    assert take_over(here, record_no, approval).code == "00"
    back = there.verify("01", WANG)[Tag.RECORD_NO]
    assert take_over(there, back, approval).code == "P8", "neither on another terminal for another record"
    (kept,) = shop.rows(Approval)
    assert (kept.supervisor_no, kept.used_ms) == ("00", shop.clock.now())


@pytest.mark.parametrize("what", ["another action", "another record", "an amount", "another terminal", "no number"])
def test_an_approval_is_good_for_what_it_was_given_for(shop: Shop, what: str) -> None:
    there, here = signed_in(shop)
    record_no = here.verify("01", WANG)[Tag.RECORD_NO]
    tags = {Tag.RECORD_NO: record_no}
    match what:
        case "another action":
            approval = approve(here, record_no, "refund")[Tag.APPROVAL_NO]
        case "another record":
            approval = approve(here, "1")[Tag.APPROVAL_NO]
        case "an amount":
            approval = here.approve("00", SUPERVISOR, "take_over", {**tags, Tag.AMOUNT: "100"})[Tag.APPROVAL_NO]
        case "another terminal":
            approval = approve(there, record_no)[Tag.APPROVAL_NO]
        case _:
            approval = "77"
    assert take_over(here, record_no, approval).code == "P8"
    assert [session.terminal_no for session in shop.live] == ["10000001"]


def test_only_supervisors_approve_and_only_what_can_be_approved(shop: Shop) -> None:
    at = shop.terminals[0]
    assert at.approve("02", PASSWORDS["02"], "take_over").code == "P7"
    assert at.approve("99", PASSWORDS["99"], "take_over").code == "P7"
    assert at.approve("00", SUPERVISOR, "sale").code == "P7"
    assert at.approve("00", "0001", "take_over").code == "P1"
    assert at.approve("00", SUPERVISOR, "take_over").code == "00"
    assert len(shop.rows(Approval)) == 1


def test_a_silent_terminal_may_be_left_behind_with_a_reason(shop: Shop) -> None:
    _, here = signed_in(shop)
    shop.clock.advance(s=61)
    answer = here.verify("01", WANG)
    assert (answer.code, answer[Tag.TAKE_OVER]) == ("P6", "stale")
    assert take_over(here, answer[Tag.RECORD_NO], "stale:broken").code == "00"
    assert shop.sessions[0].end_reason == "stale:broken"
    assert (shop.records[1].taken_from, shop.records[1].approved_by) == ("10000001", "")


@pytest.mark.parametrize("sign_of_life", ["heartbeat", "sale"])
def test_a_terminal_that_was_heard_of_is_not_silent(shop: Shop, sign_of_life: str) -> None:
    there, here = signed_in(shop)
    shop.clock.advance(s=59)
    answer = there.heartbeat("01") if sign_of_life == "heartbeat" else there.sell("01")
    assert answer.code == "00"
    shop.clock.advance(s=80)
    verified = here.verify("01", WANG)
    assert verified[Tag.TAKE_OVER] == "supervisor"
    lied = take_over(here, verified[Tag.RECORD_NO], "stale:broken")
    assert (lied.code, lied[Tag.TAKE_OVER]) == ("P6", "supervisor")
    assert len(shop.live) == 1


@pytest.mark.parametrize("caught", ["heartbeat", "sale"])
def test_what_was_caught_on_the_line_keeps_no_dead_terminal_alive(shop: Shop, caught: str) -> None:
    there, here = signed_in(shop)
    frame = there.operator(STATUS, "01", {Tag.HEALTH: "printer:ok"}) if caught == "heartbeat" else there.sale("01")
    assert there.ask(frame).code == "00"
    for _ in range(3):
        shop.clock.advance(s=40)
        assert there.ask(frame).code == ("94" if caught == "heartbeat" else "00"), (
            "a payment's repeat is answered all the same"
        )
    assert here.verify("01", WANG)[Tag.TAKE_OVER] == "stale"


def test_where_policy_refuses_a_silent_terminal_may_still_be_left_behind(open_shop: OpenShop) -> None:
    shop = open_shop(duplicate="refuse")
    _, here = signed_in(shop)
    shop.clock.advance(s=120)
    answer = here.verify("01", WANG)
    assert (answer.code, answer[Tag.TAKE_OVER]) == ("P6", "stale")
    assert take_over(here, answer[Tag.RECORD_NO], "stale:broken").code == "00"


def test_session_numbers_only_grow(shop: Shop) -> None:
    numbers = []
    for turn in range(6):
        number, at = f"0{turn % 2 + 1}", shop.terminals[turn % 2]
        numbers.append(int(at.sign_in(number, PASSWORDS[number])[Tag.SESSION_NO]))
        if turn >= 2:
            at.sign_out(number)
    assert numbers == [1, 2, 1, 2, 3, 4], "whoever is signed in goes on with the session"
    assert [s.session_no for s in shop.sessions] == [1, 2, 3, 4]
