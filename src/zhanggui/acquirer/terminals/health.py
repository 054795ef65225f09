"""What a terminal says of its parts while it works, and what the host keeps of it: the last word, and since when a part is not ok.

    heartbeat ─▶ the same as before: nothing is written
              ─▶ something changed: kept, with the instant from which each part is not ok
              ─▶ the case was opened: the terminal is `tampered`, its sessions end; only a new master key makes it active again

Sign-in records tell of parts too, but nobody signs in all day long, and nobody at all on an opened terminal.
"""

from msgspec.structs import replace

from ...basics.numbers import UnixMs
from ...cup.values.self_check import SelfCheck
from ..policy.rules import Policy
from ..rows.draft import Draft
from ..rows.records import Health, Terminal
from .gate import end_sessions_on

TAMPER, CLOCK = "tamper", "clock"


def is_opened(told: SelfCheck) -> bool:
    """Whether the terminal says that its case was opened."""
    return any(checked.item == TAMPER and checked.state != "ok" for checked in told.items)


def mark_tampered(draft: Draft, terminal: Terminal, now: UnixMs) -> None:
    """Nobody signs in or pays there any more; whoever was signed in is not."""
    draft.take(end_sessions_on(draft.state, terminal, now, "terminal_tampered"))
    draft.update(replace(terminal, state="tampered"))


def keep_health(
    draft: Draft, policy: Policy, terminal: Terminal, told: SelfCheck, drift_s: int | None, now: UnixMs
) -> None:
    """Keep the word, if it says something new. A clock that is off by more than policy warns of is not ok, whatever it says."""
    known = draft.get(Health, terminal.merchant_no, terminal.terminal_no)
    sick = {checked.item for checked in told.items if checked.state != "ok"}
    if drift_s is not None and abs(drift_s) > policy.drift_warn_s:
        sick.add(CLOCK)
    before = not_ok_since(known) if known is not None else {}
    if known is not None and known.told == told.told and sick == set(before):
        return
    since = {item: before.get(item, now) for item in sorted(sick)}
    kept = Health(
        merchant_no=terminal.merchant_no,
        terminal_no=terminal.terminal_no,
        told=told.told,
        told_ms=now,
        not_ok=",".join(f"{item}:{instant}" for item, instant in since.items()),
    )
    if known is None:
        draft.insert(kept)
    else:
        draft.update(kept)


def not_ok_since(health: Health) -> dict[str, UnixMs]:
    """Since when which part is not ok.

    >>> from zhanggui.basics.numbers import MerchantNo, TerminalNo
    >>> kept = Health(merchant_no=MerchantNo("1"), terminal_no=TerminalNo("2"), told="", told_ms=UnixMs(9), not_ok="scanner:5")
    >>> not_ok_since(kept)
    {'scanner': 5}
    """
    entries = (entry.partition(":") for entry in health.not_ok.split(",") if entry)
    return {item: UnixMs(int(instant)) for item, _, instant in entries}
