"""Typed contents of the operator messages' answers (0830, field 62): each with `tags` and its reader side by side.

What a rule decides is one of these; which tags that makes, and in what order, is known here alone. The host's clock is
always the first tag of an answer and is added where the answer is built (`operator.operator_answer`).
"""

import msgspec

from ...basics.numbers import RecordNo, SessionNo, TerminalNo, UnixMs
from ...basics.roles import Role
from ..errors import MessageError
from ..operator_tags import Tag, Tags, unpack_tags, whole_number
from ..values.clock import read_clock, write_clock_or_nothing
from ..values.numbers import read_number, write_number
from ..values.offline import OfflineTerms, read_terms, write_terms
from ..values.order import OrderSheet, read_order, read_taken, write_order, write_taken
from ..values.shift import Figures, read_figures, write_figures
from ..values.take_over import Way, read_way
from ..values.undoing import Undoing, read_undoing, write_undoing
from ..values.word_list import read_words, write_words

ROLES: dict[str, Role] = {"cashier": "cashier", "supervisor": "supervisor", "administrator": "administrator"}
NEW_PASSWORD, CODE = "new_password", "code"  # words of tag NEEDS
SIGN_IN, SIGN_OUT, SETTLE = "sign_in", "sign_out", "settle"
"""Words of tag ORDERS: what the host asks of the terminal."""


class NothingSaid(msgspec.Struct, frozen=True):
    """An answer that is its response code and nothing else."""

    def tags(self) -> Tags:
        """None."""
        return {}


NOTHING_SAID = NothingSaid()


class VerifiedOperator(msgspec.Struct, frozen=True, kw_only=True):
    """What 0830/401 says when number and password are right."""

    record_no: RecordNo
    operator_name: str
    role: Role
    merchant_name: str
    place: str
    host_clock: UnixMs
    needs: tuple[str, ...] = ()
    """What policy asks next: NEW_PASSWORD, CODE; a newer host may ask more."""
    earlier_terminal: str = ""
    earlier_since: UnixMs | None = None
    rules: str = ""
    """What the terminal must know of the policy: the text of `TerminalRules`, which the terminal keeps as it came."""
    degraded: tuple[str, ...] = ()
    """What the self-check takes away: slip, card, code, line, power, clock."""
    days_left: int | None = None
    """Days until the password must change, where that is to be said now."""
    notice_about: str = ""
    """A reason word, where the days are not those of a password that grows old: `factory_password`."""

    def tags(self) -> Tags:
        """The tags of the answer, the host's clock aside."""
        return {
            Tag.RECORD_NO: str(self.record_no),
            Tag.OPERATOR_NAME: self.operator_name,
            Tag.ROLE: self.role,
            Tag.MERCHANT_NAME: self.merchant_name,
            Tag.PLACE: self.place,
            Tag.NEEDS: write_words(self.needs),
            Tag.EARLIER_TERMINAL: self.earlier_terminal,
            Tag.EARLIER_SINCE: write_clock_or_nothing(self.earlier_since),
            Tag.RULES: self.rules,
            Tag.DEGRADED: write_words(self.degraded),
            Tag.NOTICE: str(self.days_left) if self.days_left is not None else "",
            Tag.REASON: self.notice_about,
        }


def read_verified(tags: Tags) -> VerifiedOperator:
    """Read the tags of 0830/401 with 39 = 00. MessageError when one that must be there is missing."""
    role = ROLES.get(tags.get(Tag.ROLE, ""))
    if role is None:
        raise MessageError(62, "a known role in tag DF03", "another word")
    return _verified(tags, RecordNo(whole_number(tags, Tag.RECORD_NO)), role, _host_clock(tags))


