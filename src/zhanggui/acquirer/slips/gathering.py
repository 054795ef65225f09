"""Parts of an upload, as the host gathers them: sealed like any document, gone when they are joined, or when nobody sent the rest.

    part ─┬─ the next one, or one that is here already ─▶ 00, and how many there are: the terminal goes on behind them
          ├─ one before it is not here                 ─▶ 22, the same
          └─ the last one ─┬─ they are what the terminal named ─▶ the document itself
                           └─ they are not             ─▶ 22, and none: it begins again

The gathering belongs to one payment. What was begun for it and is another whole is given up by the first part of the new one.
"""

import msgspec
from msgspec.structs import replace

from ...basics.numbers import MerchantNo, UnixMs
from ...basics.spans import DAY_MS
from ...cup.values.parts import Taken
from ..rows.decision import Decision, UploadReply
from ..rows.draft import Draft
from ..rows.reasons import Reason
from ..rows.records import Document
from .erasing import emptied

KEPT_DAYS = 7
"""How long parts wait for the rest: a terminal that was switched off over a holiday goes on where it was."""


class Gathering(msgspec.Struct, frozen=True):
    """A part with what it was put to, as the vault opened and sealed it."""

    document_id: str
    """Of the parts: the same for every part of this payment."""
    taken: Taken
    sealed: bytes
    """What is there now; empty where nothing is kept of it."""


def keep_parts(draft: Draft, merchant_no: MerchantNo, gathering: Gathering, now: UnixMs) -> Decision:
    """Keep what came so far, or let it go where it was no whole: the answer to every part but the one that completes it."""
    taken = gathering.taken
    row = draft.get(Document, merchant_no, gathering.document_id)
    if taken.verdict == "missing":
        return _answered(draft, "22", taken.have, reason="part_missing")
    if taken.verdict == "wrong":
        let_go(draft, merchant_no, gathering, now)
        return _answered(draft, "22", 0, reason="parts_wrong")
    gathered = Document(
        merchant_no=merchant_no,
        document_id=gathering.document_id,
        kind="parts",
        sealed=gathering.sealed,
        size_bytes=len(taken.gathered.content) if taken.gathered is not None else 0,
        kept_ms=now,
        until_ms=UnixMs(now + KEPT_DAYS * DAY_MS),
    )
    if row is None:
        draft.insert(gathered)
    elif (row.size_bytes, row.erased_ms) != (gathered.size_bytes, None) or taken.have == 1:
        draft.update(replace(gathered, kept_ms=row.kept_ms))
    return _answered(draft, "00", taken.have)


def _answered(draft: Draft, code: str, have: int, reason: Reason = "") -> Decision:
    return Decision(changes=tuple(draft.changes), reply=UploadReply(code, have), reason=reason)


def let_go(draft: Draft, merchant_no: MerchantNo, gathering: Gathering, now: UnixMs) -> None:
    """The parts are a document of their own now, or were no whole."""
    row = draft.get(Document, merchant_no, gathering.document_id)
    if row is not None and row.erased_ms is None:
        draft.update(emptied(row, "joined", now))
