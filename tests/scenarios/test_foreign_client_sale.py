"""A terminal made by others sells: approvals, each refusal with its code, repeats, and what a wrong MAC may change (nothing)."""

from collections.abc import Callable

import pytest
from psec import des
from tests.worlds.foreign_terminal import (
    DEMO_MASTER_KEY,
    DEMO_MERCHANT,
    TEST_CARD,
    Card,
    ForeignTerminal,
    Line,
    make_mac,
)
from tests.worlds.house import House, Records, until

OPENING_FEN = 100_000_00


def states(records: Records) -> dict[str, str]:
    """Payments at the host: trace number and state."""
    return {row["trace_no"]: row["state"] for row in records.host_rows("payments")}


def ledger(records: Records) -> dict[str, int]:
    """The host's ledger: what each account holds."""
    totals: dict[str, int] = {}
    for row in records.host_rows("postings"):
        totals[row["account"]] = totals.get(row["account"], 0) + row["amount_fen"]
    return totals


def assert_sold(records: Records, *amounts_fen: int) -> None:
    """Exactly these amounts were sold with the main test card, each once, at host and bank."""
    approved = [row["amount_fen"] for row in records.host_rows("payments") if row["state"] == "approved"]
    at_bank = [row["amount_fen"] for row in records.bank_rows("payments") if row["state"] == "approved"]
    assert sorted(approved) == sorted(at_bank) == sorted(amounts_fen)
    total = sum(amounts_fen)
    expected = {"issuer_clearing": total, "merchant_payable": -total} if amounts_fen else {}
    assert {account: fen for account, fen in ledger(records).items() if fen} == expected
    assert records.balance_fen(TEST_CARD.number) == OPENING_FEN - total
    assert records.bank_differences() == []


