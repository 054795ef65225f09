"""A password can be guessed wherever it is typed: what is refused at unlocking, changing and approving is a record of its own."""

from collections.abc import Callable

import pytest
from tests.worlds.floor import PASSWORDS, Shop
from tests.worlds.our_terminal import Answer

from zhanggui.acquirer.proof.chain import SIGN_IN
from zhanggui.acquirer.rows.records import Link
from zhanggui.cup.operator_tags import Tag

WANG, BOSS = PASSWORDS["01"], PASSWORDS["00"]
WRONG = "0001"
Ask = Callable[[Shop, str, str], Answer]


def unlock(shop: Shop, number: str, password: str) -> Answer:
    return shop.terminals[0].unlock(number, password)


def change(shop: Shop, number: str, password: str) -> Answer:
    return shop.terminals[0].change_password(number, password, "946108")


def approve(shop: Shop, number: str, password: str) -> Answer:
    return shop.terminals[0].approve(number, password, "take_over")


def manage(shop: Shop, number: str, password: str) -> Answer:
    return shop.terminals[0].manage(number, password, "unlock_operator", "01")


@pytest.fixture
def locked(shop: Shop) -> Shop:
    shop.terminals[0].sign_in("01", WANG)
    shop.terminals[0].lock("01")
    return shop


@pytest.mark.parametrize(
    ("ask", "method"),
    [(unlock, "unlock"), (change, "new_password"), (approve, "approval"), (manage, "management")],
)
@pytest.mark.parametrize(
    ("number", "reason", "name"), [("01", "wrong_password", "王芳"), ("55", "unknown_operator", "")]
)
def test_a_wrong_password_is_kept_with_who_where_and_what_for(
    locked: Shop, ask: Ask, method: str, number: str, reason: str, name: str
) -> None:
    before = len(locked.records)
    answer = ask(locked, number, WRONG)
    assert answer.code == "P1"
    (record,) = locked.records[before:]
    assert (record.state, record.reason, record.method) == ("refused", reason, method)
    assert (record.operator_no, record.operator_name) == (number, name)
    assert record.terminal_no == locked.terminals[0].terminal_no
    assert answer[Tag.RECORD_NO] == str(record.record_no)
    links = [link for link in locked.rows(Link) if link.record_no == record.record_no]
    assert [(link.record_kind, link.event) for link in links] == [(SIGN_IN.word, "refused")], "and it is provable"


def test_a_colleagues_right_password_on_a_locked_terminal_is_kept_too(locked: Shop) -> None:
    assert unlock(locked, "02", PASSWORDS["02"]).code == "P7"
    assert (locked.records[-1].method, locked.records[-1].reason) == ("unlock", "locked_by_another")


def test_what_nobody_may_approve_is_kept_by_a_word_of_ours(locked: Shop) -> None:
    assert locked.terminals[0].approve("00", BOSS, "=cmd|calc").code == "P7"
    assert locked.records[-1].reason == "may_not_approve:unknown"
    assert approve(locked, "01", WANG).code == "P7"
    assert locked.records[-1].reason == "may_not_approve:take_over"


def test_what_succeeds_beside_a_sign_in_makes_no_record(locked: Shop) -> None:
    before = len(locked.records)
    assert unlock(locked, "01", WANG).code == "00"
    assert approve(locked, "00", BOSS).code == "00"
    assert change(locked, "01", WANG).code == "00"
    assert len(locked.records) == before


def test_a_terminal_can_not_call_a_sign_in_something_else(shop: Shop) -> None:
    shop.terminals[0].verify("01", WRONG, tags={Tag.METHOD: "unlock"})
    assert shop.records[-1].method == "password"
