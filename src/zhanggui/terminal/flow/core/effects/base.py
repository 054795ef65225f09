"""What every effect is: one of the shell's own, an exchange with the host, or a record of the journal."""

from typing import ClassVar

import msgspec

from ..noted.memory import Record


class Effect(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Base of all effects."""


class Exchange(Effect, frozen=True, tag=True, kw_only=True):
    """Base of all exchanges with the host."""


class Remember(Effect, frozen=True, tag=True, kw_only=True):
    """Base of all that the journal keeps."""

    record: ClassVar[Record]
