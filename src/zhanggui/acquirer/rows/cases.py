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
    case_no, counted = next_case_no(draft, merchant_no)
    draft.take((counted,))
    draft.insert(
        SupportCase(
            merchant_no=merchant_no,
            case_no=case_no,
            terminal_no=terminal_no,
            operator_no=operator_no,
            what=kind,
            opened_ms=now,
        )
    )
    return case_no


def open_reported_case(draft: Draft, record: SignIn, what: str, now: UnixMs) -> int:
    """A case that an operator reports at the sign-in: one of the ReportedKinds, or another maker's own word."""
    case_no, counted = next_case_no(draft, record.merchant_no)
    draft.take((counted,))
    draft.insert(
        SupportCase(
            merchant_no=record.merchant_no,
            case_no=case_no,
            terminal_no=record.terminal_no,
            operator_no=record.operator_no,
            record_no=record.record_no,
            what=what,
            opened_ms=now,
        )
    )
    return case_no
