"""Whole messages of every kind of payment, as our terminal and our host build them: pyiso8583 writes and reads the same bytes.

pyiso8583 is set up from the table of fields that our codec has, field by field, and knows nothing else of ours. What is compared are
requests with their MAC field, their answers, 0400 and 0410, totals and batch uploads, notices of scripts, on both lines
(`unionpay`, `interbank`). How single fields are written, also with values that no payment has, is compared in
`test_codec_against_pyiso8583.py`.
"""

from typing import Any, ClassVar

import iso8583
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.test_codec_against_pyiso8583 import HEAD, as_oracle, oracle_field
from tests.unit.cup.message_samples import TIME, amounts, chip, digits, entry_modes, identity, letters, operators, pans

from zhanggui.basics.numbers import BatchNo, Rrn, TraceNo
from zhanggui.basics.secret import Pan, Secret
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.messages.interbank import BankAnswer, BankReversal, bank_payment
from zhanggui.cup.messages.payment import (
    SECURITY_PIN_WITH_PAN,
    Original,
    PaymentAnswer,
    PaymentRequest,
    ReversalRequest,
    reversal_answer,
)
from zhanggui.cup.messages.script_notice import BankScriptNotice, ScriptNotice, script_answer
from zhanggui.cup.messages.settlement import Detail, SettlementRequest, Sums, UploadBlock, UploadEnd, UploadOne
from zhanggui.cup.transactions import CATALOGUE, PAYMENTS
from zhanggui.cup.values.issuer_script import RESULTS, ScriptResult, write_results
from zhanggui.iso8583.message import Message
from zhanggui.iso8583.tlv import encode_tlv

TABLE = UNIONPAY.spec.table
ORACLE: dict[str, Any] = {
    "h": HEAD | {"data_enc": "ascii", "max_len": 0},
    "t": HEAD | {"data_enc": "b", "max_len": 2},
    "p": HEAD | {"data_enc": "b", "max_len": 8},
    "1": HEAD | {"data_enc": "b", "max_len": 8},
} | {str(number): oracle_field(field) for number, field in TABLE.items()}
EXAMPLES_A_KIND = 40
"""Each gives five messages or seven, and the end of a batch and a notice of scripts four each."""
MAC = bytes(range(8))
MESSAGES_MIN = 2_000

eight = st.binary(min_size=8, max_size=8)
yymm = st.builds("{:02d}{:02d}".format, st.integers(0, 99), st.integers(1, 12))
words = st.text("掌柜银行北京工商成功交易 abcABC-", max_size=30)


class Compared:
    """How many messages were compared."""

    count: ClassVar[int] = 0


def compare(message: Message) -> None:
    """Our bytes and pyiso8583's, and what each reads in the other's."""
    shown = as_oracle(message, TABLE)
    encoded, _ = iso8583.encode(dict(shown), ORACLE)
    ours = UNIONPAY.codec.encode(message)
    assert ours == bytes(encoded)
    assert UNIONPAY.codec.decode(bytes(encoded)) == message
    decoded, _ = iso8583.decode(ours, ORACLE)
    assert {name: value for name, value in decoded.items() if name not in {"h", "p"}} == shown
    Compared.count += 1


def sealed(message: Message) -> Message:
    """With a MAC in its place."""
    return Message(message.mti, {**message.fields, 64: MAC})


