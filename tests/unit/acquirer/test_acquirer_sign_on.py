"""The terminal's sign-in: keys on probation, and the attempts of terminals that check operators themselves."""

import msgspec
import pytest
from tests.worlds.acquirer_world import (
    FOREIGN,
    LI,
    NOON,
    WANG,
    World,
    code_of,
    signed_in,
)

from zhanggui.acquirer.rows.decision import MacVerdict
from zhanggui.acquirer.rows.records import Session, SignIn, WaitingKeys
from zhanggui.acquirer.terminals.gate import adopt_next_keys
from zhanggui.acquirer.terminals.sign_on import YOUNG_MS
from zhanggui.acquirer.terminals.waiting_keys import KEYS_WAIT_MS, NAMES_PROVEN_MAX, WAITING_MAX
from zhanggui.basics.numbers import OperatorNo, UnixMs

# -------------------------------------------------------------------------------------------------- the terminal's keys


def test_keys_of_a_0800_are_not_valid_before_a_good_mac_under_them() -> None:
    world = signed_in()
    before = world.terminal()
    world.sign_on()
    after = world.terminal()
    assert (after.pin_key, after.mac_key, after.track_key) == (before.pin_key, before.mac_key, before.track_key)
    (waiting,) = world.waiting()
    assert (waiting.pin_key, waiting.mac_key, waiting.track_key) == ("PIK2", "MAK2", "TDK2")


@pytest.mark.parametrize("step", ["sale", "reverse", "verify", "status", "sign_out"])
def test_the_first_good_mac_of_any_message_adopts_the_keys(step: str) -> None:
    world = signed_in()
    world.sign_on()
    getattr(world, step)(mac="next")
    terminal = world.terminal()
    assert (terminal.pin_key, terminal.mac_key, terminal.track_key) == ("PIK2", "MAK2", "TDK2")
    assert (terminal.waiting, world.waiting()) == (None, [])


@pytest.mark.parametrize("mac", ["current", "bad"])
@pytest.mark.parametrize("step", ["sale", "reverse", "verify", "status", "sign_out"])
def test_any_other_mac_leaves_the_next_keys_waiting(step: str, mac: MacVerdict) -> None:
    world = signed_in()
    world.sign_on()
    getattr(world, step)(mac=mac)
    assert (world.terminal().mac_key, [keys.mac_key for keys in world.waiting()]) == ("MAK1", ["MAK2"])


def test_the_last_of_many_0800_with_time_between_them_counts() -> None:
    world = World()
    for _ in range(3):
        world.now = UnixMs(world.now + KEYS_WAIT_MS)
        world.sign_on()
    assert code_of(world.verify(mac="next")) == "00"
    assert world.terminal().mac_key == "MAK3"


