"""The stored data of `zhanggui bench office`: one shop made as any other (`simulator/fleets/large.py`), and copied by the database.

Row by row through the door, five million payments take most of an hour. So a first shop is made in that way, and day by day its rows
are copied to all other shops in the order of time, as they would have come in, with other cards, amounts, numbers and instants. Copied
payments stand in the books to the fen; copied sign-ins stand in no chain, so the folder is for measuring alone.

    place 0          the shop that was made
    place 1 …        copies of it: a twenty-fifth of them are one large shop, as many again shops of ten, each other one a shop
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import msgspec

from ..acquirer.rows.records import WHOLE_HOST
from ..basics.chance import SystemChance
from ..basics.clock import SystemClock
from ..basics.errors import Misuse
from ..basics.numbers import MerchantNo, UnixMs
from ..basics.spans import HOUR_MS
from ..edges.sqlite import Connection, open_durable, without_waiting
from ..host.commit import Door
from ..programs.data_folder import Places, check_folder, store_target
from ..programs.demo import make_demo
from ..programs.demo_people import demo_owner_rows
from ..programs.settings import Settings
from ..simulator.fleets.large import PER_SHOP, TERMINALS, LargePlan, make_large
from ..store.open import open_store
from .bench_host import save_rows

LARGE_PART, SEVERAL, SEVERAL_PART = 25, 10, 250
FIRST_COPY = 5_000
"""Shops of copies have numbers from here on."""
PAGE_CACHE_KIB = 1_000_000
DONE, PAYMENTS, SIGN_INS = "bench_office", "bench_office_payments", "bench_office_sign_ins"
LARGE_OWNER, SMALL_OWNER = "bench.large", "bench.small"
Tell = Callable[[int, int], None]
"""Hears how many steps are done, and of how many."""


class Stored(msgspec.Struct, frozen=True):
    """What the folder holds: the large shop, an ordinary one, and how long making it took now."""

    payments: int
    sign_ins: int
    shops: int
    large: MerchantNo
    small: MerchantNo
    seconds: float


class Shape(NamedTuple):
    """How many places there are, and what the shop that is made holds."""

    places: int
    payments: int
    sign_ins: int

    @property
    def sizes(self) -> list[int]:
        """How many copies each further shop has; the large one first."""
        copies = self.places - 1
        large, several = copies // LARGE_PART, copies // SEVERAL_PART
        sizes = [large] * (large > 1) + [SEVERAL] * several
        return sizes + [1] * (copies - sum(sizes))


def shape_of(payments: int, sign_ins: int) -> Shape:
    """At least so many of both, in shops of as many payments as `bench data` makes."""
    places = max(2, -(-max(payments, sign_ins) // PER_SHOP))
    return Shape(places, -(-payments // places), -(-sign_ins // places))


async def fill(settings: Settings, payments: int, sign_ins: int, tell: Tell) -> Stored:
    """Make what is not there yet, and say what there is. Misuse when the folder was begun with another size."""
    began_s = time.monotonic()
    shape = shape_of(payments, sign_ins)
    places = Places(settings.data_path)
    check_folder(settings.data_path)
    if not places.host_local_key.exists():
        await make_demo(settings, SystemClock(), SystemChance(), lambda step: None)
    with _opened(settings) as connection:
        _begun(connection, shape)
    until_ms = UnixMs(SystemClock().now() // HOUR_MS * HOUR_MS)
    store = open_store(store_target(settings, places))
    try:
        door = Door(store, SystemClock(), SystemChance())
        plan = LargePlan(payments=shape.payments, sign_ins=shape.sign_ins, until_ms=until_ms)
        await make_large(plan, door, lambda done, whole: None)
    finally:
        await store.close()
    large, small = _shop_no(0), _shop_no(len(shape.sizes) - 1)
    if _copy(settings, shape, tell):
        await save_rows(
            settings, demo_owner_rows({LARGE_OWNER: large, SMALL_OWNER: small}, SystemChance(), SystemClock().now())
        )
    return Stored(
        payments=shape.payments * shape.places,
        sign_ins=shape.sign_ins * shape.places,
        shops=1 + len(shape.sizes),
        large=large,
        small=small,
        seconds=time.monotonic() - began_s,
    )


def _shop_no(number: int) -> MerchantNo:
    return MerchantNo(f"10210005412{FIRST_COPY + number:04d}")


def _copy(settings: Settings, shape: Shape, tell: Tell) -> bool:
    """Copy what is not copied yet, a day a transaction; whether anything was."""
    with _opened(settings) as connection:
        connection.execute(f"PRAGMA cache_size=-{PAGE_CACHE_KIB}")
        done = _begun(connection, shape)
        _place_copies(connection, shape)
        template = "102100054120001"
        days = [
            day
            for (day,) in connection.execute(
                "SELECT DISTINCT created_ms / 86400000 FROM payments WHERE merchant_no = :shop UNION"
                " SELECT DISTINCT began_ms / 86400000 FROM sign_ins WHERE merchant_no = :shop ORDER BY 1",
                {"shop": template},
            )
        ]
        steps = [*_PLACES, *days]
        tell(done, len(steps))
        for step in range(done, len(steps)):
            connection.execute("BEGIN IMMEDIATE")
            if step < len(_PLACES):
                connection.execute(_statement(connection, _PLACES[step]), {"shop": template})
            else:
                for table in _OF_A_DAY:
                    connection.execute(_statement(connection, table), {"shop": template, "day": steps[step]})
            connection.execute("UPDATE counters SET value = ? WHERE name = ?", (step + 1, DONE))
            connection.execute("COMMIT")
            tell(step + 1, len(steps))
        return done < len(steps)


@contextmanager
def _opened(settings: Settings) -> Iterator[Connection]:
    with without_waiting():
        connection = open_durable(Places(settings.data_path).host_database)
    try:
        yield connection
    finally:
        connection.close()


def _begun(connection: Connection, shape: Shape) -> int:
    """How many steps are done; a new folder notes what was asked for."""
    kept = dict(connection.execute("SELECT name, value FROM counters WHERE name LIKE 'bench_office%'").fetchall())
    asked = {DONE: 0, PAYMENTS: shape.places * shape.payments, SIGN_INS: shape.places * shape.sign_ins}
    if not kept:
        connection.executemany(
            "INSERT INTO counters (merchant_no, name, value) VALUES (?, ?, ?)",
            [(WHOLE_HOST, name, value) for name, value in asked.items()],
        )
        return 0
    if (kept[PAYMENTS], kept[SIGN_INS]) != (asked[PAYMENTS], asked[SIGN_INS]):
        raise Misuse(
            f"this folder was begun with {kept[PAYMENTS]} payments and {kept[SIGN_INS]} sign-ins; ask for those, or give a new folder"
        )
    return int(kept[DONE])


def _place_copies(connection: Connection, shape: Shape) -> None:
    """The copies, each with its shop and which of this shop's it is."""
    connection.execute(
        "CREATE TEMP TABLE copies (place INTEGER PRIMARY KEY, shop TEXT, copy INTEGER, per_copy INTEGER)"
    )
    connection.executemany("INSERT INTO copies VALUES (?, ?, ?, ?)", list(_copies(shape)))


