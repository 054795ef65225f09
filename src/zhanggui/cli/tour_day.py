"""`zhanggui tour --story day`: a whole day of a shop, on the true programs over real TCP.

    99 tries the line ─▶ 01: sale, small tap, balance, a refusal and another card, void, a lost answer ─▶ hand-over
    ─▶ 02: refund, pre-authorisation, more of it, completion, its void, cancel, completion by notice ─▶ settlement

Everything is done with the keys of the screen that stands there; numbers of earlier payments are read from slips, as in a shop.
`docs/tutorial/whole-day.md` tells the same story at the page.
"""

import asyncio
from contextlib import AsyncExitStack

from ..basics.clock import SystemClock
from ..programs.settings import Settings
from ..store.queries import PaymentFilter, PlaceFilter
from ..terminal.flow.core.events import ShownWay
from ..terminal.flow.payment.kinds import KINDS
from ..terminal.flow.screens.views import ScreenView
from ..views.batches import BatchRow, read_batches
from ..views.payments import PaymentRow, read_payments
from .lists import lists_of
from .tour import run_story, running_terminal
from .tour_hands import Hands
from .tour_telling import teller_of

WITHIN_S = 60.0
"""A story that takes longer has failed; it takes some ten seconds."""
ANSWER_WITHIN_S, SLOW_ANSWER_S = 2.0, 3.0
"""How long this terminal waits, and the slow card's bank takes: the answer comes when nobody waits for it any more."""
MORNING, EVENING, SUPERVISOR, ADMINISTRATOR = "01", "02", "00", "99"
PASSWORDS = {MORNING: "0000", EVENING: "0000", SUPERVISOR: "123456", ADMINISTRATOR: "12345678"}
PIN = "123456"
VOUCHER, AUTHORISATION = "凭证号(VOUCHER NO.):", "授权码(AUTH NO.):"
PAY_VOUCHER = "付款凭证号(PAY VOUCHER):"
"""Labels of a slip as Chinese paper has them."""
LOST, NO_FUNDS = "T103", "R51"
"""Codes of the screens that say that a payment was undone, and that the card has not enough."""


def tour_day(settings: Settings, model: str, *, as_json: bool) -> None:
    """Show the day on one model; Fault when it does not come to its end."""
    run_story(
        settings,
        lambda private: _run(private, model, as_json=as_json),
        answer_within_s=ANSWER_WITHIN_S,
        slow_answer_s=SLOW_ANSWER_S,
    )


async def _run(settings: Settings, model: str, *, as_json: bool) -> None:
    async with AsyncExitStack() as stack:
        terminal = await running_terminal(settings, model, stack)
        hands = stack.enter_context(Hands(terminal, teller_of(terminal, settings.lang, as_json=as_json)))
        await hands.bounded(Day(hands, settings).work(), WITHIN_S)


