"""One answer, two ends: over all codes that two characters can make, host and terminal never read another meaning into one."""

import itertools
import string
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path

import pytest
from tests.worlds.acquirer_world import World, code_of
from tests.worlds.scripted_host import ScriptedHost
from tests.worlds.shell_makes import CARD, MERCHANT, TERMINAL, StillClock, attempt, new_pin_pad, reversal

from zhanggui.acquirer.rows.records import Posting
from zhanggui.basics.secret import Pan, Secret
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.response_codes import RESPONSE_CODES, means, means_for_reversal
from zhanggui.terminal.devices.ports import CardInHand
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.link.card_data import PreparedCard, keep_card, read_kept_card
from zhanggui.terminal.link.host_calendar import HostCalendar
from zhanggui.terminal.link.host_exchange import HostExchange
from zhanggui.terminal.link.host_link import CupHostLink
from zhanggui.terminal.link.outgoing import Outgoing
from zhanggui.vault.hsm import KeySet

ALL_CODES = ["".join(pair) for pair in itertools.product(string.digits + string.ascii_uppercase, repeat=2)]
UNKNOWN_CODES = ["zz", "Y1", "ZZ", "0O", "7A", "--"]
CARD_IN_HAND = CardInHand(
    pan=Pan(CARD),
    expiry_yymm="4912",
    track2=Secret(f"{CARD}=4912201"),
    sequence="",
    way="swipe",
    label_zh="测试卡",
    label_en="Test card",
    has_chip=False,
    chip=None,
)


class Wire:
    """A line without a socket: the scripted host answers at once."""

    def __init__(self, host: ScriptedHost) -> None:
        self.host = host

    async def exchange(self, payload: bytes) -> bytes:
        answer = self.host.answer(payload)[1]
        assert answer is not None
        return answer

    async def exchange_all(self, payloads: Iterable[bytes], *, in_flight: int) -> AsyncGenerator[bytes]:
        for payload in payloads:
            yield await self.exchange(payload)

    async def reachable(self, timeout_s: float) -> bool:
        return True


class TerminalEnd:
    """A terminal's link whose host answers with the code that the test says."""

    def __init__(self, folder: Path) -> None:
        clock = StillClock()
        self.host = ScriptedHost()
        self.pin_pad = new_pin_pad(folder, clock)
        self.host.room.enrol(self.pin_pad)
        self.pin_pad.load_working_keys(self.host.room.working_keys().field_62, KeySet.DOUBLE_TRACK)
        self.link = CupHostLink(
            HostExchange(Wire(self.host), self.pin_pad, UNIONPAY),
            self.pin_pad,
            clock,
            HostCalendar(clock),
            merchant_no=MERCHANT,
            terminal_no=TERMINAL,
            version="zhanggui 0.1.0",
        )

    async def payment(self, code: str) -> str:
        """What becomes of a payment that is answered so: approved, refused or undone."""
        self.host.codes["sale"] = code
        outgoing = Outgoing(card=CARD_IN_HAND, prepared=PreparedCard("022"))
        match await self.link.perform(fx.SendPayment(attempt=attempt(12)), outgoing):
            case ev.PaymentApproved(response_code=said):
                assert said == code
                return "approved"
            case ev.Refused():
                return "refused"
            case ev.HostFailed(failure="bad_answer"):
                return "undone"
        raise AssertionError("another outcome")

    async def reversal(self, code: str) -> bool:
        """Whether a reversal that is answered so is over."""
        self.host.codes["reversal"] = code
        kept = read_kept_card(keep_card(CARD_IN_HAND, PreparedCard("022"), self.pin_pad))
        event = await self.link.perform(fx.SendReversal(reversal=reversal(12)), Outgoing(kept=kept))
        return isinstance(event, ev.ReversalAccepted)


def at_host(code: str) -> tuple[str, str, str, bool]:
    """State of a sale that the bank answers so, its side at the bank, the code for the terminal, and whether it is posted."""
    world = World()
    world.sign_on()
    world.sign_in()
    world.sale()
    decision = world.bank(code)
    sale = world.payment("000007")
    assert sale is not None
    posted = bool(world.rows(Posting))
    return sale.state, sale.bank_state, code_of(decision), posted


async def test_host_and_terminal_read_every_code_alike(tmp_path: Path) -> None:
    terminal = TerminalEnd(tmp_path)
    for code in (*ALL_CODES, *UNKNOWN_CODES):
        state, at_bank, told, posted = at_host(code)
        approved = state == "approved"
        assert posted == approved, code
        assert approved == (means(code) == "stands"), code
        # What the host tells the terminal means there what the host did.
        assert await terminal.payment(told) == ("approved" if approved else "refused"), code
        # The bank's own code, told by a host that passes it on, is read as our host reads it.
        undone = at_bank == "reversal_due"
        outcome = "approved" if approved else "undone" if undone else "refused"
        assert await terminal.payment(code) == outcome, code
        assert undone == (means(code) == "unknown"), "neither posted nor refused: the bank may have posted it"


async def test_a_reversal_is_over_at_the_terminal_by_the_codes_by_which_it_is_over_at_the_host(tmp_path: Path) -> None:
    terminal = TerminalEnd(tmp_path)
    for code in (*ALL_CODES, *UNKNOWN_CODES):
        assert await terminal.reversal(code) == (means_for_reversal(code) == "stands"), code


@pytest.mark.parametrize("code", UNKNOWN_CODES)
def test_a_code_of_no_table_is_treated_as_silence(code: str) -> None:
    assert code not in RESPONSE_CODES
    assert at_host(code) == ("timed_out", "reversal_due", "98", False)
