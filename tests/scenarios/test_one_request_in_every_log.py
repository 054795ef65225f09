"""One name of a request, from where it came in to where it ends: a sale in three logs, an act from the page to the host."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from tests.conftest import Ports
from tests.worlds.crash_house import House as FourProcesses
from tests.worlds.crash_programs import open_nursery
from tests.worlds.house import House
from tests.worlds.office import SHOP, Browser, come_in

from zhanggui.edges import logs
from zhanggui.edges.log_sink import LogSink
from zhanggui.edges.logs import configure_logs_to, note

NUMBER = "10000001"
WITHIN_S = 10.0
NOTED_WITHIN_S = 10e-6
"""Five times what a line takes on a quiet machine; a line of the general kind takes some fifty."""


def lines_of(log: Path, request: str) -> list[dict[str, Any]]:
    """What `grep` finds of a request in one log."""
    found = [line for line in log.read_text(encoding="utf-8").splitlines() if f'"{request}"' in line]
    return [json.loads(line) for line in found]


async def test_one_sale_is_found_by_one_name_in_the_logs_of_terminal_host_and_bank(
    demo_folder: Path, ports: Ports
) -> None:
    open_nursery()
    async with FourProcesses(demo_folder, ports) as house:
        await house.open_shop()
        await house.start_terminal(NUMBER)
        async with house.cashier(NUMBER) as cashier:
            await cashier.sign_in()
            assert await cashier.sell(100) == "approved"
        terminal, host, bank = (demo_folder / f"{name}.log" for name in ("terminal", "host", "bank"))
        until_s = time.monotonic() + WITHIN_S
        while "bank_answered" not in bank.read_text(encoding="utf-8"):
            assert time.monotonic() < until_s
            await asyncio.sleep(0.05)
        (sale,) = [
            entry
            for line in terminal.read_text(encoding="utf-8").splitlines()
            if line.startswith("{") and (entry := json.loads(line)).get("message") == "sale"
        ]
        request = sale["request"]
        assert request.partition("/")[0] == NUMBER
        (at_terminal,), (at_host,), (at_bank,) = (lines_of(log, request) for log in (terminal, host, bank))
        assert [at_terminal["event"], at_host["event"], at_bank["event"]] == [
            "host_answered",
            "answered",
            "bank_answered",
        ]
        assert at_terminal["rrn"] == at_host["rrn"] == at_bank["rrn"] != ""
        assert [at_terminal["response_code"], at_host["response_code"], at_bank["code"]] == ["00"] * 3
        for log in (terminal, host, bank):
            assert "6217000000000000012" not in log.read_text(encoding="utf-8")


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """What this process logs."""
    written: list[dict[str, Any]] = []

    class Kept:
        def write(self, data: bytes) -> None:
            written.extend(json.loads(line) for line in data.splitlines())

    sink = configure_logs_to(Kept())
    monkeypatch.setattr(logs, "_noting", [sink])
    # Loggers that keep what they found here would keep it for the tests that follow.
    structlog.configure(cache_logger_on_first_use=False)
    yield written
    sink.flush()
    structlog.reset_defaults()


@pytest.mark.parametrize("alone", [False, True], ids=["in the host", "alone"])
def test_an_act_of_the_office_bears_its_request_s_name_in_the_host_s_log(
    house: House, lines: list[dict[str, Any]], alone: bool
) -> None:
    address = house.serve_office_alone() if alone else house.serve_office()
    with Browser(address) as owner:
        come_in(owner, house, "owner", "owner")
        asked = {"merchant": str(SHOP), "operator_no": "01", "name": "王小明", "user_name": ""}
        answer = owner.submit(
            owner.get(f"/acts/rename_operator?merchant={SHOP}&operator_no=01"), "/acts/rename_operator", asked
        )
        request = answer.headers["x-request-id"]
    until_s = time.monotonic() + WITHIN_S
    while not (found := [line for line in lines if line.get("request") == request]):
        assert time.monotonic() < until_s, lines
        time.sleep(0.05)
    assert [(line["event"], line["act"], line["merchant_no"]) for line in found] == [("act", "rename_operator", SHOP)]


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        ("till-7.2026_11", True),
        ("a" * 64, True),
        ("a" * 65, False),
        ("short", False),
        ("", False),
        ("with a blank in it", False),
        ('{"event":"forged"}', False),
        ("-begins-with-a-dash", False),
    ],
)
def test_a_name_that_a_program_gives_is_taken_where_it_is_well_formed_and_answered_back(
    office: str, given: str, is_taken: bool
) -> None:
    headers = {"x-request-id": given} if given else {}
    for path in ("/sign-in", "/api/v1/operators", "/no/such/page", "/static/office.css"):
        answer = httpx.get(office.rstrip("/") + path, headers=headers, trust_env=False)
        named = answer.headers["x-request-id"]
        assert (named == given) is is_taken, path
        assert len(named) >= 8


def test_a_line_of_every_payment_costs_next_to_nothing_and_is_written_only_where_it_is_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken: list[str] = []

    class Sink(LogSink):
        def __init__(self) -> None:
            """Without a thread."""

        def put(self, line: str) -> None:
            taken.append(line)

    values = {"request": "10000001/000123", "transaction": "sale", "rrn": "1" * 12, "response_code": "00"}
    monkeypatch.setattr(logs, "_noting", [Sink()])
    rounds, best_s = 200, 1.0
    for _ in range(50):
        began = time.perf_counter()
        for _ in range(rounds):
            note("answered", values)
        best_s = min(best_s, (time.perf_counter() - began) / rounds)
    assert best_s < NOTED_WITHIN_S
    assert json.loads(taken[0]) | {"timestamp": ""} == {**values, "event": "answered", "level": "info", "timestamp": ""}
    monkeypatch.setattr(logs, "_noting", [])
    taken.clear()
    note("answered", values)
    assert not taken
