"""Sign-in by phone over the wire and over HTTP: what a code is good for, for whom, how long, how often; and what is left of the rest."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest
from tests.worlds.floor import PASSWORDS, Shop
from tests.worlds.our_terminal import VERIFY, Answer, Counter
from tests.worlds.phone import Phone

from zhanggui.acquirer.findings.history import read_history
from zhanggui.acquirer.findings.phones import detect_photographed_code
from zhanggui.acquirer.findings.thresholds import DEFAULTS
from zhanggui.acquirer.operators.phones.codes import ANSWERS_MAX, CODE_S, REPLAYS_RECORDED_MAX, TAKEN_UP_WITHIN_S
from zhanggui.acquirer.policy.rules import policy_of
from zhanggui.acquirer.rows.records import PhoneAttempt, Stranger
from zhanggui.basics.clock import format_time
from zhanggui.cup.operator_tags import Tag
from zhanggui.host.phones import AT_ONCE_MAX

OpenShop = Callable[..., Shop]
NUMBER, PASSWORD = "01", PASSWORDS["01"]


class Code(NamedTuple):
    """A code that a terminal shows."""

    name: str
    address: str


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A shop that lets phones in."""
    made = open_shop(phone=True, delay_from_failure=3)
    made.floor.serve_phones()
    return made


def shown(at: Counter) -> Code:
    """A new code on this terminal."""
    given = at.phone("open")
    assert (given.code, given[Tag.WAIT_S]) == ("00", str(CODE_S))
    return Code(given[Tag.PHONE], given[Tag.PHONE_PAGE])


def opened(code: Code, lang: str = "zh") -> Phone:
    """A phone that has opened the code's page."""
    phone = Phone(lang)
    assert phone.open(code.address)[0] == 200
    return phone


def proven(at: Counter) -> Code:
    """A code that the right phone has answered."""
    code = shown(at)
    assert opened(code).answer(NUMBER, PASSWORD)["outcome"] == "known"
    return code


def refused(answer: Answer) -> tuple[str, str]:
    return answer.code, answer[Tag.REASON]


def told(shop: Shop) -> list[tuple[str, str, str]]:
    """What the records say: who, how it ended, by which way."""
    return [(row.operator_no, row.reason or row.state, row.method) for row in shop.records]


def test_the_page_says_where_it_is_and_the_terminal_goes_on(shop: Shop) -> None:
    at = shop.terminals[0]
    code = shown(at)
    status, page = Phone().open(code.address)
    assert status == 200
    assert all(said in page for said in ("10000001", "前台", "掌柜示范店", format_time(shop.clock.now())))
    assert "Is this the terminal before you?" in Phone("en").open(code.address)[1]
    assert opened(code).answer(NUMBER, PASSWORD)["what"] == "已确认"
    verified = at.verify_phone(code.name)
    assert (verified.code, verified[Tag.OPERATOR_NO], verified[Tag.OPERATOR_NAME]) == ("00", NUMBER, "王芳")
    assert at.confirm(NUMBER, verified[Tag.RECORD_NO]).code == "00"
    (record,), (session,) = shop.records, shop.live
    assert (record.method, record.state, record.operator_no) == ("phone", "active", NUMBER)
    assert record.self_check, "what the terminal measured is evidence here too"
    assert session.proof is None, "a password was typed: all rights"
    assert at.sell(NUMBER).code == "00"
    (attempt,) = shop.rows(PhoneAttempt)
    assert (attempt.state, attempt.operator_no, attempt.user_name) == ("spent", "", "")


def test_a_user_name_is_kept_as_it_was_typed(shop: Shop) -> None:
    shop.name_operator(NUMBER, "wang.fang")
    at = shop.terminals[0]
    code = shown(at)
    assert opened(code).answer("Wang.Fang", PASSWORD)["outcome"] == "known"
    assert at.verify_phone(code.name)[Tag.OPERATOR_NO] == NUMBER
    assert (shop.records[-1].user_name, shop.records[-1].operator_no) == ("Wang.Fang", NUMBER)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_unknown_and_wrong_have_the_same_words_waits_and_tries(open_shop: OpenShop, lang: str) -> None:
    answers = []
    for login in (NUMBER, "77", "nobody"):
        shop = open_shop(phone=True, delay_from_failure=2)
        shop.floor.serve_phones()
        phone = opened(shown(shop.terminals[0]), lang)
        answers.append([phone.answer(login, "0001") for _ in range(3)])
        reasons = ["wrong_password" if login == NUMBER else "unknown_operator"] * 2
        assert told(shop) == [(login, reason, "phone") for reason in (*reasons, "too_soon")]
        strangers = [(row.operator_no, row.failed_count) for row in shop.rows(Stranger)]
        assert strangers == ([] if login == NUMBER else [(login, 2)])
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][1]["wait_s"] > 0
    assert {answer["code"] for answer in answers[0]} == {"P1"}


