"""Fixtures over the floor: one host for a whole run, a shop of its own for each test."""

from collections.abc import Callable, Iterator

import pytest
from tests.worlds.floor import Floor, Shop, TestClock, make_data


@pytest.fixture(scope="session")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """Host and bank with a clock that tests set; shared, so take a shop and never restart it."""
    folder = tmp_path_factory.mktemp("floor")
    make_data(folder)
    running = Floor(folder, TestClock()).start()
    yield running
    running.stop()


@pytest.fixture
def open_shop(floor: Floor) -> Iterator[Callable[..., Shop]]:
    """Opens shops: `open_shop(terminals=2, policy="basic", sign_in_code="shift")`."""
    shops: list[Shop] = []

    def open_one(**wishes: object) -> Shop:
        shops.append(floor.shop(**wishes))  # type: ignore[arg-type]  # a number, a profile and overrides
        return shops[-1]

    yield open_one
    for shop in shops:
        shop.hang_up()


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    """A shop with two terminals under the profile basic."""
    return open_shop()
