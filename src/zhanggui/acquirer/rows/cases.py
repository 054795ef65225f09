"""Support cases (服务单): opened here and nowhere else, each of a kind that has words (`views/words.toml`).

Whoever opens one loads the shop's counter first (`need_case`).
"""

from ...basics.numbers import MerchantNo, TerminalNo, UnixMs
from .draft import Draft
from .numbering import CASE_COUNTER, next_case_no
from .records import CaseKind, Counter, SignIn, SupportCase
from .state import Needs


def need_case(merchant_no: MerchantNo, needs: Needs) -> None:
    """Ask for the number of a case that may be opened in this shop."""
    needs.add(Counter, (merchant_no, CASE_COUNTER))


def open_case(
    draft: Draft, kind: CaseKind, merchant_no: MerchantNo, terminal_no: TerminalNo, operator_no: str, now: UnixMs
) -> int:
    """A case that the host opens by itself. The answer is its number; `operator_no` is empty where nobody stood there."""
    return _open(draft, kind, merchant_no, terminal_no, operator_no, None, now)


def open_reported_case(draft: Draft, record: SignIn, what: str, now: UnixMs) -> int:
    """A case that an operator reports at the sign-in: one of the ReportedKinds, or another maker's own word."""
    return _open(draft, what, record.merchant_no, record.terminal_no, record.operator_no, record.record_no, now)


def _open(
    draft: Draft,
    what: str,
    merchant_no: MerchantNo,
    terminal_no: TerminalNo,
    operator_no: str,
    record_no: int | None,
    now: UnixMs,
) -> int:
    case_no, counted = next_case_no(draft, merchant_no)
    draft.take((counted,))
    draft.insert(
        SupportCase(
            merchant_no=merchant_no,
            case_no=case_no,
            terminal_no=terminal_no,
            operator_no=operator_no,
            record_no=record_no,
            what=what,
            opened_ms=now,
        )
    )
    return case_no
