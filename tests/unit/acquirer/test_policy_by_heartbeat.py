"""The host tells a terminal's heartbeat of rules that it does not act by yet; what eyes see twice is found."""

from zlib import crc32

from tests.worlds.acquirer_world import World, code_of, tags_of

from zhanggui.acquirer.findings.detectors import find
from zhanggui.acquirer.findings.history import read_history
from zhanggui.acquirer.operators.duty import decide_status
from zhanggui.acquirer.rows.records import Merchant, Operator, SignIn, Terminal
from zhanggui.basics.numbers import UnixMs
from zhanggui.cup.messages.operator_asks import StatusContents
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.values.rules import read_rules, rules_mark


def told(world: World, mark: str) -> str:
    decision = decide_status(world.state, world.asked(StatusContents(rules_mark=mark)), world.now)
    return tags_of(decision).get(Tag.RULES, "")


def test_rules_are_told_when_the_terminal_has_others_and_only_then() -> None:
    world = World()
    world.sign_on()
    rules = tags_of(world.verify())[Tag.RULES]
    mark = rules_mark(read_rules(rules))
    assert told(world, mark) == ""
    assert told(world, "") == "", "a terminal that does not say which it has is told at its sign-in"
    world.change(world.rows(Merchant)[0], policy_overrides='{"idle_lock_s": 30, "idle_warning_s": 10}')
    newer = told(world, mark)
    assert read_rules(newer).idle_lock_s == 30
    assert told(world, rules_mark(read_rules(newer))) == ""


def test_kinds_that_the_shop_does_not_use_are_told_with_the_rules() -> None:
    world = World()
    world.sign_on()
    before = tags_of(world.verify())[Tag.RULES]
    assert "kinds_refused" not in before
    world.change(world.rows(Merchant)[0], kinds_refused="refund void")
    newer = told(world, rules_mark(read_rules(before)))
    assert read_rules(newer).kinds_refused == ("refund", "void")
    assert told(world, rules_mark(read_rules(newer))) == ""
    world.change(world.rows(Merchant)[0], kinds_refused=None)
    assert told(world, rules_mark(read_rules(newer))) == before


def test_the_figures_of_an_envelope_are_no_rules_and_an_older_terminal_that_had_them_is_told_once() -> None:
    world = World()
    world.sign_on()
    rules = tags_of(world.verify())[Tag.RULES]
    assert "offline_" not in rules, "tag OFFLINE has them"

    def older(hours: int, uses: int, fen: int) -> str:
        had = f",offline_hours={hours},offline_uses={uses},offline_sale_limit_fen={fen},code_digits="
        return f"{crc32(rules.replace(',code_digits=', had).encode()):08X}"

    assert told(world, older(24, 3, 50000)) == rules, "it has them from an older host"
    assert told(world, older(0, 0, 0)) == "", "it takes what it is not told for 0, and acts by the same rules"


def looked(*said: str) -> list[tuple[object, object]]:
    world = World()
    world.sign_on()
    for eyes in said:
        world.now = UnixMs(world.now + 3_600_000)
        assert code_of(world.verify(tags={Tag.EYES: eyes})) == "00"
    history = read_history(world.rows(SignIn), world.rows(Terminal), world.rows(Operator))
    return [
        (one.facts["item"], one.facts["sign_ins"]) for one in find(history, world.now) if one.detector == "eyes_wrong"
    ]


WELL, CABLES = "stands:ok,cables:ok,counter:ok,light:ok", "stands:ok,cables:wrong,counter:ok,light:ok"


def test_what_is_wrong_twice_running_and_still_is_a_finding() -> None:
    assert looked(CABLES) == []
    assert looked(CABLES, CABLES) == [("cables", 2)]
    assert looked(CABLES, "", CABLES) == [("cables", 2)], "nobody was asked meanwhile"
    assert looked(CABLES, CABLES, WELL) == [], "somebody saw to it"
    assert looked(CABLES, WELL, CABLES) == []
