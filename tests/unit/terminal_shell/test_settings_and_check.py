"""Settings of a terminal, and the self-check over all parts and the line."""

from pathlib import Path

import pytest
from tests.worlds.running_terminal import Desk
from tests.worlds.scripted_host import ScriptedHost
from tests.worlds.shell_makes import MERCHANT, TERMINAL

from zhanggui.basics.errors import Misuse
from zhanggui.terminal.link.host_line import TcpHostLine
from zhanggui.terminal.self_check import run_self_check
from zhanggui.terminal.settings import TerminalSettings, read_settings, terminals_in, write_settings


def test_settings_come_back_as_they_were_written(tmp_path: Path) -> None:
    settings = TerminalSettings(
        number=TERMINAL, model="keypad", merchant_no=MERCHANT, support_phone='400 "demo" \\ 掌柜', timeout_s=12.5
    )
    write_settings(tmp_path, settings)

    assert read_settings(tmp_path, TERMINAL) == settings
    assert terminals_in(tmp_path) == [TERMINAL]


def test_a_terminal_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    write_settings(tmp_path, TerminalSettings(number=TERMINAL, model="smart", merchant_no=MERCHANT))

    with pytest.raises(Misuse, match=TERMINAL):
        read_settings(tmp_path, "10000009")
    with pytest.raises(Misuse, match="eight"):
        read_settings(tmp_path, "../../etc")


@pytest.mark.parametrize(
    "content",
    [
        "number = 1",
        'number = "10000001"',
        'number = "10000001"\nmodel = "fax"\nmerchant_no = "102100058120001"',
        'number = "10000001"\nmodel = "smart"\nmerchant_no = "1"',
        'number = "10000001"\nmodel = "smart"\nmerchant_no = "102100058120001"\nunknown = 1',
        'number = "10000001"\nmodel = "smart"\nmerchant_no = "102100058120001"\nport = 0',
        'number = "10000002"\nmodel = "smart"\nmerchant_no = "102100058120001"',
        "= no toml",
    ],
)
def test_wrong_settings_are_told_in_words(tmp_path: Path, content: str) -> None:
    path = write_settings(tmp_path, TerminalSettings(number=TERMINAL, model="smart", merchant_no=MERCHANT))
    path.write_text(content)

    with pytest.raises(Misuse):
        read_settings(tmp_path, TERMINAL)


async def test_the_self_check_asks_every_part_and_calls_the_host(tmp_path: Path) -> None:
    host = ScriptedHost()
    await host.start()
    devices = Desk(tmp_path, host).devices()
    line = TcpHostLine("127.0.0.1", host.port, devices.line)

    assert {result.state for result in await run_self_check(devices, line)} == {"ok"}

    await host.stop()
    after = {result.item: result.reason for result in await run_self_check(devices, line)}
    assert after["network"] == "check.network.unreachable"

    devices.settable("network").set_state("down")
    devices.settable("printer").set_state("no_paper")
    after = {result.item: result.reason for result in await run_self_check(devices, line)}
    assert (after["network"], after["printer"]) == ("check.network.down", "check.printer.no_paper")
    assert host.heard == []
