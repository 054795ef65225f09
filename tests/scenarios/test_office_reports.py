"""X and Z of shifts and batches, and trends, in the office over TCP: the figures are those of today, of the slip and of the list."""

import re
from html import unescape

from tests.conftest import Ports
from tests.worlds.house import House
from tests.worlds.office import SHOP, Browser, come_in
from tests.worlds.true_terminal import at_the_counter

SALES = ("500", "1234", "777")


async def sell(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        for fen in SALES:
            await at.sell(fen)


def first_of(browser: Browser, path: str) -> str:
    """Where the first row of a list leads."""
    found = re.search(r'<tr data-row><td[^>]*>\s*<a href="([^"]+)"', browser.get(path).text)
    assert found is not None
    return unescape(found[1])


def said(page: str) -> dict[str, str]:
    """What a page says in pairs of name and value."""
    return dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]*)</dd>", page))


async def test_a_shift_s_report_is_an_x_while_it_goes_on(owner: Browser, house: House, ports: Ports) -> None:
    await sell(house, ports)
    page = owner.get(first_of(owner, "/shifts")).text
    assert "X 报表" in page
    assert said(page)["净额"] == "¥25.11"
    assert re.search(r"<td[^>]*>消费</td><td[^>]* class=\"amount\">3</td><td[^>]* class=\"amount\">¥25.11</td>", page)
    assert "回顾：与平常相比" in page
    assert re.search(r"<td[^>]*>消费笔数</td><td[^>]* class=\"amount\">3</td>", page)
    assert "/acts/" not in page
    payments = re.findall(r'href="(/payments\?[^"]+)"', page)
    assert owner.get(unescape(payments[0])).text.count("data-row") == 3


async def test_a_batch_is_an_x_while_its_terminal_fills_it(owner: Browser, house: House, ports: Ports) -> None:
    await sell(house, ports)
    path = first_of(owner, "/batches")
    page = owner.get(path).text
    assert "X 报表" in page
    assert said(page)["收款"] == "¥25.11"
    assert owner.get(f"/batches/{SHOP}/10000001/999999").status_code == 404
    assert owner.get(path.replace(SHOP, "102100058129999")).status_code == 404


def test_what_is_no_shift_is_not_there(owner: Browser) -> None:
    for path in (f"/shifts/{SHOP}/4711", f"/shifts/{SHOP}/x", f"/shifts/{SHOP}/１", "/shifts/102100058129999/1"):
        assert owner.get(path).status_code == 404, path


async def test_trends_answer_in_words_and_their_figures_are_those_of_today(
    office: str, owner: Browser, house: House, ports: Ports
) -> None:
    empty = owner.get("/trends")
    assert (empty.status_code, "这段时间还没有" in empty.text) == (200, True)
    await sell(house, ports)
    page = owner.get("/trends").text
    assert "30 天净额 ¥25.11" in page
    assert "共签到 1 次" in page
    assert page.count("<rect") >= 30
    assert page.count('<th scope="row">') >= 54, "each bar stands in a table too"
    with Browser(office) as reviewer:
        come_in(reviewer, house, "reviewer", "reviewer")
        seen = reviewer.get("/trends").text
        assert ("每天进账多少" in seen, "几点签到的人多" in seen) == (True, False), "only what the role may see"
