"""Acts of management, newest first: who changed what."""

import msgspec

from ..acquirer.people.notes import EVENTS
from ..acquirer.policy.capabilities import CAPABILITIES
from ..acquirer.rows.records import AuditNote
from ..basics.words import Lang
from ..store.queries import PlaceFilter, Queries
from .listing import NOTHING, Column, View, iso, short_time
from .questions.asked_list import AskedList
from .questions.filters import count, part, shop, word
from .questions.periods import periods
from .questions.sources import Stored, one_each
from .reasons import actor_said


class AuditNoteRow(msgspec.Struct, frozen=True, kw_only=True):
    """One act: by whom, what, on whom."""

    merchant_no: str
    note_no: int
    actor: str
    action: str
    subject: str
    detail: str
    made: str | None
    reason: str | None
    """Why, in the words of whoever acted."""


def read_audit_notes(queries: Queries, wanted: PlaceFilter) -> list[AuditNoteRow]:
    """The notes that were asked for."""
    return [audit_note_row(note) for note in queries.list_audit_notes(wanted)]


def audit_note_row(note: AuditNote) -> AuditNoteRow:
    """A note as everybody shows it."""
    return AuditNoteRow(
        merchant_no=note.merchant_no,
        note_no=note.note_no,
        actor=note.actor,
        action=note.action,
        subject=note.subject,
        detail=note.detail,
        made=iso(note.made_ms),
        reason=note.reason,
    )


def _action(row: AuditNoteRow, lang: Lang) -> str:
    known = CAPABILITIES.get(row.action) or EVENTS.get(row.action)
    return row.action if known is None else known.of(lang)


AUDIT_NOTES = View(
    "audit_notes",
    AuditNoteRow,
    (
        Column("no", lambda row, lang: str(row.note_no)),
        Column("time", lambda row, lang: short_time(row.made)),
        Column("who", lambda row, lang: actor_said(row.actor, lang)),
        Column("what", _action),
        Column("whom", lambda row, lang: row.subject),
        Column("detail", lambda row, lang: row.detail),
        Column("reason", lambda row, lang: row.reason or NOTHING, is_wide=True),
    ),
)

AUDIT_NOTES_ASKED = AskedList(
    view=AUDIT_NOTES,
    area="audit",
    filters=(
        shop(),
        word("actor", "actor"),
        word("action", "action", pattern=r"[a-z]+_[a-z_]+", is_guessed=True),
        word("subject", "subject", pattern=r"[0-9]{2}|[0-9]{8}", is_guessed=True, rank=1),
        part("detail", "detail"),
        count("note", "note_no", rank=2),
        *periods("made_ms"),
    ),
    source=Stored(kind=AuditNote, by="made_ms", rows=one_each(audit_note_row)),
)
