"""The fleet: the same from the same seed, sound as the host's own records, and good enough to measure detectors by."""

from pathlib import Path

import pytest
from tests.worlds.bank_client import FixedClock

from zhanggui.acquirer.findings.finding import Finding, Subject
from zhanggui.acquirer.findings.history import read_history
from zhanggui.acquirer.rows.records import SignIn
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.errors import Misuse
from zhanggui.basics.numbers import UnixMs
from zhanggui.host.commit import Door
from zhanggui.simulator.fleets.evaluation import Score, compare, evaluate
from zhanggui.simulator.fleets.fleet import Fleet, make_fleet
from zhanggui.simulator.fleets.fleet_files import read_lines, read_note, write_lines, write_to_store
from zhanggui.simulator.fleets.plan import KINDS, FleetPlan, Label, read_incidents
from zhanggui.store.open import open_queries, open_store
from zhanggui.store.queries import PlaceFilter, SignInFilter

UNTIL = UnixMs(1_772_294_400_000)
"""2026-03-01, 00:00 in China."""


def fleet(seed: int, terminals: int = 20, days: int = 20, incidents: str = "all") -> Fleet:
    chosen = read_incidents(incidents, terminals, days)
    return make_fleet(FleetPlan(terminals=terminals, days=days, seed=seed, until_ms=UNTIL, incidents=chosen))


def test_one_seed_makes_one_fleet_and_another_seed_another() -> None:
    first, second, other = fleet(7), fleet(7), fleet(8)
    assert (first.sign_ins, first.sessions, first.labels) == (second.sign_ins, second.sessions, second.labels)
    assert first.operators == second.operators
    assert first.sign_ins != other.sign_ins


def test_incidents_that_only_add_attempts_leave_the_ordinary_days_alone() -> None:
    def entries(made: Fleet) -> set[tuple[str, int, str, str]]:
        return {
            (row.terminal_no, row.began_ms, row.operator_no, row.reason)
            for row in made.sign_ins
            if row.state == "refused"
        }

    quiet, noisy = fleet(7, incidents="none"), fleet(7, incidents="spraying=3")
    assert quiet.labels == []
    assert len(noisy.labels) == 3
    assert entries(quiet) < entries(noisy)


def test_the_records_keep_the_hosts_own_laws() -> None:
    made = fleet(3, incidents="all")
    by_terminal: dict[tuple[str, str], int] = {}
    by_operator: dict[tuple[str, str], int] = {}
    for session in sorted(made.sessions, key=lambda one: (one.merchant_no, one.session_no)):
        assert session.ended_ms is not None
        assert session.opened_ms <= session.ended_ms
        for ends, key in ((by_terminal, session.terminal_no), (by_operator, session.operator_no)):
            assert ends.get((session.merchant_no, key), 0) <= session.opened_ms, "two live sessions at once"
            ends[session.merchant_no, key] = session.ended_ms
    for row in made.sign_ins:
        assert row.began_ms < UNTIL
        if row.confirmed_ms is not None:
            assert row.began_ms <= (row.verified_ms or 0) <= row.confirmed_ms <= (row.ended_ms or 0)


def test_every_kind_of_incident_is_labelled() -> None:
    assert {label.kind for label in fleet(5, 60, 60).labels} == set(KINDS)


def test_incidents_are_read_and_wrong_ones_named() -> None:
    assert read_incidents("bursts=3,sick", 300, 60)["bursts"] == 3
    assert read_incidents("bursts=3,sick", 300, 60)["sick"] == 16
    for wrong in ("fire", "bursts=x", "bursts=-1"):
        with pytest.raises(Misuse):
            read_incidents(wrong, 300, 60)


def test_a_fleet_is_the_same_after_it_was_written_and_read(tmp_path: Path) -> None:
    made = fleet(4)
    write_lines(made, tmp_path / "fleet")
    assert read_lines(tmp_path / "fleet", SignIn) == made.sign_ins
    assert read_note(tmp_path / "fleet").labels == tuple(made.labels)
    with pytest.raises(Misuse):
        write_lines(made, tmp_path / "fleet")


async def test_a_store_takes_a_fleet_with_its_numbers_and_chains(tmp_path: Path) -> None:
    made = fleet(4, 6, 5)
    store = open_store(str(tmp_path / "host.db"))
    door = Door(store, FixedClock(UNTIL), SeededChance(1))
    try:
        await write_to_store(made, door)
        with pytest.raises(Misuse):
            await write_to_store(made, door)
        heads = await store.heads_unsigned(UNTIL, UNTIL, 100)
    finally:
        await store.close()
    assert sum(head.link_no for head in heads) == len(made.sign_ins)
    with open_queries(str(tmp_path / "host.db")) as queries:
        assert len(queries.list_sign_ins(SignInFilter(limit=10_000))) == len(made.sign_ins)
        assert len(queries.list_sessions(PlaceFilter(limit=10_000))) == len(made.sessions)


def test_the_detectors_find_the_labelled_incidents_of_a_fleet() -> None:
    """A coarse net under the published figures: far below them, so that it tells a broken detector and not a seed."""
    made = fleet(21, 120, 45)
    history = read_history(made.sign_ins, made.terminals, made.operators, badges=made.badges)
    found: dict[str, Score] = {score.detector: score for score in evaluate(history, made.labels, UNTIL)}
    for detector in (
        "failure_burst",
        "spraying",
        "guessed_names",
        "duplicate_session",
        "revoked_badge",
        "copied_badge",
        "shared_account",
        "clock_drift",
        "sleeper",
    ):
        score = found[detector]
        assert score.recall is not None
        assert score.precision is not None
        assert score.recall >= 0.8, detector
        assert score.precision >= 0.6, detector
    sick = found["sick_device"]
    assert sick.recall is not None
    assert sick.recall >= 0.5


def finding(name: str, since: int, until: int, severity: str = "warn") -> Finding:
    return Finding(
        detector="failure_burst",
        subject=Subject("terminal", "M", name),
        since_ms=since,
        until_ms=until,
        severity=severity,  # type: ignore[arg-type]  # a severity
        facts={},
        usual={},
    )


def test_precision_and_recall_count_as_the_definition_says() -> None:
    day = 86_400_000
    burst = Label(
        detector="failure_burst", kind="bursts", subjects=(Subject("terminal", "M", "A"),), since_ms=day, until_ms=day
    )
    missed = Label(
        detector="failure_burst", kind="bursts", subjects=(Subject("terminal", "M", "B"),), since_ms=day, until_ms=day
    )
    spray = Label(
        detector="spraying",
        kind="spraying",
        subjects=(Subject("terminal", "M", "C"),),
        since_ms=day,
        until_ms=day,
        also=("failure_burst",),
    )
    findings = [
        finding("A", day, day),
        finding("A", 9 * day, 9 * day),
        finding("C", day, day),
        finding("D", day, day, "note"),
    ]
    score = compare(findings, [burst, missed, spray])[0]
    assert (score.labels, score.found, score.true, score.false, score.explained) == (2, 1, 1, 1, 1)
    assert (score.recall, score.precision) == (0.5, 0.5)
