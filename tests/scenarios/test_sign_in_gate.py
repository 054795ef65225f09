"""Before and after the password over TCP: self-check, clock, role, confirmation (P7, P9, PA), the MAC of each refusal."""

from collections.abc import Callable

import msgspec
import pytest
from msgspec.structs import replace
from tests.worlds.floor import PASSPHRASE, PASSWORDS, Shop
from tests.worlds.our_terminal import VERIFY, WrongMac

from zhanggui.acquirer.rows.records import SupportCase, Terminal
from zhanggui.acquirer.rows.state import Update
from zhanggui.basics.numbers import UnixMs
from zhanggui.cli import asked_lists
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.values.clock import write_clock
from zhanggui.programs.settings import Settings

WANG = PASSWORDS["01"]
OpenShop = Callable[..., Shop]


@pytest.mark.parametrize("number", ["00", "99"])
def test_who_may_not_trade_is_sent_away_and_recorded(shop: Shop, number: str) -> None:
    assert shop.terminals[0].verify(number, PASSWORDS[number]).code == "P7"
    assert (shop.records[-1].state, shop.records[-1].reason) == ("refused", "role_may_not_trade")


@pytest.mark.parametrize("item", ["power", "keypad", "display", "tamper"])
def test_a_critical_failure_of_the_self_check_blocks(shop: Shop, item: str) -> None:
    evidence = f"printer:ok,{item}:fail:broken"
    answer = shop.terminals[0].verify("01", WANG, {Tag.SELF_CHECK: evidence})
    assert (answer.code, answer[Tag.REASON]) == ("P9", f"self_check:{item}")
    assert shop.records[-1].self_check == evidence


@pytest.mark.parametrize(
    ("item", "right"), [("printer", "slip"), ("card_reader", "card"), ("network", "line"), ("scanner", "")]
)
def test_a_lesser_failure_lets_on_with_fewer_rights(shop: Shop, item: str, right: str) -> None:
    answer = shop.terminals[0].verify("01", WANG, {Tag.SELF_CHECK: f"{item}:fail"})
    assert (answer.code, answer[Tag.DEGRADED]) == ("00", right)


def test_a_warning_takes_nothing_away(shop: Shop) -> None:
    answer = shop.terminals[0].verify("01", WANG, {Tag.SELF_CHECK: "printer:warn:low_paper,power:warn"})
    assert (answer.code, answer[Tag.DEGRADED]) == ("00", "")


@pytest.mark.parametrize(("off_s", "code"), [(0, "00"), (299, "00"), (-299, "00"), (301, "P9"), (-301, "P9")])
def test_a_clock_that_is_far_off_is_refused_where_policy_says_so(open_shop: OpenShop, off_s: int, code: str) -> None:
    shop = open_shop(drift_refuse_s=300)
    clock = write_clock(UnixMs(shop.clock.now() + off_s * 1000))
    answer = shop.terminals[0].verify("01", WANG, {Tag.TERMINAL_CLOCK: clock})
    assert (answer.code, answer[Tag.REASON]) == (code, "clock" if code == "P9" else "")
    assert shop.records[-1].drift_s == off_s


def test_a_clock_that_is_off_is_only_noted_where_policy_says_nothing(shop: Shop) -> None:
    clock = write_clock(UnixMs(shop.clock.now() + 7_200_000))
    assert shop.terminals[0].verify("01", WANG, {Tag.TERMINAL_CLOCK: clock}).code == "00"
    assert shop.records[-1].drift_s == 7200


def test_the_record_keeps_what_the_terminal_said(shop: Shop) -> None:
    said = {
        Tag.SELF_CHECK: "printer:ok,power:ok",
        Tag.EYES: "stands,cables",
        Tag.VERSIONS: "zhanggui/0.1.0",
        Tag.METHOD: "password",
        Tag.ELAPSED_MS: "4200",
    }
    shop.terminals[0].verify("01", WANG, said)
    (record,) = shop.records
    kept = (record.self_check, record.eyes, record.versions, record.method, record.elapsed_ms)
    assert kept == (*(said[tag] for tag in list(said)[:4]), 4200)


