"""12,000 malformed messages at a whole host: each has an answer, or its line ends with a logged reason; nothing breaks or changes."""

import random
from collections import Counter

from structlog.testing import capture_logs
from tests.unit.cup.sample_messages import SAMPLES
from tests.worlds.memory_host import MERCHANT, TERMINAL, Line, MemoryHost
from tools.fuzz import mutated

from zhanggui.acquirer.rows.records import Batch, Merchant, Operator, Payment, Posting, Session, Terminal
from zhanggui.basics.errors import ProtocolError
from zhanggui.basics.numbers import BatchNo, OperatorNo, TraceNo
from zhanggui.basics.secret import Pan
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.envelope import unwrap, wrap
from zhanggui.cup.messages.management import SignOnRequest, management_request
from zhanggui.cup.messages.original import Original
from zhanggui.cup.messages.payment import PaymentRequest, ReversalRequest
from zhanggui.cup.operator_tags import Tag, pack_tags
from zhanggui.cup.transactions import CATALOGUE, PAYMENTS
from zhanggui.iso8583.message import Message

MESSAGES, AT_ONCE = 12_000, 100
NEVER_CHANGED = (Payment, Posting, Session, Batch, Merchant, Operator)
HEAD_BYTES = 11
"""TPDU and header, which no MAC covers."""
AMOUNT_AT = 28
"""The byte of the message, made by `payment`, in which the only digit of its amount stands that is not 0."""
SOLD = Original(
    batch_no=BatchNo("000001"), trace_no=TraceNo("000001"), date="1124", rrn="000000000001", auth_code="123456"
)


def seeds(host: MemoryHost) -> list[bytes]:
    """A good message of each kind, sealed where it has a MAC, and public samples of others."""
    made = [host.sealed(payment(name).message()) for name in PAYMENTS]
    undone = ReversalRequest(
        kind="sale",
        merchant_no=MERCHANT,
        terminal_no=TERMINAL,
        batch_no=BatchNo("000001"),
        trace_no=TraceNo("000001"),
        amount_fen=100,
        entry_mode="012",
        reason="98",
    )
    made.append(host.sealed(undone.message()))
    on = SignOnRequest(
        merchant_no=MERCHANT, terminal_no=TERMINAL, batch_no=BatchNo("000001"), trace_no=TraceNo("000011")
    )
    made.append(wrap(UNIONPAY, UNIONPAY.codec.encode(on.message())))
    number = 20
    for row in CATALOGUE.values():
        if row.mti not in ("0500", "0320", "0820"):
            continue
        number += 1
        plain = management_request(row, MERCHANT, TERMINAL, BatchNo("000001"), TraceNo(f"{number:06d}"))
        tags = pack_tags({Tag.SELF_CHECK: "power:ok", Tag.METHOD: "password", Tag.RECORD_NO: "1"})
        full: dict[int, str | bytes] = {48: "0" * 62, 62: tags, 63: "01 ", 4: "000000000100"}
        wanted = {key: value for key, value in full.items() if key in row.required or key == 63}
        made.append(host.sealed(Message(plain.mti, {**plain.fields, **wanted})))
    return [*made, *(sample.payload for sample in SAMPLES)]


def payment(name: str) -> PaymentRequest:
    row = PAYMENTS[name]
    return PaymentRequest(
        kind=name,
        merchant_no=MERCHANT,
        terminal_no=TERMINAL,
        batch_no=BatchNo("000001"),
        trace_no=TraceNo("000010"),
        amount_fen=100,
        entry_mode="012",
        operator_no=OperatorNo("01"),
        pan=Pan("6217000000000000012"),
        expiry_yymm="4912",
        original=SOLD if row.carries(61) else None,
    )


def is_whole(host: MemoryHost, payload: bytes, bodies: set[bytes]) -> bool:
    """Whether a change left a message that is right as it stands, so that the host may act on it: only its addresses were changed, it is
    a sign-on without a MAC, or its MAC fits. UnionPay's MAC begins with the XOR of all blocks of eight bytes: two equal changes a whole
    number of blocks apart cancel in it, and chance makes such a pair now and then."""
    try:
        body = unwrap(UNIONPAY, payload).body
        message = UNIONPAY.codec.decode(body)
    except ProtocolError:
        return False
    if body in bodies or message.mti == "0800":
        return True
    return 64 in message.fields and host.hsm.verify_mac(host.mac_key, UNIONPAY.mac_algorithm, body[:-8], body[-8:])


