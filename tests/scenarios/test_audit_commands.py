"""`zhanggui audit` and `zhanggui signins` over a real host's records: sound, altered in the database, exported, erased, pruned."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from pysqlite3 import dbapi2
from tests.worlds.foreign_terminal import Card, ForeignTerminal, Line
from tests.worlds.house import House

from zhanggui.basics.errors import Misuse
from zhanggui.basics.visible import harmless
from zhanggui.cli import audit, keys, proposals
from zhanggui.cli.console import EXIT_WAITS
from zhanggui.cli.lists import lists_of
from zhanggui.cli.main import app
from zhanggui.cli.sign_ins import Wanted, erase, list_sign_ins, parse_moment
from zhanggui.edges.lock import FolderLock
from zhanggui.programs.data_folder import Places, terminal_lock
from zhanggui.programs.demo import OUR_TERMINALS
from zhanggui.programs.demo_people import DEMO_PASSWORD
from zhanggui.programs.settings import BySection, Settings
from zhanggui.store.queries import PlaceFilter
from zhanggui.views.listing import safe_cell

Run = Callable[..., dict[str, object]]
SIGN_INS = 4


@pytest.fixture
def worked(house: House, stranger: ForeignTerminal, cards: dict[str, Card]) -> Path:
    """A data folder after some sign-ins and a sale each, host and bank ended."""
    for _ in range(SIGN_INS):
        with Line("127.0.0.1", house.host_port) as line:
            assert stranger.go_sign_in(line)["39"] == "00"
            assert stranger.ask(line, stranger.sale(1250, cards["main"]))["39"] == "00"
    house.stop()
    return house.folder


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `audit verify --json`; the answer is what it printed, with its exit code."""

    def run(folder: Path, export: Path | None = None, anchor: Path | None = None) -> dict[str, object]:
        capsys.readouterr()
        code: object = 0
        try:
            audit.verify(Settings(data=str(folder)), export=export, anchor=anchor, as_json=True)
        except SystemExit as end:
            code = end.code
        told: dict[str, object] = msgspec.json.decode(capsys.readouterr().out)
        return {**told, "exit": code}

    return run


def tamper(folder: Path, *statements: str) -> None:
    connection = dbapi2.connect(str(Places(folder).host_database), isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def whats(told: dict[str, object]) -> set[str]:
    problems = told["problems"]
    assert isinstance(problems, list)
    return {problem["what"] for problem in problems}


def test_a_hosts_own_records_are_sound_and_signed_to_the_end(worked: Path, verify: Run) -> None:
    told = verify(worked)
    assert (told["ok"], told["exit"], told["records"]) == (True, 0, SIGN_INS)
    chains = told["chains"]
    assert isinstance(chains, list)
    (chain,) = chains
    assert chain["links"] == chain["signed_links"] >= 2 * SIGN_INS


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE sign_ins SET operator_no = '02' WHERE record_no = 2", "record_altered"),
        ("UPDATE sign_ins SET confirmed_ms = confirmed_ms + 1 WHERE record_no = 2", "record_altered"),
        ("UPDATE sign_ins SET drift_s = 0 WHERE record_no = 2", "record_altered"),
        ("DELETE FROM sign_ins WHERE record_no = 2", "record_missing"),
        (f"DELETE FROM sign_ins WHERE record_no = {SIGN_INS}", "record_missing"),
        ("UPDATE sign_ins SET record_no = 99 WHERE record_no = 2", "record_missing"),
        ("UPDATE salts SET salt = zeroblob(16) WHERE record_no = 2", "record_altered"),
        ("DELETE FROM salts WHERE record_no = 2", "salt_missing"),
        ("DELETE FROM links WHERE link_no = 3", "link_missing"),
        ("DELETE FROM links WHERE link_no >= (SELECT max(link_no) FROM links)", "chain_ends_early"),
        ("UPDATE links SET event = 'pruned' WHERE link_no = 3", "link_altered"),
        ("UPDATE chain_heads SET link_no = link_no - 1", "head_differs"),
        ("UPDATE checkpoints SET made_ms = made_ms + 1", "signature_wrong"),
    ],
)
def test_what_was_altered_in_the_database_is_named(worked: Path, verify: Run, statement: str, what: str) -> None:
    tamper(worked, statement)
    told = verify(worked)
    assert (told["ok"], told["exit"]) == (False, 1)
    assert what in whats(told)


