"""Sign-ins without network, told to the host when the line is back (407, P8; docs/concepts/sign-in.md)."""

from collections.abc import Callable

import pytest
from tests.worlds.floor import PASSWORDS, Shop
from tests.worlds.our_terminal import Counter

from zhanggui.basics.numbers import UnixMs
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
    assert shop.records[-1].drift_s == 0
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


def test_each_use_is_taken_once_and_no_earlier_one_afterwards(shop: Shop, at: Counter) -> None:
    for use in (1, 3):
        assert at.offline("01", "1", use, shop.clock.now()).code == "00"
        at.sign_out("01")
        shop.clock.advance(minutes=1)
    for use in (0, 1, 2, 3):
        answer = at.offline("01", "1", use, shop.clock.now())
        assert (answer.code, answer[Tag.REASON]) == ("P8", "offline_use_taken"), use
    assert at.offline("01", "1", 4, shop.clock.now())[Tag.REASON] == "envelope_used_up"
    assert shop.live == []
    at.sign_in("01", WANG)
    record_no = str(shop.records[-1].record_no)
    at.sign_out("01")
    assert at.offline("01", record_no, 1, shop.clock.now()).code == "00", "a new envelope counts anew"


def test_a_report_that_is_told_again_because_its_answer_was_lost_gets_the_same_session(shop: Shop, at: Counter) -> None:
    since = shop.clock.now()
    first = at.offline("01", "1", 1, since)
    shop.clock.advance(minutes=2)
    again = at.offline("01", "1", 1, since)
    assert (again.code, again[Tag.SESSION_NO], again[Tag.RECORD_NO]) == ("00", "2", first[Tag.RECORD_NO])
    assert (len(shop.live), len(shop.records)) == (1, 2)
    assert at.offline("01", "1", 0, since)[Tag.REASON] == "offline_use_taken", "no use at all is nobody's report"
    at.sign_out("01")
    assert at.offline("01", "1", 1, since)[Tag.REASON] == "offline_use_taken"


@pytest.mark.parametrize(
    ("after_s", "reason"),
    [
        (0, ""),
        (-299, ""),
        (299, ""),
        (301, "offline_time_impossible"),
        (10**9, "offline_time_impossible"),
        (-2 * 3600 - 299, ""),
        (-2 * 3600 - 301, "offline_time_impossible"),
    ],
)
def test_it_was_between_the_envelopes_beginning_and_now(shop: Shop, at: Counter, after_s: int, reason: str) -> None:
    """The envelope is two hours old; five minutes are left for a clock that wandered."""
    answer = at.offline("01", "1", 1, UnixMs(shop.clock.now() + after_s * 1000))
    assert (answer.code, answer[Tag.REASON]) == ("P8" if reason else "00", reason)


@pytest.mark.parametrize("off_s", [-7200, 7200])
def test_a_terminal_whose_clock_is_off_tells_the_time_by_it(shop: Shop, at: Counter, off_s: int) -> None:
    at.clock = lambda: UnixMs(shop.clock.now() + off_s * 1000)
    since = at.clock()
    shop.clock.advance(minutes=20)
    assert at.offline("01", "1", 1, since).code == "00"
    record = shop.records[-1]
    assert (record.verified_ms, record.drift_s) == (shop.clock.now() - 20 * 60_000, off_s)


@pytest.mark.parametrize(("off_s", "code"), [(299, "00"), (-301, "P8"), (301, "P8")])
def test_where_policy_refuses_a_clock_it_is_refused_here_too(open_shop: OpenShop, off_s: int, code: str) -> None:
    shop = open_shop(drift_refuse_s=300)
    at = shop.terminals[0]
    at.sign_in("01", WANG)
    at.sign_out("01")
    at.clock = lambda: UnixMs(shop.clock.now() + off_s * 1000)
    assert at.offline("01", "1", 1, at.clock()).code == code


def test_no_envelope_opens_a_terminal_that_is_locked(shop: Shop, at: Counter) -> None:
    for number in ("55", "66", "77", "88"):
        at.verify(number, "0001")
    assert at.verify("01", WANG).code == "P3"
    answer = at.offline("01", "1", 1, shop.clock.now())
    assert (answer.code, answer[Tag.REASON]) == ("P8", "terminal_locked")
    assert shop.live == []


def test_no_envelope_replaces_a_new_password_that_is_due_by_now(open_shop: OpenShop) -> None:
    shop = open_shop(password_age_days=30)
    at = shop.terminals[0]
    shop.clock.advance(days=29, hours=20)
    at.sign_in("01", WANG)
    at.sign_out("01")
    shop.clock.advance(hours=5)
    answer = at.offline("01", "1", 1, shop.clock.now())
    assert (answer.code, answer[Tag.REASON]) == ("P8", "new_password_needed")
    assert at.verify("01", WANG)[Tag.NEEDS] == "new_password", "there is a way on"


@pytest.mark.parametrize("code", ["totp", "shift"])
def test_no_envelope_opens_anything_where_a_sign_in_code_is_asked_for(shop: Shop, at: Counter, code: str) -> None:
    shop.change_merchant(policy_overrides=f'{{"sign_in_code":"{code}"}}')
    answer = at.offline("01", "1", 1, shop.clock.now())
    assert (answer.code, answer[Tag.REASON]) == ("P8", "code_needed")
    assert at.verify("01", WANG)[Tag.NEEDS] == "code", "there is a way on"


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
