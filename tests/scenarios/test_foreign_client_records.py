"""What the commands say after a foreign terminal's day, with the real programs: each payment once, each attempt, each reason."""

import pytest
from tests.worlds.foreign_terminal import (
    DEMO_MASTER_KEY,
    DEMO_MERCHANT,
    TEST_CARD,
    Card,
    Fields,
    ForeignTerminal,
    Line,
)
from tests.worlds.house import HouseProcesses, until

pytestmark = pytest.mark.processes
OPENING_FEN = 100_000_00


def test_payments_balance_and_sign_ins_show_the_day_as_it_was(
    processes: HouseProcesses, stranger: ForeignTerminal, cards: dict[str, Card]
) -> None:
    day: dict[str, tuple[str, str]] = {}

    def sell(line: Line, sale: Fields, expected: str, state: str) -> Fields:
        for _ in range(2):
            assert stranger.ask(line, sale)["39"] == expected
        day[sale["11"]] = (state, expected)
        return sale

    with Line("127.0.0.1", processes.host_port) as line:
        stranger.go_sign_in(line, "003")
        kept = sell(line, stranger.sale(128_50), "00", "approved")
        sell(line, stranger.sale(10_00, pin="000000"), "55", "declined")
        sell(line, stranger.sale(10_00, cards["lost"]), "41", "declined")
        assert stranger.ask(line, {**kept, "4": f"{1_00:012d}"})["39"] == "94"
        undone = sell(line, stranger.sale(20_00), "00", "approved")
        assert stranger.ask(line, stranger.reversal(undone))["39"] == "00"
        day[undone["11"]] = ("reversed", "00")
        stranger.go_sign_in(line, "004")
        sell(line, stranger.sale(1_50), "00", "approved")
        intruder = ForeignTerminal(stranger.terminal_no, stranger.merchant_no, stranger.master_key, operator_no="77")
        assert intruder.go_sign_in(line)["39"] == "00", "an 0800 proves nothing and is recorded"

    until(
        lambda: all(row["bank_state"] != "reversal_due" for row in processes.host_rows("payments")),
        "the bank to hear of the reversal",
    )
    listed = processes.command("payments")
    assert len(listed) == len(day), "each payment once"
    assert {row["trace_no"]: (row["state"], row["response_code"]) for row in listed} == day
    assert {(row["merchant_no"], row["terminal_no"], row["operator_no"]) for row in listed} == {
        (DEMO_MERCHANT, stranger.terminal_no, "01")
    }
    assert {row["card"] for row in listed} == {"621700*********0012", "621700*********0806"}
    assert processes.command("balance", TEST_CARD.number) == {"balance_fen": OPENING_FEN - 128_50 - 1_50}

    newest, second, first = processes.command("signins", "--terminal", stranger.terminal_no)
    assert [first["outcome"], second["outcome"], newest["outcome"]] == ["ended", "active", "attempted"]
    assert first["reason"] == "signed_in_again"
    assert [record["operator_no"] for record in (first, second, newest)] == ["01", "01", "77"]
    assert {record["shop"] for record in (first, second, newest)} == {"掌柜示范店"}
    assert {record["place"] for record in (first, second, newest)} == {"测试台"}
    assert all(first["steps"][step] for step in ("began", "confirmed", "ended"))
    assert newest["steps"]["began"]
    assert newest["steps"]["confirmed"] is None
    assert [row["session_no"] for row in listed] == [second["session_no"]] + [first["session_no"]] * 4


def test_every_refusal_is_logged_with_its_reason_and_without_secrets(
    processes: HouseProcesses, stranger: ForeignTerminal
) -> None:
    with Line("127.0.0.1", processes.host_port) as line:
        unknown = ForeignTerminal("29999999", DEMO_MERCHANT, DEMO_MASTER_KEY)
        line.ask(unknown.plain(unknown.sign_in()))
        stranger.go_sign_in(line)
        sale = stranger.sale(1_00)
        payload = stranger.signed(sale)
        line.ask(payload[:-8] + bytes(8))
        line.ask(stranger.signed({**stranger.sale(1_00), "3": "310000"}))
        malformed = stranger.signed(stranger.sale(1_00))
        at = malformed.index(bytes.fromhex("000000000100"))
        answer = stranger.read(line.ask(malformed[:at] + b"\x0a" + malformed[at + 1 :]))
        assert (answer["39"], answer["11"]) == ("30", "000004")
        stranger.batch_no = "000009"
        stranger.ask(line, stranger.sale(1_00))
    refused = {entry["response_code"]: entry for entry in processes.logged("host", "refused", least=5)}
    assert {code: refused[code]["reason"] for code in ("97", "A0", "77")} == {
        "97": "unknown_terminal",
        "A0": "wrong_mac",
        "77": "wrong_batch",
    }
    assert "field 4" in refused["30"]["reason"]
    assert refused["40"]["reason"] == "unknown_message"
    assert refused["30"]["terminal_no"] == stranger.terminal_no
    for name in ("host", "bank"):
        said = processes.log_text(name)
        for secret in (TEST_CARD.number, sale["35"], sale["52"], payload.hex()[22:62], DEMO_MASTER_KEY.hex()):
            assert secret.lower() not in said.lower()


def test_a_stored_answer_outlives_a_killed_host(processes: HouseProcesses, stranger: ForeignTerminal) -> None:
    with Line("127.0.0.1", processes.host_port) as line:
        stranger.go_sign_in(line)
        payload = stranger.signed(stranger.sale(128_50))
        first = line.ask(payload)
    processes.kill("host")
    processes.start_host()
    with Line("127.0.0.1", processes.host_port) as line:
        assert line.ask(payload) == first
        assert stranger.ask(line, stranger.sale(1_50))["39"] == "00"
    assert processes.balance_fen(TEST_CARD.number) == OPENING_FEN - 130_00
    rrns = [row["rrn"] for row in processes.host_rows("payments")]
    assert len(set(rrns)) == 2, "no reference number twice"
