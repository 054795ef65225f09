"""The 29 public sample messages of tests/vectors/cup/messages.json, and the dialect that each of them speaks."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhanggui.cup.dialect import DIALECTS, Dialect
from zhanggui.iso8583.fields import Kind

VECTORS = Path(__file__).parents[2] / "vectors" / "cup"

DIALECT_OF_SAMPLE = {
    "ajsgn-signin-req": "unionpay",
    "ajsgn-signin-resp": "unionpay",
    "ajsgn-signin-resp-2": "unionpay",
    "ajsgn-reversal-req": "unionpay",
    "jiso-sale-req": "unionpay",
    "jiso-sale-resp": "unionpay",
    "liaoyang-like-signin-req": "unionpay",
    "spp-sale-req": "unionpay",
    "wear-sale-req": "unionpay",
    "wear-sale-resp-A0": "unionpay",
    "centerm-0800-196": "unionpay",
    "qfpay-0800-350": "unionpay",
    "specroute-signin-req": "unionpay",
    "epoint-signin-req": "unionpay",
    "epoint-signin-resp": "nibble-length-62",
    "mocredit-signin-req": "unionpay",
    "mocredit-380-req": "unionpay",
    "mocredit-sale-req-noheader": "no-header",
    "ums-sx-balance-req": "no-tpdu",
    "ums-sx-sale-req-nof60": "no-tpdu-text-48",
    "vfwz-download-request": "device-46",
    "vfwz-download-response": "device-46",
    "vfwz-signin-request": "device-46",
    "vfwz-signin-response": "device-46",
    "vfwz-pay-request": "device-46",
    "vfwz-pay-response": "device-46",
    "vfwz-sign-img-request": "device-46",
    "vfwz-sign-img-response": "device-46",
    "denovo-signin-req": "binary-47",
}


@dataclass(frozen=True)
class Sample:
    """One sample: a frame's payload, what it holds, and how it is read."""

    name: str
    dialect: Dialect
    payload: bytes
    tpdu: bytes
    header: bytes
    mti: str
    fields: dict[int, str | bytes]

    def __str__(self) -> str:
        return self.name


def _value(dialect: Dialect, number: int, shown: str) -> str | bytes:
    """The rows write bytes as hexadecimal digits, and the separator of a track as D."""
    match dialect.spec.table[number].kind:
        case Kind.BINARY:
            return bytes.fromhex(shown)
        case Kind.TRACK:
            return shown.replace("D", "=")
        case _:
            return shown


def _sample(row: dict[str, Any]) -> Sample:
    dialect = DIALECTS[DIALECT_OF_SAMPLE[row["id"]]]
    data = bytes.fromhex(row["hex"])
    return Sample(
        name=row["id"],
        dialect=dialect,
        payload=data[2:] if row["has_length_prefix"] else data,
        tpdu=bytes.fromhex(row["tpdu"] or ""),
        header=bytes.fromhex(row["header"] or ""),
        mti=row["mti"],
        fields={int(number): _value(dialect, int(number), shown) for number, shown in row["fields"].items()},
    )


SAMPLES = [_sample(row) for row in json.loads((VECTORS / "messages.json").read_text(encoding="utf-8"))["messages"]]
