"""更正金额 over TCP, with everything real but the people: taken back and charged anew in one act, whatever comes between the two."""

from tests.conftest import Ports
from tests.worlds.foreign_terminal import TEST_CARD
from tests.worlds.house import House, until
from tests.worlds.true_terminal import AtTheCounter, at_the_counter, words_of

OPENING_FEN = 100_000_00
WRONG, RIGHT = "12800", "1280"


def newest_key(at: AtTheCounter) -> str:
    return at.terminal.view().rows[0].key


async def begin(at: AtTheCounter) -> None:
    """The newest payment's amount is to be put right, up to the first half's answer."""
    at.keys(newest_key(at))
    await at.screen("line")
    at.keys("put_right")
    await at.screen("amount")
    at.keys(*RIGHT, "enter")
    await at.screen("card")
    at.terminal.show_card("main", "insert")
    await at.supervisor()


async def taken_back(at: AtTheCounter) -> None:
    """The first half, its slips out."""
    await begin(at)
    await at.screen("tear_off")
    at.keys("enter")
    assert "¥12.80" in words_of(await at.screen("right_due"))


async def charge(at: AtTheCounter, card: str = "main") -> None:
    at.keys("enter")
    await at.card_and_pin(card)


def owed_fen(house: House) -> int:
    return -sum(int(row["amount_fen"]) for row in house.host_rows("postings") if row["account"] == "merchant_payable")


def assert_three_agree(house: House, charged_fen: int) -> None:
    # The terminal is answered before the bank has heard of a reversal.
    until(lambda: house.balance_fen(TEST_CARD.number) == OPENING_FEN - charged_fen, "the bank to hold what was charged")
    assert owed_fen(house) == charged_fen
    assert house.bank_differences() == []


async def test_a_wrong_amount_is_put_right_to_the_fen(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await at.sell(WRONG)
        await taken_back(at)
        await charge(at)
        shown = words_of(await at.slips_out())
        assert "今日笔数 1" in shown
        assert "今日金额 ¥12.80" in shown
    assert [(row["kind"], row["state"]) for row in house.host_rows("payments")] == [
        ("sale", "approved"),
        ("void", "approved"),
        ("sale", "approved"),
    ]
    assert_three_agree(house, int(RIGHT))


async def test_switched_off_between_the_halves_it_goes_on_after_the_next_sign_in(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await at.sell(WRONG)
        await taken_back(at)
        at.terminal.press_power()
        await at.screen("off")
        assert_three_agree(house, 0)
        at.terminal.press_power()
        await at.screen("sign_in_number")
        at.keys("0", "1")
        await at.screen("sign_in_password")
        at.keys(*"0000", "enter")
        await at.screen("confirm")
        at.keys("enter")
        await at.screen("signed_in")
        at.keys("enter")
        await at.screen("right_due")
        await charge(at)
        await at.slips_out()
    assert_three_agree(house, int(RIGHT))


async def test_a_second_half_that_is_refused_or_lost_is_charged_once_in_the_end(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take(), timeout_s=1.5) as at:
        await at.sell(WRONG)
        await taken_back(at)
        await charge(at, "no-funds")
        await at.screen("sale_refused")
        at.keys("enter")
        await at.screen("right_due")
        at.lose_answers("0210")
        await charge(at)
        await at.until(lambda view: view.code == "T103")
        at.keys("enter")
        await at.screen("right_due")
        await charge(at)
        await at.slips_out()
    assert_three_agree(house, int(RIGHT))


async def test_a_first_half_that_is_lost_leaves_the_payment_and_one_that_is_left_charges_nothing(
    house: House, ports: Ports
) -> None:
    async with at_the_counter(house, ports.take(), timeout_s=1.5) as at:
        await at.sell(WRONG)
        at.lose_answers("0210")
        await begin(at)
        assert "原交易仍有效" in words_of(await at.until(lambda view: view.code == "T103"))
        at.keys("enter")
        await at.screen("standby")
        assert_three_agree(house, int(WRONG))
        # The reversed void is on top now: the sale is the row below it.
        rows = at.terminal.view().rows
        at.keys(rows[1].key)
        await at.screen("line")
        at.keys("put_right")
        await at.screen("amount")
        at.keys(*RIGHT, "enter")
        await at.screen("card")
        at.terminal.show_card("main", "insert")
        await at.supervisor()
        await at.screen("tear_off")
        at.keys("enter")
        await at.screen("right_due")
        at.keys("cancel")
        assert "未再收款" in words_of(await at.screen("standby"))
    assert_three_agree(house, 0)
