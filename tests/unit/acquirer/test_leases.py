"""When a terminal was last heard of, by this host or by another one of the same acquirer."""

from itertools import count

import pytest

from zhanggui.acquirer.rows.records import Heard
from zhanggui.acquirer.terminals.leases import Leases, Word
from zhanggui.basics.numbers import MerchantNo, TerminalNo, TraceNo, UnixMs

SHOP, FIRST, SECOND = MerchantNo("102100058120001"), TerminalNo("10000001"), TerminalNo("10000002")
NOON = UnixMs(1_795_406_400_000)


def heard(at_ms: int, terminal: TerminalNo = FIRST) -> Heard:
    return Heard(merchant_no=SHOP, terminal_no=terminal, heard_ms=UnixMs(at_ms))


def word(number: int, *, counted_by: str = "", mac_key: str = "MAK") -> Word:
    return Word(counted_by, mac_key, TraceNo(f"{number:06d}"))


class Watch:
    """A wall clock, and one that measures."""

    def __init__(self) -> None:
        self.now, self.elapsed_s = NOON, 7.0
        self.words = (word(number) for number in count(1))

    def pass_by(self, ms: int) -> None:
        """Time passes on both."""
        self.now, self.elapsed_s = UnixMs(self.now + ms), self.elapsed_s + ms / 1000

    def leases(self, *, shared: bool = False) -> Leases:
        return Leases(lambda: self.elapsed_s, shared=shared)


def test_a_terminal_that_was_not_heard_since_the_start_is_silent_since_the_start() -> None:
    watch = Watch()
    leases = watch.leases()
    watch.pass_by(400)
    leases.hear((SHOP, FIRST), watch.now, next(watch.words))
    watch.pass_by(100)
    assert leases.silent_ms((SHOP, FIRST), watch.now) == 100
    assert leases.silent_ms((SHOP, SECOND), watch.now) == 500


@pytest.mark.parametrize("jump_ms", [-21_600_000, -1, 1, 120_000])
def test_a_wall_clock_that_jumps_makes_nobody_silent_and_nobody_heard(jump_ms: int) -> None:
    watch = Watch()
    leases = watch.leases()
    leases.hear((SHOP, FIRST), watch.now, next(watch.words))
    watch.now = UnixMs(watch.now + jump_ms)
    assert leases.silent_ms((SHOP, FIRST), watch.now) == 0
    watch.pass_by(90_001)
    assert leases.silent_ms((SHOP, FIRST), watch.now) == 90_001


def test_the_later_of_both_hosts_counts() -> None:
    watch = Watch()
    leases = watch.leases(shared=True)
    watch.pass_by(400)
    leases.hear((SHOP, FIRST), watch.now, next(watch.words))
    watch.pass_by(600)
    assert leases.silent_ms((SHOP, FIRST), watch.now, heard(watch.now - 100)) == 100
    assert leases.silent_ms((SHOP, FIRST), watch.now, heard(watch.now - 900)) == 600
    before = heard(watch.now - 9_000, SECOND)
    assert leases.silent_ms((SHOP, SECOND), watch.now, before) == 1_000, "never before this host began"


def test_a_note_from_the_future_is_as_old_as_this_host_knows_it() -> None:
    watch = Watch()
    leases = watch.leases(shared=True)
    watch.pass_by(600_000)
    ahead = heard(watch.now + 21_600_000)
    assert leases.silent_ms((SHOP, FIRST), watch.now, ahead) == 0
    watch.pass_by(90_001)
    assert leases.silent_ms((SHOP, FIRST), watch.now, ahead) == 90_001, "the clock was put back, and the terminal died"
    newer = heard(ahead.heard_ms + 10_000)
    assert leases.silent_ms((SHOP, FIRST), watch.now, newer) == 0, "the other host heard it again"


def test_each_host_tells_once_whom_it_heard_and_a_lone_host_tells_nobody() -> None:
    watch = Watch()
    leases, alone = watch.leases(shared=True), watch.leases()
    for at_ms in (10, 20):
        leases.hear((SHOP, FIRST), UnixMs(at_ms), next(watch.words))
        alone.hear((SHOP, FIRST), UnixMs(at_ms), next(watch.words))
    leases.hear((SHOP, SECOND), UnixMs(15), next(watch.words))
    assert leases.take_untold() == [heard(20), heard(15, SECOND)]
    assert leases.take_untold() == alone.take_untold() == []


@pytest.mark.parametrize("caught", [word(7), word(6), word(999_999)])
def test_what_was_said_before_is_no_sign_of_life(caught: Word) -> None:
    watch = Watch()
    leases = watch.leases(shared=True)
    leases.hear((SHOP, FIRST), watch.now, word(7))
    leases.take_untold()
    watch.pass_by(90_000)
    leases.hear((SHOP, FIRST), watch.now, caught)
    assert leases.silent_ms((SHOP, FIRST), watch.now) == 90_000
    assert leases.take_untold() == [], "other hosts are not told of it either"


@pytest.mark.parametrize(
    ("last", "next_one"),
    [
        (word(7), word(8)),
        (word(999_999), word(1)),
        (word(7), word(3, mac_key="newer")),
        (word(7), word(3, counted_by="status")),
    ],
    ids=["the next number", "around the circle", "under new keys", "counted by itself"],
)
def test_what_was_not_said_before_is_one(last: Word, next_one: Word) -> None:
    watch = Watch()
    leases = watch.leases()
    leases.hear((SHOP, FIRST), watch.now, last)
    leases.hear((SHOP, SECOND), watch.now, next_one)
    watch.pass_by(90_000)
    leases.hear((SHOP, FIRST), watch.now, next_one)
    assert leases.silent_ms((SHOP, FIRST), watch.now) == 0
