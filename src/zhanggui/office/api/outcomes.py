"""What an act came to, as a program is told: made where the act is done, in its transaction, and kept for whoever asks again.

Known where no page is served: nothing here needs the web framework.
"""

from http import HTTPStatus
from typing import Any

import msgspec

from ...acquirer.policy.actors import NOT_PERMITTED
from ...acquirer.rows.decision import Decision
from ...acquirer.rows.reasons import tell_reason
from ...acquirer.rows.records import ExportFile
from ...basics.visible import harmless_json
from ...basics.words import Lang
from ...host.acts import Act
from ...host.once import Said
from ...host.window.window import note_of
from ...views.listing import iso
from ..acts import OFFICE_ACTS, Shown
from ..links import invitation_path
from .problems import STATUS, Kind, problem_body


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """What another person must confirm before it is done."""

    merchant_no: str
    proposal_no: int
    expires: str | None


class ShownOnce(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown this once: for a day also to whoever asks again under the same key."""

    kind: Shown
    secret: str


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an act."""

    act: str
    merchant_no: str
    note_no: int | None
    """Its note in the shop's chain; None where it waits for another person."""
    shown: ShownOnce | None = None
    proposal: Proposed | None = None
    export_no: int | None = None
    """The place of the file that is made of a list."""


def said_of(name: str, lang: Lang, act: Act[Any], decision: Decision) -> Said:
    """The answer to what an act came to. It is kept, so that the same request is answered the same."""
    if decision.reason:
        return refused_of(lang, decision.reason)
    if act.proposed is not None:
        proposal = Proposed(
            merchant_no=act.proposed.merchant_no,
            proposal_no=act.proposed.proposal_no,
            expires=iso(act.proposed.expires_ms),
        )
        waits = Done(act=name, merchant_no=act.merchant_no, note_no=None, proposal=proposal)
        return Said(HTTPStatus.ACCEPTED, json_bytes(waits))
    files = [row.export_no for change in decision.changes if isinstance(row := change.record, ExportFile)]
    shown = None
    if act.shown is not None:
        secret, kind = act.shown.reveal(), OFFICE_ACTS[name].shown
        shown = ShownOnce(kind=kind, secret=invitation_path(secret) if kind == "link" else secret)
    done = Done(
        act=name,
        merchant_no=act.merchant_no,
        note_no=note_of(decision),
        shown=shown,
        export_no=files[0] if files else None,
    )
    return Said(HTTPStatus.OK, json_bytes(done))


def json_bytes(value: object) -> bytes:
    """JSON of one line; what would steer a console is escaped, and means the same."""
    return harmless_json(msgspec.json.encode(value).decode()).encode()


def refused_of(lang: Lang, reason: str) -> Said:
    """The answer to what a rule refused."""
    told = tell_reason(reason, lang)
    kind: Kind = "no_right" if reason == NOT_PERMITTED else "refused"
    cause, step = (told.cause, told.support) if told is not None else (reason, "")
    return Said(STATUS[kind], problem_body(kind, lang, detail=cause, reason=reason, next=step))
