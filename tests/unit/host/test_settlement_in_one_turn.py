"""A settlement that is decided together with something else about its batch: what was decided counts, what was only named does not."""

from tests.worlds.memory_host import MERCHANT, TERMINAL, Line, MemoryHost

from zhanggui.acquirer.rows.records import Batch
from zhanggui.basics.numbers import BatchNo, OperatorNo, TraceNo
from zhanggui.cup.messages.settlement import SettlementRequest, Sums
from zhanggui.cup.messages.signature import SignatureUpload

BATCH = BatchNo("000001")
ONE_SALE = Sums(debit_count=1, debit_fen=100)


def settle(house: MemoryHost, line: Line, sums: Sums = ONE_SALE) -> None:
    request = SettlementRequest(MERCHANT, TERMINAL, BATCH, TraceNo("000900"), sums=sums, operator_no=OperatorNo("01"))
    house.receive(house.sealed(request.message()), line)


async def sold(house: MemoryHost) -> None:
    """One approved sale of 1.00."""
    house.sale("000001", Line())
    await house.settled()
    house.bank_says("00", house.wire.sent[0])
    await house.settled()


async def test_a_stranger_who_names_a_payment_holds_up_no_settlement(house: MemoryHost) -> None:
    await sold(house)
    (payment,) = house.store.payments()
    upload = SignatureUpload(
        merchant_no=MERCHANT,
        terminal_no=TERMINAL,
        batch_no=BATCH,
        trace_no=payment.trace_no,
        amount_fen=payment.amount_fen,
        rrn=payment.rrn,
        content=b"signed by nobody",
    )
    payload = house.sealed(upload.message())
    stranger, line = Line(), Line()
    house.receive(payload[:-1] + bytes([payload[-1] ^ 1]), stranger)
    settle(house, line)
    await house.settled()
    assert stranger.codes == ["A0"]
    assert line.codes == ["00"]


async def test_an_outcome_of_the_same_turn_is_counted(house: MemoryHost) -> None:
    line = Line()
    house.sale("000001", Line())
    await house.settled()
    house.store.batches.clear()
    house.bank_says("00", house.wire.sent[0])
    settle(house, line)
    await house.settled()
    assert len(house.store.batches) == 1, "one turn"
    assert line.codes == ["00"]
    (batch,) = [row for row in house.store.rows.values() if isinstance(row, Batch)]
    (payment,) = house.store.payments()
    assert (batch.outcome, batch.debit_count, batch.debit_fen) == ("agreed", 1, 100)
    assert batch.first_ms == payment.created_ms


async def test_a_sale_of_the_same_turn_keeps_the_batch_open(house: MemoryHost) -> None:
    line = Line()
    house.sale("000001", Line())
    settle(house, line)
    await house.settled()
    assert line.codes == ["09"]
    assert [row for row in house.store.rows.values() if isinstance(row, Batch)] == []
