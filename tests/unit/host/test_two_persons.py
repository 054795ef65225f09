"""What needs two persons: one proposes, another confirms; nobody is both, and nothing is done before."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace
from tests.worlds.memory_host import MERCHANT, NOON, TERMINAL, MemoryHost

from zhanggui.acquirer.people.inviting import NewPerson
from zhanggui.acquirer.people.proposals import OPEN_MS
from zhanggui.acquirer.people.rights import ROLES
from zhanggui.acquirer.policy.rules import Policy, load_bounds
from zhanggui.acquirer.rows.decision import Decision
from zhanggui.acquirer.rows.records import (
    WHOLE_HOST,
    AuditNote,
    Document,
    Merchant,
    OfficeRole,
    OfficeSession,
    Operator,
    Person,
    PersonState,
    Proposal,
)
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.numbers import MerchantNo, OperatorNo, UnixMs
from zhanggui.host.act_table import (
    ACTS,
    ERASE_DOCUMENT_ACT,
    OPEN_DOCUMENT_ACT,
    RENEW_KEY,
    SET_RULE,
    USE_PROFILE,
    NewMasterKey,
    OneDocument,
    ProfileName,
    RuleValue,
)
from zhanggui.host.acts import Act, ActRow, By, ByPerson, SecretMaker, one_alone, submit
from zhanggui.host.deciding import Deciding, What
from zhanggui.host.people_acts import DISABLE, ENABLE, INVITE, RESET, SET_ROLE, OnePerson, OtherRole

OTHER_SHOP = MerchantNo("102100058120002")
ADMIN_99 = OperatorNo("99")
PEOPLE: tuple[tuple[str, OfficeRole, str, str], ...] = (
    ("zhao", "owner", MERCHANT, ""),
    ("li", "owner", MERCHANT, "99"),
    ("wang", "owner", MERCHANT, ""),
    ("zhou", "manager", MERCHANT, ""),
    ("wu", "owner", OTHER_SHOP, ""),
    ("qian", "admin", "", ""),
    ("feng", "admin", "", ""),
    ("sun", "reviewer", "", ""),
    ("zheng", "support", "", ""),
)


class Office:
    """People of a shop and of the acquirer, on a host in memory."""

    def __init__(self) -> None:
        self.house = MemoryHost()
        self.secrets = SecretMaker(lambda: self.house.keys, SeededChance(6))
        self.house.store.put(
            *(
                Person(
                    merchant_no=WHOLE_HOST,
                    login=login,
                    name="某人",
                    shop_no=shop_no,
                    role=role,
                    state="active",
                    operator_no=operator_no,
                    made_ms=NOON,
                    made_by="console",
                )
                for login, role, shop_no, operator_no in PEOPLE
            ),
            Operator(
                merchant_no=MERCHANT,
                operator_no=ADMIN_99,
                name="管理员",
                role="administrator",
                salt=bytes(16),
                verifier=bytes(32),
                password_set_ms=NOON,
            ),
            Document(
                merchant_no=MERCHANT,
                document_id="00ff",
                kind="signature",
                sealed=b"sealed",
                size_bytes=6,
                kept_ms=NOON,
                until_ms=UnixMs(NOON + 1),
            ),
        )

    async def ask(self, row: ActRow[Any], asked: Any, by: By, reason: str = "顾客要求", at: str = MERCHANT) -> Act[Any]:
        act = Act(row, asked, MerchantNo(at), self.secrets, by, reason)
        self.refused = (await submit(act, self.house.queue)).reason
        return act

    async def decide(self, what: What, by: By, number: int = 1, at: str = MERCHANT) -> Decision:
        self.word = Deciding(ACTS, what, MerchantNo(at), number, by, self.secrets)
        return await submit(self.word, self.house.queue)

    def proposal(self, number: int = 1, at: str = MERCHANT) -> Proposal:
        row = self.house.store.rows[(Proposal, at, number)]
        assert isinstance(row, Proposal)
        return row

    @property
    def is_erased(self) -> bool:
        row = self.house.store.rows[(Document, MERCHANT, "00ff")]
        assert isinstance(row, Document)
        return row.erased_ms is not None

    def notes(self) -> list[tuple[str, str]]:
        return [(row.actor, row.action) for row in self.house.store.rows.values() if isinstance(row, AuditNote)]

    def person(self, login: str) -> Person:
        row = self.house.store.rows[(Person, WHOLE_HOST, login)]
        assert isinstance(row, Person)
        return row

    def change(self, login: str, **fields: Any) -> None:
        self.house.store.put(replace(self.person(login), **fields))


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    office = Office()
    office.house.engine.start()
    yield office
    await office.house.engine.stop()


ERASE = OneDocument("00ff")


async def erasure(office: Office, by: By = ByPerson("zhao")) -> None:  # noqa: B008  # a frozen value
    act = await office.ask(ERASE_DOCUMENT_ACT, ERASE, by)
    assert office.refused == ""
    assert act.proposed is not None
    assert not office.is_erased


async def test_what_one_proposes_another_confirms_and_the_note_has_both_and_the_reason(office: Office) -> None:
    await erasure(office)
    assert office.notes() == [("person:zhao", "propose")]
    assert (await office.decide("confirm", ByPerson("sun"))).reason == ""
    assert office.is_erased
    assert office.notes()[1:] == [("person:zhao+person:sun", "erase_document")]
    proposal = office.proposal()
    assert (proposal.state, proposal.decided_by, proposal.note_no) == ("confirmed", "person:sun", 2)
    note = office.house.store.rows[(AuditNote, MERCHANT, 2)]
    assert isinstance(note, AuditNote)
    assert note.reason == "顾客要求"


@pytest.mark.parametrize("what", ["confirm", "decline"])
async def test_nobody_decides_about_what_is_his_own(office: Office, what: What) -> None:
    await erasure(office)
    assert (await office.decide(what, ByPerson("zhao"))).reason == "own_proposal"
    assert (office.proposal().state, office.is_erased) == ("open", False)


@pytest.mark.parametrize("let_in_by", ["person:zhao", "person:qian+person:zhao", "person:zhao+person:qian"])
async def test_whoever_was_let_in_by_the_proposer_is_no_second_person(office: Office, let_in_by: str) -> None:
    """The link was in the proposer's hand: it could be one person with two names."""
    office.change("li", made_by=let_in_by, operator_no="")
    await erasure(office)
    assert (await office.decide("confirm", ByPerson("li"))).reason == "let_in_by_proposer"
    assert not office.is_erased
    assert (await office.decide("confirm", ByPerson("sun"))).reason == ""


