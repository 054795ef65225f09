"""The line from host to bank: what is read, what is refused unread, what is dropped, and that no bytes break it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.worlds.bank_client import ACQUIRER, BankClient, HostKeys, bank_vault, set_up

from zhanggui.bank.checks import VaultChecks
from zhanggui.bank.ledger import PaymentOrder, Reversal
from zhanggui.bank.schema import open_bank_file
from zhanggui.bank.setup import load_bank_keys
from zhanggui.bank.wire import Unreadable, Wire
from zhanggui.basics.errors import RemoteProtocolError
from zhanggui.cup.dialect import INTERBANK
from zhanggui.cup.messages.interbank import BankAnswer
from zhanggui.iso8583.message import Message


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> tuple[Wire, HostKeys]:
    folder: Path = tmp_path_factory.mktemp("bank")
    host = set_up(folder)
    hsm = bank_vault()
    connection = open_bank_file(folder)
    keys = load_bank_keys(connection, hsm)
    connection.close()
    return Wire(hsm, keys, VaultChecks(hsm, keys)), host


def refused(wire: Wire, body: bytes) -> str:
    answer = wire.read(body)[1]
    assert isinstance(answer, BankAnswer)
    return answer.response_code


def test_a_sale_and_a_reversal_are_read(line: tuple[Wire, HostKeys]) -> None:
    wire, host = line
    client = BankClient(host)
    sale = client.sale()
    read = wire.read(host.seal(sale.message()))[1]
    assert isinstance(read, PaymentOrder)
    assert read.identity == f"{ACQUIRER}-000000000001"
    assert read.request.pan == sale.pan
    undone = wire.read(host.seal(client.reversal(sale).message()))[1]
    assert isinstance(undone, Reversal)
    assert undone.identity == read.identity


def test_what_is_wrong_with_a_frame_has_its_code(line: tuple[Wire, HostKeys]) -> None:
    wire, host = line
    fields = BankClient(host).sale().message().fields

    def body(mti: str = "0200", without: int = 0, **changes: str) -> bytes:
        kept = {number: value for number, value in fields.items() if number != without}
        return host.seal(Message(mti, kept | {int(name[1:]): value for name, value in changes.items()}))

    assert refused(wire, body()[:-1] + b"\0") == "A0"
    assert refused(wire, INTERBANK.codec.encode(Message("0200", dict(fields)))) == "A0"
    assert [refused(wire, body(without=number)) for number in (2, 3, 4, 11, 12, 22, 41, 42, 49, 60)] == ["30"] * 10
    assert refused(wire, body("0300")) == "40"
    assert refused(wire, body(f3="200000")) == "12"
    assert refused(wire, body(f49="840")) == "12"


@pytest.mark.parametrize("missing", [32, 37])
def test_a_frame_that_belongs_to_no_payment_is_dropped(line: tuple[Wire, HostKeys], missing: int) -> None:
    wire, host = line
    fields = BankClient(host).sale().message().fields
    del fields[missing]
    with pytest.raises(Unreadable, match="belongs to no payment"):
        wire.read(host.seal(Message("0200", fields)))


def test_an_answer_is_never_answered(line: tuple[Wire, HostKeys]) -> None:
    wire, host = line
    with pytest.raises(Unreadable, match="answer"):
        wire.read(host.seal(Message("0210", BankClient(host).sale().message().fields)))


def test_an_echo_is_answered_with_what_it_brought(line: tuple[Wire, HostKeys]) -> None:
    wire, host = line
    message, request = wire.read(host.seal(Message("0820", {11: "000007", 41: "10000001", 60: "00000000301"})))
    assert request is None
    answer = host.open(wire.echo(message))
    assert (answer.mti, answer.fields[11], answer.fields[39]) == ("0830", "000007", "00")


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_bytes_are_read_refused_or_dropped(line: tuple[Wire, HostKeys], data: st.DataObject) -> None:
    wire, host = line
    body = bytearray(host.seal(BankClient(host).sale().message()))
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, len(body) - 9), st.integers(0, 255)), max_size=4)):
        body[at] = value
    body = body[: data.draw(st.integers(1, len(body)))] if data.draw(st.booleans()) else body
    covered = bytes(body[:-8])
    # A right MAC over wrong bytes reaches what lies behind the MAC.
    mac = host.hsm.mac(host.zone_mac, INTERBANK.mac_algorithm, covered)
    for frame in (bytes(body), covered + mac, data.draw(st.binary(min_size=1, max_size=300))):
        try:
            message, request = wire.read(frame)
        except RemoteProtocolError:
            continue
        if isinstance(request, BankAnswer):
            host.open(wire.seal(request.message(message)))
