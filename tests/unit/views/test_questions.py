"""What is asked of a list: text in, one text out, what is wrong in both languages, cursors, the search box."""

import hmac
import inspect
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.worlds.one_room import room_keys

import zhanggui.views as views_package
from zhanggui.acquirer.rows.records import Merchant
from zhanggui.basics.errors import Misuse
from zhanggui.basics.numbers import MerchantNo, UnixMs
from zhanggui.basics.shop_day import day_began
from zhanggui.basics.words import Lang
from zhanggui.store.queries import Queries
from zhanggui.views import all_lists
from zhanggui.views.all_lists import LISTS, NOT_ASKED, list_named
from zhanggui.views.listing import View
from zhanggui.views.questions.asked_list import PAGE_ROWS_MAX
from zhanggui.views.questions.cursor import read_cursor, write_cursor
from zhanggui.views.questions.question import Question
from zhanggui.views.questions.reading import Reading
from zhanggui.views.questions.search_box import candidates
from zhanggui.views.questions.wrong import AskedWrong, filter_name, question_words

NOON = UnixMs(day_began("2026-11-29") + 12 * 3_600_000)
SHOP, OTHER = MerchantNo("102100058120001"), MerchantNo("102100058120002")
PAYMENTS = LISTS["payments"]


class NoStore:
    """A store that nobody may ask for rows; its one shop begins its days at midnight."""

    def asked_page(self, chosen: Any, after: Any, limit: int) -> list[Any]:
        assert chosen.kind is Merchant
        return [Merchant(merchant_no=SHOP, name="店", created_ms=NOON)]


READING = Reading(cast(Queries, NoStore()), NOON)


def seal(body: bytes) -> bytes:
    return hmac.digest(b"a key of this test", body, "sha256")


def ask(name: str = "payments", **given: str) -> Question:
    return LISTS[name].ask(given, READING)


def wrong(name: str = "payments", **given: str) -> AskedWrong:
    with pytest.raises(AskedWrong) as caught:
        ask(name, **given)
    return caught.value


