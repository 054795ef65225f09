"""What a person types: a lone dash, a wrong option, a locale; and what the help says of each word."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.cli.test_cli_output import ALL, run, said
from tests.unit.cup.sample_messages import SAMPLES

from zhanggui.basics.errors import Misuse
from zhanggui.cli.main import app
from zhanggui.cli.misuse import lang_of_call
from zhanggui.cli.programs import demo_operators
from zhanggui.programs.data_folder import Places
from zhanggui.programs.demo import OPERATORS
from zhanggui.programs.settings import load_settings
from zhanggui.store.open import open_store
from zhanggui.terminal.devices.switches import STATES

ROOT = Path(__file__).parents[3]
SALE = next(sample for sample in SAMPLES if sample.name == "spp-sale-req").payload.hex()
CHINESE = re.compile(r"[一-鿿]")
LATIN = re.compile(r"[a-z]{3}")


def piped(words: str, given: str) -> subprocess.CompletedProcess[str]:
    """A real pipe of a real shell."""
    program = f'{sys.executable} -c "from zhanggui.cli.main import main; main()"'
    return subprocess.run(
        ["/bin/sh", "-c", f"printf %s {given} | {program} {words}"],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("words", ["decode -", "decode --lang en -", "decode - --lang en", "decode -- -", "decode"])
def test_a_message_comes_through_a_pipe(words: str) -> None:
    done = piped(words, SALE)
    assert (done.returncode, done.stderr) == (0, "")
    assert "0200" in done.stdout


def test_a_wrong_option_is_no_message() -> None:
    done = run("decode", "--lnag")
    assert (done.returncode, said(done)) == (2, ["zhanggui: 没有选项 --lnag，见“zhanggui decode --help”"])


def arguments_of(words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    part = app
    for word in words:
        part = part[word]
    for argument in part.assemble_argument_collection():
        # What `*` names is a struct whose fields are the options.
        if argument.name != "*":
            yield argument.name, argument.parameter.help or ""


def test_every_word_and_option_of_every_command_is_explained_in_both_languages() -> None:
    silent = [
        f"{' '.join(words)} {name}: {told}"
        for words in ALL
        for name, told in arguments_of(words)
        if not (CHINESE.search(told) and LATIN.search(told.lower()))
    ]
    assert not silent


def test_a_ports_option_says_whose_port_it_is_and_which_one_it_is_without_it() -> None:
    told = dict(arguments_of(("up",)))
    assert ("主机" in told["--host-port"], "8583" in told["--host-port"]) == (True, True)
    assert ("银行" in told["--bank-port"], "8590" in told["--bank-port"]) == (True, True)
    assert ("页面" in told["--page-port"], "8600" in told["--page-port"]) == (True, True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("operators", "add", "--lang", "en"), "NUMBER is missing  ('zhanggui operators add --help')"),
        (("operators", "add"), "缺少 NUMBER  ('zhanggui operators add --help')"),
        (("signins", "--lang=en", "--operator"), "--operator is missing  ('zhanggui signins --help')"),
        (("signins", "--operatr", "01"), "没有选项 --operatr。是否为 --operator？  ('zhanggui signins --help')"),
        (("operatrs",), "没有命令 operatrs。是否为 operators？  ('zhanggui --help')"),
        (
            ("policy", "kind", "sale", "maybe", "--lang", "en"),
            "USE can't be 'maybe'; choose one of yes, no  ('zhanggui policy kind --help')",
        ),
        (("payments", "--limit", "x"), "--limit 须为数字，不能为“x”  ('zhanggui payments --help')"),
        (("up", "--host-port", "99999"), "--host-port 为 1 至 65535，不能为“99999”  ('zhanggui up --help')"),
        (("balance", "1", "2"), "多余的词：2  ('zhanggui balance --help')"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_is_told_by_the_names_that_were_typed_with_the_help_of_its_command(
    words: tuple[str, ...], sentence: str
) -> None:
    done = run(*words)
    assert (done.returncode, said(done)) == (2, [f"zhanggui: {sentence}"])


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": ""}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({"LC_ALL": "POSIX"}, "zh"),
        ({"LANG": "en_US.UTF-8", "ZHANGGUI_LANG": "zh"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "ZHANGGUI_LANG": "en"}, "en"),
    ],
)
def test_the_language_is_that_of_the_environment_where_nothing_else_names_one(
    environment: dict[str, str], lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings(environment=environment).lang == lang
    assert lang_of_call(("operatrs",), environment) == lang
    assert lang_of_call(("operatrs", "--lang", "en"), environment) == "en"
    (tmp_path / "zhanggui.toml").write_text('lang = "zh"\n', encoding="utf-8")
    assert load_settings(environment=environment).lang == environment.get("ZHANGGUI_LANG", "zh")


@pytest.mark.parametrize(
    ("environment", "written", "lang"),
    [
        ({}, 'lang = "en"', "en"),
        ({"LANG": "zh_CN.UTF-8"}, 'lang = "en"', "en"),
        ({"LANG": "en_US.UTF-8"}, 'lang = "zh"', "zh"),
        ({"ZHANGGUI_LANG": "zh"}, 'lang = "en"', "zh"),
        ({"LANG": "en_US.UTF-8"}, 'data = "/x"', "en"),
        ({"LANG": "en_US.UTF-8"}, "lang = [", "en"),
        ({"LANG": "en_US.UTF-8"}, 'lang = "fr"', "en"),
    ],
)
def test_a_mistake_is_told_in_the_language_of_the_settings_file_too(
    environment: dict[str, str], written: str, lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.toml"
    other.write_text(written + "\n", encoding="utf-8")
    assert lang_of_call(("host", "--config", str(other)), environment) == lang
    monkeypatch.chdir(tmp_path)
    other.rename("zhanggui.toml")
    assert lang_of_call(("host",), environment) == lang


def empty_database(data: Path) -> None:
    """The host's database, with nothing in it."""
    places = Places(data)
    places.host_database.parent.mkdir()
    asyncio.run(open_store(str(places.host_database)).close())
    places.complete.touch()


