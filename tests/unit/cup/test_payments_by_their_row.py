"""A payment is written and read by its row of the catalogue, whatever the row says; today's bytes stay as they are."""

import pytest
from tests.unit.cup.message_samples import TIME, over_the_wire

from zhanggui.basics.numbers import BatchNo, MerchantNo, OperatorNo, Rrn, TerminalNo, TraceNo
from zhanggui.basics.secret import Pan, Secret
from zhanggui.cup import transactions
from zhanggui.cup.dialect import INTERBANK, UNIONPAY
from zhanggui.cup.errors import MessageError, UnknownKind
from zhanggui.cup.messages import interbank, payment
from zhanggui.cup.messages.balance import read_balance
from zhanggui.cup.messages.interbank import BankAnswer, BankReversal, bank_payment, read_bank_answer
from zhanggui.cup.messages.payment import (
    Original,
    PaymentAnswer,
    PaymentRequest,
    ReversalRequest,
    read_payment,
    read_reversal,
    reversal_answer,
)
from zhanggui.cup.transactions import CATALOGUE, PAYMENTS, Transaction
from zhanggui.iso8583.message import Message

PAN = Pan("6217000000000000012")
MERCHANT, TERMINAL = MerchantNo("102100058120001"), TerminalNo("10000001")
BATCH, TRACE = BatchNo("000001"), TraceNo("000007")
CHIP = b"\x95\x05\0\0\0\0\0"
MADE_UP = Transaction(
    name="made_up",
    zh="试",
    en="made up",
    mti="0200",
    processing_code="990000",
    condition_code="06",
    type_code="99",
    required=(3, 11, 22, 25, 41, 42, 49, 60, 61, 64),
    optional=(2, 14, 35, 37, 38, 52),
    answer=(2, 54),
    mac="approved",
    reversible=True,
    card="may_be",
    dated=True,
)


def sale() -> PaymentRequest:
    return PaymentRequest(
        kind="sale",
        merchant_no=MERCHANT,
        terminal_no=TERMINAL,
        batch_no=BATCH,
        trace_no=TRACE,
        amount_fen=12850,
        entry_mode="051",
        operator_no=OperatorNo("01"),
        pan=PAN,
        expiry_yymm="4912",
        track2=Secret("6217000000000000012=49122201"),
        card_sequence="001",
        chip_data=CHIP,
        pin_block=b"12345678",
        security_control="2600000000000000",
    )


def about_another(**changes: object) -> PaymentRequest:
    values: dict[str, object] = {
        "kind": "made_up",
        "merchant_no": MERCHANT,
        "terminal_no": TERMINAL,
        "batch_no": BATCH,
        "trace_no": TRACE,
        "entry_mode": "012",
        "operator_no": OperatorNo("01"),
        "pan": None,
        "original": Original(
            batch_no=BATCH, trace_no=TraceNo("000003"), date="1123", rrn=Rrn("000000000042"), auth_code="123456"
        ),
    }
    return PaymentRequest(**(values | changes))  # type: ignore[arg-type]  # values of many types


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> Transaction:
    """One kind more, known to the catalogue for the length of a test."""
    codes = (MADE_UP.processing_code, MADE_UP.condition_code, MADE_UP.type_code)
    rows = {**PAYMENTS, "made_up": MADE_UP}
    monkeypatch.setattr(transactions, "_BY_CARD", {**transactions._BY_CARD, ("0200", *codes): MADE_UP})
    monkeypatch.setattr(transactions, "_REVERSIBLE", {**transactions._REVERSIBLE, (*codes, False): MADE_UP})
    monkeypatch.setattr(payment, "_FORMS", {name: payment._form(row) for name, row in rows.items()})
    monkeypatch.setattr(interbank, "_FORMS", {name: interbank._form(row) for name, row in rows.items()})
    return MADE_UP


