"""The management of operators, rule by rule: who may, what changes, what is refused, and the note that is left."""

from collections.abc import Callable

import pytest
from tests.worlds.acquirer_world import LI, MERCHANT, NOON, OTHER, OURS, WANG, World, code_of, signed_in, tags_of

from zhanggui.acquirer.findings.finding import SubjectKind
from zhanggui.acquirer.findings.settling import decide_settle
from zhanggui.acquirer.operators.badges.issuing import NewBadge, decide_issue_badge, decide_revoke_badge
from zhanggui.acquirer.operators.management import (
    InitialSecret,
    OnOperator,
    StaleAccount,
    decide_add,
    decide_disable,
    decide_enable,
    decide_enrol_code,
    decide_rename,
    decide_reset,
    decide_set_shift_code,
    decide_sign_out_operator,
    decide_unlock_operator,
    decide_unlock_terminal,
    stale_accounts,
)
from zhanggui.acquirer.operators.passwords import earlier_passwords
from zhanggui.acquirer.people.exporting import decide_export
from zhanggui.acquirer.people.rights import AREAS
from zhanggui.acquirer.policy.actors import CONSOLE, MANAGE_ROLE, Actor, console_as, may_manage
from zhanggui.acquirer.policy.capabilities import CAPABILITIES, right_of
from zhanggui.acquirer.policy.rules import policy_of
from zhanggui.acquirer.policy.shift_codes import ShiftSpan, read_shift_codes
from zhanggui.acquirer.proof.retention import decide_to_shorten
from zhanggui.acquirer.rows.decision import Decision
from zhanggui.acquirer.rows.records import AuditNote, Document, Merchant, Operator, UserName
from zhanggui.acquirer.slips.erasing import decide_erase_document, decide_open_document
from zhanggui.acquirer.slips.ticking import decide_tick
from zhanggui.acquirer.terminals.keys import decide_renew_master_key
from zhanggui.basics.numbers import MerchantNo, OperatorNo, TerminalNo, UnixMs
from zhanggui.basics.roles import Role
from zhanggui.basics.spans import DAY_MS, HOUR_MS
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.order_kinds import GIVEN_KINDS

NEW = OperatorNo("05")
BOSS, ADMIN = OperatorNo("00"), OperatorNo("99")
SECRET = InitialSecret(b"s" * 16, b"v" * 32)

Act = Callable[[World, OnOperator], Decision]
ACTS: dict[str, Act] = {
    "add_operator": lambda world, asked: decide_add(world.state, asked, "新人", "", SECRET, world.now),
    "rename_operator": lambda world, asked: decide_rename(world.state, asked, "新名", None, world.now),
    "disable_operator": lambda world, asked: decide_disable(world.state, asked, world.now),
    "enable_operator": lambda world, asked: decide_enable(world.state, asked, world.now),
    "reset_password": lambda world, asked: decide_reset(world.state, asked, SECRET, world.now),
    "unlock_operator": lambda world, asked: decide_unlock_operator(world.state, asked, world.now),
    "enrol_code": lambda world, asked: decide_enrol_code(world.state, asked, "sealed", world.now),
    "sign_out_operator": lambda world, asked: decide_sign_out_operator(world.state, asked, world.now),
    "issue_badge": lambda world, asked: decide_issue_badge(
        world.state, asked, NewBadge("AB12CD34", b"m" * 16), world.now
    ),
    "revoke_badge": lambda world, asked: decide_revoke_badge(world.state, asked, world.now),
}
WITHOUT_OPERATOR: dict[str, Callable[[World, Actor], Decision]] = {
    "set_shift_code": lambda world, by: decide_set_shift_code(
        world.state, MERCHANT, by, "483920", span(world), world.now, sealed="sealed:00"
    ),
    "unlock_terminal": lambda world, by: decide_unlock_terminal(world.state, MERCHANT, OURS, by, world.now),
    "renew_master_key": lambda world, by: decide_renew_master_key(world.state, MERCHANT, OURS, "sealed", by, world.now),
    "erase_person": lambda world, by: decide_to_shorten(world.state, MERCHANT, "erase_person", 3, by, world.now),
    "prune_records": lambda world, by: decide_to_shorten(world.state, MERCHANT, "prune_records", 3, by, world.now),
    "erase_document": lambda world, by: decide_erase_document(world.state, MERCHANT, "00ff", by, world.now),
    "open_document": lambda world, by: decide_open_document(world.state, MERCHANT, "00ff", by, world.now),
    "export_list": lambda world, by: decide_export(world.state, MERCHANT, "payments", "payments", "csv", by, world.now),
    "settle_finding": lambda world, by: decide_settle(
        world.state, MERCHANT, "failure_burst", "operator", "01", world.now, "harmless", by, world.now
    ),
    "tick_slips": lambda world, by: decide_tick(world.state, MERCHANT, (), by, world.now),
}
ROLES: tuple[Role, ...] = ("cashier", "supervisor", "administrator")


