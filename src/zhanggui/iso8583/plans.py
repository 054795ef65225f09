"""Message plans: one straight function per set of fields, generated from the field table.

Theory. A message with a known bitmap is a sequence of runs. Between two variable fields every offset is a constant, so
reading is slicing: digits out of one hex text of the whole message, characters out of one latin-1 text. What has to be
checked is gathered: a length prefix is looked up in a table that holds allowed lengths only, all digits of the message
are tested for letters at once, and if the offset after the last field is the end of the data, no slice was short.
Writing mirrors this: neighbours of one alphabet are joined first and converted once.

A plan never says what is wrong. It returns None, and the table-driven reader or writer decides; it may accept what the
plan did not (a pad nibble F, a short text that is filled with blanks). So a plan must only be right when it answers.

The source holds numbers of the field table and names made of them, nothing that came from a message but its bitmap.
"""

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

from zhanggui.iso8583.fields import PREFIX_BYTES, Align, Field, Kind, Prefix, Spec
from zhanggui.iso8583.layout import HEAD_BYTES, numbers_of
from zhanggui.iso8583.message import Message
from zhanggui.iso8583.writing import ENCIPHERED_CHARACTERS, bitmap_of

DecodePlan = Callable[[bytes], Message | None]
"""Whole message in, Message out, or None when the table has to decide."""
EncodePlan = Callable[[str, dict[int, str | bytes]], bytes | None]
"""MTI and fields in, bytes out, or None when the table has to decide."""


def make_decode_plan(spec: Spec, head: bytes) -> DecodePlan:
    """Generate the reader for messages that begin with these ten bytes: MTI and bitmap, known to be good."""
    source = _DecodeSource(head)
    for number in numbers_of(head[2:HEAD_BYTES]):
        source.add(spec.table[number])
    plan: DecodePlan = _build("decode", source.text(), source.names)
    return plan


def make_encode_plan(spec: Spec, numbers: tuple[int, ...]) -> EncodePlan:
    """Generate the writer for messages whose fields were set in this order; it serves every MTI."""
    source = _EncodeSource(numbers, bitmap_of(spec, numbers).hex())
    for number in sorted(numbers):
        source.add(spec.table[number])
    plan: EncodePlan = _build("encode", source.text(), source.names)
    return plan


def _build(name: str, text: str, names: dict[str, object]) -> Any:
    scope = dict(names)
    # The text is made in this file out of numbers of the field table; nothing that was received gets into it.
    exec(compile(text, f"<iso8583 {name} plan>", "exec"), scope)  # noqa: S102
    return scope[name]


