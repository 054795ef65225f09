"""What a terminal hears of a wallet's word: each refusal has a response code, which says no and that nothing is held."""

import pytest

from zhanggui.cup.response_codes import may_be_held, means
from zhanggui.cup.wallets.codes import WALLET_CODES


@pytest.mark.parametrize("key", WALLET_CODES)
def test_each_refusal_has_an_answer_that_says_no_and_no_other_word_has_one(key: str) -> None:
    row = WALLET_CODES[key]
    assert bool(row.answer) == (row.says == "refused")
    if row.answer:
        assert means(row.answer) == "stands_not"
        assert not may_be_held(row.answer)
