"""What anybody writes into a text field reaches no store as it is: the rows of a batch are asked for before a MAC is checked."""

from typing import cast

import pytest
from tests.worlds.memory_host import MERCHANT, NOON, TERMINAL, Line, MemoryHost

from zhanggui.acquirer.rows.records import Operator
from zhanggui.acquirer.rows.state import Needs, State
from zhanggui.basics.numbers import is_digits
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.envelope import wrap
from zhanggui.cup.transactions import CATALOGUE, Transaction
from zhanggui.edges.listener import FrameConnection
from zhanggui.host.wire.reception import Reception
from zhanggui.host.work import Work
from zhanggui.iso8583.fields import Kind, Prefix
from zhanggui.iso8583.message import Message

POISONS = ("\0", "\x1b", "\r", "'", '"', "\x7f", "\u202e", "0\0", "\0\0", "'1", "\uff10\uff11", "\u0660\u0661")
TEXT_FIELDS = [field for field in UNIONPAY.spec.fields if field.kind is Kind.TEXT]
FILLED: dict[int, str | bytes] = {
    2: "6217000000000000012",
    3: "000000",
    4: "000000000100",
    11: "000031",
    15: "1124",
    22: "052",
    25: "00",
    32: "08888888",
    37: "000000000001",
    38: "123456",
    39: "98",
    41: TERMINAL,
    42: MERCHANT,
    48: "0" * 62,
    49: "156",
    52: bytes(8),
    53: "2600000000000000",
    55: b"\xdf\x31\x05\x20\x00\x00\x00\x00",
    59: "A30196212345678901234567",
    61: "0000010000011124",
    62: b"look:000001000001",
    63: "01 ",
    64: bytes(8),
}


def asked(row: Transaction) -> dict[int, str | bytes]:
    """A request of this row, as far as anybody looks before its MAC."""
    fields = {number: value for number, value in FILLED.items() if number in row.required}
    fields[60] = f"{row.type_code or '00'}000001{row.network_code or '000'}"
    if row.processing_code:
        fields[3] = row.processing_code
    if row.condition_code:
        fields[25] = row.condition_code
    if row.carries(2):
        fields[2] = FILLED[2]
    if row.carries(55) and not row.is_by_code:
        fields[55] = FILLED[55]
    if row.is_by_code:
        fields |= {22: "032", 59: FILLED[59]}
    if row.network_code and row.network_code.startswith(("4", "36")) and row.network_code != "411":
        fields[62] = b""
    return fields


@pytest.fixture(scope="module")
def host() -> MemoryHost:
    return MemoryHost()


def needs_of(host: MemoryHost, message: Message) -> list[Needs]:
    """What is asked of the store for it; nothing where it is refused."""
    taken: list[Work] = []
    reception = Reception(host.desk, UNIONPAY, taken.append, lambda: NOON)
    reception.on_frame(cast(FrameConnection, Line()), wrap(UNIONPAY, UNIONPAY.codec.encode(message)))
    found = []
    for work in taken:
        needs, more = Needs(), Needs()
        work.add_needs(needs)
        work.more_needs(host.desk, State(), more)
        found += [needs, more]
    return found


def texts_in(needs: Needs) -> list[str]:
    keys = [part for keys in needs.keys.values() for key in keys for part in key]
    numbers = [part for key in (*needs.figures, *needs.sums, *needs.entries, *needs.ahead) for part in key]
    looked_for = [getattr(lookup, name) for lookup in needs.lookups for name in ("rrn", "auth_code", "pay_voucher")]
    return [part for part in (*keys, *numbers, *looked_for) if isinstance(part, str)]


@pytest.mark.parametrize("name", [name for name, row in CATALOGUE.items() if not row.from_host])
def test_no_text_of_a_request_asks_a_store_for_what_it_can_not_take(host: MemoryHost, name: str) -> None:
    good = asked(CATALOGUE[name])
    for field in TEXT_FIELDS:
        for poison in POISONS:
            room = field.length - len(poison.encode(field.encoding, "replace"))
            if room < 0 or (field.encoding == "ascii" and not poison.isascii()):
                continue
            value = poison + "0" * room if field.prefix is Prefix.FIXED else poison
            for needs in needs_of(host, Message(CATALOGUE[name].mti, {**good, field.number: value})):
                assert all(text.isprintable() for text in texts_in(needs)), (field.number, poison)
                operators = [key[1] for key in needs.keys.get(Operator, ())]
                assert all(is_digits(str(number), 2) for number in operators), (field.number, poison)


@pytest.mark.parametrize("name", ["sale", "slip_ticks", "signature", "settlement", "sign_on_track", "script_notice"])
def test_what_is_asked_here_is_a_request_that_the_host_takes(host: MemoryHost, name: str) -> None:
    assert needs_of(host, Message(CATALOGUE[name].mti, asked(CATALOGUE[name]))), "or the test above could not fail"


def test_a_request_that_names_no_operator_where_it_must_is_refused(host: MemoryHost) -> None:
    row = CATALOGUE["slip_ticks"]
    line = Line()
    reception = Reception(host.desk, UNIONPAY, lambda work: None, lambda: NOON)
    for blank in ("   ", "0", "1 2"):
        reception.on_frame(
            cast(FrameConnection, line),
            wrap(UNIONPAY, UNIONPAY.codec.encode(Message(row.mti, {**asked(row), 63: blank}))),
        )
    assert line.codes == ["30", "30", "30"]