def test_a_sale_its_answer_and_its_reversal_have_the_bytes_that_they_always_had() -> None:
    request = sale().message()
    answer = PaymentAnswer(
        time=TIME,
        rrn="000000000042",
        response_code="00",
        settlement_date="1124",
        acquirer_code="08888888",
        auth_code="123456",
        issuer="工商银行",
        acquirer="掌柜收单",
        remark="ok",
    ).message("sale", request, PAN)
    reversal = ReversalRequest(
        kind="sale",
        merchant_no=MERCHANT,
        terminal_no=TERMINAL,
        batch_no=BATCH,
        trace_no=TRACE,
        amount_fen=12850,
        entry_mode="051",
        reason="98",
        pan=PAN,
        auth_code="123456",
        card_sequence="001",
        chip_data=CHIP,
    ).message()
    undone = reversal_answer(reversal, TIME, "000000000043", "00", "08888888")
    assert [UNIONPAY.codec.encode(message).hex() for message in (request, answer, reversal, undone)] == [
        "0200702406c020c09a1219621700000000000001200000000000000128500000074912051000010006286217000000000000012d491222013130"
        "303030303031313032313030303538313230303031313536313233343536373826000000000000000007950500000000000013220000010005000"
        "003303120",
        "0210703e02810ed08812196217000000000000012000000000000001285000000715010211234912112400010008088888883030303030303030"
        "303034323132333435363030313030303030303131303231303030353831323030303122b9a4c9ccd2f8d0d0202020d5c6b9f1cad5b5a520202"
        "0313536260000000000000000132200000100050000054355506f6b",
        "04007020068006c08210196217000000000000012000000000000001285000000705100001003132333435363938313030303030303131303231"
        "3030303538313230303031313536000795050000000000001322000001000500",
        "0410303800810ac08010000000000000012850000007150102112300080888888830303030303030303030343330303130303030303031313032"
        "313030303538313230303031313536001322000001000500",
    ]


def test_a_payment_and_a_reversal_to_the_bank_have_the_bytes_that_they_always_had() -> None:
    asked = bank_payment(sale(), Rrn("000000000042"), "08888888", TIME, b"87654321").message()
    undone = BankReversal(
        kind="sale",
        acquirer_code="08888888",
        rrn=Rrn("000000000042"),
        trace_no=TRACE,
        merchant_no=MERCHANT,
        terminal_no=TERMINAL,
        amount_fen=12850,
        reason="98",
    ).message()
    assert [INTERBANK.codec.encode(message).hex() for message in (asked, undone)] == [
        "0200703c060128c09a10196217000000000000012000000000000001285000000715010211234912051000010808888888286217000000000000"
        "012d491222013030303030303030303034323130303030303031313032313030303538313230303031313536383736353433323126000000000"
        "00000000795050000000000000822000000",
        "0400302000010ac08010000000000000012850000007080888888830303030303030303030343239383130303030303031313032313030303538"
        "313230303031313536000822000000",
    ]


@pytest.mark.parametrize("row", PAYMENTS.values(), ids=lambda row: row.name)
def test_a_row_of_a_payment_says_all_that_its_messages_need(row: Transaction) -> None:
    assert all((row.processing_code, row.condition_code, row.type_code))
    assert not row.network_code
    assert not set(row.required) & set(row.optional)
    assert row.has_amount or not row.total, "what has no amount is in no total"
    assert row.has_amount or not row.reversible, "what moves no money needs no reversal"
    assert row.card != "may_be" or row.carries(61), "only an original tells the card"
    assert row.card != "code" or (59 in row.required) == (not row.carries(61)), (
        "a code, or an original that was paid by one"
    )


@pytest.mark.usefixtures("made_up")
def test_a_kind_without_an_amount_and_with_an_original_comes_back_as_it_went_out() -> None:
    request = about_another()
    message = over_the_wire(request.message())
    assert (message.mti, message.fields[3], message.fields[25]) == ("0200", "990000", "06")
    assert str(message.fields[60]).startswith("99000001")
    assert (message.fields[61], message.fields[37], message.fields[38]) == (
        "0000010000031123",
        "000000000042",
        "123456",
    )
    assert 4 not in message.fields
    row = transactions.identify(message)
    assert row is not None
    assert row.name == "made_up"
    assert read_payment(message, row) == request