def _verified(tags: Tags, record_no: RecordNo, role: Role, host_clock: UnixMs) -> VerifiedOperator:
    get = tags.get
    return VerifiedOperator(
        record_no=record_no,
        operator_name=get(Tag.OPERATOR_NAME, ""),
        role=role,
        merchant_name=get(Tag.MERCHANT_NAME, ""),
        place=get(Tag.PLACE, ""),
        host_clock=host_clock,
        needs=read_words(get(Tag.NEEDS, "")),
        earlier_terminal=get(Tag.EARLIER_TERMINAL, ""),
        earlier_since=read_clock(get(Tag.EARLIER_SINCE, "")),
        rules=get(Tag.RULES, ""),
        degraded=read_words(get(Tag.DEGRADED, "")),
        days_left=read_number(get(Tag.NOTICE, "")),
        notice_about=get(Tag.REASON, ""),
    )


class SignedInElsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """P6: on which other terminal the operator is signed in, since when, and what can be done about it here."""

    record_no: RecordNo
    terminal: str
    """Number and place, as people read them (`write_place`)."""
    since: UnixMs | None
    way: Way
    verified: VerifiedOperator | None = None
    """What 00 would have said: the terminal needs it for the confirmation after a take-over."""

    def tags(self) -> Tags:
        """The tags of the answer."""
        tags = self.verified.tags() if self.verified is not None else {}
        tags[Tag.RECORD_NO] = str(self.record_no)
        tags[Tag.EARLIER_TERMINAL] = self.terminal
        tags[Tag.EARLIER_SINCE] = write_clock_or_nothing(self.since)
        tags[Tag.TAKE_OVER] = self.way
        return tags


def read_elsewhere(tags: Tags) -> SignedInElsewhere | None:
    """Read the tags beside P6; None when the host does not say which record could go on here. Only cashiers sign in."""
    number = read_number(tags.get(Tag.RECORD_NO, ""))
    if number is None:
        return None
    record_no = RecordNo(number)
    return SignedInElsewhere(
        record_no=record_no,
        terminal=tags.get(Tag.EARLIER_TERMINAL, ""),
        since=read_clock(tags.get(Tag.EARLIER_SINCE, "")),
        way=read_way(tags.get(Tag.TAKE_OVER, "")),
        verified=_verified(tags, record_no, "cashier", read_clock(tags.get(Tag.HOST_CLOCK, "")) or UnixMs(0)),
    )


def write_place(terminal_no: TerminalNo, place: str) -> str:
    """A terminal as people know it.

    >>> write_place(TerminalNo("10000002"), "前台"), write_place(TerminalNo("10000002"), "")
    ('10000002 · 前台', '10000002')
    """
    return f"{terminal_no} · {place}" if place else str(terminal_no)


class RefusedOperator(msgspec.Struct, frozen=True, kw_only=True):
    """What a refusal says besides its code."""

    record_no: RecordNo | None = None
    """The record of the attempt."""
    locked_until: UnixMs | None = None
    tries_left: int | None = None
    wait_s: int = 0
    """Seconds until the next try is taken."""
    reason: str = ""
    """A word, where the code alone does not say it (P2, P4, P5, P8, P9, PB)."""
    role: str = ""
    """Who has the right, beside P7."""
    notice: str = ""
    """Beside P5: how far the code's clock is off, in seconds."""
    terminal: str = ""
    """Beside P6: where the operator is signed in."""
    rules: str = ""
    """Beside P9 with `eyes`: the policy, because the terminal may not know which items are asked."""

    def tags(self) -> Tags:
        """The tags of the answer."""
        return {
            Tag.RECORD_NO: str(self.record_no) if self.record_no is not None else "",
            Tag.RULES: self.rules,
            Tag.EARLIER_TERMINAL: self.terminal,
            Tag.LOCKED_UNTIL: write_clock_or_nothing(self.locked_until),
            Tag.TRIES_LEFT: str(self.tries_left) if self.tries_left is not None else "",
            Tag.WAIT_S: write_number(self.wait_s),
            Tag.REASON: self.reason,
            Tag.ROLE: self.role,
            Tag.NOTICE: self.notice,
        }