class _DecodeSource:
    """Writes the reader's source. Positions are bytes after an anchor: the start, or the end of a variable field.

    Names in the source: `h` hex text, `t` latin-1 text, and for field 35 for example `n35` its length, `s35` where its
    content starts, `v35` its value, `q35` and `p35` where it ends in hex digits and in bytes.
    """

    def __init__(self, head: bytes) -> None:
        self.names: dict[str, object] = {"Message": Message}
        self._mti = head[:2].hex()
        self._lines: list[str] = []
        self._values: list[str] = []
        self._anchor = ""
        self._at = HEAD_BYTES
        self._digit_checks: list[str] = []
        self._run_start: str | None = None
        self._ascii_checks: list[str] = []
        self._ascii_start: str | None = None

    def add(self, field: Field) -> None:
        if field.kind is not Kind.NUMERIC:
            self._close_digits()
        if field.kind is not Kind.TEXT or field.prefix is not Prefix.FIXED or field.encoding != "ascii":
            self._close_ascii()
        if field.prefix is Prefix.FIXED:
            self._add_fixed(field)
        else:
            self._add_variable(field)

    def text(self) -> str:
        self._close_digits()
        self._close_ascii()
        lines = list(self._lines)
        end = self._byte(0)
        lines.append(f"if {end} != len(data): return None")
        if self._digit_checks:
            joined = "".join(f"{{{check}}}" for check in self._digit_checks)
            lines.append(f'if f"{joined}".encode().islower(): return None')
        if self._ascii_checks:
            lines.append(f"if not ({' and '.join(f'{check}.isascii()' for check in self._ascii_checks)}): return None")
        lines.append(f"return Message({self._mti!r}, {{{', '.join(self._values)}}})")
        lines = _without_unused_ends(lines)
        body = "\n        ".join(lines)
        head = "    h = data.hex()\n" if "h[" in body else ""
        head += '    t = data.decode("latin-1")\n' if "t[" in body else ""
        return (
            f"def decode(data):\n{head}"
            "    try:\n"
            f"        {body}\n"
            "    except (LookupError, ValueError):\n"
            "        return None\n"
        )

    def _byte(self, ahead: int) -> str:
        if not self._anchor:
            return str(self._at + ahead)
        return _plus(f"p{self._anchor}", self._at + ahead)

    def _hex(self, ahead: int, nibbles: int = 0) -> str:
        offset = (self._at + ahead) * 2 + nibbles
        return _plus(f"q{self._anchor}", offset) if self._anchor else str(offset)

    def _add_fixed(self, field: Field) -> None:
        size = field.wire_bytes
        if field.is_bcd:
            skip = size * 2 - field.length if field.align is Align.RIGHT else 0
            value = f"h[{self._hex(0, skip)}:{self._hex(0, skip + field.length)}]"
            if field.kind is Kind.TRACK:
                self._add_track(field, value)
                value = f"v{field.number}"
            elif self._run_start is None:
                self._run_start = self._hex(0)
        elif field.kind is Kind.BINARY:
            value = f"data[{self._byte(0)}:{self._byte(size)}]"
        elif field.encoding == "ascii":
            value = f"t[{self._byte(0)}:{self._byte(size)}]"
            if self._ascii_start is None:
                self._ascii_start = self._byte(0)
        else:
            value = self._add_wide_text(field.number, self._byte(0), self._byte(size))
        self._values.append(f"{field.number}: {value}")
        self._at += size

    def _add_variable(self, field: Field) -> None:
        number = field.number
        size = PREFIX_BYTES[field.prefix]
        lengths = f"L{number}"
        if field.is_bcd:
            self.names[lengths] = _lengths_by_hex(field)
            if field.kind is Kind.NUMERIC and self._run_start is None:
                self._run_start = self._hex(size)
            self._lines += [
                f"n{number} = {lengths}[h[{self._hex(0)}:{self._hex(size)}]]",
                f"s{number} = {self._hex(size)}",
                f"v{number} = h[s{number}:s{number} + n{number}]",
                f"q{number} = s{number} + n{number} + (n{number} & 1)",
                f"p{number} = q{number} >> 1",
            ]
            if field.kind is Kind.TRACK:
                self._add_track(field, f"v{number}")
        else:
            self.names[lengths] = _lengths_by_bytes(field)
            self._lines += [
                f"n{number} = {lengths}[data[{self._byte(0)}:{self._byte(size)}]]",
                f"s{number} = {self._byte(size)}",
                f"p{number} = s{number} + n{number}",
                f"q{number} = p{number} + p{number}",
            ]
            if field.kind is Kind.BINARY:
                self._lines.append(f"v{number} = data[s{number}:p{number}]")
            elif field.encoding == "ascii":
                self._lines.append(f"v{number} = t[s{number}:p{number}]")
                self._ascii_checks.append(f"v{number}")
            else:
                self._add_wide_text(number, f"s{number}", f"p{number}")
        self._values.append(f"{number}: v{number}")
        self._anchor = str(number)
        self._at = 0

    def _add_track(self, field: Field, nibbles: str) -> None:
        value = f"v{field.number}"
        if field.may_be_enciphered:
            self._lines.append(f"{value} = {nibbles}.upper().replace('D', '=')")
        else:
            self._lines.append(f"{value} = {nibbles}.replace('d', '=')")
            self._digit_checks.append(value)

    def _add_wide_text(self, number: int, start: str, end: str) -> str:
        self._lines += [
            f"v{number} = t[{start}:{end}]",
            f"if not v{number}.isascii(): v{number} = data[{start}:{end}].decode('gb18030')",
        ]
        return f"v{number}"

    def _close_digits(self) -> None:
        if self._run_start is not None:
            self._digit_checks.append(f"h[{self._run_start}:{self._hex(0)}]")
            self._run_start = None

    def _close_ascii(self) -> None:
        if self._ascii_start is not None:
            self._ascii_checks.append(f"t[{self._ascii_start}:{self._byte(0)}]")
            self._ascii_start = None


