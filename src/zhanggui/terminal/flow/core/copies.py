"""Merchant copies of today that there should be, and what the host said of them (`slips/ticking`)."""

from ....cup.transactions import PAYMENTS
from .events import DayLine
from .state import State

STANDS = ("approved", "undone", "completed")
"""Lines of today with a copy: what was taken back later was signed all the same."""


def key_of(line: DayLine) -> str:
    """Batch and voucher number of a line, as twelve digits."""
    return f"{line.batch_no}{line.trace_no}"


def copies(state: State) -> tuple[DayLine, ...]:
    """Lines of today whose merchant copy there should be, the newest first; the host knows better of one that it marked as none."""
    marks = dict(state.ticks)
    return tuple(
        line
        for line in state.today
        if line.state in STANDS
        and line.batch_no
        and (kind := PAYMENTS.get(line.kind)) is not None
        and kind.has_amount
        and marks.get(key_of(line)) != "-"
    )


def missing(state: State) -> tuple[DayLine, ...]:
    """Copies that nobody has ticked off, as far as the host said so."""
    marks = dict(state.ticks)
    return tuple(line for line in copies(state) if marks.get(key_of(line)) == "0")


def unknown(state: State) -> tuple[str, ...]:
    """Copies of which the host has not said whether they are in hand."""
    marks = dict(state.ticks)
    return tuple(key for line in copies(state) if (key := key_of(line)) not in marks)


def n_of_m(state: State) -> tuple[int, int] | None:
    """How many copies are in hand, and how many there should be; None until the host was asked after all of them."""
    all_of_them = copies(state)
    return None if unknown(state) else (len(all_of_them) - len(missing(state)), len(all_of_them))
