"""手输卡号 at the host: off until policy says so, with a supervisor's approval, in the kinds that take it, whole and with its expiry."""

import pytest
from tests.worlds.acquirer_world import MERCHANT, OURS, World, code_of, signed_in

from zhanggui.acquirer.payments.kinds import KINDS
from zhanggui.acquirer.payments.permitted import KEY_CARD, why_not_permitted
from zhanggui.acquirer.policy.rules import PROFILES, policy_of
from zhanggui.acquirer.rows.decision import Decision
from zhanggui.acquirer.rows.draft import Draft
from zhanggui.acquirer.rows.records import Approval, Merchant, Payment
from zhanggui.basics.numbers import BatchNo, OperatorNo, TraceNo, UnixMs
from zhanggui.cup.messages.payment import PaymentRequest


def shop(*, keyed: bool = True) -> World:
    world = signed_in()
    if keyed:
        world.change(world.rows(Merchant)[0], policy_overrides='{"keyed": true}')
    return world


def approve(world: World, *, action: str = KEY_CARD, amount_fen: int = 12850) -> int:
    approval = Approval(
        merchant_no=MERCHANT,
        approval_no=5,
        supervisor_no=OperatorNo("00"),
        terminal_no=OURS,
        action=action,
        amount_fen=amount_fen,
        session_no=1,
        original=None,
        given_ms=world.now,
        expires_ms=UnixMs(world.now + 60_000),
    )
    world.put(approval)
    return 5


def keyed_sale(world: World, trace: str = "000007", **more: object) -> Decision:
    asked = {"entry_mode": "011", "expiry_yymm": "4912", "pin_block": bytes(8)} | more
    return world.sale(trace, **asked)  # type: ignore[arg-type]


def refusal(decision: Decision) -> tuple[str, str]:
    assert decision.effects == ()
    return code_of(decision), decision.reason


def test_no_profile_takes_typed_numbers_by_itself() -> None:
    assert [policy_of(name).keyed for name in PROFILES] == [False] * 3
    world = shop(keyed=False)
    assert refusal(keyed_sale(world, approval_no=approve(world))) == ("58", "keyed_refused")
    (row,) = world.rows(Payment)
    assert (row.state, row.reason, row.entry_mode) == ("declined", "keyed_refused", "011")


def test_a_supervisor_approves_each_and_once() -> None:
    world = shop()
    assert refusal(keyed_sale(world)) == ("P8", "approval_missing")
    number = approve(world)
    assert keyed_sale(world, "000008", approval_no=number).effects
    assert refusal(keyed_sale(world, "000009", approval_no=number)) == ("P8", "approval_used")


@pytest.mark.parametrize("meant", [{"action": "void"}, {"amount_fen": 1}])
def test_an_approval_of_something_else_permits_no_typed_number(meant: dict[str, object]) -> None:
    world = shop()
    number = approve(world, **meant)  # type: ignore[arg-type]
    assert refusal(keyed_sale(world, approval_no=number)) == ("P8", "approval_for_something_else")


def test_a_card_that_was_read_needs_nobody() -> None:
    assert shop().sale(entry_mode="051", pin_block=bytes(8)).effects


def test_a_missing_expiry_is_refused_before_the_approval_is_used_up() -> None:
    world = shop()
    number = approve(world)
    assert refusal(keyed_sale(world, "000007", expiry_yymm="", approval_no=number)) == ("30", "keyed_without_expiry")
    assert keyed_sale(world, "000008", approval_no=number).effects


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.action == name])
def test_an_approval_of_the_kind_itself_covers_the_typing(kind: str) -> None:
    """Nobody is asked twice for one payment."""
    world = shop()
    request = PaymentRequest(
        kind=kind,
        merchant_no=MERCHANT,
        terminal_no=OURS,
        batch_no=BatchNo("000001"),
        trace_no=TraceNo("000009"),
        amount_fen=100,
        entry_mode="012",
        operator_no=OperatorNo("01"),
        pan=None,
        approval_no=approve(world, action=kind, amount_fen=100),
    )
    found = why_not_permitted(Draft(world.state), KINDS[kind], world.terminal(), world.live(), request, None, world.now)
    own = KINDS[kind].action in ("void", "refund", "preauth_cancel", "completion_void")
    assert (found is None) == own, found
    if found is not None:
        assert found.reason == "approval_for_something_else"


def test_a_session_by_badge_alone_types_no_number() -> None:
    world = shop()
    number = approve(world)
    world.change(world.live()[0], proof="badge")
    assert refusal(keyed_sale(world, approval_no=number)) == ("57", f"password_first:{KEY_CARD}")
