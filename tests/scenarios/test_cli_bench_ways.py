"""`zhanggui bench ways`, small: what a practised operator presses in each way, and that the machine's time is told."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.processes
def test_a_number_takes_eight_keys_a_badge_with_the_password_six_and_a_badge_alone_none() -> None:
    command = [sys.executable, "-m", "zhanggui", "bench", "ways", "--sign-ins", "3", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    figures = json.loads(done.stdout)
    keys = {name.removesuffix("_keys"): row["value"] for name, row in figures.items() if name.endswith("_keys")}
    assert keys == {"number": 8, "user_name": 17, "badge_and_password": 6, "badge_alone": 0}
    for way in keys:
        assert 0 < figures[f"{way}_ready_p50"]["value"] <= figures[f"{way}_ready_p95"]["value"]
        assert figures[f"{way}_ready_p95"]["note"] == "3 sign-ins"
