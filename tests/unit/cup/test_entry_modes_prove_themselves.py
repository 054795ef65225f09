"""Field 22 and what must stand beside it: no word of it is taken where the fields of a card that was read so are missing."""

from collections.abc import Mapping
from typing import get_args

import pytest
from tests.unit.cup.message_samples import TIME

from zhanggui.basics.numbers import BatchNo, MerchantNo, OperatorNo, Rrn, TerminalNo, TraceNo
from zhanggui.basics.secret import Pan
from zhanggui.cup.errors import MessageError
from zhanggui.cup.messages.interbank import bank_payment, read_bank_payment
from zhanggui.cup.messages.original import Original
from zhanggui.cup.messages.payment import PaymentRequest, ReversalRequest, read_payment, read_reversal
from zhanggui.cup.transactions import PAYMENTS, REVERSAL_MTI
from zhanggui.cup.values.entry_mode import ENTRY_MODES, Way
from zhanggui.cup.values.fallback import CHIP_FAILED
from zhanggui.iso8583.message import Message
from zhanggui.terminal.flow.core.kept import ENTRY_MODES as OF_OUR_TERMINALS

NUMBER = "6217000000000000012"
Part = Mapping[int, str | bytes]
TRACK: Part = {35: f"{NUMBER}=4912220"}
CHIP: Part = {55: bytes.fromhex("95050000008000")}
TYPED: Part = {2: NUMBER, 14: "4912"}
NO_CARD: Part = {}
BY_CARD = [name for name, row in PAYMENTS.items() if row.takes_card]
FIRST = [name for name in BY_CARD if not PAYMENTS[name].carries(61)]


def asked(kind: str, entry_mode: str, *parts: Part, epoch: str = "") -> Message:
    """A request of this kind with these parts of a card."""
    row = PAYMENTS[kind]
    original = Original(
        batch_no=BatchNo("000001"), trace_no=TraceNo("000003"), date="1123", rrn="000000000042", auth_code="123456"
    )
    message = PaymentRequest(
        kind,
        MerchantNo("102100058120001"),
        TerminalNo("10000001"),
        BatchNo("000001"),
        TraceNo("000007"),
        entry_mode,
        amount_fen=100,
        operator_no=OperatorNo("01"),
        pan=None,
        original=original if row.carries(61) else None,
        epoch=epoch,
    ).message()
    for part in parts:
        message.fields.update(part)
    return message


def is_taken(kind: str, entry_mode: str, *parts: Part, epoch: str = "") -> bool:
    try:
        read_payment(asked(kind, entry_mode, *parts, epoch=epoch), PAYMENTS[kind])
    except MessageError as error:
        if error.field != 22:
            raise
        return False
    return True


@pytest.mark.parametrize("kind", BY_CARD)
def test_a_number_alone_was_typed_whatever_is_said_of_it(kind: str) -> None:
    said = [f"{word:02d}{pin}" for word in range(1, 100) for pin in "012"]
    assert [mode for mode in said if is_taken(kind, mode, TYPED)] == ["010", "011", "012"]


@pytest.mark.parametrize("kind", BY_CARD)
def test_a_stripe_a_chip_and_a_tap_each_bring_their_own(kind: str) -> None:
    said = [f"{word:02d}1" for word in range(1, 100)]
    # About an earlier payment a chip goes its short way, and makes no cryptogram.
    chip = [] if kind in FIRST else ["051", "951"]
    stripe = ["021", "071", "801", "901", "911", "981"]
    assert [mode for mode in said if is_taken(kind, mode, TRACK)] == sorted(stripe + chip)
    assert [mode for mode in said if is_taken(kind, mode, TYPED, CHIP)] == ["051", "071", "911", "951", "981"]
    assert [mode for mode in said if is_taken(kind, mode, TRACK, CHIP)] == ["051", "071", "911", "951", "981"]


def test_what_is_asked_for_again_after_a_power_cut_has_its_proof_no_more() -> None:
    epoch = "00000012"
    assert is_taken("refund", "021", TYPED, epoch=epoch)
    assert not is_taken("refund", "021", TYPED)
    assert not is_taken("refund", "102", TYPED, epoch=epoch)
    assert not is_taken("sale", "021", TYPED, epoch=epoch)


def test_without_a_card_nothing_has_to_be_proven_but_the_word_must_be_one() -> None:
    may_be = [name for name in BY_CARD if PAYMENTS[name].card == "may_be"]
    assert may_be
    for kind in may_be:
        known = [word for word in range(100) if is_taken(kind, f"{word:02d}2")]
        assert [f"{word:02d}" for word in known] == sorted(ENTRY_MODES)


@pytest.mark.parametrize(
    ("said", "mode", "is_fallback"),
    [("801", "021", True), ("802", "022", True), ("901", "021", False), ("021", "021", False)],
)
def test_words_for_one_way_become_one_on_reception_and_in_the_reversal_too(
    said: str, mode: str, is_fallback: bool
) -> None:
    stripe: Part = {35: f"{NUMBER}=4912120"}
    request = read_payment(asked("sale", said, stripe), PAYMENTS["sale"])
    assert (request.entry_mode, request.is_fallback) == (mode, is_fallback)
    assert (request.reading == CHIP_FAILED) == is_fallback
    fields = ReversalRequest(
        "sale", request.merchant_no, request.terminal_no, request.batch_no, request.trace_no, said, amount_fen=100,
        reason="98",
    ).message().fields  # fmt: skip
    assert read_reversal(Message(REVERSAL_MTI, fields)).entry_mode == mode


def test_a_reversal_is_taken_by_any_word_for_payments_were_once_too() -> None:
    message = ReversalRequest(
        "sale", MerchantNo("102100058120001"), TerminalNo("10000001"), BatchNo("000001"), TraceNo("000007"), "102",
        amount_fen=100, reason="98", pan=Pan(NUMBER),
    ).message()  # fmt: skip
    assert read_reversal(message).entry_mode == "102"


@pytest.mark.parametrize("entry_mode", ["072", "912", "022", "052", "102"])
def test_the_bank_looks_for_itself(entry_mode: str) -> None:
    request = read_payment(asked("sale", "012", TYPED), PAYMENTS["sale"])
    told = bank_payment(request, Rrn("000000000042"), "08888888", TIME, None).message()
    told.fields[64] = bytes(8)
    assert read_bank_payment(told).pan == Pan(NUMBER)
    told.fields[22] = entry_mode
    with pytest.raises(MessageError, match="field 22"):
        read_bank_payment(told)


@pytest.mark.parametrize("zeros", ["000000000000", " " * 12])
@pytest.mark.parametrize("kind", [name for name, row in PAYMENTS.items() if row.carries(37) and row.carries(61)])
def test_a_reference_number_of_zeros_names_nothing(kind: str, zeros: str) -> None:
    mode, card = ("032", NO_CARD) if PAYMENTS[kind].is_by_code else ("021", TRACK)
    message = asked(kind, mode, card)
    message.fields[37] = zeros
    original = read_payment(message, PAYMENTS[kind]).original
    assert original is not None
    assert original.rrn == ""


def test_our_terminals_have_no_way_that_the_table_lacks() -> None:
    assert set(OF_OUR_TERMINALS.values()) <= set(ENTRY_MODES)
    assert {row.way for row in ENTRY_MODES.values()} == set(get_args(Way))
    assert all(row.same_as in {"", *ENTRY_MODES} for row in ENTRY_MODES.values())
