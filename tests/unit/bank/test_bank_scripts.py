"""What the bank has for its chips: sent with each answer to a chip that proved itself, closed by a notice that it was done."""

from typing import Any

import pytest
from msgspec.structs import replace
from tests.worlds.bank_books import CARD, NOON, Counter, Told, sale

from zhanggui.bank.accounts import CardScript
from zhanggui.bank.card_checks import ChipQuestion
from zhanggui.bank.ledger import apply, decide
from zhanggui.bank.scripts import ScriptTold, command_of
from zhanggui.basics.numbers import MerchantNo, Rrn, TerminalNo, TraceNo
from zhanggui.cup.messages.script_notice import BankScriptNotice
from zhanggui.cup.values.issuer_script import RESULTS, ScriptOutcome, ScriptResult, write_results
from zhanggui.iso8583.tlv import encode_tlv

LIMIT = CardScript(script_no=7, card_id=CARD.card_id, order="offline_limit", value=3)


def bank_with(*scripts: CardScript) -> Counter:
    bank = Counter()
    bank.books.scripts = {one.script_no: one for one in scripts}
    return bank


def chip_sale(rrn: int = 1, **changed: Any) -> Any:
    return sale(rrn, entry_mode="051", chip_data=b"chip", **changed)


def heard(bank: Counter, outcome: ScriptOutcome, *, rrn: int = 1, number: int = 7, **changed: Any) -> str:
    asked = sale(rrn).request
    values: dict[str, Any] = {
        "acquirer_code": asked.acquirer_code,
        "rrn": Rrn(f"{rrn:012d}"),
        "trace_no": TraceNo("000009"),
        "merchant_no": asked.merchant_no,
        "terminal_no": asked.terminal_no,
        "processing_code": "000000",
        "chip_data": encode_tlv(
            [(RESULTS, write_results([ScriptResult(outcome, number.to_bytes(4, "big"), outcome == "failed")]))]
        ),
    }
    told = ScriptTold(sale(rrn).identity, BankScriptNotice(**(values | changed)))
    decision = decide(bank.books, told, NOON, Told())
    apply(bank.books, decision)
    return decision.code


def test_a_script_goes_with_the_answer_to_a_chip_and_with_each_until_it_was_done() -> None:
    bank = bank_with(LIMIT)
    first = bank.ask(chip_sale())
    assert first.payment is not None
    assert first.payment.chip_answer == b"answer 00 script 7"
    assert (bank.books.scripts[7].sent, bank.books.scripts[7].identity) == (1, sale(1).identity)
    assert heard(bank, "failed") == "00"
    assert (bank.books.scripts[7].state, bank.books.scripts[7].result) == ("pending", "failed")
    bank.checks.question = ChipQuestion(6, 1_00, b"", b"")
    second = bank.ask(chip_sale(2))
    assert second.payment is not None
    assert second.payment.chip_answer == b"answer 00 script 7"
    assert heard(bank, "done", rrn=2) == "00"
    bank.checks.question = ChipQuestion(7, 1_00, b"", b"")
    third = bank.ask(chip_sale(3))
    assert third.payment is not None
    assert third.payment.chip_answer == b"answer 00"
    assert bank.books.scripts[7].sent == 2


def test_a_notice_that_comes_again_or_late_opens_nothing_again() -> None:
    bank = bank_with(LIMIT)
    bank.ask(chip_sale())
    assert heard(bank, "done") == "00"
    assert [heard(bank, "done"), heard(bank, "failed")] == ["00", "00"]
    assert (bank.books.scripts[7].state, bank.books.scripts[7].result) == ("done", "done")


def test_a_notice_of_another_payment_card_or_terminal_is_refused_and_changes_nothing() -> None:
    other = replace(LIMIT, script_no=8, card_id="another")
    bank = bank_with(LIMIT, other)
    bank.ask(chip_sale())
    before = dict(bank.books.scripts)
    assert heard(bank, "done", rrn=9) == "25"
    assert heard(bank, "done", number=8) == "25", "another card's"
    assert heard(bank, "done", terminal_no=TerminalNo("10000009")) == "94"
    assert heard(bank, "done", merchant_no=MerchantNo("102100058120009")) == "94"
    assert bank.books.scripts == before


def test_a_script_goes_with_a_refusal_too_once_the_chip_proved_itself() -> None:
    bank = bank_with(LIMIT)
    refused = bank.ask(chip_sale(pin_block=b"wrongpin"))
    assert refused.payment is not None
    assert (refused.code, refused.payment.chip_answer) == ("55", b"answer 55 script 7")


def test_nothing_is_sent_to_a_stripe_a_foreign_chip_or_a_balance() -> None:
    bank = bank_with(LIMIT)
    bank.ask(sale(1))
    bank.checks.cryptogram = False
    assert bank.ask(chip_sale(2)).code == "63"
    bank.checks.cryptogram = True
    bank.ask(chip_sale(3, kind="balance", amount_fen=0))
    assert bank.books.scripts[7].sent == 0


def test_a_repeat_gets_the_stored_answer_and_counts_no_second_sending() -> None:
    bank = bank_with(LIMIT)
    first, again = bank.ask(chip_sale()), bank.ask(chip_sale())
    assert first.payment == again.payment
    assert bank.books.scripts[7].sent == 1


@pytest.mark.parametrize(
    ("script", "command"),
    [(LIMIT, "04DA9F580503"), (replace(LIMIT, order="block", value=0), "841E000004")],
)
def test_commands_are_those_of_the_books_and_count_their_mac(script: CardScript, command: str) -> None:
    assert command_of(script).hex().upper() == command
