"""The host link where an answer fails: for each way in which it can, the one name that money hangs on."""

import asyncio
from pathlib import Path

import pytest
from tests.worlds.link_ends import CONFIRM, REVERSAL, SALE, SIGN_ON, STATUS, Ends, with_card, with_kept_card
from tests.worlds.scripted_host import forged
from tests.worlds.shell_makes import BATCH, OPERATOR, attempt, trace, type_digits

from zhanggui.basics.numbers import OperatorNo
from zhanggui.cup.dialect import dialect_named
from zhanggui.cup.operator_tags import Tag
from zhanggui.iso8583.message import Message
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.link.outgoing import Outgoing


def failure_of(event: ev.Event | None) -> str:
    assert isinstance(event, ev.HostFailed)
    return event.failure


async def test_a_closed_port_is_unreachable(ends: Ends) -> None:
    await ends.host.stop()

    assert failure_of(await ends.perform(SALE, with_card())) == "unreachable"


async def test_a_line_that_is_down_is_unreachable_and_nothing_leaves(ends: Ends) -> None:
    ends.switch.set_state("down")

    assert failure_of(await ends.perform(SALE, with_card())) == "unreachable"
    assert ends.host.heard == []


async def test_without_working_keys_nothing_is_sent(ends: Ends) -> None:
    ends.host.room.enrol(ends.pin_pad)

    assert failure_of(await ends.perform(SALE, with_card())) == "not_sent"
    assert ends.host.heard == []


async def test_without_a_card_or_a_pin_nothing_is_sent(ends: Ends) -> None:
    assert failure_of(await ends.perform(SALE)) == "not_sent"
    assert failure_of(await ends.perform(REVERSAL)) == "not_sent"
    with_pin = fx.SendPayment(attempt=attempt(12, amount_fen=1, with_pin=True))
    assert failure_of(await ends.perform(with_pin, with_card())) == "not_sent"
    assert ends.host.heard == []


async def test_a_value_that_fits_no_field_is_not_sent(ends: Ends) -> None:
    nobody = fx.SendSignOut(trace_no=trace(4), batch_no=BATCH, operator_no=OPERATOR, reason="x" * 600)

    assert failure_of(await ends.perform(nobody)) == "not_sent"
    assert ends.host.heard == []


async def test_silence_after_sending_is_no_answer(ends: Ends) -> None:
    ends.host.silent.add("sale")

    assert failure_of(await ends.perform(SALE, with_card())) == "no_answer"
    assert ends.host.names() == ["sale"]


async def test_a_line_that_breaks_after_sending_is_no_answer(ends: Ends) -> None:
    ends.host.hang_up.add("sale")

    assert failure_of(await ends.perform(SALE, with_card())) == "no_answer"
    assert ends.host.names() == ["sale"]


@pytest.mark.parametrize("cut", [1, 2, 13, 40])
async def test_an_answer_cut_short_is_no_answer(tmp_path: Path, ends: Ends, cut: int) -> None:
    whole = b""

    async def answer_in_part(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal whole
        request = await reader.read(4096)
        _, answer = ends.host.answer(request[2:])
        assert answer is not None
        whole = len(answer).to_bytes(2, "big") + answer
        writer.write(whole[:cut])
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer_in_part, "127.0.0.1", 0)
    ends.point_at(server.sockets[0].getsockname()[1])
    try:
        assert failure_of(await ends.perform(SALE, with_card())) == "no_answer"
        assert len(whole) > cut
    finally:
        server.close()
        await server.wait_closed()