def read_refused(tags: Tags) -> RefusedOperator:
    """Read the tags beside any code but 00; never fails: a refusal must be shown whatever stands in it."""
    get = tags.get
    number = read_number(get(Tag.RECORD_NO, ""))
    return RefusedOperator(
        record_no=RecordNo(number) if number is not None else None,
        terminal=get(Tag.EARLIER_TERMINAL, ""),
        locked_until=read_clock(get(Tag.LOCKED_UNTIL, "")),
        tries_left=read_number(get(Tag.TRIES_LEFT, "")),
        wait_s=read_number(get(Tag.WAIT_S, "")) or 0,
        reason=get(Tag.REASON, ""),
        role=get(Tag.ROLE, ""),
        notice=get(Tag.NOTICE, ""),
        rules=get(Tag.RULES, ""),
    )


class OpenedSession(msgspec.Struct, frozen=True, kw_only=True):
    """What 0830/403 and 0830/407 say when the session is open."""

    session_no: SessionNo
    record_no: RecordNo
    host_clock: UnixMs
    envelope: OfflineTerms | None = None
    """What the host allows this operator without network."""
    user_name: str = ""
    """Beside an envelope: the operator's, which opens it too."""
    operator_name: str = ""
    """Told again after a take-over, where nothing told it before."""

    def tags(self) -> Tags:
        """The tags of the answer, the host's clock aside."""
        return {
            Tag.SESSION_NO: str(self.session_no),
            Tag.RECORD_NO: str(self.record_no),
            Tag.OFFLINE: write_terms(self.envelope) if self.envelope is not None else "",
            Tag.USER_NAME: self.user_name,
            Tag.OPERATOR_NAME: self.operator_name,
        }


def read_opened(tags: Tags) -> OpenedSession:
    """Read the tags of 0830/403 with 39 = 00. MessageError when one that must be there is missing."""
    return OpenedSession(
        session_no=SessionNo(whole_number(tags, Tag.SESSION_NO)),
        record_no=RecordNo(whole_number(tags, Tag.RECORD_NO)),
        host_clock=_host_clock(tags),
        envelope=read_terms(tags.get(Tag.OFFLINE, "")),
        user_name=tags.get(Tag.USER_NAME, ""),
        operator_name=tags.get(Tag.OPERATOR_NAME, ""),
    )


class ReportedWrong(msgspec.Struct, frozen=True, kw_only=True):
    """0830/403 after `wrong`: no session, and a case for support. A terminal of ours only needs to know that it arrived."""

    record_no: RecordNo
    case_no: int

    def tags(self) -> Tags:
        """The tags of the answer."""
        return {Tag.RECORD_NO: str(self.record_no), Tag.NOTICE: str(self.case_no)}


def read_reported_wrong(tags: Tags) -> ReportedWrong:
    """Read the tags. MessageError when a number is missing."""
    return ReportedWrong(record_no=RecordNo(whole_number(tags, Tag.RECORD_NO)), case_no=whole_number(tags, Tag.NOTICE))


class SignedOutFigures(msgspec.Struct, frozen=True):
    """0830/402: the session is closed; its figures."""

    figures: Figures

    def tags(self) -> Tags:
        """The tags of the answer."""
        return {Tag.FIGURES: write_figures(self.figures)}


def read_signed_out(tags: Tags) -> SignedOutFigures:
    """Read the tags of 0830/402 with 39 = 00. MessageError without figures."""
    figures = read_figures(tags.get(Tag.FIGURES, ""))
    if figures is None:
        raise MessageError(62, "count and amount in tag DF13", "something else")
    return SignedOutFigures(figures)


class OrdersGiven(msgspec.Struct, frozen=True, kw_only=True):
    """What the host asks of the terminal: in a heartbeat's answer (362), or when a supervisor released it (404)."""

    orders: tuple[str, ...] = ()
    moved_to: str = ""
    """Beside SIGN_IN: the terminal to which the session was moved."""
    rules: str = ""
    """In a heartbeat's answer: the text of `TerminalRules`, where the terminal acts by others."""
    undoing: Undoing | None = None
    """How the payment stands at the bank that the terminal asked after."""
    sheet: OrderSheet | None = None
    """In a heartbeat's answer: an order with a number (`acquirer/orders`), which is answered once."""
    taken: tuple[int, ...] = ()
    """Orders whose answers the host has."""

    def tags(self) -> Tags:
        """The tags of the answer."""
        return {
            Tag.ORDERS: write_words(self.orders),
            Tag.NOTICE: self.moved_to,
            Tag.RULES: self.rules,
            Tag.UNDOING: write_undoing(self.undoing),
            Tag.ORDER: write_order(self.sheet),
            Tag.ORDERS_TAKEN: write_taken(self.taken),
        }


