"""A new password of one's own (405). The vault looks at both passwords; here is decided what its verdict means."""

from msgspec.structs import replace

from ...basics.errors import certain
from ...basics.numbers import UnixMs
from ...cup.messages.operator_asks import NewPasswordContents
from ...cup.messages.operator_outcomes import RefusedOperator
from ..policy.actors import Actor, noted
from ..policy.rules import Policy
from ..rows.decision import Decision
from ..rows.records import Operator
from ..rows.state import State
from .attempts import NEW_PASSWORD, waiting_record
from .entry import OperatorAsked, enter
from .persons import person_refused, refuse_person

CHANGED = "change_password"
"""Action of the note: all changes of credentials are kept (PCI DSS 4.0.1, 10.2.1.5)."""


def decide_change_password(state: State, asked: OperatorAsked[NewPasswordContents], now: UnixMs) -> Decision:
    """405: the old password is right and the new one keeps the rules."""
    entered = enter(state, asked, now)
    if isinstance(entered, Decision):
        return entered
    operator = entered.operator(asked.operator_no)
    refusal = person_refused(entered, asked, operator, now)
    if refusal is not None:
        return refuse_person(entered, asked, operator, refusal, NEW_PASSWORD, now)
    operator = certain(operator, "an operator who is nobody is refused")
    fault = asked.new_password.fault
    if fault:
        return entered.reply("P4", RefusedOperator(reason=fault), f"new_password:{fault}")
    entered.draft.update(
        with_new_password(operator, entered.policy, asked.new_password.salt, asked.new_password.verifier, now)
    )
    record = waiting_record(entered, asked.operator_no, asked.contents.record_no)
    if record is not None:
        # The sign-in that asked for it goes on; any other that was verified with the old password does not.
        entered.draft.update(replace(record, verified_ms=now))
    actor = Actor(operator.operator_no, operator.role)
    merchant_no = operator.merchant_no
    entered.draft.take(
        noted(state, merchant_no, actor, CHANGED, operator.operator_no, f"terminal={entered.terminal_no}", now)
    )
    return entered.reply("00", reason="password_changed")


def with_new_password(operator: Operator, policy: Policy, salt: bytes, verifier: bytes, now: UnixMs) -> Operator:
    """The operator's row with a password that the operator chose."""
    kept = [(operator.salt, operator.verifier), *earlier_passwords(operator)][: max(policy.password_history - 1, 0)]
    return replace(
        operator,
        salt=salt,
        verifier=verifier,
        factory_password=0,
        initial_until_ms=None,
        password_set_ms=now,
        earlier_passwords=",".join(f"{old_salt.hex()}:{old.hex()}" for old_salt, old in kept),
    )


def earlier_passwords(operator: Operator) -> list[tuple[bytes, bytes]]:
    """Salts and verifiers of earlier passwords, newest first; the present one is not among them."""
    pairs = (entry.partition(":") for entry in operator.earlier_passwords.split(",") if entry)
    return [(bytes.fromhex(salt), bytes.fromhex(verifier)) for salt, _, verifier in pairs]
