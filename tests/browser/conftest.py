"""Chromium, and shops that run with `zhanggui up` over demo data of their own. These tests run in a pytest process of their own."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from tests.browser.desk import Desk
from tests.browser.wire import wire_to
from tests.conftest import Ports
from tests.worlds.browser_shop import Shop

from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.programs.demo import make_demo
from zhanggui.programs.settings import Settings

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}}

OpenShop = Callable[..., Shop]
OpenDesk = Callable[..., Desk]


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Demo data that nobody may change; shops open over copies of it."""
    folder = tmp_path_factory.mktemp("demo")
    asyncio.run(make_demo(Settings(data=str(folder)), SystemClock(), SystemChance(), lambda step: None))
    return folder


@pytest.fixture(scope="session")
def browser(demo_template: Path) -> Iterator[Browser]:
    """Chromium. Demo data come first: the driver's loop runs from here on, and no other can beside it."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.fail("these tests need Chromium: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def make_shop(
    demo_template: Path, tmp_path_factory: pytest.TempPathFactory, ports: Ports
) -> Iterator[Callable[[], Shop]]:
    """Makes a shop over fresh demo data; the test opens it."""
    shops: list[Shop] = []

    def make() -> Shop:
        folder = tmp_path_factory.mktemp("shop") / "data"
        shutil.copytree(demo_template, folder)
        shops.append(Shop(folder, *(ports.take() for _ in range(6))))
        return shops[-1]

    yield make
    for shop in shops:
        shop.close()


@pytest.fixture(scope="module")
def shop(make_shop: Callable[[], Shop]) -> Shop:
    """One shop for the tests of a module, opened with `zhanggui up`. Its slow test card is slow for two seconds."""
    return make_shop().open(slow_answer_s=2.0)


@pytest.fixture
def open_desk(browser: Browser, shop: Shop) -> Iterator[OpenDesk]:
    """Opens a page of a terminal of the shop, which is led to the operator's number first, or to standby.

    `open_desk("10000001", lang="en", at="standby", **PHONE)`; `at=""` leaves the terminal as it is.

    At the end of the test each page must have written nothing to the console and asked no other origin.
    """
    contexts: list[BrowserContext] = []
    desks: list[Desk] = []

    def open_one(
        number: str = "10000001", *, lang: str = "zh", at: str = "sign_in_number", operator: str = "01", **context: Any
    ) -> Desk:
        if at:
            with wire_to(shop.page, number) as wire:
                wire.speak(lang)
                wire.go_to_standby(operator) if at == "standby" else wire.go_home()
        contexts.append(browser.new_context(**({"reduced_motion": "reduce"} | DESKTOP | context)))
        desk = Desk(contexts[-1], shop.page, number).open()
        desks.append(desk)
        if at:
            desk.shows(at)
        return desk

    yield open_one
    for context in contexts:
        context.close()
    assert [trouble for desk in desks for trouble in desk.troubles] == []
