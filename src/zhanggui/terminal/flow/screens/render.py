"""How a screen becomes words of one language."""

from typing import get_args

from ....basics.words import Lang
from ..core.events import ReaderWay
from ..words.catalogue import render
from ..words.text import Text, words
from .screens import Line, Screen, StatusLine
from .views import ChoiceView, CountdownView, EntryView, LineView, RowView, ScreenView, StatusView

WAYS: dict[str, ReaderWay] = {way: way for way in get_args(ReaderWay)}


def render_screen(screen: Screen, lang: Lang) -> ScreenView:
    """A screen in one language, in short words where the screen is narrow."""

    def say(text: Text | None) -> str:
        return "" if text is None else render(text, lang, screen.narrow)

    def lines(those: tuple[Line, ...]) -> tuple[LineView, ...]:
        return tuple(LineView(say(line.text), line.style, say(line.right)) for line in those)

    entry, countdown = screen.entry, screen.countdown
    return ScreenView(
        id=screen.id,
        lang=lang,
        title=say(screen.title),
        status=_status(screen.status, lang),
        tone=screen.tone,
        lines=lines(screen.lines),
        entry=EntryView(say(entry.label), entry.shown, entry.kind, entry.max_length) if entry else None,
        choices=tuple(ChoiceView(key.key, say(key.label), key.rank, key.shortcut) for key in screen.choices),
        rows=tuple(
            RowView(say(row.left), say(row.middle), say(row.right), row.tone, row.key, row.struck)
            for row in screen.rows
        ),
        rows_title=say(screen.rows_title),
        totals=lines(screen.totals),
        digits=screen.digits,
        pad=screen.pad,
        letters=screen.letters,
        badge=screen.badge,
        pay_code=screen.pay_code,
        scan=screen.scan,
        reader=tuple(WAYS[way] for way in screen.reader),
        signature=screen.signature,
        slips=screen.slips,
        code=screen.code,
        progress=tuple(say(text) for text in screen.progress),
        countdown=CountdownView(say(countdown.text), countdown.left_s) if countdown else None,
        page=screen.page,
    )


def _status(status: StatusLine, lang: Lang) -> StatusView:
    """The status line; a device that the model lacks has neither state nor word."""

    def word(item: str, state: str) -> str:
        return render(Text(f"status.{item}.{state}"), lang) if state else ""

    return StatusView(
        time=status.time,
        network=word("network", status.network),
        network_state=status.network,
        printer=word("printer", status.printer),
        printer_state=status.printer,
        power=word("power", status.power)
        if status.charge is None
        else render(words("status.battery", charge=str(status.charge)), lang),
        power_state=status.power,
        operator=status.operator,
        terminal_no=status.terminal_no,
        simulated=status.simulated,
        charge=status.charge,
        operator_key=status.operator_key,
    )
