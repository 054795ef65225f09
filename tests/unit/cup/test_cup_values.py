"""Each typed value of field 62 comes back as it was written, and its reader takes whatever a terminal or a host may say."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhanggui.basics.numbers import BatchNo, RecordNo, SessionNo, TraceNo, UnixMs
from zhanggui.basics.secret import Secret
from zhanggui.cup.errors import MessageError
from zhanggui.cup.messages import operator_asks as asks
from zhanggui.cup.messages import operator_outcomes as outcomes
from zhanggui.cup.operator_tags import Tag, Tags, pack_tags, unpack_tags
from zhanggui.cup.transactions import PAYMENTS
from zhanggui.cup.values.clock import read_clock, write_clock
from zhanggui.cup.values.eyes import EYES_ASKED, EYES_ITEMS, NOT_LOOKED, is_own_item, read_eyes, write_eyes
from zhanggui.cup.values.numbers import NUMBER_DIGITS_MAX, read_number, write_number
from zhanggui.cup.values.offline import OfflineTerms, OfflineUse, read_terms, read_use, write_terms, write_use
from zhanggui.cup.values.reason import ReasonTold, read_reason, write_reason
from zhanggui.cup.values.rules import TerminalRules, read_rules, write_rules
from zhanggui.cup.values.self_check import CHECK_ITEMS, CheckedItem, read_self_check, write_self_check
from zhanggui.cup.values.shift import (
    NOTES_MAX,
    Figures,
    Notes,
    read_figures,
    read_notes,
    write_figures,
    write_notes,
)
from zhanggui.cup.values.steps import STEP_MS_MAX, STEPS_MAX
from zhanggui.cup.values.take_over import TakeOver, read_take_over, read_way, write_take_over
from zhanggui.cup.values.undoing import Undoing, read_undoing, write_undoing
from zhanggui.cup.values.word_list import read_words, write_words

numbers = st.integers(0, 10**NUMBER_DIGITS_MAX - 1)
some = st.integers(1, 10**NUMBER_DIGITS_MAX - 1)
words = st.from_regex(r"[a-z][a-z_]{0,11}", fullmatch=True)
texts = st.text("掌柜示范店 abc", max_size=20)
instants = st.integers(0, 4_000_000_000).map(lambda second: UnixMs(second * 1000))
record_nos = numbers.map(RecordNo)
anything = st.text(st.characters(codec="gb18030", exclude_characters="\x00"), max_size=40) | st.from_regex(
    r"[a-z0-9:,=]{0,40}", fullmatch=True
)

checks = st.lists(
    st.builds(
        CheckedItem,
        st.sampled_from(CHECK_ITEMS) | words,
        st.sampled_from(["ok", "warn", "fail"]),
        st.just("") | words,
    ),
    max_size=9,
).map(write_self_check)
own_items = st.text(st.characters(codec="gb18030", exclude_characters="\x00"), max_size=16).filter(is_own_item)
items = st.lists(st.sampled_from(EYES_ITEMS) | own_items, min_size=1, max_size=7, unique=True).map(tuple)
eyes = items.flatmap(lambda asked: st.sets(st.sampled_from(asked)).map(lambda wrong: write_eyes(tuple(wrong), asked)))
rules = st.builds(
    TerminalRules,
    idle_lock_s=st.integers(30, 900),
    idle_warning_s=st.integers(0, 30),
    after_sale=st.sampled_from(["keep", "lock", "sign_out"]),
    code_digits=st.integers(4, 8),
    drift_warn_s=st.integers(0, 3600),
    check_eyes=st.booleans(),
    eyes_items=items,
    new_day_signs_in=st.booleans(),
    offline=st.booleans(),
    kinds_refused=st.sets(st.sampled_from(sorted(PAYMENTS))).map(sorted).map(tuple),
)
terms = st.builds(
    OfflineTerms,
    hours=st.integers(1, 168),
    uses=st.integers(1, 99),
    sale_limit_fen=numbers,
    record_no=record_nos,
)
uses = st.builds(OfflineUse, record_no=st.none() | record_nos, use=numbers, used_at_ms=numbers)
six_digits = st.from_regex(r"[0-9]{6}", fullmatch=True)
undoings = st.builds(
    Undoing,
    batch_no=six_digits.map(BatchNo),
    trace_no=six_digits.map(TraceNo),
    state=st.sampled_from([None, "due", "done"]),
)
take_overs = st.builds(TakeOver, approval_no=numbers) | st.builds(TakeOver, stale_reason=words)

WRITTEN: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], str], Callable[[str], Any]]] = {
    "clock": (instants, write_clock, read_clock),
    "number": (some, write_number, read_number),
    "words": (st.lists(words).map(tuple), write_words, read_words),
    "self-check": (checks, lambda check: check.told, read_self_check),
    "eyes": (eyes, lambda seen: seen.told, read_eyes),
    "rules": (rules, write_rules, read_rules),
    "offline terms": (terms, write_terms, read_terms),
    "offline use": (uses, write_use, read_use),
    "figures": (st.builds(Figures, numbers, numbers), write_figures, read_figures),
    "notes": (st.builds(Notes, st.just("") | words, st.just("") | words), write_notes, read_notes),
    "reason": (st.builds(ReasonTold, words, st.just("") | words), write_reason, read_reason),
    "take-over": (take_overs, write_take_over, read_take_over),
    "undoing": (undoings, write_undoing, read_undoing),
}


@pytest.mark.parametrize("name", WRITTEN)
@given(data=st.data())
def test_a_value_comes_back_as_it_was_written(name: str, data: st.DataObject) -> None:
    values, write, read = WRITTEN[name]
    value = data.draw(values)
    assert read(write(value)) == value


@pytest.mark.parametrize("name", sorted(WRITTEN))
@given(text=anything)
def test_a_reader_takes_any_text(name: str, text: str) -> None:
    _, _, read = WRITTEN[name]
    read(text)


@given(anything)
def test_figures_are_two_numbers_or_refused(text: str) -> None:
    first, comma, second = text.partition(",")
    if comma and None not in (read_number(first), read_number(second)):
        assert read_figures(text) == Figures(int(first), int(second))
    else:
        assert read_figures(text) is None
        with pytest.raises(MessageError, match="DF13"):
            outcomes.read_signed_out({Tag.FIGURES: text})


# ── what stands between is careful ───────────────────────────────────────────


@given(anything)
def test_evidence_is_kept_as_it_came(text: str) -> None:
    assert read_self_check(text).told == text
    assert read_eyes(text).told == text


@pytest.mark.parametrize("text", ["tamper", "tamper:", "tamper:fine", "tamper:okay", "TAMPER : Okay"])
def test_a_state_that_nobody_knows_has_failed(text: str) -> None:
    assert [(one.item, one.state) for one in read_self_check(text).items] == [("tamper", "fail")]


@pytest.mark.parametrize("text", ["", "stands:ok,cables:ok,counter:ok", "stands:ok,cables:ok,counter:ok,light:?", "ok"])
def test_a_list_of_what_was_seen_that_has_a_gap_is_not_complete(text: str) -> None:
    assert not read_eyes(text).cover(EYES_ASKED)


@pytest.mark.parametrize("text", ["", "0,3,500,7", "12,0,500,7", "12,3,500", "12,3,500,7,1", "12,3,x,7", "-1,3,500,7"])
def test_an_envelope_that_allows_nothing_is_none(text: str) -> None:
    assert read_terms(text) is None


def test_a_terminal_bounds_what_it_is_told() -> None:
    read = read_terms("9999,9999,500,7")
    assert read is not None
    assert (read.hours, read.uses) == (168, 99)
    assert read_rules("idle_lock_s=1").idle_lock_s == 30
    assert read_rules("idle_lock_s=99999").idle_lock_s == 900
    assert read_rules("idle_lock_s=0").idle_lock_s == 0
    assert read_rules("code_digits=99").code_digits == 8


@given(anything)
def test_a_take_over_names_an_approval_or_a_reason_and_never_both(text: str) -> None:
    asked = read_take_over(text)
    assert (asked is None) == (text == "")
    if asked is not None:
        assert asked.approval_no is None or not asked.stale_reason
    assert read_way(text) in ("", "supervisor", "stale")


# ── whole messages ───────────────────────────────────────────────────────────

maybe_number = st.none() | some
measured = st.builds(
    asks.Measured,
    self_check=checks,
    eyes=st.just(NOT_LOOKED) | eyes,
    elapsed_ms=maybe_number,
    versions=texts,
    terminal_clock=st.none() | instants,
)
steps = st.lists(st.tuples(words, st.integers(0, STEP_MS_MAX)), max_size=STEPS_MAX).map(tuple)
code_names = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=8, max_size=8)
ASKED: dict[str, tuple[st.SearchStrategy[Any], Callable[[Tags], Any]]] = {
    "verify": (st.builds(asks.VerifyContents, method=words, measured=measured), asks.read_verify),
    "confirm": (
        st.builds(
            asks.ConfirmContents,
            record_no=st.none() | record_nos,
            wrong_item=st.none() | words,
            code=st.from_regex(r"[0-9]{0,8}", fullmatch=True).map(Secret),
            take_over=st.none() | take_overs,
            steps=steps,
        ),
        asks.read_confirm,
    ),
    "sign-out": (
        st.builds(asks.SignOutContents, reason=words, notes=texts, record_no=st.none() | record_nos),
        asks.read_sign_out,
    ),
    "lock": (
        st.builds(asks.LockContents, verdict=st.sampled_from(["lock", "unlock"]), measured=measured),
        asks.read_lock,
    ),
    "new password": (
        st.builds(
            asks.NewPasswordContents,
            new_block=st.none() | st.binary(min_size=8, max_size=8),
            record_no=st.none() | record_nos,
            measured=measured,
        ),
        asks.read_new_password,
    ),
    "approve": (
        st.builds(
            asks.ApproveContents,
            action=words,
            amount_fen=numbers,
            record_no=st.none() | record_nos,
            session_no=st.none() | numbers.map(SessionNo),
            measured=measured,
        ),
        asks.read_approve,
    ),
    "manage": (
        st.builds(
            asks.ManageContents,
            action=words,
            about_no=st.sampled_from(["", "01", "98"]),
            new_block=st.none() | st.binary(min_size=8, max_size=8),
            measured=measured,
        ),
        asks.read_manage,
    ),
    "phone": (
        st.builds(
            asks.PhoneContents,
            verdict=st.sampled_from(["open", "ask", "leave"]),
            name=st.just("") | code_names,
            measured=measured,
        ),
        asks.read_phone,
    ),
    "offline": (
        st.builds(asks.OfflineContents, use=uses, versions=texts, terminal_clock=st.none() | instants),
        asks.read_offline,
    ),
    "status": (
        st.builds(
            asks.StatusContents, health=checks, terminal_clock=st.none() | instants, undoing=st.none() | undoings
        ),
        asks.read_status,
    ),
}


@pytest.mark.parametrize("name", ASKED)
@given(data=st.data())
def test_the_contents_of_a_request_come_back_as_they_went_out(name: str, data: st.DataObject) -> None:
    contents, read = ASKED[name]
    said = data.draw(contents)
    assert read(unpack_tags(pack_tags(said.tags()))) == said


@pytest.mark.parametrize("name", ASKED)
@given(tags=st.dictionaries(st.sampled_from(list(Tag)), anything))
def test_no_contents_of_a_request_are_refused_by_their_reader(name: str, tags: Tags) -> None:
    _, read = ASKED[name]
    read(tags)


ANSWERED: dict[str, tuple[st.SearchStrategy[Any], Callable[[Tags], Any]]] = {
    "refused": (
        st.builds(
            outcomes.RefusedOperator,
            record_no=st.none() | record_nos,
            locked_until=st.none() | instants,
            tries_left=st.none() | numbers,
            wait_s=numbers,
            reason=st.just("") | words,
            role=st.just("") | words,
            notice=st.just("") | words,
            terminal=texts,
        ),
        outcomes.read_refused,
    ),
    "reported wrong": (
        st.builds(outcomes.ReportedWrong, record_no=record_nos, case_no=numbers),
        outcomes.read_reported_wrong,
    ),
    "signed out": (
        st.builds(outcomes.SignedOutFigures, st.builds(Figures, numbers, numbers)),
        outcomes.read_signed_out,
    ),
    "orders": (
        st.builds(
            outcomes.OrdersGiven, orders=st.lists(words).map(tuple), moved_to=texts, undoing=st.none() | undoings
        ),
        outcomes.read_orders,
    ),
    "approval": (
        st.builds(outcomes.ApprovalGiven, approval_no=numbers, supervisor_name=texts),
        outcomes.read_approval,
    ),
    "phone's code": (
        st.builds(outcomes.PhoneCodeGiven, name=code_names, address=st.just("https://host/P"), life_s=numbers),
        outcomes.read_phone_code,
    ),
    "how a code stands": (st.builds(outcomes.PhoneCodeStands, known=st.booleans()), outcomes.read_phone_stands),
}


@pytest.mark.parametrize("name", ANSWERED)
@given(data=st.data())
def test_the_contents_of_an_answer_come_back_as_they_went_out(name: str, data: st.DataObject) -> None:
    contents, read = ANSWERED[name]
    said = data.draw(contents)
    assert read(unpack_tags(pack_tags(said.tags()))) == said


verified = st.builds(
    outcomes.VerifiedOperator,
    record_no=record_nos,
    operator_name=texts,
    role=st.just("cashier"),
    merchant_name=texts,
    place=texts,
    host_clock=instants,
    needs=st.sampled_from([(), ("new_password",), ("code",), ("new_password", "code")]),
    earlier_terminal=texts,
    earlier_since=st.none() | instants,
    rules=rules.map(write_rules),
    degraded=st.lists(words).map(tuple),
    days_left=st.none() | numbers,
)


@given(verified, texts, st.none() | instants, st.sampled_from(["", "supervisor", "stale"]))
def test_who_is_signed_in_elsewhere_is_told_with_all_that_a_take_over_needs(
    known: outcomes.VerifiedOperator, terminal: str, since: UnixMs | None, way: Any
) -> None:
    said = outcomes.SignedInElsewhere(
        record_no=known.record_no, terminal=terminal, since=since, way=way, verified=known
    )
    tags = unpack_tags(pack_tags({Tag.HOST_CLOCK: write_clock(known.host_clock), **said.tags()}))
    read = outcomes.read_elsewhere(tags)
    assert read is not None
    assert (read.record_no, read.terminal, read.since, read.way) == (known.record_no, terminal, since, way)
    assert read.verified is not None
    assert (read.verified.needs, read.verified.rules) == (known.needs, known.rules)
    assert (read.verified.operator_name, read.verified.degraded) == (known.operator_name, known.degraded)


@given(
    st.builds(
        outcomes.OpenedSession,
        session_no=numbers.map(SessionNo),
        record_no=record_nos,
        host_clock=instants,
        envelope=st.none() | terms,
        operator_name=texts,
    )
)
def test_an_opened_session_comes_back_as_it_went_out(opened: outcomes.OpenedSession) -> None:
    tags = unpack_tags(pack_tags({Tag.HOST_CLOCK: write_clock(opened.host_clock), **opened.tags()}))
    assert outcomes.read_opened(tags) == opened


@given(verified)
def test_an_answer_given_again_says_what_it_said(known: outcomes.VerifiedOperator) -> None:
    packed = pack_tags(known.tags())
    assert outcomes.AnswerAgain(packed).tags() == {tag: text for tag, text in known.tags().items() if text}


def test_notes_are_cut_where_a_host_cuts_them() -> None:
    assert len(asks.read_sign_out({Tag.NOTES: "好" * 1000}).notes) == NOTES_MAX


def test_a_sign_in_code_is_not_shown_by_what_carries_it() -> None:
    assert "483920" not in repr(asks.read_confirm({Tag.SIGN_IN_CODE: "483920"}))
