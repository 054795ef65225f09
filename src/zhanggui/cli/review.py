"""`zhanggui review` lists shifts, `zhanggui review --shift N` reviews one: figures beside the usual ones, and answers."""

from ..acquirer.findings.shift import Compared, ShiftReview
from ..acquirer.rows.records import Session
from ..basics.clock import Clock, format_time
from ..basics.errors import Misuse
from ..basics.money import format_yuan
from ..basics.numbers import MerchantNo, UnixMs
from ..basics.visible import harmless
from ..programs.settings import Settings
from ..programs.shift_notes import note_in_words
from ..store.queries import ROWS_MAX, PlaceFilter, Queries
from ..views.reasons import reason_said
from ..views.shift_review import read_review, review_words
from ..views.shifts import SHIFTS, read_shifts
from .lists import lists_of, print_list, print_table
from .output import print_json, print_text

SHIFTS_SHOWN = 30


def review(settings: Settings, clock: Clock, *, shift: int | None, merchant: str, as_json: bool) -> None:
    """Review one session, by its number; without a number, list the newest ones."""
    if shift is None:
        with lists_of(settings) as queries:
            rows = read_shifts(queries, MerchantNo(merchant) if merchant else None, SHIFTS_SHOWN)
        print_list(settings, SHIFTS, rows, as_json=as_json)
        return
    with lists_of(settings) as queries:
        session = _session(queries, shift, merchant)
        reviewed = read_review(queries, session, clock.now())
    if as_json:
        print_json(reviewed)
        return
    _print(settings, reviewed)


def _session(queries: Queries, shift: int, merchant: str) -> Session:
    merchants = (
        [MerchantNo(merchant)]
        if merchant
        else [row.merchant_no for row in queries.list_merchants(PlaceFilter(limit=ROWS_MAX))]
    )
    found = [
        session
        for merchant_no in merchants
        for session in queries.list_sessions(PlaceFilter(merchant_no=merchant_no, limit=ROWS_MAX))
        if session.session_no == shift
    ]
    if not found:
        raise Misuse(
            f"there is no session {shift}. The screens of sign-in and sign-out show its number; 'zhanggui review' lists them."
        )
    if len(found) > 1:
        raise Misuse(f"{len(found)} merchants have a session {shift}; say which with --merchant NUMBER")
    return found[0]


def _print(settings: Settings, reviewed: ShiftReview) -> None:
    lang = settings.lang
    ended = (
        format_time(UnixMs(reviewed.ended_ms)) if reviewed.ended_ms is not None else review_words()["running"].of(lang)
    )
    head = review_words()["head"].fill(
        lang,
        shift=reviewed.session_no,
        operator=reviewed.operator_no,
        name=reviewed.operator_name,
        terminal=reviewed.terminal_no,
    )
    print_text(
        f"{head}\n{format_time(UnixMs(reviewed.opened_ms))} – {ended}  {reason_said(reviewed.end_reason, lang)}\n"
    )
    rows = [
        (
            review_words()[f"figure.{one.figure}"].of(lang),
            *(_shown(one, value) for value in (one.value, one.operator_usual, one.shop_usual)),
        )
        for one in reviewed.comparisons
    ]
    heads = (
        review_words()["figure"].of(lang),
        review_words()["this_shift"].of(lang),
        review_words()["own_usual"].fill(lang, shifts=reviewed.operator_shifts),
        review_words()["shop_usual"].fill(lang, shifts=reviewed.shop_shifts),
    )
    print_table(settings.lang, heads, rows)
    if reviewed.slowest_step:
        word = review_words().get(f"step.{reviewed.slowest_step}")
        shown = word.of(lang) if word is not None else harmless(reviewed.slowest_step)
        print_text(f"\n{review_words()['slowest_step'].of(lang)}: {shown}")
    for note in reviewed.notes:
        print_text(f"\n{review_words()['own_words'].of(lang)}: {note_in_words(note, lang)}")


def _shown(one: Compared, value: float | None) -> str:
    if value is None:
        return "–"
    return format_yuan(round(value)) if one.unit == "fen" else f"{value:g}"
