"""The host link: exact requests, and for each way an answer can fail the one name that money hangs on."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.worlds.scripted_host import RRN, SHOP, ScriptedHost, forged, year_end
from tests.worlds.shell_makes import (
    BATCH,
    CARD,
    MERCHANT,
    OPERATOR,
    TERMINAL,
    StillClock,
    attempt,
    new_pin_pad,
    reversal,
    trace,
    type_digits,
)

from zhanggui.basics.clock import format_time
from zhanggui.basics.numbers import OperatorNo, RecordNo, UnixMs
from zhanggui.basics.secret import Pan, Secret
from zhanggui.cup.dialect import UNIONPAY, Dialect, dialect_named
from zhanggui.cup.messages.operator import read_operator_request
from zhanggui.cup.messages.payment import read_payment, read_reversal
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.transactions import CATALOGUE
from zhanggui.iso8583.message import Message
from zhanggui.terminal.devices.pin_pad import VirtualPinPad
from zhanggui.terminal.devices.ports import CardInHand
from zhanggui.terminal.devices.switches import VirtualLine
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.link.card_data import PreparedCard, keep_card, read_kept_card
from zhanggui.terminal.link.host_answers import drift_s, host_time
from zhanggui.terminal.link.host_calendar import HostCalendar
from zhanggui.terminal.link.host_exchange import HostExchange
from zhanggui.terminal.link.host_line import TcpHostLine
from zhanggui.terminal.link.host_link import CupHostLink, Outgoing, SendEffect
from zhanggui.vault.hsm import KeySet

SHORT_S = 0.3
"""An answer that is never coming is waited for this long."""
TRACK = f"{CARD}=49122200000012300"


class Ends:
    """A terminal's link and the host it talks to."""

    def __init__(self, folder: Path, host: ScriptedHost) -> None:
        self.clock = StillClock()
        self.host = host
        self.switch = VirtualLine()
        self.pin_pad: VirtualPinPad = new_pin_pad(folder, self.clock)
        host.room.enrol(self.pin_pad)
        self.point_at(host.port)

    def point_at(self, port: int, dialect: Dialect = UNIONPAY) -> None:
        """Talk to another port from now on, in this dialect."""
        line = TcpHostLine("127.0.0.1", port, self.switch, answer_timeout_s=SHORT_S)
        self.link = CupHostLink(
            HostExchange(line, self.pin_pad, dialect),
            self.pin_pad,
            self.clock,
            HostCalendar(self.clock),
            merchant_no=MERCHANT,
            terminal_no=TERMINAL,
            version="zhanggui 0.1.0",
        )

    def sign_on_keys(self) -> None:
        """Working keys on both ends without an exchange."""
        keys = self.host.room.working_keys()
        self.pin_pad.load_working_keys(keys.field_62, KeySet.DOUBLE_TRACK)

    async def perform(self, effect: SendEffect, outgoing: Outgoing | None = None) -> ev.Event | None:
        """One exchange."""
        return await self.link.perform(effect, outgoing or Outgoing())


@pytest.fixture
async def ends(tmp_path: Path) -> AsyncIterator[Ends]:
    host = ScriptedHost()
    await host.start()
    made = Ends(tmp_path, host)
    made.sign_on_keys()
    yield made
    await host.stop()


SIGN_ON = fx.SendSignOn(trace_no=trace(1), batch_no=BATCH)
SALE = fx.SendPayment(attempt=attempt(12))
CONFIRM = fx.SendConfirm(trace_no=trace(3), batch_no=BATCH, operator_no=OPERATOR, record_no=RecordNo(41))
REVERSAL = fx.SendReversal(reversal=reversal(12))
STATUS = fx.SendStatus(checks=(ev.CheckResult(item="printer", state="warn", reason="check.printer.no_paper"),))


def card(way: ev.EntryWay = "swipe") -> CardInHand:
    return CardInHand(
        pan=Pan(CARD),
        expiry_yymm="4912",
        track2=Secret(TRACK),
        sequence="",
        way=way,
        label_zh="测试卡",
        label_en="Test card",
        has_chip=False,
        chip=None,
    )


def with_card() -> Outgoing:
    return Outgoing(card=card(), prepared=PreparedCard("022"))


def with_kept_card(ends: Ends) -> Outgoing:
    return Outgoing(kept=read_kept_card(keep_card(card(), PreparedCard("022"), ends.pin_pad)))


def failure_of(event: ev.Event | None) -> str:
    assert isinstance(event, ev.HostFailed)
    return event.failure


# ── what goes well ───────────────────────────────────────────────────────────


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


# ── what fails, and by which name ────────────────────────────────────────────


async def test_a_closed_port_is_unreachable(ends: Ends) -> None:
    await ends.host.stop()

    assert failure_of(await ends.perform(SALE, with_card())) == "unreachable"


