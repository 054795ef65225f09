"""Settings of the terminal (终端设置): read, shown by page, typed in digits, kept. Only 99 comes here (`sign_in/sign_in.py`).

A change is in the journal before it is made, with who made it and under which approval of the host: what a machine acts by can be told
for every day. Where the file can't be written, the journal says that it went back.
"""

from msgspec.structs import replace

from ....cup.values.slip import Slip, SlipLine
from ..core.effects import ChangeSetting, PrintSlip, ReadSetup, RememberSetting
from ..core.events import (
    CheckResult,
    JournalFailed,
    KeyPressed,
    SetupSeen,
    SignedOn,
    SlipNotPrinted,
    SlipPrinted,
    Ticked,
)
from ..core.noted.settings import SETTINGS, SettingName, SetupFacts
from ..core.policy import ADMINISTRATOR, SALE_IDLE_S
from ..core.routes import adopt, start_sign_on
from ..core.state import State
from ..core.step import Step, change, go, idle_for_s, leave, stay
from ..core.trouble import SIGN_IN_CODES, device_words, show
from ..core.ways import LeaveSettings, ToNumber, ToPassword, ToSettings
from ..words.text import Text, words
from .stages import KeepingSetting, SettingUp, SetupPage, TypingSetting

PAGES: tuple[SetupPage, ...] = ("numbers", "host", "network", "keys", "printer")
TYPED_ON: dict[SetupPage, tuple[SettingName, ...]] = {
    "numbers": ("merchant_no",),
    "host": ("host", "port"),
    "network": ("timeout_s",),
}
"""What may be typed on a page; the keys of a choice are the names."""


def to_settings(state: State, way: ToSettings) -> Step:
    """The host knows who is here: read what is set."""
    return go(state, SettingUp(approval_no=way.approval_no), ReadSetup())


def leave_settings(state: State, way: LeaveSettings) -> Step:
    """Back to the sign-in, with what the host said where it let nobody in. A password that must be changed is changed by signing in."""
    problem = way.problem
    if problem is None:
        return leave(state, ToNumber())
    if problem.code == SIGN_IN_CODES["P4"]:
        return leave(state, ToPassword(login=ADMINISTRATOR, problem=problem))
    return show(state, problem, ToNumber())


def seen(state: State, stage: SettingUp, event: SetupSeen) -> Step:
    """What is set now; after a call, whether the host took it."""
    notice = stage.notice
    if event.facts.reachable is not None:
        notice = words("setup.reached" if event.facts.reachable else "setup.not_reached")
    return change(state, replace(stage, facts=event.facts, notice=notice))


def key(state: State, stage: SettingUp, event: KeyPressed) -> Step:
    """A page, what a page offers, back, or out."""
    facts = stage.facts
    if event.key == "cancel":
        return leave(state, ToNumber()) if stage.page == "menu" else shown(state, stage, "menu")
    if facts is None:
        return stay(state)
    if stage.page == "menu":
        page = next((page for page in PAGES if page == event.key), None)
        return stay(state) if page is None else shown(state, stage, page)
    name = next((name for name in TYPED_ON.get(stage.page, ()) if name == event.key), None)
    if name is not None:
        typing = TypingSetting(approval_no=stage.approval_no, facts=facts, name=name, page=stage.page)
        return go(state, typing)
    match (stage.page, event.key):
        case ("network", "call"):
            return change(state, replace(stage, notice=words("setup.calling")), ReadSetup(calls=True))
        case ("keys", "new_keys") if state.keys != "under_way":
            state, ask = start_sign_on(replace(state, keys="none"))
            state, shows = change(state, replace(stage, notice=words("setup.fetching")))
            return state, (*shows, *ask)
        case ("printer", "test"):
            return change(state, replace(stage, notice=words("setup.printing")), PrintSlip(slip=test_slip(state)))
    return stay(state)


def shown(state: State, stage: SettingUp, page: SetupPage) -> Step:
    """Another page, without the notice of the last one."""
    return go(state, replace(stage, page=page, notice=None))


def signed_on(state: State, stage: SettingUp, event: SignedOn) -> Step:
    """New working keys came, asked for here or on the way here."""
    if state.keys != "under_way":
        return stay(state)
    state, parts = adopt(state, event)
    state, shows = change(
        state, replace(stage, notice=words("setup.fetched") if stage.page == "keys" else stage.notice)
    )
    return state, (*parts, *shows)


