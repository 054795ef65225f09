"""What the page asks of the host."""

from typing import Protocol

from ..acquirer.rows.decision import PhoneReply, SlipSeen
from ..basics.secret import Secret
from ..cup.values.phone import PhoneCode
from ..cup.values.slip_link import SlipAddress


class PhoneDesk(Protocol):
    """The host, as a phone's page sees it. `phone` is the mark of the phone: what tells it from another one."""

    async def look(self, code: PhoneCode, phone: str) -> PhoneReply:
        """What the code is for. Raises Fault when the host could not."""
        ...

    async def answer(self, code: PhoneCode, phone: str, login: str, password: Secret) -> PhoneReply:
        """Whether this is the operator. Raises Fault when the host could not."""
        ...


class SlipDesk(Protocol):
    """The host, as the page of slips sees it."""

    async def slip(self, link: SlipAddress) -> SlipSeen | None:
        """What a link leads to; None where there is nothing, for whatever reason. Raises Fault when the host could not."""
        ...
