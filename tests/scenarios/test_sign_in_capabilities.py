"""Every cell of the capability table over TCP: each role tries each action that a terminal can ask the host for.

`allow`: it is done. `approval`: refused alone, done with a supervisor's approval. Not named: refused, and nothing is changed.
"""

from collections.abc import Callable, Mapping

import pytest
from tests.worlds.floor import PASSWORDS, Shop
from tests.worlds.our_terminal import AMOUNT_FEN, BATCH, Answer

from zhanggui.acquirer.people.rights import AREAS
from zhanggui.acquirer.policy.capabilities import CAPABILITIES, right_of
from zhanggui.basics.numbers import TraceNo
from zhanggui.basics.roles import Role
from zhanggui.cup.messages.payment import Original
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.transactions import text_of

NUMBER_OF: Mapping[Role, str] = {"cashier": "01", "supervisor": "00", "administrator": "99"}


def sign_in(shop: Shop, number: str) -> Answer:
    return shop.terminals[0].sign_in(number, PASSWORDS[number])


def sale(shop: Shop, number: str) -> Answer:
    """Who can't sign in has no session to sell in."""
    shop.terminals[0].sign_in(number, PASSWORDS[number])
    return shop.terminals[0].sell(number)


def balance(shop: Shop, number: str) -> Answer:
    """The same without a session."""
    at = shop.terminals[0]
    at.sign_in(number, PASSWORDS[number])
    return at.pay("balance", number, amount_fen=0)


def void(shop: Shop, number: str, *, with_approval: bool = False) -> Answer:
    """Of a sale that was just made."""
    at = shop.terminals[0]
    at.sign_in(number, PASSWORDS[number])
    sold = at.sell(number)
    original = Original(batch_no=BATCH, trace_no=TraceNo(f"{at.trace:06d}"), rrn=text_of(sold.message, 37) or "0" * 12)
    meant = {Tag.AMOUNT: f"{AMOUNT_FEN}", Tag.ORIGINAL: original.batch_no + original.trace_no}
    approved = at.approve("00", PASSWORDS["00"], "void", meant) if with_approval else None
    approval_no = int(approved[Tag.APPROVAL_NO]) if approved is not None else None
    return at.pay("void", number, original=original, approval_no=approval_no)


def refund(shop: Shop, number: str, *, with_approval: bool = False) -> Answer:
    """The same, of a part."""
    return later(shop, number, "sale", "refund", 1_00, with_approval=with_approval)


def later(shop: Shop, number: str, first: str, kind: str, amount_fen: int, *, with_approval: bool = False) -> Answer:
    """A payment about one that was just made, by its reference number and its day."""
    at = shop.terminals[0]
    at.sign_in(number, PASSWORDS[number])
    made = at.pay(first, number).message
    original = Original(
        batch_no=BATCH,
        trace_no=TraceNo(f"{at.trace:06d}"),
        date=text_of(made, 13),
        rrn=text_of(made, 37) if 37 in made.fields else "",
        auth_code=text_of(made, 38) if 38 in made.fields else "000000",
    )
    meant = {Tag.AMOUNT: f"{amount_fen}", Tag.ORIGINAL: original.named}
    approved = at.approve("00", PASSWORDS["00"], kind, meant) if with_approval else None
    approval_no = int(approved[Tag.APPROVAL_NO]) if approved is not None else None
    return at.pay(kind, number, amount_fen=amount_fen, original=original, approval_no=approval_no)


def preauth(shop: Shop, number: str) -> Answer:
    at = shop.terminals[0]
    at.sign_in(number, PASSWORDS[number])
    return at.pay("preauth", number)


def preauth_cancel(shop: Shop, number: str, *, with_approval: bool = False) -> Answer:
    return later(shop, number, "preauth", "preauth_cancel", AMOUNT_FEN, with_approval=with_approval)


def completion(shop: Shop, number: str) -> Answer:
    return later(shop, number, "preauth", "completion", AMOUNT_FEN)


def completion_void(shop: Shop, number: str, *, with_approval: bool = False) -> Answer:
    """Of a completion of what was just held."""
    at = shop.terminals[0]
    done = later(shop, number, "preauth", "completion", AMOUNT_FEN)
    original = Original(
        batch_no=BATCH,
        trace_no=TraceNo(f"{at.trace:06d}"),
        date=text_of(done.message, 13),
        rrn=text_of(done.message, 37) if 37 in done.message.fields else "0" * 12,
    )
    tags = {Tag.AMOUNT: f"{AMOUNT_FEN}", Tag.ORIGINAL: original.named}
    approved = at.approve("00", PASSWORDS["00"], "completion_void", tags) if with_approval else None
    approval_no = int(approved[Tag.APPROVAL_NO]) if approved is not None else None
    return at.pay("completion_void", number, amount_fen=AMOUNT_FEN, original=original, approval_no=approval_no)


def lock(shop: Shop, number: str) -> Answer:
    shop.terminals[0].sign_in(number, PASSWORDS[number])
    return shop.terminals[0].lock(number)


def unlock(shop: Shop, number: str) -> Answer:
    """One's own terminal: it was locked in one's own session, which others do not have."""
    at = shop.terminals[0]
    at.sign_in(number, PASSWORDS[number])
    at.lock(number)
    return at.unlock(number, PASSWORDS[number])


