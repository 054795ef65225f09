"""A policy that is changed reaches a terminal on duty with its next heartbeat."""

from tests.worlds.flow_story import on_duty, with_rules

from zhanggui.cup.values.rules import read_rules, rules_mark
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.policy import HEARTBEAT_S


def test_the_heartbeat_tells_which_rules_count_here_and_newer_ones_count_at_once() -> None:
    story = on_duty(rules=with_rules(idle_lock_s=300))
    story.wait(HEARTBEAT_S)
    beats = [effect for effect in story.all_of(fx.SendStatus) if isinstance(effect, fx.SendStatus)]
    assert beats[-1].rules_mark == rules_mark(story.state.rules)
    newer = with_rules(idle_lock_s=30, idle_warning_s=10)
    story.send(ev.Ordered(now=story.now, orders=(), rules=newer))
    assert story.state.rules == read_rules(newer)
    (kept,) = [effect for effect in story.latest if isinstance(effect, fx.RememberNote)]
    assert (kept.name, kept.value) == ("rules", newer), "kept for the next power-on"
    assert story.screen_id == "standby"
    story.wait(31)
    assert story.screen_id == "locked"


def test_an_order_beside_new_rules_is_carried_out_too() -> None:
    story = on_duty()
    story.send(ev.Ordered(now=story.now, orders=("lock",), rules=with_rules(idle_lock_s=60)))
    assert story.screen_id == "locked"
    assert story.state.rules.idle_lock_s == 60


def test_an_older_host_that_tells_the_same_rules_with_each_heartbeat_makes_no_work() -> None:
    story = on_duty(rules=with_rules(idle_lock_s=60))
    older = with_rules(idle_lock_s=60) + ",offline_hours=24,offline_uses=3,offline_sale_limit_fen=50000"
    story.send(ev.Ordered(now=story.now, orders=("lock",), rules=older))
    assert not [effect for effect in story.latest if isinstance(effect, fx.RememberNote)]
    assert story.screen_id == "locked", "the order beside them is carried out"
