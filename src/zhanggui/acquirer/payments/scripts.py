"""What became of an issuer's scripts (0620/951): it belongs to one payment, is kept once, and goes to the issuer.

unknown terminal, or MAC wrong          97, 58, A0
no such payment, or not this one        25, 64: what it repeats of the payment has to agree
the same notice again                   00, nothing new: the answer was lost
another one for the same payment        94: what was told is never replaced

It is taken whatever became of the payment since, and in whichever batch that stands: the chip has changed, or it has not. Nothing of
it moves money.
"""

from msgspec import Struct
from msgspec.structs import replace

from ...basics.numbers import UnixMs
from ...cup.messages.script_notice import ScriptNotice
from ...cup.transactions import CATALOGUE
from ...cup.values.issuer_script import write_results
from ..rows.decision import Decision, MacVerdict, PlainReply, TellIssuer
from ..rows.draft import Draft
from ..rows.records import Payment, PaymentKey, PaymentScript, WaitingKeys
from ..rows.state import State, Update
from ..terminals.gate import Refusal, admit_terminal, adopt_next_keys

NOT_ANSWERED = frozenset({"pending", "barred"})
"""States of a payment whose terminal has no answer of an issuer."""


class NoticeAsked(Struct, frozen=True, kw_only=True):
    """A notice as it came."""

    notice: ScriptNotice
    verdict: MacVerdict
    fitting: WaitingKeys | None


def scripts_payment(notice: ScriptNotice) -> PaymentKey:
    """The payment whose answer brought the scripts."""
    return (notice.merchant_no, notice.terminal_no, notice.payment.batch_no, notice.payment.trace_no)


def decide_script_notice(state: State, asked: NoticeAsked, now: UnixMs) -> Decision:
    """Keep the notice and have the issuer told, or say why not."""
    notice = asked.notice
    terminal = admit_terminal(state, notice.merchant_no, notice.terminal_no)
    if isinstance(terminal, Refusal):
        return Decision(reply=PlainReply(terminal.response_code), reason=terminal.reason)
    if asked.verdict not in ("current", "next"):
        return Decision(reply=PlainReply("A0"), reason="wrong_mac")
    draft = Draft(state)
    _, adopted = adopt_next_keys(state, terminal, asked.fitting, now)
    draft.take(adopted)
    payment = state.get(Payment, *scripts_payment(notice))
    if payment is None or payment.state in NOT_ANSWERED or not _is_its_own(notice, payment):
        return _answered(draft, "25", "script_of_no_payment")
    if notice.amount_fen is not None and notice.amount_fen != payment.amount_fen:
        return _answered(draft, "64", "script_of_another_amount")
    told = PaymentScript(
        merchant_no=payment.merchant_no,
        terminal_no=payment.terminal_no,
        batch_no=payment.batch_no,
        trace_no=payment.trace_no,
        kind=payment.kind,
        rrn=payment.rrn,
        notice_batch_no=notice.batch_no,
        notice_trace_no=notice.trace_no,
        results=write_results(notice.results).hex().upper(),
        chip_data=notice.chip_data,
        taken_ms=now,
    )
    known = draft.get(PaymentScript, *scripts_payment(notice))
    if known is not None:
        return (
            _answered(draft, "00", "") if _said(known) == _said(told) else _answered(draft, "94", "script_told_already")
        )
    draft.insert(told)
    return replace(_answered(draft, "00", ""), effects=(TellIssuer(told),))


def decide_issuer_told(state: State, script: PaymentScript, response_code: str, now: UnixMs) -> Decision:
    """The issuer answered: it is told no more, and the chip's data have no more use here."""
    known = state.get(PaymentScript, script.merchant_no, script.terminal_no, script.batch_no, script.trace_no)
    if known is None or known.state != "due":
        return Decision()
    told = replace(known, state="told", bank_code=response_code, told_ms=now, chip_data=b"")
    return Decision(changes=(Update(told),), reason="" if response_code == "00" else "script_refused_by_issuer")


def _is_its_own(notice: ScriptNotice, payment: Payment) -> bool:
    row = CATALOGUE[payment.kind]
    return (notice.payment.rrn, notice.processing_code, notice.condition_code) == (
        payment.rrn,
        row.processing_code,
        row.condition_code,
    )


def _said(script: PaymentScript) -> tuple[str, str, str]:
    return script.notice_batch_no, script.notice_trace_no, script.results


def _answered(draft: Draft, code: str, reason: str) -> Decision:
    return Decision(changes=tuple(draft.changes), reply=PlainReply(code), reason=reason)
