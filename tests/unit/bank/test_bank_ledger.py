"""What the issuer decides: each check in its place, repeats, reversals, PIN tries, chip counters."""

from typing import Any

import msgspec
import pytest
from tests.worlds.bank_books import NO_PIN_INSIDE, NOON, WRONG, Counter, Told, reversal, sale

from zhanggui.bank.card_checks import ChipQuestion
from zhanggui.basics.numbers import UnixMs

CHIP: dict[str, Any] = {"chip_data": b"55", "entry_mode": "051", "track2": None}


def test_an_approved_sale_moves_the_amount_to_the_acquirer() -> None:
    bank = Counter(balance_fen=100_00)
    decision = bank.ask(sale(amount_fen=30_00))
    assert decision.code == "00"
    assert decision.payment is not None
    assert (decision.payment.auth_code, decision.payment.settlement_date) == ("000001", "1123")
    assert bank.books.balances == {"card-1": 70_00, "clearing-48021000": 30_00}


@pytest.mark.parametrize(
    ("card", "request_changes", "checks", "code"),
    [
        ({}, {"card_id": "unknown"}, {}, "14"),
        ({"status": "lost"}, {}, {}, "41"),
        ({"status": "stolen"}, {}, {}, "43"),
        ({"status": "restricted"}, {}, {}, "62"),
        ({"expiry_yymm": "2610"}, {"expiry_yymm": ""}, {}, "54"),
        ({}, {"expiry_yymm": "4911"}, {}, "54"),
        ({}, {"amount_fen": 0}, {}, "13"),
        ({}, {}, {"track": False}, "05"),
        ({}, CHIP, {"question": None}, "30"),
        ({}, CHIP, {"cryptogram": False}, "63"),
        ({}, CHIP, {"question": ChipQuestion(4, 1_00, b"", b"")}, "63"),
        ({}, CHIP, {"question": ChipQuestion(5, 1_01, b"", b"")}, "63"),
        ({"has_chip": False}, CHIP, {}, "63"),
        ({"pin_tries": 3}, {}, {}, "75"),
        ({}, {"pin_block": WRONG}, {}, "55"),
        ({}, {"pin_block": NO_PIN_INSIDE}, {}, "99"),
        ({}, {"pin_block": None}, {}, "55"),
        ({}, {"pin_block": None, "entry_mode": "072", "amount_fen": 1_000_01}, {}, "55"),
        ({"single_limit_fen": 50}, {}, {}, "61"),
        ({}, {"amount_fen": 100_01}, {}, "51"),
    ],
)
def test_each_check_has_its_answer_and_moves_nothing(
    card: dict[str, Any], request_changes: dict[str, Any], checks: dict[str, Any], code: str
) -> None:
    bank = Counter(checks=Told(**checks), **card)
    decision = bank.ask(sale(**request_changes))
    assert decision.code == code
    assert decision.reason
    assert bank.balance == 100_00
    assert not bank.books.postings


def test_a_card_is_good_through_the_last_month_of_its_expiry() -> None:
    bank = Counter(expiry_yymm="2611")
    assert bank.ask(sale(1, expiry_yymm="2611")).code == "00"
    bank.now = UnixMs(NOON + 8 * 86_400_000)
    assert bank.ask(sale(2, expiry_yymm="2611")).code == "54"


def test_the_pin_is_not_looked_at_when_the_card_is_refused_anyway() -> None:
    bank = Counter(status="lost")
    bank.ask(sale(pin_block=WRONG))
    assert "pin" not in bank.checks.asked
    assert bank.books.cards["c1"].pin_tries == 0


@pytest.mark.parametrize("entry_mode", ["072", "912", "982"])
@pytest.mark.parametrize(("amount_fen", "code"), [(1_000_00, "00"), (1_000_01, "55")])
def test_a_tap_within_the_limit_needs_no_pin(entry_mode: str, amount_fen: int, code: str) -> None:
    bank = Counter(balance_fen=5_000_00, checks=Told(question=ChipQuestion(5, amount_fen, b"", b"")))
    tap = {**CHIP, "entry_mode": entry_mode, "pin_block": None}
    assert bank.ask(sale(1, amount_fen, **tap)).code == code
    assert bank.books.cards["c1"].pin_tries == 0


@pytest.mark.parametrize("entry_mode", ["072", "912", "982"])
def test_a_stripe_that_is_called_a_tap_needs_the_pin(entry_mode: str) -> None:
    assert Counter().ask(sale(1, pin_block=None, entry_mode=entry_mode)).code == "55"


@pytest.mark.parametrize("entry_mode", ["021", "801", "901", "911", "981", "071"])
def test_a_bank_that_takes_no_stripe_of_a_chip_card_takes_none_by_any_word(entry_mode: str) -> None:
    assert Counter(behaviour="chip_only").ask(sale(1, entry_mode=entry_mode)).code == "57"


def test_three_wrong_pins_in_a_row_lock_the_card() -> None:
    bank = Counter()
    codes = [bank.ask(sale(number, pin_block=WRONG)).code for number in range(1, 4)]
    assert codes == ["55", "55", "75"]
    assert bank.ask(sale(4)).code == "75"
    assert bank.ask(sale(5, pin_block=None, entry_mode="072")).code == "75"


