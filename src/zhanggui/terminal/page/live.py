"""The socket between one page and one terminal.

Only the newest screen matters: a page that reads slowly, or not at all, misses screens and never holds up the terminal.
"""

import asyncio
from collections.abc import Callable

import structlog
from litestar.connection import WebSocket
from litestar.exceptions import WebSocketDisconnect

from ...basics.errors import Misuse, RemoteProtocolError
from ...basics.secret import Secret
from ...edges.watched import short_task
from ..face import TerminalFace
from ..flow.screens.views import ScreenView
from ..keypad import keypad_lines
from .messages import (
    BadgeMessage,
    CardMessage,
    DeviceMessage,
    KeyMessage,
    LangMessage,
    PingMessage,
    PowerMessage,
    ScanMessage,
    SignMessage,
    TooLarge,
    read_page_message,
    write_cards,
    write_pong,
    write_screen,
)

CLOSE_POLICY = 1008
CLOSE_TOO_LARGE = 1009
CLOSE_SILENT = 1001
"""Close codes of RFC 6455, 7.4.1."""
SILENT_S_MAX = 150.0
"""Seconds after which a page that says nothing is taken for gone, so that it keeps nobody else's place. A page asks every 2.5 s; one in
the background is let by its browser once a minute."""

_log = structlog.get_logger("zhanggui.terminal.page")


TerminalMessage = (
    KeyMessage | LangMessage | CardMessage | BadgeMessage | ScanMessage | SignMessage | DeviceMessage | PowerMessage
)
"""What a page says to its terminal."""


class LatestScreen:
    """A mailbox for one screen: putting replaces what was not yet taken."""

    def __init__(self, screen: ScreenView) -> None:
        self._screen = screen
        self._fresh = asyncio.Event()
        self._fresh.set()

    def put(self, screen: ScreenView) -> None:
        """Replace the screen. Never waits."""
        self._screen = screen
        self._fresh.set()

    async def take(self) -> ScreenView:
        """Wait for a screen that was not taken yet."""
        await self._fresh.wait()
        self._fresh.clear()
        return self._screen


async def run_live(socket: WebSocket, terminal: TerminalFace, heard: Callable[[], None] = lambda: None) -> None:  # type: ignore[type-arg]
    """Serve one page until it goes, is closed for a bad message, or the server ends. The socket is accepted already.

    `heard` is told of each message of the page.
    """
    latest = LatestScreen(terminal.view())
    unwatch = terminal.watch(latest.put)
    ends = [short_task(_read(socket, terminal, heard)), short_task(_write(socket, terminal, latest))]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        unwatch()
        for end in ends:
            end.cancel()
        outcomes = await asyncio.gather(*ends, return_exceptions=True)
    for outcome in outcomes:
        # A page that went while something was being sent is no failure; anything else is.
        if isinstance(outcome, Exception) and not isinstance(outcome, OSError | WebSocketDisconnect):
            raise outcome


async def _write(socket: WebSocket, terminal: TerminalFace, latest: LatestScreen) -> None:  # type: ignore[type-arg]
    """Send the cards once, then each screen that is newest when the line is free. Ends when the page is gone."""
    await socket.send_data(write_cards(tuple(terminal.cards()), tuple(terminal.parts())).decode(), mode="text")
    while True:
        screen = await latest.take()
        display = () if terminal.profile.touch else keypad_lines(screen, terminal.profile)
        await socket.send_data(write_screen(screen, display).decode(), mode="text")


async def _read(socket: WebSocket, terminal: TerminalFace, heard: Callable[[], None]) -> None:  # type: ignore[type-arg]
    """Hand each message of the page to the terminal. Ends when the page is gone or was closed."""
    while True:
        try:
            async with asyncio.timeout(SILENT_S_MAX):
                text = await socket.receive_data(mode="text")
        except WebSocketDisconnect:
            return
        except TimeoutError:
            _log.info("page silent", terminal=terminal.number, silent_s=SILENT_S_MAX)
            await socket.close(CLOSE_SILENT, "nothing heard")
            return
        heard()
        try:
            message = read_page_message(text)
            if isinstance(message, PingMessage):
                await socket.send_data(write_pong().decode(), mode="text")
            else:
                _hand_on(message, terminal)
        except TooLarge as error:
            await _close(socket, terminal, CLOSE_TOO_LARGE, error)
            return
        except (RemoteProtocolError, Misuse) as error:
            await _close(socket, terminal, CLOSE_POLICY, error)
            return


def _hand_on(message: TerminalMessage, terminal: TerminalFace) -> None:
    match message:
        case KeyMessage():
            terminal.press(message.key, message.screen)
        case LangMessage():
            terminal.choose_lang(message.lang)
        case CardMessage():
            terminal.show_card(message.card, message.way)
        case BadgeMessage():
            terminal.show_badge(Secret(message.text))
        case ScanMessage():
            terminal.scan(Secret(message.text))
        case SignMessage():
            terminal.sign(message.strokes)
        case DeviceMessage():
            terminal.set_device(message.item, message.state)
        case PowerMessage():
            terminal.press_power()


async def _close(socket: WebSocket, terminal: TerminalFace, code: int, error: Exception) -> None:  # type: ignore[type-arg]
    _log.warning("page closed", terminal=terminal.number, code=code, reason=str(error))
    await socket.close(code, "message refused")
