"""99 changes settings at a true terminal, let in by a true host: what is kept where, and who is not let in."""

import pytest
from pysqlite3 import dbapi2
from tests.conftest import Ports
from tests.worlds.floor import PASSWORDS, Shop
from tests.worlds.house import House
from tests.worlds.true_terminal import AtTheCounter, at_the_counter, words_of

from zhanggui.acquirer.rows.records import Approval
from zhanggui.cup.operator_tags import Tag
from zhanggui.programs.demo import OPERATORS
from zhanggui.terminal.settings import read_settings

NUMBER = "10000001"
DEMO_PASSWORD = next(password for number, _, _, password in OPERATORS if number == "99")


async def type_password(at: AtTheCounter) -> None:
    await at.screen("sign_in_number", "self_check_result")
    if at.terminal.view().id == "self_check_result":
        at.keys("enter")
        await at.screen("sign_in_number")
    at.keys("9", "9")
    await at.screen("approval_password")
    at.keys(*DEMO_PASSWORD, "enter")


async def pressed(at: AtTheCounter, key: str, wanted: str) -> None:
    """One key, and the screen that it leads to."""
    at.keys(key)
    await at.screen(wanted)


def changes(house: House) -> list[tuple[object, ...]]:
    """What the terminal's journal says of its settings."""
    connection = dbapi2.connect(str(house.folder / "terminals" / NUMBER / "journal.db"))
    try:
        return list(connection.execute("SELECT operator_no, approval_no, name, before, value FROM setting"))
    finally:
        connection.close()


async def test_99_changes_time_out_and_address_and_host_and_journal_know_of_it(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take(), signs_in=False, timeout_s=20.0) as at:
        await type_password(at)
        await at.screen("setup")
        await pressed(at, "network", "setup_network")
        await pressed(at, "timeout_s", "setup_typing")
        at.keys("4", "5", "enter")
        await at.until(lambda view: view.id == "setup_network" and "45" in words_of(view))
        at.keys("call")
        await at.until(lambda view: "主机已接通" in words_of(view))
        await pressed(at, "cancel", "setup")
        await pressed(at, "keys", "setup_keys")
        at.keys("new_keys")
        await at.until(lambda view: "工作密钥已更新" in words_of(view))
        await pressed(at, "cancel", "setup")
        await pressed(at, "printer", "setup_printer")
        at.keys("test")
        await at.until(lambda view: "测试单已打印" in words_of(view))
        await pressed(at, "cancel", "setup")
        await pressed(at, "host", "setup_host")
        await pressed(at, "port", "setup_typing")
        at.keys(*str(ports.take()), "enter")
        await at.until(lambda view: view.id == "setup_host" and "已修改" in words_of(view))
        await pressed(at, "cancel", "setup")
        await pressed(at, "network", "setup_network")
        at.keys("call")
        await at.until(lambda view: "主机未接通" in words_of(view))
        await pressed(at, "cancel", "setup")
        await pressed(at, "cancel", "sign_in_number")
    kept = read_settings(house.folder, NUMBER)
    assert kept.timeout_s == 45
    (approval,) = house.host_rows("approvals")
    assert (approval["supervisor_no"], approval["action"], approval["terminal_no"]) == ("99", "settings", NUMBER)
    first, second = changes(house)
    assert first == ("99", approval["approval_no"], "timeout_s", "20", "45")
    assert second[:3] == ("99", approval["approval_no"], "port")
    assert second[4] == str(kept.port)


@pytest.mark.parametrize(("number", "role"), [("01", "cashier"), ("00", "supervisor")])
def test_a_cashier_and_00_get_p7_and_are_told_who_may(shop: Shop, number: str, role: str) -> None:
    terminal = shop.terminals[0]
    terminal.sign_in("01", PASSWORDS["01"])
    answer = terminal.approve(number, PASSWORDS[number], "settings")
    assert answer.code == "P7", role
    assert answer[Tag.ROLE] == "administrator"
    assert shop.records[-1].reason == "may_not_approve:settings"
    assert shop.rows(Approval) == []


def test_99_is_let_into_the_settings_and_approves_nothing_else(shop: Shop) -> None:
    terminal = shop.terminals[0]
    terminal.sign_in("01", PASSWORDS["01"])
    assert terminal.approve("99", PASSWORDS["99"], "settings").code == "00"
    assert [row.action for row in shop.rows(Approval)] == ["settings"]
    for action in ("take_over", "void", "refund", "settle"):
        assert terminal.approve("99", PASSWORDS["99"], action).code == "P7"
