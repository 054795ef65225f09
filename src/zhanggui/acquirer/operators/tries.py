"""Wrong tries: two counters, so that one locked operator never blocks a colleague, and no guesser is let on by changing numbers.

A *person's* failures in a row bring waits, then a lock, then the end of the account until a supervisor resets it. A *device*
counts failures within a window, whoever they are for; many of them, or many different numbers, lock the device for a while;
who signs in well takes his own out of the window. Figures are policy; sources stand there.
A user name is another way to say a number: its tries are its operator's.

A number that belongs to nobody has counters as a person has (`Stranger`), and the same rules act on both: neither waits nor
locks tell which numbers exist. A number has two digits, so a shop has at most a hundred of them; user names of nobody are as
many as the device's lock lets anybody try.
"""

import msgspec
from msgspec.structs import replace

from ...basics.numbers import MerchantNo, OperatorNo, UnixMs
from ...basics.spans import MINUTE_MS
from ...cup.messages.operator_outcomes import RefusedOperator
from ..policy.rules import Policy, policy_of
from ..rows.decision import Decision
from ..rows.draft import Draft
from ..rows.reasons import Reason
from ..rows.records import Merchant, Operator, Stranger, Terminal
from ..rows.state import Insert, Needs, State, Update
from ..terminals.gate import Refusal

FAILURES_KEPT = 64
"""Recent failures kept with a terminal: more than any bound of a policy asks for."""

SEPARATORS = frozenset(",:")
"""What stands between the recent failures and within one."""

Person = Operator | Stranger
"""Whose tries are counted: an operator, or a number of nobody."""


def person_of(draft: Draft, merchant_no: MerchantNo, number: str) -> Person:
    """Who is meant by a number that was typed."""
    known = draft.get(Operator, merchant_no, number)
    if known is not None:
        return known
    stranger = draft.get(Stranger, merchant_no, number)
    return stranger if stranger is not None else Stranger(merchant_no=merchant_no, operator_no=number)


def held_back(terminal: Terminal, person: Person, now: UnixMs, *, despite_device_lock: bool = False) -> Refusal | None:
    """Why no password is looked at now, right or wrong: the device or the person is locked (P3, P2), or must wait (P1).

    `despite_device_lock`: whoever comes to unlock the device is held back by his own tries alone.
    """
    if terminal.locked_until_ms is not None and now < terminal.locked_until_ms and not despite_device_lock:
        return Refusal("P3", "terminal_locked")
    if person.locked_until_ms is not None and now < person.locked_until_ms:
        return Refusal("P2", "operator_locked")
    if now < (person.next_try_ms or 0):
        return Refusal("P1", "too_soon")
    return None


def refuse_try(
    draft: Draft, policy: Policy, terminal: Terminal, person: Person, refusal: Refusal, now: UnixMs
) -> RefusedOperator:
    """Count a wrong try where it is one; the answer says what the person must know: tries left, wait, end of the lock."""
    if refusal.reason == "terminal_locked":
        return RefusedOperator(locked_until=terminal.locked_until_ms)
    if refusal.reason == "operator_locked":
        return RefusedOperator(locked_until=person.locked_until_ms)
    if refusal.response_code != "P1":
        return RefusedOperator()
    if refusal.reason == "too_soon":
        wait_s = seconds_to_wait(person, now)
    else:
        wait_s = count_failure(draft, policy, terminal, person, now)
        terminal = draft.get(Terminal, terminal.merchant_no, terminal.terminal_no) or terminal
        person = draft.get(type(person), person.merchant_no, person.operator_no) or person
    return RefusedOperator(tries_left=tries_left(policy, terminal, person), wait_s=wait_s)


