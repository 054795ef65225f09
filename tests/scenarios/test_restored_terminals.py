"""A terminal's folder that is put back from a copy, or begins anew, against a true host and bank: what was sold stays sold."""

import shutil
from pathlib import Path

from tests.conftest import Ports
from tests.worlds.foreign_terminal import TEST_CARD
from tests.worlds.house import House
from tests.worlds.recording_wire import Seen
from tests.worlds.true_terminal import AtTheCounter, at_the_counter, words_of

OPENING_FEN = 100_000_00
NUMBER = "10000001"
JOURNAL = "journal.db*"


def folder_of(house: House) -> Path:
    return house.settings.data_path / "terminals" / NUMBER


def back_up(house: House, to: Path) -> None:
    """What a backup of the journal holds; keys and settings of the machine stay where they are."""
    to.mkdir()
    for path in folder_of(house).glob(JOURNAL):
        shutil.copy(path, to)


def put_back(house: House, copy: Path) -> None:
    for path in folder_of(house).glob(JOURNAL):
        path.unlink()
    for path in copy.glob(JOURNAL):
        shutil.copy(path, folder_of(house))


def sales(house: House) -> list[tuple[int, str]]:
    return sorted((int(row["amount_fen"]), str(row["state"])) for row in house.host_rows("payments"))


def is_settled(house: House, *fen: int) -> None:
    assert sales(house) == sorted((one, "approved") for one in fen)
    assert len({row["rrn"] for row in house.host_rows("payments")}) == len(fen)
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN - sum(fen)
    assert house.bank_differences() == []


async def test_after_yesterdays_copy_was_put_back_the_same_amounts_are_new_sales_and_the_old_ones_stand(
    house: House, ports: Ports, tmp_path: Path
) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await at.sell("1000")
    back_up(house, tmp_path / "yesterday")
    async with at_the_counter(house, ports.take()) as at:
        for fen in ("1280", "1500"):
            await at.sell(fen)
    put_back(house, tmp_path / "yesterday")
    async with at_the_counter(house, ports.take()) as at:
        for fen in ("1280", "1500", "1280"):
            await at.sell(fen)
    is_settled(house, 1000, 1280, 1500, 1280, 1500, 1280)
    assert house.host_rows("clashes") == []


async def test_a_journal_that_begins_anew_goes_on_above_what_the_host_knows(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await at.sell("1280")
    for path in folder_of(house).glob(JOURNAL):
        path.unlink()
    async with at_the_counter(house, ports.take()) as at:
        await at.sell("1280")
    is_settled(house, 1280, 1280)
    assert len({row["trace_no"] for row in house.host_rows("payments")}) == 2


async def test_a_copy_made_while_a_sale_was_on_its_way_does_not_undo_it_and_says_that_people_look(
    house: House, ports: Ports, tmp_path: Path
) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await copied_on_the_way(at, house, tmp_path / "in the middle")
    put_back(house, tmp_path / "in the middle")
    async with at_the_counter(house, ports.take()) as at:
        view = await at.until(lambda view: view.id == "standby" and "待客服核对" in words_of(view))
        assert "已冲正" not in words_of(view)
        await at.sell("700")
    is_settled(house, 1280, 700)
    (clash,) = house.host_rows("clashes")
    (case,) = house.host_rows("support_cases")
    assert (case["what"], case["case_no"], case["state"]) == (clash["what"], clash["case_no"], "open")
    assert clash["what"] == "reversal_of_another"


async def copied_on_the_way(at: AtTheCounter, house: House, to: Path) -> None:
    """A sale, with a backup between its question and its answer."""

    left = [to]

    async def copies(seen: Seen) -> bool:
        if seen.mti == "0210" and left:
            back_up(house, left.pop())
        return True

    at.wire.intercept = copies
    await at.sell("1280")
    at.keys("sign_out")
    await at.screen("sign_out")
    at.keys("enter")
    await at.screen("signed_out")