async def test_an_answer_in_many_pieces_is_one_answer(ends: Ends) -> None:
    async def answer_byte_by_byte(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.read(4096)
        _, answer = ends.host.answer(request[2:])
        assert answer is not None
        for byte in len(answer).to_bytes(2, "big") + answer:
            writer.write(bytes((byte,)))
            await writer.drain()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(answer_byte_by_byte, "127.0.0.1", 0)
    ends.point_at(server.sockets[0].getsockname()[1])
    try:
        assert isinstance(await ends.perform(SALE, with_card()), ev.PaymentApproved)
    finally:
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize(
    "bend",
    [
        pytest.param(lambda whole: whole[:14], id="a message of three bytes"),
        pytest.param(lambda whole: whole[:9], id="no message at all"),
        pytest.param(lambda whole: b"\x61" + whole[1:], id="another TPDU"),
        pytest.param(lambda whole: whole[:11] + b"\x02\x00" + whole[13:], id="the request's own type"),
        pytest.param(lambda whole: whole + b"\x00", id="a byte too many"),
        pytest.param(lambda whole: whole[:11] + b"\xff" * 40, id="no message of ours"),
    ],
)
async def test_bytes_that_are_no_answer_are_a_bad_answer(ends: Ends, bend: object) -> None:
    ends.host.bend["sale"] = bend  # type: ignore[assignment]  # the parameters above are functions

    assert failure_of(await ends.perform(SALE, with_card())) == "bad_answer"


@pytest.mark.parametrize(
    ("number", "value"),
    [(3, "200000"), (4, "000000001251"), (11, "000013"), (41, "10000002"), (42, "102100058120002")],
)
async def test_an_answer_to_another_payment_is_a_bad_answer(ends: Ends, number: int, value: str) -> None:
    def change(answer: Message) -> None:
        answer.fields[number] = value

    ends.host.change["sale"] = change

    assert failure_of(await ends.perform(SALE, with_card())) == "bad_answer"


@pytest.mark.parametrize("number", [3, 4, 11, 39, 41, 42])
async def test_an_answer_that_lacks_what_it_must_echo_is_a_bad_answer(ends: Ends, number: int) -> None:
    ends.host.codes["sale"] = "51"
    ends.host.change["sale"] = lambda answer: answer.fields.__delitem__(number)

    assert failure_of(await ends.perform(SALE, with_card())) == "bad_answer"


def flip_last_bit(whole: bytes) -> bytes:
    return whole[:-1] + bytes((whole[-1] ^ 1,))


async def test_an_approval_with_a_wrong_mac_is_a_bad_mac(ends: Ends) -> None:
    ends.host.bend["sale"] = flip_last_bit

    assert failure_of(await ends.perform(SALE, with_card())) == "bad_mac"


async def test_an_approval_without_a_mac_is_a_bad_mac(ends: Ends) -> None:
    ends.host.codes["sale"] = "51"
    ends.host.bend["sale"] = forged("00")

    assert failure_of(await ends.perform(SALE, with_card())) == "bad_mac"


async def test_a_refused_payment_is_believed_with_its_mac(ends: Ends) -> None:
    ends.host.codes["sale"] = "A0"

    event = await ends.perform(SALE, with_card())

    assert isinstance(event, ev.Refused)
    assert event.response_code == "A0"


@pytest.mark.parametrize(
    ("code", "failure"),
    [(code, "bad_mac") for code in ("A0", "97", "77", "99")]
    + [(code, "bad_answer") for code in ("05", "51", "12", "96")],
)
async def test_a_refusal_without_a_mac_proves_nothing(ends: Ends, code: str, failure: str) -> None:
    ends.host.bend = {"sale": forged(code), "reversal": forged(code)}

    assert failure_of(await ends.perform(SALE, with_card())) == failure
    assert failure_of(await ends.perform(REVERSAL, with_kept_card(ends))) == failure


@pytest.mark.parametrize("code", ["05", "25", "12", "00", "A0"])
async def test_a_refusal_with_a_mac_of_other_keys_is_a_bad_mac(ends: Ends, code: str) -> None:
    ends.host.bend = {"sale": forged(code, mac=bytes(8)), "reversal": forged(code, mac=bytes(8))}

    assert failure_of(await ends.perform(SALE, with_card())) == "bad_mac"
    assert failure_of(await ends.perform(REVERSAL, with_kept_card(ends))) == "bad_mac"


async def test_an_old_answer_with_a_good_mac_is_no_answer_to_another_payment(ends: Ends) -> None:
    kept: list[bytes] = []
    ends.host.codes["sale"] = "05"

    def keep(whole: bytes) -> bytes:
        kept.append(whole)
        return whole

    ends.host.bend["sale"] = keep
    await ends.perform(SALE, with_card())
    ends.host.bend["sale"] = lambda whole: kept[0]

    later = fx.SendPayment(attempt=attempt(13))

    assert failure_of(await ends.perform(later, with_card())) == "bad_answer"


async def test_a_host_that_macs_no_refusal_is_believed_as_its_dialect_says(ends: Ends) -> None:
    ends.point_at(ends.host.port, dialect_named("unionpay-bare-refusals"))
    ends.host.macs_refusals = False
    ends.host.codes = {"sale": "51", "reversal": "25"}

    assert isinstance(await ends.perform(SALE, with_card()), ev.Refused)
    assert isinstance(await ends.perform(REVERSAL, with_kept_card(ends)), ev.ReversalAccepted)
    ends.host.bend["sale"] = forged("00")
    assert failure_of(await ends.perform(SALE, with_card())) == "bad_mac"


async def test_a_forged_refusal_of_an_operator_message_is_a_bad_mac(ends: Ends) -> None:
    ends.host.codes["operator_confirm"] = "P2"
    ends.host.bend["operator_confirm"] = flip_last_bit

    assert failure_of(await ends.perform(CONFIRM)) == "bad_mac"


async def test_a_status_answer_with_a_wrong_mac_is_a_bad_mac(ends: Ends) -> None:
    ends.host.bend["status"] = flip_last_bit

    assert failure_of(await ends.perform(STATUS, Outgoing(trace_no=trace(5), batch_no=BATCH))) == "bad_mac"


async def test_keys_that_do_not_fit_their_check_values_are_bad_keys(ends: Ends) -> None:
    def spoil(answer: Message) -> None:
        keys = answer.fields[62]
        assert isinstance(keys, bytes)
        answer.fields[62] = keys[:-1] + bytes((keys[-1] ^ 1,))

    ends.host.change["sign_on_track"] = spoil

    assert failure_of(await ends.perform(SIGN_ON)) == "bad_keys"


async def test_a_sign_on_answer_without_keys_is_a_bad_answer(ends: Ends) -> None:
    ends.host.change["sign_on_track"] = lambda answer: answer.fields.__delitem__(62)

    assert failure_of(await ends.perform(SIGN_ON)) == "bad_answer"


async def test_operator_facts_that_are_missing_are_a_bad_answer(ends: Ends) -> None:
    ends.host.tags["operator_verify"] = {Tag.RECORD_NO: ""}
    type_digits(ends.pin_pad, "0000", "password")

    verify = fx.SendVerify(trace_no=trace(2), batch_no=BATCH, login=OperatorNo("01"), checks=())
    assert failure_of(await ends.perform(verify)) == "bad_answer"
