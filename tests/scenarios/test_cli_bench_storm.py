"""Storms, short: honest terminals sell, a new one comes in, and the host ends when asked, whatever strangers and logs do."""

import json
import subprocess
import sys

import pytest

from zhanggui.cli.bench_storm import STORMS

pytestmark = pytest.mark.processes


SALES_LINE_BYTES = 400
"""A line of the log about one payment is at most so long."""


def weathered(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "zhanggui", "bench", "storm", "--json", "--seconds", "0.5", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=590, check=False)


@pytest.mark.timeout(600)
def test_no_honest_sale_is_refused_or_left_without_an_answer() -> None:
    # One program weathers them all, each with a host of its own. Half a second beside other tests says nothing about how long a sale waits.
    done = weathered("--ratio-max", "1000")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    for name in STORMS:
        assert figures[f"{name}_sales"]["value"] > 0, name
        assert figures[f"{name}_unanswered"]["value"] == 0, name
        # Each sale leaves its line; the storm itself leaves a few.
        of_sales = SALES_LINE_BYTES * figures[f"{name}_sales"]["value"]
        assert figures[f"{name}_log"]["value"] < 100_000 + of_sales, name


def test_where_a_sale_waits_longer_than_it_may_the_storm_was_not_weathered() -> None:
    done = weathered("--only", "junk", "--ratio-max", "0.001")
    assert done.returncode == 1
    assert "times that to a sink, at most 0.001" in done.stderr
    assert "not held" in json.loads(done.stdout)["junk_p99"]["note"], "the figures are told all the same"


def test_a_storm_that_there_is_not_is_named_with_those_that_there_are() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "zhanggui", "bench", "storm", "--only", "rain"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "'rain'; there are: silent_1300" in done.stderr
