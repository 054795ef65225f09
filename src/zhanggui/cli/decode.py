"""`zhanggui decode`: a message, part by part."""

import sys

from rich.console import Console
from rich.table import Table

from ..basics.errors import Misuse
from ..basics.visible import harmless
from ..basics.words import Lang
from ..cup.dialect import Dialect, dialect_named
from ..cup.envelope import TPDU_ID
from ..cup.explain import Explained, explain
from .output import print_json

LENGTH_BYTES = 2
TPDU_START = bytes((TPDU_ID,))
STANDARD_INPUT = "-"
TEXT_MAX = 65_536
"""Characters read from standard input: several times the longest message in hexadecimal with spaces."""


def decode(text: str | None, dialect_name: str, lang: Lang, *, as_json: bool) -> None:
    """Explain a message given in hexadecimal, with or without its two length bytes."""
    dialect = dialect_named(dialect_name)
    payload, wrong_length = _payload(text, dialect)
    explained = explain(payload, dialect, lang)
    if as_json:
        print_json(explained)
    else:
        _print(explained, lang)
    faults = [fault for fault in (wrong_length, explained.fault) if fault]
    if faults:
        raise Misuse("; ".join(faults))


def _payload(text: str | None, dialect: Dialect) -> tuple[bytes, str]:
    """The payload without its two length bytes, and what is wrong with these; a length that is wrong hides no message.

    Without a TPDU nothing shows where a message begins: 0200 may be its type as well as a length.
    """
    cleaned = "".join(_given(text).split())
    try:
        payload = bytes.fromhex(cleaned.removeprefix("0x"))
    except ValueError:
        raise Misuse("a message is given in hexadecimal digits, an even number of them") from None
    said, rest = int.from_bytes(payload[:LENGTH_BYTES], "big"), payload[LENGTH_BYTES:]
    if rest and said == len(rest):
        return rest, ""
    if dialect.tpdu_bytes and payload[0:1] != TPDU_START and rest[0:1] == TPDU_START:
        return rest, f"bytes 0-1: the length says {said}, there are {len(rest)} bytes"
    return payload, ""


def _given(text: str | None) -> str:
    """The text of the message; `-`, or nothing at all where something is piped in, is standard input."""
    is_piped = sys.stdin is not None and not sys.stdin.isatty()
    if text == STANDARD_INPUT or (text is None and is_piped):
        return sys.stdin.read(TEXT_MAX)
    if text is None:
        raise Misuse("give a message in hexadecimal digits, or pipe one in: echo HEX | zhanggui decode -")
    if text.startswith("-"):
        raise Misuse(f"there is no option {text}; 'zhanggui decode --help' shows them")
    return text


def _print(explained: Explained, lang: Lang) -> None:
    names = {
        "zh": ("域", "字节", "长度", "名称", "内容", "含义"),
        "en": ("field", "byte", "length", "name", "value", "meaning"),
    }[lang]
    table = Table(title=f"{explained.title}  [{explained.dialect}]", title_justify="left", box=None, pad_edge=False)
    for name, justify in zip(names, ("right", "right", "right", "left", "left", "left"), strict=True):
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]  # right or left
    for part in explained.parts:
        number = "" if part.number is None else str(part.number)
        table.add_row(number, str(part.offset), str(part.length), part.name, *map(harmless, (part.value, part.meaning)))
    # No markup: brackets in what others sent are text.
    Console(markup=False, highlight=False, emoji=False).print(table)