def _copies(shape: Shape) -> Iterator[tuple[int, str, int, int]]:
    place = 0
    for number, size in enumerate(shape.sizes):
        for copy in range(size):
            place += 1
            yield place, _shop_no(number), copy, shape.sign_ins


class _Copied(NamedTuple):
    """A table, what its copies have instead of the original's values, and which rows (of a day, or one a shop)."""

    table: str
    values: Mapping[str, str]
    where: str = ""
    order: str = ""


_TERMINAL = f"printf('L%07d', CAST(substr(t.terminal_no, 2) AS INTEGER) + c.place * {TERMINALS})"
_LATER = "+ c.place * 37 % 60000"
_TAIL = "printf('%04d', (CAST(substr(t.masked_pan, -4) AS INTEGER) + c.place * 3571) % 10000)"
_RRN = f"printf('9%011d', CAST(substr(t.rrn, 2) AS INTEGER) + c.place * {PER_SHOP})"
_VOUCHER = (
    f"substr(t.pay_voucher, 1, 6) || printf('%014d', CAST(substr(t.pay_voucher, 7) AS INTEGER) + c.place * {PER_SHOP})"
)
_NUMBER = "t.{0} + c.copy * c.per_copy"
_PLACES = (
    _Copied(
        "merchants",
        {"merchant_no": "c.shop", "name": "'掌柜大数据' || substr(c.shop, -4)"},
        where="c.copy = 0",
    ),
    _Copied("terminals", {"merchant_no": "c.shop", "terminal_no": _TERMINAL}),
    _Copied("operators", {"merchant_no": "c.shop"}, where="c.copy = 0"),
    _Copied(
        "counters",
        {"merchant_no": "c.shop", "value": "t.value * (SELECT count(*) FROM copies o WHERE o.shop = c.shop)"},
        where="c.copy = 0",
    ),
)
_OF_A_DAY = (
    _Copied(
        "sign_ins",
        {
            "merchant_no": "c.shop",
            "terminal_no": _TERMINAL,
            **{name: _NUMBER.format(name) for name in ("record_no", "session_no")},
            **{
                name: f"t.{name} {_LATER}"
                for name in ("began_ms", "verified_ms", "confirmed_ms", "ended_ms", "terminal_clock_ms")
            },
        },
        where="t.began_ms / 86400000 = :day",
        order=f"t.began_ms {_LATER}",
    ),
    _Copied(
        "sessions",
        {
            "merchant_no": "c.shop",
            "terminal_no": _TERMINAL,
            **{name: _NUMBER.format(name) for name in ("session_no", "record_no")},
            **{name: f"t.{name} {_LATER}" for name in ("opened_ms", "ended_ms")},
        },
        where="t.record_no IN (SELECT record_no FROM sign_ins WHERE merchant_no = :shop AND began_ms / 86400000 = :day)",
        order=f"t.opened_ms {_LATER}",
    ),
    _Copied(
        "payments",
        {
            "merchant_no": "c.shop",
            "terminal_no": _TERMINAL,
            "session_no": _NUMBER.format("session_no"),
            "rrn": _RRN,
            "answer": f"replace(t.answer, t.rrn, {_RRN})",
            "pay_voucher": _VOUCHER,
            "masked_pan": f"substr(t.masked_pan, 1, length(t.masked_pan) - 4) || {_TAIL}",
            "amount_fen": "(t.amount_fen * 31 + c.place * 7919) % 200000 + 1",
            "fingerprint": "randomblob(16)",
            "card_hash": "randomblob(16)",
            "created_ms": f"t.created_ms {_LATER}",
            "decided_ms": f"t.decided_ms {_LATER}",
        },
        where="t.created_ms / 86400000 = :day",
        order=f"t.created_ms {_LATER}",
    ),
    _Copied(
        "postings",
        {
            "merchant_no": "c.shop",
            "terminal_no": _TERMINAL,
            "amount_fen": "((abs(t.amount_fen) * 31 + c.place * 7919) % 200000 + 1) * sign(t.amount_fen)",
            "posted_ms": f"t.posted_ms {_LATER}",
        },
        where=(
            "(t.terminal_no, t.trace_no) IN"
            " (SELECT terminal_no, trace_no FROM payments WHERE merchant_no = :shop AND created_ms / 86400000 = :day)"
        ),
        order=f"t.posted_ms {_LATER}",
    ),
)


def _statement(connection: Connection, copied: _Copied) -> str:
    """Insert the copies of a table, column by column: those of later versions are copied as they are."""
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({copied.table})")]
    values = ", ".join(copied.values.get(name, f"t.{name}") for name in columns)
    where = f" AND ({copied.where})" if copied.where and "c." not in copied.where else ""
    beside = f" WHERE {copied.where}" if "c." in copied.where else ""
    order = f" ORDER BY {copied.order}" if copied.order else ""
    return (
        f"INSERT INTO {copied.table} ({', '.join(columns)})"
        f" SELECT {values} FROM (SELECT * FROM {copied.table} t WHERE t.merchant_no = :shop{where}) t"
        f" CROSS JOIN copies c{beside}{order}"
    )