@pytest.mark.parametrize(
    "evidence", ["keypad:FAIL", "Keypad:fail", "keypad:broken", "keypad", "keypad: ", "tamper:yes", "tamper:warn"]
)
def test_a_state_that_nobody_knows_counts_as_a_failure(shop: Shop, evidence: str) -> None:
    answer = shop.terminals[0].verify("01", WANG, {Tag.SELF_CHECK: f"power:ok,{evidence}"})
    item = evidence.partition(":")[0].lower()
    assert (answer.code, answer[Tag.REASON]) == ("P9", f"self_check:{item}")
    assert shop.records[-1].reason == f"self_check:{item}"


LEFT_OUT = [
    (Tag.SELF_CHECK, "", "self_check:power"),
    (Tag.SELF_CHECK, "power:ok,keypad:ok,display:ok,tamper:ok", "self_check:card_reader"),
    (Tag.SELF_CHECK, "power:ok,keypad:ok,display:ok,card_reader:ok", "self_check:tamper"),
    (Tag.EYES, "", "eyes"),
    (Tag.EYES, "stands:ok,cables:ok,counter:ok", "eyes"),
    (Tag.EYES, "stands:ok,cables:ok,counter:ok,light:perhaps", "eyes"),
    (Tag.TERMINAL_CLOCK, "", "clock"),
    (Tag.TERMINAL_CLOCK, "noon", "clock"),
]


@pytest.mark.parametrize(("tag", "said", "reason"), LEFT_OUT)
def test_where_policy_asks_for_evidence_what_is_left_out_refuses(
    open_shop: OpenShop, tag: Tag, said: str, reason: str
) -> None:
    shop = open_shop(policy="strict", sign_in_code="none")
    at = shop.terminals[0]
    answer = at.verify("01", WANG, {tag: said})
    assert (answer.code, answer[Tag.REASON]) == ("P9", reason)
    assert (shop.records[-1].state, shop.records[-1].reason) == ("refused", reason)
    assert at.verify("01", WANG, {Tag.EYES: "stands:ok,cables:wrong,counter:ok,light:ok"}).code == "00"


@pytest.mark.parametrize(("tag", "said", "reason"), LEFT_OUT)
def test_where_it_asks_for_none_what_is_left_out_passes(shop: Shop, tag: Tag, said: str, reason: str) -> None:
    assert shop.terminals[0].verify("01", WANG, {tag: said}).code == "00"


@pytest.mark.parametrize("word", ["code"])
def test_a_way_to_sign_in_that_a_terminal_may_name_is_kept(shop: Shop, word: str) -> None:
    shop.terminals[0].verify("01", WANG, {Tag.METHOD: word})
    assert shop.records[-1].method == word


@pytest.mark.parametrize(
    "word", ["badge", "badge+password", "password+code", "offline", "terminal", "unlock", "PASSWORD", "", "magic"]
)
def test_any_other_way_counts_as_the_password(shop: Shop, word: str) -> None:
    """What proves more than it is, or stands for something else, is the host's to write."""
    shop.terminals[0].verify("01", WANG, {Tag.METHOD: word})
    assert shop.records[-1].method == "password"


def test_something_is_wrong_opens_a_case_and_no_session(shop: Shop) -> None:
    at = shop.terminals[0]
    record_no = at.verify("01", WANG)[Tag.RECORD_NO]
    answer = at.confirm("01", record_no, {Tag.VERDICT: "wrong", Tag.WRONG_ITEM: "shop"})
    assert (answer.code, answer[Tag.SESSION_NO], answer[Tag.NOTICE]) == ("00", "", "1")
    (case,) = shop.rows(SupportCase)
    assert (case.what, case.operator_no, case.record_no, case.state) == ("shop", "01", 1, "open")
    assert (shop.records[0].state, shop.records[0].reason) == ("refused", "reported_wrong:shop")
    assert at.confirm("01", record_no).code == "PA"
    assert at.sell("01").code == "77"


