"""A terminal made by others settles its batch: wrong totals and right ones, details, the next batch; and it resumes."""

from tests.worlds.foreign_settling import Settling, totals
from tests.worlds.foreign_terminal import DEMO_MERCHANT, DEMO_TERMINAL, Fields, ForeignTerminal, Line
from tests.worlds.house import House

from zhanggui.basics.numbers import BatchNo, MerchantNo, TerminalNo
from zhanggui.programs.data_folder import Places
from zhanggui.store.open import open_queries
from zhanggui.views.batches import DIFFERENCES, read_differences


def batches(house: House) -> dict[str, tuple[str, str]]:
    return {row["batch_no"]: (row["state"], row["outcome"]) for row in house.host_rows("batches")}


def test_wrong_totals_get_the_hosts_own_and_the_next_batch_agrees(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    settling = Settling(line, terminal)
    first, second = settling.sell(128_50, 5_00)
    void = terminal.void(second, {"37": _rrn(house, second)})
    assert terminal.ask(line, void)["39"] == "00"
    answer = settling.settle([128_50, 5_00], [])
    assert (answer["t"], answer["39"], answer["48"]) == ("0510", "00", totals([128_50, 5_00], [5_00], "21"))
    assert {"12", "13", "15", "32", "37"} <= answer.keys()
    assert settling.details((first["11"], 128_50), (second["11"], 5_00), (void["11"], 5_00))["39"] == "00"
    assert settling.end("202", 3)["39"] == "00"
    assert batches(house) == {"000001": ("closed", "agreed")}, "one by one they are the same"

    assert terminal.go_sign_in(line)["39"] == "00"
    assert terminal.batch_no == "000002"
    settling.sell(7_00)
    assert settling.settle([7_00], [])["48"] == totals([7_00], [], "11")
    assert settling.end("207", 0)["39"] == "00"
    assert batches(house)["000002"] == ("closed", "agreed")
    assert terminal.go_sign_in(line)["60"][2:8] == "000003"


def _rrn(house: House, sale: Fields) -> str:
    (rrn,) = [row["rrn"] for row in house.host_rows("payments") if row["trace_no"] == sale["11"]]
    return str(rrn)


def test_a_payment_that_the_terminal_never_made_is_named_with_one_that_it_lost(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    settling = Settling(line, terminal)
    lost, kept = settling.sell(1_00, 2_00)
    assert settling.settle([2_00, 9_00], [])["48"][-32] == "2"
    assert settling.details((kept["11"], 2_00), ("000777", 9_00))["39"] == "00"
    assert settling.end("202", 2)["39"] == "00"
    named = {row["trace_no"]: row["what"] for row in house.host_rows("batch_differences")}
    assert named == {lost["11"]: "only_at_host", "000777": "only_at_terminal"}
    assert batches(house) == {"000001": ("closed", "differs")}
    with open_queries(str(Places(house.folder).host_database)) as queries:
        shown = read_differences(queries, (MerchantNo(DEMO_MERCHANT), TerminalNo(DEMO_TERMINAL), BatchNo("000001")))
    assert [cells[:2] for cells in DIFFERENCES.cells(shown, "en")] == [(lost["11"], "terminal"), ("000777", "terminal")]
    (case,) = house.host_rows("support_cases")
    assert (case["what"], case["state"]) == ("settlement_differs", "open")


def test_details_and_their_end_in_one_write_are_compared_with_each_other(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    settling = Settling(line, terminal)
    sales = settling.sell(1_00, 2_00, 3_00)
    assert settling.settle([1_00], [])["39"] == "00"
    told = [(sale["11"], fen) for sale, fen in zip(sales, (1_00, 2_00, 3_00), strict=True)]
    assert {answer["39"] for answer in settling.all_at_once(*told, code="202")} == {"00"}
    assert house.host_rows("batch_differences") == []
    assert batches(house) == {"000001": ("closed", "agreed")}
    assert [row["details_count"] for row in house.host_rows("batches")] == [3]


def test_a_batch_that_is_settled_takes_nothing_more(house: House, line: Line, terminal: ForeignTerminal) -> None:
    settling = Settling(line, terminal)
    settling.sell(1_00)
    first = settling.settle([1_00], [])
    assert settling.settle([1_00], [])["48"] == first["48"], "asked again, it is answered the same"
    assert terminal.ask(line, terminal.sale(2_00))["39"] == "77", "this batch is over"
    assert settling.settle([9_99], [])["48"] == totals([1_00], [], "21")
    assert batches(house) == {"000001": ("closed", "agreed")}
    assert settling.details(("000001", 1_00))["39"] == "00"
    assert house.host_rows("batch_details") == []


def test_a_wrong_mac_on_a_settlement_changes_nothing(house: House, line: Line, terminal: ForeignTerminal) -> None:
    settling = Settling(line, terminal)
    settling.sell(1_00)
    message = terminal._identified("0500", {"48": totals([1_00], []), "60": f"00{terminal.batch_no}201"})
    payload = terminal.signed(message)
    answer = terminal.read(line.ask(payload[:-1] + bytes([payload[-1] ^ 1])))
    assert answer["39"] == "A0"
    assert house.host_rows("batches") == []
    assert terminal.ask(line, message)["48"][30] == "1", "with its own it is proven, and so is the answer"


def test_a_terminal_of_ours_settles_with_a_mac_only(house: House, line: Line, terminal: ForeignTerminal) -> None:
    terminal.terminal_no = "10000001"
    answer = Settling(line, terminal).settle([], [])
    assert answer["39"] == "A0"
    assert house.host_rows("batches") == []


def test_a_stranger_on_another_line_settles_nothing_and_hears_nothing(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    settling = Settling(line, terminal)
    settling.sell(1_00)
    with Line("127.0.0.1", house.host_port) as other:
        stranger = Settling(other, terminal)
        told = stranger.settle([9_99], [])
        assert (told["39"], "00000000100" in told.get("48", "")) == ("A0", False)
        assert stranger.end("202", 0)["39"] == "A0"
    assert house.host_rows("batches") == []
    assert settling.settle([1_00], [])["39"] == "00", "the line of its payments is proven"


def test_a_caught_payment_that_is_sent_again_binds_no_line(house: House, line: Line, terminal: ForeignTerminal) -> None:
    caught = terminal.signed(terminal.sale(1_00))
    assert terminal.read(line.ask(caught))["39"] == "00"
    with Line("127.0.0.1", house.host_port) as other:
        assert terminal.read(other.ask(caught))["39"] == "00", "a repeat gets what was answered, whoever sends it"
        stranger = Settling(other, terminal)
        told = stranger.settle([9_99], [])
        assert (told["39"], "00000000100" in told.get("48", "")) == ("A0", False)
        assert stranger.end("202", 0)["39"] == "A0"
    assert house.host_rows("batches") == []
    assert Settling(line, terminal).settle([1_00], [])["39"] == "00"
