"""A fault at each effect of each scenario: cut off before it, cut off after it, refused. All books agree afterwards.

What a terminal keeps, sends and prints, what the host commits, and what goes to the bank or a wallet and back are effects. A scenario is
done once to count them, then anew for each effect and each way in which it may go wrong; then power and lines are back, everybody goes on,
and the books are compared. The world is that of a shop in memory (`shop_day`): true flow, shell, journal, keys, rules; processes that are
killed over real files are the subject of the tests beside this one.

`make test` draws a few of these faults of each scenario; `make crash` makes them all, and cuts the power a second time, too, at each of the
first effects after a terminal that was cut off came back.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from unittest import mock

import pytest
from tests.worlds.leaping_loop import LeapingLoop
from tests.worlds.seeded import SEED, drawn, seed_of_run
from tests.worlds.shop_counter import NoticeFate
from tests.worlds.shop_day import HOST_AGAIN_S, ShopDay
from tests.worlds.shop_errands import Errand
from tests.worlds.shop_host import How
from tests.worlds.shop_laws import TAKEN
from tests.worlds.shop_till import Till
from tests.worlds.shop_wallets import WalletFate

TWICE = os.environ.get("ZHANGGUI_CRASH_TWICE") == "1"
DRAWN = 10
"""Faults of a scenario; it has some thirty-five."""
SECOND_MOST = 12
"""Effects of a terminal from power-on to a finished sign-in, the reversal among them."""
HOWS: tuple[How, ...] = ("cut before", "cut after", "fails")
WHERES = ("till", "host", "bank", "wallet", "notice")
AT_WALLET: dict[How, WalletFate] = {
    "cut before": "request lost",
    "cut after": "answer lost",
    "fails": "host dies after",
}
OF_NOTICE: dict[How, NoticeFate] = {"cut before": "host dies", "cut after": "host dies after", "fails": "lost"}
SMART, ESIGN = 0, 1
UPLOADS = '{"upload_chip_details": true}'
"""A shop whose terminals tell each chip payment once more when they settle, also where the totals agree."""
NEXT_FEN = 6600
QUIET_S = 100.0
"""What a terminal does by itself while nobody is there (a signature once more, a question after what the bank did) comes within a minute."""


@dataclass(frozen=True)
class Scenario:
    """What somebody does while something goes wrong, and what was done before it, by whom and where."""

    name: str
    errand: Callable[[ShopDay], Errand]
    before: Sequence[Errand] = ()
    place: int = SMART
    policy: str = ""
    then_s: float = 0.0
    """How long the till is left alone afterwards, while the fault may still come."""
    script: bool = False
    """Whether the bank has something for the chip that pays."""
    counter: bool = False
    """Whether a code stands on the counter."""


def pay(kind: str, fen: int = 10000, card: str = "main") -> Errand:
    return Errand("pay", "01", kind=kind, fen=fen, card=card)


def about(kind: str, original: str, fen: int = 10000) -> Callable[[ShopDay], Errand]:
    """A payment about the last one of this kind, by the number that its slip has for it."""

    def errand(day: ShopDay) -> Errand:
        line = [one for till in day.tills for one in till.lines().values() if one.kind == original][-1]
        number = {"void": line.trace_no, "completion_void": line.trace_no, "refund": line.rrn}.get(kind, line.auth_code)
        return Errand("pay", "01", kind=kind, fen=fen, original=number, day=line.date)

    return errand


def just(errand: Callable[[], Errand]) -> Callable[[ShopDay], Errand]:
    return lambda day: errand()


def received(brand: str) -> Errand:
    """A customer pays by the code on the counter, and somebody waits for it at the till."""
    return Errand("receive", "01", fen=10000, card=brand)


SALE, HELD = pay("sale"), pay("preauth")
SCENARIOS = (
    Scenario("sale", just(lambda: pay("sale"))),
    Scenario("void", about("void", "sale"), (SALE,)),
    Scenario("refund of a part", about("refund", "sale", 4000), (SALE,)),
    Scenario("pre-authorisation", just(lambda: pay("preauth"))),
    Scenario("increment", about("preauth_increment", "preauth", 3000), (HELD,)),
    Scenario("cancel", about("preauth_cancel", "preauth"), (HELD,)),
    Scenario("completion", about("completion", "preauth", 11500), (HELD,)),
    Scenario("completion by notice", about("completion_notice", "preauth", 9000), (HELD,)),
    Scenario("void of a completion", about("completion_void", "completion"), (HELD, pay("completion"))),
    Scenario("customer's code at a wallet", just(lambda: pay("sale", card="wechat"))),
    Scenario("void of one at a wallet", about("void", "qr_sale"), (pay("sale", card="wechat"),)),
    Scenario("our code", just(lambda: pay("qr_own", card="alipay")), then_s=QUIET_S),
    Scenario("code on the counter", just(lambda: received("wechat")), then_s=QUIET_S, counter=True),
    Scenario("void of one by it", about("void", "qr_static"), (received("alipay"),), counter=True),
    Scenario("refund of one by it", about("refund", "qr_static", 4000), (received("unionpay"),), counter=True),
    Scenario("settlement", just(lambda: Errand("settle", "01")), (SALE, HELD)),
    Scenario("settlement with upload", just(lambda: Errand("settle", "01")), (SALE, SALE, HELD), policy=UPLOADS),
    Scenario("sign-in", just(lambda: Errand("sign_in", "01")), (Errand("sign_out", "01"),)),
    Scenario("sign-out", just(lambda: Errand("sign_out", "01")), (SALE,)),
    Scenario("hand-over", just(lambda: Errand("hand_over", "02")), (SALE,)),
    Scenario("issuer script and its notice", just(lambda: pay("sale")), then_s=QUIET_S, script=True),
    Scenario("signature and its upload", just(lambda: pay("sale")), place=ESIGN, then_s=QUIET_S),
)


async def prepared(scenario: Scenario) -> ShopDay:
    """A shop in which everything is done that comes before; nothing has gone wrong yet."""
    day = ShopDay(scenario.policy)
    await day.open()
    till = day.tills[scenario.place]
    if scenario.counter:
        await day.host.counters.put(till.number)
    for errand in (Errand("sign_in", "01"), *scenario.before):
        fresh = Errand(errand.what, errand.operator, kind=errand.kind, fen=errand.fen, card=errand.card)
        if errand.kind == "completion":
            fresh = about("completion", "preauth")(day)
        await day.do(till, fresh)
    if scenario.script:
        day.host.bank.order_script("card-main", 3)
    return day


async def done(day: ShopDay, scenario: Scenario) -> None:
    """The scenario's own errand, and what comes of it by itself."""
    till = day.tills[scenario.place]
    await day.do(till, scenario.errand(day))
    if scenario.then_s:
        await day.pass_s(scenario.then_s)
        if till.mishaps.dead:
            await till.switch_off()