def test_tries_of_phone_and_terminal_count_together_and_lock_both(shop: Shop) -> None:
    at = shop.terminals[0]
    phone = opened(shown(at))
    assert phone.answer(NUMBER, "0001")["outcome"] == "again"
    assert at.verify(NUMBER, "0001").code == "P1"
    assert shop.operator(NUMBER).failed_count == 2
    shop.change_operator(NUMBER, failed_count=policy_of("basic").person_lock_failures - 1, next_try_ms=None)
    assert phone.answer(NUMBER, "0001")["outcome"] == "again"
    assert shop.operator(NUMBER).locked_until_ms is not None
    said = opened(shown(at)).answer(NUMBER, PASSWORD)
    assert (said["outcome"], said["code"]) == ("again", "P2")
    assert "锁定" in said["what"]


def test_a_locked_terminal_shows_no_code_and_takes_no_answer(shop: Shop) -> None:
    at = shop.terminals[0]
    phone = opened(shown(at))
    shop.change_terminal(at.terminal_no, locked_until_ms=shop.clock.now() + 60_000)
    assert phone.answer(NUMBER, PASSWORD)["code"] == "P3"
    assert at.phone("open").code == at.phone("ask", "AAAAAAAA").code == "P3"


def test_a_code_lives_for_a_minute(shop: Shop) -> None:
    at = shop.terminals[0]
    code = shown(at)
    phone = opened(code)
    shop.clock.advance(s=CODE_S - 1)
    assert Phone().open(code.address)[0] == 200
    shop.clock.advance(s=1)
    assert phone.answer(NUMBER, PASSWORD)["outcome"] == "over"
    status, page = Phone().open(code.address)
    assert (status, "前台" in page, "此码已失效" in page) == (410, False, True)
    assert refused(at.phone("ask", code.name)) == refused(at.phone("ask", code.name)) == ("P9", "phone_code_over")
    assert refused(at.verify_phone(code.name)) == ("P9", "phone_not_proven")
    assert shop.operator(NUMBER).failed_count == 0
    assert told(shop)[:2] == [(NUMBER, "phone_code_over", "phone"), ("", "phone_code_over", "phone")]


def test_what_a_phone_has_proven_waits_for_its_terminal_for_half_a_minute(shop: Shop) -> None:
    at = shop.terminals[0]
    code = shown(at)
    phone = opened(code)
    shop.clock.advance(s=CODE_S - 1)
    assert phone.answer(NUMBER, PASSWORD)["outcome"] == "known"
    shop.clock.advance(s=TAKEN_UP_WITHIN_S - 1)
    assert at.phone("ask", code.name)[Tag.VERDICT] == "known"
    shop.clock.advance(s=1)
    assert refused(at.verify_phone(code.name)) == ("P9", "phone_code_over")
    assert shop.live == []


def test_a_code_is_good_once(shop: Shop) -> None:
    at = shop.terminals[0]
    code = proven(at)
    assert at.verify_phone(code.name).code == "00"
    again = at.verify_phone(code.name)
    assert refused(again) == ("P9", "phone_code_used")
    assert again[Tag.OPERATOR_NO] == ""
    status, page = Phone().open(code.address)
    assert (status, "此码已用过" in page, "前台" in page) == (410, True, False)
    assert [row[1] for row in told(shop)] == ["verified", "phone_code_used", "phone_code_used"]


def test_a_lost_answer_to_the_sign_in_makes_no_second_one(shop: Shop) -> None:
    at = shop.terminals[0]
    code = proven(at)
    payload = at.operator(VERIFY, None, {Tag.METHOD: "phone"}, phone=code.name)
    first, second = at.ask(payload), at.ask(payload)
    assert (first.code, first.tags) == (second.code, second.tags)
    assert first.code == "00"
    assert len(shop.records) == 1


def test_a_lost_answer_to_the_phone_is_given_again_to_that_phone_alone(shop: Shop) -> None:
    at = shop.terminals[0]
    code = shown(at)
    phone = opened(code)
    assert phone.answer(NUMBER, PASSWORD) == phone.answer(NUMBER, PASSWORD)
    assert phone.answer("02", PASSWORDS["02"])["outcome"] == "over", "it is another operator's by now"
    assert phone.answer(NUMBER, "0001")["outcome"] == "over"
    assert shop.records == []
    assert at.verify_phone(code.name)[Tag.OPERATOR_NO] == NUMBER


