"""The lists of the office over TCP: the rows of the view, filters that live in the address, one box that knows what a number is."""

import re
from html import unescape

import pytest
from tests.conftest import Ports
from tests.worlds.house import House
from tests.worlds.office import PASSWORD, SHOP, Browser
from tests.worlds.true_terminal import at_the_counter

from zhanggui.office.lists import OFFICE_LISTS
from zhanggui.views.all_lists import LISTS

SALES = ("500", "1234", "777")


def rows_of(page: str) -> list[list[str]]:
    """The cells of the rows that a page shows."""
    return [
        [unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        for row in re.findall(r"<tr data-row>(.*?)</tr>", page, re.DOTALL)
    ]


async def sell(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        for fen in SALES:
            await at.sell(fen)


async def test_payments_are_found_filtered_counted_and_opened(owner: Browser, house: House, ports: Ports) -> None:
    await sell(house, ports)
    page = owner.get("/payments").text
    assert [row for row in rows_of(page) if "¥12.34" in row]
    assert len(rows_of(page)) == len(SALES)
    assert "102100058120001" not in re.sub(r'(href|value)="[^"]*"', "", page), "an owner is not asked which shop"
    one = owner.get("/payments?amount=12.34").text
    assert len(rows_of(one)) == 1
    assert "共 1 条" in owner.get("/payments?amount=12.34&count=yes").text
    assert f"共 {len(SALES)} 条 · ¥25.11" in owner.get("/payments?count=yes").text
    found = owner.get("/payments?q=¥7.77")
    assert ("amount=7.77" in str(found.url), len(rows_of(found.text))) == (True, 1)
    (link,) = re.findall(rf'href="(/payments/{SHOP}/[^"]+)"', one)
    story = owner.get(link)
    assert "发卡行批准" in story.text
    assert "消费" in story.text


async def test_a_number_that_may_be_several_things_is_offered_as_each(
    owner: Browser, house: House, ports: Ports
) -> None:
    await sell(house, ports)
    page = owner.get("/payments?q=12").text
    offers = [unescape(text) for text in re.findall(r'<li><a href="/payments\?[^"]+">([^<]+)</a></li>', page)]
    assert {"操作员 12", "凭证号 000012"} <= set(offers)
    assert "没有“zz-top”" in owner.get("/payments?q=zz-top").text


def test_an_empty_list_says_whether_a_filter_emptied_it(owner: Browser) -> None:
    assert "还没有交易" in owner.get("/payments").text
    assert "没有符合上面筛选" in owner.get("/payments?amount=1.00").text


def test_a_wrong_filter_is_said_beside_its_field_and_nothing_is_lost(owner: Browser) -> None:
    answer = owner.get("/payments?amount=abc&trace=000001")
    assert answer.status_code == 400
    assert "金额如 12.50" in answer.text
    assert 'value="abc"' in answer.text
    assert 'value="000001"' in answer.text
    assert owner.get("/payments?nothing=1").status_code == 400
    assert owner.get("/payments?cursor=abc").status_code == 400
    assert owner.get("/payments?shop=102100058129999").status_code == 400


async def test_the_page_of_an_operator_and_of_a_terminal_say_what_they_did(
    owner: Browser, house: House, ports: Ports
) -> None:
    await sell(house, ports)
    operator = owner.get(f"/operators/{SHOP}/01").text
    assert "王芳" in operator
    assert "¥12.34" in operator
    assert "¥12.34" in owner.get(f"/terminals/{SHOP}/10000001").text
    for path in (
        "/operators/102100058129999/01",
        f"/operators/{SHOP}/77",
        f"/terminals/{SHOP}/x",
        f"/operators/{SHOP}/<",
    ):
        assert owner.get(path).status_code == 404, path


def test_the_office_shows_lists_that_are_there_each_once() -> None:
    names = [one.name for one in OFFICE_LISTS]
    assert len(set(names)) == len(names)
    assert set(names) <= set(LISTS)
    assert len({one.path for one in OFFICE_LISTS}) == len(OFFICE_LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_what_a_filter_may_be_is_said_in_both_languages(name: str) -> None:
    for one in LISTS[name].filters:
        for choice in one.choices:
            assert all(one.say((choice,), lang) for lang in ("zh", "en")), (name, one.name, choice)


async def test_each_figure_of_today_leads_to_the_rows_that_it_counts(
    owner: Browser, house: House, ports: Ports
) -> None:
    await sell(house, ports)
    page = owner.get("/").text
    figures = re.findall(
        r'<a href="([^"]+)"><span class="called">[^<]+</span> <strong data-figure="(\w+)">([^<]+)<', page
    )
    assert len(figures) == 9
    for link, name, value in figures:
        rows = rows_of(owner.get(unescape(link)).text)
        if name == "net":
            assert (value, len(rows)) == ("¥25.11", len(SALES))
        else:
            assert int(value.partition(" ")[0]) == len(rows), name


def test_a_link_leads_to_its_question_after_the_sign_in(house: House, owner: Browser) -> None:
    owner.submit(owner.get("/"), "/sign-out", {})
    form = owner.get("/payments?amount=12.34&state=approved")
    (to,) = re.findall(r'name="to" value="([^"]+)"', form.text)
    inside = owner.post("/sign-in", {"login": "owner", "password": PASSWORD, "to": unescape(to)})
    assert str(inside.url).endswith("/payments?amount=12.34&state=approved")
