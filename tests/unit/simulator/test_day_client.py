"""The day of `bench host --mix day`: its shares, and that each kind finds a payment that it can be about."""

from collections import Counter

import pytest

from zhanggui.cli.bench_mix import PHASES
from zhanggui.simulator.load.day_client import DEEDS, FAMILY_IN_TURN, ROUND, Task, day_of


def test_a_round_has_the_shares_that_were_promised() -> None:
    shares = {name: count / len(ROUND) for name, count in Counter(ROUND).items()}
    assert (shares["sale"], shares["void"] + shares["refund"], shares["family"]) == (0.6, 0.1, 0.05)
    assert (shares["balance"], shares["sign_in"], shares["echo"]) == (0.05, 0.05, 0.15)


@pytest.mark.parametrize("tasks", [day_of(400), [kind for kind, _ in PHASES]], ids=["a day", "kind by kind"])
def test_each_kind_finds_what_it_is_about(tasks: list[Task]) -> None:
    standing: Counter[str] = Counter()
    for task in tasks:
        deed = DEEDS.get(task)
        if deed is None:
            continue
        if deed.about is not None:
            assert standing[deed.about] > 0, task
            standing[deed.about] -= not deed.adds
        standing["held"] += deed.revives
        if deed.makes is not None:
            standing[deed.makes] += 1


def test_a_day_has_every_kind_of_the_family_in_turn() -> None:
    assert set(FAMILY_IN_TURN) <= set(day_of(len(ROUND) * len(FAMILY_IN_TURN)))
    assert {kind for kind, measured in PHASES if measured} >= {*FAMILY_IN_TURN} - {"preauth"} | {
        "sale",
        "sign_in",
        "echo",
    }