def span(world: World) -> ShiftSpan:
    return ShiftSpan(from_ms=world.now, until_ms=UnixMs(world.now + 8 * 3_600_000))


def on(number: OperatorNo = WANG, by: Actor = CONSOLE) -> OnOperator:
    return OnOperator(merchant_no=MERCHANT, operator_no=number, by=by)


def act(world: World, action: str, number: OperatorNo = WANG, by: Actor = CONSOLE) -> Decision:
    return world.took(ACTS[action](world, on(number, by)))


def notes(world: World) -> list[tuple[str, str, str, str]]:
    return [(note.actor, note.action, note.subject, note.detail) for note in world.rows(AuditNote)]


def ready(action: str, number: OperatorNo) -> World:
    """A world in which the act succeeds for whoever may."""
    world = World()
    world.put(
        Operator(
            merchant_no=MERCHANT,
            operator_no=ADMIN,
            name="系统管理员",
            role="administrator",
            salt=bytes(16),
            verifier=bytes(32),
            password_set_ms=NOON,
        )
    )
    match action:
        case "add_operator":
            kept = [row for row in world.rows(Operator) if row.operator_no != number]
            world.forget(Operator)
            for row in kept:
                world.put(row)
        case "enable_operator":
            world.change(world.operator(number), state="disabled")
        case "unlock_operator":
            world.change(world.operator(number), failed_count=10, locked_until_ms=UnixMs(NOON + 1))
        case "sign_out_operator":
            if number == WANG:
                assert code_of(world.sign_in()) == "00"
        case "revoke_badge":
            world.change(world.operator(number), badge_no="AB12CD34")
        case "erase_document" | "open_document":
            world.put(
                Document(
                    merchant_no=MERCHANT,
                    document_id="00ff",
                    kind="signature",
                    sealed=b"sealed",
                    size_bytes=6,
                    kept_ms=NOON,
                    until_ms=UnixMs(NOON + 1),
                )
            )
        case "unlock_terminal":
            world.change(world.terminal(), failed_count=20, failures="1:01", locked_until_ms=UnixMs(NOON + 1))
        case _:
            pass
    return world


# ── rights ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("target", [WANG, BOSS, ADMIN])
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ACTS)
def test_a_role_manages_whom_the_table_says(action: str, role: Role, target: OperatorNo) -> None:
    world = ready(action, target)
    target_role: Role = {WANG: "cashier", BOSS: "supervisor", ADMIN: "administrator"}[target]  # type: ignore[assignment]  # three words
    is_allowed = right_of(role, MANAGE_ROLE.get(target_role, action)) == "allow"
    decision = ACTS[action](world, on(target, Actor("somebody", role)))
    assert (decision.reason != "not_permitted") is is_allowed
    if not is_allowed:
        assert decision.changes == ()
    elif not (action in ("sign_out_operator", "issue_badge") and target != WANG):
        assert decision.reason == ""


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", WITHOUT_OPERATOR)
def test_a_role_manages_what_belongs_to_nobody_as_the_table_says(action: str, role: Role) -> None:
    decision = WITHOUT_OPERATOR[action](ready(action, WANG), Actor("somebody", role))
    assert (decision.reason == "") is (right_of(role, action) == "allow")


def test_every_management_right_of_the_table_is_asked_for_by_some_rule() -> None:
    orders = {kind.right for kind in GIVEN_KINDS.values()}
    managed = {*ACTS, *WITHOUT_OPERATOR, *MANAGE_ROLE.values(), *orders, "list_operators", "set_policy"}
    # What is done to counters and webhooks has rules and tests of its own.
    managed |= {"counter_code", "webhooks"}
    words = list(CAPABILITIES)
    # People of the office and their programs are managed by people of the office: tests/unit/host/test_acts.py, test_tokens.py.
    of_people = {*AREAS["people"].acts, *AREAS["tokens"].acts}
    assert managed == set(words[words.index("list_operators") :]) - of_people


def test_the_console_may_do_everything_and_says_that_it_was_the_console() -> None:
    assert all(may_manage(CONSOLE, action, role) for action in ACTS for role in ROLES)
    world = World()
    assert act(world, "reset_password", BOSS).reason == ""
    assert act(world, "disable_operator", WANG, console_as(world.operator(BOSS))).reason == ""
    assert [actor for actor, *_ in notes(world)] == ["console", "console:00"]


