"""Which characters may be shown, over all of Unicode."""

import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from zhanggui.basics.visible import HARMFUL, harmless, harmless_json, harmless_lines, is_harmless, is_visible


def test_harmful_is_what_unicode_calls_control_format_surrogate_and_line_end() -> None:
    """By the table of this Python; a later Unicode can only add to it."""
    everything = map(chr, range(sys.maxunicode + 1))
    steering = {one for one in everything if unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    assert {one for one in map(chr, range(sys.maxunicode + 1)) if HARMFUL.match(one)} == steering


@given(st.text())
def test_what_is_made_harmless_is_harmless_stays_so_and_is_as_long(text: str) -> None:
    shown = harmless(text)
    assert is_harmless(shown)
    assert harmless(shown) == shown
    assert len(shown) == len(text)
    assert harmless_lines(text).count("\n") == text.count("\n")
    assert all(is_harmless(line) for line in harmless_json(text).split("\n"))


def test_names_of_people_are_visible() -> None:
    for name in ("𠮷𰋸䶮㛃", "😀李", "阿卜杜热西提·买买提", "Ana María", "李\u3000芳", "＝1+1"):
        assert is_visible(name), name
