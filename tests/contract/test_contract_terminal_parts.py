"""What every part of a machine keeps to, whoever made it. A real make joins by one more entry in MAKES."""

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from tests.worlds.shell_makes import StillClock, slip_words

from zhanggui.basics.chance import SeededChance
from zhanggui.basics.errors import Misuse
from zhanggui.terminal.devices.machine import Devices, virtual_devices
from zhanggui.terminal.devices.ports import Device
from zhanggui.terminal.devices.switches import STATES
from zhanggui.terminal.flow.core.events import CheckItem, CheckResult, CheckState
from zhanggui.terminal.flow.words.catalogue import has_words
from zhanggui.terminal.models.profiles import load_profile

MODELS = ("smart", "esign", "keypad")
MAKES: dict[str, Callable[[Path, str], Devices]] = {
    "virtual": lambda folder, model: virtual_devices(
        folder=folder,
        cards_folder=folder / "cards",
        profile=load_profile(model),
        clock=StillClock(),
        chance=SeededChance(1),
        slip_text=slip_words,
    )
}


@pytest.fixture(params=[(make, model) for make in MAKES for model in MODELS], ids="-".join)
def devices(request: pytest.FixtureRequest, tmp_path: Path) -> Devices:
    make, model = request.param
    return MAKES[make](tmp_path, model)


def part_of(devices: Devices, item: str) -> Device:
    return next(part for part in devices.parts if part.item == item)


def test_every_part_stands_once_in_the_order_of_the_self_check(devices: Devices) -> None:
    items = [part.item for part in devices.parts]
    order: list[str] = list(get_args(CheckItem))

    assert items == [item for item in order if item in items]
    assert {"power", "network", "keypad", "display", "card_reader", "clock", "tamper"} <= set(items)


def test_every_part_tells_how_it_is_in_words_that_screens_know(devices: Devices) -> None:
    for part in devices.parts:
        result = part.check()
        assert result.item == part.item
        assert result.state in get_args(CheckState)
        assert bool(result.reason) == (result.state != "ok")
        assert not result.reason or (has_words(result.reason) and has_words(f"{result.reason}.do"))


def test_only_what_is_simulated_can_be_set(devices: Devices) -> None:
    for part in devices.parts:
        if part.simulated:
            assert devices.settable(part.item) is part
        else:
            with pytest.raises(Misuse, match="real"):
                devices.settable(part.item)


def test_a_part_that_a_model_lacks_is_told_in_words(devices: Devices) -> None:
    missing = set(get_args(CheckItem)) - {part.item for part in devices.parts}

    for item in missing:
        with pytest.raises(Misuse, match="has no"):
            devices.settable(item)


@pytest.mark.parametrize("item", get_args(CheckItem))
def test_each_state_of_a_virtual_part_has_words_and_is_told_at_once(tmp_path: Path, item: CheckItem) -> None:
    part = MAKES["virtual"](tmp_path, "smart").settable(item)
    told: list[CheckResult] = []
    part.on_change(told.append)

    for state in (*STATES[item], "ok"):
        part.set_state(state)
        result = part.check()
        assert not result.reason or (has_words(result.reason) and has_words(f"{result.reason}.do"))
    assert len(told) == len(STATES[item])
    with pytest.raises(Misuse, match="choose one of"):
        part.set_state("no such state")


def test_a_drifting_clock_is_worth_a_warning_and_a_right_one_is_not(devices: Devices) -> None:
    devices.clock.measured(31, 30)
    assert part_of(devices, "clock").check().state == "warn"
    devices.clock.measured(-30, 30)
    assert part_of(devices, "clock").check().state == "ok"
