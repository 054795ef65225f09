"""`zhanggui tour --story ways`: every way in, one after the other, on the true programs over real TCP.

    number and password ─▶ badge and password ─▶ user name and password ─▶ badge alone ─▶ a badge that was revoked, refused

Between them the console does what a shop would: it issues a badge, gives a user name, sets the policy, revokes the badge.
"""

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from ..basics.errors import Fault
from ..basics.numbers import OperatorNo
from ..basics.secret import Secret
from ..edges.logs import configure_logs
from ..host.act_table import ISSUE_BADGE, RENAME_OPERATOR, REVOKE_BADGE, SET_RULE, OneOperator, OtherNames, RuleValue
from ..programs.settings import Settings
from ..store.queries import SignInFilter
from ..terminal.flow.screens.views import ScreenView
from ..terminal.runtime import Terminal
from ..views.sign_ins import read_sign_ins
from .console import Console
from .lists import lists_of
from .tour import Teller, private_settings, running_terminal, teller_of

WITHIN_S = 60.0
"""A story that takes longer has failed; it takes some five seconds."""
OPERATOR, PASSWORD, USER_NAME = OperatorNo("01"), "0000", "wang.fang"
REFUSED = "badge_revoked"


def tour_ways(settings: Settings, model: str, *, as_json: bool) -> None:
    """Show each way in on one model; Fault when one does not come to its end."""
    with tempfile.TemporaryDirectory(prefix="zhanggui-tour-") as folder:
        configure_logs(level="error")
        asyncio.run(_run(private_settings(settings, folder), model, as_json=as_json))


async def _run(settings: Settings, model: str, *, as_json: bool) -> None:
    async with AsyncExitStack() as stack:
        terminal = await running_terminal(settings, model, stack)
        ways = Ways(terminal, teller_of(terminal, as_json=as_json), settings)
        try:
            async with asyncio.timeout(WITHIN_S):
                await ways.work()
        except TimeoutError:
            raise Fault(f"the tour stopped at screen '{ways.at}' and did not go on in {WITHIN_S:.0f} s") from None


class Ways:
    """Comes in by each way, and goes again."""

    def __init__(self, terminal: Terminal, tell: Teller, settings: Settings) -> None:
        self._terminal = terminal
        self._tell = tell
        self._settings = settings
        self._console = Console(settings, "")
        self._screens: asyncio.Queue[ScreenView] = asyncio.Queue()
        self.at = ""

    async def work(self) -> None:
        """All ways, and what the host's records say of them."""
        unwatch = self._terminal.watch(self._screens.put_nowait)
        self._screens.put_nowait(self._terminal.view())
        try:
            badge = await self._done(ISSUE_BADGE, OneOperator(OPERATOR))
            await self._until("sign_in_number")
            await self._come("number", lambda: self._press(*OPERATOR))
            await self._come("badge+password", lambda: self._show(badge))
            await self._done(RENAME_OPERATOR, OtherNames(OPERATOR, user_name=USER_NAME))
            await self._done(SET_RULE, RuleValue("badge", "alone"))
            await self._come("user_name", lambda: self._press("user_name"))
            await self._come("badge", lambda: self._show(badge))
            await self._done(REVOKE_BADGE, OneOperator(OPERATOR))
            await self._refused(badge)
        finally:
            unwatch()
        self._tell("end", {"records": await asyncio.to_thread(self._records)})

    async def _come(self, way: str, begin: Callable[[], None]) -> None:
        """From the start screen to standby by one way, and out again."""
        self._tell("way", {"way": way})
        begin()
        while (
            view := await self._until("sign_in_name", "sign_in_password", "confirm", "signed_in", "standby")
        ).id != "standby":
            match view.id:
                case "sign_in_name":
                    self._press(*USER_NAME, "enter")
                case "sign_in_password":
                    self._press(*PASSWORD, "enter")
                case _:
                    self._press("enter")
        self._press("sign_out")
        while (await self._until("sign_out", "notes", "signed_out", "sign_in_number")).id != "sign_in_number":
            self._press("enter")

    async def _refused(self, badge: Secret) -> None:
        """A badge that somebody took away."""
        self._tell("way", {"way": REFUSED})
        self._show(badge)
        while (view := await self._next()).tone != "bad":
            pass
        if view.code != "A101":
            raise Fault(f"a revoked badge met screen '{view.id}' ({view.code})")
        self._press("enter")
        await self._until("sign_in_number")

    async def _done(self, row: Any, asked: object) -> Secret:
        """An act at the console, beside the running host; what it shows once, if anything."""
        done = await asyncio.to_thread(self._console.do, row, asked)
        self._tell("act", {"act": row.name})
        return done.shown or Secret("")

    def _records(self) -> list[dict[str, Any]]:
        with lists_of(self._settings) as queries:
            rows = list(read_sign_ins(queries, [SignInFilter()]))
        said = ("record_no", "operator_no", "way", "method", "outcome", "reason")
        return [{name: getattr(row, name) for name in said} for row in sorted(rows, key=lambda row: row.record_no)]

    async def _until(self, *ids: str) -> ScreenView:
        while True:
            view = await self._next()
            if view.id in ids:
                return view
            if view.tone == "bad":
                raise Fault(f"the tour met a refusal at screen '{view.id}' ({view.code}): {view.title}")

    async def _next(self) -> ScreenView:
        """The next screen that is another one."""
        while (view := await self._screens.get()).id == self.at:
            pass
        self.at = view.id
        self._tell("screen", {"screen": view})
        return view

    def _press(self, *keys: str) -> None:
        hidden = self.at == "sign_in_password"
        self._tell("press", {"keys": ["•" if hidden and key.isdigit() else key for key in keys]})
        for key in keys:
            self._terminal.press(key, self.at)

    def _show(self, badge: Secret) -> None:
        """Hold it to the machine; nobody is told what is in it."""
        self._tell("badge", {"badge": badge.mask()})
        self._terminal.show_badge(badge)
