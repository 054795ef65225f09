"""The laws of the flow, against any sequence of events: see the theory in `flow/machine.py`."""

from typing import get_args

import msgspec
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.worlds.flow_story import (
    CHECKED,
    MASKED,
    RULES,
    Story,
    approval,
    approved_sale,
    memory,
    pending,
    putting_right,
    slips_out,
    with_rules,
)

from zhanggui.basics.numbers import BatchNo, OperatorNo, RecordNo, UnixMs
from zhanggui.basics.words import Lang
from zhanggui.cup.messages.settlement import Sums
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.stage import Stage, Trouble
from zhanggui.terminal.flow.core.step import CHARGED
from zhanggui.terminal.flow.duty.stages import AskingSignOut
from zhanggui.terminal.flow.machine import EVERYWHERE, ROWS, STAGES, TABLE, screen_of
from zhanggui.terminal.flow.payment.stages import Paying, RightDue, Standby
from zhanggui.terminal.flow.payment.steps.amount import EnteringAmount
from zhanggui.terminal.flow.payment.steps.card import AwaitingCard
from zhanggui.terminal.flow.payment.steps.pin import EnteringPin
from zhanggui.terminal.flow.screens.render import render_screen
from zhanggui.terminal.flow.sign_in.phone.told import PhoneCodeGiven, PhoneLeft, PhoneStands
from zhanggui.terminal.flow.sign_in.stages import EnteringOld
from zhanggui.terminal.keypad import keypad_lines
from zhanggui.terminal.models.profiles import load_profile
from zhanggui.terminal.transcript import screen_text

NOW = UnixMs(1_795_395_303_000)
TYPED = [*"0123456789", "00", "enter", "clear", "cancel", "up", "down", "lang", "nonsense", ""]
"""What a front may send on any screen."""
SENDS = [*(kind.__name__ for kind in fx.Exchange.__subclasses__()), "Else"]
RECORDS = get_args(ev.Record)
CODES = ["P1", "P2", "P4", "P5", "P6", "P8", "P9", "PA", "A0", "77", "99", "51", "55", "97", "25", "??", "@x"]
ELSEWHERE = [
    ev.Elsewhere(record_no=RecordNo(2), terminal="10000002", since=NOW, way=way, needs_code=needs_code)
    for way in ("", "supervisor", "stale")
    for needs_code in (False, True)
]

COUNTED = (
    fx.SendVerify
    | fx.SendConfirm
    | fx.SendSignOn
    | fx.SendSignOut
    | fx.SendLock
    | fx.SendNewPassword
    | fx.SendApproval
    | fx.SendManage
    | fx.SendOffline
    | fx.SendPhoneCode
    | fx.SendPhoneAsk
    | fx.SendPhoneLeft
    | fx.SendSettlement
    | fx.SendUploadEnd
    | fx.SendSignOff
)
"""Messages that take a number of their own."""

