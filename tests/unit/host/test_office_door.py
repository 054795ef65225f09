"""The office's door: one wording, one work and one wait for all that is wrong; a code once, a link once; nothing lives on."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace
from tests.worlds.memory_host import MERCHANT, MemoryHost, StoppedClock

from zhanggui.acquirer.people.inviting import LINK_HOURS, NewPerson
from zhanggui.acquirer.people.passwords import common_passwords, why_no_password
from zhanggui.acquirer.people.sessions import ABSOLUTE_MS, IDLE_MS, SESSIONS_MAX
from zhanggui.acquirer.people.tries import LOCK_AFTER, LOCK_MS, wait_s
from zhanggui.acquirer.rows.records import WHOLE_HOST, AuditNote, Invitation, OfficeRole, OfficeSession, Person
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.numbers import MerchantNo
from zhanggui.basics.secret import Secret
from zhanggui.basics.spans import DAY_MS, HOUR_MS
from zhanggui.host.acts import Act, ActRow, SecretMaker, submit
from zhanggui.host.people import OfficeDoor, Refused, SignedIn
from zhanggui.host.people_acts import DISABLE, ENABLE, INVITE, RESET, SET_ROLE, OnePerson, OtherRole
from zhanggui.vault.one_time_code import STEP_S, hotp

GOOD, OTHER = Secret("a long walk home"), Secret("another long walk")
HERE = "203.0.113.7"


class CountingHasher:
    """Keeps passwords in the clear, and counts how often it was asked."""

    def __init__(self) -> None:
        self.checked = 0

    async def derive(self, password: bytes, from_where: str) -> str:
        return "kept:" + password.decode()

    async def fits(self, password: bytes, kept: str, from_where: str) -> bool:
        self.checked += 1
        return kept == "kept:" + password.decode()


class Office:
    """The door on a host in memory, with its clock."""

    def __init__(self) -> None:
        self.house = MemoryHost()
        self.hasher = CountingHasher()
        self.chance = SeededChance(11)
        self.door = OfficeDoor(
            lambda command: submit(command, self.house.queue), lambda: self.house.keys, self.hasher, self.chance
        )

    @property
    def clock(self) -> StoppedClock:
        return self.house.clock

    async def act(self, row: ActRow[object], asked: object, merchant_no: str = MERCHANT) -> Secret | None:
        act = Act(row, asked, MerchantNo(merchant_no), SecretMaker(lambda: self.house.keys, self.chance))
        decision = await submit(act, self.house.queue)
        assert decision.reason == ""
        return act.shown

    async def invite(self, login: str, role: OfficeRole) -> Secret:
        at = MERCHANT if role in ("owner", "manager") else WHOLE_HOST
        link = await self.act(INVITE, NewPerson(login=login, name="某人", role=role), at)  # type: ignore[arg-type]
        assert link is not None
        return link

    async def join(self, login: str, role: OfficeRole) -> SignedIn:
        signed = await self.door.accept(await self.invite(login, role), GOOD, HERE)
        assert isinstance(signed, SignedIn)
        return signed

    def person(self, login: str) -> Person:
        row = self.house.store.rows[(Person, WHOLE_HOST, login)]
        assert isinstance(row, Person)
        return row

    def rows(self, kind: type) -> list[object]:
        return [row for row in self.house.store.rows.values() if type(row) is kind]

    def notes(self) -> list[tuple[str, str, str]]:
        rows = [row for row in self.house.store.rows.values() if isinstance(row, AuditNote)]
        return [(row.actor, row.action, row.detail) for row in rows]

    def wait(self, ms: int) -> None:
        self.clock.at_ms += ms

    def code(self, secret: Secret, steps: int = 0) -> str:
        import base64

        text = secret.reveal()
        key = base64.b32decode(text + "=" * (-len(text) % 8))
        return hotp(key, self.clock.at_ms // 1000 // STEP_S + steps, 6)

    async def refusal(self, login: str, password: Secret) -> str:
        answer = await self.door.sign_in(login, password, HERE)
        return answer.reason if isinstance(answer, Refused) else "in"


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    office = Office()
    office.house.engine.start()
    yield office
    await office.house.engine.stop()


async def test_an_owner_accepts_an_invitation_and_is_in(office: Office) -> None:
    signed = await office.join("zhao", "owner")
    assert (signed.step, signed.person.state) == ("full", "active")
    who = await office.door.who(signed.session_id)
    assert who is not None
    assert (who.person.login, who.session.step, who.session.from_where) == ("zhao", "full", HERE)
    assert [note[:2] for note in office.notes()] == [("console", "invite_person"), ("person:zhao", "accept_invitation")]


async def test_no_row_holds_an_id_a_link_or_a_password(office: Office) -> None:
    link = await office.invite("zhao", "owner")
    signed = await office.door.accept(link, GOOD, HERE)
    assert isinstance(signed, SignedIn)
    stored = repr(list(office.house.store.rows.values()))
    assert link.reveal() not in stored
    assert signed.session_id.reveal() not in stored
    assert office.rows(Invitation) == []


async def test_a_wrong_name_and_a_wrong_password_are_one_wording_one_work_and_one_wait(office: Office) -> None:
    await office.join("zhao", "owner")
    told: dict[str, list[tuple[str, int]]] = {"zhao": [], "nobody": []}
    for login, said in told.items():
        for _ in range(LOCK_AFTER + 2):
            before = office.hasher.checked
            refused = await office.refusal(login, OTHER)
            said.append((refused, office.hasher.checked - before))
            office.wait(1_000)
    assert told["zhao"] == told["nobody"]
    looked_at, waits = ("wrong_name_or_password", 1), (f"wait_before_next_try:{wait_s(3) - 1}", 0)
    assert told["zhao"][:4] == [looked_at] * 3 + [waits], "no password is worked at while the name waits"


@pytest.mark.parametrize("name", ["", "ab", "1zhao", "zhao li", "zhao\x00", "张三", "z" * 33, "zhao%", "' or 1=1"])
async def test_a_name_that_nobody_can_have_is_answered_alike_and_leaves_no_row(office: Office, name: str) -> None:
    await office.join("zhao", "owner")
    rows, before = dict(office.house.store.rows), office.hasher.checked
    for _ in range(LOCK_AFTER):
        assert await office.refusal(name, OTHER) == "wrong_name_or_password"
    assert office.hasher.checked == before + LOCK_AFTER
    assert office.house.store.rows == rows


async def test_a_day_after_the_last_wait_wrong_tries_count_no_more_in_any_name(office: Office) -> None:
    """Else a name that is nobody's, whose row is gone by then, would be told from one that is somebody's."""
    await office.join("zhao", "owner")
    for login in ("zhao", "nobody"):
        for _ in range(3):
            assert await office.refusal(login, OTHER) == "wrong_name_or_password"
    office.wait(wait_s(3) * 1_000 + DAY_MS - 1)
    for login in ("zhao", "nobody"):
        await office.refusal(login, OTHER)
        assert await office.refusal(login, OTHER) == f"wait_before_next_try:{wait_s(4)}"
    office.wait(wait_s(4) * 1_000 + DAY_MS)
    for login in ("zhao", "nobody"):
        assert [await office.refusal(login, OTHER) for _ in range(3)] == ["wrong_name_or_password"] * 3


async def test_whoever_must_wait_changes_no_password_and_none_is_worked_at(office: Office) -> None:
    mine = await office.join("zhao", "owner")
    for _ in range(3):
        await office.refusal("zhao", OTHER)
    before = office.hasher.checked
    refused = await office.door.change_password(mine.session_id, GOOD, OTHER)
    assert (refused, office.hasher.checked) == (Refused(f"wait_before_next_try:{wait_s(3)}"), before)


async def test_ten_wrong_tries_lock_for_half_an_hour_and_the_note_tells(office: Office) -> None:
    await office.join("zhao", "owner")
    for failures in range(1, LOCK_AFTER + 1):
        assert await office.refusal("zhao", OTHER) == "wrong_name_or_password"
        office.wait(wait_s(failures) * 1_000)
    assert office.person("zhao").state == "locked"
    assert (await office.refusal("zhao", GOOD)).startswith("wait_before_next_try:")
    office.wait(LOCK_MS)
    assert await office.refusal("zhao", GOOD) == "in"
    assert (office.person("zhao").state, office.person("zhao").failed_count) == ("active", 0)
    refused = [note for note in office.notes() if note[1] == "office_refused"]
    assert refused[-1] == ("person:zhao", "office_refused", f"password,tries={LOCK_AFTER}")


async def test_a_lock_is_taken_away_by_somebodys_word_without_a_new_link(office: Office) -> None:
    await office.join("zhao", "owner")
    for failures in range(1, LOCK_AFTER + 1):
        await office.refusal("zhao", OTHER)
        office.wait(wait_s(failures) * 1_000)
    assert await office.act(ENABLE, OnePerson("zhao")) is None  # type: ignore[arg-type]
    assert await office.refusal("zhao", GOOD) == "in"


async def test_two_tries_at_once_are_both_counted(office: Office) -> None:
    await office.join("zhao", "owner")
    await asyncio.gather(office.refusal("zhao", OTHER), office.refusal("zhao", OTHER))
    assert office.person("zhao").failed_count == 2


async def test_an_admin_is_asked_for_a_code_that_works_once(office: Office) -> None:
    half = await office.join("qian", "admin")
    assert (half.step, half.must_enrol) == ("half", True)
    secret = await office.door.enrol(half.session_id)
    assert isinstance(secret, Secret)
    code = office.code(secret)
    full = await office.door.second_factor(half.session_id, code)
    assert isinstance(full, SignedIn)
    assert full.step == "full"
    assert await office.door.who(half.session_id) is None, "each step has an id of its own"
    again = await office.door.sign_in("qian", GOOD, HERE)
    assert isinstance(again, SignedIn)
    assert (again.step, again.must_enrol) == ("half", False)
    assert await office.door.second_factor(again.session_id, code) == Refused("wrong_second_factor")
    office.wait(2 * STEP_S * 1_000)
    late = office.code(secret, -1)
    assert isinstance(await office.door.second_factor(again.session_id, late), SignedIn), "the step before is good too"
    assert [note for note in office.notes() if note[1] == "office_sign_in"] == [
        ("person:qian", "office_sign_in", "first_second_factor"),
        ("person:qian", "office_sign_in", "second_factor"),
    ]


async def test_a_right_password_does_not_forget_wrong_codes(office: Office) -> None:
    half = await office.join("qian", "admin")
    secret = await office.door.enrol(half.session_id)
    assert isinstance(secret, Secret)
    full = await office.door.second_factor(half.session_id, office.code(secret))
    assert isinstance(full, SignedIn)
    for failures in range(1, LOCK_AFTER + 1):
        again = await office.door.sign_in("qian", GOOD, HERE)
        assert isinstance(again, SignedIn)
        assert await office.door.second_factor(again.session_id, "000000") == Refused("wrong_second_factor")
        office.wait(wait_s(failures) * 1_000)
    assert office.person("qian").state == "locked"


async def test_an_enrolled_secret_is_not_shown_again_and_a_reset_forgets_it(office: Office) -> None:
    half = await office.join("qian", "admin")
    secret = await office.door.enrol(half.session_id)
    assert isinstance(secret, Secret)
    full = await office.door.second_factor(half.session_id, office.code(secret))
    assert isinstance(full, SignedIn)
    assert await office.door.enrol(full.session_id) == Refused("second_factor_is_enrolled")
    link = await office.act(RESET, OnePerson("qian"), WHOLE_HOST)  # type: ignore[arg-type]
    assert link is not None
    assert await office.door.who(full.session_id) is None
    anew = await office.door.accept(link, OTHER, HERE)
    assert isinstance(anew, SignedIn)
    assert anew.must_enrol


@pytest.mark.parametrize("how", ["used", "replaced", "expired", "disabled", "made_up"])
async def test_a_link_that_is_worth_nothing_says_nothing_else(office: Office, how: str) -> None:
    link = await office.invite("zhao", "owner")
    match how:
        case "used":
            await office.door.accept(link, GOOD, HERE)
        case "replaced":
            await office.act(RESET, OnePerson("zhao"))  # type: ignore[arg-type]
        case "expired":
            office.wait(LINK_HOURS * HOUR_MS)
        case "disabled":
            await office.act(DISABLE, OnePerson("zhao"))  # type: ignore[arg-type]
        case "made_up":
            link = Secret("x" * 43)
    assert await office.door.invited(link) is None
    assert await office.door.accept(link, OTHER, HERE) == Refused("invitation_over")


async def test_of_two_who_hold_one_link_one_is_let_in(office: Office) -> None:
    link = await office.invite("zhao", "owner")
    answers = await asyncio.gather(*(office.door.accept(link, word, HERE) for word in (GOOD, OTHER)))
    assert sorted(type(answer).__name__ for answer in answers) == ["Refused", "SignedIn"]


async def test_a_session_ends_when_nobody_is_there_and_after_half_a_day(office: Office) -> None:
    signed = await office.join("zhao", "owner")
    office.wait(IDLE_MS - 1)
    assert await office.door.who(signed.session_id) is not None
    office.wait(IDLE_MS)
    assert await office.door.who(signed.session_id) is None
    assert office.rows(OfficeSession) == []
    again = await office.door.sign_in("zhao", GOOD, HERE)
    assert isinstance(again, SignedIn)
    for _ in range(ABSOLUTE_MS // (IDLE_MS - 1)):
        office.wait(IDLE_MS - 1)
        assert await office.door.who(again.session_id) is not None
    office.wait(IDLE_MS - 1)
    assert await office.door.who(again.session_id) is None


@pytest.mark.parametrize("what", ["role", "disabled", "reset", "signed_out"])
async def test_what_takes_a_session_away_takes_it_at_once(office: Office, what: str) -> None:
    signed = await office.join("zhao", "owner")
    match what:
        case "role":
            await office.act(SET_ROLE, OtherRole("zhao", "manager"))  # type: ignore[arg-type]
        case "disabled":
            await office.act(DISABLE, OnePerson("zhao"))  # type: ignore[arg-type]
        case "reset":
            await office.act(RESET, OnePerson("zhao"))  # type: ignore[arg-type]
        case "signed_out":
            await office.door.sign_out(signed.session_id)
    assert await office.door.who(signed.session_id) is None
    assert office.rows(OfficeSession) == []


async def test_a_disabled_person_comes_back_by_a_new_link_and_never_by_the_old_password(office: Office) -> None:
    await office.join("zhao", "owner")
    await office.act(DISABLE, OnePerson("zhao"))  # type: ignore[arg-type]
    assert await office.refusal("zhao", GOOD) == "wrong_name_or_password"
    link = await office.act(ENABLE, OnePerson("zhao"))  # type: ignore[arg-type]
    assert link is not None
    assert await office.refusal("zhao", GOOD) == "wrong_name_or_password"
    assert isinstance(await office.door.accept(link, OTHER, HERE), SignedIn)


async def test_one_person_has_so_many_sessions_and_the_oldest_goes(office: Office) -> None:
    first = await office.join("zhao", "owner")
    for _ in range(SESSIONS_MAX):
        assert await office.refusal("zhao", GOOD) == "in"
    assert await office.door.who(first.session_id) is None
    assert len(office.rows(OfficeSession)) == SESSIONS_MAX


async def test_another_password_ends_every_other_session(office: Office) -> None:
    mine = await office.join("zhao", "owner")
    elsewhere = await office.door.sign_in("zhao", GOOD, HERE)
    assert isinstance(elsewhere, SignedIn)
    wrong = await office.door.change_password(mine.session_id, OTHER, OTHER)
    assert wrong == Refused("wrong_name_or_password")
    assert await office.door.change_password(mine.session_id, GOOD, Secret("short")) == Refused("password_too_short")
    assert await office.door.change_password(mine.session_id, GOOD, OTHER) is None
    assert await office.door.who(elsewhere.session_id) is None
    assert await office.door.who(mine.session_id) is not None
    assert await office.refusal("zhao", OTHER) == "in"


async def test_people_of_the_demo_are_let_in_on_demo_data_alone(office: Office) -> None:
    await office.join("qian", "admin")
    demo = replace(office.person("qian"), is_demo=1)
    office.house.store.put(demo)
    assert await office.refusal("qian", GOOD) == "wrong_name_or_password"
    door = OfficeDoor(
        lambda command: submit(command, office.house.queue),
        lambda: office.house.keys,
        office.hasher,
        office.chance,
        takes_demo=True,
    )
    signed = await door.sign_in("qian", GOOD, HERE)
    assert isinstance(signed, SignedIn)
    assert signed.step == "full"


async def test_whoever_proves_who_he_is_at_the_console_gets_no_session(office: Office) -> None:
    await office.join("zhao", "owner")
    before = len(office.rows(OfficeSession))
    proven = await office.door.prove("zhao", GOOD, None)
    assert isinstance(proven, Person)
    assert len(office.rows(OfficeSession)) == before
    assert await office.door.prove("zhao", OTHER, None) == Refused("wrong_name_or_password")


async def test_a_proof_of_an_admin_takes_a_code_too(office: Office) -> None:
    half = await office.join("qian", "admin")
    assert await office.door.prove("qian", GOOD, None) == Refused("second_factor_not_enrolled")
    secret = await office.door.enrol(half.session_id)
    assert isinstance(secret, Secret)
    await office.door.second_factor(half.session_id, office.code(secret))
    assert await office.door.prove("qian", GOOD, None) == Refused("second_factor_asked")
    office.wait(STEP_S * 1_000)
    code = office.code(secret)
    assert isinstance(await office.door.prove("qian", GOOD, code), Person)
    assert await office.door.prove("qian", GOOD, code) == Refused("wrong_second_factor")


async def test_whoever_was_locked_proves_it_by_password_and_code_once_the_lock_is_over(office: Office) -> None:
    half = await office.join("qian", "admin")
    secret = await office.door.enrol(half.session_id)
    assert isinstance(secret, Secret)
    await office.door.second_factor(half.session_id, office.code(secret))
    for failures in range(1, LOCK_AFTER + 1):
        await office.refusal("qian", OTHER)
        office.wait(wait_s(failures) * 1_000)
    assert office.person("qian").state == "locked"
    refused = await office.door.prove("qian", GOOD, office.code(secret))
    assert isinstance(refused, Refused)
    assert refused.reason.startswith("wait_before_next_try:")
    office.wait(LOCK_MS)
    assert isinstance(await office.door.prove("qian", GOOD, office.code(secret)), Person)
    assert (office.person("qian").state, office.person("qian").failed_count) == ("active", 0)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("eleven char", "password_too_short"),
        ("x" * 129, "password_too_long"),
        ("aaaaaaaaaaaab", "password_common"),
        ("Password12345", "password_common"),
        ("wang.wei.home", ""),
        ("zhaoqiansunli", "password_is_name"),
        ("一二三四五六七八九十甲乙", ""),
    ],
)
def test_a_password_is_long_and_not_what_others_try_first(password: str, reason: str) -> None:
    assert why_no_password(Secret(password), "zhaoqiansunli", "赵") == reason


def test_the_list_of_common_passwords_holds_only_what_is_long_enough_to_be_asked() -> None:
    assert all(len(word) >= 12 for word in common_passwords())
