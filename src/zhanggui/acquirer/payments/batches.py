"""Whether the batch of a payment may still change. A closed one never does (what it said at its close was agreed, printed and paid out)."""

from ..rows.records import Payment, Terminal


def is_batch_closed(terminal: Terminal, payment: Payment) -> bool:
    """Whether the batch is over: its terminal is in another one. Settlement asks and says it here, and nowhere else."""
    return payment.batch_no != terminal.batch_no
