"""What an operator looks at before a sign-in: the shop chooses it, the host asks for all of it, and what is not well is heard."""

import pytest
from tests.worlds.acquirer_world import World, code_of, tags_of

from zhanggui.acquirer.findings.detectors import find
from zhanggui.acquirer.findings.history import read_history
from zhanggui.acquirer.findings.words import tell
from zhanggui.acquirer.policy.report import read_value
from zhanggui.acquirer.rows.records import Merchant, Operator, SignIn, Terminal
from zhanggui.basics.numbers import UnixMs
from zhanggui.basics.words import Lang
from zhanggui.cup.messages.operator_asks import Measured
from zhanggui.cup.operator_tags import ANSWER_BYTES_MAX, Tag, pack_tags
from zhanggui.cup.values.eyes import ITEMS_MAX, write_eyes
from zhanggui.cup.values.rules import read_rules
from zhanggui.cup.values.self_check import CHECK_ITEMS, CheckedItem, write_self_check
from zhanggui.views.sign_ins import SIGN_INS, sign_in_row

CHOSEN = "线缆，屏幕显示，插座无损"


def shop_that_asks(profile: str = "strict") -> World:
    world = World()
    world.sign_on()
    items = read_value("eyes_items", CHOSEN)
    overrides = f'{{"check_eyes":true,"eyes_items":"{items}","evidence_required":true,"check_power":"blocked"}}'
    world.change(world.rows(Merchant)[0], policy=profile, policy_overrides=overrides)
    return world


EVIDENCE = {
    Tag.SELF_CHECK: ",".join(f"{item}:ok" for item in CHECK_ITEMS),
}


def test_the_items_of_the_shop_go_to_the_terminal_and_each_must_be_answered() -> None:
    world = shop_that_asks("basic")
    refused = world.verify(tags={**EVIDENCE, Tag.EYES: write_eyes(()).told})
    assert (code_of(refused), tags_of(refused)[Tag.REASON]) == ("P9", "eyes")
    items = read_rules(tags_of(refused)[Tag.RULES]).eyes_items
    assert items == ("cables", "display", "插座无损"), "the refusal says what is asked"
    signed_in = world.verify(tags={**EVIDENCE, Tag.EYES: write_eyes((), items).told})
    assert code_of(signed_in) == "00"
    assert read_rules(tags_of(signed_in)[Tag.RULES]).eyes_items == items


@pytest.mark.parametrize(
    ("lang", "said", "do", "cell"),
    [
        ("zh", "连续 2 次签到都说“屏幕显示”不妥", "处理好", "目视不妥：屏幕显示、插座无损"),
        ("en", '"display" was not well at 2 sign-ins in a row', "see to it", "not well: display, 插座无损"),
    ],
)
def test_an_item_that_is_wrong_twice_running_is_a_finding_in_words_and_stands_in_the_table(
    lang: Lang, said: str, do: str, cell: str
) -> None:
    world = shop_that_asks("basic")
    items = ("cables", "display", "插座无损")
    for wrong in (("display",), ("display", "插座无损")):
        world.now = UnixMs(world.now + 3_600_000)
        assert code_of(world.verify(tags={**EVIDENCE, Tag.EYES: write_eyes(wrong, items).told})) == "00"
    history = read_history(world.rows(SignIn), world.rows(Terminal), world.rows(Operator))
    (found,) = [one for one in find(history, world.now) if one.detector == "eyes_wrong"]
    told = tell(found, lang)
    assert said in told.facts
    assert do in told.do
    newest = max(world.rows(SignIn), key=lambda record: record.record_no)
    cells = SIGN_INS.cells([sign_in_row(newest, {}, {})], lang, is_wide=False)
    assert cell in cells[0]


def test_the_fullest_look_fits_its_message_beside_all_other_evidence() -> None:
    items = ("stands", "cables", "counter", "display", "temperature", "一二三四五六七八", "一二三四五六七九")
    assert len(items) == ITEMS_MAX
    measured = Measured(
        self_check=write_self_check([CheckedItem(item, "fail", "no_paper") for item in CHECK_ITEMS]),
        eyes=write_eyes(items, items),
        elapsed_ms=999_999,
        steps=tuple((step, 99_999) for step in ("check", "eyes", "number", "password", "keys")),
        versions="zhanggui/0.1.0",
        terminal_clock=UnixMs(1_795_000_000_000),
    )
    assert len(pack_tags({**measured.tags(), Tag.METHOD: "password", Tag.USER_NAME: "n" * 32})) <= ANSWER_BYTES_MAX
