"""Which day a payment belongs to: cut at the hour that policy says, in China's time."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from zhanggui.basics.clock import CHINA, EPOCH, china_time, instant_of
from zhanggui.basics.shop_day import ZONE, day_with_zone, shop_day


@given(st.datetimes(timezones=st.just(CHINA)).filter(lambda moment: moment > EPOCH), st.integers(0, 23))
def test_a_shop_day_is_the_date_that_it_was_when_the_day_began(moment: datetime, hour: int) -> None:
    instant = instant_of(moment)
    assert shop_day(instant, hour) == (china_time(instant) - timedelta(hours=hour)).date().isoformat()


def test_at_midnight_it_is_the_date_itself() -> None:
    assert shop_day(instant_of(EPOCH)) == "1970-01-01"


def test_a_machine_reads_the_zone_beside_it() -> None:
    assert day_with_zone("2026-11-29") == "2026-11-29" + ZONE == "2026-11-29+08:00"