def test_a_right_pin_sets_the_count_back() -> None:
    bank = Counter()
    codes = [bank.ask(sale(1, pin_block=WRONG)).code, bank.ask(sale(2, pin_block=WRONG)).code, bank.ask(sale(3)).code]
    assert codes == ["55", "55", "00"]
    assert bank.ask(sale(4, pin_block=WRONG)).code == "55"


def test_a_right_pin_counts_even_when_the_money_is_missing() -> None:
    bank = Counter(pin_tries=2)
    assert bank.ask(sale(1, 100_01)).code == "51"
    assert bank.books.cards["c1"].pin_tries == 0


def test_a_repeated_wrong_pin_is_one_try() -> None:
    bank = Counter()
    again = sale(1, pin_block=WRONG)
    assert [bank.ask(again).code for _ in range(5)] == ["55"] * 5
    assert bank.books.cards["c1"].pin_tries == 1


def test_a_chip_gets_an_answer_and_its_counter_only_grows() -> None:
    bank = Counter()
    decision = bank.ask(sale(1, **CHIP))
    assert decision.payment is not None
    assert decision.payment.chip_answer == b"answer 00"
    assert bank.books.cards["c1"].counter == 5
    assert bank.ask(sale(2, **CHIP)).code == "63"


def test_a_chip_that_proved_itself_is_told_the_refusal_too() -> None:
    bank = Counter()
    decision = bank.ask(sale(1, **CHIP, pin_block=WRONG))
    assert decision.payment is not None
    assert decision.payment.chip_answer == b"answer 55"
    assert bank.books.cards["c1"].counter == 5


def test_a_wrong_cryptogram_leaves_the_counter_alone() -> None:
    bank = Counter(checks=Told(cryptogram=False))
    decision = bank.ask(sale(1, **CHIP))
    assert decision.payment is not None
    assert decision.payment.chip_answer is None
    assert bank.books.cards["c1"].counter == 4


def test_a_repeat_gets_the_stored_answer() -> None:
    bank = Counter()
    first, second = bank.ask(sale()), bank.ask(sale(pin_block=b"anewkey!"))
    assert second.payment == first.payment
    assert second.stored
    assert bank.balance == 99_00


def test_a_refused_sale_stays_refused_when_it_is_repeated() -> None:
    bank = Counter(balance_fen=50)
    assert bank.ask(sale()).code == "51"
    bank.books.balances["card-1"] = 500_00
    assert bank.ask(sale()).code == "51"


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_fen": 2_00},
        {"trace_no": "000002"},
        {"terminal_no": "10000002"},
        {"merchant_no": "102100058120002"},
        {"entry_mode": "011"},
        {"card_id": "c2"},
    ],
)
def test_the_same_identity_with_other_contents_is_refused(changes: dict[str, Any]) -> None:
    bank = Counter()
    bank.ask(sale())
    assert bank.ask(sale(**changes)).code == "94"
    assert bank.balance == 99_00


def test_a_reversal_gives_the_money_back_once() -> None:
    bank = Counter()
    paid = sale(amount_fen=40_00)
    bank.ask(paid)
    assert [bank.ask(reversal(paid)).code for _ in range(3)] == ["00"] * 3
    assert bank.books.balances == {"card-1": 100_00, "clearing-48021000": 0}
    assert [posting.kind for posting in bank.books.postings] == ["sale", "reversal"]


def test_a_repeat_after_the_reversal_is_refused() -> None:
    bank = Counter()
    bank.ask(sale())
    bank.ask(reversal(sale()))
    assert bank.ask(sale()).code == "12"
    assert bank.balance == 100_00


def test_a_late_original_after_its_reversal_is_refused() -> None:
    bank = Counter()
    assert bank.ask(reversal(sale())).code == "25"
    assert bank.ask(sale()).code == "12"
    assert bank.ask(reversal(sale())).code == "25"
    assert bank.balance == 100_00


def test_a_reversal_of_a_refused_sale_moves_nothing() -> None:
    bank = Counter()
    refused = sale(amount_fen=100_01)
    bank.ask(refused)
    assert bank.ask(reversal(refused)).code == "00"
    assert bank.ask(refused).code == "51"
    assert bank.balance == 100_00


@pytest.mark.parametrize(("changes", "code"), [({"amount_fen": 99}, "64"), ({"terminal_no": "10000002"}, "94")])
def test_a_reversal_with_other_contents_undoes_nothing(changes: dict[str, Any], code: str) -> None:
    bank = Counter()
    bank.ask(sale())
    assert bank.ask(reversal(sale(), **changes)).code == code
    assert bank.balance == 99_00


def test_a_silent_card_leaves_no_trace() -> None:
    bank = Counter(behaviour="silent")
    assert bank.ask(sale()).delivery == "silent"
    assert not bank.books.changed
    assert bank.ask(reversal(sale())).code == "25"


def test_a_card_that_silences_the_bank_after_posting_can_be_reversed() -> None:
    bank = Counter(behaviour="silent_after_posting")
    assert bank.ask(sale()).delivery == "silent_after_posting"
    assert bank.ask(sale()).delivery == "silent_after_posting"
    assert bank.balance == 99_00
    assert (bank.ask(reversal(sale())).code, bank.balance) == ("00", 100_00)
    assert bank.ask(sale(2, pin_block=WRONG)).delivery == "normal"


def test_no_representation_shows_a_card_number() -> None:
    request = sale()
    decision = Counter().ask(request)
    for shown in (repr(request), repr(decision), str(msgspec.to_builtins(decision.payment))):
        assert "6217000000000000012" not in shown
