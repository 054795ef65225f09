"""Tokens of programs by their rules: never more than their person may now, by two where the table says so, and worth nothing after."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace
from tests.worlds.memory_host import MERCHANT, NOON, MemoryHost

from zhanggui.acquirer.people.programs.tokens import DAYS_MAX, TOKENS_MAX, NewToken, OneToken, may_by_token
from zhanggui.acquirer.people.proposals import OPEN_MAX
from zhanggui.acquirer.people.rights import AREAS, ROLES, What, may
from zhanggui.acquirer.rows.records import WHOLE_HOST, ApiToken, AuditNote, OfficeRole, Person, Proposal, Webhook
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.clock import china_time
from zhanggui.basics.numbers import MerchantNo, OperatorNo
from zhanggui.basics.secret import Secret
from zhanggui.basics.spans import DAY_MS
from zhanggui.host.act_table import ACTS, DISABLE_OPERATOR, UNLOCK_OPERATOR, USE_PROFILE, OneOperator, ProfileName
from zhanggui.host.acts import Act, ActRow, By, ByPerson, SecretMaker, submit
from zhanggui.host.deciding import Deciding
from zhanggui.host.people_acts import DISABLE, RESET, OnePerson
from zhanggui.host.token_acts import ADD_TOKEN, REVOKE_TOKEN, ROTATE_TOKEN
from zhanggui.host.tokens import Holder, TokenDoor
from zhanggui.host.webhook_acts import (
    ADD_WEBHOOK,
    CHANGE_WEBHOOK,
    RESUME_WEBHOOK,
    NewWebhook,
    OneWebhook,
    OtherWebhook,
)

ALL = MerchantNo(WHOLE_HOST)
PEOPLE: tuple[tuple[str, OfficeRole, str], ...] = (
    ("zhao", "owner", MERCHANT),
    ("li", "owner", MERCHANT),
    ("zhou", "manager", MERCHANT),
    ("qian", "admin", ""),
    ("sun", "auditor", ""),
)


class Office:
    """People of a shop and of the acquirer, on a host in memory."""

    def __init__(self) -> None:
        self.house = MemoryHost()
        self.secrets = SecretMaker(lambda: self.house.keys, SeededChance(6))
        self.door = TokenDoor(lambda command: submit(command, self.house.queue), lambda: self.house.keys)
        self.house.store.put(
            *(
                Person(
                    merchant_no=WHOLE_HOST,
                    login=login,
                    name="某人",
                    shop_no=shop_no,
                    role=role,
                    state="active",
                    made_ms=NOON,
                    made_by="console",
                )
                for login, role, shop_no in PEOPLE
            )
        )

    async def ask(self, row: ActRow[Any], asked: Any, by: By, at: str = MERCHANT) -> Act[Any]:
        act = Act(row, asked, MerchantNo(at), self.secrets, by, "接入报表")
        self._refused = (await submit(act, self.house.queue)).reason
        return act

    async def add(self, login: str, scopes: str, at: str = MERCHANT, days: int = 30) -> Secret:
        act = await self.ask(ADD_TOKEN, NewToken(name="报表", scopes=scopes, days=days), ByPerson(login), at)
        assert not self._refused, self._refused
        assert act.shown is not None
        return act.shown

    def why(self) -> str:
        """Why the last act was refused; empty when it was done."""
        return self._refused

    @property
    def tokens(self) -> list[ApiToken]:
        return [row for row in self.house.store.rows.values() if isinstance(row, ApiToken)]

    @property
    def notes(self) -> list[AuditNote]:
        return [row for row in self.house.store.rows.values() if isinstance(row, AuditNote)]

    def change(self, login: str, **fields: Any) -> None:
        row = self.house.store.rows[(Person, WHOLE_HOST, login)]
        assert isinstance(row, Person)
        self.house.store.put(replace(row, **fields))


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    office = Office()
    office.house.engine.start()
    yield office
    await office.house.engine.stop()


async def held(office: Office, secret: Secret) -> Holder:
    holder = await office.door.holder(secret)
    assert holder is not None
    return holder


async def test_a_token_is_shown_once_and_only_its_mark_is_kept(office: Office) -> None:
    secret = await office.add("zhao", "payments:view cases:view")
    (token,) = office.tokens
    holder = await held(office, secret)
    assert (holder.token.token_id, holder.person.login, holder.shop) == (token.token_id, "zhao", MERCHANT)
    assert secret.reveal().split("_")[2] not in repr(office.house.store.rows)
    assert [(note.action, note.subject, note.detail) for note in office.notes] == [
        ("add_token", token.token_id, "payments:view cases:view")
    ]


async def test_whatever_is_not_that_very_text_is_worth_nothing(office: Office) -> None:
    text = (await office.add("zhao", "payments:view")).reveal()
    for wrong in (text[:-1], text + "A", text[:-1] + ("A" if text[-1] != "A" else "B"), text.upper(), "", "zgt", "\0"):
        assert await office.door.holder(Secret(wrong)) is None, wrong


async def test_the_day_of_its_use_is_kept_and_written_once_a_day(office: Office) -> None:
    secret = await office.add("zhao", "payments:view")
    await held(office, secret)
    (first,) = office.tokens
    await held(office, secret)
    (again,) = office.tokens
    assert first is again
    assert first.last_used_day == china_time(NOON).date().isoformat()


@pytest.mark.parametrize("what", ["view", "do", "export"])
@pytest.mark.parametrize("area", AREAS)
async def test_it_never_may_more_than_its_person_now_nor_than_its_scopes(office: Office, area: str, what: What) -> None:
    await office.add("zhao", "payments:view")
    (token,) = office.tokens
    wide = replace(token, scopes=f"{area}:{what}", shop_no="")
    for login, role, shop_no in PEOPLE:
        person = office.house.store.rows[(Person, WHOLE_HOST, login)]
        assert isinstance(person, Person)
        at = shop_no or None
        never = what == "do" and AREAS[area].by_program == "never"
        assert may_by_token(wide, person, area, what, at) is (may(person, area, what, at) and not never), role
        assert not may_by_token(replace(token, scopes=""), person, area, what, at)
        assert not may_by_token(replace(wide, shop_no="102100058129999"), person, area, what, at)


async def test_what_its_person_loses_it_loses_at_once(office: Office) -> None:
    secret = await office.add("zhao", "audit:view payments:view")
    assert (await held(office, secret)).may("audit", "view")
    office.change("zhao", role="manager")
    holder = await held(office, secret)
    assert (holder.may("audit", "view"), holder.may("payments", "view")) == (False, True)


@pytest.mark.parametrize("row", [DISABLE, RESET])
async def test_who_is_disabled_or_reset_has_no_tokens_any_more_whatever_comes_after(
    office: Office, row: ActRow[Any]
) -> None:
    secret = await office.add("zhao", "payments:view")
    await office.ask(row, OnePerson("zhao"), None)
    assert not office.why()
    assert await office.door.holder(secret) is None
    office.change("zhao", state="active")
    assert await office.door.holder(secret) is None
    (token,) = office.tokens
    assert (token.mark, token.revoked_by) == ("", "console")


async def test_its_end_comes_by_the_clock_and_by_a_word(office: Office) -> None:
    first, second = await office.add("zhao", "payments:view", days=1), await office.add("zhao", "cases:view", days=9)
    ids = {token.scopes: token.token_id for token in office.tokens}
    office.house.clock.at_ms += DAY_MS
    assert await office.door.holder(first) is None
    await office.ask(REVOKE_TOKEN, OneToken(ids["cases:view"]), ByPerson("li"))
    assert not office.why()
    assert await office.door.holder(second) is None
    await office.ask(REVOKE_TOKEN, OneToken(ids["cases:view"]), ByPerson("li"))
    assert office.why() == "token_is_over"


async def test_only_whose_it_is_draws_another_secret_and_the_one_before_ends(office: Office) -> None:
    secret = await office.add("zhao", "payments:view")
    (token,) = office.tokens
    await office.ask(ROTATE_TOKEN, OneToken(token.token_id), ByPerson("li"))
    assert office.why() == "token_of_another"
    act = await office.ask(ROTATE_TOKEN, OneToken(token.token_id), ByPerson("zhao"))
    assert not office.why()
    assert act.shown is not None
    assert await office.door.holder(secret) is None
    assert (await held(office, act.shown)).token.token_id == token.token_id


@pytest.mark.parametrize(
    ("by", "asked", "reason"),
    [
        (None, NewToken(name="a", scopes="payments:view"), "token_of_a_person"),
        (ByPerson("zhou"), NewToken(name="a", scopes="payments:view"), "not_permitted"),
        (ByPerson("zhao"), NewToken(name="", scopes="payments:view"), "bad_token_name"),
        (ByPerson("zhao"), NewToken(name="a\u202eb", scopes="payments:view"), "bad_token_name"),
        (ByPerson("zhao"), NewToken(name="a", scopes="payments:view", days=DAYS_MAX + 1), "bad_token_days"),
        (ByPerson("zhao"), NewToken(name="a", scopes="payments:view", days=0), "bad_token_days"),
        (ByPerson("zhao"), NewToken(name="a", scopes=""), "unknown_scope"),
        (ByPerson("zhao"), NewToken(name="a", scopes="payments"), "unknown_scope"),
        (ByPerson("zhao"), NewToken(name="a", scopes="nothing:view"), "unknown_scope"),
        (ByPerson("zhao"), NewToken(name="a", scopes="jobs:view"), "scope_beyond_rights:jobs:view"),
        (ByPerson("zhao"), NewToken(name="a", scopes="tokens:do"), "scope_of_people_alone:tokens:do"),
    ],
)
async def test_what_no_token_is_made_of_is_refused(office: Office, by: By, asked: NewToken, reason: str) -> None:
    await office.ask(ADD_TOKEN, asked, by)
    assert office.why() == reason
    assert office.tokens == []


async def test_an_owner_makes_none_for_other_shops_nor_for_all(office: Office) -> None:
    for at in ("102100058129999", ALL):
        await office.ask(ADD_TOKEN, NewToken(name="a", scopes="payments:view"), ByPerson("zhao"), at)
        assert office.why() == "not_permitted"


async def test_one_person_has_a_few_that_count(office: Office) -> None:
    for _ in range(TOKENS_MAX):
        await office.add("zhao", "payments:view", days=1)
    await office.ask(ADD_TOKEN, NewToken(name="a", scopes="payments:view"), ByPerson("zhao"))
    assert office.why() == "too_many_tokens"
    office.house.clock.at_ms += DAY_MS
    await office.add("zhao", "payments:view")


async def test_where_it_takes_two_whoever_confirms_learns_no_secret(office: Office) -> None:
    act = await office.ask(ADD_TOKEN, NewToken(name="策略", scopes="policy:do"), ByPerson("zhao"))
    assert not office.why()
    assert (act.proposed is not None, act.shown, office.tokens) == (True, None, [])
    word = Deciding(ACTS, "confirm", MERCHANT, 1, ByPerson("li"), office.secrets)
    assert not (await submit(word, office.house.queue)).reason
    assert word.shown is None
    (token,) = office.tokens
    assert (token.mark, token.login, token.made_by) == ("", "zhao", "person:zhao+person:li")
    drawn = await office.ask(ROTATE_TOKEN, OneToken(token.token_id), ByPerson("zhao"))
    assert drawn.shown is not None
    assert (await held(office, drawn.shown)).may("policy", "do")


async def test_an_act_by_a_token_is_its_person_s_and_its_note_says_by_which(office: Office) -> None:
    await office.add("zhao", "unlocking:do operators:view")
    (token,) = office.tokens
    by = ByPerson("zhao", token_id=token.token_id)
    await office.ask(UNLOCK_OPERATOR, OneOperator(OperatorNo("77")), by)
    assert office.why() not in ("not_permitted", "unknown_actor")
    await office.ask(DISABLE_OPERATOR, OneOperator(OperatorNo("77")), by)
    assert office.why() == "not_permitted", "its person may, and it has no scope for it"
    await office.ask(ADD_TOKEN, NewToken(name="a", scopes="payments:view"), by)
    assert office.why() == "not_permitted", "no token makes another"
    await office.ask(REVOKE_TOKEN, OneToken(token.token_id), ByPerson("zhao"))
    await office.ask(UNLOCK_OPERATOR, OneOperator(OperatorNo("77")), by)
    assert office.why() == "unknown_actor"


async def test_a_token_proposes_and_never_confirms(office: Office) -> None:
    await office.ask(ADD_TOKEN, NewToken(name="策略", scopes="policy:do proposals:view"), ByPerson("zhao"))
    await submit(Deciding(ACTS, "confirm", MERCHANT, 1, ByPerson("li"), office.secrets), office.house.queue)
    await office.ask(ADD_TOKEN, NewToken(name="策略", scopes="policy:do"), ByPerson("zhao"))
    (token,) = office.tokens
    await office.ask(ROTATE_TOKEN, OneToken(token.token_id), ByPerson("zhao"))
    word = Deciding(ACTS, "confirm", MERCHANT, 2, ByPerson("zhao", token_id=token.token_id), office.secrets)
    assert (await submit(word, office.house.queue)).reason == "second_is_a_person"
    assert [row.state for row in office.house.store.rows.values() if isinstance(row, Proposal)] == ["confirmed", "open"]


async def proposing(office: Office) -> ByPerson:
    """A token of zhao's that proposed something (number 2 at its shop)."""
    await office.ask(ADD_TOKEN, NewToken(name="策略", scopes="policy:do proposals:view", days=2), ByPerson("zhao"))
    await submit(Deciding(ACTS, "confirm", MERCHANT, 1, ByPerson("li"), office.secrets), office.house.queue)
    (token,) = office.tokens
    await office.ask(ROTATE_TOKEN, OneToken(token.token_id), ByPerson("zhao"))
    by = ByPerson("zhao", token_id=token.token_id)
    await office.ask(USE_PROFILE, ProfileName("strict"), by)
    assert not office.why()
    return by


