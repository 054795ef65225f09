"""The acts of taking a list away in a file: at once, or ordered now and taken when it is ready."""

import msgspec

from ..acquirer.people.exporting import (
    EXPORT_LIST,
    FileOrder,
    decide_delete_file,
    decide_export,
    decide_order_file,
    decide_take_file,
    dropped,
    dropped_needs,
    export_needs,
    files_needs,
    job_of,
)
from ..acquirer.rows.decision import Decision
from ..acquirer.rows.records import ExportFile
from ..acquirer.rows.state import Needs, State
from ..basics.numbers import MerchantNo, UnixMs
from .acts import ActDesk, ActRow, By, RuleCommand, actor_in, actor_needs


class ListToTake(msgspec.Struct, frozen=True):
    """A list that goes into a file: its area of rights, its name, and what was asked of it."""

    area: str
    list_name: str
    detail: str


class OneExport(msgspec.Struct, frozen=True):
    """The file that the act is about."""

    export_no: int


def _needs(merchant_no: MerchantNo, asked: ListToTake) -> Needs:
    return export_needs(merchant_no)


def _files_needs(merchant_no: MerchantNo, asked: object) -> Needs:
    return files_needs(merchant_no)


def _export(asked: ListToTake, doing: ActDesk) -> Decision:
    return decide_export(doing.state, doing.merchant_no, asked.area, asked.list_name, asked.detail, doing.by, doing.now)


def _order(asked: FileOrder, doing: ActDesk) -> Decision:
    return decide_order_file(doing.state, doing.merchant_no, asked, doing.by, doing.now)


def _take(asked: OneExport, doing: ActDesk) -> Decision:
    return decide_take_file(doing.state, doing.merchant_no, asked.export_no, doing.by, doing.now)


def _more_to_delete(state: State, asked: OneExport, more: Needs) -> None:
    for file in state.every(ExportFile):
        if file.export_no == asked.export_no:
            job_of(state, MerchantNo(file.merchant_no), asked.export_no, more)


def _delete(asked: OneExport, doing: ActDesk) -> Decision:
    return decide_delete_file(doing.state, doing.merchant_no, asked.export_no, doing.by, doing.now)


def file_dropped(merchant_no: MerchantNo, export_no: int, file_id: str, by: By) -> RuleCommand:
    """Put down that whoever asked for a file took it whole: nobody's act, it follows from the one that took it."""
    needs = dropped_needs(merchant_no, export_no)
    actor_needs(needs, merchant_no, by)

    def rule(state: State, now: UnixMs) -> Decision:
        file, actor = state.get(ExportFile, merchant_no, export_no), actor_in(state, merchant_no, by, now=now)
        is_theirs = file is not None and actor is not None and file.made_by == actor.name
        return dropped(state, merchant_no, export_no, file_id) if is_theirs else Decision()

    return RuleCommand("export_dropped", needs, lambda state, more: None, rule)


EXPORT_LIST_ACT = ActRow(EXPORT_LIST, EXPORT_LIST, ListToTake, _needs, _export)
ORDER_EXPORT = ActRow("order_export", EXPORT_LIST, FileOrder, _files_needs, _order)
TAKE_EXPORT = ActRow("take_export", EXPORT_LIST, OneExport, _files_needs, _take)
DELETE_EXPORT = ActRow("delete_export", EXPORT_LIST, OneExport, _files_needs, _delete, _more_to_delete)
EXPORT_ACTS = (EXPORT_LIST_ACT, ORDER_EXPORT, TAKE_EXPORT, DELETE_EXPORT)
