"""Who may sign in: operators at terminals, with the numbers that belong to nobody; and people of the office (后台人员), with their
sessions and invitations, and what one proposes and another confirms (提议); and programs that come in somebody's name (令牌).

All people of the office stand under one key (`WHOLE_HOST`), so that a login name is one person's wherever he or she works: it is
looked up before anybody knows which shop it belongs to.
"""

from typing import Literal

from ....basics.numbers import MerchantNo, OperatorNo, UnixMs
from ....basics.roles import Role
from .record import Record

__all__ = [
    "ApiAnswer",
    "ApiToken",
    "Badge",
    "Invitation",
    "OfficeRole",
    "OfficeSession",
    "Operator",
    "OperatorKey",
    "Person",
    "PersonState",
    "Proposal",
    "ProposalKey",
    "ProposalState",
    "Stranger",
    "UserName",
]

OperatorKey = tuple[MerchantNo, OperatorNo]
OfficeRole = Literal["admin", "reviewer", "support", "auditor", "owner", "manager"]
"""The first four are the acquirer's, the other two a shop's (`people/roles.toml`)."""
PersonState = Literal["invited", "active", "locked", "disabled"]
ProposalState = Literal["open", "confirmed", "declined", "withdrawn", "expired"]
ProposalKey = tuple[str, int]


class Operator(Record, frozen=True, kw_only=True):
    """A person who may sign in at a merchant's terminals. The password is a keyed verifier with the operator's own salt."""

    KEY = ("merchant_no", "operator_no")

    merchant_no: MerchantNo
    operator_no: OperatorNo
    name: str
    role: Role
    state: Literal["active", "disabled"] = "active"
    salt: bytes
    verifier: bytes
    factory_password: int = 0
    """1 while the password is still the one from the factory."""
    failed_count: int = 0
    """Wrong passwords in a row."""
    locked_until_ms: UnixMs | None = None
    next_try_ms: UnixMs | None = None
    """The next try is taken only from then on."""
    password_set_ms: UnixMs
    earlier_passwords: str = ""
    """Salts and verifiers of earlier passwords, as `salt:verifier,…` in hexadecimal, newest first, bounded by policy."""
    initial_until_ms: UnixMs | None = None
    """The password was set by a supervisor and must be changed; it opens nothing after this instant."""
    code_secret: str = ""
    """Secret of the time-based sign-in code, sealed by the vault; empty when not enrolled."""
    code_last_step: int = 0
    """Time step of the last code that was used: a code works once."""
    code_drift_s: int | None = None
    user_name: str = ""
    last_sign_in_ms: UnixMs | None = None
    badge_no: str | None = None
    """The badge that counts; every earlier one is revoked."""


class UserName(Record, frozen=True, kw_only=True):
    """Whose user name it is: how a host finds the number in one look. It says the same as `Operator.user_name`."""

    KEY = ("merchant_no", "user_name")

    merchant_no: MerchantNo
    user_name: str
    operator_no: OperatorNo


class Badge(Record, frozen=True, kw_only=True):
    """A badge that was issued, kept for good. It counts while its operator's row names it; of the secret there is a keyed hash alone."""

    KEY = ("merchant_no", "badge_no")

    merchant_no: MerchantNo
    badge_no: str
    """Printed in the badge beside the secret; it proves nothing."""
    operator_no: OperatorNo
    mark: bytes
    """The vault's keyed hash of the secret, bound to the shop."""
    issued_ms: UnixMs
    issued_by: str
    """Who issued it, as the note names them."""


class Stranger(Record, frozen=True, kw_only=True):
    """A number, user name or badge that belongs to nobody, and the wrong tries for it: they wait and lock as an operator's do (`tries.py`)."""

    KEY = ("merchant_no", "operator_no")

    merchant_no: MerchantNo
    operator_no: str
    failed_count: int = 0
    locked_until_ms: UnixMs | None = None
    next_try_ms: UnixMs | None = None


class Person(Record, frozen=True, kw_only=True):
    """Somebody who signs in to the office. The password is a PHC string (Argon2id), the secret of the codes a sealed key block."""

    KEY = ("merchant_no", "login")

    merchant_no: str
    """Always `*`: the name is one person's in all shops."""
    login: str
    name: str
    shop_no: str
    """The shop whose person this is; empty for the acquirer's own people."""
    role: OfficeRole
    state: PersonState
    operator_no: str = ""
    """The same human being as an operator of that shop, where there is one: who proposed as one does not confirm as the other."""
    password: str = ""
    """Empty until an invitation was accepted."""
    password_set_ms: UnixMs | None = None
    code_secret: str = ""
    """Empty while no second factor is enrolled."""
    code_last_step: int = 0
    """Time step of the last code that was used: a code works once. 0 while none was: then the secret is not proven yet."""
    failed_count: int = 0
    """Wrong tries in a row."""
    last_try_ms: UnixMs | None = None
    next_try_ms: UnixMs | None = None
    """The next try is taken only from then on."""
    locked_until_ms: UnixMs | None = None
    session_marks: str = ""
    """Marks of the sessions that may still live, newest first, a blank between, bounded."""
    invitation: str = ""
    """Mark of the invitation that counts; any other of this person is worth nothing."""
    is_demo: int = 0
    """1: of the demo data, with a password that everybody knows; never let in on other data."""
    made_ms: UnixMs
    made_by: str
    """Who gave out the last link, at the invitation or a reset: whoever holds a link could have used it."""
    last_sign_in_ms: UnixMs | None = None
    tokens: str | None = None
    """Tokens of programs that may still count in this name, as `id:ms` of their end, newest first, a blank between, bounded."""
    proposals: str | None = None
    """Proposals of this person that may still be open, as `shop/number`, newest first, a blank between, bounded."""
    webhooks: str | None = None
    """Webhooks that are as this person's tokens made them, as `shop/number`, newest first, a blank between, bounded."""