@pytest.mark.usefixtures("made_up")
@pytest.mark.parametrize("change", [{52: b"12345678"}, {55: CHIP}])
def test_a_pin_or_a_chip_without_its_card_is_refused_also_where_no_card_is_needed(change: dict[int, bytes]) -> None:
    message = about_another().message()
    message.fields.update(change)
    with pytest.raises(MessageError, match="field 2"):
        read_payment(message, MADE_UP)


@pytest.mark.usefixtures("made_up")
def test_an_original_without_batch_and_trace_is_refused() -> None:
    message = about_another().message()
    message.fields[61] = "00000100000"
    with pytest.raises(MessageError, match="field 61"):
        read_payment(message, MADE_UP)


@pytest.mark.usefixtures("made_up")
def test_a_reversal_names_the_kind_that_it_undoes_and_its_original() -> None:
    reversal = ReversalRequest(
        kind="made_up",
        merchant_no=MERCHANT,
        terminal_no=TERMINAL,
        batch_no=BATCH,
        trace_no=TRACE,
        amount_fen=1,
        entry_mode="012",
        reason="98",
        original=Original(batch_no=BATCH, trace_no=TraceNo("000003")),
    )
    assert read_reversal(over_the_wire(reversal.message())) == reversal


@pytest.mark.parametrize("change", [{3: "990000"}, {25: "06"}, {60: "99000001"}])
def test_a_reversal_of_a_kind_that_nobody_knows_is_told_from_a_malformed_one(change: dict[int, str]) -> None:
    message = ReversalRequest(
        kind="sale",
        merchant_no=MERCHANT,
        terminal_no=TERMINAL,
        batch_no=BATCH,
        trace_no=TRACE,
        amount_fen=1,
        entry_mode="012",
        reason="98",
    ).message()
    message.fields.update(change)
    with pytest.raises(UnknownKind):
        read_reversal(message)


@pytest.mark.usefixtures("made_up")
def test_the_answer_has_what_the_kind_answers() -> None:
    request = about_another().message()
    answer = PaymentAnswer(
        time=TIME,
        rrn="000000000042",
        response_code="00",
        settlement_date="1124",
        acquirer_code="08888888",
        balance_fen=-5,
    )
    message = over_the_wire(answer.message("made_up", request, None))
    assert not {2, 15} & message.fields.keys()
    assert read_balance(message) == -5
    assert 54 not in answer.message("sale", sale().message(), PAN).fields


@pytest.mark.usefixtures("made_up")
def test_the_bank_is_told_the_condition_and_the_original_where_there_are_such() -> None:
    asked = bank_payment(about_another(), Rrn("000000000042"), "08888888", TIME, None, original_rrn="000000000041")
    message = asked.message()
    message.fields[64] = bytes(8)
    read = interbank.read_bank_payment(INTERBANK.codec.decode(INTERBANK.codec.encode(message)))
    assert (read.kind, read.original_rrn, read.pan, read.amount_fen) == ("made_up", "000000000041", None, 0)
    answer = BankAnswer(acquirer_code="08888888", rrn=Rrn("000000000042"), response_code="00", balance_fen=700)
    assert read_bank_answer(answer.message(message)) == answer
    message.fields[25] = "07"
    with pytest.raises(UnknownKind):
        interbank.read_bank_payment(message)


@pytest.mark.parametrize("text", ["", "0001156C000000000001", "0002156X000000000001", "0002156C00000000001", "x" * 20])
def test_a_field_54_that_is_no_amount_available_is_refused(text: str) -> None:
    with pytest.raises(MessageError, match="field 54"):
        read_balance(Message("0210", {54: text}))


def test_every_payment_of_the_catalogue_is_found_by_its_codes_and_by_how_it_was_read() -> None:
    for row in PAYMENTS.values():
        mode = "032" if row.is_by_code else "052"
        found = transactions.kind_of(row.mti, row.processing_code, row.condition_code, row.type_code, mode)
        assert found is CATALOGUE[row.name]
