"""Findings for pages: reckoned by a process beside the host, one at a time, and kept for some minutes."""

import asyncio
from collections import OrderedDict

import msgspec

from ..acquirer.findings.finding import Finding
from ..basics.bad_json import BAD_JSON
from ..basics.clock import Clock
from ..basics.errors import Fault
from ..basics.numbers import MerchantNo, UnixMs
from ..office.desk import FoundFindings
from .side_process import SideProcess

MODULE = "zhanggui.programs.findings_reader"
DAYS = 90
"""Days that are looked at; as many again, and more, are what is usual."""
FINDINGS_MAX = 2_000
"""Findings of one answer, the newest: some 2 MB."""
ANSWER_BYTES_MAX = 16 * 1024 * 1024
WITHIN_S = 120.0
KEPT_S = 300.0
"""How long what was found is shown again without looking anew."""
KEPT_AT_ONCE = 64
"""Shops whose findings are kept."""


class FindingsToFind(msgspec.Struct, frozen=True):
    """What the process is told: the database, when it is, of how many days, of which shop (None: all)."""

    target: str
    now: UnixMs
    days: int
    merchant_no: MerchantNo | None


class FindingsFound(msgspec.Struct, frozen=True):
    """What it answers: the newest, and how many there are."""

    findings: tuple[Finding, ...]
    count: int


class FindingDesk:
    """Finds for pages."""

    def __init__(self, target: str, clock: Clock) -> None:
        self._target = target
        self._clock = clock
        self._kept: OrderedDict[MerchantNo | None, tuple[float, FoundFindings]] = OrderedDict()
        self._turn = asyncio.Lock()

    async def find(self, merchant_no: MerchantNo | None, *, anew: bool = False) -> FoundFindings:
        """The findings of a shop, or of all. Raises Fault when they could not be reckoned."""
        began_s = self._clock.elapsed_s()
        async with self._turn:
            kept = self._kept.get(merchant_no)
            # Whoever waited for the same is answered by it.
            if kept is not None and kept[0] >= (began_s if anew else began_s - KEPT_S):
                self._kept.move_to_end(merchant_no)
                return kept[1]
            found = await self._find(merchant_no)
            self._kept[merchant_no] = self._clock.elapsed_s(), found
            while len(self._kept) > KEPT_AT_ONCE:
                self._kept.popitem(last=False)
            return found

    async def _find(self, merchant_no: MerchantNo | None) -> FoundFindings:
        now = self._clock.now()
        order = FindingsToFind(self._target, now, DAYS, merchant_no)
        process = await SideProcess.begin(MODULE, order, ANSWER_BYTES_MAX)
        try:
            found = msgspec.json.decode(await process.line(WITHIN_S), type=FindingsFound)
        except BAD_JSON:
            raise Fault("findings could not be read") from None
        finally:
            await process.end()
        return FoundFindings(found.findings, found.count, now, DAYS)
