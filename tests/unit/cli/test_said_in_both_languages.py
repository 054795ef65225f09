"""Commands that people read speak the language that was asked for, and contradict no screen."""

import json
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from zhanggui.basics.words import Lang
from zhanggui.cli import doctor as doctor_command
from zhanggui.cli.doctor import Finding, doctor
from zhanggui.cli.explain import explain
from zhanggui.cli.programs import told_in
from zhanggui.cup.response_codes import RESPONSE_CODES
from zhanggui.edges.sqlite_backup import Migrating
from zhanggui.programs.settings import Settings
from zhanggui.views.listing import word_of

CHINESE = re.compile("[\u4e00-\u9fff]")


def test_what_a_class_means_forbids_nothing_that_a_screen_offers(capsys: pytest.CaptureFixture[str]) -> None:
    """55: the cardholder types the PIN again. The class says what the terminal does by itself, the next step what people do."""
    for code in RESPONSE_CODES:
        for lang in ("zh", "en"):
            explain(code, lang, as_json=False)
            said = capsys.readouterr().out
            assert "不要重试" not in said
            assert "do not try again" not in said
    explain("55", "en", as_json=False)
    assert "let the cardholder type the PIN again" in capsys.readouterr().out


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_doctor_speaks_the_language_that_was_asked_for(
    lang: Lang, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    settings = replace(Settings(), data=f"{tmp_path}/none", lang=lang)
    doctor(settings, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 8
    told = [line for line in lines if not re.search(r"SQLite|Python|python|sqlite|0\.1\.0|→? ?/|zhanggui$", line)]
    assert all(bool(CHINESE.search(line)) == (lang == "zh") for line in told if "/" not in line), told
    doctor(settings, as_json=True)
    assert not CHINESE.search(json.dumps(json.loads(capsys.readouterr().out), ensure_ascii=False)), "programs read it"


def test_whatever_doctor_can_find_has_its_words() -> None:
    source = Path(doctor_command.__file__).read_text(encoding="utf-8")
    keys = set(re.findall(r'"(?:ok|warn|fail)", "([a-z_]+)"', source)) | set(re.findall(r'\.of\("([a-z_]+)"', source))
    assert len(keys) > 20
    known = {key.removesuffix("_do") for key in doctor_command.WORDS if not key.startswith("item_")}
    assert keys - {"warn", "fail"} == known
    items = {item.replace(" ", "_") for item in re.findall(r'(?:tell|_guarded)\((?:teller, )?"([a-z ]+)"', source)}
    named = {key.removeprefix("item_") for key in doctor_command.WORDS if key.startswith("item_")}
    assert items | {"port_host", "port_bank", "port_page", "port_door", "port_wallets", "port_office"} == named
    assert Finding("x", "ok", "y").todo == ""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_old_data_are_brought_up_in_one_line_a_file(lang: Lang, capsys: pytest.CaptureFixture[str]) -> None:
    told = told_in(lang)
    for version in range(1, 13):
        told(Migrating("host.db", str(version), "12", "host.db.v0"))
    told(Migrating("bank.db", "1", "2", "bank.db.v0"))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(word in lines[0] for word in ("host.db", "12", "host.db.v0"))


def test_how_grave_a_finding_is_has_words() -> None:
    for severity in ("note", "warn", "alert"):
        assert CHINESE.search(word_of(f"findings.severity.{severity}", "zh"))
