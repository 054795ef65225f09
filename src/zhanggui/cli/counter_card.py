"""`zhanggui terminals code…`: the code on the counter beside a terminal (台牌): put there, withdrawn, and drawn as a card to print.

The card says who is paid (shop, terminal) and how, in Chinese and English, and has one code that all wallets read. Its letters come
from a face of this machine, as slips are drawn (`terminal/paper`); without one there is no card: nobody pays a code without a name.
"""

import asyncio
import sys
from pathlib import Path

import segno

from ..acquirer.rows.records import CounterCode, Merchant
from ..acquirer.rows.state import Needs, State
from ..acquirer.wallets.counter_codes import text_of_code
from ..basics.errors import Misuse
from ..basics.numbers import TerminalNo
from ..basics.words import Word
from ..cup.brands import BRANDS
from ..host.act_table import PUT_COUNTER_CODE, WITHDRAW_COUNTER_CODE, NewCounterCode, OneTerminal
from ..programs.data_folder import store_target
from ..programs.settings import Settings
from ..store.open import open_store
from .console import Console
from .management_words import done_text
from .output import print_json
from .words import WORDS

MODULE_PX, QUIET_MODULES = 14, 4
"""A module on paper of 300 dots an inch is 1.2 mm: read from an arm's length away."""
MARGIN_PX, GAP_PX, TEXT_SCALE_MAX = 60, 24, 4
WHITE, BLACK = 255, 0


def put(settings: Settings, merchant: str, by: str, number: str, category: str, city: str, *, as_json: bool) -> None:
    """Let customers pay by the code on the counter of a terminal."""
    Console(settings, merchant, by).do(PUT_COUNTER_CODE, NewCounterCode(TerminalNo(number), category, city))
    _say(settings, "counter_code_put", number, "put", as_json=as_json)


def withdraw(settings: Settings, merchant: str, by: str, number: str, *, as_json: bool) -> None:
    """Let nobody pay by it any more."""
    Console(settings, merchant, by).do(WITHDRAW_COUNTER_CODE, OneTerminal(TerminalNo(number)))
    _say(settings, "counter_code_withdrawn", number, "withdrawn", as_json=as_json)


def card(settings: Settings, merchant: str, number: str, file: Path, *, as_json: bool) -> None:
    """Draw the card into a new file. Misuse where the terminal has no code, or no face draws the shop's name."""
    shop, code = _code(settings, merchant, number)
    text = text_of_code(shop, code, settings.host.acquirer_code)
    picture = card_png(shop.name, number, text)
    try:
        with file.open("xb") as written:
            written.write(picture)
    except OSError as error:
        raise Misuse(f"can't make {file}: {error.strerror}. Name a file that is not there yet.") from None
    if as_json:
        print_json({"terminal_no": number, "file": str(file), "text": text})
    else:
        sys.stdout.write(done_text("counter_card", settings.lang, number=number, file=str(file), text=text) + "\n")


def _code(settings: Settings, merchant: str, number: str) -> tuple[Merchant, CounterCode]:
    console = Console(settings, merchant)
    key = console.merchant_no, TerminalNo(number)

    async def read() -> State:
        store = open_store(store_target(settings, console.places))
        try:
            async with store.unit() as unit:
                return await unit.load(Needs({Merchant: [key[:1]], CounterCode: [key]}))
        finally:
            await store.close()

    state = asyncio.run(read())
    shop, code = state.get(Merchant, console.merchant_no), state.get(CounterCode, *key)
    if shop is None or code is None or code.state != "active":
        raise Misuse(
            f"terminal {number} has no code on its counter; 'zhanggui terminals code {number} --city CITY' puts one there"
        )
    return shop, code


def _say(settings: Settings, key: str, number: str, done: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"terminal_no": number, "done": done})
    else:
        sys.stdout.write(done_text(key, settings.lang, number=number) + "\n")


# ── the picture ──────────────────────────────────────────────────────────────


def card_png(shop: str, number: str, text: str) -> bytes:
    """The card as a grey picture. Misuse when no Chinese face is at hand."""
    from ..terminal.paper.picture import png

    modules = [bytes(row) for row in segno.make_qr(text, error="m").matrix]
    side = (len(modules) + 2 * QUIET_MODULES) * MODULE_PX
    wide = side + 2 * MARGIN_PX
    canvas = [bytearray([WHITE]) * wide]
    _write(canvas, shop, wide)
    _write(canvas, said("counter_card.how", "zh"), wide)
    _write(canvas, said("counter_card.how", "en"), wide, scale_max=2)
    _draw_code(canvas, modules, wide)
    _write(canvas, " · ".join(row.zh for row in BRANDS.values()), wide, scale_max=2)
    _write(canvas, " · ".join(row.en for row in BRANDS.values()), wide, scale_max=2)
    terminal = f"{said('counter_card.terminal', 'zh')} {said('counter_card.terminal', 'en')} {number}"
    _write(canvas, terminal, wide, scale_max=2)
    canvas += [bytearray([WHITE]) * wide for _ in range(MARGIN_PX)]
    return png(wide, len(canvas), b"".join(canvas))


def said(key: str, lang: str) -> str:
    """A word of the card."""
    word: Word = WORDS[key]
    return word.zh if lang == "zh" else word.en


def _write(canvas: list[bytearray], text: str, wide: int, *, scale_max: int = TEXT_SCALE_MAX) -> None:
    """A centred line below what is there, as large as fits; one that is too long for the smallest letters is broken."""
    from ..terminal.paper.escpos import DOTS_A_COLUMN
    from ..terminal.paper.picture import text_strip
    from ..terminal.paper.rows import paper_width

    room = wide - 2 * MARGIN_PX
    while text:
        part = text
        while paper_width(part) * DOTS_A_COLUMN > room:
            part = part[:-1]
        columns = paper_width(part)
        scale = max(1, min(scale_max, room // (columns * DOTS_A_COLUMN)))
        width, height, dots = text_strip(part, columns, scale)
        canvas += [bytearray([WHITE]) * wide for _ in range(GAP_PX)]
        left = (wide - width) // 2
        for y in range(height):
            line = bytearray([WHITE]) * wide
            line[left : left + width] = dots[y * width : (y + 1) * width]
            canvas.append(line)
        text = text[len(part) :]


def _draw_code(canvas: list[bytearray], modules: list[bytes], wide: int) -> None:
    quiet = [bytearray([WHITE]) * wide for _ in range(QUIET_MODULES * MODULE_PX)]
    canvas += [bytearray(line) for line in quiet]
    left = MARGIN_PX + QUIET_MODULES * MODULE_PX
    for row in modules:
        line = bytearray([WHITE]) * wide
        for x, dark in enumerate(row):
            if dark:
                line[left + x * MODULE_PX : left + (x + 1) * MODULE_PX] = bytes([BLACK]) * MODULE_PX
        canvas += [bytearray(line) for _ in range(MODULE_PX)]
    canvas += [bytearray(line) for line in quiet]
