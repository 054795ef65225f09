"""Every rule of every profile changes what happens when it is changed: one probe a rule, looked at before and after.

A probe plays a small story under a policy and returns all that could be seen of it. What only the terminal does (idle lock, …) is
seen in the tag that tells it to the terminal; the terminal's own tests say that it obeys.
"""

import base64
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from tests.worlds.acquirer_world import BATCH, FOREIGN, LI, MERCHANT, NOON, OTHER, OURS, WANG, World, code_of, tags_of

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
from zhanggui.acquirer.operators.self_check import judge_self_check
from zhanggui.acquirer.operators.sign_in import rules_for_terminal
from zhanggui.acquirer.operators.supervision import decide_approve
from zhanggui.acquirer.payments.kinds import KINDS
from zhanggui.acquirer.payments.payment import PaymentAsked, decide_payment
from zhanggui.acquirer.policy.actors import CONSOLE
from zhanggui.acquirer.policy.report import bounds_of
from zhanggui.acquirer.policy.rules import PROFILES, Policy, load_profile, policy_of
from zhanggui.acquirer.policy.shift_codes import ShiftSpan
from zhanggui.acquirer.proof.retention import forget_answer, months_before
from zhanggui.acquirer.rows.records import Approval, Batch, Merchant, Operator, Payment, StoredAnswer
from zhanggui.acquirer.settlement.order import after_page, job_of
from zhanggui.acquirer.settlement.proof import trust_in
from zhanggui.acquirer.settlement.upload import due_of
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.numbers import BatchNo, OperatorNo, Rrn, TraceNo, UnixMs
from zhanggui.basics.secret import Secret
from zhanggui.basics.spans import DAY_MS, HOUR_MS
from zhanggui.cup.messages.operator_asks import ApproveContents, read_offline
from zhanggui.cup.messages.payment import Original, PaymentRequest
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.values.clock import write_clock
from zhanggui.cup.values.self_check import CHECK_ITEMS, read_self_check
from zhanggui.host.keys import HostKeys, HostKeyTexts
from zhanggui.vault.hsm import KeySet
from zhanggui.vault.one_time_code import hotp
from zhanggui.vault.pinblock import PasswordAccount
from zhanggui.vault.software import SoftwareHsm

BOSS = OperatorNo("00")
SALT, VERIFIER = bytes(16), bytes(32)

OTHERWISE: dict[tuple[str, object], object] = {
    ("password_history", 0): 2,
    ("password_age_days", 0): 30,
    ("drift_refuse_s", 0): 60,
    ("stale_disable_days", 0): 70,
    ("factory_password", "allow"): "change",
    ("sign_in_code", "none"): "shift",
    ("badge", "password"): "alone",
    ("eyes_items", "stands+cables+counter+light"): "stands+display",
}
"""Where the neighbouring value says the same: history counts the present password as one; 0 is `never`."""
IN_PLACE: dict[str, dict[str, object]] = {
    "settle_wait_hours": {"settle_at_hour": 3},
    "password_notice_days": {"password_age_days": 90},
    "factory_push_days": {"factory_password": "allow"},
    "offline_hours": {"offline_sign_in": True, "offline_uses": 2},
    "offline_uses": {"offline_sign_in": True, "offline_hours": 12},
    "offline_sale_limit_fen": {"offline_sign_in": True, "offline_hours": 12, "offline_uses": 2},
}
"""What must be on for a rule to matter."""


class Stage:
    """A policy, and worlds under it."""

    def __init__(self, profile: str, changed: dict[str, object]) -> None:
        values: dict[str, Any] = {name: rule.value for name, rule in load_profile(profile).items()}
        self._profile, self._changed = profile, changed
        self.policy = msgspec.convert({**values, **changed}, Policy)

    def world(self, **neutral: object) -> World:
        """A world whose shop has this policy, but for rules that the story is not about."""
        world = World()
        shop = world.state.get(Merchant, MERCHANT)
        assert shop is not None
        overrides = {**neutral, **self._changed}
        world.change(shop, policy=self._profile, policy_overrides=msgspec.json.encode(overrides).decode())
        return world


def signed_in(stage: Stage) -> tuple[World, dict[Tag, str]]:
    world = stage.world(sign_in_code="none")
    opened = world.sign_in()
    assert code_of(opened) == "00"
    return world, tags_of(opened)


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


