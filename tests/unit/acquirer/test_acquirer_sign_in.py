"""The operator's sign-in, step by step: verify, confirm, one session."""

import pytest
from tests.worlds.acquirer_world import (
    FOREIGN,
    LI,
    MERCHANT,
    NOON,
    OTHER,
    OURS,
    WANG,
    World,
    code_of,
    signed_in,
    tags_of,
)

from zhanggui.acquirer.operators.confirm import CONFIRM_WITHIN_MS
from zhanggui.acquirer.policy.rules import policy_of
from zhanggui.acquirer.rows.decision import MacVerdict
from zhanggui.acquirer.rows.records import Merchant, Session
from zhanggui.basics.numbers import OperatorNo, UnixMs
from zhanggui.basics.spans import HOUR_MS
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.values.clock import write_clock

BASIC = policy_of("basic")


# -------------------------------------------------------------------------------------------------- verify and confirm


def test_a_sign_in_is_a_record_from_attempt_to_end() -> None:
    world = World()
    world.sign_on()
    tags = {
        Tag.SELF_CHECK: "printer:ok",
        Tag.VERSIONS: "zhanggui/0.1",
        Tag.METHOD: "password",
        Tag.ELAPSED_MS: "4200",
        Tag.TERMINAL_CLOCK: write_clock(UnixMs(NOON + 3000)),
    }
    verified = world.verify(mac="next", tags=tags)
    said = tags_of(verified)
    assert (said[Tag.OPERATOR_NAME], said[Tag.MERCHANT_NAME], said[Tag.PLACE]) == ("王芳", "掌柜示范店", "前台")
    record = world.record(1)
    assert (record.state, record.verified_ms, record.session_no) == ("verified", NOON, None)
    assert (record.self_check, record.versions, record.elapsed_ms, record.drift_s) == (
        "printer:ok",
        "zhanggui/0.1",
        4200,
        3,
    )
    assert world.live() == ()
    world.now = UnixMs(NOON + 2000)
    opened = world.confirm(said[Tag.RECORD_NO])
    assert tags_of(opened)[Tag.SESSION_NO] == "1"
    (session,) = world.live()
    assert (session.kind, session.operator_no, session.terminal_no) == ("verified", WANG, OURS)
    assert (world.record(1).state, world.record(1).confirmed_ms, world.record(1).session_no) == ("active", world.now, 1)
    world.now = UnixMs(NOON + 9000)
    assert code_of(world.sign_out()) == "00"
    assert (world.record(1).state, world.record(1).ended_ms, world.record(1).reason) == (
        "ended",
        world.now,
        "signed_out:asked",
    )
    assert world.live() == ()


def test_unknown_number_and_wrong_password_get_one_answer_and_the_record_tells_them_apart() -> None:
    unknown, wrong = signed_in(), signed_in()
    first, second = unknown.verify(OperatorNo("77")), wrong.verify(LI, right=False)
    assert first.reply == second.reply
    assert code_of(first) == "P1"
    assert (unknown.record(2).reason, wrong.record(2).reason) == ("unknown_operator", "wrong_password")
    assert (unknown.record(2).state, wrong.record(2).state) == ("refused", "refused")


def fail(world: World, operator_no: OperatorNo, times: int) -> list[str]:
    """Wrong passwords, each after the longest wait that policy asks for; the answers' tries left."""
    left = []
    for _ in range(times):
        world.now = UnixMs(world.now + BASIC.delay_max_s * 1000)
        refused = world.verify(operator_no, right=False)
        assert code_of(refused) == "P1"
        left.append(tags_of(refused)[Tag.TRIES_LEFT])
    return left


def test_tries_left_count_down_and_never_up_while_somebody_fails() -> None:
    assert fail(signed_in(), LI, 5) == ["2", "1", "0", "0", "0"]
    assert fail(signed_in(), OperatorNo("77"), 5) == ["2", "1", "0", "0", "0"], "of nobody the same is told"


