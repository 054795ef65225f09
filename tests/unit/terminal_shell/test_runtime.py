"""The running terminal against a scripted host: the whole job, and what people and fronts do to it."""

import asyncio
from pathlib import Path

import pytest
import structlog
from msgspec.structs import replace
from tests.worlds.raw_files import raw
from tests.worlds.running_terminal import CHIP_KEY, PIN, Desk, journal_of, remembered
from tests.worlds.scripted_host import ScriptedHost
from tests.worlds.shell_makes import BATCH, CARD, MASKED, TERMINAL, attempt

from zhanggui.basics.errors import Misuse
from zhanggui.basics.numbers import BatchNo, TraceNo
from zhanggui.basics.secret import Pan
from zhanggui.cup.messages.payment import read_payment
from zhanggui.cup.transactions import CATALOGUE
from zhanggui.cup.values.strokes import POINTS_MAX, STROKES_MAX, bounded_strokes
from zhanggui.iso8583.tlv import decode_tlv
from zhanggui.terminal.face import TerminalFace
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core.payments import Attempt
from zhanggui.terminal.flow.core.policy import HEARTBEAT_S
from zhanggui.terminal.flow.screens.views import ScreenView
from zhanggui.terminal.runtime import _Tick
from zhanggui.vault.cryptogram import arqc_data, verify_arqc


async def test_from_power_on_to_two_slips_and_sign_out(desk: Desk, host: ScriptedHost) -> None:
    standby = await desk.sign_in()
    assert "王芳" in standby.status.operator
    await desk.pay()
    await desk.screen("tear_off")
    desk.keys("enter")
    standby = await desk.screen("standby")

    merchant, cardholder = (desk.terminal.slip(f"{slip}") for slip in standby.slips)
    assert (merchant.copy, cardholder.copy) == ("merchant", "cardholder")
    words = " ".join(f"{line.left} {line.right}" for line in merchant.lines)
    assert "12.50" in words
    assert MASKED in words
    assert CARD not in words
    assert any(line.kind == "signature" for line in merchant.lines)
    assert not any(line.kind == "signature" for line in cardholder.lines)
    assert remembered(desk).print_pending is None
    assert remembered(desk).reversal is None

    desk.keys("sign_out")
    await desk.screen("sign_out")
    desk.keys("enter")
    await desk.screen("signed_out")
    assert host.names() == ["sign_on_track", "operator_verify", "operator_confirm", "sale", "operator_sign_out"]
    assert all(heard.mac_is_right for heard in host.heard)


async def test_the_chip_sends_a_true_cryptogram(desk: Desk, host: ScriptedHost) -> None:
    await desk.sign_in()
    await desk.pay()
    await desk.screen("tear_off")

    request = read_payment(host.heard[-1].message, CATALOGUE["sale"])
    assert (request.entry_mode, request.card_sequence, request.pan) == ("051", "001", Pan(CARD))
    assert request.chip_data is not None
    values = dict(decode_tlv(request.chip_data))
    assert verify_arqc(bytes.fromhex(CHIP_KEY), 1, arqc_data(values), values[0x9F26])
    assert values[0x9F02].hex() == "000000001250"


async def test_a_swiped_chip_card_is_asked_to_be_inserted(desk: Desk) -> None:
    await desk.sign_in()
    desk.terminal.show_card("chip", "swipe")
    await desk.until(lambda view: view.id == "amount" and not any(line.right for line in view.lines))
    desk.terminal.show_card("chip", "insert")

    view = await desk.until(lambda view: any(MASKED in line.right for line in view.lines))
    assert view.id == "amount"


async def test_card_first_works_as_well_as_amount_first(desk: Desk, host: ScriptedHost) -> None:
    await desk.sign_in()
    desk.terminal.show_card("stripe", "swipe")
    await desk.screen("amount")
    desk.keys(*"500", "enter")
    await desk.screen("pin")
    desk.keys(*PIN, "enter")
    await desk.screen("tear_off")

    request = read_payment(host.heard[-1].message, CATALOGUE["sale"])
    assert (request.amount_fen, request.entry_mode) == (500, "021")


