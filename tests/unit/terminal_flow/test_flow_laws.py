"""The laws of the flow, against any sequence of events: see the theory in `flow/machine.py`."""

from typing import get_args

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.terminal_flow.story import CHECKED, MASKED, Story, approved_sale, memory, pending

from zhanggui.basics.numbers import BatchNo, OperatorNo, RecordNo, SessionNo, UnixMs
from zhanggui.terminal.flow import effects as fx
from zhanggui.terminal.flow import events as ev
from zhanggui.terminal.flow.drawing import screen_of
from zhanggui.terminal.flow.machine import EVERYWHERE, ROWS, TABLE
from zhanggui.terminal.flow.stages import AnyStage, Stage
from zhanggui.terminal.flow.words import render_screen
from zhanggui.terminal.keypad import keypad_lines
from zhanggui.terminal.profiles import load_profile
from zhanggui.terminal.transcript import screen_text

NOW = UnixMs(1_795_395_303_000)
KEYS = [
    *"0123456789",
    *("00", "enter", "clear", "cancel", "retry", "skip", "leave", "restart", "up", "down", "lang", "nonsense", ""),
    *("sale", "reprint", "sign_out", "wrong", "operator", "time"),
]
SENDS = ["SendSignOn", "SendVerify", "SendConfirm", "SendSale", "SendReversal", "SendSignOut", "SendStatus", "Else"]
RECORDS = ["trace", "sale", "approval", "decline", "doubt", "reversed", "printed", "else"]
CODES = ["P1", "P2", "P6", "PA", "A0", "77", "99", "51", "55", "97", "25", "??", "@x"]

keys = st.sampled_from(KEYS).map(lambda key: ev.KeyPressed(now=NOW, key=key))
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
    ),
    st.just(ev.SignedOn(now=NOW, batch_no=BatchNo("000002"), host_now=NOW, drift_s=31)),
    st.just(
        ev.OperatorVerified(
            now=NOW,
            record_no=RecordNo(1),
            operator_no=OperatorNo("01"),
            operator_name="王芳",
            role="cashier",
            merchant_name="城南小馆",
            place="",
            host_now=NOW,
            drift_s=0,
        )
    ),
    st.just(ev.SignInConfirmed(now=NOW, session_no=SessionNo(1), record_no=RecordNo(1), host_now=NOW)),
    st.just(ev.SignedOut(now=NOW, sales_count=1, sales_fen=1)),
    st.just(ev.ReversalAccepted(now=NOW, response_code="25")),
    st.sampled_from(["000012", "000013", "000015", "000016"]).map(
        lambda trace: ev.SaleApproved(now=NOW, sale=approved_sale(trace, 5))
    ),
)
hands = st.one_of(
    st.builds(ev.PinDots, now=st.just(NOW), count=st.integers(0, 12)),
    st.builds(ev.PinDone, now=st.just(NOW), outcome=st.sampled_from(["entered", "skipped", "cancelled", "timed_out"])),
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
    st.builds(ev.Printed, now=st.just(NOW), copy=st.sampled_from(["merchant", "cardholder"])),
    st.builds(
        ev.PrintFailed,
        now=st.just(NOW),
        copy=st.sampled_from(["merchant", "cardholder"]),
        reason=st.sampled_from(["check.printer.no_paper", "odd"]),
    ),
    st.builds(ev.Journalled, now=st.just(NOW), what=st.sampled_from(RECORDS)),
    st.builds(ev.JournalFailed, now=st.just(NOW), what=st.sampled_from(RECORDS)),
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
            [memory(), memory(reversal=pending()), memory(print_pending=approved_sale("000003", 5))]
        ),
    ),
)
anything = st.one_of(keys, keys, host, hands, machine_itself)
beginnings = st.sampled_from(["off", "number", "standby", "selling", "approved", "undoing"])


def begun(model: str, beginning: str) -> Story:
    story = Story(model)
    match beginning:
        case "number":
            story.to_number(memory(reversal=pending()))
        case "standby":
            story.to_standby()
        case "selling" | "approved" | "undoing":
            story.to_standby().to_selling(5)
            if beginning == "approved":
                story.approved(5)
            elif beginning == "undoing":
                story.failed("SendSale", "no_answer")
    return story


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    model=st.sampled_from(["smart", "esign", "keypad"]),
    beginning=beginnings,
    broken=st.sets(st.sampled_from(RECORDS), max_size=2),
    happening=st.lists(anything, max_size=40),
)
def test_the_laws_hold_whatever_happens(
    model: str, beginning: str, broken: set[str], happening: list[ev.Event]
) -> None:
    story = begun(model, beginning)
    story.broken_records |= broken
    display = load_profile("keypad")
    used_since_power_on: set[str] = {effect.trace_no for effect in story.effects if isinstance(effect, fx.SendSale)}
    for event in happening:
        if isinstance(event, ev.PoweredOn):
            used_since_power_on.clear()  # this memory is made up; a real journal remembers the counter
        in_doubt = story.state.undo
        effects = story.send(event)
        names = [type(effect).__name__ for effect in effects]
        for place, effect in enumerate(effects):
            if isinstance(effect, fx.SendSale):
                assert names[place - 1] == "RememberSale"
                assert in_doubt is None
                assert effect.trace_no not in used_since_power_on
                used_since_power_on.add(effect.trace_no)
            if isinstance(effect, fx.SendVerify | fx.SendConfirm | fx.SendSignOn | fx.SendSignOut):
                assert "RememberTrace" in names[:place]
        if "RememberApproval" in names:
            assert names[0] == "RememberApproval"
        assert names.count("SendSale") + names.count("SendReversal") <= 1
        assert len(story.state.today) <= 50
        assert story.state.sales_count >= 0
        screen = screen_of(story.state)
        for lang in get_args(ev.Lang):
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
    stages = {stage for part in get_args(AnyStage) for stage in (get_args(part) or (part,))}
    assert {row.stage for row in ROWS} <= stages
    left = {row.stage for row in ROWS if any(target is not row.stage for target in row.leads_to)}
    by_answer_only = {row.stage for row in EVERYWHERE}
    assert by_answer_only == {Stage}
    assert {stage.__name__ for stage in stages - left} == {"Off"}


def test_answers_are_tied_to_the_request_they_answer() -> None:
    effects = {kind.__name__ for kind in fx.Effect.__subclasses__()}
    for row in TABLE.values():
        if row.event in (ev.Refused, ev.HostFailed):
            assert row.request in effects
        else:
            assert row.request == ""
