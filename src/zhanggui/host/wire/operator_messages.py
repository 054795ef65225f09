"""Operator messages, one row each: how its contents are read, which rule decides it, and what the host prepares for the rule.

To add one: its row in `cup/transactions.toml`, its contents in `cup/messages/operator_asks.py` and `operator_outcomes.py`, its
rule in `acquirer/operators`, and its row here. Reception, loading, repeats and passwords follow from the row.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import msgspec

from ...acquirer.operators.confirm import decide_confirm
from ...acquirer.operators.duty import decide_lock, decide_offline, decide_sign_out, decide_status
from ...acquirer.operators.entry import OperatorAsked
from ...acquirer.operators.passwords import decide_change_password
from ...acquirer.operators.phones.asking import decide_phone
from ...acquirer.operators.sign_in import decide_verify
from ...acquirer.operators.supervision import decide_approve, decide_manage
from ...acquirer.rows.cases import need_case
from ...acquirer.rows.decision import Decision
from ...acquirer.rows.numbering import envelope_counter
from ...acquirer.rows.records import (
    Approval,
    Counter,
    Health,
    Operator,
    Payment,
    PhoneAttempt,
    SignIn,
    TerminalKey,
)
from ...acquirer.rows.state import Needs, State
from ...basics.numbers import RecordNo, UnixMs
from ...cup.messages import operator_asks as asks
from ...cup.operator_tags import Tag, Tags

C = TypeVar("C")


def nothing_more(needs: Needs, terminal: TerminalKey, contents: object) -> None:
    """Terminal, operator and counters are enough."""


class OperatorMessage(msgspec.Struct, Generic[C], frozen=True, kw_only=True):
    """What the host knows of one operator message."""

    read: Callable[[Tags], C]
    """Its contents; never refuses."""
    rule: Callable[[State, OperatorAsked[C], UnixMs], Decision]
    counters: tuple[str, ...] = ()
    """Which of a merchant's numbers it may use up; a counter that does not exist yet costs a look each time."""
    has_password: bool = False
    """Whether the password in field 52 is looked at."""
    takes_badge: bool = False
    """Whether a badge may say who asks; anywhere else it is nobody's."""
    takes_phone: bool = False
    """Whether what a phone answered may say who asks."""
    told: frozenset[Tag] = frozenset()
    """What tells a repeat from another request, beside the passwords; what was measured changes with time."""
    needs: Callable[[Needs, TerminalKey, C], None] = nothing_more
    """Rows it needs beside terminal and operator."""
    is_kept: bool = True
    """Whether its answer is kept for repeats; a heartbeat is simply decided again, and a code that is asked for twice is another one."""


def _confirm_needs(needs: Needs, terminal: TerminalKey, contents: asks.ConfirmContents) -> None:
    _record(needs, terminal, contents.record_no)
    if contents.wrong_item is not None:
        need_case(terminal[0], needs)
    if contents.take_over is not None and contents.take_over.approval_no is not None:
        needs.add(Approval, (terminal[0], contents.take_over.approval_no))


def _new_password_needs(needs: Needs, terminal: TerminalKey, contents: asks.NewPasswordContents) -> None:
    _record(needs, terminal, contents.record_no)


def _manage_needs(needs: Needs, terminal: TerminalKey, contents: asks.ManageContents) -> None:
    if contents.about_no:
        needs.add(Operator, (terminal[0], contents.about_no))


def _offline_needs(needs: Needs, terminal: TerminalKey, contents: asks.OfflineContents) -> None:
    record_no = contents.use.record_no
    _record(needs, terminal, record_no)
    if record_no is not None:
        needs.add(Counter, (terminal[0], envelope_counter(record_no)))


def _phone_needs(needs: Needs, terminal: TerminalKey, contents: asks.PhoneContents) -> None:
    needs.add(PhoneAttempt, terminal)


def _sign_out_needs(needs: Needs, terminal: TerminalKey, contents: asks.SignOutContents) -> None:
    needs.figures[terminal] = None
    _record(needs, terminal, contents.record_no)


def _status_needs(needs: Needs, terminal: TerminalKey, contents: asks.StatusContents) -> None:
    needs.add(Health, terminal)
    undoing = contents.undoing
    if undoing is not None:
        needs.add(Payment, (*terminal, undoing.batch_no, undoing.trace_no))


