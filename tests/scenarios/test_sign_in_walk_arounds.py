"""Ways around the sign-in that a review found, over TCP: each must be closed, and honest people must still get through."""

from collections.abc import Callable

import pytest
from tests.worlds.floor import PASSWORDS, Shop
from tests.worlds.our_terminal import Answer, Counter

from zhanggui.acquirer.rows.records import AuditNote, Link, StoredAnswer
from zhanggui.cup.operator_tags import Tag

WANG, LI, BOSS = PASSWORDS["01"], PASSWORDS["02"], PASSWORDS["00"]
WRONG = "0001"
OpenShop = Callable[..., Shop]


def swapped(shop: Shop, place: int = 0) -> Counter:
    """Another device with the number and the master key of this terminal, whose traces begin again at 1."""
    old = shop.terminals[place]
    old.hang_up()
    new = Counter(old.hsm, old.master, old.merchant_no, old.terminal_no, old.port)
    new.get_keys()
    shop.terminals.append(new)
    return new


# ── stored answers ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("later", [{"s": 5}, {"hours": 3}, {"days": 100}])
def test_a_swapped_device_with_the_same_traces_opens_nothing_with_a_wrong_password(
    shop: Shop, later: dict[str, float]
) -> None:
    assert shop.terminals[0].sign_in("01", WANG).code == "00"
    before = len(shop.records)
    shop.clock.advance(**later)
    new = swapped(shop)
    answer = new.verify("01", WRONG)
    assert answer.code == "P1"
    assert [(record.state, record.reason) for record in shop.records[before:]] == [("refused", "wrong_password")]


def test_honest_people_sign_in_and_out_on_a_swapped_device_that_counts_again_from_one(shop: Shop) -> None:
    old = shop.terminals[0]
    for number, password in (("01", WANG), ("02", LI), ("01", WANG)):
        assert old.sign_in(number, password).code == "00"
        assert old.sign_out(number).code == "00"
    shop.clock.advance(hours=3)
    new = swapped(shop)
    for number, password in (("02", LI), ("01", WANG), ("02", LI)):
        assert new.sign_in(number, password).code == "00"
        assert new.sign_out(number).code == "00"
    answers = [row for row in shop.rows(StoredAnswer) if row.terminal_no == old.terminal_no]
    assert len({(row.trace_no, row.message_class) for row in answers}) == len(answers)


def test_an_old_answer_can_not_be_asked_whether_a_guess_is_right(shop: Shop) -> None:
    """The same trace again with other passwords: each is a try of its own, counted and kept."""
    at = shop.terminals[0]
    assert at.verify("01", WANG).code == "00"
    trace = at.trace
    for guess in ("1111", "2222"):
        at.trace = trace - 1
        assert at.verify("01", guess).code == "P1"
    assert shop.operator("01").failed_count == 2
    assert [record.reason for record in shop.records[-2:]] == ["wrong_password"] * 2


def test_a_true_repeat_is_answered_as_before_also_under_new_keys(shop: Shop) -> None:
    at = shop.terminals[0]
    first = at.verify("01", WANG)
    before = len(shop.records)
    at.trace -= 1
    again = at.verify("01", WANG)
    shop.clock.advance(s=130)
    at.get_keys()
    at.trace -= 2
    after_new_keys = at.verify("01", WANG)
    said = [
        {tag: text for tag, text in one.tags.items() if tag != Tag.HOST_CLOCK} for one in (first, again, after_new_keys)
    ]
    assert said[0] == said[1] == said[2]
    assert len(shop.records) == before


def test_an_unlock_is_not_answered_from_memory(shop: Shop) -> None:
    at = shop.terminals[0]
    at.sign_in("01", WANG)
    at.lock("01")
    trace = at.trace
    assert at.unlock("01", WANG).code == "00"
    at.lock("01")
    at.trace = trace
    assert at.unlock("01", WRONG).code == "P1"
    assert shop.live[0].locked_ms is not None


# ── between the password and the confirmation ────────────────────────────────


def test_a_lock_that_comes_after_the_password_stops_the_confirmation(shop: Shop) -> None:
    here, elsewhere = shop.terminals
    verified = here.verify("01", WANG)
    for _ in range(10):
        answer = elsewhere.verify("01", WRONG)
        shop.clock.advance(s=int(answer[Tag.WAIT_S] or 0))
    refused = here.confirm("01", verified[Tag.RECORD_NO])
    assert refused.code == "P2"
    assert refused[Tag.LOCKED_UNTIL]
    assert shop.live == []


