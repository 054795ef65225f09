"""What every screen has: status line, keys, and small builders of lines."""

from msgspec.structs import replace

from ....basics.clock import china_time
from ....basics.money import format_yuan
from ....basics.numbers import Login
from ....cup.transactions import PAYMENTS
from ....cup.values.badge import is_by_badge
from ....cup.values.phone import is_by_phone
from ....cup.values.user_name import USER_NAME_MAX, user_name_in
from ..core.events import CheckItem
from ..core.policy import PAGE_S, SLOW_AFTER_S
from ..core.state import State
from ..core.step import check_of, here_for_s, idle_for_s, operator_name
from ..words.catalogue import has_words
from ..words.text import Problem, Text, literal, words
from .name_keys import NameTyped
from .screens import Choice, Entry, Line, Screen, StatusLine, Tone
from .slip_said import SLIP_KEY

ENTER = Choice("enter", words("key.enter"), "primary", "enter")
CLEAR = Choice("clear", words("key.clear"), "plain", "clear")
CANCEL = Choice("cancel", words("key.cancel"), "cancel", "cancel")
RETRY = Choice("retry", words("key.retry"), "primary", "enter")


def slip_choice(label: str) -> Choice:
    """The key that puts what stands here on paper (`screens/slip_said.py`)."""
    return Choice(SLIP_KEY, words(label), "plain", "0")


def yuan(amount_fen: int) -> str:
    """Money as screens show it."""
    return f"¥{format_yuan(amount_fen)}"


def plain(text: Text) -> Line:
    """One line of text."""
    return Line(text)


def strong(text: Text) -> Line:
    """One line that matters."""
    return Line(text, "strong")


def dim(text: Text) -> Line:
    """One line that may be passed over."""
    return Line(text, "dim")


def pair(label: str, value: str | Text, *, is_strong: bool = False) -> Line:
    """Label at the left, value at the right."""
    right = literal(value) if isinstance(value, str) else value
    return Line(words(label), "strong" if is_strong else "pair", right)


def login_pair(login: Login) -> Line:
    """Who was typed: a number or a user name; or that a badge was shown."""
    if is_by_badge(login):
        return pair("sign_in.badge", words("sign_in.badge_read"))
    if is_by_phone(login):
        return pair("sign_in.by_phone", words("phone.answered"))
    return pair("sign_in.user_name" if user_name_in(login) else "sign_in.number", login)


def paid_with(kind: str, masked: str) -> Line | None:
    """The number of the card, or of the payment code that stood in its place; None where neither is known."""
    row = PAYMENTS.get(kind)
    return pair("card.code" if row is not None and row.is_by_code else "card.number", masked) if masked else None


def amount_line(amount_fen: int) -> Line:
    """The amount, large."""
    return Line(literal(yuan(amount_fen)), "amount")


def status_of(state: State) -> StatusLine:
    """The line on top. A device that this model lacks, or that was not checked yet, has no state."""

    def device(item: CheckItem) -> str:
        result = check_of(state, item)
        return result.state if result else ""

    return StatusLine(
        time=china_time(state.now).strftime("%H:%M"),
        network=device("network"),
        printer=device("printer") if state.machine.profile.printer else "",
        power=device("power"),
        operator=operator_name(state),
        terminal_no=state.machine.terminal_no,
        simulated=state.machine.simulated,
        operator_key="hand_over" if state.stage.home and state.session is not None else "",
        charge=power.charge if (power := check_of(state, "power")) else None,
    )


def screen(
    state: State,
    id: str,
    title: Text,
    *lines: Line | None,
    tone: Tone = "calm",
    choices: tuple[Choice, ...] = (),
    digits: bool = False,
) -> Screen:
    """A screen with the frame around it; lines that are None are left out."""
    return Screen(
        id=id,
        title=title,
        status=status_of(state),
        tone=tone,
        lines=tuple(line for line in lines if line is not None),
        choices=choices,
        digits=digits,
        reader=state.reader,
        slips=state.tray,
        narrow=not state.machine.profile.touch,
        page=page_of(state),
    )


def page_of(state: State) -> int:
    """The page of a four-line display: it turns by itself, and by the up and down keys."""
    return 0 if state.machine.profile.touch else state.page + idle_for_s(state) // PAGE_S


def busy(state: State, id: str, title: Text, *lines: Line | None, limit_s: int = 0) -> Screen:
    """A wait, which says so when it becomes long, and how long it can become where that is known."""
    said = words("busy.slow_limit", s=str(here_for_s(state)), limit=str(limit_s)) if limit_s else slow_words(state)
    slow = dim(said) if here_for_s(state) >= SLOW_AFTER_S else None
    return screen(state, id, title, *lines, slow, tone="busy")