def _record(needs: Needs, terminal: TerminalKey, record_no: RecordNo | None) -> None:
    if record_no is not None:
        needs.add(SignIn, (terminal[0], record_no))


VERIFY = OperatorMessage(
    read=asks.read_verify,
    rule=decide_verify,
    counters=("sign_in",),
    has_password=True,
    takes_badge=True,
    takes_phone=True,
)
CONFIRM = OperatorMessage(
    read=asks.read_confirm,
    rule=decide_confirm,
    counters=("session",),
    told=frozenset({Tag.RECORD_NO, Tag.VERDICT, Tag.WRONG_ITEM, Tag.SIGN_IN_CODE, Tag.TAKE_OVER}),
    needs=_confirm_needs,
)
SIGN_OUT = OperatorMessage(
    read=asks.read_sign_out,
    rule=decide_sign_out,
    told=frozenset({Tag.REASON, Tag.NOTES, Tag.RECORD_NO}),
    needs=_sign_out_needs,
)
LOCK = OperatorMessage(
    read=asks.read_lock,
    rule=decide_lock,
    counters=("sign_in",),
    has_password=True,
    told=frozenset({Tag.VERDICT}),
)
NEW_PASSWORD = OperatorMessage(
    read=asks.read_new_password,
    rule=decide_change_password,
    counters=("sign_in", "note"),
    has_password=True,
    takes_badge=True,
    told=frozenset({Tag.RECORD_NO}),
    needs=_new_password_needs,
)
APPROVE = OperatorMessage(
    read=asks.read_approve,
    rule=decide_approve,
    counters=("approval", "sign_in"),
    has_password=True,
    told=frozenset({Tag.ACTION, Tag.AMOUNT, Tag.RECORD_NO, Tag.SESSION_NO, Tag.ORIGINAL}),
)
MANAGE = OperatorMessage(
    read=asks.read_manage,
    rule=decide_manage,
    counters=("sign_in", "note"),
    has_password=True,
    told=frozenset({Tag.ACTION, Tag.ABOUT_NO}),
    needs=_manage_needs,
)
PHONE = OperatorMessage(
    read=asks.read_phone, rule=decide_phone, counters=("sign_in",), needs=_phone_needs, is_kept=False
)
OFFLINE = OperatorMessage(
    read=asks.read_offline,
    rule=decide_offline,
    counters=("sign_in", "session"),
    told=frozenset({Tag.OFFLINE}),
    needs=_offline_needs,
)
STATUS = OperatorMessage(read=asks.read_status, rule=decide_status, needs=_status_needs, is_kept=False)

OPERATOR_MESSAGES: Mapping[str, OperatorMessage[Any]] = MappingProxyType(
    {
        "operator_verify": VERIFY,
        "operator_confirm": CONFIRM,
        "operator_sign_out": SIGN_OUT,
        "operator_lock": LOCK,
        "operator_password": NEW_PASSWORD,
        "operator_approve": APPROVE,
        "operator_manage": MANAGE,
        "operator_phone": PHONE,
        "operator_offline": OFFLINE,
        "status": STATUS,
    }
)
"""By their name in the catalogue."""

MARKED = (
    Tag.RECORD_NO,
    Tag.VERDICT,
    Tag.WRONG_ITEM,
    Tag.REASON,
    Tag.SIGN_IN_CODE,
    Tag.TAKE_OVER,
    Tag.ACTION,
    Tag.AMOUNT,
    Tag.SESSION_NO,
    Tag.OFFLINE,
    Tag.NOTES,
)
"""The places of a mark, fixed for good: answers that an earlier build kept are compared by it. A new message's tags come after."""


def business_of(message: OperatorMessage[Any], tags: Tags) -> list[str]:
    """What a request says that tells it from another one, each text in its place."""
    get = tags.get
    return [get(tag, "") if tag is not None else "" for tag in _places_of(message.told)]


@cache
def _places_of(told: frozenset[Tag]) -> tuple[Tag | None, ...]:
    """The tag of each place of a mark; None where this message tells nothing."""
    return (*(tag if tag in told else None for tag in MARKED), *sorted(told.difference(MARKED)))