async def test_no_screen_and_no_state_ever_holds_a_digit_of_the_pin(desk: Desk) -> None:
    await desk.sign_in()
    await desk.pay()
    await desk.screen("tear_off")

    for view in desk.screens:
        assert PIN not in repr(view)
        assert CARD not in repr(view)
    assert PIN not in repr(desk.terminal._state)
    assert CARD not in repr(vars(desk.terminal))
    for path in desk.data.rglob("*"):
        if path.is_file() and path.parent.name != "cards":
            content = raw(path)
            assert PIN.encode() not in content
            assert CARD.encode() not in content
            assert bytes.fromhex(f"{CARD}0") not in content


async def test_a_late_tap_does_not_hit_the_next_screen(desk: Desk) -> None:
    await desk.sign_in()
    desk.terminal.press("sale", "standby")
    desk.terminal.press("sign_out", "standby")
    desk.terminal.press("5", "amount")

    view = await desk.until(lambda view: view.entry is not None and "0.05" in view.entry.shown)
    assert view.id == "amount"


async def test_digits_of_a_pin_screen_go_to_the_pin_pad_alone(desk: Desk) -> None:
    await desk.screen("sign_in_number")
    desk.keys("0", "1")
    await desk.screen("sign_in_password")
    desk.keys("7", "7", "7", "clear")

    view = await desk.until(lambda view: view.entry is not None and len(view.entry.shown) == 2)
    assert view.entry is not None
    assert "7" not in view.entry.shown


async def test_the_language_changes_at_once(desk: Desk) -> None:
    await desk.screen("sign_in_number")
    desk.terminal.choose_lang("en")

    assert (await desk.until(lambda view: view.lang == "en")).id == "sign_in_number"


# ── the e-signature model ────────────────────────────────────────────────────


async def test_an_electronic_slip_carries_the_signature(tmp_path: Path, host: ScriptedHost) -> None:
    desk = Desk(tmp_path, host, "esign")
    await desk.power_on()
    await desk.sign_in()
    await desk.pay()
    view = await desk.screen("sign_here")
    assert view.signature
    desk.terminal.sign([[(10, 20), (30, 40)]])
    standby = await desk.screen("standby")

    assert [desk.terminal.slip(slip).electronic for slip in standby.slips] == [True, True]
    assert desk.terminal.signature(standby.slips[0]) == (((10, 20), (30, 40)),)
    with pytest.raises(Misuse, match="no printer"):
        desk.terminal.set_device("printer", "no_paper")
    await desk.terminal.stop()


def test_a_signature_is_kept_within_its_bounds() -> None:
    endless = [[(1, 1)] * (POINTS_MAX - 1), [(2, 2)] * 10]
    assert [len(stroke) for stroke in bounded_strokes(endless)] == [POINTS_MAX - 1, 1]
    assert len(bounded_strokes([[(1, 1)]] * (STROKES_MAX + 1))) == STROKES_MAX
    assert bounded_strokes([[], [(500, -1)]]) == (((480, 0),),)


@pytest.mark.parametrize("sent", [attempt(42), replace(attempt(41), batch_no=BatchNo("000002"))])
async def test_a_payment_never_leaves_with_the_chip_data_of_another(
    desk: Desk, host: ScriptedHost, sent: Attempt
) -> None:
    await desk.sign_in()
    desk.terminal.show_card("chip", "insert")
    await desk.until(lambda view: any(MASKED in line.right for line in view.lines))
    performer = desk.terminal._performer
    with structlog.testing.capture_logs() as logs:
        performer.perform_all((fx.RememberPayment(attempt=attempt(41)), fx.SendPayment(attempt=sent)), BATCH)
        await asyncio.gather(*performer._jobs)

    assert [entry["event"] for entry in logs][:2] == ["prepared_for_another_payment", "payment_without_card"]
    assert "sale" not in host.names()