class _EncodeSource:
    """Writes the writer's source. Names: `v35` the value of field 35, `n35` its length in the field's unit."""

    def __init__(self, numbers: tuple[int, ...], bitmap_hex: str) -> None:
        self.names: dict[str, object] = {"Z": ("", "0")}
        self._order = numbers
        self._lines: list[str] = []
        self._checks = ["len(mti) != 4"]
        self._digits = "{mti}"
        self._parts: list[str] = []
        self._hex = "{mti}" + bitmap_hex
        self._text: list[str] = []

    def add(self, field: Field) -> None:
        number = field.number
        value = f"v{number}"
        if field.encoding != "ascii":
            self._lines.append(f"{value} = {value}.encode('ascii' if {value}.isascii() else 'gb18030')")
        if field.prefix is Prefix.FIXED:
            self._checks.append(f"len({value}) != {field.length}")
        else:
            self.names[f"P{number}"] = _prefixes(field)
            self._lines.append(f"n{number} = len({value})")
            self._close_text()
            self._hex += f"{{P{number}[n{number}]}}"
        if field.is_bcd:
            self._add_nibbles(field, value)
        elif field.kind is Kind.TEXT and field.encoding == "ascii":
            self._close_hex()
            self._text.append(value)
        else:
            self._close_hex()
            self._close_text()
            self._parts.append(value)

    def text(self) -> str:
        self._close_hex()
        self._close_text()
        names = "".join(f"v{number}, " for number in self._order)
        lines = [f"{names}= fields.values()"] if names else []
        lines += self._lines
        lines.append(f"if {' or '.join(self._checks)}: return None")
        lines.append(f'if not f"{self._digits}".encode().isdigit(): return None')
        only = len(self._parts) == 1
        lines.append(f"return {self._parts[0]}" if only else f"return b''.join(({', '.join(self._parts)}))")
        body = "\n        ".join(lines)
        return (
            "def encode(mti, fields):\n"
            "    try:\n"
            f"        {body}\n"
            "    except (LookupError, TypeError, ValueError, AttributeError):\n"
            "        return None\n"
        )

    def _add_nibbles(self, field: Field, value: str) -> None:
        self._close_text()
        nibbles = value
        if field.kind is Kind.TRACK:
            self._lines.append(f"w{field.number} = {value}.replace('=', 'd')")
            if field.may_be_enciphered:
                # Stripping takes allowed characters off both ends, so it leaves nothing unless a stranger stands there.
                self._checks.append(f"{value}.strip('{''.join(sorted(ENCIPHERED_CHARACTERS))}')")
            else:
                # Only a separator may stand beside the digits, so the digits are tested without it.
                self._digits += f"{{{value}.replace('=', '')}}"
            nibbles = f"w{field.number}"
        else:
            self._digits += f"{{{value}}}"
        if field.prefix is not Prefix.FIXED:
            self._hex += f"{{{nibbles}}}{{Z[n{field.number} & 1]}}"
        elif field.length % 2 == 0:
            self._hex += f"{{{nibbles}}}"
        elif field.align is Align.RIGHT:
            self._hex += f"0{{{nibbles}}}"
        else:
            self._hex += f"{{{nibbles}}}0"

    def _close_hex(self) -> None:
        if self._hex:
            self._parts.append(f'fromhex(f"{self._hex}")')
            self.names["fromhex"] = bytes.fromhex
            self._hex = ""

    def _close_text(self) -> None:
        # Added, not formatted: adding bytes to text fails, formatting them would write their representation.
        if self._text:
            self._parts.append(f"({' + '.join(self._text)}).encode('ascii')")
            self._text = []


def _without_unused_ends(lines: list[str]) -> list[str]:
    """Drop the ends of variable fields that nothing after them is counted from."""
    words = Counter(re.findall(r"\w+", "\n".join(lines)))
    return [line for line in lines if line[0] not in "pq" or words[line.split(" ", 1)[0]] > 1]


def _plus(name: str, offset: int) -> str:
    return f"{name} + {offset}" if offset else name


@cache
def _lengths(prefix: Prefix, most: int, nibbles: bool) -> tuple[dict[str, int], dict[bytes, int], tuple[str, ...]]:
    """Allowed lengths by the prefix's hex text and by its bytes, and the prefix's hex text by length."""
    digits = 2 * PREFIX_BYTES[prefix]
    step = 2 if nibbles else 1
    prefixes = tuple(f"{told:0{digits}d}" for told in range(0, most + 1, step))
    by_hex = {text: length for length, text in enumerate(prefixes)}
    return by_hex, {bytes.fromhex(text): length for text, length in by_hex.items()}, prefixes


def _lengths_by_hex(field: Field) -> dict[str, int]:
    return _lengths(field.prefix, field.prefix_max, field.prefix_counts_nibbles)[0]


def _lengths_by_bytes(field: Field) -> dict[bytes, int]:
    return _lengths(field.prefix, field.prefix_max, field.prefix_counts_nibbles)[1]


def _prefixes(field: Field) -> tuple[str, ...]:
    return _lengths(field.prefix, field.prefix_max, field.prefix_counts_nibbles)[2]
