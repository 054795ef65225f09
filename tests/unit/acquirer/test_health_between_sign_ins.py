"""What heartbeats say is kept, an opened terminal is out of use from its next word on, and both are found."""

from msgspec.structs import replace
from tests.worlds.acquirer_world import MERCHANT, NOON, OURS, WANG, World, code_of

from zhanggui.acquirer.findings.detectors import find
from zhanggui.acquirer.findings.history import read_history
from zhanggui.acquirer.operators.duty import decide_status
from zhanggui.acquirer.policy.actors import CONSOLE
from zhanggui.acquirer.rows.decision import Decision
from zhanggui.acquirer.rows.records import Health, Operator, SignIn, Terminal
from zhanggui.acquirer.terminals.health import not_ok_since
from zhanggui.acquirer.terminals.keys import decide_renew_master_key
from zhanggui.basics.numbers import UnixMs
from zhanggui.basics.spans import DAY_MS
from zhanggui.cup.messages.operator_asks import StatusContents
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.values.self_check import read_self_check

WELL = "power:ok,scanner:ok,tamper:ok"
SCANNER_OFF = "power:ok,scanner:fail:fail,tamper:ok"
OPENED = "power:ok,tamper:fail:opened"


def signed_in() -> World:
    world = World()
    assert code_of(world.sign_in()) == "00"
    return world


def beat(world: World, told: str, drift_s: int = 0) -> Decision:
    clock = UnixMs(world.now + drift_s * 1000)
    contents = StatusContents(health=read_self_check(told), terminal_clock=clock)
    return world.took(decide_status(world.state, world.asked(contents), world.now))


def kept(world: World) -> dict[str, UnixMs]:
    health = world.state.get(Health, MERCHANT, OURS)
    assert health is not None
    return not_ok_since(health)


def found(world: World, now: int) -> list[tuple[str, str]]:
    history = read_history(world.rows(SignIn), world.rows(Terminal), world.rows(Operator), healths=world.rows(Health))
    names = {"opened_terminal", "sick_for_days"}
    return [(one.detector, one.severity) for one in find(history, UnixMs(now)) if one.detector in names]


def test_a_part_is_not_ok_since_the_first_heartbeat_that_says_so() -> None:
    world = signed_in()
    beat(world, WELL)
    assert kept(world) == {}
    world.now = UnixMs(NOON + 1000)
    beat(world, SCANNER_OFF)
    world.now = UnixMs(NOON + 9000)
    beat(world, SCANNER_OFF, drift_s=31)
    assert kept(world) == {"clock": NOON + 9000, "scanner": NOON + 1000}
    beat(world, WELL)
    assert kept(world) == {}


def test_a_heartbeat_that_says_nothing_new_writes_nothing() -> None:
    world = signed_in()
    assert beat(world, SCANNER_OFF).changes
    world.now = UnixMs(NOON + 30_000)
    assert beat(world, SCANNER_OFF, drift_s=3).changes == ()


def test_a_part_that_is_off_for_days_is_found_though_nobody_failed_to_sign_in() -> None:
    world = signed_in()
    beat(world, SCANNER_OFF)
    assert found(world, NOON + 2 * DAY_MS) == []
    assert found(world, NOON + 3 * DAY_MS) == [("sick_for_days", "warn")]
    assert found(world, NOON + 14 * DAY_MS) == [("sick_for_days", "alert")]


def test_an_opened_terminal_is_out_of_use_from_its_next_word_on() -> None:
    world = signed_in()
    assert code_of(beat(world, OPENED)) == "00"
    assert world.terminal().state == "tampered"
    assert world.live() == ()
    assert code_of(world.verify()) == "58"
    assert code_of(world.sale()) == "58"
    assert found(world, NOON) == [("opened_terminal", "alert")]


def test_a_sign_in_on_an_opened_terminal_says_it_too() -> None:
    world = World()
    world.sign_on()
    assert code_of(world.verify(tags={Tag.SELF_CHECK: OPENED})) == "P9"
    assert world.terminal().state == "tampered"
    assert (world.record(1).state, world.record(1).operator_no) == ("refused", WANG)


def test_a_new_master_key_ends_it() -> None:
    world = signed_in()
    beat(world, OPENED)
    world.took(decide_renew_master_key(world.state, MERCHANT, OURS, "sealed", CONSOLE, world.now))
    assert world.terminal().state == "active"
    assert found(world, NOON) == []
    world.change(replace(world.terminal(), state="lost"))
    world.took(decide_renew_master_key(world.state, MERCHANT, OURS, "sealed", CONSOLE, world.now))
    assert world.terminal().state == "lost", "a key says nothing about where it is"
