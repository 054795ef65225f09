"""Whether a message about a batch (0500, 0320) is believed, and how much it is told.

                     a right MAC    no MAC, on a line where      no MAC, on another    a wrong MAC
                                    it made a payment            line
ours                 proven         A0                           A0                    A0
another maker's, by the rule `batch_proof`
    mac              proven         A0                           A0                    A0
    line             proven         proven                       A0                    A0
    none             proven         proven                       taken                 A0

The trade asks for no MAC on these messages (domain reference §5.2), so terminals made by others may leave it out. What nothing proves
may come from anybody: where a shop takes it all the same, it is told no totals of the host's, and a batch without payments stays as it is.
"""

from typing import Literal

from ..policy.rules import Policy
from ..rows.records import Terminal

Proof = Literal["mac", "line", "nothing", "bad_mac"]
"""What came with a message: a MAC that is right; none, on a line where its terminal made a payment; none; one that is wrong."""
Trust = Literal["proven", "taken", "refused"]


def trust_in(terminal: Terminal, policy: Policy, proof: Proof) -> Trust:
    """How far a message about a batch of this terminal is believed."""
    if proof == "mac":
        return "proven"
    if proof == "bad_mac" or terminal.operator_check == "host" or policy.batch_proof == "mac":
        return "refused"
    if proof == "line":
        return "proven"
    return "taken" if policy.batch_proof == "none" else "refused"
