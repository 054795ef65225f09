"""Words, scores, statistics, metrics and the reference page."""

from math import comb
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from tests.worlds.sign_in_history import DAY, HOUR, LATER, MERCHANT, MINUTE, MONDAY, Story

from zhanggui.acquirer.findings.detectors import DETECTORS, find
from zhanggui.acquirer.findings.finding import SETTLED, DetectorName, Finding, Subject, scores, weight
from zhanggui.acquirer.findings.history import read_history
from zhanggui.acquirer.findings.metrics import MEASURES, metric_words, metrics
from zhanggui.acquirer.findings.odds import benjamini_hochberg, fisher_greater, odds_ratio
from zhanggui.acquirer.findings.reference import reference_page
from zhanggui.acquirer.findings.shift import review_shift
from zhanggui.acquirer.findings.words import Row, Wording, check_row, finding_words, tell
from zhanggui.acquirer.rows.records import Session, SignIn, Terminal
from zhanggui.basics.errors import Defect
from zhanggui.basics.numbers import OperatorNo, RecordNo, SessionNo, TerminalNo, UnixMs

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "findings.md"


def test_every_detector_has_words_and_every_metric_a_measure() -> None:
    assert tuple(DETECTORS) == tuple(finding_words()) == get_args(DetectorName)
    assert tuple(MEASURES) == tuple(metric_words())


def test_the_reference_page_is_current() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == reference_page(), "run: zhanggui findings reference > " + str(
        REFERENCE.name
    )


def wording(**changes: str) -> Wording:
    given = {"name": "n", "method": "m", "facts": "{count}", "usual": "{limit}", "do": "d"}
    return Wording(**{**given, **changes})


@pytest.mark.parametrize("changes", [{"facts": "{other}"}, {"do": ""}, {"facts": "none"}])
def test_words_that_do_not_fit_are_refused_when_loaded(changes: dict[str, str]) -> None:
    row = Row(subject="x", facts=("count",), usual=("limit",), zh=wording(), en=wording(**changes))
    with pytest.raises(Defect):
        check_row("x", row)


def one_of_each() -> Story:
    story = Story()
    story.person("01", has_factory_password=True)
    for place in range(6):
        story.fail(place * 1_000)
    story.add(10_000, drift_s=400, ended_ms=MONDAY + 3 * HOUR)
    story.refuse(HOUR, "01", "T0000002", "signed_in_elsewhere")
    for place in range(5):
        story.fail(2 * HOUR + place * MINUTE, f"{place + 10}")
    story.add(80 * DAY)
    return story


def test_each_finding_is_told_in_both_languages_with_exactly_its_facts() -> None:
    found = find(one_of_each().history, LATER)
    assert {finding.detector for finding in found} >= {
        "failure_burst",
        "success_after_failures",
        "clock_drift",
        "duplicate_session",
        "spraying",
        "sleeper",
        "default_secret",
        "stale_account",
    }
    for finding in found:
        row = finding_words()[finding.detector]
        carried = tuple(name for name in row.facts if name != SETTLED or SETTLED in finding.facts)
        assert (tuple(finding.facts), tuple(finding.usual)) == (carried, row.usual)
        for lang in ("zh", "en"):
            told = tell(finding, lang)
            assert "{" not in told.facts + told.usual
            assert told.do


def test_nothing_after_now_is_known() -> None:
    story = one_of_each()
    assert find(story.history, UnixMs(MONDAY - DAY)) == [
        one for one in find(story.history, UnixMs(MONDAY - DAY)) if one.detector == "default_secret"
    ]


def test_a_finding_weighs_half_after_a_week_and_never_more_than_the_cap() -> None:
    subject = Subject("operator", MERCHANT, "01")
    finding = Finding(
        detector="unusual_hour",
        subject=subject,
        since_ms=MONDAY,
        until_ms=MONDAY,
        severity="warn",
        facts={},
        usual={},
        p=1e-9,
    )
    assert weight(finding, UnixMs(MONDAY)) == 4.0
    assert weight(finding, UnixMs(MONDAY + 7 * DAY)) == pytest.approx(2.0)
    mild = msgspec.structs.replace(finding, p=0.01)
    [(scored, total)] = scores([mild, mild], UnixMs(MONDAY))
    assert (scored, round(total, 9)) == (subject, 4.0)