host = st.one_of(
    st.builds(
        ev.HostFailed, now=st.just(NOW), request=st.sampled_from(SENDS), failure=st.sampled_from(get_args(ev.Failure))
    ),
    st.builds(
        ev.Refused,
        now=st.just(NOW),
        request=st.sampled_from(SENDS),
        response_code=st.sampled_from(CODES),
        tries_left=st.sampled_from([None, 3]),
        locked_until=st.sampled_from([None, NOW]),
        host_text=st.sampled_from(["", "@code.55", "10000002"]),
        wait_s=st.sampled_from([0, 0, 2]),
        reason=st.sampled_from(["", "banned", "self_check:printer", "@x", "approval_used"]),
        notice=st.sampled_from(["", "-31", "@x", "-"]),
        role=st.sampled_from(["", "supervisor", "king"]),
        elsewhere=st.sampled_from([None, *ELSEWHERE]),
    ),
    st.builds(ev.LockAnswered, now=st.just(NOW), verdict=st.sampled_from(["lock", "unlock"]), released=st.booleans()),
    st.just(ev.PasswordChanged(now=NOW)),
    st.just(ev.BadgeShown(now=NOW)),
    st.just(ev.Managed(now=NOW)),
    st.just(PhoneCodeGiven(now=NOW, name="ABCDEFGH", address="https://host/P", life_s=3)),
    st.builds(PhoneStands, now=st.just(NOW), name=st.just("ABCDEFGH"), known=st.booleans()),
    st.just(PhoneLeft(now=NOW)),
    st.just(ev.Approved(now=NOW, approval_no=7, supervisor="李主管")),
    st.just(ev.OfflineAccepted(now=NOW, operator_no=OperatorNo("01"), record_no=RecordNo(92), host_now=NOW)),
    st.builds(
        ev.OfflineChecked,
        now=st.just(NOW),
        operator_no=st.sampled_from([OperatorNo("01"), OperatorNo("00")]),
        outcome=st.sampled_from(["ok", "ok", "wrong", "none", "over", "used_up", "clock"]),
        until=st.just(UnixMs(NOW + 1000)),
        sale_limit_fen=st.just(500),
    ),
    st.builds(
        ev.Ordered,
        now=st.just(NOW),
        orders=st.lists(st.sampled_from(["sign_in", "lock", "sign_out", "settle", "else"]), max_size=2).map(tuple),
        notice=st.sampled_from(["", "10000002", "@x"]),
    ),
    st.just(ev.SignedOn(now=NOW, batch_no=BatchNo("000002"), host_now=NOW, drift_s=31)),
    st.builds(
        ev.OperatorVerified,
        now=st.just(NOW),
        record_no=st.just(RecordNo(1)),
        operator_no=st.just(OperatorNo("01")),
        operator_name=st.just("王芳"),
        role=st.just("cashier"),
        merchant_name=st.just("城南小馆"),
        place=st.just(""),
        host_now=st.just(NOW),
        drift_s=st.just(0),
        needs_code=st.booleans(),
        needs_new_password=st.booleans(),
        rules=st.sampled_from(
            ["", with_rules(check_eyes=1, after_sale="lock"), with_rules(idle_lock_s=30), "badge=alone", "phone=1"]
        ),
        degraded=st.sampled_from([(), ("slip",), ("card", "@x")]),
        days_left=st.sampled_from([None, 3]),
    ),
    st.just(ev.SignInConfirmed(now=NOW, record_no=RecordNo(1), host_now=NOW)),
    st.just(ev.SignedOut(now=NOW, sales_count=1, sales_fen=1)),
    st.builds(
        ev.SettlementAnswered,
        now=st.just(NOW),
        sums=st.builds(Sums, debit_count=st.integers(0, 3), debit_fen=st.just(5)),
        agreed=st.booleans(),
    ),
    st.builds(
        ev.DetailsTold, now=st.just(NOW), count=st.integers(0, 3), cursor=st.integers(0, 9), is_last=st.booleans()
    ),
    st.just(ev.UploadEnded(now=NOW)),
    st.just(ev.SignedOff(now=NOW)),
    st.just(ev.ReversalAccepted(now=NOW, response_code="25")),
    st.sampled_from(["000012", "000013", "000015", "000016"]).map(lambda trace: approval(trace, 5)),
)
hands = st.one_of(
    st.builds(ev.PinDots, now=st.just(NOW), count=st.integers(0, 12)),
    st.builds(
        ev.PinDone,
        now=st.just(NOW),
        outcome=st.sampled_from(["entered", "entered", "skipped", "cancelled", "timed_out", "differs"]),
    ),
    st.builds(
        ev.CardSeen,
        now=st.just(NOW),
        way=st.sampled_from(["swipe", "insert", "tap"]),
        masked_pan=st.just(MASKED),
        expiry_yymm=st.just("4912"),
        label=st.just("x"),
        chip=st.booleans(),
    ),
    st.just(ev.CardUnreadable(now=NOW, reason="x")),
    st.just(ev.Signed(now=NOW)),
    st.builds(ev.LangChosen, now=st.just(NOW), lang=st.sampled_from(["zh", "en"])),
)
machine_itself = st.one_of(
    st.just(ev.Ticked(now=NOW)),
    st.just(ev.Ticked(now=UnixMs(NOW + 100_000_000))),
    st.builds(
        ev.BatchCounted,
        now=st.just(NOW),
        batch_no=st.sampled_from([BatchNo("000001"), BatchNo("000002")]),
        sums=st.builds(Sums, debit_count=st.integers(0, 2), debit_fen=st.just(5)),
    ),
    st.just(ev.SlipPrinted(now=NOW, slip_id="000001-settlement")),
    st.just(ev.SlipNotPrinted(now=NOW, slip_id="000001-settlement", reason="odd")),
    st.builds(ev.Printed, now=st.just(NOW), copy=st.sampled_from(["merchant", "cardholder"])),
    st.builds(
        ev.PrintFailed,
        now=st.just(NOW),
        copy=st.sampled_from(["merchant", "cardholder"]),
        reason=st.sampled_from(["check.printer.no_paper", "odd"]),
    ),
    st.builds(ev.Journalled, now=st.just(NOW), what=st.sampled_from(RECORDS)),
    st.builds(ev.JournalFailed, now=st.just(NOW), what=st.sampled_from(RECORDS)),
    st.builds(ev.LineSeen, now=st.just(NOW), sign=st.sampled_from(get_args(ev.LineSign))),
    st.builds(
        ev.DeviceChanged,
        now=st.just(NOW),
        result=st.builds(
            ev.CheckResult,
            item=st.sampled_from(CHECKED),
            state=st.sampled_from(["ok", "warn", "fail"]),
            reason=st.sampled_from(["", "odd"]),
        ),
    ),
    st.builds(
        ev.SelfChecked,
        now=st.just(NOW),
        results=st.just((ev.CheckResult(item="scanner", state="warn"),)),
    ),
    st.builds(
        ev.PoweredOn,
        now=st.just(NOW),
        lang=st.sampled_from(["zh", "en"]),
        memory=st.sampled_from(
            [
                memory(),
                memory(reversal=pending()),
                memory(print_pending=approved_sale("000003", 5)),
                memory(rules=with_rules(check_eyes=1), software="zhanggui 0.0.9"),
                memory(rules=RULES, offline_owed=(OperatorNo("01"),)),
            ]
        ),
    ),
)
MODELS = ("smart", "esign", "keypad")
BEGINNINGS = (
    "off",
    "number",
    "standby",
    "selling",
    "approved",
    "right_due",
    "undoing",
    "locked",
    "offline",
    "limited",
    "elsewhere",
    "settle",
    "settling",
    "settled",
)
NOT_WHILE_LOCKED = (Standby, RightDue, EnteringAmount, AwaitingCard, EnteringPin, Paying, AskingSignOut, EnteringOld)


