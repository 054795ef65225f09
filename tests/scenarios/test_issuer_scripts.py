"""A bank has something for one of its chips: over TCP it goes with the answer to a payment, the chip does it, and a notice (0620) tells so.

Everything is real but the people: terminal with journal and card files, host, bank.
"""

import json
from pathlib import Path

import pytest
from tests.conftest import Ports
from tests.worlds.house import House
from tests.worlds.recording_wire import Seen
from tests.worlds.true_terminal import AtTheCounter, at_the_counter

from zhanggui.bank.cards import card_named
from zhanggui.cup.values.issuer_script import read_results
from zhanggui.programs.data_folder import Places

MAIN = card_named("main")


def chip_memory(house: House) -> dict[str, object]:
    found = Places(house.settings.data_path).cards / "main.memory"
    return json.loads(found.read_bytes()) if found.exists() else {}


def told(house: House) -> list[tuple[str, str]]:
    """What the host knows of scripts: the outcome, and whether the issuer was told."""
    return [
        (one.outcome, str(row["state"]))
        for row in house.host_rows("payment_scripts")
        for one in read_results(bytes.fromhex(str(row["results"])))
    ]


async def the_issuer_hears(at: AtTheCounter, house: House) -> None:
    """Wait until the notice was passed on."""
    await at.eventually(lambda: [state for _, state in told(house)] == ["told"])


def notices(at: AtTheCounter, since: int = 0) -> list[Seen]:
    return at.wire.sent("0620", since=since)


@pytest.mark.parametrize("number", ["10000001", "10000002", "10000003"])
async def test_what_the_chip_did_is_told_and_the_issuer_asks_no_more(house: House, ports: Ports, number: str) -> None:
    house.order_script(MAIN.pan, "offline_limit", 3)
    async with at_the_counter(house, ports.take(), number) as at:
        begun = at.wire.place
        await at.pay("12850")
        await at.wire.passes(lambda seen: seen.mti == "0630" and seen.response_code == "00", since=begun)
        await the_issuer_hears(at, house)
        assert [seen.mti for seen in at.wire.sent("0200", "0620", "0400", since=begun)] == ["0200", "0620"]
        assert chip_memory(house)["offline_limit"] == 3
        assert told(house) == [("done", "told")]
        (script,) = house.bank_rows("scripts")
        assert (script["state"], script["sent"], script["result"]) == ("done", 1, "done")
        (row,) = house.host_rows("payment_scripts")
        assert row["chip_data"] == b"", "the chip's data have no more use once the issuer knows"
        sold = at.wire.place
        await at.pay("5000")
        assert notices(at, sold) == [], "nothing more was sent to the chip"
    assert len(house.host_rows("payments")) == 2


async def test_a_notice_that_was_lost_goes_before_the_next_payment_after_a_power_cut_and_counts_once(
    house: House, ports: Ports
) -> None:
    house.order_script(MAIN.pan, "offline_limit", 5)
    async with at_the_counter(house, ports.take(), timeout_s=2.0) as at:
        at.lose_answers("0630", count=1)
        begun = at.wire.place
        await at.pay("12850")
        first = await at.wire.passes(lambda seen: seen.mti == "0620", since=begun)
        await the_issuer_hears(at, house)
        at.terminal.press_power()
        await at.screen("off")
        cut = at.wire.place
        at.terminal.press_power()
        await at.sign_in()
        again = await at.wire.passes(lambda seen: seen.mti == "0630", since=cut)
        assert (again.trace_no, again.response_code) == (first.trace_no, "00"), "the same once more"
        await at.pay("5000")
        assert [seen.mti for seen in at.wire.sent("0620", "0200", since=cut)] == ["0620", "0200"]
    assert told(house) == [("done", "told")]


async def test_a_command_that_is_not_the_issuers_fails_is_told_and_leaves_the_payment_as_it_is(
    house: House, ports: Ports
) -> None:
    house.order_script(MAIN.pan, "block")
    (file,) = Places(house.settings.data_path).cards.glob("*-main.json")
    _with_another_script_key(file)
    async with at_the_counter(house, ports.take()) as at:
        begun = at.wire.place
        await at.pay("12850")
        await at.wire.passes(lambda seen: seen.mti == "0630" and seen.response_code == "00", since=begun)
        await the_issuer_hears(at, house)
        assert at.wire.sent("0400", since=begun) == []
    assert told(house) == [("failed", "told")]
    (script,) = house.bank_rows("scripts")
    assert (script["state"], script["result"]) == ("pending", "failed"), "it goes again with the next answer"
    (payment,) = house.host_rows("payments")
    assert payment["state"] == "approved"
    assert not chip_memory(house).get("is_blocked")


async def test_a_blocked_chip_pays_no_more(house: House, ports: Ports) -> None:
    house.order_script(MAIN.pan, "block")
    async with at_the_counter(house, ports.take()) as at:
        await at.pay("12850")
        await the_issuer_hears(at, house)
        assert chip_memory(house)["is_blocked"] is True
        at.keys("sale")
        await at.screen("amount")
        at.keys(*"100", "enter")
        await at.screen("card")
        at.terminal.show_card("main", "insert")
        await at.until(
            lambda view: view.id == "card" and any("card" in line.text or "卡" in line.text for line in view.lines)
        )
    assert len(house.host_rows("payments")) == 1


def _with_another_script_key(file: Path) -> None:
    card = json.loads(file.read_bytes())
    card["chip"]["script_key"] = "00112233445566778899AABBCCDDEEFF"
    file.write_text(json.dumps(card), encoding="utf-8")
