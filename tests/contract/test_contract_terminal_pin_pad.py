"""What every PIN pad keeps to. A real make joins by one more entry in MAKES."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.worlds.shell_makes import CARD, MERCHANT, OPERATOR, KeyRoom, StillClock, new_pin_pad

from zhanggui.basics.chance import SeededChance
from zhanggui.basics.errors import Fault, Misuse
from zhanggui.basics.numbers import Login, OperatorNo, RecordNo, UnixMs, UserName
from zhanggui.basics.secret import Pan, Secret
from zhanggui.terminal.devices.pin_pad import LAST_PASSWORD_S
from zhanggui.terminal.devices.ports import PROTECTED_BYTES_MAX, EntryStep, EnvelopeTerms, PinPad
from zhanggui.vault.badge import badge_number, badge_secret, draw_badge
from zhanggui.vault.hsm import KeySet


def virtual(folder: Path, clock: StillClock, room: KeyRoom) -> PinPad:
    made = new_pin_pad(folder, clock)
    room.sign_on(made)
    return made


MAKES: dict[str, Callable[[Path, StillClock, KeyRoom], PinPad]] = {"virtual": virtual}
"""Each makes a PIN pad with a master key and the working keys of one sign-in."""


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture(params=list(MAKES))
def pin_pad(request: pytest.FixtureRequest, tmp_path: Path, clock: StillClock) -> PinPad:
    return MAKES[request.param](tmp_path, clock, KeyRoom())


def begin(pin_pad: PinPad, purpose: str = "cardholder", *, may_skip: bool = False) -> None:
    pin_pad.begin(
        purpose,  # type: ignore[arg-type]  # one of two words
        min_digits=4,
        max_digits=6,
        may_skip=may_skip,
        timeout_s=30,
    )


def is_collecting(pin_pad: PinPad) -> bool:
    return pin_pad.collecting


def press(pin_pad: PinPad, keys: str) -> list[EntryStep]:
    return [pin_pad.press(key) for key in keys]  # type: ignore[arg-type]  # digit keys


def test_it_collects_only_between_begin_and_its_end(pin_pad: PinPad) -> None:
    assert not is_collecting(pin_pad)
    with pytest.raises(Misuse):
        pin_pad.press("1")
    begin(pin_pad)
    assert is_collecting(pin_pad)
    press(pin_pad, "1234")
    assert pin_pad.press("enter") == EntryStep(4, "entered")
    assert not is_collecting(pin_pad)


def test_it_shows_how_many_digits_it_holds_and_no_more_than_allowed(pin_pad: PinPad) -> None:
    begin(pin_pad)

    assert [step.count for step in press(pin_pad, "12345678")] == [1, 2, 3, 4, 5, 6, 6, 6]


def test_a_new_entry_begins_empty(pin_pad: PinPad) -> None:
    begin(pin_pad)
    press(pin_pad, "123456")
    begin(pin_pad)

    assert pin_pad.press("1") == EntryStep(1)


def test_forgetting_ends_the_entry(pin_pad: PinPad) -> None:
    begin(pin_pad)
    press(pin_pad, "123456")
    pin_pad.forget()

    assert not pin_pad.collecting
    with pytest.raises(Fault):
        pin_pad.take_pin_block(Pan(CARD))


def test_an_entry_times_out_once(pin_pad: PinPad, clock: StillClock) -> None:
    begin(pin_pad)
    press(pin_pad, "12")
    clock.pass_s(30)

    assert pin_pad.tick() == EntryStep(0, "timed_out")
    assert pin_pad.tick() is None


def test_blocks_have_eight_bytes_and_differ_by_whose_they_are(pin_pad: PinPad) -> None:
    blocks = set()
    for pan in (CARD, "6217000000000000020"):
        begin(pin_pad)
        press(pin_pad, "123456")
        pin_pad.press("enter")
        blocks.add(pin_pad.take_pin_block(Pan(pan)))
    begin(pin_pad, "password")
    press(pin_pad, "123456")
    pin_pad.press("enter")
    blocks.add(pin_pad.take_password_block(MERCHANT, OPERATOR))

    assert len(blocks) == 3
    assert {len(block) for block in blocks} == {8}


def test_its_own_mac_is_right_and_any_other_is_not(pin_pad: PinPad) -> None:
    mac = pin_pad.mac(b"0200 and so on")

    assert len(mac) == 8
    assert pin_pad.verify_mac(b"0200 and so on", mac)
    assert not pin_pad.verify_mac(b"0200 and so on!", mac)
    assert not pin_pad.verify_mac(b"0200 and so on", bytes(8))
    assert not pin_pad.verify_mac(b"0200 and so on", mac[:7])


@pytest.mark.parametrize("length", [1, 19, PROTECTED_BYTES_MAX])
def test_what_it_protects_comes_back(pin_pad: PinPad, length: int) -> None:
    content = bytes(range(length))
    sealed = pin_pad.protect(content)

    assert content not in sealed or length == 1
    assert pin_pad.unprotect(sealed) == content
    assert pin_pad.protect(content) != sealed, "the same card looks different each time"


def test_it_protects_no_more_than_its_bound(pin_pad: PinPad) -> None:
    for content in (b"", bytes(PROTECTED_BYTES_MAX + 1)):
        with pytest.raises(ValueError, match="1 to 32"):
            pin_pad.protect(content)


def test_opened_it_has_nothing_left(pin_pad: PinPad) -> None:
    sealed = pin_pad.protect(b"card")
    before = (pin_pad.has_working_keys, pin_pad.tampered)

    pin_pad.tamper()

    assert before == (True, False)
    assert pin_pad.tampered
    assert not pin_pad.has_working_keys
    assert not pin_pad.verify_mac(b"data", bytes(8))
    with pytest.raises(Fault):
        pin_pad.unprotect(sealed)
    with pytest.raises(Fault):
        pin_pad.load_working_keys(bytes(60), KeySet.DOUBLE_TRACK)


# ── codes, new passwords, signing in without network ─────────────────────────


def typed(pin_pad: PinPad, purpose: str, digits: str) -> EntryStep:
    begin(pin_pad, purpose)
    press(pin_pad, digits)
    return pin_pad.press("enter")


def terms(clock: StillClock, operator_no: OperatorNo = OPERATOR, hours: int = 24) -> EnvelopeTerms:
    return EnvelopeTerms(
        operator_no=operator_no,
        operator_name="王芳",
        record_no=RecordNo(88),
        hours=hours,
        uses=2,
        sale_limit_fen=50_000,
        host_now=clock.now(),
    )


WRONG_BY_S = 400 * 24 * 3600
"""How far a host's clock was ahead for a while."""


