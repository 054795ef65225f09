"""A customer pays by a code at a terminal of ours: scanned where a card is awaited, told at once what is none, printed, voided, refunded."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.conftest import Ports
from tests.worlds.foreign_terminal import TEST_CARD
from tests.worlds.house import House, until
from tests.worlds.true_terminal import AtTheCounter, at_the_counter, words_of

from zhanggui.basics.secret import Secret
from zhanggui.cup.values.slip import Slip
from zhanggui.terminal.flow.payment import paying

OPENING_FEN = 100_000_00
MODELS = {"smart": "10000001", "esign": "10000002", "keypad": "10000003"}
SCANNING = ("smart", "esign")


@asynccontextmanager
async def counter(
    house: House, port: int, model: str = "smart", *, timeout_s: float = 15.0
) -> AsyncIterator[AtTheCounter]:
    async with at_the_counter(house, port, MODELS[model], timeout_s=timeout_s) as at:
        yield at


async def to_card(at: AtTheCounter, fen: str) -> None:
    at.keys("sale")
    await at.screen("amount")
    at.keys(*fen, "enter")
    await at.screen("card")


async def done(at: AtTheCounter) -> Slip:
    """The merchant copy, once the slips are out and standby is back."""
    view = await at.until(lambda view: bool(view.slips))
    slip = at.terminal.slip(next(one for one in view.slips if one.endswith("-merchant")))
    while at.terminal.view().id != "standby":
        here = at.terminal.view().id
        at.keys("enter")
        await at.until(lambda view, here=here: view.id != here)  # type: ignore[misc]  # bound now
    return slip


async def pay(at: AtTheCounter, fen: str, card: str = "main") -> Slip:
    await to_card(at, fen)
    at.terminal.show_card(card, "scan")
    return await done(at)


def said(slip: Slip) -> str:
    return "\n".join(f"{line.left} {line.right}".strip() for line in slip.lines)


def voucher_on(slip: Slip) -> str:
    return next(line.right for line in slip.lines if "付款凭证号" in line.left or "PAY VOUCHER" in line.left)


def bar_code_on(slip: Slip) -> str:
    return next(line.left for line in slip.lines if line.kind == "bar_code")


def newest(at: AtTheCounter) -> str:
    return at.terminal.view().rows[0].left.split()[-1]


def payments_of(house: House, kind: str) -> list[dict[str, object]]:
    return [row for row in house.host_rows("payments") if row["kind"] == kind]


def owed_fen(house: House) -> int:
    return -sum(int(row["amount_fen"]) for row in house.host_rows("postings") if row["account"] == "merchant_payable")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("model", SCANNING)
async def test_a_code_is_scanned_where_a_card_is_awaited_and_its_slip_names_code_and_voucher(
    house: House, ports: Ports, model: str, lang: str
) -> None:
    async with counter(house, ports.take(), model) as at:
        at.terminal.choose_lang(lang)  # type: ignore[arg-type]  # one of the two
        await to_card(at, "12345")
        view = at.terminal.view()
        assert view.pay_code
        assert {"zh": "付款码", "en": "code"}[lang] in words_of(view)
        at.terminal.show_card("main", "scan")
        slip = await done(at)
    (paid,) = payments_of(house, "qr_sale")
    assert (paid["state"], paid["amount_fen"], paid["entry_mode"]) == ("approved", 12345, "032")
    text = said(slip)
    assert voucher_on(slip) == paid["pay_voucher"]
    assert f"{paid['masked_pan']} Q" in text
    assert ("付款码(CODE NO.):" if lang == "zh" else "CODE NO.:") in text
    assert not [word for word in ("AUTH NO.", "EXP DATE", "SIGNATURE)") if word in text]
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN - 12345
    assert house.bank_differences() == []


async def test_a_model_without_a_scanner_takes_no_code_and_says_nothing_of_one(house: House, ports: Ports) -> None:
    async with counter(house, ports.take(), "keypad") as at:
        assert "codes" not in {choice.key for choice in at.terminal.view().choices}
        await to_card(at, "12345")
        view = at.terminal.view()
        assert not view.pay_code
        assert "码" not in words_of(view)
        at.terminal.show_card("main", "scan")
        at.keys("cancel")
        await at.screen("standby")
    assert payments_of(house, "qr_sale") == []


@pytest.mark.parametrize("text", ["https://example.org/pay", "6212345", "0123456789012345678", "掌柜", "1" * 400])
async def test_what_is_no_payment_code_is_said_at_once_and_nothing_is_sent(
    house: House, ports: Ports, text: str
) -> None:
    async with counter(house, ports.take()) as at:
        await to_card(at, "12345")
        before = len(at.wire.frames)
        at.terminal.scan(Secret(text))
        view = await at.until(lambda view: "不是付款码" in words_of(view))
        assert view.id == "card"
        assert text not in words_of(view)
        assert len(at.wire.frames) == before
        at.terminal.show_card("main", "scan")
        await done(at)
    assert len(payments_of(house, "qr_sale")) == 1


@pytest.mark.parametrize(
    ("code", "short", "words"),
    [
        ("134567890123456789", "R40", "暂不受理此付款码"),
        ("281234567890123456", "R40", "暂不受理此付款码"),
        ("6299999123412345678", "R14", "付款码无效"),
    ],
)
async def test_a_code_that_can_not_be_asked_about_is_refused_in_words_and_another_may_follow(
    house: House, ports: Ports, code: str, short: str, words: str
) -> None:
    async with counter(house, ports.take()) as at:
        await to_card(at, "12345")
        at.terminal.scan(Secret(code))
        view = await at.screen("sale_refused")
        assert (view.code, words in words_of(view)) == (short, True), words_of(view)
        at.keys("other_card")
        await at.screen("card")
        at.terminal.show_card("main", "scan")
        await done(at)
    assert [row["state"] for row in payments_of(house, "qr_sale")] == ["declined", "approved"]
    assert owed_fen(house) == 12345


async def test_after_a_refused_code_a_card_may_pay_and_is_a_sale_by_card(house: House, ports: Ports) -> None:
    async with counter(house, ports.take()) as at:
        await to_card(at, "12345")
        at.terminal.show_card("lost", "scan")
        assert (await at.screen("sale_refused")).code == "R41"
        at.keys("other_card")
        await at.card_and_pin()
        await done(at)
    assert [row["kind"] for row in house.host_rows("payments") if row["state"] == "approved"] == ["sale"]


async def test_a_lost_answer_is_reversed_by_itself_and_the_customer_has_the_money_back(
    house: House, ports: Ports
) -> None:
    async with counter(house, ports.take(), timeout_s=1.5) as at:
        await to_card(at, "12345")
        at.lose_answers("0210")
        at.terminal.show_card("main", "scan")
        waits = await at.screen("selling")
        assert waits.countdown is not None
        assert "手机" in words_of(waits)
        assert (await at.until(lambda view: view.code == "T103")).id
    until(
        lambda: all(row["bank_state"] == "reversal_done" for row in payments_of(house, "qr_sale")),
        "the bank to hear of the reversal",
    )
    assert (house.balance_fen(TEST_CARD.number), owed_fen(house)) == (OPENING_FEN, 0)
    assert house.bank_differences() == []


async def approve(at: AtTheCounter) -> Slip:
    await at.supervisor()
    return await done(at)


@pytest.mark.parametrize("by", ["trace", "bar_code", "voucher"])
@pytest.mark.parametrize("entry", ["qr_void", "void"])
async def test_a_payment_by_code_is_voided_by_any_of_its_numbers_without_a_card(
    house: House, ports: Ports, by: str, entry: str
) -> None:
    async with counter(house, ports.take()) as at:
        paid = await pay(at, "12345")
        digits = {"trace": newest(at), "bar_code": bar_code_on(paid), "voucher": voucher_on(paid)}[by]
        if entry == "qr_void":
            at.keys("codes")
            await at.screen("kinds")
        at.keys(entry)
        await at.screen("original")
        at.keys(*digits, "enter")
        await at.until(lambda view: "¥123.45" in words_of(view))
        at.keys("enter")
        slip = await approve(at)
        assert "今日笔数 0" in words_of(at.terminal.view())
    text = said(slip)
    assert "扫码撤销" in text
    assert f"原付款凭证号 {voucher_on(paid)}" in text
    (void,) = payments_of(house, "qr_void")
    (sale,) = payments_of(house, "qr_sale")
    assert (void["state"], sale["undone_by_trace_no"]) == ("approved", void["trace_no"])
    assert (house.balance_fen(TEST_CARD.number), owed_fen(house)) == (OPENING_FEN, 0)
    assert house.bank_differences() == []


@pytest.mark.parametrize("by", ["bar_code", "voucher"])
async def test_a_payment_by_code_is_refunded_in_part_at_another_terminal(house: House, ports: Ports, by: str) -> None:
    async with counter(house, ports.take()) as at:
        paid = await pay(at, "12345")
    async with at_the_counter(house, ports.take(), MODELS["esign"], operator="02") as at:
        at.keys("codes")
        await at.screen("kinds")
        at.keys("qr_refund")
        await at.screen("original")
        at.keys(*(bar_code_on(paid) if by == "bar_code" else voucher_on(paid)), "enter")
        await at.screen("amount")
        at.keys(*"2345", "enter")
        slip = await approve(at)
    assert "扫码退货" in said(slip)
    (sale,) = payments_of(house, "qr_sale")
    assert sale["adjusted_fen"] == -2345
    assert (house.balance_fen(TEST_CARD.number), owed_fen(house)) == (OPENING_FEN - 10000, 10000)
    assert house.bank_differences() == []


async def test_a_refund_whose_answer_is_lost_is_asked_for_until_it_is_known_and_made_once(
    house: House, ports: Ports
) -> None:
    async with counter(house, ports.take(), timeout_s=1.5) as at:
        await pay(at, "12345")
        trace_no = newest(at)
        at.lose_answers("0230")
        at.keys("refund")
        await at.screen("original")
        at.keys(*trace_no, "enter")
        await at.until(lambda view: "¥123.45" in words_of(view))
        at.keys("enter")
        await at.screen("amount")
        at.keys(*"12345", "enter")
        await at.supervisor()
        await done(at)
    assert len(payments_of(house, "qr_refund")) == 1
    assert (house.balance_fen(TEST_CARD.number), owed_fen(house)) == (OPENING_FEN, 0)


async def test_the_code_is_in_no_file_of_the_terminal(house: House, ports: Ports) -> None:
    async with counter(house, ports.take()) as at:
        await to_card(at, "12345")
        cards = at.terminal._devices.virtual_cards
        assert cards is not None
        code = cards.show_code("main").reveal()
        at.terminal.scan(Secret(code))
        await done(at)
    files = [path for path in house.settings.data_path.rglob("*") if path.is_file()]
    assert not [path for path in files if code.encode() in path.read_bytes()]


async def test_payments_by_code_count_in_the_shift_and_settle_with_the_batch(house: House, ports: Ports) -> None:
    async with counter(house, ports.take()) as at:
        await at.sell("500")
        await pay(at, "12345")
        await pay(at, "700")
        trace_no = newest(at)
        at.keys("void")
        await at.screen("original")
        at.keys(*trace_no, "enter")
        await at.until(lambda view: "¥7.00" in words_of(view))
        at.keys("enter")
        await approve(at)
        at.keys("settle")
        await at.screen("settle")
        at.keys("enter")
        shown = words_of(await at.until(lambda view: view.id == "settled" and "结算单已出" in words_of(view)))
        assert "对账平" in shown
    assert house.bank_differences() == []
    assert [row["what"] for row in house.host_rows("support_cases")] == []


async def test_an_answer_that_is_lost_is_asked_for_once_more_and_nothing_is_undone(
    house: House, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paying, "ASK_AGAIN_FROM_S", 1)
    async with counter(house, ports.take()) as at:
        await to_card(at, "12345")
        at.lose_answers("0210")
        at.terminal.show_card("main", "scan")
        await at.until(lambda view: bool(view.choices) and view.id == "selling")
        at.keys("again")
        slip = await done(at)
    (paid,) = payments_of(house, "qr_sale")
    assert (paid["state"], voucher_on(slip)) == ("approved", paid["pay_voucher"])
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN - 12345
