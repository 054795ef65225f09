"""A program's token: made by a person, in that person's name, for some of that person's rights, with an end; and what it may now.

    add ─▶ counts ─ its end, revoked, its person disabled or reset ─▶ worth nothing, for good
     └─ by two ─▶ waits for its person to draw the secret (rotate) ─▶ counts

It never may more than its person may at that moment, and less where its scopes say less. What a table calls `never` no token may; what
it calls `two` takes a second person, for a token comes without the second factor of whoever made it. Whoever confirms one learns no
secret: with it he would be two.
Sources: OWASP ASVS 5.0, 13.3 and 10.4; PCI DSS 4.0.1, 8.6.
"""

import re
from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from ....basics.clock import china_time
from ....basics.numbers import MerchantNo, UnixMs
from ....basics.spans import DAY_MS
from ....basics.visible import is_visible
from ...policy.actors import NOT_PERMITTED, Actor, may_manage, noted
from ...rows.decision import Decision
from ...rows.reasons import Reason
from ...rows.records import WHOLE_HOST, ApiToken, Counter, Merchant, Person
from ...rows.state import Change, Insert, Needs, State, Update
from ..proposals import BETWEEN, all_withdrawn
from ..rights import AREAS, EXPORTS, GIVES, PERSON, What, actor_of, area_of, is_let_in, may
from .webhooks import all_paused

ADD_TOKEN, ROTATE_TOKEN, REVOKE_TOKEN = "add_token", "rotate_token", "revoke_token"
NOT_THERE = "unknown_token"
SCOPE = re.compile(r"(?P<area>[a-z_]+):(?P<what>view|do|export)")
SCOPES_MAX = 1_000
"""Characters; all of them together have fewer."""
NAME_MAX = 40
DAYS_MAX = 366
DAYS_USUAL = 90
TOKENS_MAX = 10
"""Of one person, that may still count."""


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """What a program is to have: what it is called, what it may (`payments:view`, a blank between), and for how many days."""

    name: str
    scopes: str
    days: int = DAYS_USUAL


class OneToken(msgspec.Struct, frozen=True):
    """The token that the act is about."""

    token_id: str


class Drawn(msgspec.Struct, frozen=True):
    """A token as it was drawn by chance: what names it, and the mark that is kept of it."""

    token_id: str
    mark: str


def read_scopes(text: str) -> tuple[tuple[str, What], ...] | None:
    """Each scope as area and what; None where one of them is none.

    >>> read_scopes("payments:view cases:view")
    (('payments', 'view'), ('cases', 'view'))
    >>> read_scopes("everything") is None
    True
    """
    if len(text) > SCOPES_MAX:
        return None
    found = [SCOPE.fullmatch(word) for word in dict.fromkeys(text.split())]
    if not found or not all(one is not None and one["area"] in AREAS for one in found):
        return None
    return tuple((one["area"], one["what"]) for one in found if one is not None)  # type: ignore[misc]  # as the pattern says


def takes_two(scopes: str) -> bool:
    """Whether a token of these scopes is made by two."""
    return any(what == "do" and AREAS[area].by_program == "two" for area, what in read_scopes(scopes) or ())


# ── what it may now ──────────────────────────────────────────────────────────


def counts(token: ApiToken | None, person: Person | None, now: UnixMs) -> bool:
    """Whether it is worth something: its person is let in and still has it, and its end has not come."""
    if token is None or person is None or person.login != token.login or not is_let_in(person):
        return False
    return bool(token.mark) and token.token_id in _ids(person) and token.revoked_ms is None and now < token.expires_ms


def has_ended(token: ApiToken | None, person: Person | None) -> bool:
    """Whether it, or its person's being let in, was ended by somebody: what was begun by it is not gone on with. Its own end is none."""
    if token is None or person is None or not is_let_in(person):
        return True
    return token.revoked_ms is not None or token.token_id not in _ids(person)


