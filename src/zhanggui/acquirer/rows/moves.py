"""How records may move: one transition table a machine, checked wherever changes are applied (`State.apply`).

A rule decides; the table says what no rule may decide, whichever it is and whoever wrote it. A move that stands in no row is a
Defect: the unit that wanted it dies, nothing of it is written, and the others of its batch are answered. The tables are what
rules, tests and the diagrams in `docs/concepts/machines.md` have in common.

    payment    pending ─▶ approved ─▶ reversed        asked for is durable before the bank is asked, the outcome before
               pending ─▶ declined, timed_out,        anybody is told; what is declined or timed out never stands again,
                          reversed                    and what was reversed before it came (barred), or refused before the bank
                                                      heard of it (declined at once), never begins
    its bank   none ─▶ reversal_due ─▶ reversal_done  due from the commit that undoes it until the bank says done: never
                                                      given up, so there is no way back from due to none
    script     due ─▶ told                            what became of an issuer's scripts is told until the issuer has answered
    sign-in    attempted ─▶ verified ─▶ active ─▶ ended     every attempt is a record; only a verified one begins a
               attempted, verified ─▶ refused               session; ended and refused are final
    session    live ◀─▶ locked; both ─▶ ended         one lives on a terminal, ended it never lives again
    approval   given ─▶ used                          once
    code       open ─▶ known ─▶ spent                 a phone's code proves once; the terminal's next one takes its place
    case       open ─▶ closed
    order at   asked ─▶ waiting ◀─▶ unknown          waiting for the customer, or for anybody to say it; paid, refused and
    a wallet   all three ─▶ paid, refused, cancelled   cancelled are over, but for money that came after it was said not to
               any ─▶ unknown: money is to go back      have come: that is on its way back until the wallet says it is there
    job        running ─▶ waiting ─▶ done             done it never runs again; running ─▶ done where nothing is waited for
    export     making ─▶ ready ─▶ taken              taken more than once while its file is there; its place is given again
               both ─▶ failed                          when it was taken or failed, and all go in the night after their days
    order      queued ─▶ told ─▶ done, refused,       told before its terminal has it; what the terminal answers first
               expired                                stands, and an answer that comes again changes nothing. What was never
                                                      told expires here; what was told, only by the terminal's own word
    person     invited ─▶ active ◀─▶ locked          a reset invites again; whoever is disabled is let in by nobody
               any ◀─▶ disabled                       until enabled, which invites again too: no old password comes back
    office     half ─▶ full                          each step is a row of its own under a fresh id, and the row goes
    session                                            when it ends
    invitation open ─▶ gone                          once, by use or by a newer one
    proposal   open ─▶ confirmed, declined,          what was decided stays decided
               withdrawn, expired
    webhook    active ◀─▶ paused                     disabled by the host when its receiver took nothing for days, until a
               active ─▶ disabled ─▶ active            person resumes it
               any ─▶ removed                          its number is given again once its messages are forgotten
    message    queued ◀─▶ sent, failed, given_up      tried until it is one of them, and forgotten some weeks after; somebody may
                                                      have it sent once more
    batch      uploading ─▶ closed                    an open batch has no row; one that agrees, or that the host closes
                                                      by itself, is closed at once, and nothing of a closed one changes

A row that stays in its state may change otherwise where the table has the pair of equals: an approved payment learns what
undoes it, a reversal counts its attempts, a person's data are erased from an ended record. A used approval may not: a second
use would be such a change.
"""

from collections.abc import Callable, Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from ...basics.errors import Defect
from .records import (
    Approval,
    Batch,
    ExportFile,
    Invitation,
    Job,
    OfficeSession,
    OutboxMessage,
    Payment,
    PaymentScript,
    Person,
    PhoneAttempt,
    Proposal,
    Record,
    Session,
    SignIn,
    SupportCase,
    TerminalOrder,
    WalletOrder,
    Webhook,
)

NOTHING = "nothing"
"""Before a record is: what an insert moves from."""
GONE = "gone"
"""After a record was: what a deletion moves to, where contents have their time."""


class Machine(NamedTuple):
    """One machine of a kind of record."""

    name: str
    state_of: Callable[[Any], str]
    moves: frozenset[tuple[str, str]]
    """From, to."""


def _moves(**targets: str) -> frozenset[tuple[str, str]]:
    """A table as it is read: from each state the states that may follow."""
    return frozenset((before, after) for before, text in targets.items() for after in text.split())


def _session_state(session: Session) -> str:
    if session.ended_ms is not None:
        return "ended"
    return "live" if session.locked_ms is None else "locked"


def _approval_state(approval: Approval) -> str:
    return "given" if approval.used_ms is None else "used"


def _bank_state(payment: Payment) -> str:
    return payment.bank_state or "none"


