"""Text that others wrote: what of it may stand in a field, in a name, on a console, a slip or a spreadsheet.

Three classes of characters, each wider than the one before:

    harmful     control characters, writing directions, lone surrogates, line separators: they steer what shows them
    invisible   harmful, and what takes no ink: fillers, joiners, blanks that are none (U+3164, U+2800, U+200B …)
    visible     the rest; the plain blank counts as visible, at the ends of a name it does not

"Printable" in Python's sense is neither: it lets U+3164 pass, and refuses the ideographic space.
Sources: Unicode 14, Default_Ignorable_Code_Point (DerivedCoreProperties.txt); Unicode TR 36, 2.5; ASVS 5.0, 1.2.10.
"""

import re
import unicodedata

HARMFUL = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064"
    "\u2066-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U00013438\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
)
"""General categories Cc, Cf, Cs, Zl, Zp: control, format (directions, zero width), surrogate, line and paragraph separator."""
INVISIBLE_RANGES = (
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0),
    (0xE0000, 0xE0FFF),
)
"""Fillers, joiners and selectors that are letters or marks by their category, and the Braille blank."""
_JSON_ESCAPE = re.compile(rb"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
IN_PLACE = "?"
"""What stands for a harmful character: every console, code page and printer has it."""


def is_harmless(text: str) -> bool:
    """Whether nothing in it steers a console, a printer or the direction of reading.

    >>> is_harmless("李 芳"), is_harmless("a\\x1b[2J"), is_harmless("a\\u202eb")
    (True, False, False)
    """
    return text.isprintable() or HARMFUL.search(text) is None


def is_visible(text: str) -> bool:
    """Whether it is some text that all can be seen, without blanks at its ends.

    >>> is_visible("阿卜杜热西提·买买提"), is_visible("\\u3164"), is_visible("a\\u200bb"), is_visible(" a"), is_visible("")
    (True, False, False, False, False)
    """
    return bool(text) and text == text.strip() and not any(_is_invisible(character) for character in text)


def has_control(data: bytes) -> bool:
    """Whether texts of this JSON hold what no keyboard types. A database may take no NUL, and would refuse all of the same batch with it.

    >>> has_control(b'"a\\\\nb, a tab\\\\t, C:\\\\\\\\batch"'), has_control(b'"\\\\u0000"'), has_control(b'"\\\\b"')
    (False, True, True)
    """
    return b"\x7f" in data or any(_is_escaped_control(escape[1]) for escape in _JSON_ESCAPE.finditer(data))


def _is_escaped_control(escape: bytes) -> bool:
    if len(escape) == 1:
        return escape in b"bf"
    character = int(escape[1:], 16)
    return character == 0x7F or (character < 0x20 and character not in b"\t\n\r")


def alike(text: str) -> str:
    """What texts have in common that nobody tells apart: capitals and small letters, full and half width.

    >>> alike("Cables") == alike("ＣＡＢＬＥＳ"), alike("线缆") == alike("电缆")
    (True, False)
    """
    return unicodedata.normalize("NFKC", text).casefold()


def harmless(text: str) -> str:
    """The text as it may be shown: a blank for a line's end or a tab, `?` for everything else that harms.

    >>> harmless("ok\\x1b]0;title\\x07"), harmless("a\\tb\\nc"), harmless("王芳")
    ('ok?]0;title?', 'a b c', '王芳')
    """
    if text.isprintable():
        return text
    return HARMFUL.sub(lambda found: " " if found[0] in "\t\n\r" else IN_PLACE, text)


def harmless_lines(text: str) -> str:
    """The same for a text of several lines: its line ends stay."""
    return text if text.isprintable() else "\n".join(harmless(line) for line in text.split("\n"))


def harmless_json(text: str) -> str:
    """JSON that means the same, with harmful characters as JSON writes what it can't show; line ends stay.

    >>> harmless_json('{"a": "b\u202ec"}')
    '{"a": "b\\\\u202ec"}'
    """
    return HARMFUL.sub(lambda found: found[0] if found[0] == "\n" else _escaped(found[0]), text)


def _escaped(character: str) -> str:
    pairs = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{pairs[place : place + 4]}" for place in range(0, len(pairs), 4))


def _is_invisible(character: str) -> bool:
    if character.isascii():
        return not character.isprintable()
    code = ord(character)
    # Blanks of other widths are blanks that nobody can tell from the plain one; U+3000 is how Chinese text spaces.
    return (
        HARMFUL.match(character) is not None
        or (unicodedata.category(character) == "Zs" and code != 0x3000)
        or any(first <= code <= last for first, last in INVISIBLE_RANGES)
    )
