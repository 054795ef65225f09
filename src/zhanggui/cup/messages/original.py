"""The payment that another one is about, as the wire names it. Source: domain reference §2.2 and §4.2 [CJ]."""

import msgspec

from ...basics.numbers import BatchNo, Rrn, TraceNo
from ..transactions import NO_TRACE

ORIGINAL_DIGITS = 12
"""61.1 and 61.2."""
DATE_DIGITS = 4
NO_DATE = "0000"
"""61.3 where the day is not known, as 61.1 and 61.2 are zeros then."""


class Original(msgspec.Struct, frozen=True, kw_only=True):
    """The payment that this one is about, as the terminal names it: 61.1, 61.2, 61.3, 37 and 38."""

    batch_no: BatchNo
    trace_no: TraceNo
    date: str = ""
    """61.3, MMDD; empty when the kind does not ask for it."""
    rrn: Rrn | str = ""
    auth_code: str = ""
    pay_voucher: str = ""
    """付款凭证号, where it was paid by code: tag A4 of field 59."""

    @property
    def named(self) -> str:
        """Twelve digits that name it, for whoever approves what is done with it: batch and trace, else its reference, else the last of
        its payment voucher, else its code."""
        if self.trace_no != NO_TRACE:
            return self.batch_no + self.trace_no
        pay_voucher = self.pay_voucher[-ORIGINAL_DIGITS:].zfill(ORIGINAL_DIGITS) if self.pay_voucher else ""
        return self.rrn or pay_voucher or NO_TRACE + self.auth_code

    def field_61(self, *, dated: bool = True) -> str:
        """Batch, trace and, in a kind that has it, the date; a date that is not known is zeros."""
        return self.batch_no + self.trace_no + ((self.date or NO_DATE) if dated else "")
