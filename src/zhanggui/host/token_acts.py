"""The acts on tokens of programs: add, rotate, revoke. Rows of the table in `act_table.py`."""

from ..acquirer.people.programs import tokens
from ..acquirer.people.programs.tokens import (
    NewToken,
    OneToken,
    decide_add_token,
    decide_revoke_token,
    decide_rotate_token,
    more_of_token,
    takes_two,
    token_needs,
)
from ..acquirer.people.programs.webhooks import webhooks_of
from ..acquirer.people.proposals import BETWEEN, proposals_of
from ..acquirer.rows.decision import Decision
from ..acquirer.rows.records import WHOLE_HOST, ApiToken, Person
from ..acquirer.rows.state import Needs, State
from ..basics.numbers import MerchantNo
from .acts import ActDesk, ActRow


def _of_new(merchant_no: MerchantNo, asked: NewToken) -> Needs:
    return token_needs(merchant_no)


def _of_one(merchant_no: MerchantNo, asked: OneToken) -> Needs:
    return token_needs(merchant_no, asked.token_id)


def _more(state: State, asked: OneToken, more: Needs) -> None:
    more_of_token(state, asked.token_id, more)


def _more_to_end(state: State, asked: OneToken, more: Needs) -> None:
    """What its person proposed, besides."""
    more_of_token(state, asked.token_id, more)
    token = state.get(ApiToken, WHOLE_HOST, asked.token_id)
    if token is not None:
        more.leads_on = True
        person = state.get(Person, WHOLE_HOST, token.login)
        proposals_of(person, more)
        webhooks_of(person, more)


def _add(asked: NewToken, doing: ActDesk) -> Decision:
    secret, drawn = doing.secrets.api_token()
    # Whoever confirms what another asked for is shown nothing.
    doing.shown = None if BETWEEN in doing.by.name else secret
    return decide_add_token(doing.state, doing.merchant_no, asked, drawn, doing.by, doing.now)


def _rotate(asked: OneToken, doing: ActDesk) -> Decision:
    doing.shown, drawn = doing.secrets.api_token(asked.token_id)
    return decide_rotate_token(doing.state, doing.merchant_no, asked.token_id, drawn.mark, doing.by, doing.now)


def _revoke(asked: OneToken, doing: ActDesk) -> Decision:
    return decide_revoke_token(doing.state, doing.merchant_no, asked.token_id, doing.by, doing.now)


def _is_for_two(asked: NewToken, doing: ActDesk) -> bool:
    """Whether it may act where a token comes without its person's second factor (`by_program` in rights.toml)."""
    return takes_two(asked.scopes)


ADD_TOKEN = ActRow(tokens.ADD_TOKEN, tokens.ADD_TOKEN, NewToken, _of_new, _add, needs_two=_is_for_two)
ROTATE_TOKEN = ActRow(tokens.ROTATE_TOKEN, tokens.ROTATE_TOKEN, OneToken, _of_one, _rotate, _more)
REVOKE_TOKEN = ActRow(tokens.REVOKE_TOKEN, tokens.REVOKE_TOKEN, OneToken, _of_one, _revoke, _more_to_end)
TOKEN_ACTS = (ADD_TOKEN, ROTATE_TOKEN, REVOKE_TOKEN)
