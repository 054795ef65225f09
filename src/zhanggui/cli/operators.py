"""`zhanggui operators`: who may sign in. A secret is printed once, on standard output, and stands nowhere else."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import segno

from ..acquirer.people.rights import may
from ..acquirer.policy.actors import NOT_PERMITTED, console_as, may_manage
from ..acquirer.policy.rules import Policy
from ..acquirer.policy.shift_codes import read_shift_codes
from ..acquirer.rows.records import Merchant, Operator, Session
from ..basics.clock import SystemClock, format_time
from ..basics.errors import Misuse
from ..basics.numbers import MerchantNo, OperatorNo
from ..basics.roles import ROLE_WORDS
from ..host.act_table import (
    ADD_OPERATOR,
    DISABLE_OPERATOR,
    ENABLE_OPERATOR,
    ENROL_CODE,
    ISSUE_BADGE,
    RENAME_OPERATOR,
    RESET_PASSWORD,
    REVOKE_BADGE,
    SET_SHIFT_CODE,
    SIGN_OUT_OPERATOR,
    UNLOCK_OPERATOR,
    NewOperator,
    OneOperator,
    OtherNames,
    ShiftTimes,
)
from ..host.acts import ByPerson
from ..programs.settings import Settings
from ..store.queries import ROWS_MAX, PlaceFilter, Queries
from ..vault.badge import badge_number
from ..vault.otpauth import ISSUER, otpauth_uri
from ..views.audit_notes import AUDIT_NOTES, read_audit_notes
from ..views.listing import iso
from ..views.operators import OPERATORS, read_operators
from .badge_files import BadgeFiles
from .badge_picture import has_name_letters
from .console import Console, Done
from .lists import lists_of, print_list
from .management_words import done_text, refusal_text
from .output import print_json
from .sign_ins import parse_moment
from .who_acts import operator_number

What = Literal["disabled", "enabled", "unlocked", "signed_out"]
_ACTS = {
    "disabled": DISABLE_OPERATOR,
    "enabled": ENABLE_OPERATOR,
    "unlocked": UNLOCK_OPERATOR,
    "signed_out": SIGN_OUT_OPERATOR,
}


def list_operators(settings: Settings, merchant: str, by: str = "", *, is_wide: bool = False, as_json: bool) -> None:
    """Print everybody, with what is to be done about them."""
    merchant_no = MerchantNo(merchant) if merchant else None
    with lists_of(settings) as queries:
        if by:
            _check_may_list(settings, merchant, by, queries)
        rows = read_operators(queries, merchant_no, SystemClock().now())
    print_list(settings, OPERATORS, rows, as_json=as_json, is_wide=is_wide)


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
    done = Console(settings, merchant, by).do(_ACTS[what], OneOperator(operator_no))
    ended = [row.terminal_no for change in done.decision.changes if isinstance(row := change.record, Session)]
    if as_json:
        print_json({"operator_no": operator_no, "done": what, "ended_at": ended})
        return
    _say(what, settings, operator_no, as_json=False)
    if ended:
        sys.stdout.write(done_text("ended_at", settings.lang, terminals=", ".join(ended)) + "\n")


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


def issue_badge(
    settings: Settings, merchant: str, by: str, number: str, wanted: Mapping[str, Path], *, as_json: bool
) -> None:
    """A new badge, as files; the one before counts no more. The secret stands in the files and nowhere else."""
    if not wanted:
        raise Misuse("say where the badge goes: --png FILE, --pdf FILE or --card FILE; its secret is never shown")
    console = Console(settings, merchant, by)
    operator_no = operator_number(number)
    files = BadgeFiles(wanted)
    try:
        done = console.do(ISSUE_BADGE, OneOperator(operator_no))
        files.write(done.secret, operator_no, _name_in(done))
    except BaseException:
        files.drop()
        raise
    paths, badge_no = [str(path) for path in files.paths], badge_number(done.secret)
    if as_json:
        print_json({"operator_no": operator_no, "badge_no": badge_no, "files": paths})
        return
    sys.stdout.write(done_text("badge", settings.lang, number=operator_no, badge=badge_no) + "\n")
    for kind, path in wanted.items():
        sys.stdout.write(
            done_text("badge_card" if kind == "card" else "badge_print", settings.lang, file=str(path)) + "\n"
        )
    if "png" in wanted and not has_name_letters():
        sys.stdout.write(done_text("badge_no_letters", settings.lang) + "\n")
    if done.policy.badge == "off":
        sys.stdout.write(done_text("badge_off", settings.lang) + "\n")


def _name_in(done: Done) -> str:
    """Of the operator whom an act changed."""
    return next(change.record.name for change in done.decision.changes if isinstance(change.record, Operator))


def revoke_badge(settings: Settings, merchant: str, by: str, number: str, *, as_json: bool) -> None:
    """A lost badge counts no more."""
    operator_no = operator_number(number)
    Console(settings, merchant, by).do(REVOKE_BADGE, OneOperator(operator_no))
    _say("badge_revoked", settings, operator_no, as_json=as_json)


def set_shift_code(
    settings: Settings, merchant: str, by: str, *, as_json: bool, begins: str = "", hours: int | None = None
) -> None:
    """A new sign-in code of a shift, by chance: from now or from a moment ahead, for so many hours."""
    console = Console(settings, merchant, by)
    from_ms = parse_moment(begins) if begins else None
    done = console.do(SET_SHIFT_CODE, ShiftTimes(from_ms, hours))
    code, policy = done.secret, done.policy
    (shop,) = (row for change in done.decision.changes if isinstance(row := change.record, Merchant))
    codes = read_shift_codes(shop.shift_code)
    newest = max(codes, key=lambda one: one.number)
    if as_json:
        print_json(
            {
                "merchant_no": console.merchant_no,
                "shift_code": code.reveal(),
                "number": newest.number,
                "from": iso(newest.from_ms),
                "until": iso(newest.until_ms),
            }
        )
        return
    sys.stdout.write(done_text("shift_code", settings.lang, secret=code.reveal()) + "\n")
    for one in codes:
        if not one.is_over(console.clock.now()) and one.until_ms is not None:
            begin, end = (format_time(instant)[:16] for instant in (one.from_ms, one.until_ms))
            line = done_text("shift_span", settings.lang, number=str(one.number), begin=begin, end=end)
            sys.stdout.write(line + "\n")
    _note_mode(settings, policy, "shift")


def list_notes(settings: Settings, merchant: str, limit: int, *, as_json: bool) -> None:
    """Who managed what, newest first."""
    wanted = PlaceFilter(merchant_no=MerchantNo(merchant) if merchant else None, limit=limit)
    with lists_of(settings) as queries:
        print_list(settings, AUDIT_NOTES, read_audit_notes(queries, wanted), as_json=as_json)


# ── what is printed ──────────────────────────────────────────────────────────


def _check_may_list(settings: Settings, merchant: str, by: str, queries: Queries) -> None:
    """Misuse unless whoever asks, proven by the own password, may see who works in this shop."""
    console = Console(settings, merchant, by)
    console.prove()
    shop = PlaceFilter(merchant_no=console.merchant_no, limit=ROWS_MAX)
    if isinstance(console.by, ByPerson):
        everybody = queries.list_people(PlaceFilter(limit=ROWS_MAX))
        asking = [one for one in everybody if one.login == console.by.login]
        allowed = any(may(one, "operators", "view", console.merchant_no) for one in asking)
    else:
        own = [one for one in queries.list_operators(shop) if one.operator_no == console.by and one.state == "active"]
        allowed = any(may_manage(console_as(one), "list_operators") for one in own)
    if not allowed:
        raise Misuse(refusal_text(NOT_PERMITTED, settings.lang))


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
