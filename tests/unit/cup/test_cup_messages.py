"""Typed messages go out and come back the same; what is missing or wrong is named; envelope and MAC cover the right bytes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.cup.sample_messages import VECTORS

from zhanggui.basics.clock import CHINA
from zhanggui.basics.errors import Misuse, RemoteProtocolError
from zhanggui.basics.numbers import (
    BatchNo,
    MerchantNo,
    OperatorNo,
    RecordNo,
    Rrn,
    SessionNo,
    TerminalNo,
    TraceNo,
    UnixMs,
)
from zhanggui.basics.secret import Pan, Secret
from zhanggui.cup.dialect import DIALECTS, INTERBANK, UNIONPAY, dialect_named
from zhanggui.cup.envelope import TERMINAL_HEADER, TERMINAL_TPDU, Envelope, unwrap, wrap
from zhanggui.cup.errors import MessageError
from zhanggui.cup.messages.head import HostTime, host_time
from zhanggui.cup.messages.interbank import (
    BankAnswer,
    BankReversal,
    BankSale,
    read_bank_answer,
    read_bank_reversal,
    read_bank_sale,
)
from zhanggui.cup.messages.management import ManagementAnswer, SignOnRequest, management_request, read_sign_on
from zhanggui.cup.messages.operator import (
    OpenedSession,
    OperatorRequest,
    VerifiedOperator,
    operator_answer,
    read_clock,
    read_figures,
    read_opened,
    read_operator_request,
    read_verified,
    write_clock,
)
from zhanggui.cup.messages.payment import (
    ReversalRequest,
    SaleAnswer,
    SaleRequest,
    read_institutions,
    read_reversal,
    read_sale,
    reversal_answer,
)
from zhanggui.cup.messages.sealing import covered_bytes, seal
from zhanggui.cup.operator_tags import NUMBER_DIGITS_MAX, Tag, pack_tags, unpack_tags, whole_number
from zhanggui.cup.transactions import CATALOGUE, Transaction, check_presence, identify
from zhanggui.iso8583.message import Message
from zhanggui.iso8583.tlv import encode_tlv
from zhanggui.vault.keys import KeyAlgorithm
from zhanggui.vault.mac import mac_function

TIME = HostTime("150102", "1123", "20261123150102")


def digits(low: int, high: int | None = None) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=low, max_size=high or low)


def letters(low: int, high: int | None = None) -> st.SearchStrategy[str]:
    return st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", min_size=low, max_size=high or low)


six_digits = digits(6)
pans = digits(12, 19).map(Pan)
operators = digits(2).map(OperatorNo)
amounts = st.integers(0, 999_999_999_999)
chip = st.none() | st.binary(min_size=1, max_size=255)
entry_modes = st.sampled_from(["021", "022", "051", "052", "071", "072", "012"])
identity: dict[str, st.SearchStrategy[Any]] = {
    "merchant_no": letters(15).map(MerchantNo),
    "terminal_no": letters(8).map(TerminalNo),
    "batch_no": six_digits.map(BatchNo),
    "trace_no": six_digits.map(TraceNo),
}
tag_texts = st.dictionaries(
    st.sampled_from(list(Tag)), st.text("收银员王芳㐀𠀀 abc,:1", min_size=1, max_size=8), max_size=6
)


def over_the_wire(message: Message) -> Message:
    return UNIONPAY.codec.decode(UNIONPAY.codec.encode(message))


@st.composite
def sales(draw: st.DrawFn) -> SaleRequest:
    pan = draw(pans)
    expiry = draw(digits(4))
    track2 = draw(
        st.none() | digits(0, 37 - 1 - len(pan.reveal()) - 4).map(lambda tail: f"{pan.reveal()}={expiry}{tail}")
    )
    return SaleRequest(
        **{name: draw(strategy) for name, strategy in identity.items()},
        amount_fen=draw(amounts),
        entry_mode=draw(entry_modes),
        operator_no=draw(st.none() | operators),
        pan=pan,
        expiry_yymm=expiry,
        track2=None if track2 is None else Secret(track2),
        track3=draw(st.none() | digits(1, 104).map(Secret)),
        card_sequence=draw(st.just("") | digits(3)),
        pin_block=draw(st.none() | st.binary(min_size=8, max_size=8)),
        security_control=draw(st.just("") | digits(16)),
        chip_data=draw(chip),
    )


@given(sales())
def test_a_sale_comes_back_as_it_went_out(sale: SaleRequest) -> None:
    assert read_sale(over_the_wire(sale.message())) == sale


@given(
    st.builds(
        ReversalRequest,
        **identity,
        amount_fen=amounts,
        entry_mode=entry_modes,
        reason=st.sampled_from(["98", "A0", "06", "96"]),
        type_code=digits(2),
        pan=st.none() | pans,
        auth_code=st.just("") | letters(6),
        card_sequence=st.just("") | digits(3),
        chip_data=chip,
    )
)
def test_a_reversal_comes_back_as_it_went_out(reversal: ReversalRequest) -> None:
    message = reversal.message()
    assert not {35, 36, 52} & message.fields.keys()
    assert read_reversal(over_the_wire(message)) == reversal


@given(st.builds(SignOnRequest, **identity, network_code=digits(3), operator_no=st.none() | operators))
def test_a_sign_in_comes_back_as_it_went_out(request: SignOnRequest) -> None:
    assert read_sign_on(over_the_wire(request.message())) == request


@given(
    st.builds(
        OperatorRequest,
        **identity,
        network_code=digits(3),
        operator_no=st.none() | operators,
        tags=tag_texts,
        password_block=st.none() | st.binary(min_size=8, max_size=8),
    )
)
def test_an_operator_message_comes_back_as_it_went_out(request: OperatorRequest) -> None:
    assert read_operator_request(over_the_wire(request.message())) == request


instants = st.integers(0, 4_000_000_000).map(lambda second: UnixMs(second * 1000))
texts = st.text("掌柜示范店 abcd", max_size=20)


@given(
    st.builds(
        VerifiedOperator,
        record_no=st.integers(0, 10**18 - 1).map(RecordNo),
        operator_name=texts,
        role=st.sampled_from(["cashier", "supervisor", "administrator"]),
        merchant_name=texts,
        place=texts,
        host_clock=instants,
        needs_new_password=st.booleans(),
        earlier_terminal=st.just("") | letters(8),
        earlier_since=st.none() | instants,
    )
)
def test_a_verified_operator_comes_back_as_it_went_out(said: VerifiedOperator) -> None:
    tags = unpack_tags(pack_tags({Tag.HOST_CLOCK: write_clock(said.host_clock), **said.tags()}))
    assert read_verified(tags) == said


def test_an_opened_session_and_its_figures_come_back_as_they_went_out() -> None:
    said = OpenedSession(
        session_no=SessionNo(12), record_no=RecordNo(7), host_clock=UnixMs(1_700_000_000_000), announcements=3
    )
    tags = unpack_tags(pack_tags({Tag.HOST_CLOCK: write_clock(said.host_clock), **said.tags()}))
    assert read_opened(tags) == said
    assert read_figures({Tag.FIGURES: "3,12850"}) == (3, 12850)


@pytest.mark.parametrize("text", ["", "3", "3,", ",3", "x,1", "²,1", "1,-2", "9" * 19 + ",1"])
def test_figures_that_are_no_two_numbers_are_refused(text: str) -> None:
    with pytest.raises(MessageError, match="DF13"):
        read_figures({Tag.FIGURES: text})


bank_identity: dict[str, st.SearchStrategy[Any]] = {
    "acquirer_code": digits(1, 11),
    "rrn": letters(12).map(Rrn),
    "trace_no": identity["trace_no"],
    "merchant_no": identity["merchant_no"],
    "terminal_no": identity["terminal_no"],
    "amount_fen": amounts,
}


def over_the_bank_line(message: Message) -> Message:
    body = seal(INTERBANK.codec, message, lambda covered: bytes(8))
    return INTERBANK.codec.decode(body)


@given(
    st.builds(
        BankSale,
        **bank_identity,
        entry_mode=entry_modes,
        pan=pans,
        expiry_yymm=digits(4),
        time=st.builds(HostTime, digits(6), digits(4), st.just("")),
        track2=st.none() | digits(1, 37).map(Secret),
        card_sequence=st.just("") | digits(3),
        pin_block=st.none() | st.binary(min_size=8, max_size=8),
        chip_data=chip,
    )
)
def test_a_sale_to_the_bank_comes_back_as_it_went_out(sale: BankSale) -> None:
    assert read_bank_sale(over_the_bank_line(sale.message())) == sale


@given(st.builds(BankReversal, **bank_identity, reason=letters(2)))
def test_a_reversal_to_the_bank_comes_back_as_it_went_out(reversal: BankReversal) -> None:
    assert read_bank_reversal(over_the_bank_line(reversal.message())) == reversal


def test_a_bank_answer_comes_back_as_it_went_out_and_never_holds_the_card_number() -> None:
    sale = BankSale(
        acquirer_code="08888888",
        rrn=Rrn("000000000001"),
        trace_no=TraceNo("000001"),
        merchant_no=MerchantNo("102100058120001"),
        terminal_no=TerminalNo("10000001"),
        amount_fen=1,
        entry_mode="051",
        pan=Pan("6217000000000000012"),
        expiry_yymm="4912",
        time=TIME,
    )
    answer = BankAnswer(
        acquirer_code="08888888",
        rrn=Rrn("000000000001"),
        response_code="00",
        auth_code="A1B2C3",
        settlement_date="1124",
        issuer="模拟银行",
        remark="交易成功",
        chip_data=b"\x91\x02\x30\x30",
    )
    message = answer.message(sale.message())
    assert message.mti == "0210"
    assert 2 not in message.fields
    assert read_bank_answer(over_the_bank_line(message)) == answer


# ------------------------------------------------------------------------------------------------------------ answers


def a_sale() -> SaleRequest:
    return SaleRequest(
        merchant_no=MerchantNo("102100058120001"),
        terminal_no=TerminalNo("10000001"),
        batch_no=BatchNo("000001"),
        trace_no=TraceNo("000007"),
        amount_fen=12850,
        entry_mode="051",
        operator_no=OperatorNo("01"),
        pan=Pan("6217000000000000012"),
        chip_data=b"\x95\x05\0\0\0\0\0",
        pin_block=b"12345678",
        security_control="2600000000000000",
    )


def sale_answer(remark: str = "", issuer: str = "工商银行") -> SaleAnswer:
    return SaleAnswer(
        time=TIME,
        rrn="000000000042",
        response_code="00",
        settlement_date="1124",
        acquirer_code="08888888",
        auth_code="123456",
        issuer=issuer,
        acquirer="掌柜收单",
        remark=remark,
    )


def test_a_sale_answer_has_every_field_of_the_catalogue_and_no_pin_block() -> None:
    answer = over_the_wire(sale_answer().message(a_sale().message(), a_sale().pan))
    # Domain reference §4.2, sale response; 55 and 64 only when there is something to say.
    assert {2, 3, 4, 11, 12, 13, 15, 25, 32, 37, 38, 39, 41, 42, 44, 49, 60, 63} <= answer.fields.keys()
    assert not {26, 35, 36, 52} & answer.fields.keys()
    assert read_institutions(str(answer.fields[44])) == ("工商银行", "掌柜收单")


@pytest.mark.parametrize("issuer", ["", "abc", "一二三四五六七八", "a一二三四五六", "𠀀𠀀𠀀𠀀"])
def test_an_issuers_name_of_any_length_fills_half_of_field_44(issuer: str) -> None:
    field_44 = str(sale_answer(issuer=issuer).message(a_sale().message(), a_sale().pan).fields[44])
    assert len(field_44.encode("gb18030")) == 22
    assert issuer.startswith(read_institutions(field_44)[0])


@pytest.mark.parametrize("remark", ["x" * 500, "备" * 500, "x" + "备" * 500])
def test_a_remark_too_long_for_field_63_is_cut_and_the_answer_goes_out(remark: str) -> None:
    answer = over_the_wire(sale_answer(remark).message(a_sale().message(), a_sale().pan))
    said = str(answer.fields[63]).removeprefix("CUP")
    assert remark.startswith(said)
    assert 119 <= len(said.encode("gb18030")) <= 120


def test_a_reversal_answer_repeats_who_asked() -> None:
    request = ReversalRequest(
        merchant_no=MerchantNo("102100058120001"),
        terminal_no=TerminalNo("10000001"),
        batch_no=BatchNo("000001"),
        trace_no=TraceNo("000007"),
        amount_fen=12850,
        entry_mode="051",
        reason="98",
    ).message()
    answer = over_the_wire(reversal_answer(request, TIME, "000000000043", "00", "08888888"))
    assert answer.mti == "0410"
    assert {number: answer.fields[number] for number in (11, 39, 41)} == {11: "000007", 39: "00", 41: "10000001"}


def test_a_sign_in_answer_carries_the_hosts_batch_and_keeps_the_network_code() -> None:
    request = SignOnRequest(
        merchant_no=MerchantNo("102100058120001"),
        terminal_no=TerminalNo("10000001"),
        batch_no=BatchNo("000009"),
        trace_no=TraceNo("000001"),
    ).message()
    answer = ManagementAnswer(
        time=TIME,
        rrn="000000000001",
        response_code="00",
        acquirer_code="08888888",
        batch_no=BatchNo("000123"),
        keys=bytes(60),
    ).message(request)
    assert (answer.mti, answer.fields[60]) == ("0810", "00000123004")
    refused = ManagementAnswer(time=TIME, rrn="000000000001", response_code="97", acquirer_code="08888888").message(
        request
    )
    assert refused.fields[60] == "00000009004"
    assert 62 not in refused.fields


# ----------------------------------------------------------------------------------------------------------- catalogue


def whole_request(transaction: Transaction) -> Message:
    fields: dict[int, str | bytes] = dict.fromkeys(transaction.required, "0")
    fields[60] = (transaction.type_code or "00") + "000001" + transaction.network_code
    if transaction.processing_code:
        fields[3] = transaction.processing_code
    return Message(transaction.mti, fields)


@pytest.mark.parametrize("transaction", CATALOGUE.values(), ids=lambda row: row.name)
def test_each_message_of_the_catalogue_is_recognised_and_a_missing_field_is_named(transaction: Transaction) -> None:
    message = whole_request(transaction)
    assert identify(message) is transaction
    check_presence(transaction, message)
    for number in transaction.required:
        less = Message(message.mti, {other: value for other, value in message.fields.items() if other != number})
        with pytest.raises(MessageError, match=f"field {number}") as caught:
            check_presence(transaction, less)
        assert caught.value.field == number


@pytest.mark.parametrize(
    "message",
    [
        Message("0200", {3: "310000", 60: "01000001"}),
        Message("0200", {3: "000000", 60: "20000001"}),
        Message("0200", {3: "000000"}),
        Message("0200", {60: "22000001"}),
        Message("0800", {60: "00000001360"}),
        Message("0800", {60: "000"}),
        Message("0820", {60: "00000001003"}),
        Message("0210", {3: "000000", 60: "22000001"}),
    ],
    ids=str,
)
def test_a_message_outside_the_catalogue_is_not_taken_for_another(message: Message) -> None:
    assert identify(message) is None


def test_every_reversible_message_moves_money() -> None:
    assert [row.name for row in CATALOGUE.values() if row.reversible] == ["sale"]
    assert all(row.answer_mti == f"{int(row.mti) + 10:04d}" for row in CATALOGUE.values())


@pytest.mark.parametrize("field_60", ["", "2", "22", "2200000"])
def test_a_payment_whose_field_60_holds_no_batch_is_a_format_error(field_60: str) -> None:
    sale = a_sale().message()
    sale.fields[60] = field_60
    with pytest.raises(MessageError, match="field 60"):
        read_sale(sale)
    sale.fields[39] = "98"
    with pytest.raises(MessageError, match="field 60"):
        read_reversal(sale)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({2: "62170000000"}, 2),
        ({2: None}, 2),
        ({2: None, 35: "621700=4912"}, 35),
        ({63: "0x "}, 63),
        ({63: "123"}, 63),
        ({63: "１２ "}, 63),
        ({41: None}, 41),
    ],
)
def test_a_wrong_field_of_a_sale_is_named_without_its_value(change: dict[int, str | None], field: int) -> None:
    message = a_sale().message()
    for number, value in change.items():
        if value is None:
            del message.fields[number]
        else:
            message.fields[number] = value
    with pytest.raises(MessageError) as caught:
        read_sale(message)
    assert caught.value.field == field
    assert "6217" not in str(caught.value)


# ----------------------------------------------------------------------------------------------------------------- tags


@given(tag_texts)
def test_operator_tags_come_back_as_they_went_out(tags: dict[Tag, str]) -> None:
    assert unpack_tags(pack_tags(tags)) == tags


def test_tags_of_a_newer_partner_are_passed_over() -> None:
    known = (int(Tag.OPERATOR_NAME), "王芳".encode("gb18030"))
    assert unpack_tags(encode_tlv([(0xDF7F, b"new"), known, (0x9F26, b"\xff")])) == {Tag.OPERATOR_NAME: "王芳"}


@pytest.mark.parametrize("field_62", [b"\xdf", b"\xdf\x01\x05ab", encode_tlv([(int(Tag.PLACE), b"\x81")])])
def test_a_field_62_that_is_no_tlv_or_no_text_is_a_format_error(field_62: bytes) -> None:
    with pytest.raises(MessageError) as caught:
        unpack_tags(field_62)
    assert caught.value.field == 62


@pytest.mark.parametrize("text", ["", "-1", "1.5", "٣", "²", "9" * (NUMBER_DIGITS_MAX + 1)])
def test_a_number_in_a_tag_is_plain_digits_that_fit_64_bits(text: str) -> None:
    with pytest.raises(MessageError, match="DF01"):
        whole_number({Tag.RECORD_NO: text}, Tag.RECORD_NO)
    assert whole_number({Tag.RECORD_NO: "9" * NUMBER_DIGITS_MAX}, Tag.RECORD_NO) < 2**63


@given(st.text(max_size=20))
def test_a_clock_of_any_text_is_a_time_or_nothing(text: str) -> None:
    read_clock(text)


@pytest.mark.parametrize("text", ["", "20261301000000", "00010101000000", "99991231235959 ", "2026-11-23"])
def test_a_clock_that_is_no_time_is_nothing(text: str) -> None:
    assert read_clock(text) is None


def test_a_clock_is_read_as_it_was_written() -> None:
    instant = UnixMs(1_795_000_000_000)
    assert read_clock(write_clock(instant)) == instant
    assert CHINA.utcoffset(None).total_seconds() == 8 * 3600


def test_the_answer_to_an_operator_message_always_tells_the_hosts_time_with_its_year() -> None:
    request = management_request(
        CATALOGUE["status"], MerchantNo("102100058120001"), TerminalNo("10000001"), BatchNo("000001"), TraceNo("000001")
    )
    answer = operator_answer(CATALOGUE["status"], request, TIME, "000000000001", "00", "08888888", {})
    assert answer.mti == "0830"
    field_62 = answer.fields[62]
    assert isinstance(field_62, bytes)
    assert unpack_tags(field_62) == {Tag.HOST_CLOCK: TIME.full}


def test_host_time_is_chinas() -> None:
    assert host_time(UnixMs(0)) == HostTime("080000", "0101", "19700101080000")


# ------------------------------------------------------------------------------------------------------ envelope and MAC


def test_an_answer_swaps_the_tpdu_and_tells_what_the_terminal_must_do() -> None:
    asked = unwrap(UNIONPAY, bytes.fromhex("6012345678603110000031") + b"body")
    answer = asked.answer(UNIONPAY, b"told", 3)
    assert answer.hex() == "6056781234" + "603113000031" + b"told".hex()
    told = unwrap(UNIONPAY, answer)
    assert (told.requirement, told.test_mode) == (3, True)
    assert (asked.requirement, asked.test_mode) == (0, True)


def test_a_dialect_without_tpdu_and_header_has_nothing_around_the_body() -> None:
    assert wrap(INTERBANK, b"body") == b"body"
    assert Envelope(b"", b"", b"x").answer(INTERBANK, b"told", 3) == b"told"
    assert Envelope(b"", b"", b"x").requirement == 0
    assert wrap(UNIONPAY, b"body") == TERMINAL_TPDU + TERMINAL_HEADER + b"body"


@pytest.mark.parametrize("payload", [b"", b"\x60" * 11, b"\x61" + bytes(20)])
def test_a_payload_without_room_or_with_another_tpdu_is_refused(payload: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        unwrap(UNIONPAY, payload)


def test_an_unknown_dialect_is_answered_with_the_list() -> None:
    with pytest.raises(Misuse, match="interbank"):
        dialect_named("swahili")
    assert DIALECTS["unionpay"].codec is DIALECTS["no-header"].codec


def test_the_published_mac_holds_from_the_codec_to_field_64() -> None:
    vectors = json.loads((VECTORS / "mac.json").read_text(encoding="utf-8"))["vectors"]
    vector = next(row for row in vectors if row["id"] == "cup-ecb-1")
    mac = mac_function(UNIONPAY.mac_algorithm, KeyAlgorithm.DES, bytes.fromhex(vector["mak"]))
    whole = bytes.fromhex(vector["mab"] + vector["field64_hex"])
    message = UNIONPAY.codec.decode(whole)
    covered, carried = covered_bytes(whole, message)
    assert covered.hex().upper() == vector["mab"]
    assert mac(covered) == carried
    del message.fields[64]
    assert seal(UNIONPAY.codec, message, mac) == whole


def test_a_message_without_field_64_has_no_covered_bytes() -> None:
    message = Message("0820", {11: "000001"})
    with pytest.raises(MessageError) as caught:
        covered_bytes(UNIONPAY.codec.encode(message), message)
    assert caught.value.field == 64
