"""`zhanggui tour --story qr`: payments by phone over real TCP and HTTP, told as events."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("model", "lang"), [("smart", "zh"), ("keypad", "en")])
def test_customers_pay_by_phone_and_a_part_goes_back(model: str, lang: str) -> None:
    command = [sys.executable, "-m", "zhanggui", "tour", "--story", "qr", "--model", model, "--lang", lang, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    events = [msgspec.json.decode(line) for line in done.stdout.splitlines()]
    kept = [(row["kind"], row["state"], row["response_code"]) for row in events[-1]["payments"]]
    by_customers_code = [("qr_sale", "approved", "00"), ("qr_sale", "approved", "00"), ("qr_sale", "declined", "54")]
    ours = [("qr_own", "approved", "00"), ("qr_refund", "approved", "00")]
    assert kept == (by_customers_code if model == "smart" else []) + ours
    screens = [event["screen"]["id"] for event in events if event["event"] == "screen"]
    assert screens.index("own_code") < screens.index("own_paid")