@pytest.mark.parametrize("apart_ms", [0, YOUNG_MS, KEYS_WAIT_MS // 2 - 1, 1 - KEYS_WAIT_MS // 2])
def test_keys_that_were_given_and_not_used_are_given_again(apart_ms: int) -> None:
    world = World()
    for _ in range(3):
        world.now = UnixMs(world.now + apart_ms)
        world.sign_on()
    assert [(keys.mac_key, keys.given_ms) for keys in world.waiting()] == [("MAK1", UnixMs(NOON + apart_ms))]


def test_keys_that_were_used_are_not_given_again() -> None:
    world = World()
    world.sign_on()
    world.verify(mac="next")
    assert world.terminal().waiting is None
    world.sign_on()
    assert (world.terminal().mac_key, [keys.mac_key for keys in world.waiting()]) == ("MAK1", ["MAK2"])


def test_keys_that_wait_since_before_their_kind_was_kept_are_not_given_again_and_still_fit() -> None:
    world = World()
    world.sign_on()
    (kept,) = world.waiting()
    world.put(msgspec.structs.replace(kept, slot_no=0, network_code="", given_ms=UnixMs(0)))
    world.change(world.terminal(), waiting="0..", waiting_slots=1)
    world.sign_on()
    assert [keys.mac_key for keys in world.waiting()] == ["MAK2", "MAK1"]


def test_our_terminals_session_goes_on_through_new_keys() -> None:
    world = signed_in()
    world.sign_on()
    assert world.sale(mac="next").effects
    assert len(world.live()) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [({"state": "locked"}, "58"), ({"state": "lost"}, "58"), ({"master_key": ""}, "58")],
)
def test_a_terminal_that_may_not_gets_no_keys(change: dict[str, str], code: str) -> None:
    world = World()
    world.change(world.terminal(), **change)
    assert code_of(world.sign_on()) == code
    assert world.waiting() == []


def test_a_terminal_that_checks_operators_must_name_one() -> None:
    world = World()
    assert code_of(world.sign_on(FOREIGN)) == "30"
    assert code_of(world.sign_on(FOREIGN, WANG)) == "00"


def test_sign_off_ends_what_a_terminal_says_of_its_operator_and_keeps_the_keys_for_reversals() -> None:
    world = World()
    world.sign_on(FOREIGN, WANG)
    world.sale(number=FOREIGN, mac="next")
    world.bank("00", number=FOREIGN)
    world.sign_off(FOREIGN)
    assert world.live(FOREIGN) == ()
    assert world.rows(Session)[0].end_reason == "signed_off"
    assert code_of(world.sale("000008", number=FOREIGN)) == "77"
    assert code_of(world.reverse(number=FOREIGN)) == "00"


def test_sign_off_which_anybody_can_send_ends_no_session_whose_operator_the_host_checked() -> None:
    world = signed_in()
    decision = world.sign_off()
    assert (code_of(decision), decision.changes) == ("00", ())
    assert world.sale().effects
    world.change(world.terminal(), operator_check="terminal")
    world.sign_off()
    assert [session.kind for session in world.live()] == ["verified"]


# ---------------------------------------------------------------- attempts of terminals that check operators themselves


def test_a_flood_of_0800_writes_one_attempt_whoever_is_named() -> None:
    world = World()
    for turn in range(50):
        world.sign_on(FOREIGN, OperatorNo(f"{turn % 3:02d}"))
    assert [(row.record_no, row.operator_no, row.state) for row in world.rows(SignIn)] == [(1, "00", "attempted")]
    world.now = UnixMs(NOON + YOUNG_MS)
    world.sign_on(FOREIGN, WANG)
    assert [(row.record_no, row.operator_no) for row in world.rows(SignIn)] == [(1, "00"), (2, WANG)]


def test_an_attempt_goes_on_with_its_record_and_another_operators_gets_its_own_when_it_is_proven() -> None:
    world = World()
    for operator_no in (WANG, WANG, LI):
        world.sign_on(FOREIGN, operator_no)
    world.sale("000001", number=FOREIGN, operator_no=LI, mac="next")
    (session,) = world.live(FOREIGN)
    assert (session.operator_no, session.record_no) == (LI, 2)
    assert [(row.operator_no, row.state, row.session_no) for row in world.rows(SignIn)] == [
        (WANG, "attempted", None),
        (LI, "active", session.session_no),
    ]
    world.sign_on(FOREIGN, WANG)
    assert len(world.rows(SignIn)) == 3, "an attempt before that session is none of what comes after it"


def test_nobody_puts_another_name_to_keys_that_wait() -> None:
    world = World()
    world.sign_on(FOREIGN, WANG)
    world.sign_on(FOREIGN, WANG)
    assert [keys.mac_key for keys in world.waiting(FOREIGN)] == ["MAK1"]
    world.sign_on(FOREIGN, LI)
    assert [(keys.mac_key, keys.operator_no) for keys in world.waiting(FOREIGN)] == [("MAK2", LI), ("MAK1", WANG)]


@pytest.mark.parametrize("kind", ["001", "003", "004"])
def test_a_0800_of_another_kind_takes_nothing_away(kind: str) -> None:
    world = signed_in()
    world.sign_on(kind=kind)
    (mine,) = world.waiting()
    for other in ("001", "003", "004") * 3:
        world.sign_on(kind=other)
    assert len(world.waiting()) == 3
    assert mine.mac_key in {keys.mac_key for keys in world.waiting()}


def test_a_stranger_who_names_many_takes_nothing_from_who_was_proven_here_and_stays_within_the_bound() -> None:
    world = World()
    world.sign_on(FOREIGN, WANG)
    world.sale(number=FOREIGN, operator_no=WANG, mac="next")
    world.sign_on(FOREIGN, WANG, "003")
    (mine,) = world.waiting(FOREIGN)
    for number in range(100):
        for kind in ("001", "003", "004"):
            world.sign_on(FOREIGN, OperatorNo(f"{number:02d}"), kind)
    assert mine.mac_key in {keys.mac_key for keys in world.waiting(FOREIGN)}
    assert len(world.waiting(FOREIGN)) == WAITING_MAX == len(world.rows(WaitingKeys)) + 1
    assert [session.operator_no for session in world.live(FOREIGN)] == [WANG]


def test_a_mac_ends_the_wait_of_what_was_given_before_and_of_nothing_after() -> None:
    world = signed_in()
    for kind in ("001", "003", "004"):
        world.sign_on(kind=kind)
    last, middle, _ = world.waiting()
    adopted, _ = adopt_next_keys(world.state, world.terminal(), middle, world.now)
    world.put(adopted)
    assert (world.terminal().mac_key, world.waiting()) == (middle.mac_key, [last])
    world.sign_on(kind="001")
    assert len(world.rows(WaitingKeys)) == 2, "slots are used again"


def test_the_keys_of_an_honest_sign_in_wait_and_are_adopted_without_a_row_of_their_own() -> None:
    world = signed_in()
    world.sign_on()
    assert len(world.waiting()) == 1
    world.verify(mac="next")
    assert (world.terminal().mac_key, world.rows(WaitingKeys)) == ("MAK2", [])


def test_the_names_that_were_proven_are_few_and_the_last_ones() -> None:
    world = World()
    for number in range(NAMES_PROVEN_MAX + 3):
        world.sign_on(FOREIGN, OperatorNo(f"{number:02d}"))
        world.sale(f"{number:06d}", number=FOREIGN, mac="next")
    kept = (world.terminal(FOREIGN).names_proven or "").split()
    assert kept == [f"{number:02d}" for number in reversed(range(3, NAMES_PROVEN_MAX + 3))]
    assert WAITING_MAX >= 3 * NAMES_PROVEN_MAX + 1, "there is room for a new one beside all of them"
