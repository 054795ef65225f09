"""What every event has."""

import msgspec

from .....basics.numbers import UnixMs


class Event(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Base of all events; `now` is the terminal's own clock when it happened."""

    now: UnixMs