def test_each_view_can_be_asked_or_says_that_it_is_no_list_of_the_store() -> None:
    folder = Path(next(iter(views_package.__path__)))
    named = {
        found
        for path in folder.glob("*.py")
        for found in re.findall(r'= View\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert named == set(LISTS) | NOT_ASKED
    assert all(isinstance(one.view, View) for one in LISTS.values())


def test_each_filter_and_each_fault_has_words_in_both_languages() -> None:
    for one in LISTS.values():
        assert {f"filter.{filter_.name}" for filter_ in one.filters} <= set(question_words())
    source = "".join(inspect.getsource(part) for part in _modules())
    used = set(re.findall(r'AskedWrong\(\s*[\w."]+,\s*"(\w+)"', source)) | {"moment", "moment_far"}
    assert {f"wrong.{what}" for what in used} == {key for key in question_words() if key.startswith("wrong.")}


def _modules() -> Iterator[Any]:
    from zhanggui.views import payments
    from zhanggui.views.exports import xlsx_file
    from zhanggui.views.questions import asked_list, cursor, filters, periods, question

    yield from (xlsx_file, asked_list, cursor, filters, periods, question, payments, all_lists)


def test_a_question_has_one_text_whatever_the_order_and_writing_of_its_filters() -> None:
    one = ask(state="reversed, approved", amount="¥1,234.5", operator="1", trace="7", card="0012")
    other = ask(card="0012", trace="000007", operator="01", amount="1234.50", state="approved,reversed", terminal=" ")
    assert one == other
    assert one.text == "operator=01&trace=000007&card=0012&amount=1234.50&state=approved%2Creversed"
    assert one.hash == other.hash != ask(card="0013").hash
    assert ask().text == ""
    assert one.without("card").value("card") is None


def test_a_day_that_was_said_by_a_word_stands_in_the_text_as_the_day_that_it_was() -> None:
    assert ask(day_from="today", day_to="今天").text == "day_from=2026-11-29&day_to=2026-11-29"
    assert ask(day_from="yesterday").text == "day_from=2026-11-28"
    assert ask(since="2h").parameters == {"since": "2026-11-29T10:00:00.000+08:00"}
    assert ask(since="2026-11-29", until="2026-11-29").parameters == {
        "since": "2026-11-29T00:00:00.000+08:00",
        "until": "2026-11-30T00:00:00.000+08:00",
    }


@pytest.mark.parametrize(
    ("given", "field", "zh", "en"),
    [
        ({"colour": "red"}, "colour", "没有筛选项“colour”", "no filter 'colour'"),
        ({"trace": "12a"}, "trace", "凭证号（trace）：须为 6 位数字", "6 digits"),
        ({"rrn": "1234"}, "rrn", "12 位数字", "12 digits"),
        ({"card": "6217000000000000012"}, "card", "只填卡号后四位", "only the last four"),
        ({"state": "approved,gone"}, "state", "pending, approved", "pending, approved"),
        ({"amount": "12.345"}, "amount", "如 12.50", "like 12.50"),
        ({"shop": "老王"}, "shop", "15 位", "15 digits"),
        ({"day_from": "29.11.2026"}, "day_from", "营业日如 2026-11-23", "like 2026-11-23"),
        ({"day_from": "2026-02-30"}, "day_from", "营业日如", "a shop day is wanted"),
        ({"since": "soon"}, "since", "时间如", "a time is wanted"),
        ({"since": "9999-12-31"}, "since", "1970 至 2999", "1970 to 2999"),
        ({"day_from": "2026-11-29", "day_to": "2026-11-28"}, "day_to", "不能在 day_from 之前", "before day_from"),
        ({"amount_from": "2", "amount_to": "1"}, "amount_to", "不能在", "before amount_from"),
        ({"shift": "one"}, "shift", "须为数字", "a number is wanted"),
        ({"order_no": "12"}, "order_no", "32 位", "32 characters"),
        ({"reason": "\u200b"}, "reason", "看得见的文字", "visible text"),
        ({"reason": "x" * 65}, "reason", "最多 64 个字", "at most 64"),
    ],
)
def test_what_is_wrong_names_the_field_and_what_is_allowed(given: dict[str, str], field: str, zh: str, en: str) -> None:
    error = wrong(**given)
    assert isinstance(error, Misuse)
    assert error.field == field
    assert zh in error.of("zh")
    assert en in error.of("en") == str(error)
    assert "6217000000000000012" not in error.of("zh") + error.of("en")


def test_a_list_says_what_it_needs_and_which_lists_there_are() -> None:
    assert wrong("day_slips", day="2026-11-29").field == "shop"
    assert wrong("day_slips", shop=SHOP).field == "day"
    with pytest.raises(AskedWrong, match="there is no list 'payment'; there are: payments, sign_ins"):
        list_named("payment")


def test_who_may_see_one_shop_asks_about_that_one_and_no_other() -> None:
    assert PAYMENTS.ask({"state": "approved"}, READING, SHOP).shops == (SHOP,)
    assert PAYMENTS.ask({"shop": SHOP}, READING, SHOP) == PAYMENTS.ask({}, READING, SHOP)
    for asked in (OTHER, f"{SHOP},{OTHER}"):
        with pytest.raises(AskedWrong, match="only your own shop"):
            PAYMENTS.ask({"shop": asked}, READING, SHOP)


def test_a_cursor_is_good_for_its_question_and_its_holder_alone() -> None:
    question, place = ask(state="approved"), (int(NOON), SHOP, "10000001", "000001", "000007")
    cursor = write_cursor(question, place, seal, "account 7")
    assert read_cursor(cursor, question, seal, "account 7") == place
    for other in (ask(), ask(state="declined"), LISTS["scripts"].ask({}, READING)):
        with pytest.raises(AskedWrong, match="belongs to other filters") as caught:
            read_cursor(cursor, other, seal, "account 7")
        assert caught.value.field == "cursor"
    for holder in ("", "account 8"):
        with pytest.raises(AskedWrong, match="was not given to you"):
            read_cursor(cursor, question, seal, holder)
    with pytest.raises(AskedWrong, match="was not given to you"):
        read_cursor(cursor, question, lambda body: seal(b"another key" + body), "account 7")


def test_the_hosts_vault_seals_cursors_and_no_other_host_reads_them() -> None:
    keys, _, other, _ = room_keys()
    question, place = ask(), (int(NOON), SHOP, "10000001", "000001", "000007")
    cursor = write_cursor(question, place, keys.cursor_tag)
    assert read_cursor(cursor, question, keys.cursor_tag) == place
    elsewhere = other.new_fingerprint_key()
    with pytest.raises(AskedWrong, match="was not given to you"):
        read_cursor(cursor, question, lambda body: other.fingerprint(elsewhere, b"cursor:" + body))


@given(st.one_of(st.text(max_size=2_000), st.binary(max_size=300).map(lambda raw: urlsafe_b64encode(raw).decode())))
def test_any_text_is_no_cursor(text: str) -> None:
    with pytest.raises(AskedWrong, match="was not given to you"):
        read_cursor(text, ask(), seal)


def test_a_cursor_with_one_bit_changed_is_none() -> None:
    cursor = write_cursor(ask(), (int(NOON), SHOP, "10000001", "000001", "000007"), seal)
    raw = bytearray(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    for place in range(len(raw)):
        bent = raw.copy()
        bent[place] ^= 1
        with pytest.raises(AskedWrong, match="was not given to you"):
            read_cursor(urlsafe_b64encode(bent).decode(), ask(), seal)


@pytest.mark.parametrize("limit", [0, -1, PAGE_ROWS_MAX + 1])
def test_a_page_has_a_bound(limit: int) -> None:
    with pytest.raises(AskedWrong, match="1 to") as caught:
        PAYMENTS.page(ask(), READING, seal, limit=limit)
    assert caught.value.field == "limit"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("0012", "card 0012, trace 000012, shift 12, batch 000012, amount 12.00"),
        ("12", "operator 12, trace 000012, shift 12, batch 000012, amount 12.00"),
        ("000123", "trace 000123, batch 000123, shift 123, amount 123.00"),
        ("12.50", "amount 12.50"),
        ("¥1,200", "amount 1200.00"),
        ("1200元", "amount 1200.00"),
        ("尾号0012", "card 0012"),
        ("621700*********0012", "card 0012"),
        ("10000001", "terminal 10000001, shift 10000001"),
        ("123456789012", "rrn 123456789012"),
        (SHOP, f"shop {SHOP}, pay_voucher {SHOP}"),
        ("10000001000001000012261130183504", "order_no 10000001000001000012261130183504"),
        ("6217000000000000012", "card 0012"),
        ("6217 0000 0000 0000 012", "card 0012"),
        ("20261123085503000012", "pay_voucher 20261123085503000012"),
        ("", ""),
        ("x" * 65, ""),
    ],
)
def test_the_search_box_says_what_a_text_may_be_the_likeliest_first(typed: str, found: str) -> None:
    said = [f"{one.filter} {one.text}" for one in candidates(PAYMENTS, typed)]
    assert ", ".join(said) == found


@pytest.mark.parametrize("name", sorted(LISTS))
@pytest.mark.parametrize(
    "typed", ["7", "0012", "000123", "12.50", "10000001", "wrong_password", "王芳", SHOP, "98 %_\\"]
)
def test_each_candidate_of_the_search_box_is_a_question_of_its_list(name: str, typed: str) -> None:
    needed = {"shop": SHOP, "day": "2026-11-29"} if name == "day_slips" else {}
    for one in candidates(LISTS[name], typed):
        question = LISTS[name].ask({**needed, one.filter: one.text}, READING)
        assert question.value(one.filter) is not None


def test_a_candidate_is_offered_in_words() -> None:
    said: dict[Lang, str] = {"zh": "卡号后四位 0012", "en": "card's last four 0012"}
    assert {lang: candidates(PAYMENTS, "0012")[0].say(lang) for lang in said} == said
    assert filter_name("unheard_of", "en") == "unheard_of"


def test_the_values_of_a_question_are_said_in_words() -> None:
    question = ask(state="approved,reversed", amount="12.5", card="0012", day_from="2026-11-29", kind="sale")
    assert {one.name: one.say(value, "zh") for one, value in question.asked} == {
        "state": "成功、已冲正",
        "amount": "¥12.50",
        "card": "*0012",
        "day_from": "2026-11-29",
        "kind": "消费",
    }
