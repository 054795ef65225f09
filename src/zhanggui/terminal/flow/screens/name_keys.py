"""How a user name is typed: letters from a keyboard, or several presses of a digit key where the machine has no letters.

    2 abc2 · 3 def3 · 4 ghi4 · 5 jkl5 · 6 mno6 · 7 pqrs7 · 8 tuv8 · 9 wxyz9 · 1 .-_1 · 0 0

The same key again, soon, turns the last character on; another key, or a pause, begins the next one. Classic terminals and telephones
type letters so (ITU-T E.161).
"""

import msgspec
from msgspec.structs import replace

from ....basics.numbers import UnixMs
from ....cup.values.user_name import USER_NAME_MAX

PRESSES = {
    "1": ".-_1",
    "2": "abc2",
    "3": "def3",
    "4": "ghi4",
    "5": "jkl5",
    "6": "mno6",
    "7": "pqrs7",
    "8": "tuv8",
    "9": "wxyz9",
    "0": "0",
}
TURN_WITHIN_MS = 1_200
"""Between two presses of one key that mean one character; slower is the next character."""
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
CHARACTERS = LETTERS | frozenset("0123456789._-")


class NameTyped(msgspec.Struct, frozen=True, kw_only=True):
    """A user name, or a line of text, that is being typed."""

    text: str = ""
    key: str = ""
    """The digit key whose character stands last, while the same key may still turn it on."""
    at: UnixMs = UnixMs(0)
    """When it was pressed."""


def with_key(typed: NameTyped, key: str, now: UnixMs, *, by_presses: bool, longest: int = USER_NAME_MAX) -> NameTyped:
    """The name after one more key; a key that types nothing changes nothing."""
    if key == "clear":
        return NameTyped(text=typed.text[:-1])
    if by_presses and key in PRESSES:
        return _pressed(typed, key, now, longest)
    if key not in CHARACTERS or len(typed.text) >= longest:
        return typed
    return NameTyped(text=typed.text + key)


def _pressed(typed: NameTyped, key: str, now: UnixMs, longest: int) -> NameTyped:
    those = PRESSES[key]
    if key == typed.key and 0 <= now - typed.at <= TURN_WITHIN_MS:
        turned = those[(those.index(typed.text[-1]) + 1) % len(those)]
        return replace(typed, text=typed.text[:-1] + turned, at=now)
    if len(typed.text) >= longest:
        return typed
    return NameTyped(text=typed.text + those[0], key=key, at=now)


BLANK = "_"
"""The key that types a blank, where a line of text is typed."""


def line_of(typed: NameTyped) -> str:
    """The line of text that was typed."""
    return typed.text.replace(BLANK, " ")
