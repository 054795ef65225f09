"""What an office of its own asks its host, and what it is answered: typed messages, JSON on the line, of this version on both ends.

A secret is a `Secret` here too: it is revealed where the bytes are made and nowhere else, so none is shown by a log or an error.
"""

from typing import Any

import msgspec

from ...acquirer.rows.records import ApiToken, ExportFile, OfficeSession, Person
from ...basics.bad_json import BAD_JSON
from ...basics.errors import RemoteProtocolError
from ...basics.numbers import MerchantNo
from ...basics.secret import Secret
from ...basics.visible import has_control
from ..deciding import What
from .window import ByToken, Done, DoneOnce, Proof, Request


class _Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="ask"):
    called: str = ""
    """What the request to the office is called in the logs."""


class Greet(_Question, frozen=True, tag="greet"):
    """Whether somebody is there, and how far."""


class SignIn(_Question, frozen=True, tag="sign_in"):
    """Name and password."""

    login: str
    password: Secret
    from_where: str


class SecondFactor(_Question, frozen=True, tag="second_factor"):
    """The code of a half session."""

    session_id: Secret
    code: Secret


class Enrol(_Question, frozen=True, tag="enrol"):
    """A new secret for an authenticator."""

    session_id: Secret


class WhoIs(_Question, frozen=True, tag="who"):
    """Whose session it is."""

    session_id: Secret


class SignOut(_Question, frozen=True, tag="sign_out"):
    """End it."""

    session_id: Secret


class Invited(_Question, frozen=True, tag="invited"):
    """Whom a link invites."""

    link: Secret


class Accept(_Question, frozen=True, tag="accept"):
    """The password of whoever was invited."""

    link: Secret
    password: Secret
    from_where: str


class ChangePassword(_Question, frozen=True, tag="change_password"):
    """Another password of one's own."""

    session_id: Secret
    old: Secret
    new: Secret


class WhoseToken(_Question, frozen=True, tag="token"):
    """Whose a token is."""

    token: Secret


class DoAct(_Question, frozen=True, tag="act"):
    """An act, by the name of its row. `asked` is read as that row says."""

    proof: Proof
    act: str
    asked: msgspec.Raw
    merchant_no: MerchantNo
    reason: str


class DoOnce(_Question, frozen=True, tag="once"):
    """An act of a program."""

    proof: ByToken
    act: str
    asked: msgspec.Raw
    merchant_no: MerchantNo
    reason: str
    request: Request


class Decide(_Question, frozen=True, tag="decide"):
    """A word about a proposal."""

    proof: Proof
    what: What
    merchant_no: MerchantNo
    proposal_no: int


class DropTaken(_Question, frozen=True, tag="drop_taken"):
    """A file was taken whole."""

    proof: Proof
    file: ExportFile


Question = (
    Greet
    | SignIn
    | SecondFactor
    | Enrol
    | WhoIs
    | SignOut
    | Invited
    | Accept
    | ChangePassword
    | WhoseToken
    | DoAct
    | DoOnce
    | Decide
    | DropTaken
)


class Greeting(msgspec.Struct, frozen=True, kw_only=True, tag="greeting"):
    """Who is there."""

    version: str
    """Of the program: both ends are of one."""
    began: str
    """Drawn by each host at its start."""
    changes: int
    """How many times it has written since."""
    public_key: bytes
    """By which its signatures are checked."""
    marks_key: Secret
    """For marks of forms and cursors: made of the host's keys, and worth nothing elsewhere."""


class Nothing(msgspec.Struct, frozen=True, tag="nothing"):
    """It was done; or there is nobody."""


class Known(msgspec.Struct, frozen=True, tag="known"):
    """Whose session it is."""

    person: Person
    session: OfficeSession


class LetIn(msgspec.Struct, frozen=True, tag="let_in"):
    """A session that began."""

    session_id: Secret
    person: Person
    step: str


class TurnedAway(msgspec.Struct, frozen=True, tag="turned_away"):
    """Why not, as a word of `reasons.toml`."""

    reason: str


class ShownSecret(msgspec.Struct, frozen=True, tag="shown"):
    """What is shown this once."""

    secret: Secret


class Invitee(msgspec.Struct, frozen=True, tag="invitee"):
    """Whom a link invites."""

    person: Person


class Held(msgspec.Struct, frozen=True, tag="held"):
    """Whose program it is."""

    token: ApiToken
    person: Person


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag="failed"):
    """It was not done. `is_misuse`: what was asked for is what is wrong. `is_open`: whether it was done is not known."""

    is_misuse: bool
    text: str
    is_open: bool = False


Answer = Greeting | Nothing | Known | LetIn | TurnedAway | ShownSecret | Invitee | Held | Done | DoneOnce | Failed


def _reveal(value: object) -> object:
    if isinstance(value, Secret):
        return value.reveal()
    raise TypeError("no part of a message")


def _hide(kind: type, value: object) -> object:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise ValueError("no text")


_encoder = msgspec.json.Encoder(enc_hook=_reveal)
_questions: msgspec.json.Decoder[Question] = msgspec.json.Decoder(Question, dec_hook=_hide)
_answers: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer, dec_hook=_hide)


def write_message(message: Question | Answer) -> bytes:
    """As it goes over the line."""
    return _encoder.encode(message)


def write_asked(asked: msgspec.Struct) -> msgspec.Raw:
    """The values of an act, as they stand in a question."""
    return msgspec.Raw(msgspec.json.encode(asked))


def read_question(data: bytes) -> Question:
    """What is asked. RemoteProtocolError when it is no question; nothing of it is told."""
    if has_control(data):
        raise RemoteProtocolError("this is no question of an office")
    try:
        return _questions.decode(data)
    except BAD_JSON:
        raise RemoteProtocolError("this is no question of an office") from None


def read_answer(data: bytes) -> Answer:
    """What is answered. RemoteProtocolError when it is no answer."""
    try:
        return _answers.decode(data)
    except BAD_JSON:
        raise RemoteProtocolError("this is no answer of a host") from None


def read_asked(kind: type[Any], asked: msgspec.Raw) -> Any:
    """The values of an act. RemoteProtocolError when they are not what its row asks for."""
    try:
        return msgspec.json.decode(asked, type=kind)
    except BAD_JSON:
        raise RemoteProtocolError("these are not the values of that act") from None
