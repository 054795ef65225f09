"""What a supervisor does at a terminal (408) over TCP: unlock, enable, reset, each proven by a password and kept as a note."""

import pytest
from tests.worlds.floor import PASSWORDS, Shop
from tests.worlds.our_terminal import Answer

from zhanggui.acquirer.rows.records import AuditNote
from zhanggui.cup.operator_tags import Tag

WANG, BOSS, ADMIN = PASSWORDS["01"], PASSWORDS["00"], PASSWORDS["99"]
WRONG, FIRST, OWN = "0001", "83051749", "946108"


def fail(shop: Shop, times: int, number: str = "01") -> None:
    """So many wrong passwords, each as soon as the host takes one."""
    for _ in range(times):
        answer = shop.terminals[0].verify(number, WRONG)
        shop.clock.advance(s=int(answer[Tag.WAIT_S] or 0))


def lock_device(shop: Shop) -> None:
    """Three numbers within the window: somebody goes through them."""
    for number in range(31, 60):
        if shop.terminals[0].verify(str(number), WRONG).code == "P3":
            return
    raise AssertionError("the terminal was never locked")


def notes(shop: Shop) -> list[tuple[str, str, str]]:
    return [(note.actor, note.action, note.subject) for note in shop.rows(AuditNote)]


def said(answer: Answer) -> tuple[str, str]:
    return answer.code, answer[Tag.REASON]


def test_a_locked_person_is_unlocked_where_the_matter_arose_and_the_note_says_by_whom(shop: Shop) -> None:
    at = shop.terminals[0]
    fail(shop, 10)
    assert at.verify("01", WANG).code == "P2"
    assert at.manage("00", BOSS, "unlock_operator", "01").code == "00"
    assert at.verify("01", WANG).code == "00"
    assert notes(shop) == [("00", "unlock_operator", "01")]
    assert said(at.manage("00", BOSS, "unlock_operator", "01")) == ("PB", "not_locked")
    assert said(at.manage("00", BOSS, "unlock_operator", "55")) == ("PB", "unknown_operator")
    assert len(notes(shop)) == 1, "what could not be done leaves no note"


def test_a_locked_terminal_takes_this_one_word_of_a_supervisor_and_no_other(shop: Shop) -> None:
    at = shop.terminals[0]
    lock_device(shop)
    assert at.manage("00", BOSS, "unlock_operator", "01").code == "P3"
    assert at.approve("00", BOSS, "take_over").code == "P3"
    refused = at.manage("00", WRONG, "unlock_terminal")
    assert refused.code == "P1", "a wrong password is none here either"
    shop.clock.advance(s=int(refused[Tag.WAIT_S] or 0))
    assert at.verify("01", WANG).code == "P3"
    assert at.manage("00", BOSS, "unlock_terminal").code == "00"
    assert at.sign_in("01", WANG).code == "00"
    assert notes(shop) == [("00", "unlock_terminal", at.terminal_no)]


def test_guesses_at_a_supervisors_password_on_a_locked_terminal_lock_the_supervisor(shop: Shop) -> None:
    lock_device(shop)
    for _ in range(10):
        answer = shop.terminals[0].manage("00", WRONG, "unlock_terminal")
        assert answer.code == "P1"
        shop.clock.advance(s=int(answer[Tag.WAIT_S] or 0))
    assert shop.terminals[0].manage("00", BOSS, "unlock_terminal").code == "P2"
    assert notes(shop) == []


def test_a_first_password_counts_once_and_ends_the_sessions_of_whoever_forgot_it(shop: Shop) -> None:
    shop.terminals[1].sign_in("01", WANG)
    at = shop.terminals[0]
    assert at.manage("00", BOSS, "reset_password", "01", first=FIRST).code == "00"
    assert shop.live == []
    assert at.verify("01", WANG).code == "P1"
    verified = at.verify("01", FIRST)
    assert (verified.code, verified[Tag.NEEDS]) == ("00", "new_password")
    assert at.confirm("01", verified[Tag.RECORD_NO]).code != "00", "not before a password of one's own"
    assert at.change_password("01", FIRST, OWN, verified[Tag.RECORD_NO]).code == "00"
    assert at.confirm("01", verified[Tag.RECORD_NO]).code == "00"
    assert ("00", "reset_password", "01") in notes(shop)


