"""Scripts on the card in hand: which status counts as done, what a pulled or tapped card leaves undone, what the virtual chip takes."""

import json
from pathlib import Path

import pytest
from tests.worlds.running_terminal import write_cards
from tests.worlds.shell_journal import SEALED, memory_after, open_journal, remember_approval, remember_sale
from tests.worlds.shell_makes import BATCH, CARD, MORNING, TERMINAL, trace

from zhanggui.basics.chance import SeededChance
from zhanggui.basics.errors import Fault
from zhanggui.basics.numbers import Rrn
from zhanggui.basics.secret import Pan, Secret
from zhanggui.cup.values.issuer_script import IssuerScript, read_results, read_scripts, write_scripts
from zhanggui.iso8583.message import Message
from zhanggui.iso8583.tlv import decode_tlv
from zhanggui.terminal.devices.cards import read_cards
from zhanggui.terminal.devices.chip import VirtualChip, virtual_chip
from zhanggui.terminal.devices.ports import CardInHand, ChipCard
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core.events import EntryWay, Original, ScriptNotice
from zhanggui.terminal.link.chip_data import prepare_card
from zhanggui.terminal.link.host_answers import chip_answer, scripts_said
from zhanggui.terminal.link.issuer_scripts import notice_data, run_scripts
from zhanggui.vault.issuer_script import script_mac

SCRIPT_KEY = "0123456789ABCDEFFEDCBA9876543211"
ID = bytes.fromhex("00000007")
LIMIT, BLOCK = bytes.fromhex("04DA9F580503"), bytes.fromhex("841E000004")


class TalkingChip:
    """A chip that answers with these status words, one a command; after them it is gone."""

    def __init__(self, *status: str, is_there: bool = True) -> None:
        self._status = [bytes.fromhex(word) for word in status]
        self.is_there = is_there
        self.is_blocked = False
        self.heard: list[bytes] = []

    def answer(self, terminal_data: bytes) -> bytes:
        return b""

    def accept_answer(self, field_55: bytes) -> bool:
        return True

    def command(self, command: bytes) -> bytes:
        self.heard.append(command)
        return self._status.pop(0) if self._status else b""


def in_hand(chip: ChipCard, way: EntryWay = "insert") -> CardInHand:
    return CardInHand(Pan(CARD), "4912", Secret(f"{CARD}=4912220"), "001", way, "测试卡", "Test card", True, chip)


def two() -> IssuerScript:
    return IssuerScript(True, ID, (b"first", b"second"))


@pytest.mark.parametrize(
    ("status", "outcome", "sequence", "heard"),
    [
        (("9000", "9000"), "done", 0, 2),
        (("6200", "63C1"), "done", 0, 2),
        (("6988", "9000"), "failed", 1, 1),
        (("9000", "6985"), "failed", 2, 2),
        (("9000",), "failed", 2, 2),
        ((), "failed", 1, 1),
    ],
)
def test_commands_run_in_their_order_until_one_fails(
    status: tuple[str, ...], outcome: str, sequence: int, heard: int
) -> None:
    chip = TalkingChip(*status)
    (result,) = run_scripts(in_hand(chip), [two()])
    assert (result.outcome, result.sequence, result.script_id, len(chip.heard)) == (outcome, sequence, ID, heard)


def test_a_card_that_is_gone_or_was_only_tapped_leaves_a_script_undone() -> None:
    assert [one.outcome for one in run_scripts(in_hand(TalkingChip(is_there=False)), [two()])] == ["not_done"]
    assert [one.outcome for one in run_scripts(in_hand(TalkingChip("9000"), "tap"), [two()])] == ["not_done"]
    assert [one.outcome for one in run_scripts(None, [two()])] == ["not_done"]


def test_a_script_that_could_not_be_read_failed_and_the_next_one_runs() -> None:
    results = run_scripts(in_hand(TalkingChip("9000")), [IssuerScript(True, ID, ()), IssuerScript(True, ID, (b"x",))])
    assert [one.outcome for one in results] == ["failed", "done"]


@pytest.fixture
def asked(tmp_path: Path) -> tuple[VirtualChip, int, bytes]:
    """A chip with a script key that was asked for a payment: its counter and cryptogram."""
    write_cards(tmp_path)
    file = tmp_path / "01-chip.json"
    card = json.loads(file.read_text())
    card["chip"]["script_key"] = SCRIPT_KEY
    file.write_text(json.dumps(card))
    chip = virtual_chip(tmp_path, read_cards(tmp_path)["chip"])
    prepared = prepare_card(
        in_hand(chip),
        "insert",
        amount_fen=1250,
        trade_type="00",
        with_pin=True,
        terminal_no=TERMINAL,
        now=MORNING,
        chance=SeededChance(1),
    )
    values = dict(decode_tlv(prepared.chip_data or b""))
    return chip, int.from_bytes(values[0x9F36], "big"), values[0x9F26]


def sealed(command: bytes, counter: int, arqc: bytes) -> bytes:
    return command + script_mac(bytes.fromhex(SCRIPT_KEY), counter, arqc, command)


