"""Sign-ins without network, told to the host when the line is back (407, P8; docs/concepts/sign-in.md)."""

from collections.abc import Callable

import pytest
from tests.operator_terminal.floor import PASSWORDS, Shop
from tests.operator_terminal.our_terminal import Counter

from zhanggui.cup.operator_tags import Tag

WANG, LI = PASSWORDS["01"], PASSWORDS["02"]
OpenShop = Callable[..., Shop]


@pytest.fixture
def at(shop: Shop) -> Counter:
    """A terminal on which operator 01 signed in and out: record 1 is the envelope's source."""
    assert shop.terminals[0].sign_in("01", WANG)[Tag.OFFLINE] == "24,3,50000,1"
    shop.terminals[0].sign_out("01")
    shop.clock.advance(hours=2)
    return shop.terminals[0]


def test_a_good_envelope_opens_a_limited_session(shop: Shop, at: Counter) -> None:
    since = shop.clock.now()
    shop.clock.advance(minutes=20)
    answer = at.offline("01", "1", 1, since)
    assert (answer.code, answer[Tag.SESSION_NO], answer[Tag.RECORD_NO]) == ("00", "2", "2")
    (session,) = shop.live
    assert (session.kind, session.sale_limit_fen) == ("offline", 50_000)
    record = shop.records[-1]
    assert (record.method, record.state, record.verified_ms) == ("offline", "active", since)
    assert at.sell("01", 500_00).code == "00"
    assert at.sell("01", 500_01).code == "61"
    assert answer[Tag.OFFLINE] == "", "it leaves no envelope for the next time"


def test_a_full_sign_in_ends_the_limits(shop: Shop, at: Counter) -> None:
    at.offline("01", "1", 1, shop.clock.now())
    assert at.sign_in("01", WANG).code == "00"
    assert [s.end_reason for s in shop.sessions if s.ended_ms is not None][-1] == "signed_in_fully"
    assert at.sell("01", 900_00).code == "00"


@pytest.mark.parametrize("way", ["password", "disabled", "locked", "over", "used up", "other terminal", "other person"])
def test_an_envelope_that_does_not_hold_any_more_is_refused_and_recorded(shop: Shop, at: Counter, way: str) -> None:
    number, uses, terminal = "01", 1, at
    match way:
        case "password":
            at.change_password("01", WANG, "9461")
            reason = "password_changed_since"
        case "disabled":
            shop.change_operator("01", state="disabled")
            reason = "operator_not_active"
        case "locked":
            shop.change_operator("01", locked_until_ms=shop.clock.now() + 1)
            reason = "operator_not_active"
        case "over":
            shop.clock.advance(hours=22, s=1)
            reason = "envelope_over"
        case "used up":
            uses, reason = 4, "envelope_used_up"
        case "other terminal":
            terminal, reason = shop.terminals[1], "envelope_unknown"
        case _:
            number, reason = "02", "envelope_unknown"
    answer = terminal.offline(number, "1", uses, shop.clock.now())
    assert (answer.code, answer[Tag.REASON]) == ("P8", reason)
    assert (shop.records[-1].state, shop.records[-1].reason) == ("refused", reason)
    assert shop.live == []
    assert terminal.sell(number).code == "77"


def test_a_wrong_clock_of_the_terminal_does_not_extend_it(shop: Shop, at: Counter) -> None:
    signed_in_ms = shop.clock.now()
    shop.clock.advance(hours=30)
    assert at.offline("01", "1", 1, signed_in_ms)[Tag.REASON] == "envelope_over"


@pytest.mark.parametrize("ending", ["refused", "not confirmed", "reported wrong", "offline"])
def test_only_a_sign_in_that_the_host_saw_to_its_end_leaves_an_envelope(shop: Shop, ending: str) -> None:
    at = shop.terminals[0]
    match ending:
        case "refused":
            record_no = at.verify("01", "0001")[Tag.RECORD_NO]
        case "not confirmed":
            record_no = at.verify("01", WANG)[Tag.RECORD_NO]
        case "reported wrong":
            record_no = at.verify("01", WANG)[Tag.RECORD_NO]
            at.confirm("01", record_no, {Tag.VERDICT: "wrong", Tag.WRONG_ITEM: "time"})
        case _:
            at.sign_in("01", WANG)
            record_no = at.offline("01", "1", 1, shop.clock.now())[Tag.RECORD_NO]
            at.sign_out("01")
    answer = at.offline("01", record_no, 1, shop.clock.now())
    assert (answer.code, answer[Tag.REASON]) == ("P8", "envelope_unknown")
    assert shop.live == []


def test_who_is_at_work_elsewhere_by_then_gets_no_second_session(shop: Shop, at: Counter) -> None:
    assert shop.terminals[1].sign_in("01", WANG).code == "00"
    answer = at.offline("01", "1", 1, shop.clock.now())
    assert (answer.code, answer[Tag.REASON]) == ("P8", "signed_in_elsewhere")
    assert [s.terminal_no for s in shop.live] == ["10000002"]


def test_an_offline_session_is_one_session_too(shop: Shop, at: Counter) -> None:
    at.offline("01", "1", 1, shop.clock.now())
    assert shop.terminals[1].verify("01", WANG).code == "P6"


def test_a_supervisor_by_now_does_not_trade(shop: Shop, at: Counter) -> None:
    shop.change_operator("01", role="supervisor")
    assert at.offline("01", "1", 1, shop.clock.now())[Tag.REASON] == "operator_not_active"


def test_where_policy_has_no_offline_sign_in_there_is_no_envelope(open_shop: OpenShop) -> None:
    shop = open_shop(offline_sign_in=False)
    at = shop.terminals[0]
    assert at.sign_in("01", WANG)[Tag.OFFLINE] == ""
    at.sign_out("01")
    assert at.offline("01", "1", 1, shop.clock.now())[Tag.REASON] == "offline_not_allowed"


@pytest.mark.parametrize("text", ["", "1", "1,1", "x,1,2", "99999999999999999999,1,1", "7,1,1", ",,"])
def test_an_envelope_that_cannot_be_read_opens_nothing(shop: Shop, at: Counter, text: str) -> None:
    answer = at.exchange("407", "01", {Tag.OFFLINE: text, Tag.REASON: "x"})
    assert (answer.code, answer[Tag.REASON]) == ("P8", "envelope_unknown")
