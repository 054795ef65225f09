"""A cashier at the touch page: looks at the screen over the page's own socket and does the next natural thing.

Only what a person can do: press keys of the screen that stands there, hold a card to the reader, sign.
"""

import asyncio
from collections.abc import Callable
from types import TracebackType

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidMessage
from websockets.typing import Origin

from zhanggui.terminal.flow.screens.views import ScreenView
from zhanggui.terminal.page.messages import CardMessage, CardsMessage, KeyMessage, ScreenMessage, SignMessage

OPERATOR, PASSWORD, PIN = "01", "0000", "123456"
UNDONE_CODES = ("T103", "T104")
"""On the screens that say that a payment was undone, and that its undoing takes long."""
STEP_WITHIN_S = 40.0
"""No screen that waits for the host or a device stands longer, even on a busy machine."""

_decoder: msgspec.json.Decoder[ScreenMessage | CardsMessage] = msgspec.json.Decoder(ScreenMessage | CardsMessage)


class PowerCut(Exception):
    """The terminal is gone."""


class Cashier:
    """One person at one terminal. `seen` holds the ids of the screens in their order.

    `host_up` is set while the host can be reached: with the line down nobody presses "again" without end.
    """

    def __init__(self, page_port: int, number: str, host_up: asyncio.Event) -> None:
        self.seen: list[str] = []
        self.outcome = ""
        self._origin = f"http://127.0.0.1:{page_port}"
        self._address = f"ws://127.0.0.1:{page_port}/t/{number}/live"
        self._host_up = host_up
        self._amount = ""
        self._card = ""
        self._screen: ScreenView | None = None
        self._socket: ClientConnection | None = None
        self.at_screen: dict[str, Callable[[], None]] = {}
        """What a test looks at when a screen comes, before anything is pressed there."""

    async def __aenter__(self) -> "Cashier":
        try:
            self._socket = await connect(self._address, origin=Origin(self._origin))
        except (OSError, InvalidMessage):
            # Gone before the page was open.
            raise PowerCut from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._socket is not None
        await self._socket.close()

    async def sign_in(self) -> None:
        """From whatever stands on the screen to standby, owed slips and questions included. PowerCut when it dies."""
        await self._work()

    async def sell(self, amount_fen: int, card: str = "main") -> str:
        """One sale, from standby to standby: approved, refused or undone. PowerCut when the terminal dies."""
        self._amount, self._card, self.outcome = str(amount_fen), card, ""
        await self._work()
        return self.outcome

    async def _work(self) -> None:
        last: ScreenView | None = None
        if self._amount and self._screen is not None and self._screen.id == "standby":
            await self._act(self._screen)
        while True:
            screen = await self._next()
            if self._goes_on(last, screen):
                self.seen.append(screen.id)
                if screen.id in self.at_screen:
                    self.at_screen[screen.id]()
                if screen.id == "standby" and not self._amount:
                    return
                await self._act(screen)
            last = screen

    @staticmethod
    def _goes_on(last: ScreenView | None, screen: ScreenView) -> bool:
        """Whether this is another screen than before, or standby with something new to say."""
        return last is None or last.id != screen.id or (screen.id == "standby" and last.lines != screen.lines)

    async def _next(self) -> ScreenView:
        assert self._socket is not None
        try:
            async with asyncio.timeout(STEP_WITHIN_S):
                while True:
                    message = _decoder.decode(await self._socket.recv())
                    if isinstance(message, ScreenMessage):
                        self._screen = message.screen
                        return message.screen
        except ConnectionClosed:
            raise PowerCut from None
        except TimeoutError:
            raise AssertionError(f"the terminal stopped at screen '{self.seen[-1:]}'") from None

    async def _act(self, screen: ScreenView) -> None:
        match screen.id:
            case "self_check_result" | "confirm" | "signed_in":
                await self._press(screen, "enter")
            case "tear_off":
                self.outcome = "approved"
                await self._press(screen, "enter")
            case "sign_in_number":
                await self._press(screen, *OPERATOR)
            case "sign_in_password":
                await self._press(screen, *PASSWORD, "enter")
            case "standby":
                await self._press(screen, "sale")
            case "amount":
                await self._press(screen, *self._amount, "enter")
                self._amount = ""
            case "card":
                await self._send(CardMessage(self._card, "insert"))
            case "pin":
                await self._press(screen, *PIN, "enter")
            case "sign_here":
                self.outcome = "approved"
                await self._send(SignMessage([[(60, 110), (120, 40), (170, 120)]]))
            case "sale_refused":
                self.outcome = "refused"
                await self._press(screen, "enter")
            case "reversing":
                self.outcome = "undone"
            case "trouble" | "reversal_stuck":
                if screen.code in UNDONE_CODES:
                    self.outcome = "undone"
                await self._host_up.wait()
                keys = {choice.key for choice in screen.choices}
                await self._press(screen, "retry" if "retry" in keys else "enter")

    async def _press(self, screen: ScreenView, *keys: str) -> None:
        for key in keys:
            await self._send(KeyMessage(key, screen.id))

    async def _send(self, message: KeyMessage | CardMessage | SignMessage) -> None:
        assert self._socket is not None
        try:
            await self._socket.send(msgspec.json.encode(message).decode())
        except ConnectionClosed:
            raise PowerCut from None
