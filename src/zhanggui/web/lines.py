"""Connections to pages: those that say nothing are closed in time, and never shut a page out that has something to say."""

import asyncio

import h11
import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..edges.open_files import open_files

HEAD_WITHIN_S = 10.0
"""How long a whole request may take to come, from the connection or from its first byte on."""
LINES_MAX = 256
"""Connections to the page, sockets among them; a shop has a few pages open."""
FILES_SHARE = 1 / 16
"""Of all files that the process may open, those that connections to the page may be."""
YOUNG_S = 1.0
"""A line so young is not closed for another one: its request is on its way."""

_log = structlog.get_logger("zhanggui.web")


class PatientProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with a time and a bound for those who connect and say nothing, or half a header."""

    lines_max, files_share = LINES_MAX, FILES_SHARE

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        self._waiting: asyncio.TimerHandle | None = None
        others = self.connections
        if len(others) >= max(1, min(self.lines_max, int(open_files() * self.files_share))):
            old_s = self.loop.time() - YOUNG_S
            idle = [one for one in others if isinstance(one, PatientProtocol) and (one.since_s or old_s) < old_s]
            oldest = min(idle, key=lambda one: one.since_s or 0.0, default=None)
            _log.warning("page line refused", reason="too many connections", most=self.lines_max)
            if oldest is None:
                transport.abort()
            else:
                # Not found again by the next one of this turn of the loop: it is gone only after it.
                oldest._wait_no_more()
                oldest.transport.abort()
        super().connection_made(transport)
        self._wait()

    @property
    def since_s(self) -> float | None:
        """Since when a whole request is waited for; None while one is answered."""
        return None if self._waiting is None else self._waiting.when() - HEAD_WITHIN_S

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        super().handle_events()
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            self._wait()
        else:
            self._wait_no_more()

    def _wait(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(HEAD_WITHIN_S, self._give_up)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        if self.transport.get_protocol() is self and not self.transport.is_closing():
            _log.info("page line closed", reason="no whole request came", within_s=HEAD_WITHIN_S)
            self.transport.abort()


def patient(lines_max: int, files_share: float) -> type[PatientProtocol]:
    """The same with other bounds, where not a few pages connect but a fleet."""
    return type("PatientFleet", (PatientProtocol,), {"lines_max": lines_max, "files_share": files_share})
