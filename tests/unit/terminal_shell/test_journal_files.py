"""Files of the journal: those that can't be used are told in words, older ones open with what they owe, and a new field raises the version."""

from pathlib import Path

import pytest
from tests.worlds.old_data import OLD_DATA, unpack
from tests.worlds.shell_journal import SEALED, open_journal, remember_approval, remember_sale
from tests.worlds.shell_makes import BATCH, trace

from zhanggui.basics.clock import SystemClock
from zhanggui.basics.errors import Fault, Misuse
from zhanggui.edges.sqlite import open_durable
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core.events import Again, ApprovedPayment, DayLine, PendingReversal, ScriptNotice
from zhanggui.terminal.flow.core.noted.orders import HeldOrder, OrderBox
from zhanggui.terminal.flow.core.settlement import Settlement
from zhanggui.terminal.journal import SCHEMA_VERSION, SqliteJournal


def test_a_damaged_file_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"this is no database at all, it only looks like a file" * 100)

    with pytest.raises(Fault, match=r"damaged.*backup"):
        open_journal(tmp_path)


def test_a_record_that_is_no_record_is_told_in_words(tmp_path: Path) -> None:
    open_journal(tmp_path).close()
    raw = open_durable(tmp_path / "journal.db")
    raw.execute(
        "INSERT INTO payment (batch_no, trace_no, day, at_ms, operator_no, line) VALUES (1, 1, '2026-11-23', 1, '01', x'7b')"
    )
    raw.close()

    with pytest.raises(Fault, match="journal"):
        open_journal(tmp_path).memory()


def test_a_journal_of_a_newer_program_is_not_touched(tmp_path: Path) -> None:
    open_journal(tmp_path).close()
    raw = open_durable(tmp_path / "journal.db")
    raw.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    raw.close()

    with pytest.raises(Misuse, match=f"version {SCHEMA_VERSION + 1}"):
        open_journal(tmp_path)


def test_a_place_that_can_not_be_a_folder_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    with pytest.raises(Misuse, match="--data"):
        open_journal(tmp_path / "file")


OLD_LINE = b'{"trace_no":"%s","time":"08:55:03","masked_pan":"621700*********0012","amount_fen":1250,"state":"%s"}'
OLD_APPROVED = (
    b'{"trace_no":"000011","batch_no":"000001","amount_fen":1250,"masked_pan":"621700*********0012","way":"insert",'
    b'"expiry_yymm":"4912","rrn":"000000000012","auth_code":"123456","host_time":"2026-11-23 08:55:03","issuer":"b",'
    b'"acquirer":"a","operator_no":"01","merchant_no":"102100058120001","card_org":"CUP","with_pin":true,'
    b'"needs_signature":true,"chip_lines":[],"merchant_name":"m","terminal_no":"10000001"}'
)
OLD_REVERSAL = (
    b'{"trace_no":"000012","batch_no":"000001","amount_fen":1250,"masked_pan":"621700*********0012",'
    b'"reason":"98","attempts":2}'
)
"""Rows as they were written before payments had kinds."""


def test_a_journal_from_before_payments_had_kinds_opens_with_what_it_owes(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.remember(remember_sale(11), SEALED)
    journal.remember(remember_approval(11))
    journal.remember(remember_sale(12), SEALED)
    journal.close()
    file = open_durable(tmp_path / "journal.db")
    file.execute(
        "UPDATE payment SET line = ?, sale = ? WHERE trace_no = '000011'",
        (OLD_LINE % (b"000011", b"approved"), OLD_APPROVED),
    )
    file.execute("UPDATE payment SET line = ? WHERE trace_no = '000012'", (OLD_LINE % (b"000012", b"reversing"),))
    file.execute("UPDATE reversal SET record = ?", (OLD_REVERSAL,))
    file.close()

    journal = open_journal(tmp_path)
    memory = journal.memory()

    assert memory.reversal is not None
    assert (memory.reversal.kind, memory.reversal.attempts, memory.reversal.original) == ("sale", 2, None)
    assert memory.print_pending == memory.last_sale
    assert memory.print_pending is not None
    assert (memory.print_pending.kind, memory.print_pending.trace_no) == ("sale", "000011")
    assert [(kept.kind, kept.sign, kept.state) for kept in memory.today] == [
        ("sale", 1, "reversing"),
        ("sale", 1, "approved"),
    ]
    journal.remember(fx.RememberReversed(batch_no=BATCH, trace_no=trace(12), response_code="00"))
    assert journal.memory().reversal is None
    journal.close()


STORED = {
    "PendingReversal": "trace_no batch_no amount_fen masked_pan reason attempts kind original epoch again",
    "DayLine": (
        "trace_no time masked_pan amount_fen state response_code kind sign batch_no rrn auth_code date "
        "about_batch_no about_trace_no right_fen adjusted_fen pay_voucher"
    ),
    "ApprovedPayment": (
        "kind trace_no batch_no amount_fen masked_pan way expiry_yymm rrn auth_code host_time settle_date issuer acquirer "
        "operator_no merchant_no card_org with_pin needs_signature unsigned_limit_fen chip_lines merchant_name terminal_no balance_fen "
        "original pay_voucher"
    ),
    "Settlement": "batch_no operator_no step sums host agreed told cursor",
    "ScriptNotice": "batch_no trace_no kind payment acquirer_code results before",
    "Again": "operator_no way time approval_no brand received",
    "OrderBox": "passed gone orders shut",
    "HeldOrder": "number kind until_ms contents state word",
}
"""What stands in a journal's records at SCHEMA_VERSION 18. Whoever adds a field raises the version, and writes it down here."""


def test_a_record_that_gains_a_field_raises_the_journals_version() -> None:
    kept = {
        kind.__name__: " ".join(kind.__struct_fields__)
        for kind in (PendingReversal, Again, DayLine, ApprovedPayment, Settlement, ScriptNotice, OrderBox, HeldOrder)
    }
    assert (SCHEMA_VERSION, kept) == (20, STORED)


@pytest.mark.parametrize("archive", OLD_DATA, ids=lambda archive: archive.name.partition(".")[0])
def test_a_payment_of_an_old_journal_has_what_a_void_or_refund_of_it_needs(archive: Path, tmp_path: Path) -> None:
    data = unpack(archive, tmp_path)
    approved = 0
    for folder in sorted(path.parent for path in data.rglob("journal.db")):
        journal = SqliteJournal(folder / "journal.db", SystemClock())
        memory = journal.memory()
        journal.close()
        for kept in (*memory.today, *memory.earlier):
            if kept.state == "approved":
                approved += 1
                assert (len(kept.rrn), len(kept.auth_code), len(kept.date), kept.batch_no) == (12, 6, 4, "000001")
    assert approved >= 4