def begun(model: str, beginning: str) -> Story:
    story = Story(model)
    match beginning:
        case "number":
            story.to_number(memory(reversal=pending()))
        case "standby":
            story.to_standby()
        case "locked":
            story.to_standby().keys("lock")
        case "offline" | "limited":
            story.to_number(memory(rules=RULES)).failed("SendSignOn", "unreachable")
            story.keys("0", "1")
            story.pin(digits=4)
            until = UnixMs(NOW + 3_600_000)
            ok = ev.OfflineChecked(
                now=NOW,
                login=OperatorNo("01"),
                operator_no=OperatorNo("01"),
                outcome="ok",
                until=until,
                sale_limit_fen=500,
            )
            story.send(ok)
            story.keys("enter")
            if beginning == "limited":
                story.wait(30)
                story.signed_on()
                story.send(
                    ev.OfflineAccepted(
                        now=NOW,
                        operator_no=OperatorNo("01"),
                        record_no=RecordNo(9),
                        host_now=NOW,
                    )
                )
        case "elsewhere":
            story.to_number().signed_on()
            story.keys("0", "1")
            story.pin(digits=4)
            story.refused("SendVerify", "P6", elsewhere=ELSEWHERE[2])
        case "settle" | "settling" | "settled":
            story.to_standby().keys("settle")
            story.counted()
            if beginning != "settle":
                story.keys("enter")
            if beginning == "settled":
                story.host_agrees()
                story.send(ev.UploadEnded(now=NOW))
        case "selling" | "approved" | "undoing":
            story.to_standby().to_selling(5)
            if beginning == "approved":
                story.approved(5)
            elif beginning == "undoing":
                story.failed("SendPayment", "no_answer")
        case "right_due":
            story.to_standby().to_selling(50)
            story.approved(50)
            slips_out(story)
            putting_right(story, 5).approved(50)
            slips_out(story)
            assert story.screen_id == "right_due"
    return story


def charges_of_the_same(story: Story) -> int:
    """The most charges that stand, or may stand, behind one payment that took a wrong amount back."""
    behind = [
        (line.about_batch_no, line.about_trace_no)
        for line in story.state.today
        if line.sign > 0 and line.about_trace_no and line.state in CHARGED
    ]
    return max(map(behind.count, behind), default=0)


def keys_of_every_screen() -> list[str]:
    """The keys of every screen that the stories of these tests show, so that a new choice is tried by itself."""
    stories = [begun(model, beginning) for model in MODELS for beginning in BEGINNINGS]
    found = {choice.key: None for story in stories for view in story.views for choice in view.choices}
    return [key for key in found if key not in TYPED]


keys = st.sampled_from([*TYPED, *keys_of_every_screen()]).map(lambda key: ev.KeyPressed(now=NOW, key=key))
choices = st.integers(0, 9)
"""A choice of the screen that is shown, by its place: whatever a new screen offers is tried by itself."""
anything: st.SearchStrategy[ev.Event | int] = st.one_of(keys, choices, choices, host, hands, machine_itself)