@st.composite
def payments(draw: st.DrawFn, kind: str) -> PaymentRequest:
    """A payment of this kind with a card that was swiped, inserted, tapped or keyed, with a PIN or without."""
    row = PAYMENTS[kind]
    pan, expiry = draw(pans), draw(yymm)
    has_track, chip_data = draw(st.booleans()), draw(chip)
    without_card = row.card == "may_be" and draw(st.booleans())
    pin_block = None if without_card else draw(st.none() | eight)
    original = Original(
        batch_no=BatchNo(draw(digits(6))),
        trace_no=TraceNo(draw(digits(6))),
        date=draw(digits(4)) if row.dated else "",
        rrn=Rrn(draw(digits(12))),
        auth_code=draw(letters(6)),
    )
    return PaymentRequest(
        **draw(st.fixed_dictionaries(identity)),
        kind=kind,
        amount_fen=draw(amounts) if row.has_amount else 0,
        entry_mode=draw(entry_modes),
        operator_no=draw(operators),
        pan=None if without_card else pan,
        expiry_yymm="" if without_card else expiry,
        track2=Secret(f"{pan.reveal()[:19]}={expiry}{draw(digits(3, 12))}") if has_track and not without_card else None,
        card_sequence="" if without_card else draw(st.just("") | digits(3)),
        pin_block=pin_block,
        security_control=SECURITY_PIN_WITH_PAN if pin_block is not None else "",
        chip_data=None if without_card else chip_data,
        original=original if row.carries(61) else None,
        approval_no=draw(st.none() | st.integers(1, 9_999_999)),
        epoch=draw(st.just("") | digits(8)),
    )


@st.composite
def answers(draw: st.DrawFn) -> PaymentAnswer:
    """What a host says to a payment."""
    return PaymentAnswer(
        time=TIME,
        rrn=draw(digits(12)),
        response_code=draw(letters(2)),
        settlement_date=draw(digits(4)),
        acquirer_code=draw(digits(1, 11)),
        auth_code=draw(st.just("") | letters(6)),
        issuer=draw(words),
        acquirer=draw(words),
        remark=draw(words),
        chip_data=draw(chip),
        balance_fen=draw(st.none() | st.integers(-(10**11), 10**11)),
    )


def compare_payment(asked: PaymentRequest, said: PaymentAnswer) -> None:
    """A payment, its answer, what undoes it, and the same between host and bank."""
    row, request = PAYMENTS[asked.kind], asked.message()
    compare(sealed(request))
    compare(sealed(said.message(asked.kind, request, asked.pan)))
    if not row.is_at_wallet:
        compare_at_the_bank(asked, said)
    if row.reversible:
        reversal = ReversalRequest(
            kind=asked.kind,
            merchant_no=asked.merchant_no,
            terminal_no=asked.terminal_no,
            batch_no=asked.batch_no,
            trace_no=asked.trace_no,
            entry_mode=asked.entry_mode,
            amount_fen=asked.amount_fen,
            reason="98",
            pan=asked.pan,
            card_sequence=asked.card_sequence,
            chip_data=asked.chip_data,
            original=asked.original,
            epoch=asked.epoch,
        ).message()
        compare(sealed(reversal))
        compare(sealed(reversal_answer(reversal, TIME, said.rrn, "00", "08888888")))


def compare_at_the_bank(asked: PaymentRequest, said: PaymentAnswer) -> None:
    """The same payment between host and bank, and what undoes it there."""
    bank = bank_payment(asked, Rrn(said.rrn), "08888888", TIME, asked.pin_block, said.rrn if asked.original else "")
    told = bank.message()
    compare(sealed(told))
    answer = BankAnswer(
        acquirer_code="08888888",
        rrn=Rrn(said.rrn),
        response_code=said.response_code,
        auth_code=said.auth_code,
        settlement_date=said.settlement_date,
        issuer=said.issuer[:5],
        chip_data=said.chip_data,
        balance_fen=said.balance_fen,
    )
    compare(sealed(answer.message(told)))
    undone = BankReversal(
        kind=asked.kind,
        acquirer_code="08888888",
        rrn=Rrn(said.rrn),
        trace_no=asked.trace_no,
        merchant_no=asked.merchant_no,
        terminal_no=asked.terminal_no,
        amount_fen=asked.amount_fen,
        reason="98",
    )
    compare(sealed(undone.message()))


MESSAGES = {name: 2 + 3 * (not row.is_at_wallet) + 2 * row.reversible for name, row in PAYMENTS.items()}
"""How many are compared of each: request and answer, three at the bank, where that is asked, and two of a reversal."""


