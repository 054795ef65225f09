"""The four families of what can go wrong. They are never mixed.

    refusal                 a business outcome; a value with a response code, never an exception
    ZhangguiError
    ├── ProtocolError       bytes or messages that break the protocol
    │   ├── LocalProtocolError    ours: we tried to send something wrong
    │   └── RemoteProtocolError   theirs: what came in is wrong
    ├── Fault               the world failed (disk, line, device); policy decides about another try
    ├── Defect              an invariant broke; this unit stops and starts clean
    └── Misuse              a person asked for something that can't be done; the text says what to do next

An error says where, what was expected against what kind was found, and what to do next. It never carries the value:
no card number, PIN, key or raw message stands in an exception.
"""

from typing import TypeVar

T = TypeVar("T")


class ZhangguiError(Exception):
    """Root of everything that this distribution raises on purpose."""


class ProtocolError(ZhangguiError):
    """Bytes or messages break the protocol."""


class LocalProtocolError(ProtocolError):
    """We tried to send something that the protocol does not allow."""


class RemoteProtocolError(ProtocolError):
    """The other side sent something that the protocol does not allow."""


class Fault(ZhangguiError):
    """The world failed: a disk, a line, a device."""


class Defect(ZhangguiError):
    """An invariant broke. Never caught to go on."""


class Misuse(ZhangguiError):
    """What a person asked for can't be done; the text says what to do next."""


def certain(value: T | None, because: str) -> T:
    """What must be there, because of what was checked before. Defect when it is not: unlike `assert` also under `python -O`.

    >>> certain(7, "a week has days")
    7
    """
    if value is None:
        raise Defect(f"something is missing that must be there: {because}")
    return value
