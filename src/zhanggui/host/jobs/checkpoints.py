"""Keeps the chains of provable records signed. Their links are appended at the door (`host/commit.py`).

A chain that grew is signed every half hour at the latest, after CHECKPOINT_LINKS links, and when the host stops. After a power
cut it is signed at the next start, once it was looked at whether the unsigned links hold together.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

from ...acquirer.proof.audit import CHECKPOINT_EVERY_MS, CHECKPOINT_LINKS
from ...acquirer.proof.chain import NO_HASH, is_joined, sign_checkpoint
from ...acquirer.rows.records import ChainHead, Checkpoint
from ...acquirer.rows.state import Change, Insert, Needs, Update
from ...basics.clock import Clock
from ...basics.errors import ZhangguiError
from ...basics.numbers import MerchantNo, UnixMs
from ...edges.watched import LongTask, keep_running
from ...store.port import ChainedStore
from ..commit import Door, Sheet
from ..work import log
from .checkpoint_file import CheckpointFile

LOOK_EVERY_S = 60.0
"""How often it is looked for chains that are due."""
HEADS_AT_ONCE = 200
"""Chains signed in one transaction: about 20 ms, so that sign-ins and sales hardly wait."""
HEADS_MAX = 100_000
"""Chains that one look brings at most: more shops than one host serves."""
TAIL_MAX = 20 * CHECKPOINT_LINKS
"""Unsigned links that are looked at when the host starts; many times what a power cut leaves."""


class LongChains:
    """Chains that grew so long since their last checkpoint that they are signed at once. The door tells of each commit."""

    def __init__(self) -> None:
        self.merchants: set[MerchantNo] = set()
        self.wake = asyncio.Event()

    def committed(self, changes: Sequence[Change]) -> None:
        """All of these changes are durable now."""
        for change in changes:
            head = change.record
            if type(head) is ChainHead and head.link_no - head.signed_no >= CHECKPOINT_LINKS:
                self.merchants.add(head.merchant_no)
                self.wake.set()


class ChainKeeper:
    """Signs. `sign` is the vault's; `file` keeps the checkpoints besides."""

    def __init__(
        self,
        store: ChainedStore,
        door: Door,
        sign: Callable[[bytes], bytes],
        clock: Clock,
        long_chains: LongChains,
        file: CheckpointFile | None = None,
    ) -> None:
        self._store = store
        self._door = door
        self._sign_bytes = sign
        self._clock = clock
        self._file = file
        self._long = long_chains
        self._task: LongTask | None = None
        self._broken: set[MerchantNo] = set()
        """Chains that did not hold together at the start: they are not signed, so that the damage stays to be seen."""

    async def start(self) -> None:
        """Look at what a crash left unsigned and sign it, then keep signing."""
        for head in await self._unsigned():
            await self._look_at_tail(head)
        await self.sign_all()
        self._task = keep_running("checkpoints", self._look)

    async def stop(self) -> None:
        """Sign whatever is unsigned, and end."""
        if self._task is not None:
            await self._task.stop()
            self._task = None
            await self._try_sign(self.sign_all)

    async def sign_all(self) -> None:
        """Sign every chain that grew since its last checkpoint."""
        await self._sign_heads(await self._unsigned())

    async def _look(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._long.wake.wait()
        self._long.wake.clear()
        await self._try_sign(self._sign_due)

    async def _sign_due(self) -> None:
        long, self._long.merchants = self._long.merchants, set()
        try:
            due = await self._unsigned(CHECKPOINT_EVERY_MS)
            await self._sign_heads(due)
            await self._sign(sorted(long - {head.merchant_no for head in due} - self._broken))
        except BaseException:
            # They are still long; the next look signs them.
            self._long.merchants |= long
            raise

    async def _try_sign(self, sign: Callable[[], Awaitable[None]]) -> None:
        try:
            await sign()
        except Exception as error:
            # The links are durable; they are signed the next time. Whatever it was, the job goes on: without it no chain would be
            # signed any more, and nobody would be told. Only our own errors are sure to carry no secret.
            reason = str(error) if isinstance(error, ZhangguiError) else ""
            log.error("checkpoint_failed", error=type(error).__name__, reason=reason)

    async def _unsigned(self, signed_before_ms: int = 0) -> list[ChainHead]:
        """Sound chains that grew since a checkpoint of so long ago, or of a time that is not yet; with 0 all that grew."""
        now = self._clock.now()
        found = await self._store.heads_unsigned(UnixMs(now - signed_before_ms), now, HEADS_MAX)
        return [head for head in found if head.merchant_no not in self._broken]

    async def _sign_heads(self, heads: Sequence[ChainHead]) -> None:
        for place in range(0, len(heads), HEADS_AT_ONCE):
            await self._sign([head.merchant_no for head in heads[place : place + HEADS_AT_ONCE]])

    async def _sign(self, merchants: Sequence[MerchantNo]) -> None:
        if not merchants:
            return

        def sign(sheet: Sheet) -> None:
            checkpoints: list[Checkpoint] = []
            for merchant_no in merchants:
                head = sheet.state.get(ChainHead, merchant_no)
                if head is not None and head.link_no > head.signed_no:
                    checkpoint, signed = sign_checkpoint(head, self._sign_bytes, sheet.now)
                    checkpoints.append(checkpoint)
                    sheet.take((Insert(checkpoint), Update(signed)))
            # The file first: then it holds all that the table holds, whatever happens in between.
            if checkpoints and self._file is not None:
                self._file.append(checkpoints)

        await self._door.commit(Needs({ChainHead: [(merchant_no,) for merchant_no in merchants]}), sign)

    async def _look_at_tail(self, head: ChainHead) -> None:
        links = await self._store.links_from(head.merchant_no, max(head.signed_no, 1), TAIL_MAX + 1)
        signed_hash = NO_HASH
        if head.signed_no > 0 and links:
            signed_hash = links.pop(0).hash
        if not is_joined(head, signed_hash, links):
            self._broken.add(head.merchant_no)
            log.error("chain_broken", merchant_no=head.merchant_no, signed_links=head.signed_no)