async def test_malformed_messages_have_an_answer_or_the_end_of_their_line_and_change_nothing() -> None:
    host, chance, ends = MemoryHost(), random.Random(12), Counter[str]()
    pool = seeds(host)
    bodies = {payload[HEAD_BYTES:] for payload in pool}
    host.engine.start()
    try:
        host.sale("000001", Line())
        await host.settled()
        host.bank_says("00", host.wire.sent[-1])
        await host.settled()
        before = {key: row for key, row in host.store.rows.items() if key[0] in NEVER_CHANGED}
        assert len(before) > len(NEVER_CHANGED) - 2
        asked_of_bank = len(host.wire.sent)
        count = 0
        while count < MESSAGES:
            lines: list[Line] = []
            with capture_logs() as logs:
                for _ in range(AT_ONCE):
                    payload = mutated(chance.choice(pool), chance.choice(pool), chance)
                    if is_whole(host, payload, bodies):
                        continue
                    lines.append(Line())
                    # Nobody waits for strangers here: each has an address of his own.
                    lines[-1].address = f"10.0.{count % 250}.{len(lines)}"
                    told = len(logs)
                    host.receive(payload, lines[-1])
                    if len(logs) > told:
                        lines[-1].peer = "logged"
                await host.settled()
            count += len(lines)
            broken = [entry for entry in logs if entry["log_level"] in ("error", "critical")]
            assert broken == []
            for line in lines:
                ends["closed" if line.closed else line.codes[0]] += 1
                assert not line.closed or line.peer == "logged", "a line that ends has a reason"
                # What needs no MAC and is whole, as an echo of another number, is answered as ever.
                assert [message.mti for message in line.sent if message.fields[39] == "00"] in ([], ["0830"])
    finally:
        await host.engine.stop()
    after = {key: row for key, row in host.store.rows.items() if key[0] in NEVER_CHANGED}
    assert after == before
    assert len(host.wire.sent) == asked_of_bank, "nothing of it reached the bank"
    assert host.store.rows[(Terminal, MERCHANT, TERMINAL)] is not None
    assert {"30", "40", "A0", "closed"} <= ends.keys(), ends
    assert "96" not in ends


def flipped(payload: bytes, *places: int) -> bytes:
    """The lowest bit of the bytes at these places of the message, turned."""
    made = bytearray(payload)
    for place in places:
        made[HEAD_BYTES + place] ^= 1
    return bytes(made)


async def test_a_change_that_the_mac_does_not_see_is_judged_as_what_it_says_and_one_that_it_sees_changes_nothing() -> (
    None
):
    """Amount 0 behind a MAC that fits, two equal changes apart from a sale that is right: refused with 13 at the door, never at the bank."""
    host = MemoryHost()
    host.engine.start()
    try:
        good = host.sealed(payment("sale").message())
        amount_0, forged = flipped(good, AMOUNT_AT, AMOUNT_AT - 16), flipped(good, AMOUNT_AT)
        for payload in (amount_0, forged):
            message = UNIONPAY.codec.decode(unwrap(UNIONPAY, payload).body)
            assert message.fields[4] == "000000000000"
        assert is_whole(host, amount_0, set())
        assert not is_whole(host, forged, set())
        before = dict(host.store.rows)
        line = Line()
        host.receive(forged, line)
        await host.settled()
        assert line.codes == ["A0"]
        assert {key: row for key, row in host.store.rows.items() if key[0] in NEVER_CHANGED} == {
            key: row for key, row in before.items() if key[0] in NEVER_CHANGED
        }
        line = Line()
        host.receive(amount_0, line)
        await host.settled()
        assert line.codes == ["13"]
        (kept,) = [row for row in host.store.rows.values() if isinstance(row, Payment)]
        assert (kept.amount_fen, kept.state, kept.response_code) == (0, "declined", "13")
        assert not any(isinstance(row, Posting) for row in host.store.rows.values())
        assert host.wire.sent == []
    finally:
        await host.engine.stop()
