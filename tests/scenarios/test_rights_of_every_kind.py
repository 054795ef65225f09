"""Whatever a terminal believes, the host asks for the right of each kind, and whether the shop may use it. Over TCP, by a foreign client."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.worlds.customers_phone import phone_in
from tests.worlds.foreign_terminal import Fields, ForeignTerminal, Line
from tests.worlds.house import HouseProcesses

from zhanggui.acquirer.payments.kinds import KINDS

pytestmark = pytest.mark.processes


class Counter:
    """A stranger at the line, which can make first what a kind is about."""

    def __init__(self, terminal: ForeignTerminal, port: int, data: Path) -> None:
        self.terminal = terminal
        self._phone = phone_in(data / "cards")
        self._port = port
        self._made: dict[str, tuple[Fields, Fields]] = {}

    def ask(self, fields: Fields) -> Fields:
        # A line each: of many refusals on one, the log tells the first few and counts the others.
        with Line("127.0.0.1", self._port) as line:
            return self.terminal.ask(line, fields)

    def made(self, name: str, request: Callable[[], Fields]) -> tuple[Fields, Fields]:
        """A payment under this name, made once: its request and its answer."""
        if name not in self._made:
            asked = request()
            answer = self.ask(asked)
            assert answer["39"] == "00", name
            self._made[name] = asked, answer
        return self._made[name]

    def sold(self, name: str) -> tuple[Fields, Fields]:
        return self.made(name, lambda: self.terminal.sale(128_50))

    def code(self) -> str:
        """What the customer's phone shows: a new code each time."""
        return self._phone.code()

    def scanned(self, name: str) -> tuple[Fields, Fields]:
        return self.made(name, lambda: self.terminal.qr_sale(128_50, self.code()))

    def held(self, name: str) -> tuple[Fields, Fields]:
        return self.made(name, lambda: self.terminal.preauth(50_00))

    def completed(self, name: str) -> tuple[Fields, Fields]:
        return self.made(name, lambda: self.terminal.completion(self.held(f"{name}, held")[1], 50_00))


Request = Callable[[Counter], Fields]
REQUESTS: dict[str, Request] = {
    "sale": lambda at: at.terminal.sale(1_00),
    "balance": lambda at: at.terminal.balance(),
    "void": lambda at: at.terminal.void(*at.sold("to void")),
    "refund": lambda at: at.terminal.refund(*at.sold("to refund"), 1_00),
    "qr_sale": lambda at: at.terminal.qr_sale(1_00, at.code()),
    "qr_void": lambda at: at.terminal.qr_void(*at.scanned("code to void")),
    "qr_refund": lambda at: at.terminal.qr_refund(*at.scanned("code to refund"), 1_00),
    "preauth": lambda at: at.terminal.preauth(1_00),
    "preauth_cancel": lambda at: at.terminal.preauth_cancel(*at.held("to cancel")),
    "completion": lambda at: at.terminal.completion(at.held("to complete")[1], 50_00),
    "completion_notice": lambda at: at.terminal.completion_notice(at.held("to tell")[1], 50_00),
    "completion_void": lambda at: at.terminal.completion_void(*at.completed("to take back")),
    "preauth_increment": lambda at: at.terminal.preauth_increment(at.held("to add to")[1], 1_00),
}
"""How each kind is asked for. A kind without a request fails the first test."""


def test_every_kind_is_tried() -> None:
    # What the shop shows a code for is no kind of other makers' terminals: `test_our_code_at_the_counter.py`.
    assert REQUESTS.keys() == {name for name, kind in KINDS.items() if not kind.row.is_at_wallet}


@pytest.mark.timeout(900)  # two commands a kind, each a program of its own
def test_who_has_no_right_and_what_the_shop_may_not_use_is_refused_with_code_and_reason(
    processes: HouseProcesses, stranger: ForeignTerminal
) -> None:
    expected: list[tuple[str, str]] = []
    with Line("127.0.0.1", processes.host_port) as line:
        stranger.go_sign_in(line)
    at = Counter(stranger, processes.host_port, processes.folder)
    for kind, request in REQUESTS.items():
        asked = request(at)
        assert at.ask({**asked, "63": "00 "})["39"] == "57", kind
        expected.append(("57", f"no_right:{KINDS[kind].action}"))
    for kind in REQUESTS:
        processes.command("policy", "kind", kind, "no")
    for kind, request in REQUESTS.items():
        assert at.ask(request(at))["39"] == "58", kind
        expected.append(("58", f"kind_refused:{kind}"))
    for kind in REQUESTS:
        processes.command("policy", "kind", kind, "yes")
    for kind, request in REQUESTS.items():
        assert at.ask(request(at))["39"] == "00", kind
    refused = [(entry["response_code"], entry["reason"]) for entry in processes.logged("host", "refused")]
    assert refused == expected
    rows = processes.command("payments")
    kept = {(row["kind"], row["state"], row["response_code"], row["reason"]) for row in rows}
    approved = {(kind, "approved", "00", "") for kind in REQUESTS}
    listed = {
        (kind, "declined", code, reason)
        for kind in REQUESTS
        for code, reason in (("57", f"no_right:{KINDS[kind].action}"), ("58", f"kind_refused:{kind}"))
    }
    assert kept == approved | listed, "each refusal is in the list with its reason"
    moved = {row["trace_no"] for row in rows if row["state"] == "declined"}
    posted = {str(row["trace_no"]) for row in processes.host_rows("postings")}
    assert not moved & posted
