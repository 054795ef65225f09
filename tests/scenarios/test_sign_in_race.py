"""Terminals race for one operator over TCP, by number, name and badge: one wins a round, and every loser hears where and since when."""

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.worlds.floor import PASSWORDS, Floor, Shop, TestClock, make_data
from tests.worlds.our_terminal import CONFIRM, VERIFY, Answer, Counter

from zhanggui.acquirer.rows.records import Terminal
from zhanggui.basics.secret import Secret
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.values.badge import BY_BADGE
from zhanggui.cup.values.clock import write_clock

TERMINALS = 50
ROUNDS_A_POLICY = 100
"""Under each of the two policies: 200 rounds together."""
ROUNDS_ON_TWO_HOSTS = 12
ROUNDS_WITH_ONE_BADGE = 100
WANG = PASSWORDS["01"]


@pytest.fixture
def racing_floor(tmp_path: Path) -> Iterator[Floor]:
    """A host of its own, without a bank."""
    make_data(tmp_path / "data")
    floor = Floor(tmp_path / "data", TestClock(), with_bank=False).start()
    yield floor
    floor.stop()


def all_at_once(terminals: list[Counter], payloads: list[bytes]) -> list[Answer]:
    """Every terminal sends before any of them reads."""
    for terminal, payload in zip(terminals, payloads, strict=True):
        assert terminal.line is not None
        terminal.line.send(payload)
    answers = []
    for terminal in terminals:
        assert terminal.line is not None
        answers.append(terminal.read(terminal.line.receive()))
    return answers


Ask = Callable[[Counter, random.Random], bytes]
"""How a terminal asks to be let on: a 401."""


def by_any_way(badge: Secret) -> Ask:
    """By number, user name or badge, with the password."""

    def ask(terminal: Counter, order: random.Random) -> bytes:
        login = order.choice(("01", "wang.fang", BY_BADGE))
        return terminal.operator(VERIFY, login, {}, WANG, badge if login == BY_BADGE else None)

    return ask


def by_badge_alone(badge: Secret) -> Ask:
    """The same badge everywhere, and no password."""
    return lambda terminal, order: terminal.operator(VERIFY, None, {}, None, badge)


def race(shop: Shop, order: random.Random, ask: Ask) -> Counter:
    """One round, in an order of its own; the winner."""
    shop.clock.advance(s=1)
    terminals = order.sample(shop.terminals, len(shop.terminals))
    asked = [ask(terminal, order) for terminal in terminals]
    verified = all_at_once(terminals, asked)
    assert {answer.code for answer in verified} == {"00"}
    confirmations = [
        terminal.operator(CONFIRM, "01", {Tag.RECORD_NO: answer[Tag.RECORD_NO], Tag.VERDICT: "ok"})
        for terminal, answer in zip(terminals, verified, strict=True)
    ]
    answers = all_at_once(terminals, confirmations)
    assert all(answer.sealed for answer in answers)
    winners = [terminal for terminal, answer in zip(terminals, answers, strict=True) if answer.code == "00"]
    assert len(winners) == 1, f"{len(winners)} terminals won"
    (winner,) = winners
    for answer in answers:
        if answer.code != "00":
            told = (answer.code, answer[Tag.EARLIER_TERMINAL].split()[0], answer[Tag.EARLIER_SINCE])
            assert told == ("P6", winner.terminal_no, write_clock(shop.clock.now()))
    return winner


def run_rounds(shop: Shop, rounds: int, ways: Callable[[Secret], Ask] = by_any_way) -> set[str]:
    """Race, and sign the winner out before the next round; the terminals that won."""
    order = random.Random(7)
    shop.name_operator("01", "wang.fang")
    ask = ways(shop.give_badge("01"))
    for terminal in shop.terminals:
        terminal.get_keys()
        assert terminal.heartbeat(None).code == "00"
    won: set[str] = set()
    for _ in range(rounds):
        winner = race(shop, order, ask)
        won.add(winner.terminal_no)
        assert winner.sign_out("01").code == "00"
    assert [session.session_no for session in shop.sessions] == list(range(1, rounds + 1))
    assert len(shop.records) == rounds * len(shop.terminals), "every attempt is a record"
    assert len({record.record_no for record in shop.records}) == len(shop.records)
    return won