async def counted(scenario: Scenario) -> dict[str, int]:
    """How many effects the scenario has where nothing goes wrong, by where."""
    day = await prepared(scenario)
    till = day.tills[scenario.place]
    before = seen(day, till)
    await done(day, scenario)
    assert day.broken() == []
    after = seen(day, till)
    await day.close()
    return {where: after[where] - before[where] for where in WHERES}


def seen(day: ShopDay, till: Till) -> dict[str, int]:
    """How many effects there were until now."""
    host = day.host
    effects = (
        len(till.mishaps.seen),
        len(host.store.batches),
        host.wire.frames,
        host.wallets.asked,
        host.counters.told,
    )
    return dict(zip(WHERES, effects, strict=True))


Second = tuple[How, int]


async def tried(scenario: Scenario, where: str, how: How, number: int, second: Second | None = None) -> list[str]:
    """What differs after this fault, and after another one while the till comes back; nothing when all is well."""
    day = await prepared(scenario)
    till = day.tills[scenario.place]
    match where:
        case "till":
            till.mishaps.plan(how, number)
        case "host":
            day.host.plan(how, number)
        case "wallet":
            at_wallet: WalletFate = AT_WALLET[how]
            day.host.wallets.fates.extend([*["answered"] * number, at_wallet])  # type: ignore[list-item]  # words of a fate
        case "notice":
            told: NoticeFate = OF_NOTICE[how]
            day.host.counters.fates.extend([*["told"] * number, told])  # type: ignore[list-item]  # words of a fate
        case _:
            fate = {"cut before": "request lost", "cut after": "answer lost", "fails": "answer late"}[how]
            day.host.wire.fates.extend([*["answered"] * number, fate])  # type: ignore[list-item]  # words of a fate
    await done(day, scenario)
    if second is not None:
        if not till.is_on:
            await till.switch_on()
        till.mishaps.plan(*second)
        await day.do(till, Errand("sign_in", "01", takes_over=True))
    wrong = day.broken()
    await day.pass_s(HOST_AGAIN_S + 1)
    wrong += await day.falls_quiet()
    # Life goes on: the next customer pays, if need be after a new sign-in, or once a terminal that worked without a line found it again.
    for _ in range(2):
        paid = await day.do(till, Errand("pay", "01", kind="sale", fen=NEXT_FEN, takes_over=True))
        last = [line for line in till.lines().values() if line.amount_fen == NEXT_FEN]
        if last:
            break
        await day.pass_s(QUIET_S)
    if [line.state for line in last] != ["approved"]:
        wrong.append(f"the next sale: {[line.state for line in last]} at {paid.screens[-1].id}")
    # A heartbeat asks what became of one that the bank had left unanswered.
    await day.pass_s(QUIET_S)
    wrong += [*day.broken(), *day.laws.disagreements()]
    if day.host.bank.scripts_open:
        wrong.append("the issuer does not know that its chip did what it was told")
    if any(line.state not in (*TAKEN, "reversed", "declined", "returned") for line in till.lines().values()):
        wrong.append("a payment of the till has no end")
    await day.close()
    return wrong


SECONDS: tuple[Second, ...] = tuple(("cut before", number) for number in range(SECOND_MOST))
"""Cut after one effect is cut before the next."""


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_fault_at_each_effect_leaves_books_that_agree(
    scenario: Scenario, record_property: Callable[[str, object], None]
) -> None:
    wrong: dict[str, list[str]] = {}
    tries = 0
    with mock.patch("os.fsync"), asyncio.Runner(loop_factory=LeapingLoop) as runner:
        effects = runner.run(counted(scenario))
        assert effects["till"]
        points = [(where, how, number) for where in WHERES for number in range(effects[where]) for how in HOWS]
        for where, how, number in drawn(points, DRAWN, scenario.name):
            for second in (None, *(SECONDS if TWICE and where == "till" and how != "fails" else ())):
                tries += 1
                found = runner.run(tried(scenario, where, how, number, second))
                if found:
                    wrong[f"{where} {number} {how}, then {second}"] = found
    record_property("faults", tries)
    print(f"{SEED}={seed_of_run()} draws the same faults again")
    assert not wrong, "\n".join(f"{point}: {'; '.join(found)}" for point, found in wrong.items())
