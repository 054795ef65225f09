"""What the host says of a code for a phone."""

from ...core.events import Event


class PhoneCodeGiven(Event, frozen=True, tag=True, kw_only=True):
    """0830/409: a code for a phone, to be shown for so long."""

    name: str
    address: str
    life_s: int


class PhoneStands(Event, frozen=True, tag=True, kw_only=True):
    """0830/409: whether a phone has proven who it is."""

    name: str
    known: bool


class PhoneLeft(Event, frozen=True, tag=True, kw_only=True):
    """0830/409: the host knows that the code is shown no more."""
