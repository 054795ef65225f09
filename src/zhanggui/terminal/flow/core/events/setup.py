"""What is set at this machine."""

from ..noted.settings import SetupFacts
from .base import Event


class SetupSeen(Event, frozen=True, tag=True, kw_only=True):
    """What is set at this machine now, after it was read or changed."""

    facts: SetupFacts
