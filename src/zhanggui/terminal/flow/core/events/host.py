"""What the host says, or does not, whatever it was asked."""

from typing import Literal

from .....basics.numbers import UnixMs
from .....cup.values.order import OrderSheet
from .....cup.values.undoing import Undoing
from ..kept import ScriptsSaid
from ..noted.elsewhere import Elsewhere
from .base import Event

Failure = Literal["unreachable", "not_sent", "no_answer", "bad_mac", "bad_answer", "bad_keys", "card_gone"]
"""unreachable and not_sent: nothing left the terminal; no_answer: the line broke or time ran out after sending;
bad_mac, bad_answer: what came back is not to be trusted; bad_keys: a working key is wrong; card_gone: approved, and the card pulled out."""


class HostFailed(Event, frozen=True, tag=True, kw_only=True):
    """No usable answer to the effect of this name (`SendSignOn` and so on)."""

    request: str
    failure: Failure


class Refused(Event, frozen=True, tag=True, kw_only=True):
    """The host answered the effect of this name with another code than 00."""

    request: str
    response_code: str
    """Field 39."""
    host_text: str = ""
    """What the host adds in words or figures (tries left, until when locked), already for people; may be empty."""
    tries_left: int | None = None
    locked_until: UnixMs | None = None
    wait_s: int = 0
    """Seconds until the next try is taken."""
    reason: str = ""
    """A reason word (`too_short`, `self_check:printer`, `envelope_over`)."""
    notice: str = ""
    """Figures for people: a code's drift in seconds."""
    role: str = ""
    """Who has the right, beside P7."""
    rules: str = ""
    """Beside P9 with `eyes`: the policy that asks for a look around."""
    elsewhere: Elsewhere | None = None
    """Beside P6: where the operator is signed in."""
    scripts: ScriptsSaid | None = None
    """What the issuer has its chip told beside the refusal of a payment."""


class Ordered(Event, frozen=True, tag=True, kw_only=True):
    """The host asks something of the terminal: in a heartbeat's answer, or by the header of any answer."""

    orders: tuple[str, ...]
    """Of `sign_in`, `lock`, `sign_out`; others are passed over."""
    notice: str = ""
    """Beside `sign_in`: the terminal to which the session was moved."""
    rules: str = ""
    """The host's policy for this terminal, where it has changed; empty when it has not."""
    undoing: Undoing | None = None
    """How the payment stands at the bank that the heartbeat asked after."""
    sheet: OrderSheet | None = None
    """An order with a number, which is answered once."""
    taken: tuple[int, ...] = ()
    """Orders whose answers the host has."""


class Rung(Event, frozen=True, tag=True, kw_only=True):
    """An order waits at the host: it rang on the line that is kept open, or said so in the header of an answer."""