def proposal(office: Office, number: int = 2) -> Proposal:
    row = office.house.store.rows[(Proposal, MERCHANT, number)]
    assert isinstance(row, Proposal)
    return row


async def confirm(office: Office, number: int = 2, login: str = "li") -> str:
    word = Deciding(ACTS, "confirm", MERCHANT, number, ByPerson(login), office.secrets)
    return (await submit(word, office.house.queue)).reason


async def test_what_a_token_proposed_says_so_in_the_row_and_in_the_note_of_the_act(office: Office) -> None:
    by = await proposing(office)
    assert proposal(office).token_id == by.token_id
    assert await confirm(office) == ""
    (note,) = [note for note in office.notes if note.action == "set_policy"]
    assert (note.actor, f"token={by.token_id}" in note.detail) == ("person:zhao+person:li", True)


async def test_what_a_token_proposed_ends_when_it_is_revoked_and_nothing_else_does(office: Office) -> None:
    by = await proposing(office)
    await office.ask(USE_PROFILE, ProfileName("nist"), ByPerson("zhao"))
    await office.ask(REVOKE_TOKEN, OneToken(by.token_id), ByPerson("li"))
    assert not office.why()
    ended = proposal(office)
    assert (ended.state, ended.decided_by, ended.ended_with) == ("withdrawn", "person:li", "revoke_token")
    assert await confirm(office) == "proposal_decided"
    assert proposal(office, 3).state == "open", "what the person proposed without it"
    assert await confirm(office, 3) == ""