@pytest.mark.parametrize("let_in_by", ["person:qian", "person:feng+person:qian"])
async def test_nobody_confirms_what_was_proposed_by_whom_he_let_in(office: Office, let_in_by: str) -> None:
    office.change("zhao", made_by=let_in_by)
    await erasure(office)
    assert (await office.decide("confirm", ByPerson("qian"))).reason == "let_in_the_proposer"
    assert not office.is_erased
    assert (await office.decide("confirm", ByPerson("sun"))).reason == ""


async def test_a_reset_says_who_has_the_new_link(office: Office) -> None:
    await office.ask(RESET, OnePerson("li"), ByPerson("qian"))
    assert office.refused == ""
    assert office.person("li").made_by == "person:qian"


@pytest.mark.parametrize("login", ["feng", "sun", "zheng"])
@pytest.mark.parametrize(("row", "state"), [(RESET, "active"), (ENABLE, "disabled")])
async def test_a_new_link_for_one_of_the_acquirers_own_people_takes_two(
    office: Office, row: ActRow[OnePerson], state: PersonState, login: str
) -> None:
    """Else one administrator becomes another, and by that name a reviewer, who confirms what he himself proposed."""
    office.change("wang", role="admin", shop_no="")
    office.change(login, state=state)
    act = await office.ask(row, OnePerson(login), ByPerson("qian"), at=WHOLE_HOST)
    assert (office.refused, act.proposed is not None, act.shown) == ("", True, None)
    assert (office.person(login).state, office.person(login).invitation) == (state, "")
    assert (await office.decide("confirm", ByPerson("wang"), at=WHOLE_HOST)).reason == ""
    assert office.word.shown is not None
    assert (office.person(login).state, office.person(login).made_by) == ("invited", "person:qian+person:wang")


async def test_a_lock_that_only_ends_sooner_is_one_persons_word(office: Office) -> None:
    office.change("feng", state="locked", failed_count=10, locked_until_ms=UnixMs(NOON + 1))
    act = await office.ask(ENABLE, OnePerson("feng"), ByPerson("qian"), "", at=WHOLE_HOST)
    assert (office.refused, act.proposed, office.person("feng").state) == ("", None, "active")


@pytest.mark.parametrize("by", ["zhao", "qian"])
@pytest.mark.parametrize("what", ["invite", "role", "reset", "enable"])
async def test_an_owner_lets_in_no_other_owner_alone_and_an_administrator_does(
    office: Office, what: str, by: str
) -> None:
    office.change("wang", state="disabled")
    acts: dict[str, tuple[ActRow[Any], Any]] = {
        "invite": (INVITE, NewPerson(login="chen", name="陈", role="owner")),
        "role": (SET_ROLE, OtherRole("zhou", "owner")),
        "reset": (RESET, OnePerson("li")),
        "enable": (ENABLE, OnePerson("wang")),
    }
    act = await office.ask(*acts[what], ByPerson(by))
    assert (office.refused, act.proposed is not None) == ("", by == "zhao")


