"""`zhanggui operators`: who may sign in. A secret is printed once, on standard output, and stands nowhere else."""

import sys
from typing import Any, Literal

import segno

from ..acquirer.operators.management import stale_accounts, unused_days
from ..acquirer.operators.password_age import days_left
from ..acquirer.policy.actors import NOT_PERMITTED, console_as, may_manage
from ..acquirer.policy.capabilities import CAPABILITIES
from ..acquirer.policy.rules import Policy, policy_of
from ..acquirer.rows.records import Merchant, Operator, Session
from ..basics.clock import SystemClock, format_time
from ..basics.errors import Misuse
from ..basics.numbers import MerchantNo, OperatorNo, UnixMs
from ..basics.roles import ROLE_WORDS
from ..host.act_table import (
    ADD_OPERATOR,
    DISABLE_OPERATOR,
    ENABLE_OPERATOR,
    ENROL_CODE,
    RENAME_OPERATOR,
    RESET_PASSWORD,
    SET_SHIFT_CODE,
    SIGN_OUT_OPERATOR,
    UNLOCK_OPERATOR,
    NewOperator,
    Nothing,
    OneOperator,
    OtherNames,
)
from ..programs.settings import Settings
from ..store.queries import ROWS_MAX, PlaceFilter
from ..vault.otpauth import otpauth_uri
from .console import Console, Done, operator_number
from .lists import iso, lists_of, print_json, print_table
from .management_words import done_text, refusal_text

ISSUER = "Zhanggui"
"""What authenticator apps show above the code."""
What = Literal["disabled", "enabled", "unlocked", "signed_out"]
_ACTS = {
    "disabled": DISABLE_OPERATOR,
    "enabled": ENABLE_OPERATOR,
    "unlocked": UNLOCK_OPERATOR,
    "signed_out": SIGN_OUT_OPERATOR,
}


def list_operators(settings: Settings, merchant: str, by: str = "", *, as_json: bool) -> None:
    """Print everybody, with what is to be done about them."""
    now = SystemClock().now()
    wanted = PlaceFilter(merchant_no=MerchantNo(merchant) if merchant else None, limit=ROWS_MAX)
    with lists_of(settings) as queries:
        operators = queries.list_operators(wanted)
        shops = {shop.merchant_no: shop for shop in queries.list_merchants(wanted)}
        live = queries.list_sessions(PlaceFilter(merchant_no=wanted.merchant_no, live_only=True, limit=ROWS_MAX))
    if by and not _may_list(operators, operator_number(by)):
        raise Misuse(refusal_text(NOT_PERMITTED, settings.lang))
    rows = [_row(operator, shops[operator.merchant_no], live, now) for operator in operators]
    if as_json:
        print_json(rows)
        return
    zh = ("号", "姓名", "用户名", "角色", "状态", "密码", "签到代码", "末次签到", "签到中")
    en = ("no.", "name", "user name", "role", "state", "password", "code", "last sign-in", "signed in at")
    print_table(settings, zh, en, [_cells(row, settings.lang) for row in rows])


def add(settings: Settings, merchant: str, by: str, number: str, name: str, user_name: str, *, as_json: bool) -> None:
    """A new operator with a first password."""
    asked = NewOperator(operator_number(number), name, user_name)
    done = Console(settings, merchant, by).do(ADD_OPERATOR, asked)
    _show_first_password("added", settings, done, as_json=as_json)


def reset(settings: Settings, merchant: str, by: str, number: str, *, as_json: bool) -> None:
    """A first password for somebody who forgot theirs, or must not use it any more."""
    done = Console(settings, merchant, by).do(RESET_PASSWORD, OneOperator(operator_number(number)))
    _show_first_password("reset", settings, done, as_json=as_json)


def rename(
    settings: Settings,
    merchant: str,
    by: str,
    number: str,
    name: str | None,
    user_name: str | None,
    *,
    as_json: bool,
) -> None:
    """Another name or user name."""
    operator_no = operator_number(number)
    Console(settings, merchant, by).do(RENAME_OPERATOR, OtherNames(operator_no, name, user_name))
    _say("renamed", settings, operator_no, as_json=as_json)


