"""`zhanggui tour --story day`: a whole shop day over real TCP, told as events, or to people, without a code of ours in it."""

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from zhanggui.cup.transactions import PAYMENTS
from zhanggui.terminal.flow.payment.kinds import ALL
from zhanggui.terminal.models.profiles import load_profile

ROOT = Path(__file__).parents[2]
BY_THE_BANK = [kind for kind in ALL if not PAYMENTS[kind.name].is_at_wallet]
"""A code that the shop shows needs a wallet: the story of codes tells it."""


def tour(*options: str) -> str:
    command = [sys.executable, "-m", "zhanggui", "tour", "--story", "day", *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize(("model", "lang"), [("smart", "zh"), ("keypad", "zh"), ("esign", "en")])
def test_a_day_has_each_kind_a_refusal_a_lost_answer_a_hand_over_and_ends_agreed(model: str, lang: str) -> None:
    events = [msgspec.json.decode(line) for line in tour("--model", model, "--lang", lang, "--json").splitlines()]
    screens = [event["screen"] for event in events if event["event"] == "screen"]
    codes = [screen["code"] for screen in screens if screen["code"]]
    assert ("R51" in codes, "T103" in codes) == (True, True), "a refusal, and an answer that was lost"
    assert {screen["status"]["operator"][:2] for screen in screens if screen["id"] == "standby"} == {"01", "02"}
    end = events[-1]
    approved = {row["kind"] for row in end["payments"] if row["state"] == "approved"}
    profile = load_profile(model)
    offered = {kind.name for kind in BY_THE_BANK if profile.scanner or not PAYMENTS[kind.name].is_by_code}
    assert approved == offered, "every kind that the terminal offers"
    others = [
        (row["kind"], row["state"], row["response_code"]) for row in end["payments"] if row["state"] != "approved"
    ]
    assert others == [("sale", "declined", "51"), ("sale", "reversed", "")]
    (batch,) = end["batches"]
    assert (batch["outcome"], batch["operator_no"]) == ("agreed", "02")
    by_code = (2100, 1100) if profile.scanner else (0, 0)
    assert (batch["debit_fen"], batch["credit_fen"]) == (103730 + by_code[0], 62850 + by_code[1])
    assert batch["told_debit_fen"] == batch["debit_fen"]
    pressed = [event["keys"] for event in events if event["event"] == "press"]
    assert not [keys for keys in pressed if "".join(keys[:6]) in ("123456", "000000")], "no PIN and no password is told"


def test_in_chinese_the_day_is_told_without_a_code_of_ours() -> None:
    told = tour("--model", "esign", "--lang", "zh")
    heads = re.findall(r"^== (.+) ==$", told, re.MULTILINE)
    assert len(heads) == 19
    tables = told.rpartition(f"== {heads[-1]} ==")[2]
    assert re.findall(r"[A-Za-z_]+", "\n".join(heads) + tables) == []
    for kind in BY_THE_BANK:
        assert PAYMENTS[kind.name].of("zh") in tables
    assert "对账平" in tables
    assert "((持卡人签名))" in told
