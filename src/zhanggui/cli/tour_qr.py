"""`zhanggui tour --story qr`: payments by phone, on the true programs over real TCP and HTTP.

    a customer's code, paid at once ─▶ one that asks for a password ─▶ one that is too old ─▶ our code, paid by a phone that reads it
    ─▶ a part of that goes back

A model without a scanner shows its own code and gives a part back. The wallets are simulated, and have a clock of their own: a code is
too old a minute after it was shown, and nobody waits that long in a story.
"""

import asyncio
from contextlib import AsyncExitStack
from time import sleep

import msgspec

from ..basics.clock import Clock, SystemClock
from ..basics.errors import Fault
from ..basics.numbers import UnixMs
from ..cup.brands import BRANDS
from ..programs.free_port import free_port
from ..programs.settings import Settings, WalletsSection
from ..store.queries import PaymentFilter
from ..terminal.flow.screens.views import ScreenView
from ..views.payments import PaymentRow, read_payments
from .lists import lists_of
from .tour import run_story, running_terminal
from .tour_hands import Hands
from .tour_telling import teller_of
from .tour_wallet import WalletPhone

WITHIN_S = 60.0
"""A story that takes longer has failed; it takes some twenty seconds, most of them waits between two questions to a wallet."""
CASHIER, SUPERVISOR = "01", "00"
PASSWORDS = {CASHIER: "0000", SUPERVISOR: "123456"}
REFERENCE = "参考号(REFER NO.):"
"""Label of a slip as Chinese paper has it."""
TOO_OLD = "R54"
OLD_MS = 61_000
LOOKED_EVERY_S, LOOKS_MAX = 0.2, 50
PAID = "paid"
WALLETS = [name for name, brand in BRANDS.items() if brand.road == "wallet"]
"""Brands that are asked by an interface of their own."""


class WalletsClock(Clock):
    """The wallets' clock, which a story puts ahead."""

    def __init__(self) -> None:
        self._true, self._ahead_ms = SystemClock(), 0

    def now(self) -> UnixMs:
        return UnixMs(self._true.now() + self._ahead_ms)

    def elapsed_s(self) -> float:
        return self._true.elapsed_s()

    def go_ahead(self, by_ms: int) -> None:
        """What was shown before is older by so much."""
        self._ahead_ms += by_ms


def tour_qr(settings: Settings, model: str, *, as_json: bool) -> None:
    """Show it on one model; Fault when it does not come to its end."""
    run_story(settings, lambda private: _run(private, model, as_json=as_json))


async def _run(settings: Settings, model: str, *, as_json: bool) -> None:
    settings = msgspec.structs.replace(settings, wallets=WalletsSection(port=free_port()))
    clock = WalletsClock()
    async with AsyncExitStack() as stack:
        terminal = await running_terminal(settings, model, stack, wallets_clock=clock)
        hands = stack.enter_context(Hands(terminal, teller_of(terminal, settings.lang, as_json=as_json)))
        await hands.bounded(Phones(hands, settings, clock).work(), WITHIN_S)


