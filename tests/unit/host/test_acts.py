"""Acts of management: one table for console, office and REST; each asks for its right and leaves its note."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
import pytest
from tests.worlds.memory_host import MERCHANT, NOON, TERMINAL, Line, MemoryHost
from tests.worlds.webhook_rows import outbox_message, webhook

from zhanggui.acquirer.people.exporting import FileOrder
from zhanggui.acquirer.people.inviting import NewPerson
from zhanggui.acquirer.people.programs.tokens import NewToken, OneToken
from zhanggui.acquirer.policy.capabilities import CAPABILITIES, right_of
from zhanggui.acquirer.rows.decision import Decision
from zhanggui.acquirer.rows.records import (
    WHOLE_HOST,
    ApiToken,
    AuditNote,
    Counter,
    CounterCode,
    Document,
    ExportFile,
    Operator,
    Payment,
    Person,
    Session,
    SignIn,
    Terminal,
)
from zhanggui.acquirer.rows.state import Change, Needs
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.errors import Defect, Fault
from zhanggui.basics.numbers import BatchNo, OperatorNo, RecordNo, Rrn, TraceNo, UnixMs
from zhanggui.cup.order_kinds import GIVEN_KINDS
from zhanggui.host.act_table import (
    ACTS,
    ADD_OPERATOR,
    ANNOUNCE_ERASURE,
    ANNOUNCE_PRUNING,
    DISABLE_OPERATOR,
    ENABLE_OPERATOR,
    ENROL_CODE,
    ERASE_DOCUMENT_ACT,
    ISSUE_BADGE,
    OPEN_DOCUMENT_ACT,
    ORDER_ACTS,
    PUT_COUNTER_CODE,
    RENAME_OPERATOR,
    RENEW_KEY,
    RESET_PASSWORD,
    REVOKE_BADGE,
    SET_RULE,
    SET_SHIFT_CODE,
    SETTLE_FINDING_ACT,
    SIGN_OUT_OPERATOR,
    TICK_PILE,
    UNLOCK_OPERATOR,
    UNLOCK_TERMINAL,
    USE_KIND,
    USE_PROFILE,
    WITHDRAW_COUNTER_CODE,
    FindingLookedInto,
    KindUse,
    NewCounterCode,
    NewMasterKey,
    NewOperator,
    NewOrder,
    OneDocument,
    OneOperator,
    OneTerminal,
    OtherNames,
    Pile,
    ProfileName,
    RecordsToGo,
    RuleValue,
    ShiftTimes,
)
from zhanggui.host.acts import UNKNOWN_ACTOR, Act, ActDesk, ActRow, By, ByPerson, SecretMaker, perform, submit
from zhanggui.host.export_acts import DELETE_EXPORT, EXPORT_LIST_ACT, ORDER_EXPORT, TAKE_EXPORT, ListToTake, OneExport
from zhanggui.host.people_acts import DISABLE, ENABLE, INVITE, RESET, SET_ROLE, OnePerson, OtherRole
from zhanggui.host.token_acts import ADD_TOKEN, REVOKE_TOKEN, ROTATE_TOKEN
from zhanggui.host.webhook_acts import (
    ADD_WEBHOOK,
    CHANGE_WEBHOOK,
    PAUSE_WEBHOOK,
    REMOVE_WEBHOOK,
    RESUME_WEBHOOK,
    ROTATE_WEBHOOK,
    SEND_AGAIN,
    TEST_WEBHOOK,
    NewWebhook,
    OneMessage,
    OneWebhook,
    OtherWebhook,
)


def has_text(name: str) -> bool:
    return GIVEN_KINDS[name].contents == "text"


WANG, LI, BOSS, ADMIN, NEW = (OperatorNo(number) for number in ("01", "02", "00", "99", "05"))
ASKED: dict[str, tuple[ActRow[Any], Any]] = {
    row.name: (row, asked)
    for row, asked in (
        (ADD_OPERATOR, NewOperator(NEW, "李梅")),
        (RENAME_OPERATOR, OtherNames(WANG, name="王方")),
        (DISABLE_OPERATOR, OneOperator(WANG)),
        (ENABLE_OPERATOR, OneOperator(WANG)),
        (RESET_PASSWORD, OneOperator(WANG)),
        (UNLOCK_OPERATOR, OneOperator(WANG)),
        (ENROL_CODE, OneOperator(WANG)),
        (ISSUE_BADGE, OneOperator(WANG)),
        (REVOKE_BADGE, OneOperator(WANG)),
        (SIGN_OUT_OPERATOR, OneOperator(WANG)),
        (SET_SHIFT_CODE, ShiftTimes()),
        (UNLOCK_TERMINAL, OneTerminal(TERMINAL)),
        (RENEW_KEY, NewMasterKey(TERMINAL, "sealed")),
        (ANNOUNCE_ERASURE, RecordsToGo(7)),
        (ANNOUNCE_PRUNING, RecordsToGo(7)),
        (ERASE_DOCUMENT_ACT, OneDocument("00ff")),
        (OPEN_DOCUMENT_ACT, OneDocument("00ff")),
        (EXPORT_LIST_ACT, ListToTake("payments", "payments", "csv state=approved")),
        (ORDER_EXPORT, FileOrder("payments", "payments", "csv", "csv", "zh", "", "f2", "here")),
        (TAKE_EXPORT, OneExport(1)),
        (DELETE_EXPORT, OneExport(1)),
        (SETTLE_FINDING_ACT, FindingLookedInto("failure_burst", "operator", "01", NOON, "harmless")),
        (TICK_PILE, Pile(((MERCHANT, TERMINAL, BatchNo("000001"), TraceNo("000001")),))),
        (PUT_COUNTER_CODE, NewCounterCode(TERMINAL, "5411", "上海")),
        (WITHDRAW_COUNTER_CODE, OneTerminal(TERMINAL)),
        (SET_RULE, RuleValue("idle_lock_s", 120)),
        (USE_PROFILE, ProfileName("strict")),
        (USE_KIND, KindUse("sale", is_used=False)),
        (INVITE, NewPerson(login="li.mei", name="李梅", role="manager", operator_no=BOSS)),
        (RESET, OnePerson("zhao")),
        (DISABLE, OnePerson("zhao")),
        (ENABLE, OnePerson("zhao")),
        (SET_ROLE, OtherRole("zhao", "manager")),
        (ADD_TOKEN, NewToken(name="报表", scopes="payments:view")),
        (ROTATE_TOKEN, OneToken("k7m2p9qx")),
        (REVOKE_TOKEN, OneToken("k7m2p9qx")),
        (ADD_WEBHOOK, NewWebhook("https://shop.example/hook", ("payment",))),
        (CHANGE_WEBHOOK, OtherWebhook(1, "https://other.example/hook")),
        (SEND_AGAIN, OneMessage(1, "msg_1")),
        (PAUSE_WEBHOOK, OneWebhook(1)),
        (RESUME_WEBHOOK, OneWebhook(2)),
        (REMOVE_WEBHOOK, OneWebhook(1)),
        (ROTATE_WEBHOOK, OneWebhook(1)),
        (TEST_WEBHOOK, OneWebhook(1)),
    )
} | {row.name: (row, NewOrder(TERMINAL, "盘点" if has_text(name) else "")) for name, row in ORDER_ACTS.items()}


@pytest.fixture
async def house() -> AsyncIterator[MemoryHost]:
    house = MemoryHost()
    for number, role in ((WANG, "cashier"), (LI, "cashier"), (BOSS, "supervisor"), (ADMIN, "administrator")):
        house.store.put(
            Operator(
                merchant_no=MERCHANT,
                operator_no=number,
                name="某人",
                role=role,  # type: ignore[arg-type]  # a known role
                salt=bytes(16),
                verifier=bytes(32),
                failed_count=3,
                password_set_ms=NOON,
            )
        )
    house.store.put(
        SignIn(
            merchant_no=MERCHANT,
            record_no=RecordNo(1),
            terminal_no=TERMINAL,
            operator_no=WANG,
            state="active",
            session_no=1,
            began_ms=NOON,
        )
    )
    house.store.put(
        Person(
            merchant_no=WHOLE_HOST,
            login="zhao",
            name="赵老板",
            shop_no=MERCHANT,
            role="owner",
            state="active",
            password="kept",
            failed_count=3,
            made_ms=NOON,
            made_by="console",
            tokens=f"k7m2p9qx:{NOON + 60_000}",
        ),
        ApiToken(
            merchant_no=WHOLE_HOST,
            token_id="k7m2p9qx",
            mark="00ff",
            shop_no=MERCHANT,
            login="zhao",
            name="报表",
            scopes="payments:view",
            made_ms=NOON,
            made_by="person:zhao",
            expires_ms=UnixMs(NOON + 60_000),
        ),
    )
    house.store.put(webhook(MERCHANT), webhook(MERCHANT, 2, state="paused"))
    row = house.store.rows[(Terminal, MERCHANT, TERMINAL)]
    house.store.put(msgspec.structs.replace(row, failed_count=20, locked_until_ms=UnixMs(NOON + 60_000)))
    house.engine.start()
    yield house
    house.store.may_save.set()
    await house.engine.stop()


OF_A_PERSON = frozenset({"add_token", "rotate_token"})
"""Done in somebody's own name; the console has none."""