def shop_day_of_a_sale(stage: Stage) -> object:
    seen = []
    for hours in range(25):
        world, _ = signed_in(stage)
        world.now = UnixMs(world.now + hours * HOUR_MS)
        world.sale()
        seen += [(payment.shop_day, payment.created_ms) for payment in world.rows(Payment)]
    return seen


def settled_by_itself(stage: Stage) -> object:
    """Through a day: whether a job is due, and how long it waits after its only page."""
    seen = []
    for hours in range(25):
        job = job_of(stage.policy, MERCHANT, UnixMs(NOON + hours * HOUR_MS))
        seen.append(job and after_page(job, stage.policy, (), 0, NOON))
    return seen


def told_to_the_terminal(stage: Stage) -> object:
    return tags_of(stage.world().verify())[Tag.RULES]


def drifting(stage: Stage) -> object:
    seen = []
    for drift_s in (0, 30, 59, 60, 61, 62, 299, 300, 301, 302, 3_601):
        tags = {Tag.TERMINAL_CLOCK: write_clock(UnixMs(NOON + drift_s * 1000))}
        seen.append(code_of(stage.world().verify(tags=tags)))
    return seen


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


# ── self-check, accounts, records ────────────────────────────────────────────


def failed(item: str) -> Callable[[Stage], object]:
    evidence = ",".join(f"{known}:{'fail:reason' if known == item else 'ok'}" for known in CHECK_ITEMS)
    return lambda stage: judge_self_check(stage.policy, read_self_check(evidence))


def silent_terminals(stage: Stage) -> object:
    """Sign-ins with a part of the evidence left out."""
    seen = []
    for told in ({Tag.SELF_CHECK: ""}, {Tag.SELF_CHECK: "power:ok"}, {Tag.EYES: ""}, {Tag.TERMINAL_CLOCK: ""}, {}):
        decision = stage.world().verify(tags=told)
        seen.append((code_of(decision), tags_of(decision).get(Tag.REASON)))
    return seen


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


def upload_end(stage: Stage) -> object:
    batch = Batch(
        merchant_no=MERCHANT,
        terminal_no=OURS,
        batch_no=BATCH,
        state="uploading",
        outcome="differs",
        shop_day="2026-11-23",
        debit_count=0,
        debit_fen=0,
        credit_count=0,
        credit_fen=0,
        settled_ms=NOON,
    )
    return due_of(batch, stage.policy)


def answers_kept(stage: Stage) -> object:
    """For how many days an answer of an earlier batch is still there."""
    answer = StoredAnswer(
        merchant_no=MERCHANT,
        terminal_no=OURS,
        batch_no=BatchNo("000009"),
        trace_no=TraceNo("000001"),
        message_class="401",
        fingerprint=b"f",
        response_code="00",
        tags=b"t",
        made_ms=NOON,
    )
    state = stage.world().state
    return [forget_answer(state, answer, UnixMs(NOON + days * DAY_MS)) is None for days in range(40)]


def kept_until(stage: Stage) -> object:
    return months_before(NOON, stage.policy.record_months)


def request_of(kind: str, amount_fen: int) -> PaymentRequest:
    return PaymentRequest(
        kind=kind,
        merchant_no=MERCHANT,
        terminal_no=OURS,
        batch_no=BATCH,
        trace_no=TraceNo("000009"),
        entry_mode="021",
        amount_fen=amount_fen,
        operator_no=WANG,
        pan=None,
        original=Original(batch_no=BATCH, trace_no=TraceNo("000007")),
    )


def completions(stage: Stage) -> object:
    """What is taken of 100.00 that was held, by share and by age."""
    find = KINDS["completion"].find_original
    assert find is not None
    world = stage.world()
    held = Payment(
        merchant_no=MERCHANT,
        terminal_no=OURS,
        batch_no=BATCH,
        trace_no=TraceNo("000007"),
        kind="preauth",
        state="approved",
        fingerprint=b"",
        amount_fen=100_00,
        rrn=Rrn("000000000007"),
        created_ms=NOON,
    )
    world.put(held)
    asked = [(percent * 100, 0) for percent in range(98, 120)] + [(100_00, day) for day in range(40)]
    return [
        type(find(world.state, request_of("completion", fen), b"", UnixMs(NOON + day * DAY_MS + 1))).__name__
        for fen, day in asked
    ]


