"""The page of a slip's link as work of the engine: what it leads to is read in a batch beside payments, and counted.

a slip's page ─▶ genuine? ─▶ SlipWork in the queue ─▶ the rule of `acquirer/slips/links.py` ─▶ opened by the vault
"""

import asyncio

from ..acquirer.rows.decision import Decision, SlipSeen, SlipShown, reply_of
from ..acquirer.rows.records import Document, SlipLink
from ..acquirer.rows.state import Needs, State
from ..acquirer.slips.links import decide_open_slip, need_of_slip
from ..basics.errors import Fault
from ..basics.numbers import UnixMs
from ..cup.values.slip_link import SlipAddress, read_copies
from ..vault.errors import DocumentDamaged
from .commit import Door, Sheet
from .keys import HostKeys
from .queue import WorkQueue
from .work import Desk, log

SLIP_PAGE = "slip_page"
AT_ONCE_MAX = 8
"""Links that are with the engine at once; the others wait, so that whoever has some link never crowds out terminals."""


class SlipWork:
    """One opening of a slip's link."""

    __slots__ = ("_document_id", "_future", "_merchant_no")

    def __init__(self, link: SlipAddress, document_id: str, future: "asyncio.Future[SlipShown]") -> None:
        self._merchant_no = link.merchant_no
        self._document_id = document_id
        self._future = future

    def add_needs(self, needs: Needs) -> None:
        needs.add(Document, (self._merchant_no, self._document_id))
        needs.add(SlipLink, (self._merchant_no, self._document_id))

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        self.name_payment(state, more)

    def name_payment(self, state: State, more: Needs) -> None:
        """Its payment, and what has undone that."""
        need_of_slip(state, self._merchant_no, self._document_id, more)

    def read(self, sheet: Sheet) -> SlipShown:
        """What it leads to, without a word that it was opened: nothing is written."""
        return reply_of(decide_open_slip(sheet.state, self._merchant_no, self._document_id, sheet.now), SlipShown)

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        return decide_open_slip(state, self._merchant_no, self._document_id, now)

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        if decision.reason:
            log.info("refused", peer=SLIP_PAGE, transaction=SLIP_PAGE, reason=decision.reason)
        if not self._future.done():
            self._future.set_result(reply_of(decision, SlipShown))

    def fail(self, desk: Desk, now: UnixMs) -> None:
        if not self._future.done():
            self._future.set_exception(Fault("an opening could not be counted"))


class SlipPages:
    """Where the page of slips asks: a link that this host never made costs one hash and no look at a row."""

    def __init__(self, queue: WorkQueue, keys: HostKeys, door: Door) -> None:
        self._queue = queue
        self._door = door
        self._keys = keys
        self._turns = asyncio.Semaphore(AT_ONCE_MAX)

    async def slip(self, link: SlipAddress) -> SlipSeen | None:
        """What the link leads to; None where there is nothing, for whatever reason. Raises Fault when the host could not."""
        if not self._keys.is_slip_link(link):
            log.info("refused", peer=SLIP_PAGE, transaction=SLIP_PAGE, reason="slip_link_forged")
            return None
        document_id = self._keys.slip_document_id(link)
        async with self._turns:
            shown = await self._shown(link, document_id)
        if not shown.sealed:
            return None
        try:
            copies = read_copies(self._keys.open_document(link.merchant_no, document_id, shown.sealed))
        except (DocumentDamaged, ValueError) as error:
            log.error("document_damaged", document_id=document_id, reason=str(error))
            return None
        return SlipSeen(copies, shown.became, shown.standing_fen)

    async def _shown(self, link: SlipAddress, document_id: str) -> SlipShown:
        """Read and counted; where it can't be counted, as on a full disk, it is read all the same."""
        future: asyncio.Future[SlipShown] = asyncio.get_running_loop().create_future()
        work = SlipWork(link, document_id, future)
        self._queue.submit(work)
        try:
            return await future
        except Fault as error:
            log.warning("slip_not_counted", reason=str(error))
        needs = Needs()
        work.add_needs(needs)
        return await self._door.commit(needs, work.read, work.name_payment)
