"""The chain's encodings are fixed for good, and its links hold one another."""

import hashlib
import hmac
import json
from datetime import datetime
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhanggui.acquirer.proof.audit import Problem, What
from zhanggui.acquirer.proof.chain import (
    APPROVAL,
    ERASED,
    NO_HASH,
    NOTHING,
    PROVABLE,
    PROVABLE_KINDS,
    PRUNED,
    SIGN_IN,
    ChainWriter,
    ProvableKind,
    append_links,
    chain_needs,
    checkpoint_bytes,
    commit,
    encode_contents,
    hash_of,
    is_joined,
    link_hash,
)
from zhanggui.acquirer.proof.problems import PROBLEM_WORDS, problem_text
from zhanggui.acquirer.proof.retention import decide_erasure, decide_pruning, is_on_duty, months_before, without_person
from zhanggui.acquirer.rows.records import Approval, ChainHead, Link, Salt, SignIn
from zhanggui.acquirer.rows.state import Change, Delete, Insert, State, Update
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.clock import format_time, instant_of
from zhanggui.basics.errors import Defect
from zhanggui.basics.numbers import MerchantNo, OperatorNo, RecordNo, TerminalNo, UnixMs

SHOP = MerchantNo("102100058120001")
MORNING = UnixMs(1_795_000_000_000)
replace = msgspec.structs.replace


def attempt(number: int = 1, **changed: object) -> SignIn:
    base = SignIn(
        merchant_no=SHOP,
        record_no=RecordNo(number),
        terminal_no=TerminalNo("10000001"),
        operator_no="01",
        state="attempted",
        began_ms=MORNING,
    )
    return replace(base, **changed)


def written(*changes: Change, state: State | None = None) -> tuple[State, list[Link]]:
    """Apply changes and their links; the state and the links."""
    state = State() if state is None else state
    state.apply(changes)
    links = append_links(state, changes, SeededChance(1), MORNING)
    state.apply(links)
    return state, [change.record for change in links if isinstance(change.record, Link)]


def eight(value: int) -> bytes:
    return value.to_bytes(8, "big")


def test_contents_are_encoded_as_documented_byte_for_byte() -> None:
    record = attempt(7, operator_name='王"芳\\\n', drift_s=0, elapsed_ms=-5)
    expected = (
        '\x01{"began_ms":1795000000000,"drift_s":0,"elapsed_ms":-5,"merchant_no":"102100058120001",'
        '"method":"password","operator_name":"王\\"芳\\\\\\n","operator_no":"01","record_no":7,'
        '"state":"attempted","terminal_no":"10000001"}'
    )
    assert encode_contents(SIGN_IN.contents(record)) == expected.encode()


