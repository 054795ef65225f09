"""`zhanggui review` lists shifts, `zhanggui review --shift N` reviews one: figures beside the usual ones, and answers."""

from ..acquirer.findings.shift import Compared, ShiftReview, review_shift
from ..acquirer.rows.records import Session
from ..basics.clock import Clock, format_time
from ..basics.errors import Misuse
from ..basics.money import format_yuan
from ..basics.numbers import MerchantNo, UnixMs
from ..basics.spans import DAY_MS
from ..basics.visible import harmless
from ..basics.words import Lang, load_words
from ..cup.values.shift import OWN, read_notes, write_notes
from ..programs.settings import Settings
from ..store.queries import ROWS_MAX, PaymentFilter, PlaceFilter, Queries, SignInFilter
from ..terminal.flow.words.catalogue import all_words, has_words
from ..views.reasons import reason_said
from ..views.shifts import SHIFTS, read_shifts
from .lists import lists_of, print_list, print_table
from .output import print_json, print_text

USUAL_DAYS = 30
"""Days before the shift that say what is usual."""
SHIFTS_SHOWN = 30
WORDS = load_words(__package__, "review.toml")


def review(settings: Settings, clock: Clock, *, shift: int | None, merchant: str, as_json: bool) -> None:
    """Review one session, by its number; without a number, list the newest ones."""
    if shift is None:
        with lists_of(settings) as queries:
            rows = read_shifts(queries, MerchantNo(merchant) if merchant else None, SHIFTS_SHOWN)
        print_list(settings, SHIFTS, rows, as_json=as_json)
        return
    with lists_of(settings) as queries:
        session = _session(queries, shift, merchant)
        reviewed = _review(queries, session, clock.now())
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


def _review(queries: Queries, session: Session, now: UnixMs) -> ShiftReview:
    since_ms = UnixMs(session.opened_ms - USUAL_DAYS * DAY_MS)
    until_ms = UnixMs(session.ended_ms + 1 if session.ended_ms is not None else now + 1)
    others = [
        one
        for one in queries.list_sessions(PlaceFilter(merchant_no=session.merchant_no, limit=ROWS_MAX))
        if since_ms <= one.opened_ms < until_ms
    ]
    sign_ins = list(
        queries.each_sign_in(SignInFilter(merchant_no=session.merchant_no, since_ms=since_ms, until_ms=until_ms))
    )
    payments = queries.list_payments(
        PaymentFilter(merchant_no=session.merchant_no, since_ms=since_ms, until_ms=until_ms, limit=ROWS_MAX)
    )
    notes = [session.notes] if session.notes else []
    return review_shift(session, others, sign_ins, payments, now, notes)


def _print(settings: Settings, reviewed: ShiftReview) -> None:
    lang = settings.lang
    ended = format_time(UnixMs(reviewed.ended_ms)) if reviewed.ended_ms is not None else WORDS["running"].of(lang)
    head = WORDS["head"].fill(
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
            WORDS[f"figure.{one.figure}"].of(lang),
            *(_shown(one, value) for value in (one.value, one.operator_usual, one.shop_usual)),
        )
        for one in reviewed.comparisons
    ]
    heads = (
        WORDS["figure"].of(lang),
        WORDS["this_shift"].of(lang),
        WORDS["own_usual"].fill(lang, shifts=reviewed.operator_shifts),
        WORDS["shop_usual"].fill(lang, shifts=reviewed.shop_shifts),
    )
    print_table(settings.lang, heads, rows)
    if reviewed.slowest_step:
        word = WORDS.get(f"step.{reviewed.slowest_step}")
        shown = word.of(lang) if word is not None else harmless(reviewed.slowest_step)
        print_text(f"\n{WORDS['slowest_step'].of(lang)}: {shown}")
    for note in reviewed.notes:
        print_text(f"\n{WORDS['own_words'].of(lang)}: {note_in_words(note, lang)}")


def note_in_words(note: str, lang: Lang) -> str:
    """What an operator said of a shift. Our terminals send fixed words of their screens, or a line of the operator's own.

    Other text stays.

    >>> note_in_words("well:smooth,not:printer", "en")
    'What went well? All went smoothly · What went badly? Printer'
    >>> note_in_words("well:=kind guests,not:printer", "en")
    'What went well? "kind guests" · What went badly? Printer'
    >>> note_in_words("the printer: again", "en")
    'the printer: again'
    """
    notes = read_notes(note)
    answers = (("well", notes.well), ("not", notes.not_well))
    said = [(asked, answer) for asked, answer in answers if answer]
    are_known = all(answer.startswith(OWN) or has_words(f"notes.{asked}.{answer}") for asked, answer in said)
    if not said or write_notes(notes) != note or not are_known:
        return note
    table, around = all_words(), "“{}”" if lang == "zh" else '"{}"'
    return " · ".join(
        f"{table[f'notes.{asked}'].of(lang)} "
        + (around.format(answer[len(OWN) :]) if answer.startswith(OWN) else table[f"notes.{asked}.{answer}"].of(lang))
        for asked, answer in said
    )


def _shown(one: Compared, value: float | None) -> str:
    if value is None:
        return "–"
    return format_yuan(round(value)) if one.unit == "fen" else f"{value:g}"