def test_a_password_that_was_changed_elsewhere_ends_what_the_old_one_began(shop: Shop) -> None:
    here, elsewhere = shop.terminals
    verified = here.verify("01", WANG)
    shop.clock.advance(s=5)
    assert elsewhere.change_password("01", WANG, "9461").code == "00"
    refused = here.confirm("01", verified[Tag.RECORD_NO])
    assert (refused.code, shop.records[-1].reason) == ("PA", "password_changed_since")
    assert here.sign_in("01", "9461").code == "00"


def test_the_sign_in_that_asked_for_a_new_password_goes_on_with_it_and_no_other_does(open_shop: OpenShop) -> None:
    shop = open_shop()
    shop.change_operator("01", initial_until_ms=shop.clock.now() + 3_600_000)
    here, elsewhere = shop.terminals
    mine, stolen = here.verify("01", WANG), elsewhere.verify("01", WANG)
    shop.clock.advance(s=5)
    assert here.change_password("01", WANG, "9461", mine[Tag.RECORD_NO]).code == "00"
    assert elsewhere.confirm("01", stolen[Tag.RECORD_NO]).code == "PA"
    assert here.confirm("01", mine[Tag.RECORD_NO]).code == "00"


def test_codes_can_not_be_guessed_through_many_verified_records(open_shop: OpenShop) -> None:
    shop = open_shop(sign_in_code="shift")
    shop.change_merchant(shift_code="482915")
    at = shop.terminals[0]
    records = [at.verify("01", WANG)[Tag.RECORD_NO] for _ in range(12)]
    said = [at.confirm("01", record, {Tag.SIGN_IN_CODE: f"{guess:06d}"}) for guess, record in enumerate(records)]
    assert {one.code for one in said} == {"P5"}
    assert shop.operator("01").failed_count == 3, "before the wait is over no code is looked at"
    assert said[-1][Tag.WAIT_S] == "5"
    assert at.confirm("01", records[-1], {Tag.SIGN_IN_CODE: "482915"}).code == "P5"
    shop.clock.advance(s=5)
    assert at.confirm("01", records[-1], {Tag.SIGN_IN_CODE: "482915"}).code == "00"


@pytest.mark.parametrize("policy", ["shift", "totp"])
def test_a_code_that_was_never_set_is_no_wrong_try(open_shop: OpenShop, policy: str) -> None:
    shop = open_shop(sign_in_code=policy)
    at = shop.terminals[0]
    verified = at.verify("01", WANG)
    for _ in range(12):
        refused = at.confirm("01", verified[Tag.RECORD_NO], {Tag.SIGN_IN_CODE: "123456"})
        assert (refused.code, refused[Tag.REASON]) == ("P5", "code_not_set")
    assert (shop.operator("01").failed_count, shop.operator("01").locked_until_ms) == (0, None)


# ── beside a sign-in ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("change", [{"initial_until_ms": 4_000_000_000_000}, {"factory_password": 1}])
def test_a_supervisor_with_a_password_that_must_be_changed_neither_approves_nor_releases(
    open_shop: OpenShop, change: dict[str, int]
) -> None:
    shop = open_shop(factory_password="change")
    shop.change_operator("00", **change)
    at = shop.terminals[0]
    at.sign_in("01", WANG)
    at.lock("01")
    for answer in (at.approve("00", BOSS, "take_over"), at.unlock("00", BOSS)):
        assert (answer.code, answer[Tag.REASON]) == ("P4", "change_first")
    assert shop.live[0].locked_ms is not None


def test_a_supervisor_changes_that_password_at_the_terminal_by_signing_in(open_shop: OpenShop) -> None:
    shop = open_shop(factory_password="change")
    shop.change_operator("00", factory_password=1)
    at = shop.terminals[0]
    verified = at.verify("00", BOSS)
    assert (verified.code, verified[Tag.NEEDS]) == ("00", "new_password")
    assert at.confirm("00", verified[Tag.RECORD_NO]).code == "P7", "and does not trade"
    verified = at.verify("00", BOSS)
    assert at.change_password("00", BOSS, "739164", verified[Tag.RECORD_NO]).code == "00"
    assert at.confirm("00", verified[Tag.RECORD_NO]).code == "P7"
    assert at.approve("00", "739164", "take_over").code == "00"
    assert shop.live == []


