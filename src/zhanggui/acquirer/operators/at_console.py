"""An operator who acts at the console proves it by the own password. Tries count as at a terminal, but for the device, which is none."""

from msgspec.structs import replace

from ...basics.numbers import MerchantNo, OperatorNo, UnixMs
from ..policy.rules import policy_of
from ..rows.decision import Decision
from ..rows.draft import Draft
from ..rows.records import Merchant, Operator
from ..rows.state import Needs, State, Update
from .tries import count_without_device


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