def test_of_two_counters_the_smaller_number_is_told_also_after_somebody_else_signed_in() -> None:
    """The device forgets at any good sign-in, a person only at the own one."""
    for number in (LI, OperatorNo("77")):
        world = signed_in()
        told = fail(world, number, 2)
        assert code_of(world.verify()) == "00", "somebody else, who sets the device's count back"
        assert world.terminal().failed_count == 0
        assert [*told, *fail(world, number, 1)] == ["2", "1", "0"]
    world = signed_in()
    assert [*fail(world, LI, 2), *fail(world, WANG, 1)] == ["2", "1", "0"], "the device's third"


def test_a_good_sign_in_forgets_the_failures() -> None:
    world = signed_in()
    world.verify(right=False)
    world.verify(right=False)
    assert (world.operator().failed_count, world.terminal().failed_count) == (2, 2)
    assert code_of(world.verify()) == "00"
    assert (world.operator().failed_count, world.terminal().failed_count) == (0, 0)


def test_a_good_sign_in_tells_when_the_password_was_used_before_and_the_first_one_nothing() -> None:
    world = World()
    world.sign_on()
    first = world.verify(mac="next")
    assert tags_of(first).get(Tag.EARLIER_SINCE, "") == ""
    world.now = UnixMs(NOON + 60_000)
    assert tags_of(world.verify())[Tag.EARLIER_SINCE] == write_clock(NOON)


def test_failures_under_fresh_keys_keep_the_keys() -> None:
    world = World()
    world.sign_on()
    assert code_of(world.verify(right=False, mac="next")) == "P1"
    assert (world.terminal().mac_key, world.terminal().failed_count) == ("MAK1", 1)


def test_ten_wrong_passwords_lock_the_person_for_half_an_hour() -> None:
    world = signed_in()
    fail(world, LI, BASIC.person_lock_failures)
    refused = world.verify(LI)
    assert code_of(refused) == "P2"
    until = UnixMs(world.now + BASIC.person_lock_minutes * 60_000)
    assert tags_of(refused)[Tag.LOCKED_UNTIL] == write_clock(until)
    # The right password is not even a try while the lock lasts, and other people are not locked.
    assert world.operator(LI).failed_count == BASIC.person_lock_failures
    assert code_of(world.verify(WANG)) == "00"
    world.now = UnixMs(until - 1)
    assert code_of(world.verify(LI)) == "P2"
    world.now = until
    assert code_of(world.verify(LI)) == "00"
    assert (world.operator(LI).failed_count, world.operator(LI).locked_until_ms) == (0, None)


def test_every_ten_more_wrong_passwords_lock_again() -> None:
    world = signed_in()
    fail(world, LI, BASIC.person_lock_failures)
    world.now = UnixMs(world.now + BASIC.person_lock_minutes * 60_000)
    fail(world, LI, BASIC.person_lock_failures)
    assert code_of(world.verify(LI)) == "P2"


def test_a_disabled_operator_and_one_who_may_not_trade_are_refused_after_their_password() -> None:
    world = signed_in()
    world.change(world.operator(LI), state="disabled")
    assert [code_of(world.verify(LI)), code_of(world.verify(LI, right=False))] == ["P2", "P1"]
    assert [code_of(world.verify(OperatorNo("00"))), code_of(world.verify(OperatorNo("00"), right=False))] == [
        "P7",
        "P1",
    ]


@pytest.mark.parametrize(
    ("mac", "code"),
    [("bad", "A0"), ("none", "77")],
)
@pytest.mark.parametrize("step", ["verify", "status", "sign_out"])
def test_an_operator_message_with_a_bad_mac_changes_nothing(step: str, mac: MacVerdict, code: str) -> None:
    world = signed_in()
    decision = getattr(world, step)(mac=mac)
    assert (code_of(decision), decision.changes) == (code, ())
    assert len(world.live()) == 1


