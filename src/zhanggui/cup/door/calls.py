"""A call through the terminals' HTTP door: where its parts stand, and what its seal covers.

    POST /door/OPERATION            Zhanggui-Terminal: MERCHANT/TERMINAL
    body: a sealed question         Zhanggui-Turn: 1795406461        greater than every turn of this terminal before
                                    Zhanggui-Time: 1795406461123     milliseconds since the epoch, near the host's (`is_near`)

    200  the answer, sealed: what was asked for, or why not, with the host's time and the turn that was taken last
    401  nothing was proven; no body
    404, 413, 429, 503  no such operation, too long, too often, the host could not

The seal (`vault/door.py`) is the proof: it covers the operation, the terminal, the turn and the time, an answer's covers its status and
its request's turn besides. A turn is taken once, in the commit of what it does: what was caught and is sent again changes nothing. A
terminal whose own number is behind, after its journal was put back or its clock, hears the last one in the refusal and goes on from it.
"""

import re
from collections.abc import Mapping

import msgspec

from ...basics.bad_json import BAD_JSON
from ...basics.errors import RemoteProtocolError
from ...basics.numbers import MerchantNo, TerminalNo, UnixMs, parse_merchant_no, parse_terminal_no
from ..wallets.signing import TIME_HEADER, is_near, read_time

TERMINAL_HEADER, TURN_HEADER = "zhanggui-terminal", "zhanggui-turn"
CALL_BYTES_MAX = 256 * 1024
TURN_MAX = 2**53 - 1
"""The greatest whole number that every JSON reader holds."""
WRONG_TIME, TURN_TAKEN = "door_wrong_time", "door_turn_taken"
"""Refusals that a terminal mends by itself."""
_TURN = re.compile(r"[1-9][0-9]{0,15}")

__all__ = [
    "CALL_BYTES_MAX",
    "TIME_HEADER",
    "TURN_TAKEN",
    "WRONG_TIME",
    "DoorAnswer",
    "DoorCall",
    "answer_context",
    "call_headers",
    "is_near",
    "path_of",
    "read_answer",
    "read_call",
]


class DoorCall(msgspec.Struct, frozen=True):
    """Who calls, for what, in which turn, and when by its own clock."""

    operation: str
    merchant_no: MerchantNo
    terminal_no: TerminalNo
    turn: int
    said_ms: UnixMs

    def context(self) -> bytes:
        """What the seal of the question covers.

        >>> DoorCall("standing", MerchantNo("102100058120001"), TerminalNo("10000001"), 7, UnixMs(8)).context()
        b'ask\\nstanding\\n102100058120001/10000001\\n7\\n8\\n'
        """
        whose = f"{self.merchant_no}/{self.terminal_no}"
        return f"ask\n{self.operation}\n{whose}\n{self.turn}\n{self.said_ms}\n".encode()


class DoorAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the host says to a call that is proven."""

    host_ms: int
    """The host's time."""
    turn: int
    """The last turn of this terminal that was taken."""
    refused: str = ""
    """Why nothing was done, a word; empty where it was done."""
    said: msgspec.Raw = msgspec.Raw(b"null")
    """The operation's own answer, as JSON."""


def path_of(operation: str) -> str:
    """Where an operation is asked for."""
    return f"/door/{operation}"


def call_headers(call: DoorCall) -> dict[str, str]:
    """The headers of a call."""
    return {
        "content-type": "application/octet-stream",
        TERMINAL_HEADER: f"{call.merchant_no}/{call.terminal_no}",
        TURN_HEADER: str(call.turn),
        TIME_HEADER: str(call.said_ms),
    }


def read_call(operation: str, headers: Mapping[str, str]) -> DoorCall | None:
    """The call that these headers are of; None where they are of none."""
    merchant_no, _, terminal_no = headers.get(TERMINAL_HEADER, "").partition("/")
    turn, said_ms = headers.get(TURN_HEADER, ""), read_time(headers.get(TIME_HEADER, ""))
    if said_ms is None or _TURN.fullmatch(turn) is None or int(turn) > TURN_MAX:
        return None
    try:
        shop, terminal = parse_merchant_no(merchant_no), parse_terminal_no(terminal_no)
    except ValueError:
        return None
    return DoorCall(operation, shop, terminal, int(turn), UnixMs(said_ms))


def answer_context(call: DoorCall) -> bytes:
    """What the seal of the answer to a call covers."""
    return b"answer\n" + call.context()


def read_answer(content: bytes) -> DoorAnswer:
    """An answer that was opened. RemoteProtocolError for what is none."""
    try:
        return msgspec.json.decode(content, type=DoorAnswer)
    except BAD_JSON:
        raise RemoteProtocolError("the host's answer at the terminals' door is none") from None
