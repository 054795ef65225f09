"""The sign-in code over TCP: RFC 6238 and the preset code of the shift (P5, docs/concepts/sign-in.md)."""

import base64
from collections.abc import Callable

import pytest
from tests.worlds.floor import PASSWORDS, Shop
from tests.worlds.our_terminal import Answer

from zhanggui.basics.secret import Secret
from zhanggui.cup.operator_tags import Tag
from zhanggui.vault.keys import CodeKeyBlock
from zhanggui.vault.one_time_code import STEP_S, hotp

WANG = PASSWORDS["01"]
OpenShop = Callable[..., Shop]


@pytest.fixture
def totp_shop(open_shop: OpenShop) -> Shop:
    """A shop whose operators 01 and 02 are enrolled for a time-based code."""
    shop = open_shop(sign_in_code="totp")
    for number in ("01", "02"):
        shop.change_operator(number, code_secret=shop.floor.program.keys.hsm.new_code_key().text)
    return shop


def code_at(shop: Shop, steps: int = 0, number: str = "01") -> str:
    """What the operator's authenticator shows, so many steps from now."""
    secret = shop.floor.program.keys.hsm.code_secret(CodeKeyBlock(shop.operator(number).code_secret)).reveal()
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    return hotp(key, shop.clock.now() // 1000 // STEP_S + steps, 6)


def confirm(shop: Shop, code: str, place: int = 0, number: str = "01") -> Answer:
    """401 and 403 with this code."""
    at = shop.terminals[place]
    verified = at.verify(number, PASSWORDS[number])
    assert verified.code == "00", verified
    assert verified[Tag.NEEDS] == "code"
    return at.confirm(number, verified[Tag.RECORD_NO], {Tag.SIGN_IN_CODE: code})


@pytest.mark.parametrize("steps", [0, -1])
def test_the_present_code_and_the_one_before_open_the_session(totp_shop: Shop, steps: int) -> None:
    assert confirm(totp_shop, code_at(totp_shop, steps)).code == "00"
    assert totp_shop.records[0].method == "password+code"
    assert totp_shop.records[0].code_drift_s == steps * STEP_S


@pytest.mark.parametrize(("steps", "drift"), [(1, "30"), (-2, "-60"), (7, "210")])
def test_a_code_of_another_time_tells_the_drift_and_opens_nothing(totp_shop: Shop, steps: int, drift: str) -> None:
    answer = confirm(totp_shop, code_at(totp_shop, steps))
    assert (answer.code, answer[Tag.NOTICE], answer[Tag.TRIES_LEFT]) == ("P5", drift, "2")
    assert totp_shop.sessions == []


def test_without_a_code_or_with_a_wrong_one_there_is_no_session(totp_shop: Shop) -> None:
    at = totp_shop.terminals[0]
    record_no = at.verify("01", WANG)[Tag.RECORD_NO]
    right = code_at(totp_shop)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    said = [at.confirm("01", record_no, {Tag.SIGN_IN_CODE: code}) for code in ("", wrong, "12")]
    assert [(one.code, one[Tag.TRIES_LEFT]) for one in said] == [("P5", "2"), ("P5", "1"), ("P5", "0")]
    assert said[2][Tag.WAIT_S] == "5"
    assert (totp_shop.records[0].state, totp_shop.records[0].reason) == ("refused", "wrong_code")
    assert at.confirm("01", record_no, {Tag.SIGN_IN_CODE: right}).code == "PA", "the attempt is over"


def test_full_width_digits_are_a_wrong_try_and_counted(totp_shop: Shop) -> None:
    """As an input method of Chinese or Japanese writes them: not even the right code is right so, and the try counts."""
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in code_at(totp_shop))
    answer = confirm(totp_shop, full_width)
    assert (answer.code, answer[Tag.TRIES_LEFT]) == ("P5", "2")
    assert totp_shop.operator("01").failed_count == 1


def test_a_right_password_does_not_give_new_guesses_at_the_code(totp_shop: Shop) -> None:
    """The person's failures go on counting through good passwords, until the lock."""
    at = totp_shop.terminals[0]
    for _ in range(10):
        record_no = at.verify("01", WANG)[Tag.RECORD_NO]
        wait = at.confirm("01", record_no, {Tag.SIGN_IN_CODE: ""})[Tag.WAIT_S]
        totp_shop.clock.advance(s=int(wait or 0))
    assert at.verify("01", WANG).code == "P2"


def test_a_good_code_forgets_the_failures(totp_shop: Shop) -> None:
    confirm(totp_shop, "000000")
    assert totp_shop.operator("01").failed_count == 1
    assert confirm(totp_shop, code_at(totp_shop)).code == "00"
    assert totp_shop.operator("01").failed_count == 0


def test_a_code_works_once(totp_shop: Shop) -> None:
    code = code_at(totp_shop)
    assert confirm(totp_shop, code).code == "00"
    assert totp_shop.terminals[0].sign_out("01").code == "00"
    again = confirm(totp_shop, code, place=1)
    assert (again.code, again[Tag.NOTICE]) == ("P5", "")
    assert totp_shop.records[-1].reason == "code_used"
    earlier = confirm(totp_shop, code_at(totp_shop, -1), place=1)
    assert earlier.code == "P5", "and no older one works after it"
    totp_shop.clock.advance(s=STEP_S)
    assert confirm(totp_shop, code_at(totp_shop), place=1).code == "00"


def test_a_code_is_bound_to_its_operator(totp_shop: Shop) -> None:
    assert confirm(totp_shop, code_at(totp_shop, number="02"), number="01").code == "P5"


def test_who_is_not_enrolled_does_not_get_on(open_shop: OpenShop) -> None:
    assert confirm(open_shop(sign_in_code="totp"), "123456").code == "P5"


def test_the_code_of_the_shift_is_the_same_for_all(open_shop: OpenShop) -> None:
    shop = open_shop(sign_in_code="shift")
    keys = shop.floor.program.keys
    kept = keys.seal_shift_code(shop.merchant_no, Secret("7281"))
    shop.change_merchant(shift_code=kept)
    assert "7281" not in kept
    assert confirm(shop, "7282").code == "P5"
    assert confirm(shop, kept).code == "P5", "what is kept is no code"
    assert confirm(shop, "7281").code == "00"
    assert confirm(shop, "7281", place=1, number="02").code == "00"


def test_the_code_of_a_shift_that_an_earlier_version_kept_in_clear_still_lets_on(open_shop: OpenShop) -> None:
    shop = open_shop(sign_in_code="shift")
    shop.change_merchant(shift_code="7281")
    assert confirm(shop, "7282").code == "P5"
    assert confirm(shop, "7281").code == "00"


def test_a_shift_without_a_code_lets_nobody_on(open_shop: OpenShop) -> None:
    assert confirm(open_shop(sign_in_code="shift"), "").code == "P5"


def test_where_a_code_is_needed_the_answer_elsewhere_says_so_too(totp_shop: Shop) -> None:
    assert confirm(totp_shop, code_at(totp_shop)).code == "00"
    answer = totp_shop.terminals[1].verify("01", WANG)
    assert (answer.code, answer[Tag.NEEDS], answer[Tag.OPERATOR_NAME]) == ("P6", "code", "王芳")
