"""The running terminal against a scripted host: the whole job, and what happens when a part of it breaks."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog
from msgspec.structs import replace
from tests.worlds.running_terminal import CHIP_KEY, PIN, Desk
from tests.worlds.scripted_host import ScriptedHost
from tests.worlds.shell_makes import BATCH, CARD, MASKED, TERMINAL, attempt

from zhanggui.basics.errors import Fault, Misuse
from zhanggui.basics.numbers import BatchNo, TraceNo
from zhanggui.basics.secret import Pan
from zhanggui.cup.messages.payment import read_payment, read_reversal
from zhanggui.cup.operator_tags import unpack_tags
from zhanggui.cup.transactions import CATALOGUE, bytes_of
from zhanggui.iso8583.tlv import decode_tlv
from zhanggui.terminal.face import TerminalFace
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core.events import Memory
from zhanggui.terminal.flow.core.payments import Attempt
from zhanggui.terminal.flow.core.policy import HEARTBEAT_S
from zhanggui.terminal.flow.screens.views import ScreenView
from zhanggui.terminal.journal import SqliteJournal
from zhanggui.terminal.journal_port import Remembered
from zhanggui.terminal.performer import POINTS_MAX, STROKES_MAX, JobBroke, bounded_strokes
from zhanggui.terminal.runtime import RESTARTS_MAX, Terminal, _Tick
from zhanggui.vault.cryptogram import arqc_data, verify_arqc


@pytest.fixture
async def host() -> AsyncIterator[ScriptedHost]:
    made = ScriptedHost()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def desk(tmp_path: Path, host: ScriptedHost) -> AsyncIterator[Desk]:
    made = Desk(tmp_path, host)
    await made.power_on()
    yield made
    await made.terminal.stop()


def journal_of(terminal: Terminal) -> SqliteJournal:
    journal = terminal._journal
    assert isinstance(journal, SqliteJournal)
    return journal


def remembered(desk: Desk) -> Memory:
    """What a new process would find."""
    journal = SqliteJournal(desk.data / "terminals" / TERMINAL / "journal.db", desk.clock)
    try:
        return journal.memory()
    finally:
        journal.close()


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
            content = path.read_bytes()
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


# ── what breaks ──────────────────────────────────────────────────────────────


async def test_the_language_chosen_at_a_terminal_is_there_after_a_restart(desk: Desk, host: ScriptedHost) -> None:
    await desk.screen("sign_in_number")
    desk.terminal.choose_lang("en")
    await desk.until(lambda view: view.lang == "en")
    await desk.terminal.stop()
    again = Desk(desk.data, host, new=False)
    await again.power_on()
    await again.screen("sign_in_number")
    assert again.terminal.view().lang == "en"
    await again.terminal.stop()
    (desk.data / "terminals" / TERMINAL / "lang").write_bytes(b"\xff")
    damaged = Desk(desk.data, host, new=False)
    await damaged.power_on()
    assert (await damaged.screen("sign_in_number")).lang == "zh"
    await damaged.terminal.stop()


async def test_a_disk_that_does_not_keep_the_language_costs_only_that(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(lang: str) -> None:
        raise Fault("disk full")

    await desk.screen("sign_in_number")
    monkeypatch.setattr(desk.terminal, "_keep_lang", refused)
    with structlog.testing.capture_logs() as logs:
        desk.terminal.choose_lang("en")
        await desk.until(lambda view: view.lang == "en")
    assert [entry["event"] for entry in logs] == ["lang_not_kept"]


async def test_a_payment_without_an_answer_is_undone_before_anything_else(desk: Desk, host: ScriptedHost) -> None:
    await desk.sign_in()
    host.silent.add("sale")
    await desk.pay()
    await desk.screen("reversing", "trouble")
    await desk.screen("trouble")

    assert host.names()[-2:] == ["sale", "reversal"]
    undone = read_reversal(host.heard[-1].message)
    assert (undone.trace_no, undone.reason, undone.pan) == (host.heard[-2].message.fields[11], "98", Pan(CARD))
    assert host.heard[-1].mac_is_right
    assert remembered(desk).reversal is None
    assert [line.state for line in remembered(desk).today] == ["reversed"]


async def test_a_payment_that_never_left_needs_no_reversal(desk: Desk, host: ScriptedHost) -> None:
    await desk.sign_in()
    desk.terminal.set_device("network", "down")
    await desk.pay()
    await desk.screen("sale_refused", "trouble")

    assert "sale" not in host.names()
    assert remembered(desk).reversal is None


async def test_a_power_cut_after_sending_leads_to_the_reversal_after_sign_in(desk: Desk, host: ScriptedHost) -> None:
    await desk.sign_in()
    host.silent.add("sale")
    host.came.clear()
    await desk.pay()
    while "sale" not in host.names():
        host.came.clear()
        await asyncio.wait_for(host.came.wait(), 5)
    await desk.terminal.stop()
    pending = remembered(desk).reversal
    assert pending is not None
    assert pending.masked_pan == MASKED

    await desk.power_on()
    await desk.sign_in()
    while "reversal" not in host.names():
        host.came.clear()
        await asyncio.wait_for(host.came.wait(), 5)

    undone = read_reversal(host.heard[host.names().index("reversal")].message)
    assert (undone.trace_no, undone.pan) == (pending.trace_no, Pan(CARD))
    assert host.names().count("sale") == 1


async def test_slips_that_a_power_cut_held_back_come_at_power_on(desk: Desk, host: ScriptedHost) -> None:
    await desk.sign_in()
    await desk.pay()
    await desk.screen("tear_off")
    await desk.terminal.stop()
    assert remembered(desk).print_pending is not None

    await desk.power_on()
    await desk.screen("tear_off")
    desk.keys("enter")
    await desk.screen("sign_in_number")

    assert remembered(desk).print_pending is None
    assert host.names().count("sale") == 1
    assert "掌柜便利店" in " ".join(line.left for line in desk.terminal.slip("000004-merchant-again").lines)


async def test_trace_numbers_go_on_after_a_power_cut(desk: Desk, host: ScriptedHost) -> None:
    await desk.sign_in()
    await desk.terminal.stop()
    await desk.power_on()
    await desk.sign_in()

    numbers = [heard.message.fields[11] for heard in host.heard]
    assert numbers == [f"{number:06d}" for number in range(1, 7)]


async def test_out_of_paper_is_asked_about_and_the_sale_stays_approved(desk: Desk) -> None:
    await desk.sign_in()
    desk.terminal.set_device("printer", "no_paper")
    await desk.pay()
    await desk.screen("print_trouble")
    desk.terminal.set_device("printer", "ok")
    desk.keys("retry")
    await desk.screen("tear_off")

    assert [line.state for line in remembered(desk).today] == ["approved"]


class FailingJournal:
    """Passes everything to a journal, until a kind of record is to fail."""

    def __init__(self, real: SqliteJournal) -> None:
        self._real = real
        self.fails: type[Remembered] | None = None

    def remember(self, effect: Remembered, sealed_card: bytes = b"") -> str:
        if self.fails is not None and isinstance(effect, self.fails):
            raise Fault("the disk is full")
        return self._real.remember(effect, sealed_card)

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


def break_records(desk: Desk, kind: type[Remembered]) -> None:
    failing = FailingJournal(journal_of(desk.terminal))
    failing.fails = kind
    desk.terminal._performer.journal = failing  # type: ignore[assignment]  # it passes on what it does not break


async def test_a_payment_that_can_not_be_remembered_never_leaves(desk: Desk, host: ScriptedHost) -> None:
    await desk.sign_in()
    break_records(desk, fx.RememberPayment)
    await desk.pay()
    await desk.screen("trouble")

    assert "sale" not in host.names()
    assert remembered(desk).reversal is None


async def test_an_approval_that_can_not_be_remembered_is_undone(desk: Desk, host: ScriptedHost) -> None:
    await desk.sign_in()
    break_records(desk, fx.RememberApproval)
    await desk.pay()
    await desk.screen("trouble")

    assert host.names()[-2:] == ["sale", "reversal"]
    assert read_reversal(host.heard[-1].message).reason == "96"
    with pytest.raises(Misuse):
        desk.terminal.slip("000004-merchant")


async def test_a_broken_invariant_restarts_from_the_journal(desk: Desk) -> None:
    await desk.sign_in()
    await desk.pay()
    await desk.screen("tear_off")

    with structlog.testing.capture_logs() as logs:
        desk.terminal._inputs.put_nowait(JobBroke(ValueError(f"a careless message with {CARD}")))
        await desk.screen("self_check")
        await desk.screen("tear_off")

    assert CARD not in repr(logs)
    assert [entry["event"] for entry in logs].count("invariant_broken") == 1


async def test_a_terminal_that_breaks_again_and_again_gives_up(desk: Desk) -> None:
    for _ in range(RESTARTS_MAX):
        await desk.screen("sign_in_number")
        desk.terminal._inputs.put_nowait(JobBroke(ValueError("broken")))
        await desk.screen("self_check")
    await desk.screen("sign_in_number")
    desk.terminal._inputs.put_nowait(JobBroke(ValueError("broken for good")))

    with pytest.raises(ValueError, match="for good"):
        await asyncio.wait_for(desk.terminal.broken(), 5)


async def test_a_restart_at_the_operators_wish_forgets_card_and_digits(desk: Desk) -> None:
    await desk.sign_in()
    desk.terminal.show_card("chip", "insert")
    await desk.screen("amount")
    desk.terminal._restart("en")
    view = await desk.until(lambda view: view.id == "sign_in_number")

    assert view.lang == "en"
    assert desk.terminal._performer._card is None


async def test_opening_the_machine_stops_payments(desk: Desk, host: ScriptedHost) -> None:
    await desk.sign_in()
    desk.terminal.set_device("tamper", "opened")
    await desk.pay()
    await desk.screen("sale_refused", "trouble")

    assert "sale" not in host.names()


async def heard(host: ScriptedHost, name: str, times: int) -> None:
    """Wait until the host heard this message so often."""
    async with asyncio.timeout(20):
        while host.names().count(name) < times:  # noqa: ASYNC110  # the host keeps a list and no event
            await asyncio.sleep(0.01)


async def test_an_opened_machine_tells_its_host_at_once_and_at_each_start(desk: Desk, host: ScriptedHost) -> None:
    await desk.sign_in()
    desk.terminal.set_device("tamper", "opened")
    await heard(host, "status", 1)
    await desk.terminal.stop()
    again = Desk(desk.data, host, new=False)
    await again.power_on()
    view = await again.until(lambda view: view.id == "self_check_result")
    assert "机壳曾被打开" in repr(view)
    await heard(host, "status", 2)
    await again.terminal.stop()
    said = [one for one in host.heard if one.transaction.name == "status"]
    # At the second start the scripted host had given other keys meanwhile; a true one keeps those that were proven last.
    assert said[0].mac_is_right
    assert all("tamper:fail:opened" in repr(unpack_tags(bytes_of(one.message, 62))) for one in said)


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


async def test_the_power_key_cuts_a_sale_as_a_power_cut_does_and_the_next_start_tells_of_it(
    desk: Desk, host: ScriptedHost
) -> None:
    host.silent.add("sale")
    await desk.sign_in()
    await desk.pay()
    await desk.screen("selling")
    desk.terminal.choose_lang("en")
    desk.terminal.press_power()
    off = await desk.screen("off")
    assert (off.title, off.status.operator, off.lang) == ("Switched off", "", "en")
    assert remembered(desk).reversal is not None
    desk.keys("power")
    checked = await desk.until(lambda view: view.id == "self_check" and view.rows)
    assert {row.tone for row in checked.rows} == {"good"}
    desk.keys("enter")
    number = await desk.screen("sign_in_number")
    assert any("Sale ¥12.50" in line.text and "cut off" in line.text for line in number.lines)


async def test_what_comes_while_the_terminal_is_off_changes_nothing(desk: Desk) -> None:
    await desk.sign_in()
    desk.terminal.press_power()
    await desk.screen("off")
    desk.keys("sale", "enter", "1")
    desk.terminal.set_device("power", "fail")
    desk.terminal.show_card("chip", "insert")
    desk.terminal.set_device("power", "ok")
    desk.terminal.press_power()
    await desk.until(lambda view: view.id == "self_check" and view.rows)
