"""The stateful test of sign-ins finds what is broken on purpose, or nobody could rely on its finding nothing."""

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.properties.test_sign_in_machine import SignInMachine

from zhanggui.acquirer.operators import confirm as operator_confirm
from zhanggui.acquirer.operators import sign_in as operator_sign_in
from zhanggui.acquirer.operators.entry import Entered
from zhanggui.acquirer.payments import payment as payment_rules
from zhanggui.host.phones import PhoneWork
from zhanggui.host.wire import operator_work
from zhanggui.host.wire.operator_messages import OPERATOR_MESSAGES
from zhanggui.host.wire.operator_work import OperatorWork

NOTHING_KEPT = {name: msgspec.structs.replace(row, is_kept=False) for name, row in OPERATOR_MESSAGES.items()}
PLANTED: dict[str, tuple[object, str, object]] = {
    "sessions elsewhere are not looked for": (Entered, "sessions_elsewhere", lambda entered, number: ()),
    "a locked session sells": (payment_rules, "_check_session", lambda session, request: None),
    "a session has no end": (payment_rules, "is_too_long", lambda *about: False),
    "a take-over leaves the earlier session": (operator_confirm, "end_session", lambda *about: ()),
    "repeats are decided anew": (operator_work, "OPERATOR_MESSAGES", NOTHING_KEPT),
    "a phone's code is good for ever": (operator_sign_in, "spend", lambda *about: None),
    "any password will do on a phone": (PhoneWork, "_is_right", lambda *about: True),
    "any password will do": (OperatorWork, "_password_right", lambda *about: True),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_the_machine_finds_a_planted_fault(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    owner, name, planted = PLANTED[fault]
    monkeypatch.setattr(owner, name, planted)
    quick = settings(
        # It stops at the first that is found; keys and codes come by chance, and so does which example finds it.
        max_examples=500,
        derandomize=True,
        stateful_step_count=40,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(SignInMachine, settings=quick)
