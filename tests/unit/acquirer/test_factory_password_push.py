"""Under `basic` 01 / 0000 works, is pushed at more each week, and must be changed in the end."""

from tests.worlds.acquirer_world import NOON, World, code_of, tags_of

from zhanggui.acquirer.rows.records import Merchant
from zhanggui.basics.numbers import UnixMs
from zhanggui.basics.spans import DAY_MS
from zhanggui.cup.operator_tags import Tag

PUSH_DAYS = 28


def on_day(day: int, overrides: str = "", **changes: int) -> dict[Tag, str]:
    """What a sign-in says so many days after the factory password was set."""
    world = World()
    world.change(world.rows(Merchant)[0], policy_overrides=overrides)
    world.change(world.operator(), **{"factory_password": 1, **changes})
    world.sign_on()
    world.now = UnixMs(NOON + day * DAY_MS)
    verified = world.verify()
    assert code_of(verified) == "00"
    return tags_of(verified)


def test_the_push_comes_more_often_each_week_and_counts_the_days() -> None:
    said = [on_day(day) for day in range(PUSH_DAYS)]
    days = [day for day, tags in enumerate(said) if Tag.NOTICE in tags]
    assert [sum(week * 7 <= day < week * 7 + 7 for day in days) for week in range(4)] == [1, 3, 4, 7]
    assert all(said[day][Tag.NOTICE] == str(PUSH_DAYS - day) for day in days)
    assert all(said[day][Tag.REASON] == "factory_password" for day in days)
    assert not any(tags.get(Tag.NEEDS) for tags in said), "it goes on working all that time"


def test_in_the_end_it_must_be_changed() -> None:
    assert on_day(PUSH_DAYS)[Tag.NEEDS] == "new_password"


def test_an_own_password_is_not_pushed_at() -> None:
    assert Tag.NOTICE not in on_day(27, factory_password=0)


def test_a_shop_may_do_without_the_push() -> None:
    tags = on_day(27, '{"factory_push_days": 0}')
    assert (Tag.NOTICE in tags, tags.get(Tag.NEEDS)) == (False, None)
    assert on_day(89, '{"factory_push_days": 0}').get(Tag.NEEDS) is None
