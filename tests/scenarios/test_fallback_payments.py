"""降级 over TCP, on three models: the chip fails, the stripe is taken, wire, host, list and slip say so; and who refuses it."""

import subprocess
import sys

import pytest
from tests.conftest import Ports
from tests.worlds.house import House
from tests.worlds.recording_wire import Seen
from tests.worlds.true_terminal import PIN, AtTheCounter, at_the_counter, words_of

from zhanggui.programs.data_folder import Places
from zhanggui.store.open import open_queries
from zhanggui.store.queries import PaymentFilter
from zhanggui.views.payments import PAYMENTS, read_payments

TRIES = 3


async def swipe_after_tries(at: AtTheCounter, card: str, tries: int = TRIES) -> None:
    """Up to the PIN."""
    at.keys("sale")
    await at.screen("amount")
    at.keys(*"1250", "enter")
    await at.screen("card")
    at.terminal.show_card(card, "swipe")
    await at.until(lambda view: "芯片卡，请插卡" in words_of(view))
    for n in range(1, tries + 1):
        at.terminal.show_card(card, "insert")
        await hears(at, f"{n}/{tries}" if n < tries else "读不出")
    at.terminal.show_card(card, "swipe")


async def hears(at: AtTheCounter, said: str) -> None:
    """What is said of the card."""
    await at.until(lambda view: any(said in line.text for line in view.lines if line.style == "strong"))


async def pay_by_stripe(at: AtTheCounter, card: str) -> None:
    await swipe_after_tries(at, card)
    await at.screen("pin")
    at.keys(*PIN, "enter")


def set_policy(house: House, rule: str, value: str) -> None:
    words = ("policy", "set", rule, value, "--merchant", "102100058120001", "--data", str(house.folder), "--json")
    done = subprocess.run([sys.executable, "-m", "zhanggui", *words], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def entry_modes(house: House) -> list[tuple[object, object, object]]:
    return [(row["entry_mode"], row["response_code"], row["reason"]) for row in house.host_rows("payments")]


@pytest.mark.parametrize("number", ["10000001", "10000002", "10000003"])
async def test_a_worn_chip_is_paid_with_by_its_stripe(house: House, ports: Ports, number: str) -> None:
    async with at_the_counter(house, ports.take(), number) as at:
        await pay_by_stripe(at, "worn-chip")
        if number == "10000002":
            await at.screen("sign_here")
            at.terminal.sign((((20, 80), (120, 40)),))
            await at.screen("standby")
        else:
            await at.slips_out()
        (asked,) = at.wire.sent("0200")
        slip = at.terminal.slip(f"{asked.trace_no}-merchant")
        at.terminal.show_card("worn-chip", "tap")
        await at.screen("amount")
    assert (asked.entry_mode, asked.field_60[11:], asked.has & {23, 55}) == ("021", "52", frozenset())
    text = " ".join(f"{line.left} {line.right}" for line in slip.lines)
    assert (" F " in text, "FALLBACK 80" in text) == (True, True)
    assert entry_modes(house) == [("801", "00", None)]
    with open_queries(str(Places(house.folder).host_database)) as queries:
        (row,) = read_payments(queries, PaymentFilter())
    shown = {column.name: column.cell(row, "zh") for column in PAYMENTS.columns}
    assert shown["entry"] == "降级刷卡"
    assert house.bank_differences() == []


async def test_a_slot_that_reads_no_chips_is_the_same(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        at.terminal.set_device("card_reader", "blind")
        await pay_by_stripe(at, "main")
        await at.slips_out()
    assert entry_modes(house) == [("801", "00", None)]


async def test_a_bank_may_refuse_the_stripe_of_its_chip_card(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await pay_by_stripe(at, "chip-only")
        view = await at.screen("sale_refused")
        assert (view.code, "未扣款" in words_of(view)) == ("R57", True)
    assert entry_modes(house) == [("801", "57", None)]
    assert [row["reason"] for row in house.bank_rows("payments")] == [
        "card has a chip, and its bank takes no stripe of it"
    ]


async def test_a_shop_that_closes_fallback_while_one_is_in_hand_refuses_it_with_a_row(
    house: House, ports: Ports
) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await swipe_after_tries(at, "worn-chip")
        await at.screen("pin")
        set_policy(house, "fallback_tries", "0")
        at.keys(*PIN, "enter")
        assert (await at.screen("sale_refused")).code == "R58"
        at.keys("enter")
    assert entry_modes(house) == [("801", "58", "fallback_refused")]
    assert house.bank_rows("payments") == []


async def test_a_fallback_whose_answer_is_lost_in_a_power_cut_is_reversed_as_it_was_sent(
    house: House, ports: Ports
) -> None:
    async with at_the_counter(house, ports.take(), timeout_s=30.0) as at:
        begun = at.wire.place
        at.lose_answers("0210")
        await pay_by_stripe(at, "worn-chip")

        def is_answer(seen: Seen) -> bool:
            return seen.mti == "0210"

        await at.wire.passes(is_answer, since=begun)
        at.terminal.press_power()
        await at.screen("off")
        at.terminal.press_power()
        await at.sign_in()
        await at.until(lambda view: "待冲正" not in words_of(view) and view.id == "standby")
        (reversal,) = at.wire.sent("0400")
    assert (reversal.entry_mode, reversal.field_60[11:]) == ("021", "52")
    assert [(row["state"], row["entry_mode"]) for row in house.host_rows("payments")] == [("reversed", "801")]
    assert house.bank_differences() == []
