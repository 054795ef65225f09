"""An attempt as a record: wherever number and password are typed it is kept who, where, when, and how it ended.

A sign-in is a record from its first message on. Beside sign-ins a password is typed to unlock (404), to change it (405), to approve
(406) and to manage (408); what is refused there is a record too, because a password can be guessed there as well (PCI DSS 4.0.1, 10.2.1.4: all
invalid attempts). What succeeds there shows in the session, the operator's row, the approval and the note.
"""

from msgspec.structs import replace

from ...basics.numbers import RecordNo, UnixMs
from ...cup.messages.operator_asks import METHOD_PASSWORD, Typed, VerifyContents
from ...cup.values.steps import all_steps_ms, read_steps, write_steps
from ..policy.rules import policy_of
from ..rows.decision import Decision
from ..rows.draft import Draft
from ..rows.numbering import next_record_no
from ..rows.records import Merchant, SignIn, Terminal
from ..rows.state import State
from .entry import Entered, OperatorAsked

UNLOCK, NEW_PASSWORD, APPROVAL, MANAGEMENT = "unlock", "new_password", "approval", "management"
BESIDE_SIGN_IN = frozenset({UNLOCK, NEW_PASSWORD, APPROVAL, MANAGEMENT})
"""Methods of records that are no attempt to sign in."""
BADGE, BADGE_AND_PASSWORD = "badge", "badge+password"
PHONE = "phone"
SAID_BY_TERMINALS = frozenset({METHOD_PASSWORD, "code"})
"""Ways to sign in that a terminal may name. What the host alone can know (that a badge was shown; `password+code`: it checked the
code; `offline`), and the words above, it writes itself."""
WITH_CODE = "+code"


def new_attempt(entered: Entered, asked: OperatorAsked[Typed], method: str, now: UnixMs) -> SignIn:
    """The record of an attempt that begins now, with what the terminal measured. The merchant's next number is taken for it."""
    record_no, counted = next_record_no(entered.draft.state, entered.merchant.merchant_no)
    entered.draft.take((counted,))
    measured = asked.contents.measured
    clock = measured.terminal_clock
    return SignIn(
        merchant_no=entered.merchant.merchant_no,
        record_no=record_no,
        terminal_no=entered.terminal_no,
        operator_no=asked.operator_no,
        user_name=asked.user_name or None,
        badge_no=asked.badge.number if asked.badge is not None else None,
        state="attempted",
        method=method,
        began_ms=now,
        elapsed_ms=measured.elapsed_ms,
        step_times=write_steps(measured.steps) or None,
        terminal_clock_ms=clock,
        drift_s=round((clock - now) / 1000) if clock is not None else None,
        self_check=measured.self_check.told,
        eyes=measured.eyes.told,
        versions=measured.versions,
    )


def refused_here(state: State, asked: OperatorAsked[VerifyContents], decision: Decision, now: UnixMs) -> Decision:
    """The refusal of a sign-in on a terminal that is locked or reported lost, with its record: who tries there is worth knowing.

    Without a good MAC nothing is kept: anybody could have sent it.
    """
    terminal = state.get(Terminal, asked.merchant_no, asked.terminal_no)
    merchant = state.get(Merchant, asked.merchant_no)
    if merchant is None or terminal is None or terminal.state == "active" or asked.mac not in ("current", "next"):
        return decision
    policy = policy_of(merchant.policy, merchant.policy_overrides)
    entered = Entered(draft=Draft(state), terminal_no=asked.terminal_no, merchant=merchant, policy=policy)
    record = new_attempt(entered, asked, sign_in_method(asked), now)
    entered.draft.insert(replace(record, state="refused", reason=decision.reason))
    return replace(decision, changes=tuple(entered.draft.changes))


def ready_ms(record: SignIn) -> int | None:
    """Time to ready: from power-on or the first key until the operator had confirmed, by the steps that the terminal measured.

    None where no session began, or nothing was measured.
    """
    steps = read_steps(record.step_times or "")
    return all_steps_ms(steps) if steps and record.confirmed_ms is not None else None


def sign_in_method(asked: OperatorAsked[VerifyContents]) -> str:
    """How the operator signs in: by what came; else as the terminal says. A word that it may not say counts as `password`."""
    contents = asked.contents
    if asked.badge is not None:
        return BADGE_AND_PASSWORD if asked.badge.with_password else BADGE
    if asked.phone:
        return PHONE
    return contents.method if contents.method in SAID_BY_TERMINALS else METHOD_PASSWORD


def way_of(record: SignIn) -> str:
    """How somebody said who he is: `number`, `user_name`, `badge`, `phone`, or `terminal`, where a terminal that checks operators itself
    says it."""
    if record.method == "terminal":
        return "terminal"
    if record.badge_no:
        return "badge"
    if record.method in (PHONE, PHONE + WITH_CODE):
        return "phone"
    return "user_name" if record.user_name else "number"


def with_code(method: str) -> str:
    """The method once the code was right too."""
    return (method if method in (BADGE, BADGE_AND_PASSWORD, PHONE) else METHOD_PASSWORD) + WITH_CODE


def typed_here(record: SignIn) -> bool:
    """Whether the password was typed at the terminal: only then its PIN pad can leave an envelope."""
    return record.method not in (BADGE, BADGE + WITH_CODE, PHONE, PHONE + WITH_CODE)


def waiting_record(entered: Entered, operator_no: str, record_no: RecordNo | None) -> SignIn | None:
    """The record that a message names, if it is verified and waits for this operator's confirmation on this terminal."""
    record = entered.draft.get(SignIn, entered.merchant.merchant_no, record_no) if record_no is not None else None
    if record is None or record.terminal_no != entered.terminal_no or record.operator_no != operator_no:
        return None
    return record if record.state == "verified" else None