def test_a_first_password_lives_as_long_as_the_policy_says(open_shop: object) -> None:
    shop: Shop = open_shop(initial_secret_hours=24)  # type: ignore[operator]  # a fixture that opens shops
    at = shop.terminals[0]
    assert at.manage("00", BOSS, "reset_password", "01", first=FIRST).code == "00"
    shop.clock.advance(s=25 * 3600)
    assert said(at.verify("01", FIRST)) == ("P4", "initial_secret_expired")


@pytest.mark.parametrize(("first", "reason"), [("123456", "banned"), ("", "unreadable")])
def test_a_first_password_keeps_the_rules_of_every_new_one(shop: Shop, first: str, reason: str) -> None:
    before = shop.operator("01")
    assert said(shop.terminals[0].manage("00", BOSS, "reset_password", "01", first=first)) == ("P4", reason)
    assert (shop.operator("01"), notes(shop)) == (before, [])


def test_who_resets_does_not_learn_whether_a_password_was_used_before(shop: Shop) -> None:
    at = shop.terminals[0]
    assert at.change_password("01", WANG, FIRST).code == "00"
    assert at.manage("00", BOSS, "reset_password", "01", first=FIRST).code == "00"


def test_a_disabled_person_is_enabled_and_before_that_neither_reset_nor_unlocked(shop: Shop) -> None:
    at = shop.terminals[0]
    assert said(at.manage("00", BOSS, "enable_operator", "01")) == ("PB", "is_active")
    shop.change_operator("01", state="disabled")
    assert said(at.manage("00", BOSS, "reset_password", "01", first=FIRST)) == ("PB", "enable_first")
    assert at.manage("00", BOSS, "enable_operator", "01").code == "00"
    assert at.verify("01", WANG).code == "00"


@pytest.mark.parametrize("action", ["unlock_operator", "reset_password", "enable_operator"])
def test_a_supervisor_manages_neither_himself_nor_the_administrator(shop: Shop, action: str) -> None:
    for about in ("00", "99"):
        first = FIRST if action == "reset_password" else ""
        answer = shop.terminals[0].manage("00", BOSS, action, about, first)
        assert (answer.code, answer[Tag.ROLE]) == ("P7", "supervisor")
        assert (shop.records[-1].method, shop.records[-1].reason) == ("management", "not_permitted")
    assert notes(shop) == []


def test_what_is_no_act_is_kept_by_a_word_of_ours(shop: Shop) -> None:
    assert shop.terminals[0].manage("00", BOSS, "=cmd|calc", "01").code == "P7"
    assert shop.records[-1].reason == "not_permitted"


def test_an_act_whose_answer_was_lost_is_answered_again_and_done_once(shop: Shop) -> None:
    at = shop.terminals[0]
    fail(shop, 10)
    assert at.manage("00", BOSS, "unlock_operator", "01").code == "00"
    at.trace -= 1
    assert at.manage("00", BOSS, "unlock_operator", "01").code == "00"
    assert len(notes(shop)) == 1
    at.trace -= 1
    assert at.manage("00", BOSS, "unlock_operator", "02").code == "94", "about somebody else it is another request"


def test_a_supervisor_with_a_password_to_change_changes_it_first(shop: Shop) -> None:
    at = shop.terminals[0]
    shop.change_operator("00", initial_until_ms=shop.clock.now() + 3_600_000)
    assert said(at.manage("00", BOSS, "unlock_operator", "01")) == ("P4", "change_first")
    assert at.change_password("00", BOSS, OWN).code == "00"
    assert said(at.manage("00", OWN, "unlock_operator", "01")) == ("PB", "not_locked")
