"""Slips that are no receipt: a shift's figures, a refused payment, the payments of an open batch. One key on the screen they are about."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from tests.worlds.flow_story import Story
from tests.worlds.slip_samples import MERCHANT_NO, NOW, counted, refusal, settlement, shop

from zhanggui.basics.clock import format_time
from zhanggui.basics.numbers import UnixMs
from zhanggui.basics.spans import HOUR_MS
from zhanggui.basics.words import Lang
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.payments import Doing
from zhanggui.terminal.flow.core.ways import PrintSettlement
from zhanggui.terminal.flow.slips.other_slips import refusal_slip
from zhanggui.terminal.flow.slips.printing import print_settlement
from zhanggui.terminal.models.profiles import load_profile
from zhanggui.terminal.paper.text import slip_text

MODELS = ("smart", "esign", "keypad")
LANGS: tuple[Lang, ...] = ("zh", "en")


def signed_out(model: str, lang: Lang = "zh") -> Story:
    story = Story(model, lang).to_standby()
    story.keys("sign_out", "enter")
    story.send(ev.SignedOut(now=story.now, sales_count=3, sales_fen=12_850))
    assert story.screen_id == "signed_out"
    return story


def refused(model: str, lang: Lang = "zh") -> Story:
    story = Story(model, lang).to_standby()
    story.to_selling()
    story.refused("SendPayment", "51")
    assert story.screen_id == "sale_refused"
    return story


def asking_settle(model: str, lang: Lang = "zh") -> Story:
    story = Story(model, lang).to_standby()
    story.keys("settle")
    story.send(counted())
    assert story.screen_id == "settle"
    return story


def slip_of(story: Story) -> str:
    story.keys("slip")
    assert story.names() == ["PrintSlip"]
    return "\n".join(slip_text(story.slips()[-1], 32))


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("model", MODELS)
def test_a_shift_ends_with_its_figures_on_paper(model: str, lang: Lang) -> None:
    story = signed_out(model, lang)
    text = slip_of(story)
    for said in ("RMB 128.50", "王芳", "10000001"):
        assert said in text
    assert (("交班人签名" if lang == "zh" else "HANDED OVER BY") in text) is (model != "esign"), (
        "nobody writes on a picture"
    )
    story.send(ev.SlipPrinted(now=story.now, slip_id=story.slips()[-1].id))
    assert story.screen_id == "signed_out"
    assert story.state.tray[-1] == story.slips()[-1].id
    story.keys("enter")
    assert story.screen_id != "signed_out"


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("model", MODELS)
def test_a_refused_payment_can_be_taken_along_on_a_slip_that_is_no_receipt(model: str, lang: Lang) -> None:
    story = refused(model, lang)
    text = slip_of(story)
    for said in ("R51", "621700*********0012", "RMB 12.34"):
        assert said in text
    assert ("此单不是付款凭证" if lang == "zh" else "THIS IS NOT A RECEIPT") in text
    assert ("未扣款" if lang == "zh" else "NOT CHARGED") in text
    assert "bar_code" not in [line.kind for line in story.slips()[-1].lines]
    story.keys("cancel" if story.screen_id == "sale_refused" and "retry" in story.text else "enter")


@pytest.mark.parametrize("model", MODELS)
def test_a_bank_that_was_not_heard_is_not_said_to_have_taken_nothing(model: str) -> None:
    story = Story(model, "zh").to_standby()
    story.to_selling()
    story.refused("SendPayment", "98")
    text = slip_of(story)
    assert "如已扣款，将自动退回" in text.replace("\n", "")
    assert "未扣款" not in text


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("model", MODELS)
def test_the_payments_of_an_open_batch_come_out_one_by_one(model: str, lang: Lang) -> None:
    story = asking_settle(model, lang)
    text = slip_of(story)
    for line in counted().lines:
        assert line.trace_no in text
        assert line.auth_code in text
    assert "123456.78" in text.replace(",", "")
    assert story.state.settlement is None, "nothing is settled by it"


@pytest.mark.parametrize("make", [signed_out, refused, asking_settle])
def test_paper_that_is_out_is_said_and_the_same_key_prints_it_again(make) -> None:  # type: ignore[no-untyped-def]
    story: Story = make("smart")
    slip_of(story)
    story.keys("slip")
    assert story.names() == [], "asked for twice, printed once"
    slip = story.slips()[-1]
    story.send(ev.SlipNotPrinted(now=story.now, slip_id=slip.id, reason="check.printer.no_paper"))
    assert "缺纸" in story.text
    slip_of(story)
    assert len([effect for effect in story.effects if isinstance(effect, fx.PrintSlip)]) == 2


@pytest.mark.parametrize("at", [signed_out, refused, asking_settle], ids=["shift", "refusal", "details"])
def test_a_slip_has_the_hosts_time_whatever_the_terminals_clock_shows(at: Callable[[str], Story]) -> None:
    story = at("smart")
    story.state = replace(story.state, drift_s=74 * 3_600)
    told = format_time(UnixMs(story.now - 74 * HOUR_MS)).replace("-", "/")
    assert told in slip_of(story)


def test_a_settlement_slip_has_the_hosts_time_beside_the_hosts_day() -> None:
    story = asking_settle("smart")
    story.state = replace(story.state, drift_s=74 * 3_600)
    way = PrintSettlement(settlement=settlement(agreed=True), counted=counted())
    (slip,) = [effect.slip for effect in print_settlement(story.state, way)[1] if isinstance(effect, fx.PrintSlip)]
    told = format_time(UnixMs(story.now - 74 * HOUR_MS)).replace("-", "/")
    assert told in "\n".join(slip_text(slip, 32))


def test_the_slip_of_a_refusal_names_no_card_and_no_code_where_the_customers_phone_read_ours() -> None:
    asked = refusal()
    ours = replace(asked.attempt, doing=Doing(kind="qr_own", amount_fen=880))
    refused = replace(asked, attempt=ours)
    lines = refusal_slip(refused, "顾客未付款", shop("zh", "城南小馆"), load_profile("smart"), MERCHANT_NO, NOW).lines
    assert not [line.left for line in lines if "CODE NO" in line.left or "CARD NO" in line.left]
    assert "" not in [line.left for line in lines if line.kind == "text"]
