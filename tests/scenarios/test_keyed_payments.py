"""手输卡号 over TCP, on three models: typed, approved, paid; never for a refund; undone after a power cut; and never in clear anywhere."""

import subprocess
import sys

import pytest
from tests.conftest import Ports
from tests.security.canaries import found_in
from tests.worlds.foreign_terminal import TEST_CARD, ForeignTerminal, Line
from tests.worlds.house import House
from tests.worlds.recording_wire import Seen
from tests.worlds.true_terminal import PIN, AtTheCounter, at_the_counter, words_of

NUMBER, EXPIRY = "6217000000000000103", "4912"
"""The test card `second`."""
MASK = "621700*********0103"


def allow(house: House) -> None:
    words = ("policy", "set", "keyed", "true", "--merchant", "102100058120001", "--data", str(house.folder), "--json")
    done = subprocess.run([sys.executable, "-m", "zhanggui", *words], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


async def types_the_card(at: AtTheCounter, number: str = NUMBER) -> None:
    """From the screen that waits for a card."""
    await at.screen("card")
    at.keys("keyed")
    await at.screen("keyed_number")
    at.keys(*number, "enter")
    await at.screen("keyed_expiry")
    at.keys(*EXPIRY, "enter")


async def begin_sale(at: AtTheCounter, fen: str = "1250") -> None:
    at.keys("sale")
    await at.screen("amount")
    at.keys(*fen, "enter")


async def signs(at: AtTheCounter, number: str) -> None:
    if number == "10000002":
        await at.screen("sign_here")
        at.terminal.sign((((20, 80), (120, 40)),))
        await at.screen("standby")
    else:
        await at.slips_out()


def rows(house: House) -> list[tuple[object, ...]]:
    return [(r["kind"], r["entry_mode"], r["state"], r["response_code"]) for r in house.host_rows("payments")]


@pytest.mark.parametrize("number", ["10000001", "10000002", "10000003"])
async def test_a_number_that_is_typed_pays_with_a_supervisor_and_a_pin(house: House, ports: Ports, number: str) -> None:
    allow(house)
    async with at_the_counter(house, ports.take(), number) as at:
        await begin_sale(at)
        await at.screen("card")
        at.keys("keyed")
        await at.screen("keyed_number")
        at.keys(*NUMBER[:-1], "9", "enter")
        await at.until(lambda view: any("有误" in line.text for line in view.lines))
        at.keys("cancel")
        await at.screen("standby")
        await begin_sale(at)
        await types_the_card(at)
        await at.supervisor()
        shown = await at.screen("pin")
        assert MASK in words_of(shown)
        at.keys(*PIN, "enter")
        await signs(at, number)
        (asked,) = at.wire.sent("0200")
        slip = at.terminal.slip(f"{asked.trace_no}-merchant")
    assert asked.entry_mode == "011"
    assert sorted(asked.has & {2, 14, 35, 36, 52, 55}) == [2, 14, 52]
    assert asked.field_60[11:] == "50"
    text = " ".join(f"{line.left} {line.right}" for line in slip.lines)
    assert (f"{MASK} M" in text, "手输" in text) == (True, True)
    assert rows(house) == [("sale", "011", "approved", "00")]
    (approval,) = [row for row in house.host_rows("approvals") if row["used_ms"]]
    assert (approval["action"], approval["amount_fen"]) == ("key_card", 1250)
    assert house.bank_differences() == []
    files = [path for path in house.folder.rglob("*") if path.is_file() and path.parent.name != "cards"]
    assert [path.name for path in files if path.name.startswith("journal")]
    assert [path for path in files if found_in(path.read_bytes(), {"card number": NUMBER})] == []


def test_a_terminal_of_another_maker_types_where_policy_lets_it(house: House, stranger: ForeignTerminal) -> None:
    """The supervisor's password was typed there; number and expiry must be whole."""
    with Line("127.0.0.1", house.host_port) as line:
        stranger.go_sign_in(line)

        def typed(**more: str) -> str:
            sale = {name: value for name, value in stranger.sale(12_50).items() if name != "35"}
            keyed = {**sale, "22": "011", "2": TEST_CARD.number, "14": TEST_CARD.expiry} | more
            return stranger.ask(line, {name: value for name, value in keyed.items() if value})["39"]

        assert typed() == "58"
        allow(house)
        assert typed() == "00"
        assert typed(**{"14": ""}) == "30"
        assert typed(**{"2": TEST_CARD.number[:-1] + "9"}) == "14"
    reasons = [row["reason"] for row in house.host_rows("payments")]
    assert reasons == ["keyed_refused", None, "keyed_without_expiry", "number_mistyped"]


async def test_without_a_pin_the_cards_bank_decides(house: House, ports: Ports) -> None:
    allow(house)
    async with at_the_counter(house, ports.take()) as at:
        await begin_sale(at)
        await types_the_card(at)
        await at.supervisor()
        await at.screen("pin")
        at.keys("enter")
        assert (await at.screen("sale_refused")).code == "R55"
        assert at.wire.sent("0200")[-1].entry_mode == "012"
    assert rows(house) == [("sale", "012", "declined", "55")]


async def test_it_is_off_until_policy_says_so_and_never_there_for_a_refund(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await at.sell("500")
        await begin_sale(at)
        assert "keyed" not in [choice.key for choice in (await at.screen("card")).choices]
        at.keys("cancel")
        await at.screen("standby")
    allow(house)
    async with at_the_counter(house, ports.take(), operator="02") as at:
        (sold,) = [row for row in house.host_rows("payments") if row["state"] == "approved"]
        await begin_sale(at)
        assert "keyed" in [choice.key for choice in (await at.screen("card")).choices]
        at.keys("cancel")
        await at.screen("standby")
        at.keys("refund")
        await at.screen("original")
        at.keys(*str(sold["rrn"]), "enter")
        await at.until(lambda view: view.id == "original" and "¥5.00" in words_of(view))
        at.keys("enter")
        await at.screen("amount")
        at.keys(*"100", "enter")
        assert "keyed" not in [choice.key for choice in (await at.screen("card")).choices]


async def test_a_typed_void_needs_one_supervisor_and_gives_the_money_back(house: House, ports: Ports) -> None:
    allow(house)
    async with at_the_counter(house, ports.take()) as at:
        await at.sell("12345")
        trace_no = at.terminal.view().rows[0].left.split()[-1]
        at.keys("void")
        await at.screen("original")
        at.keys(*trace_no, "enter")
        await at.until(lambda view: trace_no in words_of(view))
        at.keys("enter")
        await types_the_card(at, TEST_CARD.number)
        await at.supervisor()
        await at.slips_out()
    assert rows(house)[-1] == ("void", "012", "approved", "00")
    assert house.balance_fen(TEST_CARD.number) == 100_000_00
    assert house.bank_differences() == []


async def test_a_typed_payment_whose_answer_is_lost_in_a_power_cut_is_reversed_by_its_number(
    house: House, ports: Ports
) -> None:
    allow(house)
    async with at_the_counter(house, ports.take(), timeout_s=30.0) as at:
        begun = at.wire.place
        at.lose_answers("0210")
        await begin_sale(at)
        await types_the_card(at)
        await at.supervisor()
        await at.screen("pin")
        at.keys(*PIN, "enter")

        def is_answer(seen: Seen) -> bool:
            return seen.mti == "0210"

        await at.wire.passes(is_answer, since=begun)
        at.terminal.press_power()
        await at.screen("off")
        at.terminal.press_power()
        await at.sign_in()
        await at.until(lambda view: "待冲正" not in words_of(view) and view.id == "standby")
        (reversal,) = at.wire.sent("0400")
    assert (reversal.entry_mode, 2 in reversal.has) == ("011", True)
    assert rows(house) == [("sale", "011", "reversed", "00")]
    assert house.balance_fen(NUMBER) == 5_000_00
    assert house.bank_differences() == []
