"""Operator messages beyond number and password: exactly what leaves the terminal, and what comes of each answer."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.worlds.scripted_host import ScriptedHost
from tests.worlds.shell_makes import BATCH, MERCHANT, OPERATOR, TERMINAL, StillClock, new_pin_pad, trace

from zhanggui.basics.numbers import OperatorNo, RecordNo, UnixMs
from zhanggui.basics.secret import Secret
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.envelope import REQUIREMENT_SIGN_IN
from zhanggui.cup.messages.operator import read_operator_request
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.values.clock import write_clock
from zhanggui.cup.values.offline import OfflineTerms
from zhanggui.terminal.devices.ports import EnvelopeTerms
from zhanggui.terminal.devices.switches import VirtualLine
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.link.host_calendar import HostCalendar
from zhanggui.terminal.link.host_exchange import HostExchange
from zhanggui.terminal.link.host_line import TcpHostLine
from zhanggui.terminal.link.host_link import CupHostLink, SendEffect
from zhanggui.terminal.link.outgoing import Outgoing
from zhanggui.vault.hsm import KeySet
from zhanggui.vault.pinblock import PasswordAccount

SUPERVISOR = OperatorNo("00")


class Ends:
    """A terminal's link, its PIN pad and the host it talks to."""

    def __init__(self, folder: Path, host: ScriptedHost) -> None:
        self.clock = StillClock()
        self.host = host
        self.pin_pad = new_pin_pad(folder, self.clock)
        host.room.enrol(self.pin_pad)
        keys = host.room.working_keys()
        self.pin_pad.load_working_keys(keys.field_62, KeySet.DOUBLE_TRACK)
        line = TcpHostLine("127.0.0.1", host.port, VirtualLine(), answer_timeout_s=0.3)
        self.link = CupHostLink(
            HostExchange(line, self.pin_pad, UNIONPAY),
            self.pin_pad,
            self.clock,
            HostCalendar(self.clock),
            merchant_no=MERCHANT,
            terminal_no=TERMINAL,
            version="zhanggui 0.1.0",
        )
        self.orders: list[ev.Event] = []
        self.link.on_order(self.orders.append)

    async def perform(self, effect: SendEffect) -> ev.Event | None:
        return await self.link.perform(effect, Outgoing())

    def type(self, purpose: str, digits: str) -> None:
        self.pin_pad.begin(
            purpose,  # type: ignore[arg-type]  # the tests write the words out
            min_digits=4,
            max_digits=12,
            may_skip=False,
            timeout_s=60,
        )
        for digit in digits:
            self.pin_pad.press(digit)  # type: ignore[arg-type]  # a digit key
        self.pin_pad.press("enter")

    def asked(self) -> tuple[str, str | None, dict[Tag, str], bytes | None]:
        """The last request: its name, 63.1, its tags, field 52."""
        heard = self.host.heard[-1]
        assert heard.mac_is_right
        request = read_operator_request(heard.message)
        return heard.transaction.name, request.operator_no, request.tags, request.password_block

    def is_password(self, block: bytes, digits: str, operator_no: OperatorNo = OPERATOR) -> bool:
        room = self.host.room
        assert room.keys is not None
        account = PasswordAccount(MERCHANT, operator_no)
        key = room.hsm.new_verifier_key()
        verifier = room.hsm.make_verifier(key, bytes(16), account, Secret(digits))
        return room.hsm.verify_password(block, room.keys.pin_key, key, bytes(16), verifier, account)


@pytest.fixture
async def ends(tmp_path: Path) -> AsyncIterator[Ends]:
    host = ScriptedHost()
    await host.start()
    yield Ends(tmp_path, host)
    await host.stop()


def lock(verdict: str, operator_no: OperatorNo = OPERATOR) -> fx.SendLock:
    return fx.SendLock(trace_no=trace(5), batch_no=BATCH, login=operator_no, verdict=verdict)  # type: ignore[arg-type]