def test_a_photographed_code_is_refused_to_the_second_phone_and_recorded_some_times(shop: Shop) -> None:
    code = shown(shop.terminals[0])
    own, other = opened(code), opened(code)
    assert own.answer(NUMBER, "0001")["outcome"] == "again", "whoever answers first has the code"
    for _ in range(2 * REPLAYS_RECORDED_MAX + 2):
        said = other.answer("02", PASSWORDS["02"])
        assert (said["outcome"], said["what"]) == ("over", "此码已由另一部手机使用")
    assert [row[1] for row in told(shop)] == ["wrong_password", *["phone_of_another"] * (2 * REPLAYS_RECORDED_MAX)]
    assert other.open(code.address)[0] == 410
    [found] = detect_photographed_code(read_history(shop.records, (), ()), DEFAULTS, shop.clock.now())
    assert (found.severity, found.subject.name) == ("alert", "10000001")
    assert own.open(code.address)[0] == 200
    assert own.answer(NUMBER, PASSWORD)["outcome"] == "known"


def test_looks_that_cost_nothing_hide_no_answer_of_another_phone(shop: Shop) -> None:
    """Three looks used up what is recorded of a code, and who then typed a number left no trace."""
    at = shop.terminals[0]
    code = shown(at)
    own, other = opened(code), opened(code)
    assert own.answer(NUMBER, PASSWORD)["outcome"] == "known"
    for _ in range(REPLAYS_RECORDED_MAX + 2):
        assert other.open(code.address)[0] == 410
    assert other.answer("02", PASSWORDS["02"])["outcome"] == "over"
    assert [row[0] for row in told(shop)] == [*[""] * REPLAYS_RECORDED_MAX, "02"]
    (found,) = detect_photographed_code(read_history(shop.records, (), ()), DEFAULTS, shop.clock.now())
    assert found.severity == "alert"


def test_a_code_from_before_is_over_and_recorded_however_old_it_is(shop: Shop) -> None:
    at = shop.terminals[0]
    old = shown(at)
    phone = opened(old)
    for _ in range(3):
        newest = shown(at)
    assert phone.answer(NUMBER, PASSWORD)["outcome"] == "over"
    assert told(shop) == [(NUMBER, "phone_code_over", "phone")]
    assert refused(at.phone("ask", old.name)) == ("P9", "phone_code_over")
    assert opened(newest).answer(NUMBER, PASSWORD)["outcome"] == "known"


def test_a_code_is_good_on_its_own_terminal_alone(shop: Shop) -> None:
    here, there = shop.terminals
    code = proven(here)
    assert refused(there.verify_phone(code.name)) == ("P9", "phone_not_proven")
    assert refused(there.phone("ask", code.name)) == ("P9", "phone_code_over")
    assert refused(there.phone("leave", code.name)) == ("P9", "phone_code_over")
    assert here.verify_phone(code.name).code == "00"


def test_a_forged_code_meets_nothing_and_leaves_nothing(shop: Shop) -> None:
    code = shown(shop.terminals[0])
    last = "B" if code.address[-1] == "A" else "A"
    forged = code.address[:-1] + last
    status, page = Phone().open(forged)
    assert (status, "前台" in page) == (410, False)
    elsewhere = code.address.replace("/10000001/", "/10000002/")
    phone = Phone()
    assert phone.open(elsewhere)[0] == 410
    assert phone.answer(NUMBER, PASSWORD)["outcome"] == "over"
    assert shop.records == []
    assert Phone().open(code.address.rpartition("/")[0] + "/nothing")[0] == 404


def test_somebody_who_only_asks_the_terminals_message_again_is_given_another_code(shop: Shop) -> None:
    at = shop.terminals[0]
    first, second = shown(at), shown(at)
    assert first.name != second.name
    assert Phone().open(first.address)[0] == 410
    assert len(shop.rows(PhoneAttempt)) == 1


def test_a_code_takes_so_many_answers(shop: Shop) -> None:
    phone = opened(shown(shop.terminals[0]))
    outcomes = [phone.answer("77", "0001")["outcome"] for _ in range(ANSWERS_MAX + 2)]
    assert outcomes == ["again"] * ANSWERS_MAX + ["over"] * 2
    assert len(shop.records) == ANSWERS_MAX, "its own phone's further tries say nothing more"