class OfficeSession(Record, frozen=True, kw_only=True):
    """One person's session. The row is the session: it goes when the session ends, and the audit note stays."""

    KEY = ("merchant_no", "mark")

    merchant_no: str
    """Always `*`."""
    mark: str
    """Keyed hash of the session's id, in hexadecimal; the id itself stands in the browser alone."""
    login: str
    step: Literal["half", "full"]
    """half: the password was right and the second factor is still asked for."""
    has_second_factor: int
    """1 when it was asked and right."""
    began_ms: UnixMs
    seen_ms: UnixMs
    ends_ms: UnixMs
    """Absolute end, whatever happens in it."""
    from_where: str


class Invitation(Record, frozen=True, kw_only=True):
    """A one-time link by which somebody sets a password: at the first time and after a reset. The row goes when it is used."""

    KEY = ("merchant_no", "mark")

    merchant_no: str
    """Always `*`."""
    mark: str
    """Keyed hash of the secret in the link, in hexadecimal."""
    login: str
    until_ms: UnixMs
    made_ms: UnixMs


class Proposal(Record, frozen=True, kw_only=True):
    """An act that needs two: what one asks and another confirms, declines or lets expire."""

    KEY = ("merchant_no", "proposal_no")

    merchant_no: str
    """The shop; `*` where it is about the acquirer's own people."""
    proposal_no: int
    act: str
    """Name of the act in the table."""
    asked: str
    """The act's values as JSON; it holds no secret."""
    reason: str
    amount_fen: int | None = None
    made_by: str
    """As the note names who proposed."""
    login: str
    """The person who proposed; empty where it was an operator."""
    operator_no: str
    """The operator who proposed, or as whom the person is known at the shop; empty where neither."""
    made_ms: UnixMs
    expires_ms: UnixMs
    state: ProposalState = "open"
    decided_by: str = ""
    decided_ms: UnixMs | None = None
    note_no: int | None = None
    """The note of the act that was confirmed."""
    token_id: str | None = None
    """The token by which a program proposed it; None where none did."""
    ended_with: str | None = None
    """The act that took it back together with its token or its person, or `token_over`; None where somebody decided about it."""


class ApiToken(Record, frozen=True, kw_only=True):
    """What a program comes with, in one person's name and with no more than that person's rights. Of its secret there is a keyed hash alone."""

    KEY = ("merchant_no", "token_id")

    merchant_no: str
    """Always `*`."""
    token_id: str
    """Drawn by chance; it stands before the secret, in notes and in lists."""
    mark: str
    """Keyed hash of the whole text, in hexadecimal; empty while nobody has drawn the secret."""
    shop_no: str
    """The only shop in which it counts; empty: all."""
    login: str
    """Whose rights bound it, as they are when it is used."""
    name: str
    scopes: str
    """What it may, as `area:what`, a blank between."""
    made_ms: UnixMs
    made_by: str
    """Who made it, as the note names them: two, where it took two."""
    expires_ms: UnixMs
    last_used_day: str = ""
    """The last day of China on which it was used, `2026-11-30`; empty while it never was."""
    revoked_ms: UnixMs | None = None
    revoked_by: str = ""


class ApiAnswer(Record, frozen=True, kw_only=True):
    """What an act by a token was answered, kept for a day: the same request under the same key is answered the same, and done once."""

    KEY = ("merchant_no", "mark")

    merchant_no: str
    """Always `*`."""
    mark: str
    """Keyed hash over the token and the key that its program gave, in hexadecimal."""
    token_id: str
    fingerprint: bytes
    """Keyed hash of the request."""
    status: int
    body: bytes
    """What was answered, sealed by the vault: it may hold what is shown once."""
    made_ms: UnixMs


RECORDS: tuple[type[Record], ...] = (
    Operator,
    UserName,
    Badge,
    Stranger,
    Person,
    OfficeSession,
    Invitation,
    Proposal,
    ApiToken,
    ApiAnswer,
)
"""In the order of writing."""
