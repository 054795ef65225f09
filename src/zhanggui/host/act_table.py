"""The table of acts: what each must be told, which rows it needs, which rule decides it, which right it asks for.

To add an act: a rule with its note in `acquirer`, a right in `capabilities.toml`, a row here.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from ..acquirer.findings.finding import DetectorName, SubjectKind
from ..acquirer.findings.settling import SETTLE_FINDING, SettledAs, decide_settle, settling_needs
from ..acquirer.operators.badges.issuing import decide_issue_badge, decide_revoke_badge
from ..acquirer.operators.management import (
    NUMBERS,
    decide_add,
    decide_disable,
    decide_enable,
    decide_enrol_code,
    decide_rename,
    decide_reset,
    decide_set_shift_code,
    decide_sign_out_operator,
    decide_unlock_operator,
    decide_unlock_terminal,
    operator_needs,
)
from ..acquirer.orders.giving import decide_give_order, order_needs
from ..acquirer.payments.permitted import decide_use_of_kind
from ..acquirer.policy.choice import Value, decide_set_rule, decide_use_profile, policy_needs
from ..acquirer.policy.rules import Bound, load_bounds
from ..acquirer.policy.shift_codes import CODES_KEPT_MAX, ShiftSpan, read_shift_codes
from ..acquirer.proof.retention import ERASE_PERSON, PRUNE_RECORDS, decide_to_shorten
from ..acquirer.rows.decision import Decision
from ..acquirer.rows.reasons import Reason
from ..acquirer.rows.records import Counter, Merchant, PaymentKey, Terminal
from ..acquirer.rows.state import Needs
from ..acquirer.slips.erasing import (
    ERASE_DOCUMENT,
    OPEN_DOCUMENT,
    decide_erase_document,
    decide_open_document,
    document_needs,
)
from ..acquirer.slips.ticking import TICK_SLIPS, decide_tick, ticking_needs
from ..acquirer.terminals.keys import RENEW_MASTER_KEY, decide_renew_master_key
from ..acquirer.wallets.counter_codes import RIGHT as COUNTER_CODE
from ..acquirer.wallets.counter_codes import code_needs, decide_put_code, decide_withdraw_code
from ..basics.numbers import MerchantNo, OperatorNo, TerminalNo, UnixMs
from ..basics.spans import HOUR_MS, MINUTE_MS
from ..cup.order_kinds import GIVEN_KINDS, OrderKind
from .acts import ActDesk, ActRow
from .export_acts import EXPORT_ACTS
from .people_acts import PEOPLE_ACTS
from .token_acts import TOKEN_ACTS
from .webhook_acts import WEBHOOK_ACTS


class OneOperator(msgspec.Struct, frozen=True):
    """The operator whom the act is about."""

    operator_no: OperatorNo


class NewOperator(msgspec.Struct, frozen=True):
    """Who is to be added; an empty user name is none."""

    operator_no: OperatorNo
    name: str
    user_name: str = ""


class OtherNames(msgspec.Struct, frozen=True):
    """New names of an operator; None leaves one as it is, an empty user name takes it away."""

    operator_no: OperatorNo
    name: str | None = None
    user_name: str | None = None


class ShiftTimes(msgspec.Struct, frozen=True):
    """When a shift begins (None: now) and how many hours its code counts (None: as long as a session may last)."""

    from_ms: UnixMs | None = None
    hours: int | None = None


class OneTerminal(msgspec.Struct, frozen=True):
    """The terminal that the act is about."""

    terminal_no: TerminalNo


class NewMasterKey(msgspec.Struct, frozen=True):
    """A terminal's new master key, sealed by the host's vault."""

    terminal_no: TerminalNo
    master_key: str


class RecordsToGo(msgspec.Struct, frozen=True):
    """How many records an erasure or a pruning has chosen."""

    records: int


class OneDocument(msgspec.Struct, frozen=True):
    """The document that the act is about."""

    document_id: str


class FindingLookedInto(msgspec.Struct, frozen=True):
    """A finding, by its detector and whom it is about, until when it was looked at, and what it was."""

    detector: DetectorName
    kind: SubjectKind
    name: str
    until_ms: int
    outcome: SettledAs


class Pile(msgspec.Struct, frozen=True):
    """The payments whose merchant copies lie there."""

    slips: tuple[PaymentKey, ...]


class RuleValue(msgspec.Struct, frozen=True):
    """A policy rule and its value; None: as the profile has it."""

    rule: str
    value: Value | None


class ProfileName(msgspec.Struct, frozen=True):
    """A policy profile."""

    profile: str


class KindUse(msgspec.Struct, frozen=True):
    """A kind of payment, and whether the merchant may use it."""

    kind: str
    is_used: bool


class NewCounterCode(msgspec.Struct, frozen=True):
    """The code on the counter of a terminal: what it says of the shop."""

    terminal_no: TerminalNo
    category: str
    city: str


class NewOrder(msgspec.Struct, frozen=True):
    """An order to a terminal: its text, where its kind has one, and when it is good (None: from now, and as long as its kind is)."""

    terminal_no: TerminalNo
    contents: str = ""
    from_ms: UnixMs | None = None
    until_ms: UnixMs | None = None


def _of_operators(merchant_no: MerchantNo, asked: object) -> Needs:
    return operator_needs(merchant_no)


def _of_merchant(merchant_no: MerchantNo, asked: object) -> Needs:
    return policy_needs(merchant_no)


def _of_terminal(merchant_no: MerchantNo, asked: OneTerminal | NewMasterKey) -> Needs:
    return Needs({Terminal: [(merchant_no, asked.terminal_no)], Counter: [(merchant_no, "note")]})


def _of_order(merchant_no: MerchantNo, asked: NewOrder) -> Needs:
    return order_needs(merchant_no, asked.terminal_no)


def _of_counter_code(merchant_no: MerchantNo, asked: OneTerminal | NewCounterCode) -> Needs:
    return code_needs(merchant_no, asked.terminal_no)


def _of_document(merchant_no: MerchantNo, asked: OneDocument) -> Needs:
    return document_needs(merchant_no, asked.document_id)


def _of_finding(merchant_no: MerchantNo, asked: FindingLookedInto) -> Needs:
    return settling_needs(merchant_no)


def _of_pile(merchant_no: MerchantNo, asked: Pile) -> Needs:
    return ticking_needs(merchant_no, asked.slips)


def _no_account(operator_no: OperatorNo, doing: ActDesk) -> Reason:
    """Why no password can be made for this number; the vault binds each one to shop and number."""
    if operator_no not in NUMBERS:
        return "no_operator_number"
    return "" if doing.state.get(Merchant, doing.merchant_no) is not None else "unknown_merchant"


def _add(asked: NewOperator, doing: ActDesk) -> Decision:
    against = _no_account(asked.operator_no, doing)
    if against:
        return Decision(reason=against)
    doing.shown, kept = doing.secrets.first_password(doing.merchant_no, asked.operator_no, doing.policy)
    return decide_add(doing.state, doing.on(asked.operator_no), asked.name, asked.user_name, kept, doing.now)


def _reset(asked: OneOperator, doing: ActDesk) -> Decision:
    against = _no_account(asked.operator_no, doing)
    if against:
        return Decision(reason=against)
    doing.shown, kept = doing.secrets.first_password(doing.merchant_no, asked.operator_no, doing.policy)
    return decide_reset(doing.state, doing.on(asked.operator_no), kept, doing.now)


def _rename(asked: OtherNames, doing: ActDesk) -> Decision:
    return decide_rename(doing.state, doing.on(asked.operator_no), asked.name, asked.user_name, doing.now)


def _enrol_code(asked: OneOperator, doing: ActDesk) -> Decision:
    doing.shown, key = doing.secrets.code_key()
    return decide_enrol_code(doing.state, doing.on(asked.operator_no), key.text, doing.now)


def _issue_badge(asked: OneOperator, doing: ActDesk) -> Decision:
    doing.shown, badge = doing.secrets.badge(doing.merchant_no)
    return decide_issue_badge(doing.state, doing.on(asked.operator_no), badge, doing.now)


def _revoke_badge(asked: OneOperator, doing: ActDesk) -> Decision:
    return decide_revoke_badge(doing.state, doing.on(asked.operator_no), doing.now)


def _set_shift_code(asked: ShiftTimes, doing: ActDesk) -> Decision:
    merchant = doing.state.get(Merchant, doing.merchant_no)
    taken = {one.sealed for one in read_shift_codes(merchant.shift_code)} if merchant is not None else set()
    for _ in range(CODES_KEPT_MAX + 1):
        # Two shifts with one code could not be told apart.
        doing.shown = code = doing.secrets.shift_code(doing.policy)
        sealed = doing.secrets.keys.seal_shift_code(doing.merchant_no, code)
        if sealed not in taken:
            break
    # Whole minutes are what people read; a host whose clock is a little behind takes the code at once, too.
    from_ms = asked.from_ms if asked.from_ms is not None else doing.now - doing.now % MINUTE_MS
    hours = asked.hours if asked.hours is not None else doing.policy.session_hours_max
    span = ShiftSpan(from_ms=UnixMs(from_ms), until_ms=UnixMs(from_ms + hours * HOUR_MS))
    return decide_set_shift_code(
        doing.state, doing.merchant_no, doing.by, code.reveal(), span, doing.now, sealed=sealed
    )


def _unlock_terminal(asked: OneTerminal, doing: ActDesk) -> Decision:
    return decide_unlock_terminal(doing.state, doing.merchant_no, asked.terminal_no, doing.by, doing.now)


def _renew_master_key(asked: NewMasterKey, doing: ActDesk) -> Decision:
    return decide_renew_master_key(
        doing.state, doing.merchant_no, asked.terminal_no, asked.master_key, doing.by, doing.now
    )


def _erase_person(asked: RecordsToGo, doing: ActDesk) -> Decision:
    return decide_to_shorten(doing.state, doing.merchant_no, ERASE_PERSON, asked.records, doing.by, doing.now)


def _prune_records(asked: RecordsToGo, doing: ActDesk) -> Decision:
    return decide_to_shorten(doing.state, doing.merchant_no, PRUNE_RECORDS, asked.records, doing.by, doing.now)


def _erase_document(asked: OneDocument, doing: ActDesk) -> Decision:
    return decide_erase_document(doing.state, doing.merchant_no, asked.document_id, doing.by, doing.now)


def _open_document(asked: OneDocument, doing: ActDesk) -> Decision:
    return decide_open_document(doing.state, doing.merchant_no, asked.document_id, doing.by, doing.now)


def _settle_finding(asked: FindingLookedInto, doing: ActDesk) -> Decision:
    about = asked.detector, asked.kind, asked.name
    return decide_settle(doing.state, doing.merchant_no, *about, asked.until_ms, asked.outcome, doing.by, doing.now)


def _tick(asked: Pile, doing: ActDesk) -> Decision:
    return decide_tick(doing.state, doing.merchant_no, asked.slips, doing.by, doing.now)


def _put_code(asked: NewCounterCode, doing: ActDesk) -> Decision:
    said = asked.category, asked.city
    return decide_put_code(doing.state, doing.merchant_no, asked.terminal_no, said, doing.by, doing.now)


def _withdraw_code(asked: OneTerminal, doing: ActDesk) -> Decision:
    return decide_withdraw_code(doing.state, doing.merchant_no, asked.terminal_no, doing.by, doing.now)


def _set_rule(asked: RuleValue, doing: ActDesk) -> Decision:
    return decide_set_rule(doing.state, doing.merchant_no, asked.rule, asked.value, doing.by, doing.now)


def _use_profile(asked: ProfileName, doing: ActDesk) -> Decision:
    return decide_use_profile(doing.state, doing.merchant_no, asked.profile, doing.by, doing.now)


def _use_kind(asked: KindUse, doing: ActDesk) -> Decision:
    return decide_use_of_kind(doing.state, doing.merchant_no, asked.kind, asked.is_used, doing.by, doing.now)


def _disable(asked: OneOperator, doing: ActDesk) -> Decision:
    return decide_disable(doing.state, doing.on(asked.operator_no), doing.now)


def _enable(asked: OneOperator, doing: ActDesk) -> Decision:
    return decide_enable(doing.state, doing.on(asked.operator_no), doing.now)


def _unlock(asked: OneOperator, doing: ActDesk) -> Decision:
    return decide_unlock_operator(doing.state, doing.on(asked.operator_no), doing.now)


def _sign_out(asked: OneOperator, doing: ActDesk) -> Decision:
    return decide_sign_out_operator(doing.state, doing.on(asked.operator_no), doing.now)


def _order_act(name: str, kind: OrderKind) -> ActRow[NewOrder]:
    """The act of giving an order of this kind."""

    def give(asked: NewOrder, doing: ActDesk) -> Decision:
        span = asked.from_ms, asked.until_ms
        return decide_give_order(
            doing.state,
            doing.merchant_no,
            asked.terminal_no,
            name,
            kind,
            asked.contents,
            span,
            doing.by,
            doing.now,
        )

    return ActRow(f"order_{name}", kind.right, NewOrder, _of_order, give)


def _always(asked: object, doing: ActDesk) -> bool:
    """Another person must confirm it."""
    return True


def _is_rule_for_two(asked: RuleValue, doing: ActDesk) -> bool:
    """Whether the rule is about money, or about a password that everybody knows (`two` in bounds.toml)."""
    return load_bounds().get(asked.rule, Bound()).two


ADD_OPERATOR = ActRow("add_operator", "add_operator", NewOperator, _of_operators, _add)
RENAME_OPERATOR = ActRow("rename_operator", "rename_operator", OtherNames, _of_operators, _rename)
DISABLE_OPERATOR = ActRow("disable_operator", "disable_operator", OneOperator, _of_operators, _disable)
ENABLE_OPERATOR = ActRow("enable_operator", "enable_operator", OneOperator, _of_operators, _enable)
RESET_PASSWORD = ActRow("reset_password", "reset_password", OneOperator, _of_operators, _reset)
UNLOCK_OPERATOR = ActRow("unlock_operator", "unlock_operator", OneOperator, _of_operators, _unlock)
ENROL_CODE = ActRow("enrol_code", "enrol_code", OneOperator, _of_operators, _enrol_code)
ISSUE_BADGE = ActRow("issue_badge", "issue_badge", OneOperator, _of_operators, _issue_badge)
REVOKE_BADGE = ActRow("revoke_badge", "revoke_badge", OneOperator, _of_operators, _revoke_badge)
SIGN_OUT_OPERATOR = ActRow("sign_out_operator", "sign_out_operator", OneOperator, _of_operators, _sign_out)
SET_SHIFT_CODE = ActRow("set_shift_code", "set_shift_code", ShiftTimes, _of_merchant, _set_shift_code)
UNLOCK_TERMINAL = ActRow("unlock_terminal", "unlock_terminal", OneTerminal, _of_terminal, _unlock_terminal)
RENEW_KEY = ActRow(
    RENEW_MASTER_KEY,
    RENEW_MASTER_KEY,
    NewMasterKey,
    _of_terminal,
    _renew_master_key,
    needs_two=_always,
    has_other_half=True,
)
ANNOUNCE_ERASURE = ActRow(
    ERASE_PERSON, ERASE_PERSON, RecordsToGo, _of_merchant, _erase_person, asks_reason=True, has_other_half=True
)
ANNOUNCE_PRUNING = ActRow(
    PRUNE_RECORDS, PRUNE_RECORDS, RecordsToGo, _of_merchant, _prune_records, asks_reason=True, has_other_half=True
)
ERASE_DOCUMENT_ACT = ActRow(
    ERASE_DOCUMENT, ERASE_DOCUMENT, OneDocument, _of_document, _erase_document, needs_two=_always
)
OPEN_DOCUMENT_ACT = ActRow(OPEN_DOCUMENT, OPEN_DOCUMENT, OneDocument, _of_document, _open_document, asks_reason=True)
SETTLE_FINDING_ACT = ActRow(
    SETTLE_FINDING, SETTLE_FINDING, FindingLookedInto, _of_finding, _settle_finding, asks_reason=True
)
TICK_PILE = ActRow(TICK_SLIPS, TICK_SLIPS, Pile, _of_pile, _tick)
PUT_COUNTER_CODE = ActRow("put_counter_code", COUNTER_CODE, NewCounterCode, _of_counter_code, _put_code)
WITHDRAW_COUNTER_CODE = ActRow("withdraw_counter_code", COUNTER_CODE, OneTerminal, _of_counter_code, _withdraw_code)
SET_RULE = ActRow("set_rule", "set_policy", RuleValue, _of_merchant, _set_rule, needs_two=_is_rule_for_two)
USE_PROFILE = ActRow("use_profile", "set_policy", ProfileName, _of_merchant, _use_profile, needs_two=_always)
USE_KIND = ActRow("use_kind", "set_policy", KindUse, _of_merchant, _use_kind)

ORDER_ACTS: Mapping[str, ActRow[NewOrder]] = MappingProxyType(
    {name: _order_act(name, kind) for name, kind in GIVEN_KINDS.items()}
)
"""By the kind of order that is given."""

ACTS: Mapping[str, ActRow[Any]] = MappingProxyType(
    {
        row.name: row
        for row in (
            ADD_OPERATOR,
            RENAME_OPERATOR,
            DISABLE_OPERATOR,
            ENABLE_OPERATOR,
            RESET_PASSWORD,
            UNLOCK_OPERATOR,
            ENROL_CODE,
            ISSUE_BADGE,
            REVOKE_BADGE,
            SIGN_OUT_OPERATOR,
            SET_SHIFT_CODE,
            UNLOCK_TERMINAL,
            RENEW_KEY,
            ANNOUNCE_ERASURE,
            ANNOUNCE_PRUNING,
            ERASE_DOCUMENT_ACT,
            OPEN_DOCUMENT_ACT,
            *EXPORT_ACTS,
            SETTLE_FINDING_ACT,
            TICK_PILE,
            PUT_COUNTER_CODE,
            WITHDRAW_COUNTER_CODE,
            SET_RULE,
            USE_PROFILE,
            USE_KIND,
            *PEOPLE_ACTS,
            *TOKEN_ACTS,
            *WEBHOOK_ACTS,
        )
    }
    | {row.name: row for row in ORDER_ACTS.values()}
)
"""All acts by name."""
