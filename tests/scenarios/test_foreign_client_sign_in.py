"""A terminal made by others signs in: keys, check values, batch, and what an 0800 proves (nothing)."""

from collections.abc import Callable

import pytest
from psec import des
from tests.worlds.foreign_terminal import (
    DEMO_MASTER_KEY,
    DEMO_MERCHANT,
    DEMO_TERMINAL,
    ForeignTerminal,
    Line,
    WrongKey,
    open_working_keys,
)
from tests.worlds.house import House


def another_sign_in(line: Line, network_code: str = "003") -> ForeignTerminal:
    """Somebody asks for the terminal's keys once more."""
    terminal = ForeignTerminal(DEMO_TERMINAL, DEMO_MERCHANT, DEMO_MASTER_KEY)
    assert terminal.go_sign_in(line, network_code)["39"] == "00"
    return terminal


@pytest.mark.parametrize(
    ("network_code", "names", "length"),
    [("001", {"PIK", "MAK"}, 24), ("003", {"PIK", "MAK"}, 40), ("004", {"PIK", "MAK", "TDK"}, 60)],
)
def test_a_sign_in_brings_keys_whose_check_values_are_right(
    line: Line, stranger: ForeignTerminal, network_code: str, names: set[str], length: int
) -> None:
    request = stranger.sign_in(network_code)
    answer = stranger.read(line.ask(stranger.plain(request)))
    assert (answer["t"], answer["39"]) == ("0810", "00")
    assert {name: answer[name] for name in ("11", "41", "42")} == {name: request[name] for name in ("11", "41", "42")}
    assert answer["60"] == f"00000001{network_code}", "the host's batch"
    assert {"12", "13", "32", "37"} <= answer.keys()
    assert "64" not in answer, "a sign-in carries no MAC"
    assert len(bytes.fromhex(answer["62"])) == length
    stranger.take_keys(answer, network_code)
    assert stranger.keys.keys() == names
    assert len(stranger.keys["MAK"]) == 8, "a single-length MAK"
    assert len(stranger.keys["PIK"]) == (8 if network_code == "001" else 16)


@pytest.mark.parametrize("network_code", ["001", "003", "004"])
def test_a_terminal_sells_after_each_kind_of_sign_in(
    house: House, line: Line, stranger: ForeignTerminal, network_code: str
) -> None:
    stranger.go_sign_in(line, network_code)
    assert stranger.ask(line, stranger.sale(1_00))["39"] == "00"
    assert house.balance_fen("6217000000000000012") == 99_999_00


def test_a_double_length_sign_in_fills_the_place_of_the_mac_key_with_zeros(
    line: Line, stranger: ForeignTerminal
) -> None:
    answer = stranger.read(line.ask(stranger.plain(stranger.sign_in("003"))))
    field_62 = bytes.fromhex(answer["62"])
    assert field_62[28:36] == bytes(8)
    assert field_62[20:28] != bytes(8)


def test_another_master_key_is_noticed_by_the_check_values(line: Line, stranger: ForeignTerminal) -> None:
    answer = stranger.read(line.ask(stranger.plain(stranger.sign_in("003"))))
    with pytest.raises(WrongKey, match="PIK"):
        open_working_keys(bytes.fromhex(answer["62"]), "003", bytes.fromhex("FEDCBA98765432100123456789ABCDEF"))


def test_each_sign_in_after_keys_that_were_used_brings_fresh_ones(line: Line, stranger: ForeignTerminal) -> None:
    seen: set[bytes] = set()
    for _ in range(3):
        stranger.go_sign_in(line, "004")
        seen.update(stranger.keys.values())
        assert stranger.ask(line, stranger.sale(1_00))["39"] == "00"
    assert len(seen) == 9


def test_the_keys_have_no_weak_halves(line: Line, stranger: ForeignTerminal) -> None:
    stranger.go_sign_in(line, "004")
    for key in (stranger.keys["PIK"], stranger.keys["TDK"]):
        assert key[:8] != key[8:]
        assert des.adjust_key_parity(key) == key


