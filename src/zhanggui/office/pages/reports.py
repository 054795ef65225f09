"""X and Z of a shift and of a batch (班结、批结): what it came to by kind, and of a shift how that stands beside what is usual."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from litestar import Response

from ...acquirer.findings.shift import Compared, ShiftReview
from ...basics.money import format_yuan
from ...basics.numbers import BatchNo, MerchantNo, TerminalNo, whole_number
from ...store.queries import Queries
from ...views.batches import BATCHES, DIFFERENCES
from ...views.shift_reports import BatchReport, Report, ShiftReport, read_batch_report, read_shift_report
from ...views.shift_review import read_review, review_words
from ...views.shifts import SHIFTS
from ..links import operator_path, sign_in_path, terminal_path
from ..routes import Right, Route
from ..shown import Cell, Line, facts_of
from ..visit import Visit


async def shift(visit: Visit) -> Response[Any]:
    """One shift: X while it goes on, Z when it is over; beside it the usual figures, and what the operator said."""
    merchant_no, number = visit.part("merchant"), whole_number(visit.part("number"))
    if number is None or not visit.may("shifts", "view", merchant_no):
        return visit.refuse(HTTPStatus.NOT_FOUND)
    now = visit.desk.clock.now()

    def ask(queries: Queries) -> tuple[ShiftReport, ShiftReview] | None:
        found = read_shift_report(queries, MerchantNo(merchant_no), number)
        return (found, read_review(queries, found.session, now)) if found is not None else None

    found = await visit.desk.read(ask)
    if found is None:
        return visit.refuse(HTTPStatus.NOT_FOUND)
    told, review = found
    row, lang = told.shift, visit.lang
    words = review_words()
    heads = (
        words["figure"].of(lang),
        words["this_shift"].of(lang),
        words["own_usual"].fill(lang, shifts=review.operator_shifts),
        words["shop_usual"].fill(lang, shifts=review.shop_shifts),
    )
    links = [
        (visit.word("thing.operator", key=row.operator_no), operator_path(merchant_no, row.operator_no), "operators"),
        (visit.word("thing.terminal", key=row.terminal_no), terminal_path(merchant_no, row.terminal_no), "terminals"),
        (visit.word("sign_in_story.title"), sign_in_path(merchant_no, told.session.record_no), "sign_ins"),
        (
            visit.word("menu.payments"),
            f"/payments?{urlencode({'shop': merchant_no, 'shift': row.session_no})}",
            "payments",
        ),
    ]
    return visit.page(
        "report.html",
        title=visit.word("report.shift", number=row.session_no, kind=_kind(told.report)),
        home="/shifts",
        home_called=visit.word("list.shifts"),
        facts=facts_of(SHIFTS, row, lang),
        links=[(called, path) for called, path, area in links if visit.may(area, "view", merchant_no)],
        **_report(visit, told.report),
        usual_heads=[(head, number > 0) for number, head in enumerate(heads)],
        usual=[
            Line(
                "",
                (Cell(words[f"figure.{one.figure}"].of(lang)), *(Cell(text, is_amount=True) for text in _shown(one))),
            )
            for one in review.comparisons
        ],
        notes=[visit.desk.note_said(note, lang) for note in review.notes],
        differences=(),
        difference_heads=(),
    )


async def batch(visit: Visit) -> Response[Any]:
    """One batch: X while its terminal fills it, Z when it is settled; what the terminal said, and what differs."""
    merchant_no = visit.part("merchant")
    key = (MerchantNo(merchant_no), TerminalNo(visit.part("terminal")), BatchNo(visit.part("batch")))
    if not visit.may("batches", "view", merchant_no):
        return visit.refuse(HTTPStatus.NOT_FOUND)
    now = visit.desk.clock.now()

    def ask(queries: Queries) -> BatchReport | None:
        return read_batch_report(queries, key, now)

    told = await visit.desk.read(ask)
    if told is None:
        return visit.refuse(HTTPStatus.NOT_FOUND)
    row, lang = told.batch, visit.lang
    of_batch = urlencode({"shop": merchant_no, "terminal": row.terminal_no, "batch": row.batch_no})
    links = [
        (visit.word("thing.terminal", key=row.terminal_no), terminal_path(merchant_no, row.terminal_no), "terminals"),
        (visit.word("menu.payments"), f"/payments?{of_batch}", "payments"),
    ]
    return visit.page(
        "report.html",
        title=visit.word("report.batch", number=row.batch_no, kind=_kind(told.report)),
        home="/batches",
        home_called=visit.word("list.batches"),
        facts=[*facts_of(BATCHES, row, lang), *_told(visit, told)],
        links=[(called, path) for called, path, area in links if visit.may(area, "view", merchant_no)],
        **_report(visit, told.report),
        usual_heads=(),
        usual=(),
        notes=(),
        difference_heads=[
            (head, column.is_amount) for head, column in zip(DIFFERENCES.heads(lang), DIFFERENCES.shown(), strict=True)
        ],
        differences=[
            Line(
                "",
                tuple(
                    Cell(text, "", column.is_amount) for text, column in zip(cells, DIFFERENCES.shown(), strict=True)
                ),
            )
            for cells in DIFFERENCES.cells(told.differences, lang)
        ],
    )


def _told(visit: Visit, told: BatchReport) -> list[tuple[str, str]]:
    """What the terminal said that the batch came to, where it said something, and the settlement's own number."""
    row = told.batch
    facts = []
    if row.told_debit_fen is not None and row.told_credit_fen is not None:
        said = f"{row.told_debit_count} / ¥{format_yuan(row.told_debit_fen)}"
        back = f"{row.told_credit_count} / ¥{format_yuan(row.told_credit_fen)}"
        facts += [(visit.word("report.told_debit"), said), (visit.word("report.told_credit"), back)]
    if row.rrn:
        facts.append((visit.word("report.rrn"), row.rrn))
    return facts


def _kind(report: Report) -> str:
    return "Z" if report.is_final else "X"


def _report(visit: Visit, report: Report) -> dict[str, Any]:
    """The figures by kind, and what they come to."""
    counts = [("refused", report.refused_count), ("undone", report.undone_count), ("open", report.open_count)]
    return {
        "is_final": report.is_final,
        "kinds": [
            Line(
                "",
                (
                    Cell(one.called(visit.lang)),
                    Cell(f"{one.count:,}", is_amount=True),
                    Cell(f"{'-' if one.side == 'credit' else ''}¥{format_yuan(one.fen)}", is_amount=True),
                ),
            )
            for one in report.kinds
        ],
        "kind_heads": [
            (visit.word("report.kind"), False),
            (visit.word("trends.head.count"), True),
            (visit.word("report.amount"), True),
        ],
        "sums": [
            (visit.word(f"today.{name}"), f"¥{format_yuan(fen)}")
            for name, fen in (
                ("taken", report.taken_fen),
                ("given_back", report.given_back_fen),
                ("net", report.net_fen),
            )
        ],
        "counts": [(visit.word(f"today.{name}"), str(count)) for name, count in counts if count],
    }


def _shown(one: Compared) -> list[str]:
    """A figure of the shift, of the operator's usual one and of the shop's."""
    return [
        "–" if value is None else format_yuan(round(value)) if one.unit == "fen" else f"{value:g}"
        for value in (one.value, one.operator_usual, one.shop_usual)
    ]


ROUTES = (
    Route("GET", "/shifts/{merchant:str}/{number:str}", Right("shifts"), shift),
    Route("GET", "/batches/{merchant:str}/{terminal:str}/{batch:str}", Right("batches"), batch),
)