class Phones:
    """A cashier, and customers who pay by phone."""

    def __init__(self, hands: Hands, settings: Settings, clock: WalletsClock) -> None:
        self._hands, self._settings, self._clock = hands, settings, clock
        address = f"http://127.0.0.1:{settings.wallets.port}"
        self._one, self._other = (WalletPhone(address, brand) for brand in WALLETS[:2])

    async def work(self) -> None:
        """From the sign-in to the refund."""
        await self._sign_in()
        if self._hands.terminal.profile.scanner:
            await self._at_once()
            await self._password()
            await self._too_old()
        await self._ours()
        await self._part_back()
        self._chapter("kept")
        payments = await asyncio.to_thread(self._kept)
        self._hands.tell("end", {"slips": self._hands.slips, "payments": payments})

    # ── what customers do ────────────────────────────────────────────────────

    async def _at_once(self) -> None:
        self._chapter("qr_code")
        await self._scan("1250", self._one)
        await self._to_standby()

    async def _password(self) -> None:
        """The wallet asks its customer first, while the terminal waits."""
        self._chapter("qr_password")
        await asyncio.to_thread(self._other.behave, "password")
        await self._scan("8800", self._other)
        order = await asyncio.to_thread(self._asked)
        self._tap("qr_types_password", self._other)
        self._must(await asyncio.to_thread(self._other.confirm, order))
        await asyncio.to_thread(self._other.behave, "normal")
        await self._to_standby()

    def _asked(self) -> tuple[str, str]:
        """What the wallet asks its customer, once it does. The story's own time bounds the wait."""
        for _ in range(LOOKS_MAX):
            if (order := self._other.asked()) is not None:
                return order
            sleep(LOOKED_EVERY_S)
        raise Fault("the wallet asks its customer for nothing")

    async def _too_old(self) -> None:
        self._chapter("qr_old")
        await self._scan("600", self._one, age_ms=OLD_MS)
        await self._hands.trouble(TOO_OLD)
        self._hands.press("cancel", "enter")
        await self._to_standby()

    async def _ours(self) -> None:
        """The terminal shows a code; what the phone pays arrives by itself."""
        self._chapter("qr_own")
        hands = self._hands
        hands.press("qr_own")
        await hands.until("amount")
        hands.press(*"3300", "enter")
        await hands.until("brand")
        hands.press(self._one.brand)
        view = await hands.until("own_code")
        self._tap("qr_reads", self._one)
        self._must(await asyncio.to_thread(self._one.pay_code, view.scan))
        await hands.until("own_paid")
        hands.press("enter")
        await self._to_standby()

    async def _part_back(self) -> None:
        self._chapter("qr_refund")
        hands = self._hands
        reference = hands.on_slip(REFERENCE)
        hands.press("refund")
        while (view := await hands.next()).id != "standby":
            match view.id:
                case "original":
                    # The second Enter takes the payment that is shown.
                    hands.press(*reference, "enter", "enter")
                case "amount":
                    hands.press(*"1300", "enter")
                case "approval_number":
                    hands.press(*SUPERVISOR)
                case "approval_password":
                    hands.press(*PASSWORDS[SUPERVISOR], "enter")
                case _:
                    self._on(view)

    async def _scan(self, fen: str, phone: WalletPhone, *, age_ms: int = 0) -> None:
        """An amount, and a code off a phone."""
        hands = self._hands
        hands.press("sale")
        await hands.until("amount")
        hands.press(*fen, "enter")
        await hands.until("card")
        code = await asyncio.to_thread(phone.code)
        self._clock.go_ahead(age_ms)
        self._tap("qr_shows", phone)
        hands.terminal.scan(code)

    # ── what the cashier does ────────────────────────────────────────────────

    async def _sign_in(self) -> None:
        hands = self._hands
        while (view := await hands.next()).id != "standby":
            match view.id:
                case "sign_in_number":
                    hands.press(*CASHIER)
                case "sign_in_password":
                    hands.press(*PASSWORDS[CASHIER], "enter")
                case _:
                    self._on(view)

    async def _to_standby(self) -> None:
        """Slips are torn off, and what is to be read was read."""
        if self._hands.at == "standby":
            return
        while (view := await self._hands.next()).id != "standby":
            self._on(view)

    def _on(self, view: ScreenView) -> None:
        match view.id:
            case "confirm" | "signed_in" | "tear_off" | "answer":
                self._hands.press("enter")
            case "sign_here":
                self._hands.sign()
            case _:
                self._hands.dislike(view)

    # ── what is told ─────────────────────────────────────────────────────────

    def _chapter(self, name: str) -> None:
        self._hands.tell("chapter", {"chapter": name})

    def _tap(self, what: str, phone: WalletPhone) -> None:
        self._hands.tell("wallet", {"what": what, "brand": phone.brand})

    @staticmethod
    def _must(outcome: str) -> None:
        if outcome != PAID:
            raise Fault(f"the phone did not pay: {outcome}")

    def _kept(self) -> list[PaymentRow]:
        with lists_of(self._settings) as queries:
            return read_payments(queries, PaymentFilter())[::-1]