def act(settings: Settings, merchant: str, by: str, number: str, what: What, *, as_json: bool) -> None:
    """Disable, enable, unlock or sign out."""
    operator_no = operator_number(number)
    Console(settings, merchant, by).do(_ACTS[what], OneOperator(operator_no))
    _say(what, settings, operator_no, as_json=as_json)


def enrol_code(settings: Settings, merchant: str, by: str, number: str, *, as_json: bool) -> None:
    """A new secret for the operator's sign-in code, as an address and a QR code for an authenticator app."""
    console = Console(settings, merchant, by)
    operator_no = operator_number(number)
    done = console.do(ENROL_CODE, OneOperator(operator_no))
    code_digits = done.policy.code_digits
    account = f"{console.merchant_no}-{operator_no}"
    uri = otpauth_uri(done.secret, issuer=ISSUER, account=account, code_digits=code_digits)
    if as_json:
        print_json({"operator_no": operator_no, "otpauth_uri": uri.reveal(), "digits": code_digits})
        return
    sys.stdout.write(done_text("code", settings.lang, number=operator_no) + "\n")
    segno.make_qr(uri.reveal(), error="m").terminal(out=sys.stdout, compact=True)
    sys.stdout.write(uri.reveal() + "\n")
    _note_mode(settings, done.policy, "totp")


def set_shift_code(settings: Settings, merchant: str, by: str, *, as_json: bool) -> None:
    """A new sign-in code of the shift, by chance."""
    console = Console(settings, merchant, by)
    done = console.do(SET_SHIFT_CODE, Nothing())
    code, policy = done.secret, done.policy
    if as_json:
        print_json({"merchant_no": console.merchant_no, "shift_code": code.reveal()})
        return
    sys.stdout.write(done_text("shift_code", settings.lang, secret=code.reveal()) + "\n")
    _note_mode(settings, policy, "shift")


def list_notes(settings: Settings, merchant: str, limit: int, *, as_json: bool) -> None:
    """Who managed what, newest first."""
    with lists_of(settings) as queries:
        notes = queries.list_audit_notes(
            PlaceFilter(merchant_no=MerchantNo(merchant) if merchant else None, limit=limit)
        )
    if as_json:
        print_json(
            [
                {
                    "merchant_no": note.merchant_no,
                    "note_no": note.note_no,
                    "actor": note.actor,
                    "action": note.action,
                    "subject": note.subject,
                    "detail": note.detail,
                    "made": iso(note.made_ms),
                }
                for note in notes
            ]
        )
        return
    rows = [
        (
            str(note.note_no),
            format_time(note.made_ms),
            note.actor,
            _action_words(note.action, settings.lang),
            note.subject,
            note.detail,
        )
        for note in notes
    ]
    zh = ("序号", "时间", "谁", "做了什么", "对象", "备注")
    print_table(settings, zh, ("no.", "time", "who", "what", "whom", "detail"), rows)


# ── what is printed ──────────────────────────────────────────────────────────


def _may_list(operators: list[Operator], by: OperatorNo) -> bool:
    """Whether this operator, in each shop that is listed, may see who works there."""
    shops = {row.merchant_no for row in operators}
    asking = [row for row in operators if row.operator_no == by and row.state == "active"]
    return len(asking) == len(shops) and all(may_manage(console_as(row), "list_operators") for row in asking)


