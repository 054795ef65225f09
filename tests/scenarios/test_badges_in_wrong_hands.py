"""Over TCP: a badge photographed and used after it was revoked, used at another shop, replayed from a captured frame, and in two places
at once; and user names that are guessed. Each is refused, is in the records, and is what `zhanggui findings` tells of it."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from tests.worlds.floor import PASSPHRASE, PASSWORDS, Shop
from tests.worlds.our_terminal import VERIFY

from zhanggui.basics.numbers import TraceNo
from zhanggui.basics.secret import Secret
from zhanggui.cli import findings as findings_command
from zhanggui.cup.operator_tags import Tag
from zhanggui.programs.settings import Settings
from zhanggui.vault.badge import badge_number

WANG = PASSWORDS["01"]
OpenShop = Callable[..., Shop]
Found = list[dict[str, Any]]


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A shop where a badge alone signs in, so that nothing but the badge refuses what is refused here."""
    return open_shop(badge="alone")


@pytest.fixture
def found(capsys: pytest.CaptureFixture[str]) -> Callable[[Shop], Found]:
    """What `zhanggui findings --json` says of a shop."""

    def find(shop: Shop) -> Found:
        capsys.readouterr()
        settings = Settings(data=str(shop.floor.folder), passphrase=PASSPHRASE)
        findings_command.findings(settings, shop.clock, days=2, as_json=True)
        rows: Found = msgspec.json.decode(capsys.readouterr().out)
        return [row for row in rows if row["subject"]["merchant_no"] == shop.merchant_no]

    return find


def badges_among(rows: Found) -> Found:
    """Those about badges."""
    return [row for row in rows if row["detector"] in ("revoked_badge", "copied_badge")]


def test_a_badge_that_was_photographed_and_is_shown_after_it_was_revoked(
    shop: Shop, found: Callable[[Shop], Found]
) -> None:
    at, photograph = shop.terminals[0], shop.give_badge("01")
    assert at.verify_badge(photograph).code == "00"
    assert at.confirm("01", str(shop.records[-1].record_no)).code == "00"
    assert at.sign_out("01").code == "00"
    assert badges_among(found(shop)) == []
    shop.change_operator("01", badge_no=None)
    shop.clock.advance(hours=1)
    assert shop.terminals[1].verify_badge(photograph).code == "P1"
    record = shop.records[-1]
    assert (record.state, record.reason, record.operator_name) == ("refused", "badge_revoked", "王芳")
    assert record.badge_no == badge_number(photograph)
    [row] = badges_among(found(shop))
    assert (row["detector"], row["severity"], row["subject"]["name"]) == ("revoked_badge", "alert", "01")
    assert row["record_nos"] == [record.record_no]
    assert (row["facts"]["times"], row["facts"]["places"]) == (1, "10000002")
    assert shop.live == []


def test_its_owner_who_takes_the_old_badge_by_mistake_is_a_note(shop: Shop, found: Callable[[Shop], Found]) -> None:
    at, old = shop.terminals[0], shop.give_badge("01")
    new = shop.give_badge("01")
    assert at.verify_badge(old).code == "P1"
    shop.clock.advance(minutes=1)
    assert at.verify_badge(new).code == "00"
    assert at.confirm("01", str(shop.records[-1].record_no)).code == "00"
    assert [(row["detector"], row["severity"]) for row in badges_among(found(shop))] == [("revoked_badge", "note")]


def test_a_badge_that_is_used_at_another_merchants(shop: Shop, found: Callable[[Shop], Found]) -> None:
    other, badge = shop.floor.shop(badge="alone"), shop.give_badge("01")
    assert other.terminals[0].verify_badge(badge).code == "P1"
    assert (other.records[-1].state, other.records[-1].reason) == ("refused", "unknown_badge")
    assert other.live == []
    [row] = badges_among(found(shop))
    assert (row["detector"], row["severity"], row["subject"]["name"]) == ("copied_badge", "alert", "01")
    assert (row["facts"]["abroad"], row["facts"]["forged"], row["facts"]["together"]) == (1, 0, 0)
    assert row["facts"]["places"] == f"10000001 @ {other.merchant_no}"
    assert badges_among(found(other)) == [], "the other merchant hears nothing of whose it is"
    other.hang_up()