def seconds_to_wait(person: Person, now: UnixMs) -> int:
    """Until the next try is taken."""
    return max(0, -(-((person.next_try_ms or 0) - now) // 1000))


def tries_left(policy: Policy, terminal: Terminal, person: Person) -> int:
    """How many tries are left before each one has to be waited for: what the screen says, and nothing once it is 0.

    Device and person count on their own, and a good sign-in of somebody else sets the device's count back. The smaller number is told, so
    it never goes up while somebody fails. It is the same for unknown numbers and wrong passwords.
    """
    return max(0, policy.tries_together - max(terminal.failed_count, person.failed_count))


def ends_attempt(policy: Policy, terminal: Terminal) -> bool:
    """Whether the last wrong try was the last one of this attempt (three wrong end it, domain reference §7.1)."""
    return terminal.failed_count % policy.tries_together == 0


def count_failure(draft: Draft, policy: Policy, terminal: Terminal, person: Person, now: UnixMs) -> int:
    """Count one wrong try for the device and for the person; the answer is the wait in seconds before the next.

    Who is disabled already is not counted on: a supervisor's word must not turn into a cap, which a reset takes away.
    """
    _count_on_device(draft, policy, terminal, person.operator_no, now)
    wait_s = max(_wait_s(policy, terminal.failed_count + 1), _wait_s(policy, person.failed_count + 1))
    _count_on_person(draft, policy, person, wait_s, now)
    return wait_s


def count_without_device(draft: Draft, policy: Policy, person: Person, now: UnixMs) -> int:
    """Count one wrong try where there is no device; the answer is the wait in seconds before the next."""
    wait_s = _wait_s(policy, person.failed_count + 1)
    _count_on_person(draft, policy, person, wait_s, now)
    return wait_s


def _count_on_person(draft: Draft, policy: Policy, person: Person, wait_s: int, now: UnixMs) -> None:
    failures = person.failed_count + 1
    locked_until = person.locked_until_ms
    if failures % policy.person_lock_failures == 0:
        locked_until = UnixMs(now + policy.person_lock_minutes * MINUTE_MS)
    counted = msgspec.structs.replace(
        person,
        failed_count=failures,
        next_try_ms=UnixMs(now + wait_s * 1000) if wait_s else None,
        locked_until_ms=locked_until,
    )
    if isinstance(counted, Stranger):
        is_new = draft.get(Stranger, counted.merchant_no, counted.operator_no) is None
        draft.take((Insert(counted) if is_new else Update(counted),))
    elif counted.state == "active":
        over = failures >= policy.person_cap_failures
        draft.update(msgspec.structs.replace(counted, state="disabled" if over else "active"))


def is_over_cap(policy: Policy, operator: Operator) -> bool:
    """Whether wrong tries have ended the account: only a reset opens it."""
    return operator.failed_count >= policy.person_cap_failures


def why_disabled(policy: Policy, operator: Operator) -> Reason:
    """What put a disabled operator out: wrong tries without end, or a supervisor's word. Other acts help against each."""
    return "tries_used_up" if is_over_cap(policy, operator) else "operator_disabled"


def forget_failures(draft: Draft, terminal: Terminal, operator: Operator, now: UnixMs) -> None:
    """A good sign-in: nothing in a row any more, and this person's slips leave the device's window; others' stay there."""
    others = ",".join(
        entry for entry in terminal.failures.split(",") if entry.partition(":")[2] != operator.operator_no
    )
    if terminal.failed_count or others != terminal.failures:
        draft.update(msgspec.structs.replace(terminal, failed_count=0, failures=others))
    draft.update(
        msgspec.structs.replace(operator, failed_count=0, locked_until_ms=None, next_try_ms=None, last_sign_in_ms=now)
    )


def recent_failures(terminal: Terminal, since: int) -> list[tuple[int, str]]:
    """The device's wrong tries since an instant: when, and for which number."""
    kept = (entry.partition(":") for entry in terminal.failures.split(",") if entry)
    return [(int(when), number) for when, _, number in kept if int(when) >= since]


def note_sign_in(draft: Draft, operator: Operator, now: UnixMs) -> None:
    """A sign-in without a password: it says that the account is in use, and nothing about who guesses at its password."""
    draft.update(msgspec.structs.replace(operator, last_sign_in_ms=now))


def _count_on_device(draft: Draft, policy: Policy, terminal: Terminal, number: str, now: UnixMs) -> None:
    window = _window(policy, terminal, now)
    window.append((now, "" if set(number) & SEPARATORS else number))
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


def _window(policy: Policy, terminal: Terminal, now: UnixMs) -> list[tuple[int, str]]:
    kept = recent_failures(terminal, now - policy.device_lock_window_minutes * MINUTE_MS)
    # One from ahead was written by a wrong clock. It counts as made now, or it would stay in the window until then.
    return [(min(when, now), who) for when, who in kept]


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


# ── an operator who acts at the console proves it by the own password; the device, which is none, counts nothing


def console_proof_needs(merchant_no: MerchantNo, operator_no: OperatorNo) -> Needs:
    """The rows that the proof needs."""
    return Needs({Merchant: [(merchant_no,)], Operator: [(merchant_no, operator_no)]})


def decide_console_proof(
    state: State, merchant_no: MerchantNo, operator_no: OperatorNo, is_right: bool, now: UnixMs
) -> Decision:
    """Whether it is this operator; a wrong try is counted, a right one forgets them. A first password proves nobody after its time."""
    operator, merchant = state.get(Operator, merchant_no, operator_no), state.get(Merchant, merchant_no)
    if operator is None or merchant is None or operator.state != "active":
        return Decision(reason="wrong_name_or_password")
    if operator.locked_until_ms is not None and now < operator.locked_until_ms:
        return Decision(reason="operator_locked")
    if now < (operator.next_try_ms or 0):
        return Decision(reason="too_soon")
    if not is_right or (operator.initial_until_ms is not None and now >= operator.initial_until_ms):
        draft = Draft(state)
        count_without_device(draft, policy_of(merchant.policy, merchant.policy_overrides), operator, now)
        return Decision(changes=tuple(draft.changes), reason="wrong_name_or_password")
    if not operator.failed_count:
        return Decision()
    return Decision(changes=(Update(replace(operator, failed_count=0, locked_until_ms=None, next_try_ms=None)),))
