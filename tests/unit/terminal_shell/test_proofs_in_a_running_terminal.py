"""The whole sign-in on a running terminal: code and new password on the PIN pad, lock, take-over, and work without a host."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.worlds.raw_files import raw
from tests.worlds.running_terminal import Desk
from tests.worlds.scripted_host import ScriptedHost
from tests.worlds.shell_makes import TERMINAL

from zhanggui.acquirer.operators.self_check import judge_self_check, missing_evidence
from zhanggui.acquirer.policy.rules import policy_of
from zhanggui.cup.messages.operator import read_operator_request
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.values.clock import read_clock, write_clock
from zhanggui.cup.values.eyes import NOT_LOOKED, read_eyes
from zhanggui.cup.values.self_check import read_self_check
from zhanggui.terminal.flow.core.policy import LINE_AGAIN_S
from zhanggui.terminal.models.profiles import ModelName
from zhanggui.terminal.runtime import _Tick

RULES = "idle_lock_s=120,idle_warning_s=20,after_sale=keep,code_digits=6,drift_warn_s=30,check_eyes=0,offline=1"
NEW_PASSWORD = "739164"
CODE = "287082"


@pytest.fixture
async def host() -> AsyncIterator[ScriptedHost]:
    made = ScriptedHost()
    made.tags["operator_verify"] = {Tag.RULES: RULES}
    made.tags["operator_confirm"] = {Tag.OFFLINE: "24,3,50000,41"}
    made.tags["operator_offline"] = {Tag.SESSION_NO: "10", Tag.RECORD_NO: "42"}
    made.tags["operator_approve"] = {Tag.APPROVAL_NO: "7"}
    await made.start()
    yield made
    await made.stop()


@pytest.fixture(params=["smart", "esign", "keypad"])
async def desk(tmp_path: Path, host: ScriptedHost, request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    model: ModelName = request.param
    made = Desk(tmp_path, host, model)
    await made.power_on()
    yield made
    await made.terminal.stop()


def ticks(desk: Desk, seconds: int) -> None:
    """Let seconds pass."""
    for _ in range(seconds):
        desk.terminal._inputs.put_nowait(_Tick())


def digits_are_nowhere(desk: Desk, digits: str) -> None:
    for view in desk.screens:
        assert digits not in repr(view)
    assert digits not in repr(desk.terminal._state)
    for path in desk.data.rglob("*"):
        if path.is_file() and path.parent.name != "cards":
            assert digits.encode() not in raw(path)


async def to_password(desk: Desk) -> None:
    await desk.screen("sign_in_number")
    desk.keys("0", "1")
    await desk.screen("sign_in_password")
    desk.keys(*"0000", "enter")


async def test_every_model_sends_all_the_evidence_that_the_strict_profiles_ask_for(
    desk: Desk, host: ScriptedHost
) -> None:
    """The first 401 can't know that the shop wants a look around; the refusal tells, and nobody is stuck."""
    host.codes["operator_verify"] = "P9"
    host.tags["operator_verify"] = {Tag.REASON: "eyes"}
    await to_password(desk)
    await desk.screen("trouble")
    del host.codes["operator_verify"]
    host.tags["operator_verify"] = {Tag.RULES: RULES.replace("check_eyes=0", "check_eyes=1")}
    desk.keys("enter")
    await desk.screen("eyes")
    desk.keys("enter")
    await to_password(desk)
    await desk.screen("confirm")
    first, second = (
        read_operator_request(heard.message).tags for heard in host.heard if heard.transaction.name == "operator_verify"
    )
    assert Tag.EYES not in first or not first[Tag.EYES]
    for profile in ("strict", "nist"):
        policy = policy_of(profile)
        assert policy.evidence_required
        assert judge_self_check(policy, read_self_check(second[Tag.SELF_CHECK])).blocked_by == ""
        clock = read_clock(second[Tag.TERMINAL_CLOCK])
        assert clock is not None
        assert missing_evidence(policy, read_eyes(second[Tag.EYES]), (clock - host.now) // 1000) == ""
    assert missing_evidence(policy_of("strict"), NOT_LOOKED, 0) == "eyes"


async def test_new_password_and_code_on_the_way_in(desk: Desk, host: ScriptedHost) -> None:
    host.tags["operator_verify"] = {Tag.RULES: RULES, Tag.NEEDS: "new_password,code"}
    await to_password(desk)
    await desk.screen("new_password")
    desk.keys(*NEW_PASSWORD, "enter")
    await desk.screen("repeat_password")
    desk.keys(*"739165", "enter")
    view = await desk.until(lambda view: view.id == "new_password" and view.code == "A111")
    assert view.entry is not None
    assert view.entry.shown == ""
    desk.keys(*NEW_PASSWORD, "enter")
    await desk.screen("repeat_password")
    desk.keys(*NEW_PASSWORD, "enter")
    await desk.screen("confirm")
    desk.keys("enter")
    await desk.screen("sign_in_code")
    desk.keys(*CODE, "enter")
    await desk.screen("signed_in")

    assert host.names() == ["sign_on_track", "operator_verify", "operator_password", "operator_confirm"]
    assert all(heard.mac_is_right for heard in host.heard)
    assert read_operator_request(host.heard[-1].message).tags[Tag.SIGN_IN_CODE] == CODE
    digits_are_nowhere(desk, NEW_PASSWORD)
    digits_are_nowhere(desk, CODE)


async def test_locked_by_time_and_unlocked_by_the_password(desk: Desk, host: ScriptedHost) -> None:
    await desk.sign_in()
    ticks(desk, 120)
    locked = await desk.screen("locked")
    assert "01 · 王芳" in " ".join(line.right for line in locked.lines)
    desk.keys(*"0000", "enter")
    await desk.screen("standby")

    # Beside heartbeats: one that is due while another is out goes after it.
    told = [heard for heard, name in zip(host.heard, host.names(), strict=True) if name == "operator_lock"]
    verdicts = [read_operator_request(heard.message).tags[Tag.VERDICT] for heard in told]
    assert verdicts == ["lock", "unlock"]


async def test_a_locked_terminal_answers_no_card_and_asks_for_a_sign_in_after_a_restart(desk: Desk) -> None:
    await desk.sign_in()
    desk.keys("lock")
    await desk.screen("locked")
    desk.terminal.show_card("chip", "insert")
    ticks(desk, 1)
    assert (await desk.screen("locked")).reader == ()
    desk.terminal._restart("zh")
    await desk.screen("sign_in_number")


async def test_a_supervisor_moves_the_session_here(desk: Desk, host: ScriptedHost) -> None:
    host.codes["operator_verify"] = "P6"
    host.tags["operator_verify"] = {
        Tag.RECORD_NO: "91",
        Tag.EARLIER_TERMINAL: "10000002",
        Tag.EARLIER_SINCE: write_clock(host.now),
        Tag.TAKE_OVER: "supervisor",
    }
    await to_password(desk)
    await desk.screen("elsewhere")
    desk.keys("supervisor")
    await desk.screen("approval_number")
    desk.keys("0", "0")
    await desk.screen("approval_password")
    desk.keys(*"123456", "enter")
    await desk.screen("signed_in")

    assert host.names()[-2:] == ["operator_approve", "operator_confirm"]
    assert read_operator_request(host.heard[-1].message).tags[Tag.TAKE_OVER] == "7"


async def test_the_host_s_order_moves_the_operator_back_to_sign_in(desk: Desk, host: ScriptedHost) -> None:
    await desk.sign_in()
    host.tags["status"] = {Tag.ORDERS: "sign_in", Tag.NOTICE: "10000002"}
    ticks(desk, 40)
    view = await desk.screen("trouble")
    assert view.code == "A202"
    assert "10000002" in view.title


async def test_without_a_host_the_operator_signs_in_and_the_host_is_told_when_it_is_back(
    desk: Desk, host: ScriptedHost
) -> None:
    await desk.sign_in()
    await desk.terminal.stop()
    await host.stop()
    desk.host = host
    desk.clock.pass_s(600)
    await desk.power_on()
    await desk.screen("self_check_result")
    desk.keys("enter")
    await desk.until(lambda view: (view.id == "sign_in_number" and "离线" in str(view.lines)) or view.id == "trouble")
    desk.keys("0", "1")
    await desk.screen("sign_in_password")
    desk.keys(*"0001", "enter")
    await desk.until(lambda view: view.id == "sign_in_password" and view.code == "A101")
    desk.keys(*"0000", "enter")
    view = await desk.screen("signed_in_offline")
    assert view.code == "D101"
    desk.keys("enter")
    await desk.screen("standby")
    desk.keys("sale")
    assert (await desk.screen("trouble")).code == "D101"
    desk.keys("enter")
    await desk.screen("standby")

    host.heard.clear()
    await host.start()
    ticks(desk, LINE_AGAIN_S + 1)
    await desk.until(lambda view: view.id == "standby" and "¥500.00" in str(view.lines))
    assert host.names()[:2] == ["sign_on_track", "operator_offline"]
    told = read_operator_request(host.heard[1].message).tags[Tag.OFFLINE].split(",")
    assert told[:2] == ["41", "1"]
    desk.keys("sale")
    await desk.screen("amount")
    desk.keys(*"50001", "enter")
    assert (await desk.screen("trouble")).code == "D107"
    await asyncio.sleep(0)
    assert "sale" not in host.names()
    assert (desk.data / "terminals" / TERMINAL / "envelopes.json").exists()
