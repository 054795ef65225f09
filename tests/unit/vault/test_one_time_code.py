"""Sign-in codes against the published answers, and the rules around them."""

import base64
from collections import Counter

import pytest

from zhanggui.vault.hsm import Hsm
from zhanggui.vault.one_time_code import SEARCH_STEPS, STEP_S, check_code, hotp

RFC_SECRET = b"12345678901234567890"
RFC_6238_SHA1 = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}
"""RFC 6238, appendix B, the rows of SHA-1."""


@pytest.mark.parametrize(("now_s", "code"), RFC_6238_SHA1.items())
def test_the_published_codes_come_out(now_s: int, code: str) -> None:
    assert hotp(RFC_SECRET, now_s // STEP_S, 8) == code
    verdict = check_code(RFC_SECRET, code, now_s, digits=8, steps_back=1)
    assert (verdict.right, verdict.step, verdict.drift_s) == (True, now_s // STEP_S, 0)


@pytest.mark.parametrize("code", ["２８７０８２", "28708é", "\udc80", "", "码"])
def test_text_that_is_not_ascii_is_a_wrong_code_and_no_error(code: str) -> None:
    assert not check_code(RFC_SECRET, code, STEP_S, digits=6, steps_back=1).right


def test_the_step_before_is_right_and_the_step_after_is_not() -> None:
    now_s = 1_800_000_000
    before = hotp(RFC_SECRET, now_s // STEP_S - 1, 6)
    after = hotp(RFC_SECRET, now_s // STEP_S + 1, 6)
    assert check_code(RFC_SECRET, before, now_s, digits=6, steps_back=1).right
    assert not check_code(RFC_SECRET, before, now_s, digits=6, steps_back=0).right
    late = check_code(RFC_SECRET, after, now_s, digits=6, steps_back=1)
    assert (late.right, late.drift_s) == (False, STEP_S)


def test_a_clock_that_is_off_is_measured_and_never_let_in() -> None:
    now_s = 1_800_000_000
    for steps in (-SEARCH_STEPS, -2, 5, SEARCH_STEPS):
        code = hotp(RFC_SECRET, now_s // STEP_S + steps, 6)
        verdict = check_code(RFC_SECRET, code, now_s, digits=6, steps_back=1)
        assert not verdict.right
        assert verdict.drift_s == steps * STEP_S
    beyond = hotp(RFC_SECRET, now_s // STEP_S + SEARCH_STEPS + 1, 6)
    assert check_code(RFC_SECRET, beyond, now_s, digits=6, steps_back=1).drift_s is None


def test_the_vault_gives_the_secret_for_enrolment_and_checks_its_codes(hsm: Hsm) -> None:
    key = hsm.new_code_key()
    text = hsm.code_secret(key).reveal()
    secret = base64.b32decode(text + "=" * (-len(text) % 8))
    assert len(secret) * 8 >= 160
    code = hotp(secret, 1_800_000_000 // STEP_S, 6)
    assert hsm.check_code(key, code, 1_800_000_000, digits=6, steps_back=1).right
    assert not hsm.check_code(hsm.new_code_key(), code, 1_800_000_000, digits=6, steps_back=1).right


def test_codes_use_their_whole_range() -> None:
    first_digits = Counter(hotp(RFC_SECRET, counter, 6)[0] for counter in range(2_000))
    assert set(first_digits) == set("0123456789")
