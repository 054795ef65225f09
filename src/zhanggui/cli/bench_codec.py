"""`zhanggui bench codec`: encode and decode of the 0200 and the 0800 of a foreign client, beside pyiso8583 in the same run.

Rounds of ours and theirs take turns, so that a busy moment of the machine hits both; the figure is the median round.
"""

import importlib
import time
from collections.abc import Callable
from typing import Any

from ..basics.errors import Defect
from ..basics.numbers import BatchNo, MerchantNo, OperatorNo, TerminalNo, TraceNo
from ..basics.secret import Pan, Secret
from ..cup.dialect import UNIONPAY
from ..cup.messages.management import SignOnRequest
from ..cup.messages.payment import SECURITY_PIN_WITH_PAN, PaymentRequest
from ..cup.transactions import CATALOGUE, SIGN_ON_MTI
from ..iso8583.fields import Align, Field, Kind, Prefix
from ..iso8583.message import Message
from .figures import Figure, median, print_figures

ROUNDS = 15
TEST_PAN = "6217000000000000012"
Work = Callable[[], object]


def bench_codec(seconds: float, *, as_json: bool) -> None:
    """Measure for about `seconds` a figure."""
    figures: dict[str, Figure] = {}
    peer = _Peer.find()
    for name, message in ((CATALOGUE["sale"].mti, _payment()), (SIGN_ON_MTI, _sign_on())):
        body = UNIONPAY.codec.encode(message)
        figures |= _measure(
            f"decode_{name}",
            lambda body=body: UNIONPAY.codec.decode(body),  # type: ignore[misc]  # bound now
            (lambda body=body: peer.decode(body)) if peer else None,  # type: ignore[misc]
            seconds,
        )
        figures |= _measure(
            f"encode_{name}",
            lambda message=message: UNIONPAY.codec.encode(message),  # type: ignore[misc]
            peer.encoder(message) if peer else None,
            seconds,
        )
    print_figures(figures, as_json=as_json)


def _measure(name: str, ours: Work, theirs: Work | None, seconds: float) -> dict[str, Figure]:
    loops = _loops(ours, seconds / ROUNDS / 2)
    their_loops = _loops(theirs, seconds / ROUNDS / 2) if theirs else 0
    our_times: list[float] = []
    their_times: list[float] = []
    for _ in range(ROUNDS):
        our_times.append(_time(ours, loops))
        if theirs:
            their_times.append(_time(theirs, their_loops))
    ours_us = median(our_times) * 1e6
    if theirs is None:
        return {name: Figure(round(ours_us, 2), "us", note="pyiso8583 is not installed: 'make dev' brings it")}
    theirs_us = median(their_times) * 1e6
    return {
        name: Figure(round(ours_us, 2), "us", against="pyiso8583", ratio=round(theirs_us / ours_us, 2)),
        f"{name}_pyiso8583": Figure(round(theirs_us, 2), "us"),
    }


def _loops(work: Work, seconds: float) -> int:
    loops = 16
    while _time(work, loops) * loops < seconds:
        loops *= 2
    return loops


def _time(work: Work, loops: int) -> float:
    begin = time.perf_counter()
    for _ in range(loops):
        work()
    return (time.perf_counter() - begin) / loops


def _payment() -> Message:
    """The 0200 of terminal 20000001: PIN, track 2, field 60, operator, MAC."""
    request = PaymentRequest(
        kind="sale",
        merchant_no=MerchantNo("102100058120001"),
        terminal_no=TerminalNo("20000001"),
        batch_no=BatchNo("000001"),
        trace_no=TraceNo("000042"),
        amount_fen=12850,
        entry_mode="021",
        operator_no=OperatorNo("01"),
        pan=Pan(TEST_PAN),
        track2=Secret(f"{TEST_PAN}=4912101"),
        pin_block=bytes.fromhex("60D894D6F4978EF5"),
        security_control=SECURITY_PIN_WITH_PAN,
    )
    message = request.message()
    message.fields[64] = bytes.fromhex("4235333641323341")
    return message


def _sign_on() -> Message:
    return SignOnRequest(
        merchant_no=MerchantNo("102100058120001"),
        terminal_no=TerminalNo("20000001"),
        batch_no=BatchNo("000001"),
        trace_no=TraceNo("000001"),
        operator_no=OperatorNo("01"),
    ).message()


class _Peer:
    """pyiso8583 on the same field table, with the same values in the form it wants them."""

    def __init__(self, library: Any) -> None:
        self._library = library
        head = {"len_enc": "bcd", "len_type": 0}
        self._spec: dict[str, dict[str, Any]] = {
            "h": head | {"data_enc": "ascii", "max_len": 0},
            "t": head | {"data_enc": "b", "max_len": 2},
            "p": head | {"data_enc": "b", "max_len": 8},
            "1": head | {"data_enc": "b", "max_len": 8},
        }
        for field in UNIONPAY.spec.fields:
            self._spec[str(field.number)] = _peer_field(field)

    @classmethod
    def find(cls) -> "_Peer | None":
        """The library when it is installed; it is no run-time part."""
        try:
            return cls(importlib.import_module("iso8583"))
        except ImportError:
            return None

    def decode(self, body: bytes) -> object:
        """Decode with the peer."""
        return self._library.decode(body, self._spec)

    def encoder(self, message: Message) -> Work:
        """A call that encodes the same message with the peer; its answer is compared with ours once, here."""
        values = {"t": message.mti}
        for number, value in message.fields.items():
            values[str(number)] = value.hex().upper() if isinstance(value, bytes) else value.replace("=", "D")
        if bytes(self._library.encode(dict(values), self._spec)[0]) != UNIONPAY.codec.encode(message):
            raise Defect("pyiso8583 writes other bytes: the two do not do the same work")
        return lambda: self._library.encode(values, self._spec)


def _peer_field(field: Field) -> dict[str, Any]:
    prefix_bytes = {Prefix.FIXED: 0, Prefix.LL: 1, Prefix.LLL: 2}[field.prefix]
    properties: dict[str, Any] = {"len_enc": "bcd", "len_type": prefix_bytes, "max_len": field.length}
    if field.kind in (Kind.NUMERIC, Kind.TRACK):
        pad = "left_pad" if field.align is Align.RIGHT else "right_pad"
        return properties | {"data_enc": "b", "len_count": "nibbles", pad: "0"}
    return properties | {"data_enc": "b" if field.kind is Kind.BINARY else field.encoding}
