"""Equal signatures of two payments are two documents: what becomes of one is nothing to the other."""

from tests.worlds.memory_host import MERCHANT, NOON, TERMINAL, Line, MemoryHost

from zhanggui.acquirer.rows.records import Document, PaymentSignature
from zhanggui.acquirer.slips.erasing import emptied, expire
from zhanggui.basics.numbers import BatchNo, TraceNo, UnixMs
from zhanggui.basics.spans import DAY_MS
from zhanggui.cup.messages.signature import SignatureUpload

CONTENT = b"a cross, as many sign"


async def sold(house: MemoryHost, *traces: str) -> None:
    """An approved sale for each trace number."""
    for trace in traces:
        house.sale(trace, Line())
        await house.settled()
        house.bank_says("00", house.wire.sent[-1])
        await house.settled()


async def sign(house: MemoryHost, trace: str, content: bytes = CONTENT) -> str:
    """Upload the signature of a payment; the answer's code."""
    (payment,) = [row for row in house.store.payments() if row.trace_no == trace]
    upload = SignatureUpload(
        merchant_no=MERCHANT,
        terminal_no=TERMINAL,
        batch_no=BatchNo("000001"),
        trace_no=TraceNo(trace),
        amount_fen=payment.amount_fen,
        rrn=payment.rrn,
        content=content,
    )
    line = Line()
    house.receive(house.sealed(upload.message()), line)
    await house.settled()
    (code,) = line.codes
    return code


def document_of(house: MemoryHost, trace: str) -> Document:
    """What is kept for a payment's signature."""
    (signed,) = [
        row for row in house.store.rows.values() if isinstance(row, PaymentSignature) and row.trace_no == trace
    ]
    row = house.store.rows[(Document, MERCHANT, signed.document_id)]
    assert isinstance(row, Document)
    return row


def opened(house: MemoryHost, document: Document) -> bytes:
    return house.keys.open_document(MERCHANT, document.document_id, document.sealed)


async def test_what_was_erased_is_kept_anew_for_another_payment_and_stays_erased_for_its_own(
    house: MemoryHost,
) -> None:
    await sold(house, "000001", "000002")
    assert await sign(house, "000001") == "00"
    house.store.put(emptied(document_of(house, "000001"), "asked", NOON))
    assert await sign(house, "000002") == "00"
    assert opened(house, document_of(house, "000002")) == CONTENT
    assert await sign(house, "000001") == "00", "sent again, it is answered as before"
    assert document_of(house, "000001").sealed == b""


async def test_erasing_one_of_two_leaves_the_other_which_has_a_time_of_its_own(house: MemoryHost) -> None:
    await sold(house, "000001", "000002")
    assert await sign(house, "000001") == "00"
    house.clock.at_ms += 600 * DAY_MS
    assert await sign(house, "000002") == "00"
    first, second = document_of(house, "000001"), document_of(house, "000002")
    assert second.until_ms - first.until_ms == 600 * DAY_MS
    assert expire(first, first.until_ms) is not None
    assert expire(second, UnixMs(second.until_ms - 1)) is None
    house.store.put(emptied(first, "asked", NOON))
    assert opened(house, document_of(house, "000002")) == CONTENT


async def test_sent_again_it_is_kept_once_and_another_takes_no_place(house: MemoryHost) -> None:
    await sold(house, "000001")
    codes = [await sign(house, "000001"), await sign(house, "000001"), await sign(house, "000001", b"another")]
    assert codes == ["00", "00", "94"]
    assert len([row for row in house.store.rows.values() if isinstance(row, Document)]) == 1
