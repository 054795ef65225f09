"""Who may make a payment of a kind: by the role, by a supervisor's approval, by what the shop was given, by how somebody signed in."""

import msgspec
import pytest
from tests.worlds.acquirer_kinds import two_kinds_more as two_kinds_more
from tests.worlds.acquirer_kinds import with_an_approved_sale
from tests.worlds.acquirer_world import BATCH, FOREIGN, MERCHANT, OURS, World, code_of, moved_by, signed_in

from zhanggui.acquirer.operators.supervision import GIVEN_BY
from zhanggui.acquirer.payments.kinds import KINDS
from zhanggui.acquirer.payments.permitted import decide_use_of_kind, why_not_permitted
from zhanggui.acquirer.policy import capabilities
from zhanggui.acquirer.policy.actors import Actor
from zhanggui.acquirer.policy.capabilities import CAPABILITIES, Capability
from zhanggui.acquirer.rows.draft import Draft
from zhanggui.acquirer.rows.records import Approval, AuditNote, Merchant, Operator
from zhanggui.basics.numbers import BatchNo, OperatorNo, TraceNo, UnixMs
from zhanggui.basics.roles import Role
from zhanggui.cup.messages.payment import Original, PaymentRequest


def test_a_void_needs_an_approval_of_its_amount_and_gives_the_money_back() -> None:
    world = with_an_approved_sale()
    original = Original(batch_no=BATCH, trace_no=TraceNo("000007"))
    alone = world.ask("000008", "void", original=original)
    assert (code_of(alone), alone.reason, world.undone_by()) == ("P8", "approval_missing", "")
    number = approval(world, action="void")
    assert world.ask("000009", "void", original=original, approval_no=number).effects
    assert code_of(world.bank("00", "000009")) == "00"
    assert (world.owed(), world.undone_by()) == (0, "000009")
    assert code_of(world.undo("000009", "void")) == "00"
    assert (world.owed(), world.undone_by()) == (12850, "")


def judged(
    world: World, action: str, monkeypatch: pytest.MonkeyPatch, *cells: Role, approval: tuple[Role, ...] = ()
) -> None:
    """The table of rights says this about the one action that all kinds here ask for."""
    row = Capability(zh="试", en="a trial", allow=cells, approval=approval, approvable=True)
    monkeypatch.setattr(capabilities, "CAPABILITIES", {**CAPABILITIES, action: row})


