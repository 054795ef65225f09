"""Every list that can be asked, on both databases: filters, order, cursors, totals, days. One test over all of them each."""

import asyncio
import hmac
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
import pytest
from tests.contract.store_rows import save
from tests.worlds.listed_shops import DAY_SHOP, NIGHT_SHOP, NOW, STARTS_HOUR, all_rows

from zhanggui.basics.clock import instant_of
from zhanggui.basics.numbers import UnixMs
from zhanggui.basics.shop_day import shop_day
from zhanggui.store.open import open_queries, open_store
from zhanggui.store.port import Store
from zhanggui.views.all_lists import LISTS
from zhanggui.views.questions.asked_list import AskedList, Page
from zhanggui.views.questions.question import Question
from zhanggui.views.questions.reading import Reading

NEEDED = {"day_slips": {"shop": NIGHT_SHOP, "day": "2026-11-28"}}
"""What a list needs to be asked at all."""
EXAMPLES = {
    "webhooks": ("webhook=7", "state=active", "by=console", "shop=102100058129000"),
    "messages": (
        "webhook=7",
        "hears=102100058129000",
        "message=msg_000009",
        "state=sent,failed",
        "kind=payment",
        "shop=102100058129000",
        "state=failed",
    ),
    "export_files": ("state=making", "list=payments", "by=console", "export=7", "shop=102100058129000"),
    "people": ("login=person7.9000", "name=后台 3", "role=owner", "state=active,locked", "shop=102100058129000"),
    "tokens": (
        "token=token0079000",
        "login=person7.9000",
        "name=程序 3",
        "state=active",
        "state=waiting,expired",
        "state=revoked",
        "shop=102100058129000",
    ),
    "proposals": (
        "state=open",
        "state=expired",
        "state=declined,expired",
        "proposal=3",
        "act=set_policy",
        "actor=console",
        "amount=3.00",
        "amount_from=3",
        "amount_to=3",
        "shop=102100058129000",
    ),
    "payments": (
        "shop=102100058129000",
        "terminal=10000002&state=approved",
        "operator=1&kind=sale",
        "trace=7",
        "batch=1",
        "rrn=000000000009",
        "card=0003",
        "amount=6.00",
        "amount_from=10&amount_to=20.02",
        "state=declined,reversed",
        "code=51",
        "reason=no_session",
        "wallet=wechat",
        "shift=12",
        "pay_voucher=123456789012345",
        "order_no=10000001000001000006261129000000",
        "since=2026-11-29 00:00&until=2026-11-29 02:00",
    ),
    "sign_ins": (
        "operator=03",
        "terminal=10000001",
        "outcome=refused",
        "reason=wrong_password",
        "name=员工 2",
        "method=password",
        "approved_by=00",
        "badge=1234567890",
        "record=9",
        "shift=9",
        "shop=102100058129004",
        "since=2026-11-28 23:59:59&until=2026-11-29",
    ),
    "shifts": (
        "operator=3",
        "terminal=10000001",
        "shift=5",
        "live=no",
        "live=yes",
        "reason=signed_out:asked",
        "shop=102100058129000",
    ),
    "operators": (
        "operator=3",
        "name=员工 1",
        "role=supervisor",
        "state=disabled",
        "shop=102100058129000",
        "user_name=wang",
        "badge=1",
    ),
    "terminals": (
        "terminal=10000001",
        "place=2 号",
        "model=smart",
        "state=locked",
        "shop=102100058129004",
    ),
    "batches": (
        "state=open",
        "state=closed&outcome=differs",
        "batch=105",
        "operator=1",
        "terminal=10000001",
        "shop=102100058129000",
        "rrn=000000000001",
        "case=1",
    ),
    "differences": (
        "batch=105",
        "against=bank",
        "what=only_at_host",
        "trace=5",
        "kind=sale",
        "shop=102100058129000",
        "terminal=10000001",
    ),
    "day_slips": (
        "terminal=10000001",
        "ticked=yes",
        "ticked=no",
        "kind=sale",
        "card=0001",
        "trace=6",
        "batch=1",
        "amount=6",
        "amount_from=6",
        "amount_to=6",
    ),
    "scripts": (
        "state=due",
        "trace=5",
        "batch=1",
        "rrn=000000000005",
        "terminal=10000001",
        "shop=102100058129000",
    ),
    "cases": (
        "state=open",
        "what=operator",
        "case=3",
        "record=3",
        "terminal=10000001",
        "operator=2",
        "shop=102100058129000",
    ),
    "orders": (
        "state=queued,done",
        "kind=remote_lock",
        "order=3",
        "by=console",
        "terminal=10000001",
        "shop=102100058129000",
    ),
    "documents": (
        "state=kept",
        "state=expired",
        "kind=signature",
        "document=00000000000000000000000000000005",
        "shop=102100058129000",
    ),
    "jobs": (
        "kind=settle",
        "state=done",
        "subject=000005",
        "shop=102100058129000",
    ),
    "audit_notes": (
        "actor=99",
        "action=set_policy",
        "subject=03",
        "detail=note 2",
        "note=3",
        "shop=102100058129000",
    ),
}
"""Questions to each list, as they stand in an address; together they use each of its filters."""
DAYS: tuple[dict[str, str], ...] = (
    {"day_from": "2026-11-28", "day_to": "2026-11-28"},
    {"day_from": "2026-11-29"},
    {"day_to": "2026-11-28", "shop": NIGHT_SHOP},
    {"day_from": "2026-11-29", "day_to": "2026-11-29", "shop": DAY_SHOP},
)
NAMES = sorted(LISTS)


