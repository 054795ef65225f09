"""User names (用户名) over TCP: the same person as by number, in every message beside which a password is typed."""

from collections.abc import Callable

import pytest
from tests.worlds.floor import Shop
from tests.worlds.our_terminal import LOCK, Answer, Counter

from zhanggui.acquirer.rows.records import Stranger
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.values.clock import write_clock

WANG, LI = "wang.fang", "chen_manager"
PASSWORD, SUPERVISOR = "60417", "38205"
NOBODY = "wang.fan"
OpenShop = Callable[..., Shop]


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A shop with two operators who have user names: 03, a cashier, and 00's deputy."""
    return named(open_shop())


def named(shop: Shop) -> Shop:
    """Give the shop an operator with a user name, and a supervisor one."""
    shop.add_operator("03", "王芳芳", "cashier", PASSWORD, user_name=WANG)
    shop.add_operator("04", "陈副店长", "supervisor", SUPERVISOR, user_name=LI)
    return shop


def test_a_user_name_signs_in_whose_it_is_and_the_answer_says_the_number(shop: Shop) -> None:
    at = shop.terminals[0]
    verified = at.verify("Wang.Fang", PASSWORD)
    assert (verified.code, verified[Tag.OPERATOR_NO], verified[Tag.OPERATOR_NAME]) == ("00", "03", "王芳芳")
    assert at.confirm("03", verified[Tag.RECORD_NO]).code == "00"
    record = shop.records[-1]
    assert (record.operator_no, record.user_name, record.method) == ("03", "Wang.Fang", "password"), (
        "kept as it was typed"
    )
    assert at.sell("03").code == "00"


def test_by_number_the_answer_says_no_number_and_the_record_no_user_name(shop: Shop) -> None:
    verified = shop.terminals[0].verify("03", PASSWORD)
    assert (verified.code, verified[Tag.OPERATOR_NO]) == ("00", "")
    assert shop.records[-1].user_name is None


def without_time(answer: Answer) -> dict[Tag, str]:
    """What an answer says, but for what every answer says otherwise."""
    return {tag: text for tag, text in answer.tags.items() if tag not in (Tag.HOST_CLOCK, Tag.RECORD_NO)}


def test_an_unknown_user_name_gets_the_same_words_waits_and_locks_as_a_wrong_password(open_shop: OpenShop) -> None:
    known, unknown = (named(open_shop()) for _ in range(2))

    def tries(shop: Shop, name: str) -> list[tuple[str, dict[Tag, str]]]:
        said = []
        for _ in range(11):
            answer = shop.terminals[0].verify(name, "0001")
            said.append((answer.code, without_time(answer)))
            shop.clock.advance(s=int(answer[Tag.WAIT_S] or 0))
        return said

    begin = known.clock.now()
    one = tries(known, WANG)
    known.clock.jump(s=(begin - known.clock.now()) / 1000)
    assert tries(unknown, NOBODY) == one
    assert [code for code, _ in one][-1] == "P2", "the lock comes too"
    assert {record.reason for record in known.records} == {"wrong_password", "operator_locked"}
    assert {record.reason for record in unknown.records} == {"unknown_operator", "operator_locked"}
    assert {record.user_name for record in unknown.records} == {NOBODY}
    assert [(row.operator_no, row.failed_count) for row in unknown.rows(Stranger)] == [(NOBODY, 10)]


def test_tries_by_number_and_by_user_name_count_for_the_same_person(shop: Shop) -> None:
    at = shop.terminals[0]
    at.verify("03", "0001")
    at.verify(WANG, "0001")
    assert at.verify("03", "0001")[Tag.WAIT_S] == "5"
    assert at.verify(WANG, PASSWORD).code == "P1", "the wait is the person's"
    shop.clock.advance(s=5)
    assert at.verify(WANG, PASSWORD).code == "00"
    assert shop.operator("03").failed_count == 0


def test_a_block_made_for_one_user_name_or_number_opens_nothing_beside_another(shop: Shop) -> None:
    at = shop.terminals[0]
    at.get_keys()
    request = at.operator("401", WANG, {}, PASSWORD)
    assert at.ask(request).code == "00"
    at.verify("03", PASSWORD)

    class Swapped(Counter):
        def password_block(self, operator_no: str, password: str) -> bytes:
            return super().password_block("03", password)

    swapped = Swapped.__new__(Swapped)
    swapped.__dict__.update(at.__dict__)
    assert swapped.exchange("401", WANG, {}, PASSWORD).code == "P1"
    assert shop.records[-1].reason == "wrong_password"


