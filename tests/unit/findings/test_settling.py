"""What settles a finding: a note about the same thing that reaches to its end; nothing else says anything."""

from msgspec.structs import replace
from tests.worlds.sign_in_history import DAY, HOUR, MONDAY, Story

from zhanggui.acquirer.findings.accounts import detect_default_secret, detect_stale_account
from zhanggui.acquirer.findings.finding import Finding, Subject
from zhanggui.acquirer.findings.settling import SETTLE_FINDING, settled_by, settled_of, subject_of
from zhanggui.acquirer.findings.thresholds import DEFAULTS
from zhanggui.acquirer.rows.records import AuditNote
from zhanggui.basics.numbers import MerchantNo, UnixMs

SHOP = MerchantNo("102100058120001")
ABOUT = Subject("operator", SHOP, "01")


def note(number: int, detail: str, *, action: str = SETTLE_FINDING, shop: MerchantNo = SHOP) -> AuditNote:
    return AuditNote(
        merchant_no=shop,
        note_no=number,
        actor="person:li",
        action=action,
        subject=subject_of("failure_burst", ABOUT),
        detail=detail,
        made_ms=UnixMs(number),
        reason="asked",
    )


def finding(until_ms: int, subject: Subject = ABOUT) -> Finding:
    return Finding(
        detector="failure_burst", subject=subject, since_ms=0, until_ms=until_ms, severity="warn", facts={}, usual={}
    )


def test_the_furthest_note_settles_what_ended_by_then() -> None:
    settled = settled_by([note(1, "harmless 100"), note(2, "acted 200"), note(3, "mistaken 150")])
    found = settled_of(finding(200), settled)
    assert found is not None
    assert (found.outcome, found.by, found.reason, found.made_ms) == ("acted", "person:li", "asked", 2)
    assert settled_of(finding(201), settled) is None
    assert settled_of(finding(100, Subject("operator", SHOP, "02")), settled) is None
    assert settled_of(finding(100, Subject("terminal", SHOP, "01")), settled) is None


def test_what_is_no_such_note_says_nothing() -> None:
    notes = [
        note(1, "harmless"),
        note(2, "guilty 100"),
        note(3, "acted x"),
        note(4, "acted 100", action="add_operator"),
    ]
    assert settled_by(notes) == {}
    other = settled_by([note(1, "acted 100", shop=MerchantNo("102100058120002"))])
    assert settled_of(finding(50), other) is None


def test_what_stands_so_until_now_stays_settled_until_something_is_added_to_it() -> None:
    """A factory password that somebody looked into came back at each reckoning, since it still stood so."""
    settled = settled_by([note(1, "acted 100")])
    assert settled_of(replace(finding(5_000), changed_ms=100), settled) is not None
    assert settled_of(replace(finding(5_000), changed_ms=101), settled) is None


def test_whatever_stands_so_says_when_it_changed_last() -> None:
    """Each detector that tells of now: an hour later it tells of the same, and nothing was added."""
    story = Story()
    story.add(0)
    story.person("02", has_factory_password=True, password_set_ms=MONDAY)
    for detect in (detect_default_secret, detect_stale_account):
        now = MONDAY + 200 * DAY
        earlier, later = (detect(story.history, DEFAULTS, UnixMs(now + more)) for more in (0, HOUR))
        assert [one.until_ms for one in later] == [now + HOUR] * len(earlier) != []
        assert [one.changed_ms for one in later] == [one.changed_ms for one in earlier]
        assert all(one.changed_ms is not None and one.changed_ms <= now for one in later)