def test_the_chip_does_what_its_issuer_sealed_for_this_payment_and_keeps_it(
    tmp_path: Path, asked: tuple[VirtualChip, int, bytes]
) -> None:
    chip, counter, arqc = asked
    assert chip.command(sealed(LIMIT, counter, arqc)) == bytes.fromhex("9000")
    assert not chip.is_blocked
    assert chip.command(sealed(BLOCK, counter, arqc)) == bytes.fromhex("9000")
    again = virtual_chip(tmp_path, read_cards(tmp_path)["chip"])
    assert again.is_blocked, "whichever reader it is shown to"
    assert json.loads((tmp_path / "chip.memory").read_bytes()) == {"offline_limit": 3, "is_blocked": True}


def test_the_chip_takes_nothing_that_is_not_sealed_for_it(asked: tuple[VirtualChip, int, bytes]) -> None:
    chip, counter, arqc = asked
    right = sealed(LIMIT, counter, arqc)
    assert chip.command(right[:-1] + bytes((right[-1] ^ 1,))).hex() == "6988"
    assert chip.command(sealed(LIMIT, counter + 1, arqc)).hex() == "6988", "another payment's"
    assert chip.command(right + b"x").hex() == chip.command(b"\x84").hex() == "6700"
    assert chip.command(sealed(bytes.fromhex("84240000040"[:10]), counter, arqc)).hex() == "6d00"
    assert not chip.is_blocked


def test_a_chip_that_was_not_asked_or_has_no_script_key_takes_no_command(tmp_path: Path) -> None:
    write_cards(tmp_path)
    chip = virtual_chip(tmp_path, read_cards(tmp_path)["chip"])
    assert chip.command(BLOCK + b"abcd").hex() == "6985"
    chip.answer(prepare_data())
    assert chip.command(BLOCK + b"abcd").hex() == "6a88", "a card of before"


def prepare_data() -> bytes:
    """What a terminal says to a chip."""
    return bytes.fromhex(
        "9F02060000000012509F03060000000000009F1A020156950500000480005F2A0201569A032611239C01009F370401020304"
    )


def notice(results: str = "0000000007", before: int = 0) -> ScriptNotice:
    return ScriptNotice(
        batch_no=BATCH,
        trace_no=trace(13),
        kind="sale",
        payment=Original(
            trace_no=trace(12), batch_no=BATCH, amount_fen=1250, masked_pan="6217****0012", rrn=Rrn("112308550301")
        ),
        acquirer_code="08888888",
        results=results,
        before=before,
    )


@pytest.mark.parametrize(
    ("results", "before", "last"),
    [("2000000007", 0, "00"), ("1100000007", 0, "10"), ("1100000007", 1, "20"), ("11000000071200000008", 1, "30")],
)
def test_what_failed_stands_in_the_terminals_results_and_all_of_it_in_df31(
    results: str, before: int, last: str
) -> None:
    told = dict(decode_tlv(notice_data(bytes.fromhex("95050000048000" + "82027C00"), notice(results, before))))
    assert told[0x95].hex() == f"00000480{last}"
    assert told[0xDF31].hex() == results
    assert read_results(told[0xDF31])[0].script_id == ID


def test_a_notice_is_kept_with_its_outcome_over_a_power_cut_until_the_host_knows(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.remember(remember_sale(12), SEALED)
    kept = remember_approval(12)
    journal.remember(fx.RememberApproval(payment=kept.payment, line=kept.line, script=notice()))
    journal.close()
    remembered = memory_after(tmp_path)
    assert remembered.scripts == (notice(),)
    assert remembered.trace_no == trace(13), "its number is used"
    journal = open_journal(tmp_path)
    done = notice("2000000007")
    journal.remember(fx.RememberScript(notice=done))
    assert journal.memory().scripts == (done,)
    assert journal.script_card(BATCH, trace(12)) == SEALED
    journal.remember(fx.RememberScript(notice=done, is_over=True))
    assert journal.memory().scripts == ()
    with pytest.raises(Fault, match="owes no notice"):
        journal.script_card(BATCH, trace(12))
    journal.close()
    assert SEALED not in (tmp_path / "journal.db").read_bytes()


def answer_with(scripts: list[IssuerScript], code: str = "00") -> Message:
    """A payment's answer that brings these scripts."""
    return Message("0210", {13: "1123", 32: "08888888", 37: "112308550301", 39: code, 55: write_scripts(scripts)})


def test_what_runs_before_the_final_cryptogram_is_told_as_it_went_and_the_rest_as_not_done() -> None:
    before, after = IssuerScript(False, bytes.fromhex("00000001"), (b"a",)), IssuerScript(True, ID, (b"b",))
    answer = answer_with([after, before])
    scripts = read_scripts(chip_answer(answer))
    ran = run_scripts(in_hand(TalkingChip("6985")), [script for script in scripts if not script.is_after])
    said = scripts_said(answer, scripts, ran)
    assert (said.results, said.before) == ("1100000001" + "0000000007", 1)
    assert read_scripts(bytes.fromhex(said.to_run)) == (after,)
    assert (said.rrn, said.acquirer_code, said.date) == ("112308550301", "08888888", "1123")


def test_beside_a_refusal_nothing_has_run_and_all_of_it_is_still_to_run() -> None:
    before, after = IssuerScript(False, bytes.fromhex("00000001"), (b"a",)), IssuerScript(True, ID, (b"b",))
    answer = answer_with([before, after], "51")
    said = scripts_said(answer, read_scripts(chip_answer(answer)))
    assert said.results == "0000000001" + "0000000007"
    assert read_scripts(bytes.fromhex(said.to_run)) == (before, after)
