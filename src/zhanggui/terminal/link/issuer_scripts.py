"""Running the issuer's scripts on the card in hand (EMV Book 3, 10.10): one command after the other until one fails.

    card not inserted, or taken away before the first command   not done
    a command the chip does not take, or nobody answers          failed, with the number of the command
    every command taken (9000, or a warning 62xx, 63xx)          done

Each script stands for itself: one that failed does not keep the next from running. None of it changes a payment that stands.
"""

from collections.abc import Sequence

import structlog

from ...cup.values.issuer_script import RESULTS, IssuerScript, ScriptResult, read_results
from ...iso8583.tlv import decode_tlv, encode_tlv
from ..devices.ports import CardInHand, ChipCard
from ..flow.core.events import ScriptNotice

TAKEN = frozenset({0x90, 0x62, 0x63})
"""First bytes of the status words by which a command counts as done."""
TERMINAL_RESULTS = 0x95
FAILED_BEFORE, FAILED_AFTER = 0x20, 0x10
"""Bits of the last byte of the terminal's verification results: a script failed before, after the final cryptogram."""

_log = structlog.get_logger(__name__)


def run_scripts(card: CardInHand | None, scripts: Sequence[IssuerScript]) -> tuple[ScriptResult, ...]:
    """Run scripts in their order. A card that was only tapped has left; so nothing is done on it."""
    chip = card.chip if card is not None and card.way == "insert" else None
    return tuple(_run(chip, script) for script in scripts)


def not_done(scripts: Sequence[IssuerScript]) -> tuple[ScriptResult, ...]:
    """Results of scripts before they run."""
    return tuple(ScriptResult("not_done", script.script_id) for script in scripts)


def _run(chip: ChipCard | None, script: IssuerScript) -> ScriptResult:
    if not script.commands:
        return ScriptResult("failed", script.script_id)
    if chip is None or not chip.is_there:
        return ScriptResult("not_done", script.script_id)
    for number, command in enumerate(script.commands, 1):
        status = chip.command(command)
        if status[:1] == b"" or status[0] not in TAKEN:
            _log.warning("issuer_script_failed", script=script.script_id.hex(), command=number, status=status.hex())
            return ScriptResult("failed", script.script_id, number)
    return ScriptResult("done", script.script_id)


def notice_data(chip_data: bytes, notice: ScriptNotice) -> bytes:
    """Field 55 of a notice: what the chip had said, what failed in the terminal's verification results, and the results."""
    results = bytes.fromhex(notice.results)
    told = read_results(results)
    before, after = (
        any(one.outcome == "failed" for one in part) for part in (told[: notice.before], told[notice.before :])
    )
    bits = (FAILED_BEFORE if before else 0) | (FAILED_AFTER if after else 0)
    items = [
        (tag, value[:-1] + bytes((value[-1] | bits,)) if tag == TERMINAL_RESULTS else value)
        for tag, value in decode_tlv(chip_data)
    ]
    return encode_tlv([*items, (RESULTS, results)])
