"""Typed messages go out and come back the same."""

from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.unit.cup.message_samples import (
    TIME,
    amounts,
    chip,
    digits,
    entry_modes,
    entry_modes_of,
    identity,
    letters,
    operators,
    over_the_wire,
    pans,
    tag_texts,
)

from zhanggui.basics.numbers import (
    MerchantNo,
    RecordNo,
    Rrn,
    SessionNo,
    TerminalNo,
    TraceNo,
    UnixMs,
)
from zhanggui.basics.secret import Pan, Secret
from zhanggui.cup.dialect import INTERBANK
from zhanggui.cup.errors import MessageError
from zhanggui.cup.messages.head import HostTime
from zhanggui.cup.messages.interbank import (
    BankAnswer,
    BankPayment,
    BankReversal,
    read_bank_answer,
    read_bank_payment,
    read_bank_reversal,
)
from zhanggui.cup.messages.management import SignOnRequest, read_sign_on
from zhanggui.cup.messages.operator import VERIFY, OperatorRequest, read_operator_request
from zhanggui.cup.messages.operator_outcomes import (
    OpenedSession,
    VerifiedOperator,
    read_opened,
    read_signed_out,
    read_verified,
)
from zhanggui.cup.messages.payment import (
    PaymentRequest,
    ReversalRequest,
    read_payment,
    read_reversal,
)
from zhanggui.cup.messages.sealing import seal
from zhanggui.cup.operator_tags import Tag, pack_tags, unpack_tags
from zhanggui.cup.transactions import CATALOGUE
from zhanggui.cup.values.clock import write_clock
from zhanggui.cup.values.entry_mode import KEYED
from zhanggui.cup.values.shift import Figures
from zhanggui.cup.values.user_name import USER_NAME
from zhanggui.iso8583.message import Message


@st.composite
def sales(draw: st.DrawFn) -> PaymentRequest:
    pan = draw(pans)
    expiry = draw(digits(4))
    track2 = draw(
        st.none() | digits(0, 37 - 1 - len(pan.reveal()) - 4).map(lambda tail: f"{pan.reveal()}={expiry}{tail}")
    )
    chip_data = draw(chip)
    mode = draw(entry_modes_of(has_track=track2 is not None, has_chip=chip_data is not None))
    return PaymentRequest(
        kind="sale",
        **{name: draw(strategy) for name, strategy in identity.items()},
        amount_fen=draw(amounts),
        entry_mode=mode,
        operator_no=draw(st.none() | operators),
        pan=pan,
        expiry_yymm=expiry,
        track2=None if track2 is None else Secret(track2),
        track3=draw(st.none() | digits(1, 104).map(Secret)) if mode[:2] != KEYED else None,
        card_sequence=draw(st.just("") | digits(3)),
        pin_block=draw(st.none() | st.binary(min_size=8, max_size=8)),
        security_control=draw(st.just("") | digits(16)),
        chip_data=chip_data,
    )


@given(sales())
def test_a_sale_comes_back_as_it_went_out(sale: PaymentRequest) -> None:
    assert read_payment(over_the_wire(sale.message()), CATALOGUE["sale"]) == sale


@given(
    st.builds(
        ReversalRequest,
        **identity,
        amount_fen=amounts,
        entry_mode=entry_modes,
        reason=st.sampled_from(["98", "A0", "06", "96"]),
        kind=st.just("sale"),
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


user_names = st.from_regex(USER_NAME, fullmatch=True)


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
    # Without a number these tags are the person's user name or badge; beside one they say nothing of who asks.
    assume(request.operator_no is not None or not {Tag.USER_NAME, Tag.BADGE} & request.tags.keys())
    assume(request.network_code != VERIFY or request.password_block is not None)
    assert read_operator_request(over_the_wire(request.message())) == request


@given(
    st.builds(
        OperatorRequest,
        **identity,
        network_code=digits(3),
        operator_no=st.none(),
        tags=st.just({}),
        user_name=user_names,
    )
)
def test_a_user_name_goes_in_its_own_tag_with_a_blank_number(request: OperatorRequest) -> None:
    # A 401 beside a name needs its password.
    assume(request.network_code != VERIFY)
    message = request.message()
    assert message.fields[63] == "   "
    assert read_operator_request(over_the_wire(message)) == request


@given(st.builds(OperatorRequest, **identity, network_code=st.just(VERIFY), operator_no=st.none(), tags=st.just({})))
def test_a_phones_code_goes_in_its_own_tag_with_neither_number_nor_password(request: OperatorRequest) -> None:
    by_phone = msgspec.structs.replace(request, phone="ABCDEFGH")
    message = by_phone.message()
    assert (message.fields[63], 52 in message.fields) == ("   ", False)
    assert read_operator_request(over_the_wire(message)) == by_phone


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
        needs=st.sampled_from([(), ("new_password",), ("code",), ("new_password", "code")]),
        earlier_terminal=st.just("") | letters(8),
        earlier_since=st.none() | instants,
    )
)
def test_a_verified_operator_comes_back_as_it_went_out(said: VerifiedOperator) -> None:
    tags = unpack_tags(pack_tags({Tag.HOST_CLOCK: write_clock(said.host_clock), **said.tags()}))
    assert read_verified(tags) == said


def test_an_opened_session_and_its_figures_come_back_as_they_went_out() -> None:
    said = OpenedSession(session_no=SessionNo(12), record_no=RecordNo(7), host_clock=UnixMs(1_700_000_000_000))
    tags = unpack_tags(pack_tags({Tag.HOST_CLOCK: write_clock(said.host_clock), **said.tags()}))
    assert read_opened(tags) == said
    assert read_signed_out({Tag.FIGURES: "3,12850"}).figures == Figures(3, 12850)


@pytest.mark.parametrize("text", ["", "3", "3,", ",3", "x,1", "²,1", "1,-2", "9" * 19 + ",1"])
def test_figures_that_are_no_two_numbers_are_refused(text: str) -> None:
    with pytest.raises(MessageError, match="DF13"):
        read_signed_out({Tag.FIGURES: text})


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


@st.composite
def bank_sales(draw: st.DrawFn) -> BankPayment:
    track2, chip_data = draw(st.none() | digits(1, 37).map(Secret)), draw(chip)
    return BankPayment(
        **{name: draw(strategy) for name, strategy in bank_identity.items()},
        kind="sale",
        entry_mode=draw(entry_modes_of(has_track=track2 is not None, has_chip=chip_data is not None)),
        pan=draw(pans),
        expiry_yymm=draw(digits(4)),
        time=HostTime(draw(digits(6)), draw(digits(4)), ""),
        track2=track2,
        card_sequence=draw(st.just("") | digits(3)),
        pin_block=draw(st.none() | st.binary(min_size=8, max_size=8)),
        chip_data=chip_data,
    )


@given(bank_sales())
def test_a_sale_to_the_bank_comes_back_as_it_went_out(sale: BankPayment) -> None:
    assert read_bank_payment(over_the_bank_line(sale.message())) == sale


@given(st.builds(BankReversal, **bank_identity, kind=st.just("sale"), reason=letters(2)))
def test_a_reversal_to_the_bank_comes_back_as_it_went_out(reversal: BankReversal) -> None:
    assert read_bank_reversal(over_the_bank_line(reversal.message())) == reversal


def test_a_bank_answer_comes_back_as_it_went_out_and_never_holds_the_card_number() -> None:
    sale = BankPayment(
        kind="sale",
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
