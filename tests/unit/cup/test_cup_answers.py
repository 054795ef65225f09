"""What answers carry: every field of the catalogue, and never more than fits."""

import pytest
from tests.unit.cup.message_samples import TIME, a_sale, over_the_wire, sale_answer

from zhanggui.basics.numbers import (
    BatchNo,
    MerchantNo,
    TerminalNo,
    TraceNo,
)
from zhanggui.cup.messages.management import ManagementAnswer, SignOnRequest
from zhanggui.cup.messages.payment import (
    ReversalRequest,
    read_institutions,
    reversal_answer,
)


def test_a_sale_answer_has_every_field_of_the_catalogue_and_no_pin_block() -> None:
    answer = over_the_wire(sale_answer().message("sale", a_sale().message(), a_sale().pan))
    # Domain reference §4.2, sale response; 55 and 64 only when there is something to say.
    assert {2, 3, 4, 11, 12, 13, 15, 25, 32, 37, 38, 39, 41, 42, 44, 49, 60, 63} <= answer.fields.keys()
    assert not {26, 35, 36, 52} & answer.fields.keys()
    assert read_institutions(str(answer.fields[44])) == ("工商银行", "掌柜收单")


@pytest.mark.parametrize("issuer", ["", "abc", "一二三四五六七八", "a一二三四五六", "𠀀𠀀𠀀𠀀"])
def test_an_issuers_name_of_any_length_fills_half_of_field_44(issuer: str) -> None:
    field_44 = str(sale_answer(issuer=issuer).message("sale", a_sale().message(), a_sale().pan).fields[44])
    assert len(field_44.encode("gb18030")) == 22
    assert issuer.startswith(read_institutions(field_44)[0])


@pytest.mark.parametrize("remark", ["x" * 500, "备" * 500, "x" + "备" * 500])
def test_a_remark_too_long_for_field_63_is_cut_and_the_answer_goes_out(remark: str) -> None:
    answer = over_the_wire(sale_answer(remark).message("sale", a_sale().message(), a_sale().pan))
    said = str(answer.fields[63]).removeprefix("CUP")
    assert remark.startswith(said)
    assert 119 <= len(said.encode("gb18030")) <= 120


def test_a_reversal_answer_repeats_who_asked() -> None:
    request = ReversalRequest(
        kind="sale",
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
