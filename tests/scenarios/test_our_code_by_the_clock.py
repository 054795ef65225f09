"""Our code at the host, with clocks that leap: shown, asked after, not paid in time, given up, and paid when nobody waits any more."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import Ports
from tests.scenarios.test_paid_at_a_wallet import CASHIER, Wallet
from tests.worlds.floor import Floor, TestClock, make_data
from tests.worlds.our_terminal import AMOUNT_FEN, Answer

from zhanggui.acquirer.rows.records import TerminalOrder
from zhanggui.basics.secret import Secret
from zhanggui.cup.qr.field59 import read_field_59
from zhanggui.wallets.customers import PASSWORD
from zhanggui.wallets.phone_acts import pay_shop


class OurCode(Wallet):
    """A till that shows a code, and a phone that reads it."""

    def show(self) -> tuple[bytes, Answer]:
        """What was sent, and the answer that carries the code."""
        asked = self.till.by_code("qr_own", CASHIER[0], brand=self.brand)
        return asked, self.till.ask(asked)

    def pays(self, text: str) -> str:
        with self.file.writing() as rows:
            owner = rows.customer(self.brand, self.customer)
            assert owner is not None
            return pay_shop(rows, owner, text, 0, Secret(PASSWORD), self.floor.clock.now()).outcome

    def gives_up(self) -> str:
        return self.till.ask(self.till.reversal(self.till.trace, kind="qr_own", entry_mode="032")).code

    @property
    def told(self) -> list[str]:
        return [f"{order.kind} {order.contents}" for order in self.shop.rows(TerminalOrder)]


def shown(answer: Answer) -> str:
    assert (answer.code, answer.sealed) == ("09", True)
    return read_field_59(str(answer.message.fields[59])).shown


@pytest.fixture
def floor(tmp_path: Path, ports: Ports) -> Iterator[Floor]:
    make_data(tmp_path)
    running = Floor(tmp_path, TestClock(), wallets_port=ports.take()).start()
    yield running
    running.stop()


@pytest.fixture
def at(floor: Floor) -> Iterator[OurCode]:
    code = OurCode(floor, "wechat")
    yield code
    code.close()


def test_while_nobody_has_paid_the_same_request_hears_the_same_code_with_less_time(at: OurCode) -> None:
    asked, answer = at.show()
    text = shown(answer)
    at.later(30)
    again = at.till.ask(asked)
    assert shown(again) == text
    assert read_field_59(str(again.message.fields[59])).left_s == 90
    assert (at.row(at.till.trace).state, len(at.orders)) == ("pending", 1)


def test_what_a_phone_pays_is_told_to_the_terminal_by_an_order_in_the_same_commit(at: OurCode) -> None:
    asked, answer = at.show()
    assert at.pays(shown(answer)) == "paid"
    at.until("paid", step_s=2.0)
    assert at.told == [f"payment_result 000001{at.till.trace:06d}"]
    assert at.till.ask(asked).code == "00"
    assert at.row(at.till.trace).state == "approved"
    assert at.owed_fen() == {"wallet_clearing": AMOUNT_FEN, "merchant_payable": -AMOUNT_FEN}


def test_what_nobody_pays_in_two_minutes_is_cancelled_and_told_so(at: OurCode) -> None:
    asked, answer = at.show()
    at.until("cancelled", step_s=10.0)
    assert at.till.ask(asked).code == "54"
    assert at.pays(shown(answer)) == "over"
    assert len(at.told) == 1
    assert (at.balance_fen, at.owed_fen()) == (at.opening_fen, {})


@pytest.mark.parametrize("pays_first", [True, False])
def test_what_was_given_up_is_closed_at_once_and_goes_back_where_it_was_paid_in_the_last_moment(
    at: OurCode, pays_first: bool
) -> None:
    asked, answer = at.show()
    text = shown(answer)
    if pays_first:
        assert at.pays(text) == "paid"
    assert at.gives_up() == "00"
    if not pays_first:
        # Closed at once: nobody pays what no screen shows any more.
        at.until("cancelled")
        assert at.pays(text) == "over"
    at.until_quiet()
    row = at.row(at.till.trace)
    assert (row.state, row.bank_state, at.order.state) == ("reversed", "reversal_done", "cancelled")
    assert at.till.ask(asked).code == "12"
    assert at.balance_fen == at.opening_fen
    assert set(at.owed_fen().values()) <= {0}


def test_a_host_that_stopped_asks_for_the_code_once_more_and_goes_on(at: OurCode) -> None:
    at.floor.stop_wallets()
    asked = at.till.by_code("qr_own", CASHIER[0], brand=at.brand)
    assert at.till.line is not None
    at.till.line.send(asked)
    at.until("asked", "unknown")
    at.floor.start_wallets()
    at.later(20)
    assert shown(at.hear()).startswith("http://127.0.0.1:")
