"""When contents of provable records go: a person's data on demand, whole records when their time is over. The chain stays.

A record of somebody who is on duty now stays as it is until the session has ended.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec

from ...basics.chance import Chance
from ...basics.clock import china_time, instant_of
from ...basics.numbers import MerchantNo, UnixMs
from ...basics.spans import DAY_MS
from ..policy.actors import NOT_PERMITTED, Actor, may_manage, noted
from ..policy.rules import policy_of
from ..rows.decision import Decision
from ..rows.records import (
    KEYS_MARK_BYTES,
    Approval,
    AuditNote,
    ChainHead,
    Merchant,
    Operator,
    Salt,
    SignIn,
    StoredAnswer,
    Terminal,
    UserName,
    mark_of_keys,
)
from ..rows.state import Change, Delete, Needs, State, Update
from .chain import SIGN_IN, ChainWriter

ERASE_PERSON, PRUNE_RECORDS = "erase_person", "prune_records"
PERSONAL: Mapping[type[Any], tuple[str, ...]] = MappingProxyType(
    {SignIn: ("operator_no", "approved_by"), Approval: ("supervisor_no",), AuditNote: ("actor", "subject")}
)
"""Fields that name a person by number. A sign-in's `operator_name`, `user_name` and `badge_no` go with its `operator_no`."""


def retention_needs(merchant_no: MerchantNo, sign_ins: Collection[int], operator_no: str = "") -> Needs:
    """The rows that erasing (this person) or pruning these sign-in records needs."""
    return Needs(
        {
            SignIn: [(merchant_no, number) for number in sign_ins],
            Salt: [(merchant_no, SIGN_IN.word, number) for number in sign_ins],
            ChainHead: [(merchant_no,)],
            Operator: [(merchant_no, operator_no)] if operator_no else [],
        }
    )


def is_on_duty(record: SignIn) -> bool:
    """Whether this sign-in's session lives, or may begin at any moment."""
    return record.state not in ("ended", "refused") and record.session_no is not None


def without_person(record: Any, operator_no: str, badge_nos: Collection[str] = ()) -> Any:
    """The record without what names this person; the same object when nothing does.

    Who shows a badge that counts no more is nobody, so the badge's number stands in the operator's place, and the name beside it.
    """
    known_as = {operator_no, *badge_nos}
    blank: dict[str, str | None] = {name: "" for name in PERSONAL[type(record)] if getattr(record, name) in known_as}
    if type(record) is SignIn and "operator_no" in blank:
        blank |= {"operator_name": "", "user_name": None, "badge_no": None}
    return msgspec.structs.replace(record, **blank) if blank else record


def decide_to_shorten(
    state: State, merchant_no: MerchantNo, action: str, records: int, by: Actor, now: UnixMs
) -> Decision:
    """Leave the note of an erasure or a pruning, before its first record goes: nothing may be gone that no note tells of.

    The note says how many records were chosen and names nobody: it must not keep the number that is to be taken out.
    """
    if state.get(Merchant, merchant_no) is None:
        return Decision(reason="unknown_merchant")
    if not may_manage(by, action):
        return Decision(reason=NOT_PERMITTED)
    return Decision(changes=noted(state, merchant_no, by, action, "", f"records={records}", now))


def decide_erasure(
    state: State,
    merchant_no: MerchantNo,
    numbers: Collection[int],
    operator_no: str,
    chance: Chance,
    now: UnixMs,
    *,
    badge_nos: Collection[str] = (),
) -> tuple[Change, ...]:
    """Take a person out of these sign-in records, also where only a badge says who it was.

    Fresh salts make sure that the old commitments tell nothing.

    The name goes from the operator's own row too once that is disabled; who still works here needs it.
    """
    writer = ChainWriter(state, chance, now)
    changes: list[Change] = []
    operator = state.get(Operator, merchant_no, operator_no)
    if operator is not None and operator.state == "disabled" and (operator.name or operator.user_name):
        changes.append(Update(msgspec.structs.replace(operator, name="", user_name="", badge_no=None)))
        if operator.user_name:
            known = UserName(merchant_no=merchant_no, user_name=operator.user_name, operator_no=operator.operator_no)
            changes.append(Delete(known))
    for number in sorted(numbers):
        record = state.get(SignIn, merchant_no, number)
        if record is None or is_on_duty(record):
            continue
        erased = without_person(record, operator_no, badge_nos)
        if erased is not record:
            changes.append(Update(erased))
            writer.erase(erased)
    return (*changes, *writer.changes())


def decide_pruning(
    state: State, merchant_no: MerchantNo, numbers: Collection[int], before: UnixMs, chance: Chance, now: UnixMs
) -> tuple[Change, ...]:
    """Drop those of these sign-in records that began before an instant."""
    writer = ChainWriter(state, chance, now)
    changes: list[Change] = []
    for number in sorted(numbers):
        record = state.get(SignIn, merchant_no, number)
        if record is not None and record.began_ms < before and not is_on_duty(record):
            changes.append(Delete(record))
            writer.prune(record)
    return (*changes, *writer.changes())


def forget_answer(state: State, answer: StoredAnswer, now: UnixMs) -> Change | None:
    """What becomes of an answer that was kept for repeats; None while it is young.

    Its number and the mark of its keys stay in the batch that its terminal fills now, where they tell that it was used (`known_trace`),
    and as long as the terminal has these keys: whoever caught the message could send it again, and it would count as new.
    """
    terminal = state.get(Terminal, answer.merchant_no, answer.terminal_no)
    merchant = state.get(Merchant, answer.merchant_no)
    if merchant is not None:
        days = policy_of(merchant.policy, merchant.policy_overrides).answers_days
        if now - answer.made_ms <= days * DAY_MS:
            return None
    mark = answer.fingerprint[-KEYS_MARK_BYTES:]
    if terminal is None or not (
        terminal.batch_no == answer.batch_no or (mark and mark_of_keys(terminal.mac_key) == mark)
    ):
        return Delete(answer)
    if answer.fingerprint == mark:
        return None
    return Update(msgspec.structs.replace(answer, fingerprint=mark, tags=b""))


def months_before(now: UnixMs, months: int) -> UnixMs:
    """The same day and time so many calendar months ago in China; the last day of a shorter month.

    >>> from zhanggui.basics.clock import format_time
    >>> format_time(months_before(UnixMs(1_774_929_600_000), 1))
    '2026-02-28 12:00:00'
    """
    here = china_time(now)
    years, month = divmod(here.year * 12 + here.month - 1 - months, 12)
    for day in (here.day, 30, 29, 28):
        try:
            moment: datetime = here.replace(year=years, month=month + 1, day=min(day, here.day))
        except ValueError:
            continue
        return instant_of(moment)
    raise AssertionError("every month has 28 days")
