"""Several hosts on one PostgreSQL: one closes what another left at the bank when that one is gone, and never before."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.contract.store_rows import payment
from tests.worlds.floor import PASSWORDS, Floor, TestClock, make_data
from tests.worlds.phone import Phone

from zhanggui.acquirer.rows.records import HostLease, Payment
from zhanggui.acquirer.rows.state import Insert, Needs, Update
from zhanggui.basics.numbers import UnixMs
from zhanggui.cup.operator_tags import Tag
from zhanggui.host.jobs.host_leases import LEASE_MS, lease_key

pytestmark = pytest.mark.postgres


@pytest.fixture
def one(tmp_path: Path, postgres_database: str) -> Iterator[Floor]:
    """The first host."""
    make_data(tmp_path / "one")
    # The same keys, as two machines of one acquirer have them; a copied folder must not make them one.
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    host = Floor(tmp_path / "one", TestClock(), store=postgres_database, with_bank=False).start()
    yield host
    host.stop()


@pytest.fixture
def second(one: Floor, tmp_path: Path, postgres_database: str) -> Iterator[Floor]:
    """The second host, not started."""
    host = Floor(tmp_path / "two", one.clock, store=postgres_database, with_bank=False)
    yield host
    if host.port:
        host.stop()


def id_of(floor: Floor) -> str:
    """Who a host is."""
    host_id = floor.program.host._desk.host_id
    assert host_id is not None
    return host_id


def at_the_bank(floor: Floor, number: int, host_id: str | None) -> Payment:
    """A payment that a host asked the bank for."""
    pending = msgspec.structs.replace(payment(number), host_id=host_id)
    floor.save([Insert(pending)])
    return pending


def now_is(floor: Floor, known: Payment) -> tuple[str, str, str]:
    """State, answer's code and what the bank is owed."""
    key = (known.merchant_no, known.terminal_no, known.batch_no, known.trace_no)
    row = floor.state(Needs({Payment: [key]})).get(Payment, *key)
    return row.state, row.response_code, row.bank_state


PENDING, CLOSED = ("pending", "", ""), ("timed_out", "98", "reversal_due")


def test_a_host_that_starts_closes_nothing_of_one_that_lives(one: Floor, second: Floor) -> None:
    its = at_the_bank(one, 1, id_of(one))
    of_before, of_nobody = at_the_bank(one, 2, None), at_the_bank(one, 3, "gone")
    second.start()
    assert id_of(second) != id_of(one)
    assert [now_is(one, row) for row in (its, of_before, of_nobody)] == [PENDING, CLOSED, CLOSED]
    second.run(second.program.host._live_on)
    assert now_is(one, its) == PENDING


def test_what_a_host_left_is_closed_when_its_lease_is_over(one: Floor, second: Floor) -> None:
    silent = HostLease(merchant_no="*", host_id="silent", seen_ms=UnixMs(one.clock.now() - LEASE_MS))
    one.save([Insert(silent)])
    its = at_the_bank(one, 1, "silent")
    second.start()
    assert now_is(one, its) == PENDING
    one.clock.advance(s=0.001)
    second.run(second.program.host._live_on)
    assert now_is(one, its) == CLOSED


def test_a_lease_from_far_ahead_which_a_wrong_clock_wrote_holds_nothing(one: Floor, second: Floor) -> None:
    ahead = HostLease(merchant_no="*", host_id="ahead", seen_ms=UnixMs(one.clock.now() + LEASE_MS + 1))
    one.save([Insert(ahead)])
    its = at_the_bank(one, 1, "ahead")
    second.start()
    assert now_is(one, its) == CLOSED


def test_a_host_that_ends_in_order_leaves_nothing_to_wait_for(one: Floor, second: Floor) -> None:
    second.start()
    its, key = at_the_bank(one, 1, id_of(second)), lease_key(id_of(second))
    assert one.state(Needs({HostLease: [key]})).get(HostLease, *key) is not None
    second.stop()
    second.port = 0
    assert one.state(Needs({HostLease: [key]})).get(HostLease, *key) is None
    one.run(one.program.host._live_on)
    assert now_is(one, its) == CLOSED


def test_a_host_closes_none_of_its_own_while_it_waits_for_the_bank(one: Floor) -> None:
    its = at_the_bank(one, 1, id_of(one))
    key = lease_key(id_of(one))
    lease = one.state(Needs({HostLease: [key]})).get(HostLease, *key)
    one.save([Update(msgspec.structs.replace(lease, seen_ms=UnixMs(0)))])
    one.run(one.program.host._live_on)
    assert now_is(one, its) == PENDING


def test_a_code_of_one_host_is_answered_at_the_other_and_proves_once_for_both(one: Floor, second: Floor) -> None:
    second.start()
    shop = one.shop(phone=True)
    for floor in (one, second):
        floor.serve_phones()
    at, phone = shop.terminals[0], Phone()
    given = at.phone("open")
    address = given[Tag.PHONE_PAGE].replace(one.program.host.phones_found_at, second.program.host.phones_found_at)
    assert address != given[Tag.PHONE_PAGE]
    assert phone.open(address)[0] == 200
    assert phone.answer("01", PASSWORDS["01"])["outcome"] == "known"
    assert at.phone("ask", given[Tag.PHONE])[Tag.VERDICT] == "known"
    at.hang_up()
    at.port = second.port
    assert at.verify_phone(given[Tag.PHONE]).code == "00"
    at.hang_up()
    at.port = one.port
    assert at.verify_phone(given[Tag.PHONE])[Tag.REASON] == "phone_code_used"
    assert [row.reason or row.state for row in shop.records] == ["verified", "phone_code_used"]
    shop.hang_up()
