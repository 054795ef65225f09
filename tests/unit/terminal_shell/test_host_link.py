"""The host link where all goes well: exact requests, what their answers bring, and the host's time."""

import pytest
from tests.worlds.link_ends import CONFIRM, REVERSAL, SALE, SIGN_ON, STATUS, Ends, card, with_card, with_kept_card
from tests.worlds.scripted_host import RRN, SHOP, year_end
from tests.worlds.shell_makes import BATCH, CARD, OPERATOR, attempt, trace, type_digits

from zhanggui.basics.clock import format_time
from zhanggui.basics.numbers import RecordNo, UnixMs
from zhanggui.basics.secret import Pan
from zhanggui.cup.messages.operator import read_operator_request
from zhanggui.cup.messages.payment import read_payment, read_reversal
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.transactions import CATALOGUE
from zhanggui.iso8583.message import Message
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.link.card_data import PreparedCard
from zhanggui.terminal.link.host_answers import drift_s, host_time
from zhanggui.terminal.link.outgoing import Outgoing


async def test_sign_on_brings_keys_batch_time_and_drift(ends: Ends) -> None:
    ends.clock.instant = UnixMs(ends.clock.instant + 5_200)

    event = await ends.perform(SIGN_ON)

    assert isinstance(event, ev.SignedOn)
    assert (event.batch_no, event.drift_s) == ("000007", 5)
    assert format_time(event.host_now) == "2026-11-23 08:55:03"
    request = ends.host.heard[0].message
    assert request.fields[60] == "00000001004"
    assert request.fields[63] == "   ", "63.1 is blank: the host checks our operators"
    assert 64 not in request.fields
    assert await ends.perform(STATUS, Outgoing(trace_no=trace(5), batch_no=BATCH)) is None, "the new keys are in use"


async def test_verify_carries_the_password_block_under_the_new_key(ends: Ends) -> None:
    await ends.perform(SIGN_ON)
    type_digits(ends.pin_pad, "0000", "password")
    checks = (
        ev.CheckResult(item="power", state="ok"),
        ev.CheckResult(item="printer", state="warn", reason="check.printer.no_paper"),
    )

    event = await ends.perform(fx.SendVerify(trace_no=trace(2), batch_no=BATCH, login=OPERATOR, checks=checks))

    assert isinstance(event, ev.OperatorVerified)
    assert (event.operator_name, event.merchant_name, event.record_no) == ("王芳", SHOP, 41)
    heard = ends.host.heard[-1]
    assert heard.mac_is_right
    request = read_operator_request(heard.message)
    assert request.password_block is not None
    assert len(request.password_block) == 8
    assert request.tags[Tag.SELF_CHECK] == "power:ok,printer:warn:no_paper"
    assert request.tags[Tag.VERSIONS] == "zhanggui 0.1.0"
    assert request.tags[Tag.TERMINAL_CLOCK] == "20261123085503"


async def test_confirm_sign_out_and_status_end_in_their_events(ends: Ends) -> None:
    confirmed = await ends.perform(CONFIRM)
    assert isinstance(confirmed, ev.SignInConfirmed)
    assert confirmed.record_no == 41

    signed_out = await ends.perform(fx.SendSignOut(trace_no=trace(4), batch_no=BATCH, operator_no=OPERATOR))
    assert isinstance(signed_out, ev.SignedOut)
    assert (signed_out.sales_count, signed_out.sales_fen) == (3, 12345)

    assert await ends.perform(STATUS, Outgoing(trace_no=trace(5), batch_no=BATCH)) is None
    assert [heard.mac_is_right for heard in ends.host.heard] == [True, True, True]


async def test_a_reported_mistake_needs_no_session_in_its_answer(ends: Ends) -> None:
    ends.host.tags["operator_confirm"] = {Tag.SESSION_NO: "", Tag.RECORD_NO: "41", Tag.NOTICE: "12"}
    wrong = fx.SendConfirm(
        trace_no=trace(3),
        batch_no=BATCH,
        operator_no=OPERATOR,
        record_no=RecordNo(41),
        verdict="wrong",
        wrong_item="shop",
    )

    event = await ends.perform(wrong)

    assert isinstance(event, ev.SignInConfirmed)
    assert (event.record_no, event.case_no) == (41, 12)
    assert read_operator_request(ends.host.heard[0].message).tags[Tag.WRONG_ITEM] == "shop"