def test_operator_messages_are_not_for_terminals_that_check_operators_themselves() -> None:
    world = World()
    world.sign_on(FOREIGN, WANG)
    assert code_of(world.verify(number=FOREIGN, mac="next")) == "58"


def test_operator_messages_pass_the_gate() -> None:
    world = signed_in()
    world.change(world.terminal(), state="locked")
    assert code_of(world.verify()) == "58"
    world.put(Merchant(merchant_no=MERCHANT, name="", state="suspended", created_ms=NOON))
    assert code_of(world.verify()) == "03"


@pytest.mark.parametrize("item", ["operator", "shop", "terminal", "time", "batch"])
def test_an_operator_who_says_that_something_is_wrong_opens_no_session(item: str) -> None:
    world = signed_in()
    world.sign_out()
    record_no = tags_of(world.verify())[Tag.RECORD_NO]
    decision = world.confirm(record_no, wrong=item)
    assert (code_of(decision), decision.reason) == ("00", f"reported_wrong:{item}")
    assert (world.record(int(record_no)).state, world.live()) == ("refused", ())


@pytest.mark.parametrize("record_no", ["", "x", "99", "9" * 30])
def test_nothing_is_confirmed_that_was_not_verified(record_no: str) -> None:
    world = signed_in()
    world.sign_out()
    assert code_of(world.confirm(record_no)) == "PA"
    assert world.live() == ()


def test_a_record_is_confirmed_by_its_own_operator_on_its_own_terminal_once_and_in_time() -> None:
    world = signed_in()
    world.sign_out()
    world.sign_on(OTHER)
    world.verify(LI, OTHER, mac="next")
    record_no = tags_of(world.verify())[Tag.RECORD_NO]
    assert code_of(world.confirm(record_no, LI)) == "PA"
    assert code_of(world.confirm(record_no, WANG, OTHER)) == "PA"
    assert code_of(world.confirm(record_no)) == "00"
    assert code_of(world.confirm(record_no)) == "PA"
    world.sign_out()
    late = tags_of(world.verify())[Tag.RECORD_NO]
    world.now = UnixMs(world.now + CONFIRM_WITHIN_MS + 1)
    assert code_of(world.confirm(late)) == "PA"
    assert (world.record(int(late)).state, world.record(int(late)).reason) == ("refused", "confirmed_too_late")


# ------------------------------------------------------------------------------------------ one operator, one session


def test_a_second_sign_in_of_the_same_operator_is_p6_and_says_where_and_since_when() -> None:
    world = signed_in()
    refused = world.sign_in(WANG, OTHER)
    assert code_of(refused) == "P6"
    assert tags_of(refused)[Tag.EARLIER_TERMINAL].startswith(OURS)
    assert tags_of(refused)[Tag.EARLIER_SINCE] == write_clock(NOON)
    assert world.record(2).reason == "signed_in_elsewhere"
    assert world.live(OTHER) == ()


def test_of_two_that_were_verified_the_first_to_confirm_wins() -> None:
    world = World()
    world.sign_on(OURS)
    world.sign_on(OTHER)
    here = tags_of(world.verify(mac="next"))[Tag.RECORD_NO]
    there = tags_of(world.verify(WANG, OTHER, mac="next"))[Tag.RECORD_NO]
    assert code_of(world.confirm(there, WANG, OTHER)) == "00"
    assert code_of(world.confirm(here)) == "P6"
    assert (len(world.live()), len(world.live(OTHER))) == (0, 1)


def test_what_another_makers_terminal_claims_keeps_nobody_out() -> None:
    world = World()
    world.sign_on(FOREIGN, WANG)
    world.sale("000001", number=FOREIGN, mac="next")
    assert world.live(FOREIGN)[0].kind == "unverified"
    assert code_of(world.sign_in(WANG)) == "00"


