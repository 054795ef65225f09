"""Webhooks through real programs: the guide's receiver hears each sale, also through kills of the host, and nobody inside is reached."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Ports
from tests.worlds.foreign_terminal import DEMO_MERCHANT, ForeignTerminal, Line
from tests.worlds.house import HouseProcesses, Row, until
from tests.worlds.webhook_receiver import Received, Receiver, receiving

pytestmark = pytest.mark.processes
GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "receive-webhooks.md"
WITHIN_S = 30.0


@pytest.fixture
def house(demo_folder: Path, ports: Ports) -> Iterator[HouseProcesses]:
    allowed = {"ZHANGGUI_WEBHOOKS_ALLOW_PRIVATE": "true"}
    running = HouseProcesses(demo_folder, ports.take(), ports.take(), variables=allowed)
    try:
        running.start_bank()
        running.start_host()
        yield running
    finally:
        running.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def add(house: HouseProcesses, address: str, *events: str, shop: str = DEMO_MERCHANT) -> Any:
    """A webhook of which the host has heard."""
    wanted = [word for event in events for word in ("--event", event)]
    made = house.command("webhooks", "add", address, *wanted, "--merchant", shop)
    house.command("webhooks", "test", str(made["webhook_no"]), "--merchant", shop)
    until(lambda: all(row["tries"] for row in messages(house)), "the test to be tried", WITHIN_S)
    return made


def messages(house: HouseProcesses) -> list[Row]:
    return house.host_rows("outbox_messages")


def sent(house: HouseProcesses) -> int:
    return sum(row["state"] == "sent" for row in messages(house))


def test_the_guides_receiver_hears_of_a_sign_in_a_sale_and_its_reversal(
    house: HouseProcesses, stranger: ForeignTerminal, tmp_path: Path, free_port: int
) -> None:
    (program,) = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.M | re.S)
    address = f"http://127.0.0.1:{free_port}/hook"
    # Its first try finds nobody there yet.
    made = add(house, address, "payment", "sign_in")
    output, faults = tmp_path / "heard", tmp_path / "faults"
    with output.open("wb") as out, faults.open("wb") as err:
        around = os.environ | {"WEBHOOK_SECRET": made["secret"], "PORT": str(free_port)}
        running = subprocess.Popen([sys.executable, "-c", program], env=around, stdout=out, stderr=err)
    try:
        with Line("127.0.0.1", house.host_port) as line:
            assert stranger.go_sign_in(line)["39"] == "00"
            sale = stranger.sale(12_300)
            assert stranger.ask(line, sale)["39"] == "00"
            assert stranger.ask(line, stranger.reversal(sale))["39"] == "00"
        until(lambda: sent(house) == 4, "all to be taken", WITHIN_S)
    finally:
        running.terminate()
        running.wait(WITHIN_S)
    heard = output.read_text(encoding="utf-8").splitlines()
    assert sorted(line.partition(" ")[0] for line in heard) == [
        "payment.approved",
        "payment.reversed",
        "sign_in.active",
        "webhook.test",
    ]
    assert "401" not in faults.read_text(encoding="utf-8")
    assert made["secret"] not in house.log_text("host")
    assert made["secret"] not in str(house.command("webhooks")) + str(house.command("webhooks", "messages"))


def test_each_sale_is_told_through_kills_of_the_host_under_one_number(
    house: HouseProcesses, stranger: ForeignTerminal, receiver: Receiver
) -> None:
    killed: list[str] = []

    def answer(received: Received) -> int:
        # Every other message dies with the host while its receiver has taken it: the answer is never written.
        if received.said["type"] == "payment.approved" and len(killed) < 3 and received.id not in killed:
            killed.append(received.id)
            house.kill("host")
        return 204

    add(house, receiver.address, "payment")
    receiver.answer = answer
    for number in range(4):
        until(lambda: bool(house._running.get("host")), "a host")
        with Line("127.0.0.1", house.host_port) as line:
            assert stranger.go_sign_in(line)["39"] == "00"
            assert stranger.ask(line, stranger.sale(100 + number))["39"] == "00"
        if number < 3:
            until(lambda done=number + 1: len(killed) == done and "host" not in house._running, "the kill", WITHIN_S)  # type: ignore[misc]
            house.start_host()
    until(lambda: sent(house) == 5, "all to be taken", WITHIN_S)
    told = receiver.of("payment.approved")
    by_amount = {one.said["data"]["amount_fen"]: one.id for one in told}
    assert sorted(by_amount) == [100, 101, 102, 103]
    assert len(set(by_amount.values())) == 4, "each its own number"
    assert len(told) == 4 + len(killed), "what was killed came twice"
    assert {one.body for one in told if one.id == killed[0]} == {told[0].body}


def test_a_receiver_that_is_dead_or_redirects_holds_up_nobody(
    house: HouseProcesses, stranger: ForeignTerminal, receiver: Receiver, free_port: int
) -> None:
    with receiving() as elsewhere:
        elsewhere.answer = lambda received: 500
        add(house, f"http://127.0.0.1:{free_port}/dead", "payment")
        add(house, elsewhere.address, "payment")
        add(house, receiver.address, "payment")
        with Line("127.0.0.1", house.host_port) as line:
            assert stranger.go_sign_in(line)["39"] == "00"
            assert stranger.ask(line, stranger.sale(100))["39"] == "00"
        until(lambda: len(receiver.of("payment.approved")) == 1, "the living to hear it", WITHIN_S)
    by_webhook = {row["webhook_no"]: row for row in messages(house) if row["event"] == "payment"}
    assert [by_webhook[number]["state"] for number in (1, 2)] == ["queued", "queued"]
    rows = house.command("webhooks")
    assert [row["failing_since"] is not None for row in rows] == [True, True, False]


def test_an_acquirers_webhook_hears_of_every_shop_and_its_notes_are_proven(
    house: HouseProcesses, stranger: ForeignTerminal, receiver: Receiver
) -> None:
    add(house, receiver.address, "payment", shop="*")
    with Line("127.0.0.1", house.host_port) as line:
        assert stranger.go_sign_in(line)["39"] == "00"
        assert stranger.ask(line, stranger.sale(100))["39"] == "00"
    until(lambda: bool(receiver.of("payment.approved")), "it to be told", WITHIN_S)
    assert receiver.of("payment.approved")[0].said["data"]["merchant_no"] == DEMO_MERCHANT
    assert house.command("audit", "verify")["ok"]