def test_a_sale_with_pin_and_mac_is_approved_with_a_right_mac(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    request = terminal.sale(128_50)
    answer = terminal.ask(line, request)  # which checks the MAC
    assert (answer["t"], answer["39"]) == ("0210", "00")
    assert "64" in answer
    echoed = ("3", "4", "11", "25", "41", "42", "49", "60")
    assert {name: answer[name] for name in echoed} == {name: request[name] for name in echoed}
    assert {"12", "13", "15", "32", "37", "38", "44", "63"} <= answer.keys()
    assert not {"35", "52", "14", "55"} & answer.keys(), "no card data come back but the number"
    assert_sold(house, 128_50)


def test_the_answer_comes_back_in_the_envelope_of_the_request(line: Line, terminal: ForeignTerminal) -> None:
    payload = terminal.signed(terminal.sale(1_00))
    answer = line.ask(bytes.fromhex("6000031234") + bytes.fromhex("612200000031") + payload[11:])
    assert answer[:5].hex() == "6012340003", "addresses swapped"
    assert answer[5:11].hex() == "612200000031", "class and version as they were sent, nothing asked of the terminal"


def test_card_number_and_expiry_may_stand_beside_the_track(house: House, line: Line, terminal: ForeignTerminal) -> None:
    request = {**terminal.sale(5_00), "2": TEST_CARD.number, "14": TEST_CARD.expiry}
    assert terminal.ask(line, request)["39"] == "00"
    assert_sold(house, 5_00)


def test_a_right_pin_after_a_wrong_one_is_approved(house: House, line: Line, terminal: ForeignTerminal) -> None:
    refused = terminal.ask(line, terminal.sale(10_00, pin="654321"))
    assert refused["39"] == "55"
    assert "64" not in refused
    assert_sold(house)
    assert terminal.ask(line, terminal.sale(10_00))["39"] == "00"
    assert_sold(house, 10_00)


def test_a_sale_without_a_pin_gets_55(house: House, line: Line, terminal: ForeignTerminal) -> None:
    sale = terminal.sale(10_00)
    unsealed = {name: value for name, value in sale.items() if name not in ("26", "52", "53")}
    assert terminal.ask(line, {**unsealed, "22": "022"})["39"] == "55"
    assert_sold(house)


def test_a_pin_block_under_another_key_gets_99(house: House, line: Line, terminal: ForeignTerminal) -> None:
    sale = terminal.sale(10_00)
    assert terminal.ask(line, {**sale, "52": "0011223344556677"})["39"] == "99"
    assert_sold(house)


def test_the_pin_block_without_card_number_is_understood(house: House, line: Line, terminal: ForeignTerminal) -> None:
    block = des.encrypt_tdes_ecb(terminal.keys["PIK"], bytes.fromhex("06123456FFFFFFFF"))
    sale = {**terminal.sale(10_00), "52": block.hex().upper(), "53": "1600000000000000"}
    assert terminal.ask(line, sale)["39"] == "00"
    assert_sold(house, 10_00)


@pytest.mark.parametrize("fault", ["last byte", "all zero", "other key", "of another message"])
def test_a_wrong_mac_gets_a0_and_changes_nothing(
    house: House, line: Line, terminal: ForeignTerminal, fault: str
) -> None:
    assert terminal.ask(line, terminal.sale(1_00))["39"] == "00"
    before = house.everything()
    payload = terminal.signed(terminal.sale(2_00))
    wrong = {
        "last byte": payload[-8:-1] + bytes((payload[-1] ^ 1,)),
        "all zero": bytes(8),
        "other key": make_mac(bytes.fromhex("0123456789ABCDEF"), payload[11:-8]),
        "of another message": terminal.signed(terminal.sale(3_00))[-8:],
    }[fault]
    answer = terminal.read(line.ask(payload[:-8] + wrong))
    assert answer["39"] == "A0"
    assert "64" not in answer
    assert house.everything() == before
    assert terminal.read(line.ask(payload))["39"] == "00", "the true request is still welcome"
    assert_sold(house, 1_00, 2_00)


def test_a_wrong_mac_before_the_first_good_one_confirms_nothing(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    before = {**house.everything(), "host.counters": []}
    payload = terminal.signed(terminal.sale(2_00))
    assert terminal.read(line.ask(payload[:-8] + bytes(8)))["39"] == "A0"
    assert {**house.everything(), "host.counters": []} == before


def test_an_unknown_terminals_sale_gets_97(house: House, line: Line, terminal: ForeignTerminal) -> None:
    stranger = ForeignTerminal("29999999", DEMO_MERCHANT, DEMO_MASTER_KEY)
    stranger.keys = terminal.keys
    assert stranger.ask(line, stranger.sale(1_00))["39"] == "97"
    assert_sold(house)


def test_a_terminal_that_never_signed_in_gets_77(house: House, line: Line, stranger: ForeignTerminal) -> None:
    stranger.keys = {"PIK": bytes(range(16)), "MAK": bytes(range(8))}
    assert stranger.ask(line, stranger.sale(1_00))["39"] == "77"
    assert_sold(house)


def test_another_batch_gets_77(house: House, line: Line, terminal: ForeignTerminal) -> None:
    terminal.batch_no = "000002"
    assert terminal.ask(line, terminal.sale(1_00))["39"] == "77"
    terminal.batch_no = "000001"
    assert terminal.ask(line, terminal.sale(1_00))["39"] == "00"
    assert_sold(house, 1_00)


def test_an_amount_of_nothing_gets_13(house: House, line: Line, terminal: ForeignTerminal) -> None:
    assert terminal.ask(line, terminal.sale(0))["39"] == "13"
    assert_sold(house)


@pytest.mark.parametrize(
    ("card", "amount_fen", "code"),
    [
        ("no-funds", 2_00, "51"),
        ("expired", 1_00, "54"),
        ("lost", 1_00, "41"),
        ("stolen", 1_00, "43"),
        ("limit", 500_01, "61"),
        ("restricted", 1_00, "62"),
        ("pin-locked", 1_00, "75"),
    ],
)
def test_each_test_card_is_refused_with_its_code(
    house: House, line: Line, terminal: ForeignTerminal, cards: dict[str, Card], card: str, amount_fen: int, code: str
) -> None:
    balance_fen = house.balance_fen(cards[card].number)
    answer = terminal.ask(line, terminal.sale(amount_fen, cards[card]))
    assert answer["39"] == code
    assert "64" not in answer
    assert house.balance_fen(cards[card].number) == balance_fen
    assert states(house) == {answer["11"]: "declined"}
    assert not house.host_rows("postings")


def test_a_card_of_no_bank_gets_14(house: House, line: Line, terminal: ForeignTerminal) -> None:
    assert terminal.ask(line, terminal.sale(1_00, Card("6217999999999999993", "4912")))["39"] == "14"
    assert_sold(house)


def test_the_same_request_again_gets_the_stored_answer_and_is_posted_once(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    payload = terminal.signed(terminal.sale(128_50))
    first = terminal.read(line.ask(payload))
    rows = house.everything()
    with Line("127.0.0.1", house.host_port) as elsewhere:
        for repeat in (line.ask(payload), elsewhere.ask(payload), line.ask(payload)):
            assert terminal.read(repeat) == first
    assert house.everything() == rows
    assert_sold(house, 128_50)


def test_a_repeat_under_new_keys_is_another_payment_and_the_first_one_stands_until_it_is_reversed(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    sale = terminal.sale(128_50)
    assert terminal.ask(line, sale)["39"] == "00"
    terminal.go_sign_in(line)
    block = terminal.pin_block(TEST_CARD.pin, TEST_CARD.number).hex().upper()
    assert block != sale["52"]
    again = terminal.ask(line, {**sale, "52": block})  # which checks the MAC under the new key
    assert again["39"] == "94"
    assert_sold(house, 128_50)


def test_a_repeat_of_a_refused_sale_is_refused_again_without_asking_the_bank(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    sale = terminal.sale(1_00, pin="654321")
    first = terminal.ask(line, sale)
    bank_rows = house.bank_rows("cards"), house.bank_rows("payments")
    assert terminal.ask(line, sale) == first
    assert (house.bank_rows("cards"), house.bank_rows("payments")) == bank_rows, "one wrong PIN, counted once"


@pytest.mark.parametrize("change", ["amount", "card", "operator"])
def test_the_same_trace_with_other_contents_gets_94(
    house: House, line: Line, terminal: ForeignTerminal, cards: dict[str, Card], change: str
) -> None:
    sale = terminal.sale(10_00)
    assert terminal.ask(line, sale)["39"] == "00"
    second = cards["second"]
    other = {
        "amount": {"4": f"{11_00:012d}"},
        "card": {"35": second.track2, "52": terminal.pin_block(second.pin, second.number).hex().upper()},
        "operator": {"63": "02 "},
    }[change]
    rows = house.everything()
    refused = terminal.ask(line, {**sale, **other})
    assert refused["39"] == "94"
    assert "64" not in refused
    (clash,) = house.host_rows("clashes")
    assert (clash["what"], clash["trace_no"], clash["times"]) == ("other_payment", sale["11"], 1)
    assert house.everything() | {"host.clashes": []} == rows
    assert terminal.ask(line, sale)["39"] == "00", "the original stands"
    assert_sold(house, 10_00)


@pytest.mark.parametrize("apart", [False, True], ids=["in one breath", "while the bank thinks"])
def test_a_request_sent_twice_at_once_gets_one_outcome_and_is_posted_once(
    start_house: Callable[..., House], stranger: ForeignTerminal, cards: dict[str, Card], apart: bool
) -> None:
    house = start_house(slow_answer_s=0.3)
    slow = cards["slow"]
    opening_fen = house.balance_fen(slow.number)
    with Line("127.0.0.1", house.host_port) as one, Line("127.0.0.1", house.host_port) as two:
        stranger.go_sign_in(one)
        sale = stranger.sale(7_00, slow)
        payload = stranger.signed(sale)
        one.send(payload)
        if apart:
            until(lambda: states(house) == {sale["11"]: "pending"}, "the first request to be at the bank")
        two.send(payload)
        answers = [stranger.read(line.receive()) for line in (one, two)]
    assert answers[0]["39"] == "00"
    assert answers[0] == answers[1]
    assert states(house) == {sale["11"]: "approved"}
    assert len(house.host_rows("postings")) == 2
    assert len(house.bank_rows("payments")) == len(house.bank_rows("postings")) == 1
    assert house.balance_fen(slow.number) == opening_fen - 7_00


def test_repeats_at_every_moment_of_a_sale_all_get_its_outcome(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    repeats = 40
    for _ in range(10):
        payload = terminal.signed(terminal.sale(1_00))
        for _ in range(repeats):
            line.send(payload)
        answers = [line.receive() for _ in range(repeats)]
        assert set(answers) == {answers[0]}
        assert terminal.read(answers[0])["39"] == "00"
    assert_sold(house, *([1_00] * 10))


def test_a_silent_bank_gets_98_after_the_time_out_and_ends_reversed(
    start_house: Callable[..., House], stranger: ForeignTerminal, cards: dict[str, Card]
) -> None:
    house = start_house(bank_timeout_s=0.2)
    opening_fen = {name: house.balance_fen(cards[name].number) for name in ("silent", "silent-after-posting")}
    with Line("127.0.0.1", house.host_port) as line:
        stranger.go_sign_in(line)
        sales = {name: stranger.sale(9_00, cards[name]) for name in opening_fen}
        for name, sale in sales.items():
            answer = stranger.ask(line, sale)
            assert answer["39"] == "98", name
            assert "64" not in answer
            assert stranger.ask(line, sale) == answer, "a repeat does not ask again"
        until(
            lambda: {row["bank_state"] for row in house.host_rows("payments")} == {"reversal_done"},
            "the bank to hear of both reversals",
        )
        assert stranger.ask(line, stranger.reversal(sales["silent"]))["39"] == "00", "nothing stood"
    assert set(states(house).values()) == {"timed_out"}
    assert not house.host_rows("postings")
    assert {name: house.balance_fen(cards[name].number) for name in opening_fen} == opening_fen
    assert [row["state"] for row in house.bank_rows("payments") if row["state"] == "approved"] == []
    assert house.bank_differences() == []


def test_an_approval_that_comes_after_the_time_out_posts_nothing(
    start_house: Callable[..., House], stranger: ForeignTerminal, cards: dict[str, Card]
) -> None:
    house = start_house(bank_timeout_s=0.1, slow_answer_s=0.6)
    slow = cards["slow"]
    opening_fen = house.balance_fen(slow.number)
    with Line("127.0.0.1", house.host_port) as line:
        stranger.go_sign_in(line)
        sale = stranger.sale(9_00, slow)
        assert stranger.ask(line, sale)["39"] == "98"
        until(lambda: house.host_rows("payments")[0]["bank_state"] == "reversal_done", "the reversal at the bank")
        # A second slow sale: when its time-out is answered too, the first one's late approval may have come.
        assert stranger.ask(line, stranger.sale(1_00, slow))["39"] == "98"
        assert stranger.ask(line, sale)["39"] == "98"
    assert not house.host_rows("postings")
    until(lambda: house.balance_fen(slow.number) == opening_fen, "both sales to be undone at the bank")


def test_a_sale_that_cannot_reach_the_bank_gets_91(
    start_house: Callable[..., House], stranger: ForeignTerminal
) -> None:
    house = start_house()
    with Line("127.0.0.1", house.host_port) as line:
        stranger.go_sign_in(line)
        house.stop_bank()
        sale = stranger.sale(1_00)
        assert stranger.ask(line, sale)["39"] == "91"
        assert states(house) == {sale["11"]: "declined"}