def test_unlock_approval_and_new_password_take_a_user_name(shop: Shop) -> None:
    at = shop.terminals[0]
    assert at.sign_in("03", PASSWORD).code == "00"
    assert at.lock("03").code == "00"
    assert at.unlock(NOBODY, PASSWORD).code == "P1"
    assert at.unlock(WANG, PASSWORD).code == "00"
    given = at.approve(LI, SUPERVISOR, "refund", {Tag.AMOUNT: "100"})
    assert (given.code, given[Tag.OPERATOR_NAME]) == ("00", "陈副店长")
    assert at.change_password(WANG, PASSWORD, "739164").code == "00"
    assert shop.terminals[1].verify(WANG, "739164").code == "P6", "signed in elsewhere"
    assert [(r.method, r.user_name, r.operator_no) for r in shop.records if r.state == "refused"][:1] == [
        ("unlock", NOBODY, NOBODY)
    ]


def test_a_supervisors_user_name_releases_a_locked_terminal(shop: Shop) -> None:
    at = shop.terminals[0]
    at.sign_in("03", PASSWORD)
    at.lock("03")
    released = at.exchange(LOCK, LI, {Tag.VERDICT: "unlock"}, SUPERVISOR)
    assert (released.code, released[Tag.ORDERS]) == ("00", "sign_in")
    assert [session.end_reason for session in shop.sessions] == ["released:04"]


def test_signed_in_elsewhere_is_told_with_the_number_and_the_take_over_goes_on(open_shop: OpenShop) -> None:
    shop = named(open_shop(duplicate="take_over"))
    there, here = shop.terminals
    assert there.sign_in("03", PASSWORD).code == "00"
    told = here.verify(WANG, PASSWORD)
    assert (told.code, told[Tag.OPERATOR_NO], told[Tag.TAKE_OVER]) == ("P6", "03", "supervisor")
    given = here.approve(LI, SUPERVISOR, "take_over", {Tag.RECORD_NO: told[Tag.RECORD_NO]})
    assert here.confirm("03", told[Tag.RECORD_NO], {Tag.TAKE_OVER: given[Tag.APPROVAL_NO]}).code == "00"
    assert [session.end_reason != "" for session in shop.sessions] == [True, False]


def test_a_repeat_gets_the_stored_answer_and_another_user_name_is_another_request(shop: Shop) -> None:
    at = shop.terminals[0]
    at.get_keys()
    payload = at.operator("401", WANG, {}, PASSWORD)
    first, again = at.ask(payload), at.ask(payload)
    assert (first.code, again.tags) == ("00", first.tags)
    assert len(shop.records) == 1
    at.trace -= 1
    assert at.exchange("401", NOBODY, {}, PASSWORD).code == "94"


@pytest.mark.parametrize("name", ["w", "wang fang", "王芳", "x" * 200, "a,b:c", "'; drop", "-._"])
def test_what_is_no_user_name_is_nobodys(shop: Shop, name: str) -> None:
    at = shop.terminals[0]
    if len(name) < 3:
        name = name * 3
    answer = at.verify(name, PASSWORD)
    assert answer.code == "P1"
    record = shop.records[-1]
    assert (record.reason, record.user_name) == ("unknown_operator", name)


def test_spraying_user_names_locks_the_device(shop: Shop) -> None:
    at = shop.terminals[0]
    for name in ("anna", "bert", "carl", "dora"):
        assert at.verify(name, "0001").code == "P1"
    locked = at.verify(WANG, PASSWORD)
    assert (locked.code, locked[Tag.LOCKED_UNTIL]) == ("P3", write_clock(shop.clock.now() + 600_000))  # type: ignore[arg-type]
    assert shop.terminals[1].verify(WANG, PASSWORD).code == "00"


def test_where_policy_has_no_user_names_each_is_nobodys(open_shop: OpenShop) -> None:
    shop = named(open_shop(user_names=False))
    at = shop.terminals[0]
    assert at.verify(WANG, PASSWORD).code == "P1"
    assert (shop.records[-1].reason, shop.records[-1].operator_no) == ("unknown_operator", WANG)
    told = at.verify("03", PASSWORD)
    assert told.code == "00"
    assert "user_names=0" in told[Tag.RULES]
