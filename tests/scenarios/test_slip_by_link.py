"""A customer's slip by link, over TCP and HTTP: shown by the host when the terminal is off, ended without a trace, and leading nowhere else."""

import asyncio
import io
import logging
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import structlog
from pysqlite3 import dbapi2
from tests.conftest import Ports
from tests.worlds.house import House
from tests.worlds.raw_files import raw
from tests.worlds.true_terminal import AtTheCounter, at_the_counter

from zhanggui.edges.logs import configure_logs
from zhanggui.programs.data_folder import Places

SMART = "10000001"


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """Everything that is logged, as programs log it, the web server's words too."""
    told = io.StringIO()
    configure_logs(level="debug")
    handler = logging.StreamHandler(told)
    logging.getLogger().addHandler(handler)
    as_programs_do = {**structlog.get_config(), "cache_logger_on_first_use": False}
    structlog.configure(**{**as_programs_do, "logger_factory": structlog.PrintLoggerFactory(told)})
    yield told
    logging.getLogger().removeHandler(handler)
    structlog.reset_defaults()


def fetch(address: str, lang: str = "zh") -> tuple[int, str, dict[str, str]]:
    """Status, page and headers, as a phone without a cookie gets them."""
    where = urlsplit(address)
    line = HTTPConnection(where.hostname or "", where.port, timeout=20)
    try:
        line.request("GET", where.path + (f"?{where.query}" if where.query else ""), headers={"Accept-Language": lang})
        response = line.getresponse()
        return response.status, response.read().decode(), {k.lower(): v for k, v in response.getheaders()}
    finally:
        line.close()


def erase(house: House, document_id: str) -> None:
    """Take the contents away, as `zhanggui documents erase` and the nightly job do."""
    connection = dbapi2.connect(str(Places(house.settings.data_path).host_database))
    connection.execute(
        "UPDATE documents SET sealed = x'', erased_ms = kept_ms, erased_why = 'asked' WHERE document_id = ?",
        (document_id,),
    )
    connection.commit()
    connection.close()


def refund(house: House, amount_fen: int) -> None:
    """So much of the only payment was given back, as another terminal's refund leaves it."""
    connection = dbapi2.connect(str(Places(house.settings.data_path).host_database))
    connection.execute("UPDATE payments SET adjusted_fen = ? WHERE kind = 'sale'", (-amount_fen,))
    connection.commit()
    connection.close()


async def sell_to_a_phone(at: AtTheCounter) -> str:
    """One sale whose second copy the customer scans; the address of it."""
    at.keys("sale")
    await at.screen("amount")
    at.keys(*"12850", "enter")
    await at.card_and_pin()
    view = await at.screen("tear_off")
    assert "link" in [choice.key for choice in view.choices]
    at.keys("link")
    shown = await at.until(lambda view: view.id == "slip_link" and bool(view.scan))
    at.keys("enter")
    await at.screen("standby")
    return shown.scan


async def test_a_slip_is_shown_by_the_host_when_the_terminal_is_off_and_its_link_stands_nowhere(
    logs: io.StringIO, house: House, ports: Ports, tmp_path: Path
) -> None:
    page = house.serve_phones()
    async with at_the_counter(house, ports.take(), SMART) as at:
        address = await sell_to_a_phone(at)
        at.terminal.press_power()
        await at.screen("off")
    assert address.startswith(f"{page}/S/")
    status, text, headers = await asyncio.to_thread(fetch, address)
    assert status == 200
    for word in ("持卡人存根", "128.50", "621700", "0012"):
        assert word in text, word
    assert "6217000000000000012" not in text
    assert "商户存根" not in text
    assert "持卡人签名" not in text
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "noindex" in headers["x-robots-tag"]
    assert "set-cookie" not in headers
    _, english, _ = await asyncio.to_thread(fetch, f"{address}?lang=en")
    assert "CARDHOLDER" in english.upper()
    assert "持卡人存根" not in english
    (link,) = house.host_rows("slip_links")
    assert link["opened"] == 2
    token = address.rpartition("/")[2]
    kept = [path for path in (tmp_path, house.settings.data_path) for path in path.rglob("*") if path.is_file()]
    for path in kept:
        assert token[:16].encode() not in raw(path), path
    assert logs.getvalue()
    assert token[:16] not in logs.getvalue(), "no log holds it: whoever reads one must not open the slip"


async def test_ended_erased_forged_and_malformed_links_are_one_page_and_nothing_lists_them(
    house: House, ports: Ports
) -> None:
    page = house.serve_phones()
    async with at_the_counter(house, ports.take(), SMART) as at:
        address = await sell_to_a_phone(at)
    (document,) = [row for row in house.host_rows("documents") if row["kind"] == "slip"]
    merchant = urlsplit(address).path.split("/")[2]
    forged = address[:-3] + ("AAA" if address[-3:] != "AAA" else "BBB")
    nothing = [
        forged,
        f"{page}/S/{merchant}/{'A' * 29}",
        f"{page}/S/{merchant}/short",
        f"{page}/S/102100058120999/{address.rpartition('/')[2]}",
    ]
    pages = {(await asyncio.to_thread(fetch, one))[:2] for one in nothing}
    erase(house, str(document["document_id"]))
    pages.add((await asyncio.to_thread(fetch, address))[:2])
    ((status, text),) = pages
    assert status == 404
    assert "没有这张签购单" in text
    for listing in (f"{page}/S", f"{page}/S/", f"{page}/S/{merchant}", f"{page}/S/{merchant}/"):
        assert (await asyncio.to_thread(fetch, listing))[0] == 404


async def test_the_page_of_a_slip_says_what_became_of_its_payment(house: House, ports: Ports) -> None:
    house.serve_phones()
    async with at_the_counter(house, ports.take(), SMART) as at:
        address = await sell_to_a_phone(at)
    assert "data-became" not in (await asyncio.to_thread(fetch, address))[1]
    refund(house, 10_000)
    _, text, _ = await asyncio.to_thread(fetch, address)
    assert "此交易已部分退货，尚余 28.50 元" in text
    assert "128.50" in text
    refund(house, 12_850)
    status, english, _ = await asyncio.to_thread(fetch, f"{address}?lang=en")
    assert (status, "This payment was refunded<" in english) == (200, True)


async def test_where_no_page_is_served_the_terminal_says_nothing_of_it(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take(), SMART) as at:
        at.keys("sale")
        await at.screen("amount")
        at.keys(*"100", "enter")
        await at.card_and_pin()
        view = await at.screen("tear_off")
        assert [choice.key for choice in view.choices] == ["enter"]