def test_old_keys_serve_until_the_first_good_mac_under_the_new_ones(line: Line, terminal: ForeignTerminal) -> None:
    assert terminal.ask(line, terminal.sale(1_00))["39"] == "00"
    old_keys = terminal.keys
    terminal.go_sign_in(line)
    new_keys = terminal.keys
    terminal.keys = old_keys
    assert terminal.ask(line, terminal.sale(1_00))["39"] == "00"
    terminal.keys = new_keys
    assert terminal.ask(line, terminal.sale(1_00))["39"] == "00"
    terminal.keys = old_keys
    assert terminal.ask(line, terminal.sale(1_00))["39"] == "A0"
    terminal.keys = new_keys
    assert terminal.ask(line, terminal.sale(1_00))["39"] == "00"


def test_sign_ins_that_nobody_confirms_do_not_disturb_a_working_terminal(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    assert terminal.ask(line, terminal.sale(1_00))["39"] == "00"
    with Line("127.0.0.1", house.host_port) as elsewhere:
        for network_code in ("003", "004", "001"):
            another_sign_in(elsewhere, network_code)
    assert terminal.ask(line, terminal.sale(1_00))["39"] == "00"
    (session,) = house.host_rows("sessions")
    assert session["ended_ms"] is None


@pytest.mark.parametrize("network_code", ["001", "003", "004"])
def test_keys_that_nobody_used_yet_are_given_again_so_that_nobody_takes_them_away(
    house: House, line: Line, stranger: ForeignTerminal, network_code: str
) -> None:
    stranger.go_sign_in(line, network_code)
    with Line("127.0.0.1", house.host_port) as elsewhere:
        assert another_sign_in(elsewhere, network_code).keys == stranger.keys
    assert stranger.ask(line, stranger.sale(1_00))["39"] == "00"


def test_another_kind_of_keys_is_made_anew_and_ends_those_before_it_when_it_is_used(
    line: Line, stranger: ForeignTerminal
) -> None:
    stranger.go_sign_in(line, "003")
    forgotten = stranger.keys
    stranger.go_sign_in(line, "004")
    current = stranger.keys
    assert current["MAK"] != forgotten["MAK"]
    assert stranger.ask(line, stranger.sale(1_00))["39"] == "00"
    stranger.keys = forgotten
    assert stranger.ask(line, stranger.sale(1_00))["39"] == "A0"
    stranger.keys = current
    assert stranger.ask(line, stranger.sale(1_00))["39"] == "00"


def test_a_flood_of_sign_ins_that_nobody_proves_writes_one_record_and_one_link(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    flood = ForeignTerminal(DEMO_TERMINAL, DEMO_MERCHANT, DEMO_MASTER_KEY)
    for turn in range(60):
        flood.operator_no = f"{turn % 7:02d}"
        assert flood.go_sign_in(line)["39"] == "00"
    assert [len(house.host_rows(table)) for table in ("sign_ins", "links")] == [1, 1]
    assert [row["record_kind"] for row in house.host_rows("salts")].count("sign_in") == 1
    terminal.go_sign_in(line)
    assert terminal.ask(line, terminal.sale(1_00))["39"] == "00", "and its own terminal works"
    (session,) = house.host_rows("sessions")
    assert session["operator_no"] == terminal.operator_no
    active = [row for row in house.host_rows("sign_ins") if row["state"] == "active"]
    assert [(row["record_no"], row["operator_no"]) for row in active] == [(session["record_no"], terminal.operator_no)]


def test_the_first_good_mac_opens_the_session_of_the_operator_named(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    (record,) = house.host_rows("sign_ins")
    assert (record["state"], record["operator_no"], record["terminal_no"]) == ("attempted", "01", DEMO_TERMINAL)
    assert not house.host_rows("sessions")
    terminal.ask(line, terminal.sale(1_00))
    (record,) = house.host_rows("sign_ins")
    (session,) = house.host_rows("sessions")
    assert record["state"] == "active"
    assert (session["kind"], session["operator_no"], session["record_no"]) == ("unverified", "01", record["record_no"])


def test_another_operators_sign_in_ends_the_session_before_it(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    terminal.ask(line, terminal.sale(1_00))
    terminal.operator_no = "02"
    terminal.go_sign_in(line)
    assert terminal.ask(line, terminal.sale(1_00))["39"] == "00"
    first, second = house.host_rows("sessions")
    assert (first["operator_no"], first["end_reason"]) == ("01", "signed_in_again")
    assert (second["operator_no"], second["ended_ms"]) == ("02", None)


@pytest.mark.parametrize(
    ("terminal_no", "merchant_no", "code"),
    [("29999999", DEMO_MERCHANT, "97"), (DEMO_TERMINAL, "102100058129999", "03")],
    ids=["terminal", "merchant"],
)
def test_an_unknown_terminal_gets_97_and_an_unknown_merchant_03(
    house: House, line: Line, terminal_no: str, merchant_no: str, code: str
) -> None:
    before = {**house.everything(), "host.counters": []}
    unknown = ForeignTerminal(terminal_no, merchant_no, DEMO_MASTER_KEY)
    for request in (unknown.sign_in(), unknown.echo(), unknown.sign_off()):
        answer = unknown.read(line.ask(unknown.plain(request)))
        assert answer["39"] == code
        assert "62" not in answer
    assert {**house.everything(), "host.counters": []} == before


def test_a_sign_in_without_an_operator_gets_30(line: Line, stranger: ForeignTerminal) -> None:
    answer = stranger.read(line.ask(stranger.plain({**stranger.sign_in(), "63": "   "})))
    assert answer["39"] == "30"
    assert "62" not in answer


def test_an_echo_is_answered_before_and_after_sign_in(line: Line, stranger: ForeignTerminal) -> None:
    for _ in range(2):
        answer = stranger.read(line.ask(stranger.plain(stranger.echo())))
        assert (answer["t"], answer["39"], answer["60"][-3:]) == ("0830", "00", "301")
        stranger.go_sign_in(line)


def test_after_sign_off_a_sale_gets_77_until_the_next_sign_in(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    sold = terminal.sale(1_00)
    assert terminal.ask(line, sold)["39"] == "00"
    assert terminal.read(line.ask(terminal.plain(terminal.sign_off())))["39"] == "00"
    assert terminal.ask(line, terminal.sale(1_00))["39"] == "77"
    (session,) = house.host_rows("sessions")
    assert session["end_reason"] == "signed_off"
    assert terminal.ask(line, terminal.reversal(sold))["39"] == "00", "a reversal needs keys, no session"
    terminal.go_sign_in(line)
    assert terminal.ask(line, terminal.sale(1_00))["39"] == "00"


def test_after_sign_off_an_unconfirmed_sign_in_does_not_revive_the_old_keys(
    line: Line, terminal: ForeignTerminal
) -> None:
    assert terminal.ask(line, terminal.sale(1_00))["39"] == "00"
    assert terminal.read(line.ask(terminal.plain(terminal.sign_off())))["39"] == "00"
    another_sign_in(line)
    assert terminal.ask(line, terminal.sale(1_00))["39"] == "77"


def test_a_restarted_host_knows_the_terminals_keys(
    start_house: Callable[..., House], stranger: ForeignTerminal
) -> None:
    house = start_house()
    with Line("127.0.0.1", house.host_port) as line:
        stranger.go_sign_in(line)
        assert stranger.ask(line, stranger.sale(1_00))["39"] == "00"
    house.stop()
    again = start_house()
    with Line("127.0.0.1", again.host_port) as line:
        assert stranger.ask(line, stranger.sale(1_00))["39"] == "00"
