"""The host's HTTP door as a terminal uses it: sealed calls in turn, each with one answer or one word for why there is none.

The turn begins at the seconds of the machine's clock and grows by one a call. Where the host has taken a greater one (the clock or the
data went back) its refusal says so, and the call is made once more behind it; in the same way a clock that is off learns the host's time.
"""

from typing import Literal, Protocol, TypeVar

import msgspec

from ...basics.bad_json import BAD_JSON
from ...basics.clock import Clock
from ...basics.errors import Fault, RemoteProtocolError
from ...basics.numbers import MerchantNo, TerminalNo, UnixMs
from ...cup.door.asks import Operation, Question
from ...cup.door.calls import (
    TURN_TAKEN,
    WRONG_TIME,
    DoorAnswer,
    DoorCall,
    answer_context,
    call_headers,
    path_of,
    read_answer,
)
from ...edges.http_calls import HttpCalls, NoReply

ANSWER_WITHIN_S = 20.0
OK, UNPROVEN, TOO_OFTEN = 200, 401, 429
Q = TypeVar("Q", bound=Question)
A = TypeVar("A", bound=msgspec.Struct)
Shut = Literal["unreachable", "no_keys", "unproven", "too_often", "bad_answer", "refused", "host_could_not"]


class DoorShut(Fault):
    """There is no answer. `word` says why, `reason` the host's own word where it refused."""

    def __init__(self, word: Shut, reason: str = "") -> None:
        self.word, self.reason = word, reason
        super().__init__(f"the host's door gave no answer: {reason or word}")


class DoorKeys(Protocol):
    """What the PIN pad does for it."""

    def seal_for_host(self, content: bytes, context: bytes) -> bytes:
        """A body for the host. Raises Fault without a master key, or once the machine was opened."""
        ...

    def open_from_host(self, sealed: bytes, context: bytes) -> bytes:
        """What the host sealed. Raises Fault for anything else."""
        ...


class HostDoor:
    """Calls to one host at `address` (`http://host:port`)."""

    def __init__(
        self, address: str, keys: DoorKeys, clock: Clock, merchant_no: MerchantNo, terminal_no: TerminalNo
    ) -> None:
        self._calls = HttpCalls(address, connections_max=2)
        self._keys, self._clock = keys, clock
        self._merchant_no, self._terminal_no = merchant_no, terminal_no
        self._turn = 0
        self._ahead_ms = 0
        """How far the host's clock is ahead of this one, as far as calls had to know."""

    async def ask(self, operation: Operation[Q, A], asked: Q, timeout_s: float = ANSWER_WITHIN_S) -> A:
        """The answer to one question. DoorShut where there is none; whether it was done is open then unless the word is `refused`."""
        said = await self._once(operation.name, asked, timeout_s)
        if said.refused in (TURN_TAKEN, WRONG_TIME):
            self._turn = max(self._turn, said.turn)
            self._ahead_ms = said.host_ms - self._clock.now()
            said = await self._once(operation.name, asked, timeout_s)
        if said.refused:
            raise DoorShut("refused", said.refused)
        try:
            return msgspec.json.decode(said.said, type=operation.answer)
        except BAD_JSON:
            raise DoorShut("bad_answer") from None

    async def close(self) -> None:
        """Let go of the lines."""
        await self._calls.close()

    async def _once(self, operation: str, asked: Question, timeout_s: float) -> DoorAnswer:
        now = self._clock.now()
        self._turn = max(self._turn + 1, now // 1000)
        call = DoorCall(operation, self._merchant_no, self._terminal_no, self._turn, UnixMs(now + self._ahead_ms))
        try:
            sealed = self._keys.seal_for_host(msgspec.json.encode(asked), call.context())
        except Fault:
            raise DoorShut("no_keys") from None
        try:
            reply = await self._calls.post(path_of(operation), sealed, call_headers(call), timeout_s)
        except NoReply:
            raise DoorShut("unreachable") from None
        if reply.status != OK:
            raise DoorShut(
                "unproven"
                if reply.status == UNPROVEN
                else "too_often"
                if reply.status == TOO_OFTEN
                else "host_could_not"
            )
        try:
            return read_answer(self._keys.open_from_host(reply.body, answer_context(call)))
        except (Fault, RemoteProtocolError):
            raise DoorShut("bad_answer") from None
