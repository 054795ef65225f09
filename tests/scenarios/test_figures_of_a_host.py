"""A host's figures for Prometheus, and whether it lives and can serve: read when asked, and nobody is named in them."""

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest
from tests.worlds.floor import PASSWORDS, Floor, Shop

from zhanggui.basics.errors import Fault
from zhanggui.host.figures import figure_rows
from zhanggui.host.server import Host
from zhanggui.programs.figures import start_figures
from zhanggui.programs.settings import MetricsSection, Settings

WITHIN_S = 10.0


@pytest.fixture
def address(floor: Floor, free_port: int) -> Iterator[str]:
    """Where the floor's host serves its figures for one test."""
    stack = AsyncExitStack()
    settings = Settings(metrics=MetricsSection(listen="127.0.0.1", port=free_port))
    yield floor.run(lambda: start_figures(settings, floor.program.host, stack))
    floor.run(stack.aclose)


def read(address: str, page: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address + page, timeout=WITHIN_S) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def figures(address: str) -> dict[str, float]:
    status, text = read(address, "metrics")
    assert status == 200
    return {name: float(value) for name, value in re.findall(r"^(\w+) (\S+)$", text, re.M)}


def test_figures_grow_with_what_a_shop_does_and_name_nobody(shop: Shop, address: str) -> None:
    before = figures(address)
    shop.terminals[0].sign_in("01", PASSWORDS["01"])
    shop.terminals[0].sell("01")
    after = figures(address)
    assert after["zhanggui_requests_total"] > before["zhanggui_requests_total"]
    assert after["zhanggui_batches_total"] > before["zhanggui_batches_total"]
    assert after["zhanggui_commits_total"] > before["zhanggui_commits_total"]
    assert after["zhanggui_connections"] >= 1
    assert after["zhanggui_bank_line_up"] == 1
    text = read(address, "metrics")[1]
    assert shop.merchant_no not in text
    assert shop.terminals[0].terminal_no not in text


def test_every_figure_of_the_table_is_served_with_its_kind_and_words(address: str) -> None:
    text = read(address, "metrics")[1]
    for name, row in figure_rows().items():
        bare = name.removesuffix("_total")
        assert re.search(rf"^# TYPE ({name}|{bare}) {row.kind}$", text, re.M), name
        assert row.en in text


def test_a_host_that_lives_says_so_and_is_ready_while_its_database_answers(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read(address, "health") == (200, '{"lives":true}')
    status, text = read(address, "ready")
    assert (status, msgspec.json.decode(text)) == (200, {"ready": True, "degraded": []})

    async def fails(host: Host) -> bool:
        return False

    monkeypatch.setattr(Host, "store_answers", fails)
    status, text = read(address, "ready")
    assert (status, msgspec.json.decode(text)["ready"]) == (503, False)
    assert read(address, "health")[0] == 200


def test_without_a_bank_a_host_is_ready_and_says_what_is_missing(
    floor: Floor, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floor.program.host.bank.link.up, "is_set", lambda: False)
    assert msgspec.json.decode(read(address, "ready")[1]) == {"ready": True, "degraded": ["bank_line_down"]}


def test_a_store_that_fails_is_no_store_that_answers(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise Fault("the disk is gone")

    monkeypatch.setattr(floor.program.store, "unit", broken)
    assert floor.run(floor.program.host.store_answers) is False


def test_nothing_is_served_where_no_address_is_set(floor: Floor, tmp_path: Path) -> None:
    assert floor.run(lambda: start_figures(Settings(data=str(tmp_path)), floor.program.host, AsyncExitStack())) == ""