def read_orders(tags: Tags) -> OrdersGiven:
    """Read the tags; an order that we do not know is for the flow to pass over."""
    return OrdersGiven(
        orders=read_words(tags.get(Tag.ORDERS, "")),
        moved_to=tags.get(Tag.NOTICE, ""),
        rules=tags.get(Tag.RULES, ""),
        undoing=read_undoing(tags.get(Tag.UNDOING, "")),
        sheet=read_order(tags.get(Tag.ORDER, "")),
        taken=read_taken(tags.get(Tag.ORDERS_TAKEN, "")),
    )


class ApprovalGiven(msgspec.Struct, frozen=True, kw_only=True):
    """0830/406: a supervisor approved, for one use."""

    approval_no: int
    supervisor_name: str = ""

    def tags(self) -> Tags:
        """The tags of the answer."""
        return {Tag.APPROVAL_NO: str(self.approval_no), Tag.OPERATOR_NAME: self.supervisor_name}


def read_approval(tags: Tags) -> ApprovalGiven:
    """Read the tags of 0830/406 with 39 = 00. MessageError without a number."""
    return ApprovalGiven(
        approval_no=whole_number(tags, Tag.APPROVAL_NO), supervisor_name=tags.get(Tag.OPERATOR_NAME, "")
    )


KNOWN, WAITING = "known", "waiting"
"""Words of tag VERDICT in an answer to 409."""


class PhoneCodeGiven(msgspec.Struct, frozen=True, kw_only=True):
    """0830/409 to `open`: a code to show, and for how long."""

    name: str
    address: str
    life_s: int

    def tags(self) -> Tags:
        """The tags of the answer."""
        return {Tag.PHONE: self.name, Tag.PHONE_PAGE: self.address, Tag.WAIT_S: str(self.life_s)}


def read_phone_code(tags: Tags) -> PhoneCodeGiven:
    """Read the tags. MessageError when one is missing: there is nothing to show."""
    name, address = tags.get(Tag.PHONE, ""), tags.get(Tag.PHONE_PAGE, "")
    if not name or not address:
        raise MessageError(62, "a code's name and address in tags DF33 and DF34", "none")
    return PhoneCodeGiven(name=name, address=address, life_s=whole_number(tags, Tag.WAIT_S))


class PhoneCodeStands(msgspec.Struct, frozen=True, kw_only=True):
    """0830/409 to `ask`: whether a phone has proven who it is."""

    known: bool

    def tags(self) -> Tags:
        """The tags of the answer."""
        return {Tag.VERDICT: KNOWN if self.known else WAITING}


def read_phone_stands(tags: Tags) -> PhoneCodeStands:
    """Read the tags; only the word `known` says so."""
    return PhoneCodeStands(known=tags.get(Tag.VERDICT, "") == KNOWN)


class AnswerAgain(msgspec.Struct, frozen=True):
    """An answer that was given before, as it was kept: field 62 without the host's clock."""

    packed: bytes

    def tags(self) -> Tags:
        """The tags that stand in it."""
        return unpack_tags(self.packed)


OperatorOutcome = (
    NothingSaid
    | VerifiedOperator
    | SignedInElsewhere
    | RefusedOperator
    | OpenedSession
    | ReportedWrong
    | SignedOutFigures
    | OrdersGiven
    | ApprovalGiven
    | PhoneCodeGiven
    | PhoneCodeStands
    | AnswerAgain
)
"""What the answer to an operator message says, whichever it is."""


def _host_clock(tags: Tags) -> UnixMs:
    clock = read_clock(tags.get(Tag.HOST_CLOCK, ""))
    if clock is None:
        raise MessageError(62, "the host's clock in tag DF16", "no time")
    return clock
