"""Slips that a terminal printed (签购单): which, and when."""

import msgspec

from .listing import Column, View


class SlipRow(msgspec.Struct, frozen=True, kw_only=True):
    """One slip of a terminal's archive."""

    printed_at: str
    """The terminal's clock, `2026-11-23 08:55:03`."""
    slip: str
    """Trace number, copy, and `again` for a reprint: `000012-merchant-again`."""


SLIPS_PRINTED = View(
    "slips",
    SlipRow,
    (
        Column("printed_at", lambda row, lang: row.printed_at),
        Column("slip", lambda row, lang: row.slip),
    ),
)
