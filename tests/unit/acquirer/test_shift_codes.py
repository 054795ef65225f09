"""The code of a shift has a number and an end, the next one may be set ahead, and another shift's is told apart."""

import pytest
from msgspec.structs import replace
from tests.worlds.acquirer_world import MERCHANT, NOON, World, code_of, tags_of
from tests.worlds.acquirer_world import WANG as OPERATOR

from zhanggui.acquirer.operators.confirm import decide_confirm
from zhanggui.acquirer.operators.entry import CodeFacts
from zhanggui.acquirer.operators.management import decide_set_shift_code
from zhanggui.acquirer.policy.actors import CONSOLE
from zhanggui.acquirer.policy.shift_codes import (
    AHEAD_MS_MAX,
    CODES_KEPT_MAX,
    ShiftCode,
    ShiftSpan,
    judge_said,
    read_shift_codes,
    with_shift_code,
    write_shift_codes,
)
from zhanggui.acquirer.rows.records import Merchant
from zhanggui.basics.numbers import UnixMs
from zhanggui.basics.secret import Secret
from zhanggui.basics.spans import HOUR_MS
from zhanggui.cup.messages.operator_asks import ConfirmContents
from zhanggui.cup.operator_tags import Tag


def at(hours: float) -> UnixMs:
    return UnixMs(NOON + int(hours * HOUR_MS))


def span(begin: float, end: float) -> ShiftSpan:
    return ShiftSpan(from_ms=at(begin), until_ms=at(end))


def set_codes(*spans: tuple[float, float], now: UnixMs = NOON) -> tuple[ShiftCode, ...]:
    codes: tuple[ShiftCode, ...] = ()
    for number, (begin, end) in enumerate(spans, start=1):
        more = with_shift_code(codes, span(begin, end), f"sealed:{number}", now)
        assert more is not None
        codes = more
    return codes


def times(codes: tuple[ShiftCode, ...]) -> list[tuple[int, float, float]]:
    return [(one.number, (one.from_ms - NOON) / HOUR_MS, ((one.until_ms or 0) - NOON) / HOUR_MS) for one in codes]


def test_the_next_shift_is_set_ahead_and_ends_the_one_before() -> None:
    assert times(set_codes((0, 8), (8, 16))) == [(1, 0, 8), (2, 8, 16)]
    assert times(set_codes((0, 12), (8, 16))) == [(1, 0, 8), (2, 8, 16)]
    assert times(set_codes((0, 12), (0, 8))) == [(2, 0, 8)], "the same shift gets another code"


def test_codes_come_back_as_they_were_written_and_an_earlier_version_s_has_no_number() -> None:
    codes = set_codes((0, 8), (8, 16))
    assert read_shift_codes(write_shift_codes(codes)) == codes
    assert read_shift_codes("") == ()
    (old,) = read_shift_codes("sealed:ab")
    assert (old.number, old.until_ms, old.is_in_force(NOON)) == (0, None, True)
    ended = with_shift_code((old,), span(0, 8), "sealed:cd", NOON)
    assert ended is not None
    assert times(ended) == [(0, -NOON / HOUR_MS, 0), (1, 0, 8)]
    clear = with_shift_code(read_shift_codes("7281"), span(0, 8), "sealed:cd", NOON)
    assert clear is not None
    assert "7281" not in write_shift_codes(clear)


@pytest.mark.parametrize(
    ("hour", "said", "is_set", "right", "number"),
    [
        (1, 1, True, True, 1),
        (7.99, 1, True, True, 1),
        (8, 1, True, False, 1),
        (8, 2, True, True, 2),
        (1, 2, True, False, 2),
        (1, None, True, False, None),
        (20, None, False, False, None),
        (20, 2, True, False, 2),
    ],
)
def test_a_code_counts_in_its_own_shift_alone(
    hour: float, said: int | None, is_set: bool, right: bool, number: int | None
) -> None:
    codes = set_codes((0, 8), (8, 16))
    found = judge_said(codes, [one.number == said for one in codes], at(hour))
    assert (found.is_set, found.right, found.number) == (is_set, right, number)


def test_what_is_over_goes_first_and_nobody_sets_more_than_are_kept() -> None:
    many = set_codes(*((hour, hour + 1) for hour in range(CODES_KEPT_MAX)))
    assert len(many) == CODES_KEPT_MAX
    assert with_shift_code(many, span(50, 51), "sealed:x", NOON) is None
    later = with_shift_code(many, span(50, 51), "sealed:x", at(3))
    assert later is not None
    assert [one.number for one in later] == [2, 3, 4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize(("begin", "end"), [(0, 0), (5, 4), (-9, -1), (0, 169), (AHEAD_MS_MAX / HOUR_MS + 1, 750)])
def test_a_time_that_is_none_is_refused(begin: float, end: float) -> None:
    world = World()
    decision = decide_set_shift_code(
        world.state, MERCHANT, CONSOLE, "483920", span(begin, end), world.now, sealed="sealed:00"
    )
    assert (decision.reason, decision.changes) == ("bad_shift_time", ())


def with_code(facts: CodeFacts) -> tuple[World, str, str, int | None]:
    """A confirmation with a code: response code, reason that is told, number in the record."""
    world = World()
    world.change(world.rows(Merchant)[0], policy_overrides='{"sign_in_code": "shift"}')
    world.sign_on()
    record_no = tags_of(world.verify())[Tag.RECORD_NO]
    contents = ConfirmContents(record_no=int(record_no), code=Secret("123456"))  # type: ignore[arg-type]  # a number
    decision = world.took(decide_confirm(world.state, replace(world.asked(contents, OPERATOR), code=facts), world.now))
    return world, code_of(decision), tags_of(decision).get(Tag.REASON, ""), world.record(int(record_no)).shift_code_no


def test_the_record_tells_which_shift_s_code_it_was() -> None:
    _, code, _, number = with_code(CodeFacts(is_set=True, right=True, shift_code_no=4))
    assert (code, number) == ("00", 4)


def test_the_code_of_another_shift_is_said_and_counts_as_a_wrong_try() -> None:
    world, code, reason, number = with_code(CodeFacts(is_set=True, right=False, shift_code_no=3))
    assert (code, reason, number) == ("P5", "code_of_another_shift", None)
    assert world.operator().failed_count == 1
    _, code, reason, _ = with_code(CodeFacts(is_set=True, right=False))
    assert (code, reason) == ("P5", "wrong_code")