def with_envelope(pin_pad: PinPad, clock: StillClock, hours: int = 24) -> PinPad:
    typed(pin_pad, "password", "2580")
    pin_pad.take_password_block(MERCHANT, OPERATOR)
    assert pin_pad.seal_envelope(terms(clock, hours=hours))
    return pin_pad


def outcome(pin_pad: PinPad, digits: str, *, use: bool = True) -> str:
    typed(pin_pad, "password", digits)
    return pin_pad.check_offline(MERCHANT, OPERATOR, use=use).outcome


def test_a_code_comes_out_once(pin_pad: PinPad) -> None:
    typed(pin_pad, "code", "123456")

    assert pin_pad.take_code() == Secret("123456")
    with pytest.raises(Fault):
        pin_pad.take_code()


def test_a_new_password_is_typed_twice_and_compared_inside(pin_pad: PinPad) -> None:
    typed(pin_pad, "old_password", "2580")
    assert typed(pin_pad, "new_password", "739164") == EntryStep(6, "entered")
    assert typed(pin_pad, "repeat_password", "739164") == EntryStep(6, "entered")
    change = pin_pad.take_new_password(MERCHANT, OPERATOR)

    assert len(change.old_block) == len(change.new_block) == 8
    typed(pin_pad, "password", "2580")
    assert pin_pad.take_password_block(MERCHANT, OPERATOR) == change.old_block
    typed(pin_pad, "password", "739164")
    assert pin_pad.take_password_block(MERCHANT, OPERATOR) == change.new_block


