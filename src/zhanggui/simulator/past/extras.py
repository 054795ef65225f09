"""Payments that take more than one message: a sale by a code that the shop shows, and what a cardholder signs for."""

from msgspec.structs import replace

from ...basics.errors import Fault
from ...basics.numbers import Rrn
from ...cup.brands import BrandName
from ...cup.messages.offered import STILL_OPEN
from ...cup.messages.signature import SignatureUpload
from ...cup.qr.field59 import read_field_59
from ...cup.values.strokes import HEIGHT, WIDTH, write_strokes
from ...terminal.link.card_data import BY_CODE
from ..fleets.dice import Dice
from .batch import Paid
from .cards import Customers
from .counter import Counter

STROKES, POINTS = (2, 4), (5, 12)
"""Of a signature: fewest and most."""
PAYS_WITHIN_S = (6, 25)
STEP_ACROSS, STEP_UP = 24, 18


async def sell_by_our_code(
    counter: Counter, customers: Customers, amount_fen: int, brand: BrandName, *, is_paid: bool = True
) -> Paid | None:
    """The till shows a code, a customer's phone pays it (`is_paid`), and the till asks again what became of it.

    Nobody pays: the till gives it up, and undoes it as any payment without an outcome.
    """
    request = replace(counter.request("qr_own", amount_fen, BY_CODE, None, None), brand=brand)
    offered = counter.till.read(_there(await counter.till.ask(request.message())))
    shown = read_field_59(offered.text(59)).shown if offered.code == STILL_OPEN else ""
    if not shown:
        return None
    counter.pass_s(*PAYS_WITHIN_S)
    if not is_paid:
        return await counter.send_payment(request, None, "scan", lost=True)
    customers.pay_shown(brand, shown)
    counter.pass_s(1, 3)
    await counter.floor.look_at_orders()
    return await counter.send_payment(request, None, "scan", lost=False)


async def sign_for(counter: Counter, paid: Paid, dice: Dice) -> None:
    """The cardholder signs on the screen, and the till sends it up. Fault when the host does not take it."""
    till = counter.till
    upload = SignatureUpload(
        merchant_no=till.merchant_no,
        terminal_no=till.terminal_no,
        batch_no=paid.original.batch_no,
        trace_no=paid.original.trace_no,
        amount_fen=paid.amount_fen,
        rrn=Rrn(paid.original.rrn),
        settle_date=paid.original.date,
        content=write_strokes([_stroke(dice) for _ in range(dice.whole(*STROKES))]),
    )
    counter.pass_s(4, 9)
    answer = await till.tell(upload.message())
    if not answer.is_good:
        raise Fault(f"a signature of the past was answered {answer.code}")


def _stroke(dice: Dice) -> list[tuple[int, int]]:
    x, y = dice.whole(60, WIDTH - 120), dice.whole(30, HEIGHT - 30)
    points = []
    for _ in range(dice.whole(*POINTS)):
        points.append((x, y))
        x = min(WIDTH, x + dice.whole(0, STEP_ACROSS))
        y = max(0, min(HEIGHT, y + dice.whole(-STEP_UP, STEP_UP)))
    return points


def _there(payload: bytes | None) -> bytes:
    if payload is None:
        raise Fault("the wallets of the past offered no code")
    return payload