@pytest.mark.parametrize(("row", "asked"), [(RESET, OnePerson("zhou")), (DISABLE, OnePerson("li"))])
async def test_an_owner_resets_a_manager_and_disables_anybody_alone(
    office: Office, row: ActRow[OnePerson], asked: OnePerson
) -> None:
    act = await office.ask(row, asked, ByPerson("zhao"))
    assert (office.refused, act.proposed) == ("", None)


async def test_a_person_does_not_confirm_what_was_proposed_as_the_operator_that_he_is(office: Office) -> None:
    act = await office.ask(USE_PROFILE, ProfileName("strict"), ADMIN_99)
    assert act.proposed is not None
    assert (await office.decide("confirm", ByPerson("li"))).reason == "own_proposal"
    assert (await office.decide("confirm", ByPerson("zhao"))).reason == ""
    shop = office.house.store.rows[(Merchant, MERCHANT)]
    assert isinstance(shop, Merchant)
    assert shop.policy == "strict"
    assert office.notes()[-1] == ("console:99+person:zhao", "set_policy")


@pytest.mark.parametrize(
    ("login", "reason"),
    [("zhou", "not_permitted"), ("zheng", "not_permitted"), ("wu", "not_permitted"), ("nobody", "unknown_actor")],
)
async def test_only_who_has_the_right_here_confirms(office: Office, login: str, reason: str) -> None:
    await erasure(office)
    assert (await office.decide("confirm", ByPerson(login))).reason == reason
    assert not office.is_erased


@pytest.mark.parametrize("by", [None, ADMIN_99])
async def test_console_and_operators_are_no_second_person(office: Office, by: By) -> None:
    await erasure(office)
    assert (await office.decide("confirm", by)).reason == "second_is_a_person"
    assert not office.is_erased


async def test_a_proposal_takes_a_reason_and_the_right_and_must_be_possible(office: Office) -> None:
    for by, asked, reason, refused in (
        (ByPerson("zhao"), ERASE, "", "reason_missing"),
        (ByPerson("zhao"), ERASE, "x" * 201, "reason_missing"),
        (ByPerson("zhou"), ERASE, "顾客要求", "not_permitted"),
        (ByPerson("wu"), ERASE, "顾客要求", "not_permitted"),
        (ByPerson("zhao"), OneDocument("none"), "顾客要求", "unknown_document"),
    ):
        act = await office.ask(ERASE_DOCUMENT_ACT, asked, by, reason)
        assert (office.refused, act.proposed) == (refused, None)
    assert office.notes() == []


async def test_the_console_itself_needs_nobody(office: Office) -> None:
    act = await office.ask(ERASE_DOCUMENT_ACT, ERASE, None, "")
    assert (office.refused, act.proposed, office.is_erased) == ("", None, True)


async def test_what_is_over_is_not_confirmed_and_says_so_from_then_on(office: Office) -> None:
    await erasure(office)
    office.house.clock.at_ms += OPEN_MS
    assert (await office.decide("confirm", ByPerson("sun"))).reason == "proposal_expired"
    assert office.proposal().state == "expired"
    assert (await office.decide("confirm", ByPerson("sun"))).reason == "proposal_decided"
    assert not office.is_erased


async def test_one_declines_and_one_withdraws(office: Office) -> None:
    await erasure(office)
    assert (await office.decide("withdraw", ByPerson("sun"))).reason == "not_own_proposal"
    assert (await office.decide("decline", ByPerson("sun"))).reason == ""
    assert office.proposal().state == "declined"
    assert (await office.decide("confirm", ByPerson("qian"))).reason == "proposal_decided"
    await erasure(office)
    assert (await office.decide("withdraw", ByPerson("zhao"), 2)).reason == ""
    assert office.proposal(2).state == "withdrawn"
    assert [action for _, action in office.notes()] == [
        *("propose", "decline_proposal"),
        *("propose", "withdraw_proposal"),
    ]
    assert not office.is_erased


@pytest.mark.parametrize(
    ("fields", "reason"), [({"role": "manager"}, "not_permitted"), ({"state": "disabled"}, "not_permitted")]
)
async def test_whoever_proposed_must_have_the_right_still(office: Office, fields: dict[str, Any], reason: str) -> None:
    await erasure(office)
    office.change("zhao", **fields)
    assert (await office.decide("confirm", ByPerson("sun"))).reason == reason
    assert not office.is_erased


async def test_of_two_who_confirm_at_once_one_does_it(office: Office) -> None:
    await erasure(office)
    answers = await asyncio.gather(
        office.decide("confirm", ByPerson("sun")), office.decide("confirm", ByPerson("qian"))
    )
    assert sorted(answer.reason for answer in answers) == ["", "proposal_decided"]
    assert [action for _, action in office.notes()].count("erase_document") == 1


