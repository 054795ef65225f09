"""Small stories about people, one for each rule of the policy about them: passwords, wrong tries, codes, sessions, accounts, no network."""

import base64
from collections.abc import Iterator

import msgspec
from tests.worlds.acquirer_world import LI, MERCHANT, NOON, OTHER, WANG, World, code_of, tags_of
from tests.worlds.policy_stage import Stage, signed_in

from zhanggui.acquirer.operators.duty import decide_offline
from zhanggui.acquirer.operators.management import (
    InitialSecret,
    OnOperator,
    decide_reset,
    decide_set_shift_code,
    stale_accounts,
)
from zhanggui.acquirer.operators.password_age import must_change, opens_nothing, told_of_age
from zhanggui.acquirer.operators.passwords import earlier_passwords, with_new_password
from zhanggui.acquirer.operators.sign_in import rules_for_terminal
from zhanggui.acquirer.operators.supervision import decide_approve
from zhanggui.acquirer.policy.actors import CONSOLE
from zhanggui.acquirer.policy.shift_codes import ShiftSpan
from zhanggui.acquirer.rows.records import Approval, Operator
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.numbers import OperatorNo, UnixMs
from zhanggui.basics.secret import Secret
from zhanggui.basics.spans import DAY_MS, HOUR_MS
from zhanggui.cup.messages.operator_asks import ApproveContents, read_offline
from zhanggui.cup.operator_tags import Tag
from zhanggui.host.keys import HostKeys, HostKeyTexts
from zhanggui.vault.hsm import KeySet
from zhanggui.vault.one_time_code import hotp
from zhanggui.vault.pinblock import PasswordAccount
from zhanggui.vault.software import SoftwareHsm

BOSS = OperatorNo("00")
SALT, VERIFIER = bytes(16), bytes(32)


# ── passwords ────────────────────────────────────────────────────────────────


def new_passwords(stage: Stage) -> object:
    """What the vault says of passwords of all lengths, and of a simple one."""
    hsm = SoftwareHsm(bytes(range(32)), SeededChance(1))
    keys = HostKeys(
        hsm,
        HostKeyTexts(
            zone_pin_key=hsm.new_zone_pin_key().text,
            zone_mac_key=hsm.new_zone_mac_key().text,
            verifier_key=hsm.new_verifier_key().text,
            fingerprint_key=hsm.new_fingerprint_key().text,
            signing_key=hsm.new_signing_key().text,
        ),
    )
    pin_key = hsm.new_working_keys(hsm.new_terminal_master_key(), KeySet.DOUBLE).pin_key
    account = PasswordAccount(MERCHANT, WANG)
    seen = []
    for digits in [*("830274915067"[:length] for length in range(4, 13)), "77777777"]:
        block = hsm.encrypt_password(pin_key, Secret(digits), account)
        seen.append(keys.new_password(block, pin_key.text, PasswordAccount(MERCHANT, WANG), stage.policy, []).fault)
    return seen


def history(stage: Stage) -> object:
    row = World().operator()
    for number in range(8):
        row = with_new_password(row, stage.policy, bytes([number]), bytes([number]), NOON)
    return len(earlier_passwords(row))


def age(stage: Stage) -> object:
    row = World().operator()
    return [must_change(stage.policy, row, UnixMs(NOON + days * DAY_MS)) for days in range(366)]


def notice(stage: Stage) -> object:
    seen = []
    for days in range(90):
        world = stage.world(sign_in_code="none", stale_disable_days=0, stale_warn_days=60)
        world.now = UnixMs(NOON + days * DAY_MS)
        seen.append(tags_of(world.verify()).get(Tag.NOTICE))
    return seen


def factory(stage: Stage) -> object:
    row = msgspec.structs.replace(World().operator(), factory_password=1)
    return opens_nothing(stage.policy, row, NOON), must_change(stage.policy, row, NOON)


def factory_push(stage: Stage) -> object:
    row = msgspec.structs.replace(World().operator(), factory_password=1)
    days = [UnixMs(NOON + day * DAY_MS) for day in range(91)]
    return [(told_of_age(stage.policy, row, now), must_change(stage.policy, row, now)) for now in days]


def initial_secret(stage: Stage) -> object:
    world = stage.world()
    asked = OnOperator(merchant_no=MERCHANT, operator_no=WANG, by=CONSOLE)
    assert world.took(decide_reset(world.state, asked, InitialSecret(SALT, VERIFIER), NOON)).reason == ""
    seen = []
    for hours in range(73):
        world.now = UnixMs(NOON + hours * HOUR_MS)
        seen.append(code_of(world.verify()))
    return seen


# ── wrong tries ──────────────────────────────────────────────────────────────


def guesses(stage: Stage, numbers: Iterator[str], step_s: float, count: int, world: World | None = None) -> object:
    """Wrong tries at a steady pace: what the terminal is told, and what is kept."""
    world = world or stage.world()
    seen = []
    for place in range(count):
        world.now = UnixMs(NOON + round(place * step_s * 1000))
        decision = world.verify(OperatorNo(next(numbers)), right=False)
        tags = tags_of(decision)
        row, device = world.operator(), world.terminal()
        locks = [until and until - world.now for until in (row.locked_until_ms, device.locked_until_ms)]
        seen.append((code_of(decision), tags.get(Tag.WAIT_S), tags.get(Tag.TRIES_LEFT), row.state, *locks))
    return seen


