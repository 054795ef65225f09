"""The simulated wallets in this process, over a file of their own: their rules with a clock of the test's, or served over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec.structs import replace

from zhanggui.basics.chance import SeededChance
from zhanggui.basics.clock import Clock, SystemClock
from zhanggui.basics.numbers import MerchantNo, UnixMs
from zhanggui.basics.secret import Secret
from zhanggui.cup.brands import BrandName
from zhanggui.cup.wallets.codes import Said
from zhanggui.cup.wallets.messages import Operation, WalletAnswer, WalletRequest, says_of
from zhanggui.edges.watched import run_long
from zhanggui.host.networks.wallet_port import WalletClient
from zhanggui.vault.keys import WalletKeyBlock
from zhanggui.vault.software import SoftwareHsm
from zhanggui.wallets.books import Behaviour
from zhanggui.wallets.brands import new_code
from zhanggui.wallets.customers import PASSWORD
from zhanggui.wallets.paying import Done, offer, pay_by_code, query, show_code
from zhanggui.wallets.phone_acts import Seen, confirm, pay_shop, refuse
from zhanggui.wallets.server import serve_wallets
from zhanggui.wallets.setup import accept_host_key, open_vault
from zhanggui.wallets.store import WalletsFile, create_wallets_file
from zhanggui.wallets.undoing import cancel, give_back, query_give_back, tell_bill

MERCHANT = MerchantNo("102100058120001")
T0 = UnixMs(1_796_000_000_000)
TRANSPORT_KEY = bytes(range(32))
READY_WITHIN_S = 30.0


class WalletBooks:
    """The rules over a real file, at an instant that the test sets."""

    def __init__(self, folder: Path, brand: BrandName = "wechat", customer: str = "chen") -> None:
        create_wallets_file(folder)
        self.file = WalletsFile(folder)
        self.brand: BrandName = brand
        self.customer = customer
        self.now = T0
        self._chance = SeededChance(7)

    def later(self, seconds: float) -> None:
        self.now = UnixMs(self.now + int(seconds * 1000))

    def code(self) -> str:
        """A fresh code on the customer's phone."""
        code = new_code(self.brand, self._chance)
        with self.file.writing() as rows:
            owner = rows.customer(self.brand, self.customer)
            assert owner is not None
            show_code(rows, owner, code, self.now)
        return code

    def behave(self, behaviour: Behaviour) -> None:
        with self.file.writing() as rows:
            owner = rows.customer(self.brand, self.customer)
            assert owner is not None
            rows.put(replace(owner, behaviour=behaviour))

    @property
    def balance_fen(self) -> int:
        owner = self.file.reading.customer(self.brand, self.customer)
        assert owner is not None
        return owner.balance_fen

    def ask(self, operation: Operation, order_no: str = "A1", amount_fen: int = 0, **others: str) -> WalletAnswer:
        return self.done(operation, order_no, amount_fen, **others).answer

    def done(self, operation: Operation, order_no: str = "A1", amount_fen: int = 0, **others: str) -> Done:
        request = WalletRequest(
            merchant_no=MERCHANT,
            order_no=order_no,
            amount_fen=amount_fen,
            code=others.get("code", ""),
            refund_no=others.get("refund_no", ""),
            shop="掌柜示范店",
            from_ms=0,
            until_ms=self.now + 1,
        )
        with self.file.writing() as rows:
            match operation:
                case "pay":
                    return pay_by_code(rows, self.brand, request, self.now)
                case "offer":
                    return offer(rows, self.brand, request, "00112233445566778899aabbccddeeff", self.now)
                case "query":
                    return query(rows, self.brand, request, self.now)
                case "cancel":
                    return cancel(rows, self.brand, request, self.now)
                case "bill":
                    return tell_bill(rows, self.brand, request, self.now)
                case "refund":
                    return give_back(rows, self.brand, request, self.now)
                case "refund_query":
                    return query_give_back(rows, self.brand, request, self.now)

    def says(self, operation: Operation, order_no: str = "A1", amount_fen: int = 0, **others: str) -> Said:
        return says_of(self.brand, operation, self.ask(operation, order_no, amount_fen, **others))

    def types(self, password: str = PASSWORD, order_no: str = "A1") -> Seen:
        """The customer types the password."""
        with self.file.writing() as rows:
            owner = rows.customer(self.brand, self.customer)
            assert owner is not None
            return confirm(rows, owner, MERCHANT, order_no, Secret(password), self.now)

    def declines(self, order_no: str = "A1") -> Seen:
        with self.file.writing() as rows:
            owner = rows.customer(self.brand, self.customer)
            assert owner is not None
            return refuse(rows, owner, MERCHANT, order_no, self.now)

    def reads(self, text: str, amount_fen: int = 0, password: str | None = PASSWORD) -> Seen:
        """The customer's phone reads a shop's code, and pays (password None: only looks)."""
        with self.file.writing() as rows:
            owner = rows.customer(self.brand, self.customer)
            assert owner is not None
            secret = None if password is None else Secret(password)
            return pay_shop(rows, owner, text, amount_fen, secret, self.now)


class ServedWallets:
    """Wallets that are served, and the host's end of the shared key."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.chance = SeededChance(11)
        self.clock: Clock = SystemClock()
        self.hsm = SoftwareHsm(bytes(range(32)), self.chance)
        self.key: WalletKeyBlock = self.hsm.new_wallet_key()
        self.vault = open_vault(folder, Secret("a passphrase of the test"), self.chance)
        accept_host_key(folder, self.vault, self.hsm.export_block(self.key, TRANSPORT_KEY), TRANSPORT_KEY)
        self.address = f"http://127.0.0.1:{port}"

    def client(self, key: WalletKeyBlock | None = None) -> WalletClient:
        return WalletClient(self.address, self.hsm, key or self.key, self.clock, self.chance)

    def show_code(self, brand: BrandName = "wechat", customer: str = "chen") -> str:
        """A fresh code, written beside the wallets that run."""
        code = new_code(brand, self.chance)
        file = WalletsFile(self.folder)
        try:
            with file.writing() as rows:
                owner = rows.customer(brand, customer)
                assert owner is not None
                show_code(rows, owner, code, self.clock.now())
        finally:
            file.close()
        return code

    def behave(self, behaviour: Behaviour, brand: BrandName = "wechat", customer: str = "chen") -> None:
        file = WalletsFile(self.folder)
        try:
            with file.writing() as rows:
                owner = rows.customer(brand, customer)
                assert owner is not None
                rows.put(replace(owner, behaviour=behaviour))
        finally:
            file.close()

    @asynccontextmanager
    async def running(self, *, slow_answer_s: float = 0.3, silent_s: float = 0.3) -> AsyncIterator[None]:
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        serving = run_long(
            "wallets",
            serve_wallets(
                self.folder,
                self.vault,
                self.clock,
                self.chance,
                "127.0.0.1",
                self.port,
                slow_answer_s=slow_answer_s,
                silent_s=silent_s,
                ready=ready.set_result,
            ),
        )
        try:
            ended = asyncio.ensure_future(serving.ended())
            await asyncio.wait((ready, ended), timeout=READY_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                await ended  # a port that is taken says so
            assert ready.done(), "the wallets were not served in time"
            ended.cancel()
            yield
        finally:
            await serving.stop()
