"""The whole story of one sign-in (签到经过): each step with its time, what was checked, how it ended, and whether it can be proven."""

from collections.abc import Callable, Iterator

import msgspec

from ..acquirer.proof.one_record import RecordProof, Standing, prove
from ..acquirer.rows.records import Session, SignIn
from ..basics.numbers import MerchantNo, UnixMs
from ..basics.words import Word
from ..store.queries import PlaceFilter, Queries
from .listing import iso
from .reasons import reason_word
from .sign_ins import SignInRow, sign_in_row
from .timeline import Moment, moment


class ProofRow(msgspec.Struct, frozen=True, kw_only=True):
    """How the record stands in its shop's chain."""

    standing: Standing
    is_good: bool
    link_no: int | None
    signed_link_no: int | None
    signed: str | None
    """When the checkpoint was signed that holds the record."""


class SignInStory(msgspec.Struct, frozen=True, kw_only=True):
    """One sign-in, what happened, and its proof."""

    sign_in: SignInRow
    timeline: tuple[Moment, ...]
    proof: ProofRow


def read_sign_in_story(
    queries: Queries, merchant_no: MerchantNo, record_no: int, fits: Callable[[bytes, bytes], bool]
) -> SignInStory | None:
    """Read one record's story; None where there is no such record. `fits(data, signature)`: whether the host signed these bytes."""
    record = queries.sign_in(merchant_no, record_no)
    if record is None:
        return None
    here = PlaceFilter(merchant_no=merchant_no)
    shops: dict[str, str] = {shop.merchant_no: shop.name for shop in queries.list_merchants(here)}
    at_terminal = PlaceFilter(merchant_no=merchant_no, terminal_no=record.terminal_no)
    places: dict[tuple[str, str], str] = {
        (one.merchant_no, one.terminal_no): one.place for one in queries.list_terminals(at_terminal)
    }
    session = queries.session(merchant_no, record.session_no) if record.session_no else None
    parts = queries.proof_of_sign_in(record)
    return SignInStory(
        sign_in=sign_in_row(record, shops, places),
        timeline=tuple(_moments(record, session)),
        proof=_proof_row(prove(parts.record, parts.links, parts.checkpoint, fits)),
    )


def _moments(record: SignIn, session: Session | None) -> Iterator[Moment]:
    yield moment(record.began_ms, "terminal", "sign_in.began", terminal=record.terminal_no)
    if record.verified_ms is not None:
        yield moment(
            record.verified_ms, "host", "sign_in.verified", tone="good", said=Word(zh=record.method, en=record.method)
        )
    if record.approved_by:
        yield moment(record.confirmed_ms, "terminal", "sign_in.approved", operator=record.approved_by)
    if record.state == "refused":
        yield moment(record.ended_ms, "host", "sign_in.refused", tone="bad", said=reason_word(record.reason))
        return
    if record.confirmed_ms is not None and record.session_no is not None:
        yield moment(record.confirmed_ms, "terminal", "sign_in.confirmed", tone="good", session=record.session_no)
    if session is not None and session.ended_ms is not None:
        yield moment(session.ended_ms, "host", "sign_in.ended", said=reason_word(session.end_reason))


def _proof_row(proof: RecordProof) -> ProofRow:
    return ProofRow(
        standing=proof.standing,
        is_good=proof.is_good,
        link_no=proof.link_no,
        signed_link_no=proof.signed_link_no,
        signed=iso(UnixMs(proof.signed_ms)) if proof.signed_ms is not None else None,
    )
