"""How many pages a terminal has open: one more takes the place of the one that was quiet longest, so that nobody shuts the shop out."""

from collections import OrderedDict
from typing import Any

from litestar.connection import WebSocket

PAGES_PER_TERMINAL_MAX = 16
"""Pages that may be open on one terminal at a time."""

Socket = WebSocket[Any, Any, Any]


class OpenPages:
    """The sockets of each terminal's pages, the one that was quiet longest first."""

    def __init__(self) -> None:
        self._of: dict[str, OrderedDict[Socket, None]] = {}

    def enter(self, number: str, socket: Socket) -> Socket | None:
        """Note a page; the answer is one that has to go for it."""
        pages = self._of.setdefault(number, OrderedDict())
        leaver = pages.popitem(last=False)[0] if len(pages) >= PAGES_PER_TERMINAL_MAX else None
        pages[socket] = None
        return leaver

    def heard(self, number: str, socket: Socket) -> None:
        """A page said something."""
        if socket in self._of.get(number, ()):
            self._of[number].move_to_end(socket)

    def leave(self, number: str, socket: Socket) -> None:
        """A page is gone. Does nothing the second time."""
        self._of.get(number, OrderedDict()).pop(socket, None)