def one_number() -> Iterator[str]:
    while True:
        yield WANG


def ever_other_numbers() -> Iterator[str]:
    for number in range(10, 99):
        yield str(number)


def quick_guesses(stage: Stage) -> object:
    """Every 7 s for half an hour: waits, and tries that belong together."""
    return guesses(stage, one_number(), 7, 260)


def patient_guesses(stage: Stage) -> object:
    """Every 61 minutes, when each wait and lock is over: the person's lock and cap."""
    return guesses(stage, one_number(), 3_660, 104)


def spraying(stage: Stage) -> object:
    """Another number every minute."""
    return guesses(stage, ever_other_numbers(), 60, 60)


def patient_spraying(stage: Stage) -> object:
    """Another number every 210 s: the fourth comes ten minutes and a half after the first."""
    return guesses(stage, ever_other_numbers(), 210, 24)


def crowd(stage: Stage) -> object:
    """Eighteen failures of three persons a moment ago, then two more and a third."""
    world = stage.world()
    earlier = ",".join(f"{NOON - 1_000}:{number}" for number in ("01", "02", "00") * 6)
    world.change(world.terminal(), failures=earlier)
    return guesses(stage, iter((WANG, LI, BOSS)), 1, 3, world)


# ── codes, sessions, approvals ───────────────────────────────────────────────


def needs(stage: Stage) -> object:
    return tags_of(stage.world().verify()).get(Tag.NEEDS)


EIGHT_HOURS = ShiftSpan(from_ms=NOON, until_ms=UnixMs(NOON + 8 * 3_600_000))


def shift_codes(stage: Stage) -> object:
    """How long a code the shop may set, and what the terminal asks for."""
    world = stage.world()
    codes = ("4839201"[:6], "4839201", "48392016")
    outcomes = [
        decide_set_shift_code(world.state, MERCHANT, CONSOLE, code, EIGHT_HOURS, NOON, sealed="sealed:00").reason
        for code in codes
    ]
    return outcomes, rules_for_terminal(stage.policy)


def late_codes(stage: Stage) -> object:
    """Codes of the present step and of the two before it."""
    hsm = SoftwareHsm(bytes(range(32)), SeededChance(1))
    key = hsm.new_code_key()
    secret = hsm.code_secret(key).reveal()
    raw = base64.b32decode(secret + "=" * (-len(secret) % 8))
    step, policy = NOON // 30_000, stage.policy
    codes = [hotp(raw, step - back, policy.code_digits) for back in range(3)]
    return [
        hsm.check_code(key, code, NOON // 1000, digits=policy.code_digits, steps_back=policy.code_steps_back).right
        for code in codes
    ]


def elsewhere(stage: Stage) -> object:
    """The way to take over that is offered, by how long the other terminal was silent."""
    seen = []
    for half_seconds in range(110, 260):
        world, _ = signed_in(stage)
        world.sign_on(OTHER)
        world.now = UnixMs(NOON + half_seconds * 500)
        seen.append(tags_of(world.verify(number=OTHER, mac="next")).get(Tag.TAKE_OVER))
    return seen


def long_session(stage: Stage) -> object:
    seen = []
    for hours in range(1, 26):
        world, _ = signed_in(stage)
        world.now = UnixMs(NOON + hours * HOUR_MS + 1)
        seen.append(tags_of(world.status()).get(Tag.ORDERS))
    return seen


def approval(stage: Stage) -> object:
    world = stage.world()
    asked = world.asked(ApproveContents(action="refund"), BOSS, right=True)
    assert code_of(world.took(decide_approve(world.state, asked, NOON))) == "00"
    (given,) = world.rows(Approval)
    return given.expires_ms - given.given_ms


# ── without a network ────────────────────────────────────────────────────────


def envelope(stage: Stage) -> object:
    return signed_in(stage)[1].get(Tag.OFFLINE)


def reported_later(stage: Stage) -> object:
    """Sign-ins without network that are reported after so many hours, with so many uses: what is answered, and the limit."""
    seen: list[object] = []
    seen += [_report(stage, hours * HOUR_MS + 1, 1) for hours in range(73)]
    seen += [_report(stage, 0, uses) for uses in range(12)]
    return seen


def _report(stage: Stage, later_ms: int, uses: int) -> object:
    world, tags = signed_in(stage)
    world.now = UnixMs(NOON + later_ms)
    asked = world.asked(read_offline({Tag.OFFLINE: f"{tags[Tag.RECORD_NO]},{uses},{NOON}"}))
    answer = code_of(world.took(decide_offline(world.state, asked, world.now)))
    return answer, [session.sale_limit_fen for session in world.live()]


def unused_accounts(stage: Stage) -> object:
    rows: list[Operator] = World().rows(Operator)
    return [stale_accounts(stage.policy, rows, UnixMs(NOON + days * DAY_MS)) for days in range(100)]


def unused_sign_in(stage: Stage) -> object:
    seen = []
    for days in range(60, 100):
        world = stage.world(stale_warn_days=7)
        world.now = UnixMs(NOON + days * DAY_MS + 1)
        seen.append(code_of(world.verify()))
    return seen