def may_by_token(token: ApiToken, person: Person, area: str, what: What, merchant_no: str | None) -> bool:
    """Whether the token may that, at this shop (None: in all together): its scopes and its person's rights both say so."""
    has_scope = f"{area}:{what}" in token.scopes.split()
    at_home = not token.shop_no or token.shop_no == merchant_no
    never = what == "do" and AREAS[area].by_program == "never"
    return has_scope and at_home and not never and may(person, area, what, merchant_no)


def actor_by_token(token: ApiToken, person: Person, merchant_no: str, reason: str) -> Actor:
    """Its person as one who acts at a shop, with as much of the rights as the token has; the note says by which token."""
    whole = actor_of(person, merchant_no, reason)

    def is_left(action: str) -> bool:
        if action.startswith(EXPORTS):
            area, what = action.removeprefix(EXPORTS), "export"
        else:
            area, what = ("people" if action.startswith(GIVES) else area_of(action)), "do"
        return may_by_token(token, person, area, what, merchant_no)  # type: ignore[arg-type]  # one of the two

    return replace(whole, actions=frozenset(filter(is_left, whole.actions or ())), via=f"token={token.token_id}")


def used(token: ApiToken, now: UnixMs) -> Update | None:
    """That it was used today, once a day."""
    day = china_time(now).date().isoformat()
    return Update(replace(token, last_used_day=day)) if token.last_used_day != day else None


# ── making and ending one ────────────────────────────────────────────────────


def token_needs(merchant_no: str, token_id: str = "") -> Needs:
    """The first rows of an act on tokens; `more_of_token` names the rest."""
    needs = Needs({Counter: [(merchant_no, "note")]})
    if merchant_no != WHOLE_HOST:
        needs.add(Merchant, (merchant_no,))
    if token_id:
        needs.add(ApiToken, (WHOLE_HOST, token_id))
    return needs


def more_of_token(state: State, token_id: str, more: Needs) -> None:
    """The person whose token it is."""
    token = state.get(ApiToken, WHOLE_HOST, token_id)
    if token is not None:
        more.add(Person, (WHOLE_HOST, token.login))


def decide_add_token(
    state: State, merchant_no: MerchantNo, asked: NewToken, drawn: Drawn, by: Actor, now: UnixMs
) -> Decision:
    """A token for one shop, or (`*`) for all. Made by two it has no secret yet: whose name it bears draws it."""
    if not may_manage(by, ADD_TOKEN):
        return Decision(reason=NOT_PERMITTED)
    maker = _person_of(state, by)
    if maker is None:
        return Decision(reason="token_of_a_person")
    fault = _fault(state, merchant_no, asked, maker)
    if fault:
        return Decision(reason=fault)
    kept = [one for one in (maker.tokens or "").split() if int(one.partition(":")[2]) > now]
    if len(kept) >= TOKENS_MAX:
        return Decision(reason="too_many_tokens")
    expires = UnixMs(now + asked.days * DAY_MS)
    token = ApiToken(
        merchant_no=WHOLE_HOST,
        token_id=drawn.token_id,
        mark="" if BETWEEN in by.name else drawn.mark,
        shop_no="" if merchant_no == WHOLE_HOST else merchant_no,
        login=maker.login,
        name=asked.name,
        scopes=" ".join(f"{area}:{what}" for area, what in read_scopes(asked.scopes) or ()),
        made_ms=now,
        made_by=by.name,
        expires_ms=expires,
    )
    holder = replace(maker, tokens=" ".join([f"{token.token_id}:{expires}", *kept]))
    note = noted(state, merchant_no, by, ADD_TOKEN, token.token_id, token.scopes, now)
    return Decision(changes=(Insert(token), Update(holder), *note))


def decide_rotate_token(
    state: State, merchant_no: MerchantNo, token_id: str, mark: str, by: Actor, now: UnixMs
) -> Decision:
    """Another secret; the one before is worth nothing at once. Only whose token it is draws one."""
    found = _admit(state, merchant_no, token_id, ROTATE_TOKEN, by)
    if isinstance(found, Decision):
        return found
    token, person = found
    if by.name != f"{PERSON}{token.login}":
        return Decision(reason="token_of_another")
    if not counts(replace(token, mark=mark), person, now):
        return Decision(reason="token_is_over")
    note = noted(state, merchant_no, by, ROTATE_TOKEN, token_id, "", now)
    return Decision(changes=(Update(replace(token, mark=mark)), *note))


