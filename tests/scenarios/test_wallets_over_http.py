"""The simulated wallets over HTTP: proofs both ways, waiting, and what survives a kill."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from tests.conftest import Ports
from tests.security.canaries import found_in
from tests.worlds.raw_files import raw
from tests.worlds.wallet_house import MERCHANT, ServedWallets

from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.numbers import UnixMs
from zhanggui.cup.brands import BRANDS, BrandName
from zhanggui.cup.wallets.messages import (
    BILL_PAGE_MAX,
    BillLine,
    Operation,
    WalletAnswer,
    WalletRequest,
    says_of,
    write_bill_line,
)
from zhanggui.cup.wallets.signing import NONCE_HEADER, PROOF_HEADER, TIME_HEADER, request_bytes
from zhanggui.edges.http_calls import HttpCalls, NoReply
from zhanggui.host.networks.wallet_bill import BillRefused, read_bill
from zhanggui.host.networks.wallet_port import WalletClient, WalletPort, WalletSilent
from zhanggui.programs.data_folder import Places, open_host_vault
from zhanggui.programs.demo import make_demo
from zhanggui.programs.settings import Settings
from zhanggui.vault.keys import WalletKeyBlock
from zhanggui.wallets.store import WalletsFile


@pytest.fixture
async def wallets(tmp_path: Path, free_port: int) -> AsyncIterator[ServedWallets]:
    served = ServedWallets(tmp_path, free_port)
    async with served.running():
        yield served


def pays(code: str, order_no: str = "A1", amount_fen: int = 100) -> WalletRequest:
    return WalletRequest(merchant_no=MERCHANT, order_no=order_no, amount_fen=amount_fen, code=code, shop="掌柜示范店")


def asks(order_no: str = "A1") -> WalletRequest:
    return WalletRequest(merchant_no=MERCHANT, order_no=order_no)


@pytest.mark.parametrize("brand", BRANDS)
async def test_an_order_is_paid_queried_and_refunded_at_each_brand(wallets: ServedWallets, brand: BrandName) -> None:
    # Annotated as the port: so the type checker proves that the client is one.
    client: WalletPort = wallets.client()
    answer = await client.ask(brand, "pay", pays(wallets.show_code(brand)), timeout_s=5)
    assert says_of(brand, "pay", answer) == "paid"
    queried = await client.ask(brand, "query", asks(), timeout_s=5)
    assert (says_of(brand, "query", queried), queried.wallet_no) == ("paid", answer.wallet_no)
    refund = msgspec.structs.replace(asks(), refund_no="R1", amount_fen=100)
    refunded = await client.ask(brand, "refund", refund, timeout_s=5)
    assert says_of(brand, "refund", refunded) == "returned"
    await client.close()


async def test_who_has_another_key_is_told_nothing_and_changes_nothing(wallets: ServedWallets) -> None:
    stranger = wallets.client(wallets.hsm.new_wallet_key())
    code = wallets.show_code()
    with pytest.raises(WalletSilent, match="wrong_proof"):
        await stranger.ask("wechat", "pay", pays(code), timeout_s=5)
    client = wallets.client()
    assert says_of("wechat", "query", await client.ask("wechat", "query", asks(), timeout_s=5)) == "absent"
    assert says_of("wechat", "pay", await client.ask("wechat", "pay", pays(code), timeout_s=5)) == "paid"
    await client.close()
    await stranger.close()


def proven(wallets: ServedWallets, body: bytes, *, path: str = "/api/wechat/query", time_ms: int = 0) -> dict[str, str]:
    """Headers of a request with a right proof."""
    nonce, now = wallets.chance.take(16).hex(), time_ms or wallets.clock.now()
    proof = wallets.hsm.prove(wallets.key, request_bytes("POST", path, now, nonce, body))
    return {NONCE_HEADER: nonce, TIME_HEADER: str(now), PROOF_HEADER: proof.hex()}


async def test_our_code_names_the_address_of_the_settings_whatever_host_a_request_was_made_to_say(
    wallets: ServedWallets,
) -> None:
    body = msgspec.json.encode(WalletRequest(merchant_no=MERCHANT, order_no="A1", amount_fen=100))
    calls = HttpCalls(wallets.address)
    # A client of ours names the address that it calls, and nothing else.
    calls._always = (("host", "203.0.113.9"), ("accept-encoding", "identity"))
    reply = await calls.post("/api/wechat/offer", body, proven(wallets, body, path="/api/wechat/offer"), 5)
    link = msgspec.json.decode(reply.body, type=WalletAnswer).link
    assert link.startswith("/q/")
    client = wallets.client()
    asked = WalletRequest(merchant_no=MERCHANT, order_no="A1", amount_fen=100)
    assert (await client.ask("wechat", "offer", asked, timeout_s=5)).link == wallets.address + link
    await client.close()
    await calls.close()


async def test_a_request_that_was_caught_is_not_taken_a_second_time(wallets: ServedWallets) -> None:
    body = msgspec.json.encode(pays(wallets.show_code()))
    calls, headers = HttpCalls(wallets.address), proven(wallets, body, path="/api/wechat/pay")
    statuses = [(await calls.post("/api/wechat/pay", body, headers, 5)).status for _ in range(3)]
    await calls.close()
    assert statuses == [200, 401, 401]


@pytest.mark.parametrize("away_s", [-301, 301])
async def test_a_request_from_another_time_is_not_taken(wallets: ServedWallets, away_s: int) -> None:
    body, calls = msgspec.json.encode(asks()), HttpCalls(wallets.address)
    headers = proven(wallets, body, time_ms=wallets.clock.now() + away_s * 1000)
    assert (await calls.post("/api/wechat/query", body, headers, 5)).status == 401
    await calls.close()


@pytest.mark.parametrize("other", ["path", "body", "time", "nonce", "missing"])
async def test_a_proof_covers_all_that_a_request_says(wallets: ServedWallets, other: str) -> None:
    body, calls = msgspec.json.encode(asks()), HttpCalls(wallets.address)
    headers = proven(wallets, body)
    path = "/api/alipay/query" if other == "path" else "/api/wechat/query"
    sent = body.replace(b"A1", b"A2") if other == "body" else body
    if other == "time":
        headers[TIME_HEADER] = str(int(headers[TIME_HEADER]) + 1)
    if other == "nonce":
        headers[NONCE_HEADER] = "0" * 32
    if other == "missing":
        del headers[PROOF_HEADER]
    assert (await calls.post(path, sent, headers, 5)).status == 401
    await calls.close()


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"merchant_no":1}', b'{"order_no":"A1"}'])
async def test_what_is_no_request_is_answered_as_such(wallets: ServedWallets, body: bytes) -> None:
    calls = HttpCalls(wallets.address)
    reply = await calls.post("/api/wechat/query", body, proven(wallets, body), 5)
    await calls.close()
    assert (reply.status, msgspec.json.decode(reply.body)) == (400, {"code": "PARAM_ERROR"})


async def test_a_slow_wallet_is_heard_and_a_silent_one_is_not(wallets: ServedWallets) -> None:
    client = wallets.client()
    wallets.behave("slow")
    assert says_of("wechat", "pay", await client.ask("wechat", "pay", pays(wallets.show_code()), timeout_s=5)) == "paid"
    wallets.behave("silent")
    with pytest.raises(WalletSilent):
        await client.ask("wechat", "pay", pays(wallets.show_code(), "A2"), timeout_s=5)
    assert says_of("wechat", "query", await client.ask("wechat", "query", asks("A2"), timeout_s=5)) == "absent"
    await client.close()


async def test_a_bill_of_many_pages_is_read_whole_and_in_order(wallets: ServedWallets) -> None:
    code, file = wallets.show_code(), WalletsFile(wallets.folder)
    client = wallets.client()
    await client.ask("wechat", "pay", pays(code), timeout_s=5)
    with file.writing() as rows:
        order = rows.order("wechat", MERCHANT, "A1")
        assert order is not None
        for _ in range(2 * BILL_PAGE_MAX):
            rows.note_line(order, 1, "", wallets.clock.now())
    file.close()
    begin, end = UnixMs(0), UnixMs(wallets.clock.now() + 1)
    pages = [page async for page in read_bill(client, "wechat", MERCHANT, begin, end)]
    assert [len(page) for page in pages] == [BILL_PAGE_MAX, BILL_PAGE_MAX, 1]
    assert [line.line_no for page in pages for line in page] == list(range(1, 2 * BILL_PAGE_MAX + 2))
    await client.close()


async def test_a_wallet_that_tells_a_page_again_and_again_is_not_followed() -> None:
    class Again:
        async def ask(
            self, brand: BrandName, operation: Operation, request: WalletRequest, *, timeout_s: float
        ) -> WalletAnswer:
            line = BillLine(line_no=1, order_no="A1", wallet_no="W1", amount_fen=1, at_ms=1)
            return WalletAnswer(code="SUCCESS", lines=(write_bill_line(line),) * BILL_PAGE_MAX)

        async def close(self) -> None:
            """Nothing."""

    with pytest.raises(BillRefused):
        [page async for page in read_bill(Again(), "wechat", MERCHANT, UnixMs(0), UnixMs(2))]


async def test_nobody_at_the_other_end_is_silence(tmp_path: Path, free_port: int) -> None:
    client = ServedWallets(tmp_path, free_port).client()
    with pytest.raises(WalletSilent):
        await client.ask("wechat", "query", asks(), timeout_s=1)
    await client.close()


async def test_a_reply_without_end_is_no_reply(free_port: int) -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(2 << 20))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(endless, "127.0.0.1", free_port)
    calls = HttpCalls(f"http://127.0.0.1:{free_port}")
    with pytest.raises(NoReply):
        await calls.post("/", b"", {}, 5)
    await calls.close()
    server.close()
    await server.wait_closed()


@pytest.mark.processes
async def test_what_was_answered_survives_a_kill_and_no_code_is_in_log_or_file(tmp_path: Path, ports: Ports) -> None:
    port = ports.take()
    settings = Settings(data=str(tmp_path / "data"))
    settings.data_path.mkdir()
    await make_demo(settings, SystemClock(), SystemChance(), lambda step: None)
    folder, log = settings.data_path, tmp_path / "log"

    def started() -> subprocess.Popen[str]:
        with log.open("a") as into:
            process = subprocess.Popen(
                [sys.executable, "-m", "zhanggui", "wallets", "--data", str(folder), "--port", str(port)],
                env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src"), "PYTHONUNBUFFERED": "1"},
                stdout=subprocess.PIPE,
                stderr=into,
                text=True,
            )
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        return process

    process = await asyncio.to_thread(started)
    hsm = open_host_vault(settings, Places(folder), SystemChance())
    texts = msgspec.json.decode((folder / "host" / "keys.json").read_bytes())
    key = WalletKeyBlock(texts["wallet_key"])
    client = WalletClient(f"http://127.0.0.1:{port}", hsm, key, SystemClock(), SystemChance())
    code = code_shown(folder)
    paid = await client.ask("wechat", "pay", pays(code), timeout_s=5)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    process = await asyncio.to_thread(started)
    again = await client.ask("wechat", "query", asks(), timeout_s=5)
    assert (says_of("wechat", "query", again), again.wallet_no) == ("paid", paid.wallet_no)
    assert says_of("wechat", "pay", await client.ask("wechat", "pay", pays(code, "A2"), timeout_s=5)) == "refused"
    await client.close()
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 0
    assert "wallet_answered" in log.read_text(encoding="utf-8")
    assert not found_in(log.read_bytes() + whole_file(folder), {"code": code})


def whole_file(folder: Path) -> bytes:
    return b"".join(raw(path) for path in sorted(folder.glob("wallets.db*")))


def code_shown(folder: Path) -> str:
    """A fresh code, written beside the wallets that run."""
    from zhanggui.wallets.brands import new_code
    from zhanggui.wallets.paying import show_code

    code, file = new_code("wechat", SystemChance()), WalletsFile(folder)
    with file.writing() as rows:
        owner = rows.customer("wechat", "chen")
        assert owner is not None
        show_code(rows, owner, code, SystemClock().now())
    file.close()
    return code
