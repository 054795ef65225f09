"""Issuer scripts (发卡行脚本): commands to a chip in field 55 of an answer, and what became of them, tag DF31.

    71 or 72 ── 9F18 id (4 bytes) ── 86 command ── 86 command …        71 before the final cryptogram, 72 after it
    DF31     ── result and number (1 byte) ── id (4 bytes) ── …        five bytes a script, in their order

A reader is lenient, because a payment hangs on the answer around it: a script whose inside can't be read is one without commands, and
counts as failed. Source: EMV Book 3 version 4.3, 10.10 (templates, identifier, command, results; a script's bounds), Annex A;
domain reference §4.10.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

from ...iso8583.errors import TlvError
from ...iso8583.tlv import decode_tlv, encode_tlv

BEFORE, AFTER = 0x71, 0x72
SCRIPT_ID, COMMAND, RESULTS = 0x9F18, 0x86, 0xDF31
SCRIPT_ID_BYTES = 4
NO_ID = bytes(SCRIPT_ID_BYTES)
"""Of a script that brings none."""
RESULT_BYTES = 1 + SCRIPT_ID_BYTES
SCRIPTS_MAX = 8
"""Scripts of one answer that are looked at: field 55 has 255 bytes, and the books ask for 128 of scripts."""
COMMANDS_MAX = 16
COMMAND_BYTES_MAX = 128
SEQUENCE_MAX = 15
"""A nibble; the fifteenth command and any later one are told alike."""

PUT_OFFLINE_LIMIT = bytes.fromhex("04DA9F58")
"""PUT DATA of the lower consecutive offline limit (连续脱机交易下限): how many payments the chip may make without its issuer."""
OFFLINE_LIMIT_MAX = 255
"""That limit is one byte on the chip."""
APPLICATION_BLOCK = bytes.fromhex("841E0000")
"""The application on the chip is not used any more (应用锁定)."""

ScriptOutcome = Literal["not_done", "failed", "done"]
_OUTCOMES: tuple[ScriptOutcome, ...] = ("not_done", "failed", "done")
"""By the first nibble."""


class IssuerScript(msgspec.Struct, frozen=True):
    """One script."""

    is_after: bool
    """72: it runs when the payment is over; 71: before."""
    script_id: bytes
    commands: tuple[bytes, ...]
    """Each with its header; none where the inside could not be read."""


class ScriptResult(msgspec.Struct, frozen=True):
    """What became of one script."""

    outcome: ScriptOutcome
    script_id: bytes
    sequence: int = 0
    """The command at which it failed, from 1; 0 where no command is to blame."""


def read_scripts(field_55: bytes) -> tuple[IssuerScript, ...]:
    """The scripts of an answer, in their order; none where the field as a whole can't be read.

    >>> read_scripts(bytes.fromhex("7203860901"))
    (IssuerScript(is_after=True, script_id=b'\\x00\\x00\\x00\\x00', commands=()),)
    """
    try:
        items = decode_tlv(field_55)
    except TlvError:
        return ()
    found = [_script(tag, content) for tag, content in items if tag in (BEFORE, AFTER)]
    return tuple(found[:SCRIPTS_MAX])


def _script(tag: int, content: bytes) -> IssuerScript:
    try:
        items = decode_tlv(content)
    except TlvError:
        return IssuerScript(tag == AFTER, NO_ID, ())
    script_id = next((value for known, value in items if known == SCRIPT_ID), NO_ID)
    commands = tuple(value for known, value in items if known == COMMAND)
    is_good = len(commands) <= COMMANDS_MAX and all(len(command) <= COMMAND_BYTES_MAX for command in commands)
    if len(script_id) != SCRIPT_ID_BYTES:
        return IssuerScript(tag == AFTER, NO_ID, ())
    return IssuerScript(tag == AFTER, script_id, commands if is_good else ())


def write_scripts(scripts: Iterable[IssuerScript]) -> bytes:
    """The templates, as they stand in field 55.

    >>> scripts = (IssuerScript(True, bytes.fromhex("00000001"), (bytes.fromhex("841E000004AABBCCDD"),)),)
    >>> read_scripts(write_scripts(scripts)) == scripts
    True
    """
    return encode_tlv(
        (
            AFTER if one.is_after else BEFORE,
            encode_tlv([(SCRIPT_ID, one.script_id), *((COMMAND, command) for command in one.commands)]),
        )
        for one in scripts
    )


def write_results(results: Iterable[ScriptResult]) -> bytes:
    """The value of DF31.

    >>> write_results([ScriptResult("failed", bytes.fromhex("00000001"), 2), ScriptResult("done", bytes.fromhex("00000002"))]).hex()
    '12000000012000000002'
    """
    return b"".join(
        bytes((_OUTCOMES.index(one.outcome) << 4 | min(one.sequence, SEQUENCE_MAX),)) + one.script_id for one in results
    )


def read_results(content: bytes) -> tuple[ScriptResult, ...]:
    """What a notice tells of scripts. ValueError for what is no list of results.

    >>> [(one.outcome, one.sequence) for one in read_results(bytes.fromhex("12000000012000000002"))]
    [('failed', 2), ('done', 0)]
    """
    if not content or len(content) % RESULT_BYTES or len(content) > SCRIPTS_MAX * RESULT_BYTES:
        raise ValueError(f"results of scripts have {RESULT_BYTES} bytes each, and there is one at least")
    found = []
    for at in range(0, len(content), RESULT_BYTES):
        code, sequence = content[at] >> 4, content[at] & 0x0F
        if code >= len(_OUTCOMES):
            raise ValueError("the result of a script is 0, 1 or 2")
        found.append(ScriptResult(_OUTCOMES[code], content[at + 1 : at + RESULT_BYTES], sequence))
    return tuple(found)
