"""One thing's whole story by GET: a payment with each message, a sign-in with its proof."""

from http import HTTPStatus
from typing import Any

from litestar import Response

from ...acquirer.rows.records import PaymentKey
from ...basics.numbers import BatchNo, MerchantNo, TerminalNo, TraceNo, whole_number
from ...store.queries import Queries
from ...views.payment_story import PaymentStory, payment_story
from ...views.sign_in_story import SignInStory, read_sign_in_story
from ..routes import Right
from .call import Call
from .lists import LOOKED
from .problems import API_WORDS
from .routes import ApiRoute, Operation


async def payment(call: Call) -> Response[Any]:
    """One payment."""
    key: PaymentKey = (
        MerchantNo(call.part("merchant_no")),
        TerminalNo(call.part("terminal_no")),
        BatchNo(call.part("batch_no")),
        TraceNo(call.part("trace_no")),
    )
    if not all(key) or not call.holder.may("payments", "view", key[0]):
        return call.problem("not_found")

    def ask(queries: Queries) -> PaymentStory | None:
        parts = queries.payment_parts(key)
        return payment_story(parts) if parts is not None else None

    story = await call.desk.read(ask)
    return call.json(story) if story is not None else call.problem("not_found")


async def sign_in(call: Call) -> Response[Any]:
    """One sign-in."""
    merchant_no, number = MerchantNo(call.part("merchant_no")), whole_number(call.part("record_no"))
    if not merchant_no or number is None or not call.holder.may("sign_ins", "view", merchant_no):
        return call.problem("not_found")

    def ask(queries: Queries) -> SignInStory | None:
        return read_sign_in_story(queries, merchant_no, number, call.desk.fits)

    story = await call.desk.read(ask)
    return call.json(story) if story is not None else call.problem("not_found")


ROUTES = (
    ApiRoute(
        method="GET",
        path="/payments/{merchant_no:str}/{terminal_no:str}/{batch_no:str}/{trace_no:str}",
        right=Right("payments"),
        note=LOOKED,
        operation=Operation(
            name="payment_story",
            said=API_WORDS["story.payment"],
            group="payments",
            answers=((HTTPStatus.OK, PaymentStory),),
        ),
        answer=payment,
    ),
    ApiRoute(
        method="GET",
        path="/sign-ins/{merchant_no:str}/{record_no:str}",
        right=Right("sign_ins"),
        note=LOOKED,
        operation=Operation(
            name="sign_in_story",
            said=API_WORDS["story.sign_in"],
            group="sign_ins",
            answers=((HTTPStatus.OK, SignInStory),),
        ),
        answer=sign_in,
    ),
)