@pytest.mark.parametrize("kind", PAYMENTS)
def test_every_kind_of_payment_is_the_same_bytes(kind: str) -> None:
    before = Compared.count

    @settings(max_examples=EXAMPLES_A_KIND)
    @given(payments(kind), answers())
    def run(asked: PaymentRequest, said: PaymentAnswer) -> None:
        compare_payment(asked, said)

    run()
    least = MESSAGES[kind]
    assert Compared.count - before >= least * EXAMPLES_A_KIND


counts, sums_of = st.integers(0, 999), st.integers(0, 999_999_999_999)
totals = st.builds(Sums, debit_count=counts, debit_fen=sums_of, credit_count=counts, credit_fen=sums_of)
masked = st.builds(lambda pan: Pan(pan.reveal()).mask(), pans)
details = st.builds(Detail, trace_no=digits(6).map(TraceNo), masked_pan=masked, amount_fen=amounts)
BY_ITSELF = [name for name in CATALOGUE if name.startswith("upload_chip")]


@settings(max_examples=EXAMPLES_A_KIND)
@given(
    st.fixed_dictionaries(identity),
    totals,
    operators,
    st.lists(details, min_size=1, max_size=8),
    st.sampled_from(BY_ITSELF),
    st.booleans(),
)
def test_the_end_of_a_batch_is_the_same_bytes(
    who: dict[str, Any], sums: Sums, operator: Any, told: list[Detail], row: str, is_agreed: bool
) -> None:
    one = told[0]
    compare(sealed(SettlementRequest(**who, sums=sums, operator_no=operator).message()))
    compare(sealed(UploadBlock(**who, details=tuple(told)).message()))
    compare(
        sealed(UploadOne(**who, row=CATALOGUE[row], masked_pan=one.masked_pan, amount_fen=one.amount_fen).message())
    )
    compare(sealed(UploadEnd(**who, is_agreed=is_agreed, count=len(told)).message()))


told_scripts = st.lists(
    st.builds(
        ScriptResult,
        st.sampled_from(["not_done", "failed", "done"]),
        st.binary(min_size=4, max_size=4),
        st.integers(0, 15),
    ),
    min_size=1,
    max_size=8,
)


@st.composite
def notices(draw: st.DrawFn) -> ScriptNotice:
    """What became of an issuer's scripts, of any kind of payment."""
    row = PAYMENTS[draw(st.sampled_from(sorted(PAYMENTS)))]
    results = write_results(draw(told_scripts))
    return ScriptNotice(
        **draw(st.fixed_dictionaries(identity)),
        payment=Original(
            batch_no=BatchNo(draw(digits(6))),
            trace_no=TraceNo(draw(digits(6))),
            date=draw(st.just("") | digits(4)),
            rrn=Rrn(draw(digits(12))),
        ),
        processing_code=row.processing_code,
        condition_code=row.condition_code,
        acquirer_code=draw(digits(1, 11)),
        amount_fen=draw(amounts) if row.has_amount else None,
        entry_mode=draw(entry_modes),
        card_sequence=draw(st.just("") | digits(3)),
        pan=draw(st.none() | pans),
        chip_data=encode_tlv([(0x95, draw(st.binary(min_size=5, max_size=5))), (RESULTS, results)]),
    )


@settings(max_examples=EXAMPLES_A_KIND)
@given(notices())
def test_a_notice_of_scripts_is_the_same_bytes_from_terminal_to_bank(notice: ScriptNotice) -> None:
    request = notice.message()
    compare(sealed(request))
    compare(sealed(script_answer(request, TIME, notice.payment.rrn, "00", "08888888")))
    told = BankScriptNotice(
        acquirer_code="08888888",
        rrn=Rrn(notice.payment.rrn),
        trace_no=notice.trace_no,
        merchant_no=notice.merchant_no,
        terminal_no=notice.terminal_no,
        processing_code=notice.processing_code,
        chip_data=notice.chip_data,
    ).message()
    compare(sealed(told))
    compare(sealed(BankAnswer(acquirer_code="08888888", rrn=Rrn(notice.payment.rrn), response_code="00").message(told)))


def test_the_messages_that_are_compared_are_enough() -> None:
    assert (sum(MESSAGES.values()) + 4 + 4) * EXAMPLES_A_KIND >= MESSAGES_MIN
