"""What commands print: wording in two languages, and messages part by part."""

import io
import json
from string import Formatter

import pytest
from tests.unit.cup.sample_messages import SAMPLES

from zhanggui.acquirer.rows.reasons import all_reasons
from zhanggui.basics.errors import Misuse
from zhanggui.basics.words import Lang
from zhanggui.cli.decode import decode
from zhanggui.cli.explain import explain, told_of
from zhanggui.cli.words import WORDS, complain, say
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.envelope import wrap
from zhanggui.cup.response_codes import RESPONSE_CODES
from zhanggui.iso8583.message import Message
from zhanggui.terminal.flow.words.screen_codes import all_screen_codes

SALE = next(sample for sample in SAMPLES if sample.name == "spp-sale-req")


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_say_the_same_things(key: str) -> None:
    zh, en = WORDS[key].zh, WORDS[key].en
    assert zh
    assert en.isascii() or "…" in en or "→" in en or "·" in en
    assert places(zh) == places(en)


def test_a_command_speaks_the_language_that_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    say("zh", "stopped")
    say("en", "stopped")
    complain("that failed")
    printed = capsys.readouterr()
    assert printed.out == "已结束。\nEnded.\n"
    assert printed.err == "zhanggui: that failed\n"


@pytest.mark.parametrize(
    ("word", "lang", "said"),
    [
        ("wrong_batch", "zh", "批次号与主机的不一致\n  收银员：请重新签到\n"),
        ("released:00", "en", "released by supervisor 00\n  cashier: sign in again\n"),
        (
            "51",
            "en",
            "51  Insufficient funds\n  the terminal does not repeat it by itself; do the next step\n"
            "  cashier: ask for another card or another way to pay\n  support: the card's",
        ),
        ("R55", "zh", "R55  密码错\n  终端不自动重试，按下一步办理\n  收银员：请持卡人重新输入密码\n"),
        (
            "N103",
            "en",
            "N103  the host did not answer in time\n  cashier: wait a little and try again\n  support: look at the line",
        ),
        (
            "D5",
            "en",
            "D5  a code of no table, taken for no answer: the payment is reversed by itself, or asked for again "
            "where nothing reverses it; ask the acquirer what it means\n",
        ),
    ],
)
def test_a_reason_and_a_response_code_are_explained(
    word: str, lang: Lang, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    explain(word, lang, as_json=False)
    assert said in capsys.readouterr().out
    explain(word, lang, as_json=True)
    assert json.loads(capsys.readouterr().out)["cause"] in said


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("word", [*RESPONSE_CODES, *all_screen_codes(), *all_reasons()])
def test_everything_that_can_be_read_somewhere_has_a_cause_and_a_next_step(word: str, lang: Lang) -> None:
    told = told_of(word, lang)
    assert told is not None
    assert told.cause
    assert told.support
    assert told.key == "reason" or told.cashier


def test_a_word_that_is_no_reason_says_where_the_lists_are() -> None:
    with pytest.raises(Misuse, match="neither a reason nor a response code"):
        explain("nonsense", "en", as_json=False)


@pytest.mark.parametrize("form", ["{}", "0x{}", "00 9c {}"])
def test_a_message_is_taken_with_and_without_its_length(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    length = len(SALE.payload).to_bytes(2, "big").hex()
    decode(form.replace("00 9c", length).format(SALE.payload.hex()), "unionpay", "en", as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["title"] == "0200 · sale · request"
    assert [part["number"] for part in told["parts"] if part["number"]] == sorted(SALE.fields)


@pytest.mark.parametrize(("length", "more"), [("00ff", ""), ("0002", ""), ("139c", ""), ("009c", "0000")])
def test_a_wrong_length_is_named_and_the_message_behind_it_read(
    length: str, more: str, capsys: pytest.CaptureFixture[str]
) -> None:
    payload = SALE.payload.hex() + more
    with pytest.raises(Misuse, match=rf"the length says {int(length, 16)}, there are {len(payload) // 2} bytes"):
        decode(length + payload, "unionpay", "en", as_json=True)
    assert json.loads(capsys.readouterr().out)["title"] == "0200 · sale · request"


def test_the_message_type_of_a_dialect_without_tpdu_is_not_taken_for_a_length() -> None:
    with pytest.raises(Misuse) as caught:
        decode("0200" + "60" * 40, "interbank", "en", as_json=True)
    assert "the length says" not in str(caught.value)


def test_a_message_can_come_by_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(SALE.payload.hex() + "\n"))
    decode("-", "unionpay", "zh", as_json=False)
    printed = capsys.readouterr().out
    assert "消费" in printed
    assert "6200000000000000000" not in printed


@pytest.mark.parametrize("text", ["", "0", "xyz", "60000300"])
def test_what_is_no_message_is_one_error(text: str) -> None:
    with pytest.raises(Exception, match=r"hexadecimal|frame of") as caught:
        decode(text, "unionpay", "en", as_json=True)
    assert caught.value.__class__.__module__.startswith("zhanggui")


def test_an_unknown_dialect_is_named() -> None:
    with pytest.raises(Misuse, match="swahili"):
        decode(SALE.payload.hex(), "swahili", "en", as_json=True)


def test_a_broken_message_is_shown_as_far_as_it_goes_and_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Misuse, match="field 64"):
        decode(SALE.payload[:-1].hex(), "unionpay", "en", as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["fault"]
    assert [part["number"] for part in told["parts"] if part["number"]] == sorted(SALE.fields)[:-1]


@pytest.mark.parametrize("remark", ["[/nothing]", "[red]x[/red]", ":smile:", "\x1b[31m"])
def test_brackets_and_control_characters_of_a_message_are_only_text(
    remark: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fields: dict[int, str | bytes] = {11: "000001", 60: "22000001", 63: "CUP" + remark}
    decode(wrap(UNIONPAY, UNIONPAY.codec.encode(Message("0210", fields))).hex(), "unionpay", "en", as_json=False)
    printed = capsys.readouterr().out
    assert "CUP" + remark.replace("\x1b", "�") in printed
    assert "\x1b" not in printed


def test_a_word_that_would_steer_the_console_is_shown_harmless_and_short(capsys: pytest.CaptureFixture[str]) -> None:
    explain("kind_refused:\x1b[31m", "en", as_json=False)
    assert "\x1b" not in capsys.readouterr().out
    with pytest.raises(Misuse) as refused:
        explain("\x1b]0;title\x07" + "x" * 5_000, "en", as_json=False)
    assert "\x1b" not in str(refused.value)
    assert len(str(refused.value)) < 300
