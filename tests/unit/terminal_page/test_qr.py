"""The QR code that a screen shows: small enough for a display of 64 points, and whatever address it is, that address."""

import pytest
import segno

from zhanggui.basics.numbers import MerchantNo, TerminalNo
from zhanggui.cup.values.phone import PhoneCode, name_of, secret_of, write_code
from zhanggui.terminal.flow.screens.columns import display_width
from zhanggui.terminal.keypad import keypad_lines
from zhanggui.terminal.models.profiles import load_profile
from zhanggui.terminal.page.qr import modules_of

from ...worlds.flow_views import flow_views

CODE = PhoneCode(
    MerchantNo("102100058120001"), TerminalNo("10000001"), name_of(bytes(range(5))), secret_of(bytes(range(8)))
)
POINTS, QUIET = 64, 2


@pytest.mark.parametrize("host", ["https://192.168.100.100:8610", "http://127.0.0.1:8610", "https://10.0.0.5:8610"])
def test_an_address_in_figures_has_two_points_a_module_on_the_keypad_models_display(host: str) -> None:
    modules = modules_of(f"{host}{write_code(CODE)}")
    assert {len(row) for row in modules} == {len(modules)}
    assert 2 * len(modules) + QUIET <= POINTS


def test_a_longer_name_still_has_a_point_a_module() -> None:
    modules = modules_of(f"https://sign-in.of-a-rather-long-name.example.com:8610{write_code(CODE)}")
    assert len(modules) + 2 * QUIET <= POINTS


def test_scheme_and_host_are_in_capitals_and_the_path_is_as_it_is() -> None:
    expected = segno.make_qr("HTTPS://POS.EXAMPLE/p/aB", error="l").matrix
    assert modules_of("https://pos.example/p/aB") == tuple("".join(map(str, row)) for row in expected)


def test_where_there_is_no_address_there_is_no_picture() -> None:
    assert modules_of("") == ()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_four_lines_leave_their_left_half_to_the_code_and_say_the_rest(lang: str) -> None:
    lines = keypad_lines(flow_views("keypad", lang)["phone"], load_profile("keypad"))  # type: ignore[arg-type]  # a language
    assert [display_width(line) for line in lines] == [16] * 4
    assert {line[:8] for line in lines} == {" " * 8}
    said = " ".join(line.strip() for line in lines)
    assert said == {"zh": "手机签到 剩 60 秒 请用手机 扫码", "en": "By phone 60s left Scan the code"}[lang]