async def test_a_line_that_is_down_is_unreachable_and_nothing_leaves(ends: Ends) -> None:
    ends.switch.set_state("down")

    assert failure_of(await ends.perform(SALE, with_card())) == "unreachable"
    assert ends.host.heard == []


async def test_without_working_keys_nothing_is_sent(ends: Ends) -> None:
    ends.host.room.enrol(ends.pin_pad)

    assert failure_of(await ends.perform(SALE, with_card())) == "not_sent"
    assert ends.host.heard == []


async def test_without_a_card_or_a_pin_nothing_is_sent(ends: Ends) -> None:
    assert failure_of(await ends.perform(SALE)) == "not_sent"
    assert failure_of(await ends.perform(REVERSAL)) == "not_sent"
    with_pin = fx.SendPayment(attempt=attempt(12, amount_fen=1, with_pin=True))
    assert failure_of(await ends.perform(with_pin, with_card())) == "not_sent"
    assert ends.host.heard == []


async def test_a_value_that_fits_no_field_is_not_sent(ends: Ends) -> None:
    nobody = fx.SendSignOut(trace_no=trace(4), batch_no=BATCH, operator_no=OPERATOR, reason="x" * 600)

    assert failure_of(await ends.perform(nobody)) == "not_sent"
    assert ends.host.heard == []


async def test_silence_after_sending_is_no_answer(ends: Ends) -> None:
    ends.host.silent.add("sale")

    assert failure_of(await ends.perform(SALE, with_card())) == "no_answer"
    assert ends.host.names() == ["sale"]


async def test_a_line_that_breaks_after_sending_is_no_answer(ends: Ends) -> None:
    ends.host.hang_up.add("sale")

    assert failure_of(await ends.perform(SALE, with_card())) == "no_answer"
    assert ends.host.names() == ["sale"]


@pytest.mark.parametrize("cut", [1, 2, 13, 40])
async def test_an_answer_cut_short_is_no_answer(tmp_path: Path, ends: Ends, cut: int) -> None:
    whole = b""

    async def answer_in_part(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal whole
        request = await reader.read(4096)
        _, answer = ends.host.answer(request[2:])
        assert answer is not None
        whole = len(answer).to_bytes(2, "big") + answer
        writer.write(whole[:cut])
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer_in_part, "127.0.0.1", 0)
    ends.point_at(server.sockets[0].getsockname()[1])
    try:
        assert failure_of(await ends.perform(SALE, with_card())) == "no_answer"
        assert len(whole) > cut
    finally:
        server.close()
        await server.wait_closed()