def test_checkpoints_and_links_deleted_together_are_missed_by_the_file(worked: Path, verify: Run) -> None:
    tamper(worked, "DELETE FROM checkpoints", "DELETE FROM links", "DELETE FROM chain_heads", "DELETE FROM sign_ins")
    assert "chain_ends_early" in whats(verify(worked))
    copy = worked.parent / "anchor.jsonl"
    Places(worked).host_checkpoints.rename(copy)
    assert verify(worked)["ok"], "with the file gone too, nothing in the folder knows of a chain"
    assert "chain_ends_early" in whats(verify(worked, anchor=copy))


def test_a_file_that_lost_its_checkpoints_is_named(worked: Path, verify: Run) -> None:
    Places(worked).host_checkpoints.write_text("", encoding="utf-8")
    assert whats(verify(worked)) == {"checkpoint_not_in_file"}


def test_an_export_is_checked_without_the_database(worked: Path, verify: Run, tmp_path: Path) -> None:
    export, anchor = tmp_path / "out.jsonl", tmp_path / "anchor.jsonl"
    audit.export_records(Settings(data=str(worked)), export)
    Places(worked).host_checkpoints.rename(anchor)
    nowhere = tmp_path / "nowhere"
    told = verify(nowhere, export, anchor)
    assert (told["ok"], told["records"], told["anchors"]) == (True, SIGN_INS, 1)
    with pytest.raises(Misuse, match="not overwritten"):
        audit.export_records(Settings(data=str(worked)), export)
    text = export.read_text(encoding="utf-8")
    export.write_text(text.replace('"operator_no":"01"', '"operator_no":"02"', 1), encoding="utf-8")
    assert whats(verify(nowhere, export, anchor)) == {"record_altered"}
    export.write_text(text[: len(text) // 2], encoding="utf-8")
    with pytest.raises(Misuse, match=r"line \d+ of the export"):
        verify(nowhere, export)
    export.write_text('{"type":"header","format":"x","public_key":"","made_ms":1}\n', encoding="utf-8")
    with pytest.raises(Misuse, match="no export"):
        verify(nowhere, export)


def test_a_person_is_taken_out_and_the_chain_still_holds(
    worked: Path, verify: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data=str(worked), lang="en")
    tamper(worked, "UPDATE operators SET state = 'disabled' WHERE operator_no = '01'")
    erase(settings, "01", "", as_json=True)
    told = msgspec.json.decode(capsys.readouterr().out)
    assert (told["erased"], told["kept_on_duty"]) == (SIGN_INS - 1, 1)  # the last session was never ended
    told = verify(worked)
    assert (told["ok"], told["erased"], told["records"]) == (True, SIGN_INS - 1, SIGN_INS + 1), (
        "and the note of the act"
    )
    tamper(worked, "UPDATE sign_ins SET operator_name = '某人' WHERE record_no = 1")
    assert whats(verify(worked)) == {"record_altered"}, "what is left of an erased record is still held"


def test_whoever_is_taken_out_is_so_where_a_badge_that_counted_no_more_names_him(worked: Path) -> None:
    shown = (
        "operator_no = 'AB12CD34', badge_no = 'AB12CD34', operator_name = '王芳', state = 'refused', session_no = NULL"
    )
    tamper(worked, f"UPDATE sign_ins SET {shown} WHERE record_no = 2")
    tamper(worked, "INSERT INTO badges SELECT merchant_no, 'AB12CD34', '01', x'00', 0, '' FROM merchants")
    erase(Settings(data=str(worked)), "01", "", as_json=True)
    connection = dbapi2.connect(str(Places(worked).host_database))
    try:
        kept = connection.execute(
            "SELECT operator_no, operator_name, badge_no FROM sign_ins WHERE record_no = 2"
        ).fetchone()
    finally:
        connection.close()
    assert kept == ("", "", None)


def test_old_commitments_tell_nothing_once_a_person_was_taken_out(worked: Path) -> None:
    def salts() -> set[bytes]:
        connection = dbapi2.connect(str(Places(worked).host_database))
        try:
            return {salt for (salt,) in connection.execute("SELECT salt FROM salts WHERE record_no < 4")}
        finally:
            connection.close()

    before = salts()
    erase(Settings(data=str(worked)), "01", "示范", as_json=False)
    assert not before & salts()
    left = b"".join(path.read_bytes() for path in Places(worked).host_database.parent.glob("host.db*"))
    assert not [salt for salt in before if salt in left], "neither in free pages nor in the log"


def test_records_older_than_the_policy_are_dropped_and_the_chain_stays(
    worked: Path, verify: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data=str(worked))
    audit.prune(settings, as_json=True)
    assert msgspec.json.decode(capsys.readouterr().out)[0]["dropped"] == 0
    year_ms = 400 * 86_400_000
    # As if they had been made over a year ago: the same rows with an earlier beginning would be a forgery, so the policy is asked
    # from later on.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit, "SystemClock", lambda: _Later(year_ms))
        audit.prune(settings, as_json=True)
    row = msgspec.json.decode(capsys.readouterr().out)[0]
    assert row["dropped"] == SIGN_INS - 1
    told = verify(worked)
    assert (told["ok"], told["records"], told["pruned"]) == (True, 1 + 1, SIGN_INS - 1), "and the note of the act"


class _Later:
    def __init__(self, ms: int) -> None:
        self._ms = ms

    def now(self) -> int:
        from zhanggui.basics.clock import SystemClock

        return SystemClock().now() + self._ms

    def elapsed_s(self) -> float:
        return 0.0


def test_erasing_and_dropping_leave_a_note_that_names_nobody(
    worked: Path, verify: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data=str(worked))
    erase(settings, "01", "", as_json=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit, "SystemClock", lambda: _Later(400 * 86_400_000))
        audit.prune(settings, as_json=True)
    audit.prune(settings, as_json=True)
    capsys.readouterr()
    with lists_of(settings) as queries:
        notes = [
            (note.actor, note.action, note.subject, note.detail) for note in queries.list_audit_notes(PlaceFilter())
        ]
    assert notes == [
        ("console", "prune_records", "", f"records={SIGN_INS}"),
        ("console", "erase_person", "", f"records={SIGN_INS}"),
    ], "nothing was chosen the second time, so nothing is noted"
    assert verify(worked)["ok"]


def test_erasing_waits_for_the_host_to_be_ended(house: House, line: Line, terminal: ForeignTerminal) -> None:
    with pytest.raises(Misuse, match="host"):
        erase(Settings(data=str(house.folder)), "01", "", as_json=False)


def test_sign_ins_are_filtered_by_person_terminal_shop_time_outcome_and_reason(
    worked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data=str(worked))

    def count(**wanted: object) -> int:
        capsys.readouterr()
        list_sign_ins(settings, Wanted(**wanted), as_json=True, as_csv=False, out=None)  # type: ignore[arg-type]
        return len(msgspec.json.decode(capsys.readouterr().out))

    assert count() == count(operator="01") == count(terminal="20000001") == count(shop="示范") == SIGN_INS
    assert count(shop="102100058120001", since="2020-01-01", until="2999-12-31") == SIGN_INS
    assert count(operator="02") == count(terminal="10000001") == count(until="2020-01-01") == 0
    assert count(outcome="active") == 1
    assert count(outcome="ended") == SIGN_INS - 1 == count(reason="signed_in_again")
    assert count(limit=2) == 2
    with pytest.raises(Misuse, match="no shop"):
        count(shop="elsewhere")
    with pytest.raises(Misuse, match="no time"):
        count(since="the day before")


def test_a_csv_has_all_records_and_no_formula(worked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tamper(worked, "UPDATE operators SET name = name", "UPDATE merchants SET name = '=HYPERLINK(\"http://x\")'")
    settings, out = Settings(data=str(worked)), tmp_path / "all.csv"
    list_sign_ins(settings, Wanted(), as_json=False, as_csv=True, out=None)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == SIGN_INS
    assert rows[0]["shop"] == '\'=HYPERLINK("http://x")'
    list_sign_ins(settings, Wanted(), as_json=False, as_csv=True, out=out)
    assert list(csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines())) == rows
    with pytest.raises(Misuse, match="not overwritten"):
        list_sign_ins(settings, Wanted(), as_json=False, as_csv=True, out=out)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_text_that_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    # A tab or a line's end, which would steer the console, shows as a blank behind it.
    assert safe_cell(text) == f"'{harmless(text)}"


def test_numbers_and_plain_text_stay_as_they_are() -> None:
    assert [safe_cell(value) for value in (-3, "王芳", "", None, "a=b")] == [-3, "王芳", "", None, "a=b"]


def test_a_day_is_meant_whole_and_in_china() -> None:
    day_ms = 86_400_000
    assert parse_moment("1970-01-02") == day_ms - 8 * 3_600_000
    assert parse_moment("1970-01-02", is_end=True) == 2 * day_ms - 8 * 3_600_000
    assert parse_moment("1970-01-01T00:00:00Z") == 0
    assert parse_moment("1970-01-01 08:00", is_end=True) == 0


def test_a_renewed_master_key_is_told_in_the_notes_and_the_chain_holds(
    house: House, verify: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who may not do it changes nothing and leaves no note."""
    house.stop()
    settings = Settings(data=str(house.folder), lang="en")
    by_99 = Settings(data=str(house.folder), lang="en", by=BySection(password="12345678"))
    reviewer = Settings(data=str(house.folder), lang="en", by=BySection(password=DEMO_PASSWORD))
    number = OUR_TERMINALS[0][0]
    before = house.host_rows("terminals")
    with pytest.raises(Misuse, match="may not do that"):
        keys.renew(
            Settings(data=str(house.folder), lang="en", by=BySection(password="123456")), "", "00", number, "due"
        )
    with pytest.raises(Misuse, match="name or password"):
        keys.renew(
            Settings(data=str(house.folder), lang="en", by=BySection(password="12345679")), "", "99", number, "due"
        )
    with pytest.raises(Misuse, match="ZHANGGUI_BY_PASSWORD"):
        keys.renew(settings, "", "99", number, "due")
    assert (house.host_rows("terminals"), house.host_rows("audit_notes")) == (before, [])
    running = FolderLock(terminal_lock(house.folder, number), f"terminal {number}").acquire()
    with pytest.raises(Misuse, match=f"terminal {number}"):
        # It would go on with its old key, and write it back.
        keys.renew(by_99, "", "99", number, "due")
    assert (house.host_rows("terminals"), house.host_rows("audit_notes")) == (before, [])
    running.release()
    with pytest.raises(SystemExit) as waits:
        keys.renew(by_99, "", "99", number, "due")
    assert waits.value.code == EXIT_WAITS
    assert house.host_rows("terminals") == before, "nothing was changed yet"
    running = FolderLock(terminal_lock(house.folder, number), f"terminal {number}").acquire()
    with pytest.raises(Misuse, match=f"terminal {number}"):
        proposals.decide(reviewer, "", "demo.reviewer", "confirm", 1, of_acquirer=False, as_json=True)
    running.release()
    proposals.decide(reviewer, "", "demo.reviewer", "confirm", 1, of_acquirer=False, as_json=True)
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        app(["audit", "notes", "--json", "--data", str(house.folder)])
    assert end.value.code in (0, None)
    note, proposed = msgspec.json.decode(capsys.readouterr().out)
    assert (proposed["actor"], proposed["action"]) == ("console:99", "propose")
    assert (note["action"], note["subject"], note["reason"]) == ("renew_master_key", number, "due")
    assert note["actor"] == "console:99+person:demo.reviewer"
    (renewed,) = [row for row in house.host_rows("terminals") if row["terminal_no"] == number]
    assert renewed["master_key"] not in {row["master_key"] for row in before}
    assert renewed["mac_key"] == renewed["pin_key"] == ""
    assert verify(house.folder)["exit"] == 0