def doer(name: str) -> str:
    """Who does an act here, as its note says."""
    return "person:zhao" if name in OF_A_PERSON else "console"


def act_of(house: MemoryHost, name: str, by: By = None) -> Act[Any]:
    if by is None and name in OF_A_PERSON:
        by = ByPerson("zhao")
    if name == "enable_operator":
        wang = house.store.rows[(Operator, MERCHANT, WANG)]
        house.store.put(msgspec.structs.replace(wang, state="disabled"))
    if name == "withdraw_counter_code":
        house.store.put(
            CounterCode(
                merchant_no=MERCHANT, terminal_no=TERMINAL, category="5411", city="上海", made_ms=NOON, billed_ms=NOON
            )
        )
    if name in ("take_export", "delete_export"):
        house.store.put(
            ExportFile(
                merchant_no=MERCHANT,
                export_no=1,
                file_id="f1",
                place="here",
                list_name="payments",
                area="payments",
                format="csv",
                lang="zh",
                question="",
                state="ready",
                made_by="console",
                made_ms=NOON,
                until_ms=UnixMs(NOON + 60_000),
            )
        )
    if name == "send_again":
        house.store.put(outbox_message(MERCHANT, "msg_1", state="failed", next_ms=None))
    if name in ("erase_document", "open_document"):
        house.store.put(
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
    if name == "tick_slips":
        house.store.put(
            Payment(
                merchant_no=MERCHANT,
                terminal_no=TERMINAL,
                batch_no=BatchNo("000001"),
                trace_no=TraceNo("000001"),
                kind="sale",
                state="approved",
                fingerprint=b"f",
                amount_fen=100,
                masked_pan="",
                card_hash=b"",
                entry_mode="021",
                operator_no="01",
                session_no=None,
                rrn=Rrn("000000000001"),
                created_ms=NOON,
            )
        )
    if name == "revoke_badge":
        wang = house.store.rows[(Operator, MERCHANT, WANG)]
        house.store.put(msgspec.structs.replace(wang, badge_no="ABCDEFGH"))
    row, asked = ASKED[name]
    return Act(row, asked, MERCHANT, SecretMaker(lambda: house.keys, SeededChance(6)), by)


def notes(house: MemoryHost) -> list[tuple[str, str]]:
    return [(row.actor, row.action) for row in house.store.rows.values() if type(row) is AuditNote]


def test_every_act_asks_for_a_right_of_the_table_and_every_right_of_management_has_an_act() -> None:
    words = list(CAPABILITIES)
    managed = set(words[words.index("list_operators") :])
    # Looking is no act; whom somebody may manage is asked for besides.
    assert {row.capability for row in ACTS.values()} == managed - {
        "list_operators",
        "manage_supervisor",
        "manage_administrator",
    }
    assert set(ASKED) == set(ACTS)


@pytest.mark.parametrize("name", ACTS)
async def test_an_act_in_the_running_host_is_written_with_its_note_and_its_link(house: MemoryHost, name: str) -> None:
    decision = await submit(act_of(house, name), house.queue)
    assert decision.reason == ""
    assert notes(house) == [(doer(name), ACTS[name].capability)]
    assert [type(row).__name__ for row in house.store.rows.values()].count("Link") >= 1


@pytest.mark.parametrize("name", ACTS)
async def test_the_same_act_at_a_door_of_ones_own_writes_the_same(house: MemoryHost, name: str) -> None:
    act, before = act_of(house, name), dict(house.store.rows)
    await perform(act, house.door)
    assert notes(house) == [(doer(name), ACTS[name].capability)]
    at_the_door, house.store.rows = house.store.rows.keys() - before.keys(), dict(before)
    await submit(act_of(house, name), house.queue)
    # The engine reserves reference numbers besides.
    assert {
        key for key in house.store.rows.keys() - before.keys() if key != (Counter, WHOLE_HOST, "rrn")
    } == at_the_door


@pytest.mark.parametrize("name", [name for name in ACTS if right_of("cashier", ACTS[name].capability) != "allow"])
async def test_who_has_not_the_right_changes_nothing(house: MemoryHost, name: str) -> None:
    decision = await submit(act_of(house, name, LI), house.queue)
    assert (decision.reason, decision.changes) == ("not_permitted", ())
    assert notes(house) == []


async def test_who_is_gone_acts_no_more(house: MemoryHost) -> None:
    boss = house.store.rows[(Operator, MERCHANT, BOSS)]
    house.store.put(msgspec.structs.replace(boss, state="disabled"))
    for by in (BOSS, OperatorNo("55")):
        assert (await submit(act_of(house, "disable_operator", by), house.queue)).reason == UNKNOWN_ACTOR


async def test_an_act_that_ends_a_session_says_so_in_its_record_and_a_sale_behind_it_is_refused(
    house: MemoryHost,
) -> None:
    line = Line()
    future = asyncio.ensure_future(submit(act_of(house, "disable_operator", BOSS), house.queue))
    await asyncio.sleep(0)
    house.sale("000001", line)
    assert (await future).reason == ""
    await house.settled()
    record = house.store.rows[(SignIn, MERCHANT, 1)]
    session = house.store.rows[(Session, MERCHANT, 1)]
    assert isinstance(record, SignIn)
    assert isinstance(session, Session)
    assert (record.state, session.end_reason, line.codes) == ("ended", "disabled", ["77"])
    assert notes(house) == [("console:00", "disable_operator")]


async def test_what_could_not_be_written_is_a_fault_for_who_asked(house: MemoryHost) -> None:
    def full(changes: Sequence[Change]) -> None:
        raise Fault("the disk is full")

    house.store.before_save = full
    with pytest.raises(Fault, match="nothing was changed"):
        await submit(act_of(house, "set_rule"), house.queue)
    assert notes(house) == []


async def test_an_act_whose_rule_forgets_the_note_is_a_defect(house: MemoryHost) -> None:
    def forgetful(asked: OneOperator, doing: ActDesk) -> Decision:
        decision = DISABLE_OPERATOR.decide(asked, doing)
        return Decision(changes=tuple(c for c in decision.changes if type(c.record) is not AuditNote))

    row = ActRow("disable_operator", "disable_operator", OneOperator, DISABLE_OPERATOR.needs, forgetful)
    act = Act(row, OneOperator(WANG), MERCHANT, SecretMaker(lambda: house.keys, SeededChance(6)))
    with pytest.raises(Defect, match="no note"):
        await perform(act, house.door)
    assert notes(house) == []


async def test_a_secret_is_shown_after_the_act_and_none_where_it_was_refused(house: MemoryHost) -> None:
    act = act_of(house, "reset_password", BOSS)
    await submit(act, house.queue)
    assert act.shown is not None
    assert len(act.shown.reveal()) == act.policy.password_digits_min
    refused = act_of(house, "reset_password", WANG)
    await submit(refused, house.queue)
    assert refused.shown is None


def test_the_needs_of_an_act_have_its_actor(house: MemoryHost) -> None:
    needs = Needs()
    act_of(house, "set_rule", ADMIN).add_needs(needs)
    assert (MERCHANT, ADMIN) in needs.of(Operator)
