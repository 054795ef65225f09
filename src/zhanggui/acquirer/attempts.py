"""An attempt as a record: wherever number and password are typed it is kept who, where, when, and how it ended.

A sign-in is a record from its first message on. Beside sign-ins a password is typed to unlock (404), to change it (405) and to approve
(406); what is refused there is a record too, because a password can be guessed there as well (PCI DSS 4.0.1, 10.2.1.4: all
invalid attempts). What succeeds there shows in the session, the operator's row and the approval.
"""

from ..basics.numbers import UnixMs
from ..cup.messages.operator import read_clock
from ..cup.operator_tags import Tag, number_or_none
from .entry import Entered, OperatorAsked
from .numbering import next_record_no
from .records import SignIn

PASSWORD = "password"  # noqa: S105  # a word
UNLOCK, NEW_PASSWORD, APPROVAL = "unlock", "new_password", "approval"
BESIDE_SIGN_IN = frozenset({UNLOCK, NEW_PASSWORD, APPROVAL})
"""Methods of records that are no attempt to sign in."""


def new_attempt(entered: Entered, asked: OperatorAsked, method: str, now: UnixMs) -> SignIn:
    """The record of an attempt that begins now, with what the terminal measured. The merchant's next number is taken for it."""
    record_no, counted = next_record_no(entered.draft.state, entered.merchant.merchant_no)
    entered.draft.take((counted,))
    tags = asked.request.tags
    clock = read_clock(tags.get(Tag.TERMINAL_CLOCK, ""))
    return SignIn(
        merchant_no=entered.merchant.merchant_no,
        record_no=record_no,
        terminal_no=entered.terminal_no,
        operator_no=asked.operator_no,
        state="attempted",
        method=method,
        began_ms=now,
        elapsed_ms=number_or_none(tags.get(Tag.ELAPSED_MS, "")),
        terminal_clock_ms=clock,
        drift_s=round((clock - now) / 1000) if clock is not None else None,
        self_check=tags.get(Tag.SELF_CHECK, ""),
        eyes=tags.get(Tag.EYES, ""),
        versions=tags.get(Tag.VERSIONS, ""),
    )


def sign_in_method(asked: OperatorAsked) -> str:
    """How the terminal says that the operator signs in; a word that stands for something else is not believed."""
    said = asked.request.tags.get(Tag.METHOD, PASSWORD)
    return PASSWORD if said in BESIDE_SIGN_IN else said
