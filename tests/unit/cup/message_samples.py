"""Messages and strategies that the tests of the typed messages share."""

from typing import Any

from hypothesis import strategies as st

from zhanggui.basics.numbers import (
    BatchNo,
    MerchantNo,
    OperatorNo,
    TerminalNo,
    TraceNo,
)
from zhanggui.basics.secret import Pan
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.messages.head import HostTime
from zhanggui.cup.messages.payment import (
    PaymentAnswer,
    PaymentRequest,
)
from zhanggui.cup.operator_tags import Tag
from zhanggui.iso8583.message import Message

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


def entry_modes_of(*, has_track: bool, has_chip: bool) -> st.SearchStrategy[str]:
    """Field 22 of a card of which this came."""
    if has_chip:
        return st.sampled_from(["051", "052", "071", "072"])
    return st.sampled_from(["021", "022", "071", "072"] if has_track else ["011", "012"])


identity: dict[str, st.SearchStrategy[Any]] = {
    "merchant_no": letters(15).map(MerchantNo),
    "terminal_no": letters(8).map(TerminalNo),
    "batch_no": six_digits.map(BatchNo),
    "trace_no": six_digits.map(TraceNo),
}
tag_texts = st.dictionaries(
    st.sampled_from(list(Tag)), st.text("收银员王芳㐀𠀀 abc,:1", min_size=1, max_size=8), max_size=6
)


def a_sale() -> PaymentRequest:
    return PaymentRequest(
        kind="sale",
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


def sale_answer(remark: str = "", issuer: str = "工商银行") -> PaymentAnswer:
    return PaymentAnswer(
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


def over_the_wire(message: Message) -> Message:
    return UNIONPAY.codec.decode(UNIONPAY.codec.encode(message))
