"""Power cut at the terminal: the real program, killed by SIGKILL at one point of a sale, started again and worked on.

After the restart the reversal goes before any payment, slips that are owed come before the sign-in, and terminal, host and
bank agree on every sale (docs/concepts/reversal.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.crash.conftest import OpenHouse
from tests.worlds.crash_house import House
from tests.worlds.recording_wire import Seen
from tests.worlds.three_books import Books, Key

pytestmark = pytest.mark.processes

SMART, ESIGN, KEYPAD = "10000001", "10000002", "10000003"
FIRST_FEN, SECOND_FEN = 128_50, 66_00
DUPLICATED = "重打印/DUPLICATED"


@dataclass(frozen=True)
class Cut:
    """One power cut, or several in a row, and what must have become of the payment: states at terminal, host and bank."""

    points: tuple[str, ...]
    states: tuple[str, str, str]
    reversed: bool | None = False
    """Whether a reversal has to go out after the last restart; None where it depends on how fast the cashier types."""
    slips_owed: bool = False
    number: str = SMART
    card: str = "main"
    bank_decides: bool = False
    """The request is out and the bank's decision is awaited before the restart."""

    @property
    def name(self) -> str:
        """How the table calls it."""
        model = {SMART: "", ESIGN: " on esign", KEYPAD: " on keypad"}[self.number]
        return " + ".join(self.points) + model + (f" ({self.card})" if self.card != "main" else "")


NEVER = ("-", "-", "-")
UNHEARD = ("reversed", "barred", "-")
UNDONE = ("reversed", "reversed", "reversed")
SOLD = ("approved", "approved", "approved")
REFUSED = ("declined", "declined", "refused")

ONE_CUT = (
    Cut(("journal:RememberPayment:begun",), NEVER),
    Cut(("journal:RememberPayment:kept",), UNHEARD, reversed=True),
    Cut(("line:0200:half-sent",), UNHEARD, reversed=True),
    Cut(("line:0200:sent",), UNDONE, reversed=True, bank_decides=True),
    Cut(("line:0200:answered",), UNDONE, reversed=True),
    Cut(("journal:RememberApproval:begun",), UNDONE, reversed=True),
    Cut(("journal:RememberApproval:kept",), SOLD, slips_owed=True),
    Cut(("journal:RememberApproval:kept",), SOLD, slips_owed=True, number=ESIGN),
    Cut(("journal:RememberApproval:kept",), SOLD, slips_owed=True, number=KEYPAD),
    Cut(("printer:merchant:begun",), SOLD, slips_owed=True),
    Cut(("printer:merchant:half",), SOLD, slips_owed=True),
    Cut(("printer:merchant:out",), SOLD, slips_owed=True),
    Cut(("printer:cardholder:out",), SOLD, slips_owed=True),
    Cut(("journal:RememberPrinted:kept",), SOLD),
    Cut(("line:0200:answered",), ("reversed", "declined", "refused"), reversed=True, card="no-funds"),
    Cut(("journal:RememberDecline:kept",), REFUSED, card="no-funds"),
)

SEVERAL_CUTS = (
    Cut(("line:0200:answered", "line:0800:sent"), UNDONE, reversed=True),
    Cut(("line:0200:answered", "line:0400:sent"), UNDONE, reversed=True),
    Cut(("line:0200:answered", "line:0400:answered"), UNDONE, reversed=True),
    Cut(("line:0200:sent", "line:0400:half-sent", "line:0400:answered"), UNDONE, reversed=True, bank_decides=True),
    Cut(("journal:RememberPayment:kept", "line:0400:answered"), UNHEARD, reversed=True),
    Cut(("line:0200:answered", "journal:RememberReversed:begun"), UNDONE, reversed=True),
    Cut(("line:0200:answered", "journal:RememberReversed:kept"), UNDONE),
    Cut(("line:0200:answered", "line:0820:answered"), UNDONE, reversed=None),
    Cut(("journal:RememberApproval:kept", "printer:merchant:out"), SOLD, slips_owed=True),
    Cut(("printer:merchant:out", "printer:cardholder:half", "journal:RememberPrinted:begun"), SOLD, slips_owed=True),
)