def printed(state: State, stage: SettingUp, event: SlipPrinted) -> Step:
    """The test slip is out."""
    state = replace(state, tray=(*state.tray, event.slip_id)[-1:])
    return change(state, replace(stage, notice=words("setup.printed")))


def not_printed(state: State, stage: SettingUp, event: SlipNotPrinted) -> Step:
    """Say why."""
    what, _ = device_words(CheckResult(item="printer", state="fail", reason=event.reason))
    return change(state, replace(stage, notice=what))


def idle(state: State, stage: SettingUp | TypingSetting, event: Ticked) -> Step:
    """99 went away: nobody else finds this open."""
    return leave(state, ToNumber()) if idle_for_s(state) >= SALE_IDLE_S else stay(state)


def typing_key(state: State, stage: TypingSetting, event: KeyPressed) -> Step:
    """Digits, then Enter; nothing but a value that can be one is kept."""
    typed = SETTINGS[stage.name]
    match event.key:
        case "cancel":
            return back(state, stage.approval_no, stage.facts, stage.page)
        case "clear":
            return change(state, replace(stage, digits=stage.digits[:-1], notice=None))
        case "enter":
            value = typed.read(stage.digits) if stage.digits else None
            if value is None:
                return change(state, replace(stage, digits="", notice=words(f"setup.{stage.name}.wrong")))
            return keep(state, stage, value)
    digits = stage.digits + event.key
    if not (event.key.isascii() and event.key.isdigit()) or len(digits) > typed.digits_max:
        return stay(state)
    return change(state, replace(stage, digits=digits, notice=None))


def keep(state: State, stage: TypingSetting, value: str) -> Step:
    """Into the journal, then into the settings, in one step."""
    before = stage.facts.value_of(stage.name)
    if value == before:
        return back(state, stage.approval_no, stage.facts, stage.page)
    keeping = KeepingSetting(
        approval_no=stage.approval_no, facts=stage.facts, name=stage.name, page=stage.page, value=value
    )
    change_it = ChangeSetting(name=stage.name, value=value)
    return go(state, keeping, noted(stage.approval_no, stage.name, before, value), change_it)


def noted(approval_no: int, name: SettingName, before: str, value: str) -> RememberSetting:
    """The journal's row of a change."""
    return RememberSetting(operator_no=ADMINISTRATOR, approval_no=approval_no, name=name, before=before, value=value)


def kept(state: State, stage: KeepingSetting, event: SetupSeen) -> Step:
    """It is set, or the file could not be written and the journal says so."""
    if event.facts.value_of(stage.name) == stage.value:
        # How long an answer may take stands on every screen that waits for one.
        state = replace(state, machine=replace(state.machine, answer_within_s=event.facts.timeout_s))
        late = words("setup.kept_for_later") if stage.name == "merchant_no" else words("setup.kept")
        return back(state, stage.approval_no, event.facts, stage.page, late)
    went_back = noted(stage.approval_no, stage.name, stage.value, event.facts.value_of(stage.name))
    state, parts = back(state, stage.approval_no, event.facts, stage.page, words("setup.not_kept"))
    return state, (*parts, went_back)


def not_noted(state: State, stage: KeepingSetting, event: JournalFailed) -> Step:
    """Without its row in the journal nothing is changed."""
    if event.what != "setting":
        return stay(state)
    return back(state, stage.approval_no, stage.facts, stage.page, words("setup.not_kept"))


def back(state: State, approval_no: int, facts: SetupFacts, page: SetupPage, notice: Text | None = None) -> Step:
    """To the page, with what became of it."""
    return go(state, SettingUp(approval_no=approval_no, facts=replace(facts, reachable=None), page=page, notice=notice))


def test_slip(state: State) -> Slip:
    """A slip that shows whether every kind of line comes out."""
    machine = state.machine
    return Slip(
        id=f"{state.tick % 1_000_000:06d}-test",
        copy="test",
        electronic=not machine.profile.printer,
        lines=(
            SlipLine("title", "打印测试"),
            SlipLine("center", "PRINTER TEST"),
            SlipLine("rule"),
            SlipLine("pair", "商户编号(MERCHANT NO.):", machine.merchant_no),
            SlipLine("pair", "终端编号(TERMINAL NO.):", machine.terminal_no),
            SlipLine("text", "一二三四五六七八九十 ABCDEFGHIJ 0123456789"),
            SlipLine("pair", "左 LEFT", "右 RIGHT"),
            SlipLine("amount", "RMB 1234567.89"),
            SlipLine("rule"),
            SlipLine("center", machine.software),
        ),
    )