@pytest.mark.parametrize("row", [DISABLE, RESET])
async def test_what_was_proposed_in_a_name_does_not_wait_until_it_is_let_in_again(
    office: Office, row: ActRow[Any]
) -> None:
    """By a token or in a session that was stolen: the thief's wish is not confirmed once the person is back."""
    await proposing(office)
    await office.ask(USE_PROFILE, ProfileName("nist"), ByPerson("zhao"))
    await office.ask(row, OnePerson("zhao"), None)
    assert not office.why()
    office.change("zhao", state="active")
    for number in (2, 3):
        assert (proposal(office, number).state, proposal(office, number).ended_with) == ("withdrawn", row.name)
        assert await confirm(office, number) == "proposal_decided"


async def test_what_a_token_proposed_waits_no_longer_than_it_counts(office: Office) -> None:
    await proposing(office)
    (token,) = office.tokens
    assert proposal(office).expires_ms == token.expires_ms
    office.house.clock.at_ms += 2 * DAY_MS
    assert await confirm(office) == "proposal_expired"


async def test_a_yes_looks_at_the_token_once_more(office: Office) -> None:
    """Whatever ended it without a word to its proposals, an older version among others."""
    await proposing(office)
    (token,) = office.tokens
    office.house.store.put(replace(token, revoked_ms=NOON, mark=""))
    assert await confirm(office) == "proposal_of_ended_token"
    assert (proposal(office).state, proposal(office).ended_with) == ("withdrawn", "token_over")