def _row(operator: Operator, shop: Merchant, live: list[Session], now: UnixMs) -> dict[str, Any]:
    policy = policy_of(shop.policy, shop.policy_overrides)
    stale = stale_accounts(policy, [operator], now)
    locked = operator.locked_until_ms if operator.locked_until_ms and now < operator.locked_until_ms else None
    here = [
        session.terminal_no
        for session in live
        if (session.merchant_no, session.operator_no) == (operator.merchant_no, operator.operator_no)
    ]
    return {
        "merchant_no": operator.merchant_no,
        "operator_no": operator.operator_no,
        "name": operator.name,
        "user_name": operator.user_name,
        "role": operator.role,
        "state": operator.state,
        "failures_in_a_row": operator.failed_count,
        "locked_until": iso(locked),
        "password": _password_word(policy, operator, now),
        "password_days_left": days_left(policy, operator, now),
        "initial_until": iso(operator.initial_until_ms),
        "code_enrolled": bool(operator.code_secret),
        "code_drift_s": operator.code_drift_s,
        "last_sign_in": iso(operator.last_sign_in_ms),
        "unused_days": unused_days(operator, now),
        "stale": stale[0].verdict if stale else "",
        "signed_in_at": here,
    }


def _password_word(policy: Policy, operator: Operator, now: UnixMs) -> str:
    if operator.initial_until_ms is not None:
        return "initial" if now < operator.initial_until_ms else "initial_expired"
    if operator.factory_password:
        return "factory"
    left = days_left(policy, operator, now)
    return "expired" if left is not None and left <= 0 else "own"


_PASSWORD_WORDS = {
    "initial": ("初始", "first"),
    "initial_expired": ("初始，已过期", "first, over"),
    "factory": ("出厂", "factory"),
    "expired": ("须修改", "must change"),
    "own": ("本人所设", "own"),
}


def _cells(row: dict[str, Any], lang: str) -> tuple[str, ...]:
    zh = lang == "zh"
    state = {"active": "正常", "disabled": "停用"}[row["state"]] if zh else row["state"]
    if row["locked_until"]:
        state = "锁定" if zh else "locked"
    if row["stale"]:
        state += f"，{row['unused_days']} 天未用" if zh else f", unused for {row['unused_days']} days"
    code = "—"
    if row["code_enrolled"]:
        code = "已登记" if zh else "enrolled"
        code += f" {row['code_drift_s']:+d} s" if row["code_drift_s"] is not None else ""
    return (
        row["operator_no"],
        row["name"],
        row["user_name"],
        ROLE_WORDS[row["role"]].of(lang),
        state,
        _PASSWORD_WORDS[row["password"]][0 if zh else 1],
        code,
        row["last_sign_in"] or "—",
        " ".join(row["signed_in_at"]) or "—",
    )


def _action_words(action: str, lang: str) -> str:
    capability = CAPABILITIES.get(action)
    if capability is None:
        return action
    return capability.zh if lang == "zh" else capability.en


def _show_first_password(what: str, settings: Settings, done: Done, *, as_json: bool) -> None:
    password = done.secret
    (operator,) = (row for change in done.decision.changes if isinstance(row := change.record, Operator))
    assert operator.initial_until_ms is not None, "a first password has an end"
    if as_json:
        print_json(
            {
                "operator_no": operator.operator_no,
                "name": operator.name,
                "role": operator.role,
                "first_password": password.reveal(),
                "until": iso(operator.initial_until_ms),
            }
        )
        return
    role = ROLE_WORDS[operator.role].of(settings.lang)
    until = format_time(operator.initial_until_ms)
    sys.stdout.write(
        f"{done_text(what, settings.lang, number=operator.operator_no, name=operator.name, role=role)}\n"
        f"{done_text('secret', settings.lang, secret=password.reveal(), until=until)}\n"
    )


def _say(done: str, settings: Settings, operator_no: OperatorNo, *, as_json: bool) -> None:
    if as_json:
        print_json({"operator_no": operator_no, "done": done})
    else:
        sys.stdout.write(done_text(done, settings.lang, number=operator_no) + "\n")


def _note_mode(settings: Settings, policy: Policy, wanted: str) -> None:
    if policy.sign_in_code != wanted:
        sys.stdout.write(done_text("code_not_asked", settings.lang, mode=policy.sign_in_code) + "\n")