async def test_a_role_of_those_who_decide_is_given_by_two_and_the_second_hands_the_link_on(office: Office) -> None:
    act = await office.ask(
        INVITE, NewPerson(login="chen", name="陈", role="reviewer"), ByPerson("qian"), "新同事", WHOLE_HOST
    )
    assert (act.proposed is not None, act.shown) == (True, None)
    assert (Person, WHOLE_HOST, "chen") not in office.house.store.rows
    assert (await office.decide("confirm", ByPerson("feng"), at=WHOLE_HOST)).reason == ""
    assert office.word.shown is not None
    assert (Person, WHOLE_HOST, "chen") in office.house.store.rows


async def test_nobody_confirms_his_own_rise(office: Office) -> None:
    await office.ask(SET_ROLE, OtherRole("feng", "reviewer"), ByPerson("qian"), "轮岗", WHOLE_HOST)
    assert (await office.decide("confirm", ByPerson("feng"), at=WHOLE_HOST)).reason == "not_oneself"


async def test_one_person_alone_does_what_needs_nobody_else(office: Office) -> None:
    act = await office.ask(DISABLE, OnePerson("zhou"), ByPerson("zhao"), "")
    assert (office.refused, act.proposed) == ("", None)
    assert office.notes() == [("person:zhao", "disable_person")]


async def test_to_look_at_a_signature_takes_a_reason(office: Office) -> None:
    await office.ask(OPEN_DOCUMENT_ACT, ERASE, ByPerson("zheng"), "")
    assert office.refused == "reason_missing"
    await office.ask(OPEN_DOCUMENT_ACT, ERASE, ByPerson("zheng"), "顾客查询")
    assert (office.refused, office.notes()) == ("", [("person:zheng", "open_document")])


async def test_a_rule_about_money_takes_two_and_a_rule_of_the_screen_does_not(office: Office) -> None:
    assert (await office.ask(SET_RULE, RuleValue("idle_lock_s", 120), ByPerson("zhao"))).proposed is None
    assert office.refused == ""
    assert (await office.ask(SET_RULE, RuleValue("refund_limit_fen", 100), ByPerson("zhao"))).proposed is not None


async def test_what_reaches_into_a_machine_is_done_by_no_page(office: Office) -> None:
    office.house.store.put(
        OfficeSession(
            merchant_no=WHOLE_HOST,
            mark="aa",
            login="qian",
            step="full",
            has_second_factor=1,
            began_ms=NOON,
            seen_ms=NOON,
            ends_ms=UnixMs(NOON + 60_000),
            from_where="",
        )
    )
    office.change("qian", session_marks="aa")
    key = NewMasterKey(TERMINAL, "sealed")
    await office.ask(RENEW_KEY, key, ByPerson("qian", "aa"))
    assert office.refused == "only_at_the_console"
    assert (await office.ask(RENEW_KEY, key, ByPerson("qian"))).proposed is not None


@pytest.mark.parametrize("why", ["over", "half", "ended"])
async def test_an_act_in_a_session_that_does_not_live_is_nobodys(office: Office, why: str) -> None:
    session = OfficeSession(
        merchant_no=WHOLE_HOST,
        mark="aa",
        login="zhao",
        step="half" if why == "half" else "full",
        has_second_factor=0,
        began_ms=NOON,
        seen_ms=NOON,
        ends_ms=UnixMs(NOON + 60_000),
        from_where="",
    )
    office.house.store.put(session)
    office.change("zhao", session_marks="" if why == "ended" else "aa")
    if why == "over":
        office.house.clock.at_ms += 60_000
    await office.ask(DISABLE, OnePerson("zhou"), ByPerson("zhao", "aa"))
    assert office.refused == "unknown_actor"


def test_which_acts_need_two_is_a_decision_that_nobody_changes_by_the_way() -> None:
    """docs/decisions/0018-what-needs-two-persons.md"""
    assert {name for name, row in ACTS.items() if row.needs_two is not one_alone} == {
        *("erase_document", "renew_master_key", "use_profile", "set_rule"),
        "add_token",
        *("invite_person", "set_person_role", "reset_person", "enable_person"),
    }
    assert {name for name, row in ACTS.items() if row.has_other_half} == {
        *("renew_master_key", "erase_person", "prune_records")
    }
    assert {rule for rule, bound in load_bounds().items() if bound.two} == {
        *("refund_limit_fen", "no_pin_limit_fen", "no_sign_limit_fen", "offline_sale_limit_fen", "completion_percent"),
        *("keyed", "pin_bypass", "fallback_tries", "batch_proof", "factory_password"),
    }
    assert set(load_bounds()) <= set(Policy.__struct_fields__)
    assert {name: row.two_by for name, row in ROLES.items() if row.two_by} == {
        "admin": ("admin",),
        "reviewer": ("admin",),
        "owner": ("owner",),
    }
