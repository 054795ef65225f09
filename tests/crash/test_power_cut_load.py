"""kill -9 of host and bank under load: nothing that was acknowledged is lost, nothing is doubled, nothing stays in doubt."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
from tests.crash.conftest import OpenHouse
from tests.crash.foreign_clients import ForeignClient, Tally, clients_of, make_clients
from tests.worlds.crash_house import House
from tests.worlds.crash_programs import Program
from tests.worlds.three_books import Books

pytestmark = pytest.mark.processes

CLIENTS = 12
ANSWERS_BETWEEN_KILLS = (1, 40, 7, 100, 25, 150, 3, 80, 60, 12)
"""Answers that the clients get before the next kill: right after a start, in full swing, and between."""
BANK_TIMEOUT_S = 1.0


async def test_a_host_killed_again_and_again_under_load_keeps_what_it_acknowledged(
    open_house: OpenHouse, tell: Callable[[str, str], None]
) -> None:
    async with open_house() as house:
        made = await make_clients(house.data, CLIENTS)
        tally, stop = Tally(), asyncio.Event()
        clients = clients_of(made, tally, stop)
        _, host = await house.open_shop()
        working = start_working(house, clients)
        for answers in ANSWERS_BETWEEN_KILLS:
            await answered(tally, answers, working)
            await kill(host)
            host = await house.start_host()
        await finish(tally, stop, working)
        books = await house.close_up()

    assert_what_was_told_is_true(books, clients)
    assert sum(client.asked_again for client in clients) > 0
    assert sum(len(client.reversed) for client in clients) > 0
    tell(f"host, {len(ANSWERS_BETWEEN_KILLS)} times under load", figures(books, clients))


async def test_host_and_bank_killed_in_turn_under_load_agree_on_every_sale(
    open_house: OpenHouse, tell: Callable[[str, str], None]
) -> None:
    async with open_house(bank_timeout_s=BANK_TIMEOUT_S) as house:
        made = await make_clients(house.data, CLIENTS)
        tally, stop = Tally(), asyncio.Event()
        clients = clients_of(made, tally, stop)
        bank, host = await house.open_shop()
        working = start_working(house, clients)
        for place, answers in enumerate(ANSWERS_BETWEEN_KILLS):
            await answered(tally, answers, working)
            match place % 3:
                case 0:
                    await kill(bank)
                    bank = await house.start_bank()
                case 1:
                    await kill(host)
                    host = await house.start_host()
                case _:
                    await asyncio.gather(kill(bank), kill(host))
                    bank, host = await house.open_shop()
        await finish(tally, stop, working)
        books = await house.close_up()

    assert_what_was_told_is_true(books, clients)
    tell(f"host and bank in turn, {len(ANSWERS_BETWEEN_KILLS)} times under load", figures(books, clients))


def start_working(house: House, clients: Sequence[ForeignClient]) -> "asyncio.Future[list[None]]":
    """Let all clients work."""
    return asyncio.gather(*(client.work(house.host_port, house.host_up) for client in clients))


async def answered(tally: Tally, count: int, working: "asyncio.Future[list[None]]") -> None:
    """Wait until the clients have so many answers more; a client that failed fails the test at once."""
    reaching = asyncio.ensure_future(tally.reaches(tally.count + count))
    await asyncio.wait((reaching, working), return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        working.result()
    await reaching


async def kill(program: Program) -> None:
    """kill -9, and wait until it is gone."""
    program.kill()
    await program.died()


async def finish(tally: Tally, stop: asyncio.Event, working: "asyncio.Future[list[None]]") -> None:
    """A last stretch without a kill, then let every client settle and stop."""
    await answered(tally, 2 * CLIENTS, working)
    stop.set()
    await working


def assert_what_was_told_is_true(books: Books, clients: Sequence[ForeignClient]) -> None:
    """Every answer that a client got stands in the books as it was given, and the books hold nothing else."""
    told = {
        (client.number, "000001", trace_no): (answer, client.amounts[trace_no])
        for client in clients
        for trace_no, answer in client.told.items()
    }
    assert books.host.keys() <= told.keys()
    for key, ((code, rrn), amount_fen) in told.items():
        row = books.host.get(key)
        if code == "00":
            assert row is not None, f"{key}: acknowledged and lost"
            assert (row.state, row.rrn, row.amount_fen) == ("approved", rrn, amount_fen)
        else:
            assert row is None or row.state != "approved", f"{key}: told {code or 'reversed'}, and approved"


def figures(books: Books, clients: Sequence[ForeignClient]) -> str:
    """What the table says of a load."""
    approved = sum(row.state == "approved" for row in books.host.values())
    reversals = sum(len(client.reversed) for client in clients)
    again = sum(client.asked_again for client in clients)
    return f"{approved} approved, {reversals} reversed by their terminals, {again} asked again; 0 lost, 0 doubled"
