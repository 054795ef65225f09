"""The line as the world has it: cut, doubled, mangled, too long. One peer's trouble never becomes another's."""

from collections.abc import Callable
from contextlib import ExitStack

import iso8583
import pytest
from tests.worlds.foreign_terminal import SPEC, TEST_CARD, Fields, ForeignTerminal, Line
from tests.worlds.house import House

OPENING_FEN = 100_000_00
HEAD_BYTES = 11
FRAME_BYTES_MAX = 4096


def framed(payload: bytes) -> bytes:
    return len(payload).to_bytes(2, "big") + payload


def plain_fields(payload: bytes) -> Fields:
    """The fields of an answer, whatever its MAC."""
    fields, _ = iso8583.decode(payload[HEAD_BYTES:], SPEC)
    return dict(fields)


def answers_before_echo(line: Line, terminal: ForeignTerminal) -> list[Fields]:
    """What the host has answered until now: everything that comes before the answer to an echo."""
    echo = terminal.echo()
    line.send(terminal.plain(echo))
    answers: list[Fields] = []
    while True:
        fields = plain_fields(line.receive())
        if fields["t"] == "0830" and fields["11"] == echo["11"]:
            return answers
        answers.append(fields)


def answers_or_the_end(
    house: House, lines: ExitStack, line: Line, terminal: ForeignTerminal, payload: bytes
) -> tuple[Line, list[Fields]]:
    """What one message is answered, and the line to go on with: another one, where it named nobody whom an answer could reach."""
    try:
        line.send(payload)
        return line, answers_before_echo(line, terminal)
    except ConnectionError:
        return lines.enter_context(Line("127.0.0.1", house.host_port)), []


def test_a_sale_that_comes_byte_by_byte_is_answered(house: House, line: Line, terminal: ForeignTerminal) -> None:
    for byte in framed(terminal.signed(terminal.sale(1_00))):
        line.socket.sendall(bytes((byte,)))
    assert terminal.read(line.receive())["39"] == "00"
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN - 1_00


def test_a_sale_cut_at_any_byte_is_answered(house: House, line: Line, terminal: ForeignTerminal) -> None:
    payload = terminal.signed(terminal.sale(1_00))
    first = line.ask(payload)
    assert terminal.read(first)["39"] == "00"
    whole = framed(payload)
    with Line("127.0.0.1", house.host_port) as other:
        for cut in range(1, len(whole)):
            line.socket.sendall(whole[:cut])
            # When another connection has its answer, the host has read this part.
            assert answers_before_echo(other, terminal) == []
            line.socket.sendall(whole[cut:])
            assert line.receive() == first, f"cut after byte {cut}"
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN - 1_00


def test_several_messages_in_one_read_are_each_answered(house: House, line: Line, terminal: ForeignTerminal) -> None:
    sales = [terminal.sale(1_00 + number) for number in range(8)]
    line.socket.sendall(b"".join(framed(terminal.signed(sale)) for sale in sales))
    answers = [terminal.read(line.receive()) for _ in sales]
    assert {answer["11"]: answer["4"] for answer in answers} == {sale["11"]: sale["4"] for sale in sales}
    assert {answer["39"] for answer in answers} == {"00"}
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN - sum(int(sale["4"]) for sale in sales)


def test_one_connection_serves_message_after_message(house: House, line: Line, stranger: ForeignTerminal) -> None:
    for _ in range(3):
        assert stranger.go_sign_in(line)["39"] == "00"
        sale = stranger.sale(1_00)
        assert stranger.ask(line, sale)["39"] == "00"
        assert stranger.ask(line, stranger.reversal(sale))["39"] == "00"
    assert len(house.host_rows("payments")) == 3


def test_one_connection_for_each_message_serves_too(house: House, stranger: ForeignTerminal) -> None:
    with Line("127.0.0.1", house.host_port) as line:
        stranger.go_sign_in(line)
    for _ in range(3):
        with Line("127.0.0.1", house.host_port) as line:
            assert stranger.ask(line, stranger.sale(1_00))["39"] == "00"


@pytest.mark.parametrize(
    "garbage",
    [
        (FRAME_BYTES_MAX + 1).to_bytes(2, "big"),
        b"\xff\xff" + b"\0" * 100,
        b"\0\0",
        framed(b"\x61" + b"\0" * 40),
        framed(b"\x60"),
        b"GET / HTTP/1.1\r\n\r\n",
    ],
    ids=["one over the bound", "the longest", "nothing", "no TPDU", "too short", "a browser"],
)
def test_a_frame_that_cannot_be_closes_its_line_and_no_other(
    house: House, line: Line, terminal: ForeignTerminal, garbage: bytes
) -> None:
    with Line("127.0.0.1", house.host_port) as bad:
        bad.socket.sendall(garbage)
        with pytest.raises(ConnectionError):
            bad.receive()
    assert terminal.ask(line, terminal.sale(1_00))["39"] == "00"


def test_a_peer_that_leaves_in_the_middle_disturbs_nobody(house: House, line: Line, terminal: ForeignTerminal) -> None:
    whole = framed(terminal.signed(terminal.sale(1_00)))
    for cut in (1, 2, 50, len(whole) - 1):
        with Line("127.0.0.1", house.host_port) as leaving:
            leaving.socket.sendall(whole[:cut])
    assert terminal.ask(line, terminal.sale(2_00))["39"] == "00"
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN - 2_00


