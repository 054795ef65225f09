"""Whatever a terminal believes, the host asks for the right of each kind, and whether the shop may use it. Over TCP, by a foreign client."""

from collections.abc import Callable

import pytest
from tests.worlds.foreign_terminal import Fields, ForeignTerminal, Line
from tests.worlds.house import HouseProcesses

from zhanggui.acquirer.payments.kinds import KINDS

pytestmark = pytest.mark.processes

Request = Callable[[ForeignTerminal, Fields, Fields], Fields]
REQUESTS: dict[str, Request] = {
    "sale": lambda terminal, sale, sold: terminal.sale(1_00),
    "balance": lambda terminal, sale, sold: terminal.balance(),
    "void": lambda terminal, sale, sold: terminal.void(sale, sold),
}
"""How each kind is asked for, after a sale that was sold. A kind without a request fails the first test."""


def test_every_kind_is_tried() -> None:
    assert REQUESTS.keys() == KINDS.keys()


def test_who_has_no_right_and_what_the_shop_may_not_use_is_refused_with_code_and_reason(
    processes: HouseProcesses, stranger: ForeignTerminal
) -> None:
    expected: list[tuple[str, str]] = []
    with Line("127.0.0.1", processes.host_port) as line:
        stranger.go_sign_in(line)
        sale = stranger.sale(128_50)
        sold = stranger.ask(line, sale)
        assert sold["39"] == "00"
        for kind, request in REQUESTS.items():
            asked = request(stranger, sale, sold)
            assert stranger.ask(line, {**asked, "63": "00 "})["39"] == "57", kind
            expected.append(("57", f"no_right:{KINDS[kind].action}"))
        for kind in REQUESTS:
            processes.command("policy", "kind", kind, "no")
        for kind, request in REQUESTS.items():
            assert stranger.ask(line, request(stranger, sale, sold))["39"] == "58", kind
            expected.append(("58", f"kind_refused:{kind}"))
        for kind in REQUESTS:
            processes.command("policy", "kind", kind, "yes")
        for kind, request in REQUESTS.items():
            assert stranger.ask(line, request(stranger, sale, sold))["39"] == "00", kind
    refused = [(entry["response_code"], entry["reason"]) for entry in processes.logged("host", "refused")]
    assert refused == expected
    kept = {(row["kind"], row["state"]) for row in processes.command("payments")}
    assert kept == {(kind, "approved") for kind in REQUESTS}, "what was refused left no payment behind"