@given(st.text(), st.integers(-(2**53) + 1, 2**53 - 1))
def test_contents_are_canonical_json(text: str, number: int) -> None:
    """RFC 8785 for text and whole numbers: what Python's own encoder writes with sorted names and no white space."""
    contents: dict[str, str | int] = {"a": text, "b": number}
    plain = json.dumps(contents, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert encode_contents(contents) == b"\x01" + plain.encode()


def test_the_order_in_which_contents_were_given_does_not_matter() -> None:
    assert encode_contents({"b": 1, "a": "x"}) == encode_contents({"a": "x", "b": 1}) == b'\x01{"a":"x","b":1}'


def test_a_field_that_a_later_version_adds_changes_nothing_in_old_records() -> None:
    class Newer(SignIn, frozen=True, kw_only=True):
        later_text: str = ""
        later_number: int = 0
        later_maybe: int | None = None

    newer = Newer(**{name: getattr(attempt(), name) for name in SignIn.__struct_fields__})
    kind = ProvableKind(Newer, "sign_in", "record_no", lambda row: row.state)
    assert kind.contents(newer) == SIGN_IN.contents(attempt())


def test_nothing_and_zero_are_told_apart_where_nothing_is_allowed() -> None:
    contents = [SIGN_IN.contents(attempt(drift_s=drift)) for drift in (None, 0, 1)]
    assert len({encode_contents(one) for one in contents}) == 3


def test_bytes_are_committed_to_in_hexadecimal() -> None:
    kind = ProvableKind(Salt, "salt", "record_no", lambda row: "made")
    salt = Salt(merchant_no=SHOP, record_kind="x", record_no=1, salt=b"\x00\xff")
    assert kind.contents(salt)["salt"] == "00ff"


@pytest.mark.parametrize("name", SignIn.__struct_fields__)
def test_every_field_of_a_sign_in_is_committed_to(name: str) -> None:
    record = attempt()
    value = getattr(record, name)
    changed = replace(record, **{name: value + "x" if isinstance(value, str) else (value or 0) + 1})
    assert encode_contents(SIGN_IN.contents(changed)) != encode_contents(SIGN_IN.contents(record))


def test_a_commitment_is_a_keyed_hash_under_the_salt() -> None:
    contents = SIGN_IN.contents(attempt())
    assert commit(b"s" * 16, contents) == hmac.new(b"s" * 16, encode_contents(contents), hashlib.sha256).digest()


def test_a_links_hash_is_made_as_documented() -> None:
    given_hash = link_hash(SHOP, 2, "sign_in", 7, "ended", b"c" * 32, b"p" * 32, MORNING)
    text = b"\x0f" + SHOP.encode() + b"\x07sign_in\x05ended"
    covered = b"zhanggui link 1\0" + eight(2) + eight(7) + eight(MORNING) + b"p" * 32 + b"c" * 32 + text
    assert given_hash == hashlib.sha256(covered).digest()


def test_what_a_checkpoint_signs_is_made_as_documented() -> None:
    expected = b"zhanggui checkpoint 1\0" + eight(5) + eight(MORNING) + b"h" * 32 + b"\x0f" + SHOP.encode()
    assert checkpoint_bytes(SHOP, 5, b"h" * 32, MORNING) == expected


def test_a_batch_appends_one_link_for_each_change_and_one_salt_for_each_record() -> None:
    state, links = written(Insert(attempt(1)), Insert(attempt(2)), Update(attempt(1, state="refused", reason="locked")))
    assert [(link.link_no, link.record_no, link.event) for link in links] == [
        (1, 1, "attempted"),
        (2, 2, "attempted"),
        (3, 1, "refused"),
    ]
    assert [link.previous for link in links] == [NO_HASH, links[0].hash, links[1].hash]
    assert all(hash_of(link) == link.hash for link in links)
    assert state.get(ChainHead, SHOP) == ChainHead(merchant_no=SHOP, link_no=3, hash=links[2].hash, signed_ms=MORNING)
    salt = state.get(Salt, SHOP, "sign_in", 1)
    assert salt is not None
    assert links[2].commitment == commit(salt.salt, SIGN_IN.contents(attempt(1, state="refused", reason="locked")))


def test_the_next_batch_goes_on_where_the_last_one_ended() -> None:
    state, first = written(Insert(attempt(1)))
    _, second = written(Update(attempt(1, state="refused")), state=state)
    assert (second[0].link_no, second[0].previous) == (2, first[0].hash)


def test_shops_have_chains_of_their_own() -> None:
    other = MerchantNo("102100058120002")
    _, links = written(Insert(attempt(1)), Insert(attempt(1, merchant_no=other)))
    assert [(link.merchant_no, link.link_no) for link in links] == [(SHOP, 1), (other, 1)]


def test_a_sale_needs_no_chain() -> None:
    head = ChainHead(merchant_no=SHOP, link_no=1, hash=NO_HASH, signed_ms=MORNING)
    assert chain_needs([Update(head)]) is None
    assert append_links(State(), [Update(head)], SeededChance(1), MORNING) == ()


def test_an_approval_is_chained_when_it_is_given_and_when_it_is_used() -> None:
    given_now = Approval(
        merchant_no=SHOP,
        approval_no=1,
        supervisor_no=OperatorNo("00"),
        terminal_no=TerminalNo("10000001"),
        action="refund",
        given_ms=MORNING,
        expires_ms=MORNING,
    )
    _, links = written(Insert(given_now), Update(replace(given_now, used_ms=MORNING)))
    assert [(link.record_kind, link.event) for link in links] == [("approval", "given"), ("approval", "used")]
    assert PROVABLE_KINDS["approval"] is APPROVAL is PROVABLE[Approval]


def test_a_provable_record_does_not_go_without_a_word() -> None:
    state = State()
    with pytest.raises(Defect, match="prune"):
        append_links(state, [Delete(attempt(1))], SeededChance(1), MORNING)


def test_a_tail_is_joined_only_if_nothing_of_it_was_touched() -> None:
    _, links = written(*(Insert(attempt(number)) for number in range(1, 6)))
    head = ChainHead(merchant_no=SHOP, link_no=5, hash=links[4].hash, signed_no=2, signed_ms=MORNING)
    tail = links[2:]
    assert is_joined(head, links[1].hash, tail)
    assert is_joined(replace(head, signed_no=0), NO_HASH, links)
    assert not is_joined(head, links[0].hash, tail)
    assert not is_joined(head, links[1].hash, tail[:-1])
    assert not is_joined(head, links[1].hash, [tail[1], tail[0], tail[2]])
    assert not is_joined(head, links[1].hash, [replace(tail[0], record_no=9), *tail[1:]])
    assert not is_joined(replace(head, hash=NO_HASH), links[1].hash, tail)


def test_an_erased_record_loses_name_and_number_and_gets_a_fresh_salt() -> None:
    record = attempt(1, state="ended", operator_name="王芳")
    state, _ = written(Insert(record))
    before = state.get(Salt, SHOP, "sign_in", 1)
    changes = decide_erasure(state, SHOP, [1, 2], "01", SeededChance(2), MORNING)
    state.apply(changes)
    after = state.get(Salt, SHOP, "sign_in", 1)
    assert state.get(SignIn, SHOP, 1) == replace(record, operator_no="", operator_name="")
    assert before is not None
    assert after is not None
    assert before.salt != after.salt
    assert [change.record.event for change in changes if isinstance(change.record, Link)] == [ERASED]
    assert decide_erasure(state, SHOP, [1], "01", SeededChance(2), MORNING) == ()


def test_a_supervisor_is_taken_out_of_the_records_of_others() -> None:
    record = attempt(1, state="ended", operator_name="王芳", approved_by="00")
    assert without_person(record, "00") == replace(record, approved_by="")
    assert without_person(record, "02") is record


def test_a_person_is_taken_out_of_attempts_by_a_badge_that_counted_no_more() -> None:
    record = attempt(1, state="refused", operator_no="AB12CD34", badge_no="AB12CD34", operator_name="王芳")
    state, _ = written(Insert(record))
    state.apply(decide_erasure(state, SHOP, [1], "01", SeededChance(2), MORNING, badge_nos=["AB12CD34"]))
    erased = state.get(SignIn, SHOP, 1)
    assert erased == replace(record, operator_no="", operator_name="", badge_no=None)
    assert without_person(record, "02", ["ZZ99ZZ99"]) is record


def test_a_pruned_record_leaves_links_only() -> None:
    state, _ = written(Insert(attempt(1, state="ended")), Insert(attempt(2, state="ended", began_ms=MORNING + 9)))
    changes = decide_pruning(state, SHOP, [1, 2], UnixMs(MORNING + 5), SeededChance(2), MORNING)
    state.apply(changes)
    assert state.get(SignIn, SHOP, 1) is None
    assert state.get(Salt, SHOP, "sign_in", 1) is None
    assert state.get(SignIn, SHOP, 2) is not None
    (link,) = [change.record for change in changes if isinstance(change.record, Link)]
    assert (link.event, link.commitment, link.link_no) == (PRUNED, NOTHING, 3)


@pytest.mark.parametrize(
    ("state_word", "session_no", "on_duty"),
    [("active", 1, True), ("ended", 1, False), ("refused", None, False), ("attempted", None, False)],
)
def test_who_is_on_duty_keeps_the_record(state_word: str, session_no: int | None, on_duty: bool) -> None:
    record = attempt(1, state=state_word, session_no=session_no)
    assert is_on_duty(record) is on_duty
    state, _ = written(Insert(record))
    kept = not decide_erasure(state, SHOP, [1], "01", SeededChance(2), MORNING)
    assert kept is on_duty
    assert (not decide_pruning(state, SHOP, [1], UnixMs(MORNING + 1), SeededChance(2), MORNING)) is on_duty


def test_a_writer_that_wrote_nothing_changes_nothing() -> None:
    assert ChainWriter(State(), SeededChance(1), MORNING).changes() == ()


@pytest.mark.parametrize(
    ("now", "months", "then"),
    [
        ("2026-11-23T12:00:00+08:00", 12, "2025-11-23 12:00:00"),
        ("2026-03-31T12:00:00+08:00", 1, "2026-02-28 12:00:00"),
        ("2024-03-31T12:00:00+08:00", 1, "2024-02-29 12:00:00"),
        ("2026-01-15T00:00:00+08:00", 6, "2025-07-15 00:00:00"),
        ("2026-12-31T00:00:00+08:00", 0, "2026-12-31 00:00:00"),
    ],
)
def test_months_are_counted_in_the_calendar(now: str, months: int, then: str) -> None:
    assert format_time(months_before(instant_of(datetime.fromisoformat(now)), months)) == then


def test_every_problem_has_its_words_and_stands_in_the_reference() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "audit.md").read_text(encoding="utf-8")
    problems = get_args(What)
    assert set(PROBLEM_WORDS) == set(problems)
    assert [what for what in problems if f"| `{what}` |" not in page] == []
    for what in problems:
        problem = Problem(what=what, merchant_no=SHOP, record_kind="sign_in", record_no=7, link_no=9)
        assert all("{" not in problem_text(problem, lang) for lang in ("zh", "en"))
