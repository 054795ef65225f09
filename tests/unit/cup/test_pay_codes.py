"""Payment codes of customers: whose they are, what is none, and that none shows itself."""

import copy
import json
import pickle

import pytest

from zhanggui.basics.secret import Pan, PayCode
from zhanggui.cup.brands import BRANDS
from zhanggui.cup.qr.pay_code import brand_of, read_pay_code

UNIONPAY = "6212345678901234567"


def code(prefix: str, digits: int) -> str:
    return prefix.ljust(digits, "7")


@pytest.mark.parametrize("prefix", ["10", "11", "12", "13", "14", "15", "160"])
def test_wechat_shows_18_digits(prefix: str) -> None:
    brand = brand_of(code(prefix, 18))
    assert brand is BRANDS["wechat"]
    assert (brand.zh, brand.road) == ("微信支付", "wallet")
    assert brand_of(code(prefix, 17)) is None
    assert brand_of(code(prefix, 19)) is None


@pytest.mark.parametrize("prefix", ["25", "26", "27", "28", "29", "30"])
@pytest.mark.parametrize("digits", range(16, 25))
def test_alipay_shows_16_to_24_digits(prefix: str, digits: int) -> None:
    assert brand_of(code(prefix, digits)) is BRANDS["alipay"]


def test_unionpay_shows_19_digits_and_is_asked_over_the_card_network() -> None:
    assert brand_of(UNIONPAY) is BRANDS["unionpay"]
    assert BRANDS["unionpay"].road == "bank"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "6212345678901234",
        "4000000000000000000",
        code("161", 18),
        code("16", 18),
        code("24", 18),
        code("31", 18),
        code("25", 15),
        code("25", 25),
        "１３４５６７８９０１２３４５６７８９",  # digits, and not those of a code
        " 6212345678901234567",
        "https://qr.alipay.com/fkx123456789",
    ],
)
def test_anything_else_is_no_payment_code(text: str) -> None:
    assert brand_of(text) is None
    assert read_pay_code(text) is None


def test_a_code_has_no_check_digit_that_anybody_looks_at() -> None:
    assert all(brand_of(UNIONPAY[:-1] + last) is BRANDS["unionpay"] for last in "0123456789")


def test_a_code_shows_itself_to_nobody() -> None:
    read = read_pay_code(UNIONPAY)
    assert read is not None
    secret = read[1]
    assert f"{secret} {secret!r} {secret:>30}".count(UNIONPAY) == 0
    assert str(secret) == "621234*********4567"
    with pytest.raises(TypeError):
        json.dumps({"code": secret})
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.deepcopy(secret)
    with pytest.raises(TypeError):
        hash(secret)
    assert secret.reveal() == UNIONPAY


def test_a_code_is_never_a_card_number() -> None:
    assert PayCode(UNIONPAY) != Pan(UNIONPAY)
    assert not issubclass(PayCode, Pan)


@pytest.mark.parametrize("text", ["", "62a", "6" * 25, "６２"])
def test_only_digits_are_a_code(text: str) -> None:
    with pytest.raises(ValueError, match="1 to 24 digits") as error:
        PayCode(text)
    assert not text or text not in str(error.value)
