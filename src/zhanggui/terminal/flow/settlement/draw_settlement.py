"""Screens at the end of a batch."""

from msgspec.structs import replace

from ....cup.messages.settlement import Sums
from ..core.copies import n_of_m
from ..core.state import State
from ..screens.frame import CANCEL, ENTER, RETRY, busy, pair, plain, screen, slip_choice, strong, yuan
from ..screens.screens import Choice, Line, Screen
from ..words.text import words
from .stages import AskingSettle, Counting, SettledShown, Settling, SigningOff


def sides(sums: Sums, whose: str) -> tuple[Line, Line]:
    """Both sides of a batch: how many, and how much. They are what is looked for here: a display of four lines shows them first."""
    return (
        pair(f"settle.debit.{whose}", f"{sums.debit_count} / {yuan(sums.debit_fen)}", is_strong=True),
        pair(f"settle.credit.{whose}", f"{sums.credit_count} / {yuan(sums.credit_fen)}", is_strong=True),
    )


def counting(state: State, stage: Counting) -> Screen:
    """The journal counts."""
    return busy(state, "settle_counting", words("settle.counting"))


def asking(state: State, stage: AskingSettle) -> Screen:
    """What the batch comes to, and whether to settle it."""
    shortcut = "" if state.machine.profile.touch else "1"
    tick = (Choice("tick", words("settle.tick"), "plain", shortcut),) if state.machine.profile.printer else ()
    return screen(
        state,
        "settle",
        words("settle.title"),
        pair("fact.batch", stage.counted.batch_no),
        *sides(stage.counted.sums, "own"),
        ticked_line(state),
        plain(words("settle.then")),
        plain(stage.slip_said) if stage.slip_said is not None else None,
        choices=(CANCEL, slip_choice("slip.key.details"), *tick, replace(ENTER, label=words("menu.settle"))),
    )


def ticked_line(state: State) -> Line | None:
    """How many merchant copies of today are in hand, where the host has said so."""
    known = n_of_m(state) if state.machine.profile.printer else None
    if known is None or not known[1]:
        return None
    return pair("settle.ticked", words("tick.n_of_m", n=str(known[0]), m=str(known[1])))


def settling(state: State, stage: Settling) -> Screen:
    """What is being told, and how much of it is told already."""
    settlement = state.settlement
    if settlement is None or settlement.step == "asked" or stage.waits:
        return busy(state, "settling", words("settle.asking"))
    if settlement.step == "uploading":
        shown = busy(state, "settling", words("settle.uploading"), plain(words("settle.why_upload")))
        told = words("settle.told", told=str(settlement.told), count=str(settlement.count))
        return replace(shown, progress=(told,))
    return busy(state, "settling", words("settle.ending"))


def settled(state: State, stage: SettledShown) -> Screen:
    """The result: agreed, or both totals beside each other."""
    settlement = stage.settlement
    theirs = () if settlement.agreed else sides(settlement.host, "host")
    return screen(
        state,
        "settled",
        words("settle.agreed" if settlement.agreed else "settle.differs"),
        pair("fact.batch", settlement.batch_no),
        *sides(settlement.sums, "own"),
        *theirs,
        strong(stage.trouble)
        if stage.trouble is not None
        else plain(words("settle.slip" if stage.is_out else "settle.printing")),
        plain(words("settle.sign_in_next" if settlement.agreed else "settle.differs.do")),
        tone="good" if settlement.agreed else "warn",
        choices=(RETRY, replace(ENTER, rank="plain", shortcut="clear")) if stage.trouble is not None else (ENTER,),
    )


def signing_off(state: State, stage: SigningOff) -> Screen:
    """The terminal signs off."""
    return busy(state, "signing_off", words("sign_out.under_way"))