async def test_a_signature_that_nobody_asked_for_is_dropped(desk: Desk) -> None:
    await desk.sign_in()
    desk.terminal.sign([[(1, 2)]])

    assert journal_of(desk.terminal).signature(BatchNo("000001"), TraceNo("000001")) == ()


async def test_the_running_terminal_has_the_face_that_fronts_know(desk: Desk) -> None:
    face: TerminalFace = desk.terminal

    assert (face.number, face.profile.name) == (TERMINAL, "smart")


async def test_a_front_that_breaks_is_shut_out_and_the_others_go_on(desk: Desk) -> None:
    await desk.screen("sign_in_number")

    def broken(view: ScreenView) -> None:
        raise ValueError("a front is broken")

    desk.terminal.watch(broken)
    desk.keys("0")
    desk.keys("1")
    await desk.screen("sign_in_password")

    assert desk.terminal._restarts == 0


async def test_a_key_that_does_nothing_is_answered_with_the_screen_as_it_is(desk: Desk) -> None:
    await desk.screen("sign_in_number")
    told: asyncio.Queue[ScreenView] = asyncio.Queue()
    desk.terminal.watch(told.put_nowait)
    desk.keys(*["enter"] * 5)
    views = [await asyncio.wait_for(told.get(), 10) for _ in range(5)]

    assert {view.id for view in views} == {"sign_in_number"}
    assert views[-1] == views[-2] == views[-3], "told again although nothing changed"


async def test_all_that_was_typed_is_taken_back_at_once(desk: Desk) -> None:
    """In every field; an empty one stays as it is, because there the key could mean something else."""

    async def shows(shown: str) -> None:
        await desk.until(lambda view: view.entry is not None and view.entry.shown == shown)

    await desk.screen("sign_in_number")
    desk.keys("clear_all", "0")
    await shows("0")
    desk.keys("clear_all")
    await shows("")
    desk.keys("0", "1")
    await desk.screen("sign_in_password")
    desk.keys("1", "2", "3")
    await shows("•••")
    desk.keys("clear_all")
    await shows("")
    desk.keys("clear_all", "1", "clear_all", "4", "4")
    await shows("••")
    desk.keys("cancel")
    await desk.sign_in()
    desk.keys("sale")
    await desk.screen("amount")
    desk.keys("4", "2", "00")
    await shows("¥42.00")
    desk.keys("clear_all")
    await shows("¥0.00")
    desk.keys("clear_all", "7")
    await shows("¥0.07")


async def test_the_heartbeat_has_its_own_numbers(desk: Desk, host: ScriptedHost) -> None:
    await desk.sign_in()
    voucher = remembered(desk).trace_no
    for _ in range(2):
        host.came.clear()
        for _ in range(HEARTBEAT_S):
            desk.terminal._inputs.put_nowait(_Tick())
        await asyncio.wait_for(host.came.wait(), 5)

    beats = [heard for heard in host.heard if heard.transaction.name == "status"]
    assert [beat.message.fields[11] for beat in beats] == ["000001", "000002"]
    assert all(beat.mac_is_right for beat in beats)
    assert remembered(desk).trace_no == voucher


async def test_cards_and_unknown_things_are_told_in_words(desk: Desk) -> None:
    assert [card.masked_pan for card in desk.terminal.cards()] == [MASKED, "621700*********0020"]
    with pytest.raises(Misuse, match="no virtual card"):
        desk.terminal.show_card("gold", "tap")
    with pytest.raises(Misuse, match="choose one of"):
        desk.terminal.set_device("network", "sideways")
    with pytest.raises(Misuse, match="no slip"):
        desk.terminal.slip("000099-merchant")
    with pytest.raises(Misuse, match="000012-merchant"):
        desk.terminal.slip("../../device")
