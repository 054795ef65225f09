"""Lines within one process: what stands where a connection, the link to the bank and the way to wallets stand. Nothing is lost on them.

Frames are whole and have their MACs, as on any line; the proofs of requests to wallets are left out, because no network is there.
"""

import asyncio
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from ...basics.clock import Clock
from ...basics.errors import Fault
from ...basics.secret import Secret
from ...cup.brands import BrandName
from ...cup.wallets.messages import Operation, WalletAnswer, WalletRequest
from ...edges.places import Standing
from ...host.networks.wallet_port import WalletSilent
from ...wallets.api import CODE_PATH, Handle
from ...wallets.customers import PASSWORD
from ...wallets.phone_acts import confirm
from ...wallets.store import WalletsFile

Heard = Callable[[bytes], None]


class InnerLine:
    """One end of a connection, with what a `FrameConnection` has; what is sent on it is heard at once."""

    address = peer = "127.0.0.1"
    open = True

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self.standing: Standing = "silent"
        self.under_way = 0
        self.proven_by: set[object] = set()
        self.bound_to: set[object] = set()

    def send(self, payload: bytes) -> None:
        """Send a frame."""
        self._heard(payload)

    def send_soon(self, payload: bytes) -> None:
        """Send a frame; here no later than any other."""
        self._heard(payload)

    def send_late(self, payload: bytes, after_s: float) -> None:
        """Send what proves nothing; nobody is made to wait here."""
        self._heard(payload)

    def proved(self, who: object = None) -> None:
        """Something on it was right that only a key makes."""
        self.standing = "proven"
        if who is not None:
            self.proven_by.add(who)

    def bind(self, who: object) -> None:
        """Somebody asked for something new on it."""
        self.bound_to.add(who)

    def work_began(self) -> None:
        """A request of it waits."""
        self.under_way += 1

    def work_ended(self) -> None:
        """A request of it was decided."""
        self.under_way -= 1

    def close(self) -> None:
        """Fault: a host hangs up on nobody who behaves."""
        raise Fault("the host hung up on a till of the past")


class BankWire:
    """Stands where the host's link to the bank stands: each frame is handed to the bank in the next turn of the loop."""

    def __init__(self, to_bank: Heard) -> None:
        self._to_bank = to_bank
        self.is_silent = False
        """Whether what is sent gets lost on the way."""
        self.up = asyncio.Event()
        self.up.set()

    def send(self, payload: bytes) -> bool:
        """Send a frame; the answer is whether the line is up."""
        if self.up.is_set() and not self.is_silent:
            asyncio.get_running_loop().call_soon(self._to_bank, payload)
        return self.up.is_set()

    async def stop(self) -> None:
        """There is nothing to hang up."""


class WalletWire:
    """Stands where the client of the wallets stands: their own rules over their own file. `page`: where phones find them."""

    def __init__(self, file: WalletsFile, handles: Mapping[str, Handle], clock: Clock, page: str) -> None:
        self._file, self._handles, self._clock, self._page = file, handles, clock, page
        self._open: list[tuple[BrandName, str, str]] = []
        """Orders that wait for their customer's password: brand, merchant and number."""

    async def ask(
        self, brand: BrandName, operation: Operation, request: WalletRequest, *, timeout_s: float
    ) -> WalletAnswer:
        """The wallet's answer. WalletSilent where it keeps silent."""
        with self._file.writing() as rows:
            done = self._handles[operation](rows, brand, request, self._clock.now())
            order = rows.order(brand, request.merchant_no, request.order_no) if operation == "pay" else None
        if order is not None and order.state == "waiting":
            self._open.append((brand, request.merchant_no, request.order_no))
        if done.delivery == "silent":
            raise WalletSilent("the wallet is silent")
        answer = done.answer
        return replace(answer, link=f"{self._page}{CODE_PATH}{answer.link}") if answer.link else answer

    def type_passwords(self) -> bool:
        """The customers who are asked for their password type it; the answer is whether there were any."""
        waiting, self._open = self._open, []
        with self._file.writing() as rows:
            for brand, merchant_no, order_no in waiting:
                order = rows.order(brand, merchant_no, order_no)
                customer = rows.customer(brand, order.customer_no) if order is not None else None
                if customer is not None:
                    confirm(rows, customer, merchant_no, order_no, Secret(PASSWORD), self._clock.now())
        return bool(waiting)

    async def close(self) -> None:
        """The wallets outlive the host."""