def chosen(story: Story, place: int) -> ev.Event:
    """The key of the choice at this place of the screen that is shown."""
    offered = screen_of(story.state).choices
    return ev.KeyPressed(now=NOW, key=offered[place % len(offered)].key if offered else "")


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    model=st.sampled_from(MODELS),
    beginning=st.sampled_from(BEGINNINGS),
    broken=st.sets(st.sampled_from(RECORDS), max_size=2),
    happening=st.lists(anything, max_size=40),
)
@example(
    model="smart",
    beginning="selling",
    broken={"decline"},
    happening=[
        ev.Ordered(now=NOW, orders=("sign_in",)),
        ev.HostFailed(now=NOW, request="SendPayment", failure="unreachable"),
    ],
)
def test_the_laws_hold_whatever_happens(
    model: str, beginning: str, broken: set[str], happening: list[ev.Event | int]
) -> None:
    story = begun(model, beginning)
    story.broken_records |= broken
    display = load_profile("keypad")
    used_since_power_on: set[str] = {
        effect.attempt.trace_no for effect in story.effects if isinstance(effect, fx.SendPayment)
    }
    for happened in happening:
        event = chosen(story, happened) if isinstance(happened, int) else happened
        if isinstance(event, ev.PoweredOn):
            used_since_power_on.clear()  # this memory is made up; a real journal remembers the counter
        settlement = story.state.settlement
        in_doubt, session, lock = story.state.undo, story.state.session, story.state.lock
        effects = story.send(event)
        names = [type(effect).__name__ for effect in effects]
        for place, effect in enumerate(effects):
            if isinstance(effect, fx.SendPayment):
                assert names[place - 1] == "RememberPayment"
                assert in_doubt is None
                assert settlement is None
                assert lock is None
                assert session is not None
                assert not session.offline
                assert session.limits is None or effect.attempt.amount_fen <= session.limits.sale_limit_fen
                assert effect.attempt.trace_no not in used_since_power_on
                used_since_power_on.add(effect.attempt.trace_no)
            if isinstance(effect, fx.SendSettlement | fx.SendDetails | fx.SendUploadEnd):
                assert names[place - 1] == "RememberSettlement"
            if isinstance(effect, COUNTED):
                assert "RememberTrace" in names[:place]
        if "RememberApproval" in names:
            assert names[0] == "RememberApproval"
        if story.state.lock is not None:
            assert story.state.session is not None
            assert not isinstance(story.state.stage, NOT_WHILE_LOCKED)
            assert story.state.reader == ()
        assert names.count("SendPayment") + names.count("SendReversal") <= 1
        assert len(story.state.today) <= 50
        assert charges_of_the_same(story) <= 1
        assert story.state.sales_count >= 0
        screen = screen_of(story.state)
        undo = story.state.undo
        stands = story.state.print_pending is not None or (undo is not None and not undo.settling)
        if stands and isinstance(story.state.stage, Trouble) and session is not None and story.state.session is None:
            thrown_out = screen_text(render_screen(screen, "en"))
            assert "nothing was charged" not in thrown_out, "a payment stands or is in doubt"
        for lang in get_args(Lang):
            view = render_screen(screen, lang)
            assert screen_text(view)
            assert len(keypad_lines(view, display)) == 4


@settings(max_examples=60, deadline=None)
@given(digits=st.text("0123456789", min_size=4, max_size=12))
def test_digits_pressed_while_the_pin_pad_collects_change_nothing(digits: str) -> None:
    story = Story().to_number()
    story.signed_on()
    story.keys("0", "1")
    before = story.state
    story.keys(*digits)
    assert story.state == msgspec.structs.replace(before, touched_at=story.state.touched_at)
    at_pin = Story().to_standby()
    at_pin.keys("sale", "5", "enter")
    at_pin.card()
    stage = at_pin.state.stage
    at_pin.keys(*digits)
    assert at_pin.state.stage == stage


def test_each_place_of_the_table_has_one_row_and_each_stage_some_way_out() -> None:
    assert len(TABLE) == len(ROWS) + len(EVERYWHERE)
    stages = set(STAGES)
    assert {row.stage for row in ROWS} <= stages
    left = {row.stage for row in ROWS if any(target is not row.stage for target in row.leads_to)}
    by_answer_only = {row.stage for row in EVERYWHERE}
    assert by_answer_only == {Stage}
    assert {stage.__name__ for stage in stages - left} == {"Off"}


def test_answers_are_tied_to_the_request_they_answer() -> None:
    effects = {kind.__name__ for kind in fx.Exchange.__subclasses__()}
    for row in TABLE.values():
        if row.event in (ev.Refused, ev.HostFailed):
            assert row.request in effects
        else:
            assert row.request == ""