def test_a_sale_whose_peer_left_is_answered_when_it_comes_again(
    start_house: Callable[..., House], stranger: ForeignTerminal
) -> None:
    house = start_house()
    with Line("127.0.0.1", house.host_port) as line:
        stranger.go_sign_in(line)
        payload = stranger.signed(stranger.sale(1_00))
        with Line("127.0.0.1", house.host_port) as leaving:
            leaving.send(payload)
        assert stranger.read(line.ask(payload))["39"] == "00"
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN - 1_00


@pytest.mark.parametrize("missing", ["3", "4", "22", "25", "49", "60", "64", "35"])
def test_a_sale_that_lacks_a_field_gets_30(house: House, line: Line, terminal: ForeignTerminal, missing: str) -> None:
    sale = terminal.sale(1_00)
    kept = {name: value for name, value in sale.items() if name != missing}
    payload = terminal.plain(kept) if missing == "64" else terminal.signed(kept)
    answer = plain_fields(line.ask(payload))
    # Without the processing code or field 60 nobody can tell which message it is.
    assert answer["39"] == ("40" if missing in ("3", "60") else "30")
    assert (answer["t"], answer["11"]) == ("0210", sale["11"])
    assert not house.host_rows("payments")


@pytest.mark.parametrize(
    ("field", "right", "wrong"),
    [("4", "000000000100", "00000000010A"), ("22", "0210", "02F0"), ("49", "313536", "318036")],
)
def test_a_field_with_wrong_contents_gets_30(
    house: House, line: Line, terminal: ForeignTerminal, field: str, right: str, wrong: str
) -> None:
    sale = terminal.sale(1_00)
    payload = terminal.signed(sale)
    encoded, parts = iso8583.encode(dict(sale), SPEC)
    assert parts[field]["data"].hex().upper() == right
    if field == "22":
        right, wrong = "00000002" + right, "00000002" + wrong  # behind the trace number
    else:
        assert encoded.count(bytes.fromhex(right)) == 1
    answer = plain_fields(line.ask(payload.replace(bytes.fromhex(right), bytes.fromhex(wrong))))
    assert (answer["t"], answer["39"], answer["11"], answer["41"]) == ("0210", "30", sale["11"], terminal.terminal_no)
    assert not house.host_rows("payments")


def test_what_is_not_in_the_catalogue_gets_40(line: Line, terminal: ForeignTerminal) -> None:
    settlement = {"t": "0500", "11": "000077", "41": terminal.terminal_no, "42": terminal.merchant_no}
    unknown = [
        {**terminal.sale(1_00), "3": "310000"},
        {**terminal.sale(1_00), "t": "0100"},
        {**settlement, "49": "156", "60": f"00{terminal.batch_no}999"},
        {**terminal.echo(), "60": f"00{terminal.batch_no}999"},
        {**terminal.sign_in(), "60": f"00{terminal.batch_no}009"},
    ]
    for message in unknown:
        answer = plain_fields(line.ask(terminal.signed(message)))
        assert (answer["39"], answer["t"]) == ("40", f"{int(message['t']) + 10:04d}")


def test_an_answer_sent_as_a_request_ends_its_line_unanswered(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    line.send(terminal.signed({**terminal.sale(1_00), "t": "0210", "39": "00"}))
    with pytest.raises(ConnectionError):
        line.receive()
    with Line("127.0.0.1", house.host_port) as other:
        assert answers_before_echo(other, terminal) == []


def test_no_changed_byte_of_a_signed_sale_posts_anything(house: House, line: Line, terminal: ForeignTerminal) -> None:
    payload = terminal.signed(terminal.sale(1_00))
    codes: set[str] = set()
    with ExitStack() as lines:
        at_hand = line
        for at in range(HEAD_BYTES, len(payload)):
            for change in (0x01, 0x80, 0xFF):
                at_hand, answers = answers_or_the_end(
                    house, lines, at_hand, terminal, payload[:at] + bytes((payload[at] ^ change,)) + payload[at + 1 :]
                )
                assert len(answers) <= 1
                codes.update(answer["39"] for answer in answers)
    assert codes <= {"A0", "30", "40", "97", "03", "77"}
    assert {"A0", "30", "40", "97", "77"} <= codes
    assert not house.host_rows("payments")
    assert not house.bank_rows("payments")
    with Line("127.0.0.1", house.host_port) as other:
        assert terminal.read(other.ask(payload))["39"] == "00", "the host is well, and the true request is welcome"
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN - 1_00


def test_no_cut_off_sale_posts_anything(house: House, line: Line, terminal: ForeignTerminal) -> None:
    payload = terminal.signed(terminal.sale(1_00))
    with ExitStack() as lines:
        at_hand = line
        for cut in (*(payload[:end] for end in range(HEAD_BYTES + 1, len(payload))), payload + b"\0"):
            at_hand, answers = answers_or_the_end(house, lines, at_hand, terminal, cut)
            assert {answer["39"] for answer in answers} <= {"30"}
    assert not house.host_rows("payments")
