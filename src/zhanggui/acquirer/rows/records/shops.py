"""Shops (商户) and their terminals: the keys of these, when each was last heard of, and what each is ordered to do."""

from typing import Literal

from ....basics.numbers import BatchNo, MerchantNo, TerminalNo, UnixMs
from .record import Record

__all__ = [
    "Health",
    "Heard",
    "Merchant",
    "OperatorCheck",
    "OrderKey",
    "OrderPlace",
    "OrderState",
    "Terminal",
    "TerminalKey",
    "TerminalOrder",
    "WaitingKeys",
]

TerminalKey = tuple[MerchantNo, TerminalNo]
OperatorCheck = Literal["host", "terminal"]
OrderState = Literal["queued", "told", "done", "refused", "expired"]
OrderKey = tuple[MerchantNo, TerminalNo, int]
OrderPlace = tuple[UnixMs, MerchantNo, TerminalNo, int]
"""Where an order stands among those without an answer: when it changed last, and its key."""


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
    """The preset sign-in codes of its shifts, as the vault sealed them (`policy/shift_codes.py`); empty for none."""
    created_ms: UnixMs
    kinds_refused: str | None = None
    """Kinds of payment that this shop may not use, names with a blank between; None: it may use all."""


class Terminal(Record, frozen=True, kw_only=True):
    """A terminal bound to a merchant, with its sealed keys.

    `pin_key`, `mac_key`, `track_key` are valid now: texts of sealed blocks, empty when there is none. Keys that a 0800 brought
    wait (`waiting`, and `WaitingKeys` for what is not the youngest) for the first good MAC under them, because a 0800 proves nothing.
    """

    KEY = ("merchant_no", "terminal_no")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    model: str
    place: str
    dialect: str
    operator_check: OperatorCheck
    state: Literal["active", "locked", "lost", "tampered"] = "active"
    """tampered: it said itself that its case was opened, and its keys are gone."""
    master_key: str
    batch_no: BatchNo = BatchNo("000001")
    pin_key: str = ""
    mac_key: str = ""
    track_key: str = ""
    next_record_no: int = 0
    """Sign-in record of a 0800 that waits, on a terminal that checks operators itself; 0 when there is none."""
    failed_count: int = 0
    """Wrong sign-ins in a row on this terminal."""
    failures: str = ""
    """Recent wrong sign-ins, as `ms:number,…`, newest last, bounded; the window of the device lock is counted from them."""
    locked_until_ms: UnixMs | None = None
    """Sign-in on this terminal is locked until then, after too many failures."""
    created_ms: UnixMs
    waiting: str | None = None
    """Which keys wait, as `slot.kind.operator …`, youngest last, the youngest with its sealed keys (`terminals/waiting_keys.py`);
    None: none do, nothing is looked for."""
    waiting_slots: int | None = None
    """Rows of waiting keys that this terminal has had; they are used again."""
    names_proven: str | None = None
    """Operators whose 0800 was proven by a MAC here, on a terminal that checks operators itself: a few, the last one first."""
    settle_batch_no: str | None = None
    """The batch that the host asks it to settle; None, or another one than it fills now: it is asked for nothing."""


class WaitingKeys(Record, frozen=True, kw_only=True):
    """Keys that a 0800 brought and that no MAC has proven yet: one row for a kind and an operator, in a slot that is used again."""

    KEY = ("merchant_no", "terminal_no", "slot_no")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    slot_no: int
    network_code: str
    """The kind of keys that was asked for (60.3 of the 0800); empty for what waited before kinds were kept apart."""
    operator_no: str
    """Operator named there, on a terminal that checks operators itself; empty on the others."""
    pin_key: str
    mac_key: str
    track_key: str
    given_ms: UnixMs
    """When they were made."""


class Heard(Record, frozen=True, kw_only=True):
    """When a terminal was last heard of, told to the other hosts of a shared database now and then (`leases.py`)."""

    KEY = ("merchant_no", "terminal_no")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    heard_ms: UnixMs


class Health(Record, frozen=True, kw_only=True):
    """What a terminal said last of its parts in a heartbeat; written when it says something new (`terminals/health.py`)."""

    KEY = ("merchant_no", "terminal_no")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    told: str
    """As it came: item:state:reason, with commas between."""
    told_ms: UnixMs
    """When it began to say this."""
    not_ok: str = ""
    """Parts that are not ok and since when, as `item:ms,…`."""


class TerminalOrder(Record, frozen=True, kw_only=True):
    """One order (终端指令) to one terminal. Its number only grows there, also where the database is an older copy (`orders/giving.py`)."""

    KEY = ("merchant_no", "terminal_no", "order_no")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    order_no: int
    kind: str
    """A row of `cup/order_kinds.toml`."""
    contents: str
    state: OrderState
    from_ms: UnixMs
    """It is not told before."""
    until_ms: UnixMs
    """From then on it is not told for the first time, and not carried out."""
    given_by: str
    given_ms: UnixMs
    told_ms: UnixMs | None = None
    """When it was handed out first, in the commit before the answer that carried it."""
    answered_ms: UnixMs | None = None
    answer: str = ""
    """The terminal's own word for how it ended, where its state does not say it all."""
    changed_ms: UnixMs


RECORDS: tuple[type[Record], ...] = (
    Merchant,
    Terminal,
    WaitingKeys,
    Heard,
    Health,
    TerminalOrder,
)
"""In the order of writing."""