def test_fisher_and_odds_agree_with_known_tables() -> None:
    # The lady tasting tea; then the hypergeometric sum in whole numbers.
    assert fisher_greater(4, 0, 0, 4) == pytest.approx(1 / 70)
    exact = sum(comb(13, k) * comb(17, 12 - k) for k in range(10, 13)) / comb(30, 12)
    assert fisher_greater(10, 3, 2, 15) == pytest.approx(exact)
    ratio, low, high = odds_ratio(10, 3, 2, 15)
    assert low < ratio < high
    assert ratio == pytest.approx(10.5 * 15.5 / (3.5 * 2.5))
    assert benjamini_hochberg([]) == []


def test_the_metrics_count_episodes_and_not_tries() -> None:
    story = Story()
    for place in range(3):
        story.fail(place * 1_000)
    story.add(5_000)
    for day in range(1, 4):
        story.add(day * DAY)
    values = {metric.name: metric.value for metric in metrics(story.history, LATER)}
    assert values["sign_in_success"] == 100.0
    assert values["first_try_success"] == 75.0
    assert values["hands_on_p50"] == 6.0
    assert values["failure_reasons"] == "wrong_password 100 %"


def test_metrics_of_nothing_are_none() -> None:
    values = {metric.name: metric.value for metric in metrics(Story().history, LATER, "en")}
    assert values["sign_in_success"] is None
    assert values["self_check_pass"] is None


def sign_in(record_no: int, at: int, **fields: object) -> SignIn:
    return SignIn(
        merchant_no=MERCHANT,
        record_no=RecordNo(record_no),
        terminal_no=TerminalNo("T0000001"),
        operator_no="01",
        began_ms=UnixMs(MONDAY + at),
        **fields,  # type: ignore[arg-type]  # fields of the record
    )


def test_records_become_events_with_shop_checks_and_outcome() -> None:
    terminal = Terminal(
        merchant_no=MERCHANT,
        terminal_no=TerminalNo("T0000001"),
        model="smart",
        place="朝阳店·前台",
        dialect="unionpay",
        operator_check="host",
        master_key="",
        created_ms=UnixMs(0),
    )
    rows = [
        sign_in(1, 0, state="refused", reason="wrong_password", self_check="power:ok,keypad:fail:stuck"),
        sign_in(2, 1_000, state="ended", confirmed_ms=UnixMs(MONDAY + 2_000), reason="signed_out:asked"),
        sign_in(3, 2_000, state="refused", reason="role_may_not_trade"),
        sign_in(4, 3_000, state="verified"),
    ]
    history = read_history(rows, [terminal], [])
    assert [event.outcome for event in history.events] == ["failure", "success", "refused", "open"]
    assert history.events[0].failed_checks == ("keypad",)
    assert history.events[0].shop == "朝阳店"


def session(number: int, record_no: int, opened: int, hours: int, operator: str = "01") -> Session:
    return Session(
        merchant_no=MERCHANT,
        session_no=SessionNo(number),
        terminal_no=TerminalNo("T0000001"),
        operator_no=OperatorNo(operator),
        record_no=RecordNo(record_no),
        kind="verified",
        opened_ms=UnixMs(MONDAY + opened),
        ended_ms=UnixMs(MONDAY + opened + hours * HOUR),
        end_reason="signed_out:asked",
    )


def test_a_shift_is_compared_with_the_persons_and_the_shops_usual() -> None:
    sessions = [session(1, 1, 0, 8), session(2, 3, DAY, 4), session(3, 9, 2 * DAY, 6, "02")]
    rows = [
        sign_in(2, DAY - 30_000, state="refused", reason="wrong_password"),
        sign_in(3, DAY, state="ended", elapsed_ms=5_000, verified_ms=UnixMs(MONDAY + DAY + 100)),
    ]
    reviewed = review_shift(sessions[1], sessions, rows, [], LATER, ["纸快用完了"])
    hours = next(one for one in reviewed.comparisons if one.figure == "hours")
    assert (hours.value, hours.operator_usual, hours.shop_usual) == (4.0, 8.0, 7.0)
    assert (reviewed.figures.failed_tries, reviewed.figures.verify_ms) == (1, 100)
    assert (reviewed.operator_shifts, reviewed.shop_shifts) == (1, 2)
    assert reviewed.notes == ("纸快用完了",)