def test_every_act_that_changes_something_leaves_one_note_without_secret_or_name() -> None:
    for action in ACTS:
        number = NEW if action == "add_operator" else WANG
        world = ready(action, number)
        assert act(world, action, number).reason == "", action
        ((actor, noted_action, subject, detail),) = notes(world)
        assert (actor, noted_action, subject) == ("console", action, number)
        assert "新" not in detail
        assert "sealed" not in detail


def test_notes_are_numbered_without_a_gap() -> None:
    world = World()
    act(world, "reset_password")
    act(world, "disable_operator")
    act(world, "disable_operator")
    act(world, "enable_operator")
    assert [note.note_no for note in world.rows(AuditNote)] == [1, 2, 3]


# ── add and rename ───────────────────────────────────────────────────────────


def test_an_added_operator_has_the_role_of_the_number_and_a_first_password() -> None:
    for number, role in (("05", "cashier"), ("98", "cashier"), ("99", "administrator")):
        world = World()
        decision = world.took(decide_add(world.state, on(OperatorNo(number)), "李梅", "limei", SECRET, world.now))
        assert decision.reason == ""
        added = world.operator(OperatorNo(number))
        assert (added.role, added.name, added.user_name, added.state) == (role, "李梅", "limei", "active")
        assert (added.salt, added.verifier) == (SECRET.salt, SECRET.verifier)
        assert added.factory_password == 0
        assert added.initial_until_ms == NOON + policy_of("basic").initial_secret_hours * HOUR_MS


def test_a_number_is_given_once_even_to_somebody_who_is_gone() -> None:
    world = World()
    act(world, "disable_operator", WANG)
    assert act(world, "add_operator", WANG).reason == "number_taken"


@pytest.mark.parametrize("number", ["", "1", "100", "AB", "１０"])
def test_a_number_has_two_digits(number: str) -> None:
    assert act(World(), "add_operator", OperatorNo(number)).reason == "no_operator_number"


NEVER_SEEN = [
    "\u3164\u3164",
    "李\u3164",
    "\u2800",
    "李\ufe0f",
    "李\u200b梅",
    "\u202e梅李",
    "李\u00a0梅",
    "\U000e0041",
    "\uffa0",
]
"""Printable by their category, some of them, and seen by nobody."""


@pytest.mark.parametrize("name", ["", " ", "长" * 21, " 李梅", "李\n梅", "李\x1b[2J梅", *NEVER_SEEN])
def test_a_name_is_short_and_visible(name: str) -> None:
    world = World()
    assert decide_add(world.state, on(NEW), name, "", SECRET, world.now).reason == "bad_name"
    assert decide_rename(world.state, on(WANG), name, None, world.now).reason == "bad_name"


@pytest.mark.parametrize("user_name", ["01", "ab", "Limei", "li mei", "5mei", "m" * 33, "李梅梅"])
def test_a_user_name_is_never_taken_for_a_number(user_name: str) -> None:
    world = World()
    assert decide_add(world.state, on(NEW), "李梅", user_name, SECRET, world.now).reason == "bad_user_name"


def test_a_user_name_belongs_to_one_person_even_a_disabled_one() -> None:
    world = World()
    world.change(world.operator(LI), user_name="li.qiang", state="disabled")
    assert decide_add(world.state, on(NEW), "李强", "li.qiang", SECRET, world.now).reason == "user_name_taken"
    assert decide_rename(world.state, on(WANG), None, "li.qiang", world.now).reason == "user_name_taken"
    assert decide_rename(world.state, on(LI), "李小强", "li.qiang", world.now).reason == ""


def test_a_rename_changes_what_was_named_and_the_note_says_only_that() -> None:
    world = World()
    assert world.took(decide_rename(world.state, on(), "王芳芳", "wangfang", world.now)).reason == ""
    assert (world.operator().name, world.operator().user_name) == ("王芳芳", "wangfang")
    assert world.took(decide_rename(world.state, on(), None, "", world.now)).reason == ""
    assert (world.operator().name, world.operator().user_name) == ("王芳芳", "")
    assert decide_rename(world.state, on(), "王芳芳", None, world.now).reason == "nothing_to_change"
    assert [detail for *_, detail in notes(world)] == ["name,user_name", "user_name"]