VERIFY = fx.SendVerify(trace_no=trace(5), batch_no=BATCH, login=OPERATOR, checks=(), eyes="stands:ok", elapsed_ms=2400)
CONFIRM = fx.SendConfirm(
    trace_no=trace(6), batch_no=BATCH, operator_no=OPERATOR, record_no=RecordNo(41), with_code=True, take_over="7"
)
CHANGE = fx.SendNewPassword(trace_no=trace(7), batch_no=BATCH, operator_no=OPERATOR, login=OPERATOR)
APPROVE = fx.SendApproval(
    trace_no=trace(8), batch_no=BATCH, login=SUPERVISOR, action="take_over", record_no=RecordNo(41)
)
RESET = fx.SendManage(
    trace_no=trace(8),
    batch_no=BATCH,
    operator_no=SUPERVISOR,
    action="reset_password",
    about_no=OPERATOR,
    first_password=True,
)
REPORT = fx.SendOffline(trace_no=trace(9), batch_no=BATCH, operator_no=OPERATOR)


async def test_eyes_and_time_go_with_the_verification_and_the_policy_comes_back(ends: Ends) -> None:
    ends.host.tags["operator_verify"] = {
        Tag.NEEDS: "code",
        Tag.RULES: "idle_lock_s=120,check_eyes=1",
        Tag.DEGRADED: "slip,card",
        Tag.NOTICE: "9",
    }
    ends.type("password", "2580")

    event = await ends.perform(VERIFY)

    _, _, tags, _ = ends.asked()
    assert (tags[Tag.EYES], tags[Tag.ELAPSED_MS]) == ("stands:ok", "2400")
    assert isinstance(event, ev.OperatorVerified)
    assert (event.needs_code, event.needs_new_password, event.degraded, event.days_left) == (
        True,
        False,
        ("slip", "card"),
        9,
    )
    assert event.rules == "idle_lock_s=120,check_eyes=1"


async def test_signed_in_elsewhere_comes_with_the_way_that_is_open(ends: Ends) -> None:
    since = write_clock(ends.clock.now())
    ends.host.codes["operator_verify"] = "P6"
    ends.host.tags["operator_verify"] = {
        Tag.RECORD_NO: "91",
        Tag.EARLIER_TERMINAL: "10000002 · 门口",
        Tag.EARLIER_SINCE: since,
        Tag.TAKE_OVER: "supervisor",
    }
    ends.type("password", "2580")

    event = await ends.perform(VERIFY)

    assert isinstance(event, ev.Refused)
    assert event.elsewhere is not None
    assert (event.elsewhere.record_no, event.elsewhere.terminal, event.elsewhere.way) == (
        91,
        "10000002 · 门口",
        "supervisor",
    )


async def test_waits_reasons_and_figures_of_a_refusal_come_along(ends: Ends) -> None:
    ends.host.codes["operator_verify"] = "P1"
    ends.host.tags["operator_verify"] = {Tag.TRIES_LEFT: "2", Tag.WAIT_S: "15", Tag.REASON: "x", Tag.ROLE: "supervisor"}
    ends.type("password", "2580")

    event = await ends.perform(VERIFY)

    assert isinstance(event, ev.Refused)
    assert (event.tries_left, event.wait_s, event.reason, event.role) == (
        2,
        16,
        "x",
        "supervisor",
    )  # one more than the host says


async def test_code_and_approval_go_with_the_confirmation_and_an_envelope_comes_back(ends: Ends) -> None:
    ends.host.tags["operator_confirm"] = {Tag.OFFLINE: "24,3,50000,41", Tag.OPERATOR_NAME: "王芳"}
    ends.type("code", "287082")

    event = await ends.perform(CONFIRM)

    _, _, tags, _ = ends.asked()
    assert (tags[Tag.SIGN_IN_CODE], tags[Tag.TAKE_OVER]) == ("287082", "7")
    assert isinstance(event, ev.SignInConfirmed)
    assert event.operator_name == "王芳"
    assert event.offline == OfflineTerms(hours=24, uses=3, sale_limit_fen=50_000, record_no=RecordNo(41))


async def test_without_a_code_in_the_pin_pad_nothing_is_sent(ends: Ends) -> None:
    event = await ends.perform(CONFIRM)

    assert isinstance(event, ev.HostFailed)
    assert event.failure == "not_sent"
    assert ends.host.heard == []


@pytest.mark.parametrize("text", ["", "24,3,50000", "0,3,50000,41", "24,0,1,41", "24,x,1,41"])
async def test_an_envelope_that_allows_nothing_is_none(ends: Ends, text: str) -> None:
    ends.host.tags["operator_confirm"] = {Tag.OFFLINE: text}
    ends.type("code", "287082")

    event = await ends.perform(CONFIRM)

    assert isinstance(event, ev.SignInConfirmed)
    assert event.offline is None


