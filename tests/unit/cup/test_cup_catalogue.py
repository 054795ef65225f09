"""Messages are recognised by the catalogue; what is missing or wrong is named, without its value."""

import pytest
from tests.unit.cup.message_samples import a_sale

from zhanggui.cup.errors import MessageError
from zhanggui.cup.messages.payment import (
    read_payment,
    read_reversal,
)
from zhanggui.cup.transactions import CATALOGUE, Transaction, check_presence, identify
from zhanggui.iso8583.message import Message


def whole_request(transaction: Transaction) -> Message:
    fields: dict[int, str | bytes] = dict.fromkeys(transaction.required, "0")
    of = CATALOGUE["sale"] if transaction.mti == "0400" else transaction
    fields[60] = (of.type_code or "00") + "000001" + transaction.network_code
    if of.is_payment:
        fields[3], fields[25] = of.processing_code, of.condition_code
        fields[22] = "032" if of.is_by_code else "052"
    return Message(transaction.mti, fields)


@pytest.mark.parametrize("transaction", CATALOGUE.values(), ids=lambda row: row.name)
def test_each_message_of_the_catalogue_is_recognised_and_a_missing_field_is_named(transaction: Transaction) -> None:
    message = whole_request(transaction)
    assert identify(message) is transaction
    check_presence(transaction, message)
    for number in transaction.required:
        less = Message(message.mti, {other: value for other, value in message.fields.items() if other != number})
        with pytest.raises(MessageError, match=f"field {number}") as caught:
            check_presence(transaction, less)
        assert caught.value.field == number


@pytest.mark.parametrize(
    "message",
    [
        Message("0200", {3: "990000", 60: "99000001"}),
        Message("0200", {3: "000000", 60: "97000001"}),
        Message("0200", {3: "000000", 25: "64", 60: "22000001"}),
        Message("0200", {3: "000000"}),
        Message("0200", {60: "22000001"}),
        Message("0800", {60: "00000001360"}),
        Message("0800", {60: "000"}),
        Message("0820", {60: "00000001003"}),
        Message("0210", {3: "000000", 60: "22000001"}),
    ],
    ids=str,
)
def test_a_message_outside_the_catalogue_is_not_taken_for_another(message: Message) -> None:
    assert identify(message) is None


def test_every_reversible_message_moves_money() -> None:
    assert all(row.is_payment and row.has_amount for row in CATALOGUE.values() if row.reversible)
    assert CATALOGUE["sale"].reversible
    assert all(row.answer_mti == f"{int(row.mti) + 10:04d}" for row in CATALOGUE.values())


@pytest.mark.parametrize("field_60", ["", "2", "22", "2200000"])
def test_a_payment_whose_field_60_holds_no_batch_is_a_format_error(field_60: str) -> None:
    sale = a_sale().message()
    sale.fields[60] = field_60
    with pytest.raises(MessageError, match="field 60"):
        read_payment(sale, CATALOGUE["sale"])
    sale.fields[39] = "98"
    with pytest.raises(MessageError, match="field 60"):
        read_reversal(sale)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({2: "62170000000"}, 2),
        ({2: None}, 2),
        ({2: None, 35: "621700=4912"}, 35),
        ({63: "0x "}, 63),
        ({63: "123"}, 63),
        ({63: "１２ "}, 63),
        ({41: None}, 41),
    ],
)
def test_a_wrong_field_of_a_sale_is_named_without_its_value(change: dict[int, str | None], field: int) -> None:
    message = a_sale().message()
    for number, value in change.items():
        if value is None:
            del message.fields[number]
        else:
            message.fields[number] = value
    with pytest.raises(MessageError) as caught:
        read_payment(message, CATALOGUE["sale"])
    assert caught.value.field == field
    assert "6217" not in str(caught.value)