def slow_words(state: State) -> Text:
    """How long it took so far."""
    return words("busy.slow", s=str(here_for_s(state)))


def problem_lines(state: State, problem: Problem) -> tuple[Line, ...]:
    """How the payment stands, what to do, what the host adds, whom to call."""
    return (
        *((strong(problem.money),) if problem.money else ()),
        plain(problem.todo),
        *((dim(literal(problem.added)),) if problem.added else ()),
        call_line(state, problem.code),
    )


def call_line(state: State, code: str) -> Line:
    """Whom to call and what to say."""
    machine = state.machine
    return dim(words("call", phone=machine.support_phone, code=code, terminal=machine.terminal_no))


SHORTCUTS = "1234567890*#"
"""The keys of a rubber keypad that stand for the entries of a menu, in order."""


def menu(*entries: tuple[str, str], numbered: bool, primary: str = "") -> tuple[Choice, ...]:
    """Choices as buttons, or as numbered menu entries."""
    return tuple(
        Choice(key, words(label), "primary" if key == primary else "plain", shortcut if numbered else "")
        for shortcut, (key, label) in zip(SHORTCUTS, entries, strict=False)
    )


MENDS: dict[str, CheckItem] = {"line": "network", "slip": "printer", "power": "power", "clock": "clock"}
"""What was missing at the sign-in and is there again as soon as its part is well; the others need a new sign-in."""


def still_degraded(state: State, degraded: tuple[str, ...]) -> tuple[str, ...]:
    """What of it still is so: nobody reads of a weak line while payments go over it."""
    return tuple(word for word in degraded if word not in MENDS or not is_well(state, MENDS[word]))


def is_well(state: State, item: CheckItem) -> bool:
    """Whether a part is known to be well now."""
    result = check_of(state, item)
    return result is not None and result.state == "ok"


def degraded_lines(degraded: tuple[str, ...]) -> tuple[Line, ...]:
    """What the self-check takes away, in words; what this program has no words for is still counted as noted."""
    return tuple(
        strong(words(f"degraded.{item}" if has_words(f"degraded.{item}") else "degraded.other")) for item in degraded
    )


ON_THE_PAD = (CANCEL, CLEAR, ENTER)


def by_user_name(state: State) -> tuple[Choice, ...]:
    """A user name in place of a number, where policy has them; on a keypad by the key that types nothing else."""
    shortcut = "" if state.machine.profile.touch else "#"
    key = Choice("user_name", words("sign_in.by_user_name"), "plain", shortcut)
    return (key,) if state.rules.user_names else ()


def by_phone(state: State) -> tuple[Choice, ...]:
    """A phone in place of a number, where policy lets one in; on a keypad by the other key that types nothing else."""
    key = Choice("phone", words("sign_in.by_phone"), "plain", "" if state.machine.profile.touch else "*")
    return (key,) if state.rules.phone else ()


def name_entry(state: State, id: str, title: Text, typed: NameTyped, notice: Text | None, *lines: Line) -> Screen:
    """A screen on which a user name is typed."""
    why = strong(notice) if notice is not None else None
    hint = None if state.machine.profile.touch or notice is not None else dim(words("sign_in.press_again"))
    shown = screen(state, id, title, *lines, why, hint, choices=ON_THE_PAD, digits=True)
    return replace(shown, entry=Entry(words("sign_in.user_name"), typed.text, "name", USER_NAME_MAX), letters=True)


def with_reason(state: State, lines: tuple[Line, ...], why: tuple[Line, ...]) -> tuple[Line, ...]:
    """For whom it is, and why it asks again; on a display of four lines the first page says why."""
    return (*lines, *why) if state.machine.profile.touch else (*why[:1], *lines, *why[1:])


def secret_entry(
    state: State, id: str, title: Text, label: str, dots: int, longest: int, problem: Problem | None, *lines: Line
) -> Screen:
    """A screen on which the PIN pad collects: dots, and why it asks again."""
    why = (strong(problem.what), *problem_lines(state, problem)) if problem else ()
    # What to do stands in the refusal then; the general hint would push it off a small screen.
    lines = tuple(line for line in lines if line.style != "plain") if problem else lines
    asked = problem is not None and problem.what.key == "code.P4.change_first"
    tone: Tone = "warn" if asked else "bad" if problem else "calm"
    shown = screen(state, id, title, *with_reason(state, lines, why), tone=tone, choices=ON_THE_PAD, digits=True)
    entry = Entry(words(label), "•" * dots, "secret", longest)
    return replace(shown, entry=entry, code=problem.code if problem else "")