def test_a_captured_frame_that_is_sent_again_opens_nothing_and_its_block_elsewhere_is_a_copy(
    shop: Shop, found: Callable[[Shop], Found], monkeypatch: pytest.MonkeyPatch
) -> None:
    at, badge = shop.terminals[0], shop.give_badge("01")
    at.get_keys()
    frame = at.operator(VERIFY, None, {}, None, badge)
    first = at.ask(frame)
    assert (first.code, at.ask(frame).tags) == ("00", first.tags), "the stored answer again"
    assert len(shop.records) == 1
    assert shop.live == [], "nobody confirmed"
    assert at.confirm("01", first[Tag.RECORD_NO]).code == "00"
    assert at.sign_out("01").code == "00"
    at.get_keys()
    assert at.heartbeat(None).code == "00"
    assert at.line is not None
    assert at.line.ask(frame), "under keys that are gone it is answered, and decided upon by nobody"
    assert [record.state for record in shop.records] == ["ended"]

    caught = at.shown(badge, TraceNo(f"{at.trace:06d}"))
    monkeypatch.setattr(at, "shown", lambda badge, trace_no: caught)
    shop.clock.advance(hours=1)
    assert at.verify_badge(badge).code == "P1"
    assert (shop.records[-1].state, shop.records[-1].reason) == ("refused", "forged_badge")
    [row] = badges_among(found(shop))
    assert (row["detector"], row["severity"], row["subject"]["name"]) == ("copied_badge", "alert", "01")
    assert (row["facts"]["forged"], row["record_nos"]) == (1, [shop.records[-1].record_no])


def test_a_badge_made_after_the_number_on_a_photograph_is_a_copy(shop: Shop, found: Callable[[Shop], Found]) -> None:
    badge, other = shop.give_badge("01"), shop.floor.shop()
    forged = Secret(badge.reveal()[:12] + other.give_badge("01").reveal()[12:])
    assert shop.terminals[0].verify_badge(forged).code == "P1"
    assert [(row["detector"], row["facts"]["forged"]) for row in badges_among(found(shop))] == [("copied_badge", 1)]
    other.hang_up()


def test_a_badge_that_is_in_two_places_at_once(shop: Shop, found: Callable[[Shop], Found]) -> None:
    here, there = shop.terminals
    badge = shop.give_badge("01")
    assert here.verify_badge(badge).code == "00"
    assert here.confirm("01", str(shop.records[-1].record_no)).code == "00"
    shop.clock.advance(minutes=30)
    assert here.heartbeat("01").code == "00"
    assert there.verify_badge(badge).code == "P6"
    assert (shop.records[-1].state, shop.records[-1].reason) == ("refused", "signed_in_elsewhere")
    shop.clock.advance(minutes=16)
    assert here.sell("01").code == "00", "the owner works on"
    [row] = badges_among(found(shop))
    assert (row["detector"], row["facts"]["together"]) == ("copied_badge", 1)


def test_user_names_that_are_guessed_slowly_enough_for_no_lock(shop: Shop, found: Callable[[Shop], Found]) -> None:
    at = shop.terminals[0]
    for name in ("wang", "wangfang", "fang.wang", "wang_fang", "wang.f"):
        assert at.verify(name, "0001").code == "P1"
        shop.clock.advance(minutes=8)
    assert {record.reason for record in shop.records} == {"unknown_operator"}
    [row] = [row for row in found(shop) if row["detector"] in ("guessed_names", "spraying")]
    assert (row["detector"], row["severity"], row["subject"]["name"]) == ("guessed_names", "alert", "10000001")
    assert (row["facts"]["names"], row["facts"]["known"]) == (5, 0)
    assert len(row["record_nos"]) == 5
    for lang, word in (("zh", "5 个不存在的用户名"), ("en", "5 user names that nobody has")):
        assert word in row[lang]["facts"]
