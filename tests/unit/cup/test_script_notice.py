"""Issuer scripts in field 55, and the notice of what became of them: read as written, and lenient where a payment hangs on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhanggui.basics.numbers import BatchNo, MerchantNo, Rrn, TerminalNo, TraceNo
from zhanggui.basics.secret import Pan
from zhanggui.cup.dialect import INTERBANK, UNIONPAY
from zhanggui.cup.errors import MessageError
from zhanggui.cup.messages.head import HostTime
from zhanggui.cup.messages.original import Original
from zhanggui.cup.messages.script_notice import (
    BankScriptNotice,
    ScriptNotice,
    read_bank_script_notice,
    read_script_notice,
    script_answer,
)
from zhanggui.cup.transactions import CATALOGUE, check_presence, identify
from zhanggui.cup.values.issuer_script import (
    SCRIPTS_MAX,
    IssuerScript,
    ScriptResult,
    read_results,
    read_scripts,
    write_results,
    write_scripts,
)
from zhanggui.iso8583.message import Message

ID = bytes.fromhex("00000007")
CHIP = bytes.fromhex("9505000004801082027C00DF31052000000007")
ids = st.binary(min_size=4, max_size=4)
scripts = st.lists(
    st.builds(
        IssuerScript,
        st.booleans(),
        ids,
        st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=3).map(tuple),
    ),
    max_size=SCRIPTS_MAX,
).map(tuple)
results = st.lists(
    st.builds(ScriptResult, st.sampled_from(["not_done", "failed", "done"]), ids, st.integers(0, 15)),
    min_size=1,
    max_size=SCRIPTS_MAX,
).map(tuple)


def notice(**changed: object) -> ScriptNotice:
    values: dict[str, object] = {
        "merchant_no": MerchantNo("102100058120001"),
        "terminal_no": TerminalNo("10000001"),
        "batch_no": BatchNo("000003"),
        "trace_no": TraceNo("000013"),
        "payment": Original(
            batch_no=BatchNo("000003"), trace_no=TraceNo("000012"), date="1123", rrn=Rrn("112308550301")
        ),
        "processing_code": "000000",
        "condition_code": "00",
        "acquirer_code": "08888888",
        "amount_fen": 12_850,
        "entry_mode": "051",
        "card_sequence": "001",
        "pan": Pan("6217000000000000012"),
        "chip_data": CHIP,
    }
    return ScriptNotice(**(values | changed))  # type: ignore[arg-type]  # named by the tests


def over_the_line(message: Message) -> Message:
    return UNIONPAY.codec.decode(UNIONPAY.codec.encode(Message(message.mti, {**message.fields, 64: bytes(8)})))


@given(scripts)
def test_scripts_are_read_as_they_were_written_beside_what_else_is_in_the_field(some: tuple[IssuerScript, ...]) -> None:
    assert read_scripts(bytes.fromhex("910A00112233445566773030") + write_scripts(some)) == some


@given(results)
def test_results_take_five_bytes_each_and_are_read_as_they_were_written(some: tuple[ScriptResult, ...]) -> None:
    written = write_results(some)
    assert (len(written), read_results(written)) == (5 * len(some), some)


@pytest.mark.parametrize("inside", ["8609", "9F1803000001", "86"])
def test_a_script_that_can_not_be_read_has_no_commands_and_spoils_nothing_else(inside: str) -> None:
    content = bytes.fromhex(inside)
    other = write_scripts([IssuerScript(True, ID, (b"\x84\x1e\x00\x00\x04abcd",))])
    read = read_scripts(b"\x72" + bytes((len(content),)) + content + other)
    assert [script.commands for script in read] == [(), (b"\x84\x1e\x00\x00\x04abcd",)]


def test_a_field_that_can_not_be_read_at_all_brings_no_scripts() -> None:
    assert read_scripts(b"\x72\x20\x86") == ()
    assert len(read_scripts(write_scripts([IssuerScript(True, ID, ())] * (SCRIPTS_MAX + 3)))) == SCRIPTS_MAX


@pytest.mark.parametrize("wrong", ["", "2000000007FF", "30000000 07", "20" * 45])
def test_what_is_no_list_of_results_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="result"):
        read_results(bytes.fromhex(wrong))


def test_a_notice_is_read_as_it_was_written_and_names_payment_and_itself() -> None:
    sent = over_the_line(notice().message())
    row = identify(sent)
    assert row is CATALOGUE["script_notice"]
    check_presence(row, sent)
    assert read_script_notice(sent) == notice()
    assert (sent.mti, sent.fields[11], sent.fields[61]) == ("0620", "000013", "0000030000121123")
    assert sent.fields[60] == "00000003951"
    answer = script_answer(sent, HostTime("085503", "1123", ""), "112308550399", "00", "08888888")
    assert (answer.mti, answer.fields[11], answer.fields[39], answer.fields[3]) == ("0630", "000013", "00", "000000")


def test_a_notice_of_a_kind_without_a_sum_has_none() -> None:
    sent = notice(amount_fen=None, pan=None, card_sequence="").message()
    assert not {2, 4, 23} & sent.fields.keys()
    assert read_script_notice(over_the_line(sent)).amount_fen is None


@pytest.mark.parametrize(
    ("number", "value"), [(55, b"\x95\x05\x00\x00\x04\x80\x10"), (55, b"\xdf\x31"), (61, "000003000012"), (2, "123")]
)
def test_a_notice_that_says_nothing_is_refused_by_the_field_that_is_wrong(number: int, value: str | bytes) -> None:
    sent = notice().message()
    with pytest.raises(MessageError) as refused:
        read_script_notice(Message(sent.mti, {**sent.fields, number: value}))
    assert refused.value.field == number


def test_the_bank_is_told_by_the_reference_number_alone() -> None:
    asked = BankScriptNotice(
        acquirer_code="08888888",
        rrn=Rrn("112308550301"),
        trace_no=TraceNo("000013"),
        merchant_no=MerchantNo("102100058120001"),
        terminal_no=TerminalNo("10000001"),
        processing_code="000000",
        chip_data=CHIP,
    )
    body = INTERBANK.codec.encode(Message("0620", {**asked.message().fields, 64: bytes(8)}))
    read = read_bank_script_notice(INTERBANK.codec.decode(body))
    assert read == asked
    assert 2 not in asked.message().fields
