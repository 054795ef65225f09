"""Findings in the office over TCP: what deserves a look, one of them whole, and who said what it was."""

import asyncio
import re
from html import unescape

from tests.contract.store_rows import save
from tests.worlds.house import House
from tests.worlds.office import SHOP, Browser, come_in

from zhanggui.acquirer.rows.records import SignIn
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.numbers import RecordNo, TerminalNo, UnixMs
from zhanggui.basics.spans import HOUR_MS, MINUTE_MS
from zhanggui.programs.data_folder import Places, store_target
from zhanggui.store.open import open_store

TRIES = 8
WHY = "问过王芳：换了新密码还没记住"


def guess(house: House, first: int, ago_ms: int) -> None:
    """Wrong passwords for operator 01 within some minutes, so long ago."""
    began = SystemClock().now() - ago_ms
    tries = [
        SignIn(
            merchant_no=SHOP,
            record_no=RecordNo(first + number),
            terminal_no=TerminalNo("10000001"),
            operator_no="01",
            state="refused",
            reason="wrong_password",
            began_ms=UnixMs(began + number * MINUTE_MS // 2),
        )
        for number in range(TRIES)
    ]

    async def write() -> None:
        store = open_store(store_target(house.settings, Places(house.folder)))
        await save(store, *tries)
        await store.close()

    asyncio.run(write())


def findings(browser: Browser, show: str = "open") -> list[tuple[str, str]]:
    """Path and name of each that the page shows."""
    page = browser.get(f"/findings?show={show}&anew=yes").text
    rows = re.findall(r'<tr data-row><td[^>]*>\s*<a href="([^"]+)">[^<]*</a>\s*</td><td[^>]*>([^<]*)</td>', page)
    return [(unescape(path), name.strip()) for path, name in rows]


def test_a_finding_is_listed_told_settled_and_open_again_when_it_goes_on(owner: Browser, house: House) -> None:
    guess(house, 5_000, 2 * HOUR_MS)
    burst = next(path for path, name in findings(owner) if name == "连续失败")
    page = owner.get(burst).text
    assert "操作员 01" in page
    assert f'href="/sign-ins/{SHOP}/5000"' in page
    assert all(word in page for word in ("正常", "办法", "问本人是否忘记密码"))
    without = owner.submit(owner.get(burst), f"{burst}/settle", {"outcome": "harmless", "reason": " "})
    assert (without.status_code, "请写明原因" in without.text) == (422, True)
    odd = owner.submit(owner.get(burst), f"{burst}/settle", {"outcome": "guilty", "reason": WHY})
    assert odd.status_code == 422
    done = owner.submit(owner.get(burst), f"{burst}/settle", {"outcome": "harmless", "reason": WHY})
    assert all(word in done.text for word in ("情况属实，没有问题", WHY, "person:owner"))
    assert "<form" not in done.text.partition("<main")[2]
    assert "连续失败" not in [name for path, name in findings(owner) if path == burst]
    assert burst in [path for path, _ in findings(owner, "settled")]
    assert burst in [path for path, _ in findings(owner, "all")]
    (note,) = [row for row in house.host_rows("audit_notes") if row["action"] == "settle_finding"]
    assert (note["actor"], note["subject"], note["reason"]) == ("person:owner", "failure_burst/operator/01", WHY)
    guess(house, 6_000, HOUR_MS // 4)
    assert "连续失败" in [name for _, name in findings(owner)], "what goes on is open again"


def test_who_only_looks_settles_nothing_and_another_shop_is_not_there(
    office: str, owner: Browser, house: House
) -> None:
    guess(house, 5_000, 2 * HOUR_MS)
    burst = next(path for path, name in findings(owner) if name == "连续失败")
    with Browser(office) as auditor:
        come_in(auditor, house, "auditor", "auditor")
        page = auditor.get(burst)
        assert (page.status_code, "查下来是" in page.text) == (200, False)
        assert auditor.submit(page, f"{burst}/settle", {"outcome": "acted", "reason": WHY}).status_code == 403
    assert owner.get(burst.replace(SHOP, "102100058129999")).status_code == 404
    assert owner.get(f"/findings/{SHOP}/0000000000000000").status_code == 404
    assert owner.get("/findings?show=some").status_code == 400


def test_an_empty_page_says_what_would_fill_it(owner: Browser) -> None:
    assert "还没有处理过的发现" in owner.get("/findings?show=settled").text
