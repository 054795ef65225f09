"""0500 and 0320 as they stand on the line, and back: what is told is what is read, and no card number is told by ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhanggui.basics.numbers import BatchNo, MerchantNo, OperatorNo, TerminalNo, TraceNo, UnixMs
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.errors import MessageError
from zhanggui.cup.messages.head import host_time
from zhanggui.cup.messages.settlement import (
    AGREED,
    DIFFERS,
    Detail,
    SettlementAnswer,
    SettlementRequest,
    Sums,
    UploadBlock,
    UploadEnd,
    UploadOne,
    detail_row,
    goes_in_a_block,
    read_settlement,
    read_settlement_answer,
    read_upload,
    upload_answer,
)
from zhanggui.cup.transactions import CATALOGUE, PAYMENTS, check_presence, identify
from zhanggui.iso8583.message import Message

WHO = (MerchantNo("102100058120001"), TerminalNo("10000001"), BatchNo("000007"), TraceNo("000123"))
MASK = "621700*********0012"
fen = st.integers(0, 10**12 - 1)
counts = st.integers(0, 999)
sums = st.builds(Sums, debit_count=counts, debit_fen=fen, credit_count=counts, credit_fen=fen)


def over_the_line(message: Message) -> Message:
    return UNIONPAY.codec.decode(UNIONPAY.codec.encode(message))


@given(sums=sums, foreign=sums)
def test_totals_come_back_as_they_were_told(sums: Sums, foreign: Sums) -> None:
    asked = SettlementRequest(*WHO, sums=sums, foreign=foreign, operator_no=OperatorNo("01"))
    message = over_the_line(asked.message())
    row = identify(message)
    assert row is CATALOGUE["settlement"]
    check_presence(row, message)
    assert read_settlement(message) == asked


@given(sums=sums)
def test_the_hosts_totals_and_its_flag_come_back_too(sums: Sums) -> None:
    request = SettlementRequest(*WHO, sums=Sums()).message()
    answer = SettlementAnswer(
        time=host_time(UnixMs(0)),
        rrn="000000000001",
        response_code="00",
        acquirer_code="08888888",
        settlement_date="1129",
        sums=sums,
        flag=DIFFERS,
    ).message(request)
    told = over_the_line(answer)
    assert read_settlement_answer(told) == (sums, DIFFERS)
    assert (told.mti, told.fields[15], told.fields[48][-1:]) == ("0510", "1129", AGREED)


def test_a_refused_settlement_tells_no_totals() -> None:
    request = SettlementRequest(*WHO, sums=Sums()).message()
    answer = SettlementAnswer(time=host_time(UnixMs(0)), rrn="1" * 12, response_code="77", acquirer_code="08888888")
    assert 48 not in answer.message(request).fields


def test_both_blocks_count_where_a_terminal_settles_cards_from_abroad_apart() -> None:
    home, abroad = Sums(debit_count=2, debit_fen=300, credit_fen=5), Sums(debit_count=1, debit_fen=100, credit_count=1)
    whole = SettlementRequest(*WHO, sums=home, foreign=abroad).whole
    assert whole == Sums(debit_count=3, debit_fen=400, credit_count=1, credit_fen=5)


@given(count=st.integers(0, 20_000), fen=fen)
def test_a_count_of_three_digits_is_taken_for_the_nearest_one(count: int, fen: int) -> None:
    ours = Sums(debit_count=count, debit_fen=fen)
    over = Sums(debit_count=count % 1000, debit_fen=fen)
    assert over.agrees(ours)
    assert over.near(ours) == ours
    assert not over.agrees(Sums(debit_count=count + 1, debit_fen=fen))
    assert not over.agrees(Sums(debit_count=count, debit_fen=fen + 1))


@given(st.lists(st.tuples(st.integers(1, 999_999), fen), min_size=1, max_size=8))
def test_a_block_of_details_comes_back_with_the_masks_of_its_cards(told: list[tuple[int, int]]) -> None:
    details = tuple(Detail(trace_no=TraceNo(f"{n:06d}"), masked_pan=MASK, amount_fen=fen) for n, fen in told)
    message = over_the_line(UploadBlock(*WHO, details=details).message())
    row = identify(message)
    assert row is CATALOGUE["upload_stripe"]
    assert read_upload(message, row).details == details
    assert "*" not in str(message.fields[48])


@pytest.mark.parametrize("kind", [row for row in PAYMENTS.values() if row.total], ids=lambda row: row.name)
@pytest.mark.parametrize("is_chip", [True, False])
@pytest.mark.parametrize("is_agreed", [True, False])
def test_every_kind_that_counts_has_a_message_that_tells_it_again(kind: object, is_chip: bool, is_agreed: bool) -> None:
    assert type(kind) is type(CATALOGUE["sale"])
    row = detail_row(kind, is_chip=is_chip, is_agreed=is_agreed)
    wanted = (
        {(True, True): "203", (True, False): "205"} if kind.reversible else {(True, True): "204", (True, False): "206"}
    )
    assert row.network_code == wanted.get((is_chip, is_agreed), "201")
    assert goes_in_a_block(kind, is_chip=is_chip) is (not is_chip and kind.reversible)
    message = over_the_line(UploadOne(*WHO, row=row, masked_pan=MASK, amount_fen=12_850).message())
    read = identify(message)
    assert read is row
    check_presence(row, message)
    assert read_upload(message, row).details == (Detail(trace_no=WHO[3], masked_pan=MASK, amount_fen=12_850),)
    usage = {"203": b"61", "205": b"61", "204": b"71", "206": b"71"}.get(row.network_code)
    assert usage is None or bytes(message.fields[62]).startswith(usage)  # type: ignore[arg-type]


@pytest.mark.parametrize(("is_agreed", "code"), [(True, "207"), (False, "202")])
def test_the_end_says_how_many_were_told(is_agreed: bool, code: str) -> None:
    message = over_the_line(UploadEnd(*WHO, is_agreed=is_agreed, count=12_345).message())
    row = identify(message)
    assert row is not None
    assert (row.network_code, message.fields[48]) == (code, "9999")
    assert read_upload(message, row).is_end
    answer = over_the_line(upload_answer(message, host_time(UnixMs(0)), "1" * 12, "00", "08888888"))
    assert (answer.mti, answer.fields[39], answer.fields[60]) == ("0330", "00", message.fields[60])


@pytest.mark.parametrize(
    ("row", "field_48"),
    [
        ("settlement", "1" * 61),
        ("settlement", "1" * 64),
        ("upload_stripe", "0"),
        ("upload_stripe", "00"),
        ("upload_stripe", "09" + "0" * 320),
        ("upload_stripe", "02" + "0" * 40),
    ],
)
def test_a_field_48_of_another_shape_is_named_without_its_contents(row: str, field_48: str) -> None:
    found = CATALOGUE[row]
    message = Message(
        found.mti, {11: "000001", 41: "10000001", 42: WHO[0], 48: field_48, 60: f"00000007{found.network_code}"}
    )
    with pytest.raises(MessageError) as caught:
        read_settlement(message) if row == "settlement" else read_upload(message, found)
    assert caught.value.field == 48


def test_a_whole_card_number_that_another_maker_tells_is_masked_at_once() -> None:
    block = "01" + "00" + "000005" + "6217000000000000012".zfill(20) + "000000012850"
    message = Message("0320", {11: "000009", 41: "20000001", 42: WHO[0], 48: block, 60: "00000007201"})
    (detail,) = read_upload(message, CATALOGUE["upload_stripe"]).details
    assert detail == Detail(trace_no=TraceNo("000005"), masked_pan=MASK, amount_fen=12_850)
