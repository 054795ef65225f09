"""Typed contents of the operator messages' requests (0820, field 62): each with `tags` and its reader side by side.

    401 verify · 402 sign-out · 403 confirm · 404 lock · 405 new password · 406 approval · 407 sign-in without network
    408 management · 409 codes for phones · 362 heartbeat

A reader never refuses: whoever sends nonsense is refused by the rules, with a reason and a record. `Tags` is field 62, unpacked.
"""

from typing import Literal

import msgspec

from ...basics.numbers import OperatorNo, RecordNo, SessionNo, UnixMs, is_digits
from ...basics.secret import Secret
from ..operator_tags import Tag, Tags
from ..values.clock import read_clock, write_clock_or_nothing
from ..values.eyes import NOT_LOOKED, Eyes, read_eyes
from ..values.numbers import read_number, write_number
from ..values.offline import OfflineUse, read_use, write_use
from ..values.order import OrderAnswer, read_answers, write_answers
from ..values.phone import read_name
from ..values.self_check import NO_SELF_CHECK, SelfCheck, read_self_check
from ..values.shift import NOTES_MAX
from ..values.steps import Steps, read_steps, write_steps
from ..values.take_over import TakeOver, read_take_over, write_take_over
from ..values.undoing import Undoing, read_undoing, write_undoing
from .original import ORIGINAL_DIGITS

TIMED_OUT = "timed_out"
"""Reason in 402 about a sign-in that nobody went on with; any other is that it was given up."""
METHOD_PASSWORD = "password"  # noqa: S105  # a word of tag METHOD
REASON_ASKED = "asked"
WRONG_UNNAMED = "unnamed"
OPERATOR_DIGITS = 2
NO_CODE = Secret("")


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What a terminal measures of itself beside a password: evidence for the record, never a way in."""

    self_check: SelfCheck = NO_SELF_CHECK
    eyes: Eyes = NOT_LOOKED
    elapsed_ms: int | None = None
    """From the first key to the request."""
    steps: Steps = ()
    """How long each step took so far."""
    versions: str = ""
    """`application/version`."""
    terminal_clock: UnixMs | None = None
    """The terminal's own clock, whole seconds; None when it told none that is a time."""

    def tags(self) -> Tags:
        """The tags that say it."""
        return {
            Tag.SELF_CHECK: self.self_check.told,
            Tag.EYES: self.eyes.told,
            Tag.ELAPSED_MS: write_number(self.elapsed_ms),
            Tag.STEPS: write_steps(self.steps),
            Tag.VERSIONS: self.versions,
            Tag.TERMINAL_CLOCK: write_clock_or_nothing(self.terminal_clock),
        }


NOTHING_MEASURED = Measured()


def read_measured(tags: Tags) -> Measured:
    """What the tags say of it."""
    get = tags.get
    return Measured(
        self_check=read_self_check(get(Tag.SELF_CHECK, "")),
        eyes=read_eyes(get(Tag.EYES, "")),
        elapsed_ms=read_number(get(Tag.ELAPSED_MS, "")),
        steps=read_steps(get(Tag.STEPS, "")),
        versions=get(Tag.VERSIONS, ""),
        terminal_clock=read_clock(get(Tag.TERMINAL_CLOCK, "")),
    )


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the messages beside which number and password are typed: what is refused there is a record with these measures."""

    measured: Measured = NOTHING_MEASURED


class VerifyContents(Typed, frozen=True, kw_only=True):
    """401: is it the operator? The password stands in field 52."""

    method: str = METHOD_PASSWORD
    """password, code, badge or phone; any other word counts as password."""

    def tags(self) -> Tags:
        """The tags of the request."""
        return {Tag.METHOD: self.method, **self.measured.tags()}


def read_verify(tags: Tags) -> VerifyContents:
    """Read the tags of 0820/401."""
    return VerifyContents(method=tags.get(Tag.METHOD, METHOD_PASSWORD), measured=read_measured(tags))


class ConfirmContents(msgspec.Struct, frozen=True, kw_only=True):
    """403: what the screen shows is right, or which item of it is wrong."""

    record_no: RecordNo | None
    wrong_item: str | None = None
    """None when all is right; operator, shop, terminal, time or batch, or another terminal's own word."""
    code: Secret = NO_CODE
    """The sign-in code (签到代码), where policy asks for one."""
    take_over: TakeOver | None = None
    steps: Steps = ()
    """How long each step took, up to this request."""

    def tags(self) -> Tags:
        """The tags of the request."""
        return {
            Tag.RECORD_NO: str(self.record_no) if self.record_no is not None else "",
            Tag.VERDICT: "ok" if self.wrong_item is None else "wrong",
            Tag.WRONG_ITEM: self.wrong_item or "",
            Tag.SIGN_IN_CODE: self.code.reveal(),
            Tag.TAKE_OVER: write_take_over(self.take_over) if self.take_over is not None else "",
            Tag.STEPS: write_steps(self.steps),
        }


