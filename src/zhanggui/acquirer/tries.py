"""Wrong tries: two counters, so that one locked operator never blocks a colleague, and no guesser is let on by changing numbers.

A *person's* failures in a row bring waits, then a lock, then the end of the account until a supervisor resets it. A *device*
counts failures within a window, whoever they are for; many of them, or many different numbers, lock the device for a while.
Figures are policy; sources stand there. An unknown number counts on the device alone, since there is no person; there it waits
as a person would, so that a wait tells nobody which numbers exist.
"""

import msgspec

from ..basics.numbers import MerchantNo, OperatorNo, UnixMs
from ..cup.messages.operator import write_clock
from ..cup.operator_tags import Tag
from .draft import Draft
from .gate import Refusal
from .policy.rules import Policy
from .records import Operator, Terminal

FAILURES_KEPT = 64
"""Recent failures kept with a terminal: more than any bound of a policy asks for."""
MINUTE_MS = 60_000
NOBODY = Operator(
    merchant_no=MerchantNo(""),
    operator_no=OperatorNo(""),
    name="",
    role="cashier",
    salt=b"",
    verifier=b"",
    password_set_ms=UnixMs(0),
)
"""Stands where an unknown number has no row."""


def held_back(
    policy: Policy, terminal: Terminal, operator: Operator | None, number: str, now: UnixMs
) -> Refusal | None:
    """Why no password is looked at now, right or wrong: the device or the person is locked (P3, P2), or must wait (P1)."""
    if terminal.locked_until_ms is not None and now < terminal.locked_until_ms:
        return Refusal("P3", "terminal_locked")
    if operator is not None and operator.locked_until_ms is not None and now < operator.locked_until_ms:
        return Refusal("P2", "operator_locked")
    if now < _next_try_ms(policy, terminal, operator, number, now):
        return Refusal("P1", "too_soon")
    return None


def refuse_try(
    draft: Draft,
    policy: Policy,
    terminal: Terminal,
    operator: Operator | None,
    number: str,
    refusal: Refusal,
    now: UnixMs,
) -> dict[Tag, str]:
    """Count a wrong try where it is one; the answer says what the person must know: tries left, wait, end of the lock."""
    if refusal.reason == "terminal_locked" and terminal.locked_until_ms is not None:
        return {Tag.LOCKED_UNTIL: write_clock(terminal.locked_until_ms)}
    if refusal.reason == "operator_locked" and operator is not None and operator.locked_until_ms is not None:
        return {Tag.LOCKED_UNTIL: write_clock(operator.locked_until_ms)}
    if refusal.response_code != "P1":
        return {}
    if refusal.reason == "too_soon":
        wait_s = -(-(_next_try_ms(policy, terminal, operator, number, now) - now) // 1000)
    else:
        wait_s = count_failure(draft, policy, terminal, operator, number, now)
        terminal = draft.get(Terminal, terminal.merchant_no, terminal.terminal_no) or terminal
    return {Tag.TRIES_LEFT: str(tries_left(policy, terminal)), Tag.WAIT_S: str(wait_s) if wait_s else ""}


def tries_left(policy: Policy, terminal: Terminal) -> int:
    """How many tries are left before this attempt ends; the same count for unknown numbers and wrong passwords."""
    return (policy.tries_together - terminal.failed_count % policy.tries_together) % policy.tries_together


def count_failure(
    draft: Draft, policy: Policy, terminal: Terminal, operator: Operator | None, number: str, now: UnixMs
) -> int:
    """Count one wrong try for the device and for the person, if there is one; the answer is the wait in seconds before the next."""
    failures = operator.failed_count + 1 if operator is not None else _failures_here(policy, terminal, number, now) + 1
    _count_on_device(draft, policy, terminal, number, now)
    wait_s = max(_wait_s(policy, terminal.failed_count + 1), _wait_s(policy, failures))
    # Nobody is counted like somebody and then dropped, so that an unknown number takes as long as a wrong password.
    person = operator if operator is not None else NOBODY
    locked_until = person.locked_until_ms
    if failures % policy.person_lock_failures == 0:
        locked_until = UnixMs(now + policy.person_lock_minutes * MINUTE_MS)
    counted = msgspec.structs.replace(
        person,
        failed_count=failures,
        next_try_ms=UnixMs(now + wait_s * 1000) if wait_s else None,
        locked_until_ms=locked_until,
        state="disabled" if failures >= policy.person_cap_failures else person.state,
    )
    if operator is not None:
        draft.update(counted)
    return wait_s


def forget_failures(draft: Draft, terminal: Terminal, operator: Operator, now: UnixMs) -> None:
    """A good sign-in: nothing in a row any more. The device's window stays: it is about time, not about luck."""
    if terminal.failed_count:
        draft.update(msgspec.structs.replace(terminal, failed_count=0))
    draft.update(
        msgspec.structs.replace(operator, failed_count=0, locked_until_ms=None, next_try_ms=None, last_sign_in_ms=now)
    )


def recent_failures(terminal: Terminal, since: int) -> list[tuple[int, str]]:
    """The device's wrong tries since an instant: when, and for which number."""
    kept = (entry.partition(":") for entry in terminal.failures.split(",") if entry)
    return [(int(when), number) for when, _, number in kept if int(when) >= since]


def _next_try_ms(policy: Policy, terminal: Terminal, operator: Operator | None, number: str, now: UnixMs) -> int:
    """From when on the next try for this number is taken. For an unknown number: as its failures on this device would have it."""
    if operator is not None:
        return operator.next_try_ms or 0
    window = _window(policy, terminal, now)
    places = [place for place, (_, who) in enumerate(window) if who == number]
    if not places:
        return 0
    on_device_then = terminal.failed_count - (len(window) - 1 - places[-1])
    wait_s = _wait_s(policy, max(on_device_then, len(places)))
    return window[places[-1]][0] + wait_s * 1000 if wait_s else 0


def _count_on_device(draft: Draft, policy: Policy, terminal: Terminal, number: str, now: UnixMs) -> None:
    window = _window(policy, terminal, now)
    window.append((now, number if number.isalnum() else ""))
    window = window[-FAILURES_KEPT:]
    many = len(window) >= policy.device_lock_failures
    sprayed = len({who for _, who in window}) >= policy.device_lock_numbers
    locked_until = terminal.locked_until_ms
    if many or sprayed:
        locked_until = UnixMs(now + policy.device_lock_minutes * MINUTE_MS)
        window = []
    draft.update(
        msgspec.structs.replace(
            terminal,
            failed_count=terminal.failed_count + 1,
            failures=",".join(f"{when}:{who}" for when, who in window),
            locked_until_ms=locked_until,
        )
    )


def _failures_here(policy: Policy, terminal: Terminal, number: str, now: UnixMs) -> int:
    return sum(who == number for _, who in _window(policy, terminal, now))


def _window(policy: Policy, terminal: Terminal, now: UnixMs) -> list[tuple[int, str]]:
    return recent_failures(terminal, now - policy.device_lock_window_minutes * MINUTE_MS)


def _wait_s(policy: Policy, failures: int) -> int:
    """Seconds to wait after so many failures in a row: none at first, then growing by a factor up to a bound."""
    steps = failures - policy.delay_from_failure
    if steps < 0:
        return 0
    wait_s = policy.delay_first_s
    for _ in range(steps):
        wait_s *= policy.delay_factor
        if wait_s >= policy.delay_max_s:
            return policy.delay_max_s
    return min(wait_s, policy.delay_max_s)