async def test_a_lock_notice_carries_no_password_and_an_unlock_does(ends: Ends) -> None:
    assert await ends.perform(lock("lock")) == ev.LockAnswered(now=ends.clock.now(), verdict="lock")
    name, operator_no, tags, block = ends.asked()
    assert (name, operator_no, tags[Tag.VERDICT], block) == ("operator_lock", OPERATOR, "lock", None)

    ends.type("password", "2580")
    assert await ends.perform(lock("unlock")) == ev.LockAnswered(now=ends.clock.now(), verdict="unlock")
    _, _, tags, block = ends.asked()
    assert tags[Tag.VERDICT] == "unlock"
    assert block is not None
    assert ends.is_password(block, "2580")


async def test_a_supervisors_unlock_releases(ends: Ends) -> None:
    ends.host.tags["operator_lock"] = {Tag.ORDERS: "sign_in"}
    ends.type("password", "123456")

    event = await ends.perform(lock("unlock", SUPERVISOR))

    assert isinstance(event, ev.LockAnswered)
    assert event.released
    _, operator_no, _, block = ends.asked()
    assert operator_no == SUPERVISOR
    assert block is not None
    assert ends.is_password(block, "123456", SUPERVISOR)


async def test_both_blocks_of_a_new_password_are_right_and_its_digits_are_nowhere(ends: Ends) -> None:
    ends.type("old_password", "2580")
    ends.type("new_password", "739164")
    ends.type("repeat_password", "739164")

    assert await ends.perform(CHANGE) == ev.PasswordChanged(now=ends.clock.now())

    _, _, tags, block = ends.asked()
    assert block is not None
    assert ends.is_password(block, "2580")
    assert ends.is_password(bytes.fromhex(tags[Tag.NEW_BLOCK]), "739164")
    assert "739164" not in repr(ends.host.heard[-1].message)


async def test_a_new_password_that_is_refused_may_be_typed_again_without_the_old_one(ends: Ends) -> None:
    ends.host.codes["operator_password"] = "P4"
    ends.host.tags["operator_password"] = {Tag.REASON: "banned"}
    ends.type("old_password", "2580")
    ends.type("new_password", "111111")
    ends.type("repeat_password", "111111")
    refused = await ends.perform(CHANGE)
    assert isinstance(refused, ev.Refused)
    assert (refused.response_code, refused.reason) == ("P4", "banned")

    ends.host.codes.clear()
    ends.type("new_password", "739164")
    ends.type("repeat_password", "739164")
    assert isinstance(await ends.perform(CHANGE), ev.PasswordChanged)
    _, _, _, block = ends.asked()
    assert block is not None
    assert ends.is_password(block, "2580")


async def test_an_approval_is_asked_for_by_the_supervisor_for_one_action(ends: Ends) -> None:
    ends.host.tags["operator_approve"] = {Tag.APPROVAL_NO: "7", Tag.OPERATOR_NAME: "李主管"}
    ends.type("password", "123456")

    event = await ends.perform(APPROVE)

    assert event == ev.Approved(now=ends.clock.now(), approval_no=7, supervisor="李主管")
    name, operator_no, tags, block = ends.asked()
    assert (name, operator_no) == ("operator_approve", SUPERVISOR)
    assert (tags[Tag.ACTION], tags[Tag.RECORD_NO]) == ("take_over", "41")
    assert Tag.AMOUNT not in tags
    assert block is not None
    assert ends.is_password(block, "123456", SUPERVISOR)


async def test_a_reset_carries_two_blocks_one_of_the_supervisor_and_one_for_whom_it_is(ends: Ends) -> None:
    for purpose, digits in (("old_password", "123456"), ("new_password", "739164"), ("repeat_password", "739164")):
        ends.type(purpose, digits)

    assert await ends.perform(RESET) == ev.Managed(now=ends.clock.now())
    name, operator_no, tags, block = ends.asked()
    assert (name, operator_no) == ("operator_manage", SUPERVISOR)
    assert (tags[Tag.ACTION], tags[Tag.ABOUT_NO]) == ("reset_password", OPERATOR)
    assert block is not None
    assert ends.is_password(block, "123456", SUPERVISOR)
    assert ends.is_password(bytes.fromhex(tags[Tag.NEW_BLOCK]), "739164", OPERATOR)


