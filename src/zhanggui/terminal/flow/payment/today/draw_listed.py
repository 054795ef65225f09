"""Today's list, line by line, and the details of a line."""

from msgspec.structs import replace

from ...core.events import FIRST_KIND, DayLine
from ...core.kept import UNKNOWN_TRACE
from ...core.policy import NOT_UNDONE, TRACE_DIGITS
from ...core.state import State
from ...core.step import may_link
from ...core.trouble import about_payment, refusal_key
from ...screens.frame import CANCEL, CLEAR, ENTER, amount_line, paid_with, pair, plain, screen, strong, yuan
from ...screens.screens import Choice, Entry, ListRow, Screen, Tone
from ...words.text import Text, literal, words
from ..kinds import KINDS
from ..stages import ChoosingLine, LineShown
from .about import kinds_about
from .listed import has_slips, may_be_put_right, row_key

LINE_TONES: dict[str, Tone] = {
    "approved": "good",
    "declined": "bad",
    "reversed": "warn",
    "reversing": "bad",
    "undone": "warn",
    "returning": "warn",
    "late": "warn",
    "returned": "bad",
    "completed": "calm",
    "cancelled": "warn",
    "waiting": "warn",
}

ABOUT_SHORTCUTS = ("4", "5")
NOT_COME_ABOUT = ("declined", "returning", "returned")
"""States of a line with a reason to tell."""
TODAY_OF_KIND = {
    "declined": "of_kind_declined",
    "reversed": "of_kind_reversed",
    "reversing": "of_kind_reversing",
    "returning": "of_kind_returning",
    "late": "of_kind_late",
    "returned": "of_kind_declined",
    "undone": "of_kind_undone",
    "cancelled": "of_kind_cancelled",
    "looked_into": "looked_into",
    "refunded": "of_kind_refunded",
    "completed": "of_kind_completed",
    "waiting": "of_kind_waiting",
}
"""Words of today's list for a kind that is no sale, beside those of one that is approved."""


def day_row(line: DayLine) -> ListRow:
    """One payment of today."""
    # An amount alone is read as a sale: every other kind is named.
    word = "refunded" if gave_back(line) else state_word(line)
    state = word if line.kind == FIRST_KIND else TODAY_OF_KIND.get(word, "of_kind")
    if line.state == "reversing" and line.kind in KINDS and KINDS[line.kind].repeated:
        state = "of_kind_asking"
    back = yuan(-line.adjusted_fen)
    right = words(f"today.{state}", amount=yuan(line.amount_fen), kind=f"@kind.{line.kind}", back=back)
    left = literal(f"{line.time} {line.trace_no}")
    middle = why_not(line) if line.state in NOT_COME_ABOUT else literal(line.masked_pan)
    return ListRow(
        left=left,
        middle=middle,
        right=right,
        tone=tone_of(line),
        key=row_key(line),
        struck=line.ended == "declined",
    )


def state_word(line: DayLine) -> str:
    """The state of a line as its words are called: one that no reversal could undo is looked into."""
    return "looked_into" if line.state == "reversed" and line.response_code == NOT_UNDONE else line.ended


def gave_back(line: DayLine) -> bool:
    """Whether it stands, and some or all of it went back since."""
    return line.state == "approved" and line.adjusted_fen < 0


def tone_of(line: DayLine) -> Tone:
    """The colour of its state; what went back whole is no more than what was taken back."""
    return LINE_TONES["undone" if line.state == "approved" and line.standing_fen <= 0 else line.ended]


def why_not(line: DayLine) -> Text:
    """Why the payment did not come about, and the card, or the payment that it was about."""
    word = "today.why_declined" if line.ended == "declined" else "today.why"
    original = original_of(line)
    if original:
        return words(f"{word}_about", original=original, why=reason_of(line))
    return words(word, pan=line.masked_pan, why=reason_of(line))


def original_of(line: DayLine) -> str:
    """The voucher number of the payment that this one is about; empty where it is about none, or about one that is not known here."""
    kind = KINDS.get(line.kind)
    is_about = kind is not None and bool(kind.closes or kind.adjusts)
    return line.about_trace_no if is_about and line.about_trace_no != UNKNOWN_TRACE else ""


def reason_of(line: DayLine) -> str:
    """Why a payment did not come about: a word key, and the answer's number only where there are no words."""
    if line.is_paid_elsewhere:
        return "@today.comes_again"
    code = line.response_code
    if not code:
        return "@today.unsent"
    # As the screen said it then.
    key = refusal_key(code, about_payment(line.kind, about_another=bool(line.about_trace_no)))
    return f"@{key}" if key else code


def line_shown(state: State, stage: LineShown) -> Screen:
    """Everything that the terminal knows of a payment, and its slips once more."""
    line = stage.line
    touch = state.machine.profile.touch
    label = words("line.reprint" if state.machine.profile.printer else "line.refile")
    again = (Choice("reprint", label, "primary", "" if touch else "1"),) if has_slips(line) else ()
    if may_be_put_right(state, line):
        again = (*again, Choice("put_right", words("line.put_right"), "plain", "" if touch else "2"))
    if has_slips(line) and may_link(state):
        again = (*again, Choice("slip_link", words("line.slip_link"), "plain", "" if touch else "3"))
    again = (
        *again,
        *(
            Choice(kind.name, words(f"menu.{kind.name}"), "plain", "" if touch else shortcut)
            for kind, shortcut in zip(kinds_about(state, line), ABOUT_SHORTCUTS, strict=False)
        ),
    )
    return screen(
        state,
        "line",
        words("line.title"),
        amount_line(line.amount_fen) if line.amount_fen else None,
        pair("line.kind", words(f"kind.{line.kind}")),
        pair("line.state", words(f"line.state.{state_word(line)}"), is_strong=True),
        pair("line.refunded", yuan(-line.adjusted_fen), is_strong=True) if gave_back(line) else None,
        pair("original.held", yuan(line.standing_fen)) if line.state == "approved" and line.adjusted_fen > 0 else None,
        pair("line.why", words("line.because", why=reason_of(line))) if line.state in NOT_COME_ABOUT else None,
        pair("line.trace", line.trace_no),
        pair("original.label", original_of(line)) if original_of(line) else None,
        paid_with(line.kind, line.masked_pan),
        pair("line.time", line.when),
        pair("fact.batch", line.batch_no) if line.batch_no else None,
        pair("line.rrn", line.rrn) if line.rrn else None,
        pair("line.auth", line.auth_code) if line.auth_code else None,
        tone=tone_of(line),
        choices=(*again, Choice("cancel", words("key.back"), "plain", "cancel")),
    )


def choosing_line(state: State, stage: ChoosingLine) -> Screen:
    """A voucher number, or none for the last payment."""
    notice = strong(stage.notice) if stage.notice else plain(words("line.which.hint"))
    shown = screen(state, "which_line", words("line.which"), notice, choices=(CANCEL, CLEAR, ENTER), digits=True)
    return replace(shown, entry=Entry(words("line.trace"), stage.digits, "digits", TRACE_DIGITS))