def test_an_account_that_nobody_used_is_not_revived_by_a_change_of_its_password(open_shop: OpenShop) -> None:
    shop = open_shop(stale_disable_days=90, password_age_days=0)
    shop.clock.advance(days=120)
    at = shop.terminals[0]
    assert at.change_password("02", LI, "9461").code == "P2"
    assert at.verify("02", LI).code == "P2"
    assert [record.reason for record in shop.records] == ["account_unused"] * 2


def test_wrong_tries_for_somebody_disabled_do_not_turn_into_a_cap_that_a_reset_takes_away(shop: Shop) -> None:
    shop.change_operator("02", state="disabled")
    fail_until_nothing_changes = [shop.terminals[0].verify("02", WRONG) for _ in range(4)]
    assert {one.code for one in fail_until_nothing_changes} == {"P1"}
    assert shop.operator("02").failed_count == 0


# ── what is kept ─────────────────────────────────────────────────────────────


def test_a_sign_in_on_a_lost_terminal_is_a_record(shop: Shop) -> None:
    at = shop.terminals[0]
    at.get_keys()
    shop.change_terminal(at.terminal_no, state="lost")
    assert at.verify("01", WANG).code == "58"
    assert [(record.state, record.reason) for record in shop.records] == [("refused", "terminal_lost")]
    assert len(shop.rows(Link)) == 1


def test_ones_own_change_of_password_leaves_a_provable_note(shop: Shop) -> None:
    at = shop.terminals[0]
    assert at.change_password("01", WANG, "9461").code == "00"
    (note,) = shop.rows(AuditNote)
    assert (note.actor, note.action, note.subject, note.detail) == (
        "01",
        "change_password",
        "01",
        f"terminal={at.terminal_no}",
    )
    assert [link.record_kind for link in shop.rows(Link)] == ["audit_note"]


def test_a_guessed_approval_is_kept_in_the_record(open_shop: OpenShop) -> None:
    shop = open_shop(duplicate="take_over")
    here, elsewhere = shop.terminals
    here.sign_in("01", WANG)
    record_no = elsewhere.verify("01", WANG)[Tag.RECORD_NO]
    refused = elsewhere.confirm("01", record_no, {Tag.TAKE_OVER: "7"})
    assert refused.code == "P8"
    assert shop.records[-1].reason == "approval_missing"


# ── waits and locks tell nothing, and stop nobody honest ─────────────────────


def test_known_and_unknown_numbers_wait_and_lock_alike_on_any_terminal_at_any_time(open_shop: OpenShop) -> None:
    known, unknown = open_shop(), open_shop()
    both = ((known, "01"), (unknown, "55"))

    def tries(place: int) -> list[tuple[str, str, str, str]]:
        said: list[Answer] = [shop.terminals[place].verify(number, WRONG) for shop, number in both]
        assert said[0].code == said[1].code
        assert said[0].tags.keys() == said[1].tags.keys()
        return [(one.code, one[Tag.TRIES_LEFT], one[Tag.WAIT_S], one[Tag.LOCKED_UNTIL]) for one in said]

    codes = []
    for step in range(13):
        one, other = tries(step % 2)
        assert one == other, f"try {step + 1}"
        codes.append(one[0])
        # Both shops are on one clock.
        known.clock.advance(minutes=11 if step in (3, 7) else 1)
    assert "P2" in codes, "the tenth locks both"


def test_one_slip_each_of_four_cashiers_who_then_sign_in_does_not_lock_the_till(shop: Shop) -> None:
    for number in ("03", "04"):
        shop.add_operator(number, "赵敏", "cashier", "5713")
    at = shop.terminals[0]
    passwords = {"01": WANG, "02": LI, "03": "5713", "04": "5713"}
    for number, password in passwords.items():
        assert at.verify(number, WRONG).code == "P1"
        assert at.sign_in(number, password).code == "00"
        shop.clock.advance(s=30)
    assert [at.verify("05", WRONG).code, at.sign_in("01", WANG).code] == ["P1", "00"]