@pytest.mark.parametrize(("policy", "loser"), [("refuse", "refused"), ("take_over", "verified")])
def test_of_fifty_terminals_that_race_for_one_operator_exactly_one_wins(
    racing_floor: Floor, policy: str, loser: str
) -> None:
    shop = racing_floor.shop(terminals=TERMINALS, duplicate=policy)
    won = run_rounds(shop, ROUNDS_A_POLICY)
    assert len(won) > TERMINALS // 2, "the order was another one each time"
    assert {(record.state, record.reason) for record in shop.records} == {
        ("ended", "signed_out:asked"),
        (loser, "signed_in_elsewhere"),
    }
    assert {record.method for record in shop.records} == {"password", "badge+password"}
    assert {record.user_name for record in shop.records} == {None, "wang.fang"}
    shop.hang_up()


@pytest.mark.parametrize("policy", ["refuse", "take_over"])
def test_of_two_terminals_that_are_shown_one_badge_at_once_exactly_one_wins(racing_floor: Floor, policy: str) -> None:
    """The badge and a copy of it: a photograph opens as much as the badge, and never two sessions."""
    shop = racing_floor.shop(terminals=2, duplicate=policy, badge="alone")
    won = run_rounds(shop, ROUNDS_WITH_ONE_BADGE, by_badge_alone)
    assert len(won) == 2, "each of them won some rounds"
    assert {(record.state, record.reason, record.method) for record in shop.records} == {
        ("ended", "signed_out:asked", "badge"),
        ("refused", "signed_in_elsewhere", "badge"),
    }
    shop.hang_up()


@pytest.fixture
def two_hosts(tmp_path: Path, postgres_database: str) -> Iterator[tuple[Floor, Floor]]:
    """Two hosts of one acquirer on one database, with one clock."""
    clock = TestClock()
    make_data(tmp_path / "one")
    # The same keys, as two machines of one acquirer have them.
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    one, two = (
        Floor(tmp_path / name, clock, store=postgres_database, with_bank=False).start() for name in ("one", "two")
    )
    yield one, two
    one.stop()
    two.stop()


@pytest.mark.postgres
def test_two_hosts_on_one_database_give_one_winner_too(two_hosts: tuple[Floor, Floor]) -> None:
    shop = two_hosts[0].shop(terminals=10)
    for terminal in shop.terminals[1::2]:
        terminal.port = two_hosts[1].port
    won = run_rounds(shop, ROUNDS_ON_TWO_HOSTS)
    assert won
    assert {row.state for row in shop.rows(Terminal)} == {"active"}
    shop.hang_up()


@pytest.mark.postgres
def test_two_hosts_give_one_winner_where_one_badge_is_shown_at_both(two_hosts: tuple[Floor, Floor]) -> None:
    shop = two_hosts[0].shop(badge="alone")
    shop.terminals[1].port = two_hosts[1].port
    assert run_rounds(shop, ROUNDS_ON_TWO_HOSTS, by_badge_alone)
    assert {record.method for record in shop.records} == {"badge"}
    shop.hang_up()


@pytest.mark.postgres
def test_a_terminal_that_speaks_to_the_other_host_is_not_taken_for_silent(two_hosts: tuple[Floor, Floor]) -> None:
    one, two = two_hosts
    shop = one.shop(duplicate="refuse", lease_s=90)
    here, there = shop.terminals
    there.port = two.port
    assert here.sign_in("01", PASSWORDS["01"]).code == "00"
    for _ in range(4):
        shop.clock.advance(s=60)
        here.heartbeat("01")
    one.run(one.program.host.tell_whom_we_heard)
    answer = there.verify("01", PASSWORDS["01"])
    assert (answer.code, answer[Tag.TAKE_OVER]) == ("P6", ""), "the other host heard it a moment ago"
    shop.clock.advance(s=91)
    answer = there.verify("01", PASSWORDS["01"])
    assert (answer.code, answer[Tag.TAKE_OVER]) == ("P6", "stale"), "now it is silent for both"
    shop.hang_up()
