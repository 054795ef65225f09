"""Who looked into a finding and what it was. Findings are reckoned anew each time, so what settles one is a note of the chain, and no row.

act settle_finding ─▶ a note: subject `detector/kind/name`, detail `outcome until`, who, why, when
a finding is settled where a note about the same thing reaches to its end; what goes on after that is open again. What stands so until
now (a factory password, an opened case) is settled as long as nothing is added to it.
"""

from collections.abc import Iterable
from typing import Literal, get_args

import msgspec

from ...basics.numbers import MerchantNo, OperatorNo, UnixMs
from ..policy.actors import NOT_PERMITTED, Actor, is_own_number, may_manage, noted
from ..rows.decision import Decision
from ..rows.records import AuditNote, Counter
from ..rows.state import Needs, State
from .finding import DetectorName, Finding, Subject, SubjectKind

SETTLE_FINDING = "settle_finding"
SettledAs = Literal["harmless", "acted", "mistaken"]
"""harmless: it was so, and was in order; acted: something was done about it; mistaken: it was not so."""
NAME_MAX = 80
"""Characters of a subject's name."""
SettledKey = tuple[str, str]
"""The shop of a note, and what it is about."""


class Settled(msgspec.Struct, frozen=True):
    """What somebody found out, as the note keeps it."""

    outcome: SettledAs
    until_ms: int
    by: str
    reason: str
    made_ms: UnixMs


def subject_of(detector: str, subject: Subject) -> str:
    """What a note is about: `failure_burst/operator/01`."""
    return f"{detector}/{subject.kind}/{subject.name}"


def settling_needs(merchant_no: MerchantNo) -> Needs:
    """The rows that settling needs: those of its note."""
    return Needs({Counter: [(merchant_no, "note")]})


def decide_settle(
    state: State,
    merchant_no: MerchantNo,
    detector: DetectorName,
    kind: SubjectKind,
    name: str,
    until_ms: int,
    outcome: SettledAs,
    by: Actor,
    now: UnixMs,
) -> Decision:
    """Put down that somebody looked, and what it was."""
    if not may_manage(by, SETTLE_FINDING):
        return Decision(reason=NOT_PERMITTED)
    if kind == "operator" and is_own_number(by, OperatorNo(name)):
        return Decision(reason="own_finding")
    if len(name) > NAME_MAX or not name.isprintable() or not 0 <= until_ms <= now:
        return Decision(reason="finding_not_there")
    about = subject_of(detector, Subject(kind, merchant_no, name))
    return Decision(changes=noted(state, merchant_no, by, SETTLE_FINDING, about, f"{outcome} {until_ms}", now))


def settled_by(notes: Iterable[AuditNote]) -> dict[SettledKey, Settled]:
    """What notes say, the furthest of each thing; what is no such note says nothing."""
    found: dict[SettledKey, Settled] = {}
    for note in notes:
        # Behind these two stands by which token a program did it, where one did.
        outcome, until = [*note.detail.split(" "), "", ""][:2]
        if note.action != SETTLE_FINDING or not until.isdecimal():
            continue
        for known in get_args(SettledAs):
            if known == outcome:
                key = (note.merchant_no, note.subject)
                settled = Settled(known, int(until), note.actor, note.reason or "", note.made_ms)
                if key not in found or found[key].until_ms <= settled.until_ms:
                    found[key] = settled
    return found


def settled_of(finding: Finding, settled: dict[SettledKey, Settled]) -> Settled | None:
    """What settles this finding; None while nobody looked, and where it went on since."""
    found = settled.get((finding.subject.merchant_no, subject_of(finding.detector, finding.subject)))
    news_ms = finding.until_ms if finding.changed_ms is None else finding.changed_ms
    return found if found is not None and news_ms <= found.until_ms else None
