"""Badges (工牌) over TCP: who they are, what they open, and what one that does not count gets."""

from collections.abc import Callable

import pytest
from tests.worlds.floor import PASSWORDS, Shop
from tests.worlds.our_terminal import AMOUNT_FEN, BATCH, VERIFY, Answer

from zhanggui.acquirer.rows.records import Badge, Stranger
from zhanggui.basics.chance import SystemChance
from zhanggui.basics.numbers import TraceNo
from zhanggui.basics.secret import Secret
from zhanggui.cup.messages.payment import Original
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.values.badge import BY_BADGE
from zhanggui.vault.badge import badge_number, badge_secret, draw_badge

WANG, SUPERVISOR = PASSWORDS["01"], PASSWORDS["00"]
OpenShop = Callable[..., Shop]


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A shop whose policy wants the password beside a badge."""
    return open_shop()


@pytest.fixture
def small(open_shop: OpenShop) -> Shop:
    """A shop where a badge alone opens a session of small rights."""
    return open_shop(badge="alone")


def without_time(answer: Answer) -> dict[Tag, str]:
    """What an answer says, but for what every answer says otherwise."""
    return {tag: text for tag, text in answer.tags.items() if tag not in (Tag.HOST_CLOCK, Tag.RECORD_NO)}


def test_a_badge_says_who_and_the_password_proves_it(shop: Shop) -> None:
    at, badge = shop.terminals[0], shop.give_badge("01")
    verified = at.verify_badge(badge, WANG)
    assert (verified.code, verified[Tag.OPERATOR_NO], verified[Tag.OPERATOR_NAME]) == ("00", "01", "王芳")
    assert at.confirm("01", verified[Tag.RECORD_NO]).code == "00"
    record = shop.records[-1]
    assert (record.operator_no, record.badge_no, record.method) == ("01", badge_number(badge), "badge+password")
    assert [session.proof for session in shop.live] == [None]
    assert at.sell("01").code == "00"


def test_where_policy_wants_the_password_a_badge_alone_gets_what_a_wrong_password_gets(shop: Shop) -> None:
    at, badge = shop.terminals[0], shop.give_badge("01")
    alone, wrong = at.verify_badge(badge), at.verify("02", "0001")
    assert (alone.code, set(alone.tags)) == (wrong.code, set(wrong.tags)) == ("P1", set(wrong.tags))
    assert (shop.records[0].reason, shop.records[0].method) == ("badge_without_password", "badge")
    assert shop.operator("01").failed_count == 1


def test_a_badge_alone_opens_a_session_of_small_rights_until_the_password_is_typed(small: Shop) -> None:
    at, badge = small.terminals[0], small.give_badge("01")
    verified = at.verify_badge(badge)
    assert (verified.code, verified[Tag.OPERATOR_NO]) == ("00", "01")
    assert "badge=alone" in verified[Tag.RULES]
    opened = at.confirm("01", verified[Tag.RECORD_NO])
    assert (opened.code, opened[Tag.OFFLINE]) == ("00", ""), "no envelope: there is no password to check by"
    assert (small.records[-1].method, [session.proof for session in small.live]) == ("badge", ["badge"])

    sale = at.sell("01")
    assert sale.code == "00"
    sold = Original(batch_no=BATCH, trace_no=TraceNo(f"{at.trace:06d}"), rrn=str(sale.message.fields[37]))
    about = {Tag.AMOUNT: str(AMOUNT_FEN), Tag.ORIGINAL: sold.named}
    approval_no = int(at.approve("00", SUPERVISOR, "void", about)[Tag.APPROVAL_NO])
    assert at.pay("void", "01", original=sold, approval_no=approval_no).code == "57", "even approved"
    assert at.unlock("01", "0001").code == "P1"
    assert [session.proof for session in small.live] == ["badge"], "a wrong password gives nothing"
    assert at.unlock("01", WANG).code == "00"
    assert [session.proof for session in small.live] == [None]
    assert at.pay("void", "01", original=sold, approval_no=approval_no).code == "00"


def test_a_badge_that_comes_back_to_a_session_of_full_rights_makes_them_small(small: Shop) -> None:
    at, badge = small.terminals[0], small.give_badge("01")
    at.sign_in("01", WANG)
    verified = at.verify_badge(badge)
    at.confirm("01", verified[Tag.RECORD_NO])
    assert [session.proof for session in small.live] == ["badge"]


def test_a_badge_alone_opens_no_lock_and_with_the_password_it_does(small: Shop) -> None:
    at, badge = small.terminals[0], small.give_badge("01")
    at.sign_in("01", WANG)
    assert at.lock("01").code == "00"
    alone = at.verify_badge(badge)
    assert (alone.code, alone[Tag.REASON]) == ("P4", "badge_opens_no_lock")
    assert [(session.proof, session.locked_ms is None) for session in small.live] == [(None, False)]
    assert small.operator("01").failed_count == 0
    verified = at.verify_badge(badge, WANG)
    assert at.confirm("01", verified[Tag.RECORD_NO]).code == "00"
    assert [(session.proof, session.locked_ms) for session in small.live] == [(None, None)]


def test_who_forges_a_badge_meets_his_own_lock_and_never_its_holders(small: Shop) -> None:
    at, badge = small.terminals[0], small.give_badge("01")
    forged = Secret(badge.reveal()[:12] + draw_badge(SystemChance()).reveal()[12:])
    for _ in range(5):
        answer = at.verify_badge(forged)
        small.clock.advance(s=int(answer[Tag.WAIT_S] or 0))
    assert at.verify_badge(badge).code == "00", "the true one is not held back by it"
    for _ in range(5):
        at.verify("01", "0001")
        small.clock.advance(minutes=1)
    assert at.verify_badge(forged)[Tag.LOCKED_UNTIL] == "", "nor does a forgery tell how the holder stands"


def test_a_badge_alone_sets_no_new_password(open_shop: OpenShop) -> None:
    shop = open_shop(badge="alone", password_age_days=30)
    badge = shop.give_badge("01")
    shop.clock.advance(days=31)
    refused = shop.terminals[0].verify_badge(badge)
    assert (refused.code, refused[Tag.REASON]) == ("P4", "password_needed")
    assert shop.operator("01").failed_count == 0
    verified = shop.terminals[0].verify_badge(badge, WANG)
    assert (verified.code, verified[Tag.NEEDS]) == ("00", "new_password")


def no_badge_of(shop: Shop, kind: str) -> Secret:
    """A badge that does not count: never issued, taken away, replaced, of another shop, or a forgery under a true number."""
    match kind:
        case "unknown":
            return draw_badge(SystemChance())
        case "revoked":
            badge = shop.give_badge("01")
            shop.change_operator("01", badge_no=None)
            return badge
        case "replaced":
            badge = shop.give_badge("01")
            shop.give_badge("01")
            return badge
        case "elsewhere":
            return shop.floor.shop().give_badge("01")
    badge = shop.give_badge("01")
    return Secret(badge.reveal()[:12] + draw_badge(SystemChance()).reveal()[12:])


REASONS = {
    "unknown": "unknown_badge",
    "revoked": "badge_revoked",
    "replaced": "badge_revoked",
    "elsewhere": "unknown_badge",
    "forged": "forged_badge",
}


@pytest.mark.parametrize("kind", REASONS)
@pytest.mark.parametrize("alone", [True, False])
def test_a_badge_that_does_not_count_gets_the_words_waits_and_locks_of_an_unknown_number(
    open_shop: OpenShop, kind: str, alone: bool
) -> None:
    shop, other = open_shop(badge="alone"), open_shop(badge="alone")
    badge, at = no_badge_of(shop, kind), shop.terminals[0]

    def tries(one: Shop, ask: Callable[[], Answer]) -> list[tuple[str, dict[Tag, str]]]:
        said = []
        for _ in range(11):
            answer = ask()
            said.append((answer.code, without_time(answer)))
            one.clock.advance(s=int(answer[Tag.WAIT_S] or 0))
        return said

    begin = shop.clock.now()
    shown = tries(shop, lambda: at.verify_badge(badge, None if alone else WANG))
    shop.clock.jump(s=(begin - shop.clock.now()) / 1000)
    assert shown == tries(other, lambda: other.terminals[0].verify("77", "0001"))
    records = shop.records
    assert {record.reason for record in records} == {REASONS[kind], "operator_locked"}
    assert {record.badge_no for record in records} == {badge_number(badge)}
    assert [(row.operator_no, row.failed_count) for row in shop.rows(Stranger)] == [(badge_number(badge), 10)]
    assert shop.operator("01").failed_count == 0, "a badge that somebody found or forged locks nobody out"
    assert shop.operator("01").locked_until_ms is None
    if kind in ("revoked", "replaced", "forged"):
        assert records[0].operator_name == "王芳", "whose it was"


def test_a_caught_frame_opens_nothing_and_a_caught_block_nothing_in_another_message(
    small: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, badge = small.terminals[0], small.give_badge("01")
    at.get_keys()
    frame = at.operator(VERIFY, None, {}, None, badge)
    first, again = at.ask(frame), at.ask(frame)
    assert (first.code, again.code, again.tags) == ("00", "00", first.tags), "the stored answer, and no record more"
    assert len(small.records) == 1

    caught = at.shown(badge, TraceNo(f"{at.trace:06d}"))
    for terminal in small.terminals:
        terminal.get_keys()
        monkeypatch.setattr(terminal, "shown", lambda badge, trace_no: caught)
        assert terminal.verify_badge(badge).code == "P1"
        assert small.records[-1].reason == "forged_badge"


def test_a_trace_with_another_badge_is_another_request(small: Shop) -> None:
    at, badge = small.terminals[0], small.give_badge("01")
    assert at.verify_badge(badge).code == "00"
    at.trace -= 1
    assert at.verify_badge(draw_badge(SystemChance())).code == "94"


@pytest.mark.parametrize("code", ["402", "403", "404", "406", "407", "408"])
def test_a_badge_says_who_asks_at_a_sign_in_and_nowhere_else(small: Shop, code: str) -> None:
    at, badge = small.terminals[0], small.give_badge("01")
    at.sign_in("01", WANG)
    answer = at.ask(at.operator(code, BY_BADGE, {Tag.VERDICT: "unlock", Tag.ACTION: "refund"}, WANG, badge))
    assert answer.code != "00"
    assert [session.proof for session in small.live] == [None]


def test_a_new_password_is_set_by_who_signed_in_with_badge_and_password(open_shop: OpenShop) -> None:
    shop = open_shop(password_age_days=30)
    at, badge = shop.terminals[0], shop.give_badge("01")
    shop.clock.advance(days=31)
    verified = at.verify_badge(badge, WANG)
    assert (verified.code, verified[Tag.NEEDS]) == ("00", "new_password")
    said = {Tag.NEW_BLOCK: at.password_block(BY_BADGE, "739164").hex(), Tag.RECORD_NO: verified[Tag.RECORD_NO]}
    forged = draw_badge(SystemChance())
    assert at.ask(at.operator("405", BY_BADGE, said, WANG, forged)).code == "P1"
    assert at.ask(at.operator("405", BY_BADGE, said, WANG, badge)).code == "00"
    assert at.confirm("01", verified[Tag.RECORD_NO]).code == "00"
    assert at.sign_out("01").code == "00"
    assert at.verify("01", "739164").code == "00"


def test_a_sign_in_with_neither_password_nor_badge_is_malformed(shop: Shop) -> None:
    at = shop.terminals[0]
    at.get_keys()
    assert at.ask(at.operator(VERIFY, "01", {})).code == "30"
    assert shop.records == []


@pytest.mark.parametrize("tag", ["x", "ABCDEFGH", "ABCDEFGH:", "ABCDEFGH:0", "ABCDEFGH:00", ":" * 40, "王芳:00"])
def test_what_is_no_badge_is_nobodys(small: Shop, tag: str) -> None:
    at = small.terminals[0]
    assert at.exchange(VERIFY, BY_BADGE, {Tag.BADGE: tag}, "0001").code == "P1"
    assert small.records[-1].reason in ("unknown_badge", "badge_without_password")


def test_where_policy_has_no_badges_each_is_nobodys(open_shop: OpenShop) -> None:
    shop = open_shop(badge="off")
    badge = shop.give_badge("01")
    assert shop.terminals[0].verify_badge(badge, WANG).code == "P1"
    assert shop.records[-1].reason == "badge_not_taken"
    assert shop.operator("01").failed_count == 0
    assert "badge=off" in shop.terminals[0].verify("01", WANG)[Tag.RULES]


def test_neither_row_record_nor_store_holds_a_badges_secret(small: Shop) -> None:
    at, badge = small.terminals[0], small.give_badge("01")
    at.verify_badge(badge)
    at.verify_badge(badge, "0001")
    secret = badge_secret(badge)
    forms = (badge.reveal(), badge.reveal()[12:], secret.hex(), secret.hex().upper())
    told = repr((small.rows(Badge), small.records, small.operator("01")))
    assert not any(form in told for form in forms)


def test_a_badge_alone_gives_no_new_guesses_at_the_password(small: Shop) -> None:
    at, badge = small.terminals[0], small.give_badge("01")
    for tries in (1, 2):
        at.verify("01", "0001")
        small.clock.advance(minutes=1)
        assert at.verify_badge(badge).code == "00"
        assert small.operator("01").failed_count == tries, "a wrong password stays counted, whoever holds the badge"
    assert at.verify("01", WANG).code == "00"
    assert small.operator("01").failed_count == 0


@pytest.mark.parametrize("policy", ["alone", "password"])
@pytest.mark.parametrize("ended", ["revoked", "replaced"])
def test_a_badge_that_is_taken_away_before_the_confirmation_opens_nothing(
    open_shop: OpenShop, policy: str, ended: str
) -> None:
    shop = open_shop(badge=policy)
    at, badge = shop.terminals[0], shop.give_badge("01")
    verified = at.verify_badge(badge) if policy == "alone" else at.verify_badge(badge, WANG)
    assert verified.code == "00"
    if ended == "revoked":
        shop.change_operator("01", badge_no=None)
    else:
        shop.give_badge("01")
    assert at.confirm("01", verified[Tag.RECORD_NO]).code == "PA"
    assert (shop.records[-1].state, shop.records[-1].reason) == ("refused", "badge_revoked")
    assert shop.live == []
    assert at.sell("01").code == "77"


def test_a_badge_alone_takes_no_session_over_and_the_password_does(small: Shop) -> None:
    first, second = small.terminals[:2]
    badge = small.give_badge("01")
    first.sign_in("01", WANG)
    shown = second.verify_badge(badge)
    assert (shown.code, shown[Tag.TAKE_OVER]) == ("P6", "")
    assert second.confirm("01", shown[Tag.RECORD_NO]).code != "00"
    assert [session.terminal_no for session in small.live] == ["10000001"]
    typed = second.verify_badge(badge, WANG)
    assert (typed.code, typed[Tag.TAKE_OVER]) == ("P6", "supervisor")


def test_a_supervisor_fetches_the_session_for_whoever_shows_a_badge_and_types_the_password(shop: Shop) -> None:
    there, here = shop.terminals[:2]
    badge = shop.give_badge("01")
    opened = there.verify_badge(badge, WANG)
    assert there.confirm("01", opened[Tag.RECORD_NO]).code == "00"
    asked = here.verify_badge(badge, WANG)
    assert (asked.code, asked[Tag.TAKE_OVER], asked[Tag.EARLIER_TERMINAL]) == ("P6", "supervisor", "10000001 · 前台")
    record_no = asked[Tag.RECORD_NO]
    approval = here.approve("00", SUPERVISOR, "take_over", {Tag.RECORD_NO: record_no})[Tag.APPROVAL_NO]
    assert here.confirm("01", record_no, {Tag.TAKE_OVER: approval}).code == "00"
    assert [(s.terminal_no, s.end_reason) for s in shop.sessions] == [
        ("10000001", "taken_over:10000002"),
        ("10000002", ""),
    ]
    assert (there.sell("01").code, here.sell("01").code) == ("77", "00")
    record = shop.records[1]
    assert (record.method, record.taken_from, record.approved_by) == ("badge+password", "10000001", "00")


def test_a_silent_terminal_is_left_behind_by_badge_and_password_and_by_no_badge_alone(small: Shop) -> None:
    there, here = small.terminals[:2]
    badge = small.give_badge("01")
    there.sign_in("01", WANG)
    small.clock.advance(minutes=10)
    alone = here.verify_badge(badge)
    assert (alone.code, alone[Tag.TAKE_OVER]) == ("P6", "")
    said = {Tag.TAKE_OVER: "stale:broken"}
    assert here.confirm("01", alone[Tag.RECORD_NO], said).code != "00", "whatever it says"
    assert [session.terminal_no for session in small.live] == ["10000001"]
    typed = here.verify_badge(badge, WANG)
    assert (typed.code, typed[Tag.TAKE_OVER]) == ("P6", "stale")
    assert here.confirm("01", typed[Tag.RECORD_NO], said).code == "00"
    assert [session.terminal_no for session in small.live] == ["10000002"]
