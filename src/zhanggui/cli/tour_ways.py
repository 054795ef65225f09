"""`zhanggui tour --story ways`: every way in, one after the other, on the true programs over real TCP.

    number and password ─▶ badge and password ─▶ user name and password ─▶ phone ─▶ badge alone ─▶ a badge that was revoked, refused

Between them the console does what a shop would: it issues a badge, gives a user name, sets the policy, revokes the badge.
"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import msgspec

from ..basics.errors import Fault
from ..basics.numbers import OperatorNo
from ..basics.secret import Secret
from ..host.act_table import ISSUE_BADGE, RENAME_OPERATOR, REVOKE_BADGE, SET_RULE, OneOperator, OtherNames, RuleValue
from ..programs.free_port import free_port
from ..programs.settings import PhoneSection, Settings
from ..store.queries import SignInFilter
from ..views.sign_ins import SignInRow, read_sign_ins
from .console import Console
from .lists import lists_of
from .tour import run_story, running_terminal
from .tour_hands import Hands
from .tour_phone import answer_code
from .tour_telling import teller_of

WITHIN_S = 60.0
"""A story that takes longer has failed; it takes some five seconds."""
OPERATOR, PASSWORD, USER_NAME = OperatorNo("01"), "0000", "wang.fang"
ON_THE_WAY = ("sign_in_name", "sign_in_password", "sign_in_phone", "confirm", "signed_in")
REFUSED, REVOKED_CODE = "badge_revoked", "A101"
"""The last way, and the code that it meets."""


def tour_ways(settings: Settings, model: str, *, as_json: bool) -> None:
    """Show each way in on one model; Fault when one does not come to its end."""
    run_story(settings, lambda private: _run(private, model, as_json=as_json))


async def _run(settings: Settings, model: str, *, as_json: bool) -> None:
    settings = msgspec.structs.replace(settings, phone=PhoneSection(listen="127.0.0.1", port=free_port()))
    async with AsyncExitStack() as stack:
        terminal = await running_terminal(settings, model, stack)
        hands = stack.enter_context(Hands(terminal, teller_of(terminal, settings.lang, as_json=as_json)))
        await hands.bounded(Ways(hands, settings).work(), WITHIN_S)


class Ways:
    """Comes in by each way, and goes again."""

    def __init__(self, hands: Hands, settings: Settings) -> None:
        self._hands = hands
        self._settings = settings
        self._console = Console(settings, "")

    async def work(self) -> None:
        """All ways, and what the host's records say of them."""
        badge = await self._done(ISSUE_BADGE, OneOperator(OPERATOR))
        await self._hands.until("sign_in_number")
        await self._come("number", lambda: self._hands.press(*OPERATOR))
        await self._come("badge+password", lambda: self._hands.show_badge(badge))
        await self._done(RENAME_OPERATOR, OtherNames(OPERATOR, user_name=USER_NAME))
        await self._done(SET_RULE, RuleValue("badge", "alone"))
        await self._done(SET_RULE, RuleValue("phone", True))
        await self._come("user_name", lambda: self._hands.press("user_name"))
        await self._come("phone", lambda: self._hands.press("phone"))
        await self._come("badge", lambda: self._hands.show_badge(badge))
        await self._done(REVOKE_BADGE, OneOperator(OPERATOR))
        await self._refused(badge)
        self._hands.tell("end", {"slips": self._hands.slips, "records": await asyncio.to_thread(self._records)})

    async def _come(self, way: str, begin: Callable[[], None]) -> None:
        """From the start screen to standby by one way, and out again."""
        hands = self._hands
        hands.tell("way", {"way": way})
        begin()
        while (view := await hands.until(*ON_THE_WAY, "standby")).id != "standby":
            match view.id:
                case "sign_in_name":
                    hands.press(*USER_NAME, "enter")
                case "sign_in_password":
                    hands.press(*PASSWORD, "enter")
                case "sign_in_phone":
                    await self._answer(view.scan)
                case _:
                    hands.press("enter")
        hands.press("sign_out")
        while (await hands.until("sign_out", "notes", "signed_out", "sign_in_number")).id != "sign_in_number":
            hands.press("enter")

    async def _answer(self, address: str) -> None:
        """What a phone does with the code."""
        outcome = await asyncio.to_thread(answer_code, address, OPERATOR, Secret(PASSWORD))
        if outcome != "known":
            raise Fault(f"the phone was answered '{outcome}'")
        self._hands.tell("phone", {})

    async def _refused(self, badge: Secret) -> None:
        """A badge that somebody took away."""
        self._hands.tell("way", {"way": REFUSED})
        self._hands.show_badge(badge)
        await self._hands.trouble(REVOKED_CODE)
        self._hands.press("enter")
        await self._hands.until("sign_in_number")

    async def _done(self, row: Any, asked: object) -> Secret:
        """An act at the console, beside the running host; what it shows once, if anything."""
        done = await asyncio.to_thread(self._console.do, row, asked)
        self._hands.tell("act", {"act": row.capability})
        return done.shown or Secret("")

    def _records(self) -> list[SignInRow]:
        with lists_of(self._settings) as queries:
            return sorted(read_sign_ins(queries, [SignInFilter()]), key=lambda row: row.record_no)