def release(shop: Shop, number: str) -> Answer:
    """Somebody else's."""
    at = shop.terminals[0]
    at.sign_in("02", PASSWORDS["02"])
    at.lock("02")
    return at.unlock(number, PASSWORDS[number])


def change_own_password(shop: Shop, number: str) -> Answer:
    return shop.terminals[0].change_password(number, PASSWORDS[number], "946108")


def approve(shop: Shop, number: str) -> Answer:
    return shop.terminals[0].approve(number, PASSWORDS[number], "take_over")


def take_over(shop: Shop, number: str, *, with_approval: bool = False) -> Answer:
    at = shop.terminals[1]
    shop.terminals[0].sign_in(number, PASSWORDS[number])
    verified = at.verify(number, PASSWORDS[number])
    record_no = verified[Tag.RECORD_NO]
    said = {}
    if with_approval:
        said = {
            Tag.TAKE_OVER: at.approve("00", PASSWORDS["00"], "take_over", {Tag.RECORD_NO: record_no})[Tag.APPROVAL_NO]
        }
    return verified if verified.code == "P7" else at.confirm(number, record_no, said)


def manage(action: str, about: str = "02") -> Callable[[Shop, str], Answer]:
    """An act of management, made possible beforehand."""

    def act(shop: Shop, number: str) -> Answer:
        at, now = shop.terminals[0], shop.clock.now()
        match action:
            case "unlock_operator":
                shop.change_operator(about, failed_count=10, locked_until_ms=now + 60_000)
            case "enable_operator":
                shop.change_operator(about, state="disabled")
            case "unlock_terminal":
                for guessed in range(31, 60):
                    at.verify(str(guessed), "0001")
        first = "83051749" if action == "reset_password" else ""
        return at.manage(number, PASSWORDS[number], action, about if action != "unlock_terminal" else "", first)

    return act


ON_THE_WIRE: Mapping[str, Callable[..., Answer]] = {
    "sign_in": sign_in,
    "sale": sale,
    "balance": balance,
    "void": void,
    "refund": refund,
    "preauth": preauth,
    "completion_void": completion_void,
    "completion": completion,
    "preauth_cancel": preauth_cancel,
    "lock": lock,
    "unlock": unlock,
    "release": release,
    "change_own_password": change_own_password,
    "approve": approve,
    "take_over": take_over,
    **{
        action: manage(action) for action in ("unlock_operator", "enable_operator", "reset_password", "unlock_terminal")
    },
    "manage_supervisor": manage("reset_password", "00"),
    "manage_administrator": manage("reset_password", "99"),
}
NOT_ON_THE_WIRE = {
    "key_card": "a payment whose card's number was typed; tests/scenarios/test_keyed_payments.py walks it with and without approval",
    "settle": "no message of the catalogue asks for it yet; a supervisor can approve it",
    "settings": "the terminal's own; a supervisor can approve it",
    "reprint": "the terminal prints again from its own journal; the host is not asked",
}
AT_THE_CONSOLE = frozenset(
    {"list_operators", "add_operator", "rename_operator", "disable_operator", "enrol_code", "sign_out_operator"}
    | {
        "issue_badge",
        "revoke_badge",
        "set_shift_code",
        "set_policy",
        "renew_master_key",
        "erase_person",
        "prune_records",
        "erase_document",
        "open_document",
        "export_list",
        "settle_finding",
        "tick_slips",
        "order_sign_out",
        "order_lock",
        "order_announce",
        "counter_code",
        "webhooks",
        *AREAS["people"].acts,
        *AREAS["tokens"].acts,
    }
)
"""The office asks for these by commands and pages; no terminal message does. Their cells are tested there."""

CELLS = [(role, action) for action in ON_THE_WIRE for role in NUMBER_OF]


@pytest.mark.parametrize(("role", "action"), CELLS, ids=lambda word: word)
def test_a_role_may_do_what_the_table_says_and_nothing_else(shop: Shop, role: Role, action: str) -> None:
    act, number = ON_THE_WIRE[action], NUMBER_OF[role]
    match right_of(role, action):
        case "allow":
            assert act(shop, number).code == "00"
        case "approval":
            alone = act(shop, number)
            if alone.message.mti == "0830":
                assert alone.code == "P6", "refused alone"
                assert alone[Tag.TAKE_OVER] == "supervisor", "and told who can allow it"
            else:
                assert alone.code == "P8", "refused alone: an approval is missing"
            assert act(shop, number, with_approval=True).code == "00"
        case "deny":
            before = (shop.live, shop.operator(number).verifier)
            assert act(shop, number).code in {"P7", "PA", "77"}
            # What the set-up of the action made is a session of another operator at most.
            assert [s for s in shop.live if s.operator_no == number] == []
            assert shop.operator(number).verifier == before[1]


def test_every_action_of_the_table_has_its_test_or_its_reason() -> None:
    assert CAPABILITIES.keys() == ON_THE_WIRE.keys() | NOT_ON_THE_WIRE.keys() | AT_THE_CONSOLE


def test_the_table_has_every_kind_of_cell() -> None:
    """Or the test above would prove less than it says."""
    assert {right_of(role, action) for role, action in CELLS} == {"allow", "approval", "deny"}
