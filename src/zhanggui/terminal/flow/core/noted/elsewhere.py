"""Where an operator is signed in at another terminal, as the host tells it."""

from typing import Literal

import msgspec

from .....basics.numbers import Login, OperatorNo, RecordNo, UnixMs


class Elsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """Where an operator is signed in, and what can be done about it."""

    record_no: RecordNo
    operator_no: OperatorNo | None = None
    """Whose user name was typed; None where a number was."""
    login: Login | None = None
    """As it was typed, once the flow knows it."""
    terminal: str
    """Number and place."""
    since: UnixMs | None
    way: Literal["", "supervisor", "stale"]
    """How it may be taken over; empty: only by signing out there."""
    operator_name: str = ""
    merchant_name: str = ""
    place: str = ""
    needs_code: bool = False
    rules: str = ""
    degraded: tuple[str, ...] = ()
