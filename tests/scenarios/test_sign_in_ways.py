"""Every way in × everything that can be the matter, over the wire: the code, the words, the record, and whose tries are counted."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from tests.worlds.floor import Shop
from tests.worlds.our_terminal import Answer, Counter
from tests.worlds.phone import Phone

from zhanggui.acquirer.rows.records import Stranger
from zhanggui.basics.chance import SystemChance
from zhanggui.basics.numbers import UnixMs
from zhanggui.basics.secret import Secret
from zhanggui.basics.spans import MINUTE_MS
from zhanggui.basics.words import Lang
from zhanggui.cup.operator_tags import Tag
from zhanggui.terminal.flow.core.events import Refused
from zhanggui.terminal.flow.core.trouble import refusal_problem
from zhanggui.terminal.flow.words.catalogue import render
from zhanggui.vault.badge import badge_number, draw_badge

NUMBER, NAME, PASSWORD = "03", "wang.fang", "60417"
OpenShop = Callable[..., Shop]


class Case(NamedTuple):
    """What a way gets in one case."""

    code: str
    reason: str
    screen: str
    """The code that the screen shows."""
    counts: int = 0
    """Wrong tries of the operator afterwards."""
    stranger: bool = False
    """Whether the try is a stranger's."""


RIGHT, ELSEWHERE = Case("00", "", ""), Case("P6", "signed_in_elsewhere", "A201")
LOCKED = Case("P2", "operator_locked", "A102", 3)
DISABLED, EXPIRED = Case("P2", "operator_disabled", "A102"), Case("P4", "initial_secret_expired", "A103")
WRONG = Case("P1", "wrong_password", "A101", 1)
TYPED = {
    "right": RIGHT,
    "wrong": WRONG,
    "unknown": Case("P1", "unknown_operator", "A101", stranger=True),
    "locked": LOCKED,
    "disabled": DISABLED,
    "expired": EXPIRED,
    "must_change": RIGHT,
    "elsewhere": ELSEWHERE,
    "code": RIGHT,
}
NO_BADGE = Case("P1", "unknown_badge", "A101", stranger=True)
TABLE: dict[str, dict[str, Case]] = {
    "number": TYPED,
    "user_name": TYPED,
    "badge+password": {**TYPED, "unknown": NO_BADGE},
    "badge": {
        **TYPED,
        "wrong": Case("P1", "forged_badge", "A101", stranger=True),
        "unknown": NO_BADGE,
        "must_change": Case("P4", "password_needed", "A103"),
    },
    "phone": {**TYPED, "must_change": Case("P4", "password_needed", "A103")},
}
METHOD = {"number": "password", "user_name": "password", "badge+password": "badge+password", "badge": "badge"}
METHOD["phone"] = "phone"
POLICY: dict[str, dict[str, object]] = {"must_change": {"password_age_days": 30}, "code": {"sign_in_code": "shift"}}


class Way:
    """One way to say who somebody is, at one shop."""

    def __init__(self, name: str, shop: Shop) -> None:
        self.name = name
        shop.add_operator(NUMBER, "王芳芳", "cashier", PASSWORD, user_name=NAME)
        self.badge = shop.give_badge(NUMBER)
        self._nobodys = draw_badge(SystemChance())

    def come(self, at: Counter, case: str) -> Answer:
        """401."""
        password = "0001" if case == "wrong" else PASSWORD
        match self.name:
            case "number":
                return at.verify("77" if case == "unknown" else NUMBER, password)
            case "user_name":
                return at.verify("nobody" if case == "unknown" else NAME, password)
            case "phone":
                return self.by_phone(at, "77" if case == "unknown" else NUMBER, password)
        badge = self._nobodys if case == "unknown" else self.badge
        if self.name == "badge+password":
            return at.verify_badge(badge, password)
        forged = Secret(badge.reveal()[:12] + self._nobodys.reveal()[12:])
        return at.verify_badge(forged if case == "wrong" else badge)

    def by_phone(self, at: Counter, login: str, password: str) -> Answer:
        """The terminal shows a code, the phone answers it, and the terminal goes on where the host says so."""
        given = at.phone("open")
        phone = Phone()
        assert phone.open(given[Tag.PHONE_PAGE])[0] == 200
        assert at.phone("ask", given[Tag.PHONE])[Tag.VERDICT] == "waiting"
        told = phone.answer(login, password)
        if told["outcome"] == "known":
            assert at.phone("ask", given[Tag.PHONE])[Tag.VERDICT] == "known"
            return at.verify_phone(given[Tag.PHONE])
        assert at.phone("ask", given[Tag.PHONE])[Tag.VERDICT] == "waiting", "nobody was proven"
        return Answer(told["code"], {}, True, given.message, given.payload)

    def stranger(self, case: str) -> str:
        """Under what an unknown one, or a forged badge, is counted."""
        shown = self.badge if case == "wrong" else self._nobodys
        return {"number": "77", "user_name": "nobody", "phone": "77"}.get(self.name) or badge_number(shown)


