"""`zhanggui terminals part` switches a part of a terminal that runs, and says what to do where it can't."""

import asyncio
import json
from typing import cast

import pytest
from msgspec.structs import replace

from zhanggui.basics.errors import Misuse
from zhanggui.basics.words import Lang
from zhanggui.cli.terminal_parts import switch_part
from zhanggui.programs.free_port import free_port
from zhanggui.programs.settings import Settings, TerminalSection

from .conftest import Served


def settings_of(served: Served, lang: Lang = "en") -> Settings:
    listen, port = served.host.rsplit(":", 1)
    return replace(Settings(), lang=lang, terminal=TerminalSection(listen=listen, port=int(port)))


async def switch(served: Served, *asked: str, lang: Lang = "en", as_json: bool = False) -> None:
    number, item, state = asked
    await asyncio.to_thread(switch_part, settings_of(served, lang), number, item, state, as_json=as_json)


@pytest.mark.parametrize(("lang", "said"), [("zh", "终端 10000001 的"), ("en", "Terminal 10000001, ")])
async def test_a_part_takes_on_the_state(
    served: Served, lang: Lang, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await switch(served, "10000001", "tamper", "opened", lang=lang)
    assert ("device", "tamper", "opened") in served.terminals["10000001"].calls, "before the command ends"
    assert capsys.readouterr().out.startswith(said)


@pytest.mark.parametrize(("lang", "said"), [("zh", "不会恢复"), ("en", "stay erased")])
async def test_closing_the_case_says_that_erased_keys_stay_erased(
    served: Served, lang: Lang, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await switch(served, "10000001", "tamper", "ok", lang=lang)
    told = capsys.readouterr().out
    assert said in told
    assert "zhanggui keys renew 10000001" in told


async def test_a_program_reads_what_was_done(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    await switch(served, "10000001", "tamper", "opened", as_json=True)
    assert json.loads(capsys.readouterr().out) == {"terminal_no": "10000001", "part": "tamper", "state": "opened"}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("10000001", "engine", "ok"), "choose one of: "),
        (("10000001", "tamper", "on fire"), "choose one of: ok, "),
        (("99999999", "tamper", "ok"), "zhanggui terminals list"),
        (("10000001/x", "tamper", "ok"), "zhanggui terminals list"),
        (("1000000?", "tamper", "ok"), "zhanggui terminals list"),
        (("10000001\n", "tamper", "ok"), "zhanggui terminals list"),
        (("1000000\udcff", "tamper", "ok"), "zhanggui terminals list"),
        (("", "tamper", "ok"), "zhanggui terminals list"),
    ],
)
async def test_what_is_not_there_is_named_with_what_is(served: Served, asked: tuple[str, ...], said: str) -> None:
    before = list(served.terminals["10000001"].calls)
    with pytest.raises(Misuse, match=said):
        await switch(served, *asked)
    assert served.terminals["10000001"].calls == before


@pytest.mark.parametrize(("lang", "said"), [("zh", "先启动"), ("en", "start one with")])
def test_where_no_terminal_runs_the_command_says_how_to_start_one(lang: str, said: str) -> None:
    nobody = replace(Settings(), lang=cast(Lang, lang), terminal=TerminalSection(port=free_port()))
    with pytest.raises(Misuse, match=said):
        switch_part(nobody, "10000001", "printer", "ok", as_json=False)


def test_a_page_that_opens_for_paired_devices_opens_for_no_command() -> None:
    beyond = replace(Settings(), lang="en", terminal=TerminalSection(listen="0.0.0.0"))  # never listened on
    with pytest.raises(Misuse, match="drawer of parts"):
        switch_part(beyond, "10000001", "tamper", "ok", as_json=False)
