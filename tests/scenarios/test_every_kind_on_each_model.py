"""Every kind of payment that our terminals know, on each model, over TCP to a host and a bank that run: a table, kind by model.

What stands in the domain reference, §4.1, and is not here is done by no terminal of ours yet (e-cash, offline settle, adjust and tip,
instalment); payments by code (§4.9) are walked in `test_code_at_the_counter.py`, on the models that scan, and those by
our code in `test_our_code_at_the_counter.py`. Beside payments each model
asks for keys, settles and signs off; the messages that left are compared with the catalogue.
"""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.conftest import Ports
from tests.worlds.house import House
from tests.worlds.shop_errands import Errand, Hands
from tests.worlds.shop_till import Till
from tests.worlds.true_terminal import CASHIER_PASSWORD, SUPERVISOR_PASSWORD, AtTheCounter, at_the_counter

from zhanggui.cup.transactions import CATALOGUE, PAYMENTS
from zhanggui.terminal.flow.payment.kinds import KINDS

MODELS = {"10000001": "smart", "10000002": "esign", "10000003": "keypad"}
FEN = 10_000
TABLE = tuple(kind for kind, row in KINDS.items() if row.group != "codes" and not PAYMENTS[kind].is_at_wallet)
"""A kind that is new is paid here, or fails."""
ABOUT = {
    "void": ("sale", "trace_no"),
    "refund": ("sale", "rrn"),
    "preauth_cancel": ("preauth", "auth_code"),
    "completion": ("preauth", "auth_code"),
    "completion_notice": ("preauth", "auth_code"),
    "completion_void": ("completion", "trace_no"),
    "preauth_increment": ("preauth", "auth_code"),
}
"""What a kind is about, and by which number its original is asked for; the others are about nothing."""


class AtWork:
    """A person at one terminal: does any kind, with a new original of its own where it is about one."""

    def __init__(self, at: AtTheCounter, house: House) -> None:
        self._house = house
        till = SimpleNamespace(
            terminal=at.terminal,
            mishaps=SimpleNamespace(died=asyncio.Event()),
            slips=[SimpleNamespace(copy="settlement")],
        )
        self._hands = Hands(cast(Till, till), {"01": CASHIER_PASSWORD, "00": SUPERVISOR_PASSWORD})

    async def pay(self, kind: str) -> dict[str, Any]:
        """The row that the host has of it."""
        original, day = "", ""
        if kind in ABOUT:
            first, number = ABOUT[kind]
            row = await self.pay(first)
            original, day = str(row[number]), "".join(str(row["shop_day"]).split("-")[1:])
        known = {self._key(row) for row in self._house.host_rows("payments")}
        errand = Errand("pay", "01", kind=kind, fen=FEN, original=original, day=day)
        await self._hands.do(errand)
        new = [row for row in self._house.host_rows("payments") if self._key(row) not in known]
        assert len(new) == 1, f"{kind} made {len(new)} payments; it went by {[view.id for view in errand.screens]}"
        return dict(new[0])

    async def settle(self) -> None:
        """The end of the batch."""
        await self._hands.do(Errand("settle", "01"))

    @staticmethod
    def _key(row: dict[str, Any]) -> tuple[str, str]:
        return str(row["batch_no"]), str(row["trace_no"])


@pytest.mark.parametrize("number", MODELS, ids=MODELS.values())
async def test_each_kind_is_paid_over_tcp_and_the_books_agree(house: House, ports: Ports, number: str) -> None:
    house.order_script("6217000000000000012", "offline_limit", 3)
    async with at_the_counter(house, ports.take(), number) as at:
        assert at.terminal.profile.name == MODELS[number]
        person = AtWork(at, house)
        done = {kind: await person.pay(kind) for kind in TABLE}
        await person.settle()
        await at.wire.passes(lambda seen: seen.mti == "0830")
        left = {seen.mti for seen in at.wire.frames}
    assert {kind: (row["kind"], row["state"]) for kind, row in done.items()} == {
        kind: (kind, "approved") for kind in TABLE
    }
    (batch,) = house.host_rows("batches")
    assert batch["outcome"] == "agreed"
    assert house.bank_differences() == []
    of_terminals = {PAYMENTS[kind].mti for kind in TABLE}
    others = {
        CATALOGUE[name].mti
        for name in ("sign_on_track", "settlement", "upload_end_agreed", "script_notice", "sign_off")
    }
    assert of_terminals | others <= left
