"""A fresh master key for a terminal (主密钥). Whoever may do it, and what becomes of the keys that came under the old one."""

from msgspec.structs import replace

from ...basics.numbers import MerchantNo, TerminalNo, UnixMs
from ..policy.actors import NOT_PERMITTED, Actor, may_manage, noted
from ..rows.decision import Decision
from ..rows.records import Terminal
from ..rows.state import State, Update

RENEW_MASTER_KEY = "renew_master_key"


def decide_renew_master_key(
    state: State, merchant_no: MerchantNo, terminal_no: TerminalNo, master_key: str, by: Actor, now: UnixMs
) -> Decision:
    """Take this sealed master key for the terminal's; the pin pad gets the same one by another way.

    The working keys go with the old master key, under which they were sent: the terminal signs in again, and nothing that was
    sealed for the old key is worth anything. Only terminals whose keys are made here: another maker's gets its key by its tool.
    """
    terminal = state.get(Terminal, merchant_no, terminal_no)
    if terminal is None:
        return Decision(reason="unknown_terminal")
    if not may_manage(by, RENEW_MASTER_KEY):
        return Decision(reason=NOT_PERMITTED)
    if terminal.operator_check != "host":
        return Decision(reason="not_our_terminal")
    renewed = replace(
        terminal,
        master_key=master_key,
        pin_key="",
        mac_key="",
        track_key="",
        waiting=None,
        next_record_no=0,
        # Who loads a key had the machine in hand: an opened one was looked at, and works again.
        state="active" if terminal.state == "tampered" else terminal.state,
    )
    return Decision(changes=(Update(renewed), *noted(state, merchant_no, by, RENEW_MASTER_KEY, terminal_no, "", now)))
