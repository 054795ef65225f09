"""Reference numbers: never twice, whatever happens to process, clock and database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhanggui.acquirer.rows.numbering import NO_RRN, RRN_BLOCK, RRN_EPOCH_MS, RrnSource
from zhanggui.acquirer.rows.records import WHOLE_HOST, Counter
from zhanggui.acquirer.rows.state import State
from zhanggui.basics.errors import Defect
from zhanggui.basics.numbers import UnixMs

START = RRN_EPOCH_MS + 28_000_000_000


class Host:
    """A source over a counter that is durable only when it was saved."""

    def __init__(self) -> None:
        self.source = RrnSource()
        self.saved: Counter | None = None
        self.given: list[str] = []

    def batch(self, now: int, count: int, *, saves: bool = True) -> None:
        """What the engine does for a batch that takes `count` numbers."""
        state = State()
        if self.source.runs_out(count) and self.saved is not None:
            state.put(self.saved)
        changes = self.source.reserve(state, UnixMs(now), count)
        state.apply(changes)
        numbers = [self.source.take() for _ in range(count)]
        if not saves:
            self.source.forget()
            return
        for change in changes:
            assert isinstance(change.record, Counter)
            self.saved = change.record
        self.given += numbers

    def restart(self) -> None:
        self.source = RrnSource()


steps = st.lists(
    st.tuples(
        st.sampled_from(["batch", "batch", "batch", "restart", "failed save"]),
        st.integers(-86_400_000, 86_400_000),
        st.one_of(st.integers(0, 1_100), st.integers(RRN_BLOCK - 3, RRN_BLOCK + 3)),
    ),
    max_size=12,
)


@given(steps)
def test_no_number_comes_twice_over_restarts_failed_saves_and_a_clock_that_jumps(
    steps: list[tuple[str, int, int]],
) -> None:
    host, now = Host(), START
    for what, jump, count in steps:
        now = max(RRN_EPOCH_MS, now + jump)
        if what == "restart":
            host.restart()
        else:
            host.batch(now, count, saves=what == "batch")
    assert len(set(host.given)) == len(host.given)
    assert host.given == sorted(host.given)


def test_a_database_that_went_back_in_time_repeats_no_number() -> None:
    host = Host()
    host.batch(START, 10)
    backup = host.saved
    for _ in range(3):
        host.batch(START + 60_000, RRN_BLOCK)
    host.restart()
    host.saved = backup
    # Numbers are at least the milliseconds of the clock: a minute gives sixty thousand of them.
    host.batch(START + 120_000, 10)
    assert len(set(host.given)) == len(host.given)


def test_no_number_is_given_that_is_not_reserved() -> None:
    source = RrnSource()
    with pytest.raises(Defect):
        source.take()
    assert source.take_if_reserved() == NO_RRN
    source.reserve(State(), UnixMs(START), 2)
    for _ in range(RRN_BLOCK):
        assert source.take_if_reserved() != NO_RRN
    assert source.take_if_reserved() == NO_RRN


def test_numbers_of_a_batch_that_was_not_saved_are_not_given_again() -> None:
    source = RrnSource()
    source.reserve(State(), UnixMs(START), 2)
    lost = source.take()
    source.forget()
    assert source.take_if_reserved() == NO_RRN
    source.reserve(State(), UnixMs(START - 3_600_000), 2)
    assert source.take() > lost


def test_a_quiet_host_writes_the_counter_once_for_many_batches() -> None:
    host = Host()
    state = State()
    assert len(host.source.reserve(state, UnixMs(START), 2)) == 1
    for _ in range(RRN_BLOCK // 2):
        assert not host.source.runs_out(2)
        assert host.source.reserve(state, UnixMs(START), 2) == ()
        host.source.take()
        host.source.take()
    assert host.source.runs_out(2)


def test_a_number_has_twelve_digits_and_the_counter_is_one_for_the_whole_host() -> None:
    host = Host()
    host.batch(START, 1)
    assert host.given[0].isdigit()
    assert len(host.given[0]) == 12
    assert host.saved is not None
    assert host.saved.merchant_no == WHOLE_HOST