def read_confirm(tags: Tags) -> ConfirmContents:
    """Read the tags of 0820/403. Only the word `ok` says that all is right; whoever says nothing confirms nothing."""
    get = tags.get
    code = get(Tag.SIGN_IN_CODE)
    return ConfirmContents(
        record_no=_record_no(tags),
        wrong_item=None if get(Tag.VERDICT) == "ok" else get(Tag.WRONG_ITEM, WRONG_UNNAMED),
        code=Secret(code) if code else NO_CODE,
        take_over=read_take_over(get(Tag.TAKE_OVER, "")),
        steps=read_steps(get(Tag.STEPS, "")),
    )


class SignOutContents(msgspec.Struct, frozen=True, kw_only=True):
    """402: the operator leaves; or gives up a sign-in that was not confirmed, whose record is named."""

    reason: str = REASON_ASKED
    """asked, forced, handed_over, …; of a sign-in: given_up, timed_out."""
    record_no: RecordNo | None = None
    """The sign-in that is given up; None: the session ends."""
    notes: str = ""
    """The operator's words on the shift; ours are written by `Notes`, and kept as they came."""

    def tags(self) -> Tags:
        """The tags of the request."""
        return {
            Tag.REASON: self.reason,
            Tag.NOTES: self.notes,
            Tag.RECORD_NO: str(self.record_no) if self.record_no is not None else "",
        }


def read_sign_out(tags: Tags) -> SignOutContents:
    """Read the tags of 0820/402; notes are cut at NOTES_MAX."""
    return SignOutContents(
        reason=tags.get(Tag.REASON, REASON_ASKED),
        notes=tags.get(Tag.NOTES, "")[:NOTES_MAX],
        record_no=_record_no(tags),
    )


class LockContents(Typed, frozen=True, kw_only=True):
    """404: lock the terminal, or unlock it by the password in field 52."""

    verdict: Literal["lock", "unlock"]

    def tags(self) -> Tags:
        """The tags of the request."""
        return {Tag.VERDICT: self.verdict, **self.measured.tags()}


def read_lock(tags: Tags) -> LockContents:
    """Read the tags of 0820/404. Only the word `unlock` unlocks."""
    return LockContents(verdict="unlock" if tags.get(Tag.VERDICT) == "unlock" else "lock", measured=read_measured(tags))


class NewPasswordContents(Typed, frozen=True, kw_only=True):
    """405: a new password of one's own; the old one stands in field 52."""

    new_block: bytes | None
    """The new password's block under the PIN key; None when there is none, or none that can be read."""
    record_no: RecordNo | None = None
    """The sign-in that asked for it, if one did."""

    def tags(self) -> Tags:
        """The tags of the request."""
        return {
            Tag.NEW_BLOCK: self.new_block.hex().upper() if self.new_block is not None else "",
            Tag.RECORD_NO: str(self.record_no) if self.record_no is not None else "",
            **self.measured.tags(),
        }


def read_new_password(tags: Tags) -> NewPasswordContents:
    """Read the tags of 0820/405."""
    return NewPasswordContents(new_block=_new_block(tags), record_no=_record_no(tags), measured=read_measured(tags))


class ApproveContents(Typed, frozen=True, kw_only=True):
    """406: a supervisor approves one action, bound to its amount and to its session or sign-in."""

    action: str
    """take_over, release, refund, void, settle, settings."""
    amount_fen: int = 0
    record_no: RecordNo | None = None
    session_no: SessionNo | None = None
    original: str = ""
    """Batch and trace of the payment that the action is about, 12 digits; empty where it is about none."""

    def tags(self) -> Tags:
        """The tags of the request."""
        return {
            Tag.ACTION: self.action,
            Tag.AMOUNT: write_number(self.amount_fen),
            Tag.RECORD_NO: str(self.record_no) if self.record_no is not None else "",
            Tag.SESSION_NO: str(self.session_no) if self.session_no is not None else "",
            Tag.ORIGINAL: self.original,
            **self.measured.tags(),
        }


def read_approve(tags: Tags) -> ApproveContents:
    """Read the tags of 0820/406."""
    session_no = read_number(tags.get(Tag.SESSION_NO, ""))
    original = tags.get(Tag.ORIGINAL, "")
    return ApproveContents(
        action=tags.get(Tag.ACTION, ""),
        amount_fen=read_number(tags.get(Tag.AMOUNT, "")) or 0,
        record_no=_record_no(tags),
        session_no=SessionNo(session_no) if session_no is not None else None,
        original=original if is_digits(original, ORIGINAL_DIGITS) else "",
        measured=read_measured(tags),
    )


class ManageContents(Typed, frozen=True, kw_only=True):
    """408: somebody with the right manages operators or this terminal; the manager's password stands in field 52."""

    action: str
    """A right of management: unlock_operator, enable_operator, reset_password, unlock_terminal."""
    about_no: OperatorNo = OperatorNo("")
    """The operator whom it is about; empty where it is about the terminal."""
    new_block: bytes | None = None
    """Beside reset_password the first password's block under the PIN key, made for that operator."""

    def tags(self) -> Tags:
        """The tags of the request."""
        return {
            Tag.ACTION: self.action,
            Tag.ABOUT_NO: self.about_no,
            Tag.NEW_BLOCK: self.new_block.hex().upper() if self.new_block is not None else "",
            **self.measured.tags(),
        }


