"""Batch upload (0320): a batch whose totals differ is told payment by payment, until what differs has a name.

detail     the batch is     uploading   kept; told again it stays one. 65 beyond DETAILS_MAX
                            closed      taken and not kept: nothing of a closed batch changes
                            not settled 22: the totals come first
its end    the batch is     uploading   compared, payment by payment: closed, agreed or with each difference named in a case
                            closed      00 once more
no end     for upload_wait_hours        the same by the job `upload_end`: what was not told differs, and the batch is unfinished
"""

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from ...basics.numbers import TraceNo, UnixMs
from ...basics.spans import HOUR_MS
from ...cup.messages.settlement import Detail, Upload
from ...cup.transactions import PAYMENTS
from ..policy.rules import Policy
from ..rows.batch_figures import BatchEntries, HostEntry
from ..rows.cases import open_case
from ..rows.decision import Decision, PlainReply
from ..rows.draft import Draft
from ..rows.records import (
    Batch,
    BatchDetail,
    BatchDifference,
    BatchKey,
    CaseKind,
    DifferenceWord,
    Terminal,
    WaitingKeys,
)
from ..rows.state import State
from ..terminals.gate import Refusal, admit_terminal, adopt_next_keys, end_session
from .proof import Proof, trust_in
from .settle import SETTLED, not_proven, shop_policy, sign_off

NOT_SETTLED = "22"
TOO_MANY = "65"
DETAILS_MAX = 10_000
"""Payments that a terminal may tell of one batch: several times what a till takes between two settlements. A trace number has 999,999."""


class UploadAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A 0320 with what proves it."""

    upload: Upload
    proof: Proof
    fitting: WaitingKeys | None = None


def uploaded_batch(upload: Upload) -> BatchKey:
    """The key of the batch that is told."""
    return (upload.merchant_no, upload.terminal_no, upload.batch_no)


def decide_upload(state: State, asked: UploadAsked, now: UnixMs) -> Decision:
    """Decide a 0320: details, or the end of them."""
    upload = asked.upload
    terminal = admit_terminal(state, upload.merchant_no, upload.terminal_no)
    if isinstance(terminal, Refusal):
        return Decision(reply=PlainReply(terminal.response_code), reason=terminal.reason)
    if trust_in(terminal, shop_policy(state, terminal), asked.proof) == "refused":
        refusal = not_proven(asked.proof)
        return Decision(reply=PlainReply(refusal.response_code), reason=refusal.reason)
    draft = Draft(state)
    terminal, adopted = adopt_next_keys(state, terminal, asked.fitting, now)
    draft.take(adopted)
    batch = draft.get(Batch, *uploaded_batch(upload))
    if batch is None:
        return _answered(draft, NOT_SETTLED, "upload_before_settlement")
    if batch.state == "closed":
        return _answered(draft, "00", "upload_of_a_closed_batch")
    if not upload.is_end:
        return _keep(draft, batch, upload.details)
    closed = close_uploaded(draft, batch, now, is_told=True)
    sign_off(draft, terminal, now)
    return _answered(draft, "00", "" if closed.outcome == "agreed" else "batch_differs")


def _keep(draft: Draft, batch: Batch, details: tuple[Detail, ...]) -> Decision:
    key = (batch.merchant_no, batch.terminal_no, batch.batch_no)
    new = {one.trace_no for one in details if draft.get(BatchDetail, *key, one.trace_no) is None}
    if batch.details_count + len(new) > DETAILS_MAX:
        return _answered(draft, TOO_MANY, "too_many_details")
    for detail in details:
        row = BatchDetail(
            merchant_no=batch.merchant_no,
            terminal_no=batch.terminal_no,
            batch_no=batch.batch_no,
            trace_no=detail.trace_no,
            amount_fen=detail.amount_fen,
            masked_pan=detail.masked_pan,
        )
        known = draft.get(BatchDetail, *key, detail.trace_no)
        (draft.insert if known is None else draft.update)(row)
    if new:
        draft.update(replace(batch, details_count=batch.details_count + len(new)))
    return _answered(draft, "00")


def due_of(batch: Batch, policy: Policy) -> UnixMs:
    """When an upload that has not come to its end is given up."""
    return UnixMs(batch.settled_ms + policy.upload_wait_hours * HOUR_MS)


def close_unfinished(draft: Draft, batch: Batch, now: UnixMs) -> Batch:
    """Close a batch whose terminal never told the end; the sessions from before its settlement end with it."""
    for session in draft.live_sessions_on(batch.merchant_no, batch.terminal_no):
        terminal = draft.get(Terminal, batch.merchant_no, batch.terminal_no)
        if terminal is not None and terminal.operator_check == "host" and session.opened_ms <= batch.settled_ms:
            draft.take(end_session(draft.state, session, now, SETTLED))
    return close_uploaded(draft, batch, now, is_told=False)


def close_uploaded(draft: Draft, batch: Batch, now: UnixMs, *, is_told: bool) -> Batch:
    """Compare what was told with what the host has, name each difference, and close the batch for good."""
    key: BatchKey = (batch.merchant_no, batch.terminal_no, batch.batch_no)
    entries = draft.state.entries.get(key, BatchEntries())
    found = tuple(differences(entries))
    case_no: int | None = None
    if found:
        what: CaseKind = "settlement_differs" if is_told else "upload_unfinished"
        case_no = open_case(draft, what, batch.merchant_no, batch.terminal_no, batch.operator_no, now)
        for one in found:
            draft.insert(
                BatchDifference(
                    merchant_no=batch.merchant_no,
                    terminal_no=batch.terminal_no,
                    batch_no=batch.batch_no,
                    against="terminal",
                    trace_no=one.trace_no,
                    what=one.what,
                    kind=one.kind,
                    host_amount_fen=one.host_amount_fen,
                    told_amount_fen=one.told_amount_fen,
                    host_state=one.host_state,
                )
            )
    return draft.update(
        replace(
            batch,
            state="closed",
            outcome="agreed" if not found else "differs" if is_told else "unfinished",
            closed_ms=now,
            details_count=len(entries.told),
            case_no=case_no,
        )
    )


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One payment about which terminal and host say different things."""

    trace_no: TraceNo
    what: DifferenceWord
    kind: str = ""
    host_amount_fen: int | None = None
    told_amount_fen: int | None = None
    host_state: str = ""