async def test_an_answer_in_many_pieces_is_one_answer(ends: Ends) -> None:
    async def answer_byte_by_byte(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.read(4096)
        _, answer = ends.host.answer(request[2:])
        assert answer is not None
        for byte in len(answer).to_bytes(2, "big") + answer:
            writer.write(bytes((byte,)))
            await writer.drain()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(answer_byte_by_byte, "127.0.0.1", 0)
    ends.point_at(server.sockets[0].getsockname()[1])
    try:
        assert isinstance(await ends.perform(SALE, with_card()), ev.PaymentApproved)
    finally:
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize(
    "bend",
    [
        pytest.param(lambda whole: whole[:14], id="a message of three bytes"),
        pytest.param(lambda whole: whole[:9], id="no message at all"),
        pytest.param(lambda whole: b"\x61" + whole[1:], id="another TPDU"),
        pytest.param(lambda whole: whole[:11] + b"\x02\x00" + whole[13:], id="the request's own type"),
        pytest.param(lambda whole: whole + b"\x00", id="a byte too many"),
        pytest.param(lambda whole: whole[:11] + b"\xff" * 40, id="no message of ours"),
    ],
)
async def test_bytes_that_are_no_answer_are_a_bad_answer(ends: Ends, bend: object) -> None:
    ends.host.bend["sale"] = bend  # type: ignore[assignment]  # the parameters above are functions

    assert failure_of(await ends.perform(SALE, with_card())) == "bad_answer"


@pytest.mark.parametrize(
    ("number", "value"),
    [(3, "200000"), (4, "000000001251"), (11, "000013"), (41, "10000002"), (42, "102100058120002")],
)
async def test_an_answer_to_another_payment_is_a_bad_answer(ends: Ends, number: int, value: str) -> None:
    def change(answer: Message) -> None:
        answer.fields[number] = value

    ends.host.change["sale"] = change

    assert failure_of(await ends.perform(SALE, with_card())) == "bad_answer"


@pytest.mark.parametrize("number", [3, 4, 11, 39, 41, 42])
async def test_an_answer_that_lacks_what_it_must_echo_is_a_bad_answer(ends: Ends, number: int) -> None:
    ends.host.codes["sale"] = "51"
    ends.host.change["sale"] = lambda answer: answer.fields.__delitem__(number)

    assert failure_of(await ends.perform(SALE, with_card())) == "bad_answer"


def flip_last_bit(whole: bytes) -> bytes:
    return whole[:-1] + bytes((whole[-1] ^ 1,))


async def test_an_approval_with_a_wrong_mac_is_a_bad_mac(ends: Ends) -> None:
    ends.host.bend["sale"] = flip_last_bit

    assert failure_of(await ends.perform(SALE, with_card())) == "bad_mac"


async def test_an_approval_without_a_mac_is_a_bad_mac(ends: Ends) -> None:
    ends.host.codes["sale"] = "51"
    ends.host.bend["sale"] = forged("00")

    assert failure_of(await ends.perform(SALE, with_card())) == "bad_mac"


async def test_a_refused_payment_is_believed_with_its_mac(ends: Ends) -> None:
    ends.host.codes["sale"] = "A0"

    event = await ends.perform(SALE, with_card())

    assert isinstance(event, ev.Refused)
    assert event.response_code == "A0"


@pytest.mark.parametrize(
    ("code", "failure"),
    [(code, "bad_mac") for code in ("A0", "97", "77", "99")]
    + [(code, "bad_answer") for code in ("05", "51", "12", "96")],
)
async def test_a_refusal_without_a_mac_proves_nothing(ends: Ends, code: str, failure: str) -> None:
    ends.host.bend = {"sale": forged(code), "reversal": forged(code)}

    assert failure_of(await ends.perform(SALE, with_card())) == failure
    assert failure_of(await ends.perform(REVERSAL, with_kept_card(ends))) == failure


@pytest.mark.parametrize("code", ["05", "25", "12", "00", "A0"])
async def test_a_refusal_with_a_mac_of_other_keys_is_a_bad_mac(ends: Ends, code: str) -> None:
    ends.host.bend = {"sale": forged(code, mac=bytes(8)), "reversal": forged(code, mac=bytes(8))}

    assert failure_of(await ends.perform(SALE, with_card())) == "bad_mac"
    assert failure_of(await ends.perform(REVERSAL, with_kept_card(ends))) == "bad_mac"


async def test_an_old_answer_with_a_good_mac_is_no_answer_to_another_payment(ends: Ends) -> None:
    kept: list[bytes] = []
    ends.host.codes["sale"] = "05"

    def keep(whole: bytes) -> bytes:
        kept.append(whole)
        return whole

    ends.host.bend["sale"] = keep
    await ends.perform(SALE, with_card())
    ends.host.bend["sale"] = lambda whole: kept[0]

    later = fx.SendPayment(attempt=attempt(13))

    assert failure_of(await ends.perform(later, with_card())) == "bad_answer"


async def test_a_host_that_macs_no_refusal_is_believed_as_its_dialect_says(ends: Ends) -> None:
    ends.point_at(ends.host.port, dialect_named("unionpay-bare-refusals"))
    ends.host.macs_refusals = False
    ends.host.codes = {"sale": "51", "reversal": "25"}

    assert isinstance(await ends.perform(SALE, with_card()), ev.Refused)
    assert isinstance(await ends.perform(REVERSAL, with_kept_card(ends)), ev.ReversalAccepted)
    ends.host.bend["sale"] = forged("00")
    assert failure_of(await ends.perform(SALE, with_card())) == "bad_mac"


async def test_a_forged_refusal_of_an_operator_message_is_a_bad_mac(ends: Ends) -> None:
    ends.host.codes["operator_confirm"] = "P2"
    ends.host.bend["operator_confirm"] = flip_last_bit

    assert failure_of(await ends.perform(CONFIRM)) == "bad_mac"


async def test_a_status_answer_with_a_wrong_mac_is_a_bad_mac(ends: Ends) -> None:
    ends.host.bend["status"] = flip_last_bit

    assert failure_of(await ends.perform(STATUS, Outgoing(trace_no=trace(5), batch_no=BATCH))) == "bad_mac"


async def test_keys_that_do_not_fit_their_check_values_are_bad_keys(ends: Ends) -> None:
    def spoil(answer: Message) -> None:
        keys = answer.fields[62]
        assert isinstance(keys, bytes)
        answer.fields[62] = keys[:-1] + bytes((keys[-1] ^ 1,))

    ends.host.change["sign_on_track"] = spoil

    assert failure_of(await ends.perform(SIGN_ON)) == "bad_keys"


async def test_a_sign_on_answer_without_keys_is_a_bad_answer(ends: Ends) -> None:
    ends.host.change["sign_on_track"] = lambda answer: answer.fields.__delitem__(62)

    assert failure_of(await ends.perform(SIGN_ON)) == "bad_answer"


async def test_operator_facts_that_are_missing_are_a_bad_answer(ends: Ends) -> None:
    ends.host.tags["operator_verify"] = {Tag.RECORD_NO: ""}
    type_digits(ends.pin_pad, "0000", "password")

    verify = fx.SendVerify(trace_no=trace(2), batch_no=BATCH, login=OperatorNo("01"), checks=())
    assert failure_of(await ends.perform(verify)) == "bad_answer"


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