def arrange(case: str, shop: Shop) -> None:
    """What is the matter with the operator."""
    now = shop.clock.now()
    match case:
        case "locked":
            shop.change_operator(NUMBER, failed_count=3, locked_until_ms=UnixMs(now + 10 * MINUTE_MS))
        case "disabled":
            shop.change_operator(NUMBER, state="disabled")
        case "expired":
            shop.change_operator(NUMBER, initial_until_ms=UnixMs(now - 1))
        case "must_change":
            shop.clock.advance(days=31)
        case "elsewhere":
            assert shop.terminals[1].sign_in(NUMBER, PASSWORD).code == "00"


@pytest.mark.parametrize("case", TYPED)
@pytest.mark.parametrize("name", TABLE)
def test_each_way_gets_in_each_case_its_code_words_record_and_count(open_shop: OpenShop, name: str, case: str) -> None:
    shop = open_shop(badge="alone", phone=True, **POLICY.get(case, {}))
    shop.floor.serve_phones()
    way, wanted = Way(name, shop), TABLE[name][case]
    arrange(case, shop)
    answer = way.come(shop.terminals[0], case)
    assert answer.code == wanted.code
    record = shop.records[-1]
    assert (record.reason, record.method) == (wanted.reason, METHOD[name])
    # By a badge alone no session is taken over, so there is nothing left to confirm.
    goes_on = wanted.code == "00" or (wanted.code == "P6" and name != "badge")
    assert record.state == ("verified" if goes_on else "refused")
    assert record.operator_no == (way.stranger(case) if wanted.stranger else NUMBER)
    assert (record.user_name, bool(record.badge_no)) == (
        {"user_name": "nobody" if case == "unknown" else NAME}.get(name),
        name.startswith("badge"),
    )
    assert shop.operator(NUMBER).failed_count == wanted.counts
    assert [row.operator_no for row in shop.rows(Stranger)] == ([way.stranger(case)] if wanted.stranger else [])
    told = answer[Tag.OPERATOR_NO]
    assert told == (NUMBER if name != "number" and wanted.code in ("00", "P6") else ""), (
        "told to whoever proved it alone"
    )
    if wanted.code == "00":
        needs = {"must_change": "new_password", "code": "code"}.get(case, "")
        assert answer[Tag.NEEDS] == needs
        return
    langs: tuple[Lang, Lang] = ("zh", "en")
    refused = Refused(now=shop.clock.now(), request="SendVerify", response_code=answer.code, reason=answer[Tag.REASON])
    problem = refusal_problem(refused)
    assert problem.code == wanted.screen
    assert all(render(text, lang) for text in (problem.what, problem.todo) for lang in langs)


@pytest.mark.parametrize("name", TABLE)
def test_a_code_that_policy_asks_for_is_asked_of_each_way(open_shop: OpenShop, name: str) -> None:
    shop = open_shop(badge="alone", phone=True, sign_in_code="shift")
    shop.floor.serve_phones()
    way, at = Way(name, shop), shop.terminals[0]
    verified = way.come(at, "right")
    refused = at.confirm(NUMBER, verified[Tag.RECORD_NO], {Tag.SIGN_IN_CODE: "123456"})
    assert (refused.code, refused[Tag.REASON]) == ("P5", "code_not_set")
    sealed = shop.floor.program.keys.seal_shift_code(shop.merchant_no, Secret("123456"))
    shop.change_merchant(shift_code=sealed)
    assert at.confirm(NUMBER, verified[Tag.RECORD_NO], {Tag.SIGN_IN_CODE: "123456"}).code == "00"
    assert shop.records[-1].method == METHOD[name] + "+code"


@pytest.mark.parametrize("name", TABLE)
def test_without_network_a_way_is_good_again_exactly_where_a_password_was_typed(open_shop: OpenShop, name: str) -> None:
    shop = open_shop(badge="alone", phone=True, offline_sign_in=True, offline_hours=12, offline_uses=2)
    shop.floor.serve_phones()
    way, at = Way(name, shop), shop.terminals[0]
    verified = way.come(at, "right")
    opened = at.confirm(NUMBER, verified[Tag.RECORD_NO])
    assert bool(opened[Tag.OFFLINE]) == (name not in ("badge", "phone"))
    assert at.sign_out(NUMBER).code == "00"
    reported = at.offline(NUMBER, verified[Tag.RECORD_NO], 1, shop.clock.now())
    assert (reported.code, reported[Tag.REASON]) == (
        ("00", "") if name not in ("badge", "phone") else ("P8", "envelope_unknown")
    )
