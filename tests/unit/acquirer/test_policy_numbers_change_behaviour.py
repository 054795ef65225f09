"""Every rule of every profile changes what happens when it is changed: one probe a rule, looked at before and after.

A probe plays a small story under a policy and returns all that could be seen of it. What only the terminal does (idle lock, …) is
seen in the tag that tells it to the terminal; the terminal's own tests say that it obeys.
"""

from collections.abc import Callable

import pytest
from tests.unit.acquirer.probes_of_operators import (
    age,
    approval,
    crowd,
    elsewhere,
    envelope,
    factory,
    factory_push,
    history,
    initial_secret,
    late_codes,
    long_session,
    needs,
    new_passwords,
    notice,
    patient_guesses,
    patient_spraying,
    quick_guesses,
    reported_later,
    shift_codes,
    spraying,
    unused_accounts,
    unused_sign_in,
)
from tests.unit.acquirer.probes_of_shop_and_terminal import (
    answers_kept,
    completions,
    drifting,
    failed,
    kept_until,
    refunds,
    settled_by_itself,
    shop_day_of_a_sale,
    signatures,
    silent_terminals,
    slips_by_link,
    told_to_the_terminal,
    totals_without_a_mac,
    upload_end,
)
from tests.worlds.policy_stage import Stage

from zhanggui.acquirer.policy.report import bounds_of
from zhanggui.acquirer.policy.rules import PROFILES, Policy, policy_of

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
    "no_pin_limit_fen": told_to_the_terminal,
    "no_sign_limit_fen": told_to_the_terminal,
    "pin_bypass": told_to_the_terminal,
    "fallback_tries": told_to_the_terminal,
    "keyed": told_to_the_terminal,
    "completion_percent": completions,
    "preauth_days": completions,
    "signature_kept_days": signatures,
    "slip_link_days": slips_by_link,
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
    "phone": told_to_the_terminal,
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