def test_the_same_operator_on_the_same_terminal_resumes_the_session() -> None:
    world = signed_in()
    again = world.sign_in()
    assert tags_of(again)[Tag.SESSION_NO] == "1"
    assert len(world.rows(Session)) == 1
    assert (world.record(1).state, world.record(1).reason) == ("ended", "resumed")
    assert (world.record(2).state, world.record(2).session_no) == ("active", 1)
    world.sign_out()
    assert (world.record(2).state, world.record(2).reason) == ("ended", "signed_out:asked")


@pytest.mark.parametrize(
    ("hours", "policy_overrides", "reason"),
    [
        (BASIC.session_hours_max + 1, "", "too_long"),
        (BASIC.session_hours_max, '{"new_day_signs_in": true}', "new_day"),
    ],
)
def test_a_session_that_lasted_its_time_or_began_yesterday_is_not_resumed(
    hours: int, policy_overrides: str, reason: str
) -> None:
    world = signed_in()
    world.put(Merchant(merchant_no=MERCHANT, name="掌柜示范店", policy_overrides=policy_overrides, created_ms=NOON))
    world.now = UnixMs(NOON + hours * HOUR_MS)
    assert tags_of(world.sign_in())[Tag.SESSION_NO] == "2"
    first, second = world.rows(Session)
    assert (first.end_reason, first.ended_ms, second.ended_ms) == (reason, world.now, None)
    assert (world.record(1).state, world.record(1).reason) == ("ended", reason)
    assert world.sale().effects


def test_where_no_day_asks_for_a_new_sign_in_midnight_alone_ends_nothing() -> None:
    world = signed_in()
    overrides = '{"new_day_signs_in": false}'
    world.put(Merchant(merchant_no=MERCHANT, name="掌柜示范店", policy_overrides=overrides, created_ms=NOON))
    world.now = UnixMs(NOON + BASIC.session_hours_max * HOUR_MS)
    assert tags_of(world.sign_in())[Tag.SESSION_NO] == "1"


def test_another_operator_takes_the_terminal_over() -> None:
    world = signed_in()
    assert tags_of(world.sign_in(LI))[Tag.SESSION_NO] == "2"
    assert [session.operator_no for session in world.live()] == [LI]
    assert (world.record(1).state, world.record(1).reason) == ("ended", "handed_over")
    assert code_of(world.sale()) == "77"
    assert world.sale("000008", operator_no=LI).effects


def test_a_sign_out_answers_the_sessions_figures() -> None:
    world = signed_in()
    world.state.figures[(MERCHANT, world.live()[0].session_no)] = (3, 12850)
    assert tags_of(world.sign_out()) == {Tag.FIGURES: "3,12850"}


@pytest.mark.parametrize("operator_no", [LI, OperatorNo("77")])
def test_nobody_signs_out_somebody_else(operator_no: OperatorNo) -> None:
    world = signed_in()
    assert code_of(world.sign_out(operator_no)) == "PA"
    assert len(world.live()) == 1


def test_a_second_sign_out_finds_no_session() -> None:
    world = signed_in()
    assert [code_of(world.sign_out()), code_of(world.sign_out())] == ["00", "PA"]


def test_a_heartbeat_tells_the_terminal_when_its_operators_session_is_gone() -> None:
    world = signed_in()
    assert Tag.ORDERS not in tags_of(world.status())
    assert Tag.ORDERS not in tags_of(world.status(None))
    world.sign_out()
    assert tags_of(world.status())[Tag.ORDERS] == "sign_in"
    assert Tag.ORDERS not in tags_of(world.status(None))


def test_session_and_record_numbers_only_grow() -> None:
    world = World()
    for operator_no in (WANG, LI, WANG, WANG, LI):
        world.sign_in(operator_no)
    assert [session.session_no for session in world.rows(Session)] == [1, 2, 3, 4]
    assert [
        record.record_no for record in sorted(world.rows(type(world.record(1))), key=lambda row: row.record_no)
    ] == [1, 2, 3, 4, 5]
