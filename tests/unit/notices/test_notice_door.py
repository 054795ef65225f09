"""The door for wallets' notices, over HTTP: what does not prove itself is heard by nobody, what does is answered with a proof."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from zhanggui.acquirer.payments.roads.received import Received
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.errors import Fault
from zhanggui.cup.wallets.messages import NoticeHeard, WalletNotice, read_notice_answer
from zhanggui.cup.wallets.signing import (
    CLOCK_WINDOW_S,
    NONCE_HEADER,
    PROOF_HEADER,
    TIME_HEADER,
    answer_bytes,
    read_proof,
    request_bytes,
)
from zhanggui.edges.http_calls import HttpCalls, Reply
from zhanggui.edges.watched import run_long
from zhanggui.notices.server import NoticeDoor, serve_notices
from zhanggui.vault.software import SoftwareHsm

NONCE = "0" * 32
NOTICE = WalletNotice(
    merchant_no="102100058120001", counter="10000001", wallet_no="20261201000000000017", amount_fen=700, paid_ms=1
)


class Desk:
    """A host that answers as the test says."""

    def __init__(self) -> None:
        self.heard: list[Received] = []
        self.answer: NoticeHeard | None = "taken"

    async def hear(self, said: Received) -> NoticeHeard:
        self.heard.append(said)
        if self.answer is None:
            raise Fault("the test's disk is full")
        return self.answer


class Wallet:
    """A wallet that signs with the key that it shares, or otherwise."""

    def __init__(self, hsm: SoftwareHsm) -> None:
        self.hsm = hsm
        self.calls = HttpCalls("http://127.0.0.1:1")
        self.key = hsm.new_wallet_key()

    async def tell(
        self,
        body: bytes | None = None,
        path: str = "/notices/wechat",
        signed: str = "",
        skew_s: int = 0,
        spoil: bool = False,
    ) -> Reply:
        body = msgspec.json.encode(NOTICE) if body is None else body
        now = SystemClock().now() + skew_s * 1000
        proof = self.hsm.prove(self.key, request_bytes("POST", signed or path, now, NONCE, body))
        if spoil:
            proof = bytes([proof[0] ^ 1]) + proof[1:]
        headers = {NONCE_HEADER: NONCE, TIME_HEADER: str(now), PROOF_HEADER: proof.hex()}
        return await self.calls.post(path, body, headers, 5.0)

    def is_proven(self, reply: Reply) -> bool:
        proof = read_proof(reply.headers.get(PROOF_HEADER, ""))
        assert proof is not None
        covered = answer_bytes(reply.status, NONCE, int(reply.headers[TIME_HEADER]), reply.body)
        return self.hsm.is_proven(self.key, covered, proof)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def wallet(desk: Desk) -> AsyncIterator[Wallet]:
    hsm = SoftwareHsm(bytes(range(32)), SeededChance(3))
    made = Wallet(hsm)
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    door = NoticeDoor(desk, hsm, made.key, SystemClock())
    serving = run_long("notices", serve_notices(door, "127.0.0.1", ready=ready.set_result))
    made.calls = HttpCalls(await asyncio.wait_for(ready, 10))
    yield made
    await made.calls.close()
    await serving.stop()


@pytest.mark.parametrize("heard", ["taken", "refused", "contradicted"])
async def test_a_proven_notice_is_heard_and_answered_with_a_proof(
    desk: Desk, wallet: Wallet, heard: NoticeHeard
) -> None:
    desk.answer = heard
    reply = await wallet.tell()
    assert reply.status == 200
    assert read_notice_answer(reply.body).heard == heard
    assert wallet.is_proven(reply)
    (said,) = desk.heard
    assert (said.brand, said.terminal_no, said.voucher, said.amount_fen) == (
        "wechat",
        "10000001",
        NOTICE.wallet_no,
        700,
    )


@pytest.mark.parametrize(
    "how",
    [{"spoil": True}, {"signed": "/notices/alipay"}, {"skew_s": CLOCK_WINDOW_S + 5}, {"skew_s": -CLOCK_WINDOW_S - 5}],
    ids=["forged", "another brand's", "too early", "too late"],
)
async def test_what_does_not_prove_itself_is_heard_by_nobody(
    desk: Desk, wallet: Wallet, how: dict[str, object]
) -> None:
    reply = await wallet.tell(**how)  # type: ignore[arg-type]  # its parameters
    assert (reply.status, reply.body, desk.heard) == (401, b"", [])


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"[" * 4_000, msgspec.json.encode({"amount_fen": -1})])
async def test_what_is_no_notice_is_answered_so(desk: Desk, wallet: Wallet, body: bytes) -> None:
    reply = await wallet.tell(body)
    assert (reply.status, desk.heard) == (400, [])


async def test_an_unknown_brand_and_another_method_find_nothing(desk: Desk, wallet: Wallet) -> None:
    assert (await wallet.tell(path="/notices/jade")).status == 404
    assert (await wallet.tell(path="/elsewhere")).status == 404
    assert desk.heard == []


async def test_what_could_not_be_written_is_answered_with_nothing_that_a_wallet_takes_for_heard(
    desk: Desk, wallet: Wallet
) -> None:
    desk.answer = None
    reply = await wallet.tell()
    assert (reply.status, reply.body) == (503, b"")
