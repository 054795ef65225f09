"""A payment that names its original by batch and trace finds it by its key: the whole shop is searched only where that does not name it."""

import pytest
from tests.worlds.memory_host import MERCHANT, TERMINAL, Line, MemoryHost

from zhanggui.acquirer.rows.records import Payment
from zhanggui.acquirer.rows.state import Needs
from zhanggui.basics.numbers import BatchNo, OperatorNo, TraceNo
from zhanggui.basics.secret import Pan, Secret
from zhanggui.cup.messages.original import Original
from zhanggui.cup.messages.payment import PaymentRequest
from zhanggui.host.work import Work

BATCH, TRACE = BatchNo("000001"), TraceNo("000001")


async def sold(host: MemoryHost) -> Payment:
    """One approved sale."""
    host.engine.start()
    host.sale(TRACE, Line())
    await host.settled()
    host.bank_says("00", host.wire.sent[-1])
    await host.settled()
    (payment,) = host.store.payments()
    assert payment.state == "approved"
    return payment


async def asked(host: MemoryHost, original: Original, monkeypatch: pytest.MonkeyPatch) -> Needs:
    """What is loaded beyond the first rows for a refund of this original."""
    works: list[Work] = []
    monkeypatch.setattr(host.reception, "_submit", works.append)
    request = PaymentRequest(
        kind="refund",
        merchant_no=MERCHANT,
        terminal_no=TERMINAL,
        batch_no=BATCH,
        trace_no=TraceNo("000002"),
        amount_fen=100,
        entry_mode="052",
        operator_no=OperatorNo("01"),
        pan=Pan("6217000000000000012"),
        track2=Secret("6217000000000000012=4912201"),
        original=original,
    )
    host.receive(host.sealed(request.message()), Line())
    (work,) = works
    needs, more = Needs(), Needs()
    work.add_needs(needs)
    async with host.store.unit() as unit:
        work.more_needs(host.desk, await unit.load(needs), more)
    return more


@pytest.mark.parametrize(
    ("batch_no", "trace_no", "has_rrn", "searched"),
    [
        ("000001", "000001", True, False),
        ("000001", "000009", True, True),
        ("000000", "000000", True, True),
        ("000001", "000001", False, True),
    ],
)
async def test_the_shop_is_searched_only_where_batch_and_trace_do_not_name_it(
    batch_no: str, trace_no: str, has_rrn: bool, searched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = MemoryHost()
    try:
        payment = await sold(host)
        rrn = payment.rrn if has_rrn else "999999999999"
        original = Original(batch_no=BatchNo(batch_no), trace_no=TraceNo(trace_no), date="1124", rrn=rrn)
        assert bool((await asked(host, original, monkeypatch)).lookups) is searched
    finally:
        await host.engine.stop()