def decide_revoke_token(state: State, merchant_no: MerchantNo, token_id: str, by: Actor, now: UnixMs) -> Decision:
    """It is worth nothing from now on, nor is what it proposed; webhooks that are as it made them are paused."""
    found = _admit(state, merchant_no, token_id, REVOKE_TOKEN, by)
    if isinstance(found, Decision):
        return found
    token, person = found
    if token.revoked_ms is not None:
        return Decision(reason="token_is_over")
    withdrawn = all_withdrawn(state, person, by, REVOKE_TOKEN, now, token_id=token_id)
    paused = all_paused(state, person, now, token_id=token_id)
    note = noted(state, merchant_no, by, REVOKE_TOKEN, token_id, "", now)
    return Decision(changes=(Update(_revoked(token, by, now)), *_without(person, token_id), *withdrawn, *paused, *note))


def tokens_of(person: Person | None, more: Needs) -> None:
    """The rows of the tokens that end with a person."""
    for token_id in _ids(person) if person is not None else ():
        more.add(ApiToken, (WHOLE_HOST, token_id))


def all_revoked(state: State, person: Person, by: Actor, now: UnixMs) -> tuple[Person, tuple[Change, ...]]:
    """The person without tokens: whoever is let in again makes new ones."""
    rows = (state.get(ApiToken, WHOLE_HOST, token_id) for token_id in _ids(person))
    gone = tuple(Update(_revoked(row, by, now)) for row in rows if row is not None and row.revoked_ms is None)
    return replace(person, tokens=None), gone


# ── within ───────────────────────────────────────────────────────────────────


def _ids(person: Person) -> Iterator[str]:
    return (one.partition(":")[0] for one in (person.tokens or "").split())


def _person_of(state: State, by: Actor) -> Person | None:
    """The person who acts, or who proposed what another confirms."""
    first = by.name.partition(BETWEEN)[0]
    return state.get(Person, WHOLE_HOST, first.removeprefix(PERSON)) if first.startswith(PERSON) else None


def _fault(state: State, merchant_no: MerchantNo, asked: NewToken, maker: Person) -> Reason:
    if not is_visible(asked.name) or len(asked.name) > NAME_MAX:
        return "bad_token_name"
    if not 1 <= asked.days <= DAYS_MAX:
        return "bad_token_days"
    if merchant_no != WHOLE_HOST and state.get(Merchant, merchant_no) is None:
        return "unknown_merchant"
    scopes = read_scopes(asked.scopes)
    if scopes is None:
        return "unknown_scope"
    for area, what in scopes:
        at = None if merchant_no == WHOLE_HOST else merchant_no
        if what == "do" and AREAS[area].by_program == "never":
            return f"scope_of_people_alone:{area}:{what}"
        if not may(maker, area, what, at):
            return f"scope_beyond_rights:{area}:{what}"
    return ""


def _admit(
    state: State, merchant_no: MerchantNo, token_id: str, action: str, by: Actor
) -> tuple[ApiToken, Person] | Decision:
    token = state.get(ApiToken, WHOLE_HOST, token_id)
    if not may_manage(by, action):
        return Decision(reason=NOT_PERMITTED)
    person = state.get(Person, WHOLE_HOST, token.login) if token is not None else None
    if token is None or person is None or (token.shop_no or WHOLE_HOST) != merchant_no:
        return Decision(reason=NOT_THERE)
    return token, person


def _revoked(token: ApiToken, by: Actor, now: UnixMs) -> ApiToken:
    return replace(token, mark="", revoked_ms=now, revoked_by=by.name)


def _without(person: Person, token_id: str) -> tuple[Change, ...]:
    kept = [one for one in (person.tokens or "").split() if one.partition(":")[0] != token_id]
    return (Update(replace(person, tokens=" ".join(kept) or None)),)
