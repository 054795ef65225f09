"""The ring (0820, 60.3 = 410): unasked, on a line that its terminal keeps open, the host says that an order waits. Ours.

It says nothing else: what waits is fetched by a heartbeat (362) like any other time. So a ring that is lost, doubled, held back or sent
again by somebody costs a heartbeat and nothing more. It carries a MAC, so that strangers cannot have that either.
"""

from ...basics.numbers import BatchNo, MerchantNo, TerminalNo, TraceNo
from ...iso8583.message import Message
from ..field60 import management
from ..transactions import CATALOGUE, identify

RING = CATALOGUE["ring"]
NO_BATCH = BatchNo("000000")


def ring_message(merchant_no: MerchantNo, terminal_no: TerminalNo, number: TraceNo) -> Message:
    """Build the ring without its MAC. `number` is the host's own count; nobody compares it."""
    return Message(
        RING.mti, {11: number, 41: terminal_no, 42: merchant_no, 60: management(NO_BATCH, RING.network_code)}
    )


def is_ring(message: Message, merchant_no: MerchantNo, terminal_no: TerminalNo) -> bool:
    """Whether a message is a ring for this terminal; its MAC is looked at besides."""
    if message.mti != RING.mti or identify(message) is not RING:
        return False
    return (message.fields.get(42), message.fields.get(41)) == (merchant_no, terminal_no)
