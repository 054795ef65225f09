"""A message that somebody held back and sends on later, under keys that are still good: its terminal has long gone on without it."""

from collections.abc import Callable

from tests.worlds.floor import PASSWORDS, Shop
from tests.worlds.foreign_terminal import ForeignTerminal, Line
from tests.worlds.house import House

from zhanggui.acquirer.rows.records import Payment, PhoneAttempt
from zhanggui.cup.operator_tags import Tag

OpenShop = Callable[..., Shop]
NUMBER = "01"
PASSWORD = PASSWORDS[NUMBER]


def test_a_payment_that_never_arrived_is_not_made_once_a_later_one_was(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    held_back, later = terminal.sale(88_800), terminal.sale(1_00)
    assert terminal.ask(line, later)["39"] == "00"
    before = house.bank_rows("accounts")
    assert terminal.ask(line, held_back)["39"] == "94"
    assert terminal.ask(line, later)["39"] == "00", "what was answered is answered again, as ever"
    assert house.bank_rows("accounts") == before
    assert [row["trace_no"] for row in house.host_rows("payments")] == [later["11"]]
    assert terminal.ask(line, terminal.reversal(held_back))["39"] == "25", "nothing of it stands, and nothing will"


def test_a_payment_whose_number_is_the_newest_is_made_however_late_it_comes(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    assert terminal.ask(line, terminal.sale(1_00))["39"] == "00"
    late = terminal.sale(2_00)
    assert terminal.read(line.ask(terminal.plain(terminal.echo())))["39"] == "00"
    assert terminal.ask(line, late)["39"] == "00"


def test_what_is_behind_leaves_no_row_in_a_locked_session_either(open_shop: OpenShop) -> None:
    shop = open_shop()
    at = shop.terminals[0]
    assert at.sign_in(NUMBER, PASSWORD).code == "00"
    held_back = at.sale(NUMBER)
    assert at.lock(NUMBER).code == "00"
    assert at.ask(held_back).code == "94"
    assert shop.rows(Payment) == []


def test_a_code_for_a_phone_is_not_spent_by_a_message_that_was_caught(open_shop: OpenShop) -> None:
    shop = open_shop(phone=True)
    shop.floor.serve_phones()
    at = shop.terminals[0]
    at.get_keys()
    caught = at.operator("409", None, {Tag.VERDICT: "open"})
    at.ask(caught)
    assert at.phone("open").code == "00"
    before = shop.rows(PhoneAttempt)
    assert at.ask(caught).code == "94"
    assert shop.rows(PhoneAttempt) == before != []


def test_an_unlock_that_never_arrived_opens_no_later_lock(open_shop: OpenShop) -> None:
    shop = open_shop()
    at = shop.terminals[0]
    assert at.sign_in(NUMBER, PASSWORD).code == "00"
    assert at.lock(NUMBER).code == "00"
    held_back = at.operator("404", NUMBER, {Tag.VERDICT: "unlock"}, PASSWORD)
    assert at.unlock(NUMBER, PASSWORD).code == "00"
    assert at.lock(NUMBER).code == "00"
    late = at.ask(held_back)
    assert late.code == "94"
    (session,) = shop.sessions
    assert session.locked_ms is not None
    assert at.unlock(NUMBER, PASSWORD).code == "00"
