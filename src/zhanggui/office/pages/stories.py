"""The pages that tell one thing's whole story in the order of time: a payment, a sign-in."""

from http import HTTPStatus
from typing import Any

from litestar import Response

from ...acquirer.rows.records import PaymentKey
from ...basics.money import format_yuan
from ...basics.numbers import BatchNo, MerchantNo, TerminalNo, TraceNo, whole_number
from ...basics.words import Lang
from ...store.queries import Queries
from ...views.listing import word_of
from ...views.payment_story import PaymentStory, payment_story
from ...views.payments import PAYMENTS
from ...views.reasons import part_called
from ...views.shift_review import step_called
from ...views.sign_in_story import SignInStory, read_sign_in_story
from ...views.sign_ins import SIGN_INS
from ...views.timeline import MOMENT_WORDS, Moment
from ..links import path_of_link
from ..routes import Right, Route
from ..shown import facts_of, payment_tone, sign_in_tone
from ..visit import Visit


async def payment(visit: Visit) -> Response[Any]:
    """One payment: terminal, host, bank or wallet, ledger, batch, each message as it is kept."""
    merchant_no = visit.part("merchant")
    key: PaymentKey = (
        MerchantNo(merchant_no),
        TerminalNo(visit.part("terminal")),
        BatchNo(visit.part("batch")),
        TraceNo(visit.part("trace")),
    )
    if not visit.may("payments", "view", merchant_no):
        return visit.refuse(HTTPStatus.NOT_FOUND)

    def ask(queries: Queries) -> PaymentStory | None:
        parts = queries.payment_parts(key)
        return payment_story(parts) if parts is not None else None

    story = await visit.desk.read(ask)
    if story is None:
        return visit.refuse(HTTPStatus.NOT_FOUND)
    row = story.payment
    return visit.page(
        "payment.html",
        row=row,
        facts=facts_of(PAYMENTS, row, visit.lang),
        amount=f"¥{format_yuan(row.amount_fen)}",
        tone=payment_tone(row),
        moments=moments_shown(story.timeline, visit.lang),
    )


async def sign_in(visit: Visit) -> Response[Any]:
    """One sign-in: each step, what was checked, how it ended, and its proof."""
    merchant_no, number = visit.part("merchant"), whole_number(visit.part("record"))
    if number is None or not visit.may("sign_ins", "view", merchant_no):
        return visit.refuse(HTTPStatus.NOT_FOUND)

    def ask(queries: Queries) -> SignInStory | None:
        return read_sign_in_story(queries, MerchantNo(merchant_no), number, visit.desk.fits)

    story = await visit.desk.read(ask)
    if story is None:
        return visit.refuse(HTTPStatus.NOT_FOUND)
    row, proof = story.sign_in, story.proof
    said = visit.word(
        f"proof.{proof.standing}",
        link=proof.link_no or "–",
        signed_link=proof.signed_link_no or "–",
        signed=(proof.signed or "–")[:19].replace("T", " "),
    )
    return visit.page(
        "sign_in_story.html",
        row=row,
        facts=facts_of(SIGN_INS, row, visit.lang),
        tone=sign_in_tone(row),
        outcome=word_of(f"sign_ins.outcome.{row.outcome}", visit.lang),
        steps=[(step_called(name, visit.lang), f"{taken / 1000:.1f} s") for name, taken in row.step_ms.items()],
        checks=[
            (part_called(item, visit.lang), visit.word("sign_in_story.ok") if state == "ok" else state)
            for item, state in row.self_check.items()
        ],
        proof=proof,
        proof_said=said,
        moments=moments_shown(story.timeline, visit.lang),
    )


def moments_shown(timeline: tuple[Moment, ...], lang: Lang) -> list[dict[str, Any]]:
    """Moments in one language, as the template of timelines draws them."""
    return [
        {
            "at": (one.at or "")[:23].replace("T", " "),
            "where": MOMENT_WORDS[f"where.{one.where}"].of(lang),
            "tone": one.tone,
            "said": one.zh if lang == "zh" else one.en,
            "message": one.message,
            "link": path_of_link(one.link),
        }
        for one in timeline
    ]


ROUTES = (
    Route("GET", "/payments/{merchant:str}/{terminal:str}/{batch:str}/{trace:str}", Right("payments"), payment),
    Route("GET", "/sign-ins/{merchant:str}/{record:str}", Right("sign_ins"), sign_in),
)
