"""`zhanggui tour --story ways`: each way in over real TCP, told as events, and what the host's records say of it."""

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("model", ["smart", "keypad"])
def test_each_way_in_is_shown_and_recorded_and_a_revoked_badge_is_refused(model: str) -> None:
    command = [sys.executable, "-m", "zhanggui", "tour", "--story", "ways", "--model", model, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    events = [msgspec.json.decode(line) for line in done.stdout.splitlines()]
    assert [event["way"] for event in events if event["event"] == "way"] == [
        "number",
        "badge+password",
        "user_name",
        "phone",
        "badge",
        "badge_revoked",
    ]
    told = [(row["way"], row["method"], row["outcome"], row["reason"]) for row in events[-1]["records"]]
    ended = ("ended", "signed_out:asked")
    assert told == [
        ("number", "password", *ended),
        ("badge", "badge+password", *ended),
        ("user_name", "password", *ended),
        ("phone", "phone", *ended),
        ("badge", "badge", *ended),
        ("badge", "badge", "refused", "badge_revoked"),
    ]
    assert "ZGB1" not in done.stdout
    keys = [len(event["keys"]) for event in events if event["event"] == "press"]
    assert keys, "and nothing was pressed for the badge alone but to go"


@pytest.mark.parametrize(
    ("lang", "heads"),
    [
        ("zh", ["操作员号和密码", "工牌和密码", "用户名和密码", "手机", "仅工牌", "已吊销的工牌"]),
        (
            "en",
            [
                "number and password",
                "badge and password",
                "user name and password",
                "phone",
                "badge alone",
                "a badge that was revoked",
            ],
        ),
    ],
)
def test_in_the_console_each_way_has_its_head_and_no_code_of_ours(lang: str, heads: list[str]) -> None:
    command = [sys.executable, "-m", "zhanggui", "tour", "--story", "ways", "--lang", lang]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^== (.+) ==$", done.stdout, re.MULTILINE) == heads
    table = done.stdout.rstrip().rpartition("\n\n")[2]
    assert len(table.splitlines()) == len(heads) + 1
    assert [name for name in ("_", "+", "signed_out", "asked)") if name in table] == []
    assert lang == "en" or re.findall(r"[A-Za-z]+", table) == []
