"""The reference page of the test cards, written from the same data as the cards: `docs/reference/test-cards.md`."""

from ..basics.money import format_yuan
from ..cup.code_words import reason_of
from ..vault.phone_code import LIFE_S
from .accounts import PIN_TRIES_MAX
from .cards import TEST_CARDS, TestCard

_HEAD = """\
# Test cards 测试卡

<!-- Written by zhanggui.bank.card_page from src/zhanggui/bank/cards.toml; change the cards there. -->

The bank simulator knows these cards, one for each outcome. They belong to nobody and work nowhere else. Every card has the PIN `{pin}`.
发卡行模拟器认识下列测试卡，每种结果一张；密码都是 `{pin}`。

| id | 卡 | Card | Number 卡号 | Expiry 有效期 (YYMM) | Chip 芯片 | Balance 余额 (yuan 元) | What happens 结果 | 应答 |
|---|---|---|---|---|---|---|---|---|
"""

_TAIL = """
## Track 2 二磁道

| id | Track 2 | Compared with 比对 |
|---|---|---|
{tracks}

## How the bank decides

The first check that fails is the answer (field 39):

| Check | Answer |
|---|---|
| payment code: of a phone of this bank, not used, made within {life} seconds | 14, 12, 54 |
| card known, not lost, stolen or restricted | 14, 41, 43, 62 |
| card not expired; the expiry sent is the card's | 54 |
| amount above zero | 13 |
| track 2 is the card's | 05 |
| field 55 can be read; its cryptogram, amount and counter are right, and the counter grew | 30, 63 |
| PIN: {tries} wrong ones in a row lock the card, a right one sets the count back | 55, then 75 |
| PIN block that holds no PIN (not counted) | 99 |
| PIN needed and not sent (not counted): always, but for a tap up to the card's limit, {free} yuan | 55 |
| single payment within the card's limit | 61 |
| balance | 51 |

A card's holder has a phone, too, which shows payment codes (付款码) of 19 digits: press 付款码 on the terminal's page beside the card.
A code is good for one payment; one that was refused has not used it.

The same request again gets the stored answer; the same identity with other contents 94; a payment that was reversed 12. A reversal
gives the money back once, however often it comes (00). A reversal of an unknown payment gets 25, and the payment is refused with 12
if it still arrives. Other amount than the original's: 64. Wrong MAC: A0, and nothing changes.
"""


def reference_page() -> str:
    """The page as Markdown."""
    rows = "\n".join(_row(card) for card in TEST_CARDS)
    tracks = "\n".join(f"| {card.id} | `{card.track2}` | {_compared(card)} |" for card in TEST_CARDS)
    first = TEST_CARDS[0]
    return (
        _HEAD.format(pin=first.pin)
        + rows
        + "\n"
        + _TAIL.format(tracks=tracks, tries=PIN_TRIES_MAX, free=format_yuan(first.contactless_free_fen), life=LIFE_S)
    )


def _row(card: TestCard) -> str:
    chip = "yes 有" if card.chip else "no 无"
    return (
        f"| {card.id} | {card.label_zh} | {card.label_en} | {card.pan} | {card.expiry_yymm} | {chip} "
        f"| {format_yuan(card.balance_fen)} | {card.hint_en} · {card.hint_zh} | {_answer(card)} |"
    )


def _answer(card: TestCard) -> str:
    match card.outcome:
        case "slow":
            return "00, late 迟到"
        case "silent" | "silent_after_posting":
            return "none 无"
        case code:
            words = reason_of(code)
            return f"{code} {words.zh} ({words.en})"


def _compared(card: TestCard) -> str:
    return "whole 全部" if card.track_checked else "number and expiry 卡号与有效期"
