"""The host's database is put back from an older backup, against a true terminal and a true bank: nobody pays twice, nothing is undone that
was finished, and what the host no longer knows has a name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import Ports
from tests.scenarios.test_settlement import batch_of, differences, settle
from tests.scenarios.test_void import begin_void, newest
from tests.worlds.foreign_terminal import TEST_CARD
from tests.worlds.house import House
from tests.worlds.true_terminal import at_the_counter, words_of

from zhanggui.cli.database import backup
from zhanggui.edges.sqlite_copy import put_back
from zhanggui.programs.data_folder import Places

OPENING_FEN = 100_000_00


@contextmanager
def running(folder: Path, *, accept_older: bool = False) -> Iterator[House]:
    """Bank and host over this folder, until the end of the block."""
    house = House(folder, accept_older=accept_older).start()
    try:
        yield house
    finally:
        house.stop()


def put_host_back(folder: Path, copies: Path) -> None:
    """The host's database alone; the bank goes on with what it knows."""
    database = Places(folder).host_database
    put_back(copies / database.name, database)


def sold(house: House) -> list[int]:
    return sorted(int(row["amount_fen"]) for row in house.host_rows("payments") if row["state"] == "approved")


def charged_fen(house: House) -> int:
    return OPENING_FEN - house.balance_fen(TEST_CARD.number)


def numbers_at_the_bank(house: House) -> list[str]:
    return [str(row["identity"]) for row in house.bank_rows("payments")]


async def test_what_the_host_forgot_stays_paid_once_and_the_settlement_names_it(
    demo_folder: Path, ports: Ports, tmp_path: Path
) -> None:
    with running(demo_folder) as house:
        async with at_the_counter(house, ports.take()) as at:
            await at.sell("1000")
            backup(house.settings, tmp_path / "copies")
            lost = []
            for fen in ("1280", "1500"):
                await at.sell(fen)
                lost.append(newest(at))
    put_host_back(demo_folder, tmp_path / "copies")
    with running(demo_folder, accept_older=True) as house:
        async with at_the_counter(house, ports.take()) as at:
            await at.sell("1280")
            assert newest(at) > max(lost), "its numbers go on above its own"
            await at.sell("700")
            assert sold(house) == [700, 1000, 1280]
            assert charged_fen(house) == 1000 + 1280 + 1500 + 1280 + 700
            shown = await settle(at)
        assert "对账不平" in shown, shown
        assert differences(house) == {
            lost[0]: ("only_at_terminal", None, 1280),
            lost[1]: ("only_at_terminal", None, 1500),
        }
        assert batch_of(house)["outcome"] == "differs"
        assert [row["what"] for row in house.host_rows("support_cases")] == ["settlement_differs"]
        assert charged_fen(house) == 1000 + 1280 + 1500 + 1280 + 700
        assert len(set(numbers_at_the_bank(house))) == 5
        assert house.bank_differences() == []


async def test_a_sale_that_the_host_forgot_cannot_be_undone_and_nothing_moves(
    demo_folder: Path, ports: Ports, tmp_path: Path
) -> None:
    with running(demo_folder) as house:
        backup(house.settings, tmp_path / "copies")
        async with at_the_counter(house, ports.take()) as at:
            await at.sell("1280")
            lost = newest(at)
    put_host_back(demo_folder, tmp_path / "copies")
    with running(demo_folder, accept_older=True) as house:
        async with at_the_counter(house, ports.take()) as at:
            await begin_void(at, lost)
            shown = words_of(await at.screen("sale_refused", "trouble"))
        assert "R25" in shown, shown
        assert charged_fen(house) == 1280
        assert sold(house) == []


async def test_after_a_batch_that_was_closed_since_the_backup_the_next_settlements_name_all_that_is_missing(
    demo_folder: Path, ports: Ports, tmp_path: Path
) -> None:
    with running(demo_folder) as house:
        async with at_the_counter(house, ports.take()) as at:
            await at.sell("1000")
            backup(house.settings, tmp_path / "copies")
            await at.sell("1280")
            lost = [newest(at)]
            assert "对账平" in await settle(at)
            at.keys("enter")
            await at.sign_in()
            await at.sell("1500")
            lost.append(newest(at))
    put_host_back(demo_folder, tmp_path / "copies")
    with running(demo_folder, accept_older=True) as house:
        async with at_the_counter(house, ports.take()) as at:
            await at.sell("700")
            assert newest(at) > max(lost)
            assert "对账不平" in await settle(at)
            at.keys("enter")
            await at.sign_in()
            assert "对账不平" in await settle(at)
        assert sorted(differences(house)) == lost
        assert [row["what"] for row in house.host_rows("support_cases")] == ["settlement_differs"] * 2
        assert charged_fen(house) == 1000 + 1280 + 1500 + 700
        assert house.bank_differences() == []