def test_a_first_password_for_somebody_else_is_under_that_number_and_the_own_one_stays(pin_pad: PinPad) -> None:
    other = OperatorNo("05")
    typed(pin_pad, "old_password", "2580")
    typed(pin_pad, "new_password", "739164")
    typed(pin_pad, "repeat_password", "739164")
    given = pin_pad.take_new_password(MERCHANT, OPERATOR, new_for=other)
    pin_pad.new_password_accepted(other)

    typed(pin_pad, "password", "2580")
    assert pin_pad.take_password_block(MERCHANT, OPERATOR) == given.old_block
    typed(pin_pad, "password", "739164")
    assert pin_pad.take_password_block(MERCHANT, other) == given.new_block


def test_two_different_entries_leave_nothing_of_the_new_one_and_keep_the_old_one(pin_pad: PinPad) -> None:
    typed(pin_pad, "old_password", "2580")
    typed(pin_pad, "new_password", "739164")
    assert typed(pin_pad, "repeat_password", "739165").outcome == "differs"
    with pytest.raises(Fault):
        pin_pad.take_new_password(MERCHANT, OPERATOR)
    typed(pin_pad, "new_password", "739164")
    typed(pin_pad, "repeat_password", "739164")

    assert len(pin_pad.take_new_password(MERCHANT, OPERATOR).old_block) == 8


def test_a_second_entry_without_a_first_one_never_fits(pin_pad: PinPad) -> None:
    typed(pin_pad, "password", "739164")
    assert typed(pin_pad, "repeat_password", "739164").outcome == "differs"


def test_after_a_sign_in_the_old_password_is_not_asked_again_and_only_for_its_operator(pin_pad: PinPad) -> None:
    typed(pin_pad, "password", "2580")
    block = pin_pad.take_password_block(MERCHANT, OPERATOR)
    pin_pad.forget()
    for operator_no, known in ((OPERATOR, True), (OperatorNo("02"), False)):
        typed(pin_pad, "new_password", "739164")
        typed(pin_pad, "repeat_password", "739164")
        if known:
            assert pin_pad.take_new_password(MERCHANT, operator_no).old_block == block
        else:
            with pytest.raises(Fault):
                pin_pad.take_new_password(MERCHANT, operator_no)


def test_the_right_password_opens_its_envelope_as_often_as_allowed(pin_pad: PinPad, clock: StillClock) -> None:
    with_envelope(pin_pad, clock)
    typed(pin_pad, "password", "2580")
    first = pin_pad.check_offline(MERCHANT, OPERATOR, use=True)

    assert (first.outcome, first.operator_name, first.uses_left, first.sale_limit_fen) == ("ok", "王芳", 1, 50_000)
    assert first.until_ms == clock.now() + 24 * 3_600_000
    assert outcome(pin_pad, "2580") == "ok"
    assert outcome(pin_pad, "2580", use=False) == "ok", "to unlock, no use is counted"
    assert outcome(pin_pad, "2580") == "used_up"
    (owed,) = pin_pad.offline_owed()
    assert (owed.operator_no, owed.record_no, owed.uses) == (OPERATOR, 88, 2)


def test_uses_are_counted_over_the_whole_life_of_an_envelope(pin_pad: PinPad, clock: StillClock) -> None:
    """So the host sees which use is reported, and takes none twice."""
    with_envelope(pin_pad, clock)
    assert outcome(pin_pad, "2580") == "ok"
    assert [use.uses for use in pin_pad.offline_owed()] == [1]
    pin_pad.offline_told(OPERATOR)
    assert pin_pad.offline_owed() == ()
    assert outcome(pin_pad, "2580") == "ok"
    assert [use.uses for use in pin_pad.offline_owed()] == [2]
    with_envelope(pin_pad, clock)
    assert outcome(pin_pad, "2580") == "ok"
    assert [use.uses for use in pin_pad.offline_owed()] == [1], "another envelope"


def test_nobody_without_an_envelope_and_nobody_with_another_password(pin_pad: PinPad, clock: StillClock) -> None:
    assert outcome(pin_pad, "2580") == "none"
    with_envelope(pin_pad, clock)
    assert outcome(pin_pad, "2581") == "wrong"
    assert pin_pad.offline_owed() == ()
    for _ in range(4):
        outcome(pin_pad, "2581")
    assert outcome(pin_pad, "2580") == "over", "five wrong ones end it"