@pytest.mark.parametrize("words", [("signins", "--terminal"), ("review", "--merchant"), ("batches", "--terminal")])
def test_a_word_that_is_no_text_is_told_as_that(words: tuple[str, ...], tmp_path: Path) -> None:
    empty_database(tmp_path)
    done = run(*words, b"\xff\xfe12".decode("utf-8", "surrogateescape"), "--data", str(tmp_path))
    assert done.returncode == 2
    assert [line.endswith("不是本控制台编码的文字") for line in said(done)] == [True]


def test_the_help_of_a_part_lists_every_state_that_it_can_take_on() -> None:
    told = dict(arguments_of(("terminals", "part")))["STATE"]
    known = ", ".join(f"{part} {'|'.join(states)}" for part, states in STATES.items())
    assert told == f"状态 state: {known}"


def test_all_demo_operators_are_told_with_their_passwords() -> None:
    told = demo_operators("en")
    assert all(f"{number} {name}" in told and password in told for number, name, _, password in OPERATORS)
    assert "00 陈店长 (supervisor) 123456" in told
    tutorial = (ROOT / "docs" / "tutorial" / "first-day.md").read_text(encoding="utf-8")
    assert all(f"`{number}`" in tutorial and f"`{password}`" in tutorial for number, _, _, password in OPERATORS)


def test_a_port_in_use_is_told_with_the_options_that_choose_another() -> None:
    from zhanggui.edges.listener import CannotListen
    from zhanggui.programs.ports import naming_the_options

    with (
        pytest.raises(Misuse, match=r"in use \('up --page-port N', 'terminal --port N', or terminal\.port in zhanggui"),
        naming_the_options("terminal"),
    ):
        raise CannotListen("port 8600 is in use")
