"""The earlier payment that this one is about: a number of its slip is typed, or its bar code scanned, and it is shown before it is taken.

    trace number     凭证号: names a payment of this terminal's batch, and only a kind of the same batch asks for it alone
    reference        12 digits: names one in the whole shop, with its day; also of a batch that is over
    authorisation    6 digits: the same for what was authorised before, with the card
    bar code         22 digits: reference, day and authorisation at once
    payment voucher  20 digits: names one that was paid by code, in the whole shop

What this terminal knows is shown; what it does not know goes to the host as it was typed. The host checks it again in any case,
and knows more: this saves a card and a supervisor the way.
"""

from collections.abc import Callable
from typing import ClassVar, Literal

from msgspec.structs import replace

from .....basics.numbers import BatchNo, TraceNo
from .....cup.values.bar_code import AUTH_CODE_DIGITS, BAR_CODE_DIGITS, DATE_DIGITS, RRN_DIGITS, read_bar_code
from ...core.events import DayLine, KeyPressed, Original, Ticked
from ...core.kept import UNKNOWN_TRACE
from ...core.payments import Doing
from ...core.policy import TRACE_DIGITS
from ...core.stage import Stage
from ...core.state import State
from ...core.step import Step, change, go, leave, line_of, stay
from ...core.ways import PayOn, ToStandby
from ...screens.area import row, shows
from ...screens.frame import CANCEL, CLEAR, ENTER, amount_line, paid_with, pair, plain, screen, strong
from ...screens.screens import Entry, Line, Screen
from ...words.text import Text, words
from ..allowed import give_up, left_alone, original_lines
from .asking import AskStep

HINTED = frozenset({"reference", "authorisation"})
"""Numbers that nobody knows by heart: where on the slip they stand, how long they are, and an example."""
PAY_VOUCHER_DIGITS = 20
"""付款凭证号, as UnionPay gives it."""
By = Literal["trace", "reference", "authorisation"]
"""The number of its slip that a kind asks for; the bar code names it in any case."""


class EnteringOriginal(Stage, frozen=True, kw_only=True):
    """A number of an earlier payment is typed, and its day where this terminal does not know it; once found, it is shown."""

    lockable: ClassVar[bool] = True

    doing: Doing
    of_kinds: tuple[str, ...]
    """Only a payment of these kinds is taken."""
    by: By = "trace"
    whole: bool = True
    """Whether its amount is taken with it."""
    number: str = ""
    """What was typed first, while its day is asked for."""
    digits: str = ""
    found: DayLine | None = None
    notice: Text | None = None

    def in_hand(self) -> bool:
        # Who chose such a kind has begun it: the customer stands there with a slip.
        return True


def answered(doing: Doing) -> bool:
    """It was found and confirmed, or named as far as anybody can."""
    return doing.original is not None


def key(state: State, stage: EnteringOriginal, event: KeyPressed) -> Step:
    """Digits, then Enter to look, then Enter to take what is shown."""
    match event.key:
        case "cancel":
            return give_up(state, "cancelled")
        case "clear" if stage.number and not stage.digits:
            return change(state, replace(stage, number="", digits=stage.number, notice=None))
        case "clear":
            return change(state, replace(stage, digits=stage.digits[:-1], found=None, notice=None))
        case "clear_all":
            return change(state, replace(stage, digits="", found=None, notice=None))
        case "enter" if stage.found is not None:
            return taken(state, stage, stage.found)
        case "enter":
            return looked_up(state, stage) if not stage.number else dated(state, stage)
    digits = stage.digits + event.key
    if stage.found or not (event.key.isascii() and event.key.isdigit()) or len(digits) > digits_max(stage):
        return stay(state)
    return change(state, replace(stage, digits=digits, notice=None))


def digits_max(stage: EnteringOriginal) -> int:
    """How much may be typed: a bar code is the longest."""
    return DATE_DIGITS if stage.number else BAR_CODE_DIGITS


def looked_up(state: State, stage: EnteringOriginal) -> Step:
    """The line that is known here; or, where the whole shop may be asked, the day that the host needs besides."""
    digits = stage.digits
    if (code := read_bar_code(digits)) is not None:
        line = newest(state, lambda known: known.rrn == code.rrn)
        if line is not None or stage.by == "trace":
            return seen(state, stage, line, "reference", code.rrn)
        return named(state, stage, rrn=code.rrn, date=code.month_day, auth_code=code.auth_code)
    if len(digits) == PAY_VOUCHER_DIGITS:
        line = newest(state, lambda known: known.pay_voucher == digits)
        if line is not None or stage.by == "trace":
            return seen(state, stage, line, "reference", digits)
        return named(state, stage, pay_voucher=digits, date="")
    if stage.by == "authorisation" and len(digits) == AUTH_CODE_DIGITS:
        line = newest(state, lambda known: known.auth_code == digits and known.kind in stage.of_kinds)
        return seen(state, stage, line, "authorisation", digits) if line is not None else ask_day(state, stage)
    if stage.by == "reference" and len(digits) == RRN_DIGITS:
        line = newest(state, lambda known: known.rrn == digits)
        return seen(state, stage, line, "reference", digits) if line is not None else ask_day(state, stage)
    if stage.by == "authorisation" or len(digits) > TRACE_DIGITS:
        return change(state, replace(stage, digits="", notice=words(f"original.{stage.by}.digits")))
    trace_no = digits.zfill(TRACE_DIGITS)
    line = line_of(state, state.batch_no, TraceNo(trace_no)) or newest(state, lambda known: known.trace_no == trace_no)
    return seen(state, stage, line, "trace", trace_no)


def ask_day(state: State, stage: EnteringOriginal) -> Step:
    """It is not of this terminal, or of a batch that is over: its day tells the host which one."""
    return change(state, replace(stage, number=stage.digits, digits="", notice=None))


