"""What can be wrong with a decoded message.

RemoteProtocolError
└── MessageError      a field is missing or its content is not what the message needs; the host answers 30
"""

from ..basics.errors import RemoteProtocolError


class MessageError(RemoteProtocolError):
    """A field of a decoded message is missing or wrong. `expected` and `found` name kinds, never the value."""

    def __init__(self, field: int, expected: str, found: str) -> None:
        self.field, self.expected, self.found = field, expected, found
        super().__init__(f"field {field}: expected {expected}, found {found}")