def refunds(stage: Stage) -> object:
    """Why refunds around the limit are refused, of a payment that is not there."""
    world, _ = signed_in(stage)
    found = []
    for amount_fen in (9_999_998, 9_999_999, 10_000_000, 10_000_001, 10_000_002):
        asked = PaymentAsked(
            request=request_of("refund", amount_fen),
            mac="current",
            fingerprint=b"",
            card_hash=b"",
            rrn=Rrn("000000000009"),
            acquirer_code="08888888",
        )
        found.append(decide_payment(world.state, asked, world.now).reason)
    return found


def totals_without_a_mac(stage: Stage) -> object:
    """How far totals without a MAC are believed, from another maker's terminal on either line."""
    world, _ = signed_in(stage)
    merchant = world.state.get(Merchant, MERCHANT)
    assert merchant is not None
    policy = policy_of(merchant.policy, merchant.policy_overrides)
    return [trust_in(world.terminal(FOREIGN), policy, proof) for proof in ("line", "nothing")]


PROBES: dict[str, Callable[[Stage], object]] = {
    "password_digits_min": new_passwords,
    "password_digits_max": new_passwords,
    "password_banned_patterns": new_passwords,
    "password_history": history,
    "password_age_days": age,
    "password_notice_days": notice,
    "factory_password": factory,
    "factory_push_days": factory_push,
    "initial_secret_hours": initial_secret,
    "tries_together": quick_guesses,
    "delay_from_failure": quick_guesses,
    "delay_first_s": quick_guesses,
    "delay_factor": quick_guesses,
    "delay_max_s": patient_guesses,
    "person_lock_failures": patient_guesses,
    "person_lock_minutes": patient_guesses,
    "person_cap_failures": patient_guesses,
    "device_lock_failures": crowd,
    "device_lock_numbers": spraying,
    "device_lock_window_minutes": patient_spraying,
    "device_lock_minutes": spraying,
    "sign_in_code": needs,
    "code_digits": shift_codes,
    "code_steps_back": late_codes,
    "duplicate": elsewhere,
    "lease_s": elsewhere,
    "session_hours_max": long_session,
    "new_day_signs_in": told_to_the_terminal,
    "refund_limit_fen": refunds,
    "completion_percent": completions,
    "preauth_days": completions,
    "shop_day_starts_hour": shop_day_of_a_sale,
    "settle_at_hour": settled_by_itself,
    "settle_wait_hours": settled_by_itself,
    "batch_proof": totals_without_a_mac,
    "upload_wait_hours": upload_end,
    "upload_chip_details": told_to_the_terminal,
    "idle_lock_s": told_to_the_terminal,
    "idle_warning_s": told_to_the_terminal,
    "after_sale": told_to_the_terminal,
    "approval_s": approval,
    "drift_warn_s": told_to_the_terminal,
    "drift_refuse_s": drifting,
    "offline_sign_in": envelope,
    "offline_hours": reported_later,
    "offline_uses": reported_later,
    "offline_sale_limit_fen": reported_later,
    "check_eyes": told_to_the_terminal,
    "eyes_items": told_to_the_terminal,
    "recent_operators": told_to_the_terminal,
    "user_names": told_to_the_terminal,
    "badge": told_to_the_terminal,
    "evidence_required": silent_terminals,
    "stale_warn_days": unused_accounts,
    "stale_disable_days": unused_sign_in,
    "record_months": kept_until,
    "answers_days": answers_kept,
    **{
        name: failed(name.removeprefix("check_"))
        for name in Policy.__struct_fields__
        if name.startswith("check_") and name != "check_eyes"
    },
}


def otherwise(rule: str, value: object) -> object:
    """Another value of a rule: the neighbour, within its bounds."""
    if (rule, value) in OTHERWISE:
        return OTHERWISE[rule, value]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1 if value < bounds_of(rule)["most"] else value - 1
    words = bounds_of(rule)["words"]
    return next((word for word in words if word != value), "degraded")


def test_every_rule_has_its_probe() -> None:
    assert PROBES.keys() == set(Policy.__struct_fields__)


@pytest.mark.parametrize("rule", PROBES)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_rule_that_is_changed_changes_what_happens(profile: str, rule: str) -> None:
    in_place = IN_PLACE.get(rule, {})
    value = in_place.get(rule, getattr(policy_of(profile), rule))
    before = PROBES[rule](Stage(profile, {**in_place, rule: value} if in_place else {}))
    after = PROBES[rule](Stage(profile, {**in_place, rule: otherwise(rule, value)}))
    assert before != after
    assert PROBES[rule](Stage(profile, {**in_place, rule: value} if in_place else {})) == before, (
        "a story is the same each time"
    )