async def test_an_act_of_a_supervisor_without_a_first_password_has_one_block(ends: Ends) -> None:
    ends.type("password", "123456")

    unlock = replace(RESET, action="unlock_operator", first_password=False)
    assert await ends.perform(unlock) == ev.Managed(now=ends.clock.now())
    _, _, tags, block = ends.asked()
    assert (tags[Tag.ACTION], Tag.NEW_BLOCK in tags) == ("unlock_operator", False)
    assert block is not None
    assert ends.is_password(block, "123456", SUPERVISOR)


async def test_a_reset_for_which_nothing_was_typed_is_not_sent(ends: Ends) -> None:
    event = await ends.perform(RESET)

    assert isinstance(event, ev.HostFailed)
    assert (event.request, event.failure) == ("SendManage", "not_sent")


async def test_an_approval_without_a_number_is_no_answer_to_believe(ends: Ends) -> None:
    ends.type("password", "123456")

    event = await ends.perform(APPROVE)

    assert isinstance(event, ev.HostFailed)
    assert event.failure == "bad_answer"


def used_offline(ends: Ends) -> UnixMs:
    ends.type("password", "2580")
    ends.pin_pad.take_password_block(MERCHANT, OPERATOR)
    terms = EnvelopeTerms(OPERATOR, "王芳", RecordNo(41), 24, 3, 50_000, ends.clock.now())
    ends.pin_pad.seal_envelope(terms)
    ends.clock.pass_s(60)
    ends.type("password", "2580")
    assert ends.pin_pad.check_offline(MERCHANT, OPERATOR, use=True).outcome == "ok"
    return ends.clock.now()


async def test_what_was_done_without_network_is_told_once(ends: Ends) -> None:
    when = used_offline(ends)
    ends.host.tags["operator_offline"] = {Tag.SESSION_NO: "9", Tag.RECORD_NO: "92"}

    event = await ends.perform(REPORT)

    assert isinstance(event, ev.OfflineAccepted)
    assert (event.operator_no, event.record_no) == (OPERATOR, 92)
    name, _, tags, block = ends.asked()
    assert (name, tags[Tag.OFFLINE], block) == ("operator_offline", f"41,1,{when}", None)
    assert ends.pin_pad.offline_owed() == ()


async def test_an_envelope_that_the_host_refuses_is_destroyed(ends: Ends) -> None:
    used_offline(ends)
    ends.host.codes["operator_offline"] = "P8"
    ends.host.tags["operator_offline"] = {Tag.REASON: "password_changed_since"}

    event = await ends.perform(REPORT)

    assert isinstance(event, ev.Refused)
    assert event.reason == "password_changed_since"
    assert ends.pin_pad.offline_owed() == ()
    ends.type("password", "2580")
    assert ends.pin_pad.check_offline(MERCHANT, OPERATOR, use=True).outcome == "none"


async def test_a_lost_report_stays_owed(ends: Ends) -> None:
    used_offline(ends)
    ends.host.hang_up.add("operator_offline")

    assert isinstance(await ends.perform(REPORT), ev.HostFailed)
    assert len(ends.pin_pad.offline_owed()) == 1


async def test_orders_come_with_the_heartbeat_of_an_operator(ends: Ends) -> None:
    ends.host.tags["status"] = {Tag.ORDERS: "sign_in", Tag.NOTICE: "10000002"}
    status = fx.SendStatus(checks=(), operator_no=OPERATOR)

    event = await ends.link.perform(status, Outgoing(trace_no=trace(5), batch_no=BATCH))

    assert event == ev.Ordered(now=ends.clock.now(), orders=("sign_in",), notice="10000002")
    _, operator_no, _, _ = ends.asked()
    assert operator_no == OPERATOR


async def test_the_header_of_any_answer_may_ask_for_a_sign_in(ends: Ends) -> None:
    ends.host.bend["operator_lock"] = lambda whole: whole[:7] + bytes((whole[7] | REQUIREMENT_SIGN_IN,)) + whole[8:]

    assert isinstance(await ends.perform(lock("lock")), ev.LockAnswered)

    assert ends.orders == [ev.Ordered(now=ends.clock.now(), orders=("sign_in",))]


async def test_notes_go_with_the_sign_out(ends: Ends) -> None:
    effect = fx.SendSignOut(trace_no=trace(5), batch_no=BATCH, operator_no=OPERATOR, notes="well:calm,not:printer")

    await ends.perform(effect)

    _, _, tags, _ = ends.asked()
    assert tags[Tag.NOTES] == "well:calm,not:printer"