def test_a_right_password_that_no_sign_in_came_of_is_recorded(shop: Shop) -> None:
    at = shop.terminals[0]
    code = proven(at)
    assert at.phone("leave", code.name).code == "00"
    assert told(shop) == [(NUMBER, "phone_not_taken_up", "phone")]
    assert refused(at.verify_phone(code.name)) == ("P9", "phone_code_used")
    proven(at)
    shown(at)
    assert [row[1] for row in told(shop)].count("phone_not_taken_up") == 2


def test_a_password_that_changed_meanwhile_opens_nothing(shop: Shop) -> None:
    here, there = shop.terminals
    code = proven(here)
    shop.clock.advance(s=2)
    assert there.change_password(NUMBER, PASSWORD, "94613").code == "00"
    refusal = here.verify_phone(code.name)
    assert refusal.code == "PA"
    assert told(shop) == [(NUMBER, "password_changed_since", "phone")]
    assert shop.live == []


def test_a_shop_that_takes_no_phones_shows_no_code(open_shop: OpenShop) -> None:
    shop = open_shop()
    shop.floor.serve_phones()
    at = shop.terminals[0]
    assert refused(at.phone("open")) == ("P9", "phone_not_taken")
    assert refused(at.verify_phone("AAAAAAAA")) == ("P9", "phone_not_taken")
    assert "phone" not in at.verify(NUMBER, PASSWORD)[Tag.RULES]


def test_a_shop_that_stops_taking_phones_takes_none_that_is_under_way(shop: Shop) -> None:
    at = shop.terminals[0]
    code = proven(at)
    phone = opened(shown(shop.terminals[1]))
    shop.change_merchant(policy_overrides="")
    assert phone.answer(NUMBER, PASSWORD)["what"] == "本商户不用手机签到"
    assert refused(at.verify_phone(code.name)) == ("P9", "phone_not_taken")


def test_a_terminal_is_told_by_its_rules_that_phones_may_answer(shop: Shop) -> None:
    assert "phone=1" in shop.terminals[0].verify(NUMBER, PASSWORD)[Tag.RULES]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b'{"login":"01","password":"8302"}', {"Origin": "http://elsewhere.example"}, 403),
        (b'{"login":"01"}', {}, 400),
        (b'{"login":"01","password":"8302","more":1}', {}, 400),
        (b'{"login":"' + b"a" * 40 + b'","password":"8302"}', {}, 400),
        (b'{"login":"\\u0000","password":"8302"}', {}, 400),
        (b'{"login":"0\\u202e1","password":"8302"}', {}, 400),
        (b'{"login":"  ","password":"8302"}', {}, 400),
        (b"x" * 2000, {}, 413),
    ],
)
def test_an_answer_that_is_none_is_not_looked_at(shop: Shop, body: bytes, headers: dict[str, str], status: int) -> None:
    phone = opened(shown(shop.terminals[0]))
    response, page = phone.send(body, **headers)
    assert response.status == status
    assert b"8302" not in page
    assert shop.records == []
    assert "script-src 'self'" in (response.getheader("Content-Security-Policy") or "")


def test_many_phones_at_once_are_answered_one_after_the_other(shop: Shop) -> None:
    code = shown(shop.terminals[0])
    with ThreadPoolExecutor(3 * AT_ONCE_MAX) as crowd:
        seen = list(crowd.map(lambda _: Phone().open(code.address)[0], range(3 * AT_ONCE_MAX)))
    assert seen == [200] * len(seen)
    assert opened(code).answer(NUMBER, PASSWORD)["outcome"] == "known"


def test_an_answer_without_the_page_is_not_looked_at(shop: Shop) -> None:
    phone = Phone()
    phone.address = shown(shop.terminals[0]).address
    assert phone.send(b'{"login":"01","password":"8302"}')[0].status == 403


@pytest.mark.parametrize("typed", ["135792468", "6217000000000000012", "1", "<script>", "ㅤ", "İ" * 32, "=1+1"])
def test_what_can_be_no_login_is_asked_of_nobody_and_kept_nowhere(shop: Shop, typed: str) -> None:
    """A password or a card number in the wrong field stood in four tables in clear."""
    at = shop.terminals[0]
    code = shown(at)
    phone = opened(code)
    said = phone.answer(typed, "8302")
    assert (said["outcome"], said["wait_s"]) == ("again", 0)
    assert "两位数字" in said["what"]
    assert (shop.records, shop.rows(Stranger)) == ([], [])
    assert phone.answer(NUMBER, PASSWORD)["outcome"] == "known", "it costs no try"
