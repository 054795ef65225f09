"""Somebody between terminal and host writes other answers: terminal, host and bank end alike all the same.

The programs are true; the line is bent. What the terminal does screen by screen is held in the unit tests of its shell.
"""

import pytest
from tests.crash.conftest import OpenHouse
from tests.worlds.recording_wire import Seen
from tests.worlds.scripted_host import forged

pytestmark = pytest.mark.processes

NUMBER = "10000001"
AMOUNT_FEN = 128_50
UNDONE = ("reversed", "reversed", "reversed")
MESSAGES_MAX = 20
"""From the sale to its undoing, new keys and a new sign-in included."""


class Forger:
    """Writes another code over the first answers of a message type, and takes their MAC away."""

    def __init__(self, **codes: tuple[str, ...]) -> None:
        self.left = {mti.removeprefix("on_"): list(several) for mti, several in codes.items()}

    def __call__(self, seen: Seen, payload: bytes) -> bytes:
        left = self.left.get(seen.mti, [])
        return forged(left.pop(0))(payload) or b"" if left else payload


FORGERIES = {
    "an approval made a refusal": Forger(on_0210=("05",)),
    "a word that the MAC was wrong": Forger(on_0210=("A0",)),
    "a word that the terminal is not known": Forger(on_0210=("97",)),
    "a word to sign in": Forger(on_0210=("77",), on_0410=("77",)),
    "a reversal that found nothing": Forger(on_0210=("51",), on_0410=("25", "25")),
    "a reversal of an invalid transaction": Forger(on_0210=("51",), on_0410=("12",)),
    "an unproven success": Forger(on_0210=("96",), on_0410=("00",)),
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_whatever_is_forged_the_three_books_agree(open_house: OpenHouse, name: str) -> None:
    forger = FORGERIES[name]
    async with open_house() as house:
        await house.open_shop()
        await house.start_terminal(NUMBER)
        async with house.cashier(NUMBER) as cashier:
            await cashier.sign_in()
            house.terminal_wire.rewrite = forger
            since = house.terminal_wire.place
            outcome = await cashier.sell(AMOUNT_FEN)
            await house.terminal_wire.passes(lambda seen: seen.mti == "0410", since=since)
            assert outcome not in ("refused", "approved")
            assert "sale_refused" not in cashier.seen
            assert await cashier.sell(66_00) == "approved", "and the shop goes on"
            assert len(house.terminal_wire.frames) - since <= 2 * MESSAGES_MAX
        books = await house.close_up()
        assert not any(forger.left.values()), "everything was forged that was to be"
        (key,) = [key for key, row in books.host.items() if row.amount_fen == AMOUNT_FEN]
        assert books.states(key) == UNDONE
        assert books.owed == []
