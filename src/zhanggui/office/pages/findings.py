"""Findings (发现): what deserves a look, one finding whole, and saying what it was. They are some minutes old at most."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, get_args
from urllib.parse import urlencode

import msgspec
from litestar import Response

from ...acquirer.findings.finding import Finding, Severity
from ...acquirer.findings.settling import Settled, SettledAs
from ...acquirer.findings.words import tell
from ...acquirer.people.proposals import REASON_MAX, is_reason
from ...basics.clock import format_time
from ...basics.numbers import UnixMs
from ...host.act_table import SETTLE_FINDING_ACT
from ...views.findings import finding_key, subject_words
from ...views.listing import word_of
from ...views.timeline import Tone
from ..found import STANDINGS, looked_into, read_found
from ..links import finding_path, operator_path, sign_in_path, terminal_path
from ..routes import Right, Route
from ..shown import Cell, Line
from ..visit import Visit

TONES: Mapping[Severity, Tone] = {"note": "", "warn": "warn", "alert": "bad"}
OUTCOMES: tuple[SettledAs, ...] = get_args(SettledAs)
LINES_MAX = 200
"""Rows of the page: more than anybody looks into in a day."""


async def show(visit: Visit) -> Response[Any]:
    """The list: what nobody looked into yet, or what was."""
    standing = visit.query.get("show", STANDINGS[0])
    if standing not in STANDINGS:
        return visit.refuse(HTTPStatus.BAD_REQUEST)
    found = await read_found(visit.desk, visit.shop, anew=visit.query.get("anew") == "yes")
    lines = list(found.standing(standing))
    return visit.page(
        "findings.html",
        title=visit.word("menu.findings"),
        at=format_time(found.findings.at),
        days=found.findings.days,
        again=f"/findings?{urlencode({'show': standing, 'anew': 'yes'})}",
        standings=[(visit.word(f"findings.{one}"), f"/findings?show={one}", one == standing) for one in STANDINGS],
        heads=[(visit.word(f"finding.head.{name}"), False) for name in ("when", "what", "about", "severity", "state")],
        lines=[_line(visit, one, by) for one, by in lines[:LINES_MAX]],
        empty=visit.word(f"findings.none.{standing}"),
        more=visit.word("findings.more", most=LINES_MAX) if len(lines) > LINES_MAX else "",
    )


def _line(visit: Visit, finding: Finding, settled: Settled | None) -> Line:
    state = visit.word(f"finding.outcome.{settled.outcome}" if settled is not None else "findings.open")
    return Line(
        link=finding_path(finding.subject.merchant_no, finding_key(finding)),
        cells=(
            Cell(format_time(UnixMs(finding.until_ms))),
            Cell(tell(finding, visit.lang).name),
            Cell(_about(visit, finding)),
            Cell(_severity(visit, finding), TONES[finding.severity]),
            Cell(state, "good" if settled is not None else ""),
        ),
    )


async def one(visit: Visit) -> Response[Any]:
    """One finding: what happened, the normal range, what to do, what it rests on, and who looked into it."""
    return await _page(visit)


async def settle(visit: Visit) -> Response[Any]:
    """Say what it was."""
    found = await _one(visit)
    if found is None:
        return visit.refuse(HTTPStatus.NOT_FOUND)
    finding, _ = found
    if not visit.may("findings", "do", finding.subject.merchant_no):
        return visit.refuse(HTTPStatus.NOT_FOUND)
    reason = visit.form.get("reason", "").strip()
    if not reason:
        return await _page(visit, wrong=visit.word("act.reason.missing"))
    if not is_reason(reason):
        return await _page(visit, wrong=visit.word("act.reason.wrong", most=REASON_MAX))
    subject = finding.subject
    try:
        asked = looked_into(finding, visit.form.get("outcome", ""))
    except msgspec.ValidationError:
        return await _page(visit, wrong=visit.word("act.field.wrong"))
    done = await visit.act(SETTLE_FINDING_ACT, asked, subject.merchant_no, reason)
    if done.reason:
        return await _page(visit, wrong=visit.why_not(done.reason))
    return visit.go_to(finding_path(subject.merchant_no, finding_key(finding)))


async def _one(visit: Visit) -> tuple[Finding, Settled | None] | None:
    return (await read_found(visit.desk, visit.shop)).one(visit.part("merchant"), visit.part("key"))


async def _page(visit: Visit, *, wrong: str = "") -> Response[Any]:
    found = await _one(visit)
    if found is None:
        return visit.refuse(HTTPStatus.NOT_FOUND)
    finding, settled = found
    told, subject, lang = tell(finding, visit.lang), finding.subject, visit.lang
    said = [
        (word_of("findings.usual", lang), told.usual),
        (word_of("findings.do", lang), told.do),
        (word_of("findings.limits", lang), told.limits),
    ]
    may_settle = settled is None and visit.may("findings", "do", subject.merchant_no)
    return visit.page(
        "finding.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        title=told.name,
        about=_about(visit, finding),
        about_link=_subject_path(visit, finding),
        severity=_severity(visit, finding),
        tone=TONES[finding.severity],
        facts=told.facts,
        said=[(name, text) for name, text in said if text],
        since=format_time(UnixMs(finding.since_ms)),
        until=format_time(UnixMs(finding.until_ms)),
        records=[(str(number), sign_in_path(subject.merchant_no, number)) for number in finding.record_nos]
        if visit.may("sign_ins", "view", subject.merchant_no)
        else [],
        settled=settled,
        outcome=visit.word(f"finding.outcome.{settled.outcome}") if settled is not None else "",
        settled_at=format_time(settled.made_ms) if settled is not None else "",
        path=f"{finding_path(subject.merchant_no, finding_key(finding))}/settle" if may_settle else "",
        outcomes=[(name, visit.word(f"finding.outcome.{name}.long")) for name in OUTCOMES],
        chosen=visit.form.get("outcome", ""),
        reason=visit.form.get("reason", ""),
        wrong=wrong,
    )


def _severity(visit: Visit, finding: Finding) -> str:
    return word_of(f"findings.severity.{finding.severity}", visit.lang)


def _about(visit: Visit, finding: Finding) -> str:
    """Whom it is about; people of one shop need not be told which."""
    about = subject_words(finding.subject, visit.lang)
    return about.removesuffix(f" @ {visit.shop}") if visit.shop is not None else about


def _subject_path(visit: Visit, finding: Finding) -> str:
    """The page of whom it is about; empty where there is none that this visitor may see."""
    subject = finding.subject
    match subject.kind:
        case "operator" if visit.may("operators", "view", subject.merchant_no):
            return operator_path(subject.merchant_no, subject.name)
        case "terminal" if visit.may("terminals", "view", subject.merchant_no):
            return terminal_path(subject.merchant_no, subject.name)
        case _:
            return ""


ROUTES = (
    Route("GET", "/findings", Right("findings"), show),
    Route("GET", "/findings/{merchant:str}/{key:str}", Right("findings"), one),
    Route("POST", "/findings/{merchant:str}/{key:str}/settle", Right("findings", "do"), settle),
)