class Day:
    """The people of a shop at one terminal."""

    def __init__(self, hands: Hands, settings: Settings) -> None:
        self._hands = hands
        self._settings = settings

    async def work(self) -> None:
        """From the morning to the settled batch."""
        await self._try_the_line()
        await self._morning()
        await self._hand_over()
        await self._evening()
        await self._settle()
        self._chapter("kept")
        payments, batches = await asyncio.to_thread(self._kept)
        self._hands.tell("end", {"slips": self._hands.slips, "payments": payments, "batches": batches})

    async def _try_the_line(self) -> None:
        """99 looks whether the host takes a call."""
        self._chapter("settings")
        hands = self._hands
        await hands.until("sign_in_number")
        hands.press(*ADMINISTRATOR)
        await hands.until("approval_password")
        hands.press(*PASSWORDS[ADMINISTRATOR], "enter")
        await hands.until("setup")
        hands.press("network")
        await hands.until("setup_network")
        hands.press("call", "cancel")
        await hands.until("setup")
        hands.press("cancel")

    async def _morning(self) -> None:
        self._chapter("morning")
        await self._sign_in(MORNING)
        self._chapter("sale")
        await self._pay("sale", "12850")
        first_trace = self._hands.on_slip(VOUCHER)
        self._chapter("small")
        await self._pay("sale", "880", card="small-payment", way="tap")
        self._chapter("balance")
        await self._pay("balance")
        self._chapter("refusal")
        await self._refused_then_other_card("5000")
        to_void = self._hands.on_slip(VOUCHER)
        await self._by_code()
        self._chapter("void")
        await self._pay("void", original=to_void)
        self._chapter("lost")
        await self._lose_the_answer("6600")
        self._sold_trace = first_trace

    async def _by_code(self) -> None:
        """A customer pays by a code on the phone, where this machine can read one; one such payment is taken back, a part of the other."""
        if not self._hands.terminal.profile.scanner:
            return
        self._chapter("code")
        await self._pay("sale", "1500", way="scan")
        await self._pay("qr_refund", "500", original=self._hands.on_slip(PAY_VOUCHER))
        await self._pay("sale", "600", way="scan")
        await self._pay("qr_void", original=self._hands.on_slip(VOUCHER))

    async def _evening(self) -> None:
        self._chapter("refund")
        await self._pay("refund", "2850", original=self._sold_trace)
        self._chapter("preauth")
        await self._pay("preauth", "50000")
        held = self._hands.on_slip(AUTHORISATION)
        self._chapter("preauth_increment")
        await self._pay("preauth_increment", "10000", original=held)
        self._chapter("completion")
        await self._pay("completion", "55000", original=held)
        self._chapter("completion_void")
        await self._pay("completion_void", original=self._hands.on_slip(VOUCHER))
        self._chapter("preauth_cancel")
        await self._pay("preauth_cancel", original=held)
        self._chapter("completion_notice")
        await self._pay("preauth", "30000")
        await self._pay("completion_notice", "30000", original=self._hands.on_slip(AUTHORISATION))

    # ── payments ─────────────────────────────────────────────────────────────

    async def _pay(
        self, kind: str, fen: str = "", *, card: str = "main", way: ShownWay = "insert", original: str = ""
    ) -> None:
        """One payment of any kind, from standby to standby."""
        self._begin(kind)
        while (view := await self._hands.next()).id != "standby":
            self._step(view, kind, fen, card, way, original)

    def _begin(self, kind: str) -> None:
        """Its key, or the key of the menu that it stands in."""
        self._hands.press(KINDS[kind].group or kind)

    def _step(self, view: ScreenView, kind: str, fen: str, card: str, way: ShownWay, original: str) -> None:
        """What this screen asks for."""
        hands = self._hands
        match view.id:
            case "kinds":
                hands.press(kind)
            case "original":
                # The second Enter takes the payment that is shown.
                hands.press(*original, "enter", "enter")
            case "amount":
                hands.press(*fen, "enter")
            case "card":
                hands.show_card(card, way)
            case "pin":
                hands.press(*PIN, "enter")
            case "approval_number":
                hands.press(*SUPERVISOR)
            case "approval_password":
                hands.press(*PASSWORDS[SUPERVISOR], "enter")
            case "sign_here":
                hands.sign()
            case "tear_off" | "answer":
                hands.press("enter")
            case _:
                hands.dislike(view)

    async def _refused_then_other_card(self, fen: str) -> None:
        """The first card has not enough; the amount stays, and another card pays it."""
        hands = self._hands
        self._begin("sale")
        while (view := await hands.next()).code != NO_FUNDS:
            self._step(view, "sale", fen, "no-funds", "insert", "")
        hands.press("other_card")
        while (view := await hands.next()).id != "standby":
            self._step(view, "sale", fen, "main", "insert", "")

    async def _lose_the_answer(self, fen: str) -> None:
        """The bank's answer comes too late; the terminal undoes the payment and says so."""
        hands = self._hands
        self._begin("sale")
        while (view := await hands.next()).code != LOST:
            self._step(view, "sale", fen, "slow", "insert", "")
        hands.press("enter")
        await hands.until("standby")

    # ── who works here ───────────────────────────────────────────────────────

    async def _sign_in(self, operator: str) -> None:
        """From the start screen to standby."""
        hands = self._hands
        while (view := await hands.next()).id != "standby":
            match view.id:
                case "sign_in_number":
                    hands.press(*operator)
                case "sign_in_password":
                    hands.press(*PASSWORDS[operator], "enter")
                case "confirm" | "signed_in":
                    hands.press("enter")
                case _:
                    hands.dislike(view)

    async def _hand_over(self) -> None:
        """The next cashier signs in where the first one stood; that ends the first session."""
        self._chapter("hand_over")
        self._hands.press("hand_over")
        await self._hands.until("locked_menu")
        self._hands.press("another")
        await self._sign_in(EVENING)

    async def _settle(self) -> None:
        """Close the batch; the terminal signs off by itself."""
        self._chapter("settlement")
        hands = self._hands
        hands.press("settle")
        await hands.until("settle")
        hands.press("enter")
        view = await hands.until("settled")
        hands.dislike(view)
        await hands.slip_of("settlement")
        hands.press("enter")
        await hands.until("sign_in_number")

    # ── what is told ─────────────────────────────────────────────────────────

    def _chapter(self, name: str) -> None:
        self._hands.tell("chapter", {"chapter": name})

    def _kept(self) -> tuple[list[PaymentRow], list[BatchRow]]:
        """The day as the host has it, in the order in which it came about."""
        with lists_of(self._settings) as queries:
            payments = read_payments(queries, PaymentFilter())
            batches = read_batches(queries, PlaceFilter(), SystemClock().now())
        return payments[::-1], batches
