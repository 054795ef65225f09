"""Shares of a stateful test divide the work: two of them must not walk the same way, whatever the profile of hypothesis is."""

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from tests.worlds.seeded import SEED, WHOLE, drawn, share_of

walked: list[int] = []


class Walk(RuleBasedStateMachine):
    @rule(number=st.integers(0, 1_000_000))
    def step(self, number: int) -> None:
        walked.append(number)


def walk(share: int) -> list[int]:
    walked.clear()
    quick = settings(max_examples=3, stateful_step_count=5, derandomize=True, database=None, phases=[Phase.generate])
    run_state_machine_as_test(share_of(Walk, share), settings=quick)
    return list(walked)


def test_each_share_walks_its_own_way_and_the_same_each_time() -> None:
    first, second = walk(0), walk(1)
    assert len(first) > 5
    assert first != second
    assert walk(0) == first


def test_another_run_walks_another_way_and_the_seed_of_one_repeats_it(monkeypatch: pytest.MonkeyPatch) -> None:
    first = walk(0)
    monkeypatch.setenv(SEED, "12345")
    other = walk(0)
    assert other not in (first, [])
    monkeypatch.setenv(SEED, "54321")
    assert walk(0) != other
    monkeypatch.setenv(SEED, "12345")
    assert walk(0) == other


def test_what_is_drawn_is_of_all_in_order_and_the_same_by_the_same_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    those = list(range(100))
    monkeypatch.delenv(WHOLE, raising=False)
    monkeypatch.setenv(SEED, "1")
    some = drawn(those, 10, "a subject")
    assert len(some) == 10
    assert some == sorted(some)
    assert some == drawn(those, 10, "a subject") != drawn(those, 10, "another one")
    assert drawn(those[:9], 10, "a subject") == those[:9]
    monkeypatch.setenv(SEED, "2")
    assert drawn(those, 10, "a subject") != some
    monkeypatch.setenv(WHOLE, "1")
    assert drawn(those, 10, "a subject") == those