def test_the_case_is_listed_under_the_number_that_the_screen_showed(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    at = shop.terminals[0]
    answer = at.confirm("01", at.verify("01", WANG)[Tag.RECORD_NO], {Tag.VERDICT: "wrong", Tag.WRONG_ITEM: "terminal"})
    settings = Settings(data=str(shop.floor.folder), passphrase=PASSPHRASE, lang="zh")
    capsys.readouterr()
    asked_lists.show(settings, "cases", (), {"shop": str(shop.merchant_no)}, limit=10, as_json=True)
    (case,) = msgspec.json.decode(capsys.readouterr().out)
    assert (str(case["case_no"]), case["what"], case["state"]) == (answer[Tag.NOTICE], "terminal", "open")
    asked_lists.show(settings, "cases", (), {"shop": str(shop.merchant_no)}, limit=10, as_json=False)
    shown = capsys.readouterr().out
    assert "终端号" in shown
    assert "待处理" in shown


def test_there_must_be_something_to_confirm(shop: Shop) -> None:
    at, other = shop.terminals
    record_no = at.verify("01", WANG)[Tag.RECORD_NO]
    other.get_keys()
    assert other.confirm("01", record_no).code == "PA", "another terminal"
    assert at.confirm("02", record_no).code == "PA", "another person"
    assert at.confirm("01", "999").code == "PA", "no such record"
    assert at.confirm("01", "").code == "PA", "no number"
    assert at.confirm("01", record_no).code == "00"
    assert at.confirm("01", record_no).code == "PA", "once is enough"


def test_who_takes_more_than_ten_minutes_signs_in_again(shop: Shop) -> None:
    record_no = shop.terminals[0].verify("01", WANG)[Tag.RECORD_NO]
    shop.clock.advance(minutes=10, s=1)
    assert shop.terminals[0].confirm("01", record_no).code == "PA"
    assert (shop.records[0].state, shop.records[0].reason) == ("refused", "confirmed_too_late")


def test_an_operator_who_is_disabled_in_between_gets_no_session(shop: Shop) -> None:
    record_no = shop.terminals[0].verify("01", WANG)[Tag.RECORD_NO]
    shop.change_operator("01", state="disabled")
    assert shop.terminals[0].confirm("01", record_no).code == "P2"
    assert shop.sessions == []


def test_nothing_is_signed_out_or_locked_where_nobody_is_signed_in(shop: Shop) -> None:
    at = shop.terminals[0]
    assert at.sign_out("01").code == "PA"
    assert at.lock("01").code == "PA"
    assert at.unlock("01", WANG).code == "PA"


def test_a_wrong_mac_is_answered_a0_under_the_terminals_key_and_changes_nothing(shop: Shop) -> None:
    at = shop.terminals[0]
    at.get_keys()
    payload = bytearray(at.operator(VERIFY, "01", {}, WANG))
    payload[-1] = ord("0") if payload[-1] != ord("0") else ord("1")
    answer = at.ask(bytes(payload))
    assert (answer.code, answer.sealed) == ("A0", True)
    assert shop.records == []


def test_without_keys_the_answer_is_77_without_a_mac(shop: Shop) -> None:
    ours, other = shop.terminals
    ours.get_keys()
    other.keys = ours.keys
    answer = other.ask(other.operator(VERIFY, "01", {}, WANG))
    assert (answer.code, answer.sealed) == ("77", False)


def test_the_client_would_notice_a_forged_answer(shop: Shop) -> None:
    at = shop.terminals[0]
    payload = bytearray(at.verify("01", WANG).payload)
    place = payload.index(b"cashier")
    payload[place : place + 7] = b"CASHIER"
    with pytest.raises(WrongMac):
        at.read(bytes(payload))


def test_a_terminal_that_checks_operators_itself_has_no_operator_messages(shop: Shop) -> None:
    at = shop.terminals[0]
    at.verify("01", WANG)
    row = next(row for row in shop.rows(Terminal) if row.terminal_no == at.terminal_no)
    shop.floor.save([Update(replace(row, operator_check="terminal"))])
    assert at.verify("01", WANG).code == "58"