def test_whose_user_name_it_is_stands_in_a_row_of_its_own_that_follows_each_change() -> None:
    world = World()

    def whose(user_name: str) -> str | None:
        row = world.state.get(UserName, MERCHANT, user_name)
        return row.operator_no if row is not None else None

    world.took(decide_add(world.state, on(NEW), "李梅", "limei", SECRET, world.now))
    world.took(decide_rename(world.state, on(WANG), None, "wangfang", world.now))
    assert (whose("limei"), whose("wangfang")) == (NEW, WANG)
    world.took(decide_rename(world.state, on(WANG), None, "wang", world.now))
    assert (whose("wangfang"), whose("wang")) == (None, WANG)
    world.took(decide_rename(world.state, on(WANG), None, "", world.now))
    assert whose("wang") is None


# ── disable, enable, sign out ────────────────────────────────────────────────


def test_disabling_ends_sessions_at_once_and_keeps_the_record_of_why() -> None:
    world = signed_in()
    (session,) = world.live()
    assert act(world, "disable_operator").reason == ""
    assert world.live() == ()
    record = world.record(session.record_no)
    assert (record.state, record.reason) == ("ended", "disabled")
    assert code_of(world.sale()) == "77"
    assert code_of(world.verify()) == "P2"
    assert notes(world) == [("console", "disable_operator", "01", OURS)]
    assert act(world, "enable_operator").reason == ""
    assert code_of(world.verify()) == "00"


def test_nobody_disables_themselves() -> None:
    world = ready("disable_operator", ADMIN)
    world.change(world.operator(BOSS), role="administrator")
    assert ACTS["disable_operator"](world, on(BOSS, Actor("00", None))).reason == "not_oneself"
    assert ACTS["disable_operator"](world, on(BOSS, Actor("console:00", None))).reason == "not_oneself"
    twin = Actor("person:li", actions=frozenset(CAPABILITIES) | {"manage_supervisor"}, operator_no=BOSS)
    assert ACTS["disable_operator"](world, on(BOSS, twin)).reason == "not_oneself", "the same human being in the office"


def test_what_was_found_about_oneself_is_looked_into_by_somebody_else() -> None:
    world = ready("disable_operator", ADMIN)

    def settle(by: Actor, kind: SubjectKind = "operator", name: str = WANG) -> Decision:
        return decide_settle(world.state, MERCHANT, "failure_burst", kind, name, world.now, "mistaken", by, world.now)

    manager = Actor("person:li", actions=frozenset({"settle_finding"}), operator_no=WANG)
    assert settle(manager).reason == "own_finding"
    assert settle(manager, name=BOSS).reason == ""
    assert settle(manager, "terminal", "10000001").reason == ""
    assert settle(CONSOLE).reason == ""


def test_what_is_so_already_is_said() -> None:
    world = World()
    assert act(world, "enable_operator").reason == "is_active"
    act(world, "disable_operator")
    assert act(world, "disable_operator").reason == "is_disabled"
    assert act(world, "unlock_operator").reason == "not_locked"
    assert act(world, "sign_out_operator").reason == "not_signed_in"
    assert act(world, "enrol_code").reason == "enable_first"
    assert act(world, "reset_password").reason == "enable_first"
    for action in ACTS:
        if action != "add_operator":
            assert act(world, action, OperatorNo("77")).reason == "unknown_operator"


def test_a_remote_sign_out_ends_the_session_and_the_terminal_hears_it() -> None:
    world = signed_in()
    assert act(world, "sign_out_operator").reason == ""
    assert world.live() == ()
    heard = world.status()
    assert tags_of(heard)[Tag.ORDERS] == "sign_in"
    assert code_of(world.sale()) == "77"
    assert world.record(1).reason == "signed_out_by:console"
    assert code_of(world.sign_in(number=OTHER)) == "00"


# ── reset and unlock ─────────────────────────────────────────────────────────


def test_a_reset_gives_a_first_password_and_takes_every_hindrance_away() -> None:
    world = signed_in()
    world.change(
        world.operator(), failed_count=12, locked_until_ms=UnixMs(NOON + DAY_MS), next_try_ms=UnixMs(NOON + DAY_MS)
    )
    assert act(world, "reset_password").reason == ""
    row = world.operator()
    assert (row.salt, row.verifier) == (SECRET.salt, SECRET.verifier)
    assert (row.failed_count, row.locked_until_ms, row.next_try_ms) == (0, None, None)
    assert row.initial_until_ms == NOON + 24 * HOUR_MS
    assert world.live() == (), "whoever knew the old password does not go on"


