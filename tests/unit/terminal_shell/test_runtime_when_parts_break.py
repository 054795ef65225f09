"""The running terminal when a part of it breaks: disk, line, paper, power, the machine's case, or an invariant."""

import asyncio

import pytest
import structlog
from tests.worlds.running_terminal import Desk, journal_of, remembered
from tests.worlds.scripted_host import ScriptedHost
from tests.worlds.shell_makes import CARD, MASKED, TERMINAL

from zhanggui.basics.errors import Fault, Misuse
from zhanggui.basics.secret import Pan
from zhanggui.cup.messages.payment import read_reversal
from zhanggui.cup.operator_tags import unpack_tags
from zhanggui.cup.transactions import bytes_of
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.journal import SqliteJournal
from zhanggui.terminal.journal_port import Remembered
from zhanggui.terminal.performer import JobBroke
from zhanggui.terminal.runtime import RESTARTS_MAX


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


async def test_a_card_that_is_pulled_out_too_early_is_undone_though_it_was_approved(
    desk: Desk, host: ScriptedHost
) -> None:
    await desk.sign_in()
    desk.terminal.set_device("card_reader", "hasty")
    await desk.pay()
    assert (await desk.screen("trouble")).code == "C101"
    assert host.names()[-2:] == ["sale", "reversal"]
    undone = read_reversal(host.heard[-1].message)
    assert (undone.trace_no, undone.reason) == (host.heard[-2].message.fields[11], "06")
    assert [line.state for line in remembered(desk).today] == ["reversed"]
    desk.keys("enter")
    await desk.screen("standby")
    desk.terminal.set_device("card_reader", "ok")
    await desk.pay()
    await desk.screen("tear_off")
    assert [line.state for line in remembered(desk).today] == ["approved", "reversed"]


async def test_a_stripe_has_nothing_to_hear_and_may_go(desk: Desk) -> None:
    await desk.sign_in()
    desk.terminal.set_device("card_reader", "hasty")
    await desk.pay(card="stripe")
    await desk.screen("tear_off")


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
    desk.keys("sale")
    await desk.screen("amount")
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
