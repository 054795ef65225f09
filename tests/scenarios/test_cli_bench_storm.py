"""Storms, short: honest terminals sell, a new one comes in, and the host ends when asked, whatever strangers and logs do."""

import json
import subprocess
import sys

import pytest

from zhanggui.cli.bench_storm import STORMS

pytestmark = pytest.mark.processes


@pytest.mark.parametrize("name", sorted(STORMS))
@pytest.mark.timeout(240)
def test_no_honest_sale_is_refused_or_left_without_an_answer(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "zhanggui", "bench", "storm", "--json", "--seconds", "0.5", "--only", name],
        capture_output=True,
        text=True,
        timeout=230,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures[f"{name}_sales"]["value"] > 0
    assert figures[f"{name}_unanswered"]["value"] == 0
    assert figures[f"{name}_log"]["value"] < 100_000


def test_a_storm_that_there_is_not_is_named_with_those_that_there_are() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "zhanggui", "bench", "storm", "--only", "rain"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "'rain'; there are: silent_1300" in done.stderr