def test_an_envelope_is_over_after_its_hours(pin_pad: PinPad, clock: StillClock) -> None:
    with_envelope(pin_pad, clock, hours=1)
    clock.pass_s(3_599)
    assert outcome(pin_pad, "2580", use=False) == "ok"
    clock.pass_s(1)
    assert outcome(pin_pad, "2580", use=False) == "over"


def test_a_clock_that_was_set_back_ends_it_for_good(pin_pad: PinPad, clock: StillClock) -> None:
    with_envelope(pin_pad, clock)
    clock.pass_s(7_200)
    assert outcome(pin_pad, "2580") == "ok"
    clock.pass_s(-3_600)
    assert outcome(pin_pad, "2580") == "clock"
    clock.pass_s(3_600)
    assert outcome(pin_pad, "2580") == "over"


def test_a_clock_that_was_wrong_all_along_changes_nothing(pin_pad: PinPad, clock: StillClock) -> None:
    typed(pin_pad, "password", "2580")
    pin_pad.take_password_block(MERCHANT, OPERATOR)
    behind = UnixMs(clock.now() + 600_000)
    assert pin_pad.seal_envelope(replace(terms(clock, hours=1), host_now=behind))
    clock.pass_s(3_599)
    assert outcome(pin_pad, "2580", use=False) == "ok"
    clock.pass_s(1)
    assert outcome(pin_pad, "2580", use=False) == "over"


def test_a_host_whose_clock_was_wrong_for_a_while_locks_nobody_out(pin_pad: PinPad, clock: StillClock) -> None:
    clock.pass_s(WRONG_BY_S)
    with_envelope(pin_pad, clock)
    other_operator = OperatorNo("02")
    typed(pin_pad, "password", "1470")
    pin_pad.take_password_block(MERCHANT, other_operator)
    assert pin_pad.seal_envelope(terms(clock, other_operator))
    assert outcome(pin_pad, "2580") == "ok", "used once in the wrong year"
    clock.pass_s(-WRONG_BY_S)
    assert outcome(pin_pad, "2580", use=False) == "clock", "no word of the host yet that it was wrong"
    with_envelope(pin_pad, clock)
    assert outcome(pin_pad, "2580") == "ok", "a fresh sign-in takes the wrong future back"
    typed(pin_pad, "password", "1470")
    there = pin_pad.check_offline(MERCHANT, other_operator, use=True).outcome
    assert there == "over", "an envelope until next year is not good for a year"


def test_what_was_told_is_not_owed_and_what_was_revoked_is_gone(pin_pad: PinPad, clock: StillClock) -> None:
    with_envelope(pin_pad, clock)
    outcome(pin_pad, "2580")
    pin_pad.offline_told(OPERATOR)
    assert pin_pad.offline_owed() == ()
    assert outcome(pin_pad, "2580") == "ok", "the envelope goes on"
    pin_pad.revoke_envelope(OPERATOR)
    assert outcome(pin_pad, "2580") == "none"


def test_a_new_password_makes_the_envelope_void_and_seals_the_next_one(pin_pad: PinPad, clock: StillClock) -> None:
    with_envelope(pin_pad, clock)
    typed(pin_pad, "new_password", "739164")
    typed(pin_pad, "repeat_password", "739164")
    pin_pad.take_new_password(MERCHANT, OPERATOR)
    pin_pad.new_password_accepted(OPERATOR)
    assert outcome(pin_pad, "2580") == "none"
    typed(pin_pad, "password", "739164")
    pin_pad.take_password_block(MERCHANT, OPERATOR)
    assert pin_pad.seal_envelope(terms(clock))
    assert outcome(pin_pad, "739164") == "ok"
    assert outcome(pin_pad, "2580") == "wrong"


def test_no_envelope_without_a_password_of_that_operator(pin_pad: PinPad, clock: StillClock) -> None:
    assert not pin_pad.seal_envelope(terms(clock))
    typed(pin_pad, "password", "2580")
    pin_pad.take_password_block(MERCHANT, OPERATOR)
    assert not pin_pad.seal_envelope(terms(clock, OperatorNo("02")))
    clock.pass_s(601)
    pin_pad.tick()
    assert not pin_pad.seal_envelope(terms(clock))


