"""How much one token may ask: evenly over a minute, and so many at once."""

from zhanggui.basics.clock import Clock
from zhanggui.basics.numbers import UnixMs
from zhanggui.office.api.rates import AtOnce, Bucket


class HandClock(Clock):
    """A clock that a hand moves."""

    def __init__(self) -> None:
        self.at_s = 1_000.0

    def now(self) -> UnixMs:
        return UnixMs(int(self.at_s * 1_000))

    def elapsed_s(self) -> float:
        return self.at_s


def test_a_burst_of_a_minutes_worth_is_taken_and_then_one_as_it_fills() -> None:
    clock = HandClock()
    bucket = Bucket(clock, 60)
    assert [bucket.take("t") for _ in range(60)] == [0.0] * 60
    assert bucket.take("t") == 1.0
    assert bucket.take("another") == 0.0
    clock.at_s += 1
    assert (bucket.take("t"), bucket.wait_s("t")) == (0.0, 1.0)


def test_so_many_at_once_each_for_itself_and_room_comes_back_also_after_a_failure() -> None:
    rooms = AtOnce(2)
    with rooms.begin("t") as first, rooms.begin("t") as second, rooms.begin("t") as third, rooms.begin("u") as other:
        assert (first, second, third, other) == (True, True, False, True)
    try:
        with rooms.begin("t"):
            raise ValueError
    except ValueError:
        pass
    with rooms.begin("t") as first, rooms.begin("t") as second:
        assert (first, second) == (True, True)
