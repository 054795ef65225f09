"""A terminal's call as work of the engine: decided in a batch beside sign-ins and sales, answered after the commit.

a sealed call ─▶ DoorWork in the queue ─▶ opened under its terminal's key ─▶ in turn? ─▶ the rule of its row ─▶ sealed answer
"""

import asyncio

import msgspec

from ...acquirer.rows.decision import Decision, DoorReply, reply_of
from ...acquirer.rows.reasons import Reason
from ...acquirer.rows.records import Terminal
from ...acquirer.rows.state import Change, Needs, State
from ...acquirer.terminals.door import last_turn, taken_turn, turn_needs, why_not_in_turn
from ...acquirer.terminals.gate import Refusal, admit_terminal
from ...basics.bad_json import BAD_JSON
from ...basics.errors import Fault
from ...basics.numbers import UnixMs
from ...basics.visible import has_control
from ...cup.door.asks import Question
from ...cup.door.calls import DoorAnswer, DoorCall, answer_context
from ...edges.logs import REQUEST, name_of_now
from ...vault.errors import DocumentDamaged
from ...vault.keys import TerminalMasterKeyBlock
from ..queue import WorkQueue
from ..work import RATE_SETTING, Desk, log
from .operations import DOOR_ROWS

AT_ONCE_MAX = 32
"""Calls that are with the engine at once; the others wait, so that whoever floods the door never crowds out sales."""
UNPROVEN, BAD_QUESTION = "door_unproven", "door_bad_question"
LATE_MAX = 64
"""Answers to what proves nothing that wait for their time, over all addresses: beyond it no line is held for them."""


class DoorUnproven(Exception):
    """The call proves nothing."""


class DoorCrowded(Exception):
    """From this address came more that proves nothing than is answered."""


class DoorWork:
    """One call."""

    __slots__ = ("_asked", "_body", "_call", "_future", "_key", "_peer", "_reason", "_request", "_row", "_turn")

    def __init__(self, call: DoorCall, body: bytes, peer: str, future: "asyncio.Future[bytes]") -> None:
        self._call, self._body, self._peer, self._future = call, body, peer, future
        self._request = name_of_now()
        self._row = DOOR_ROWS[call.operation]
        self._key: TerminalMasterKeyBlock | None = None
        """Its terminal's, where the call is proven under it."""
        self._asked: Question | None = None
        self._reason: Reason = UNPROVEN
        """Why nothing is asked by it, as long as nothing is."""
        self._turn = 0
        """The last turn that was taken, as its answer says it."""

    def add_needs(self, needs: Needs) -> None:
        for kind, keys in turn_needs(self._call.merchant_no, self._call.terminal_no).keys.items():
            for key in keys:
                needs.add(kind, key)

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        if self._key is None:
            self._reason = self._open(desk, state)
        if self._asked is not None:
            for kind, keys in self._row.needs(self._call, self._asked).keys.items():
                for key in keys:
                    more.add(kind, key)

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        if self._asked is None:
            return refused(self._reason)
        call = self._call
        self._turn = last_turn(state, call)
        if reason := why_not_in_turn(state, call, now):
            return refused(reason)
        turn, self._turn = taken_turn(state, call), call.turn
        admitted = admit_terminal(state, call.merchant_no, call.terminal_no)
        if isinstance(admitted, Refusal) and not self._row.for_all:
            # The turn is taken all the same: what was caught is not tried again later, when the terminal is admitted.
            return refused(admitted.reason, turn)
        decision = self._row.decide(state, call, self._asked, now)
        return msgspec.structs.replace(decision, changes=(turn, *decision.changes))

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        call, reply = self._call, reply_of(decision, DoorReply)
        if decision.reason:
            log.info(
                "refused",
                peer=self._peer,
                transaction=f"door:{call.operation}",
                merchant_no=call.merchant_no,
                terminal_no=call.terminal_no,
                turn=call.turn,
                reason=decision.reason,
                **({REQUEST: self._request} if self._request else {}),
            )
        if self._future.done():
            return
        if self._key is None:
            self._future.set_exception(DoorUnproven())
            return
        said = DoorAnswer(
            host_ms=now,
            turn=self._turn,
            refused=reply.refused,
            said=msgspec.Raw(msgspec.json.encode(reply.said)),
        )
        content = msgspec.json.encode(said)
        self._future.set_result(desk.keys.hsm.seal_for_door(self._key, content, answer_context(call)))

    def fail(self, desk: Desk, now: UnixMs) -> None:
        if not self._future.done():
            self._future.set_exception(Fault("what a terminal asked could not be written; nothing was changed"))

    def _open(self, desk: Desk, state: State) -> Reason:
        """Open the call under the key of the terminal that it names; why there is nothing to decide, or empty."""
        terminal = state.get(Terminal, self._call.merchant_no, self._call.terminal_no)
        if terminal is None or not terminal.master_key:
            return UNPROVEN
        key = TerminalMasterKeyBlock(terminal.master_key)
        try:
            content = desk.keys.hsm.open_at_door(key, self._body, self._call.context())
        except DocumentDamaged:
            return UNPROVEN
        self._key = key
        # A text with a NUL would be refused by a database, and all of the same batch with it.
        if has_control(content):
            return BAD_QUESTION
        try:
            self._asked = msgspec.json.decode(content, type=self._row.operation.question)
        except BAD_JSON:
            return BAD_QUESTION
        return ""


def refused(reason: Reason, *changes: Change) -> Decision:
    """Nothing was done."""
    return Decision(changes=changes, reason=reason, reply=DoorReply(refused=reason))


class TerminalDoorQueue:
    """Where the terminals' door asks."""

    def __init__(self, queue: WorkQueue, desk: Desk) -> None:
        self._queue, self._desk = queue, desk
        self._turns = asyncio.Semaphore(AT_ONCE_MAX)
        self._late = 0

    async def ask(self, call: DoorCall, body: bytes, peer: str) -> bytes | None:
        """The sealed answer; None to what proves nothing, as late as its address has to wait. Fault when the host could not."""
        async with self._turns:
            future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
            self._queue.submit(DoorWork(call, body, peer, future))
            try:
                return await future
            except DoorUnproven:
                pass
        strangers, whose = self._desk.strangers, (call.merchant_no, call.terminal_no)
        turn = strangers.turn(peer, whose, is_miss=True)
        if turn.is_first:
            log.warning("strangers_slowed", address=peer, setting=RATE_SETTING, bound=strangers.per_minute)
        if turn.after_s is None or self._late >= LATE_MAX:
            raise DoorCrowded
        self._late += 1
        try:
            await asyncio.sleep(turn.after_s)
        finally:
            self._late -= 1
        return None
