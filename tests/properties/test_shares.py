"""Shares of a stateful test divide the work: two of them must not walk the same way, whatever the profile of hypothesis is."""

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from tests.worlds.seeded import share_of

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