async def test_a_yes_is_bounded_by_the_scopes_of_the_token_that_proposed(office: Office) -> None:
    await proposing(office)
    (token,) = office.tokens
    office.house.store.put(replace(token, scopes="proposals:view"))
    assert await confirm(office) == "not_permitted"


HOOK = NewWebhook("https://shop.example/hook", ("payment",))


async def hooking(office: Office) -> ByPerson:
    """A token of zhao's by which a webhook was added (number 1)."""
    await office.ask(ADD_TOKEN, NewToken(name="推送", scopes="webhooks:do"), ByPerson("zhao"))
    await submit(Deciding(ACTS, "confirm", MERCHANT, 1, ByPerson("li"), office.secrets), office.house.queue)
    (token,) = office.tokens
    await office.ask(ROTATE_TOKEN, OneToken(token.token_id), ByPerson("zhao"))
    await office.ask(ADD_WEBHOOK, HOOK, ByPerson("zhao", token_id=token.token_id))
    assert not office.why()
    return ByPerson("zhao", token_id=token.token_id)


def webhook(office: Office, number: int = 1) -> Webhook:
    row = office.house.store.rows[(Webhook, MERCHANT, number)]
    assert isinstance(row, Webhook)
    return row


async def test_a_webhook_that_a_token_made_is_paused_when_it_is_revoked_and_a_person_resumes_it(
    office: Office,
) -> None:
    by = await hooking(office)
    await office.ask(ADD_WEBHOOK, HOOK, ByPerson("zhao"))
    assert [webhook(office, number).token_id for number in (1, 2)] == [by.token_id, None]
    await office.ask(REVOKE_TOKEN, OneToken(by.token_id), ByPerson("li"))
    assert [webhook(office, number).state for number in (1, 2)] == ["paused", "active"]
    await office.ask(RESUME_WEBHOOK, OneWebhook(1), ByPerson("zhao"))
    assert (webhook(office).state, webhook(office).token_id) == ("active", None)
    await office.ask(DISABLE, OnePerson("zhao"), None)
    assert webhook(office).state == "active", "a person took it over"


