"""Kinds of payment made up for the terminal's flow, beside the true ones for one test, and the ways of a story through them."""

import msgspec
import pytest
from tests.worlds.flow_story import Story, approval

from zhanggui.basics.roles import Role
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.payments import Doing
from zhanggui.terminal.flow.core.state import State
from zhanggui.terminal.flow.core.step import Step, leave
from zhanggui.terminal.flow.core.ways import PayOn
from zhanggui.terminal.flow.payment.kinds import KINDS, Kind
from zhanggui.terminal.flow.payment.steps.amount import AMOUNT
from zhanggui.terminal.flow.payment.steps.approval import approval_for
from zhanggui.terminal.flow.payment.steps.asking import AskStep
from zhanggui.terminal.flow.payment.steps.card import CARD
from zhanggui.terminal.flow.payment.steps.original import original_of
from zhanggui.terminal.flow.payment.steps.pin import PIN
from zhanggui.terminal.flow.slips.slip_layout import AGREED, TRADE_NAMES
from zhanggui.terminal.flow.words.catalogue import ScreenWord, all_words

CASHIER: frozenset[Role] = frozenset({"cashier"})


def last_payment(state: State, doing: Doing) -> Step:
    """A step as a test needs it: the newest line of today's list, without asking."""
    line = state.today[0]
    original = ev.Original(
        trace_no=line.trace_no,
        batch_no=state.batch_no,
        amount_fen=line.amount_fen,
        masked_pan=line.masked_pan,
        rrn=line.rrn,
        auth_code=line.auth_code,
    )
    return leave(state, PayOn(doing=msgspec.structs.replace(doing, original=original, amount_fen=line.amount_fen)))


LAST = AskStep(lambda doing: doing.original is not None, last_payment, (), {})
ASKED = Kind(name="asked", steps=(CARD, PIN), roles=CASHIER, reversible=False, slip=False)
UNDONE = Kind(name="undone", steps=(LAST, CARD, PIN), roles=CASHIER, reversible=True, slip=True, closes="undone")

GRANTED = msgspec.structs.replace(UNDONE, name="granted", steps=(original_of("sale"), CARD, approval_for("granted")))
PARTLY = msgspec.structs.replace(
    UNDONE,
    name="partly",
    steps=(original_of("sale", by="reference", whole=False), AMOUNT, CARD),
    closes="",
    adjusts=-1,
    sign=-1,
)
USING = msgspec.structs.replace(
    UNDONE,
    name="using",
    steps=(original_of("sale", by="authorisation"), AMOUNT, CARD),
    closes="completed",
    group="made_up",
)
UNUSING = msgspec.structs.replace(UNDONE, name="unusing", steps=(original_of("using"), CARD), group="made_up")
REPEATED = msgspec.structs.replace(PARTLY, name="repeated", reversible=False, repeated=True)
MADE_UP = (ASKED, UNDONE, GRANTED, PARTLY, REPEATED, USING, UNUSING)


@pytest.fixture(autouse=True)
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The made-up kinds, beside the true ones, for one test. The table of the flow stays as it is."""
    known = {**KINDS, **{kind.name: kind for kind in MADE_UP}}
    for module in ("kinds", "paying", "outcome", "standby", "undo", "asking.again", "today.draw_listed"):
        monkeypatch.setattr(f"zhanggui.terminal.flow.payment.{module}.KINDS", known)
    monkeypatch.setattr("zhanggui.terminal.flow.payment.draw_payment.offered", lambda state: tuple(known.values()))
    said = dict(all_words())
    said |= {f"menu.{kind.name}": ScreenWord(zh="试", en="Made up") for kind in MADE_UP}
    said |= {f"kind.{kind.name}": ScreenWord(zh="试", en="Made up") for kind in MADE_UP}
    said |= {f"done.{kind.name}": ScreenWord(zh="试成功", en="Made up") for kind in MADE_UP}
    said["menu.made_up"] = ScreenWord(zh="试", en="Made up")
    said["action.granted"] = ScreenWord(zh="试", en="make up")
    monkeypatch.setattr("zhanggui.terminal.flow.words.catalogue.all_words", lambda: said)
    monkeypatch.setitem(TRADE_NAMES, UNDONE.name, "撤销(X)")
    for kind in MADE_UP:
        monkeypatch.setitem(AGREED, kind.name, "given_back")
    for kind in (GRANTED, PARTLY, REPEATED, USING, UNUSING):
        monkeypatch.setitem(TRADE_NAMES, kind.name, "授权(X)")
    monkeypatch.setattr("zhanggui.terminal.flow.payment.standby.grouped", lambda state, group: grouped(MADE_UP, group))
    monkeypatch.setattr(
        "zhanggui.terminal.flow.payment.draw_payment.grouped", lambda state, group: grouped(MADE_UP, group)
    )


def grouped(kinds: tuple[Kind, ...], group: str) -> tuple[Kind, ...]:
    return tuple(kind for kind in kinds if kind.group == group)


def sold(amount_fen: int = 1234, model: str = "smart") -> Story:
    """In standby after one sale, its slips out."""
    story = Story(model).to_standby().to_selling(amount_fen)
    story.approved(amount_fen)
    slips_out(story)
    assert story.screen_id == "standby"
    return story


def slips_out(story: Story) -> None:
    if story.screen_id == "sign_here":
        story.send(ev.Signed(now=story.now))
    story.printed("merchant")
    if story.screen_id == "tear_off":
        story.keys("enter")
    story.printed("cardholder")


def answered(story: Story, amount_fen: int | None = None, **more: object) -> None:
    answer = approval(story.state.trace_no, 0, story.now)
    story.send(msgspec.structs.replace(answer, amount_fen=amount_fen, **more))


def begun(story: Story, kind: str) -> Story:
    story.keys(kind)
    story.card("insert")
    story.pin()
    return story
