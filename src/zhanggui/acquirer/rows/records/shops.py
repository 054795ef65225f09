"""Shops (商户) and their terminals, with the keys of these and when each was last heard of."""

from typing import Literal

from ....basics.numbers import BatchNo, MerchantNo, TerminalNo, UnixMs
from .record import Record

__all__ = ["Heard", "Merchant", "OperatorCheck", "Terminal", "TerminalKey"]

TerminalKey = tuple[MerchantNo, TerminalNo]
OperatorCheck = Literal["host", "terminal"]


class Merchant(Record, frozen=True, kw_only=True):
    """A shop (商户)."""

    KEY = ("merchant_no",)

    merchant_no: MerchantNo
    name: str
    state: Literal["active", "suspended"] = "active"
    policy: str = "basic"
    """Name of its policy profile."""
    policy_overrides: str = ""
    """JSON of rule → value laid over the profile; empty for none."""
    shift_code: str = ""
    """The preset sign-in code of the shift, as the vault sealed it; empty for none."""
    created_ms: UnixMs
    kinds_refused: str | None = None
    """Kinds of payment that this shop may not use, names with a blank between; None: it may use all."""


class Terminal(Record, frozen=True, kw_only=True):
    """A terminal bound to a merchant, with its sealed keys.

    `pin_key`, `mac_key`, `track_key` are valid now. `next_…` came with the last 0800 and become valid at the first good
    MAC under them, because a 0800 proves nothing. All are texts of sealed blocks, empty when there is none.
    """

    KEY = ("merchant_no", "terminal_no")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    model: str
    place: str
    dialect: str
    operator_check: OperatorCheck
    state: Literal["active", "locked", "lost"] = "active"
    master_key: str
    batch_no: BatchNo = BatchNo("000001")
    pin_key: str = ""
    mac_key: str = ""
    track_key: str = ""
    next_pin_key: str = ""
    next_mac_key: str = ""
    next_track_key: str = ""
    next_operator_no: str = ""
    """Operator named by the last 0800 of a terminal that checks operators itself."""
    next_record_no: int = 0
    """Sign-in record of that 0800; 0 when there is none."""
    failed_count: int = 0
    """Wrong sign-ins in a row on this terminal."""
    failures: str = ""
    """Recent wrong sign-ins, as `ms:number,…`, newest last, bounded; the window of the device lock is counted from them."""
    locked_until_ms: UnixMs | None = None
    """Sign-in on this terminal is locked until then, after too many failures."""
    created_ms: UnixMs
    next_keys_ms: UnixMs | None = None
    """When the next keys were last given to whoever asked; None when none wait."""


class Heard(Record, frozen=True, kw_only=True):
    """When a terminal was last heard of, told to the other hosts of a shared database now and then (`leases.py`)."""

    KEY = ("merchant_no", "terminal_no")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    heard_ms: UnixMs


RECORDS: tuple[type[Record], ...] = (
    Merchant,
    Terminal,
    Heard,
)
"""In the order of writing."""
