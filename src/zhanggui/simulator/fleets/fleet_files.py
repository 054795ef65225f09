"""A fleet on disk: as JSON lines in a folder of its own, or in an acquirer's store with its labels beside it."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ...acquirer.rows.records import Badge, Counter, Merchant, Operator, Session, SignIn, Terminal, UserName
from ...acquirer.rows.state import Change, Insert, Needs
from ...basics.bad_json import BAD_JSON
from ...basics.errors import Misuse
from ...basics.numbers import MerchantNo, UnixMs
from ...host.commit import Door, Sheet
from .fleet import Fleet
from .plan import IncidentKind, Label

LABELS_FILE = "fleet.json"
ROWS_AT_ONCE = 5_000
"""Rows in one transaction, in whole merchants: some hundred milliseconds of the writer."""

T = TypeVar("T")
LINES: tuple[tuple[str, type[Any]], ...] = (
    ("merchants.jsonl", Merchant),
    ("terminals.jsonl", Terminal),
    ("operators.jsonl", Operator),
    ("user-names.jsonl", UserName),
    ("badges.jsonl", Badge),
    ("sign-ins.jsonl", SignIn),
    ("sessions.jsonl", Session),
)


class FleetNote(msgspec.Struct, frozen=True, kw_only=True):
    """What was made, beside its data: the plan and the labels."""

    terminals: int
    days: int
    seed: int
    until_ms: UnixMs
    incidents: dict[IncidentKind, int]
    labels: tuple[Label, ...]


def write_lines(fleet: Fleet, folder: Path) -> None:
    """Write a fleet as JSON lines; the note with the labels comes last. Misuse when a fleet is there already."""
    _must_be_new(folder)
    folder.mkdir(parents=True, exist_ok=True)
    encoder = msgspec.json.Encoder()
    for (name, _), rows in zip(LINES, _rows(fleet), strict=True):
        with (folder / name).open("wb") as file:
            file.write(encoder.encode_lines(rows))
    write_note(fleet, folder)


def write_note(fleet: Fleet, folder: Path) -> None:
    """Write the plan and the labels."""
    plan = fleet.plan
    note = FleetNote(
        terminals=plan.terminals,
        days=plan.days,
        seed=plan.seed,
        until_ms=plan.until_ms,
        incidents=dict(plan.incidents),
        labels=tuple(fleet.labels),
    )
    (folder / LABELS_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(note)) + b"\n")


def read_note(folder: Path) -> FleetNote:
    """Read the plan and the labels. Misuse when there are none."""
    path = folder / LABELS_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=FleetNote)
    except (OSError, *BAD_JSON):
        raise Misuse(
            f"there is no fleet in {folder}: {LABELS_FILE} is missing or broken. Make one: zhanggui fleet make"
        ) from None


def has_lines(folder: Path) -> bool:
    """Whether the folder holds a fleet as JSON lines."""
    return (folder / LINES[0][0]).is_file()


def read_lines(folder: Path, kind: type[T]) -> list[T]:
    """All rows of one kind. Misuse when the file is missing or broken."""
    name = next(name for name, record in LINES if record is kind)
    try:
        return msgspec.json.Decoder(kind).decode_lines((folder / name).read_bytes())
    except (OSError, *BAD_JSON) as error:
        raise Misuse(f"can't read {folder / name}: {error}") from None


def _must_be_new(folder: Path) -> None:
    if (folder / LABELS_FILE).exists():
        raise Misuse(f"there is a fleet in {folder} already. Name another folder, or remove it.")


def _rows(fleet: Fleet) -> tuple[Sequence[Any], ...]:
    people = (fleet.operators, fleet.user_names, fleet.badges)
    return fleet.merchants, fleet.terminals, *people, fleet.sign_ins, fleet.sessions


async def write_to_store(fleet: Fleet, door: Door) -> None:
    """Put a fleet into a store, merchant by merchant, with the links of its provable records.

    Misuse when one of its merchants is there already.
    """
    for changes in _by_merchants(fleet):
        await door.commit(_needs(changes), partial(_put_down, changes))


def _put_down(changes: Sequence[Change], sheet: Sheet) -> None:
    for change in changes:
        record = change.record
        if isinstance(record, Merchant) and sheet.state.get(Merchant, record.merchant_no) is not None:
            raise Misuse("this database holds a fleet already; make a new data folder for another")
    sheet.take(changes)


def _needs(changes: Sequence[Change]) -> Needs:
    needs = Needs()
    for change in changes:
        if isinstance(change.record, Terminal):
            needs.add(Terminal, (change.record.merchant_no, change.record.terminal_no))
    return needs


def _by_merchants(fleet: Fleet) -> Iterator[list[Change]]:
    rows: dict[MerchantNo, list[Change]] = {}
    for records in _rows(fleet):
        for record in records:
            rows.setdefault(record.merchant_no, []).append(Insert(record))
    batch: list[Change] = []
    for merchant_no, changes in rows.items():
        batch += changes
        batch += _counters(merchant_no, changes)
        if len(batch) >= ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _counters(merchant_no: MerchantNo, changes: Sequence[Change]) -> list[Change]:
    """Where the merchant's numbers stand, so that a host goes on counting behind the fleet's."""
    sign_ins = max((change.record.record_no for change in changes if isinstance(change.record, SignIn)), default=0)
    sessions = max((change.record.session_no for change in changes if isinstance(change.record, Session)), default=0)
    return [
        Insert(Counter(merchant_no=merchant_no, name="sign_in", value=sign_ins)),
        Insert(Counter(merchant_no=merchant_no, name="session", value=sessions)),
    ]