def test_opened_it_has_no_envelope_left(pin_pad: PinPad, clock: StillClock) -> None:
    with_envelope(pin_pad, clock)
    pin_pad.tamper()
    assert pin_pad.offline_owed() == ()
    with pytest.raises(Fault):
        outcome(pin_pad, "2580")


WANG = UserName("wang.fang")


def test_a_user_name_makes_another_block_than_the_number_and_needs_no_number(pin_pad: PinPad) -> None:
    typed(pin_pad, "password", "2580")
    by_name = pin_pad.take_password_block(MERCHANT, WANG)
    typed(pin_pad, "password", "2580")
    assert len(by_name) == 8
    assert pin_pad.take_password_block(MERCHANT, OPERATOR) != by_name


@pytest.mark.parametrize("sealed_by", [OPERATOR, WANG])
@pytest.mark.parametrize("opened_by", [OPERATOR, WANG])
def test_an_envelope_opens_by_number_and_by_user_name_whichever_it_was_sealed_by(
    pin_pad: PinPad, clock: StillClock, sealed_by: Login, opened_by: Login
) -> None:
    typed(pin_pad, "password", "2580")
    pin_pad.take_password_block(MERCHANT, sealed_by)
    assert pin_pad.seal_envelope(replace(terms(clock), user_name=WANG))
    typed(pin_pad, "password", "2581")
    assert pin_pad.check_offline(MERCHANT, opened_by, use=True).outcome == "wrong"
    typed(pin_pad, "password", "2580")
    verdict = pin_pad.check_offline(MERCHANT, opened_by, use=True)
    assert (verdict.outcome, verdict.operator_no) == ("ok", OPERATOR)
    assert [use.operator_no for use in pin_pad.offline_owed()] == [OPERATOR]


def test_a_user_name_of_nobody_here_opens_nothing(pin_pad: PinPad, clock: StillClock) -> None:
    with_envelope(pin_pad, clock)
    typed(pin_pad, "password", "2580")
    assert pin_pad.check_offline(MERCHANT, WANG, use=True).outcome == "none"


def test_a_user_name_that_somebody_else_has_now_opens_only_the_newer_envelope(
    pin_pad: PinPad, clock: StillClock
) -> None:
    for number, digits in ((OPERATOR, "2580"), (OperatorNo("02"), "7415")):
        typed(pin_pad, "password", digits)
        pin_pad.take_password_block(MERCHANT, number)
        assert pin_pad.seal_envelope(replace(terms(clock, number), user_name=WANG))
    typed(pin_pad, "password", "7415")
    assert pin_pad.check_offline(MERCHANT, WANG, use=True).operator_no == "02"


def test_a_change_of_password_names_who_was_typed_beside_the_old_one(pin_pad: PinPad) -> None:
    typed(pin_pad, "password", "2580")
    block = pin_pad.take_password_block(MERCHANT, WANG)
    for purpose in ("new_password", "repeat_password"):
        typed(pin_pad, purpose, "739164")
    with pytest.raises(Fault, match="old password"):
        pin_pad.take_new_password(MERCHANT, OPERATOR)
    for purpose in ("new_password", "repeat_password"):
        typed(pin_pad, purpose, "739164")
    assert pin_pad.take_new_password(MERCHANT, WANG).old_block == block


def test_a_badge_leaves_for_one_message_alone_and_is_forgotten(pin_pad: PinPad, clock: StillClock) -> None:
    badge = draw_badge(SeededChance(5))
    with pytest.raises(Fault, match="show it again"):
        pin_pad.show_badge(b"one")
    pin_pad.keep_badge(badge)
    first, second = pin_pad.show_badge(b"one"), pin_pad.show_badge(b"two")
    assert first.number == second.number == badge_number(badge)
    assert first.block != second.block
    assert badge_secret(badge) not in first.block + second.block
    assert badge.reveal() not in repr(pin_pad)
    with pytest.raises(ValueError, match=r"^this is no badge$"):
        pin_pad.keep_badge(Secret("6901234567892"))
    pin_pad.forget_badge()
    with pytest.raises(Fault, match="show it again"):
        pin_pad.show_badge(b"one")
    pin_pad.keep_badge(badge)
    clock.pass_s(LAST_PASSWORD_S)
    pin_pad.tick()
    with pytest.raises(Fault, match="show it again"):
        pin_pad.show_badge(b"one")