async def test_an_approved_sale_is_all_that_a_slip_needs(ends: Ends) -> None:
    type_digits(ends.pin_pad, "123456")
    with_pin = fx.SendPayment(attempt=attempt(12, with_pin=True))

    event = await ends.perform(with_pin, Outgoing(card=card(), prepared=PreparedCard("021")))

    assert isinstance(event, ev.PaymentApproved)
    assert (event.trace_no, event.amount_fen, event.rrn, event.auth_code) == (trace(12), 1250, RRN, "654321")
    assert (event.issuer, event.acquirer, event.card_org) == ("招商银行", "掌柜", "CUP")
    assert event.host_time == "2026-11-23 08:55:03"
    heard = ends.host.heard[0]
    assert heard.mac_is_right
    request = read_payment(heard.message, CATALOGUE["sale"])
    assert (request.entry_mode, request.security_control, request.operator_no) == ("021", "2600000000000000", "01")
    assert request.pin_block is not None


async def test_a_refusal_says_what_the_host_added(ends: Ends) -> None:
    ends.host.codes = {"sale": "51", "operator_verify": "P1", "operator_confirm": "P2"}
    refused = await ends.perform(SALE, with_card())
    assert isinstance(refused, ev.Refused)
    assert (refused.request, refused.response_code) == ("SendPayment", "51")

    ends.host.tags = {
        "operator_verify": {Tag.TRIES_LEFT: "2"},
        "operator_confirm": {Tag.LOCKED_UNTIL: "20261123092503", Tag.EARLIER_TERMINAL: "10000002"},
    }
    type_digits(ends.pin_pad, "0001", "password")
    wrong = await ends.perform(fx.SendVerify(trace_no=trace(2), batch_no=BATCH, login=OPERATOR, checks=()))
    assert isinstance(wrong, ev.Refused)
    assert wrong.tries_left == 2

    locked = await ends.perform(CONFIRM)
    assert isinstance(locked, ev.Refused)
    assert locked.locked_until is not None
    assert format_time(locked.locked_until) == "2026-11-23 09:25:03"
    assert locked.host_text == "10000002"


@pytest.mark.parametrize("code", ["00", "12", "25"])
async def test_a_reversal_is_done_with_each_of_three_answers(ends: Ends, code: str) -> None:
    ends.host.codes["reversal"] = code

    event = await ends.perform(REVERSAL, with_kept_card(ends))

    assert isinstance(event, ev.ReversalAccepted)
    heard = ends.host.heard[0]
    assert heard.mac_is_right
    request = read_reversal(heard.message)
    assert (request.trace_no, request.reason, request.entry_mode) == ("000012", "98", "022")
    assert request.pan == Pan(CARD)
    assert not {35, 36, 52} & set(heard.message.fields)


async def test_any_other_answer_leaves_the_reversal_open(ends: Ends) -> None:
    ends.host.codes["reversal"] = "96"

    event = await ends.perform(REVERSAL, with_kept_card(ends))

    assert isinstance(event, ev.Refused)
    assert (event.request, event.response_code) == ("SendReversal", "96")


# ── the host's time ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("date", "time", "expected"),
    [
        ("0101", "000001", "2027-01-01 00:00:01"),
        ("1231", "235958", "2026-12-31 23:59:58"),
        ("0229", "120000", "2028-02-29 12:00:00"),
    ],
)
def test_the_year_is_the_one_that_lies_nearest(date: str, time: str, expected: str) -> None:
    near = year_end(23) if not date.startswith("0229") else UnixMs(year_end(23) + 300 * 86_400_000)

    assert format_time(host_time(Message("0810", {12: time, 13: date}), near)) == expected


@pytest.mark.parametrize(("ahead_ms", "drift"), [(0, 0), (999, 0), (1000, 1), (-1, -1), (-61_000, -61)])
def test_drift_is_whole_seconds_of_terminal_minus_host(ahead_ms: int, drift: int) -> None:
    assert drift_s(UnixMs(1_000_000 + ahead_ms), UnixMs(1_000_000)) == drift