def dated(state: State, stage: EnteringOriginal) -> Step:
    """The day was typed: month and day, as the slip has them."""
    month, day = stage.digits[:2], stage.digits[2:]
    if len(stage.digits) != DATE_DIGITS or not ("01" <= month <= "12" and "01" <= day <= "31"):
        return change(state, replace(stage, digits="", notice=words("original.day.digits")))
    if stage.by == "authorisation":
        return named(state, stage, auth_code=stage.number, date=stage.digits)
    return named(state, stage, rrn=stage.number, date=stage.digits)


def newest(state: State, is_it: Callable[[DayLine], bool]) -> DayLine | None:
    """The newest line that this terminal knows of what is asked for."""
    return next((line for line in (*state.today, *state.earlier) if is_it(line)), None)


def seen(state: State, stage: EnteringOriginal, line: DayLine | None, by: By, number: str) -> Step:
    """Show the line, or say why it is not taken: by its voucher number, whichever of its numbers was typed."""
    if line is None:
        unknown = words(f"original.unknown.{by}", number=number)
        return change(state, replace(stage, digits="", notice=unknown))
    why = why_not(state, stage, line)
    if why:
        return change(state, replace(stage, digits="", notice=words(f"original.{why}", trace=line.trace_no)))
    return change(state, replace(stage, found=line, notice=None))


def why_not(state: State, stage: EnteringOriginal, line: DayLine) -> str:
    """Why this line is not taken, as the last part of its words; empty when it may be."""
    if line.kind not in stage.of_kinds:
        return "other_kind"
    if line.state != "approved":
        return line.ended if line.state in ("undone", "completed") else "does_not_stand"
    if stage.by == "trace" and line.batch_no and line.batch_no != state.batch_no:
        return "other_batch"
    if line.standing_fen <= 0 or (stage.by == "trace" and line.adjusted_fen):
        return "used_up"
    return "" if line.batch_no and line.rrn else "no_reference"


def taken(state: State, stage: EnteringOriginal, line: DayLine) -> Step:
    """The whole of it, as the list has it."""
    return go_on(state, stage, original_in(line))


def original_in(line: DayLine) -> Original:
    """The payment of a line, for another one that is about it."""
    return Original(
        trace_no=line.trace_no,
        batch_no=BatchNo(line.batch_no),
        amount_fen=line.standing_fen,
        masked_pan=line.masked_pan,
        rrn=line.rrn,
        auth_code=line.auth_code,
        date=line.date,
        pay_voucher=line.pay_voucher,
    )


def named(
    state: State, stage: EnteringOriginal, *, rrn: str = "", auth_code: str = "", date: str, pay_voucher: str = ""
) -> Step:
    """What this terminal does not know, as its slip names it; the amount is typed."""
    original = Original(
        trace_no=TraceNo(UNKNOWN_TRACE),
        batch_no=BatchNo(UNKNOWN_TRACE),
        amount_fen=0,
        masked_pan="",
        rrn=rrn,
        auth_code="" if auth_code == UNKNOWN_TRACE else auth_code,
        date=date,
        pay_voucher=pay_voucher,
    )
    return go_on(state, stage, original)


def go_on(state: State, stage: EnteringOriginal, original: Original) -> Step:
    """With its amount, where that is known and must be the same."""
    fixed = stage.whole and original.amount_fen > 0
    doing = replace(stage.doing, original=original, is_fixed=fixed)
    return leave(state, PayOn(doing=replace(doing, amount_fen=original.amount_fen) if fixed else doing))


def idle(state: State, stage: EnteringOriginal, event: Ticked) -> Step:
    """Nobody goes on with it."""
    return left_alone(state)


def entering_original(state: State, stage: EnteringOriginal) -> Screen:
    """The number, then the payment that it names."""
    kind = f"@kind.{stage.doing.kind}"
    if stage.found is not None:
        line = stage.found
        return screen(
            state,
            "original",
            words("original.right", kind=kind),
            *(original_lines(line) if line.adjusted_fen else (amount_line(line.amount_fen),)),
            pair("original.label", line.trace_no),
            paid_with(line.kind, line.masked_pan),
            pair("original.time", line.when),
            choices=(CANCEL, CLEAR, ENTER),
        )
    asked = "day" if stage.number else stage.by
    notice = strong(stage.notice) if stage.notice else kind_line(state, stage.doing)
    shown = screen(
        state,
        "original",
        words(f"original.{asked}.title", kind=kind),
        notice,
        plain(words(f"original.{asked}.hint")) if asked in HINTED and not stage.notice else None,
        choices=(CANCEL, CLEAR, ENTER),
        digits=True,
    )
    return replace(shown, entry=Entry(words(f"original.{asked}"), stage.digits, "digits", digits_max(stage)))


def kind_line(state: State, doing: Doing) -> Line | None:
    """What is being made, where the title has no room for it."""
    return None if state.machine.profile.touch else plain(words(f"kind.{doing.kind}"))


ROWS = (
    row(EnteringOriginal, KeyPressed, key, PayOn, ToStandby),
    row(EnteringOriginal, Ticked, idle, ToStandby),
)
DRAWINGS = dict((shows(EnteringOriginal, entering_original),))


def original_of(*kinds: str, by: By = "trace", whole: bool = True) -> AskStep:
    """The step that asks for an earlier payment of these kinds."""

    def ask(state: State, doing: Doing) -> Step:
        """Let a number of it be typed, or its bar code be scanned."""
        return go(state, EnteringOriginal(doing=doing, of_kinds=kinds, by=by, whole=whole))

    return AskStep(answered, ask, ROWS, DRAWINGS)
