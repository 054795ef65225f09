"""Scripts: what the bank tells its chips in answers, and what it hears of them. Pure, like the ledger.

    pending ──with each answer to a chip that proved itself──▶ pending ──notice: done──▶ done
                                                                  └────notice: failed, not done──▶ pending, and it goes again

A script is closed by a notice and by nothing else: an answer may be lost, a card pulled out. A notice that comes again changes
nothing, and one that comes late, after another was heard of as done, opens nothing again. What a notice says moves no money.
"""

import msgspec
from msgspec.structs import replace

from ..basics.errors import Defect
from ..basics.numbers import UnixMs
from ..cup.messages.script_notice import BankScriptNotice, results_in
from ..cup.values.issuer_script import APPLICATION_BLOCK, PUT_OFFLINE_LIMIT, SCRIPT_ID_BYTES, ScriptResult
from ..vault.issuer_script import SCRIPT_MAC_BYTES
from .accounts import Books, CardScript, Payment


class ScriptTold(msgspec.Struct, frozen=True):
    """A notice with the identity of the payment that it names."""

    identity: str
    request: BankScriptNotice

    @property
    def results(self) -> tuple[ScriptResult, ...]:
        """What it says of each script."""
        return results_in(self.request.chip_data)


class ScriptHeard(msgspec.Struct, frozen=True):
    """The answer to a notice, and the scripts as they stand after it."""

    code: str
    reason: str
    scripts: tuple[CardScript, ...] = ()


def command_of(script: CardScript) -> bytes:
    """The command to the chip without its MAC: header and data; the length counts the MAC too."""
    match script.order:
        case "offline_limit":
            return PUT_OFFLINE_LIMIT + bytes((1 + SCRIPT_MAC_BYTES, script.value))
        case "block":
            return APPLICATION_BLOCK + bytes((SCRIPT_MAC_BYTES,))
    raise Defect(f"nobody knows the command for {script.order}")


def script_id_of(script: CardScript) -> bytes:
    """Its identifier on the wire."""
    return script.script_no.to_bytes(SCRIPT_ID_BYTES, "big")


def sent_with(script: CardScript, payment: Payment) -> CardScript:
    """A script that goes along with the answer to this payment."""
    return replace(script, sent=script.sent + 1, identity=payment.identity)


def decide_told(books: Books, told: ScriptTold, now: UnixMs) -> ScriptHeard:
    """Take a notice. The books are not changed; the ledger's `apply` does that."""
    payment = books.payments.get(told.identity)
    if payment is None:
        return ScriptHeard("25", "notice of a payment that is unknown")
    request = told.request
    if (payment.merchant_no, payment.terminal_no) != (request.merchant_no, request.terminal_no):
        return ScriptHeard("94", "notice of another terminal's payment")
    known = [(one, books.scripts.get(int.from_bytes(one.script_id, "big"))) for one in told.results]
    of_this_card = [(one, script) for one, script in known if script is not None and script.card_id == payment.card_id]
    if not of_this_card:
        return ScriptHeard("25", "notice of no script of this card")
    return ScriptHeard(
        "00", "", tuple(_after(script, one, now) for one, script in of_this_card if script.state == "pending")
    )


def put(books: Books, script: CardScript) -> None:
    """A script as it stands now."""
    books.scripts[script.script_no] = script
    books.changed_scripts.add(script.script_no)


def _after(script: CardScript, result: ScriptResult, now: UnixMs) -> CardScript:
    state = "done" if result.outcome == "done" else script.state
    return replace(script, state=state, result=result.outcome, told_at=now)