@pytest.mark.parametrize("kind", ["undoing", "looking"])
def test_each_kind_is_refused_to_whoever_has_no_right_for_it(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = with_an_approved_sale()
    judged(world, "sale", monkeypatch, "supervisor")
    refused = world.ask("000008", kind)
    assert (code_of(refused), refused.reason, moved_by(refused)) == ("57", "no_right:sale", ())


def test_a_shop_is_refused_the_kinds_that_it_may_not_use_and_may_still_reverse() -> None:
    world = with_an_approved_sale()
    merchant = world.state.get(Merchant, MERCHANT)
    assert merchant is not None
    world.change(merchant, kinds_refused="looking sale")
    for trace, kind in (("000008", "looking"), ("000009", "sale")):
        refused = world.ask(trace, kind)
        assert (code_of(refused), refused.reason, moved_by(refused)) == ("58", f"kind_refused:{kind}", ())
    assert world.ask("000010").effects
    assert code_of(world.undo("000007", "sale")) in ("00", "22")


def approval(
    world: World, amount_fen: int = 12850, action: str = "sale", *, original: str = "000001000007", session_no: int = 1
) -> int:
    world.put(
        Approval(
            merchant_no=MERCHANT,
            approval_no=5,
            supervisor_no=OperatorNo("00"),
            terminal_no=OURS,
            action=action,
            amount_fen=amount_fen,
            session_no=session_no,
            original=original,
            given_ms=world.now,
            expires_ms=UnixMs(world.now + 60_000),
        )
    )
    return 5


def test_an_approval_permits_one_payment_of_its_amount_and_no_second(monkeypatch: pytest.MonkeyPatch) -> None:
    world = with_an_approved_sale()
    judged(world, "sale", monkeypatch, approval=("cashier",))
    alone = world.ask("000008")
    assert (code_of(alone), alone.reason) == ("P8", "approval_missing")
    number = approval(world)
    assert world.ask("000009", approval_no=number).effects
    world.undo("000009")
    again = world.ask("000010", approval_no=number)
    assert (code_of(again), again.reason) == ("P8", "approval_used")


@pytest.mark.parametrize(
    "meant",
    [
        {"amount_fen": 1},
        {"action": "release"},
        {"original": "000001000006"},
        {"original": None},
        {"session_no": 2},
        {"session_no": None},
    ],
)
def test_an_approval_of_something_else_permits_nothing(
    meant: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = with_an_approved_sale()
    judged(world, "sale", monkeypatch, approval=("cashier",))
    refused = world.ask("000009", approval_no=approval(world, **meant))  # type: ignore[arg-type]  # values of many types
    assert (code_of(refused), refused.reason, moved_by(refused)) == ("P8", "approval_for_something_else", ())


@pytest.mark.parametrize(("known", "code"), [(True, "57"), (False, None)])
def test_the_supervisor_sells_on_a_foreign_terminal_only_where_the_shop_knows_no_such_number(
    known: bool, code: str | None
) -> None:
    world = signed_in()
    world.sign_on(FOREIGN, OperatorNo("00"))
    if not known:
        world.forget(Operator)
    asked = world.sale("000002", number=FOREIGN, operator_no=OperatorNo("00"), mac="next")
    if code is None:
        assert asked.effects
    else:
        assert (code_of(asked), asked.reason, asked.effects) == (code, "no_right:sale", ())
        unnamed = world.sale("000003", number=FOREIGN, operator_no=None)
        assert (code_of(unnamed), unnamed.reason) == (code, "no_right:sale"), "whoever signed in is meant"


@pytest.mark.parametrize(("cells", "approval"), [((), ("cashier",)), (("supervisor", "administrator"), ())])
@pytest.mark.parametrize("number", ["00", "99"])
def test_a_number_that_the_shop_does_not_know_may_only_what_a_cashier_may_alone(
    number: str, cells: tuple[Role, ...], approval: tuple[Role, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = signed_in()
    world.sign_on(FOREIGN, OperatorNo(number))
    world.forget(Operator)
    judged(world, "sale", monkeypatch, *cells, approval=approval)
    refused = world.sale("000002", number=FOREIGN, operator_no=OperatorNo(number), mac="next")
    assert (code_of(refused), refused.reason, refused.effects) == ("57", "no_right:sale", ())


@pytest.mark.parametrize(
    ("wrong", "code"), [({"amount_fen": 0}, "13"), ({"of": "000099"}, "25"), ({"amount_fen": 12849}, "64")]
)
def test_a_payment_that_is_refused_for_another_reason_uses_no_approval_up(
    wrong: dict[str, object], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = with_an_approved_sale()
    judged(world, "sale", monkeypatch, approval=("cashier",))
    number = approval(world, int(str(wrong.get("amount_fen", 12850))))
    refused = world.ask("000008", approval_no=number, **wrong)  # type: ignore[arg-type]  # values of many types
    assert (code_of(refused), moved_by(refused)) == (code, ())
    (kept,) = world.rows(Approval)
    assert kept.used_ms is None
    number = approval(world)
    assert world.ask("000009", approval_no=number).effects, "the approval stands for the payment as it was meant"


def test_a_kind_that_the_shop_may_not_use_is_told_before_the_operators_right(monkeypatch: pytest.MonkeyPatch) -> None:
    world = with_an_approved_sale()
    judged(world, "sale", monkeypatch, "supervisor")
    merchant = world.state.get(Merchant, MERCHANT)
    assert merchant is not None
    world.change(merchant, kinds_refused="undoing")
    assert code_of(world.ask("000008")) == "58"


def test_what_can_be_approved_stands_in_the_table_of_rights() -> None:
    assert {
        "take_over",
        "release",
        "key_card",
        "void",
        "refund",
        "preauth_cancel",
        "completion_void",
        "settle",
        "settings",
    } == set(GIVEN_BY)
    assert {action for action, by in GIVEN_BY.items() if by != ("supervisor",)} == {"settings"}
    assert all(CAPABILITIES[action].approvable for action in GIVEN_BY)
    assert all(row.approvable for row in CAPABILITIES.values() if row.approval)


def test_a_shop_is_given_and_refused_kinds_by_an_act_with_a_note() -> None:
    world = World()
    console = Actor("console")
    told = world.took(decide_use_of_kind(world.state, MERCHANT, "sale", False, console, world.now))
    merchant = world.state.get(Merchant, MERCHANT)
    assert merchant is not None
    assert merchant.kinds_refused == "sale"
    (note,) = [change.record for change in told.changes if isinstance(change.record, AuditNote)]
    assert (note.action, note.subject, note.detail) == ("set_policy", "kind:sale", "not_used")
    assert decide_use_of_kind(world.state, MERCHANT, "sale", False, console, world.now).reason == "is_so_already"
    assert decide_use_of_kind(world.state, MERCHANT, "no kind", False, console, world.now).reason == "unknown_kind"
    cashier = Actor("console:01", "cashier")
    assert decide_use_of_kind(world.state, MERCHANT, "sale", True, cashier, world.now).reason == "not_permitted"
    world.took(decide_use_of_kind(world.state, MERCHANT, "sale", True, console, world.now))
    assert world.state.get(Merchant, MERCHANT) == msgspec.structs.replace(merchant, kinds_refused=None)


@pytest.mark.parametrize("name", KINDS)
def test_a_session_that_a_badge_alone_began_makes_no_payment_beyond_small_rights(name: str) -> None:
    world, kind = signed_in(), KINDS[name]
    (session,) = world.live()
    request = PaymentRequest(
        kind=name,
        merchant_no=MERCHANT,
        terminal_no=OURS,
        batch_no=BatchNo(BATCH),
        trace_no=TraceNo("000009"),
        amount_fen=100,
        entry_mode="052",
        operator_no=OperatorNo("01"),
        pan=None,
    )

    def refusal() -> str:
        found = why_not_permitted(Draft(world.state), kind, world.terminal(), world.live(), request, None, world.now)
        return found.reason if found is not None else ""

    world.change(session, proof="badge")
    wanted = "" if CAPABILITIES[kind.action].by_badge else f"password_first:{kind.action}"
    assert refusal() == wanted
    world.change(session, proof=None)
    assert refusal() in ("", "approval_missing")


def test_small_rights_are_those_that_take_nothing_back_and_close_nothing() -> None:
    small = {name for name, row in CAPABILITIES.items() if row.by_badge}
    assert small == {"sale", "balance", "preauth", "completion", "reprint", "lock"}
    assert not any(CAPABILITIES[name].approvable for name in small)