@pytest.mark.parametrize("row", [DISABLE, RESET])
async def test_a_webhook_that_tokens_changed_is_paused_with_their_person(office: Office, row: ActRow[Any]) -> None:
    by = await hooking(office)
    await office.ask(CHANGE_WEBHOOK, OtherWebhook(1, events=("sign_in",)), ByPerson("zhao"))
    await office.ask(row, OnePerson("zhao"), None)
    assert webhook(office).state == "active"
    office.change("zhao", state="active", tokens=f"{by.token_id}:{NOON + DAY_MS}")
    office.house.store.put(replace(office.tokens[0], revoked_ms=None, mark="m"))
    await office.ask(CHANGE_WEBHOOK, OtherWebhook(1, "https://evil.example/hook"), by)
    assert not office.why()
    await office.ask(row, OnePerson("zhao"), None)
    assert webhook(office).state == "paused"


async def test_one_person_has_a_few_proposals_that_wait(office: Office) -> None:
    by = await proposing(office)
    for _ in range(OPEN_MAX - 1):
        await office.ask(USE_PROFILE, ProfileName("strict"), by)
    assert not office.why()
    await office.ask(USE_PROFILE, ProfileName("strict"), ByPerson("zhao"))
    assert office.why() == "too_many_proposals"
    assert await confirm(office) == ""
    await office.ask(USE_PROFILE, ProfileName("nist"), ByPerson("zhao"))
    assert not office.why(), "one was decided"
    await office.ask(USE_PROFILE, ProfileName("nist"), ByPerson("li"))
    assert not office.why(), "others have their own"


def test_every_role_that_makes_tokens_may_see_them() -> None:
    assert set(AREAS["tokens"].do) <= set(AREAS["tokens"].view)
    assert set(AREAS["tokens"].do) <= set(ROLES)
