"""What can be wrong with a decoded message.

RemoteProtocolError
└── MessageError      a field is missing or its content is not what the message needs; the host answers 30
    └── UnknownKind   it is about a kind of payment that is not in the catalogue; the host answers 40
"""

from ..basics.errors import RemoteProtocolError


class MessageError(RemoteProtocolError):
    """A field of a decoded message is missing or wrong. `expected` and `found` name kinds, never the value."""

    def __init__(self, field: int, expected: str, found: str) -> None:
        self.field, self.expected, self.found = field, expected, found
        super().__init__(f"field {field}: expected {expected}, found {found}")


class UnknownKind(MessageError):
    """Processing code, condition code and type name no kind of payment that this message could be about."""

    def __init__(self) -> None:
        super().__init__(3, "3, 25 and 60.1 of a kind of payment", "others")