def differences(entries: BatchEntries) -> Iterator[Difference]:
    """Each payment that only one side counts, or that both count with another amount or card; by trace number.

    What counts follows from the catalogue: an approved payment of a kind that a settlement counts.
    """
    host, told = entries.host, entries.told
    for trace_no in sorted(host.keys() | told.keys()):
        ours, theirs = host.get(trace_no), told.get(trace_no)
        counts = ours is not None and ours.state == "approved" and bool(PAYMENTS[ours.kind].total)
        what = _what_differs(ours if counts else None, theirs, is_known=ours is not None)
        if what is None:
            continue
        yield Difference(
            trace_no=trace_no,
            what=what,
            kind=ours.kind if ours is not None else "",
            host_amount_fen=ours.amount_fen if ours is not None and counts else None,
            told_amount_fen=theirs.amount_fen if theirs is not None else None,
            host_state=ours.state if ours is not None else "",
        )


def _what_differs(ours: HostEntry | None, theirs: Detail | None, *, is_known: bool) -> DifferenceWord | None:
    if theirs is None:
        return None if ours is None else "only_at_host"
    if ours is None:
        return "stands_not_at_host" if is_known else "only_at_terminal"
    if ours.amount_fen != theirs.amount_fen:
        return "amount_differs"
    if ours.masked_pan and theirs.masked_pan and ours.masked_pan != theirs.masked_pan:
        return "card_differs"
    return None


def _answered(draft: Draft, code: str, reason: str = "") -> Decision:
    return Decision(changes=tuple(draft.changes), reply=PlainReply(code), reason=reason)