def examples(name: str) -> list[dict[str, str]]:
    return [dict(pair.split("=", 1) for pair in text.split("&")) for text in EXAMPLES[name]]


def seal(body: bytes) -> bytes:
    return hmac.digest(b"a key of this test", body, "sha256")


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def shops(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with both shops; nobody adds to it."""
    target: str = (
        request.getfixturevalue("postgres_module_database")
        if request.param == "postgres"
        else str(tmp_path_factory.mktemp("lists") / "host.db")
    )
    fill(target, 0)
    return target


def fill(target: str, begin: int) -> None:
    async def write() -> None:
        store: Store = open_store(target)
        await save(store, *all_rows(begin))
        await store.close()

    asyncio.run(write())


@pytest.fixture
def reading(shops: str) -> Iterator[Reading]:
    with open_queries(shops) as queries:
        yield Reading(queries, NOW)


def asked(name: str, given: dict[str, str], reading: Reading) -> tuple[AskedList[Any], Question]:
    one = LISTS[name]
    return one, one.ask({**NEEDED.get(name, {}), **given}, reading)


def pages(one: AskedList[Any], question: Question, reading: Reading, limit: int) -> Iterator[Page[Any]]:
    cursor = None
    while True:
        page = one.page(question, reading, seal, cursor=cursor, limit=limit)
        yield page
        if page.cursor is None:
            return
        cursor = page.cursor


def test_each_list_has_questions_here_that_use_each_of_its_filters() -> None:
    for name, one in LISTS.items():
        used = {key for given in examples(name) for key in given} | set(NEEDED.get(name, {}))
        timed = {"day_from", "day_to", "since", "until"} & {filter_.name for filter_ in one.filters}
        assert used | timed == {filter_.name for filter_ in one.filters}, name


@pytest.mark.parametrize("name", NAMES)
def test_walking_by_cursor_meets_each_row_once_in_one_order_and_totals_are_those_of_the_rows(
    name: str, reading: Reading
) -> None:
    for given in ({}, *examples(name)):
        one, question = asked(name, given, reading)
        whole = list(one.walk(question, reading))
        assert [row for page in pages(one, question, reading, 7) for row in page.rows] == whole
        texts = [msgspec.json.encode(row) for row in whole]
        assert len(set(texts)) == len(texts)
        totals = one.totals(question, reading)
        assert totals.rows == len(whole)
        assert totals.sums == {field: sum(getattr(row, field) for row in whole) for field in one.sums}
    assert whole or given


@pytest.mark.parametrize("name", NAMES)
def test_a_question_is_the_same_one_when_it_is_read_from_its_own_text(name: str, reading: Reading) -> None:
    timed = [days for days in DAYS if "day_from" in {one.name for one in LISTS[name].filters}]
    for given in ({}, *examples(name), *timed):
        one, question = asked(name, given, reading)
        assert one.ask(question.parameters, reading) == question


@pytest.mark.parametrize("name", NAMES)
def test_each_filter_leaves_rows_out_and_keeps_some(name: str, reading: Reading) -> None:
    """Of questions that find nothing, only those may that ask for what these shops have not."""
    everything = len(list(LISTS[name].walk(asked(name, {}, reading)[1], reading)))
    finding_nothing = set()
    for given in examples(name):
        one, question = asked(name, given, reading)
        found = one.totals(question, reading).rows
        assert found <= everything
        if not found:
            finding_nothing |= set(given)
    absent = {"pay_voucher", "approved_by", "badge", "user_name", "live", "rrn", "case", "record", "order_no"}
    assert finding_nothing <= absent


@pytest.mark.parametrize(
    ("name", "field"), [("payments", "created"), ("sign_ins", "steps"), ("shifts", "opened"), ("cases", "opened")]
)
def test_a_shop_day_is_cut_at_each_shops_own_hour(name: str, field: str, reading: Reading) -> None:
    everything = list(LISTS[name].walk(asked(name, {}, reading)[1], reading))
    for given in DAYS:
        one, question = asked(name, given, reading)
        expected = [row for row in everything if lies_within(row, field, given)]
        assert list(one.walk(question, reading)) == expected
        assert one.totals(question, reading).rows == len(expected)
        assert 0 < len(expected) < len(everything)


def lies_within(row: Any, field: str, given: dict[str, str]) -> bool:
    told = row.steps.began if field == "steps" else getattr(row, field)
    at = instant_of(datetime.fromisoformat(told))
    day = row.shop_day[:10] if hasattr(row, "shop_day") else shop_day(at, STARTS_HOUR[row.merchant_no])
    return (
        given.get("day_from", "") <= day <= given.get("day_to", "9999")
        and given.get("shop", row.merchant_no) == row.merchant_no
    )


def test_today_is_the_day_of_the_shop_that_is_asked_about(shops: str) -> None:
    half_past_one = UnixMs(NOW - NOW % 86_400_000 + 17 * 3_600_000 + 30 * 60_000)
    with open_queries(shops) as queries:
        reading = Reading(queries, half_past_one)
        days = [
            LISTS["payments"].ask({"shop": shop, "day_from": "today"}, reading).value("day_from")
            for shop in (DAY_SHOP, NIGHT_SHOP)
        ]
    assert days == [shop_day(half_past_one, 0), shop_day(half_past_one, 4)]
    assert days[0] != days[1]


@pytest.mark.parametrize("name", ["payments", "sign_ins", "audit_notes", "jobs", "cases", "orders"])
async def test_rows_that_come_in_while_somebody_turns_pages_move_none(name: str, target: str, store: Store) -> None:
    await save(store, *all_rows())
    with open_queries(target) as queries:
        reading = Reading(queries, NOW)
        one, question = asked(name, {}, reading)
        before = list(one.walk(question, reading))
        turned = pages(one, question, reading, 11)
        rows = list(next(turned).rows)
        await save(store, *all_rows(100))
        rows += [row for page in turned for row in page.rows]
        assert rows == before
        assert len(list(one.walk(question, reading))) == 2 * len(before)
