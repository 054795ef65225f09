"""Who waits for a wallet's customer: a place in a list and the message as it came, no task and no timer; 20,000 at once."""

import asyncio
import tracemalloc
from typing import cast

from msgspec.structs import replace
from tests.worlds.line_face import QuietLine
from tests.worlds.wallet_orders import wallet_order

from zhanggui.acquirer.rows.decision import Decision
from zhanggui.basics.numbers import BatchNo, MerchantNo, OperatorNo, TerminalNo, TraceNo, UnixMs
from zhanggui.basics.secret import PayCode
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.envelope import unwrap, wrap
from zhanggui.cup.messages.payment import PaymentRequest
from zhanggui.cup.transactions import CATALOGUE
from zhanggui.edges.listener import FrameConnection
from zhanggui.host.networks.wallet_payments import WalletPayments
from zhanggui.host.wire.payment_work import PaymentWork
from zhanggui.host.work import Arrival, Desk

COUNT, BYTES_MAX = 20_000, 2_048
TERMINALS = 20


def work(number: int, connection: FrameConnection) -> PaymentWork:
    """A 0200 by a wallet's code, as it comes from the line."""
    request = PaymentRequest(
        kind="qr_sale",
        merchant_no=MerchantNo("102100058120001"),
        terminal_no=TerminalNo(f"{10000001 + number % TERMINALS}"),
        batch_no=BatchNo("000001"),
        trace_no=TraceNo(f"{number // TERMINALS + 1:06d}"),
        amount_fen=100,
        entry_mode="032",
        operator_no=OperatorNo("01"),
        pan=None,
        code=PayCode("134567890123456789"),
        epoch="00c0ffee",
    ).message()
    request.fields[64] = bytes(8)
    envelope = unwrap(UNIONPAY, wrap(UNIONPAY, UNIONPAY.codec.encode(request)))
    message = UNIONPAY.codec.decode(envelope.body)
    made = PaymentWork(Arrival(connection, UNIONPAY, envelope, message, CATALOGUE["qr_sale"]))
    made.mac_key = f"a key block of some length, one for each terminal {number % TERMINALS:04d}"
    return made


async def test_twenty_thousand_who_wait_take_two_kibibytes_each_and_no_task() -> None:
    payments, connection = WalletPayments(), cast(FrameConnection, QuietLine())
    tasks = len(asyncio.all_tasks())
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(COUNT):
        payments.wait(work(number, connection))
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown / COUNT <= BYTES_MAX
    assert len(asyncio.all_tasks()) == tasks


async def test_where_hosts_share_a_database_a_repeat_waits_only_beside_the_first() -> None:
    payments, connection = WalletPayments(), cast(FrameConnection, QuietLine())
    payments.join(work(1, connection), is_shared=True)
    assert payments.release(work(1, connection).key) == []
    payments.wait(work(1, connection))
    payments.join(work(1, connection), is_shared=True)
    payments.join(work(2, connection), is_shared=False)
    assert [len(payments.release(work(number, connection).key)) for number in (1, 2)] == [2, 1]


async def test_who_waits_for_what_another_host_has_undone_is_let_go() -> None:
    payments, asked = WalletPayments(), work(1, cast(FrameConnection, QuietLine()))
    request = asked.request
    order = wallet_order(
        merchant_no=request.merchant_no,
        terminal_no=request.terminal_no,
        batch_no=request.batch_no,
        trace_no=request.trace_no,
    )
    payments.wait(asked)
    desk, now = cast(Desk, None), UnixMs(2)
    payments.told(desk, order, Decision(), now)
    assert len(payments.release(asked.key)) == 1, "it is open: whoever waits goes on waiting"
    payments.wait(asked)
    payments.told(desk, replace(order, state="cancelled", step="", next_ms=None), Decision(), now)
    assert payments.release(asked.key) == []