@pytest.mark.parametrize("cut", ONE_CUT, ids=lambda cut: cut.name)
async def test_a_sale_cut_off_by_a_power_cut_ends_the_same_in_all_three_books(
    open_house: OpenHouse, tell: Callable[[str, str], None], cut: Cut
) -> None:
    await cut_and_work_on(open_house, tell, cut)


@pytest.mark.parametrize("cut", SEVERAL_CUTS, ids=lambda cut: cut.name)
async def test_power_cuts_during_the_recovery_change_nothing(
    open_house: OpenHouse, tell: Callable[[str, str], None], cut: Cut
) -> None:
    await cut_and_work_on(open_house, tell, cut)


async def cut_and_work_on(open_house: OpenHouse, tell: Callable[[str, str], None], cut: Cut) -> None:
    """Kill the terminal at each point, start the real one, sign in, sell again, and compare the books."""
    async with open_house() as house:
        await house.open_shop()
        for point in cut.points:
            await house.work_until_killed(cut.number, point, FIRST_FEN, cut.card)
            if cut.bank_decides and point == cut.points[0]:
                await house.bank_wire.passes(lambda seen: seen.mti == "0210")
        restarted_at = house.terminal_wire.place
        slips_before = slips_of(house, cut.number)
        await work_on(house, cut, slips_before, restarted_at)
        books = await house.close_up()

    first, second = payments_of(books, cut.number)
    assert books.states(first) == cut.states
    assert books.states(second) == SOLD
    wire = house.terminal_wire
    assert_reversal_first(wire.sent("0200", "0400", since=restarted_at), first, expected=cut.reversed)
    tell(cut.name, " · ".join(cut.states))


async def work_on(house: House, cut: Cut, slips_before: dict[int, Path], restarted_at: int) -> None:
    """Power comes back: owed slips, sign-in, and a sale that succeeds."""
    await house.start_terminal(cut.number)
    owed: list[Path] = []

    def look_at_slips() -> None:
        owed.extend(path for at, path in slips_of(house, cut.number).items() if at not in slips_before)
        # What the dead terminal had sent may be recorded late; the one that came back begins with its 0800.
        messages = [seen.mti for seen in house.terminal_wire.sent("0800", "0820", since=restarted_at)]
        from_the_new_one = messages[messages.index("0800") :] if "0800" in messages else []
        assert "0820" not in from_the_new_one, "somebody signed in before the slips were out"

    async with house.cashier(cut.number) as cashier:
        cashier.at_screen["sign_in_number"] = look_at_slips
        await cashier.sign_in()
        assert await cashier.sell(SECOND_FEN) == "approved"
    if cut.slips_owed:
        copies = sorted(path.stem.partition("-again")[0].rpartition("-")[2] for path in owed)
        assert copies == ["cardholder", "merchant"]
        assert all(DUPLICATED in path.read_text(encoding="utf-8") for path in owed)
    else:
        assert owed == []


def assert_reversal_first(after: list[Seen], first: Key, *, expected: bool | None) -> None:
    """What went out after the restart: the reversal of the payment in doubt, if there is one, and only then a payment."""
    reversals = [(seen.mti, seen.trace_no) for seen in after[:-1]]
    assert after[-1].mti == "0200"
    if expected:
        assert reversals
    assert set(reversals) <= (set() if expected is False else {("0400", first[2])})


def payments_of(books: Books, number: str) -> tuple[Key, Key]:
    """The payment that was cut off and the one after it, by their trace numbers; the first may be known to nobody."""
    keys = sorted({key for key in (*books.terminals, *books.host) if key[0] == number})
    return (keys[0], keys[1]) if len(keys) == 2 else ((number, "", ""), keys[0])


def slips_of(house: House, number: str) -> dict[int, Path]:
    """The slips that are out, as their texts. A file's name tells the second only, so each goes by the instant in ns."""
    return {path.stat().st_mtime_ns: path for path in (house.data / "terminals" / number / "slips").glob("*.txt")}