def read_manage(tags: Tags) -> ManageContents:
    """Read the tags of 0820/408."""
    about_no = tags.get(Tag.ABOUT_NO, "")
    return ManageContents(
        action=tags.get(Tag.ACTION, ""),
        about_no=OperatorNo(about_no if is_digits(about_no, OPERATOR_DIGITS) else ""),
        new_block=_new_block(tags),
        measured=read_measured(tags),
    )


PhoneVerdict = Literal["open", "ask", "leave"]
_PHONE_VERDICTS: dict[str, PhoneVerdict] = {"open": "open", "leave": "leave"}


class PhoneContents(Typed, frozen=True, kw_only=True):
    """409: a code for a phone. `open` asks for a new one, `ask` how the one that is shown stands, `leave` gives it up."""

    verdict: PhoneVerdict
    name: str = ""
    """The code's; empty where one is asked for."""

    def tags(self) -> Tags:
        """The tags of the request."""
        return {Tag.VERDICT: self.verdict, Tag.PHONE: self.name, **self.measured.tags()}


def read_phone(tags: Tags) -> PhoneContents:
    """Read the tags of 0820/409. What is no other word only asks."""
    return PhoneContents(
        verdict=_PHONE_VERDICTS.get(tags.get(Tag.VERDICT, ""), "ask"),
        name=read_name(tags.get(Tag.PHONE, "")),
        measured=read_measured(tags),
    )


class OfflineContents(msgspec.Struct, frozen=True, kw_only=True):
    """407: a sign-in without network, reported when the line is back."""

    use: OfflineUse
    versions: str = ""
    terminal_clock: UnixMs | None = None

    def tags(self) -> Tags:
        """The tags of the request."""
        return {
            Tag.OFFLINE: write_use(self.use),
            Tag.VERSIONS: self.versions,
            Tag.TERMINAL_CLOCK: write_clock_or_nothing(self.terminal_clock),
        }


def read_offline(tags: Tags) -> OfflineContents:
    """Read the tags of 0820/407."""
    return OfflineContents(
        use=read_use(tags.get(Tag.OFFLINE, "")),
        versions=tags.get(Tag.VERSIONS, ""),
        terminal_clock=read_clock(tags.get(Tag.TERMINAL_CLOCK, "")),
    )


class StatusContents(msgspec.Struct, frozen=True, kw_only=True):
    """362: the heartbeat, with the terminal's health."""

    health: SelfCheck = NO_SELF_CHECK
    terminal_clock: UnixMs | None = None
    rules_mark: str = ""
    """Which rules the terminal acts by (`values/rules.py`); empty when it does not say."""
    undoing: Undoing | None = None
    """A payment that the bank left unanswered: does it still hold the money?"""
    order_answers: tuple[OrderAnswer, ...] = ()
    """What became of orders that the host gave."""
    order_held: int = 0
    """The last order that waits here to be carried out; 0 when none does."""

    def tags(self) -> Tags:
        """The tags of the request."""
        return {
            Tag.HEALTH: self.health.told,
            Tag.TERMINAL_CLOCK: write_clock_or_nothing(self.terminal_clock),
            Tag.RULES: self.rules_mark,
            Tag.UNDOING: write_undoing(self.undoing),
            Tag.ORDER_ANSWERS: write_answers(self.order_answers),
            Tag.ORDER_HELD: write_number(self.order_held),
        }


def read_status(tags: Tags) -> StatusContents:
    """Read the tags of 0820/362."""
    return StatusContents(
        health=read_self_check(tags.get(Tag.HEALTH, "")),
        terminal_clock=read_clock(tags.get(Tag.TERMINAL_CLOCK, "")),
        rules_mark=tags.get(Tag.RULES, ""),
        undoing=read_undoing(tags.get(Tag.UNDOING, "")),
        order_answers=read_answers(tags.get(Tag.ORDER_ANSWERS, "")),
        order_held=read_number(tags.get(Tag.ORDER_HELD, "")) or 0,
    )


OperatorContents = (
    VerifyContents
    | ConfirmContents
    | SignOutContents
    | LockContents
    | NewPasswordContents
    | ApproveContents
    | ManageContents
    | PhoneContents
    | OfflineContents
    | StatusContents
)
"""The contents of any operator message's request."""


def _new_block(tags: Tags) -> bytes | None:
    try:
        return bytes.fromhex(tags.get(Tag.NEW_BLOCK, "")) or None
    except ValueError:
        return None


def _record_no(tags: Tags) -> RecordNo | None:
    number = read_number(tags.get(Tag.RECORD_NO, ""))
    return RecordNo(number) if number is not None else None