PAYMENT = Machine(
    "payment",
    attrgetter("state"),
    _moves(
        nothing="pending barred declined",
        pending="approved declined timed_out reversed",
        approved="approved reversed",
        declined="declined",
        timed_out="timed_out",
        reversed="reversed",
    ),
)
BANK_SIDE = Machine(
    "bank_side",
    _bank_state,
    _moves(nothing="none", none="none reversal_due", reversal_due="reversal_due reversal_done"),
)
SIGN_IN = Machine(
    "sign_in",
    attrgetter("state"),
    _moves(
        # An offline sign-in was active, or over, before the host heard of it; so is a history that is brought in whole.
        nothing="attempted verified refused active ended",
        attempted="attempted verified active refused gone",
        verified="verified active refused gone",
        active="active ended",
        ended="ended gone",
        refused="refused gone",
    ),
)
SESSION = Machine(
    "session",
    _session_state,
    _moves(nothing="live ended", live="live locked ended", locked="locked live ended"),
)
APPROVAL = Machine("approval", _approval_state, _moves(nothing="given", given="used"))
BATCH = Machine("batch", attrgetter("state"), _moves(nothing="uploading closed", uploading="uploading closed"))
SCRIPT = Machine("script", attrgetter("state"), _moves(nothing="due", due="told"))
JOB = Machine(
    "job",
    attrgetter("state"),
    _moves(
        nothing="planned running",
        planned="planned running waiting done",
        running="running waiting done",
        waiting="waiting done",
    ),
)
EXPORT = Machine(
    "export",
    attrgetter("state"),
    _moves(
        nothing="making",
        making="ready failed gone",
        ready="taken failed gone",
        taken="taken making gone",
        failed="making gone",
    ),
)
PHONE_CODE = Machine(
    "phone_code",
    attrgetter("state"),
    _moves(nothing="open", open="open known spent", known="open known spent", spent="open spent"),
)
ORDER = Machine(
    "order",
    attrgetter("state"),
    _moves(
        nothing="queued",
        # Done without being told: this database is a copy from before it was told.
        queued="told done refused expired",
        told="done refused expired",
    ),
)
WALLET_ORDER = Machine(
    "wallet_order",
    attrgetter("state"),
    _moves(
        # Paid before the host heard of it: by the code that stands on the counter. unknown: it is refused, and goes back.
        nothing="asked paid unknown",
        asked="asked waiting unknown paid refused cancelled",
        waiting="waiting unknown paid refused cancelled",
        unknown="unknown waiting paid refused cancelled",
        paid="paid unknown",
        refused="refused unknown",
        cancelled="cancelled unknown",
    ),
)
PERSON = Machine(
    "person",
    attrgetter("state"),
    _moves(
        # Active at once: of the demo data.
        nothing="invited active",
        invited="invited active disabled",
        active="active locked disabled invited",
        locked="locked active disabled invited",
        disabled="disabled invited",
    ),
)
OFFICE_SESSION = Machine(
    "office_session",
    attrgetter("step"),
    _moves(nothing="half full", half="half gone", full="full gone"),
)
INVITATION = Machine("invitation", lambda row: "open", _moves(nothing="open", open="gone"))
PROPOSAL = Machine(
    "proposal",
    attrgetter("state"),
    _moves(nothing="open", open="confirmed declined withdrawn expired"),
)
WEBHOOK = Machine(
    "webhook",
    attrgetter("state"),
    _moves(
        nothing="active",
        active="active paused disabled removed",
        paused="paused active removed",
        disabled="disabled active removed",
        # A number whose messages are forgotten is given again.
        removed="active",
    ),
)
MESSAGE = Machine(
    "message",
    attrgetter("state"),
    _moves(
        nothing="queued",
        queued="queued sent failed given_up",
        # Once more, when somebody wants it.
        sent="queued gone",
        failed="queued gone",
        given_up="queued gone",
    ),
)
SUPPORT_CASE = Machine("support_case", attrgetter("state"), _moves(nothing="open", open="open closed"))

MACHINES: Mapping[type[Record], tuple[Machine, ...]] = MappingProxyType(
    {
        Payment: (PAYMENT, BANK_SIDE),
        PaymentScript: (SCRIPT,),
        SignIn: (SIGN_IN,),
        Session: (SESSION,),
        Approval: (APPROVAL,),
        SupportCase: (SUPPORT_CASE,),
        Batch: (BATCH,),
        Job: (JOB,),
        ExportFile: (EXPORT,),
        PhoneAttempt: (PHONE_CODE,),
        TerminalOrder: (ORDER,),
        WalletOrder: (WALLET_ORDER,),
        Person: (PERSON,),
        OfficeSession: (OFFICE_SESSION,),
        Invitation: (INVITATION,),
        Proposal: (PROPOSAL,),
        Webhook: (WEBHOOK,),
        OutboxMessage: (MESSAGE,),
    }
)
"""The machines of each kind of record that has some."""


def check_move(machines: tuple[Machine, ...], before: Record | None, after: Record | None) -> None:
    """Whether a record may become this (None: it is not there). Defect, with the two states, when no row says so."""
    # Taken apart at once: this is asked at each change of each payment.
    for name, state_of, moves in machines:
        move = (NOTHING if before is None else state_of(before), GONE if after is None else state_of(after))
        if move not in moves:
            raise Defect(f"no row of the {name} machine leads from {move[0]} to {move[1]}")