def test_a_reset_revives_who_was_disabled_by_wrong_tries_and_who_was_away_too_long() -> None:
    world = World()
    world.change(world.operator(), state="disabled", failed_count=policy_of("basic").person_cap_failures)
    assert act(world, "unlock_operator").reason == "reset_first"
    assert act(world, "enable_operator").reason == "reset_first"
    assert act(world, "reset_password").reason == ""
    assert world.operator().state == "active"

    away = World()
    shop = away.state.get(Merchant, MERCHANT)
    assert shop is not None
    away.change(shop, policy="strict", policy_overrides='{"sign_in_code":"none"}')
    away.now = UnixMs(NOON + 91 * DAY_MS)
    assert code_of(away.verify()) == "P2"
    away.change(away.operator(LI), state="disabled")
    assert act(away, "enable_operator", LI).reason == "reset_first"
    assert act(away, "reset_password").reason == ""
    assert code_of(away.verify()) == "00"


def test_a_reset_keeps_the_old_password_from_coming_back() -> None:
    world = World()
    shop = world.state.get(Merchant, MERCHANT)
    assert shop is not None
    world.change(shop, policy="strict")
    before = (world.operator().salt, world.operator().verifier)
    act(world, "reset_password")
    assert earlier_passwords(world.operator()) == [before]


def test_unlocking_forgets_wrong_tries_and_leaves_the_password() -> None:
    world = World()
    for _ in range(3):
        world.verify(right=False)
    waiting = world.operator()
    assert waiting.next_try_ms is not None
    assert act(world, "unlock_operator").reason == ""
    row = world.operator()
    assert (row.failed_count, row.locked_until_ms, row.next_try_ms) == (0, None, None)
    assert (row.salt, row.verifier) == (waiting.salt, waiting.verifier)
    assert notes(world)[-1][-1] == "failures=3"
    assert code_of(world.verify()) == "00"


def test_a_locked_device_is_let_on_again() -> None:
    world = World()
    for number in ("11", "12", "13", "14"):
        world.verify(OperatorNo(number), right=False)
    assert code_of(world.verify()) == "P3"
    assert world.took(decide_unlock_terminal(world.state, MERCHANT, OURS, CONSOLE, world.now)).reason == ""
    assert code_of(world.verify()) == "00"
    assert decide_unlock_terminal(world.state, MERCHANT, OURS, CONSOLE, world.now).reason == "not_locked"
    nowhere = TerminalNo("77777777")
    assert decide_unlock_terminal(world.state, MERCHANT, nowhere, CONSOLE, world.now).reason == "unknown_terminal"


# ── codes and disuse ─────────────────────────────────────────────────────────


def test_enrolling_a_code_forgets_the_one_before() -> None:
    world = World()
    world.change(world.operator(), code_secret="old", code_last_step=99, code_drift_s=30)
    assert act(world, "enrol_code").reason == ""
    row = world.operator()
    assert (row.code_secret, row.code_last_step, row.code_drift_s) == ("sealed", 0, None)
    assert [detail for *_, detail in notes(world)] == ["again"]


def test_the_code_of_the_shift_has_the_digits_of_the_policy() -> None:
    world = World()
    for code in ("", "12345", "1234567", "12345a", "１２３４５６"):
        assert (
            decide_set_shift_code(
                world.state, MERCHANT, CONSOLE, code, span(world), world.now, sealed="sealed:00"
            ).reason
            == "wrong_code_length"
        )
    assert (
        world.took(
            decide_set_shift_code(world.state, MERCHANT, CONSOLE, "483920", span(world), world.now, sealed="sealed:00")
        ).reason
        == ""
    )
    shop = world.state.get(Merchant, MERCHANT)
    assert shop is not None
    assert [one.sealed for one in read_shift_codes(shop.shift_code)] == ["sealed:00"]
    assert "483920" not in str(notes(world))
    nobody = MerchantNo("999999999999999")
    assert (
        decide_set_shift_code(world.state, nobody, CONSOLE, "483920", span(world), world.now, sealed="sealed:00").reason
        == "unknown_merchant"
    )


def test_accounts_that_nobody_uses_are_listed_with_what_the_policy_says() -> None:
    world = World()
    world.change(world.operator(WANG), password_set_ms=UnixMs(NOON - 60 * DAY_MS))
    world.change(
        world.operator(LI), password_set_ms=UnixMs(NOON - 200 * DAY_MS), last_sign_in_ms=UnixMs(NOON - 95 * DAY_MS)
    )
    operators = world.rows(Operator)
    assert stale_accounts(policy_of("basic"), operators, NOON) == [
        StaleAccount(WANG, 60, "warn"),
        StaleAccount(LI, 95, "warn"),
    ]
    assert stale_accounts(policy_of("strict"), operators, NOON)[1] == StaleAccount(LI, 95, "refused")
    world.change(world.operator(LI), state="disabled")
    assert [one.operator_no for one in stale_accounts(policy_of("strict"), world.rows(Operator), NOON)] == [WANG]
